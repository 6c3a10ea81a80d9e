//! An outsider finds what the claims report holds: the script of the documentation computes the numbers anew, from exported weights and the
//! public pictures.
#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

mod support;

use std::path::Path;
use std::process::Command;

use support::{script, workspace};

/// Runs of one upgrade, of one under an adapter, of forty classes and of a chain.
const ONLY: &str = "2,20-compatible,6-forty,10-bt2";

/// A quick report of a few rules into `out`, with further arguments.
fn claims(out: &Path, further: &[&str]) {
    let mut lab = Command::new(env!("CARGO_BIN_EXE_upgrade-lab"));
    lab.args(["claims", "--quick", "--only", ONLY, "--data"]).arg(workspace().join("public/data"));
    lab.arg("--out").arg(out).args(further);
    assert!(lab.status().unwrap().success(), "{lab:?}");
}

/// Whether the script finds what the runs below `weights` say, and what it says of them.
fn recompute(weights: &Path) -> (bool, String) {
    let data = workspace().join("public/data");
    let (code, said) = script("recompute.py", [weights, Path::new("--data"), &data]);
    (code == Some(0), said)
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
