//! Which published claims hold at this scale: runs presets under several methods and seeds and judges by rule.
//!
//! | module | what it holds |
//! | --- | --- |
//! | [`execute`] | the running, side by side |
//! | [`store`] | what is kept of a run, and the files that a broken-off report goes on from |
//! | [`judge`] | the statistics: from numbers per seed to a finding |
//! | [`report`] | the page for people |
//!
//! The claims with their rules, and the scenarios that they are about, stand in the file of the method ([`lab::claims`]). Verdicts
//! are computed from the runs, never typed. Differences between methods are paired by seed: the same data, order, augmentation and old
//! model.

mod execute;
mod judge;
mod report;
mod store;

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::Context as _;
use lab::claims::{Rule, rules};
use protocol::{ClaimsReport, to_link};

use crate::machine::machine;
use crate::run;
use store::Store;

/// Where the claims are checked, and where the report goes.
#[derive(clap::Args)]
pub struct ClaimsArguments {
    /// Folder for claims.md and claims.json.
    #[arg(long, default_value = "docs")]
    out: PathBuf,
    /// Seeds 1 to this one.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=100))]
    seeds: u32,
    /// One seed and hardly any training: shows that everything runs, says nothing about the claims.
    #[arg(long, conflicts_with = "seeds")]
    quick: bool,
    /// Folder for finished runs, from which a broken-off report goes on.
    #[arg(long, default_value = "target/claims")]
    runs: PathBuf,
    /// Folder with manifest.json and the datasets.
    #[arg(long, default_value = "public/data")]
    data: PathBuf,
}

/// Runs the claims and writes the report.
pub fn claims(arguments: &ClaimsArguments) -> anyhow::Result<()> {
    let seeds = if arguments.quick { 1 } else { arguments.seeds };
    let store = Store::open(&arguments.runs)?;
    let families = execute::families(arguments.quick)?;
    let logs = execute::execute(&families, seeds, &arguments.data, &store)?;
    let rows = rules().map(|(method, rule)| Ok(judge::judge(method, rule, &logs, link(rule, arguments.quick)?)));
    let report = ClaimsReport {
        command: match arguments.quick {
            true => "cargo xtask claims --quick".to_owned(),
            false => format!("cargo xtask claims --seeds {seeds}"),
        },
        machine: machine(),
        quick: arguments.quick,
        seeds,
        seconds: logs.iter().flat_map(BTreeMap::values).filter_map(|log| log.seconds).sum(),
        rows: rows.collect::<anyhow::Result<_>>()?,
    };
    std::fs::create_dir_all(&arguments.out).with_context(|| format!("cannot make {}", arguments.out.display()))?;
    run::write(&arguments.out.join("claims.json"), serde_json::to_string_pretty(&report)?.as_bytes())?;
    run::write(&arguments.out.join("claims.md"), report::markdown(&report).as_bytes())?;
    println!("Wrote {}", arguments.out.join("claims.md").display());
    Ok(())
}

/// The scenario to try a rule with, as the page's address writes it.
fn link(rule: &Rule, quick: bool) -> anyhow::Result<String> {
    let arm = rule.tried().with_context(|| format!("the rule {} is about no arm", rule.id))?;
    let catalogue = lab::catalogue();
    let mut scenario = execute::scenario(arm, quick)?;
    scenario.settle(&catalogue);
    Ok(to_link(&scenario, &catalogue)?)
}
