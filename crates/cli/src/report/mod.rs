//! A run as a page of text and as JSON. Both are functions of the run log.

mod chain;
mod quantities;
mod words;

use std::fmt::Write as _;

use protocol::{Backfill, Block, Blocks, Cell, Chain, EqualCosines, ModelLog, Rates, RunLog, Scenario, Verdict};
use serde::Serialize;

use chain::write_chain;
use quantities::{ReadingRow, TableRows, write_quantities};
use words::percent;

/// Shares of a backfill that the table of a report shows, in percent.
const SHARES: [u32; 6] = [0, 20, 40, 60, 80, 100];

/// One number with its name and its unit.
#[derive(Serialize)]
struct Metric {
    name: &'static str,
    unit: &'static str,
    value: Option<f64>,
}

/// The JSON report.
#[derive(Serialize)]
struct Report<'a> {
    scenario: &'a Option<Scenario>,
    engine: String,
    dataset: &'a str,
    seconds: Option<f64>,
    matrix: &'a [Cell],
    chance: &'a Option<Rates>,
    chain: Option<ChainRow<'a>>,
    upgrades: Vec<Upgrade<'a>>,
    backfills: &'a [Backfill],
    blocks: &'a [Blocks],
    models: Vec<ModelRow>,
    tables: Vec<TableRows<'a>>,
    readings: Vec<ReadingRow>,
    notices: &'a [String],
}

/// All models of a chain against all before them.
#[derive(Serialize)]
struct ChainRow<'a> {
    words: String,
    scores: &'a Chain,
}

/// One new model against the one before.
#[derive(Serialize)]
struct Upgrade<'a> {
    words: String,
    verdict: &'a Verdict,
    metrics: Vec<Metric>,
}

/// What a model cost.
#[derive(Serialize)]
struct ModelRow {
    model: String,
    steps: Option<u32>,
    seconds: Option<f64>,
    parameters: Option<u64>,
    stored_floats_per_item: Option<u32>,
    equal_cosines: Option<EqualCosines>,
}

/// The numbers of a verdict by name.
fn metrics(verdict: &Verdict) -> Vec<Metric> {
    let metric = |name, unit, value| Metric { name, unit, value: Some(value) };
    vec![
        metric("mAP old/old", "fraction", verdict.old_old.map),
        metric("mAP new/old (cross-test)", "fraction", verdict.new_old.map),
        metric("mAP new/new (self-test)", "fraction", verdict.new_new.map),
        metric("mAP independent/independent", "fraction", verdict.ceiling.map),
        metric("mAP independent/old", "fraction", verdict.independent_old.map),
        metric("CMC top-1 old/old", "fraction", verdict.old_old.cmc1),
        metric("CMC top-1 new/old (cross-test)", "fraction", verdict.new_old.cmc1),
        metric("CMC top-1 new/new (self-test)", "fraction", verdict.new_new.cmc1),
        metric("CMC top-1 independent/independent", "fraction", verdict.ceiling.cmc1),
        metric("absolute gain", "mAP", verdict.gain()),
        Metric { name: "update gain", unit: "share of the ceiling's gain", value: verdict.update_gain },
        metric("tax", "mAP", verdict.tax),
        metric("NFR", "share of queries", verdict.nfr),
        metric("PFR", "share of queries", verdict.pfr),
        metric("forgetting, re-indexed", "mAP, old classes", verdict.forgetting_reindexed),
        metric("forgetting, frozen gallery", "mAP, old classes", verdict.forgetting_frozen),
        metric("linear CKA new, old (debiased)", "none", verdict.cka_new),
        metric("linear CKA independent, old (debiased)", "none", verdict.cka_independent),
        metric("stored by the new model", "floats per item", f64::from(verdict.cost.stored)),
        metric("stored by the old model", "floats per item", f64::from(verdict.cost.stored_before)),
        metric("side information in the old gallery", "floats per item", f64::from(verdict.cost.notes)),
        metric("training passes", "models", f64::from(verdict.cost.passes)),
        Metric { name: "training, a teacher included", unit: "seconds", value: verdict.cost.seconds },
    ]
}

/// What each model cost, in order.
fn models(log: &RunLog) -> Vec<ModelRow> {
    log.models
        .iter()
        .map(|(id, model)| ModelRow {
            model: id.to_string(),
            steps: model.trained,
            seconds: model.seconds,
            parameters: model.parameters,
            stored_floats_per_item: model.dims,
            equal_cosines: model.prototypes.as_ref().and_then(|prototypes| prototypes.equal),
        })
        .collect()
}

/// The report as JSON.
///
/// # Errors
/// If a number is not finite.
pub fn json(log: &RunLog) -> serde_json::Result<String> {
    let report = Report {
        scenario: &log.scenario,
        engine: engine(log),
        dataset: &log.dataset,
        seconds: log.seconds,
        matrix: &log.matrix,
        chance: &log.chance,
        chain: log.chain.as_ref().map(|scores| ChainRow { words: scores.in_words(), scores }),
        upgrades: log
            .verdicts
            .iter()
            .map(|verdict| Upgrade { words: verdict.in_words(), verdict, metrics: metrics(verdict) })
            .collect(),
        backfills: &log.backfills,
        blocks: &log.blocks,
        models: models(log),
        tables: quantities::tables(log),
        readings: quantities::readings(log),
        notices: &log.notices,
    };
    serde_json::to_string_pretty(&report)
}

fn engine(log: &RunLog) -> String {
    log.engine.as_ref().map_or_else(String::new, |engine| engine.name.clone())
}

/// The report as Markdown.
pub fn markdown(log: &RunLog) -> String {
    let mut text = String::new();
    // Writing into a String cannot fail.
    let _ = write_markdown(log, &mut text);
    text
}

fn write_markdown(log: &RunLog, text: &mut String) -> std::fmt::Result {
    let scenario = log.scenario.clone().unwrap_or_default();
    writeln!(text, "# {}, seed {}\n", scenario.preset, scenario.seed)?;
    writeln!(text, "{} on {}. One seed.\n", log.dataset, engine(log))?;
    if let Some(fault) = &log.fault {
        writeln!(text, "**The run stopped.** {} {}\n", fault.message, fault.action)?;
    }
    if let Some(chain) = &log.chain {
        writeln!(text, "{}\n", chain.in_words())?;
    }
    for verdict in &log.verdicts {
        writeln!(text, "{}\n", verdict.in_words())?;
    }
    write_matrix(log, text)?;
    if let Some(chain) = &log.chain {
        write_chain(log, chain, text)?;
    }
    for verdict in &log.verdicts {
        writeln!(text, "\n## {} after {}\n\n| metric | value | unit |\n| --- | --- | --- |", verdict.new, verdict.old)?;
        for Metric { name, unit, value } in metrics(verdict) {
            writeln!(text, "| {name} | {} | {unit} |", value.map_or("n/a".to_owned(), |value| format!("{value:.4}")))?;
        }
    }
    write_quantities(log, text)?;
    writeln!(text, "\n## Cost\n\n| model | steps | seconds | parameters | stored floats per item |")?;
    writeln!(text, "| --- | --- | --- | --- | --- |")?;
    let or_none = |value: Option<String>| value.unwrap_or_else(|| "none".to_owned());
    for row in models(log) {
        writeln!(
            text,
            "| {} | {} | {} | {} | {} |",
            row.model,
            or_none(row.steps.map(|steps| steps.to_string())),
            or_none(row.seconds.map(|seconds| format!("{seconds:.1}"))),
            or_none(row.parameters.map(|parameters| parameters.to_string())),
            or_none(row.stored_floats_per_item.map(|dims| dims.to_string()))
        )?;
    }
    write_blocks(log, text)?;
    if !log.backfills.is_empty() {
        writeln!(
            text,
            "\n## Backfill\n\n| mAP at re-embedded | {} | mean | dip |",
            SHARES.map(|share| format!("{share} %")).join(" | ")
        )?;
        writeln!(text, "| --- |{}", " --- |".repeat(SHARES.len() + 2))?;
        for backfill in &log.backfills {
            let at = |share: u32| {
                let point = backfill.points.iter().find(|point| (100.0 * point.fraction).round() == f64::from(share));
                point.map_or_else(String::new, |point| percent(point.map))
            };
            let (area, dip) = (percent(backfill.area), percent(backfill.dip));
            writeln!(text, "| {} | {} | {area} | {dip} |", backfill.name(), SHARES.map(at).join(" | "))?;
        }
    }
    if !log.notices.is_empty() {
        writeln!(text, "\n## Notes\n")?;
        for notice in &log.notices {
            writeln!(text, "- {notice}")?;
        }
    }
    Ok(())
}

/// Every pair of models; nothing of a run in which nothing was searched.
fn write_matrix(log: &RunLog, text: &mut String) -> std::fmt::Result {
    if log.matrix.is_empty() {
        return Ok(());
    }
    writeln!(
        text,
        "## Compatibility matrix\n\n| query / gallery | mAP | top-1 | top-5 | recall@10 | old classes, mAP | later classes, mAP |"
    )?;
    writeln!(text, "| --- | --- | --- | --- | --- | --- | --- |")?;
    for cell in &log.matrix {
        let group = |rates: &Option<Rates>| rates.map_or("none".to_owned(), |rates| percent(rates.map));
        let Rates { map, cmc1, cmc5, recall10, .. } = cell.all;
        writeln!(
            text,
            "| {} / {} | {} | {} | {} | {} | {} | {} |",
            cell.query,
            cell.gallery,
            percent(map),
            percent(cmc1),
            percent(cmc5),
            percent(recall10),
            group(&cell.seen),
            group(&cell.unseen)
        )?;
    }
    if let Some(Rates { map, cmc1, cmc5, recall10, .. }) = log.chance {
        let [map, cmc1, cmc5, recall10] = [map, cmc1, cmc5, recall10].map(percent);
        writeln!(text, "| chance | {map} | {cmc1} | {cmc5} | {recall10} | | |")?;
    }
    Ok(())
}

/// How stored vectors split, and how equally fixed heads keep their class vectors apart.
fn write_blocks(log: &RunLog, text: &mut String) -> std::fmt::Result {
    if !log.blocks.is_empty() {
        writeln!(text, "\n## Blocks of stored vectors\n\nEvery part is re-normalised before it is compared.\n")?;
        writeln!(
            text,
            "| model | comparable with | dims | share of the squared norm | mAP alone | mAP up to here | cross-test mAP up to here |"
        )?;
        writeln!(text, "| --- | --- | --- | --- | --- | --- | --- |")?;
    }
    for Blocks { model, blocks } in &log.blocks {
        for Block { model: with, dims, energy, alone, through, cross } in blocks {
            let [energy, alone, through] = [*energy, alone.map, through.map].map(percent);
            let cross = cross.map_or_else(String::new, |cross| percent(cross.map));
            writeln!(text, "| {model} | {with} | {dims} | {energy} % | {alone} | {through} | {cross} |")?;
        }
    }
    let equal = |model: &ModelLog| model.prototypes.as_ref()?.equal;
    for (id, EqualCosines { vectors, exact, deviation }) in
        log.models.iter().filter_map(|(id, model)| Some((id, equal(model)?)))
    {
        writeln!(
            text,
            "\n{id}: any two of its {vectors} fixed class vectors have the cosine {exact:.5}; the largest deviation measured is \
             {deviation:.0e}."
        )?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use protocol::{Event, ModelId};

    use super::*;

    #[test]
    fn blocks_stand_in_both_reports() {
        let rates = |map| Rates { map, ..Rates::default() };
        let block = |stage, dims, energy, cross: Option<f64>| Block {
            model: ModelId::deployed(stage),
            dims,
            energy,
            alone: rates(0.5),
            through: rates(0.625),
            cross: cross.map(rates),
        };
        let blocks = vec![block(1, 32, 0.75, Some(0.4)), block(2, 8, 0.25, None)];
        let log = RunLog::of(&[Event::BlocksMeasured { blocks: Blocks { model: ModelId::deployed(2), blocks } }]);
        let text = markdown(&log);
        assert!(text.contains("| v2 | v1 | 32 | 75.0 % | 50.0 | 62.5 | 40.0 |"), "{text}");
        assert!(text.contains("| v2 | v2 | 8 | 25.0 % | 50.0 | 62.5 |  |"), "{text}");
        let report: serde_json::Value = serde_json::from_str(&json(&log).unwrap()).unwrap();
        assert_eq!(report["blocks"][0]["blocks"][1]["dims"], 8);
        assert!(!markdown(&RunLog::default()).contains("Blocks"));
    }
}
