//! Which published claims hold at this scale: runs presets under several methods, seeds and orders of the classes, and judges by rule.
//!
//! | module | what it holds |
//! | --- | --- |
//! | [`execute`] | the running, side by side |
//! | [`choose`] | the choice of settings, on held-out training images |
//! | [`look`] | what presets set beside that, looked at on the same images |
//! | [`store`] | the facts of finished runs, which lie in the repository and from which a report goes on |
//! | [`judge`] | the statistics: from numbers per run to a finding |
//! | [`report`] | the page for people |
//! | [`weights`] | the models of runs, for a reader who computes the numbers anew |
//!
//! The claims with their rules, and the scenarios that they are about, stand in the file of the method ([`lab::claims`]). Verdicts
//! are computed from the runs, never typed. Differences between methods are paired by seed and order of classes: the same data, order of
//! images, augmentation and, where its settings are the same, old model.

mod choose;
mod execute;
mod judge;
mod look;
mod report;
mod store;
mod weights;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use lab::claims::{Arm, Chosen, Design, Rule, arms, rules};
use protocol::{Scenario, to_link};

use crate::machine::machine;
use crate::run;
use execute::{Datasets, Job, Wanted};
use judge::{Judged, Page};
use store::{Line, Store};

/// Where the claims are checked, and where the report goes.
#[derive(clap::Args)]
pub struct ClaimsArguments {
    /// Folder for claims.md and claims.json, and below it, in claims/, for the facts of finished runs and what was chosen.
    #[arg(long, default_value = "docs")]
    out: PathBuf,
    /// One seed and hardly any training: shows that everything runs, says nothing about the claims.
    #[arg(long)]
    quick: bool,
    /// Chooses the settings of each method anew, on held-out training images, looks there at what presets set beside them, and runs
    /// nothing else.
    #[arg(long, conflicts_with_all = ["quick", "check"])]
    choose: bool,
    /// Starts no run after so many minutes; what is there is judged, and the next report goes on.
    #[arg(long)]
    minutes: Option<f64>,
    /// Runs for these rules alone, by their ids; the others are judged by what is there.
    #[arg(long, value_delimiter = ',')]
    only: Vec<String>,
    /// Runs so many of the runs that are there once more and says how far they differ; the report stays as it is.
    #[arg(long)]
    check: Option<usize>,
    /// Folder for the weights and the numbers of the runs that are run once more, from which docs/recompute.py computes these anew.
    #[arg(long, requires = "check")]
    weights: Option<PathBuf>,
    /// Folder with manifest.json and the datasets.
    #[arg(long, default_value = "public/data")]
    data: PathBuf,
}

/// Differences of a number, in points, that another processor makes; what is beyond was computed by another program.
const PROCESSORS: f64 = 0.5;

/// Runs the claims and writes the report.
pub fn claims(arguments: &ClaimsArguments) -> anyhow::Result<()> {
    let until = arguments.minutes.map(|minutes| Instant::now() + Duration::from_secs_f64(60.0 * minutes.max(0.0)));
    let store = Store::open(&arguments.out.join("claims"))?;
    let mut datasets = Datasets::new(&arguments.data);
    if arguments.choose {
        choose::choose(&store, &mut datasets, until)?;
        return look::look(&store, &store.chosen()?, &mut datasets, until);
    }
    let wanted = wanted(arguments)?;
    let chosen = store.chosen()?;
    if let Some(count) = arguments.check {
        return check(arguments, (count, &wanted), &store, &chosen, &mut datasets);
    }
    let jobs = missing(arguments, &wanted, &store, &chosen)?;
    execute::execute(jobs, &mut datasets, until, |job, name, outcome| {
        store.write(&Line::new(job, name, outcome)?)?;
        Ok(())
    })?;
    let lines = store.lines()?;
    let runs = found(&lines, arguments.quick, &chosen)?;
    let rows = rules().map(|(method, rule)| {
        let link = link(rule, arguments.quick, &chosen)?;
        Ok(judge::judge(method, rule, &runs, link))
    });
    let mut rows = rows.collect::<anyhow::Result<Vec<Judged>>>()?;
    judge::correct(&mut rows);
    let page = Page {
        command: if arguments.quick { "cargo xtask claims --quick" } else { "cargo xtask claims" }.to_owned(),
        machine: if lines.is_empty() { machine() } else { machines(&lines) },
        quick: arguments.quick,
        runs: [
            runs.values().map(|run| run.facts.len()).sum(),
            arms().into_iter().map(|arm| designed(arm, arguments.quick).count()).sum(),
        ],
        seconds: lines.values().map(|line| line.seconds).sum(),
        chosen: chosen.0,
        looked: store.looked()?,
        rows,
    };
    run::write(&arguments.out.join("claims.json"), serde_json::to_string_pretty(&page)?.as_bytes())?;
    run::write(&arguments.out.join("claims.md"), report::markdown(&page).as_bytes())?;
    println!("Wrote {}", arguments.out.join("claims.md").display());
    Ok(())
}

/// The arms to run.
fn wanted(arguments: &ClaimsArguments) -> anyhow::Result<Vec<&'static Arm>> {
    if arguments.only.is_empty() {
        return Ok(arms());
    }
    if let Some(unknown) = arguments.only.iter().find(|id| rules().all(|(_, rule)| rule.id != id.as_str())) {
        bail!("there is no rule '{unknown}'; the first column of claims.md has their ids");
    }
    let asked = rules().filter(|(_, rule)| arguments.only.iter().any(|id| id == rule.id));
    let mut arms: Vec<&'static Arm> = Vec::new();
    for arm in asked.flat_map(|(_, rule)| rule.arms()) {
        if arms.iter().all(|other| other.name != arm.name) {
            arms.push(arm);
        }
    }
    Ok(arms)
}

/// Order of classes and seed of an arm's runs: one alone in a smoke test.
fn designed(arm: &Arm, quick: bool) -> impl Iterator<Item = (u32, u32)> {
    arm.design().runs().take(if quick { 1 } else { usize::MAX })
}

/// What is not there yet: seed by seed, so that a report that is broken off has as many runs of every rule as can be.
fn missing(
    arguments: &ClaimsArguments,
    wanted: &[&'static Arm],
    store: &Store,
    chosen: &Chosen,
) -> anyhow::Result<Vec<Job>> {
    let lines = store.lines()?;
    let mut jobs: Vec<(usize, Job)> = Vec::new();
    for arm in wanted {
        for (place, (order, seed)) in designed(arm, arguments.quick).enumerate() {
            let scenario = scenario(arm, arguments.quick, chosen, order, seed)?;
            let key = store::key(arm.name, order, scenario.seed);
            if lines.get(&key).is_some_and(|line| line.scenario == store::digest(&scenario)) {
                continue;
            }
            let job = Job { preset: arm.preset, order, seed: scenario.seed, held_out: false, wanted: Vec::new() };
            let round = place / arm.design().orders.len().max(1);
            let pairs = rules().flat_map(|(_, rule)| rule.measure.pairs());
            let pairs = pairs.filter(|(of, _)| of.name == arm.name).map(|(_, pair)| pair).collect();
            let wanted = Wanted { name: arm.name.to_owned(), scenario, pairs };
            match jobs.iter_mut().find(|(_, other)| other.is_of(&job)) {
                Some((_, other)) => other.wanted.push(wanted),
                None => jobs.push((round, Job { wanted: vec![wanted], ..job })),
            }
        }
    }
    jobs.sort_by_key(|(round, _)| *round);
    Ok(jobs.into_iter().map(|(_, job)| job).collect())
}

/// The facts that are there of every seed and order of classes, of runs of the arms as they are now.
fn found(lines: &BTreeMap<store::Key, Line>, quick: bool, chosen: &Chosen) -> anyhow::Result<judge::Runs> {
    let mut runs = judge::Runs::new();
    for arm in arms() {
        for (order, seed) in designed(arm, quick) {
            let scenario = scenario(arm, quick, chosen, order, seed)?;
            let line = lines.get(&store::key(arm.name, order, scenario.seed));
            if let Some(line) = line.filter(|line| line.scenario == store::digest(&scenario)) {
                let run = runs.entry((order, scenario.seed)).or_default();
                run.facts.insert(arm.name, line.facts.clone());
                run.trained.insert(arm.name, line.trained);
            }
        }
    }
    Ok(runs)
}

/// Runs some of the runs of these arms that are there once more.
fn check(
    arguments: &ClaimsArguments,
    (count, wanted): (usize, &[&'static Arm]),
    store: &Store,
    chosen: &Chosen,
    datasets: &mut Datasets,
) -> anyhow::Result<()> {
    let lines = store.lines()?;
    let mut jobs = Vec::new();
    for line in lines.values() {
        let Some(arm) = wanted.iter().find(|arm| arm.name == line.arm) else { continue };
        let scenario = scenario(arm, arguments.quick, chosen, line.order, u32::try_from(line.seed)?)?;
        // An arm that has changed since cannot find again what it found.
        if line.scenario == store::digest(&scenario) {
            let wanted = vec![Wanted { name: line.arm.clone(), scenario, pairs: Vec::new() }];
            jobs.push(Job { preset: arm.preset, order: line.order, seed: line.seed, held_out: false, wanted });
        }
    }
    if jobs.is_empty() {
        bail!("{} holds no run of the arms as they are now", store.folder());
    }
    let step = (jobs.len() / count.max(1)).max(1);
    let jobs = jobs.into_iter().step_by(step).take(count).collect();
    let farthest = std::sync::Mutex::new(0.0_f64);
    execute::execute(jobs, datasets, None, |job, name, outcome| {
        if let Some(folder) = &arguments.weights {
            weights::write(folder, job, name, outcome)?;
        }
        let Some(line) = lines.get(&store::key(name, job.order, job.seed)) else { return Ok(()) };
        let apart = line.facts.numbers.iter().filter(|(fact, _)| !fact.ends_with("seconds"));
        let apart = apart.map(|(fact, &value)| {
            (outcome.facts.numbers.get(fact).map_or(f64::INFINITY, |now| (now - value).abs()), fact)
        });
        let (most, fact) =
            apart.fold((0.0, ""), |most, (by, fact)| if by > most.0 { (by, fact.as_str()) } else { most });
        println!("{name}, order {}, seed {}: {most} apart at most {fact} (made by {})", job.order, job.seed, line.made);
        let mut farthest = farthest.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        *farthest = farthest.max(most);
        Ok(())
    })?;
    let farthest = farthest.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    if farthest > PROCESSORS {
        bail!(
            "a number is {farthest} apart, more than another processor makes of it: run the report anew, from an empty {}",
            store.folder()
        );
    }
    Ok(())
}

/// Where the runs were made, each machine once.
fn machines(lines: &BTreeMap<store::Key, Line>) -> String {
    let mut names: Vec<&str> = lines.values().map(|line| line.machine.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    names.join("; ")
}

/// The scenario of a run.
fn scenario(arm: &Arm, quick: bool, chosen: &Chosen, order: u32, seed: u32) -> anyhow::Result<Scenario> {
    let mut preset = run::preset(arm.preset)?;
    if quick {
        hurry(&mut preset);
    }
    let mut scenario = arm.scenario(&preset, chosen);
    draw(&mut scenario, u64::from(seed), order);
    Ok(scenario)
}

/// Sets seed and order of the classes.
fn draw(scenario: &mut Scenario, seed: u64, order: u32) {
    scenario.seed = seed;
    if order > 0 {
        scenario.data.values.insert(Design::ORDER.to_owned(), f64::from(order));
    }
}

/// Enough for every part to run, too little for anything to be learned.
fn hurry(scenario: &mut Scenario) {
    scenario.data.train_per_class = scenario.data.train_per_class.min(20);
    scenario.data.test_per_class = scenario.data.test_per_class.min(20);
    for stage in &mut scenario.stages {
        stage.schedule.epochs = 1;
        // Of a stream in use one severity instead of all five.
        if let Some(batch) = stage.sees.get_mut("stream_batch") {
            *batch = batch.max(16.0);
            stage.sees.insert("severity".to_owned(), 5.0);
        }
    }
}

/// The scenario to try a rule with, as the page's address writes it: with the first order of classes and the first seed.
fn link(rule: &Rule, quick: bool, chosen: &Chosen) -> anyhow::Result<String> {
    let arm = rule.tried().with_context(|| format!("the rule {} is about no arm", rule.id))?;
    let catalogue = lab::catalogue();
    let (order, seed) = arm.design().runs().next().with_context(|| format!("{} has no runs", arm.name))?;
    let mut scenario = scenario(arm, quick, chosen, order, seed)?;
    scenario.settle(&catalogue);
    Ok(to_link(&scenario, &catalogue)?)
}
