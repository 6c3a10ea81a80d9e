//! An outsider judges as the claims report does: the script of the documentation computes every cell anew, from the facts of the runs that lie
//! beside the report.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, missing_docs)]

mod support;

use std::path::Path;

use support::{script, workspace};

#[test]
fn every_cell_of_the_report_follows_from_its_runs() {
    let docs = workspace().join("docs");
    let (code, said) = script("rejudge.py", [&docs]);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("computed anew, 0 differ"), "{said}");

    // A number that does not follow from them is found.
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("rejudge");
    std::fs::remove_dir_all(&folder).ok();
    std::fs::create_dir_all(folder.join("claims")).unwrap();
    std::fs::copy(docs.join("claims/runs.jsonl"), folder.join("claims/runs.jsonl")).unwrap();
    let mut report: serde_json::Value =
        serde_json::from_slice(&std::fs::read(docs.join("claims.json")).unwrap()).unwrap();
    let rows = report["rows"].as_array_mut().unwrap();
    let row = rows.iter_mut().find(|row| row["id"] == "6").unwrap();
    row["told"]["p"] = (row["told"]["p"].as_f64().unwrap() * 1.01).into();
    std::fs::write(folder.join("claims.json"), serde_json::to_vec(&report).unwrap()).unwrap();
    let (code, said) = script("rejudge.py", [&folder]);
    assert!(code == Some(1) && said.contains("computed anew, 1 differ"), "{said}");
}
