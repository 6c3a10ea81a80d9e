//! One part: its words with the numbers of its run, its figure, the claims that it leans on, and the way to the instruments.

use leptos::html::Section;
use leptos::prelude::*;
use protocol::UpgradeKind;

use super::drawing::Drawing;
use super::runs::Runs;
use crate::page::acts::article::{button_id, show};
use crate::page::browser::hooks::use_seen;
use crate::page::panels::claims::claim;
use crate::page::panels::term::term;
use crate::page::state::Lab;
use crate::view::chrome::article::Part;
use crate::view::chrome::sections::Piece;

/// A part of the article.
#[component]
pub fn PartView(
    /// The shared state.
    lab: Lab,
    /// What is known of the runs.
    runs: Runs,
    /// The part.
    part: Part,
) -> impl IntoView {
    let place = NodeRef::<Section>::new();
    let seen = use_seen(place);
    let (heading, button) = (format!("{}-title", button_id(part.id())), button_id(part.id()));
    let (title, run, kind) = (format!("{}. {}", part.number, part.title()), part.run().to_owned(), part.kind());
    let (words, caption) = (part.paragraphs.clone(), part.caption());
    let table = StoredValue::new(format!("Table of part {}", part.number));
    let part = StoredValue::new(part);
    Effect::new(move |_| {
        if seen.get() {
            runs.want(part.with_value(|part| part.run().to_owned()));
        }
    });
    let written = move |piece: Piece| match piece {
        Piece::Words(words) => words.into_any(),
        Piece::Term(which, words) => term(which, words),
        Piece::Number(what) => {
            let told =
                move || part.with_value(|part| runs.of(part, |drawn| drawn.numbers.get(&what).cloned())).flatten();
            view! { <b>{move || told().unwrap_or_else(|| "\u{2026}".to_owned())}</b> }.into_any()
        }
    };
    let written = move |pieces: Vec<Piece>| pieces.into_iter().map(written).collect_view();
    let kicker = (kind != UpgradeKind::Retrain).then(|| view! { <p class="kicker">{kind.title()}</p> });
    let claims = move || {
        let lines = lab.settings.catalogue.with(|catalogue| part.with_value(|part| part.claims(catalogue)));
        (!lines.is_empty()).then(|| {
            view! {
                <details class="claims">
                    <summary>"What is claimed of it, and what the report finds"</summary>
                    <ul>{lines.into_iter().map(|line| claim(lab, line)).collect_view()}</ul>
                </details>
            }
        })
    };
    let failed = move || {
        part.with_value(|part| runs.failed(part)).map(|reason| {
            let again = move |_| runs.want(part.with_value(|part| part.run().to_owned()));
            view! {
                <p role="alert">{reason}</p>
                <button type="button" class="plain" on:click=again>"Ask again"</button>
            }
        })
    };
    // It stays while other runs come.
    let figure = Memo::new(move |_| part.with_value(|part| runs.of(part, |drawn| drawn.figure.clone())).flatten());
    view! {
        <section class="part" node_ref=place aria-labelledby=heading.clone()>
            {kicker}
            <h3 id=heading.clone()>{title}</h3>
            <div class="words">
                {words.into_iter().map(|paragraph| view! { <p>{written(paragraph)}</p> }).collect_view()}
                {claims}
                <p class="to">
                    <button type="button" id=button on:click=move |_| part.with_value(|part| show(lab, part))>
                        "Show this"<span class="hidden">{format!(" in the recorded run {run}")}</span>
                    </button>
                </p>
            </div>
            <figure>
                <div class="drawn">{move || figure.get().map(|figure| view! { <Drawing lab figure name=table.get_value()/> })}{failed}</div>
                <figcaption>{written(caption)}</figcaption>
            </figure>
        </section>
    }
    .into_any()
}
