//! The stages of a scenario as a stepper.

use protocol::{
    Catalogue, MethodCard, ModelId, Parameter, PhaseKind, Read, Reference, RunLog, RunState, Scenario, Stage,
    UpgradeKind,
};

use super::form::{goes_on_from, shown};
use crate::view::draw::format;

/// One stage.
#[derive(Clone, Debug, PartialEq)]
pub struct StageView {
    /// The model that it deploys.
    pub model: ModelId,
    /// What it is to this kind of change, as in `task 2` or `merged`; empty where the models are just versions.
    pub word: String,
    /// Network and dims; of a method that brings a network of its own its name.
    pub network: String,
    /// Classes and share of the data.
    pub data: String,
    /// Method that ties it to the stage before; empty for the first, and where it is named already.
    pub method: String,
    /// Name and value of the setting that tells it from other stages of its method; the value stands behind the method's name.
    pub setting: Option<(String, String)>,
    /// What it goes on from, where that is not the stage before.
    pub from: Option<String>,
    /// Training runs of the stage, in the order of the plan.
    pub parts: Vec<Part>,
}

/// One training run of a stage.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    /// Model in training.
    pub model: ModelId,
    /// What it is beside the deployed one; empty for that itself.
    pub about: &'static str,
    /// How far it is.
    pub state: PartState,
}

/// How far a training run is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum PartState {
    /// Not begun.
    Waiting,
    /// Going on; share of its steps, `0..=1`.
    Training(f64),
    /// Ended in a fault.
    Stopped,
    /// Done; seconds that it took.
    Trained(f64),
}

impl PartState {
    /// Name in class attributes.
    pub fn word(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Training(_) => "training",
            Self::Stopped => "stopped",
            Self::Trained(_) => "trained",
        }
    }

    /// What a person reads.
    pub fn label(self) -> String {
        match self {
            Self::Waiting => "waiting".to_owned(),
            Self::Training(share) => format!("training {}", format::percent(share)),
            Self::Stopped => "stopped".to_owned(),
            Self::Trained(seconds) => format!("trained in {}", format::seconds(seconds)),
        }
    }

    /// The same where there is little room.
    pub fn short(self) -> String {
        match self {
            Self::Waiting | Self::Stopped => self.label(),
            Self::Training(share) => format::percent(share),
            Self::Trained(seconds) => format!("\u{2713} {}", format::seconds(seconds)),
        }
    }

    /// Share of the work that is done, `0..=1`.
    pub fn share(self) -> f64 {
        match self {
            Self::Waiting | Self::Stopped => 0.0,
            Self::Training(share) => share,
            Self::Trained(_) => 1.0,
        }
    }
}

/// The stages of `scenario` with the state that `log` gives them.
pub fn stages(scenario: &Scenario, catalogue: &Catalogue, log: &RunLog) -> Vec<StageView> {
    let kind = catalogue.kind_of(scenario);
    let view = |(index, stage): (usize, &Stage)| {
        let number = u8::try_from(index + 1).unwrap_or(u8::MAX);
        let model = ModelId::deployed(number);
        // A model that is given goes by its own name.
        let given = catalogue.dataset(&scenario.data.dataset).and_then(|dataset| dataset.given.get(index));
        let known = given.map(|model| &model.name);
        let known = known.or_else(|| catalogue.encoder(&stage.encoder.id).map(|card| &card.name));
        let name = known.unwrap_or(&stage.encoder.id);
        let card = catalogue.method(&stage.method.id);
        let setting = card.and_then(|card| setting(scenario, card, stage));
        let method = card.map_or_else(|| stage.method.id.clone(), |card| card.name.clone());
        let method = match &setting {
            Some((_, value)) => format!("{method} {value}"),
            None => method,
        };
        let own_net = card.is_some_and(|card| card.own_net);
        let share = if stage.fraction < 1.0 {
            format!(", {} of the data", format::percent(stage.fraction))
        } else {
            String::new()
        };
        StageView {
            model,
            word: word(kind, task(scenario, index), card.filter(|_| !scenario.parents(number).is_empty())),
            network: match card {
                Some(card) if card.own_net => method.clone(),
                // What is never compared has no dims that anyone sees.
                Some(card) if !card.reads.contains(&Read::Retrieval) => name.clone(),
                _ => format!("{name}, {} dims", stage.dims),
            },
            data: format!("{} classes{share}", stage.classes),
            from: goes_on_from(scenario, index),
            method: if index == 0 || own_net { String::new() } else { method },
            setting,
            parts: parts(log, number, card),
        }
    };
    scenario.stages.iter().enumerate().map(view).collect()
}

/// The first setting of a stage's method in which stages of that method differ.
fn setting(scenario: &Scenario, card: &MethodCard, stage: &Stage) -> Option<(String, String)> {
    let differs = |parameter: &&Parameter| {
        let of = |stage: &Stage| stage.method.values.get(&parameter.id).copied().unwrap_or(parameter.default);
        let mut alike = scenario.stages.iter().filter(|other| other.method.id == stage.method.id);
        alike.any(|other| of(other) != of(stage))
    };
    let parameter = card.parameters.iter().find(differs)?;
    let value = stage.method.values.get(&parameter.id).copied().unwrap_or(parameter.default);
    Some((parameter.label.clone(), shown(&parameter.kind, value)))
}

/// Which task, from 1, a stage (from 0) learns: the classes that none before it had, if there are any.
fn task(scenario: &Scenario, stage: usize) -> Option<usize> {
    let mut known = 0;
    let new = scenario.stages.iter().take(stage + 1).map(|stage| {
        let more = stage.classes > known;
        known = known.max(stage.classes);
        more
    });
    let new: Vec<bool> = new.collect();
    new.last().filter(|&&new| new).map(|_| new.iter().filter(|&&new| new).count())
}

/// What the model of a stage that learns this task is to a kind of change; `card` is that of the method which changed a model, if any was changed.
fn word(kind: UpgradeKind, task: Option<usize>, card: Option<&MethodCard>) -> String {
    let is_of_kind = card.is_some_and(|card| card.kind == kind);
    let takes_several = card.is_some_and(|card| card.suits.parents[1] > 1);
    let before_and_after = |before: &str, after: &str| if is_of_kind { after.to_owned() } else { before.to_owned() };
    match kind {
        UpgradeKind::Stream => task.map(|task| format!("task {task}")).unwrap_or_default(),
        UpgradeKind::Merge if is_of_kind && takes_several => "merged".to_owned(),
        UpgradeKind::Merge => before_and_after("start", "branch"),
        UpgradeKind::Unlearn => before_and_after("as trained", "cleaned"),
        UpgradeKind::Adapt => before_and_after("as trained", "adapted"),
        UpgradeKind::Compress => before_and_after("full size", "smaller"),
        _ => String::new(),
    }
}

/// What stands beside the deployed model of a stage.
fn beside(card: Option<&MethodCard>) -> &'static str {
    match card.map(|card| card.reference) {
        Some(Reference::Joint) => "trained on everything so far",
        Some(Reference::Without) => "trained without what is to be forgotten",
        _ => "the same stage trained without compatibility",
    }
}

fn parts(log: &RunLog, stage: u8, card: Option<&MethodCard>) -> Vec<Part> {
    let phases = log.plan.iter().enumerate();
    let training = phases.filter(|(_, phase)| phase.kind == PhaseKind::Train && phase.model.stage == stage);
    let part = |(index, phase): (usize, &protocol::Phase)| {
        let model = log.models.get(&phase.model);
        let share = f64::from(model.map_or(0, |model| model.step)) / f64::from(phase.steps.max(1));
        let state = match model.and_then(|model| model.trained.and(model.seconds)) {
            Some(seconds) => PartState::Trained(seconds),
            None if log.phase != Some(index) || model.is_none() => PartState::Waiting,
            None if log.state == RunState::Faulted => PartState::Stopped,
            None => PartState::Training(share.min(1.0)),
        };
        let about = if phase.model.independent { beside(card) } else { "" };
        Part { model: phase.model, about, state }
    };
    training.map(part).collect()
}

#[cfg(test)]
mod tests {
    use protocol::{Choice, Event, Fault, FaultKind, Role};

    use super::*;
    use crate::view::testing::{chain, half_way};

    #[test]
    fn each_training_run_has_its_state() {
        let mut log = half_way();
        let scenario = log.scenario.clone().unwrap();
        let states = |log: &RunLog| -> Vec<String> {
            let stages = stages(&scenario, &Catalogue::default(), log);
            stages
                .iter()
                .flat_map(|stage| &stage.parts)
                .map(|part| format!("{} {}", part.model, part.state.label()))
                .collect()
        };
        assert_eq!(states(&log), ["v1 trained in 2 s", "v2* trained in 2 s", "v2 training 25 %"]);
        let fault = Fault { kind: FaultKind::NotFinite, message: String::new(), action: String::new() };
        log.apply(&Event::Faulted { fault });
        assert_eq!(states(&log)[2], "v2 stopped");
        assert_eq!(states(&RunLog::default()).len(), 0);
    }

    #[test]
    fn a_kind_of_change_has_its_words() {
        let card = |id: &str, kind| MethodCard::new(id, id).of_kind(kind);
        let several = protocol::Suits { parents: [2, 8], ..protocol::Suits::default() };
        let methods = vec![
            card("independent", UpgradeKind::Retrain).role(Role::Plain),
            card("bct", UpgradeKind::Retrain),
            card("nmc", UpgradeKind::Stream).reference(Reference::Joint),
            card("branch", UpgradeKind::Merge),
            card("fisher", UpgradeKind::Merge).suits(several),
            card("ssd", UpgradeKind::Unlearn).reference(Reference::Without),
        ];
        let catalogue = Catalogue { methods, ..Catalogue::default() };
        let words = |methods: &[&str]| -> Vec<String> {
            let stage =
                |(classes, id): (u32, &&str)| Stage { classes, method: protocol::Choice::of(id), ..Stage::default() };
            let chain = [2, 4, 4, 6].into_iter().zip(methods).map(stage).collect();
            let scenario = Scenario { stages: chain, ..Scenario::default() };
            stages(&scenario, &catalogue, &RunLog::default()).into_iter().map(|stage| stage.word).collect()
        };
        assert_eq!(words(&["independent", "bct"]), ["", ""]);
        assert_eq!(
            words(&["independent", "nmc", "nmc"]),
            ["task 1", "task 2", ""],
            "the third has no classes of its own"
        );
        assert_eq!(words(&["independent", "branch", "branch", "fisher"]), ["start", "branch", "branch", "merged"]);
        assert_eq!(words(&["independent", "ssd"]), ["as trained", "cleaned"]);
        assert_eq!(beside(catalogue.method("ssd")), "trained without what is to be forgotten");
        assert_eq!(beside(catalogue.method("bct")), "the same stage trained without compatibility");
    }

    #[test]
    fn stages_of_one_method_are_told_apart_by_what_they_differ_in() {
        let share = Parameter::real("share", "Share of the batch α", (0.0, 1.0, 0.05), 0.25, "");
        let card = MethodCard::new("alpha", "α-BN").parameters([Parameter::flag("other", "Other", false, ""), share]);
        let catalogue = Catalogue { methods: vec![card], ..Catalogue::default() };
        let stage = |method: Choice| Stage { method, ..Stage::default() };
        let of = |stages: Vec<Stage>| {
            let scenario = Scenario { stages, ..Scenario::default() };
            let stages = super::stages(&scenario, &catalogue, &RunLog::default());
            stages.into_iter().map(|it| (it.method, it.setting.map(|(name, _)| name))).collect::<Vec<_>>()
        };
        let plain = stage(Choice::of(Choice::PLAIN));
        let named = |name: &str| (name.to_owned(), Some("Share of the batch α".to_owned()));
        let found = of(vec![plain.clone(), stage(Choice::of("alpha")), stage(Choice::of("alpha").with("share", 0.5))]);
        assert_eq!(found[1..], [named("α-BN 0.25"), named("α-BN 0.5")]);
        let found = of(vec![plain, stage(Choice::of("alpha")), stage(Choice::of("alpha").with("share", 0.25))]);
        assert_eq!(found[1..], [("α-BN".to_owned(), None), ("α-BN".to_owned(), None)]);
    }

    #[test]
    fn a_chain_has_a_card_per_stage() {
        let scenario = Scenario { stages: vec![Stage::default(); 4], ..Scenario::default() };
        let stages = stages(&scenario, &Catalogue::default(), &chain());
        let models: Vec<String> = stages.iter().map(|stage| stage.model.to_string()).collect();
        assert_eq!(models, ["v1", "v2", "v3", "v4"]);
        // The plan of this log has a ceiling for v2 alone.
        assert_eq!(stages.iter().map(|stage| stage.parts.len()).collect::<Vec<_>>(), [1, 2, 1, 1]);
    }
}
