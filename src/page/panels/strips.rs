//! Retrieval strips: what one query finds under each pair of models; beside them what became of all queries.

use leptos::html::Button;
use leptos::prelude::*;
use wasm_split_helpers::wasm_split;

use super::badge::badge;
use super::blocks::BlocksTab;
use super::classes::ClassesTab;
use super::controls::{ActionButton, Switch, Title};
use super::ledger::LedgerTab;
use super::scores::ScoresTab;
use super::term::term;
use super::thumbnail::Thumbnail;
use crate::page::acts::query;
use crate::page::browser::late::{Part, late};
use crate::page::state::Lab;
use crate::view::chrome::actions::Action;
use crate::view::chrome::instrument::Instrument;
use crate::view::instruments::strips::{Filter, Hit, Strip, StripView, class_name};
use crate::view::terms::Term;

/// What the panel shows.
#[derive(Clone, Copy, PartialEq)]
enum Tab {
    Strips,
    Ledger,
    Classes,
    Scores,
    Blocks,
}

impl Tab {
    const ALL: [Self; 5] = [Self::Strips, Self::Ledger, Self::Classes, Self::Scores, Self::Blocks];

    /// What stands above it.
    fn title(self) -> &'static str {
        if self == Self::Strips { Instrument::Strips.title() } else { self.label() }
    }

    fn label(self) -> &'static str {
        match self {
            Self::Strips => "Strips",
            Self::Ledger => "Ledger",
            Self::Classes => "Classes",
            Self::Scores => "Scores",
            Self::Blocks => "Blocks",
        }
    }
}

/// The second instrument.
#[component]
pub fn StripsPanel(
    /// The shared state.
    lab: Lab,
) -> impl IntoView {
    let shown = RwSignal::new(Tab::Strips);
    let class = RwSignal::new(None);
    // Another filter shows its first query, unless the one on show passes it.
    Effect::new(move |before: Option<Filter>| {
        let filter = lab.focus.filter.get();
        if before.is_some_and(|before| before != filter) {
            let passes = |query| lab.focus.queries.with_untracked(|queries| queries.passing(filter).contains(&query));
            if !lab.focus.query.get_untracked().is_some_and(passes) {
                query::step(lab, 0);
            }
        }
        filter
    });
    let tabs = Tab::ALL.map(|this| (this, NodeRef::<Button>::new()));
    let to_ledger = move |of: u8| {
        class.set(Some(of));
        // The row that was pressed goes with its tab; without focus the ledger still stands there.
        if let Some(tab) = tabs.iter().find(|(tab, _)| *tab == Tab::Ledger).and_then(|(_, tab)| tab.get_untracked()) {
            let _ = tab.focus();
        }
        shown.set(Tab::Ledger);
    };
    let tab = move |(this, node): (Tab, NodeRef<Button>)| {
        view! {
            <button type="button" role="tab" node_ref=node aria-selected=move || (shown.get() == this).to_string()
                aria-controls="strips-view" on:click=move |_| shown.set(this)>{this.label()}</button>
        }
    };
    view! {
        <section class="panel strips" aria-labelledby="strips-title">
            <header>
                <Title lab of=Instrument::Strips words=Signal::derive(move || shown.get().title())/>
                <div class="tabs" role="tablist" aria-label="Queries and classes">{tabs.map(tab).collect_view()}</div>
            </header>
            <div id="strips-view" class="view" role="tabpanel">
                {move || match shown.get() {
                    Tab::Strips => view! { <StripsTab lab/> }.into_any(),
                    Tab::Ledger => late(ledger(), (lab, class)),
                    Tab::Classes => late(classes(), (lab, Callback::new(to_ledger))),
                    Tab::Scores => late(scores(), lab),
                    Tab::Blocks => late(blocks(), lab),
                }}
            </div>
        </section>
    }
    .into_any()
}

#[wasm_split(later, fallible)]
fn ledger() -> Part<(Lab, RwSignal<Option<u8>>)> {
    Ok(|(lab, class)| view! { <LedgerTab lab class/> }.into_any())
}

#[wasm_split(later, fallible)]
fn classes() -> Part<(Lab, Callback<u8>)> {
    Ok(|(lab, pick)| view! { <ClassesTab lab pick/> }.into_any())
}

#[wasm_split(later, fallible)]
fn blocks() -> Part<Lab> {
    Ok(|lab| view! { <BlocksTab lab/> }.into_any())
}

#[wasm_split(later, fallible)]
fn scores() -> Part<Lab> {
    Ok(|lab| view! { <ScoresTab lab/> }.into_any())
}

/// One query and what it finds.
#[component]
fn StripsTab(
    /// The shared state.
    lab: Lab,
) -> impl IntoView {
    let strips = Memo::new(move |_| {
        let query = lab.focus.query.get()?;
        Some(lab.tape.log.with(|log| StripView::of(log, &lab.focus.upgrade.get(), query)))
    });
    let filters = Filter::ALL.map(|filter| {
        let count = move || lab.focus.queries.with(|queries| queries.passing(filter).len());
        (filter, Signal::derive(move || format!("{} {}", filter.label(), count())))
    });
    let class = Memo::new(move |_| {
        lab.tape.log.with(|log| lab.focus.query.get().map(|item| class_name(log, item)).unwrap_or_default())
    });
    // The pictures have a name, too.
    let dataset = Memo::new(move |_| {
        lab.tape.log.with(|log| if log.dataset.is_empty() { String::new() } else { format!(" of {}", log.dataset) })
    });
    view! {
        <div class="filters"><Switch label="Queries" options=filters.to_vec() value=lab.focus.filter
            set=SignalSetter::map(move |filter| lab.focus.set_filter(filter))/>
            <Show when=move || lab.situation.with(|now| Action::OwnQuery.possible(now))>
                <span class="own"><ActionButton lab action=Action::OwnQuery class="">"Own picture"</ActionButton></span>
            </Show>
        </div>
        <div class="query" hidden=move || lab.focus.query.get().is_none()>
            <Thumbnail lab item=lab.focus.query label=Signal::derive(move || format!("Query: {}", class.get()))/>
            <p>
                <strong>{class}</strong>
                <span class="item"><span>{move || lab.focus.query.get().map(|item| format!("query, item {item}"))}</span>{dataset}</span>
            </p>
            <div class="switch" role="group" aria-label="Query">
                <ActionButton lab action=Action::PreviousQuery class="" sign=true>"\u{2039}"</ActionButton>
                <ActionButton lab action=Action::NextQuery class="" sign=true>"\u{203a}"</ActionButton>
                <ActionButton lab action=Action::RandomQuery class="">"Random"</ActionButton>
            </div>
            <p class="key" aria-hidden="true">
                <span class="right">"\u{2713} same class"</span>
                <span class="wrong">"other class"</span>
            </p>
        </div>
        {move || match strips.get().filter(|it| !it.strips.is_empty()) {
            Some(view) => full(lab, view).into_any(),
            None => view! {
                <p class="empty">{move || if lab.focus.query.get().is_some() {
                    "This item is not a query of the live sample: pick another one."
                } else {
                    "A query image and its ten best gallery items under each pair of models appear here."
                }}</p>
            }.into_any(),
        }}
    }
    .into_any()
}

fn full(lab: Lab, view: StripView) -> impl IntoView {
    view! { <ul class="rows">{view.strips.into_iter().map(|strip| row(lab, strip)).collect_view()}</ul> }
}

fn row(lab: Lab, strip: Strip) -> impl IntoView {
    let right = strip.right();
    let badge = strip.change.map(badge);
    let count = strip.hits.len();
    let label = format!("{}: {right} of {count} right", strip.pair);
    view! {
        <li class="row" aria-label=label>
            <p class="pair" title=strip.models.clone()>
                <strong>{term(Term::of_pair(&strip.pair), strip.pair)}</strong>
                <span class="count">{format!("{right} of {count}")}</span>
                {badge}
            </p>
            <ol>{strip.hits.into_iter().enumerate().map(|(place, it)| hit(lab, place, it)).collect_view()}</ol>
        </li>
    }
}

fn hit(lab: Lab, place: usize, hit: Hit) -> impl IntoView {
    let word = if hit.right { "same class" } else { "other class" };
    let label = format!("{}. {}, {word}", place + 1, hit.class);
    let title = label.clone();
    view! {
        <li class=if hit.right { "hit" } else { "miss" } title=title>
            <Thumbnail lab item=Signal::stored(Some(hit.item)) label=Signal::stored(label)/>
        </li>
    }
}
