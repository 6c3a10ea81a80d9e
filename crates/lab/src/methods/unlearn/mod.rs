//! Corrective unlearning: a model was trained on data that someone tampered with, a part of that is known by now, and the model is to be
//! as if none of it had ever been there.
//!
//! Goel, Prabhu, Torr, Kumaraguru, Sanyal: Corrective Machine Unlearning, TMLR 2024. What is known of a stage its `identified` says;
//! that is what it is to forget, and it is not trained on any of it. The reference `v2*` never saw anything that was tampered with: an
//! oracle, since nobody knows all of it. Judged are the probes: test items as someone would ask them who knows of the tampering.

mod forgetting;
mod gradient_ascent;
mod retrain;
mod ssd;

use protocol::{Claim, ItemKind, MethodCard, ModelId, Read, Reference, Stage, Suits};

pub use gradient_ascent::GradientAscent;

use super::Method;
use super::continual::sequential;
use crate::LabError;
use crate::claims::{Arm, Change, Fact};
use crate::methods::Before;

/// The methods of the family, in the order in which they are offered.
pub(super) const METHODS: &[Method] = &[retrain::METHOD, ssd::METHOD, forgetting::METHOD, gradient_ascent::METHOD];

/// Who claims what is claimed of the family.
const BY: &str = "Goel et al. 2024 (corrective unlearning)";
/// The preset that claims are judged on: a trigger, of which half is known.
const PRESET: &str = "poisoned";
/// What goes on from the first model there.
const RETRAINED: ModelId = ModelId::deployed(2);
const DAMPENED: ModelId = ModelId::deployed(3);
const ASCENDED: ModelId = ModelId::deployed(4);
/// What never saw anything that was tampered with.
const ORACLE: ModelId = ModelId::independent(2);

const HALF: &Arm = &Arm::new("half identified", PRESET, Change::AsItIs);
const TENTH: &Arm = &Arm::new("a tenth identified", PRESET, Change::With(|stages| identify(stages, 0.1)));
const QUARTER: &Arm = &Arm::new("a quarter identified", PRESET, Change::With(|stages| identify(stages, 0.25)));
const MOST: &Arm = &Arm::new("80 % identified", PRESET, Change::With(|stages| identify(stages, 0.8)));
const ALL: &Arm = &Arm::new("all identified", PRESET, Change::With(|stages| identify(stages, 1.0)));
/// The same with two classes confused, and SSD as its authors set it.
const CONFUSED: &Arm =
    &Arm::new("confusion, half identified", PRESET, Change::With(|stages| confuse(stages, 0.5))).on(CONFUSION);
const CONFUSED_TENTH: &Arm =
    &Arm::new("confusion, a tenth identified", PRESET, Change::With(|stages| confuse(stages, 0.1))).on(CONFUSION);
const CONFUSED_ALL: &Arm =
    &Arm::new("confusion, all identified", PRESET, Change::With(|stages| confuse(stages, 1.0))).on(CONFUSION);
/// Half of two classes, as in the paper.
const CONFUSION: &[(&str, f64)] = &[("tampered", 2.0), ("tampered_share", 0.5)];

/// Lets the stages that unlearn know this share.
fn identify(stages: &mut [Stage], share: f64) {
    for stage in stages.iter_mut().skip(1) {
        stage.sees.insert("identified".to_owned(), share);
    }
}

/// The same where classes are confused. What wins a trigger back from SSD destroys a model there.
fn confuse(stages: &mut [Stage], share: f64) {
    identify(stages, share);
    ssd::as_its_authors(stages);
}

/// Ids of what the probes measure.
const CORRECTED: &str = "corrected-accuracy";
const CLEAN: &str = "clean-accuracy";
const RECOVERED: &str = "recovered";

/// A reading of the probes.
const fn probed(model: ModelId, quantity: &'static str) -> Fact {
    Fact::Reading { model, quantity, of: "" }
}

/// The card of a method of the family.
fn card(id: &str, name: &str) -> MethodCard {
    MethodCard::new(id, name)
        // On nothing else does a scenario say what was tampered with.
        .suits(Suits { items: vec![ItemKind::Pixels], ..Suits::default() })
        .reference(Reference::Without)
        .reads([Read::Retrieval, Read::Knowledge, Read::Probes])
}

/// How models compare that go on from the one before.
const COMPARISON: &str =
    "All dims of both embeddings, re-normalised; only the common start makes the two spaces agree.";

/// The loss on what remains.
fn task() -> Claim {
    Claim::new("task", "Cross entropy of scaled cosine logits, on what remains.")
}

/// Refuses what cannot go on from weights and classifier of the model before, class by class.
fn check(stage: &Stage, before: Option<Before>) -> Result<(), LabError> {
    sequential::check(stage, before)?;
    match before {
        Some(Before { stage: old, .. }) if old.classes != stage.classes => Err(LabError::Scenario(format!(
            "Unlearning goes on from the model before as it is: it knows {} classes, the new stage {}; choose {}.",
            old.classes, stage.classes, old.classes
        ))),
        _ => Ok(()),
    }
}
