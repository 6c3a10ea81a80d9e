//! What is kept of a finished run: all that rules ask for.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use protocol::{Backfill, Cell, Chain, ModelId, Rates, RunLog, Scenario, Verdict};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::run;

/// The queries of one model on the gallery of another.
pub type Pair = (ModelId, ModelId);

/// What rules can ask of a run.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Outcome {
    /// Average precision of each query, by query and gallery model.
    precisions: Vec<(Pair, Vec<f32>)>,
    /// The judgement on the last stage.
    pub verdict: Verdict,
    /// Every cell of the final matrix.
    pub cells: Vec<Cell>,
    /// All models of a chain against all before them.
    pub chain: Option<Chain>,
    /// Partial backfill over the last upgrade.
    pub backfills: Vec<Backfill>,
    /// What a random ranking scores.
    pub chance: Rates,
    /// Seconds of training by model, those included that the run shares with others.
    pub seconds: BTreeMap<ModelId, f64>,
}

impl Outcome {
    /// What the log of a finished run holds.
    pub fn of(log: &RunLog) -> anyhow::Result<Self> {
        if let Some(fault) = &log.fault {
            anyhow::bail!("{} {}", fault.message, fault.action);
        }
        let verdict = log.verdicts.last().cloned().context("the run ended without a verdict")?;
        let seconds = log.models.iter().filter_map(|(&id, model)| Some((id, model.seconds?))).collect();
        let precisions = log.rankings.iter().map(|(&pair, ranking)| (pair, ranking.precisions.clone())).collect();
        let chance = log.chance.context("the run ended without a chance level")?;
        Ok(Self {
            precisions,
            verdict,
            cells: log.matrix.clone(),
            chain: log.chain.clone(),
            backfills: log.backfills.clone(),
            chance,
            seconds,
        })
    }

    /// Average precision of each query.
    pub fn precisions(&self, pair: Pair) -> Option<&[f32]> {
        self.precisions.iter().find(|(found, _)| *found == pair).map(|(_, values)| values.as_slice())
    }

    /// Seconds of training in all.
    pub fn trained_seconds(&self) -> f64 {
        self.seconds.values().sum()
    }
}

/// Finished runs on disk. Another build of the program or another scenario is another file, so that what is read is what
/// would be computed.
pub struct Store {
    folder: PathBuf,
    program: [u8; 32],
}

impl Store {
    /// The runs under `folder`, which is made if it is not there.
    pub fn open(folder: &Path) -> anyhow::Result<Self> {
        std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
        let program = std::env::current_exe().context("this program cannot tell where it lies")?;
        let bytes = std::fs::read(&program).with_context(|| format!("cannot read {}", program.display()))?;
        Ok(Self { folder: folder.to_owned(), program: Sha256::digest(bytes).into() })
    }

    /// The outcome of this scenario, if it was run by this very program.
    pub fn read(&self, scenario: &Scenario) -> Option<Outcome> {
        // What cannot be read, half a file of a run that was broken off among it, is run anew.
        serde_json::from_slice(&std::fs::read(self.file(scenario).ok()?).ok()?).ok()
    }

    /// Keeps an outcome.
    pub fn write(&self, scenario: &Scenario, outcome: &Outcome) -> anyhow::Result<()> {
        run::write(&self.file(scenario)?, &serde_json::to_vec(outcome)?)
    }

    fn file(&self, scenario: &Scenario) -> anyhow::Result<PathBuf> {
        let mut hash = Sha256::new();
        hash.update(self.program);
        hash.update(serde_json::to_vec(scenario)?);
        let name: String = hash.finalize().iter().take(12).map(|byte| format!("{byte:02x}")).collect();
        Ok(self.folder.join(format!("{name}.json")))
    }
}
