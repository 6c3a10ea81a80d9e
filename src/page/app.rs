//! The page as a whole: four regions and what lies over them.

use std::time::Duration;

use leptos::prelude::*;
use wasm_split_helpers::wasm_split;

use super::acts::article::INSTRUMENTS;
use super::acts::live::{self, Ask};
use super::acts::{article, keys, recorded, theme};
use super::article::Article;
use super::browser::hooks::use_throttled;
use super::browser::late::{Part, late};
use super::browser::{self, address};
use super::dialogs::fault::FaultDialog;
use super::dialogs::overlay::OverlayDialog;
use super::dialogs::tour::TourCard;
use super::panels::edge::Edge;
use super::panels::notices::Notices;
use super::panels::on_show::OnShowLine;
use super::panels::setup::SetupPanel;
use super::panels::table::Panels;
use super::panels::term::explanation;
use super::panels::timeline::Timeline;
use super::panels::transport::Transport;
use super::state::{Lab, Opening, ThemeChoice};
use crate::view::chrome::arrangement::Arrangement;
use crate::view::chrome::hidden::Hidden;
use crate::view::chrome::instrument::Instrument;
use crate::view::chrome::summary;
use crate::view::chrome::tour::Place;

/// How often the spoken summary may change.
const SUMMARY_EVERY: Duration = Duration::from_secs(2);

/// The page.
#[component]
pub fn App() -> impl IntoView {
    let lab = Lab::new(opening());
    let over = RwSignal::new(false);
    theme::use_theme(lab);
    keys::use_keys(lab);
    recorded::open_first(lab);
    live::ask(lab, Ask::Begin(over));
    let touring = Memo::new(move |toured: Option<&bool>| toured == Some(&true) || lab.look.tour.get().is_some());
    view! {
        // The address is the scenario's: a link to a place of the page must not change it.
        <a class="skip" href=format!("#{INSTRUMENTS}") on:click=|event| {
            event.prevent_default();
            article::go_to(INSTRUMENTS);
        }>"Skip to the instruments"</a>
        <Timeline lab/>
        <SetupPanel lab/>
        <main id=INSTRUMENTS class="instruments" tabindex="-1"
            data-enlarged=move || lab.look.enlarged.get().map(Instrument::word)
            data-panels=move || lab.panels.get().panels().count().to_string()>
            <h1 class="hidden">"Upgrade Lab"</h1>
            <OnShowLine lab/>
            <Panels lab/>
        </main>
        <div class="dock">
            <Notices lab/>
            <Transport lab/>
            <Edge lab/>
        </div>
        <Article lab/>
        {move || touring.get().then(|| late(tour(), lab))}
        <OverlayDialog lab/>
        <FaultDialog lab/>
        {late(spoken(), lab)}
        {explanation(lab)}
        <div class="drop" class:over=over aria-hidden="true">"Drop models (.safetensors), events of a run (.jsonl), or your own images (.zip, .csv, IDX, CIFAR) or embeddings (.npy, .npz, .safetensors)"</div>
    }
}

/// How the address and the browser want the page.
fn opening() -> Opening {
    let address = address::fragment().unwrap_or_default();
    Opening {
        theme: ThemeChoice::of_label(browser::theme::kept().as_deref()),
        system_dark: browser::theme::system_is_dark(),
        hidden: Hidden::of_link(&address),
        enlarged: Instrument::of_link(&address),
        arranged: Arrangement::of_link(&address),
        tour: Place::of_link(&address),
        workers: browser::most_workers(),
    }
}

#[wasm_split(later, fallible)]
fn tour() -> Part<Lab> {
    Ok(|lab| view! { <TourCard lab/> }.into_any())
}

#[wasm_split(live, fallible)]
fn spoken() -> Part<Lab> {
    Ok(|lab| view! { <Summary lab/> }.into_any())
}

/// The run in one sentence, for those who hear the page.
#[component]
fn Summary(
    /// The shared state.
    lab: Lab,
) -> impl IntoView {
    let tick = use_throttled(
        move || {
            lab.tape.log.track();
            lab.run.playing.track()
        },
        SUMMARY_EVERY,
    );
    let sentence = Memo::new(move |_| {
        tick.track();
        let playing = lab.run.playing.get_untracked();
        lab.tape.log.with_untracked(|log| summary::sentence(log, &lab.focus.upgrade.get_untracked(), playing))
    });
    view! { <p class="hidden" aria-live="polite" data-testid="summary">{sentence}</p> }.into_any()
}
