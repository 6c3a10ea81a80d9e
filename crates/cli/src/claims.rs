//! Which published claims hold at this scale: runs a preset under several methods and seeds and judges by rule.
//!
//! Verdicts are computed from the runs, never typed. Differences between methods are paired by seed: the same data, order,
//! augmentation and old model.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use anyhow::Context as _;
use lab::{Engine, Runner};
use measure::statistics::Summary;
use protocol::{Choice, Event, Rates, RunLog, Scenario, Verdict};
use serde::Serialize;

use crate::machine::machine;
use crate::{dataset, run};

/// Where the claims are checked, and where the report goes.
#[derive(clap::Args)]
pub struct ClaimsArguments {
    /// Folder for claims.md and claims.json.
    #[arg(long, default_value = "docs")]
    out: PathBuf,
    /// Seeds 1 to this one.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=100))]
    seeds: u32,
    /// The preset that is run.
    #[arg(long, default_value = "extended-class")]
    preset: String,
    /// Folder with manifest.json and the datasets.
    #[arg(long, default_value = "public/data")]
    data: PathBuf,
}

/// The runs of one seed.
struct SeedRuns {
    bct: Verdict,
    bt2: Verdict,
    chance: Rates,
}

/// What a rule finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Finding {
    /// The rule is met, and not by less than the spread over seeds.
    Holds,
    /// The rule is not met, and not by less than the spread over seeds.
    Fails,
    /// The spread over seeds reaches over the bound.
    WithinNoise,
}

/// One number per seed that must lie on one side of a bound.
struct Rule {
    claim: &'static str,
    paper: &'static str,
    /// The rule in words.
    rule: &'static str,
    /// The number that is judged, in points or as a share.
    value: fn(&SeedRuns) -> f64,
    /// The number must be at least this.
    at_least: f64,
}

/// One judged claim.
#[derive(Serialize)]
struct Row {
    claim: &'static str,
    paper: &'static str,
    rule: &'static str,
    values: Vec<f64>,
    mean: f64,
    deviation: f64,
    finding: Finding,
}

/// The machine-readable report.
#[derive(Serialize)]
struct Report {
    preset: String,
    seeds: u32,
    seconds: f64,
    rows: Vec<Row>,
}

const BCT: &str = "Shen et al. 2020 (BCT)";
const BT2: &str = "Zhou et al. 2023 (BT²)";
const LAB: &str = "this lab";

/// Points between two fractions.
fn points(difference: f64) -> f64 {
    100.0 * difference
}

/// The claims, in the order of the report. Every number is oriented so that more is better for the claim.
const RULES: &[Rule] = &[
    Rule {
        claim: "There is headroom: old/old mAP is at most 60 % and at least 30 %",
        paper: LAB,
        rule: "distance in points to the nearer end of 30 to 60 % >= 0",
        value: |runs| points((runs.bt2.old_old.map - 0.3).min(0.6 - runs.bt2.old_old.map)),
        at_least: 0.0,
    },
    Rule {
        claim: "There is headroom: independent/independent mAP is at most 90 % and at least 60 %",
        paper: LAB,
        rule: "distance in points to the nearer end of 60 to 90 % >= 0",
        value: |runs| points((runs.bt2.ceiling.map - 0.6).min(0.9 - runs.bt2.ceiling.map)),
        at_least: 0.0,
    },
    Rule {
        claim: "Independent models are incompatible: independent/old mAP is near chance",
        paper: BCT,
        rule: "points of independent/old mAP below twice the chance level >= 0",
        value: |runs| points(2.0 * runs.chance.map - runs.bt2.independent_old.map),
        at_least: 0.0,
    },
    Rule {
        claim: "Independent models are alike all the same: debiased linear CKA is high",
        paper: BCT,
        rule: "CKA(independent, old) >= 0.3",
        value: |runs| runs.bt2.cka_independent,
        at_least: 0.3,
    },
    Rule {
        claim: "BCT is compatible by mAP",
        paper: BCT,
        rule: "M(n,o) - M(o,o) in points of mAP >= 0",
        value: |runs| points(runs.bct.gain()),
        at_least: 0.0,
    },
    Rule {
        claim: "BCT is compatible by top-1",
        paper: BCT,
        rule: "M(n,o) - M(o,o) in points of CMC top-1 >= 0",
        value: |runs| points(runs.bct.new_old.cmc1 - runs.bct.old_old.cmc1),
        at_least: 0.0,
    },
    Rule {
        claim: "BCT pays a tax on the self-test",
        paper: BCT,
        rule: "M(*,*) - M(n,n) in points of mAP >= 0",
        value: |runs| points(runs.bct.tax),
        at_least: 0.0,
    },
    Rule {
        claim: "BT² is compatible by mAP",
        paper: BT2,
        rule: "M(n,o) - M(o,o) in points of mAP >= 0",
        value: |runs| points(runs.bt2.gain()),
        at_least: 0.0,
    },
    Rule {
        claim: "BT² keeps the self-test: it stays within a point of the independent model's",
        paper: BT2,
        rule: "M(n,n) - M(*,*) in points of mAP >= -1",
        value: |runs| points(-runs.bt2.tax),
        at_least: -1.0,
    },
    Rule {
        claim: "BT²'s self-test is at least BCT's",
        paper: BT2,
        rule: "paired difference in points of mAP >= 0",
        value: |runs| points(runs.bt2.new_new.map - runs.bct.new_new.map),
        at_least: 0.0,
    },
    Rule {
        claim: "BT²'s cross-test is at least BCT's",
        paper: BT2,
        rule: "paired difference in points of mAP >= 0",
        value: |runs| points(runs.bt2.new_old.map - runs.bct.new_old.map),
        at_least: 0.0,
    },
];

/// Runs the claims and writes the report.
pub async fn claims(arguments: &ClaimsArguments) -> anyhow::Result<()> {
    let started = Instant::now();
    let scenario = run::preset(&arguments.preset)?;
    let dataset = Arc::new(dataset::load(&arguments.data, &scenario.data.dataset)?);
    let mut runs = Vec::new();
    for seed in 1..=arguments.seeds {
        eprintln!("claims: seed {seed} of {}", arguments.seeds);
        let under = async |method: &str| one(with_method(&scenario, method, seed), Arc::clone(&dataset)).await;
        let (bct, chance) = under("bct").await?;
        let (bt2, _) = under("bt2").await?;
        runs.push(SeedRuns { bct, bt2, chance });
    }
    let rows = RULES.iter().map(|rule| judge(rule, &runs)).collect();
    let seconds = started.elapsed().as_secs_f64();
    let report = Report { preset: arguments.preset.clone(), seeds: arguments.seeds, seconds, rows };
    std::fs::create_dir_all(&arguments.out).with_context(|| format!("cannot make {}", arguments.out.display()))?;
    run::write(&arguments.out.join("claims.json"), serde_json::to_string_pretty(&report)?.as_bytes())?;
    run::write(&arguments.out.join("claims.md"), markdown(&report).as_bytes())?;
    println!("Wrote {}", arguments.out.join("claims.md").display());
    Ok(())
}

/// The scenario with its last stage under another method: the preset's own parameters where it has the same method.
fn with_method(scenario: &Scenario, method: &str, seed: u32) -> Scenario {
    let mut scenario = scenario.clone();
    scenario.seed = u64::from(seed);
    if let Some(stage) = scenario.stages.last_mut().filter(|stage| stage.method.id != method) {
        stage.method = Choice::of(method);
    }
    scenario
}

/// One run to its end.
async fn one(scenario: Scenario, dataset: Arc<data::Dataset>) -> anyhow::Result<(Verdict, Rates)> {
    let mut runner = Runner::new(scenario, dataset, Engine::cpu("Chosen for the report."), run::clock)?;
    let mut log = RunLog::default();
    while let Some(events) = runner.next().await {
        events.iter().for_each(|event: &Event| log.apply(event));
    }
    if let Some(fault) = &log.fault {
        anyhow::bail!("{} {}", fault.message, fault.action);
    }
    let verdict = log.verdicts.pop().context("the run ended without a verdict")?;
    Ok((verdict, log.chance.context("the run ended without a chance level")?))
}

/// Judges one rule.
fn judge(rule: &Rule, runs: &[SeedRuns]) -> Row {
    let values: Vec<f64> = runs.iter().map(rule.value).collect();
    let (mean, deviation) = Summary::of(&values)
        .map_or((f64::NAN, 0.0), |summary| (summary.mean, summary.standard_deviation.unwrap_or_default()));
    let finding = find(&values, rule.at_least);
    Row { claim: rule.claim, paper: rule.paper, rule: rule.rule, values, mean, deviation, finding }
}

/// Holds or fails where the 95 % interval over seeds lies on one side of the bound; with one seed by its value alone.
fn find(values: &[f64], at_least: f64) -> Finding {
    match Summary::of(values) {
        Some(Summary { interval: Some(interval), .. }) if interval.contains(at_least) => Finding::WithinNoise,
        Some(Summary { mean, .. }) if mean >= at_least => Finding::Holds,
        _ => Finding::Fails,
    }
}

fn markdown(report: &Report) -> String {
    let mut text = String::new();
    // Writing into a String cannot fail.
    let _ = write_markdown(report, &mut text);
    text
}

fn write_markdown(report: &Report, text: &mut String) -> std::fmt::Result {
    let Report { preset, seeds, seconds, rows } = report;
    let machine = machine();
    writeln!(text, "# Claims at this scale\n")?;
    writeln!(
        text,
        "Made by `cargo xtask claims --seeds {seeds}` in {seconds:.0} s on the CPU engine ({machine}): the preset *{preset}* on Fashion-MNIST under BCT \
         and under BT², seeds 1 to {seeds}, with the same data, order, augmentation, schedule and old model for both. Rerun the command to replace this page.\n"
    )?;
    writeln!(
        text,
        "A claim *holds* or *does not hold* where the 95 % interval of the mean over seeds (Student's t) lies on one side of the \
         rule's bound, and is *within noise* where it does not. Points are hundredths of mAP or top-1 over all 2000 test queries.\n"
    )?;
    writeln!(text, "| claim | of | rule | mean | sd over seeds | per seed | finding |")?;
    writeln!(text, "| --- | --- | --- | --- | --- | --- | --- |")?;
    for Row { claim, paper, rule, values, mean, deviation, finding } in rows {
        let values: Vec<String> = values.iter().map(|value| format!("{value:.2}")).collect();
        let finding = match finding {
            Finding::Holds => "holds",
            Finding::Fails => "**does not hold**",
            Finding::WithinNoise => "within noise",
        };
        writeln!(
            text,
            "| {claim} | {paper} | {rule} | {mean:.2} | {deviation:.2} | {} | {finding} |",
            values.join(", ")
        )?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_claim_holds_or_fails_only_beyond_the_spread_over_seeds() {
        assert_eq!(find(&[1.0, 1.1, 0.9], 0.0), Finding::Holds);
        assert_eq!(find(&[1.0, -1.1, 0.9], 0.0), Finding::WithinNoise);
        assert_eq!(find(&[-1.0, -1.1, -0.9], 0.0), Finding::Fails);
        assert_eq!(find(&[-1.0, -1.1, -0.9], -2.0), Finding::Holds);
    }

    #[test]
    fn one_seed_is_judged_by_its_value() {
        assert_eq!(find(&[0.1], 0.0), Finding::Holds);
        assert_eq!(find(&[-0.1], 0.0), Finding::Fails);
        assert_eq!(find(&[f64::NAN], 0.0), Finding::Fails);
    }
}
