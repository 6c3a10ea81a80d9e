//! What a scenario needs done, in order.

use protocol::{ModelId, Phase, PhaseKind, Scenario};

use crate::LabError;
use crate::methods::{Before, method};

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

/// The phases of a run. `steps` gives the training steps of a stage (counted from 1); models in `given` are not trained.
pub(crate) fn phases(scenario: &Scenario, steps: impl Fn(u8) -> u32, given: &[ModelId]) -> Vec<Phase> {
    let models = models(scenario);
    let last = models.last().copied().unwrap_or(ModelId::deployed(1));
    let train = models.into_iter().filter(|model| !given.contains(model)).map(|model| Phase {
        kind: PhaseKind::Train,
        model,
        steps: steps(model.stage),
    });
    let measure = Phase { kind: PhaseKind::Measure, model: last, steps: pairs(scenario).len() as u32 };
    train.chain([measure]).collect()
}

/// Refuses stages whose parameters cannot work together.
///
/// # Errors
/// [`LabError::Scenario`] with the stage and the bound.
pub(crate) fn check(scenario: &Scenario) -> Result<(), LabError> {
    let mut before = None;
    for (index, stage) in scenario.stages.iter().enumerate() {
        let method = method(&stage.method.id)?;
        (method.check)(stage, before).map_err(|error| LabError::Scenario(format!("Stage {}: {error}", index + 1)))?;
        before = Some(Before { stage, dims: (method.stored_dims)(stage) });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use protocol::{Choice, Stage};

    use super::*;

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
            [(PhaseKind::Train, ModelId::independent(2), 7), (PhaseKind::Measure, ModelId::deployed(2), 5)]
        );
    }

    #[test]
    fn impossible_dims_are_refused_with_the_bound() {
        let mut scenario = scenario(&["independent", "bt2"]);
        if let Some(stage) = scenario.stages.last_mut() {
            stage.method = Choice::of("bt2").with("r", 40.0);
        }
        let sentence = check(&scenario).map_err(|error| error.to_string());
        assert_eq!(
            sentence.err().as_deref(),
            Some("Stage 2: BT² has r = 40 extra dims, but the old model has only 32; choose r of at most 32.")
        );
    }
}
