//! The verdict and the table of options, for a terminal.

use decide::Case;
use decide::judge::Estimate;
use decide::options::OptionRow;
use decide::report::words;
use decide::study::Study;
use decide::verdict::Verdict;

/// Columns are parted by so many spaces.
const GAP: &str = "  ";

/// All that is printed.
pub fn text(case: &Case, study: &Study, verdict: &Verdict) -> String {
    let mut text = format!("{}\n", verdict.headline);
    for sentence in verdict.because.iter().chain(&verdict.provisional) {
        text += &format!("  {sentence}\n");
    }
    if !verdict.would_change.is_empty() {
        text += "What would change it:\n";
        verdict.would_change.iter().for_each(|sentence| text += &format!("  {sentence}\n"));
    }
    text += &format!("\n{}\n\n{}", study.relevance, table(study));
    let known: Vec<&String> = study.notices.iter().filter(|notice| !case.notices.contains(notice)).collect();
    let findings = study.examination.findings.iter().map(|finding| &finding.sentence);
    let notices: Vec<&String> = case.notices.iter().chain(findings).chain(known).collect();
    if !notices.is_empty() {
        text += "\nTo know:\n";
        notices.iter().for_each(|notice| text += &format!("  {notice}\n"));
    }
    text
}

/// The options line by line: what they score, keep, break and cost.
fn table(study: &Study) -> String {
    let priced = study.rows.iter().any(|row| row.cost.price.is_some());
    let metric = study.deciding.name(study.k);
    let head = ["Option", &metric, "Retention", "Share of gain", "Broken", "Fixed", "Embed now", "Per query"];
    let mut lines = vec![head.map(str::to_owned).to_vec()];
    lines.extend(study.rows.iter().filter(|row| !row.scores.is_empty()).map(|row| cells(study, row)));
    if priced {
        let prices = study.rows.iter().filter(|row| !row.scores.is_empty()).map(|row| row.cost.price);
        let prices = prices.map(|price| price.map_or_else(|| words::NONE.to_owned(), words::price));
        let column = std::iter::once("Price".to_owned()).chain(prices);
        lines.iter_mut().zip(column).for_each(|(line, cell)| line.push(cell));
    }
    let mut text = aligned(&lines);
    for row in study.rows.iter().filter(|row| row.scores.is_empty()) {
        text += &format!("{}: {}\n", row.name, row.note.as_deref().unwrap_or("It was not measured."));
    }
    text
}

fn cells(study: &Study, row: &OptionRow) -> Vec<String> {
    let score = row.scores.iter().find(|score| score.metric == study.deciding);
    let share = |part: Option<Estimate>| part.map_or_else(|| words::NONE.to_owned(), words::share_estimate);
    vec![
        row.name.clone(),
        score.map_or_else(|| words::NONE.to_owned(), |score| words::estimate(score.mean)),
        share(score.and_then(|score| score.retention)),
        share(score.and_then(|score| score.share_of_gain)),
        words::count(row.newly_broken.len()),
        words::count(row.newly_fixed.len()),
        words::count(row.cost.embed_now),
        words::mean_count(row.cost.embed_per_query),
    ]
}

/// Lines with cells under one another, the first column to the left and the others to the right.
fn aligned(lines: &[Vec<String>]) -> String {
    let columns = lines.iter().map(Vec::len).max().unwrap_or_default();
    let length = |cell: &String| cell.chars().count();
    let widths: Vec<usize> = (0..columns)
        .map(|at| lines.iter().filter_map(|line| line.get(at)).map(length).max().unwrap_or_default())
        .collect();
    let line = |line: &Vec<String>| {
        let cells = line.iter().zip(&widths).enumerate().map(|(at, (cell, &width))| match at {
            0 => format!("{cell:<width$}"),
            _ => format!("{cell:>width$}"),
        });
        let cells: Vec<String> = cells.collect();
        format!("{}\n", cells.join(GAP).trim_end())
    };
    lines.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_stand_under_one_another() {
        let line = |cells: [&str; 3]| cells.map(str::to_owned).to_vec();
        let text =
            aligned(&[line(["Option", "MRR", "n"]), line(["Stay é", "0.1", "12"]), line(["x", "0.25", "1 000"])]);
        assert_eq!(text, "Option   MRR      n\nStay é   0.1     12\nx       0.25  1 000\n");
        assert_eq!(aligned(&[]), "");
    }
}
