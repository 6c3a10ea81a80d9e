//! A model in use adapts to what it is asked, without a label and without a pass over old data. Four rows of one mechanism.
//!
//! *alpha-BN* (You, Li, Zhao: Test-time Batch Statistics Calibration for Covariate Shift, 2021) normalises each layer by statistics
//! between those of training and those of the batch at hand, with scale and shift as they were trained:
//!
//! `mu = (1 - alpha) mu_source + alpha mu_batch`, and the variance likewise.
//!
//! Nothing builds up from batch to batch: the source statistics stay those of training. `alpha` 0 is the source model, 1 is test-time
//! normalisation (Nado et al. 2020; Schneider et al. 2020). The variance of a batch is divided by the number of its values; the port in
//! widest use divides by one less, which differs where a batch is one small picture. The paper's second part, an online loss on the
//! correlation of classes (Core), is left out: its formula could not be confirmed.
//!
//! *TENT* (Wang et al.: Tent: Fully Test-Time Adaptation by Entropy Minimization, ICLR 2021) normalises by the batch alone and takes a step
//! of Adam down the mean entropy of its own answers, on scales and shifts of the normalisation and nothing else. A batch is answered
//! before the step. As in its protocol for corruptions, each domain starts from the source again, unless it is told to go on.

use std::sync::Arc;

use burn::module::Module;
use burn::optim::GradientsParams;
use burn::tensor::Tensor;
use burn::tensor::activation::log_softmax;

use super::net::{Mode, Statistics};
use super::rows::ENTROPY;
use super::source::{Asked, Source};
use crate::adam::Adam;
use crate::frames::trained;
use crate::numbers::{load, parameters};
use crate::{Answers, Batch, Inputs, LabError, Model, Portable, Setup, Step, System, Term, Training};

/// The source as it is served.
#[derive(Module, Debug)]
pub struct Served {
    source: Source,
    /// Share of the batch in the statistics, `0..=1`.
    alpha: f64,
}

impl Served {
    /// The network of the stage before with this share of the batch in its statistics, which learns nothing.
    ///
    /// # Errors
    /// As [`Source::of_parent`].
    pub(super) fn of_parent(setup: &mut Setup, alpha: f64) -> Result<Self, LabError> {
        Ok(Self { source: Source::of_parent(setup)?.no_grad(), alpha })
    }

    /// The same, in which scales and shifts of the normalisation learn and nothing else does.
    fn learning(mut self) -> Self {
        self.source.net = self.source.net.with_affine_alone();
        self
    }

    /// What it says of a batch.
    fn ask(&self, items: &Inputs) -> Result<Asked, LabError> {
        let mode = if self.alpha == 0.0 { Mode::Stored } else { Mode::Mixed(self.alpha) };
        self.source.ask(items, mode)
    }

    /// What is left in use when no batch is looked at any more: the statistics in place of the batch's are those that were `seen`.
    fn frozen(&self, seen: &Seen) -> Self {
        let mut frozen = self.valid();
        frozen.source.net.follow(seen.mean.clone(), self.alpha);
        frozen
    }
}

/// Mean entropy of the answers in nats, shape `[1]`.
///
/// # Shapes
/// - scores: `[batch, classes]`, logits
pub(super) fn entropy(scores: Tensor<2>) -> Tensor<1> {
    let logs = log_softmax(scores, 1);
    (logs.clone().exp() * logs).sum_dim(1).mean().neg()
}

impl System for Served {
    /// The one that learns: of TENT.
    fn new(setup: &mut Setup) -> Result<Self, LabError> {
        Ok(Self::of_parent(setup, 1.0)?.learning())
    }

    fn embed(&self, items: &Inputs) -> Result<Tensor<2>, LabError> {
        self.source.embed(items)
    }

    fn losses(&self, batch: &Batch) -> Result<Vec<Term>, LabError> {
        Ok(vec![Term::new(ENTROPY, 1.0, entropy(self.ask(&batch.items)?.scores))])
    }

    fn dims(&self) -> usize {
        self.source.dims()
    }

    fn portable(&self) -> Portable {
        self.source.portable()
    }

    fn classifier(&self) -> Option<Tensor<2>> {
        self.source.classifier()
    }
}

/// Means of the statistics of the batches since the start of the domain, each counting by its items.
#[derive(Clone, Debug, Default)]
struct Seen {
    items: usize,
    mean: Vec<Statistics>,
}

impl Seen {
    fn take(&mut self, items: usize, batch: Vec<Statistics>) {
        self.items += items;
        let share = items as f64 / self.items.max(1) as f64;
        self.mean = match self.mean.is_empty() {
            true => batch,
            false => self.mean.iter().zip(&batch).map(|(mean, batch)| mean.towards(batch, share)).collect(),
        };
    }
}

/// What learns from answers.
struct Learning {
    optimizer: Adam,
    rate: f64,
}

/// A stage that answers a stream.
pub(super) struct Adapting {
    /// As it was before the first batch.
    start: Served,
    now: Option<Served>,
    learning: Option<Learning>,
    /// Whether each domain starts from the source again.
    resets: bool,
    domain: Option<usize>,
    seen: Seen,
}

impl Adapting {
    /// A stage that learns nothing.
    pub(super) fn still(served: &Served) -> Box<dyn Training> {
        Box::new(Self::new(served.valid(), None, true))
    }

    /// A stage that learns at this rate, in each domain from the start if it `resets`.
    pub(super) fn learning(served: Served, rate: f64, resets: bool) -> Box<dyn Training> {
        Box::new(Self::new(served, Some(Learning { optimizer: Adam::new(0.0), rate }), resets))
    }

    fn new(start: Served, learning: Option<Learning>, resets: bool) -> Self {
        let now = Some(start.clone());
        Self { start, now, learning, resets, domain: None, seen: Seen::default() }
    }

    /// Forgets what it made of the domain before.
    fn enter(&mut self, domain: usize) {
        if self.domain.replace(domain) == Some(domain) {
            return;
        }
        self.seen = Seen::default();
        if self.resets {
            self.now = Some(self.start.clone());
            if let Some(learning) = &mut self.learning {
                learning.optimizer = Adam::new(0.0);
            }
        }
    }
}

fn missing() -> LabError {
    LabError::Missing("The system in use".to_owned())
}

impl Training for Adapting {
    fn step(&mut self, batch: &Batch, _: f64) -> Result<Step, LabError> {
        self.enter(batch.domain);
        // Taken out, not cloned: the optimiser then owns the only handle and can update in place.
        let now = self.now.take().ok_or_else(missing)?;
        let count = batch.items.len();
        let Some(learning) = &mut self.learning else {
            let Asked { scores, features, batch } = now.ask(&batch.items.clone().inner())?;
            self.now = Some(now);
            self.seen.take(count, batch);
            return Ok(Step { terms: Vec::new(), answers: Some(Answers { scores, features: Some(features) }) });
        };
        let Asked { scores, features, batch } = now.ask(&batch.items)?;
        let answers = Answers { scores: scores.clone().inner(), features: Some(features.inner()) };
        let loss = entropy(scores);
        let gradients = GradientsParams::from_grads(loss.backward(), &now);
        self.now = Some(learning.optimizer.step(learning.rate, now, gradients));
        self.seen.take(count, batch.into_iter().map(Statistics::inner).collect());
        Ok(Step { terms: vec![Term::new(ENTROPY, 1.0, loss.inner())], answers: Some(answers) })
    }

    fn model(&self) -> Result<Arc<dyn Model>, LabError> {
        Ok(trained(&self.now.as_ref().ok_or_else(missing)?.frozen(&self.seen)))
    }

    fn weights(&self) -> Option<Tensor<1>> {
        let now = self.now.as_ref()?.valid();
        let seen = match self.seen.mean.is_empty() {
            true => now.source.memory()?,
            false => Statistics::flat(&self.seen.mean)?,
        };
        // Exact up to 2^24 items; -1 stands for no domain.
        let domain = self.domain.map_or(-1.0, |domain| domain as f32);
        let place = Tensor::from_floats([self.seen.items as f32, domain], &seen.device());
        let mut parts = vec![place, seen];
        if self.learning.is_some() {
            parts.extend(parameters(&now));
        }
        Some(Tensor::cat(parts, 0))
    }

    fn moments(&self) -> Option<Tensor<1>> {
        let learning = self.learning.as_ref()?;
        let parts = learning.optimizer.moments(self.now.as_ref()?);
        (!parts.is_empty()).then(|| Tensor::cat(parts, 0))
    }

    fn restore(&mut self, weights: &[f32], moments: &[f32]) -> Result<(), LabError> {
        let others = || LabError::Checkpoint("its numbers are not those of this model".to_owned());
        let now = self.now.take().ok_or_else(missing)?;
        let many = now.source.memory().map_or(0, |memory| memory.shape().num_elements());
        let Some((&[items, domain], rest)) = weights.split_first_chunk::<2>() else { return Err(others()) };
        let (seen, rest) = rest.split_at_checked(many).ok_or_else(others)?;
        let seen = now.source.valid().net.read(seen).ok_or_else(others)?;
        self.domain = (domain >= 0.0).then_some(domain as usize);
        self.seen = match items > 0.0 && self.start.alpha > 0.0 {
            true => Seen { items: items as usize, mean: seen },
            false => Seen { items: items as usize, mean: Vec::new() },
        };
        self.now = Some(match &mut self.learning {
            Some(learning) => {
                let (now, left) = load(now, rest);
                left.filter(|left| left.is_empty()).ok_or_else(others)?;
                if !moments.is_empty() {
                    learning.optimizer.restore(&now, moments).ok_or_else(others)?;
                }
                now
            }
            None if rest.is_empty() => now,
            None => return Err(others()),
        });
        Ok(())
    }
}
