//! The dialog over the page. The browser keeps the focus inside of it, closes it by Escape and gives the focus back.

use leptos::html::Dialog;
use leptos::prelude::*;
use wasm_split_helpers::wasm_split;

use super::decide::DecideDialog;
use super::help::Help;
use super::library::LibraryDialog;
use super::own_query::OwnQueryDialog;
use super::palette::Palette;
use super::runs::RunsList;
use super::sweep::SweepDialog;
use crate::page::browser::late::{Part, late};
use crate::page::panels::notices::Notices;
use crate::page::state::{Lab, Overlay};
use crate::view::chrome::actions::Action;

/// One dialog for all of them, so that they cannot lie over each other.
#[component]
pub fn OverlayDialog(
    /// The shared state.
    lab: Lab,
) -> impl IntoView {
    let place = NodeRef::<Dialog>::new();
    // A fault goes before.
    let shown = Memo::new(move |_| lab.look.overlay.get().filter(|_| lab.messages.fault.with(Option::is_none)));
    Effect::new(move |_| {
        let Some(dialog) = place.get() else { return };
        match (shown.get().is_some(), dialog.open()) {
            // It fails only outside of a document.
            (true, false) => drop(dialog.show_modal()),
            (false, true) => dialog.close(),
            _ => {}
        }
    });
    let look = move || match shown.get() {
        Some(Overlay::Palette) => ("dialog palette", Action::Palette),
        Some(Overlay::Library) => ("dialog library", Action::Library),
        Some(Overlay::Runs) => ("dialog runs", Action::Runs),
        Some(Overlay::Sweep) => ("dialog runs sweep", Action::Sweep),
        Some(Overlay::OwnQuery) => ("dialog own-query", Action::OwnQuery),
        Some(Overlay::Decide) => ("dialog decide", Action::Decide),
        Some(Overlay::Help) | None => ("dialog help", Action::Help),
    };
    let (class, label) = (move || look().0, move || look().1.label());
    // The browser tells of a closing afterwards: by then the next overlay may have opened it again.
    let closed = move |_| {
        if place.get_untracked().is_some_and(|dialog| !dialog.open()) {
            lab.look.cover(None);
        }
    };
    view! {
        <dialog class=class aria-label=label closedby="any" node_ref=place on:close=closed>
            {move || shown.get().map(|overlay| late(content(overlay), lab))}
        </dialog>
    }
    .into_any()
}

/// What stands in the dialog.
#[wasm_split(later, fallible)]
fn content(overlay: Overlay) -> Part<Lab> {
    Ok(match overlay {
        Overlay::Palette => |lab| with_messages(lab, view! { <Palette lab/> }.into_any()),
        Overlay::Help => |lab| with_messages(lab, view! { <Help lab/> }.into_any()),
        Overlay::Library => |lab| with_messages(lab, view! { <LibraryDialog lab/> }.into_any()),
        Overlay::Runs => |lab| with_messages(lab, view! { <RunsList lab/> }.into_any()),
        Overlay::Sweep => |lab| with_messages(lab, view! { <SweepDialog lab/> }.into_any()),
        Overlay::OwnQuery => |lab| with_messages(lab, view! { <OwnQueryDialog lab/> }.into_any()),
        Overlay::Decide => |lab| with_messages(lab, view! { <DecideDialog lab/> }.into_any()),
    })
}

/// What is in a dialog with the messages below it: what lies beneath one can neither be seen nor reached.
fn with_messages(lab: Lab, content: AnyView) -> AnyView {
    view! { {content} <Notices lab/> }.into_any()
}
