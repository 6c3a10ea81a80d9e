//! What is done with the reader's own run: it is made ready, started, stopped, brought from elsewhere, taken up again.

use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::{Command, EngineChoice, Scenario, StepUnit};

use super::{edit, engine, interrupted, link, recorded, session};
use crate::page::browser::address::reload;
use crate::page::state::{Lab, Remedy};
use crate::view::chrome::hot::Difference;
use crate::view::chrome::transport::{can_run, place};

/// Starts the run, or stops it.
pub fn play_or_pause(lab: Lab) {
    if lab.run.playing.get_untracked() {
        engine::pause(lab);
    } else {
        bring(lab);
        engine::play(lab);
    }
}

/// Goes on by this much.
pub fn step(lab: Lab, unit: StepUnit) {
    bring(lab);
    lab.run.set_playing(false);
    engine::send(lab, Command::Step { unit });
}

/// Begins again, with the settings of the form.
pub fn reset(lab: Lab) {
    lab.messages.set_fault(None);
    lab.tape.leave();
    prepare(lab);
}

/// Shows the reader's own run at its newest moment. Where another was on show, the reader's own is of its scenario: begun anew if it was
/// of another or is over. Settings that were changed before its first step or after its last come to the worker.
fn bring(lab: Lab) {
    let other = lab.tape.recorded.get_untracked().is_some();
    let over = !untrack(|| lab.tape.with_own(can_run));
    let left = untrack(|| lab.tape.with_own(place));
    let stale = lab.run.difference.with_untracked(|it| match it {
        Difference::Nothing => false,
        Difference::Adjust(_) => other,
        Difference::Reset => true,
    });
    lab.tape.leave();
    lab.tape.seek(None);
    let begun = lab.run.begun.get_untracked();
    if (stale && (other || over || !begun)) || (other && over) {
        if begun && !over {
            lab.messages.notice(format!("Your run, which was at {left}, gave way to this one."), false);
        }
        prepare(lab);
    }
}

/// Asks for a fresh run of the scenario in the form.
fn prepare(lab: Lab) {
    lab.run.set_playing(false);
    if lab.run.begun.get_untracked() {
        interrupted::forget(lab);
    }
    let wide = engine::is_wide(lab);
    if engine::file().is_some_and(|file| file.suits(wide)) && !lab.engine.outdated.get_untracked() {
        engine::prepare(lab);
    } else if lab.settings.known() {
        replace(lab);
    }
}

/// Takes another worker, and the run from its start.
fn replace(lab: Lab) {
    lab.tape.clear();
    lab.run.set_prepared(None);
    session::restart(lab);
}

/// Changes the engine: another worker, and the run from its start.
pub fn set_engine(lab: Lab, choice: EngineChoice) {
    lab.engine.set_choice(choice);
    if lab.run.begun.get_untracked() {
        interrupted::forget(lab);
    }
    replace(lab);
    recorded::offer(lab);
}

/// Brings models back.
pub fn import(lab: Lab, weights: Vec<Vec<u8>>) {
    lab.messages.set_fault(None);
    lab.run.set_importing(true);
    engine::deliver(lab, Command::Import, weights);
}

/// Goes on with the run that is kept, in a worker that has no other run.
pub fn resume(lab: Lab) {
    let Some(kept) = interrupted::take(lab) else { return };
    spawn_local(async move {
        match kept.read().await {
            Ok((recording, checkpoint)) => {
                if let Some(left_out) = recording.left_out() {
                    lab.messages.notice(format!("The run that goes on: {left_out}"), false);
                }
                session::go_on(lab, &recording, checkpoint);
            }
            Err(reason) => {
                interrupted::forget(lab);
                lab.messages.notice(format!("The interrupted run cannot go on: {reason}. It was dropped."), true);
                // After a worker's death there is none.
                if engine::file().is_none() {
                    session::restart(lab);
                }
            }
        }
    });
}

/// Follows the way on after a fault.
pub fn remedy(lab: Lab, remedy: Remedy) {
    lab.messages.set_fault(None);
    match remedy {
        Remedy::Close => {}
        Remedy::Reload => reload(),
        Remedy::Restart if interrupted::newest(lab).is_some() => resume(lab),
        Remedy::Restart => {
            session::restart(lab);
            recorded::offer(lab);
        }
        Remedy::UseCpu => {
            lab.engine.set_choice(EngineChoice::Cpu);
            session::restart(lab);
            recorded::offer(lab);
        }
    }
}

/// Ends the worker, whatever it is at, and goes on in another from the newest checkpoint, or makes the run ready from its start.
pub fn begin_again(lab: Lab) {
    lab.run.set_prepared(None);
    if interrupted::newest(lab).is_none() && lab.run.begun.get_untracked() {
        lab.tape.clear();
    }
    remedy(lab, Remedy::Restart);
}

/// Takes a scenario as the address writes it and runs it.
pub fn run_link(lab: Lab, text: &str) {
    if let Some(scenario) = link::read(lab, text) {
        run_scenario(lab, scenario);
    }
}

/// Takes a scenario into the form and runs it.
pub fn run_scenario(lab: Lab, scenario: Scenario) {
    edit::take_up(lab, scenario);
    run_form(lab);
}

/// Runs the scenario in the form from its start.
pub fn run_form(lab: Lab) {
    lab.messages.set_fault(None);
    lab.tape.leave();
    prepare(lab);
    engine::play(lab);
}

/// Runs a kept run again.
pub fn run_again(lab: Lab, id: u64) {
    let link = lab.archive.runs.with_untracked(|runs| runs.get(id).map(|record| record.link.clone()));
    if let Some(link) = link {
        lab.look.cover(None);
        run_link(lab, &link);
    }
}
