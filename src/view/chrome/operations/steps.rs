//! The way of an upgrade as a stepper.

use super::{Act, Facts, ModelFacts, Objection, Operation, Phase, items};
use crate::view::draw::format;

/// Who does a step, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The run, by itself.
    Run,
    /// The operator, by a press.
    Press(Act),
    /// The operator, share by share.
    Backfill,
}

/// The steps in their order.
pub const STEPS: [Step; 8] = [
    Step::Run,
    Step::Run,
    Step::Run,
    Step::Press(Act::Deploy),
    Step::Press(Act::DualWrite),
    Step::Backfill,
    Step::Press(Act::CutOver),
    Step::Press(Act::RollBack),
];

/// How one step stands.
#[derive(Clone, Debug, PartialEq)]
pub struct StepView {
    /// What is done.
    pub name: String,
    /// What came of it, or is to be expected; may be empty.
    pub detail: String,
    /// How far it is.
    pub state: StepState,
    /// Why it makes no sense now, in a sentence; empty where it does or where a press of it is done.
    pub why: String,
}

/// How far a step is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepState {
    /// Done.
    Done,
    /// Can be done now.
    Open,
    /// Makes no sense yet or no longer.
    Closed,
}

impl StepState {
    /// Name in class attributes.
    pub fn word(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Open => "open",
            Self::Closed => "closed",
        }
    }
}

/// How each of [`STEPS`] stands.
pub fn steps(operation: &Operation, facts: &Facts) -> [StepView; STEPS.len()] {
    let (old, new) = (facts.upgrade.old, facts.upgrade.new);
    let by_run = |name: String, detail: String, model: &ModelFacts| {
        let (state, why) = match model.ready {
            true => (StepState::Done, ""),
            false => (StepState::Closed, "The run does this by itself."),
        };
        StepView { name, detail, state, why: why.to_owned() }
    };
    let press = |act: Act, name: String, detail: String| {
        let (state, why) = match operation.objection(act, facts) {
            _ if operation.has(act) => (StepState::Done, String::new()),
            Some(Objection::No(why)) => (StepState::Closed, why),
            _ => (StepState::Open, String::new()),
        };
        let name = if operation.asks(act, facts) { format!("{name} anyway") } else { name };
        StepView { name, detail, state, why }
    };
    let indexed = match facts.old.index_seconds {
        Some(seconds) => format!("{} in {}", format::count(u64::from(facts.items)), format::short_seconds(seconds)),
        None => items(facts.items),
    };
    let trained = |model: &ModelFacts| match model.seconds {
        Some(seconds) => format::seconds(seconds),
        None if model.ready => "given".to_owned(),
        None => "not yet".to_owned(),
    };
    let backfill = match operation.phase {
        Phase::Mixed if operation.share < 100 => StepState::Open,
        Phase::Mixed | Phase::New => StepState::Done,
        Phase::Old | Phase::Back => StepState::Closed,
    };
    let waits = match operation.objection(operation.awaited(facts), facts) {
        Some(Objection::No(why)) if !operation.is_mixed() => why,
        _ => String::new(),
    };
    let way_back = match operation.lost(facts) {
        _ if matches!(operation.phase, Phase::Old | Phase::Back) => format!("to {old}"),
        0 => "at no cost".to_owned(),
        lost => items(lost),
    };
    [
        by_run(format!("Train {old}"), trained(&facts.old), &facts.old),
        by_run("Index".to_owned(), indexed, &facts.old),
        by_run(
            format!("Train {new}"),
            if facts.new.ready { facts.method.clone() } else { trained(&facts.new) },
            &facts.new,
        ),
        press(Act::Deploy, format!("Deploy {new}"), String::new()),
        press(Act::DualWrite, "Dual-write".to_owned(), if operation.dual_write { "on" } else { "off" }.to_owned()),
        StepView {
            name: "Backfill".to_owned(),
            detail: format!("{} %", operation.share()),
            state: backfill,
            why: waits,
        },
        press(Act::CutOver, "Cut over".to_owned(), String::new()),
        press(Act::RollBack, "Roll back".to_owned(), way_back),
    ]
}
