//! Recorded runs of the presets, which the page shows before its own engine has started.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context as _;
use lab::{Engine, Runner};
use protocol::Recording;

use crate::{dataset, run};

/// Live measurements per model whose rankings and projections are kept: enough to scrub through, little enough to fetch.
const CHECKPOINTS: usize = 8;

/// What to record, and where.
#[derive(clap::Args)]
pub struct RecordArguments {
    /// Ids of presets; all of them if none is named.
    presets: Vec<String>,
    /// Folder for the recordings.
    #[arg(long, default_value = "public/runs")]
    out: PathBuf,
    /// Folder with manifest.json and the datasets.
    #[arg(long, default_value = "public/data")]
    data: PathBuf,
}

/// Runs each preset and writes its events, gzipped.
pub async fn record(arguments: &RecordArguments) -> anyhow::Result<()> {
    std::fs::create_dir_all(&arguments.out).with_context(|| format!("cannot make {}", arguments.out.display()))?;
    let mut presets = arguments.presets.clone();
    if presets.is_empty() {
        presets = lab::catalogue().presets.into_iter().map(|preset| preset.id).collect();
    }
    for id in presets {
        let scenario = run::preset(&id)?;
        let dataset = Arc::new(dataset::of(&arguments.data, &scenario)?);
        let engine = Engine::cpu("Recorded natively, when this version was made.");
        let mut runner = Runner::new(scenario, dataset, engine, run::clock)?;
        let mut recording = Recording::with_limit(CHECKPOINTS);
        while let Some(events) = runner.next().await {
            events.into_iter().for_each(|event| recording.push(event));
        }
        let path = arguments.out.join(format!("{id}.jsonl.gz"));
        let packed = data::gzip(recording.lines().collect::<String>().as_bytes())?;
        run::write(&path, &packed)?;
        println!("{:>9} bytes  {}", packed.len(), path.display());
    }
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use std::path::Path;

    use protocol::{Read, RunLog, RunState};

    use super::*;

    /// No recording is larger than this when unpacked.
    const LIMIT: usize = 64 << 20;

    /// The recorded run of a preset.
    fn recorded(id: &str) -> RunLog {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../../public/runs/{id}.jsonl.gz"));
        let packed = std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let text = String::from_utf8(data::gunzip(&packed, LIMIT).unwrap()).unwrap();
        let mut recording = Recording::with_limit(CHECKPOINTS);
        for (at, line) in text.lines().enumerate() {
            recording.push_line(at + 1, line).unwrap();
        }
        assert_eq!(recording.left_out(), None, "{id}");
        recording.at(usize::MAX)
    }

    #[test]
    fn every_preset_ships_with_a_finished_run_of_itself() {
        let catalogue = lab::catalogue();
        for preset in &catalogue.presets {
            let log = recorded(&preset.id);
            let mut scenario = preset.scenario.clone();
            scenario.settle(&catalogue);
            // What a later version added means by default what it meant before.
            let mut run = log.scenario.clone().unwrap();
            run.settle(&catalogue);
            assert_eq!(run, scenario, "{}: `cargo xtask record` makes it anew", preset.id);
            assert_eq!(log.state, RunState::Finished, "{}", preset.id);
            let methods = preset.scenario.stages.iter().filter_map(|stage| catalogue.method(&stage.method.id));
            let searches = methods.into_iter().any(|card| card.reads.contains(&Read::Retrieval));
            assert_eq!(searches, !log.verdicts.is_empty() && !log.rankings.is_empty(), "{}", preset.id);
            assert_eq!(searches, log.models.values().any(|model| model.prototypes.is_some()), "{}", preset.id);
            assert!(searches || log.models.values().all(|model| !model.numbers.is_empty()), "{}", preset.id);
        }
    }

    #[test]
    fn an_adapter_the_wrong_way_round_loses_the_old_gallery_and_the_self_test_does_not_tell() {
        let [right, reversed] = ["adapter", "reversed-adapter"].map(|id| recorded(id).verdicts[0].clone());
        assert!(right.compatible_map && !reversed.compatible_map && !reversed.compatible_cmc1);
        assert!(reversed.new_old.map < 0.5 * reversed.old_old.map, "{}", reversed.new_old.map);
        assert!(reversed.new_old.map < 0.4 * right.new_old.map, "{}", right.new_old.map);
        assert_eq!((right.old_old, right.new_new), (reversed.old_old, reversed.new_new));
    }
}
