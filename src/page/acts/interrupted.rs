//! The run under way, kept as its newest checkpoint with the events before it: it goes on after a reload or a worker's death.
//!
//! There is one place for it in the browser's database, which belongs to the page that wrote last.

use js_sys::{Array, Uint8Array};
use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::Recording;
use wasm_bindgen::{JsCast, JsValue};

use super::link;
use crate::page::browser::storage::{self, INTERRUPTED};
use crate::page::browser::{address, events, in_words};
use crate::page::state::Lab;
use crate::view::chrome::actions::Action;
use crate::view::chrome::transport::place;

/// The one place.
const SLOT: u64 = 0;
/// Parts of what is kept: where the run stood in words, the link of its settings, its events as lines, the checkpoint's bytes.
const PLACE: u32 = 0;
const LINK: u32 = 1;
const EVENTS: u32 = 2;
const CHECKPOINT: u32 = 3;

/// Offers the run that an earlier visit left, unless the address asks for another scenario.
pub fn load(lab: Lab) {
    let asked = address::asked();
    spawn_local(async move {
        // Where there is no database, nothing was kept; that kept runs are not stored either is said with those.
        let Ok(database) = storage::database().await else { return };
        let kept = match storage::get(&database, INTERRUPTED, SLOT).await {
            // There is none.
            Ok(kept) if kept.is_undefined() => return,
            Ok(kept) => kept.dyn_into::<Array>().ok().filter(|kept| parts(kept).is_some()),
            Err(error) => {
                let text = format!(
                    "Whether a run was interrupted is not known: the browser cannot read it ({}).",
                    in_words(&error)
                );
                return lab.messages.notice(text, false);
            }
        };
        // In the meantime the reader may have started another.
        if lab.run.begun.try_get_untracked() != Some(false) {
            return;
        }
        let Some(kept) = kept else {
            forget(lab);
            return lab
                .messages
                .notice("This version cannot read the run that was interrupted; it was dropped.", false);
        };
        let text = |part: u32| kept.get(part).as_string().unwrap_or_default();
        if !(asked.is_empty() || asked == text(LINK)) {
            return;
        }
        let offer = format!("A run was interrupted at {}.", text(PLACE));
        lab.messages.offer(offer, vec![Action::Resume, Action::Discard]);
        lab.interrupted.set_kept(Some(kept));
        lab.interrupted.offer(true);
    });
}

/// Keeps the reader's own run as it is now, in place of what was kept.
pub fn keep(lab: Lab, checkpoint: &[u8]) {
    let place = untrack(|| lab.tape.with_own(place));
    let (link, recording) = (link::drafted(lab).unwrap_or_default(), lab.tape.own_recording());
    let checkpoint = Uint8Array::from(checkpoint);
    if lab.interrupted.offered.get_untracked() {
        // What an earlier visit left is no way back for this run.
        lab.interrupted.set_kept(None);
    }
    withdraw(lab);
    let edition = lab.interrupted.renew();
    spawn_local(async move {
        let events = events::write(&recording).await;
        let parts: [JsValue; 4] = [place.into(), link.into(), events.into(), checkpoint.into()];
        let kept: Array = parts.iter().collect();
        // In the meantime there may be a newer one, or none is wanted any more.
        if !lab.interrupted.is_newest(edition) {
            return;
        }
        lab.interrupted.set_kept(Some(kept.clone()));
        if let Err(error) = write(&kept).await
            && lab.interrupted.first_told()
        {
            let reason = in_words(&error);
            let text = format!(
                "The browser does not keep the run under way ({reason}): it goes on after a worker's death, not after a reload. \
                 To have its models beyond this page, export them."
            );
            lab.messages.notice(text, true);
        }
    });
}

async fn write(kept: &JsValue) -> Result<(), JsValue> {
    storage::put(&storage::database().await?, INTERRUPTED, SLOT, kept).await
}

/// Throws away what is kept.
pub fn forget(lab: Lab) {
    withdraw(lab);
    lab.interrupted.renew();
    lab.interrupted.set_kept(None);
    spawn_local(async move {
        // Without a database nothing is there to be thrown away.
        let Ok(database) = storage::database().await else { return };
        if let Err(error) = storage::delete(&database, INTERRUPTED, SLOT).await {
            let reason = in_words(&error);
            let text =
                format!("The browser does not forget the run that was under way ({reason}): it will offer it again.");
            lab.messages.notice(text, false);
        }
    });
}

/// Where the reader's own run can go on from, in words.
pub fn newest(lab: Lab) -> Option<String> {
    let own = lab.run.begun.get_untracked() && !lab.interrupted.offered.get_untracked();
    lab.interrupted.with_kept(|kept| kept.get(PLACE).as_string()).flatten().filter(|_| own)
}

/// What was kept, taken to go on with it.
pub struct Taken(Array);

impl Taken {
    /// Its events and its checkpoint.
    ///
    /// # Errors
    /// Why they cannot be read.
    pub async fn read(self) -> Result<(Recording, Vec<u8>), String> {
        let Self(kept) = self;
        let (text, checkpoint) = parts(&kept).ok_or("it is not whole")?;
        Ok((events::read(&text.as_string().unwrap_or_default()).await?, checkpoint.to_vec()))
    }
}

/// The events and the checkpoint of what is kept; `None` where one of them is not there.
fn parts(kept: &Array) -> Option<(JsValue, Uint8Array)> {
    let events = Some(kept.get(EVENTS)).filter(JsValue::is_string)?;
    let checkpoint = kept.get(CHECKPOINT).dyn_into::<Uint8Array>().ok().filter(|bytes| bytes.length() > 0)?;
    Some((events, checkpoint))
}

/// Takes what is kept: a run that dies again before its next checkpoint is not resumed for ever.
pub fn take(lab: Lab) -> Option<Taken> {
    withdraw(lab);
    lab.interrupted.renew();
    lab.interrupted.take_kept().map(Taken)
}

/// Takes the offer back.
fn withdraw(lab: Lab) {
    lab.interrupted.offer(false);
    lab.messages.withdraw(Action::Resume);
}
