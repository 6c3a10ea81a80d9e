//! The set-up panel, generated from the catalogue and the described parameters.

use leptos::prelude::*;
use protocol::{EngineChoice, ModelId, Preset};
use wasm_split_helpers::wasm_split;

use super::claims::Claims;
use super::controls::{ActionButton, ChoiceField, Icon, NumberControl};
use super::on_show::use_on_show;
use super::speed::Speed;
use crate::page::acts::{edit, own, run};
use crate::page::browser::late::{Part, late};
use crate::page::state::Lab;
use crate::view::chrome::actions::Action;
use crate::view::chrome::form::{ChoiceTarget, Control, Group, Target, run_groups, stage_groups};
use crate::view::chrome::{about, form};

/// What the tabs of the panel show.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Tab {
    Stage(usize),
    Run,
}

/// Left side of the page. What can be set is known only once a worker listens.
#[component]
pub fn SetupPanel(
    /// The shared state.
    lab: Lab,
) -> impl IntoView {
    let open = RwSignal::new(false);
    view! {
        <aside class="setup" aria-label="Set-up" class:open=open hidden=move || lab.look.hidden.get().setup>
            {late(content(), (lab, open))}
        </aside>
    }
    .into_any()
}

#[wasm_split(live, fallible)]
fn content() -> Part<(Lab, RwSignal<bool>)> {
    Ok(|(lab, open)| view! { <Content lab open/> }.into_any())
}

#[component]
fn Content(
    /// The shared state.
    lab: Lab,
    /// Whether it is unfolded where the page is narrow.
    open: RwSignal<bool>,
) -> impl IntoView {
    let tab = RwSignal::new(Tab::Stage(1));
    // A stage picked in the timeline opens its tab.
    Effect::new(move |_| tab.set(Tab::Stage(lab.focus.stage.get())));
    let tabs = Memo::new(move |_| lab.settings.draft.with(|draft| draft.stages.len()));
    let groups = Memo::new(move |_| {
        lab.settings.catalogue.with(|catalogue| match tab.get() {
            Tab::Stage(stage) => lab.settings.draft.with(|draft| stage_groups(draft, catalogue, stage)),
            // The seed stands above the tabs.
            Tab::Run => {
                let groups = lab.settings.draft.with(|draft| run_groups(draft, catalogue));
                groups.into_iter().filter(|group| group.title != "Run").collect()
            }
        })
    });
    let parents = move || match tab.get() {
        Tab::Stage(stage) => lab.settings.draft.with(|draft| form::goes_on_from(draft, stage)),
        Tab::Run => None,
    };
    let key = move |group: &Group| {
        (group.title, group.choice.as_ref().map(|choice| choice.target), tab_number(tab.get_untracked()))
    };
    view! {
            <h2>
                <span>"Set-up"</span>
                <ActionButton lab action=Action::Undo class="quiet undo" sign=true>
                    <Icon path="M8 5v4h6a5 5 0 0 1 0 10H8v-2h6a3 3 0 0 0 0-6H8v4L2 10z"/>
                </ActionButton>
                <ActionButton lab action=Action::Redo class="quiet" sign=true>
                    <Icon path="M16 5v4h-6a5 5 0 0 0 0 10h6v-2h-6a3 3 0 0 1 0-6h6v4l6-5z"/>
                </ActionButton>
                <button type="button" class="fold quiet" aria-expanded=move || open.get().to_string() aria-controls="setup-body"
                    on:click=move |_| open.update(|open| *open = !*open)>
                    {move || if open.get() { "Hide" } else { "Show" }}
                </button>
            </h2>
            <div class="setup-body" id="setup-body">
                <Presets lab/>
                <Seed lab/>
                <Stale lab/>
                <div class="tabs" role="tablist" aria-label="Settings of">
                    {move || (0..tabs.get()).map(|stage| tab_button(lab, tab, Tab::Stage(stage))).collect_view()}
                    {tab_button(lab, tab, Tab::Run)}
                </div>
                <div role="tabpanel" class="groups" id="setup-groups" aria-label="Settings">
                    {move || parents().map(|from| view! { <p class="hint">{format!("Goes on from {from}, not from the model before.")}</p> })}
                    <For each=move || groups.get() key=key let:group>
                        <GroupFields lab group groups/>
                    </For>
                    <Show when=move || tab.get() == Tab::Run><Engine lab/><About lab/></Show>
                </div>
            </div>
    }
    .into_any()
}

fn tab_number(tab: Tab) -> usize {
    match tab {
        Tab::Stage(stage) => stage,
        Tab::Run => usize::MAX,
    }
}

fn tab_button(lab: Lab, tab: RwSignal<Tab>, this: Tab) -> impl IntoView {
    let label = match this {
        Tab::Stage(stage) => ModelId::deployed(u8::try_from(stage + 1).unwrap_or(u8::MAX)).to_string(),
        Tab::Run => "Run".to_owned(),
    };
    let choose = move |_| {
        if let Tab::Stage(stage) = this {
            lab.focus.set_stage(stage);
        }
        tab.set(this);
    };
    view! {
        <button
            type="button"
            role="tab"
            aria-controls="setup-groups"
            aria-selected=move || (tab.get() == this).to_string()
            on:click=choose
        >
            {label}
        </button>
    }
}

#[component]
fn GroupFields(
    /// The shared state.
    lab: Lab,
    /// The group when it came up.
    group: Group,
    /// All groups as they are now.
    groups: Memo<Vec<Group>>,
) -> impl IntoView {
    let title = group.title;
    let first = group.controls.clone();
    // Another encoder or method brings other numbers; the choice itself must keep its element, which has the focus.
    let controls = Memo::new(move |_| {
        let found =
            groups.with(|groups| groups.iter().find(|group| group.title == title).map(|group| group.controls.clone()));
        found.unwrap_or_else(|| first.clone())
    });
    view! {
        <fieldset>
            <legend>{title}</legend>
            {group.choice.map(|control| {
                let claims = match control.target {
                    ChoiceTarget::Method(stage) => Some(view! { <Claims lab stage/> }.into_any()),
                    ChoiceTarget::Dataset => Some(view! { <Own lab/> }.into_any()),
                    ChoiceTarget::Encoder(_) => None,
                };
                view! { <ChoiceField lab control/>{claims} }
            })}
            <For each=move || controls.get() key=Control::key let:control>
                <NumberControl lab control/>
            </For>
        </fieldset>
    }
    .into_any()
}

/// What can be done with one's own data.
#[component]
fn Own(
    /// The shared state.
    lab: Lab,
) -> impl IntoView {
    let chosen = Memo::new(move |_| {
        let id = lab.settings.draft.with(|draft| draft.data.dataset.clone());
        lab.settings
            .catalogue
            .with(|known| known.dataset(&id).filter(|it| it.is_own()).map(|it| (it.id.clone(), it.about.clone())))
    });
    let report = move || chosen.get().map(|it| it.1).filter(|it| !it.is_empty());
    view! {
        <div class="own">
            <ActionButton lab action=Action::Import class="plain">"Use your own data"</ActionButton>
            <Show when=move || chosen.get().is_some()>
                <button type="button" class="quiet" title="Take them out of this browser"
                    on:click=move |_| own::forget(lab, chosen.get_untracked().unwrap_or_default().0)>"Forget these"</button>
            </Show>
        </div>
        {move || report().map(|report| view! { <p class="hint report">{report}</p> })}
        <p class="hint">
            "A zip with a folder of images for each class, a CSV of pixels with a label, IDX (MNIST) or CIFAR files; or embeddings of your \
             own models with their labels, as .npy, .npz or .safetensors. They stay on this machine."
        </p>
    }
    .into_any()
}

#[component]
fn Presets(
    /// The shared state.
    lab: Lab,
) -> impl IntoView {
    let presets = Memo::new(move |_| {
        lab.settings.catalogue.with(|catalogue| {
            lab.settings.draft.with(|draft| {
                let name = |preset: &Preset| match form::beside(preset, draft, catalogue) {
                    Some(beside) => format!("{} ({beside})", preset.name),
                    None => preset.name.clone(),
                };
                catalogue.presets.iter().map(|preset| (preset.id.clone(), name(preset))).collect::<Vec<_>>()
            })
        })
    });
    let value = Memo::new(move |_| lab.settings.draft.with(|draft| draft.preset.clone()));
    let summary =
        Memo::new(move |_| lab.settings.draft.with(|draft| lab.settings.catalogue.with(|it| form::summary(draft, it))));
    view! {
        <div class="control choice">
            <div class="named">
                <label for="preset">"Scenario"</label>
                <ActionButton lab action=Action::Library class="quiet">"Library"</ActionButton>
            </div>
            <select id="preset" aria-describedby="preset-hint" prop:value=move || { presets.track(); value.get() }
                on:change:target=move |event| edit::choose_preset(lab, &event.target().value())>
                {move || presets.get().into_iter().map(|(id, name)| view! { <option value=id>{name}</option> }).collect_view()}
            </select>
            <p class="hint" id="preset-hint">{summary}</p>
        </div>
    }
    .into_any()
}

#[component]
fn Seed(
    /// The shared state.
    lab: Lab,
) -> impl IntoView {
    let seed = protocol::run_fields().into_iter().find(|field| field.parameter.id == "seed");
    let control = seed.map(|field| Control { target: Target::Run("seed".to_owned()), parameter: field.parameter });
    view! {
        <div class="seed">
            {control.map(|control| view! { <NumberControl lab control/> })}
            <ActionButton lab action=Action::NewSeed>"New seed"</ActionButton>
        </div>
    }
    .into_any()
}

/// Says that the form differs from what is on show, and what to do about it.
#[component]
fn Stale(
    /// The shared state.
    lab: Lab,
) -> impl IntoView {
    let on_show = use_on_show(lab);
    view! {
        <Show when=move || on_show.with(|it| it.differs.is_some())>
            <ActionButton lab action=Action::RunForm class="stale">"On show is another run: run these settings"</ActionButton>
        </Show>
    }
}

#[component]
fn Engine(
    /// The shared state.
    lab: Lab,
) -> impl IntoView {
    let name = |choice| match choice {
        EngineChoice::Auto => "auto",
        EngineChoice::Cpu => "cpu",
        EngineChoice::Webgpu => "webgpu",
    };
    let choose = move |value: String| {
        let choice = [EngineChoice::Cpu, EngineChoice::Webgpu].into_iter().find(|&choice| name(choice) == value);
        run::set_engine(lab, choice.unwrap_or(EngineChoice::Auto));
    };
    view! {
        <fieldset>
            <legend>"Engine"</legend>
            <div class="control choice">
                <label for="engine">"Engine"</label>
                <select id="engine" aria-describedby="engine-hint" prop:value=move || name(lab.engine.choice.get())
                    on:change:target=move |event| choose(event.target().value())>
                    <option value="auto">"Automatic"</option>
                    <option value="cpu">"CPU"</option>
                    <option value="webgpu">"WebGPU"</option>
                </select>
                <p class="hint" id="engine-hint">
                    "Another engine starts the run over; its numbers differ in the last digits. "{move || lab.engine.note.get()}
                </p>
            </div>
            <Speed lab/>
        </fieldset>
    }
    .into_any()
}

#[component]
fn About(
    /// The shared state.
    lab: Lab,
) -> impl IntoView {
    let lines = Memo::new(move |_| lab.tape.log.with(about::lines));
    view! {
        <fieldset>
            <legend>"About this run"</legend>
            <ul class="about">
                {move || lines.get().into_iter().map(|line| view! { <li>{line}</li> }).collect_view()}
            </ul>
        </fieldset>
    }
    .into_any()
}
