//! What leaves the lab works without it: the loader of the documentation reproduces every exported model's self-check.
#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

mod support;

use std::path::Path;
use std::process::Command;

use protocol::{Choice, DataSpec, Scenario, Schedule, Stage};
use support::{script, workspace};

/// A stage that is trained within a second.
fn stage(encoder: Choice, method: Choice) -> Stage {
    Stage {
        encoder,
        method,
        dims: 8,
        schedule: Schedule { epochs: 1, batch: 64, ..Schedule::default() },
        ..Stage::default()
    }
}

/// Runs two stages, checks each model with the loader, and gives the kinds of steps that it met.
fn check(name: &str, stages: [Stage; 2]) -> String {
    let data = DataSpec { train_per_class: 20, test_per_class: 10, ..DataSpec::default() };
    let mut scenario = Scenario { data, stages: stages.into(), ..Scenario::default() };
    assert_eq!(scenario.settle(&lab::catalogue()), Vec::<String>::new());

    let out = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::remove_dir_all(&out).ok();
    std::fs::create_dir_all(&out).unwrap();
    let file = out.join("scenario.json");
    std::fs::write(&file, serde_json::to_vec(&scenario).unwrap()).unwrap();
    let mut lab = Command::new(env!("CARGO_BIN_EXE_upgrade-lab"));
    lab.arg("run").arg(&file).arg("--out").arg(&out).arg("--data").arg(workspace().join("public/data"));
    assert!(lab.status().unwrap().success(), "{lab:?}");

    let files = std::fs::read_dir(out.join("weights")).unwrap().map(|entry| entry.unwrap().path());
    let (models, cards): (Vec<_>, Vec<_>) = files.partition(|path| path.extension().unwrap() == "safetensors");
    assert_eq!((models.len(), cards.len()), (3, 3));
    models.iter().for_each(|model| load(model));
    cards.iter().map(|card| std::fs::read_to_string(card).unwrap()).collect()
}

/// Lets the loader check a model file.
fn load(model: &Path) {
    let (code, said) = script("loader.py", [model]);
    assert_eq!(code, Some(0), "{}: {said}", model.display());
    assert!(said.contains("self-check differs by"), "{said}");
}

#[test]
fn the_loader_reproduces_a_cnn_with_group_norm_behind_bt2() {
    let cnn = Choice::of("cnn").with("channels", 4.0).with("norm", 1.0);
    let cards =
        check("cnn", [stage(Choice::of("mlp").with("hidden", 16.0), Choice::plain()), stage(cnn, Choice::of("bt2"))]);
    for op in ["flatten", "linear", "conv2d", "max_pool", "group_norm", "relu", "normalize", "slice", "concat"] {
        assert!(cards.contains(&format!("\"op\": \"{op}\"")), "no model has the step {op}");
    }
}

#[test]
fn the_loader_reproduces_a_concatenation() {
    let mlp = |hidden| Choice::of("mlp").with("hidden", hidden);
    let cnn = Choice::of("cnn").with("channels", 4.0);
    let stages = [stage(mlp(16.0), Choice::plain()), stage(cnn, Choice::of("concatenation"))];
    assert!(check("both", stages).contains("\"op\": \"concat\""));
}

#[test]
fn the_loader_reproduces_bridges() {
    for method in ["mlp-adapter", "slerp", "fct"] {
        let mlp = || Choice::of("mlp").with("hidden", 16.0);
        let cards = check(method, [stage(mlp(), Choice::plain()), stage(mlp(), Choice::of(method))]);
        assert!(cards.contains("\"bridged\": [\n"), "{method}: no card has a bridge");
    }
}

#[test]
fn the_loader_reproduces_bt2_without_extra_dims() {
    let mlp = || Choice::of("mlp").with("hidden", 16.0);
    let cnn = Choice::of("cnn").with("channels", 4.0);
    let cards = check("narrow", [stage(cnn, Choice::plain()), stage(mlp(), Choice::of("bt2").with("r", 0.0))]);
    assert!(cards.contains("\"op\": \"slice\"") && !cards.contains("\"op\": \"concat\""));
}

#[test]
fn the_loader_reproduces_what_older_versions_exported() {
    for name in ["bt2", "narrow"] {
        load(&workspace().join("crates/lab/tests/older").join(name).with_extension("safetensors"));
    }
}

#[test]
fn the_loader_reproduces_a_vision_transformer_behind_bt2() {
    let mlp = Choice::of("mlp").with("hidden", 16.0);
    let vit = Choice::of("vit").with("width", 16.0);
    let cards = check("vit", [stage(mlp, Choice::plain()), stage(vit, Choice::of("bt2"))]);
    for op in ["patchify", "add_positions", "layer_norm", "attention", "gelu", "residual", "mean_tokens"] {
        assert!(cards.contains(&format!("\"op\": \"{op}\"")), "no model has the step {op}");
    }
}

#[test]
fn the_loader_reproduces_what_lies_between_given_models() {
    let out = Path::new(env!("CARGO_TARGET_TMPDIR")).join("given");
    std::fs::remove_dir_all(&out).ok();
    let lab = |arguments: &[&str]| {
        let mut lab = Command::new(env!("CARGO_BIN_EXE_upgrade-lab"));
        let done = lab.args(arguments).output().unwrap();
        assert!(done.status.success(), "{lab:?}: {}", String::from_utf8_lossy(&done.stderr));
        String::from_utf8(done.stdout).unwrap()
    };
    let data = out.join("data");
    let data = data.to_str().unwrap();
    let pair = workspace().join("crates/import/src/tests/fixtures/pair.npz");
    let said = lab(&["import", pair.to_str().unwrap(), "--out", data]);
    let id = said.split_whitespace().find(|word| word.starts_with("own-")).unwrap();
    for preset in ["adapter", "extended-class"] {
        let into = out.join(preset);
        lab(&["run", "--preset", preset, "--data", data, "--dataset", id, "--out", into.to_str().unwrap()]);
        let files = std::fs::read_dir(into.join("weights")).unwrap().map(|entry| entry.unwrap().path());
        let (models, cards): (Vec<_>, Vec<_>) = files.partition(|path| path.extension().unwrap() == "safetensors");
        assert_eq!(models.len(), 1, "given models have no weights");
        models.iter().for_each(|model| load(model));
        assert!(std::fs::read_to_string(&cards[0]).unwrap().contains("\"op\": \"slice\""));
    }
}
