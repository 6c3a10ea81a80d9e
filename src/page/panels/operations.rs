//! The upgrade in operation: a stepper, the index as a bar, what queries find in it and what that takes.

use leptos::ev::MouseEvent;
use leptos::prelude::*;
use protocol::{ModelId, UpgradeKind};

use super::controls::Switch;
use super::term::term;
use crate::page::state::Lab;
use crate::view::chrome::operations::{Act, Facts, IndexState, STEPS, Step, StepState, StepView, Way, steps};
use crate::view::terms::Term;

/// The operation of the index, once there is one.
#[component]
pub fn Operations(
    /// The shared state.
    lab: Lab,
) -> impl IntoView {
    let facts = Memo::new(move |_| {
        lab.settings
            .catalogue
            .with(|catalogue| lab.tape.log.with(|log| Facts::of(log, lab.focus.upgrade.get(), catalogue)))
    });
    // What asks no gallery has no index to run.
    let indexed = Memo::new(move |_| lab.offer.get().is_retrieval() && facts.with(|facts| facts.old.ready));
    Effect::new(move |_| {
        lab.focus.upgrade.track();
        lab.tape.recorded.track();
        lab.focus.operate(|it| *it = Default::default());
    });
    // Where it will come, it has its room from the start, so that nothing moves then.
    let awaited = Memo::new(move |_| !indexed.get() && lab.offer.get().kind() == UpgradeKind::Retrain);
    view! {
        <Show when=move || indexed.get()>
            <section class="operations" aria-label="Operation of the index">
                <Stepper lab facts/>
                <Index lab facts/>
            </section>
        </Show>
        <Show when=move || awaited.get()>
            <p class="operations awaited">{move || format!("The index can be upgraded here once {} is trained.", lab.focus.upgrade.get().old)}</p>
        </Show>
    }
    .into_any()
}

#[component]
fn Stepper(
    /// The shared state.
    lab: Lab,
    /// What the run knows of the upgrade.
    facts: Memo<Facts>,
) -> impl IntoView {
    let views = Memo::new(move |_| facts.with(|facts| lab.focus.operation.with(|it| steps(it, facts))));
    let next = Memo::new(move |_| facts.with(|facts| lab.focus.operation.with(|it| it.next(facts))));
    let press = move |act: Option<Act>| {
        move |_: MouseEvent| {
            facts.with_untracked(|facts| {
                lab.focus.operate(|it| match act {
                    Some(act) => it.press(act, facts),
                    None => it.backfill(it.share(), facts),
                });
            });
        }
    };
    // The elements stay, so that the focus does; what stands in them changes.
    let step = move |(place, step): (usize, Step)| {
        let text = move |part: fn(&StepView) -> String| {
            move || views.with(|views| views.get(place).map(part).unwrap_or_default())
        };
        let state = move || views.with(|views| views.get(place).map_or(StepState::Closed, |it| it.state));
        let (name, detail, why) = (text(|it| it.name.clone()), text(|it| it.detail.clone()), text(|it| it.why.clone()));
        let content = match step {
            Step::Run => view! { <span class="name">{name}</span><span class="detail">{detail}</span> }.into_any(),
            Step::Press(act) => view! {
                <button
                    type="button"
                    title=move || [title(act), &why()].join(" ").trim_end().to_owned()
                    aria-disabled=move || (state() == StepState::Closed).then_some("true")
                    aria-pressed=(act == Act::DualWrite).then_some(move || (state() == StepState::Done).to_string())
                    on:click=press(Some(act))
                >
                    <span class="name">{name}</span>
                    <span class="detail">{detail}</span>
                </button>
            }
            .into_any(),
            // Whatever of it is pressed says why it cannot be moved.
            Step::Backfill => view! {
                <span class="name" title=why on:click=press(None)>
                    <label class="hidden" for="backfill">{name}</label>
                    {term(Term::Backfill, name)}
                    <Share lab facts/>
                    <output for="backfill">{detail}</output>
                    <span class="hidden" id="backfill-why">{why}</span>
                </span>
                <Ways lab facts/>
            }
            .into_any(),
        };
        view! { <li class=move || state().word()>{content}</li> }
    };
    view! {
        <ol>
            {STEPS.into_iter().enumerate().map(step).collect_view()}
            {move || next.get().map(|model| view! {
                <li class="open">
                    <button type="button" on:click=move |_| lab.focus.set_stage(usize::from(model.stage).saturating_sub(1))>
                        <span class="name">{format!("On to {model}")}</span>
                        <span class="detail">"next upgrade"</span>
                    </button>
                </li>
            })}
        </ol>
    }
    .into_any()
}

fn title(act: Act) -> &'static str {
    match act {
        Act::Deploy => "Queries are embedded by the new model; the items stay as they are.",
        Act::DualWrite => {
            "Whatever is written keeps vectors by both models: a rollback then costs nothing, and storage grows."
        }
        Act::CutOver => "The new index alone answers, for good.",
        Act::RollBack => "Queries and items are the old model's again.",
    }
}

/// How much is re-embedded.
#[component]
fn Share(
    /// The shared state.
    lab: Lab,
    /// What the run knows of the upgrade.
    facts: Memo<Facts>,
) -> impl IntoView {
    let share = Memo::new(move |_| lab.focus.operation.with(|it| it.share()));
    let gap = Memo::new(move |_| {
        let shares = facts.with(|facts| lab.focus.operation.with(|it| it.shares(facts).len()));
        100 / shares.saturating_sub(1).max(1)
    });
    let backfill = move |percent: u8| {
        facts.with_untracked(|facts| lab.focus.operate(|it| it.backfill(percent, facts)));
    };
    view! {
        <input id="backfill" type="range" min="0" max="100" step=gap aria-describedby="backfill-why"
            aria-disabled=move || (!lab.focus.operation.with(|it| it.is_mixed())).then_some("true")
            aria-valuetext=move || format!("{} % re-embedded", share.get())
            prop:value=move || share.get().to_string()
            on:input:target=move |event| {
                backfill(event.target().value().parse().unwrap_or_default());
                // What is refused does not move it.
                event.target().set_value(&share.get_untracked().to_string());
            }/>
    }
    .into_any()
}

/// Which items come first, and who asks the old ones.
#[component]
fn Ways(
    /// The shared state.
    lab: Lab,
    /// What the run knows of the upgrade.
    facts: Memo<Facts>,
) -> impl IntoView {
    let ways = Memo::new(move |_| {
        facts.with(|facts| facts.curves.iter().map(|curve| (curve.name, curve.way)).collect::<Vec<_>>())
    });
    let way = Memo::new(move |_| lab.focus.operation.with(|it| it.way()));
    let choose = move |name: String| {
        let found = ways.with_untracked(|ways| ways.iter().find(|(known, _)| *known == name).map(|(_, way)| *way));
        if let Some(way) = found {
            facts.with_untracked(|facts| lab.focus.operate(|it| it.choose(way, facts)));
        }
    };
    let option = move |(name, this): (&'static str, Way)| {
        view! { <option value=name prop:selected=move || way.get() == this>{name}</option> }
    };
    view! {
        <select class="menu-select" aria-label="Way to backfill"
            title="Which items come first; with both encoders the old model asks the old items"
            disabled=move || ways.with(Vec::is_empty) || !lab.focus.operation.with(|it| it.is_mixed())
            on:change:target=move |event| choose(event.target().value())>
            {move || match ways.get() {
                ways if ways.is_empty() => view! { <option>"ends only"</option> }.into_any(),
                ways => ways.into_iter().map(option).collect_view().into_any(),
            }}
        </select>
    }
    .into_any()
}

/// What the index holds, finds and costs.
#[component]
fn Index(
    /// The shared state.
    lab: Lab,
    /// What the run knows of the upgrade.
    facts: Memo<Facts>,
) -> impl IntoView {
    let state = Memo::new(move |_| facts.with(|facts| lab.focus.operation.with(|it| IndexState::of(it, facts))));
    let holds = move || facts.with(|facts| state.with(|state| state.holds(facts)));
    let finds = move || state.with(IndexState::finds).unwrap_or_default();
    let said = Memo::new(move |_| facts.with(|facts| lab.focus.operation.with(|it| it.sentence(facts))));
    let warns = move || facts.with(|facts| lab.focus.operation.with(|it| it.warns(facts)));
    // What is made of several models replaces each of them.
    let parents = Memo::new(move |_| {
        let new = lab.focus.upgrade.get().new.stage;
        lab.tape.log.with(|log| log.scenario.as_ref().map(|it| it.parents(new)).unwrap_or_default())
    });
    let old = Signal::derive(move || lab.focus.upgrade.get().old.stage);
    let replaced = move || {
        let name = |stage: u8| (stage, Signal::stored(ModelId::deployed(stage).to_string()));
        let options: Vec<_> = parents.get().into_iter().map(name).collect();
        let set = SignalSetter::map(move |old| lab.focus.replace(old));
        (options.len() > 1).then(|| {
            view! { <div class="replaced"><span>"Replaces"</span><Switch label="Replaces" options value=old set/></div> }
        })
    };
    view! {
        <div class="index">
            <p>
                <span class="items" aria-hidden="true"
                    style:--old-share=move || format!("{:.1}%", 100.0 * state.with(IndexState::old_share))
                    style:--twice=move || format!("{:.1}%", 100.0 * state.with(IndexState::twice_share))>
                </span>
                {term(Term::Gallery, holds)}
            </p>
            // What is not measured yet has no words, and an empty line would move all below it.
            <p hidden=move || finds().0.is_empty()><b>{term(Term::Map, move || finds().0)}</b>" "{term(Term::Top1, move || finds().1)}</p>
            <p class="cost">{move || state.with(|state| state.cost.in_words())}</p>
            <p class="said" class:warns=warns aria-live="polite" aria-atomic="true">
                {said}<span class="hidden">{move || format!(" {}.", finds().0)}</span>
            </p>
            {replaced}
        </div>
    }
    .into_any()
}
