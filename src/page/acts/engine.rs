//! The one worker of the page, and what it is told. The state knows no workers, so the way to it is held here.

use leptos::prelude::*;
use protocol::{Command, ModelId};

use crate::page::state::Lab;
use crate::page::worker::engine_client::EngineClient;
use crate::page::worker::{Report, WorkerFile};
use crate::view::chrome::hot::Difference;
use crate::view::chrome::transport::pace;

thread_local! {
    static CLIENT: EngineClient = EngineClient::default();
}

/// The file of the running worker.
pub fn file() -> Option<WorkerFile> {
    CLIENT.with(EngineClient::file)
}

/// Starts a worker where none runs. What it was told before waits for it.
pub fn start(file: WorkerFile, report: impl Fn(Report) + 'static) {
    CLIENT.with(|client| client.start(file, report));
}

/// Ends the running worker and forgets what waits for it.
pub fn stop() {
    CLIENT.with(EngineClient::stop);
}

/// No other worker was asked for as long as this is the same.
pub fn edition() -> u32 {
    CLIENT.with(EngineClient::edition)
}

/// Whether the scenario in the form needs a worker with every family of methods.
pub fn is_wide(lab: Lab) -> bool {
    lab.settings.draft.with_untracked(|draft| lab.settings.catalogue.with_untracked(|known| known.is_wide(draft)))
}

/// Tells the worker something.
pub fn send(lab: Lab, command: Command) {
    deliver(lab, command, Vec::new());
}

/// Tells the worker something and gives it what belongs to it.
pub fn deliver(lab: Lab, command: Command, buffers: Vec<Vec<u8>>) {
    if let Err(reason) = CLIENT.with(|client| client.send(command, buffers)) {
        lab.messages.notice(reason, true);
    }
}

/// Asks a worker for a fresh run of the scenario in the form.
pub fn prepare(lab: Lab) {
    let scenario = lab.settings.draft.get_untracked();
    let engine = lab.engine.choice.get_untracked();
    send(lab, Command::Prepare { scenario, engine });
    set_pace(lab, lab.run.pace.get_untracked());
}

/// Lets the run go on by itself.
pub fn play(lab: Lab) {
    lab.run.set_playing(true);
    send(lab, Command::Play);
}

/// Stops the run.
pub fn pause(lab: Lab) {
    lab.run.set_playing(false);
    send(lab, Command::Pause);
}

/// Sets the speed.
pub fn set_pace(lab: Lab, stop: usize) {
    lab.run.set_pace(stop);
    send(lab, Command::SetPace { pace: pace(stop) });
}

/// Changes what can change while the run goes on, where the form says so. While another is on show, the form is of that.
pub fn adjust(lab: Lab) {
    if lab.tape.recorded.with_untracked(Option::is_some) {
        return;
    }
    if let Difference::Adjust(adjustments) = lab.run.difference.get_untracked()
        && lab.engine.connected.get_untracked()
    {
        adjustments.into_iter().for_each(|adjustment| send(lab, Command::Adjust { adjustment }));
    }
}

/// Takes a model home.
pub fn export(lab: Lab, model: ModelId) {
    send(lab, Command::Export { model });
}
