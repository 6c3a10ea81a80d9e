//! An outsider finds what a decision report holds: the script of the documentation computes the numbers anew, from the vectors and what is
//! known of relevance.
#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

mod support;

use std::ffi::OsStr;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use support::{npy, numbers, script};

/// Numbers of a document or query from which both models' vectors follow, but for noise.
const LATENT: usize = 4;

/// An empty folder.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("recompute-decision").join(name);
    std::fs::remove_dir_all(&folder).ok();
    std::fs::create_dir_all(folder.join("old")).unwrap();
    std::fs::create_dir_all(folder.join("new")).unwrap();
    folder
}

/// What a model makes of rows: their numbers mixed, and noise.
fn embedded(latent: &[f32], dims: usize, model: u32, noise: u32) -> Vec<f32> {
    let weights = numbers(LATENT * dims, model);
    let noise = numbers(latent.len() / LATENT * dims, noise);
    let mut rows: Vec<f32> = noise.iter().map(|number| 0.3 * number).collect();
    for (row, latent) in rows.chunks_exact_mut(dims).zip(latent.chunks_exact(LATENT)) {
        for (weights, number) in weights.chunks_exact(dims).zip(latent) {
            row.iter_mut().zip(weights).for_each(|(sum, weight)| *sum += weight * number);
        }
    }
    rows
}

/// Writes what both models make of documents, the first five of which come once more at the end, and of queries where there are any.
fn models(folder: &Path, dims: [usize; 2], documents: &[f32], queries: &[f32]) {
    for ((name, dims), model) in ["old", "new"].into_iter().zip(dims).zip([1, 2]) {
        let mut rows = embedded(documents, dims, model, 10 + model);
        rows.extend_from_within(..5 * dims);
        std::fs::write(folder.join(name).join("corpus.npy"), npy(dims, &rows)).unwrap();
        if !queries.is_empty() {
            let rows = embedded(queries, dims, model, 20 + model);
            std::fs::write(folder.join(name).join("queries.npy"), npy(dims, &rows)).unwrap();
        }
    }
}

/// What both programs are told of a case.
fn given(folder: &Path, further: &[&str]) -> Vec<String> {
    let path = |name: &str| folder.join(name).to_str().unwrap().to_owned();
    let models = ["--old".to_owned(), path("old"), "--new".to_owned(), path("new")];
    models.into_iter().chain(further.iter().map(|word| (*word).to_owned())).collect()
}

/// Decides about a case and gives where the report lies.
fn decide(folder: &Path, given: &[String], settings: &[&str]) -> PathBuf {
    let out = folder.join("out");
    let mut lab = Command::new(env!("CARGO_BIN_EXE_upgrade-lab"));
    lab.arg("decide").args(given).args(settings).arg("--out").arg(&out);
    let output = lab.output().unwrap();
    assert!(output.status.success(), "{lab:?}: {}", String::from_utf8_lossy(&output.stderr));
    out.join("report.json")
}

/// Whether the script finds what a report says, and what it says of it.
fn recompute(given: &[String], report: &Path) -> (bool, String) {
    let words = given.iter().map(OsStr::new).chain([report.as_os_str()]);
    let (code, said) = script("recompute_decision.py", words);
    (code == Some(0), said)
}

/// Checks that the script finds what a report says, the option of this name too, and that it does not if one of its numbers is another.
fn checked(given: &[String], report: &Path, name: &str, pointer: &str) {
    let (agrees, said) = recompute(given, report);
    assert!(agrees && said.trim_end().ends_with("computed anew, 0 differ"), "{said}");
    assert!(said.contains(&format!("\n{name} ")), "{name}: {said}");

    let mut changed: Value = serde_json::from_slice(&std::fs::read(report).unwrap()).unwrap();
    let rows = changed.pointer_mut("/study/rows").and_then(Value::as_array_mut).unwrap();
    let row = rows.iter_mut().find(|row| row.pointer("/name").and_then(Value::as_str) == Some(name)).unwrap();
    let number = row.pointer_mut(pointer).unwrap();
    *number = (number.as_f64().unwrap() + 0.05).into();
    let path = report.with_file_name("changed.json");
    std::fs::write(&path, serde_json::to_vec(&changed).unwrap()).unwrap();
    let (agrees, said) = recompute(given, &path);
    assert!(!agrees && said.contains(&format!("  {name}: ")), "{said}");
}

#[test]
fn judged_queries_into_a_narrower_space() {
    let folder = folder("judged");
    models(&folder, [9, 6], &numbers(95 * LATENT, 3), &numbers(15 * LATENT, 3));
    let mut qrels = "query-id\tcorpus-id\tscore\n".to_owned();
    // Query i is of document i, and another one is half as relevant.
    (0..15).for_each(|at| writeln!(qrels, "{at}\t{at}\t2\n{at}\t{}\t1", at + 15).unwrap());
    let judged = folder.join("judged.tsv");
    std::fs::write(&judged, qrels).unwrap();
    let given = given(&folder, &["--qrels", judged.to_str().unwrap()]);
    let report = decide(&folder, &given, &["--k", "3"]);
    checked(&given, &report, "Bridge of queries: Procrustes", "/scores/2/mean/value");
}

#[test]
fn documents_that_ask_by_their_labels() {
    let folder = folder("labels");
    models(&folder, [5, 8], &numbers(115 * LATENT, 4), &[]);
    let labels = folder.join("labels.txt");
    let mut lines = String::new();
    // By the sign of the first number that everything follows from; the copies have the labels of what they are copies of.
    let latent = numbers(115 * LATENT, 4);
    for row in latent.chunks_exact(LATENT).chain(latent.chunks_exact(LATENT).take(5)) {
        writeln!(lines, "{}", if row.iter().take(1).any(|number| *number > 0.0) { "above" } else { "below" }).unwrap();
    }
    std::fs::write(&labels, lines).unwrap();
    let given = given(&folder, &["--labels", labels.to_str().unwrap()]);
    let report = decide(&folder, &given, &["--seed", "7"]);
    checked(&given, &report, "Cascade: best 20 of the old query", "/scores/0/retention/low");
}

#[test]
fn queries_of_which_nothing_is_known() {
    let folder = folder("unknown");
    models(&folder, [7, 7], &numbers(75 * LATENT, 5), &numbers(12 * LATENT, 6));
    let given = given(&folder, &[]);
    let report = decide(&folder, &given, &["--pairs", "60"]);
    checked(&given, &report, "Swap as it is", "/scores/1/mean/high");
}
