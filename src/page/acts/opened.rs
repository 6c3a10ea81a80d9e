//! Runs that a reader opens: the page shows one, and form and address are those of its scenario.

use std::cell::RefCell;

use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::{Command, EngineChoice, Event, Message, Recording, Scenario};

use super::{engine, link};
use crate::page::browser::events;
use crate::page::browser::sheet::{Images, Sheet};
use crate::page::state::{Lab, Other, Source};
use crate::page::worker::engine_client::EngineClient;
use crate::page::worker::{Report, WorkerFile};
use crate::view::chrome::opened::too_large;

thread_local! {
    /// The worker that makes test images of a run on show.
    static MAKER: RefCell<EngineClient> = RefCell::default();
}

/// Shows a run that was opened at its newest moment, and brings its settings into the form. The reader's own run waits.
pub fn show(lab: Lab, name: String, recording: Recording) {
    engine::pause(lab);
    lab.tape.show(Other::Opened(name), recording);
    let made = lab.tape.with_newest(|log| log.scenario.clone());
    let Some(mut made) = made else { return };
    // What this browser lacks of it is said once, here.
    for text in lab.settings.catalogue.with_untracked(|catalogue| made.settle(catalogue)) {
        lab.messages.notice(text, false);
    }
    if lab.settings.draft.with_untracked(|draft| *draft != made) {
        link::adopt(lab, made);
    }
}

/// Shows the events of a file, unless something else is asked for meanwhile.
pub fn open_file(lab: Lab, name: String, text: String) {
    let number = lab.tape.ask(Some(Other::Opened(name.clone())));
    spawn_local(async move {
        match events::read(&text).await {
            Ok(_) if !lab.tape.still_asks(number) => {}
            Ok(recording) => {
                if let Some(reason) = too_large(recording.events()) {
                    let text = format!("{name} cannot be shown: {reason}. Nothing was changed.");
                    return lab.messages.notice(text, true);
                }
                show(lab, name, recording);
            }
            Err(reason) => {
                lab.messages.notice(format!("{name} cannot be shown: {reason}. Nothing was changed."), true);
            }
        }
    });
}

/// Goes back from a run that was opened to the reader's own, whose settings come back into the form.
pub fn leave(lab: Lab) {
    lab.tape.leave();
    if let Some(held) = lab.run.prepared.get_untracked()
        && lab.settings.draft.with_untracked(|draft| *draft != held)
    {
        link::adopt(lab, held);
    }
}

/// Says of each run that comes on show what a later version wrote of it that this one does not know.
pub fn use_left_out(lab: Lab) {
    Effect::new(move |_| {
        lab.tape.turn.track();
        let name = match lab.tape.recorded.get_untracked() {
            Some(Other::Opened(name)) => name,
            Some(Other::Shipped(id)) => format!("The recorded run of {id}"),
            // Of the reader's own it is said where that is taken up.
            None => return,
        };
        if let Some(left_out) = lab.tape.left_out() {
            lab.messages.notice(format!("{name}: {left_out}"), false);
        }
    });
}

/// Forgets what a reader picked and selected where a run of other items comes on show.
pub fn use_items(lab: Lab) {
    Effect::new(move |before: Option<Option<Source>>| {
        let (before, now) = (before.flatten(), lab.pictures.shown.get());
        if before.is_some() && now.is_some() && before != now {
            lab.focus.forget();
        }
        now.or(before)
    });
}

/// Has the test images of the run on show made where the worker holds a run with others.
pub fn use_images(lab: Lab) {
    Effect::new(move |_| {
        // Of what is no longer on show none are needed.
        MAKER.take().stop();
        if let Some(scenario) = lab.pictures.lacking.get() {
            fetch_images(lab, scenario);
        }
    });
}

/// Has a worker make the test images of a scenario; it ends once it has.
fn fetch_images(lab: Lab, scenario: Scenario) {
    let client = EngineClient::default();
    MAKER.set(client.clone());
    let wide = lab.settings.catalogue.with_untracked(|known| known.is_wide(&scenario));
    let (own, wanted) = (client.clone(), scenario.clone());
    client.start(WorkerFile::cpu(wide), move |report| {
        let failed = |reason: &str| {
            own.stop();
            lab.messages.notice(format!("The images of the run on show cannot be had: {reason}"), false);
        };
        match report {
            Report::Message(Message::Images { count, channels, height, width }, mut buffers) => {
                own.stop();
                let images = Images { count, channels, size: (width, height) };
                let (wanted, pixels) = (wanted.clone(), buffers.pop().unwrap_or_default());
                spawn_local(async move {
                    match Sheet::new(images, &pixels).await {
                        Ok(sheet) => lab.pictures.set_other(&wanted, sheet),
                        Err(reason) => lab.messages.notice(reason, true),
                    }
                });
            }
            Report::Message(Message::Events { events }, _) => {
                let fault = events.iter().find_map(|event| match event {
                    Event::Faulted { fault } => Some(fault),
                    _ => None,
                });
                if let Some(fault) = fault {
                    failed(&fault.message);
                }
            }
            Report::Message(Message::Refused { reason }, _) | Report::Died(reason) | Report::Lasting(reason) => {
                failed(&reason);
            }
            Report::OtherVersion => failed("reload the page, which is older than its worker."),
            Report::Message(..) | Report::Silent(_) => {}
        }
    });
    // A new worker keeps commands until it listens.
    let _ = client.send(Command::Prepare { scenario, engine: EngineChoice::Cpu }, Vec::new());
}
