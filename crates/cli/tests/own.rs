//! `upgrade-lab import`, and the command that it prints.
#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

mod support;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use support::workspace;

fn lab(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_upgrade-lab")).args(arguments).output().unwrap()
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// An empty folder whose name a shell would take apart.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("own data").join(name);
    std::fs::remove_dir_all(&folder).ok();
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

fn pair() -> String {
    workspace().join("crates/import/src/tests/fixtures/pair.npz").to_str().unwrap().to_owned()
}

/// A table of 40 images of 4 x 4 pixels, of two classes.
fn table(folder: &Path) -> String {
    let row = |at: usize| {
        format!("{},{}\n", at % 2, (0..16).map(|pixel| (at * pixel % 256).to_string()).collect::<Vec<_>>().join(","))
    };
    let path = folder.join("toy.csv");
    std::fs::write(&path, (0..40).map(row).collect::<String>()).unwrap();
    path.to_str().unwrap().to_owned()
}

/// Imports, and runs what was printed, letter by letter; what was printed.
fn imported_and_run(arguments: &[&str], out: &Path) -> String {
    let output = lab(&[&["import"], arguments, &["--out", out.to_str().unwrap()]].concat());
    let text = said(&output);
    assert!(output.status.success(), "{text}");
    let command = text.lines().find_map(|line| line.strip_prefix("Run it: ")).unwrap_or_else(|| panic!("{text}"));
    let programs = Path::new(env!("CARGO_BIN_EXE_upgrade-lab")).parent().unwrap();
    let path = std::env::join_paths(
        std::iter::once(programs.to_owned()).chain(std::env::split_paths(&std::env::var_os("PATH").unwrap())),
    );
    let run = Command::new("sh").args(["-c", command]).env("PATH", path.unwrap()).output().unwrap();
    assert!(run.status.success(), "{command}: {}", said(&run));
    let report = said(&run);
    let report = report.lines().find_map(|line| line.strip_prefix("Wrote ")).unwrap();
    assert!(Path::new(report).starts_with(out), "{report}");
    assert!(std::fs::read_to_string(report).unwrap().len() > 100);
    command.to_owned()
}

#[test]
fn what_import_prints_runs_as_it_stands() {
    let command = imported_and_run(&[&pair()], &folder("given"));
    assert!(command.starts_with("upgrade-lab run --preset adapter --data '"), "{command}");
    let command = imported_and_run(&[&pair(), "--method", "affine"], &folder("given affine"));
    assert!(command.contains(" --method affine "), "{command}");
}

#[test]
fn what_import_prints_of_images_runs_as_it_stands() {
    let out = folder("images");
    let command = imported_and_run(&[&table(&out)], &out);
    assert!(command.starts_with("upgrade-lab run --preset "), "{command}");
    let command = imported_and_run(&[&table(&out), "--method", "bct"], &out);
    assert!(command.contains(" --method bct "), "{command}");
}

#[test]
fn methods_that_do_not_suit_are_refused_with_those_that_do() {
    let out = folder("refused");
    let data = out.to_str().unwrap();
    let refused = |arguments: &[&str], message: &str| {
        let output = lab(arguments);
        let text = said(&output);
        assert_eq!(output.status.code(), Some(1), "{text}");
        assert!(text.contains(message) && text.contains("procrustes, affine, "), "{text}");
        assert!(!text.contains("hoc"), "{text}");
    };
    let (unknown, unfit) =
        ("there is no method 'bcd'", "method 'bct' trains a model, and those of this dataset are given");
    refused(&["import", &pair(), "--out", data, "--method", "bct"], unfit);
    assert!(!out.join("manifest.json").exists(), "nothing is written where the call was wrong");
    refused(&["import", &pair(), "--out", data, "--method", "bcd"], unknown);
    let brought = said(&lab(&["import", &pair(), "--out", data]));
    let id = brought.split_whitespace().find(|word| word.starts_with("own-")).unwrap();
    let run = ["run", "--preset", "adapter", "--data", data, "--dataset", id, "--out", data, "--method"];
    refused(&[run.as_slice(), &["bct"]].concat(), unfit);
    refused(&[run.as_slice(), &["bcd"]].concat(), unknown);
}
