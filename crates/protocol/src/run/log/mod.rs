//! The run log: what is known of a run after some events. Every view is a function of it.

mod facts;
mod model;
mod ranking;

use std::collections::BTreeMap;

pub use model::{Evaluation, LossPoint, ModelLog, Projection, Prototypes};
pub use ranking::Ranking;

use crate::{
    Adjustment, Backfill, Blocks, Cell, Chain, EngineReport, Event, Exhibit, Fault, ModelId, Packed, Phase, Quantity,
    Rates, Sample, Scenario, Scores, Table, Verdict,
};

/// The fold of a run's events.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RunLog {
    /// What is run; `None` before the first event.
    pub scenario: Option<Scenario>,
    /// What runs it.
    pub engine: Option<EngineReport>,
    /// What will be done, in order.
    pub plan: Vec<Phase>,
    /// Position in the plan; `None` before the first phase.
    pub phase: Option<usize>,
    /// How far the run is.
    pub state: RunState,
    /// Sentences that a reader must know.
    pub notices: Vec<String>,
    /// Name of the dataset.
    pub dataset: String,
    /// Where the dataset comes from and what one may do with it.
    pub source: String,
    /// Names of all classes.
    pub class_names: Vec<String>,
    /// Class of each test item.
    pub test_labels: Vec<u8>,
    /// What is known of each model.
    pub models: BTreeMap<ModelId, ModelLog>,
    /// Latest ranking by query and gallery model.
    pub rankings: BTreeMap<(ModelId, ModelId), Ranking>,
    /// What the blocks of stored vectors hold, one entry per model that has any.
    pub blocks: Vec<Blocks>,
    /// The final matrix.
    pub matrix: Vec<Cell>,
    /// What a random ranking scores on the final matrix's queries and gallery.
    pub chance: Option<Rates>,
    /// Curves of partial backfill over the last upgrade.
    pub backfills: Vec<Backfill>,
    /// Histograms of cosines, one per pair of deployed models of the last upgrade.
    pub scores: Vec<Scores>,
    /// The judgement on the whole chain, if there are more than two models.
    pub chain: Option<Chain>,
    /// Judgements, one per new model.
    pub verdicts: Vec<Verdict>,
    /// What the readings and tables measure.
    pub quantities: Vec<Quantity>,
    /// Tables, in the order in which they were first measured.
    pub tables: Vec<Table>,
    /// The latest of everything that was shown, by its id and the model that showed it.
    pub exhibits: BTreeMap<(String, ModelId), Exhibit>,
    /// Why it stopped, if it did.
    pub fault: Option<Fault>,
    /// Seconds of work, once finished.
    pub seconds: Option<f64>,
}

/// How far a run is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RunState {
    /// Nothing happened yet.
    #[default]
    Empty,
    /// Between the first and the last event.
    Running,
    /// Everything in the plan was done.
    Finished,
    /// It cannot go on.
    Faulted,
}

impl RunLog {
    /// The log after all of `events`.
    pub fn of<'a>(events: impl IntoIterator<Item = &'a Event>) -> Self {
        let mut log = Self::default();
        events.into_iter().for_each(|event| log.apply(event));
        log
    }

    /// The cell of the final matrix for this pair of models.
    pub fn cell(&self, query: ModelId, gallery: ModelId) -> Option<&Cell> {
        self.matrix.iter().find(|cell| cell.query == query && cell.gallery == gallery)
    }

    /// What a quantity means; `None` if it was not declared.
    pub fn quantity(&self, id: &str) -> Option<&Quantity> {
        self.quantities.iter().find(|quantity| quantity.id == id)
    }

    /// The table of this name.
    pub fn table(&self, id: &str) -> Option<&Table> {
        self.tables.iter().find(|table| table.id == id)
    }

    /// The latest reading of a quantity of a model; `of` is empty for the whole.
    pub fn reading(&self, model: ModelId, quantity: &str, of: &str) -> Option<f64> {
        self.models.get(&model)?.reading(quantity, of)
    }

    /// Whether a gallery item is of the query's class; `None` if either is not known.
    pub fn is_right(&self, query: u16, item: u16) -> Option<bool> {
        let class = |item: u16| self.test_labels.get(usize::from(item));
        Some(class(query)? == class(item)?)
    }

    /// The latest known cell for this pair: of the final matrix, else of the last live measurement that has it.
    pub fn latest_cell(&self, query: ModelId, gallery: ModelId) -> Option<(&Cell, Option<Sample>)> {
        if let Some(cell) = self.cell(query, gallery) {
            return Some((cell, None));
        }
        let fits = |cell: &&Cell| cell.query == query && cell.gallery == gallery;
        // Of the models that measured this pair the latest has the newest number, whatever its step: a pair of old models is
        // measured again, on the same sample, while a later one trains.
        let evaluations = self.models.iter().flat_map(|(id, model)| model.evaluations.iter().map(move |it| (id, it)));
        evaluations
            .filter_map(|(id, evaluation)| evaluation.cells.iter().find(fits).map(|cell| (id.stage, evaluation, cell)))
            .max_by_key(|(stage, evaluation, _)| (*stage, evaluation.step))
            .map(|(_, evaluation, cell)| (cell, Some(evaluation.sample)))
    }

    /// Takes one more event in. Events of another run than the one begun are the caller's mistake and are not checked.
    pub fn apply(&mut self, event: &Event) {
        match event {
            Event::RunStarted { scenario, engine, plan, .. } => {
                *self = Self {
                    scenario: Some(scenario.clone()),
                    engine: Some(engine.clone()),
                    plan: plan.clone(),
                    state: RunState::Running,
                    ..Self::default()
                };
            }
            Event::Noticed { text } => self.notices.push(text.clone()),
            Event::DatasetLoaded { name, source, class_names, test_labels, .. } => {
                self.dataset = name.clone();
                self.source = source.clone();
                self.class_names = class_names.clone();
                self.test_labels = test_labels.0.clone();
            }
            Event::PhaseStarted { phase } => self.phase = Some(*phase as usize),
            Event::Adjusted { model, setting, adjusted } => {
                let adjustment = Adjustment { stage: model.stage, setting: setting.clone(), value: adjusted.to };
                if let Some(scenario) = &mut self.scenario {
                    scenario.adjust(&adjustment);
                }
                self.models.entry(*model).or_default().adjustments.push(adjusted.clone());
            }
            Event::LossMeasured { model, step, epoch, rate, total, terms, orthogonality, ms_per_step } => {
                let model = self.models.entry(*model).or_default();
                model.step = *step;
                model.ms_per_step = Some(*ms_per_step);
                let (before, spent) = model.losses.last().map_or((0, 0.0), |last| (last.step, last.seconds));
                model.losses.push(LossPoint {
                    step: *step,
                    epoch: *epoch,
                    seconds: spent + f64::from(step.saturating_sub(before)) * ms_per_step / 1000.0,
                    rate: *rate,
                    total: *total,
                    terms: terms.clone(),
                    orthogonality: *orthogonality,
                });
            }
            Event::RetrievalMeasured { model, step, sample, cells } => {
                let evaluation = Evaluation { step: *step, sample: *sample, cells: cells.clone() };
                self.models.entry(*model).or_default().evaluations.push(evaluation);
            }
            Event::RankingMeasured { query, gallery, step, queries, items, depth, precisions } => {
                let Packed(queries) = queries.clone();
                let Packed(items) = items.clone();
                let Packed(precisions) = precisions.clone();
                let turned = vec![None; queries.len()];
                let mut ranking = Ranking { step: *step, depth: *depth as usize, queries, items, precisions, turned };
                if let Some(before) = self.rankings.get(&(*query, *gallery)) {
                    ranking.turned = ranking.turned_since(before, self);
                }
                self.rankings.insert((*query, *gallery), ranking);
            }
            Event::EmbeddingsProjected { model, step, items, points, explained } => {
                let Packed(items) = items.clone();
                let Packed(points) = points.clone();
                let projection = Projection { step: *step, items, points, explained: *explained };
                self.models.entry(*model).or_default().projection = Some(projection);
            }
            Event::PrototypesProjected { model, step, points, learned, equal } => {
                let Packed(points) = points.clone();
                let prototypes = Prototypes { step: *step, points, learned: *learned, equal: *equal };
                self.models.entry(*model).or_default().prototypes = Some(prototypes);
            }
            Event::ModelTrained { model, steps, seconds, parameters, dims } => {
                let model = self.models.entry(*model).or_default();
                model.step = *steps;
                model.trained = Some(*steps);
                model.seconds = Some(*seconds);
                model.parameters = Some(*parameters);
                model.dims = Some(*dims);
            }
            Event::GalleryIndexed { model, seconds, .. } => {
                self.models.entry(*model).or_default().index_seconds = Some(*seconds);
            }
            Event::BlocksMeasured { blocks } => self.blocks.push(blocks.clone()),
            Event::MatrixMeasured { cells, chance } => {
                self.matrix = cells.clone();
                self.chance = Some(*chance);
            }
            Event::BackfillMeasured { backfill } => self.backfills.push(backfill.clone()),
            Event::ChainMeasured { chain } => self.chain = Some(chain.clone()),
            Event::VerdictReached { verdict } => self.verdicts.push(verdict.as_ref().clone()),
            Event::ScoresMeasured { scores } => self.scores.push(scores.clone()),
            Event::QuantitiesDeclared { quantities } => {
                for quantity in quantities {
                    self.quantities.retain(|known| known.id != quantity.id);
                    self.quantities.push(quantity.clone());
                }
            }
            Event::Measured { model, step, readings } => {
                let model = self.models.entry(*model).or_default();
                model.step = model.step.max(*step);
                readings.iter().for_each(|reading| model.take(*step, reading));
            }
            Event::TableMeasured { table } => match self.tables.iter_mut().find(|known| known.id == table.id) {
                Some(known) => *known = table.clone(),
                None => self.tables.push(table.clone()),
            },
            Event::ExhibitShown { exhibit } => {
                self.exhibits.insert((exhibit.id.clone(), exhibit.model), exhibit.clone());
            }
            Event::RunFinished { seconds } => {
                self.state = RunState::Finished;
                self.seconds = Some(*seconds);
            }
            Event::Faulted { fault } => {
                self.state = RunState::Faulted;
                self.fault = Some(fault.clone());
            }
        }
    }
}

#[cfg(test)]
#[allow(clippy::indexing_slicing)]
mod tests {
    use super::*;
    use crate::{Adjusted, Better, ChainScores, EngineKind, FaultKind, Reading, Setting, Stage, Things};

    fn started() -> Event {
        let engine = EngineReport { kind: EngineKind::Cpu, name: String::new(), reason: String::new() };
        Event::RunStarted { scenario: Scenario::default(), engine, plan: vec![], program: String::new() }
    }

    fn measured(step: u32, map: f64) -> Event {
        let all = Rates { map, ..Rates::default() };
        let (query, gallery) = (ModelId::deployed(2), ModelId::deployed(1));
        Event::RetrievalMeasured {
            model: query,
            step,
            sample: Sample { queries: 4, gallery: 8, of: 20 },
            cells: vec![Cell { query, gallery, all, seen: None, unseen: None }],
        }
    }

    /// Each of these queries with its best item, and item 0 as the second best.
    fn ranked(step: u32, best: &[(u16, u16)]) -> Event {
        Event::RankingMeasured {
            query: ModelId::deployed(2),
            gallery: ModelId::deployed(1),
            step,
            queries: Packed(best.iter().map(|&(query, _)| query).collect()),
            items: Packed(best.iter().flat_map(|&(_, item)| [item, 0]).collect()),
            depth: 2,
            precisions: Packed(vec![0.5; best.len()]),
        }
    }

    #[test]
    fn the_matrix_replaces_the_latest_live_cell() {
        let mut log = RunLog::of(&[started(), measured(8, 0.2), measured(16, 0.3)]);
        let (new, old) = (ModelId::deployed(2), ModelId::deployed(1));
        let (cell, sample) = log.latest_cell(new, old).expect("was measured live");
        assert_eq!((cell.all.map, sample.map(|sample| sample.of)), (0.3, Some(20)));
        let all = Rates { map: 0.4, ..Rates::default() };
        let cell = Cell { query: new, gallery: old, all, seen: None, unseen: None };
        log.apply(&Event::MatrixMeasured { cells: vec![cell], chance: Rates::default() });
        assert_eq!(log.latest_cell(new, old).map(|(cell, sample)| (cell.all.map, sample)), Some((0.4, None)));
    }

    #[test]
    fn a_chain_survives_its_way_through_a_file() {
        let scores = ChainScores {
            ac: 1.0 / 3.0,
            ac_with_ties: 2.0 / 3.0,
            aa: 0.55,
            bc: -0.05,
            fc: -0.25,
            failed: vec![(ModelId::deployed(3), ModelId::deployed(1))],
        };
        let chain = Chain {
            models: 3,
            map: scores.clone(),
            cmc1: ChainScores { failed: Vec::new(), ..scores },
            growth: Vec::new(),
        };
        let event = Event::ChainMeasured { chain: chain.clone() };
        let line = serde_json::to_string(&event).expect("has a JSON form");
        assert!(line.starts_with(r#"{"chain_measured":{"chain":{"models":3,"map":{"ac":0.333"#), "{line}");
        assert!(line.contains(r#""failed":[["v3","v1"]]"#), "{line}");
        let read: Event = serde_json::from_str(&line).expect("is the event");
        assert_eq!(read, event);
        assert_eq!(RunLog::of(&[started(), read]).chain, Some(chain));
        assert_eq!(RunLog::of(&[started(), event, started()]).chain, None, "another run");
    }

    #[test]
    fn a_fault_keeps_what_was_measured() {
        let fault = Fault { kind: FaultKind::NotFinite, message: String::new(), action: String::new() };
        let log = RunLog::of(&[started(), measured(8, 0.2), Event::Faulted { fault }]);
        assert_eq!(log.state, RunState::Faulted);
        assert_eq!(log.models[&ModelId::deployed(2)].evaluations.len(), 1);
    }

    #[test]
    fn a_new_run_forgets_the_one_before() {
        let log = RunLog::of(&[started(), measured(8, 0.2), started()]);
        assert!(log.models.is_empty());
    }

    #[test]
    fn how_long_indexing_took_is_known_from_its_event_alone() {
        let model = ModelId::deployed(1);
        let trained = Event::ModelTrained { model, steps: 8, seconds: 2.0, parameters: 1, dims: 32 };
        let mut log = RunLog::of(&[started(), trained]);
        assert_eq!(log.models[&model].index_seconds, None, "a run log from before the event");
        log.apply(&Event::GalleryIndexed { model, items: 2000, seconds: 0.25 });
        assert_eq!(log.models[&model].index_seconds, Some(0.25));
    }

    #[test]
    fn a_change_of_a_setting_is_a_fact_of_its_model() {
        let adjusted = Adjusted { step: 8, what: "Learning rate".to_owned(), from: 0.002, to: 0.01 };
        let (model, setting) = (ModelId::deployed(2), Setting::Stage("schedule.rate".to_owned()));
        let event = Event::Adjusted { model, setting, adjusted: adjusted.clone() };
        let line = serde_json::to_string(&event).expect("has a JSON form");
        assert!(line.starts_with(r#"{"adjusted":{"model":"v2","setting":{"stage":"schedule.rate"},"adjusted":{"#));
        let read: Event = serde_json::from_str(&line).expect("is the event");
        let mut log = RunLog::of(&[started()]);
        log.scenario = Some(Scenario { stages: vec![Stage::default(); 2], ..Scenario::default() });
        log.apply(&read);
        assert_eq!(log.models[&model].adjustments, [adjusted]);
        let rates: Vec<f64> = log.scenario.unwrap().stages.iter().map(|stage| stage.schedule.rate).collect();
        assert_eq!(rates, [0.002, 0.01], "what is run from then on");
    }

    #[test]
    fn training_seconds_add_up_over_the_readings_of_each_model() {
        let read = |stage, step, ms_per_step| Event::LossMeasured {
            model: ModelId::deployed(stage),
            step,
            epoch: f64::from(step) / 8.0,
            rate: 0.1,
            total: 1.0,
            terms: Vec::new(),
            orthogonality: None,
            ms_per_step,
        };
        // One step of 40 ms, four of 10 ms, five of 20 ms; the other model starts from zero.
        let log = RunLog::of(&[started(), read(1, 1, 40.0), read(1, 5, 10.0), read(2, 1, 30.0), read(1, 10, 20.0)]);
        let seconds = |stage| log.models[&ModelId::deployed(stage)].losses.iter().map(|it| it.seconds);
        let off = seconds(1).zip([0.04, 0.08, 0.18]).map(|(found, expected): (f64, f64)| (found - expected).abs());
        assert!(off.fold(0.0, f64::max) < 1e-12);
        assert_eq!(seconds(2).collect::<Vec<_>>(), [0.03]);
    }

    #[test]
    fn a_ranking_answers_for_its_sample_only() {
        let log = RunLog::of(&[started(), ranked(0, &[(7, 1), (9, 3)])]);
        let ranking = &log.rankings[&(ModelId::deployed(2), ModelId::deployed(1))];
        assert_eq!(ranking.of(9), Some([3, 0].as_slice()));
        assert_eq!(ranking.of(8), None);
        assert_eq!(ranking.best().collect::<Vec<_>>(), [(7, 1), (9, 3)]);
    }

    #[test]
    fn a_turn_is_remembered_until_the_next_one() {
        let labels = Packed(vec![0, 0, 0, 1, 1]);
        let (name, source, class_names) = (String::new(), String::new(), Vec::new());
        let loaded = Event::DatasetLoaded { name, source, class_names, train: 5, test_labels: labels };
        let mut log = RunLog::of(&[started(), loaded]);
        let mut turned = |step, best: &[(u16, u16)]| {
            log.apply(&ranked(step, best));
            log.rankings.values().flat_map(|ranking| ranking.turned.clone()).collect::<Vec<_>>()
        };
        assert_eq!(turned(8, &[(1, 2), (3, 4), (2, 4)]), [None; 3], "the first ranking turns nothing");
        assert_eq!(turned(16, &[(1, 3), (3, 4), (2, 3)]), [Some(16), None, None], "wrong by another item is no turn");
        assert_eq!(turned(24, &[(1, 4), (3, 2), (2, 3)]), [Some(16), Some(24), None]);
        // The final ranking is of all items in another order; what was not in the sample is new.
        assert_eq!(turned(32, &[(0, 3), (1, 2), (2, 3), (3, 1)]), [None, Some(32), None, Some(24)]);
        // A query that is no longer ranked is forgotten.
        assert_eq!(turned(40, &[(0, 1)]), [Some(40)]);
        assert_eq!(turned(48, &[(1, 4), (9, 1)]), [None, None], "item 9 is none of the test set");
    }

    #[test]
    fn numbers_of_a_declared_quantity_are_kept_by_what_they_are_of() {
        let model = ModelId::deployed(2);
        let reading = |of: &str, value| Reading::of("accuracy", of, value).expect("is a number");
        let quantity = Quantity::fraction("accuracy", "Accuracy", Better::Higher, "Share of right answers.");
        let events = [
            started(),
            Event::QuantitiesDeclared { quantities: vec![quantity.clone()] },
            Event::Measured { model, step: 4, readings: vec![reading("task 1", 0.5), reading("", 0.25)] },
            Event::Measured { model, step: 8, readings: vec![reading("task 1", 0.75)] },
        ];
        let log = RunLog::of(&events);
        assert_eq!(log.quantity("accuracy"), Some(&quantity));
        assert_eq!(log.quantity("loss"), None);
        assert_eq!(log.reading(model, "accuracy", "task 1"), Some(0.75));
        assert_eq!(log.reading(model, "accuracy", ""), Some(0.25));
        assert_eq!(log.reading(ModelId::deployed(1), "accuracy", ""), None);
        assert_eq!(log.models[&model].readings("accuracy", "task 1"), [(4, 0.5), (8, 0.75)]);
        assert_eq!(log.models[&model].step, 8);
        for event in events {
            let line = serde_json::to_string(&event).expect("has a JSON form");
            assert_eq!(serde_json::from_str::<Event>(&line).expect("is the event"), event);
        }
    }

    #[test]
    fn a_table_and_an_exhibit_replace_those_of_the_same_name() {
        let table = |id: &str, value| Table {
            id: id.to_owned(),
            title: String::new(),
            quantity: "accuracy".to_owned(),
            row_of: String::new(),
            rows: vec!["1".to_owned()],
            column_of: String::new(),
            columns: vec!["1".to_owned()],
            cells: Packed(vec![value]),
        };
        let shown = |step| Exhibit {
            id: "samples".to_owned(),
            title: String::new(),
            model: ModelId::deployed(1),
            step,
            things: Things::Words(vec!["a".to_owned()]),
            behind: String::new(),
        };
        let events = [
            started(),
            Event::TableMeasured { table: table("a", 0.5) },
            Event::TableMeasured { table: table("b", 0.25) },
            Event::TableMeasured { table: table("a", 0.75) },
            Event::ExhibitShown { exhibit: shown(1) },
            Event::ExhibitShown { exhibit: shown(9) },
        ];
        let log = RunLog::of(&events);
        let cells: Vec<_> = log.tables.iter().map(|table| (table.id.as_str(), table.cell(0, 0))).collect();
        assert_eq!(cells, [("a", Some(0.75)), ("b", Some(0.25))]);
        assert_eq!(log.exhibits.values().map(|exhibit| exhibit.step).collect::<Vec<_>>(), [9]);
    }

    #[test]
    fn scores_survive_their_way_through_a_file() {
        let scores = Scores {
            query: ModelId::deployed(2),
            gallery: ModelId::deployed(1),
            same: Packed(vec![0, 3]),
            different: Packed(vec![4, 1]),
            auc: Some(0.9),
        };
        let event = Event::ScoresMeasured { scores: scores.clone() };
        let line = serde_json::to_string(&event).expect("has a JSON form");
        assert!(line.starts_with(r#"{"scores_measured":{"scores":{"query":"v2","gallery":"v1","#), "{line}");
        let read: Event = serde_json::from_str(&line).expect("is the event");
        assert_eq!(RunLog::of(&[started(), read]).scores, [scores]);
        assert!(RunLog::of(&[started(), event, started()]).scores.is_empty(), "another run");
    }
}
