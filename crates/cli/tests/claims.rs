//! The claims report: every arm runs, every rule finds its number, and a second report goes on from what the first ran.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, missing_docs)]

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

fn report(out: &Path) -> (Value, String) {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../public/data");
    let mut lab = Command::new(env!("CARGO_BIN_EXE_upgrade-lab"));
    lab.args(["claims", "--quick", "--data"]).arg(data).arg("--out").arg(out);
    assert!(lab.status().unwrap().success(), "{lab:?}");
    let json = serde_json::from_slice(&std::fs::read(out.join("claims.json")).unwrap()).unwrap();
    (json, std::fs::read_to_string(out.join("claims.md")).unwrap())
}

/// What was chosen for each method before it was judged.
fn chosen() -> lab::claims::Chosen {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/claims/chosen.json");
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

#[test]
fn a_quick_report_judges_every_claim_and_can_be_resumed() {
    let out = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("claims");
    std::fs::remove_dir_all(&out).ok();
    let (first, page) = report(&out);
    let rows = first["rows"].as_array().unwrap();
    assert_eq!(rows.len(), lab::claims::rules().count());
    for row in rows {
        // A share of what was lost is no number where so little was learned that nothing was.
        if row["id"] != "34-ssd-confusion" {
            assert_ne!(row["finding"], "not_measured", "{row}");
            assert_eq!(row["told"]["values"].as_array().unwrap().len(), 1, "{row}");
        }
    }
    // What the report says of itself.
    assert!(page.contains("smoke test") && page.contains("| BCT is compatible (Fashion-MNIST) |"), "{page}");

    // Half of the runs gone, as after a report that was broken off in the middle of a line: the others are not run again, and the
    // result is the same.
    let path = out.join("claims/runs.jsonl");
    let whole = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, whole.get(..whole.len() / 2).unwrap()).unwrap();
    let (second, _) = report(&out);
    let again = std::fs::read_to_string(&path).unwrap();
    let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
    let kept = lines(&whole).into_iter().filter(|line| lines(&again).contains(line)).count();
    assert!(kept >= lines(&whole).len() * 2 / 5, "{kept} of {}", lines(&whole).len());
    for (row, again) in rows.iter().zip(second["rows"].as_array().unwrap()) {
        let number = |row: &Value| (row["told"]["values"].clone(), row["finding"].clone());
        assert_eq!(number(row), number(again), "{}", row["id"]);
    }
}

#[test]
fn the_report_that_is_shipped_is_of_the_rules_that_are_there_in_their_order() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/claims.json");
    let report: protocol::ClaimsReport = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let catalogue = lab::catalogue();
    let chosen = chosen();
    assert!(!report.quick && !report.rows.is_empty());
    // A rule that came after the report is none of its rows; what it has been judged by stays what it says.
    let mut rules = lab::claims::rules();
    for row in &report.rows {
        let found = rules.find(|(_, rule)| rule.id == row.id);
        let (method, rule) = found.unwrap_or_else(|| panic!("{} is no rule, or not in this place", row.id));
        let (of, claim, by) = (row.method.as_str(), row.claim.as_str(), row.paper.as_str());
        assert_eq!((of, claim, by), (method, rule.claim, rule.by), "{}", row.id);
        assert_eq!((&row.rule, row.bound), (&rule.in_words(), rule.bound()), "{}", row.id);
        let arm = rule.tried().unwrap();
        let mut scenario = arm.scenario(&catalogue.preset(arm.preset).unwrap().scenario, &chosen);
        let (order, seed) = arm.design().runs().next().unwrap();
        scenario.seed = u64::from(seed);
        if order > 0 {
            scenario.data.values.insert(lab::claims::Design::ORDER.to_owned(), f64::from(order));
        }
        scenario.settle(&catalogue);
        assert_eq!(row.link, protocol::to_link(&scenario, &catalogue).unwrap(), "{}", row.id);
        let (_, notices) = protocol::from_link(&row.link, &catalogue).unwrap();
        assert_eq!(notices, Vec::<String>::new(), "{}", row.id);
    }
}

#[test]
fn presets_are_set_as_was_chosen_on_training_images() {
    let chosen = chosen();
    let mut found = 0;
    for preset in lab::catalogue().presets {
        let mut stages = preset.scenario.stages.clone();
        chosen.apply(&preset.id, &mut stages);
        // Their weights are those of the papers.
        let scales = |stages: &[protocol::Stage]| stages.iter().map(|stage| stage.schedule.scale).collect::<Vec<_>>();
        assert_eq!(scales(&stages), scales(&preset.scenario.stages), "{}", preset.id);
        found += usize::from(lab::claims::chosen::is_chosen_for(&preset.id));
    }
    assert!(found > 1);
}
