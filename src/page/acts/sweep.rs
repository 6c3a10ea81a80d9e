//! The workers of a sweep: one for each run under way, ended with it. What is heard of a run is taken in once a second, so that
//! many of them leave the page its time.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use leptos::prelude::*;
use protocol::{Command, EngineChoice, Event, Message, Recording, RunLog};

use super::archive;
use super::engine_client::{EngineClient, Report};
use super::lab::Lab;
use super::worker_file::WorkerFile;
use crate::view::runs::RunRecord;
use crate::view::sweep::{Job, Plan, Sweep};

/// Shortest time between two looks at a run, in milliseconds.
const LOOK_MS: f64 = 1000.0;
/// Checkpoints per model in what is kept of the events of a run.
const CHECKPOINTS: usize = 4;

/// The sweep of the page. Copies are handles to the same state.
#[derive(Clone, Copy)]
pub struct Sweeps {
    /// What the form asks for.
    pub plan: RwSignal<Plan>,
    /// How many workers there may be.
    pub workers: RwSignal<usize>,
    /// The sweep under way or the last one.
    pub sweep: RwSignal<Option<Sweep>>,
    clients: StoredValue<BTreeMap<usize, EngineClient>, LocalStorage>,
}

/// What is known of a run under way.
struct Desk {
    job: Job,
    log: RunLog,
    recording: Recording,
    looked_ms: f64,
}

impl Sweeps {
    /// No sweep yet.
    pub fn new() -> Self {
        Self {
            plan: RwSignal::new(Plan::default()),
            workers: RwSignal::new(most_workers()),
            sweep: RwSignal::new(None),
            clients: StoredValue::new_local(BTreeMap::new()),
        }
    }
}

/// As many workers as the processor can run beside the page.
pub fn most_workers() -> usize {
    (gloo::utils::window().navigator().hardware_concurrency() as usize).saturating_sub(1).max(1)
}

/// Starts the runs of the plan in the form, in place of the last sweep.
pub fn start(lab: Lab) {
    let sweeps = lab.sweeps;
    let jobs = lab.draft.with_untracked(|base| {
        lab.catalogue.with_untracked(|catalogue| sweeps.plan.with_untracked(|plan| plan.jobs(base, catalogue)))
    });
    match jobs {
        Ok(jobs) => {
            stop(lab);
            sweeps.sweep.set(Some(Sweep::new(jobs, sweeps.workers.get_untracked())));
            fill(lab);
        }
        Err(reason) => lab.notice(reason, true),
    }
}

/// Gives up what is not done.
pub fn cancel(lab: Lab) {
    stop(lab);
    change(lab, Sweep::cancel);
}

/// Ends all workers.
fn stop(lab: Lab) {
    let clients = lab.sweeps.clients.try_update_value(std::mem::take).unwrap_or_default();
    clients.values().for_each(EngineClient::stop);
}

fn change<T>(lab: Lab, change: impl FnOnce(&mut Sweep) -> T) -> Option<T> {
    lab.sweeps.sweep.try_update(|sweep| sweep.as_mut().map(change)).flatten()
}

/// Starts runs while workers are free.
fn fill(lab: Lab) {
    while let Some((at, job)) = change(lab, |sweep| sweep.begin(js_sys::Date::now())).flatten() {
        let client = EngineClient::default();
        lab.sweeps.clients.update_value(|clients| drop(clients.insert(at, client.clone())));
        let scenario = job.scenario.clone();
        let recording = Recording::with_limit(CHECKPOINTS);
        let desk = Rc::new(RefCell::new(Desk { job, log: RunLog::default(), recording, looked_ms: 0.0 }));
        client.start(WorkerFile::Cpu, move |report| receive(lab, at, &desk, report));
        for command in [Command::Prepare { scenario, engine: EngineChoice::Cpu }, Command::Play] {
            // A new worker keeps commands until it listens.
            let _ = client.send(command, Vec::new());
        }
    }
}

fn receive(lab: Lab, at: usize, desk: &Rc<RefCell<Desk>>, report: Report) {
    match report {
        Report::Message(Message::Events { events }, _) => take(lab, at, &mut desk.borrow_mut(), events),
        Report::Message(Message::Refused { reason }, _) | Report::Died(reason) => end(lab, at, Err(reason)),
        Report::OtherVersion => end(lab, at, Err("Reload the page: it is older than its worker.".to_owned())),
        Report::Message(..) => {}
    }
}

fn take(lab: Lab, at: usize, desk: &mut Desk, events: Vec<Event>) {
    let mut outcome = None;
    for event in events {
        match &event {
            // What is large is in the recording alone, and there thinned.
            Event::RankingMeasured { .. } | Event::EmbeddingsProjected { .. } => {}
            event => desk.log.apply(event),
        }
        match &event {
            Event::RunFinished { .. } => outcome = Some(Ok(())),
            Event::Faulted { fault } => outcome = Some(Err(format!("{} {}", fault.message, fault.action))),
            _ => {}
        }
        desk.recording.push(event);
    }
    let now = js_sys::Date::now();
    if outcome.is_some() || now - desk.looked_ms >= LOOK_MS {
        desk.looked_ms = now;
        change(lab, |sweep| sweep.hear(at, &desk.log));
    }
    match outcome {
        Some(Ok(())) => end(lab, at, keep(lab, desk)),
        Some(Err(reason)) => end(lab, at, Err(reason)),
        None => {}
    }
}

/// Keeps a finished run among the others.
fn keep(lab: Lab, desk: &Desk) -> Result<RunRecord, String> {
    let now = js_sys::Date::now();
    let record = lab.catalogue.with_untracked(|catalogue| RunRecord::of(&desk.log, catalogue, now));
    let record = record.ok_or("The run cannot be written down.")?;
    let record = RunRecord { name: desk.job.name.clone(), ..record };
    let id = archive::keep(lab, record.clone(), desk.recording.clone()).unwrap_or(record.id);
    Ok(RunRecord { id, ..record })
}

/// Ends a run and its worker, and goes on with what waits.
fn end(lab: Lab, at: usize, outcome: Result<RunRecord, String>) {
    let client = lab.sweeps.clients.try_update_value(|clients| clients.remove(&at)).flatten();
    // A worker that was given up may still have had a word on its way.
    let Some(client) = client else { return };
    client.stop();
    change(lab, |sweep| sweep.end(at, outcome, js_sys::Date::now()));
    fill(lab);
    if let Some(status) = change(lab, |sweep| sweep.is_over().then(|| sweep.status(0.0))).flatten() {
        lab.notice(format!("The sweep is over: {status}"), false);
    }
}
