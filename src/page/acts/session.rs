//! What comes from the worker, folded into the state of the page.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;
use std::time::Duration;

use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::{
    Adjustment, Catalogue, Command, DatasetInfo, EngineChoice, EngineKind, Event, Fault, FaultKind, GpuProgram,
    Message, Recording,
};

use super::{archive, engine, interrupted, link, pictures, recorded};
use crate::page::browser::sheet::Images;
use crate::page::browser::{catalogue, files, in_words, kept, own_cache};
use crate::page::state::{Lab, PageFault, Remedy};
use crate::page::worker::{Report, WorkerFile, gpu_program};
use crate::view::chrome::actions::Action;
use crate::view::chrome::death::{Lost, started_again};
use crate::view::chrome::engine::{ARRIVED, missing};
use crate::view::chrome::operations::Operation;
use crate::view::chrome::pulse::{SILENT_S, UNHEARD_S};
use crate::view::chrome::transport::SKIPS_DRAWING;

/// How often the page takes events in at the speed that skips drawing.
const SKIPPED: Duration = Duration::from_secs(1);
/// How often the page asks for an engine that is being compiled.
const ASKED: Duration = Duration::from_secs(3);

type Queue = Rc<RefCell<VecDeque<Event>>>;

/// Takes in what can be chosen and the scenario of the address, and prepares a run of it.
pub fn begin(lab: Lab) {
    spawn_local(async move {
        match catalogue::fetch().await {
            Ok(shipped) => {
                let datasets = [shipped.datasets, own_datasets(lab).await].concat();
                lab.settings.set_catalogue(Catalogue { datasets, ..shipped });
                // It looks at the address as it was opened.
                interrupted::load(lab);
                link::restore(lab);
                restart(lab);
                recorded::offer(lab);
            }
            Err(reason) => lab.messages.set_fault(Some(PageFault {
                title: "A part of the page is missing".to_owned(),
                message: format!("The list of what can be chosen could not be loaded: {reason}."),
                advice: "Look whether the network is there, then reload the page.".to_owned(),
                remedy: Remedy::Reload,
            })),
        }
    });
}

/// Starts a worker for the scenario in the form, and prepares a run. After a fault the log of the run stays until the reader asks for
/// another.
pub fn restart(lab: Lab) {
    connect(lab, engine::is_wide(lab));
    if !lab.run.begun.get_untracked() {
        engine::prepare(lab);
    }
}

/// Starts a worker for the engine asked for, with every family of methods or not. What it is told from here on waits for it; the run log
/// stays until the next run starts.
fn connect(lab: Lab, wide: bool) {
    engine::stop();
    lab.messages.withdraw(Action::Restart);
    let edition = engine::edition();
    lab.engine.set_connected(false);
    lab.run.set_playing(false);
    lab.engine.set_report(None);
    lab.engine.set_outdated(false);
    let choice = lab.engine.choice.get_untracked();
    spawn_local(async move {
        let pick = WorkerFile::of(choice, wide).await;
        // The reader may have asked for another in the meantime.
        if engine::edition() != edition {
            return;
        }
        lab.engine.set_note(pick.note);
        let queue = Queue::default();
        engine::start(pick.file, move |report| receive(lab, &queue, report));
        if pick.coming {
            look_out(lab, edition);
        }
    });
}

/// Asks now and then for the engine that is being compiled, as long as no other worker is asked for: that asks by itself.
fn look_out(lab: Lab, edition: u32) {
    let ask = move || {
        spawn_local(async move {
            if engine::edition() != edition {
                return;
            }
            let gpu = gpu_program().await;
            if engine::edition() != edition {
                return;
            }
            match missing(gpu) {
                Some(_) if gpu == GpuProgram::Compiling => look_out(lab, edition),
                Some(words) => lab.engine.set_note(words.to_owned()),
                None => take_up(lab),
            }
        });
    };
    set_timeout(ask, ASKED);
}

/// Takes an engine that has come: at once where no run has begun, else with the next run.
fn take_up(lab: Lab) {
    lab.messages.notice(ARRIVED, false);
    if lab.run.begun.get_untracked() {
        lab.engine.set_outdated(true);
        lab.engine.set_note(ARRIVED.to_owned());
    } else {
        restart(lab);
    }
}

fn receive(lab: Lab, queue: &Queue, report: Report) {
    match report {
        Report::Message(message, buffers) => take(lab, queue, message, buffers),
        Report::Silent(true) => {
            let way = match interrupted::newest(lab) {
                Some(place) => format!("the run goes on from {place}"),
                None => "the run begins anew".to_owned(),
            };
            let text = if lab.engine.connected.get_untracked() {
                format!(
                    "The engine has not answered for {SILENT_S} seconds. A large fit or measurement can take that long; if it hangs, start \
                     it again: {way}."
                )
            } else {
                format!(
                    "The engine has been on its way for {UNHEARD_S} seconds, and nothing was heard of it. Over a slow network it can take \
                     that long; if it does not come, start it again: {way}."
                )
            };
            lab.messages.offer(text, vec![Action::Restart]);
        }
        Report::Silent(false) => lab.messages.withdraw(Action::Restart),
        // The reader was told, and decides: a run would be lost with it.
        Report::Lasting(_) => {}
        Report::OtherVersion => lab.messages.set_fault(Some(PageFault {
            title: "Another version".to_owned(),
            message: "The page and its worker are of different versions, because one of them was kept by the browser."
                .to_owned(),
            advice: "Reload the page to get both anew.".to_owned(),
            remedy: Remedy::Reload,
        })),
        Report::Died(message) => {
            let gpu = engine::file() == Some(WorkerFile::Gpu);
            engine::stop();
            lab.messages.withdraw(Action::Restart);
            drain(lab, queue);
            let lost = untrack(|| lab.tape.with_own(Lost::of));
            // One that has no run yet and dies would do so again and again, and who asked for a run is told that it does not come.
            let idle = !lab.run.playing.get_untracked() && lab.engine.report.with_untracked(Option::is_some);
            lab.run.set_playing(false);
            lab.run.set_importing(false);
            lab.engine.set_connected(false);
            if lost == Lost::Weights {
                // Of a finished run the worker held the weights alone: what it was of is still known.
                lab.engine.set_report(None);
                if idle {
                    lab.messages.notice(started_again(&message), true);
                    return restart(lab);
                }
            } else {
                lab.run.set_prepared(None);
            }
            let action = match interrupted::newest(lab) {
                Some(place) => format!("Start it again: the run goes on from {place}."),
                None => "Start it again; a reset then replays the run.".to_owned(),
            };
            let fault = Fault { kind: FaultKind::Worker, message, action };
            lab.messages.set_fault(Some(page_fault(&fault, gpu && !lab.run.begun.get_untracked())));
            if lost == Lost::Rest {
                lab.tape.take(vec![Event::Faulted { fault }]);
            }
        }
    }
}

/// Goes on with a run after these events from this checkpoint, in a worker that has no other run.
pub fn go_on(lab: Lab, recording: &Recording, checkpoint: Vec<u8>) {
    let started = recording.events().find_map(|event| match event {
        Event::RunStarted { scenario, engine, .. } => Some((scenario, engine.kind)),
        _ => None,
    });
    // Every worker has the CPU engine.
    if started.is_some_and(|(_, kind)| kind == EngineKind::Webgpu) {
        lab.engine.set_choice(EngineChoice::Webgpu);
    }
    let is_wide = |scenario| lab.settings.catalogue.with_untracked(|known| known.is_wide(scenario));
    connect(lab, started.is_some_and(|(scenario, _)| is_wide(scenario)));
    // The form is as the run was; after a worker's death it is as the reader left it.
    let anew = !lab.run.begun.get_untracked();
    lab.tape.leave();
    replay(lab, recording.events().cloned().collect());
    if let Some(scenario) = lab.run.prepared.get_untracked().filter(|_| anew) {
        lab.settings.set_draft(scenario);
        link::push(lab);
    }
    engine::deliver(lab, Command::Resume, vec![checkpoint]);
    engine::set_pace(lab, lab.run.pace.get_untracked());
    engine::play(lab);
}

/// Brings files to a worker with every family of methods that one without has sent back.
fn import_elsewhere(lab: Lab, files: Vec<Vec<u8>>) {
    connect(lab, true);
    lab.tape.clear();
    lab.run.set_prepared(None);
    engine::deliver(lab, Command::Import, files);
}

/// Datasets that the reader brought; says what is not among them any more.
async fn own_datasets(lab: Lab) -> Vec<DatasetInfo> {
    let listed = own_cache::list().await.unwrap_or_else(|error| {
        // Where nothing is kept, that was said.
        if kept::is_possible() {
            let reason = in_words(&error);
            let text = format!("Your own data cannot be listed: the browser does not give it out ({reason}).");
            lab.messages.notice(text, true);
        }
        own_cache::Listed::default()
    });
    if listed.unreadable > 0 {
        let text = format!("This version cannot read {} of your own datasets: import them again.", listed.unreadable);
        lab.messages.notice(text, false);
    }
    listed.found
}

fn take(lab: Lab, queue: &Queue, message: Message, mut buffers: Vec<Vec<u8>>) {
    match message {
        Message::Hello { .. } => lab.engine.set_connected(true),
        Message::Events { events } => enqueue(lab, queue, events),
        Message::Pacing { playing, engine } => {
            lab.run.set_playing(playing);
            lab.engine.set_report(Some(engine));
            if !playing {
                drain(lab, queue);
            }
        }
        Message::Images { count, channels, height, width } => {
            let images = Images { count, channels, size: (width, height) };
            pictures::show(lab, images, buffers.pop().unwrap_or_default());
        }
        Message::Checkpointed => {
            // It stands after all that came before it.
            drain(lab, queue);
            interrupted::keep(lab, &buffers.pop().unwrap_or_default());
        }
        Message::Exported { file, card } => {
            let weights = buffers.pop().unwrap_or_default();
            if let Err(reason) = files::save_model(&file, &weights, &card) {
                lab.messages.notice(reason, true);
            }
        }
        // Speed is asked for in a worker apart; that one hears was taken in with the message.
        Message::Probed(_) | Message::Alive => {}
        Message::Found { nearest } => lab.own_query.set_nearest(nearest),
        Message::Elsewhere => import_elsewhere(lab, buffers),
        Message::Refused { reason } => {
            lab.run.set_importing(false);
            if lab.own_query.waits.get_untracked() {
                lab.own_query.set_nearest(Vec::new());
            }
            lab.messages.notice(reason, true);
        }
    }
}

/// Events wait for the end of the next frame, so that a burst is one change of the log, and what is drawn of it one drawing. At the speed
/// that skips drawing a second is one burst.
fn enqueue(lab: Lab, queue: &Queue, events: Vec<Event>) {
    let idle = queue.borrow().is_empty();
    queue.borrow_mut().extend(events);
    // A hidden page has no frames.
    if gloo::utils::document().hidden() {
        drain(lab, queue);
    } else if idle {
        let queue = Rc::clone(queue);
        let drain = move || drain(lab, &queue);
        if lab.run.playing.get_untracked() && lab.run.pace.get_untracked() == SKIPS_DRAWING {
            set_timeout(drain, SKIPPED);
        } else {
            // Once in a frame, but beside it: what the events change and what the browser then lays out and paints are two tasks.
            request_animation_frame(move || set_timeout(drain, Duration::ZERO));
        }
    }
}

fn drain(lab: Lab, queue: &Queue) {
    let events: Vec<Event> = queue.borrow_mut().drain(..).collect();
    if events.is_empty() {
        return;
    }
    let any = |wanted: fn(&Event) -> bool| events.iter().any(wanted);
    let finished = any(|event| matches!(event, Event::RunFinished { .. }));
    let adjusted = any(|event| matches!(event, Event::Adjusted { .. }));
    replay(lab, events);
    if finished {
        archive::keep_own(lab);
        interrupted::forget(lab);
    }
    if adjusted {
        // The form may have changed again while the worker was at it.
        engine::adjust(lab);
    }
}

/// Takes events of the reader's own run in.
fn replay(lab: Lab, events: Vec<Event>) {
    for event in &events {
        note(lab, event);
    }
    lab.tape.take(events);
}

/// What an event means for the page beyond the log.
fn note(lab: Lab, event: &Event) {
    match event {
        Event::RunStarted { scenario, engine, .. } => {
            lab.run.set_prepared(Some(scenario.clone()));
            lab.engine.set_report(Some(engine.clone()));
            lab.messages.set_fault(None);
            // What is looked at may be of another run, behind which this one begins.
            if lab.tape.recorded.with_untracked(Option::is_none) {
                lab.focus.operate(|operation| *operation = Operation::default());
                lab.focus.select(Vec::new());
            }
            lab.own_query.set_nearest(Vec::new());
            if lab.run.is_importing() {
                lab.run.set_importing(false);
                // Only now is it certain that there is something else to show.
                lab.tape.leave();
                lab.settings.set_draft(scenario.clone());
                link::push(lab);
            }
        }
        Event::Adjusted { model, setting, adjusted } => {
            lab.run.adjust(&Adjustment { stage: model.stage, setting: setting.clone(), value: adjusted.to });
        }
        Event::Faulted { fault } => {
            lab.run.set_playing(false);
            // From the same point it would go the same way.
            if matches!(fault.kind, FaultKind::NotFinite | FaultKind::File) {
                interrupted::forget(lab);
            }
            let gpu = lab
                .engine
                .report
                .with_untracked(|engine| engine.as_ref().is_some_and(|it| it.kind == EngineKind::Webgpu));
            lab.messages.set_fault(Some(page_fault(fault, gpu)));
        }
        _ => {}
    }
}

fn page_fault(fault: &Fault, gpu: bool) -> PageFault {
    let (title, remedy) = match fault.kind {
        FaultKind::Scenario => ("This scenario cannot run", Remedy::Close),
        FaultKind::Data => ("The images are not usable", Remedy::Restart),
        FaultKind::NotFinite => ("The loss is no longer a number", Remedy::Close),
        FaultKind::Engine if gpu => ("The GPU was lost", Remedy::UseCpu),
        FaultKind::Engine => ("The engine stopped", Remedy::Restart),
        FaultKind::Worker if gpu => ("The worker died", Remedy::UseCpu),
        FaultKind::Worker => ("The worker died", Remedy::Restart),
        FaultKind::File => ("The file cannot be used", Remedy::Close),
    };
    PageFault { title: title.to_owned(), message: fault.message.clone(), advice: fault.action.clone(), remedy }
}
