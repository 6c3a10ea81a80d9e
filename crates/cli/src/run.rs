//! Runs a scenario and writes what it found.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;
use std::sync::{Arc, OnceLock};
use std::time::Instant;

use anyhow::{Context as _, bail};
use indicatif::{ProgressBar, ProgressStyle};
use lab::{Engine, Runner};
use protocol::{Progress, RunLog, Scenario};

use crate::report::{json, markdown};
use crate::{EngineName, RunArguments, dataset, method};

/// Milliseconds since the first call.
pub fn clock() -> f64 {
    static START: OnceLock<Instant> = OnceLock::new();
    START.get_or_init(Instant::now).elapsed().as_secs_f64() * 1000.0
}

/// Runs what the arguments say.
pub async fn run(arguments: &RunArguments) -> anyhow::Result<()> {
    let mut scenario = scenario(arguments)?;
    if let Some(id) = &arguments.dataset {
        let there = dataset::info(&arguments.data, id)?;
        let before = dataset::info(&arguments.data, &scenario.data.dataset).ok();
        scenario.move_to(&there, before.as_ref());
    }
    if let Some(id) = &arguments.method {
        let there = dataset::info(&arguments.data, &scenario.data.dataset)?;
        for notice in method::choose(&mut scenario, id, &method::catalogue_with(&there))? {
            println!("{notice}");
        }
    }
    let dataset = Arc::new(dataset::of(&arguments.data, &scenario)?);
    let engine = engine(arguments.engine).await?;
    let out = &arguments.out;
    let weights = out.join("weights");
    std::fs::create_dir_all(&weights).with_context(|| format!("cannot make {}", weights.display()))?;
    let mut runner = Runner::new(scenario, dataset, engine, clock)?;
    let log = drive(&mut runner, &out.join("events.jsonl")).await?;
    write(&out.join("report.md"), markdown(&log).as_bytes())?;
    write(&out.join("report.json"), json(&log)?.as_bytes())?;
    for model in runner.models().collect::<Vec<_>>() {
        let (card, file) = runner.export(model).await?;
        let name = card.file_stem();
        write(&weights.join(format!("{name}.safetensors")), &file.0)?;
        write(&weights.join(format!("{name}.card.json")), serde_json::to_string_pretty(&card)?.as_bytes())?;
    }
    if let Some(fault) = &log.fault {
        bail!("{} {} What was measured before is in {}.", fault.message, fault.action, out.display());
    }
    if let Some(chain) = &log.chain {
        println!("{}", chain.in_words());
    }
    for verdict in &log.verdicts {
        println!("{}", verdict.in_words());
    }
    println!("Wrote {}", out.join("report.md").display());
    Ok(())
}

/// The scenario of the file or preset, with the seed of the command line.
fn scenario(arguments: &RunArguments) -> anyhow::Result<Scenario> {
    let mut scenario = match (&arguments.preset, &arguments.scenario) {
        (Some(id), _) => preset(id)?,
        (None, Some(path)) => {
            let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
            serde_json::from_str(&text).with_context(|| format!("{} is no scenario", path.display()))?
        }
        (None, None) => bail!("name a scenario file or a preset"),
    };
    if let Some(seed) = arguments.seed {
        scenario.seed = u64::from(seed);
    }
    Ok(scenario)
}

/// The scenario of a preset.
pub fn preset(id: &str) -> anyhow::Result<Scenario> {
    let catalogue = lab::catalogue();
    let known: Vec<&str> = catalogue.presets.iter().map(|preset| preset.id.as_str()).collect();
    let preset = catalogue.preset(id);
    Ok(preset.with_context(|| format!("there is no preset '{id}'; there are {}", known.join(", ")))?.scenario.clone())
}

/// The engine of this name.
async fn engine(name: EngineName) -> anyhow::Result<Engine> {
    match name {
        EngineName::Cpu => Ok(Engine::cpu("Chosen on the command line.")),
        #[cfg(feature = "webgpu")]
        EngineName::Webgpu => Ok(Engine::webgpu("WebGPU", "Chosen on the command line.").await?),
        #[cfg(not(feature = "webgpu"))]
        EngineName::Webgpu => {
            bail!(
                "this program was built without the WebGPU engine; build it with `cargo build --release -p cli --features webgpu`"
            )
        }
    }
}

/// Drives the runner to its end, writing events as they come.
async fn drive(runner: &mut Runner, path: &Path) -> anyhow::Result<RunLog> {
    let file = File::create(path).with_context(|| format!("cannot write {}", path.display()))?;
    let mut file = BufWriter::new(file);
    let bar = ProgressBar::new(1000);
    if let Ok(style) = ProgressStyle::with_template("{bar:30} {percent:>3} %  {msg}") {
        bar.set_style(style);
    }
    let mut log = RunLog::default();
    while let Some(events) = runner.next().await {
        for event in &events {
            serde_json::to_writer(&mut file, event).with_context(|| format!("cannot write {}", path.display()))?;
            file.write_all(b"\n").with_context(|| format!("cannot write {}", path.display()))?;
            log.apply(event);
        }
        let progress = Progress::of(&log);
        bar.set_position((1000.0 * progress.fraction) as u64);
        let left = progress.seconds_left.map_or(String::new(), |seconds| format!(", about {seconds:.0} s left"));
        bar.set_message(format!("{}{left}", progress.phase));
    }
    file.flush().with_context(|| format!("cannot write {}", path.display()))?;
    bar.finish_and_clear();
    Ok(log)
}

/// Writes a file.
pub fn write(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    std::fs::write(path, bytes).with_context(|| format!("cannot write {}", path.display()))
}
