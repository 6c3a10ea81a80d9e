//! One model of the numbers of several that went on from the same weights, without a step of training.
//!
//! - Fisher merging: `theta_j = sum_i l_i F_ij theta_ij / sum_i l_i F_ij`, with `F_i` the diagonal of the Fisher information of parent
//!   `i`, floored at 1e-6 and divided by its L2 norm (Matena, Raffel: Merging Models with Fisher-Weighted Averaging, NeurIPS 2022,
//!   equation 4). The paper's program floors the first model alone; here each is, so that no parent is set apart.
//! - The average is the same with all `F` equal.
//! - Task arithmetic: `theta = theta_0 + l sum_i (theta_i - theta_0)`, with `theta_0` the common start (Ilharco et al.: Editing Models
//!   with Task Arithmetic, ICLR 2023).

use burn::module::Module;
use burn::tensor::Tensor;
use protocol::{Claim, MethodCard, ModelId, Need, Parameter, Read, Reference, Role, Stage, Suits};

use super::branch::{self, FISHER as INFORMATION, START};
use super::{BOTH, MOST, alike, name_of};
use crate::claims::{Arm, Change, Fact, LAB, Measure, Rule, judged};
use crate::frames::Trainer;
use crate::methods::compat::Independent;
use crate::methods::{Before, Method, encoder_dims, other_encoder};
use crate::numbers::load;
use crate::{LabError, Parent, Setup, System, Training};

pub(super) const FISHER: Method = Method {
    id: "fisher",
    claims: judged(CLAIMS),
    card: || {
        card("fisher", "Fisher merging")
            .summary("Each weight is the mean of the parents' weights, by how much it matters to each of them.")
            .paper("Matena, Raffel: Merging Models with Fisher-Weighted Averaging, NeurIPS 2022")
            .needs([Need::Kept, Need::OldWeights])
            .parameters([share()])
            .claims([Claim::new(
                "better than the average",
                "Over the data of both parents the merged model is better than the average of their weights.",
            )])
    },
    check: by_branches,
    stored_dims: encoder_dims,
    start: |setup| {
        start(setup, |setup| {
            let shares = shares(setup)?;
            let left = setup.parents.iter().map(|parent| left(parent, INFORMATION));
            let matters: Vec<Vec<f64>> = left.map(|numbers| Ok(scaled(numbers?))).collect::<Result<_, LabError>>()?;
            Ok(weighted(&numbers(setup)?, |parent, at| {
                shares.get(parent).zip(matters.get(parent).and_then(|it| it.get(at))).map_or(0.0, |(l, f)| l * f)
            }))
        })
    },
};

pub(super) const AVERAGE: Method = Method {
    id: "average",
    claims: &[],
    card: || {
        card("average", "Weight average")
            .summary("Each weight is the mean of the parents' weights.")
            .paper("Wortsman et al.: Model soups, ICML 2022")
            .needs([Need::OldWeights])
            .parameters([share()])
            .claims([Claim::new(
                "one basin",
                "Models that went on from the same weights can be averaged; models that began apart cannot.",
            )])
    },
    check: of_equal_shape,
    stored_dims: encoder_dims,
    start: |setup| {
        start(setup, |setup| {
            let shares = shares(setup)?;
            Ok(weighted(&numbers(setup)?, |parent, _| shares.get(parent).copied().unwrap_or_default()))
        })
    },
};

pub(super) const TASK_ARITHMETIC: Method = Method {
    id: "task-arithmetic",
    claims: &[],
    card: || {
        card("task-arithmetic", "Task arithmetic")
            .summary("What each parent learned since the common start is added to that start.")
            .paper("Ilharco et al.: Editing Models with Task Arithmetic, ICLR 2023")
            .needs([Need::Kept, Need::OldWeights])
            .parameters([Parameter::real(
                LAMBDA,
                "Factor λ",
                (0.0, 1.5, 0.05),
                0.5,
                "How much of each parent's change is added; the reciprocal of the number of parents gives their average.",
            )])
            .claims([Claim::new("skills add up", "Adding the changes of two parents gives a model with what both learned.")])
    },
    check: by_branches,
    stored_dims: encoder_dims,
    start: |setup| {
        start(setup, |setup| {
            let starts = setup.parents.iter().map(|parent| left(parent, START)).collect::<Result<Vec<_>, _>>()?;
            match starts.split_first() {
                Some((first, others)) if others.iter().all(|other| other == first) => {
                    Ok(added(first, &numbers(setup)?, setup.value(LAMBDA)?))
                }
                _ => Err(LabError::Scenario(
                    "Task arithmetic adds what its parents learned since their common start, but they have none; let them branch from the same stage.".to_owned(),
                )),
            }
        })
    },
};

const BY: &str = "Matena & Raffel 2022 (Fisher merging)";
/// The preset that claims are judged on.
const PRESET: &str = "merge";
/// The merged model.
const MERGED: ModelId = ModelId { stage: 4, independent: false };
/// Share of the classes of both parents that it gets right.
const KNOWN: Fact = Fact::Reading { model: MERGED, quantity: "accuracy", of: "" };

// Each is judged at the λ that was best where nobody is judged: trained on 400 of each class's training images and asked about 200 others of them
// (seed 11). Fisher merging got 53.7, 54.1, 56.5, 60.2 and 45.7 % of all classes right with 0.1, 0.25, 0.5, 0.75 and 0.9; the average 53.3, 56.5
// and 40.6 with 0.25, 0.5 and 0.75; task arithmetic 47.9, 56.5, 61.2, 53.9 and 44.5 with 0.3, 0.5, 0.7, 0.9 and 1.1.
const BY_FISHER: &Arm = &Arm::new("fisher", PRESET, Change::AsItIs);
const BY_AVERAGE: &Arm = &Arm::new("average", PRESET, Change::Last("average", &[]));
const BY_ARITHMETIC: &Arm = &Arm::new("task arithmetic", PRESET, Change::Last("task-arithmetic", &[("lambda", 0.7)]));
const ASKED_TOGETHER: &Arm = &Arm::new("ensemble", PRESET, Change::Last("ensemble", &[]));

const CLAIMS: &[Rule] = &[
    Rule::new(
        "62-average",
        BY,
        "Fisher merging (λ = 0.75) beats the average of the weights (λ = 0.5) over the classes of both parents and of their start",
        Measure::between(BY_AVERAGE, BY_FISHER, KNOWN),
    )
    .said("difference of the accuracy over all classes, points")
    .published(
        "Models that went on from one start: Fisher merging is above the average of the weights; no \
         number is at hand",
    )
    .differs(
        "Each parent here has three classes of its own, of which the other knows nothing, and each \
         share was chosen with one seed on training images.",
    ),
    Rule::new(
        "62-arithmetic",
        LAB,
        "Fisher merging is at least as good as task arithmetic with a factor of 0.7",
        Measure::between(BY_ARITHMETIC, BY_FISHER, KNOWN),
    )
    .said("difference of the accuracy over all classes, points"),
    Rule::new(
        "62-ensemble",
        LAB,
        "What one merged model loses against keeping both parents stays within 5 points",
        Measure::between(ASKED_TOGETHER, BY_FISHER, KNOWN),
    )
    .at_least(-5.0)
    .said("difference of the accuracy over all classes, points")
    .tried_with(BY_FISHER),
];

/// Parameter: the share of the first parent, or the factor of all changes.
const LAMBDA: &str = "lambda";
/// Least information that a weight counts with.
const FLOOR: f64 = 1e-6;

/// What the cards have in common.
fn card(id: &str, name: &str) -> MethodCard {
    MethodCard::new(id, name)
        .role(Role::Upgrade)
        .suits(Suits { parents: [2, MOST], ..Suits::default() })
        .reference(Reference::Joint)
        .reads([Read::Retrieval, Read::Knowledge, Read::Cost])
        .comparison(BOTH)
}

/// The share of the first parent.
fn share() -> Parameter {
    Parameter::real(
        LAMBDA,
        "Share λ of the first",
        (0.0, 1.0, 0.05),
        0.5,
        "How much the first parent counts; the others share the rest equally. The paper tries a grid on validation data: vary it in a sweep.",
    )
}

/// How much each parent counts.
fn shares(setup: &Setup) -> Result<Vec<f64>, LabError> {
    let (first, others) = (setup.value(LAMBDA)?, setup.parents.len().saturating_sub(1).max(1) as f64);
    Ok((0..setup.parents.len()).map(|at| if at == 0 { first } else { (1.0 - first) / others }).collect())
}

/// Weighted means: for each place `sum_i w_i theta_i / sum_i w_i`, with `w_i` by parent and place, not all of them 0.
fn weighted(parents: &[&[f32]], weight: impl Fn(usize, usize) -> f64) -> Vec<f32> {
    let places = parents.iter().map(|numbers| numbers.len()).min().unwrap_or_default();
    let mean = |at: usize| {
        let (mut sum, mut weights) = (0.0, 0.0);
        for (parent, numbers) in parents.iter().enumerate() {
            let weight = weight(parent, at);
            weights += weight;
            sum += weight * numbers.get(at).copied().map_or(0.0, f64::from);
        }
        (sum / weights) as f32
    };
    (0..places).map(mean).collect()
}

/// `factor` times what each parent changed since `start`, added to it.
fn added(start: &[f32], parents: &[&[f32]], factor: f64) -> Vec<f32> {
    let change = |at: usize, start: f64| {
        let changes = parents.iter().filter_map(|numbers| numbers.get(at)).map(|&number| f64::from(number) - start);
        changes.sum::<f64>()
    };
    let places = start.iter().map(|&number| f64::from(number)).enumerate();
    places.map(|(at, start)| (start + factor * change(at, start)) as f32).collect()
}

/// Information with its floor, divided by its L2 norm.
fn scaled(information: &[f32]) -> Vec<f64> {
    let norm = information.iter().map(|&number| f64::from(number).powi(2)).sum::<f64>().sqrt();
    // Without any information all weights count the same.
    let norm = if norm > 0.0 { norm } else { 1.0 };
    information.iter().map(|&number| f64::from(number).max(FLOOR) / norm).collect()
}

/// The numbers of all parents, as many of each.
fn numbers<'a>(setup: &'a Setup) -> Result<Vec<&'a [f32]>, LabError> {
    let numbers = setup.parents.iter().map(Parent::weights).collect::<Result<Vec<_>, _>>()?;
    let name = name_of(&setup.stage.method.id)?;
    if numbers.iter().any(|numbers| numbers.is_empty()) {
        return Err(LabError::Scenario(format!(
            "{name} needs the weights of its parents with their heads, but one came as a file, which has none; train it here."
        )));
    }
    let counts: Vec<usize> = numbers.iter().map(|numbers| numbers.len()).collect();
    match counts.split_first() {
        Some((first, others)) if !others.is_empty() => match others.iter().find(|other| *other != first) {
            None => Ok(numbers),
            Some(other) => Err(LabError::Scenario(format!(
                "{name} needs parents of one shape, but one has {first} weights and another {other}; choose parents with the same encoder and head."
            ))),
        },
        _ => Err(LabError::Scenario(format!("{name} needs 2 to {MOST} parents, but has {}.", counts.len()))),
    }
}

/// What a parent left under a name.
fn left<'a>(parent: &'a Parent, name: &str) -> Result<&'a [f32], LabError> {
    parent.kept()?.get(name).map(Vec::as_slice).ok_or_else(|| {
        LabError::Scenario(format!(
            "A parent left no {name}, as branches do; choose branches as parents, and train them here."
        ))
    })
}

/// Makes the model of the merged numbers, which is done at once.
fn start(
    mut setup: Setup,
    merge: impl FnOnce(&Setup) -> Result<Vec<f32>, LabError>,
) -> Result<Box<dyn Training>, LabError> {
    let numbers = merge(&setup)?;
    let classes = setup.parents.iter().map(|parent| parent.classes).max().unwrap_or_default();
    let system = Independent::new(&mut setup)?;
    let dims = setup.stage.dims as usize;
    // The head has what is left after the encoder.
    let rows = numbers.len().saturating_sub(system.encoder.num_params()) / dims.max(1);
    let head = Tensor::zeros([rows.max(1), dims], setup.init.device());
    let (system, left) = load(system.with_rows(head, classes, setup.stage.schedule.scale), &numbers);
    match left {
        Some([]) => Ok(Box::new(Trainer::new(system, setup.stage.schedule.decay))),
        _ => Err(LabError::Scenario(format!(
            "{} gives {} weights, but the stage has others; choose the encoder of the parents.",
            name_of(&setup.stage.method.id)?,
            numbers.len()
        ))),
    }
}

/// Refuses parents whose weights are not those of the same network, as far as the scenario tells.
fn of_equal_shape(stage: &Stage, before: Option<Before>) -> Result<(), LabError> {
    let Some(before) = before else { return Ok(()) };
    let name = name_of(&stage.method.id)?;
    if let Some(other) = before.all().find(|parent| parent.stage.encoder != stage.encoder) {
        let why = format!("{name} takes weight by weight, and one parent has another encoder");
        return Err(other_encoder(&why, &other.stage.encoder, &stage.encoder));
    }
    alike(stage, Some(before))?;
    let shared = |parent: Before| {
        let merged = [FISHER.id, AVERAGE.id, TASK_ARITHMETIC.id].contains(&parent.stage.method.id.as_str());
        merged || parent.stage.method.id == branch::METHOD.id
    };
    let alone = |parent: Before| {
        parent.stage.method.id == protocol::Choice::PLAIN && parent.stage.classes == before.stage.classes
    };
    match before.all().all(shared) || before.all().all(alone) {
        true => Ok(()),
        false => Err(LabError::Scenario(format!(
            "{name} needs parents with the same head: branches and what was merged of them, or independent models of the same classes; choose such stages."
        ))),
    }
}

/// Refuses parents that are no branches of one model.
fn by_branches(stage: &Stage, before: Option<Before>) -> Result<(), LabError> {
    of_equal_shape(stage, before)?;
    let Some(before) = before else { return Ok(()) };
    let name = name_of(&stage.method.id)?;
    if before.all().any(|parent| parent.stage.method.id != branch::METHOD.id) {
        return Err(LabError::Scenario(format!(
            "{name} needs what branches leave; choose the method {} for all of its parents.",
            name_of(branch::METHOD.id)?
        )));
    }
    match before.all().find(|parent| parent.from != before.from) {
        None => Ok(()),
        Some(other) => {
            let named = |parent: Before| parent.from.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
            Err(LabError::Scenario(format!(
                "{name} needs parents with a common start, but one goes on from {} and another from {}; let them branch from the same stage.",
                named(before),
                named(other)
            )))
        }
    }
}

#[cfg(test)]
#[allow(clippy::indexing_slicing)]
mod tests {
    use super::*;

    const ONE: [f32; 2] = [1.0, -3.0];
    const TWO: [f32; 2] = [5.0, 1.0];

    fn fisher(parents: &[&[f32]], information: &[&[f32]], shares: &[f64]) -> Vec<f32> {
        let matters: Vec<Vec<f64>> = information.iter().map(|numbers| scaled(numbers)).collect();
        weighted(parents, |parent, at| shares[parent] * matters[parent][at])
    }

    #[test]
    fn models_of_two_weights_merge_as_by_hand() {
        // Norms 5 and 10: the information counts 0.6 and 0.8 of the first, 0.8 and 0.6 of the second.
        let information: [&[f32]; 2] = [&[3.0, 4.0], &[8.0, 6.0]];
        let merged = fisher(&[&ONE, &TWO], &information, &[0.5, 0.5]);
        let by_hand = [(0.6 * 1.0 + 0.8 * 5.0) / 1.4, (0.8 * -3.0 + 0.6 * 1.0) / 1.4];
        assert_eq!(merged, by_hand.map(|number| number as f32));
        let merged = fisher(&[&ONE, &TWO], &information, &[0.25, 0.75]);
        let by_hand = [(0.15 * 1.0 + 0.6 * 5.0) / 0.75, (0.2 * -3.0 + 0.45 * 1.0) / 0.65];
        assert_eq!(merged, by_hand.map(|number: f64| number as f32));
        assert_eq!(added(&[2.0, 0.0], &[&ONE, &TWO], 1.0), [2.0 - 1.0 + 3.0, -3.0 + 1.0]);
    }

    #[test]
    fn the_ends_of_the_share_are_the_parents_and_their_order_does_not_matter() {
        let information: [&[f32]; 2] = [&[0.3, 4.1], &[0.0, 1e-9]];
        assert_eq!(fisher(&[&ONE, &TWO], &information, &[1.0, 0.0]), ONE);
        assert_eq!(fisher(&[&ONE, &TWO], &information, &[0.0, 1.0]), TWO);
        let swapped = fisher(&[&TWO, &ONE], &[information[1], information[0]], &[0.3, 0.7]);
        assert_eq!(fisher(&[&ONE, &TWO], &information, &[0.7, 0.3]), swapped);
    }

    #[test]
    fn equal_information_gives_the_average_and_so_does_task_arithmetic_with_a_half() {
        let average = weighted(&[&ONE, &TWO], |_, _| 0.5);
        assert_eq!(average, [3.0, -1.0]);
        assert_eq!(fisher(&[&ONE, &TWO], &[&[0.7, 0.2], &[0.7, 0.2]], &[0.5, 0.5]), average);
        assert_eq!(fisher(&[&ONE, &TWO], &[&[0.0, 0.0], &[0.0, 0.0]], &[0.5, 0.5]), average, "nothing is known");
        assert_eq!(added(&[0.1, 7.3], &[&ONE, &TWO], 0.5), average);
    }
}
