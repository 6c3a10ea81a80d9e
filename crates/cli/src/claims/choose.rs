//! Chooses the settings of each method: [`lab::claims::chosen`] says among what and on which images.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use lab::claims::chosen::{self, METHODS, ORDERS, PRESETS, SCALES, SEEDS, Settings, Tried};
use lab::claims::{Arm, Chosen, Fact, Facts, NEW_NEW, NEW_OLD, arms};
use protocol::{Choice, ClaimMetric, Scenario};

use super::execute::{self, Datasets, Job, Wanted};
use super::store::Store;
use crate::run;

/// Settings to try: a scale, and a weight where the method has one.
type Try = (f64, Option<f64>);

/// What runs scored, by method, setting and run, so that the runs of a setting stay in order whichever ends first.
type Scores = BTreeMap<(String, usize, usize), f64>;

/// Chooses for every method and keeps what was chosen, preset by preset: first for the independent model, whose scale the old model has
/// from then on, then the scale of every other method, then its weight. What was tried before is not tried again.
pub fn choose(store: &Store, datasets: &mut Datasets, until: Option<Instant>) -> anyhow::Result<()> {
    let catalogue = lab::catalogue();
    let (kept, mut all) = (store.chosen()?, Chosen::default());
    for preset in PRESETS {
        let scales = |weight: Option<f64>| SCALES.map(|scale| (scale, weight)).to_vec();
        // What no rule asks of this preset needs no choice.
        let asked = |id: &str| arms().into_iter().any(|arm| arm.preset == preset && last(arm) == Some(id.to_owned()));
        let (plain, others) = METHODS.split_at(1);
        let others: Vec<_> = others.iter().copied().filter(|(id, _)| asked(id)).collect();
        for methods in [plain, &others] {
            let first: Vec<(&str, Vec<Try>)> = methods
                .iter()
                .map(|&(method, weight)| (method, scales(chosen::weights(&catalogue, method, weight).0)))
                .collect();
            let scored = tried(preset, &first, (&all, &kept), datasets, until)?;
            let second: Vec<(&str, Vec<Try>)> = methods
                .iter()
                .map(|&(method, weight)| {
                    let (default, others) = chosen::weights(&catalogue, method, weight);
                    let tried = scored.get(method).cloned().unwrap_or_default();
                    let best = Settings::best(preset, method, weight, default, tried);
                    let best = best.map_or(SCALES[0], |settings| settings.scale);
                    (method, others.into_iter().map(|weight| (best, Some(weight))).collect())
                })
                .collect();
            let further = tried(preset, &second, (&all, &kept), datasets, until)?;
            for &(method, weight) in methods {
                let (default, _) = chosen::weights(&catalogue, method, weight);
                let of = |scored: &BTreeMap<String, Vec<Tried>>| scored.get(method).cloned().unwrap_or_default();
                let tried = [of(&scored), of(&further)].concat();
                all.0.extend(Settings::best(preset, method, weight, default, tried));
            }
            store.choose(&all)?;
        }
    }
    println!("Wrote {}/chosen.json", store.folder());
    Ok(())
}

/// The method of the last stage of an arm.
fn last(arm: &Arm) -> Option<String> {
    let scenario = arm.scenario(&run::preset(arm.preset).ok()?, &Chosen::default());
    scenario.stages.into_iter().next_back().map(|stage| stage.method.id)
}

/// Tries settings of methods, with those that are chosen by now and those that were tried in another session.
fn tried(
    preset: &'static str,
    settings: &[(&str, Vec<Try>)],
    (before, kept): (&Chosen, &Chosen),
    datasets: &mut Datasets,
    until: Option<Instant>,
) -> anyhow::Result<BTreeMap<String, Vec<Tried>>> {
    let base = run::preset(preset)?;
    let runs = || SEEDS.into_iter().zip(ORDERS);
    let plain = before.row(preset, Choice::PLAIN).map(|row| row.scale);
    let known = |method: &str, setting| kept.tried(preset, method, setting, plain);
    let mut jobs = Vec::new();
    for (seed, order) in runs() {
        let mut wanted = Vec::new();
        for (method, tries) in settings {
            for (number, &(scale, weight)) in tries.iter().enumerate() {
                if known(method, (scale, weight)).is_some() {
                    continue;
                }
                let scenario = scenario(&base, method, (scale, weight), before, (seed, order));
                wanted.push(Wanted { name: format!("{method} {number}"), scenario, pairs: Vec::new() });
            }
        }
        jobs.push(Job { preset, order, seed, held_out: true, wanted });
    }
    let scores = Mutex::new(Scores::new());
    execute::execute(jobs, datasets, until, |job, name, outcome| {
        if let Some((method, number)) = name.split_once(' ') {
            let run = runs().position(|run| run == (job.seed, job.order)).unwrap_or_default();
            let mut scores = scores.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(score) = score(method, &outcome.facts) {
                scores.insert((method.to_owned(), number.parse()?, run), score);
            }
        }
        Ok(())
    })?;
    let scores = scores.into_inner().unwrap_or_else(PoisonError::into_inner);
    let mut found: BTreeMap<String, Vec<Tried>> = BTreeMap::new();
    for (method, tries) in settings {
        for (number, &(scale, weight)) in tries.iter().enumerate() {
            let of = scores.range(((*method).to_owned(), number, 0)..((*method).to_owned(), number + 1, 0));
            let scores: Vec<f64> = of.map(|(_, &score)| (1000.0 * score).round() / 1000.0).collect();
            // What was not run on all of them cannot be compared.
            let complete = scores.len() == runs().count();
            let tried = complete.then_some(Tried { scale, weight, scores }).or_else(|| known(method, (scale, weight)));
            found.entry((*method).to_owned()).or_default().extend(tried);
        }
    }
    Ok(found)
}

/// The preset with this method last, set like this, and an old model as was chosen or, while that is being chosen, of the same scale.
fn scenario(
    base: &Scenario,
    method: &str,
    (scale, weight): Try,
    before: &Chosen,
    (seed, order): (u64, u32),
) -> Scenario {
    let mut scenario = base.clone();
    super::draw(&mut scenario, seed, order);
    let plain = before.row(&base.preset, Choice::PLAIN).map_or(scale, |row| row.scale);
    for stage in &mut scenario.stages {
        stage.schedule.scale = plain;
    }
    if let Some(last) = scenario.stages.last_mut() {
        // What the preset sets of its own method, as the head of BT², is no part of the choice.
        if last.method.id != method {
            last.method = Choice::of(method);
        }
        let name = METHODS.iter().find(|(id, _)| *id == method).and_then(|(_, weight)| *weight);
        if let Some((name, weight)) = name.zip(weight) {
            last.method = last.method.clone().with(name, weight);
        }
        last.schedule.scale = scale;
    }
    scenario
}

/// What a run of a method scored.
pub fn score(method: &str, facts: &Facts) -> Option<f64> {
    let pairs: &[_] = if method == Choice::PLAIN { &[NEW_NEW] } else { &[NEW_NEW, NEW_OLD] };
    let scores = pairs.iter().flat_map(|&pair| ClaimMetric::ALL.map(|metric| facts.get(Fact::Score(pair), metric)));
    let scores = scores.collect::<Option<Vec<f64>>>()?;
    measure::statistics::mean(&scores)
}
