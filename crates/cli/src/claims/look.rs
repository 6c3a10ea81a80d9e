//! Looks again at what presets set beside what is chosen, on the same images as the choice: is another number of epochs, another rate or another
//! number of extra dims better? Nothing follows from it by itself: every method of a preset has the same schedule, and a reader sees what it
//! costs whom.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use anyhow::Context as _;
use lab::claims::Chosen;
use lab::claims::chosen::{ORDERS, PRESETS, SEEDS};
use protocol::{Choice, Scenario, Stage};
use serde::{Deserialize, Serialize};

use super::choose::score;
use super::execute::{self, Datasets, Job, Wanted};
use super::store::Store;
use crate::run;

/// Factors of an epoch's number and of a rate that are looked at.
const FACTORS: [f64; 2] = [0.5, 2.0];
/// Numbers of extra dims that are looked at.
const EXTRA: [f64; 2] = [4.0, 16.0];

/// What a preset's method scores where it is set otherwise.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Looked {
    /// Id of the preset.
    pub preset: String,
    /// Id of the method of the last stage.
    pub method: String,
    /// What is set otherwise than in the preset, in words; empty for the preset as it is.
    pub with: String,
    /// What each run scored, as in a choice.
    pub scores: Vec<f64>,
}

/// What is set otherwise in the last stage.
type Variant = (String, Box<dyn Fn(&mut Stage)>);

/// Runs what there is to look at and keeps it.
pub fn look(store: &Store, chosen: &Chosen, datasets: &mut Datasets, until: Option<Instant>) -> anyhow::Result<()> {
    let (mut jobs, mut names) = (Vec::new(), Vec::new());
    for preset in PRESETS {
        let base = run::preset(preset)?;
        let own = base.stages.last().map(|stage| stage.method.clone()).unwrap_or_default();
        for method in [Choice::plain(), own] {
            for (with, change) in variants(&base, &method) {
                names.push((preset, method.id.clone(), with));
                let name = (names.len() - 1).to_string();
                for (seed, order) in SEEDS.into_iter().zip(ORDERS) {
                    let scenario = scenario(&base, chosen, &method, &*change, (seed, order));
                    let wanted = vec![Wanted { name: name.clone(), scenario, pairs: Vec::new() }];
                    jobs.push(Job { preset, order, seed, held_out: true, wanted });
                }
            }
        }
    }
    let scores = Mutex::new(BTreeMap::new());
    execute::execute(jobs, datasets, until, |job, name, outcome| {
        let at: usize = name.parse()?;
        let method = names.get(at).map(|(_, method, _)| method.as_str()).unwrap_or_default();
        let score = score(method, &outcome.facts).context("a run has no score")?;
        let mut scores = scores.lock().unwrap_or_else(PoisonError::into_inner);
        scores.insert((at, job.seed), (1000.0 * score).round() / 1000.0);
        Ok(())
    })?;
    let scores = scores.into_inner().unwrap_or_else(PoisonError::into_inner);
    let looked = names.into_iter().enumerate().map(|(at, (preset, method, with))| {
        let scores: Vec<f64> = scores.range((at, 0)..(at + 1, 0)).map(|(_, &score)| score).collect();
        Looked { preset: preset.to_owned(), method, with, scores }
    });
    // What was not run on all of them cannot be compared.
    let looked: Vec<Looked> = looked.filter(|it| it.scores.len() == SEEDS.len()).collect();
    store.keep_looked(&looked)
}

/// The preset as it is, and set otherwise in one thing at a time.
fn variants(base: &Scenario, method: &Choice) -> Vec<Variant> {
    let schedule = base.stages.last().map(|stage| stage.schedule.clone()).unwrap_or_default();
    let mut variants: Vec<Variant> = vec![(String::new(), Box::new(|_| {}))];
    for factor in FACTORS {
        let epochs = (factor * f64::from(schedule.epochs)).round() as u32;
        variants.push((format!("{epochs} epochs"), Box::new(move |stage| stage.schedule.epochs = epochs)));
    }
    for factor in FACTORS {
        let rate = factor * schedule.rate;
        variants.push((format!("rate {rate}"), Box::new(move |stage| stage.schedule.rate = rate)));
    }
    if method.id == "bt2" {
        for r in EXTRA {
            variants.push((
                format!("r {r}"),
                Box::new(move |stage| {
                    stage.method.values.insert("r".to_owned(), r);
                }),
            ));
        }
    }
    variants
}

/// The preset with this method last, with what was chosen, and then what is set otherwise.
fn scenario(
    base: &Scenario,
    chosen: &Chosen,
    method: &Choice,
    change: &dyn Fn(&mut Stage),
    (seed, order): (u64, u32),
) -> Scenario {
    let mut scenario = base.clone();
    super::draw(&mut scenario, seed, order);
    if let Some(last) = scenario.stages.last_mut() {
        last.method = method.clone();
    }
    chosen.apply(&base.preset, &mut scenario.stages);
    if let Some(last) = scenario.stages.last_mut() {
        change(last);
    }
    scenario
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use super::*;

    #[test]
    fn one_thing_at_a_time_is_set_otherwise() {
        let base = run::preset("extended-class").unwrap();
        let own = base.stages[1].method.clone();
        let plain = scenario(&base, &Chosen::default(), &own, &|_| {}, (11, 4));
        assert_eq!((plain.seed, plain.data.values["class_order"]), (11, 4.0));
        let variants = variants(&base, &own);
        let names: Vec<&str> = variants.iter().map(|(with, _)| with.as_str()).collect();
        assert_eq!(names, ["", "10 epochs", "40 epochs", "rate 0.001", "rate 0.004", "r 4", "r 16"]);
        for (with, change) in &variants[1..] {
            let other = scenario(&base, &Chosen::default(), &own, &**change, (11, 4));
            assert_eq!(other.stages[0], plain.stages[0], "{with}: the old model stays");
            assert_ne!(other.stages[1], plain.stages[1], "{with}");
        }
    }
}
