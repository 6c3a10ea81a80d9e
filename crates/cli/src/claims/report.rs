//! The report for people.

use std::fmt::Write as _;

use protocol::{ClaimsReport, Finding, JudgedClaim};

/// The report as Markdown.
pub fn markdown(report: &ClaimsReport) -> String {
    let mut text = String::new();
    // Writing into a String cannot fail.
    let _ = write(report, &mut text);
    text
}

fn write(report: &ClaimsReport, text: &mut String) -> std::fmt::Result {
    let ClaimsReport { command, machine, quick, seconds, rows, .. } = report;
    writeln!(text, "# Claims at this scale\n")?;
    if *quick {
        writeln!(
            text,
            "**A smoke test of the machinery: hardly anything was trained, so the findings say nothing.**\n"
        )?;
    }
    writeln!(
        text,
        "Made by `{command}` on the CPU engine ({machine}), on Fashion-MNIST and on worlds that are made; its runs took {seconds:.0} s together. Within a seed every method \
             has the same data, order, augmentation, schedule, old model and ceiling. Rerun the command to replace this page.\n"
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

fn write_row(row: &JudgedClaim, text: &mut String) -> std::fmt::Result {
    let number = |value: f64| format!("{value:.2}").replace('-', "\u{2212}");
    let known = |value: Option<f64>| value.map_or("\u{2013}".to_owned(), number);
    let values: Vec<String> = row.values.iter().copied().map(number).collect();
    let over_queries =
        row.over_queries.map_or("\u{2013}".to_owned(), |[low, high]| format!("{} to {}", number(low), number(high)));
    let finding = match row.finding {
        Finding::Fails => format!("**{}**", row.finding.in_words()),
        other => other.in_words().to_owned(),
    };
    let JudgedClaim { claim, paper, rule, at_least, mean, deviation, seconds, .. } = row;
    writeln!(
        text,
        "| {claim} | {paper} | {rule} \u{2265} {} | {} | {} | {} | {over_queries} | {seconds:.0} | {finding} |",
        format!("{at_least}").replace('-', "\u{2212}"),
        known(*mean),
        known(*deviation),
        values.join(", "),
    )
}
