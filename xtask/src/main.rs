//! The project's own commands: `cargo xtask <command>`.

mod bench;
mod data;
mod dist;
mod doctor;
mod late;
mod lint;
mod paths;
mod picture;
mod process;
mod screenshots;
mod serve;
mod setup;
mod steps;
mod test;
mod versions;

use std::path::Path;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

use bench::Part;
use lint::Leaves;
use setup::StdSource;
use steps::Steps;
use test::Stage;

/// Builds, serves, checks and tests Upgrade Lab
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    command: Command,

    /// Where the standard library for WebAssembly comes from
    #[arg(long, value_enum, default_value_t, global = true, value_name = "SOURCE")]
    std: StdSource,
}

#[derive(Subcommand)]
enum Command {
    /// Find or install what a build needs: a compiler for wasm32, Trunk, the wasm-bindgen CLI
    Setup {
        /// And what the tests need: browsers, Playwright, NumPy
        #[arg(long)]
        tests: bool,
        /// Only Trunk and the wasm-bindgen CLI
        #[arg(long, conflicts_with = "tests")]
        tools: bool,
    },
    /// Build the page into dist/, a folder for any static host
    Build {
        /// Leave out the worker with the WebGPU engine
        #[arg(long)]
        cpu_only: bool,
    },
    /// Say what of it is there, what is missing and how to get it, and what the caches take; changes nothing
    Doctor,
    /// Build the page and serve it on this machine; prints the address once the page works, and adds the WebGPU engine then
    Serve {
        /// The port, 0 for any free one
        #[arg(long, default_value_t = 8080)]
        port: u16,
        /// Serve dist/ as it is
        #[arg(long)]
        no_build: bool,
        /// Leave out the worker with the WebGPU engine
        #[arg(long, conflicts_with = "no_build")]
        cpu_only: bool,
    },
    /// Check formatting and lints, native and wasm32
    Lint,
    /// Run everything that has to hold: lints, tests, the build, the page in a browser
    Test {
        /// Only these stages
        #[arg(value_enum)]
        stages: Vec<Stage>,
    },
    /// Measure speed and size in a browser, side by side with TensorFlow.js and jax-js; writes docs/bench.md
    Bench {
        /// Only these parts, and only to the terminal
        #[arg(value_enum)]
        parts: Vec<Part>,
        /// Measure dist/ as it is
        #[arg(long)]
        no_build: bool,
    },
    /// Take pictures of every region and overlay in both themes, at 1280 and 400 px; writes docs/screens/
    Screenshots {
        /// Take them of dist/ as it is
        #[arg(long)]
        no_build: bool,
    },
    /// Find out which published claims hold at this scale; writes docs/claims.md and docs/claims.json, and the page's catalogue anew
    Claims {
        /// One seed and hardly any training, into target/claims-quick: shows that everything runs
        #[arg(long)]
        quick: bool,
        /// What the program takes beside that, as `-- --minutes 30` or `-- --choose`; `-- --help` lists it
        #[arg(last = true, conflicts_with = "quick")]
        further: Vec<String>,
    },
    /// Run the presets and keep what the page shows of each before anything was run there, under public/runs/; writes the catalogue anew
    Record,
    /// Write what can be chosen on the page, with what the claims report found, to public/catalogue.json
    Catalogue,
    /// Make the datasets under public/data/ from their source packages
    Data,
}

fn main() -> ExitCode {
    let mut arguments = std::env::args_os();
    let own_name = arguments.next().unwrap_or_default();
    let done = match Path::new(&own_name).file_name() {
        Some(name) if name == late::STAND_IN => late::bindgen(arguments),
        _ => execute(Cli::parse()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// What makes the lab's own program write the catalogue.
const CATALOGUE: &[&str] = &["catalogue"];

fn execute(cli: Cli) -> Result<()> {
    let root = paths::root()?;
    match cli.command {
        Command::Setup { tools: true, .. } => setup::page_tools(&root, &mut Steps::new("setup", 2)),
        Command::Setup { tests, .. } => {
            let mut steps = Steps::new("setup", setup::STEPS + usize::from(tests));
            setup::build_tools(&root, cli.std, &mut steps)?;
            if tests {
                steps.step(setup::TEST_TOOLS, || setup::test_tools(&root, &paths::cache()?, true))?;
            }
            Ok(())
        }
        Command::Doctor => doctor::tell(&root),
        Command::Build { cpu_only } => dist::build(&root, cpu_only, cli.std).map(drop),
        Command::Serve { port, no_build: true, .. } => serve::serve_as_it_is(&root.join("dist"), port),
        Command::Serve { port, cpu_only, .. } => serve::serve(&root, port, cpu_only, cli.std),
        Command::Lint => lint::lint(&root, cli.std, Leaves::Words, || {}),
        Command::Test { stages } => test::test(&root, &stages, cli.std),
        Command::Bench { parts, no_build } => bench::bench(&root, &parts, no_build, cli.std),
        Command::Screenshots { no_build } => screenshots::screenshots(&root, no_build, cli.std),
        Command::Claims { quick: true, .. } => lab(&root, &["claims", "--quick", "--out", "target/claims-quick"]),
        Command::Claims { further, .. } => {
            let further = further.iter().map(String::as_str);
            lab(&root, &std::iter::once("claims").chain(further).collect::<Vec<_>>())?;
            lab(&root, CATALOGUE)
        }
        Command::Record => lab(&root, &["record"]).and_then(|()| lab(&root, CATALOGUE)),
        Command::Catalogue => lab(&root, CATALOGUE),
        Command::Data => data::make(&root),
    }
}

/// Runs the lab's own program.
fn lab(root: &Path, arguments: &[&str]) -> Result<()> {
    let mut cargo = process::command("cargo");
    cargo.args(["run", "--quiet", "--locked", "--release", "--package", "cli", "--"]).args(arguments);
    process::run(cargo.current_dir(root))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn command_line_is_consistent() {
        super::Cli::command().debug_assert();
    }
}
