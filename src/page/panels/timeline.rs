//! The stages as a stepper, the operation of the index, and what belongs to the page as a whole.

use leptos::html::Button;
use leptos::prelude::*;
use wasm_split_helpers::wasm_split;

use super::controls::{ActionButton, Icon};
use super::operations::Operations;
use crate::page::browser::hooks::focus_leaves;
use crate::page::browser::late::{Part, late};
use crate::page::state::{Lab, ThemeChoice};
use crate::view::chrome::actions::Action;
use crate::view::chrome::sweep::Sweep;
use crate::view::chrome::timeline::{self, StageView, stages};
use crate::view::chrome::tour::Tour;
use crate::view::terms::Term;

/// The top of the page.
#[component]
pub fn Timeline(
    /// The shared state.
    lab: Lab,
) -> impl IntoView {
    let views = Memo::new(move |_| {
        // What runs is on show; before that, what would run.
        let shown = |log: &protocol::RunLog| log.scenario.clone().filter(|_| !log.models.is_empty());
        let scenario = lab.tape.log.with(shown).unwrap_or_else(|| lab.settings.draft.get());
        lab.settings.catalogue.with(|catalogue| lab.tape.log.with(|log| stages(&scenario, catalogue, log)))
    });
    let sweeping = Memo::new(move |_| lab.sweeps.sweep.with(|sweep| sweep.as_ref().and_then(Sweep::under_way)));
    view! {
        <header class="timeline" hidden=move || lab.look.hidden.get().timeline>
            <div class="brand">
                <Logo/>
                <div>
                    <span class="name">"Upgrade Lab"</span>
                    <p class="purpose">"You replace the model behind a search index. Is what it holds still found?"</p>
                </div>
            </div>
            <nav class="stages" aria-label="Timeline of model versions">
                <ol>
                    {move || views.get().into_iter().enumerate().map(|(place, stage)| stage_card(lab, place, stage)).collect_view()}
                    // Until it is known what there is, the room of two.
                    {move || views.with(Vec::is_empty).then(|| [(); 2].map(|()| view! { <li class="awaited" aria-hidden="true"></li> }).collect_view())}
                </ol>
            </nav>
            <div class="page-actions">
                <Learn lab/>
                <ActionButton lab action=Action::Library>"Library"</ActionButton>
                <ActionButton lab action=Action::Runs>"Runs"</ActionButton>
                <ActionButton lab action=Action::Sweep>
                    "Sweep"{move || sweeping.get().map(|done| view! { <span class="under-way">{done}</span> })}
                </ActionButton>
                <ActionButton lab action=Action::Decide>"Decide"</ActionButton>
                <ActionButton lab action=Action::CopyLink>"Copy link"</ActionButton>
                <ActionButton lab action=Action::Theme>
                    {move || view! { <Icon path=sign(lab.look.theme.get())/> }}
                    <span class="hidden">{move || format!("Theme: {}", lab.look.theme.get().label())}</span>
                </ActionButton>
                <ActionButton lab action=Action::Help sign=true>"?"</ActionButton>
            </div>
            <Operations lab/>
        </header>
    }
    .into_any()
}

/// A disc half light and half dark, a sun, a moon.
fn sign(theme: ThemeChoice) -> &'static str {
    match theme {
        ThemeChoice::System => "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zm0 2v14a7 7 0 0 1 0-14z",
        ThemeChoice::Light => {
            "M12 7a5 5 0 1 1 0 10 5 5 0 0 1 0-10zM11 1h2v4h-2zM11 19h2v4h-2zM1 11h4v2H1zM19 11h4v2h-4zM4.2 5.6l1.4-1.4 2.8 2.8L7 8.4zM15.6 17l1.4-1.4 2.8 2.8-1.4 1.4zM4.2 18.4 7 15.6 8.4 17l-2.8 2.8zM15.6 7l2.8-2.8 1.4 1.4L17 8.4z"
        }
        ThemeChoice::Dark => "M20 14.5A8.5 8.5 0 0 1 9.5 4 8.5 8.5 0 1 0 20 14.5z",
    }
}

/// The menu of what explains the page: tours and the article.
#[component]
fn Learn(
    /// The shared state.
    lab: Lab,
) -> impl IntoView {
    let open = RwSignal::new(false);
    let button = NodeRef::<Button>::new();
    // Focus does not get lost with the menu.
    let close = move || {
        if let Some(button) = button.get_untracked().filter(|_| open.get_untracked()) {
            let _ = button.focus();
            open.set(false);
        }
    };
    view! {
        <div class="learn" on:keydown=move |event| if event.key() == "Escape" && open.get_untracked() { event.prevent_default(); close() }
            on:focusout=move |event| if focus_leaves(&event) { open.set(false) }>
            <button type="button" class="quiet" node_ref=button aria-expanded=move || open.get().to_string() aria-controls="learn-menu"
                title="Tours of the page, and an article on what an upgrade breaks" on:click=move |_| open.update(|open| *open = !*open)>
                "Learn"
            </button>
            <ul class="menu" id="learn-menu" hidden=move || !open.get() aria-label="Tours and the article" on:click=move |_| close()>
                {move || open.get().then(|| late(ways(), lab))}
            </ul>
        </div>
    }
    .into_any()
}

#[wasm_split(later, fallible)]
fn ways() -> Part<Lab> {
    Ok(|lab: Lab| {
        let tours = Tour::suiting(lab.offer.get_untracked().kind())
            .map(|tour| (Action::Tour(tour), format!("Tour: {}", tour.name())));
        let article = (Action::Article, "Article: what an upgrade breaks, and what may save it".to_owned());
        let way = |(action, words): (Action, String)| view! { <li><ActionButton lab action class="plain">{words}</ActionButton></li> };
        tours.chain([article]).map(way).collect_view().into_any()
    })
}

fn stage_card(lab: Lab, place: usize, stage: StageView) -> impl IntoView {
    let current = move || lab.focus.stage.get() == place;
    let StageView { network, data, .. } = &stage;
    // Where the card is narrow, what is cut off stands here.
    let goes_on = stage.from.as_ref().map(|from| format!(" Goes on from {from}.")).unwrap_or_default();
    let word = if stage.word.is_empty() { String::new() } else { format!("{}, ", stage.word) };
    let setting = stage.setting.as_ref().map(|(name, value)| format!(" {name}: {value}.")).unwrap_or_default();
    let title = format!("{word}{network}, {data}.{setting}{goes_on} Shows the settings of this stage.");
    let from = stage.from.as_ref().map(|from| format!(" from {from}"));
    let via = (!stage.method.is_empty()).then(|| view! { " "<span class="via">"via "{stage.method}</span> });
    view! {
        <li>
            <button
                type="button"
                class="stage"
                aria-current=move || current().then_some("step")
                title=title
                on:click=move |_| lab.focus.set_stage(place)
            >
                <span class="model">{stage.model.to_string()}</span>
                <span class="facts">
                    <span class="network">{stage.network}</span>
                    <span class="data"><span class="known">{word}{stage.data}{from}</span>{via}</span>
                </span>
                <span class="parts">{stage.parts.into_iter().map(part).collect_view()}</span>
            </button>
        </li>
    }
}

fn part(part: timeline::Part) -> impl IntoView {
    let about = if part.about.is_empty() { String::new() } else { format!(", {}", part.about) };
    let which = part.model.independent.then(|| Term::Independent.id());
    let helped = if which.is_some() { " helped" } else { "" };
    view! {
        <span class=format!("part {}{helped}", part.state.word()) data-term=which
            title=format!("{} {}{about}", part.model, part.state.label())>
            <span class="bar" aria-hidden="true">
                <span class="done" style:width=format!("{:.0}%", 100.0 * part.state.share())></span>
            </span>
            <span><span class="id">{part.model.to_string()}</span>" "{part.state.short()}</span>
        </span>
    }
}

/// An old hollow square and a new filled circle that meet.
#[component]
fn Logo() -> impl IntoView {
    view! {
        <svg class="logo" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
            <rect class="logo-old" x="4" y="9" width="15" height="15" rx="2"/>
            <circle class="logo-new" cx="20" cy="14" r="8"/>
        </svg>
    }
}
