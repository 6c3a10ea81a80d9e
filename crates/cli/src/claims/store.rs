//! Finished runs, kept as the facts that are known of them, and the files that a broken-off report goes on from.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use protocol::{Event, ModelId, Packed, RunLog, RunState, Scenario};
use sha2::{Digest as _, Sha256};

use crate::run;

/// A run as it is kept: all of its events but the bulky ones, and of the last ranking of each pair of models what each query scored.
#[derive(Debug, Default)]
pub struct Kept {
    events: Vec<Event>,
    rankings: BTreeMap<(ModelId, ModelId), Event>,
}

impl Kept {
    /// Takes one more event in.
    pub fn push(&mut self, event: Event) {
        match event {
            Event::RankingMeasured { query, gallery, step, queries, precisions, .. } => {
                let (items, depth) = (Packed(Vec::new()), 0);
                let ranking = Event::RankingMeasured { query, gallery, step, queries, items, depth, precisions };
                self.rankings.insert((query, gallery), ranking);
            }
            event if event.is_bulky() => (),
            event => self.events.push(event),
        }
    }

    /// What is said of the models that the run trained.
    pub fn trained(&self) -> impl Iterator<Item = (ModelId, &Event)> {
        self.events.iter().filter_map(|event| match event {
            Event::ModelTrained { model, .. } => Some((*model, event)),
            _ => None,
        })
    }

    /// The whole, with what another run said of models that this one borrowed. The event that ends the run stays the last, so
    /// that part of a file is no run.
    pub fn with(mut self, borrowed: impl IntoIterator<Item = Event>) -> Vec<Event> {
        let end = self.events.pop();
        self.events.extend(self.rankings.into_values().chain(borrowed).chain(end));
        self.events
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
        let program = std::env::current_exe().context("this program cannot tell where it lies")?;
        let bytes = std::fs::read(&program).with_context(|| format!("cannot read {}", program.display()))?;
        Self::of(folder, Sha256::digest(bytes).into())
    }

    fn of(folder: &Path, program: [u8; 32]) -> anyhow::Result<Self> {
        std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
        Ok(Self { folder: folder.to_owned(), program })
    }

    /// The run of this scenario, if this very program finished it.
    pub fn read(&self, scenario: &Scenario) -> Option<RunLog> {
        // What cannot be read, part of a file of a run that was broken off among it, is run anew.
        let text = std::fs::read_to_string(self.file(scenario).ok()?).ok()?;
        let events: Vec<Event> = text.lines().map(serde_json::from_str).collect::<Result<_, _>>().ok()?;
        let log = RunLog::of(&events);
        (log.state == RunState::Finished).then_some(log)
    }

    /// Keeps a run, one event per line.
    pub fn write(&self, scenario: &Scenario, events: &[Event]) -> anyhow::Result<()> {
        let mut text = String::new();
        for event in events {
            text += &serde_json::to_string(event)?;
            text.push('\n');
        }
        run::write(&self.file(scenario)?, text.as_bytes())
    }

    fn file(&self, scenario: &Scenario) -> anyhow::Result<PathBuf> {
        let mut hash = Sha256::new();
        hash.update(self.program);
        hash.update(serde_json::to_vec(scenario)?);
        let name: String = hash.finalize().iter().take(12).map(|byte| format!("{byte:02x}")).collect();
        Ok(self.folder.join(format!("{name}.jsonl")))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use protocol::{EngineKind, EngineReport};

    use super::*;

    const PAIR: (ModelId, ModelId) =
        (ModelId { stage: 2, independent: false }, ModelId { stage: 1, independent: false });

    fn ranked(step: u32, precisions: &[f32]) -> Event {
        Event::RankingMeasured {
            query: PAIR.0,
            gallery: PAIR.1,
            step,
            queries: Packed(vec![0, 1]),
            items: Packed(vec![3, 4, 5, 6]),
            depth: 2,
            precisions: Packed(precisions.to_vec()),
        }
    }

    fn trained(model: ModelId, seconds: f64) -> Event {
        Event::ModelTrained { model, steps: 8, seconds, parameters: 1, dims: 32 }
    }

    /// A run that trained the newer model and measured twice.
    fn kept() -> Kept {
        let engine = EngineReport { kind: EngineKind::Cpu, name: String::new(), reason: String::new() };
        let mut kept = Kept::default();
        let points = Packed(vec![0.0, 1.0]);
        let items = Packed(vec![0]);
        [
            Event::RunStarted { scenario: Scenario::default(), engine, plan: vec![], program: String::new() },
            ranked(8, &[0.1, 0.2]),
            Event::EmbeddingsProjected { model: PAIR.0, step: 8, items, points, explained: 0.5 },
            trained(PAIR.0, 2.0),
            ranked(16, &[0.3, f32::NAN]),
            Event::RunFinished { seconds: 3.0 },
        ]
        .into_iter()
        .for_each(|event| kept.push(event));
        kept
    }

    #[test]
    fn a_kept_run_says_what_its_last_rankings_scored_and_what_borrowed_models_cost() {
        let kept = kept();
        assert_eq!(kept.trained().map(|(model, _)| model).collect::<Vec<_>>(), [PAIR.0]);
        let events = kept.with([trained(PAIR.1, 5.0)]);
        assert_eq!(events.len(), 5, "{events:?}");
        let log = RunLog::of(&events);
        let ranking = log.rankings.get(&PAIR).unwrap();
        assert_eq!((ranking.step, ranking.items.len()), (16, 0));
        assert!(ranking.precisions[0] == 0.3 && ranking.precisions[1].is_nan());
        let seconds: Vec<Option<f64>> = log.models.values().map(|model| model.seconds).collect();
        assert_eq!(seconds, [Some(5.0), Some(2.0)]);
        assert_eq!(log.state, RunState::Finished);
    }

    #[test]
    fn a_run_is_read_by_the_program_and_for_the_scenario_that_made_it_and_whole_or_not_at_all() {
        let folder = std::env::temp_dir().join(format!("upgrade-lab-store-{}", std::process::id()));
        let (store, other) = (Store::of(&folder, [1; 32]).unwrap(), Store::of(&folder, [2; 32]).unwrap());
        let scenario = Scenario::default();
        let events = kept().with([trained(PAIR.1, 5.0)]);
        store.write(&scenario, &events).unwrap();
        let read = store.read(&scenario).unwrap();
        assert_eq!(read.models, RunLog::of(&events).models);
        assert_eq!(read.rankings.get(&PAIR).unwrap().queries, [0, 1]);
        assert!(other.read(&scenario).is_none(), "another program");
        assert!(store.read(&Scenario { seed: 7, ..scenario.clone() }).is_none(), "another scenario");
        let file = store.file(&scenario).unwrap();
        let text = std::fs::read_to_string(&file).unwrap();
        let whole_lines = text.lines().take(4).map(|line| format!("{line}\n")).collect::<String>();
        for part in [whole_lines.as_str(), text.get(..text.len() - 9).unwrap()] {
            std::fs::write(&file, part).unwrap();
            assert!(store.read(&scenario).is_none(), "part of a file");
        }
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
