//! Which published claims hold at this scale: runs presets under several methods and seeds and judges by rule.
//!
//! | module | what it holds |
//! | --- | --- |
//! | [`arms`] | the scenarios that are run |
//! | [`outcome`] | what is kept of a run, and the files that a broken-off report goes on from |
//! | [`execute`] | the running, side by side |
//! | [`rows`] | the claims with their rules |
//! | [`judge`] | the statistics: from numbers per seed to a finding |
//! | [`report`] | the page for people and the file for programs |
//!
//! Verdicts are computed from the runs, never typed. Differences between methods are paired by seed: the same data, order,
//! augmentation and old model.

mod arms;
mod execute;
mod judge;
mod outcome;
mod report;
mod rows;

use std::path::PathBuf;
use std::time::Instant;

use anyhow::Context as _;

use crate::run;
use outcome::Store;
use report::Report;

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
    let started = Instant::now();
    let seeds = if arguments.quick { 1 } else { arguments.seeds };
    let store = Store::open(&arguments.runs)?;
    let jobs = arms::families(arguments.quick)?;
    let outcomes = execute::execute(&jobs, seeds, &arguments.data, &store)?;
    let rows = rows::ROWS.iter().map(|row| judge::judge(row, &outcomes)).collect();
    let report = Report { quick: arguments.quick, seeds, seconds: started.elapsed().as_secs_f64(), rows };
    std::fs::create_dir_all(&arguments.out).with_context(|| format!("cannot make {}", arguments.out.display()))?;
    run::write(&arguments.out.join("claims.json"), serde_json::to_string_pretty(&report)?.as_bytes())?;
    run::write(&arguments.out.join("claims.md"), report.markdown().as_bytes())?;
    println!("Wrote {}", arguments.out.join("claims.md").display());
    Ok(())
}
