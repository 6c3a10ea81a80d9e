//! What is claimed of the chosen method, and what the claims report found.

use leptos::prelude::*;
use protocol::Finding;

use super::term::termed;
use crate::page::acts::run;
use crate::page::state::Lab;
use crate::view::chrome::claims::{ClaimLine, ClaimsView, glyph};
use crate::view::chrome::form::ChoiceTarget;

/// Paper and claims of the method of a stage (from 0).
#[component]
pub fn Claims(
    /// The shared state.
    lab: Lab,
    /// The stage.
    stage: usize,
) -> impl IntoView {
    let view = Memo::new(move |_| {
        let method =
            lab.settings.draft.with(|draft| ChoiceTarget::Method(stage).read(draft).unwrap_or_default().to_owned());
        lab.settings.catalogue.with(|catalogue| ClaimsView::of(catalogue, &method))
    });
    let paper = move || view.with(|view| view.paper.clone());
    let usage = move || view.with(|view| termed(&view.usage));
    let summary = move || view.with(|view| view.summary.clone());
    view! {
        <p class="hint paper" hidden=move || view.with(|view| view.paper.is_empty())>{paper}</p>
        <p class="hint" hidden=move || view.with(|view| view.usage.is_empty())>{usage}</p>
        <details class="claims" hidden=move || view.with(|view| view.lines.is_empty())>
            <summary>{summary}</summary>
            <ul>{move || view.get().lines.into_iter().map(|line| claim(lab, line)).collect_view()}</ul>
        </details>
    }
    .into_any()
}

/// Class attribute of a finding.
pub fn class(finding: Finding) -> &'static str {
    match finding {
        Finding::Holds => "finding holds",
        Finding::Fails => "finding fails",
        Finding::WithinNoise | Finding::NotMeasured => "finding open",
    }
}

/// One claim with what was found, and the way to run it.
pub fn claim(lab: Lab, line: ClaimLine) -> impl IntoView {
    let class = class(line.finding);
    let run = move |_| {
        lab.look.cover(None);
        run::run_link(lab, &line.link);
    };
    let label = format!("Run this claim: {}", line.claim);
    view! {
        <li>
            <p>
                <strong class=class><span aria-hidden="true">{glyph(line.finding)}" "</span>{line.finding.in_words()}</strong>
                " "{line.claim}
            </p>
            <p class="hint">{line.numbers}</p>
            <button type="button" class="quiet" aria-label=label on:click=run>
                "Run this claim"
            </button>
        </li>
    }
}
