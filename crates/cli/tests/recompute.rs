//! An outsider finds what the claims report holds: the script of the documentation computes the numbers anew, from exported weights and the
//! public pictures.
#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

use std::path::{Path, PathBuf};
use std::process::Command;

/// Runs of one upgrade, of one under an adapter, of forty classes and of a chain.
const ONLY: &str = "2,20-compatible,6-forty,10-bt2";

/// The root of the workspace.
fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// A quick report of a few rules into `out`, with further arguments.
fn claims(out: &Path, further: &[&str]) {
    let mut lab = Command::new(env!("CARGO_BIN_EXE_upgrade-lab"));
    lab.args(["claims", "--quick", "--only", ONLY, "--data"]).arg(workspace().join("public/data"));
    lab.arg("--out").arg(out).args(further);
    assert!(lab.status().unwrap().success(), "{lab:?}");
}

/// Whether the script finds what the runs below `weights` say, and what it says of them.
fn recompute(weights: &Path) -> (bool, String) {
    let python = std::env::var_os("PYTHON").unwrap_or_else(|| "python3".into());
    let mut script = Command::new(&python);
    script.arg(workspace().join("docs/recompute.py")).arg(weights).arg("--data").arg(workspace().join("public/data"));
    let remedy = "run `cargo xtask test native`, which finds or installs Python with NumPy and names it in PYTHON";
    let output = script.output();
    let output = output.unwrap_or_else(|error| panic!("{} does not start ({error}): {remedy}", python.display()));
    let failed = String::from_utf8_lossy(&output.stderr);
    assert!(!failed.contains("No module named 'numpy'"), "{} has no NumPy: {remedy}", python.display());
    (output.status.success(), format!("{}{failed}", String::from_utf8_lossy(&output.stdout)))
}

#[test]
fn what_a_report_holds_follows_from_weights_and_pictures_alone() {
    let out = Path::new(env!("CARGO_TARGET_TMPDIR")).join("recompute");
    std::fs::remove_dir_all(&out).ok();
    claims(&out, &[]);
    let weights = out.join("weights");
    claims(&out, &["--check", "8", "--weights", weights.to_str().unwrap()]);

    let (agrees, said) = recompute(&weights);
    assert!(agrees, "{said}");
    assert!(said.contains("numbers of 5 runs computed anew"), "{said}");
    for run in ["bct-1-101", "procrustes-1-101", "forty-bt2-1-101", "chain-bt2-1-101"] {
        assert!(said.contains(run), "{run}: {said}");
    }

    // A number that does not follow from them is found.
    let path = weights.join("procrustes-1-101/run.json");
    let mut run: serde_json::Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    let number = run.pointer_mut("/numbers/mAP v2~1v1").unwrap();
    *number = (number.as_f64().unwrap() + 0.1).into();
    std::fs::write(&path, serde_json::to_vec(&run).unwrap()).unwrap();
    let (agrees, said) = recompute(&weights);
    assert!(!agrees && said.contains("procrustes-1-101: mAP v2/v1 is "), "{said}");
}
