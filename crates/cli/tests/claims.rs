//! The claims report: every arm runs, every rule finds its number, and a second report goes on from what the first ran.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, missing_docs)]

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

fn report(out: &Path, runs: &Path) -> (Value, String) {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../public/data");
    let mut lab = Command::new(env!("CARGO_BIN_EXE_upgrade-lab"));
    lab.args(["claims", "--quick", "--data"]).arg(data).arg("--out").arg(out).arg("--runs").arg(runs);
    assert!(lab.status().unwrap().success(), "{lab:?}");
    let json = serde_json::from_slice(&std::fs::read(out.join("claims.json")).unwrap()).unwrap();
    (json, std::fs::read_to_string(out.join("claims.md")).unwrap())
}

#[test]
fn a_quick_report_judges_every_claim_and_can_be_resumed() {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("claims");
    std::fs::remove_dir_all(&folder).ok();
    let runs = folder.join("runs");
    let (first, page) = report(&folder.join("first"), &runs);
    let rows = first["rows"].as_array().unwrap();
    assert!(rows.len() >= 18, "{} rows", rows.len());
    for row in rows {
        // A share of what was lost is no number where so little was learned that nothing was.
        if row["id"] != "34-ssd-confusion" {
            assert_ne!(row["finding"], "not_measured", "{row}");
            assert_eq!(row["values"].as_array().unwrap().len(), 1, "{row}");
        }
        assert!(row["seconds"].as_f64().unwrap() > 0.0, "{row}");
    }
    // What the report says of itself.
    assert!(page.contains("smoke test") && page.contains("| BCT is compatible by mAP |"), "{page}");

    // Half of the runs gone, as after a report that was broken off: the others are not run again, the result is the same.
    let files: Vec<PathBuf> = std::fs::read_dir(&runs).unwrap().map(|entry| entry.unwrap().path()).collect();
    let written = |path: &PathBuf| std::fs::metadata(path).unwrap().modified().unwrap();
    let (gone, kept) = files.split_at(files.len() / 2);
    let before: Vec<_> = kept.iter().map(written).collect();
    gone.iter().for_each(|path| std::fs::remove_file(path).unwrap());
    let (second, _) = report(&folder.join("second"), &runs);
    assert_eq!(kept.iter().map(written).collect::<Vec<_>>(), before);
    for (row, again) in rows.iter().zip(second["rows"].as_array().unwrap()) {
        assert_eq!((&row["values"], &row["finding"]), (&again["values"], &again["finding"]), "{}", row["id"]);
    }
}

#[test]
fn the_report_that_is_shipped_is_of_the_rules_that_are_there_in_their_order() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/claims.json");
    let report: protocol::ClaimsReport = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let catalogue = lab::catalogue();
    assert!(!report.quick && !report.rows.is_empty());
    // A rule that came after the report is none of its rows; what it has been judged by stays what it says.
    let mut rules = lab::claims::rules();
    for row in &report.rows {
        let found = rules.find(|(_, rule)| rule.id == row.id);
        let (method, rule) = found.unwrap_or_else(|| panic!("{} is no rule, or not in this place", row.id));
        let (of, claim, by) = (row.method.as_str(), row.claim.as_str(), row.paper.as_str());
        assert_eq!((of, claim, by), (method, rule.claim, rule.by), "{}", row.id);
        assert_eq!((&row.rule, row.at_least), (&rule.in_words(), rule.at_least), "{}", row.id);
        let arm = rule.tried().unwrap();
        let mut scenario = arm.scenario(&catalogue.preset(arm.preset).unwrap().scenario);
        scenario.settle(&catalogue);
        assert_eq!(row.link, protocol::to_link(&scenario, &catalogue).unwrap(), "{}", row.id);
        let (_, notices) = protocol::from_link(&row.link, &catalogue).unwrap();
        assert_eq!(notices, Vec::<String>::new(), "{}", row.id);
    }
}
