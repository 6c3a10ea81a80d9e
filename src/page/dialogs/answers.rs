//! One query of a decision: what each of the main options answers to it, in words.

use leptos::prelude::*;
use protocol::Answers;

use crate::view::chrome::answers::{Line, OFFERED, first, found, meant, name, named, relevant};

/// Looks up a query.
#[component]
pub fn Lookup(
    /// What options answer.
    answers: Answers,
) -> impl IntoView {
    let answers = StoredValue::new(answers);
    let typed = RwSignal::new(String::new());
    let chosen = RwSignal::new(answers.with_value(first));
    let offered = Memo::new(move |_| answers.with_value(|answers| meant(answers, &typed.read())));
    // What was typed in full is shown without another step.
    let write = move |event: leptos::ev::Event| {
        typed.set(event_target_value(&event));
        let exact = answers.with_value(|answers| named(answers, &typed.read_untracked()));
        if exact.is_some() {
            chosen.set(exact);
        }
    };
    let offer = move |at: usize| {
        let text = answers.with_value(|answers| answers.queries.get(at).map(|it| name(it).to_owned()));
        let pressed = move || (chosen.get() == Some(at)).to_string();
        view! {
            <li><button type="button" class="plain" aria-pressed=pressed on:click=move |_| chosen.set(Some(at))>{text}</button></li>
        }
    };
    let offers = move || {
        let offered = offered.get();
        let count = answers.with_value(|answers| answers.queries.len());
        match offered.is_empty() {
            true => view! { <p class="hint">{format!("None of the {count} queries has that in it.")}</p> }.into_any(),
            false => view! { <ul class="files">{offered.into_iter().map(offer).collect_view()}</ul> }.into_any(),
        }
    };
    // What was shown before is no answer to what nothing has.
    let shown = move || {
        let at = chosen.get().filter(|_| !offered.with(Vec::is_empty));
        at.map(|at| answers.with_value(|answers| answer(answers, at)))
    };
    view! {
        <section class="lookup" role="region" aria-label="One query">
            <h3>"One query"</h3>
            <label class="field">
                <span>{format!("Look up one of the queries; up to {OFFERED} that match are offered")}</span>
                <input type="search" autocomplete="off" spellcheck="false" prop:value=move || typed.get() on:input=write/>
            </label>
            {offers}
            <div aria-live="polite">{shown}</div>
        </section>
    }
    .into_any()
}

fn answer(answers: &Answers, at: usize) -> AnyView {
    let query = answers.queries.get(at);
    let asked = query.map(|query| {
        let task = query.task.as_ref().map_or_else(String::new, |task| format!(" ({task})"));
        format!("\u{201c}{}\u{201d}{task}", name(query))
    });
    let relevant = relevant(answers, at);
    let relevant = (!relevant.is_empty()).then(|| format!("Relevant: {}.", relevant.join("; ")));
    let line = |Line { text, right }: Line| {
        let mark = right.then(|| view! { <span class="right">"relevant"</span> });
        view! { <li class:right=right>{text}{mark}</li> }
    };
    let option = |(name, lines): (String, Vec<Line>)| {
        let none = (!lines.iter().any(|line| line.right))
            .then(|| view! { <p class="hint">"No relevant one among these."</p> });
        view! { <div class="option"><h4>{name}</h4><ol>{lines.into_iter().map(line).collect_view()}</ol>{none}</div> }
    };
    view! {
        <p class="asked"><b>{asked}</b></p>
        <p class="hint">{relevant}</p>
        <div class="options">{found(answers, at).into_iter().map(option).collect_view()}</div>
    }
    .into_any()
}
