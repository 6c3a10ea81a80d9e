//! `upgrade-lab decide` from files to exit codes.
#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

mod support;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use support::{npy, numbers};

/// 80 documents and 20 queries of the first of them by two models, of which the new one is the old one turned; with qrels.
fn files(name: &str, models: [&str; 2]) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("decide").join(name);
    std::fs::remove_dir_all(&folder).ok();
    std::fs::create_dir_all(&folder).unwrap();
    let old = numbers(80 * 8, 1);
    // Each row with its numbers in another order: as good a model, in another space.
    let turned = |rows: &[f32]| {
        rows.chunks(8)
            .flat_map(|row| [3, 1, 0, 2, 7, 6, 5, 4].map(|at: usize| row.get(at).copied().unwrap()))
            .collect::<Vec<f32>>()
    };
    let noise = numbers(20 * 8, 2);
    let queries: Vec<f32> = old.iter().zip(&noise).map(|(row, noise)| row + 0.2 * noise).collect();
    let write = |path: String, rows: &[f32]| std::fs::write(folder.join(path), npy(8, rows)).unwrap();
    let [first, second] = models;
    write(format!("{first}_corpus.npy"), &old);
    write(format!("{first}_queries.npy"), &queries);
    write(format!("{second}_corpus.npy"), &turned(&old));
    write(format!("{second}_queries.npy"), &turned(&queries));
    let mut qrels = String::new();
    (0..20).for_each(|at| writeln!(qrels, "{at} 0 {at} 1").unwrap());
    std::fs::write(folder.join("qrels.txt"), qrels).unwrap();
    folder
}

fn lab(arguments: &[&str]) -> Command {
    let mut lab = Command::new(env!("CARGO_BIN_EXE_upgrade-lab"));
    lab.arg("decide").args(arguments).stdin(Stdio::null());
    lab
}

fn done(arguments: &[&str]) -> Output {
    lab(arguments).output().unwrap()
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[test]
fn a_decision_and_everything_that_leaves() {
    let folder = files("whole", ["old", "new"]);
    let out = folder.join("out");
    let output = done(&[
        folder.to_str().unwrap(),
        "--out",
        out.to_str().unwrap(),
        "--price-new",
        "2",
        "--fail-below",
        "reindex:mrr=0.1",
    ]);
    let text = said(&output);
    assert_eq!(output.status.code(), Some(0), "{text}");
    assert!(text.contains("The old model is old and the new one new") && text.contains("Full re-index"), "{text}");
    for file in [
        "report.json",
        "report.md",
        "report.html",
        "bridge/queries/bridge.safetensors",
        "bridge/queries/bridge.onnx",
        "bridge/gallery/bridge_numpy.py",
    ] {
        assert!(std::fs::metadata(out.join(file)).is_ok_and(|file| file.len() > 100), "{file}: {text}");
    }
    let report: serde_json::Value = serde_json::from_slice(&std::fs::read(out.join("report.json")).unwrap()).unwrap();
    assert_eq!(report["study"]["judged"], 20, "{report}");
    assert!(
        std::fs::read_dir(&out).unwrap().any(|file| file
            .unwrap()
            .file_name()
            .to_string_lossy()
            .starts_with("broken-swap"))
    );
}

#[test]
fn exit_codes_tell_what_happened() {
    let folder = files("codes", ["zebra", "ant"]);
    let path = folder.to_str().unwrap();
    let code = |arguments: &[&str]| {
        let output = done(arguments);
        (output.status.code(), said(&output))
    };
    let (asked, text) = code(&[path]);
    assert_eq!(asked, Some(4), "{text}");
    assert!(text.contains("the names of ant and zebra do not tell") && text.contains("--old NAME"), "{text}");
    let (told, text) = code(&[path, "--old", "zebra"]);
    assert_eq!(told, Some(0), "{text}");
    assert!(text.contains("The old model is zebra"), "{text}");
    let (below, text) = code(&[path, "--old", "zebra", "--fail-below", "swap:retention=0.9"]);
    assert_eq!(below, Some(3), "{text}");
    assert!(text.contains("--fail-below swap:retention=0.9: it is "), "{text}");
    assert_eq!(code(&[path, "--old", "horse"]).0, Some(1));
    assert_eq!(code(&["nowhere/at/all"]).0, Some(1));
    assert_eq!(code(&[]).0, Some(2));
    assert_eq!(code(&[path, "--k", "0"]).0, Some(2));
}

#[test]
fn a_closed_pipe_ends_quietly() {
    let folder = files("pipe", ["old", "new"]);
    let mut child = lab(&[folder.to_str().unwrap()]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    let text = said(&output);
    assert_eq!(output.status.code(), Some(0), "{text}");
    assert!(!text.contains("panicked") && !text.contains("upgrade-lab:"), "{text}");
}
