//! A small run to test the views on.

use protocol::{
    Better, Cell, Chain, ChainScores, EngineKind, EngineReport, Event, Exhibit, LossTerm, ModelId, Packed, Phase,
    PhaseKind, Quantity, Rates, Reading, RunLog, Sample, Scenario, Stage, Table, Things,
};

pub(crate) const OLD: ModelId = ModelId { stage: 1, independent: false };
pub(crate) const NEW: ModelId = ModelId { stage: 2, independent: false };
pub(crate) const CEILING: ModelId = ModelId { stage: 2, independent: true };

pub(crate) fn rates(map: f64) -> Rates {
    Rates { map, cmc1: map + 0.1, cmc5: map + 0.2, recall10: map / 2.0, queries: 4, ambiguous: 0 }
}

pub(crate) fn cell(query: ModelId, gallery: ModelId, map: f64) -> Cell {
    let (seen, unseen) = (Some(rates(map + 0.05)), Some(rates(map - 0.05)));
    Cell { query, gallery, all: rates(map), seen, unseen }
}

pub(crate) fn started() -> Event {
    let phase = |kind, model, steps| Phase { kind, model, steps };
    Event::RunStarted {
        scenario: Scenario { stages: vec![Stage::default(), Stage::default()], ..Scenario::default() },
        engine: EngineReport { kind: EngineKind::Cpu, name: "CPU".to_owned(), reason: String::new() },
        plan: vec![
            phase(PhaseKind::Train, OLD, 40),
            phase(PhaseKind::Train, CEILING, 80),
            phase(PhaseKind::Train, NEW, 80),
            phase(PhaseKind::Measure, NEW, 5),
        ],
        program: "test".to_owned(),
    }
}

pub(crate) fn loss(model: ModelId, step: u32, terms: &[(&str, f64, f64)]) -> Event {
    let term = |&(name, weight, value): &(&str, f64, f64)| LossTerm { name: name.to_owned(), weight, value };
    Event::LossMeasured {
        model,
        step,
        epoch: f64::from(step) / 10.0,
        rate: 0.001,
        total: terms.iter().map(|(_, weight, value)| weight * value).sum(),
        terms: terms.iter().map(term).collect(),
        orthogonality: None,
        ms_per_step: 10.0,
    }
}

pub(crate) fn retrieval(model: ModelId, step: u32, cells: Vec<Cell>) -> Event {
    Event::RetrievalMeasured { model, step, sample: Sample { queries: 4, gallery: 6, of: 20 }, cells }
}

pub(crate) fn ranking(query: ModelId, gallery: ModelId, items: &[u16]) -> Event {
    ranking_at(16, query, gallery, items)
}

pub(crate) fn ranking_at(step: u32, query: ModelId, gallery: ModelId, items: &[u16]) -> Event {
    let queries = Packed(vec![0, 1, 2, 3]);
    let precisions = Packed(vec![0.5; queries.0.len()]);
    Event::RankingMeasured { query, gallery, step, queries, items: Packed(items.to_vec()), depth: 2, precisions }
}

pub(crate) fn projected(model: ModelId, points: &[f32]) -> Event {
    let items = Packed((0..points.len() as u16 / 2).collect());
    Event::EmbeddingsProjected { model, step: 16, items, points: Packed(points.to_vec()), explained: 0.5 }
}

/// Two classes; v1 and v2* trained, v2 at step 20 of 80.
pub(crate) fn half_way() -> RunLog {
    let trained = |model, steps| Event::ModelTrained { model, steps, seconds: 1.5, parameters: 109_386, dims: 32 };
    RunLog::of(&[
        started(),
        Event::DatasetLoaded {
            name: "Fashion-MNIST".to_owned(),
            source: "Made for a test.".to_owned(),
            class_names: vec!["Shirt".to_owned(), "Bag".to_owned()],
            train: 80,
            test_labels: Packed(vec![0, 0, 1, 1, 0, 1]),
        },
        Event::PhaseStarted { phase: 0 },
        loss(OLD, 40, &[("cross-entropy", 1.0, 0.5)]),
        retrieval(OLD, 32, vec![cell(OLD, OLD, 0.3)]),
        trained(OLD, 40),
        projected(OLD, &[0.0, 0.0, 1.0, 1.0, -1.0, 1.0, -1.0, 2.0]),
        Event::PhaseStarted { phase: 1 },
        loss(CEILING, 80, &[("cross-entropy", 1.0, 0.3)]),
        trained(CEILING, 80),
        Event::PhaseStarted { phase: 2 },
        loss(NEW, 4, &[("cross-entropy", 1.0, 2.0), ("compatibility", 0.5, 3.0)]),
        loss(NEW, 20, &[("cross-entropy", 1.0, 1.0), ("compatibility", 0.5, 2.0)]),
        retrieval(NEW, 16, vec![cell(OLD, OLD, 0.4), cell(NEW, OLD, 0.45), cell(NEW, NEW, 0.5)]),
        // Query 0 and 1 are shirts, 2 and 3 bags; items 4 (shirt) and 5 (bag) are the gallery here.
        ranking(OLD, OLD, &[4, 5, 5, 4, 5, 4, 4, 5]),
        ranking(NEW, OLD, &[5, 4, 4, 5, 5, 4, 4, 5]),
    ])
}

/// Four models one after the other, measured: v3 fails on the gallery of v1. Of the ceilings only v2's is there.
pub(crate) fn chain() -> RunLog {
    let rows: [&[f64]; 4] = [&[0.4], &[0.5, 0.6], &[0.3, 0.7, 0.8], &[0.45, 0.65, 0.85, 0.9]];
    let mut cells = vec![cell(CEILING, CEILING, 0.66), cell(CEILING, OLD, 0.1)];
    for (query, row) in (1..).zip(rows) {
        let deployed = |(gallery, &map)| cell(ModelId::deployed(query), ModelId::deployed(gallery), map);
        cells.extend((1..).zip(row).map(deployed));
    }
    let failed = vec![(ModelId::deployed(3), OLD)];
    let scores = ChainScores { ac: 5.0 / 6.0, ac_with_ties: 5.0 / 6.0, aa: 0.615, bc: 0.05, fc: -0.08, failed };
    let phase = |model| Phase { kind: PhaseKind::Train, model, steps: 40 };
    let deployed = (1..=4).map(|stage| phase(ModelId::deployed(stage)));
    let mut log = RunLog { plan: deployed.chain([phase(CEILING)]).collect(), ..RunLog::default() };
    log.apply(&Event::MatrixMeasured { cells, chance: rates(0.1) });
    log.apply(&Event::ChainMeasured {
        chain: Chain { models: 4, map: scores.clone(), cmc1: scores, growth: Vec::new() },
    });
    log
}

/// Readings of a model at a step: quantity, what of, value.
pub(crate) fn measured(model: ModelId, step: u32, readings: &[(&str, &str, f64)]) -> Event {
    let readings = readings.iter().filter_map(|&(quantity, of, value)| Reading::of(quantity, of, value)).collect();
    Event::Measured { model, step, readings }
}

/// Accuracy of v1 and v2 on two tasks, v1 knowing nothing of the second.
pub(crate) fn accuracies() -> Table {
    Table {
        id: "accuracy".to_owned(),
        title: "Accuracy by task".to_owned(),
        quantity: "accuracy".to_owned(),
        row_of: "Model".to_owned(),
        rows: vec!["v1".to_owned(), "v2".to_owned()],
        column_of: "Task".to_owned(),
        columns: vec!["task 1: Shirt".to_owned(), "task 2: Bag".to_owned()],
        cells: Packed(vec![0.75, f32::NAN, 0.5, 1.0]),
    }
}

/// Three points of two classes, moved to the right by so much.
pub(crate) fn exhibit(model: ModelId, step: u16) -> Event {
    let right = f32::from(step);
    let things =
        Things::Points { xy: Packed(vec![right, 0.0, right + 1.0, 1.0, right, 2.0]), classes: Packed(vec![0, 1, 1]) };
    let (id, title) = ("samples".to_owned(), "Samples".to_owned());
    Event::ExhibitShown { exhibit: Exhibit { id, title, model, step: u32::from(step), things, behind: String::new() } }
}

/// Two models after one another that answer and make points, and no gallery anywhere.
pub(crate) fn knowledge() -> RunLog {
    let quantities = vec![
        Quantity::fraction("accuracy", "Accuracy", Better::Higher, "Share of right answers."),
        Quantity::new("distance", "Distance", "px", Better::Lower, "How far off."),
        Quantity::new("floats", "Stored floats", "", Better::Neither, "How many."),
    ];
    RunLog::of(&[
        Event::QuantitiesDeclared { quantities },
        measured(OLD, 10, &[("accuracy", "task 1", 0.6), ("distance", "", 8.0)]),
        measured(OLD, 20, &[("accuracy", "task 1", 0.75), ("distance", "", 4.0), ("floats", "", 64.0)]),
        measured(NEW, 20, &[("accuracy", "task 1", 0.5), ("accuracy", "task 2", 1.0), ("unheard", "", 1.0)]),
        measured(CEILING, 20, &[("accuracy", "task 1", 0.8)]),
        Event::TableMeasured { table: accuracies() },
        exhibit(NEW, 20),
    ])
}
