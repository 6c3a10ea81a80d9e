//! What was measured by declared quantities: tables as they are, and the latest readings of each model. Nothing here knows what a
//! quantity is about.

use std::fmt::Write as _;

use protocol::{Quantity, RunLog, Table};
use serde::Serialize;

use super::words::percent;

/// The latest reading of a quantity of a model.
#[derive(Serialize)]
pub struct ReadingRow {
    model: String,
    quantity: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    of: String,
    step: u32,
    value: f64,
}

/// A table with `null` where there is no number.
#[derive(Serialize)]
pub struct TableRows<'a> {
    id: &'a str,
    title: &'a str,
    quantity: &'a str,
    rows: &'a [String],
    columns: &'a [String],
    cells: Vec<Vec<Option<f64>>>,
}

/// The latest readings of all models.
pub fn readings(log: &RunLog) -> Vec<ReadingRow> {
    let mut rows = Vec::new();
    for (model, known) in &log.models {
        for ((quantity, of), readings) in &known.numbers {
            let Some(&(step, value)) = readings.last() else { continue };
            rows.push(ReadingRow { model: model.to_string(), quantity: quantity.clone(), of: of.clone(), step, value });
        }
    }
    rows
}

/// The tables.
pub fn tables(log: &RunLog) -> Vec<TableRows<'_>> {
    let rows = |table: &Table| table.by_row().map(|(_, cells)| cells).collect();
    let table = |table| TableRows {
        cells: rows(table),
        id: &table.id,
        title: &table.title,
        quantity: &table.quantity,
        rows: &table.rows,
        columns: &table.columns,
    };
    log.tables.iter().map(table).collect()
}

/// Both as Markdown; nothing of a run that declared no quantities.
pub fn write_quantities(log: &RunLog, text: &mut String) -> std::fmt::Result {
    for table in &log.tables {
        writeln!(text, "\n## {}\n", table.title)?;
        writeln!(text, "| {} | {} |", table.row_of.to_lowercase(), table.columns.join(" | "))?;
        writeln!(text, "| --- |{}", " --- |".repeat(table.columns.len()))?;
        for (name, cells) in table.by_row() {
            let shown = |cell: Option<f64>| cell.map_or_else(String::new, |cell| number(log, &table.quantity, cell));
            writeln!(text, "| {name} | {} |", cells.into_iter().map(shown).collect::<Vec<_>>().join(" | "))?;
        }
    }
    let readings = readings(log);
    // What has a table of its own need not be listed part by part.
    let alone = |row: &&ReadingRow| row.of.is_empty() || log.tables.iter().all(|table| table.quantity != row.quantity);
    let shown: Vec<&ReadingRow> = readings.iter().filter(alone).collect();
    if !shown.is_empty() {
        writeln!(text, "\n## Measured\n\n| model | quantity | of | value |\n| --- | --- | --- | --- |")?;
        for ReadingRow { model, quantity, of, value, .. } in shown {
            let name = log.quantity(quantity).map_or(quantity.as_str(), |quantity| quantity.name.as_str());
            writeln!(text, "| {model} | {name} | {of} | {} |", number(log, quantity, *value))?;
        }
        writeln!(text)?;
        let used = |quantity: &&Quantity| readings.iter().any(|row| row.quantity == quantity.id);
        for Quantity { name, about, .. } in log.quantities.iter().filter(used) {
            writeln!(text, "- {name}: {about}")?;
        }
    }
    Ok(())
}

/// A number with its unit; fractions in points.
fn number(log: &RunLog, quantity: &str, value: f64) -> String {
    match log.quantity(quantity) {
        Some(quantity) if quantity.is_fraction() => percent(value),
        Some(Quantity { unit, .. }) if !unit.is_empty() => format!("{value:.4} {unit}"),
        _ => format!("{value:.4}"),
    }
}

#[cfg(test)]
mod tests {
    use protocol::{Better, Event, ModelId, Packed, Reading};

    use super::*;

    #[test]
    fn tables_and_readings_stand_in_both_reports() {
        let quantities = vec![
            Quantity::fraction("accuracy", "Accuracy", Better::Higher, "Share of right answers."),
            Quantity::new("size", "Size", "kB", Better::Lower, "What is stored."),
        ];
        let model = ModelId::deployed(2);
        let reading = |quantity: &str, of: &str, value| Reading::of(quantity, of, value).unwrap();
        let readings =
            vec![reading("accuracy", "", 0.5), reading("accuracy", "task 1", 0.25), reading("size", "", 1.5)];
        let table = Table {
            id: "accuracy".to_owned(),
            title: "Accuracy by task".to_owned(),
            quantity: "accuracy".to_owned(),
            row_of: "Model".to_owned(),
            rows: vec!["v1".to_owned(), "v2".to_owned()],
            column_of: "Task".to_owned(),
            columns: vec!["task 1".to_owned(), "task 2".to_owned()],
            cells: Packed(vec![0.75, f32::NAN, 0.25, 1.0]),
        };
        let log = RunLog::of(&[
            Event::QuantitiesDeclared { quantities },
            Event::Measured { model, step: 8, readings },
            Event::TableMeasured { table },
        ]);
        let text = super::super::markdown(&log);
        for line in [
            "| model | task 1 | task 2 |",
            "| v1 | 75.0 |  |",
            "| v2 | 25.0 | 100.0 |",
            "| v2 | Accuracy |  | 50.0 |",
            "| v2 | Size |  | 1.5000 kB |",
            "- Accuracy: Share of right answers.",
        ] {
            assert!(text.contains(&format!("{line}\n")), "{line} is not in {text}");
        }
        assert!(!text.contains("| v2 | Accuracy | task 1 |"), "it stands in the table");
        let report: serde_json::Value = serde_json::from_str(&super::super::json(&log).unwrap()).unwrap();
        assert_eq!(report["tables"][0]["cells"][0], serde_json::json!([0.75, null]));
        assert_eq!(report["readings"][1]["of"], "task 1");
        assert_eq!(report["readings"][1]["value"], 0.25);
    }
}
