//! A chain of upgrades as Markdown: the multi-step matrix by each score, and what it comes to.

use std::fmt::Write as _;

use protocol::{Chain, ChainScores, ModelId, Rates, RunLog};

use super::words::percent;

/// Appends the section on the chain.
///
/// # Errors
/// None: writing into a `String` cannot fail.
pub fn write_chain(log: &RunLog, chain: &Chain, text: &mut String) -> std::fmt::Result {
    writeln!(text, "\n## Chain\n")?;
    writeln!(
        text,
        "Rows are query models, columns gallery models. ✗: no better than the gallery's own model, C\\[i\\]\\[j\\] ≤ C\\[j\\]\\[j\\]."
    )?;
    write_matrix(text, log, chain.models, "mAP", &chain.map, |rates| rates.map)?;
    write_matrix(text, log, chain.models, "top-1", &chain.cmc1, |rates| rates.cmc1)?;
    writeln!(text, "\n| metric | mAP | top-1 |\n| --- | --- | --- |")?;
    let (map, top1) = (&chain.map, &chain.cmc1);
    for (name, by_map, by_top1) in [
        ("average compatibility AC, strict", map.ac, top1.ac),
        ("average compatibility AC, ties pass", map.ac_with_ties, top1.ac_with_ties),
        ("average accuracy AA", map.aa, top1.aa),
        ("backward compatibility BC", map.bc, top1.bc),
        ("forward compatibility FC", map.fc, top1.fc),
    ] {
        writeln!(text, "| {name} | {by_map:.4} | {by_top1:.4} |")?;
    }
    writeln!(text, "\n| up to | AC by mAP | AA by mAP |\n| --- | --- | --- |")?;
    for growth in &chain.growth {
        writeln!(text, "| v{} | {:.4} | {:.4} |", growth.models, growth.ac, growth.aa)?;
    }
    Ok(())
}

/// One triangle.
fn write_matrix(
    text: &mut String,
    log: &RunLog,
    models: u8,
    name: &str,
    scores: &ChainScores,
    score: fn(&Rates) -> f64,
) -> std::fmt::Result {
    let models = || (1..=models).map(ModelId::deployed);
    let row = |first: String, cells: Vec<String>| format!("| {first} | {} |", cells.join(" | "));
    writeln!(text, "\n{}", row(name.to_owned(), models().map(|model| model.to_string()).collect()))?;
    writeln!(text, "{}", row("---".to_owned(), models().map(|_| "---".to_owned()).collect()))?;
    for query in models() {
        let cells = models().map(|gallery| {
            let mark = if scores.failed.contains(&(query, gallery)) { " ✗" } else { "" };
            log.cell(query, gallery).map_or(String::new(), |cell| percent(score(&cell.all)) + mark)
        });
        writeln!(text, "{}", row(query.to_string(), cells.collect()))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use protocol::{Cell, Event};

    use super::*;

    #[test]
    fn triangles_mark_what_fails() {
        let id = ModelId::deployed;
        let cell = |query, gallery, map| Cell {
            query: id(query),
            gallery: id(gallery),
            all: Rates { map, cmc1: map + 0.1, ..Rates::default() },
            seen: None,
            unseen: None,
        };
        let cells =
            vec![cell(1, 1, 0.4), cell(2, 1, 0.5), cell(2, 2, 0.6), cell(3, 1, 0.3), cell(3, 2, 0.7), cell(3, 3, 0.8)];
        let scores = ChainScores {
            ac: 2.0 / 3.0,
            ac_with_ties: 2.0 / 3.0,
            aa: 0.55,
            bc: 0.0,
            fc: -0.1,
            failed: vec![(id(3), id(1))],
        };
        let chain = Chain { models: 3, map: scores.clone(), cmc1: scores, growth: Vec::new() };
        let log = RunLog::of(&[Event::MatrixMeasured { cells, chance: Rates::default() }]);
        let mut text = String::new();
        assert!(write_chain(&log, &chain, &mut text).is_ok());
        for line in [
            "| mAP | v1 | v2 | v3 |",
            "| v1 | 40.0 |  |  |",
            "| v3 | 30.0 ✗ | 70.0 | 80.0 |",
            "| v3 | 40.0 ✗ | 80.0 | 90.0 |",
            "| average compatibility AC, strict | 0.6667 | 0.6667 |",
        ] {
            assert!(text.contains(line), "{line} in {text}");
        }
    }
}
