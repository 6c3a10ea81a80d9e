//! What comes from the worker, folded into the state of the page.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;
use std::time::Duration;

use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::{Adjustment, Catalogue, EngineKind, Event, Fault, FaultKind, Message};

use super::engine_client::Report;
use super::images::{self, Images};
use super::lab::{Lab, PageFault, Remedy};
use super::worker_file::WorkerFile;
use super::{archive, files, intent, interrupted, link, own, recorded};
use crate::view::operations::Operation;
use crate::view::transport::SKIPS_DRAWING;

/// How often the page takes events in at the speed that skips drawing.
const SKIPPED: Duration = Duration::from_secs(1);

type Queue = Rc<RefCell<VecDeque<Event>>>;

/// Starts a worker for the engine asked for. The run log stays until the next run starts.
pub fn connect(lab: Lab) {
    lab.connected.set(false);
    lab.playing.set(false);
    lab.engine.set(None);
    let choice = lab.engine_choice.get_untracked();
    spawn_local(async move {
        let (file, note) = WorkerFile::of(choice).await;
        // The reader may have chosen otherwise in the meantime.
        if lab.engine_choice.try_get_untracked() != Some(choice) {
            return;
        }
        lab.engine_note.set(note);
        let queue = Queue::default();
        lab.client.with_value(|client| client.start(file, move |report| receive(lab, &queue, report)));
    });
}

fn receive(lab: Lab, queue: &Queue, report: Report) {
    match report {
        Report::Message(message, buffers) => take(lab, queue, message, buffers),
        Report::OtherVersion => lab.fault.set(Some(PageFault {
            title: "Another version".to_owned(),
            message: "The page and its worker are of different versions, because one of them was kept by the browser."
                .to_owned(),
            advice: "Reload the page to get both anew.".to_owned(),
            remedy: Remedy::Reload,
        })),
        Report::Died(message) => {
            let gpu = lab.client.with_value(|client| client.file()) == Some(WorkerFile::Gpu);
            lab.client.with_value(|client| client.stop());
            drain(lab, queue);
            lab.playing.set(false);
            lab.connected.set(false);
            lab.prepared.set(None);
            let action = match interrupted::newest(lab) {
                Some(place) => format!("Start it again: the run goes on from {place}."),
                None => "Start it again; a reset then replays the run.".to_owned(),
            };
            let fault = Fault { kind: FaultKind::Worker, message, action };
            lab.fault.set(Some(page_fault(&fault, gpu && !lab.begun.get_untracked())));
            if lab.begun.get_untracked() {
                lab.tape.take(vec![Event::Faulted { fault }]);
            }
        }
    }
}

/// Takes in what can be chosen, and prepares a run.
fn greet(lab: Lab, catalogue: Catalogue) {
    let first = lab.catalogue.with_untracked(|known| known.presets.is_empty());
    lab.catalogue.set(catalogue);
    lab.connected.set(true);
    if first {
        link::restore(lab);
    }
    // After a fault the log of the run stays until the reader asks for another.
    if !interrupted::start(lab) && !lab.begun.get_untracked() {
        intent::prepare(lab);
        recorded::offer(lab);
    }
}

fn take(lab: Lab, queue: &Queue, message: Message, mut buffers: Vec<Vec<u8>>) {
    match message {
        Message::Hello { catalogue, .. } => spawn_local(async move {
            let own = own::list().await;
            // It may have died in the meantime.
            if lab.client.with_value(|client| client.file().is_some()) {
                greet(lab, Catalogue { datasets: [catalogue.datasets, own].concat(), ..catalogue });
            }
        }),
        Message::Events { events } => enqueue(lab, queue, events),
        Message::Pacing { playing, engine } => {
            lab.playing.set(playing);
            lab.engine.set(Some(engine));
            if !playing {
                drain(lab, queue);
            }
        }
        Message::Images { count, channels, height, width } => {
            let images = Images { count, channels, size: (width, height) };
            images::show(lab, images, buffers.pop().unwrap_or_default());
        }
        Message::Checkpointed => {
            // It stands after all that came before it.
            drain(lab, queue);
            interrupted::keep(lab, &buffers.pop().unwrap_or_default());
        }
        Message::Exported { file, card } => {
            let weights = buffers.pop().unwrap_or_default();
            if let Err(reason) = files::save_model(&file, &weights, &card) {
                lab.notice(reason, true);
            }
        }
        // Speed is asked for in a worker apart.
        Message::Probed(_) => {}
        Message::Refused { reason } => {
            lab.importing.set(false);
            lab.notice(reason, true);
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
        if lab.playing.get_untracked() && lab.pace.get_untracked() == SKIPS_DRAWING {
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
        intent::adjust(lab);
    }
}

/// Takes events of the reader's own run in.
pub fn replay(lab: Lab, events: Vec<Event>) {
    for event in &events {
        note(lab, event);
    }
    lab.tape.take(events);
}

/// What an event means for the page beyond the log.
fn note(lab: Lab, event: &Event) {
    match event {
        Event::RunStarted { scenario, engine, .. } => {
            lab.prepared.set(Some(scenario.clone()));
            lab.engine.set(Some(engine.clone()));
            lab.fault.set(None);
            lab.operation.set(Operation::default());
            lab.select(Vec::new());
            if lab.importing.get_untracked() {
                lab.importing.set(false);
                lab.draft.set(scenario.clone());
                link::push(lab);
            }
        }
        Event::Adjusted { model, setting, adjusted } => lab.prepared.update(|held| {
            if let Some(held) = held {
                held.adjust(&Adjustment { stage: model.stage, setting: setting.clone(), value: adjusted.to });
            }
        }),
        Event::Faulted { fault } => {
            lab.playing.set(false);
            // From the same point it would go the same way.
            if matches!(fault.kind, FaultKind::NotFinite | FaultKind::File) {
                interrupted::forget(lab);
            }
            let gpu =
                lab.engine.with_untracked(|engine| engine.as_ref().is_some_and(|it| it.kind == EngineKind::Webgpu));
            lab.fault.set(Some(page_fault(fault, gpu)));
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
