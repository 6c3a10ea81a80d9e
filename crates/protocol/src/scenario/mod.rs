//! A scenario: the declarative, complete description of an upgrade. Same scenario and same engine give the same run.

mod fields;
mod link;
mod settle;

use serde::{Deserialize, Serialize};

pub use fields::{Field, run_fields, stage_fields};
pub use link::{LinkError, from_link, to_link, view_setting, with_view_setting};

#[cfg(test)]
pub(crate) use settle::tests::catalogue as test_catalogue;

use crate::{ModelId, SCENARIO_FORMAT, Values};

/// A sequence of model versions on one dataset, with everything that decides the outcome.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Scenario {
    /// Format version; see [`SCENARIO_FORMAT`].
    pub format: u32,
    /// Id of the preset that it started from.
    pub preset: String,
    /// Seed of everything random: weights, shuffles, augmentation, splits.
    pub seed: u64,
    /// Which images, and what is done to them while training.
    pub data: DataSpec,
    /// Model versions in order; the first is trained without anything to be compatible with.
    pub stages: Vec<Stage>,
    /// What is measured while training.
    pub evaluation: EvaluationSpec,
}

/// The images of a scenario.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct DataSpec {
    /// Id of the dataset in the catalogue.
    pub dataset: String,
    /// Training images per class for a stage that sees all of its data.
    pub train_per_class: u32,
    /// Test images per class; each is a query and a gallery item.
    pub test_per_class: u32,
    /// Augmentation: shift by up to this many pixels each way.
    pub shift: u32,
    /// Augmentation: standard deviation of additive noise, in units of the pixel range.
    pub noise: f64,
    /// Settings of the dataset itself, by the ids of [`DatasetInfo::parameters`](crate::DatasetInfo::parameters).
    #[serde(skip_serializing_if = "Values::is_empty")]
    pub values: Values,
}

/// One model version: what it sees, what it is, how it is trained.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Stage {
    /// It is trained on the first `classes` classes of the dataset.
    pub classes: u32,
    /// Share of the training images of those classes, `0..=1`.
    pub fraction: f64,
    /// Training images kept per class of the stage before, as a memory of them; 0 keeps all. The ceiling sees all of them.
    pub rehearsal: u32,
    /// The network; [`Choice::GIVEN`] on a dataset of embeddings.
    pub encoder: Choice,
    /// Dims of the embedding that the encoder is asked for; a method may store more.
    pub dims: u32,
    /// The compatibility method that ties it to the stage before.
    pub method: Choice,
    /// How it is trained.
    pub schedule: Schedule,
    /// Stages that it goes on from, counted from 1; none stands for the one before, several are the parents of one model.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub from: Vec<u8>,
    /// What it sees of the dataset beyond classes and share, by the ids of [`DatasetInfo::sees`](crate::DatasetInfo::sees).
    #[serde(skip_serializing_if = "Values::is_empty")]
    pub sees: Values,
}

/// Something chosen from the catalogue, with its parameters.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Choice {
    /// Id in the catalogue.
    pub id: String,
    /// Parameters by id; a missing one takes its default.
    pub values: Values,
}

/// Optimiser and schedule: Adam, linear warm-up, cosine decay to zero.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Schedule {
    /// Passes over the training images.
    pub epochs: u32,
    /// Images per step.
    pub batch: u32,
    /// Peak learning rate.
    pub rate: f64,
    /// Epochs of linear warm-up.
    pub warmup: f64,
    /// L2 penalty on matrices; biases, norms and skew parameters are exempt.
    pub decay: f64,
    /// Scale of the cosine logits.
    pub scale: f64,
}

/// What is measured while a model trains. At the end of a stage everything is measured on the whole test set.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct EvaluationSpec {
    /// Steps between two reads of the loss terms.
    pub loss_every: u32,
    /// Steps between two measurements of retrieval.
    pub every: u32,
    /// Queries in the live sample.
    pub queries: u32,
    /// Gallery items in the live sample.
    pub gallery: u32,
}

impl Choice {
    /// Id of the encoder of a model that is given: only its embeddings are at hand.
    pub const GIVEN: &str = "given";

    /// Id of the method that trains a model without regard to those before it.
    pub const PLAIN: &str = "independent";

    /// Training without regard to the models before.
    pub fn plain() -> Self {
        Self::of(Self::PLAIN)
    }

    /// Whether it is [`Choice::GIVEN`].
    pub fn is_given(&self) -> bool {
        self.id == Self::GIVEN
    }

    /// The choice `id` with default parameters.
    pub fn of(id: &str) -> Self {
        Self { id: id.to_owned(), values: Values::new() }
    }

    /// The same choice with `parameter` set.
    pub fn with(mut self, parameter: &str, value: f64) -> Self {
        self.values.insert(parameter.to_owned(), value);
        self
    }
}

impl Scenario {
    /// Whether its models come with its dataset, as embeddings.
    pub fn is_given(&self) -> bool {
        self.stages.iter().any(|stage| stage.encoder.is_given())
    }

    /// The stage that a model is of.
    pub fn stage(&self, model: ModelId) -> Option<&Stage> {
        self.stages.get(usize::from(model.stage).checked_sub(1)?)
    }

    /// The stages, counted from 1, that a stage (counted from 1) goes on from: the ones that it names, else the one before; none for
    /// the first.
    pub fn parents(&self, stage: u8) -> Vec<u8> {
        match self.stage(ModelId::deployed(stage)) {
            Some(named) if !named.from.is_empty() => named.from.clone(),
            _ => stage.checked_sub(1).filter(|&before| before > 0).into_iter().collect(),
        }
    }

    /// The first stage, counted from 1, that goes on from this one.
    pub fn next(&self, stage: u8) -> Option<u8> {
        let last = u8::try_from(self.stages.len()).unwrap_or(u8::MAX);
        (stage.saturating_add(1)..=last).find(|&later| self.parents(later).contains(&stage))
    }

    /// What the names of a run's files begin with: preset, dataset unless it is the usual one, method of the last stage, and seed.
    pub fn file_stem(&self) -> String {
        let usual = DataSpec::default().dataset;
        let preset = if self.preset.is_empty() { "scenario" } else { self.preset.as_str() };
        let data = Some(self.data.dataset.as_str()).filter(|data| *data != usual);
        let method = self.stages.last().map(|stage| stage.method.id.as_str());
        let parts: Vec<&str> = [Some(preset), data, method].into_iter().flatten().collect();
        format!("{}-seed{}", parts.join("-"), self.seed)
    }
}

impl Default for Scenario {
    fn default() -> Self {
        Self {
            format: SCENARIO_FORMAT,
            preset: String::new(),
            seed: 1,
            data: DataSpec::default(),
            stages: Vec::new(),
            evaluation: EvaluationSpec::default(),
        }
    }
}

impl Default for DataSpec {
    fn default() -> Self {
        Self {
            dataset: "fashion-mnist".to_owned(),
            train_per_class: 400,
            test_per_class: 200,
            shift: 1,
            noise: 0.05,
            values: Values::new(),
        }
    }
}

impl Default for Stage {
    fn default() -> Self {
        Self {
            classes: 10,
            fraction: 1.0,
            rehearsal: 0,
            encoder: Choice::of("mlp"),
            dims: 32,
            method: Choice::plain(),
            schedule: Schedule::default(),
            from: Vec::new(),
            sees: Values::new(),
        }
    }
}

impl Default for Schedule {
    fn default() -> Self {
        Self { epochs: 20, batch: 128, rate: 2e-3, warmup: 1.0, decay: 1e-4, scale: 10.0 }
    }
}

impl Default for EvaluationSpec {
    fn default() -> Self {
        Self { loss_every: 4, every: 40, queries: 400, gallery: 1000 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_upgrade_is_the_first_stage_that_goes_on_from_this_one() {
        let stage = |from: &[u8]| Stage { from: from.to_vec(), ..Stage::default() };
        let scenario =
            Scenario { stages: vec![stage(&[]), stage(&[1]), stage(&[1]), stage(&[2, 3])], ..Scenario::default() };
        assert_eq!([1, 2, 3, 4, 9].map(|stage| scenario.next(stage)), [Some(2), Some(4), Some(4), None, None]);
    }

    #[test]
    fn files_are_named_by_what_tells_runs_apart() {
        let stage = |id: &str| Stage { method: Choice::of(id), ..Stage::default() };
        let mut scenario = Scenario { preset: "chain".to_owned(), seed: 7, ..Scenario::default() };
        scenario.stages = vec![stage(Choice::PLAIN), stage("l2"), stage("bct")];
        assert_eq!(scenario.file_stem(), "chain-bct-seed7");
        scenario.data.dataset = "own-0a1b2c3d".to_owned();
        assert_eq!(scenario.file_stem(), "chain-own-0a1b2c3d-bct-seed7");
        assert_eq!(Scenario::default().file_stem(), "scenario-seed1");
    }
}
