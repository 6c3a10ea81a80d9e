//! What a term means, on the card beside it.

use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::page::browser::texts;
use crate::page::state::{Explained, Lab, Word};
use crate::view::chrome::sections::Section;

/// What the word that is asked for means; what all of them mean is fetched with the first.
#[component]
pub fn Meaning(
    /// The shared state.
    lab: Lab,
) -> impl IntoView {
    let sections = RwSignal::new(None::<Result<Vec<Section>, String>>);
    Effect::new(move |_| {
        // What could not be fetched is asked for again.
        let there = sections.with_untracked(|it| matches!(it, Some(Ok(_))));
        let asked = |it: &Option<Explained>| it.as_ref().is_some_and(|it| matches!(it.word, Word::Term(_)));
        if lab.look.explained.with(asked) && !there {
            spawn_local(async move {
                let fetched = texts::fetch(texts::TERMS).await;
                sections.try_set(Some(fetched));
            });
        }
    });
    move || {
        let term = match lab.look.explained.get()?.word {
            Word::Term(term) => term,
            Word::Setting(help) => return Some(view! { <p>{help}</p> }.into_any()),
        };
        sections.with(|sections| match sections {
            None => None,
            Some(Ok(sections)) => sections.iter().find(|section| section.id == term.id()).map(meaning),
            Some(Err(reason)) => Some(
                view! { <p>{format!("What this means could not be loaded: {reason}. Look whether the network is there, then press it again.")}</p> }
                    .into_any(),
            ),
        })
    }
}

fn meaning(section: &Section) -> AnyView {
    let setting = |key| section.setting(key).map(str::to_owned);
    view! {
        <p><strong>{section.title.clone()}</strong></p>
        {section.paragraphs.iter().map(|text| view! { <p>{text.clone()}</p> }).collect_view()}
        <p class="hint">{setting("range")}</p>
        <p class="hint">{setting("from").map(|from| format!("From: {from}"))}</p>
    }
    .into_any()
}
