//! The upgrade under discussion: which model is old, which is new, which is the ceiling.

use crate::view::few::sort_few;
use protocol::{ModelId, RunLog, Scenario};

/// One upgrade of a scenario.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Upgrade {
    /// Model that indexed the gallery.
    pub old: ModelId,
    /// Model that replaces it.
    pub new: ModelId,
    /// The new stage trained without compatibility.
    pub independent: ModelId,
}

/// What a model is within an upgrade. Decides colour, glyph and dash everywhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Indexed the gallery.
    Old,
    /// Replaces it.
    New,
    /// The ceiling.
    Independent,
    /// Belongs to another upgrade of the chain.
    Other,
}

impl Upgrade {
    /// The upgrade of a scenario that deploys `stage`, which counts from 1: from the first of the models that it goes on from.
    pub fn of(scenario: &Scenario, stage: u8) -> Self {
        Self::from(scenario, stage, None)
    }

    /// The same from the model of stage `old` where the new one goes on from that, among others.
    pub fn from(scenario: &Scenario, stage: u8, old: Option<u8>) -> Self {
        let parents = scenario.parents(stage);
        let old = old.filter(|old| parents.contains(old)).or_else(|| parents.first().copied());
        let after_another = Self::to_stage(stage);
        Self { old: old.map_or(after_another.old, ModelId::deployed), ..after_another }
    }

    /// The upgrade that deploys `stage`, which counts from 1 and is at least 2, after the one before.
    pub fn to_stage(stage: u8) -> Self {
        Self {
            old: ModelId::deployed(stage.saturating_sub(1).max(1)),
            new: ModelId::deployed(stage),
            independent: ModelId::independent(stage),
        }
    }

    /// The last upgrade of a scenario, as though it had two stages if it has one.
    pub fn last(scenario: &Scenario) -> Self {
        Self::of(scenario, u8::try_from(scenario.stages.len()).unwrap_or(u8::MAX).max(2))
    }

    /// What a model is within this upgrade.
    pub fn role(&self, model: ModelId) -> Role {
        if model == self.old {
            Role::Old
        } else if model == self.new {
            Role::New
        } else if model == self.independent {
            Role::Independent
        } else {
            Role::Other
        }
    }

    /// A pair in the field's words, as in `new/old`.
    pub fn pair(&self, query: ModelId, gallery: ModelId) -> String {
        format!("{}/{}", self.word(query), self.word(gallery))
    }

    /// `old`, `new`, `independent`, or the name of a model outside this upgrade.
    pub fn word(&self, model: ModelId) -> String {
        match self.role(model).word() {
            "" => model.to_string(),
            word => word.to_owned(),
        }
    }
}

impl Role {
    /// Name in class attributes and in words; empty for models of other upgrades.
    pub fn word(self) -> &'static str {
        match self {
            Self::Old => "old",
            Self::New => "new",
            Self::Independent => "independent",
            Self::Other => "",
        }
    }

    /// Glyph that stands beside the colour: hollow square, filled circle, hollow diamond.
    pub fn glyph(self) -> &'static str {
        match self {
            Self::Old => "\u{25a1}",
            Self::New => "\u{25cf}",
            Self::Independent => "\u{25c7}",
            Self::Other => "\u{25b3}",
        }
    }
}

/// Every model of a run, in the order of the matrix: deployed ones by stage, then the independent ones.
pub fn models(log: &RunLog) -> Vec<ModelId> {
    let mut models: Vec<ModelId> = log.plan.iter().map(|phase| phase.model).chain(log.models.keys().copied()).collect();
    sort_few(&mut models, |model| (model.independent, model.stage));
    models.dedup();
    models
}

#[cfg(test)]
#[allow(clippy::indexing_slicing)]
mod tests {
    use super::*;
    use crate::view::testing;

    #[test]
    fn pairs_are_named_in_the_words_of_the_field() {
        let upgrade = Upgrade::to_stage(2);
        assert_eq!(upgrade.pair(upgrade.new, upgrade.old), "new/old");
        assert_eq!(upgrade.pair(ModelId::independent(2), ModelId::deployed(1)), "independent/old");
        assert_eq!(upgrade.pair(ModelId::deployed(3), ModelId::deployed(1)), "v3/old");
    }

    #[test]
    fn what_goes_on_from_others_is_held_against_the_first_of_them() {
        let mut scenario = Scenario { stages: vec![protocol::Stage::default(); 4], ..Scenario::default() };
        scenario.stages[2].from = vec![1];
        scenario.stages[3].from = vec![2, 3];
        let old = |stage| Upgrade::of(&scenario, stage).old.stage;
        assert_eq!((old(2), old(3), old(4)), (1, 1, 2));
        assert_eq!(Upgrade::last(&scenario).old, ModelId::deployed(2));
        let from = |old| Upgrade::from(&scenario, 4, Some(old)).old.stage;
        assert_eq!((from(3), from(1)), (3, 2), "it does not go on from the first");
    }

    #[test]
    fn models_come_deployed_first() {
        let names: Vec<String> = models(&testing::half_way()).iter().map(ModelId::to_string).collect();
        assert_eq!(names, ["v1", "v2", "v2*"]);
    }
}
