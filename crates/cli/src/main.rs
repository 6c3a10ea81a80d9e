//! `upgrade-lab`: runs scenarios without a browser.
//!
//! Exit codes: 0 done, 1 the run or a file failed, 2 the call was wrong (clap's own); of `decide` also 3, a score is lower than was asked
//! for, and 4, it is not known which model is old.

mod catalogue;
mod claims;
mod dataset;
mod decide;
mod lists;
mod machine;
mod method;
mod own;
mod record;
mod report;
mod run;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand, ValueEnum};

/// Trains old and new embedding models, measures what an upgrade does to retrieval, and writes the weights.
#[derive(Parser)]
#[command(name = "upgrade-lab", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Lists the scenarios to start from.
    Presets {
        /// Writes JSON, with the scenarios themselves.
        #[arg(long)]
        json: bool,
    },
    /// Lists the methods with their papers, needs, parameters and claims.
    Methods {
        /// Writes JSON.
        #[arg(long)]
        json: bool,
    },
    /// Runs a scenario and writes events.jsonl, report.md, report.json and weights/.
    Run(RunArguments),
    /// Decides whether to re-index, bridge, cascade or stay when an embedding model changes, measured on your own vectors and queries.
    #[command(after_help = decide::AFTER)]
    Decide(decide::DecideArguments),
    /// Makes a dataset of your own images or embeddings.
    Import(own::ImportArguments),
    /// Runs the presets and writes what the page shows of each before anything was run there.
    Record(record::RecordArguments),
    /// Writes what can be chosen, which the page reads.
    Catalogue(catalogue::CatalogueArguments),
    /// Runs methods over seeds and writes which published claims hold.
    Claims(claims::ClaimsArguments),
}

/// What to run, and where the results go.
#[derive(clap::Args)]
struct RunArguments {
    /// A scenario file (JSON), as `presets --json` shows them.
    #[arg(required_unless_present = "preset", conflicts_with = "preset")]
    scenario: Option<PathBuf>,
    /// The id of a preset instead of a file.
    #[arg(long)]
    preset: Option<String>,
    /// Folder for the results; made if it is not there.
    #[arg(long)]
    out: PathBuf,
    /// Seed instead of the scenario's own.
    #[arg(long)]
    seed: Option<u32>,
    /// What runs the tensors.
    #[arg(long, value_enum, default_value_t = EngineName::Cpu)]
    engine: EngineName,
    /// Folder with manifest.json and the datasets.
    #[arg(long, default_value = "public/data")]
    data: PathBuf,
    /// The id of a dataset of that folder instead of the scenario's own; the stages keep their shares of its classes.
    #[arg(long)]
    dataset: Option<String>,
    /// The id of a method, as `methods` lists them, instead of that of the last stage.
    #[arg(long)]
    method: Option<String>,
}

/// Engines by name.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum EngineName {
    Cpu,
    Webgpu,
}

fn main() -> ExitCode {
    let result = match Cli::parse().command {
        Command::Presets { json } => lists::presets(json),
        Command::Methods { json } => lists::methods(json),
        Command::Record(arguments) => pollster::block_on(record::record(&arguments)),
        Command::Catalogue(arguments) => catalogue::catalogue(&arguments),
        Command::Claims(arguments) => claims::claims(&arguments),
        // It has exit codes of its own.
        Command::Decide(arguments) => return decide::run(&arguments),
        Command::Import(arguments) => own::bring(&arguments),
        Command::Run(arguments) => pollster::block_on(run::run(&arguments)),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("upgrade-lab: {error:#}");
            ExitCode::FAILURE
        }
    }
}
