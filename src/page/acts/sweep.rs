//! The workers of a sweep: one for each run under way, ended with it. What is heard of a run is taken in once a second, so that
//! many of them leave the page its time.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use leptos::prelude::*;
use protocol::{Command, EngineChoice, Event, Message, Recording, RunLog, Scenario};

use super::{archive, edit};
use crate::page::state::{Lab, Overlay};
use crate::page::worker::engine_client::EngineClient;
use crate::page::worker::{Report, WorkerFile};
use crate::view::chrome::pulse::LASTING_S;
use crate::view::chrome::runs::RunRecord;
use crate::view::chrome::sweep::{Job, Sweep, choices};

/// Shortest time between two looks at a run, in milliseconds.
const LOOK_MS: f64 = 1000.0;
/// Checkpoints per model in what is kept of the events of a run.
const CHECKPOINTS: usize = 4;

thread_local! {
    /// The workers of runs under way, by the place of the run.
    static CLIENTS: RefCell<BTreeMap<usize, EngineClient>> = const { RefCell::new(BTreeMap::new()) };
}

/// What is known of a run under way.
struct Desk {
    job: Job,
    log: RunLog,
    recording: Recording,
    looked_ms: f64,
}

/// Starts the runs of the plan in the form, in place of the last sweep.
pub fn start(lab: Lab) {
    let sweeps = lab.sweeps;
    let jobs = lab.settings.draft.with_untracked(|base| {
        lab.settings.catalogue.with_untracked(|catalogue| sweeps.plan.with_untracked(|plan| plan.jobs(base, catalogue)))
    });
    match jobs {
        Ok(jobs) => {
            stop();
            sweeps.begin(Sweep::new(jobs, sweeps.workers.get_untracked()));
            fill(lab);
        }
        Err(reason) => lab.messages.notice(reason, true),
    }
}

/// Puts a method beside those of the plan in the form, and shows the plan. The scenario is one that both suit.
pub fn compare(lab: Lab, scenario: Scenario, method: &str) {
    let known = |id: &String| {
        lab.settings.catalogue.with_untracked(|catalogue| {
            choices(&scenario, catalogue).is_ok_and(|choices| choices.iter().any(|(other, _)| other == id))
        })
    };
    let own = scenario.stages.last().map(|stage| stage.method.id.clone());
    lab.sweeps.ask(|plan| {
        plan.methods.retain(known);
        for id in own.into_iter().chain([method.to_owned()]) {
            if !plan.methods.contains(&id) {
                plan.methods.push(id);
            }
        }
    });
    edit::take_up(lab, scenario);
    lab.look.cover(Some(Overlay::Sweep));
}

/// Gives up what is not done.
pub fn cancel(lab: Lab) {
    stop();
    lab.sweeps.change(Sweep::cancel);
}

/// Ends all workers.
fn stop() {
    CLIENTS.take().values().for_each(EngineClient::stop);
}

/// Starts runs while workers are free.
fn fill(lab: Lab) {
    while let Some((at, job)) = lab.sweeps.change(|sweep| sweep.begin(js_sys::Date::now())).flatten() {
        begin(lab, at, job);
    }
}

/// Begins a run in a worker of its own.
fn begin(lab: Lab, at: usize, job: Job) {
    let client = EngineClient::default();
    CLIENTS.with_borrow_mut(|clients| clients.insert(at, client.clone()));
    let scenario = job.scenario.clone();
    let recording = Recording::with_limit(CHECKPOINTS);
    let desk = Rc::new(RefCell::new(Desk { job, log: RunLog::default(), recording, looked_ms: 0.0 }));
    let wide = lab.settings.catalogue.with_untracked(|known| known.is_wide(&scenario));
    client.start(WorkerFile::cpu(wide), move |report| receive(lab, at, &desk, report));
    for command in [Command::Prepare { scenario, engine: EngineChoice::Cpu }, Command::Play] {
        // A new worker keeps commands until it listens.
        let _ = client.send(command, Vec::new());
    }
}

fn receive(lab: Lab, at: usize, desk: &Rc<RefCell<Desk>>, report: Report) {
    match report {
        Report::Message(Message::Events { events }, _) => take(lab, at, &mut desk.borrow_mut(), events),
        Report::Died(reason) => lose(lab, at, reason),
        Report::Lasting(reason) => {
            lab.messages.unsay(&quiet(&desk.borrow().job));
            lose(lab, at, reason);
        }
        // A run that has begun ends by a fault; what is refused beside it is not its end.
        Report::Message(Message::Refused { reason }, _) if desk.borrow().log.scenario.is_none() => {
            end(lab, at, Err(reason));
        }
        Report::OtherVersion => end(lab, at, Err("Reload the page: it is older than its worker.".to_owned())),
        Report::Silent(true) => lab.messages.notice(quiet(&desk.borrow().job), false),
        Report::Silent(false) => lab.messages.unsay(&quiet(&desk.borrow().job)),
        Report::Message(..) => {}
    }
}

/// What is said of a run whose worker is silent.
fn quiet(job: &Job) -> String {
    format!(
        "{} of the sweep has not been heard of for a while. A large fit or measurement can take that long, and so can a slow network; \
         after {LASTING_S} seconds it is begun anew, once.",
        job.name
    )
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
        lab.sweeps.change(|sweep| sweep.hear(at, &desk.log));
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
    let record = lab.settings.catalogue.with_untracked(|catalogue| RunRecord::of(&desk.log, catalogue, now));
    let record = record.ok_or("The run cannot be written down.")?;
    let record = RunRecord { name: desk.job.name.clone(), ..record };
    let id = archive::keep(lab, record.clone(), desk.recording.clone()).unwrap_or(record.id);
    Ok(RunRecord { id, ..record })
}

/// Begins a run anew whose worker is gone or as good as gone. One that loses its worker twice has failed.
fn lose(lab: Lab, at: usize, reason: String) {
    if dismiss(at) {
        match lab.sweeps.change(|sweep| sweep.begin_anew(at, js_sys::Date::now())).flatten() {
            Some(job) => begin(lab, at, job),
            None => close(lab, at, Err(reason)),
        }
    }
}

/// Ends a run and its worker, and goes on with what waits.
fn end(lab: Lab, at: usize, outcome: Result<RunRecord, String>) {
    if dismiss(at) {
        close(lab, at, outcome);
    }
}

/// Ends the worker of a run. False for one that was given up: it may still have had a word on its way.
fn dismiss(at: usize) -> bool {
    CLIENTS.with_borrow_mut(|clients| clients.remove(&at)).inspect(EngineClient::stop).is_some()
}

/// Takes in what came of a run, and goes on with what waits.
fn close(lab: Lab, at: usize, outcome: Result<RunRecord, String>) {
    lab.sweeps.change(|sweep| sweep.end(at, outcome, js_sys::Date::now()));
    fill(lab);
    if let Some(status) = lab.sweeps.change(|sweep| sweep.is_over().then(|| sweep.status(0.0))).flatten() {
        lab.messages.notice(format!("The sweep is over: {status}"), false);
    }
}
