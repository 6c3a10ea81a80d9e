//! The page as a whole: four regions and what lies over them.

use std::time::Duration;

use leptos::prelude::*;

use super::curves::CurvesPanel;
use super::edge::Edge;
use super::fault::FaultDialog;
use super::hooks::use_throttled;
use super::lab::Lab;
use super::map::MapPanel;
use super::matrix::MatrixPanel;
use super::notices::Notices;
use super::overlay::OverlayDialog;
use super::setup::SetupPanel;
use super::strips::StripsPanel;
use super::timeline::Timeline;
use super::tour::TourCard;
use super::transport::Transport;
use super::{archive, files, interrupted, keys, link, recorded, session, theme};
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
    files::use_drop(lab, over);
    let hash = window_event_listener(leptos::ev::hashchange, move |_| link::follow(lab));
    on_cleanup(move || hash.remove());
    link::use_moment(lab);
    recorded::open_first(lab);
    archive::load(lab);
    interrupted::load(lab);
    session::connect(lab);
    view! {
        <a class="skip" href="#instruments">"Skip to the instruments"</a>
        <Timeline lab/>
        <SetupPanel lab/>
        <main id="instruments" class="instruments" tabindex="-1">
            <h1 class="hidden">"Upgrade Lab"</h1>
            <MatrixPanel lab/>
            <StripsPanel lab/>
            <CurvesPanel lab/>
            <MapPanel lab/>
        </main>
        <Transport lab/>
        <Edge lab/>
        <TourCard lab/>
        <Notices lab/>
        <OverlayDialog lab/>
        <FaultDialog lab/>
        <Summary lab/>
        <div class="drop" class:over=over aria-hidden="true">"Drop .safetensors files to import models, .jsonl files of events to look at a run"</div>
    }
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
