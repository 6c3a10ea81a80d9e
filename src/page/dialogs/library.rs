//! The library: every system by what it changes about a model, found by the words of a problem.

use leptos::ev::KeyboardEvent;
use leptos::html::Input;
use leptos::prelude::*;
use protocol::Finding;

use super::walk::Walk;
use crate::page::acts::{intent, run, sweep};
use crate::page::browser::hooks::use_focus;
use crate::page::panels::claims::{claim, class};
use crate::page::state::Lab;
use crate::view::chrome::actions::Action;
use crate::view::chrome::claims::glyph;
use crate::view::chrome::library::{Detail, Entry, Found, Shelf, Verdict, comparison, problems, way};

/// The field, the shelves below it and the chosen system beside them; the focus stays in the field.
#[component]
pub fn LibraryDialog(
    /// The shared state.
    lab: Lab,
) -> impl IntoView {
    let field = NodeRef::<Input>::new();
    use_focus(field);
    let query = RwSignal::new(String::new());
    let walk = Walk::new("library");
    let found = Memo::new(move |_| lab.settings.catalogue.with(|catalogue| query.with(|it| Found::of(catalogue, it))));
    let chosen = Memo::new(move |_| found.with(|found| found.at(walk.place()).map(|entry| entry.id.clone())));
    let ask = move |text: String| {
        query.set(text);
        walk.choose(0);
    };
    let key = move |event: KeyboardEvent| {
        walk.key(&event, found.with_untracked(Found::count), |_| {
            if let Some(id) = chosen.get_untracked() {
                run_it(lab, &id);
            }
        });
    };
    let problem = move |text: &'static str| {
        let on = move || query.with(|query| query == text);
        let press = move |_| ask(if on() { String::new() } else { text.to_owned() });
        view! { <button type="button" aria-pressed=move || on().to_string() on:click=press>{text}</button> }
    };
    let shelves = move || {
        let mut before = 0;
        let numbered = |shelf: Shelf| {
            let first = before;
            before += shelf.entries.len();
            (first, shelf)
        };
        let numbered: Vec<(usize, Shelf)> = found.get().shelves.into_iter().map(numbered).collect();
        numbered.into_iter().map(|(first, it)| shelf(first, it, walk)).collect_view()
    };
    let status = move || match lab.settings.catalogue.with(|catalogue| catalogue.methods.is_empty()) {
        true => "The systems are listed as soon as the engine has loaded.".to_owned(),
        false => found.with(Found::in_words),
    };
    view! {
        <h2>"Library"</h2>
        <input type="text" role="combobox" aria-label="Search the library" placeholder="A name, a paper, or your problem in your own words"
            autocomplete="off" spellcheck="false" aria-expanded="true" aria-autocomplete="list" aria-controls="library-list"
            aria-activedescendant=move || chosen.with(Option::is_some).then(|| walk.line_id(walk.place()))
            node_ref=field on:keydown=key prop:value=query on:input:target=move |event| ask(event.target().value())/>
        // Where the page is narrow it is one line that scrolls.
        <div class="problems" role="group" aria-label="Problems" tabindex="0">
            {move || lab.settings.catalogue.with(problems).into_iter().map(problem).collect_view()}
        </div>
        <p class="hint" role="status">{status}</p>
        <div class="shelves">
            <div role="listbox" id="library-list" class="list" aria-label="Systems">{shelves}</div>
            <Show when=move || chosen.with(Option::is_some)><System lab chosen/></Show>
        </div>
        <div class="foot">
            <span class="hint">"Arrow keys choose, Enter runs."</span>
            <button type="button" class="plain" on:click=move |_| intent::act(lab, Action::Library)>"Close"</button>
        </div>
    }
    .into_any()
}

/// Systems of one kind of change, the first of them at this place of the whole list.
fn shelf(first: usize, shelf: Shelf, walk: Walk) -> AnyView {
    let (kind, title) = (shelf.kind, format!("library-{}", shelf.kind.word()));
    let (entries, named_by) = (shelf.entries.into_iter().enumerate(), title.clone());
    view! {
        <div role="group" aria-labelledby=named_by>
            <div class="title">
                <span class="name" id=title>{kind.title()}</span>
                <span class="hint">{kind.problems().join(" \u{b7} ")}</span>
            </div>
            {entries.map(|(at, it)| option(first + at, it, walk)).collect_view()}
        </div>
    }
    .into_any()
}

fn option(line: usize, entry: Entry, walk: Walk) -> AnyView {
    view! {
        <div role="option" id=walk.line_id(line) aria-selected=walk.selected(line) on:click=move |_| walk.choose(line)>
            <span class="label">{entry.name}</span>
            {verdict(entry.verdict)}
            <span class="hint">{entry.summary}</span>
        </div>
    }
    .into_any()
}

/// How many claims had which outcome: as signs, and in words for those who hear the page.
fn verdict(verdict: Verdict) -> impl IntoView {
    let sign = |(finding, count): (Finding, usize)| view! { <b class=class(finding)>{glyph(finding)}{count}</b> };
    view! {
        <span class="standing" title=verdict.in_words()>
            <span aria-hidden="true">{verdict.counts().map(sign).collect_view()}</span>
            <span class="hidden">{verdict.in_words()}</span>
        </span>
    }
}

/// The chosen system.
#[component]
fn System(
    /// The shared state.
    lab: Lab,
    /// The id of its method.
    chosen: Memo<Option<String>>,
) -> impl IntoView {
    let id = move || chosen.get().unwrap_or_default();
    let detail = Memo::new(move |_| lab.settings.catalogue.with(|catalogue| Detail::of(catalogue, &id())));
    let runs = Memo::new(move |_| {
        let way =
            |draft: &_| lab.settings.catalogue.with(|catalogue| way(catalogue, draft, &id()).map(|way| way.words));
        lab.settings.draft.with(way)
    });
    let compares = Memo::new(move |_| {
        let suits = |draft: &_| lab.settings.catalogue.with(|catalogue| comparison(catalogue, draft, &id()).is_some());
        lab.settings.draft.with(suits)
    });
    let judged = move || match detail.with(|it| it.claims.summary.clone()) {
        summary if summary.is_empty() => "Not judged here yet.".to_owned(),
        summary => format!("{summary}."),
    };
    let claims = move || detail.get().claims.lines.into_iter().map(|line| claim(lab, line)).collect_view();
    let unjudged =
        move || detail.get().unjudged.into_iter().map(|text| view! { <li><p>{text}</p></li> }).collect_view();
    let how = move || {
        runs.get().unwrap_or_else(|| "No scenario shows it, and it does not suit the one in the form.".to_owned())
    };
    view! {
        <section class="system" aria-labelledby="library-system">
            <h3 id="library-system">{move || detail.with(|it| it.name.clone())}</h3>
            <p>{move || detail.with(|it| it.summary.clone())}</p>
            <p class="hint">{move || detail.with(|it| it.source.clone())}</p>
            <p class="hint">{move || detail.with(|it| it.claims.usage.clone())}</p>
            <div class="do">
                <button type="button" class="primary" disabled=move || runs.with(Option::is_none)
                    on:click=move |_| run_it(lab, &chosen.get_untracked().unwrap_or_default())>"Run it"</button>
                <button type="button" disabled=move || !compares.get() title="Puts it beside others in a sweep"
                    on:click=move |_| compare(lab, &chosen.get_untracked().unwrap_or_default())>"Compare"</button>
                <p class="hint">{how}</p>
            </div>
            <div class="claims">
                <p class="hint">{judged}</p>
                <ul>{claims}{unjudged}</ul>
            </div>
        </section>
    }
    .into_any()
}

/// Runs the scenario that shows a method.
fn run_it(lab: Lab, id: &str) {
    let way = |draft: &_| lab.settings.catalogue.with_untracked(|catalogue| way(catalogue, draft, id));
    if let Some(way) = lab.settings.draft.with_untracked(way) {
        lab.look.cover(None);
        run::run_scenario(lab, way.scenario);
    }
}

/// Puts a method into the plan of a sweep.
fn compare(lab: Lab, id: &str) {
    let suits = |draft: &_| lab.settings.catalogue.with_untracked(|catalogue| comparison(catalogue, draft, id));
    if let Some(scenario) = lab.settings.draft.with_untracked(suits) {
        sweep::compare(lab, scenario, id);
    }
}
