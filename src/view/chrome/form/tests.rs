//! Groups and targets together.

use protocol::{Choice, Claim, DatasetInfo, GivenModel, Needs, Read, Role, Stage};

use super::*;

fn catalogue() -> Catalogue {
    serde_json::from_str(
        r#"{
            "datasets": [{"id": "fashion-mnist", "name": "Fashion-MNIST", "classes": 10, "train_per_class": 1000, "test_per_class": 200}],
            "encoders": [{"id": "mlp", "name": "MLP", "summary": "Layers.", "parameters": [
                {"id": "hidden", "label": "Hidden", "unit": "", "kind": {"integer": {"min": 8, "max": 1024}}, "default": 128, "help": ""}]}],
            "methods": [
                {"id": "independent", "name": "Independent", "summary": "", "paper": "", "needs": {}, "comparison": "", "parameters": [], "losses": [], "claims": []},
                {"id": "bct", "name": "BCT", "summary": "Pull.", "paper": "", "needs": {"prototypes": true}, "comparison": "", "losses": [], "claims": [], "parameters": [
                    {"id": "weight", "label": "Weight", "unit": "", "kind": {"real": {"min": 0, "max": 20, "step": 0.1}}, "default": 1, "help": ""}]}],
            "presets": []
        }"#,
    )
    .unwrap()
}

#[test]
fn every_described_number_has_one_control_and_every_control_writes_its_number() {
    let catalogue = catalogue();
    let mut scenario = Scenario {
        stages: vec![Stage::default(), Stage { method: Choice::of("bct"), ..Stage::default() }],
        ..Scenario::default()
    };
    scenario.settle(&catalogue);
    let all = |scenario: &Scenario| -> Vec<Control> {
        let groups = run_groups(scenario, &catalogue).into_iter().chain(stage_groups(scenario, &catalogue, 1));
        groups.flat_map(|group| group.controls).collect()
    };
    assert_eq!(all(&scenario).len(), run_fields().len() + stage_fields().len() + 2);
    for control in all(&scenario) {
        let mut changed = scenario.clone();
        let (_, max) = control.parameter.bounds();
        control.target.write(&mut changed, max);
        assert_eq!(control.target.read(&changed), Some(max), "{}", control.target.id());
    }
}

#[test]
fn what_a_dataset_describes_has_controls_under_data() {
    let mut catalogue = catalogue();
    catalogue.datasets[0].parameters = vec![Parameter::real("poisoned", "Poisoned share", (0.0, 1.0, 0.1), 0.1, "")];
    catalogue.datasets[0].sees = vec![Parameter::integer("first", "First class", (0, 8), 0, "")];
    let mut scenario = Scenario { stages: vec![Stage::default(), Stage::default()], ..Scenario::default() };
    scenario.settle(&catalogue);
    let last = |groups: Vec<Group>| {
        groups.into_iter().find(|group| group.title == "Data").and_then(|mut group| group.controls.pop())
    };
    for (groups, target, value) in [
        (run_groups(&scenario, &catalogue), Target::Data("poisoned".to_owned()), 0.5),
        (stage_groups(&scenario, &catalogue, 1), Target::Sees(1, "first".to_owned()), 5.0),
    ] {
        let control = last(groups).unwrap();
        assert_eq!((control.target.clone(), control.target.read(&scenario)), (target, Some(control.parameter.default)));
        control.target.write(&mut scenario, value);
        assert_eq!(control.target.read(&scenario), Some(value));
    }
    assert_eq!(scenario.settle(&catalogue), Vec::<String>::new());
    assert_eq!((scenario.data.values["poisoned"], scenario.stages[1].sees["first"]), (0.5, 5.0));
    assert!(scenario.stages[0].sees["first"] == 0.0, "of its own stage alone");
}

#[test]
fn what_only_some_methods_have_a_use_for_is_shown_with_them_alone() {
    let mut catalogue = catalogue();
    let order = Parameter::flag("order", "Order", false, "").only_where(Read::Stream);
    catalogue.datasets[0].sees = vec![order];
    let mut scenario = Scenario { stages: vec![Stage::default(); 2], ..Scenario::default() };
    scenario.stages[1].method = Choice::of("bct");
    scenario.settle(&catalogue);
    let shown = |catalogue: &Catalogue| {
        let controls = stage_groups(&scenario, catalogue, 1).into_iter().flat_map(|group| group.controls);
        controls.into_iter().any(|control| control.target == Target::Sees(1, "order".to_owned()))
    };
    assert!(!shown(&catalogue));
    catalogue.methods[1].reads = vec![Read::Stream];
    assert!(shown(&catalogue));
}

#[test]
fn parents_are_boxes_where_there_is_a_choice_and_said_in_words() {
    let mut catalogue = catalogue();
    let mut scenario = Scenario { stages: vec![Stage::default(); 4], ..Scenario::default() };
    scenario.stages[3].method = Choice::of("bct");
    scenario.settle(&catalogue);
    let boxes = |scenario: &Scenario, catalogue: &Catalogue| -> Vec<(Target, Option<f64>)> {
        let groups = stage_groups(scenario, catalogue, 3).into_iter().filter(|group| group.title == "Goes on from");
        groups.flat_map(|group| group.controls).map(|it| (it.target.clone(), it.target.read(scenario))).collect()
    };
    assert_eq!((boxes(&scenario, &catalogue), goes_on_from(&scenario, 3)), (vec![], None));
    catalogue.methods[1].suits.parents = [1, 8];
    let from = |parent| Target::From(3, parent);
    assert_eq!(boxes(&scenario, &catalogue), [(from(1), Some(0.0)), (from(2), Some(0.0)), (from(3), Some(1.0))]);
    from(1).write(&mut scenario, 1.0);
    assert_eq!(
        (scenario.stages[3].from.as_slice(), goes_on_from(&scenario, 3)),
        (&[1, 3][..], Some("v1 and v3".to_owned()))
    );
    from(3).write(&mut scenario, 0.0);
    assert_eq!(goes_on_from(&scenario, 3), Some("v1".to_owned()));
    catalogue.methods[1].suits.parents = [1, 1];
    assert_eq!(boxes(&scenario, &catalogue).len(), 3, "what is named can be taken back");
    from(1).write(&mut scenario, 0.0);
    assert!(scenario.stages[3].from.is_empty(), "none is the one before");
    from(2).write(&mut scenario, 1.0);
    from(1).write(&mut scenario, 1.0);
    assert_eq!(goes_on_from(&scenario, 3), Some("v1, v2 and v3".to_owned()));
}

#[test]
fn a_first_stage_has_only_methods_that_need_nothing() {
    let scenario = Scenario { stages: vec![Stage::default()], ..Scenario::default() };
    let mut catalogue = catalogue();
    let titles = |catalogue: &Catalogue, stage| -> Vec<&str> {
        stage_groups(&scenario, catalogue, stage).iter().map(|group| group.title).collect()
    };
    assert_eq!(titles(&catalogue, 0), ["Model", "Data", "Training"]);
    assert!(titles(&catalogue, 1).is_empty());
    catalogue.methods[1].needs = Needs::default();
    assert_eq!(titles(&catalogue, 0), ["Compatibility", "Model", "Data", "Training"]);
}

#[test]
fn given_models_are_not_trained_and_have_no_pixels() {
    let mut catalogue = catalogue();
    catalogue.datasets[0].given = [GivenModel::default(), GivenModel::default()].into();
    catalogue.methods[0].role = Role::Plain;
    let mut adapter = catalogue.methods[1].clone();
    (adapter.id, adapter.role) = ("mlp-adapter".to_owned(), Role::Adapter);
    adapter.losses = vec![Claim::new("distance", "")];
    catalogue.methods.push(adapter);
    let mut scenario = Scenario { stages: vec![Stage::default(), Stage::default()], ..Scenario::default() };
    scenario.settle(&catalogue);
    let labels = |groups: Vec<Group>| -> Vec<String> {
        groups.into_iter().flat_map(|group| group.controls).map(|control| control.parameter.label).collect()
    };
    assert!(summary(&scenario, &catalogue).starts_with("Your models as they are"));
    assert_eq!(labels(run_groups(&scenario, &catalogue))[1..3], ["Training items", "Test items"]);
    assert_eq!(labels(stage_groups(&scenario, &catalogue, 1)), ["Classes", "Share of the data"]);
    let methods = ChoiceTarget::Method(1).options(&scenario, &catalogue);
    assert_eq!(methods.iter().map(|(id, _)| id.as_str()).collect::<Vec<_>>(), ["independent", "mlp-adapter"]);
    scenario.stages[1].method = Choice::of("mlp-adapter");
    assert!(labels(stage_groups(&scenario, &catalogue, 1)).contains(&"Epochs".to_owned()));
}

#[test]
fn another_choice_starts_from_its_defaults() {
    let catalogue = catalogue();
    let mut scenario = Scenario { stages: vec![Stage::default(), Stage::default()], ..Scenario::default() };
    ChoiceTarget::Method(1).write(&mut scenario, "bct");
    scenario.settle(&catalogue);
    let groups = stage_groups(&scenario, &catalogue, 1);
    assert_eq!((groups[0].title, groups[0].controls[0].target.read(&scenario)), ("Compatibility", Some(1.0)));
    assert_eq!(ChoiceTarget::Method(1).hint(&scenario, &catalogue), "Pull.");
    // What was left out of own data stands below, not in the sentence.
    let mut catalogue = catalogue;
    let own = DatasetInfo { id: "own-1".to_owned(), about: "One was left out.".to_owned(), ..DatasetInfo::default() };
    catalogue.datasets = vec![DatasetInfo { id: "ring".to_owned(), ..own.clone() }, own];
    for (id, told) in [("own-1", false), ("ring", true)] {
        scenario.data.dataset = id.to_owned();
        assert_eq!(ChoiceTarget::Dataset.hint(&scenario, &catalogue).contains("left out"), told, "{id}");
    }
}

#[test]
fn a_seed_has_no_slider() {
    let sliders: Vec<bool> = run_fields().iter().take(2).map(|field| has_slider(&field.parameter)).collect();
    assert_eq!(sliders, [false, true]);
}
