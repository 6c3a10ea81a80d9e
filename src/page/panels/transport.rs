//! The transport: start, stop, step, speed, progress, and models out and in.

use leptos::prelude::*;
use protocol::{EngineKind, ModelId};
use wasm_split_helpers::wasm_split;

use super::controls::{ActionButton, Icon};
use super::phases::Phases;
use super::scrubber::Scrubber;
use crate::page::acts::live::Ask;
use crate::page::acts::{engine, files, intent, live};
use crate::page::browser::hooks::focus_leaves;
use crate::page::browser::late::{Part, late};
use crate::page::state::{Lab, Other};
use crate::view::chrome::actions::Action;
use crate::view::chrome::transport::{FULL_SPEED, SKIPS_DRAWING, TransportView, can_run, moment, pace_label};
use crate::view::chrome::weights::Weights;
use crate::view::draw::format;

/// The bottom of the page.
#[component]
pub fn Transport(
    /// The shared state.
    lab: Lab,
) -> impl IntoView {
    let status = Memo::new(move |_| match lab.tape.recorded.get() {
        Some(it) => TransportView::recorded(&lab.tape.log.read(), matches!(it, Other::Opened(_))),
        None => lab.tape.with_own(|log| TransportView::of(log, lab.run.playing.get())),
    });
    // Where there is little room, what is seldom needed is folded away.
    let more = RwSignal::new(false);
    let past = move || lab.tape.cursor.get().map(|at| moment(lab.tape.step(at), at, lab.tape.moments.get()));
    let waiting = Signal::derive(move || {
        let foreign = lab.tape.recorded.with(Option::is_some);
        !lab.engine.connected.get() && lab.messages.fault.with(Option::is_none) && !lab.run.begun.get() && !foreign
    });
    let words = move || match waiting.get() {
        true => "Starting the engine".to_owned(),
        false => status.with(|it| it.status.clone()),
    };
    view! {
        <footer class="transport" aria-label="Transport" hidden=move || lab.look.hidden.get().transport>
            <div class="buttons" role="group" aria-label="Run">
                <ActionButton lab action=Action::Reset class="plain">
                    <Icon path="M12 5V1L6 6l6 5V7a5 5 0 1 1-4.6 7H5.3A7 7 0 1 0 12 5z"/><span class="word">"Reset"</span>
                </ActionButton>
                <PlayButton lab/>
                <ActionButton lab action=Action::StepBatch class="plain"><span class="word">"Step "</span>"batch"</ActionButton>
                <ActionButton lab action=Action::StepEpoch class="plain"><span class="word">"Step "</span>"epoch"</ActionButton>
            </div>
            <button type="button" class="plain more" aria-expanded=move || more.get().to_string()
                aria-controls="transport-speed transport-models" on:click=move |_| more.update(|more| *more = !*more)>"More"</button>
            <div class="extras" id="transport-speed" class:open=more><Speed lab/></div>
            <div class="progress">
                <p>
                    <strong data-testid="status">{words}</strong>
                    <span class="time">{move || status.with(|it| it.time.clone())}</span>
                </p>
                <Phases lab/>
                <Scrubber lab fraction=Signal::derive(move || status.with(|it| it.fraction))/>
                <p class="detail">
                    <span>{move || past().map_or_else(|| status.with(|it| it.detail.clone()), |words| format!("Back at {words}"))}</span>
                    <Show when=move || lab.tape.cursor.get().is_some()>
                        <ActionButton lab action=Action::Newest>"Newest"</ActionButton>
                    </Show>
                </p>
            </div>
            <div class="extras" id="transport-models" class:open=more>
                <EngineName lab/>
                {late(models(), lab)}
            </div>
        </footer>
    }
    .into_any()
}

/// Starts and stops the run, or runs what the form has become since it was over.
#[component]
pub fn PlayButton(
    /// The shared state.
    lab: Lab,
) -> impl IntoView {
    view! {
        <ActionButton lab action=Action::PlayPause class="primary">
            {move || if lab.run.playing.get() {
                view! { <Icon path="M6 4h4v16H6zM14 4h4v16h-4z"/>"Pause" }.into_any()
            } else {
                let (words, rest) = if lab.tape.recorded.with(Option::is_some) {
                    ("Run it yourself", "")
                } else if lab.situation.with(|now| now.can_run) && !lab.tape.with_own(can_run) {
                    ("Run these", " settings")
                } else {
                    ("Play", "")
                };
                view! { <Icon path="M7 4v16l13-8z"/>{words}<span class="word">{rest}</span> }.into_any()
            }}
        </ActionButton>
    }
}

#[component]
fn Speed(
    /// The shared state.
    lab: Lab,
) -> impl IntoView {
    let words = move || pace_label(lab.run.pace.get());
    view! {
        <div class="speed">
            <label for="speed">"Speed"</label>
            <input id="speed" type="range" min="0" max=SKIPS_DRAWING step="1" aria-valuetext=words
                prop:value=move || lab.run.pace.get().to_string()
                on:input:target=move |event| live::ask(lab, Ask::Pace(event.target().value().parse().unwrap_or(FULL_SPEED)))/>
            <output for="speed">{words}</output>
        </div>
    }
    .into_any()
}

#[component]
fn EngineName(
    /// The shared state.
    lab: Lab,
) -> impl IntoView {
    let name = move || {
        lab.engine.report.with(|engine| {
            engine.as_ref().map(|engine| {
                let kind = match engine.kind {
                    EngineKind::Cpu => "CPU",
                    EngineKind::Webgpu => "WebGPU",
                };
                if engine.name.starts_with(kind) { engine.name.clone() } else { format!("{kind} {}", engine.name) }
            })
        })
    };
    let reason = move || {
        let note = lab.engine.note.get();
        if note.is_empty() {
            lab.engine.report.with(|engine| engine.as_ref().map(|it| it.reason.clone()).unwrap_or_default())
        } else {
            note
        }
    };
    view! {
        <p class="engine" title=reason>
            <strong>{name}</strong>
            <span>{reason}</span>
        </p>
    }
    .into_any()
}

#[wasm_split(live, fallible)]
fn models() -> Part<Lab> {
    Ok(|lab| view! { <Models lab/> }.into_any())
}

/// Export and import.
#[component]
fn Models(
    /// The shared state.
    lab: Lab,
) -> impl IntoView {
    let weights = move || lab.situation.with(|now| now.weights);
    let trained = Memo::new(move |_| {
        // Those of another run are not to be taken for those of the one on show.
        if weights() != Weights::Here {
            return Vec::new();
        }
        lab.tape.with_own(|log| {
            let models = log.models.iter().filter(|(_, model)| model.trained.is_some());
            models.map(|(id, model)| (*id, model.parameters.unwrap_or(0))).collect::<Vec<_>>()
        })
    });
    let open = RwSignal::new(false);
    let save = move |(id, parameters): (ModelId, u64)| {
        view! {
            <li><button type="button" class="plain" on:click=move |_| { open.set(false); engine::export(lab, id) }>
                {format!("{id}")}<span class="unit">{format!("{} parameters", format::count(parameters))}</span>
            </button></li>
        }
    };
    let all = move |_| {
        open.set(false);
        intent::act(lab, Action::ExportAll);
    };
    view! {
        <div class="models" on:keydown=move |event| if event.key() == "Escape" && open.get_untracked() { event.prevent_default(); open.set(false) }
            on:focusout=move |event| if focus_leaves(&event) { open.set(false) }>
            <button type="button" class="plain" disabled=move || lab.tape.moments.get() < 2 aria-expanded=move || open.get().to_string()
                aria-controls="export-menu" title="Save trained models, SafeTensors weights and a JSON model card each, or the events of the run"
                on:click=move |_| open.update(|open| *open = !*open)>"Export"</button>
            <ActionButton lab action=Action::Import class="plain">"Import"</ActionButton>
            <input id=files::INPUT class="hidden" type="file" accept=files::accepted() multiple tabindex="-1" aria-label="Files to open"
                on:change:target=move |event| {
                    files::open(lab, event.target().files());
                    // So that the same file can be chosen again.
                    event.target().set_value("");
                }/>
            <Show when=move || open.get()>
                <ul class="menu" id="export-menu" aria-label="What to export">
                    {move || trained.get().into_iter().map(save).collect_view()}
                    {move || weights().missing().map(|why| view! { <li class="hint">{why}</li> })}
                    <Show when=move || !trained.with(Vec::is_empty)>
                        <li><button type="button" class="plain" on:click=all>"All of them"</button></li>
                    </Show>
                    <li><button type="button" class="plain" on:click=move |_| { open.set(false); files::save_events(lab) }>
                        "Events of the run"<span class="unit">".jsonl"</span>
                    </button></li>
                </ul>
            </Show>
        </div>
    }
    .into_any()
}
