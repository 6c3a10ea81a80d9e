//! What a person asks for, turned into commands.

use leptos::prelude::*;
use protocol::{Command, EngineChoice, ModelId, Scenario, StepUnit, from_link};

use super::lab::{Lab, Remedy};
use super::{link, palette, recorded, session};
use crate::view::actions::Action;
use crate::view::form::{ChoiceTarget, Target};
use crate::view::transport::{TransportView, pace};

/// Does what a button or a key asks for.
pub fn act(lab: Lab, action: Action) {
    match action {
        Action::PlayPause if lab.playing.get_untracked() => {
            lab.playing.set(false);
            send(lab, Command::Pause);
        }
        Action::PlayPause => {
            if ready(lab) {
                lab.playing.set(true);
                send(lab, Command::Play);
            }
        }
        Action::StepBatch => step(lab, StepUnit::Batch),
        Action::StepEpoch => step(lab, StepUnit::Epoch),
        Action::Reset => {
            lab.fault.set(None);
            lab.tape.leave();
            prepare(lab);
        }
        Action::Theme => palette::next(lab),
        Action::Help => lab.help.update(|open| *open = !*open),
    }
}

fn step(lab: Lab, unit: StepUnit) {
    if ready(lab) {
        lab.playing.set(false);
        send(lab, Command::Step { unit });
    }
}

/// Whether there is anything to run, after bringing settings that were changed before the first step to the worker.
fn ready(lab: Lab) -> bool {
    lab.tape.leave();
    lab.tape.seek(None);
    let can_run = untrack(|| lab.tape.with_own(|log| TransportView::of(log, false).can_run));
    if can_run && lab.stale.get_untracked() && !lab.begun.get_untracked() {
        prepare(lab);
    }
    can_run
}

/// Asks for a fresh run of the scenario in the form.
pub fn prepare(lab: Lab) {
    let scenario = lab.draft.get_untracked();
    let engine = lab.engine_choice.get_untracked();
    lab.playing.set(false);
    if lab.client.with_value(|client| client.file().is_none())
        && !lab.catalogue.with_untracked(|it| it.presets.is_empty())
    {
        session::connect(lab);
        lab.tape.clear();
        return;
    }
    send(lab, Command::Prepare { scenario, engine });
    set_pace(lab, lab.pace.get_untracked());
}

/// Sets the speed.
pub fn set_pace(lab: Lab, stop: usize) {
    lab.pace.set(stop);
    send(lab, Command::SetPace { pace: pace(stop) });
}

/// Changes the engine: another worker, and the run from its start.
pub fn set_engine(lab: Lab, choice: EngineChoice) {
    lab.engine_choice.set(choice);
    lab.client.with_value(|client| client.stop());
    lab.tape.clear();
    lab.prepared.set(None);
    session::connect(lab);
}

/// Takes a model home.
pub fn export(lab: Lab, model: ModelId) {
    send(lab, Command::Export { model });
}

/// Brings models back.
pub fn import(lab: Lab, weights: Vec<Vec<u8>>) {
    lab.fault.set(None);
    lab.tape.leave();
    lab.importing.set(true);
    if let Err(reason) = lab.client.with_value(|client| client.send(Command::Import, weights)) {
        lab.notice(reason, true);
    }
}

/// Follows the way on after a fault.
pub fn remedy(lab: Lab, remedy: Remedy) {
    lab.fault.set(None);
    match remedy {
        Remedy::Close => {}
        Remedy::Reload => {
            let _ = gloo::utils::window().location().reload();
        }
        Remedy::Restart => session::connect(lab),
        Remedy::UseCpu => {
            lab.engine_choice.set(EngineChoice::Cpu);
            session::connect(lab);
        }
    }
}

/// Starts from a preset.
pub fn choose_preset(lab: Lab, id: &str) {
    if let Some(scenario) = lab.catalogue.with_untracked(|catalogue| Some(catalogue.preset(id)?.scenario.clone())) {
        edit(lab, |draft| *draft = scenario);
        link::push(lab);
        recorded::offer(lab);
    }
}

/// Takes a scenario as the address writes it and runs it.
pub fn run_link(lab: Lab, text: &str) {
    let found = lab.catalogue.with_untracked(|catalogue| from_link(text, catalogue));
    match found {
        Ok((scenario, _)) => {
            lab.fault.set(None);
            lab.draft.set(scenario);
            link::push(lab);
            lab.tape.leave();
            prepare(lab);
            lab.playing.set(true);
            send(lab, Command::Play);
        }
        Err(error) => lab.notice(format!("{error}."), true),
    }
}

/// Writes a number while a hand still moves it.
pub fn preview(lab: Lab, target: &Target, value: f64) {
    edit(lab, |draft| target.write(draft, value));
}

/// Writes a number for good.
pub fn commit(lab: Lab, target: &Target, value: f64) {
    preview(lab, target, value);
    link::push(lab);
}

/// Chooses from the catalogue.
pub fn choose(lab: Lab, target: ChoiceTarget, id: &str) {
    edit(lab, |draft| target.write(draft, id));
    link::push(lab);
}

fn edit(lab: Lab, change: impl FnOnce(&mut Scenario)) {
    let mut draft = lab.draft.get_untracked();
    change(&mut draft);
    let notices = lab.catalogue.with_untracked(|catalogue| draft.settle(catalogue));
    lab.draft.set(draft);
    for text in notices {
        lab.notice(text, false);
    }
}

fn send(lab: Lab, command: Command) {
    if let Err(reason) = lab.client.with_value(|client| client.send(command, Vec::new())) {
        lab.notice(reason, true);
    }
}
