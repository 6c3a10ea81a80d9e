//! The verdict in words, with the numbers behind it.

use leptos::prelude::*;

use super::term::{term, termed};
use crate::page::state::Lab;
use crate::view::instruments::verdict::{Fact, VerdictView};
use crate::view::terms::Term;

/// The judgement on the chain, if it is one, and on the upgrade.
#[component]
pub fn Verdict(
    /// The shared state.
    lab: Lab,
) -> impl IntoView {
    let chain = Memo::new(move |_| lab.tape.log.with(VerdictView::of_chain));
    let verdict = Memo::new(move |_| lab.tape.log.with(|log| VerdictView::of(log, &lab.focus.upgrade.get())));
    view! {
        {move || chain.get().map(|view| judgement(view, "chain", Term::Ac))}
        {move || judgement(verdict.get(), "verdict", Term::Criterion)}
    }
}

/// A judgement, by what it judges.
fn judgement(view: VerdictView, name: &'static str, by: Term) -> impl IntoView {
    let fact = |fact: Fact| {
        view! {
            <div><dt>{term(fact.term, fact.name)}</dt><dd>{fact.value}</dd></div>
        }
    };
    let VerdictView { tone, headline, words, facts } = view;
    view! {
        <div class=format!("verdict {}", tone.word()) data-testid=name>
            <p>
                <strong><span class="glyph" aria-hidden="true">{tone.glyph()}</span>{term(by, headline)}</strong>
                <span class="words">{termed(&words)}</span>
            </p>
            {(!facts.is_empty()).then(|| view! { <dl>{facts.into_iter().map(fact).collect_view()}</dl> })}
        </div>
    }
}
