//! A bridge finds the same documents in every form that it leaves in: the script of the documentation runs its snippets and hands its files to
//! the programs that they are made for.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, missing_docs)]

mod support;

use std::path::Path;
use std::process::Command;

use support::script;

/// What has to be there where the set-up says that all is.
const NEEDED: &str = "faiss,onnxruntime,pytrec_eval,qdrant_client,safetensors,scipy,sklearn";

/// Decides about one of the script's cases, and checks what that leaves.
fn check(case: &str) {
    let cases = Path::new(env!("CARGO_TARGET_TMPDIR")).join("check-bridge").join(case);
    std::fs::remove_dir_all(&cases).ok();
    let (code, said) = script("check_bridge.py", [Path::new("--make"), &cases]);
    assert_eq!(code, Some(0), "{said}");
    let case = cases.join(case);
    let mut lab = Command::new(env!("CARGO_BIN_EXE_upgrade-lab"));
    lab.arg("decide").arg("--old").arg(case.join("old")).arg("--new").arg(case.join("new"));
    lab.arg("--qrels").arg(case.join("qrels.tsv")).arg("--out").arg(case.join("out"));
    let output = lab.output().unwrap();
    assert!(output.status.success(), "{lab:?}: {}", String::from_utf8_lossy(&output.stderr));

    let given = |out: &str| {
        let mut words = Vec::new();
        for (flag, file) in [("--old", "old"), ("--new", "new"), ("--qrels", "qrels.tsv")] {
            words.extend([flag.to_owned(), case.join(file).to_str().unwrap().to_owned()]);
        }
        if std::env::var_os("CHECK_ALL").is_some() {
            words.extend(["--need".to_owned(), NEEDED.to_owned()]);
        }
        words.push(case.join(out).to_str().unwrap().to_owned());
        words
    };
    let (code, said) = script("check_bridge.py", given("out"));
    assert!(code == Some(0) && said.contains("are the same, 0 differ"), "{said}");

    // A file that is another bridge is found out.
    let (there, other) = (case.join("out/bridge/queries"), case.join("other/bridge/queries"));
    std::fs::create_dir_all(&other).unwrap();
    for entry in std::fs::read_dir(&there).unwrap() {
        let entry = entry.unwrap();
        std::fs::copy(entry.path(), other.join(entry.file_name())).unwrap();
    }
    std::fs::copy(case.join("out/report.json"), case.join("other/report.json")).unwrap();
    let file = other.join("bridge.safetensors");
    let mut bytes = std::fs::read(&file).unwrap();
    // The last number becomes a thousand.
    let end = bytes.len() - 4;
    bytes[end..].copy_from_slice(&1000.0_f32.to_le_bytes());
    std::fs::write(&file, bytes).unwrap();
    let (code, said) = script("check_bridge.py", given("other"));
    assert!(code == Some(1) && said.contains("differs: "), "{said}");
}

#[test]
fn a_bridge_of_a_weight_and_a_bias() {
    check("32-24-few");
}

#[test]
fn a_bridge_of_more_than_that() {
    check("24-32-bent");
}
