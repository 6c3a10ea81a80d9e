//! The order of upgrades and chains, by name.

use super::*;
use crate::probe::IMAGE;

fn scenario(methods: &[&str]) -> Scenario {
    let stages = methods.iter().map(|id| Stage { method: Choice::of(id), ..Stage::default() }).collect();
    Scenario { stages, ..Scenario::default() }
}

fn plan(scenario: &Scenario) -> Plan {
    match Plan::new(scenario) {
        Ok(plan) => plan,
        Err(error) => panic!("{error}"),
    }
}

fn checked(scenario: &Scenario) -> Result<(), LabError> {
    plan(scenario).check(scenario, ItemShape::Pixels(IMAGE))
}

fn names(pairs: &[(ModelId, ModelId)]) -> Vec<String> {
    pairs.iter().map(|(query, gallery)| format!("{query}/{gallery}")).collect()
}

#[test]
fn an_upgrade_has_five_cells() {
    let scenario = scenario(&[Choice::PLAIN, "bct"]);
    assert_eq!(names(plan(&scenario).pairs()), ["v1/v1", "v2/v1", "v2/v2", "v2*/v2*", "v2*/v1"]);
    assert_eq!(plan(&scenario).backfills().len(), 5);
    let trained: Vec<String> = plan(&scenario).models().map(|model| model.to_string()).collect();
    assert_eq!(trained, ["v1", "v2*", "v2"]);
}

#[test]
fn an_independent_upgrade_is_its_own_ceiling() {
    let scenario = scenario(&[Choice::PLAIN, Choice::PLAIN]);
    assert_eq!(names(plan(&scenario).pairs()), ["v1/v1", "v2/v1", "v2/v2"]);
    assert_eq!(plan(&scenario).reference(ModelId::deployed(2)), ModelId::deployed(2));
}

#[test]
fn given_models_are_not_trained_again() {
    let scenario = scenario(&[Choice::PLAIN, "bct"]);
    let phases = plan(&scenario).phases(|_| 7, &[ModelId::deployed(1), ModelId::deployed(2)]);
    let kinds: Vec<_> = phases.iter().map(|phase| (phase.kind, phase.model, phase.steps)).collect();
    assert_eq!(
        kinds,
        [(PhaseKind::Train, ModelId::independent(2), 7), (PhaseKind::Measure, ModelId::deployed(2), 5 + 5)]
    );
}

#[test]
fn what_is_fitted_in_closed_form_takes_no_steps_but_its_ceiling_does() {
    let phases = plan(&scenario(&[Choice::PLAIN, "procrustes"])).phases(|_| 7, &[]);
    let steps: Vec<_> = phases.iter().take(3).map(|phase| (phase.model.to_string(), phase.steps)).collect();
    assert_eq!(steps, [("v1".to_owned(), 7), ("v2*".to_owned(), 7), ("v2".to_owned(), 0)]);
}

#[test]
fn an_adapter_of_old_classes_sees_no_others_but_its_ceiling_does() {
    let mut scenario = scenario(&[Choice::PLAIN, "fct"]);
    let [old, new] = scenario.stages.as_mut_slice() else { panic!("two stages") };
    (old.classes, new.classes) = (5, 10);
    new.method = Choice::of("fct").with(OLD_ONLY, 1.0);
    let classes = |model| plan(&scenario).task(&scenario, model).map(|(stage, known)| (stage.classes, known));
    assert_eq!(classes(ModelId::deployed(2)), Some((5, 5)));
    assert_eq!(classes(ModelId::independent(2)), Some((10, 5)));
}

#[test]
fn an_adapter_may_see_classes_that_its_frozen_model_never_saw() {
    let mut scenario = scenario(&[Choice::PLAIN, "lambda-orthogonal"]);
    scenario.stages.iter_mut().for_each(|stage| stage.classes = 5);
    let [_, new] = scenario.stages.as_mut_slice() else { panic!("two stages") };
    new.method = Choice::of("lambda-orthogonal").with(FURTHER, 5.0);
    let classes = |model| plan(&scenario).task(&scenario, model).map(|(stage, known)| (stage.classes, known));
    assert_eq!(classes(ModelId::deployed(1)), Some((5, 0)));
    assert_eq!(classes(ModelId::deployed(2)), Some((10, 5)));
    assert_eq!(classes(ModelId::independent(2)), Some((5, 5)));
}

#[test]
fn impossible_dims_are_refused_with_the_bound() {
    let mut scenario = scenario(&[Choice::PLAIN, "bt2"]);
    if let Some(stage) = scenario.stages.last_mut() {
        stage.method = Choice::of("bt2").with("r", 40.0);
    }
    let sentence = checked(&scenario).map_err(|error| error.to_string());
    assert_eq!(
        sentence.err().as_deref(),
        Some("Stage 2: BT² has r = 40 extra dims, but the old model has only 32; choose r of at most 32.")
    );
}

#[test]
fn images_that_do_not_divide_into_patches_are_refused_before_the_run() {
    let mut scenario = scenario(&[Choice::PLAIN, "bct"]);
    if let Some(stage) = scenario.stages.last_mut() {
        stage.encoder = Choice::of("vit").with("patch", 7.0);
    }
    assert!(checked(&scenario).is_ok());
    let sentence = plan(&scenario)
        .check(&scenario, ItemShape::Pixels(data::ImageShape { height: 32, ..IMAGE }))
        .map_err(|error| error.to_string());
    assert_eq!(
        sentence.err().as_deref(),
        Some(
            "Stage 2: ViT cuts images into patches of 7 x 7, but 32 x 28 does not divide into them; choose a patch that divides \
             both."
        )
    );
}

/// A chain under BT² with d_n = 32 and these r after the first model of 32 dims.
fn chain(extra: &[f64]) -> Scenario {
    let mut scenario = scenario(&[Choice::PLAIN]);
    let link = |&r: &f64| Stage { method: Choice::of("bt2").with("r", r), ..Stage::default() };
    scenario.stages.extend(extra.iter().map(link));
    scenario
}

#[test]
fn a_chain_of_four_measures_every_model_against_all_before_it() {
    let scenario = chain(&[8.0, 16.0, 24.0]);
    let plan = plan(&scenario);
    let deployed: Vec<_> = plan.pairs().iter().copied().filter(|(query, _)| !query.independent).collect();
    assert_eq!(
        names(&deployed),
        ["v1/v1", "v2/v1", "v2/v2", "v3/v1", "v3/v2", "v3/v3", "v4/v1", "v4/v2", "v4/v3", "v4/v4"]
    );
    let last: Vec<_> = plan.pairs().iter().copied().filter(|&(q, g)| plan.is_of_last_upgrade(q, g)).collect();
    assert_eq!(names(&last), ["v3/v3", "v4/v3", "v4/v4"]);
    assert_eq!(plan.pairs().len(), 16, "each of three ceilings adds itself and the model before");
    let trained: Vec<String> = plan.models().map(|model| model.to_string()).collect();
    assert_eq!(trained, ["v1", "v2*", "v2", "v3*", "v3", "v4*", "v4"]);
    let [v1, v2, v3, v4] = [1, 2, 3, 4].map(ModelId::deployed);
    assert_eq!(names(&plan.way(v4, v1)), ["v4/v3", "v3/v2", "v2/v1"]);
    assert_eq!(names(&plan.way(v4, v3)), ["v4/v3"]);
    assert_eq!((plan.way(v2, v2), plan.way(v1, v4)), (vec![], vec![]));
    assert_eq!((plan.parents(v3), plan.before(ModelId::independent(3))), (&[v2][..], &[v2][..]));
    assert_eq!(plan.parents(ModelId::independent(3)), [], "a ceiling begins anew");
    assert!(checked(&scenario).is_ok());
}

/// A model, two that go on from it, and one of both.
fn branched(methods: &[&str]) -> Scenario {
    let mut scenario = scenario(&[&[Choice::PLAIN], methods].concat());
    for (stage, from) in scenario.stages.iter_mut().zip([&[][..], &[1], &[1], &[2, 3]]) {
        stage.from = from.to_vec();
    }
    scenario
}

#[test]
fn a_merged_model_is_an_upgrade_of_each_of_its_parents() {
    let scenario = branched(&["branch", "branch", "fisher"]);
    let plan = plan(&scenario);
    let [v1, v2, v3, v4] = [1, 2, 3, 4].map(ModelId::deployed);
    let star = ModelId::independent(4);
    assert_eq!((plan.before(star), plan.parents(v4)), (&[v2, v3][..], &[v2, v3][..]));
    assert_eq!(plan.models().map(|model| model.to_string()).collect::<Vec<_>>(), ["v1", "v2", "v3", "v4*", "v4"]);
    assert_eq!(
        names(plan.pairs()),
        [
            "v1/v1", "v2/v1", "v2/v2", "v3/v1", "v3/v2", "v3/v3", "v4/v1", "v4/v2", "v4/v3", "v4/v4", "v4*/v4*",
            "v4*/v2", "v4*/v3"
        ]
    );
    assert_eq!(names(&plan.upgrades().collect::<Vec<_>>()), ["v2/v1", "v3/v1", "v4/v2", "v4/v3"]);
    let last: Vec<_> = plan.pairs().iter().copied().filter(|&(q, g)| plan.is_of_last_upgrade(q, g)).collect();
    assert_eq!(names(&last), ["v2/v2", "v3/v3", "v4/v2", "v4/v3", "v4/v4"]);
    let curves: Vec<_> = plan.backfills().iter().map(|&(query, gallery, ..)| (query, gallery)).collect();
    assert_eq!(names(&curves), [["v4/v2"; 4].as_slice(), &["v4*/v2"], &["v4/v3"; 4], &["v4*/v3"]].concat());
    assert_eq!(names(&plan.way(v4, v1)), ["v4/v2", "v2/v1"]);
    assert_eq!((plan.way(v3, v2), plan.line(v3), plan.line(v4)), (vec![], vec![v1, v3], vec![v1, v2, v3, v4]));
    let older =
        |model| [v1, v2, v3, star].into_iter().filter(|&older| plan.is_ancestor(older, model)).collect::<Vec<_>>();
    assert_eq!((older(v3), older(v4)), (vec![v1], vec![v1, v2, v3, star]));
    assert!(!plan.is_chain() && plan.merges(v4) && !plan.merges(star) && !plan.merges(v3));
    let steps: Vec<_> = plan.phases(|_| 7, &[]).iter().map(|phase| phase.steps).collect();
    assert_eq!(steps, [7, 7, 7, 7, 0, 13 + 10], "merging takes no step, its ceiling does");
    assert!(checked(&scenario).is_ok());
    assert!(super::Plan::new(&chain(&[8.0, 16.0])).is_ok_and(|plan| plan.is_chain()));
}

#[test]
fn a_stage_is_checked_against_the_one_that_it_goes_on_from() {
    let mut scenario = scenario(&[Choice::PLAIN, "naive-extra-dims", "bct"]);
    let bound = |scenario: &Scenario| checked(scenario).map_err(|error| error.to_string()).err();
    let sentence = "Stage 3: BCT compares the first 40 dims, those of the old model, but the new model has 32; choose at least 40.";
    assert_eq!(bound(&scenario).as_deref(), Some(sentence));
    scenario.stages[2].from = vec![1];
    assert_eq!(bound(&scenario), None);
    scenario.stages[0].classes = 5;
    let known = |scenario: &Scenario| plan(scenario).task(scenario, ModelId::deployed(3)).map(|(_, known)| known);
    assert_eq!(known(&scenario), Some(5));
}

#[test]
fn what_cannot_be_merged_is_refused_with_the_bound() {
    let said = |methods: &[&str], change: fn(&mut Vec<Stage>)| {
        let mut scenario = branched(methods);
        change(&mut scenario.stages);
        let sentence = Plan::new(&scenario).and_then(|plan| plan.check(&scenario, ItemShape::Pixels(IMAGE)));
        sentence.map_err(|error| error.to_string()).err().unwrap_or_default()
    };
    let branches = ["branch", "branch", "fisher"];
    assert_eq!(
        said(&branches, |stages| stages[3].from = vec![2]),
        "Stage 4: Fisher merging goes on from 2 to 8 models before it, but there are 1; choose another method or other stages."
    );
    assert_eq!(
        said(&branches, |stages| stages[2].from = vec![2]),
        "Stage 4: Fisher merging needs parents with a common start, but one goes on from v1 and another from v2; let them branch from the same stage."
    );
    assert_eq!(
        said(&branches, |stages| stages[3].classes = 9),
        "Stage 4: Fisher merging knows the classes that its parents know, the first 10, but the stage has 9; choose 10."
    );
    assert_eq!(
        said(&branches, |stages| stages[3].dims = 16),
        "Stage 4: Fisher merging has the dims of its parents, but one has 32 and the stage 16; choose 32."
    );
    let other = said(&branches, |stages| stages[3].encoder = Choice::of("cnn"));
    let (why, end) =
        ("Fisher merging takes weight by weight, and one parent has another encoder: that has mlp", "choose mlp");
    assert!(other.contains(why) && other.contains("the new stage cnn") && other.contains(end), "{other}");
    assert_eq!(
        said(&["branch", Choice::PLAIN, "fisher"], |_| ()),
        "Stage 4: Fisher merging needs parents with the same head: branches and what was merged of them, or independent models of the same classes; choose such stages."
    );
    assert_eq!(
        said(&[Choice::PLAIN, Choice::PLAIN, "task-arithmetic"], |_| ()),
        "Stage 4: Task arithmetic needs what branches leave; choose the method Branch for all of its parents."
    );
    assert_eq!(said(&[Choice::PLAIN, Choice::PLAIN, "average"], |_| ()), "", "the control: models that began apart");
    assert_eq!(
        said(&["branch", "branch", "ensemble"], |stages| stages[3].dims = 16),
        "Stage 4: Ensemble has the dims of its parents, but one has 32 and the stage 16; choose 32."
    );
}

#[test]
fn a_link_of_bt2_needs_more_extra_dims_than_the_old_model_has_over_it() {
    // The models before the last store 32, 40 and 48 dims, 16 more than the d_n = 32 of the last.
    for (r, allowed) in [(15.0, false), (16.0, false), (17.0, true)] {
        let sentence = checked(&chain(&[8.0, 16.0, r])).map_err(|error| error.to_string()).err();
        let expected = (!allowed).then(|| {
            format!(
                "Stage 4: BT² has r = {r} extra dims, but needs more than d_o - d_n = 48 - 32 = 16, or the old model's dims leave \
                 none to the new one; choose r of at least 17."
            )
        });
        assert_eq!(sentence, expected);
    }
    assert!(checked(&chain(&[0.0])).is_ok(), "r = 0 with d_n = d_o is the ablation without extra dims");
}

#[test]
fn a_method_that_lacks_a_model_before_it_is_refused() {
    let error = Plan::new(&scenario(&["bct", "bct"])).map_err(|error| error.to_string()).err();
    assert_eq!(
        error.as_deref(),
        Some("Stage 1: BCT goes on from 1 models before it, but there are 0; choose another method or other stages.")
    );
    assert!(Plan::new(&scenario(&["simplex", "bct"])).is_ok(), "what needs nothing can stand first");
}
