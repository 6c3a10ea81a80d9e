//! The page as a whole: four regions and what lies over them.

use std::time::Duration;

use leptos::prelude::*;
use wasm_split_helpers::wasm_split;

use super::curves::CurvesPanel;
use super::edge::Edge;
use super::fault::FaultDialog;
use super::hooks::use_throttled;
use super::lab::Lab;
use super::late::{Part, late};
use super::live::Ask;
use super::map::MapPanel;
use super::matrix::MatrixPanel;
use super::notices::Notices;
use super::overlay::OverlayDialog;
use super::setup::SetupPanel;
use super::strips::StripsPanel;
use super::timeline::Timeline;
use super::tour::TourCard;
use super::transport::Transport;
use super::{keys, live, recorded, theme};
use crate::view::instrument::Instrument;
use crate::view::summary;

/// How often the spoken summary may change.
const SUMMARY_EVERY: Duration = Duration::from_secs(2);

/// The page.
#[component]
pub fn App() -> impl IntoView {
    let lab = Lab::new();
    let over = RwSignal::new(false);
    theme::use_theme(lab);
    keys::use_keys(lab);
    recorded::open_first(lab);
    live::ask(lab, Ask::Begin(over));
    let touring = Memo::new(move |toured: Option<&bool>| toured == Some(&true) || lab.tour.get().is_some());
    view! {
        <a class="skip" href="#instruments">"Skip to the instruments"</a>
        <Timeline lab/>
        <SetupPanel lab/>
        <main id="instruments" class="instruments" tabindex="-1"
            data-enlarged=move || lab.enlarged.get().map(Instrument::word)>
            <h1 class="hidden">"Upgrade Lab"</h1>
            <MatrixPanel lab/>
            <StripsPanel lab/>
            <CurvesPanel lab/>
            <MapPanel lab/>
        </main>
        <Transport lab/>
        <Edge lab/>
        {move || touring.get().then(|| late(tour(), lab))}
        <Notices lab/>
        <OverlayDialog lab/>
        <FaultDialog lab/>
        <Summary lab/>
        <div class="drop" class:over=over aria-hidden="true">"Drop models (.safetensors), events of a run (.jsonl), or your own images (.zip, .csv, IDX, CIFAR) or embeddings (.npy, .npz, .safetensors)"</div>
    }
}

#[wasm_split(later, fallible)]
fn tour() -> Part<Lab> {
    Ok(|lab| view! { <TourCard lab/> }.into_any())
}

/// The run in one sentence, for those who hear the page.
#[component]
fn Summary(
    /// The shared state.
    lab: Lab,
) -> impl IntoView {
    let tick = use_throttled(
        move || {
            lab.log.track();
            lab.playing.track()
        },
        SUMMARY_EVERY,
    );
    let sentence = Memo::new(move |_| {
        tick.track();
        let playing = lab.playing.get_untracked();
        lab.log.with_untracked(|log| summary::sentence(log, &lab.upgrade.get_untracked(), playing))
    });
    view! { <p class="hidden" aria-live="polite" data-testid="summary">{sentence}</p> }.into_any()
}
