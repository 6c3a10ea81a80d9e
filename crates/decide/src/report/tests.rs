//! Reports of studies made by hand: every row is in them, nothing breaks out of its cell, and nothing is written that is no number.

use std::collections::HashSet;

use super::*;
use crate::doctor::{Finding, Pairing, PairingVerdict, Severity};
use crate::judge::{Estimate, Metric};
use crate::maps::{Direction, Family};
use crate::options::mixed::Point;
use crate::options::{Choice, OptionRow, Settings};
use crate::pairs;
use crate::verdict::sample::{self, Sketch, around};
use crate::verdict::{Verdict, verdict};

/// A study with something in every part.
fn full() -> Study {
    let ridge = sample::bridge(Family::Ridge, Direction::Queries);
    let mut study = Sketch::new(Metric::Mrr, 0.035, 0.166, 0.008).study(&[(ridge, 0.08), (sample::cascade(50), 0.12)]);
    let swap = OptionRow {
        note: Some("Queries of 384 dims, documents of 50.".to_owned()),
        ..sample::row(Choice::Swap, Vec::new())
    };
    study.rows.insert(1, swap);
    (study.documents, study.queries, study.judged) = (3, 3, 3);
    study.rows[2].newly_broken = vec![0, 1];
    study.rows[2].newly_fixed = vec![2, 9];
    study.rows[4].cost.price = Some(12.5);
    study.rows[4].scores.push(Sketch::new(Metric::Recall, 0.1, 0.32, 0.02).score(0.32));
    study.mixed = [(0, 0.035, 0.035), (50, 0.022, 0.108), (100, 0.166, 0.166)]
        .map(|(percent, raw, calibrated)| Point {
            percent,
            raw: around(raw, 0.004),
            calibrated: around(calibrated, 0.004),
            bridged: (percent > 0).then(|| around(calibrated, 0.005)),
        })
        .to_vec();
    study.thresholds = Some(sample::thresholds());
    study.pairs = vec![pairs::Point {
        pairs: 2_048,
        family: Family::Ridge,
        direction: Direction::Queries,
        mean: around(0.08, 0.005),
        retention: Some(around(0.48, 0.03)),
        domain: true,
    }];
    study.examination.pairing =
        Some(Pairing { cka: 0.412, neighbours: 0.2, chance: 0.002, best_shift: None, verdict: PairingVerdict::Paired });
    study.examination.findings =
        vec![Finding { severity: Severity::Warning, sentence: "Row 3 (d3) is all zeros.".to_owned(), rows: vec![3] }];
    study.notices = vec!["One row was left out.".to_owned()];
    study
}

fn judged(study: &Study) -> Verdict {
    verdict(study, &Settings::default())
}

fn both(study: &Study) -> [String; 2] {
    let (found, case) = (judged(study), sample::case());
    [markdown(study, &found, &case), html(study, &found, &case)]
}

#[test]
fn every_option_and_every_section_is_there() {
    let study = full();
    for text in both(&study) {
        for row in &study.rows {
            assert!(text.contains(&row.name), "{}: {text}", row.name);
        }
        for said in [
            "0.166 [0.158, 0.174]",
            "+0.131 [+0.123, +0.139]",
            "34 % [28, 40]",
            "Queries of 384 dims, documents of 50.",
            "12.50",
            "Warning: Row 3 (d3) is all zeros.",
            "debiased CKA 0.412",
            "0.022 [0.018, 0.026]",
            "0.710 (the old one)",
            "none exists",
            "no such threshold exists",
            "2\u{202f}048",
            "other than the queries",
            "One row was left out.",
            "Seed",
            "newly breaks 2: ",
            "newly fixes 2: ",
            "row 9",
            "Because",
            "What would change it",
        ] {
            assert!(text.contains(said), "{said}: {text}");
        }
    }
}

#[test]
fn every_title_names_both_models() {
    let [markdown, html] = both(&full());
    let titles: Vec<&str> = markdown.lines().filter(|line| line.starts_with('#')).collect();
    assert_eq!(titles.first(), Some(&"# GloVe \u{2192} MiniLM: re-index"));
    assert!(titles.len() == 9 && titles.iter().all(|title| title.contains("GloVe \u{2192} MiniLM")), "{titles:?}");
    let titles: Vec<&str> =
        html.lines().filter(|line| line.starts_with("<h2>") || line.starts_with("<title>")).collect();
    assert!(titles.len() == 9 && titles.iter().all(|title| title.contains("GloVe \u{2192} MiniLM")), "{titles:?}");
}

#[test]
fn a_report_of_little_has_no_empty_sections() {
    let study = Sketch::new(Metric::Mrr, 0.1, 0.2, 0.01).study(&[]);
    let (found, case) = (judged(&study), sample::case());
    let text = markdown(&study, &found, &case);
    let titles: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("## ")).collect();
    let names: Vec<&str> = titles.iter().filter_map(|title| title.split(',').next()).collect();
    assert_eq!(names, ["Decision", "Options", "Doctor", "Settings"]);
}

#[test]
fn markdown_tables_have_as_many_cells_in_every_row() {
    let [text, _] = both(&full());
    let mut tables = 0;
    for block in text.split("\n\n").filter(|block| block.starts_with('|')) {
        // Escaped bars are no ends of cells.
        let cells = |line: &str| line.replace("\\|", "").matches('|').count();
        let counts: HashSet<usize> = block.lines().map(cells).collect();
        assert_eq!(counts.len(), 1, "{block}");
        tables += 1;
    }
    assert_eq!(tables, 6);
}

#[test]
fn names_and_ids_break_out_of_nothing() {
    let mut study = full();
    study.new = "<script>alert('1')</script>|\"x\"".to_owned();
    study.rows[2].name = "a|b <img src=x> & c".to_owned();
    let [markdown, html] = both(&study);
    for text in [&markdown, &html] {
        assert!(!text.contains("<script") && !text.contains("<img") && !text.contains("<q|2>"), "{text}");
    }
    assert!(markdown.contains("a\\|b &lt;img src=x> &amp; c"));
    assert!(html.contains("a|b &lt;img src=x&gt; &amp; c") && html.contains("&lt;q|2&gt;"));
}

#[test]
fn the_html_file_stands_alone_and_is_well_formed() {
    let [_, html] = both(&full());
    assert!(html.starts_with("<!doctype html>") && html.contains("prefers-color-scheme: dark"));
    for foreign in ["<script", "http:", "https:", "url(", "@import", " src=", " href=", " style=", "onload"] {
        assert!(!html.contains(foreign), "{foreign}");
    }
    assert_eq!(html.matches("<svg").count(), 2);
    // Every element that is opened is closed, in order.
    let mut open: Vec<&str> = Vec::new();
    for tag in html.split('<').skip(1).filter_map(|rest| rest.split('>').next()) {
        let name = tag.split([' ', '/']).find(|part| !part.is_empty()).unwrap();
        match tag {
            _ if tag.starts_with('!') || name == "meta" || tag.ends_with('/') => {}
            _ if tag.starts_with('/') => assert_eq!(open.pop(), Some(name)),
            _ => open.push(name),
        }
    }
    assert!(open.is_empty(), "{open:?}");
}

#[test]
fn the_plot_shows_every_measured_option() {
    let study = full();
    let drawn = svg::options(&study).unwrap();
    assert_eq!(drawn.matches("<circle").count(), 4, "{drawn}");
    assert!(drawn.contains("class=\"stay\" x1") && drawn.contains("class=\"full\" x1"));
    let curve = svg::mixed(&study).unwrap();
    assert_eq!((curve.matches("<circle").count(), curve.matches("class=\"way\"").count()), (8, 5), "{curve}");
    let mut nothing = study.clone();
    nothing.mixed.clear();
    nothing.rows.iter_mut().for_each(|row| row.scores.clear());
    assert!(svg::mixed(&nothing).is_none() && svg::options(&nothing).is_none());
}

#[test]
fn no_report_writes_what_is_no_number() {
    let mut study = full();
    let odd = Estimate { value: f64::NAN, low: f64::NEG_INFINITY, high: f64::INFINITY };
    for score in study.rows.iter_mut().flat_map(|row| &mut row.scores) {
        (score.mean, score.gain, score.retention) = (odd, Some(odd), Some(odd));
    }
    study.rows[2].cost.price = Some(f64::NAN);
    study.rows[2].cost.embed_per_query = f64::INFINITY;
    study.mixed[1].raw = odd;
    study.pairs[0].mean = odd;
    study.thresholds.as_mut().unwrap().rows[0].precision = Some(odd);
    study.examination.models[0].effective_rank = f64::NAN;
    let [markdown, html] = both(&study);
    let json = json(&study, &judged(&study), &sample::case()).unwrap();
    for text in [markdown, html, json] {
        let words = text.split(|letter: char| !letter.is_alphanumeric());
        let odd: Vec<&str> = words.filter(|word| ["nan", "inf", "infinity"].contains(&&*word.to_lowercase())).collect();
        assert!(odd.is_empty(), "{text}");
    }
}

#[test]
fn json_is_read_back_and_names_the_queries() {
    let study = full();
    let found = judged(&study);
    let text = json(&study, &found, &sample::case()).unwrap();
    let value: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(value["schema"], "upgrade-lab.decide/1");
    assert_eq!(value["models"]["old"], "GloVe");
    assert_eq!(value["models"]["new"], "MiniLM");
    assert_eq!(value["verdict"]["decision"], "reindex");
    assert_eq!(value["changed"][0]["newly_broken"], serde_json::json!(["=SUM(A1)", "a \"b\", c"]));
    assert_eq!(value["changed"][0]["newly_fixed"], serde_json::json!(["<q|2>", "row 9"]));
    assert_eq!(value["changed"].as_array().unwrap().len(), 1);
    assert_eq!(serde_json::from_value::<Study>(value["study"].clone()).unwrap(), study);
    assert_eq!(serde_json::from_value::<Verdict>(value["verdict"].clone()).unwrap(), found);
}
