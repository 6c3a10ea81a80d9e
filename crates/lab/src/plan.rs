//! What a scenario needs done, in order.

use data::ItemShape;
use protocol::{BackfillOrder, Choice, ModelId, Phase, PhaseKind, Scenario, Stage};

use crate::LabError;
use crate::encoders::EncoderConfig;
use crate::methods::{Before, OLD_ONLY, method};

/// Whether the stage (counted from 1) trains its ceiling apart from what it deploys.
///
/// A first model and one that is deployed without compatibility are their own ceiling.
pub(crate) fn has_own_ceiling(scenario: &Scenario, stage: u8) -> bool {
    stage > 1 && scenario.stages.get(usize::from(stage) - 1).is_some_and(|stage| stage.method.id != "independent")
}

/// The model that stands for "this stage trained without compatibility".
pub(crate) fn ceiling(scenario: &Scenario, stage: u8) -> ModelId {
    if has_own_ceiling(scenario, stage) { ModelId::independent(stage) } else { ModelId::deployed(stage) }
}

/// Whether `older` was at hand when `model` was trained: deployed before it, or its own ceiling.
pub(crate) fn is_ancestor(older: ModelId, model: ModelId) -> bool {
    let deployed_before = !older.independent && older.stage < model.stage;
    !model.independent && (deployed_before || older == ModelId::independent(model.stage))
}

/// Models in the order of training: each stage's ceiling, which may be a teacher, before what it deploys.
pub(crate) fn models(scenario: &Scenario) -> Vec<ModelId> {
    (1..=scenario.stages.len() as u8)
        .flat_map(|stage| {
            let own = has_own_ceiling(scenario, stage).then(|| ModelId::independent(stage));
            own.into_iter().chain([ModelId::deployed(stage)])
        })
        .collect()
}

/// Whether training a model takes steps; what is fitted in closed form does not.
fn is_trained(scenario: &Scenario, model: ModelId) -> bool {
    let stage = scenario.stages.get(usize::from(model.stage) - 1);
    let method = stage.and_then(|stage| method(&stage.method.id).ok());
    model.independent || method.is_none_or(|method| (method.card)().is_trained())
}

/// Pairs of query and gallery model that the final matrix holds: every deployed model against every deployed one
/// before it and itself; every ceiling against itself and the model before.
pub(crate) fn pairs(scenario: &Scenario) -> Vec<(ModelId, ModelId)> {
    let mut pairs = Vec::new();
    for new in 1..=scenario.stages.len() as u8 {
        pairs.extend((1..=new).map(|old| (ModelId::deployed(new), ModelId::deployed(old))));
        if has_own_ceiling(scenario, new) {
            let star = ModelId::independent(new);
            pairs.push((star, star));
            pairs.push((star, ModelId::deployed(new - 1)));
        }
    }
    pairs
}

/// Whether both models of a pair of [`pairs`] are deployed and the older one is not older than what the last upgrade replaces.
pub(crate) fn is_of_last_upgrade(scenario: &Scenario, query: ModelId, gallery: ModelId) -> bool {
    let last = scenario.stages.len();
    last > 1 && !query.independent && !gallery.independent && usize::from(gallery.stage) + 1 >= last
}

/// Curves of partial backfill over the last upgrade: query model, gallery model, order, whether old items are asked by the
/// old model. The ceiling among them shows what happens without compatibility.
pub(crate) fn backfills(scenario: &Scenario) -> Vec<(ModelId, ModelId, BackfillOrder, bool)> {
    let last = scenario.stages.len() as u8;
    if last < 2 {
        return Vec::new();
    }
    let (new, old) = (ModelId::deployed(last), ModelId::deployed(last - 1));
    let mut curves = vec![
        (new, old, BackfillOrder::Random, false),
        (new, old, BackfillOrder::ClassMean, false),
        // Only a bridge can tell how uncertain it is; models without skip this one.
        (new, old, BackfillOrder::Uncertainty, false),
        (new, old, BackfillOrder::Random, true),
    ];
    if has_own_ceiling(scenario, last) {
        curves.push((ModelId::independent(last), old, BackfillOrder::Random, false));
    }
    curves
}

/// What a model is trained on and how, with the number of classes that the stage before knew; `None` for a stage that is not
/// there. What is trained without compatibility sees all images; an adapter may be confined to the classes of the stage before.
pub(crate) fn task(scenario: &Scenario, model: ModelId) -> Option<(Stage, usize)> {
    let at = usize::from(model.stage).checked_sub(1)?;
    let mut stage = scenario.stages.get(at)?.clone();
    if model.independent {
        stage.method = Choice::of("independent");
        stage.rehearsal = 0;
    }
    let before = at.checked_sub(1).and_then(|before| scenario.stages.get(before));
    if let Some(before) = before.filter(|_| stage.method.values.get(OLD_ONLY) == Some(&1.0)) {
        stage.classes = stage.classes.min(before.classes);
    }
    Some((stage, before.map_or(0, |before| before.classes as usize)))
}

/// The phases of a run. `steps` gives the training steps of a model; models in `given` are not trained.
pub(crate) fn phases(scenario: &Scenario, steps: impl Fn(ModelId) -> u32, given: &[ModelId]) -> Vec<Phase> {
    let models = models(scenario);
    let last = models.last().copied().unwrap_or(ModelId::deployed(1));
    let train = models.into_iter().filter(|model| !given.contains(model)).map(|model| Phase {
        kind: PhaseKind::Train,
        model,
        steps: if is_trained(scenario, model) { steps(model) } else { 0 },
    });
    let units = (pairs(scenario).len() + backfills(scenario).len()) as u32;
    let measure = Phase { kind: PhaseKind::Measure, model: last, steps: units };
    train.chain([measure]).collect()
}

/// Refuses stages whose parameters cannot work together or with images of shape `input`.
///
/// # Errors
/// [`LabError::Scenario`] with the stage and the bound.
pub(crate) fn check(scenario: &Scenario, input: ItemShape) -> Result<(), LabError> {
    let mut before = None;
    for (index, stage) in scenario.stages.iter().enumerate() {
        let named = |error: LabError| LabError::Scenario(format!("Stage {}: {error}", index + 1));
        if !stage.encoder.is_given() {
            EncoderConfig::of(&stage.encoder)?.check(input).map_err(named)?;
        }
        let method = method(&stage.method.id)?;
        (method.check)(stage, before).map_err(named)?;
        before = Some(Before { stage, dims: (method.stored_dims)(stage, before) });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::probe::IMAGE;
    use data::ImageShape;

    fn scenario(methods: &[&str]) -> Scenario {
        let stages = methods.iter().map(|id| Stage { method: Choice::of(id), ..Stage::default() }).collect();
        Scenario { stages, ..Scenario::default() }
    }

    fn names(pairs: &[(ModelId, ModelId)]) -> Vec<String> {
        pairs.iter().map(|(query, gallery)| format!("{query}/{gallery}")).collect()
    }

    #[test]
    fn an_upgrade_has_five_cells() {
        let scenario = scenario(&["independent", "bct"]);
        assert_eq!(names(&pairs(&scenario)), ["v1/v1", "v2/v1", "v2/v2", "v2*/v2*", "v2*/v1"]);
        assert_eq!(backfills(&scenario).len(), 5);
        let trained: Vec<String> = models(&scenario).iter().map(ToString::to_string).collect();
        assert_eq!(trained, ["v1", "v2*", "v2"]);
    }

    #[test]
    fn an_independent_upgrade_is_its_own_ceiling() {
        let scenario = scenario(&["independent", "independent"]);
        assert_eq!(names(&pairs(&scenario)), ["v1/v1", "v2/v1", "v2/v2"]);
        assert_eq!(ceiling(&scenario, 2), ModelId::deployed(2));
    }

    #[test]
    fn given_models_are_not_trained_again() {
        let scenario = scenario(&["independent", "bct"]);
        let plan = phases(&scenario, |_| 7, &[ModelId::deployed(1), ModelId::deployed(2)]);
        let kinds: Vec<_> = plan.iter().map(|phase| (phase.kind, phase.model, phase.steps)).collect();
        assert_eq!(
            kinds,
            [(PhaseKind::Train, ModelId::independent(2), 7), (PhaseKind::Measure, ModelId::deployed(2), 5 + 5)]
        );
    }

    #[test]
    fn what_is_fitted_in_closed_form_takes_no_steps_but_its_ceiling_does() {
        let plan = phases(&scenario(&["independent", "procrustes"]), |_| 7, &[]);
        let steps: Vec<_> = plan.iter().take(3).map(|phase| (phase.model.to_string(), phase.steps)).collect();
        assert_eq!(steps, [("v1".to_owned(), 7), ("v2*".to_owned(), 7), ("v2".to_owned(), 0)]);
    }

    #[test]
    fn an_adapter_of_old_classes_sees_no_others_but_its_ceiling_does() {
        let mut scenario = scenario(&["independent", "fct"]);
        let [old, new] = scenario.stages.as_mut_slice() else { panic!("two stages") };
        (old.classes, new.classes) = (5, 10);
        new.method = Choice::of("fct").with(OLD_ONLY, 1.0);
        let classes = |model| task(&scenario, model).map(|(stage, known)| (stage.classes, known));
        assert_eq!(classes(ModelId::deployed(2)), Some((5, 5)));
        assert_eq!(classes(ModelId::independent(2)), Some((10, 5)));
    }

    #[test]
    fn impossible_dims_are_refused_with_the_bound() {
        let mut scenario = scenario(&["independent", "bt2"]);
        if let Some(stage) = scenario.stages.last_mut() {
            stage.method = Choice::of("bt2").with("r", 40.0);
        }
        let sentence = check(&scenario, ItemShape::Pixels(IMAGE)).map_err(|error| error.to_string());
        assert_eq!(
            sentence.err().as_deref(),
            Some("Stage 2: BT² has r = 40 extra dims, but the old model has only 32; choose r of at most 32.")
        );
    }

    #[test]
    fn images_that_do_not_divide_into_patches_are_refused_before_the_run() {
        let mut scenario = scenario(&["independent", "bct"]);
        if let Some(stage) = scenario.stages.last_mut() {
            stage.encoder = Choice::of("vit").with("patch", 7.0);
        }
        assert!(check(&scenario, ItemShape::Pixels(IMAGE)).is_ok());
        let sentence =
            check(&scenario, ItemShape::Pixels(ImageShape { height: 32, ..IMAGE })).map_err(|error| error.to_string());
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
        let mut scenario = scenario(&["independent"]);
        let link = |&r: &f64| Stage { method: Choice::of("bt2").with("r", r), ..Stage::default() };
        scenario.stages.extend(extra.iter().map(link));
        scenario
    }

    #[test]
    fn a_chain_of_four_measures_every_model_against_all_before_it() {
        let scenario = chain(&[8.0, 16.0, 24.0]);
        let deployed: Vec<_> = pairs(&scenario).into_iter().filter(|(query, _)| !query.independent).collect();
        assert_eq!(
            names(&deployed),
            ["v1/v1", "v2/v1", "v2/v2", "v3/v1", "v3/v2", "v3/v3", "v4/v1", "v4/v2", "v4/v3", "v4/v4"]
        );
        let last: Vec<_> = pairs(&scenario).into_iter().filter(|&(q, g)| is_of_last_upgrade(&scenario, q, g)).collect();
        assert_eq!(names(&last), ["v3/v3", "v4/v3", "v4/v4"]);
        assert_eq!(pairs(&scenario).len(), 16, "each of three ceilings adds itself and the model before");
        let trained: Vec<String> = models(&scenario).iter().map(ToString::to_string).collect();
        assert_eq!(trained, ["v1", "v2*", "v2", "v3*", "v3", "v4*", "v4"]);
        assert!(check(&scenario, ItemShape::Pixels(IMAGE)).is_ok());
    }

    #[test]
    fn a_link_of_bt2_needs_more_extra_dims_than_the_old_model_has_over_it() {
        // The models before the last store 32, 40 and 48 dims, 16 more than the d_n = 32 of the last.
        for (r, allowed) in [(15.0, false), (16.0, false), (17.0, true)] {
            let sentence =
                check(&chain(&[8.0, 16.0, r]), ItemShape::Pixels(IMAGE)).map_err(|error| error.to_string()).err();
            let expected = (!allowed).then(|| {
                format!(
                    "Stage 4: BT² has r = {r} extra dims, but needs more than d_o - d_n = 48 - 32 = 16, or the old model's dims leave \
                     none to the new one; choose r of at least 17."
                )
            });
            assert_eq!(sentence, expected);
        }
        assert!(
            check(&chain(&[0.0]), ItemShape::Pixels(IMAGE)).is_ok(),
            "r = 0 with d_n = d_o is the ablation without extra dims"
        );
    }
}
