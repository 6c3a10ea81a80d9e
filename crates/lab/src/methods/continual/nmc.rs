//! Nearest mean classifier: the encoder stays as it is, and each class is the mean of its features.
//!
//! Janson, Zhang, Aljundi, Elhoseiny: A Simple Baseline that Questions the Use of Pretrained-Models in Continual Learning, 2022. Over
//! one pass of the training items, with `f` the unit embedding:
//!
//! `mu_y <- mu_y + (f - mu_y) / n_y`, and the answer is `argmax_c cos(f, mu_c)`
//!
//! The paper's encoder was trained elsewhere on far more data. Here it is what the stage before deploys, trained on the first task or
//! on whatever that stage saw: `24-sequential`, `24-ewc` and `24-replay` judge that. Means of the classes before come from the system
//! before, over the items that it was trained on itself ([`Need::Means`]); its data are not looked at again later, unless a stage
//! sees or rehearses items that one before it saw: those count again, so that a mean leans towards what was seen twice. A class that
//! no system in the line ever kept a mean of is never answered, and the run says so.

use std::collections::BTreeMap;
use std::sync::Arc;

use burn::tensor::{Tensor, TensorData};
use protocol::{Claim, MethodCard, Need, Parameter, Stage};

use super::{AVERAGE, EWC, LAST, REPLAY, SEQUENTIAL, STREAM};
use crate::claims::{Arm, Change, Fact, LAB, Measure, OLD, OLD_OLD, Rule, judged};
use crate::methods::{Before, Method, encoder_dims, other_encoder};
use crate::{Again, Batch, Inputs, LabError, Means, Model, Portable, Setup, Step, Training, normalize};

pub(super) const METHOD: Method = Method { id: "nmc", card, claims: judged(CLAIMS), check, stored_dims, start };

/// The parameter that says how near is measured.
const DISTANCE: &str = "distance";

/// What a class without a mean loses by: more than any cosine or distance of unit features can make up for.
const ABSENT: f32 = 1e3;

fn card() -> MethodCard {
    super::card(METHOD.id, "NMC")
        .summary("Nothing is trained: the old encoder stays, each class is the mean of its features, and the nearest mean is the answer.")
        .paper("Janson, Zhang, Aljundi, Elhoseiny: A Simple Baseline that Questions the Use of Pretrained-Models in Continual Learning, 2022")
        .needs([Need::Means, Need::StoredFeatures, Need::OldWeights])
        .comparison("All dims of both embeddings: they are the same, so every gallery stays what it was.")
        .parameters([Parameter::options(
            DISTANCE,
            "Nearest by",
            &["Cosine", "Euclidean distance"],
            "How near a unit feature is to the mean of a class; the length of a mean counts for the distance alone.",
        )])
        .claims([
            Claim::new(
                "beats trained baselines",
                "With a frozen encoder that was trained well elsewhere it beats methods that train on: 88.53 % on CIFAR-100 in 10 tasks.",
            ),
            Claim::new("no gallery breaks", "The embedding never changes, so the cross-test is the old self-test exactly."),
        ])
}

const BY: &str = "Janson et al. 2022 (NMC)";

/// The preset as it is.
const NMC: &Arm = &Arm::new("nmc", STREAM, Change::AsItIs);

const CLAIMS: &[Rule] = &[
    Rule::new(
        "24-sequential",
        BY,
        "NMC on a frozen encoder beats training on, though here the encoder has seen no more than the first task",
        Measure::between(SEQUENTIAL, NMC, AVERAGE),
    )
    .said("difference of average accuracy after five tasks, points")
    .published(
        "88.53 % on CIFAR-100 in 10 tasks with an encoder that was trained elsewhere, above methods \
         that train on",
    )
    .differs("The paper's encoder has seen far more data than the stream holds, this one two of the ten classes."),
    Rule::new("24-ewc", BY, "It beats EWC", Measure::between(EWC, NMC, AVERAGE))
        .said("difference of average accuracy after five tasks, points")
        .tried_with(NMC)
        .published(
            "88.53 % on CIFAR-100 in 10 tasks with an encoder that was trained elsewhere, above methods \
             that train on",
        )
        .differs(
            "The paper's encoder has seen far more data than the stream holds, this one two of the ten \
             classes; EWC's weight was chosen on training images of another seed.",
        ),
    Rule::new("24-replay", BY, "It beats replay of 20 images of each class", Measure::between(REPLAY, NMC, AVERAGE))
        .said("difference of average accuracy after five tasks, points")
        .tried_with(NMC)
        .published(
            "88.53 % on CIFAR-100 in 10 tasks with an encoder that was trained elsewhere, above methods \
             that train on",
        )
        .differs(
            "An encoder that has seen two of the ten classes bounds what nearest means can tell apart, and \
             a rehearsal of all classes has no such bound.",
        ),
    Rule::new(
        "24-gallery",
        LAB,
        "Its galleries never break: the last model finds in the first gallery what the first one does",
        Measure::Near { one: (NMC, Fact::Score((LAST, OLD))), other: (NMC, Fact::Score(OLD_OLD)), by: 0.01 },
    ),
];

fn stored_dims(stage: &Stage, before: Option<Before>) -> usize {
    before.map_or_else(|| encoder_dims(stage, None), |before| before.dims)
}

/// What it keeps must be what the stage says.
fn check(stage: &Stage, before: Option<Before>) -> Result<(), LabError> {
    let Some(Before { stage: old, .. }) = before else { return Ok(()) };
    if old.encoder != stage.encoder {
        return Err(other_encoder("NMC keeps the encoder of the model before as it is", &old.encoder, &stage.encoder));
    }
    if old.dims != stage.dims {
        return Err(LabError::Scenario(format!(
            "NMC keeps the embedding of the model before as it is: it has {} dims, the new stage {}; choose {}.",
            old.dims, stage.dims, old.dims
        )));
    }
    Ok(())
}

/// Takes the features of the stage's training items into the means, and is done.
fn start(setup: Setup) -> Result<Box<dyn Training>, LabError> {
    let parent = setup.parent()?;
    let mut means = parent.means()?.clone();
    means.grow(setup.classes);
    means.take_all(parent.stored()?);
    let encoder = parent.model()?.clone();
    let is_euclidean = setup.value(DISTANCE)? == 1.0;
    let model = Arc::new(Nearest::new(encoder, &means, is_euclidean, setup.engine.device()));
    Ok(Box::new(Counted { model, means }))
}

/// A training that was over before it began.
struct Counted {
    model: Arc<Nearest>,
    means: Means,
}

impl Training for Counted {
    fn step(&mut self, _: &Batch, _: f64) -> Result<Step, LabError> {
        Ok(Step::default())
    }

    fn model(&self) -> Result<Arc<dyn Model>, LabError> {
        Ok(self.model.clone())
    }

    fn finish(&mut self, _: Option<Again>) -> Result<BTreeMap<&'static str, Tensor<1>>, LabError> {
        Ok(self.means.left(&self.model.rows.device()))
    }

    fn notices(&self) -> Vec<String> {
        let absent = self.means.counts().iter().filter(|&&count| count == 0.0).count();
        let notice = || {
            format!(
                "NMC has no mean of {absent} of {} classes, of which no model in its line kept any; it never answers with them.",
                self.means.counts().len()
            )
        };
        (absent > 0).then(notice).into_iter().collect()
    }
}

/// A frozen encoder with class means.
struct Nearest {
    encoder: Arc<dyn Model>,
    /// What a unit feature is multiplied with, `[classes, dims]`.
    rows: Tensor<2>,
    /// What is taken off, `[1, classes]`.
    less: Tensor<2>,
}

impl Nearest {
    fn new(encoder: Arc<dyn Model>, means: &Means, is_euclidean: bool, device: &burn::tensor::Device) -> Self {
        let classes = means.counts().len();
        let rows = Tensor::from_data(TensorData::new(means.rows().to_vec(), [classes, means.dims()]), device);
        let absent = means.counts().iter().map(|&count| if count == 0.0 { ABSENT } else { 0.0 }).collect::<Vec<_>>();
        let absent = Tensor::<2>::from_data(TensorData::new(absent, [1, classes]), device);
        // -|f - mu|^2 is 2 f mu - |mu|^2 but for what is the same for all classes.
        let (rows, less) = match is_euclidean {
            true => (rows.clone().mul_scalar(2.0), rows.powi_scalar(2).sum_dim(1).transpose() + absent),
            false => (normalize(rows), absent),
        };
        Self { encoder, rows, less }
    }
}

impl Model for Nearest {
    fn embed(&self, items: &Inputs) -> Result<Tensor<2>, LabError> {
        self.encoder.embed(items)
    }

    fn answer(&self, items: &Inputs) -> Result<Option<Tensor<2>>, LabError> {
        let features = normalize(self.encoder.embed(items)?);
        Ok(Some(features.matmul(self.rows.clone().transpose()) - self.less.clone()))
    }

    fn dims(&self) -> usize {
        self.encoder.dims()
    }

    fn parameters(&self) -> u64 {
        self.encoder.parameters()
    }

    fn portable(&self) -> Portable {
        self.encoder.portable()
    }

    fn orthogonality(&self) -> Option<Tensor<1>> {
        self.encoder.orthogonality()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use burn::tensor::Device;
    use pollster::block_on;

    use super::*;
    use crate::PortableModel;
    use crate::engine::read;

    #[test]
    fn the_nearest_mean_by_angle_and_by_distance() {
        let device = Device::flex();
        let mut file = Portable::default();
        file.flatten();
        file.normalize();
        let encoder: Arc<dyn Model> = Arc::new(PortableModel::written(file, [1, 1, 2], 2).unwrap());
        let mut means = Means::new(2, 3);
        // The first class is in two minds, so its mean is short; of the third there is nothing.
        for (feature, class) in [([0.6, 0.8], 0), ([0.6, -0.8], 0), ([0.0, 1.0], 1)] {
            means.take(&feature, class);
        }
        let items = Inputs::Pixels(Tensor::from_data(TensorData::new(vec![3.0f32, 4.0], [1, 1, 1, 2]), &device));
        let scores = |is_euclidean| {
            let model = Nearest::new(encoder.clone(), &means, is_euclidean, &device);
            block_on(read(model.answer(&items).unwrap().unwrap())).unwrap()
        };
        let near = |found: Vec<f32>, expected: [f32; 3]| {
            assert!(found.iter().zip(expected).all(|(found, expected)| (found - expected).abs() < 1e-4), "{found:?}");
        };
        // f = (0.6, 0.8), means (0.6, 0) and (0, 1): cosines 0.6 and 0.8.
        near(scores(false), [0.6, 0.8, -ABSENT]);
        // 2 f mu - |mu|^2: 0.72 - 0.36 and 1.6 - 1, which is 1 less the squared distances 0.64 and 0.4.
        near(scores(true), [0.36, 0.6, -ABSENT]);
    }
}
