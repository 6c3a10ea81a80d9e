//! What may be chosen for each method before it is judged, and what was.
//!
//! Every method has the same budget: the scale of the cosine logits, which decides mAP by a dozen points, from [`SCALES`], and then a third
//! and three times of its one weight, if it has any. What is best is chosen on images that no test has: a fifth of the *training*
//! images stands in for the test images, with seeds and orders of the classes that are not reported. The independent model, which is the
//! ceiling, comes first; the old model, and whatever only maps between independent models, is trained as it says.

use std::collections::BTreeMap;

use protocol::{Catalogue, Choice, Stage};
use serde::{Deserialize, Serialize};

use super::Design;

/// Scales of the cosine logits to choose from.
pub const SCALES: [f64; 6] = [2.0, 3.0, 5.0, 7.0, 10.0, 15.0];
/// Factors of a method's weight to choose from, once its scale is chosen; 1 is what was tried with every scale.
pub const FACTORS: [f64; 2] = [1.0 / 3.0, 3.0];
/// Seeds with which it is chosen.
pub const SEEDS: [u64; 2] = [11, 12];
/// Orders of the classes with which it is chosen.
pub const ORDERS: [u32; 2] = [4, 5];
/// Presets on whose training images it is chosen; the first stands for all others of its data.
pub const PRESETS: [&str; 2] = ["extended-class", "forty-classes"];

/// Methods for which something is chosen, the independent model first, with the weight that each has.
pub const METHODS: &[(&str, Option<&str>)] = &[
    (Choice::PLAIN, None),
    ("bct", Some("lambda")),
    ("bt2", Some("influence")),
    ("oca", Some("influence")),
    ("mixbct", Some("share")),
    ("ract", Some("contrast")),
    ("unibct", Some("lambda")),
    ("advbct", Some("boundary")),
    ("lce", Some("alignment")),
    ("nccl", Some("beta")),
    ("l2", Some("weight")),
    ("naive-extra-dims", Some("lambda")),
    ("darkrank", Some("weight")),
];

/// What was chosen, by preset and method.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Chosen(pub Vec<Settings>);

/// What was chosen for a method.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// One of [`PRESETS`].
    pub preset: String,
    /// Id of the method.
    pub method: String,
    /// Scale of the cosine logits.
    pub scale: f64,
    /// Parameters that are not as by default.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub values: BTreeMap<String, f64>,
    /// Everything that was tried, in this order.
    pub tried: Vec<Tried>,
}

/// Settings that were tried.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tried {
    /// Scale of the cosine logits.
    pub scale: f64,
    /// The weight, where the method has one.
    pub weight: Option<f64>,
    /// What each run scored: the mean of mAP and top-1, in points, over self-test and cross-test; of the independent model over the
    /// self-test alone.
    pub scores: Vec<f64>,
}

impl Tried {
    /// Mean over runs.
    pub fn score(&self) -> f64 {
        measure::statistics::mean(&self.scores).unwrap_or(f64::NEG_INFINITY)
    }
}

impl Settings {
    /// The best of what was tried, the first of equal ones; `None` if nothing was.
    pub fn best(
        preset: &str,
        method: &str,
        weight: Option<&str>,
        default: Option<f64>,
        tried: Vec<Tried>,
    ) -> Option<Self> {
        let best = tried.iter().reduce(|best, next| if next.score() > best.score() { next } else { best })?;
        let other = best.weight.filter(|&value| Some(value) != default);
        let values = weight.zip(other).map(|(id, value)| (id.to_owned(), value)).into_iter().collect();
        Some(Self { preset: preset.to_owned(), method: method.to_owned(), scale: best.scale, values, tried })
    }
}

impl Chosen {
    /// What was chosen for a method where the stages come from this preset.
    pub fn of(&self, preset: &str, method: &str) -> Option<&Settings> {
        let [usual, forty] = PRESETS;
        let home = if preset == forty { forty } else { usual };
        self.row(home, method).or_else(|| self.row(usual, method))
    }

    /// What was chosen for a method on the images of this very preset.
    pub fn row(&self, preset: &str, method: &str) -> Option<&Settings> {
        self.0.iter().find(|row| row.preset == preset && row.method == method)
    }

    /// What these settings scored when they were tried before; `None` if they were not, or with another old model.
    pub fn tried(
        &self,
        preset: &str,
        method: &str,
        (scale, weight): (f64, Option<f64>),
        plain: Option<f64>,
    ) -> Option<Tried> {
        if plain.is_some_and(|plain| self.row(preset, Choice::PLAIN).is_none_or(|row| row.scale != plain)) {
            return None;
        }
        self.row(preset, method)?.tried.iter().find(|tried| (tried.scale, tried.weight) == (scale, weight)).cloned()
    }

    /// Sets these stages as was chosen. What was set on purpose stays; where nothing was chosen for a method, what was for the
    /// independent model counts. Presets of whose data nothing was chosen stay as they are.
    pub fn apply(&self, preset: &str, stages: &mut [Stage]) {
        if !is_chosen_for(preset) {
            return;
        }
        for stage in stages {
            let own = self.of(preset, &stage.method.id);
            if let Some(settings) = own.or_else(|| self.of(preset, Choice::PLAIN)) {
                stage.schedule.scale = settings.scale;
            }
            for (id, &value) in own.iter().flat_map(|settings| &settings.values) {
                stage.method.values.entry(id.clone()).or_insert(value);
            }
        }
    }
}

/// Whether the arms of a preset are set as was chosen: those whose old and new classes are drawn.
pub fn is_chosen_for(preset: &str) -> bool {
    Design::of(preset).orders != [0]
}

/// The weights to try once the scale is chosen, and the one by default; empty for a method without any.
pub fn weights(catalogue: &Catalogue, method: &str, weight: Option<&str>) -> (Option<f64>, Vec<f64>) {
    let parameter =
        catalogue.method(method).zip(weight).and_then(|(card, id)| card.parameters.iter().find(|it| it.id == id));
    let Some(parameter) = parameter else { return (None, Vec::new()) };
    let others = FACTORS.map(|factor| parameter.nearest(factor * parameter.default));
    (Some(parameter.default), others.into_iter().filter(|&value| value != parameter.default).collect())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use super::*;

    fn tried(scale: f64, weight: Option<f64>, scores: [f64; 2]) -> Tried {
        Tried { scale, weight, scores: scores.to_vec() }
    }

    #[test]
    fn the_best_on_average_is_chosen_and_what_was_set_on_purpose_stays() {
        let plain = Settings::best("extended-class", "independent", None, None, vec![tried(5.0, None, [1.0, 2.0])]);
        let all = vec![
            tried(3.0, Some(1.0), [50.0, 60.0]),
            tried(7.0, Some(1.0), [58.0, 54.0]),
            tried(7.0, Some(3.0), [40.0, 80.0]),
        ];
        let bct = Settings::best("extended-class", "bct", Some("lambda"), Some(1.0), all).unwrap();
        assert_eq!((bct.scale, bct.values.get("lambda")), (7.0, Some(&3.0)));
        let chosen = Chosen(vec![plain.unwrap(), bct]);
        let stage = |method: Choice| Stage { method, ..Stage::default() };
        let mut stages = [
            stage(Choice::plain()),
            stage(Choice::of("bct")),
            stage(Choice::of("bct").with("lambda", 0.0)),
            stage(Choice::of("hoc")),
        ];
        chosen.apply("chain", &mut stages);
        assert_eq!(stages.each_ref().map(|stage| stage.schedule.scale), [5.0, 7.0, 7.0, 5.0]);
        assert_eq!(stages[1].method.values.get("lambda"), Some(&3.0));
        assert_eq!(stages[2].method.values.get("lambda"), Some(&0.0));
        let mut others = [stage(Choice::of("bct"))];
        chosen.apply("merge", &mut others);
        assert_eq!(others, [stage(Choice::of("bct"))]);
    }

    #[test]
    fn every_method_of_the_budget_exists_with_its_weight() {
        let catalogue = crate::catalogue();
        for &(method, weight) in METHODS {
            assert!(catalogue.method(method).is_some(), "{method}");
            let (default, others) = weights(&catalogue, method, weight);
            assert_eq!((default.is_some(), others.is_empty()), (weight.is_some(), weight.is_none()), "{method}");
        }
        assert!(PRESETS.iter().all(|preset| catalogue.preset(preset).is_some() && is_chosen_for(preset)));
    }
}
