//! What is kept of a finished run where its events are too many: the few that its final numbers fold from again.

use std::collections::BTreeMap;

use crate::{Event, Reading, RunLog};

impl RunLog {
    /// Events that the matrix, the judgements, the quantities with their last readings and the tables fold from again. What is large
    /// and what happened on the way is not among them, so that as many as a person likes can be kept.
    pub fn facts(&self) -> Vec<Event> {
        let mut facts = Vec::new();
        if !self.quantities.is_empty() {
            facts.push(Event::QuantitiesDeclared { quantities: self.quantities.clone() });
        }
        for (&model, log) in &self.models {
            // Readings of one step belong together.
            let mut by_step: BTreeMap<u32, Vec<Reading>> = BTreeMap::new();
            for ((quantity, of), readings) in &log.numbers {
                if let Some(&(step, value)) = readings.last() {
                    let reading = Reading { quantity: quantity.clone(), of: of.clone(), value };
                    by_step.entry(step).or_default().push(reading);
                }
            }
            facts.extend(by_step.into_iter().map(|(step, readings)| Event::Measured { model, step, readings }));
        }
        facts.extend(self.tables.iter().map(|table| Event::TableMeasured { table: table.clone() }));
        if let Some(chance) = self.chance {
            facts.push(Event::MatrixMeasured { cells: self.matrix.clone(), chance });
        }
        facts.extend(self.verdicts.iter().map(|it| Event::VerdictReached { verdict: Box::new(it.clone()) }));
        facts.extend(self.chain.iter().map(|chain| Event::ChainMeasured { chain: chain.clone() }));
        facts
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Better, ModelId, Packed, Quantity, Table};

    #[test]
    fn the_last_numbers_fold_from_the_facts_again() {
        let (old, new) = (ModelId::deployed(1), ModelId::deployed(2));
        let measured = |model, step, values: &[(&str, f64)]| Event::Measured {
            model,
            step,
            readings: values.iter().filter_map(|&(of, value)| Reading::of("accuracy", of, value)).collect(),
        };
        let table = Table {
            id: "accuracy".to_owned(),
            title: "Accuracy".to_owned(),
            quantity: "accuracy".to_owned(),
            row_of: "Model".to_owned(),
            rows: vec!["v1".to_owned()],
            column_of: "Task".to_owned(),
            columns: vec!["task 1".to_owned()],
            cells: Packed(vec![0.5]),
        };
        let log = RunLog::of(&[
            Event::QuantitiesDeclared {
                quantities: vec![Quantity::fraction("accuracy", "Accuracy", Better::Higher, "")],
            },
            measured(old, 4, &[("", 0.25)]),
            measured(old, 8, &[("", 0.5), ("task 1", 0.75)]),
            measured(new, 8, &[("", 1.0)]),
            Event::TableMeasured { table },
        ]);
        let facts = log.facts();
        let again = RunLog::of(&facts);
        assert_eq!(facts.len(), 4, "{facts:?}");
        assert_eq!((&again.quantities, &again.tables), (&log.quantities, &log.tables));
        for (model, of) in [(old, ""), (old, "task 1"), (new, ""), (new, "task 1")] {
            assert_eq!(again.reading(model, "accuracy", of), log.reading(model, "accuracy", of));
        }
        assert_eq!(again.facts(), facts);
        assert!(RunLog::default().facts().is_empty());
    }
}
