//! Adapters with a closed form: fitted on the features of the same images by both models, not trained.

use std::sync::Arc;

use burn::tensor::{Tensor, TensorData};
use measure::Features;
use measure::alignment::{Adapter, Embedding, Fitted};
use protocol::{Claim, Parameter, Stage};

use crate::methods::{Before, old_only};
use crate::{Batch, Bridge, Inputs, LabError, Model, Portable, RowMap, Setup, Step, StoredFeatures, Training};

/// How the two models are called in messages of a fit.
const NEW: &str = "new";
const OLD: &str = "old";

/// The parameter that [`direction`] describes.
const DIRECTION: &str = "direction";
/// What a run says of itself where the direction is wrong.
const REVERSED: &str = "A control for teaching: the map leads from the old space into the new one and is put on the new queries \
                        all the same.";

/// What fits made of the pairs.
pub(crate) struct Fit {
    /// From the new space into the old one, unless the direction is wrong.
    pub adapter: Adapter,
    /// See [`Bridge::with_fusion`].
    pub fusion: Option<f64>,
    /// What a reader of the results must know, in sentences.
    pub notices: Vec<String>,
}

impl From<Fitted> for Fit {
    fn from(Fitted { adapter, report }: Fitted) -> Self {
        Self { adapter, fusion: None, notices: report.warning.into_iter().collect() }
    }
}

/// The pairs that a map is fitted on: row `i` of both is of image `i`.
pub(crate) struct Pairs {
    new: StoredFeatures,
    old: StoredFeatures,
    /// Whether the map is fitted the wrong way round.
    reversed: bool,
}

impl Pairs {
    /// Those that the parameters ask for; see [`pairs`].
    fn of(setup: &Setup) -> Result<Self, LabError> {
        let (new, old) = setup.pairs()?;
        let mut order = setup.seed.stream("pairs").shuffled(new.labels().len());
        order.truncate(setup.value("pairs")? as usize);
        let reversed = is_reversed(setup.stage);
        Ok(Self { new: new.only(&order), old: old.only(&order), reversed })
    }

    /// Rows on the side that the map starts from: the new model's, unless the direction is the wrong one.
    pub fn source(&self) -> Result<Embedding<'_>, LabError> {
        if self.reversed { self.by_old() } else { self.by_new() }
    }

    /// Rows on the side that it leads to.
    pub fn target(&self) -> Result<Embedding<'_>, LabError> {
        if self.reversed { self.by_new() } else { self.by_old() }
    }

    /// Rows by the new model.
    pub fn by_new(&self) -> Result<Embedding<'_>, LabError> {
        Ok(Embedding { model: NEW, rows: Features::new(self.new.rows(), self.new.dims())? })
    }

    /// Rows by the old model.
    pub fn by_old(&self) -> Result<Embedding<'_>, LabError> {
        Ok(Embedding { model: OLD, rows: Features::new(self.old.rows(), self.old.dims())? })
    }

    /// Class of each pair.
    pub fn labels(&self) -> &[u32] {
        self.new.labels()
    }
}

/// The parameters that say which pairs a map is fitted on.
pub(crate) fn pairs() -> Vec<Parameter> {
    vec![
        Parameter::integer(
            "pairs",
            "Pairs",
            (8, 20000),
            20000,
            "Training images that both models embed for the fit; at most all of them.",
        ),
        old_only(),
    ]
}

/// Which way the map is fitted, for families that fit either way.
pub(crate) fn direction() -> Parameter {
    Parameter::options(
        DIRECTION,
        "Direction",
        &["New to old", "Reversed"],
        "Reversed is a control for teaching, the classic mistake: the map from the old space into the new one, for a rotation its \
         transpose, is put on the new queries.",
    )
}

fn is_reversed(stage: &Stage) -> bool {
    stage.method.values.get(DIRECTION) == Some(&1.0)
}

/// A map can only be put on the wrong side where both sides are equally wide.
pub(crate) fn check(stage: &Stage, before: Option<Before>) -> Result<(), LabError> {
    let (dims, old_dims) = (stage.dims as usize, before.map_or(stage.dims as usize, |before| before.dims));
    if is_reversed(stage) && dims != old_dims {
        return Err(LabError::Scenario(format!(
            "A reversed map takes the {old_dims} dims of the old model, but new queries have {dims}; choose {old_dims}."
        )));
    }
    Ok(())
}

/// What adapters claim by their nature.
pub(crate) fn no_tax() -> Claim {
    Claim::new("no tax", "The new model stays as it is, so the self-test is the ceiling exactly.")
}

/// Fits and is done: the [`start`](crate::methods::Method::start) of methods with a closed form.
pub(crate) fn start(
    setup: &Setup,
    fit: impl FnOnce(&Setup, &Pairs) -> Result<Fit, LabError>,
) -> Result<Box<dyn Training>, LabError> {
    let pairs = Pairs::of(setup)?;
    let Fit { adapter, fusion, mut notices } = fit(setup, &pairs)?;
    notices.extend(pairs.reversed.then(|| REVERSED.to_owned()));
    let (inputs, dims) = (adapter.source_mean().len(), adapter.target_mean().len());
    // (v - mx) W + my as one layer.
    let shift = adapter.source_mean().iter().zip(adapter.matrix().chunks_exact(dims.max(1)));
    let mut bias = adapter.target_mean().to_vec();
    for (mean, row) in shift {
        bias.iter_mut().zip(row).for_each(|(bias, weight)| *bias -= mean * weight);
    }
    let single = |values: &[f64]| values.iter().map(|&value| value as f32).collect::<Vec<f32>>();
    let device = setup.engine.device();
    let weight = Tensor::from_data(TensorData::new(single(adapter.matrix()), [inputs, dims]), device);
    let mut file = Portable::default();
    file.affine("bridge", weight, Some(Tensor::from_data(TensorData::new(single(&bias), [dims]), device)));
    let mut bridge = Bridge::of_queries(RowMap::new(file, inputs, dims)?);
    if let Some(fusion) = fusion {
        bridge = bridge.with_fusion(fusion);
    }
    let model = Arc::new(Bridged { new: setup.independent()?.clone(), bridge });
    Ok(Box::new(Done { model, notices }))
}

/// Nothing to train: the model as it is.
pub(crate) fn done(model: Arc<dyn Model>) -> Box<dyn Training> {
    Box::new(Done { model, notices: Vec::new() })
}

/// The independent model with an adapter of its queries.
struct Bridged {
    new: Arc<dyn Model>,
    bridge: Bridge,
}

impl Model for Bridged {
    fn embed(&self, items: &Inputs) -> Result<Tensor<2>, LabError> {
        self.new.embed(items)
    }

    fn dims(&self) -> usize {
        self.new.dims()
    }

    fn parameters(&self) -> u64 {
        self.new.parameters() + self.bridge.parameters()
    }

    fn portable(&self) -> Portable {
        self.new.portable()
    }

    fn classifier(&self) -> Option<Tensor<2>> {
        self.new.classifier()
    }

    fn is_cosine(&self) -> bool {
        self.new.is_cosine()
    }

    fn orthogonality(&self) -> Option<Tensor<1>> {
        self.new.orthogonality()
    }

    fn bridge(&self) -> Result<Option<Bridge>, LabError> {
        Ok(Some(self.bridge.clone()))
    }
}

/// A training that was over before it began.
struct Done {
    model: Arc<dyn Model>,
    notices: Vec<String>,
}

impl Training for Done {
    fn step(&mut self, _: &Batch, _: f64) -> Result<Step, LabError> {
        Ok(Step::default())
    }

    fn model(&self) -> Result<Arc<dyn Model>, LabError> {
        Ok(self.model.clone())
    }

    fn notices(&self) -> Vec<String> {
        self.notices.clone()
    }
}
