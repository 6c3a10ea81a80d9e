//! The kept runs: a list in memory, and the browser's database behind it.

use std::collections::BTreeMap;

use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::{Recording, RunLog};
use wasm_bindgen::JsValue;
use web_sys::IdbDatabase;

use super::lab::Lab;
use super::storage::{self, EVENTS, RECORDS};
use super::{intent, recorded};
use crate::view::runs::{RunRecord, Runs};

/// The kept runs. Copies are handles to the same state.
#[derive(Clone, Copy)]
pub struct Archive {
    /// What is kept.
    pub runs: RwSignal<Runs>,
    /// Ids of the runs that are compared.
    pub chosen: RwSignal<Vec<u64>>,
    database: StoredValue<Option<IdbDatabase>, LocalStorage>,
    /// Runs whose events the database has not taken.
    loose: StoredValue<BTreeMap<u64, Recording>, LocalStorage>,
    /// Whether the reader knows that nothing is kept beyond the page.
    told: StoredValue<bool>,
}

impl Archive {
    /// Nothing yet.
    pub fn new() -> Self {
        Self {
            runs: RwSignal::new(Runs::default()),
            chosen: RwSignal::new(Vec::new()),
            database: StoredValue::new_local(None),
            loose: StoredValue::new_local(BTreeMap::new()),
            told: StoredValue::new(false),
        }
    }

    /// The database behind it.
    ///
    /// # Errors
    /// What the browser says.
    pub async fn database(self) -> Result<IdbDatabase, JsValue> {
        if let Some(database) = self.database.try_get_value().flatten() {
            return Ok(database);
        }
        let database = storage::open().await?;
        self.database.try_set_value(Some(database.clone()));
        Ok(database)
    }
}

/// Reads the kept runs, and throws away what is too much or cannot be read.
pub fn load(lab: Lab) {
    spawn_local(async move {
        match restore(lab.archive).await {
            Ok(0) => {}
            Ok(unreadable) => {
                let text = format!("This version cannot read {unreadable} of the kept runs; they were dropped.");
                lab.notice(text, false);
            }
            Err(_) => tell(lab),
        }
    });
}

async fn restore(archive: Archive) -> Result<usize, JsValue> {
    let database = archive.database().await?;
    // In this order: what another page adds in between is not taken for unreadable.
    let (records, events) = (storage::numbers(&database, RECORDS).await?, storage::numbers(&database, EVENTS).await?);
    let texts = storage::all(&database, RECORDS).await?;
    let restore = |runs: &mut Runs| {
        let unreadable = runs.restore(&texts);
        runs.trim();
        unreadable
    };
    let unreadable = archive.runs.try_update(restore).unwrap_or_default();
    let runs = archive.runs.try_get_untracked().unwrap_or_default();
    for id in records.into_iter().filter(|id| runs.get(*id).is_none()) {
        storage::delete(&database, RECORDS, id).await?;
    }
    for id in events.into_iter().filter(|id| !runs.has_events(*id)) {
        storage::delete(&database, EVENTS, id).await?;
    }
    Ok(unreadable)
}

/// Keeps the reader's own run, which has just finished.
pub fn keep_own(lab: Lab) {
    let own = untrack(|| lab.tape.with_own(RunLog::clone));
    let record = lab.catalogue.with_untracked(|catalogue| RunRecord::of(&own, catalogue, js_sys::Date::now()));
    if let Some(record) = record {
        keep(lab, record, lab.tape.own_recording());
    }
}

/// Keeps a finished run with its events; gives its id.
pub fn keep(lab: Lab, record: RunRecord, recording: Recording) -> Option<u64> {
    let archive = lab.archive;
    let (id, dropped) = archive.runs.try_update(|runs| (runs.add(record), runs.trim()))?;
    archive.loose.update_value(|loose| {
        loose.retain(|id, _| archive.runs.with_untracked(|runs| runs.has_events(*id)));
        loose.insert(id, recording.clone());
    });
    spawn_local(async move {
        write(lab, id).await;
        for id in dropped {
            forget(lab, id).await;
        }
        match keep_events(archive, id, &recorded::write(&recording).await).await {
            Ok(()) => drop(archive.loose.try_update_value(|loose| loose.remove(&id))),
            Err(_) => tell(lab),
        }
    });
    Some(id)
}

/// Keeps the events of a run, and throws those away that are too old.
async fn keep_events(archive: Archive, id: u64, events: &str) -> Result<(), JsValue> {
    let database = archive.database().await?;
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
    lab.overlay.set(None);
    spawn_local(async move {
        let name = archive.runs.try_with_untracked(|runs| runs.get(id).map(|record| record.name.clone()));
        let name = name.flatten().unwrap_or_default();
        if let Some(recording) = archive.loose.try_with_value(|loose| loose.get(&id).cloned()).flatten() {
            return lab.tape.show(name, recording);
        }
        let events = match archive.database().await {
            Ok(database) => storage::get(&database, EVENTS, id).await.unwrap_or_default().as_string(),
            Err(_) => None,
        };
        match events {
            Some(events) => recorded::open_file(lab, name, events),
            None => lab.notice("The events of this run are not kept any more; run it again to see it.", true),
        }
    });
}

/// Runs a kept run again.
pub fn run_again(lab: Lab, id: u64) {
    let link = lab.archive.runs.with_untracked(|runs| runs.get(id).map(|record| record.link.clone()));
    if let Some(link) = link {
        lab.overlay.set(None);
        intent::run_link(lab, &link);
    }
}

/// Changes a kept run.
pub fn change(lab: Lab, id: u64, change: impl FnOnce(&mut Runs)) {
    lab.archive.runs.update(change);
    spawn_local(write(lab, id));
}

/// Removes a kept run.
pub fn remove(lab: Lab, id: u64) {
    lab.archive.chosen.update(|chosen| chosen.retain(|it| *it != id));
    lab.archive.runs.update(|runs| runs.remove(id));
    lab.archive.loose.update_value(|loose| drop(loose.remove(&id)));
    spawn_local(forget(lab, id));
}

/// Brings a run as it is in the list to the database.
async fn write(lab: Lab, id: u64) {
    let record = lab.archive.runs.try_with_untracked(|runs| serde_json::to_string(runs.get(id)?).ok()).flatten();
    let Some(record) = record else { return };
    let done: Result<(), JsValue> = async {
        let database = lab.archive.database().await?;
        storage::put(&database, RECORDS, id, &record.into()).await
    }
    .await;
    if done.is_err() {
        tell(lab);
    }
}

async fn forget(lab: Lab, id: u64) {
    let done: Result<(), JsValue> = async {
        let database = lab.archive.database().await?;
        storage::delete(&database, RECORDS, id).await?;
        storage::delete(&database, EVENTS, id).await
    }
    .await;
    if done.is_err() {
        tell(lab);
    }
}

/// Says once that runs are not kept beyond the page.
fn tell(lab: Lab) {
    if lab.archive.told.try_get_value() == Some(false) {
        lab.archive.told.set_value(true);
        lab.notice("The browser does not store all runs: some are listed only until the page is closed.", false);
    }
}
