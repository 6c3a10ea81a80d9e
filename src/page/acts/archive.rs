//! What is done with the kept runs: they are read, kept, shown, changed and removed, here and in the browser's database.

use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::{Recording, RunLog};
use wasm_bindgen::JsValue;
use web_sys::IdbDatabase;

use super::opened;
use crate::page::browser::storage::{self, EVENTS, RECORDS};
use crate::page::browser::{events, in_words, kept};
use crate::page::state::{Archive, Lab};
use crate::view::chrome::runs::{Restored, RunRecord, Runs};

/// Reads the kept runs, and throws away what is too much or damaged.
pub fn load(lab: Lab) {
    spawn_local(async move {
        let database = match storage::database().await {
            Ok(database) => database,
            Err(error) => return keeps_nothing(lab, &error),
        };
        match restore(lab.archive, &database).await {
            Ok(restored) => restored.in_words().into_iter().for_each(|text| lab.messages.notice(text, false)),
            Err(_) => tell(lab),
        }
    });
}

async fn restore(archive: Archive, database: &IdbDatabase) -> Result<Restored, JsValue> {
    // In this order: what another page adds in between is not taken for unreadable.
    let (records, events) = (storage::numbers(database, RECORDS).await?, storage::numbers(database, EVENTS).await?);
    let texts = storage::all(database, RECORDS).await?;
    let restore = |runs: &mut Runs| {
        let restored = runs.restore(&texts);
        runs.trim();
        restored
    };
    // Without the list, which goes with the page, nothing is known to be too much.
    let Some(restored) = archive.change(restore) else { return Ok(Restored::default()) };
    let Some(runs) = archive.runs.try_get_untracked() else { return Ok(restored) };
    let foreign = |id: &u64| restored.foreign.contains(id);
    for id in records.into_iter().filter(|id| runs.get(*id).is_none() && !foreign(id)) {
        storage::delete(database, RECORDS, id).await?;
    }
    let stay = |id: &u64| runs.has_events(*id) || (foreign(id) && runs.is_new(*id));
    for id in events.into_iter().filter(|id| !stay(id)) {
        storage::delete(database, EVENTS, id).await?;
    }
    Ok(restored)
}

/// Keeps the reader's own run, which has just finished.
pub fn keep_own(lab: Lab) {
    let own = untrack(|| lab.tape.with_own(RunLog::clone));
    let record = lab.settings.catalogue.with_untracked(|catalogue| RunRecord::of(&own, catalogue, js_sys::Date::now()));
    match record {
        Some(record) => drop(keep(lab, record, lab.tape.own_recording())),
        None => lab.messages.notice("The finished run cannot be written down, so it is not among the kept ones.", true),
    }
}

/// Keeps a finished run with its events; gives its id.
pub fn keep(lab: Lab, record: RunRecord, recording: Recording) -> Option<u64> {
    let archive = lab.archive;
    let (id, dropped) = archive.change(|runs| (runs.add(record), runs.trim()))?;
    archive.hold(id, recording.clone());
    spawn_local(async move {
        write(lab, id).await;
        for id in dropped {
            forget(lab, id).await;
        }
        match keep_events(archive, id, &events::write(&recording).await).await {
            Ok(()) => archive.let_go(id),
            Err(_) => tell(lab),
        }
    });
    Some(id)
}

/// Keeps the events of a run, and throws those away that are too old.
async fn keep_events(archive: Archive, id: u64, events: &str) -> Result<(), JsValue> {
    let database = storage::database().await?;
    for old in storage::numbers(&database, EVENTS).await? {
        // What is not listed here may be another page's.
        let too_old = |runs: &Runs| runs.get(old).is_some() && !runs.has_events(old);
        if archive.runs.try_with_untracked(too_old) == Some(true) {
            storage::delete(&database, EVENTS, old).await?;
        }
    }
    storage::put(&database, EVENTS, id, &events.into()).await
}

/// Shows a kept run.
pub fn open(lab: Lab, id: u64) {
    let archive = lab.archive;
    lab.look.cover(None);
    spawn_local(async move {
        let name = archive.runs.try_with_untracked(|runs| runs.get(id).map(|record| record.name.clone()));
        let name = name.flatten().unwrap_or_default();
        if let Some(recording) = archive.held(id) {
            return opened::show(lab, name, recording);
        }
        let text = match read_events(id).await.map(|events| events.as_string()) {
            Ok(Some(events)) => return opened::open_file(lab, name, events),
            Ok(None) => "The events of this run are not kept any more; run it again to see it.".to_owned(),
            Err(error) => {
                let reason = in_words(&error);
                format!("The browser cannot read the events of this run ({reason}); run it again to see it.")
            }
        };
        lab.messages.notice(text, true);
    });
}

async fn read_events(id: u64) -> Result<JsValue, JsValue> {
    storage::get(&storage::database().await?, EVENTS, id).await
}

/// Changes a kept run.
pub fn change(lab: Lab, id: u64, change: impl FnOnce(&mut Runs)) {
    lab.archive.change(change);
    spawn_local(write(lab, id));
}

/// Takes a run into the comparison, as its last, or out of it.
pub fn choose(lab: Lab, id: u64, on: bool) {
    let mut chosen = lab.archive.chosen.get_untracked();
    chosen.retain(|it| *it != id);
    chosen.extend(on.then_some(id));
    lab.archive.choose(chosen);
}

/// Removes a kept run.
pub fn remove(lab: Lab, id: u64) {
    choose(lab, id, false);
    lab.archive.change(|runs| runs.remove(id));
    lab.archive.let_go(id);
    spawn_local(forget(lab, id));
}

/// Brings a run as it is in the list to the database.
async fn write(lab: Lab, id: u64) {
    let record = |runs: &Runs| runs.get(id).map(serde_json::to_string);
    let Some(record) = lab.archive.runs.try_with_untracked(record).flatten() else { return };
    let done: Result<(), JsValue> = async {
        let record = record.map_err(|error| error.to_string())?;
        storage::put(&storage::database().await?, RECORDS, id, &record.into()).await
    }
    .await;
    if done.is_err() {
        tell(lab);
    }
}

async fn forget(lab: Lab, id: u64) {
    let done: Result<(), JsValue> = async {
        let database = storage::database().await?;
        storage::delete(&database, RECORDS, id).await?;
        storage::delete(&database, EVENTS, id).await
    }
    .await;
    if done.is_err() {
        tell(lab);
    }
}

/// Says, in place of all that would say it of a part, that the browser keeps nothing.
fn keeps_nothing(lab: Lab, error: &JsValue) {
    lab.archive.first_told();
    lab.interrupted.first_told();
    let (what, settings) = if kept::is_possible() { ("no runs", "") } else { ("nothing", "your settings, ") };
    let text = format!(
        "The browser lets this page keep {what} ({}): {settings}finished runs and the run under way last until it is closed. What is to last \
         longer, export or save as a file.",
        in_words(error)
    );
    lab.messages.notice(text, false);
}

/// Says once that runs are not kept beyond the page.
fn tell(lab: Lab) {
    if lab.archive.first_told() {
        lab.messages
            .notice("The browser does not store all runs: some are listed only until the page is closed.", false);
    }
}
