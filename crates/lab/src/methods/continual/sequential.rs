//! The baseline that forgets: the model in use is trained on, on whatever comes.
//!
//! Encoder and head go on from where they were; rows of classes to come start anew. Nothing holds what was learned before, so cross
//! entropy on the new classes alone drives the old ones out (McCloskey and Cohen 1989). With `rehearsal` it is experience replay.

use burn::module::Module;
use protocol::{Claim, MethodCard, Need, Stage, Suits};

use super::{LAST, SEQUENTIAL};
use crate::claims::{Fact, Measure, Rule, judged};
use crate::frames::{Addition, Extended};
use crate::methods::compat::{Features, Independent, fine_tune};
use crate::methods::{Before, Method, encoder_dims};
use crate::{Batch, LabError, Setup, Term, start};

pub(super) const METHOD: Method = Method {
    id: "sequential",
    card,
    claims: judged(CLAIMS),
    check,
    stored_dims: encoder_dims,
    start: start::<Extended<Sequential>>,
};

/// Nothing but another start.
#[derive(Module, Debug)]
pub struct Sequential {}

/// How models compare that go on from the one before.
pub(super) const COMPARISON: &str = "All dims of both embeddings, re-normalised; the common start alone makes the two spaces agree, as long as it lasts.";

fn card() -> MethodCard {
    super::card(METHOD.id, "Sequential")
        .summary("A baseline: the old model and its classifier are trained on, on the new classes and whatever is rehearsed of the old.")
        .paper("McCloskey, Cohen: Catastrophic Interference in Connectionist Networks: The Sequential Learning Problem, Psychology of Learning and Motivation 1989")
        .needs([Need::OldHead, Need::OldWeights])
        .suits(may_stand_first())
        .comparison(COMPARISON)
        .losses([task()])
        .claims([Claim::new(
            "forgets",
            "Without rehearsal the accuracy on earlier tasks falls to nothing, however well the last one is learned.",
        )])
}

const CLAIMS: &[Rule] = &[Rule::new(
    "24-forgets",
    "McCloskey, Cohen 1989",
    "Without rehearsal hardly anything of the first task is left after the fifth: less than guessing would get right",
    Measure::AtMost {
        number: (SEQUENTIAL, Fact::Reading { model: LAST, quantity: "accuracy", of: "task 1" }),
        bound: 10.0,
    },
)
.said("10 points minus the accuracy on the first task, among all classes")
.published("Networks that learned a second list of sums lost the first; no number is at hand")
.differs(
    "One head answers for all ten classes and nothing is rehearsed, which is the hardest form; the \
     bound is what guessing would get.",
)];

/// What a stream begins with is trained as if nothing were before it.
pub(super) fn may_stand_first() -> Suits {
    Suits { parents: [0, 1], ..Suits::default() }
}

/// The loss of the task.
pub(super) fn task() -> Claim {
    Claim::new(
        "task",
        "Cross entropy of scaled cosine logits over all classes so far, on the items that the stage sees.",
    )
}

/// Refuses what cannot go on from weights and classifier of the model before.
pub(in crate::methods) fn check(stage: &Stage, before: Option<Before>) -> Result<(), LabError> {
    fine_tune::check(stage, before)?;
    match before {
        Some(Before { stage: old, .. }) if old.method.id == super::nmc::METHOD.id => Err(LabError::Scenario(
            "The model before answers by class means and has no classifier to go on from; choose a trained method for the stage before."
                .to_owned(),
        )),
        _ => Ok(()),
    }
}

/// Starts from encoder and classifier of the model before, if there is one.
pub(in crate::methods) fn go_on(setup: &Setup, base: &mut Independent) -> Result<(), LabError> {
    let Some(parent) = setup.parents.first() else { return Ok(()) };
    fine_tune::go_on(setup, base)?;
    let head = parent.head()?.filter(|head| {
        let ([_, dims], [_, own]) = (head.dims(), base.head.rows().dims());
        dims == own
    });
    let head = head.ok_or_else(|| {
        LabError::Scenario(
            "The model before has no classifier on what it stores to go on from; choose another method for the stage before.".to_owned(),
        )
    })?;
    base.head.go_on(head);
    Ok(())
}

impl Addition for Sequential {
    fn new(setup: &mut Setup, base: &mut Independent) -> Result<Self, LabError> {
        go_on(setup, base)?;
        Ok(Self {})
    }

    fn terms(&self, _: &Independent, _: &Features, _: &Batch) -> Result<Vec<Term>, LabError> {
        Ok(Vec::new())
    }
}
