//! A fixed classifier whose class vectors are the corners of a regular simplex, allotted before any class is seen.
//!
//! Biondi, Pernici, Bruni, Del Bimbo: CoReS: Compatible Representations via Stationarity, TPAMI 2023. Models that are
//! trained apart, each under the same corners, land in the same place, so nothing of the old model is needed; but the
//! old model must have been trained like this, too.
//!
//! d dims hold K = d + 1 corners with cosine -1/(K - 1) between any two. Plain cross entropy over all K of them, on features
//! that are normalised for retrieval only.

use burn::module::Module;
use burn::tensor::{Tensor, TensorData};
use protocol::{Claim, MethodCard, Parameter, Stage};

use super::{Features, Independent};
use crate::claims::arms::{MORE, Values};
use crate::claims::{Arm, Change, Fact, LAB, Measure, NEW_OLD, Rule, judged};
use crate::frames::{Addition, Extended, Head};
use crate::methods::{Before, Method, encoder_dims};
use crate::{Batch, Init, LabError, Setup, Term, normalize, start};

pub(super) const METHOD: Method = Method {
    id: "simplex",
    card,
    claims: judged(CLAIMS),
    check,
    stored_dims: encoder_dims,
    start: start::<Extended<Simplex>>,
};

/// Nothing but another head.
#[derive(Module, Debug)]
pub struct Simplex {}

fn card() -> MethodCard {
    MethodCard::new(METHOD.id, "d-Simplex")
        .summary("The head is not trained: its K rows are the corners of a simplex, the same for every model, with cosine −1/(K − 1) between any two.")
        .paper("Biondi, Pernici, Bruni, Del Bimbo: CoReS: Compatible Representations via Stationarity, TPAMI 2023")
        .comparison("All dims of both embeddings, re-normalised; the old model must have used the same head.")
        .parameters([head_parameter()])
        .losses([Claim::new("task", "Cross entropy over all rows of the head, those of no class included.")])
        .claims([
            Claim::new("compatible by the head alone", "Two models that were trained apart find each other's items."),
            Claim::new("a learned head is not", "With learned rows the same training gives incompatible models."),
        ])
}

const BY: &str = "Biondi et al. 2023 (CoReS)";
/// Rows that are learned, as a control.
const LEARNED: Values = &[("head", 2.0)];
const SIMPLEX: &Arm = &Arm::extended("simplex", Change::Every("simplex", &[]));
const LEARNED_ROWS: &Arm = &Arm::extended("simplex, learned rows", Change::Every("simplex", LEARNED));
const MORE_DATA: &Arm = &Arm::new("more data, simplex", MORE, Change::Every("simplex", &[]));
const MORE_DATA_RANDOM: &Arm = &Arm::new("more data, random rows", MORE, Change::Every("simplex", &[("head", 1.0)]));
const MORE_DATA_LEARNED: &Arm = &Arm::new("more data, learned rows", MORE, Change::Every("simplex", LEARNED));

const CLAIMS: &[Rule] = &[
    Rule::new(
        "14",
        BY,
        "Two networks trained apart on the same classes under one simplex are compatible",
        Measure::compatible(MORE_DATA),
    )
    .published(
        "Verification of pairs from CIFAR-10 by models of ten growing shares of the classes of \
         CIFAR-100, 99 dims; no number is at hand",
    )
    .differs(
        "There classes grow and pairs of classes that no model saw are verified; here the data of the \
         same classes grow and all images are ranked.",
    ),
    Rule::new(
        "14-learned",
        BY,
        "Under learned heads they are not: the cross-test is within twice the chance level",
        Measure::BelowTwiceChance((MORE_DATA_LEARNED, NEW_OLD)),
    )
    .published("With a learned classifier AC is about 0 in the authors' later pipeline (IAM-CL2R)")
    .differs(
        "Of ten classes a whole one can happen to lie where an old one does, so single runs scatter \
         around chance.",
    ),
    Rule::new(
        "14-class",
        BY,
        "They are compatible, too, where the new one learns more classes",
        Measure::compatible(SIMPLEX),
    )
    .published(
        "Verification of pairs from CIFAR-10 by models of ten growing shares of the classes of \
         CIFAR-100, 99 dims; no number is at hand",
    )
    .differs(
        "The old model has nothing at the corners of classes that it never saw, which are half of this \
         gallery; the paper verifies pairs of classes that no model saw.",
    ),
    Rule::new(
        "14-class-learned",
        LAB,
        "There, too, new queries find more in the old gallery under a simplex than under learned heads, by ten points and more",
        Measure::cross_tests(LEARNED_ROWS, SIMPLEX),
    )
    .at_least(10.0)
    .tried_with(SIMPLEX),
    Rule::new(
        "14-random",
        LAB,
        "It is the fixed rows that do it: with random ones the cross-test is the same, within a point",
        Measure::Near {
            one: (MORE_DATA, Fact::Score(NEW_OLD)),
            other: (MORE_DATA_RANDOM, Fact::Score(NEW_OLD)),
            by: 1.0,
        },
    )
    .differs("Random rows of 32 dims are about at right angles, which is nearly how the corners of a simplex lie."),
];

/// The parameter that says which head.
pub(super) fn head_parameter() -> Parameter {
    Parameter::options(
        "head",
        "Head",
        &["Simplex, fixed", "Random, fixed", "Learned"],
        "Random rows, the same for all models of the run, tell fixed from simplex; learned rows are the control.",
    )
}

/// The head that the parameter asks for.
pub(super) fn head(setup: &mut Setup) -> Result<Head, LabError> {
    let dims = setup.stored_dims()?;
    let device = setup.engine.training();
    let fixed = |rows: Vec<f32>, equal| {
        Head::fixed(normalize(Tensor::from_data(TensorData::new(rows, [dims + 1, dims]), &device)), equal)
    };
    Ok(match setup.value("head")? {
        2.0 => Head::linear(setup, dims + 1, dims),
        1.0 => {
            let stream = setup.seed.stream("simplex/random head");
            fixed(Init::new(stream, device.clone()).normal(dims + 1, dims), None)
        }
        // -1/(K - 1) with K = dims + 1.
        _ => fixed(simplex(dims), Some(-(dims as f64).recip())),
    })
}

pub(super) fn check(stage: &Stage, before: Option<Before>) -> Result<(), LabError> {
    let (dims, classes) = (stage.dims, stage.classes);
    if classes > dims + 1 {
        return Err(LabError::Scenario(format!(
            "A simplex in {dims} dims has {} corners, too few for {classes} classes; choose at least {} dims.",
            dims + 1,
            classes - 1
        )));
    }
    if let Some(Before { dims: old_dims, .. }) = before.filter(|before| before.dims != dims as usize) {
        return Err(LabError::Scenario(format!(
            "The corners of a simplex depend on its dims: the old model has {old_dims}, the new one {dims}; choose {old_dims}."
        )));
    }
    Ok(())
}

/// The `dims + 1` corners of a regular simplex around the origin, `[dims + 1, dims]` row-major, unit rows.
pub fn simplex(dims: usize) -> Vec<f32> {
    let n = dims as f64;
    let last = (1.0 - (1.0 + n).sqrt()) / n;
    // The axes, and the point with all coordinates equal that is as far from them as they are from each other.
    let mut rows: Vec<Vec<f64>> =
        (0..dims).map(|one| (0..dims).map(|dim| f64::from(u8::from(dim == one))).collect()).collect();
    rows.push(vec![last; dims]);
    let mean = (1.0 + last) / (n + 1.0);
    let centred = rows.into_iter().map(|row| row.into_iter().map(|value| value - mean).collect::<Vec<f64>>());
    let unit = centred.flat_map(|row| {
        let norm = row.iter().map(|value| value * value).sum::<f64>().sqrt();
        row.into_iter().map(move |value| (value / norm) as f32)
    });
    unit.collect()
}

impl Addition for Simplex {
    fn new(setup: &mut Setup, base: &mut Independent) -> Result<Self, LabError> {
        base.head = head(setup)?;
        Ok(Self {})
    }

    fn terms(&self, _: &Independent, _: &Features, _: &Batch) -> Result<Vec<Term>, LabError> {
        Ok(Vec::new())
    }
}

#[cfg(test)]
#[allow(clippy::indexing_slicing)]
mod tests {
    use super::*;

    #[test]
    fn corners_have_length_one_and_the_same_cosine_between_any_two() {
        for dims in [2, 9, 32, 128] {
            let rows = simplex(dims);
            assert_eq!(rows.len(), (dims + 1) * dims);
            for (i, left) in rows.chunks(dims).enumerate() {
                for (j, right) in rows.chunks(dims).enumerate() {
                    let cosine: f32 = left.iter().zip(right).map(|(left, right)| left * right).sum();
                    let expected = if i == j { 1.0 } else { -1.0 / dims as f32 };
                    assert!((cosine - expected).abs() < 1e-5, "{dims} dims, rows {i} and {j}: {cosine}");
                }
            }
        }
    }

    #[test]
    fn more_classes_than_corners_and_other_dims_are_refused() {
        let stage = |dims, classes| Stage { dims, classes, ..Stage::default() };
        let sentence = |stage: &Stage, before| check(stage, before).map_err(|error| error.to_string()).err();
        assert_eq!(sentence(&stage(9, 10), None), None);
        assert_eq!(
            sentence(&stage(8, 10), None).as_deref(),
            Some("A simplex in 8 dims has 9 corners, too few for 10 classes; choose at least 9 dims.")
        );
        let old = stage(16, 5);
        assert_eq!(
            sentence(&stage(32, 10), Some(Before { stage: &old, dims: 16, from: &[], others: &[] })).as_deref(),
            Some("The corners of a simplex depend on its dims: the old model has 16, the new one 32; choose 16.")
        );
    }
}
