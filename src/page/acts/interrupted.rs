//! The run under way, kept as its newest checkpoint with the events before it: it goes on after a reload or a worker's death.
//!
//! There is one place for it in the browser's database, which belongs to the page that wrote last.

use js_sys::{Array, Uint8Array};
use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::{EngineChoice, EngineKind, Event, Recording};
use wasm_bindgen::{JsCast as _, JsValue};

use super::lab::Lab;
use super::storage::{self, INTERRUPTED};
use super::{intent, link, recorded, session};
use crate::view::actions::Action;
use crate::view::transport::place;

/// The one place.
const SLOT: u64 = 0;
/// Parts of what is kept: where the run stood in words, the link of its settings, its events as lines, the checkpoint's bytes.
const PLACE: u32 = 0;
const LINK: u32 = 1;
const EVENTS: u32 = 2;
const CHECKPOINT: u32 = 3;

/// The kept run. Copies are handles to the same state.
#[derive(Clone, Copy)]
pub struct Interrupted {
    /// Whether what is kept is of an earlier visit, and the reader can choose to go on with it.
    pub offered: RwSignal<bool>,
    kept: StoredValue<Option<Array>, LocalStorage>,
    /// Counts what was to be kept or forgotten: writing takes turns, and the last word counts.
    edition: StoredValue<u32>,
    /// What goes on as soon as a worker listens.
    waiting: StoredValue<Option<(Recording, Vec<u8>)>, LocalStorage>,
}

impl Interrupted {
    /// Nothing yet.
    pub fn new() -> Self {
        let (kept, waiting) = (StoredValue::new_local(None), StoredValue::new_local(None));
        Self { offered: RwSignal::new(false), kept, edition: StoredValue::new(0), waiting }
    }

    /// Another edition: one that is still being written is not kept any more.
    fn renew(self) -> u32 {
        self.edition.update_value(|edition| *edition += 1);
        self.edition.get_value()
    }
}

/// Offers the run that an earlier visit left, unless the address asks for another scenario.
pub fn load(lab: Lab) {
    let asked = link::asked();
    spawn_local(async move {
        let found: Result<Array, JsValue> = async {
            let database = lab.archive.database().await?;
            storage::get(&database, INTERRUPTED, SLOT).await?.dyn_into()
        }
        .await;
        let Ok(kept) = found else { return };
        let text = |part: u32| kept.get(part).as_string().unwrap_or_default();
        // In the meantime the reader may have started another.
        if lab.begun.try_get_untracked() != Some(false) || !(asked.is_empty() || asked == text(LINK)) {
            return;
        }
        lab.offer(format!("A run was interrupted at {}.", text(PLACE)), vec![Action::Resume, Action::Discard]);
        lab.interrupted.kept.set_value(Some(kept));
        lab.interrupted.offered.set(true);
    });
}

/// Keeps the reader's own run as it is now, in place of what was kept.
pub fn keep(lab: Lab, checkpoint: &[u8]) {
    let place = untrack(|| lab.tape.with_own(place));
    let (link, recording) = (link::drafted(lab).unwrap_or_default(), lab.tape.own_recording());
    let checkpoint = Uint8Array::from(checkpoint);
    if lab.interrupted.offered.get_untracked() {
        // What an earlier visit left is no way back for this run.
        lab.interrupted.kept.set_value(None);
    }
    withdraw(lab);
    let edition = lab.interrupted.renew();
    spawn_local(async move {
        let events = recorded::write(&recording).await;
        let parts: [JsValue; 4] = [place.into(), link.into(), events.into(), checkpoint.into()];
        let kept: Array = parts.iter().collect();
        // In the meantime there may be a newer one, or none is wanted any more.
        if lab.interrupted.edition.try_get_value() != Some(edition) {
            return;
        }
        lab.interrupted.kept.set_value(Some(kept.clone()));
        // Without a database it goes on after a worker's death, not after a reload.
        if let Ok(database) = lab.archive.database().await {
            let _ = storage::put(&database, INTERRUPTED, SLOT, &kept).await;
        }
    });
}

/// Throws away what is kept.
pub fn forget(lab: Lab) {
    withdraw(lab);
    lab.interrupted.renew();
    lab.interrupted.kept.set_value(None);
    spawn_local(async move {
        if let Ok(database) = lab.archive.database().await {
            // It is overwritten by the next run.
            let _ = storage::delete(&database, INTERRUPTED, SLOT).await;
        }
    });
}

/// Where the reader's own run can go on from, in words.
pub fn newest(lab: Lab) -> Option<String> {
    let own = lab.begun.get_untracked() && !lab.interrupted.offered.get_untracked();
    let place = |kept: &Option<Array>| kept.as_ref().and_then(|kept| kept.get(PLACE).as_string());
    lab.interrupted.kept.with_value(place).filter(|_| own)
}

/// Goes on with what is kept, in a worker that has no other run.
pub fn resume(lab: Lab) {
    withdraw(lab);
    lab.interrupted.renew();
    // Taken: a run that dies again before its next checkpoint is not resumed for ever.
    let Some(kept) = lab.interrupted.kept.try_update_value(Option::take).flatten() else { return };
    spawn_local(async move {
        let events = kept.get(EVENTS).as_string().unwrap_or_default();
        match recorded::read(&events).await {
            Ok(recording) => {
                let checkpoint = kept.get(CHECKPOINT).unchecked_into::<Uint8Array>().to_vec();
                let on_gpu = |event: &Event| matches!(event, Event::RunStarted { engine, .. } if engine.kind == EngineKind::Webgpu);
                // Either worker has the CPU engine.
                if recording.events().any(on_gpu) {
                    lab.engine_choice.set(EngineChoice::Webgpu);
                }
                lab.interrupted.waiting.set_value(Some((recording, checkpoint)));
                session::connect(lab);
            }
            Err(reason) => lab.notice(format!("The interrupted run cannot go on: {reason}."), true),
        }
    });
}

/// Goes on with the run that waits for a worker; false if none does.
pub fn start(lab: Lab) -> bool {
    let waiting = lab.interrupted.waiting.try_update_value(Option::take).flatten();
    let Some((recording, checkpoint)) = waiting else { return false };
    // The form is as the run was; after a worker's death it is as the reader left it.
    let anew = !lab.begun.get_untracked();
    lab.tape.leave();
    session::replay(lab, recording.events().cloned().collect());
    if let Some(scenario) = lab.prepared.get_untracked().filter(|_| anew) {
        lab.draft.set(scenario);
        link::push(lab);
    }
    intent::resume(lab, checkpoint);
    true
}

/// Takes the offer back.
fn withdraw(lab: Lab) {
    lab.interrupted.offered.set(false);
    lab.withdraw(Action::Resume);
}
