//! The report for people; its serde form is the one for programs.

use std::fmt::Write as _;

use serde::Serialize;

use super::judge::{Finding, Judged};
use crate::machine::machine;

/// Everything that was found.
#[derive(Serialize)]
pub struct Report {
    /// Whether hardly anything was trained, so that the findings say nothing.
    pub quick: bool,
    /// Seeds 1 to this one.
    pub seeds: u32,
    /// Wall-clock seconds; a report that went on from finished runs took less.
    pub seconds: f64,
    /// The claims.
    pub rows: Vec<Judged>,
}

impl Report {
    /// The report as Markdown.
    pub fn markdown(&self) -> String {
        let mut text = String::new();
        // Writing into a String cannot fail.
        let _ = self.write(&mut text);
        text
    }

    fn write(&self, text: &mut String) -> std::fmt::Result {
        let Self { quick, seeds, seconds, rows } = self;
        let how = if *quick { "--quick".to_owned() } else { format!("--seeds {seeds}") };
        writeln!(text, "# Claims at this scale\n")?;
        if *quick {
            writeln!(
                text,
                "**A smoke test of the machinery: hardly anything was trained, so the findings say nothing.**\n"
            )?;
        }
        writeln!(
            text,
            "Made by `cargo xtask claims {how}` in {seconds:.0} s on the CPU engine ({}), on Fashion-MNIST. Within a seed every method \
             has the same data, order, augmentation, schedule, old model and ceiling. Rerun the command to replace this page.\n",
            machine()
        )?;
        writeln!(
            text,
            "A claim *holds* or *does not hold* where the 95 % interval of the mean over seeds (Student's t) lies on one side of the \
             bound, and is *within noise* where it does not. Points are hundredths of mAP or top-1 over all test queries. The interval \
             over queries is a paired bootstrap: it speaks of other queries, not of other seeds. Seconds are those of training all \
             models that the rule looks at, once for each method.\n"
        )?;
        writeln!(text, "| claim | of | rule | mean | sd over seeds | per seed | 95 % over queries | s | finding |")?;
        writeln!(text, "| --- | --- | --- | ---: | ---: | --- | --- | ---: | --- |")?;
        rows.iter().try_for_each(|row| write_row(row, text))
    }
}

fn write_row(row: &Judged, text: &mut String) -> std::fmt::Result {
    let number = |value: f64| format!("{value:.2}").replace('-', "\u{2212}");
    let known = |value: Option<f64>| value.map_or("\u{2013}".to_owned(), number);
    let values: Vec<String> = row.values.iter().copied().map(number).collect();
    let over_queries =
        row.over_queries.map_or("\u{2013}".to_owned(), |it| format!("{} to {}", number(it.low), number(it.high)));
    let finding = match row.finding {
        Finding::Holds => "holds",
        Finding::Fails => "**does not hold**",
        Finding::WithinNoise => "within noise",
        Finding::NotMeasured => "not measured",
    };
    let Judged { claim, paper, rule, at_least, mean, deviation, seconds, .. } = row;
    writeln!(
        text,
        "| {claim} | {paper} | {rule} \u{2265} {} | {} | {} | {} | {over_queries} | {seconds:.0} | {finding} |",
        format!("{at_least}").replace('-', "\u{2212}"),
        known(*mean),
        known(*deviation),
        values.join(", "),
    )
}
