//! What a person asks for, turned into commands.

use leptos::prelude::*;
use protocol::{Command, EngineChoice, ModelId, Scenario, StepUnit, from_link};

use super::lab::{Lab, Remedy};
use super::overlay::Overlay;
use super::{files, interrupted, link, recorded, session, theme, tour};
use crate::view::actions::Action;
use crate::view::form::{ChoiceTarget, Target};
use crate::view::hidden::Hidden;
use crate::view::history::History;
use crate::view::hot::Difference;
use crate::view::palette::Wish;
use crate::view::transport::pace;

/// Does what was chosen from the command palette.
pub fn fulfil(lab: Lab, wish: &Wish) {
    match wish {
        Wish::Act(action) => act(lab, *action),
        Wish::Start(preset) => choose_preset(lab, preset),
    }
}

/// Does what a button or a key asks for, if it can be done now.
pub fn act(lab: Lab, action: Action) {
    if !lab.situation.with_untracked(|now| action.possible(now)) {
        return;
    }
    match action {
        Action::PlayPause if lab.playing.get_untracked() => {
            lab.playing.set(false);
            send(lab, Command::Pause);
        }
        Action::PlayPause => {
            bring(lab);
            lab.playing.set(true);
            send(lab, Command::Play);
        }
        Action::StepBatch => step(lab, StepUnit::Batch),
        Action::StepEpoch => step(lab, StepUnit::Epoch),
        Action::StepModel => step(lab, StepUnit::Phase),
        Action::Reset => {
            lab.fault.set(None);
            lab.tape.leave();
            prepare(lab);
        }
        Action::Resume => interrupted::resume(lab),
        Action::Discard => interrupted::forget(lab),
        Action::Undo => link::walk(lab, History::undo),
        Action::Redo => link::walk(lab, History::redo),
        // A seed that a person can read out.
        Action::NewSeed => commit(lab, &Target::Run("seed".to_owned()), random(10_000.0)),
        Action::NextQuery => step_query(lab, 1),
        Action::PreviousQuery => step_query(lab, -1),
        Action::RandomQuery => {
            let count = lab.queries.with_untracked(|queries| queries.passing(lab.filter.get_untracked()).len());
            step_query(lab, random(count as f64) as isize);
        }
        Action::PreviousMoment | Action::NextMoment => {
            let tape = lab.tape;
            let at = tape.cursor.get_untracked().unwrap_or_else(|| tape.moments.get_untracked().saturating_sub(1));
            tape.seek(if action == Action::NextMoment { Some(at + 1) } else { at.checked_sub(1) });
        }
        Action::Newest => lab.tape.seek(None),
        Action::Queries(filter) => lab.filter.set(filter),
        Action::ClearSelection => lab.select(Vec::new()),
        Action::Engine(engine) => set_engine(lab, engine),
        Action::ExportAll => {
            let trained = untrack(|| {
                lab.tape.with_own(|log| {
                    let models = log.models.iter().filter(|(_, model)| model.trained.is_some());
                    models.map(|(id, _)| *id).collect::<Vec<_>>()
                })
            });
            trained.into_iter().for_each(|id| export(lab, id));
        }
        Action::Import => files::choose(),
        Action::CopyLink => link::copy(lab, lab.hidden.get_untracked()),
        Action::CopyBareLink => link::copy(lab, Hidden::CONTROLS),
        Action::Controls => link::show(lab, lab.hidden.get_untracked().toggled()),
        Action::Enlarge(it) => {
            let other = lab.enlarged.get_untracked() != Some(it);
            link::enlarge(lab, other.then_some(it));
        }
        Action::Theme => theme::next(lab),
        Action::Runs => toggle(lab, Overlay::Runs),
        Action::Sweep => toggle(lab, Overlay::Sweep),
        Action::Tour(which) => tour::start(lab, which),
        Action::Palette => toggle(lab, Overlay::Palette),
        Action::Help => toggle(lab, Overlay::Help),
    }
}

/// A whole number from 0 up to below `end`.
fn random(end: f64) -> f64 {
    (js_sys::Math::random() * end).floor()
}

fn toggle(lab: Lab, overlay: Overlay) {
    lab.overlay.update(|open| *open = if *open == Some(overlay) { None } else { Some(overlay) });
}

/// Moves on among the queries that pass the filter.
pub fn step_query(lab: Lab, by: isize) {
    let (filter, current) = (lab.filter.get_untracked(), lab.query.get_untracked());
    if let Some(next) = lab.queries.with_untracked(|queries| queries.step(filter, current, by)) {
        lab.picked.set(Some(next));
    }
}

fn step(lab: Lab, unit: StepUnit) {
    bring(lab);
    lab.playing.set(false);
    send(lab, Command::Step { unit });
}

/// Shows the reader's own run at its newest moment, and brings settings that were changed before its first step to the worker.
fn bring(lab: Lab) {
    lab.tape.leave();
    lab.tape.seek(None);
    if !lab.begun.get_untracked() && lab.difference.with_untracked(|it| *it == Difference::Reset) {
        prepare(lab);
    }
}

/// Asks for a fresh run of the scenario in the form.
pub fn prepare(lab: Lab) {
    let scenario = lab.draft.get_untracked();
    let engine = lab.engine_choice.get_untracked();
    lab.playing.set(false);
    if lab.begun.get_untracked() {
        interrupted::forget(lab);
    }
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

/// Changes what can change while the run goes on, where the form says so.
pub fn adjust(lab: Lab) {
    if let Difference::Adjust(adjustments) = lab.difference.get_untracked()
        && lab.connected.get_untracked()
    {
        adjustments.into_iter().for_each(|adjustment| send(lab, Command::Adjust { adjustment }));
    }
}

/// Changes the engine: another worker, and the run from its start.
pub fn set_engine(lab: Lab, choice: EngineChoice) {
    lab.engine_choice.set(choice);
    if lab.begun.get_untracked() {
        interrupted::forget(lab);
    }
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
    deliver(lab, Command::Import, weights);
}

/// Goes on from a checkpoint, whose events the log has.
pub fn resume(lab: Lab, checkpoint: Vec<u8>) {
    deliver(lab, Command::Resume, vec![checkpoint]);
    set_pace(lab, lab.pace.get_untracked());
    lab.playing.set(true);
    send(lab, Command::Play);
}

/// Follows the way on after a fault.
pub fn remedy(lab: Lab, remedy: Remedy) {
    lab.fault.set(None);
    match remedy {
        Remedy::Close => {}
        Remedy::Reload => {
            let _ = gloo::utils::window().location().reload();
        }
        Remedy::Restart if interrupted::newest(lab).is_some() => interrupted::resume(lab),
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
    if target == ChoiceTarget::Dataset {
        return move_to(lab, id);
    }
    edit(lab, |draft| target.write(draft, id));
    link::push(lab);
}

/// Takes the upgrade to another dataset.
pub fn move_to(lab: Lab, id: &str) {
    let find = |id: &str| lab.catalogue.with_untracked(|catalogue| catalogue.dataset(id).cloned());
    if let Some(dataset) = find(id) {
        let before = lab.draft.with_untracked(|draft| find(&draft.data.dataset));
        edit(lab, |draft| draft.move_to(&dataset, before.as_ref()));
        link::push(lab);
    }
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
    deliver(lab, command, Vec::new());
}

fn deliver(lab: Lab, command: Command, buffers: Vec<Vec<u8>>) {
    if let Err(reason) = lab.client.with_value(|client| client.send(command, buffers)) {
        lab.notice(reason, true);
    }
}
