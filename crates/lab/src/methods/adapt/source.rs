//! The network that is put into use: trained on clean pictures, with batch normalisation.
//!
//! While it trains, the statistics of each batch normalise it, and stored ones follow them: `s <- 0.9 s + 0.1 s_batch` (Ioffe, Szegedy:
//! Batch Normalization, ICML 2015). Once it is done the stored ones normalise. The variance of a batch is divided by the number of
//! its values both in the forward pass and in what is stored; frameworks divide by one less in the latter, which for the thousands of
//! values here is the same to four digits.

use std::collections::BTreeMap;

use burn::module::Module;
use burn::tensor::Tensor;
use data::{ImageShape, ItemShape};
use protocol::{Claim, ItemKind, MethodCard, Parameter, Read, Reference, Suits};

use super::net::{LEAST_SIDE, Mode, Net, Statistics};
use crate::frames::Head;
use crate::methods::{Method, anything_goes, encoder_dims};
use crate::numbers::load;
use crate::{Batch, Inputs, LabError, Portable, Setup, System, Term, normalize, start};

pub(super) const METHOD: Method = Method {
    id: "bn-source",
    card,
    claims: &[],
    check: anything_goes,
    stored_dims: encoder_dims,
    start: start::<Source>,
};

/// Parameter: channels of the first convolution.
const CHANNELS: &str = "channels";
/// Name of what is left beside the numbers: channels, and the scale of the logits.
const SHAPE: &str = "shape";
/// How far stored statistics go towards those of a batch.
const MOMENTUM: f64 = 0.1;

/// A network with batch normalisation under a head of cosines.
#[derive(Module, Debug)]
pub struct Source {
    pub(super) net: Net,
    head: Head,
    dims: usize,
    channels: usize,
    scale: f64,
}

/// What it says of a batch.
pub(super) struct Asked {
    /// Logits, `[batch, classes]`.
    pub(super) scores: Tensor<2>,
    /// Unit embeddings, `[batch, dims]`.
    pub(super) features: Tensor<2>,
    /// Statistics of the batch, layer by layer; none where stored ones normalise.
    pub(super) batch: Vec<Statistics>,
}

fn card() -> MethodCard {
    MethodCard::new(METHOD.id, "CNN with batch norm")
        .summary("Trained on clean pictures as any model; its batch normalisation is what can be adapted to other ones later.")
        .paper("Ioffe, Szegedy: Batch Normalization: Accelerating Deep Network Training by Reducing Internal Covariate Shift, ICML 2015")
        .suits(Suits { items: vec![ItemKind::Pixels], parents: [0, 1] })
        .brings_its_net()
        .reference(Reference::None)
        .reads([Read::Retrieval, Read::Knowledge])
        .comparison("The common prefix of both embeddings, re-normalised; nothing makes the two spaces agree.")
        .parameters([Parameter::integer(
            CHANNELS,
            "Channels",
            (4, 32),
            8,
            "Channels of the first of three convolutions; the others have twice and four times as many. The method brings this network of its own.",
        )])
        .losses([Claim::new("task", "Cross entropy of scaled cosine logits, normalised by the statistics of the batch.")])
}

impl Source {
    /// A network of this width whose numbers are still to come.
    fn made(setup: &mut Setup, head: Head, dims: usize, (channels, scale): (usize, f64)) -> Result<Self, LabError> {
        let input = pictures(setup.input)?;
        Ok(Self { net: Net::new(channels, input, dims, &mut setup.init), head, dims, channels, scale })
    }

    /// The network of the stage before, as it was when it was done.
    ///
    /// # Errors
    /// [`LabError::Scenario`] if that one was not trained here, [`LabError::Unasked`] if the method's card does not ask for what it
    /// takes.
    pub(super) fn of_parent(setup: &mut Setup) -> Result<Self, LabError> {
        let gone = || {
            LabError::Scenario(
                "A network can be adapted as long as its batch normalisation stands apart; in a file it is part of the convolutions. Train the model before here."
                    .to_owned(),
            )
        };
        let parent = setup.parent()?;
        let (classes, dims, weights) = (parent.classes, parent.dims, parent.weights()?.to_vec());
        let Some(&[channels, scale]) = parent.kept()?.get(SHAPE).map(Vec::as_slice) else { return Err(gone()) };
        // Few enough to be exact.
        let shape = (channels as usize, f64::from(scale));
        let head = Head::from_rows(Tensor::zeros([classes, dims], setup.init.device()), shape.1);
        let (mut source, left) = load(Self::made(setup, head, dims, shape)?, &weights);
        let stored = left.and_then(|memory| source.net.read(memory)).ok_or_else(gone)?;
        source.net.follow(stored, 1.0);
        Ok(source)
    }

    /// What it says of a batch, normalised in this way.
    ///
    /// # Errors
    /// [`LabError::Items`] of what are no pictures.
    pub(super) fn ask(&self, items: &Inputs, mode: Mode) -> Result<Asked, LabError> {
        let (raw, batch) = self.net.forward(items.pixels()?, mode);
        let features = normalize(raw);
        Ok(Asked { scores: self.head.logits(features.clone()), features, batch })
    }

    /// The loss terms, with the statistics of the batch.
    fn task(&self, batch: &Batch) -> Result<(Vec<Term>, Vec<Statistics>), LabError> {
        let asked = self.ask(&batch.items, Mode::Mixed(1.0))?;
        let loss = self.head.loss(asked.features, batch.labels()?);
        Ok((vec![Term::new("task", 1.0, loss)], asked.batch))
    }
}

/// The shape of pictures that are large enough.
fn pictures(input: ItemShape) -> Result<ImageShape, LabError> {
    match input {
        ItemShape::Pixels(shape) if shape.height.min(shape.width) >= LEAST_SIDE => Ok(shape),
        _ => Err(LabError::Scenario(format!(
            "The network with batch norm looks at pictures of at least {LEAST_SIDE} x {LEAST_SIDE} pixels, but the items are {input}; choose another method."
        ))),
    }
}

impl System for Source {
    fn new(setup: &mut Setup) -> Result<Self, LabError> {
        let (dims, scale) = (setup.stage.dims as usize, setup.stage.schedule.scale);
        // A settled number of channels is whole and small.
        let channels = setup.value(CHANNELS)? as usize;
        let head = Head::cosine(setup, dims);
        Self::made(setup, head, dims, (channels, scale))
    }

    fn embed(&self, items: &Inputs) -> Result<Tensor<2>, LabError> {
        Ok(self.ask(items, Mode::Stored)?.features)
    }

    fn losses(&self, batch: &Batch) -> Result<Vec<Term>, LabError> {
        Ok(self.task(batch)?.0)
    }

    fn losses_of_step(&mut self, batch: &Batch) -> Result<Vec<Term>, LabError> {
        let (terms, statistics) = self.task(batch)?;
        self.net.follow(statistics, MOMENTUM);
        Ok(terms)
    }

    fn dims(&self) -> usize {
        self.dims
    }

    fn portable(&self) -> Portable {
        let mut file = Portable::default();
        self.net.describe(&mut file);
        file.normalize();
        file
    }

    fn classifier(&self) -> Option<Tensor<2>> {
        Some(self.head.rows())
    }

    fn leave(&self, _: Option<&Inputs>) -> Result<BTreeMap<&'static str, Tensor<1>>, LabError> {
        let device = self.head.rows().device();
        // Both are exact in single precision, or were chosen in steps far above it.
        let shape = Tensor::from_floats([self.channels as f32, self.scale as f32], &device);
        Ok(BTreeMap::from([(SHAPE, shape.without_autodiff())]))
    }

    fn memory(&self) -> Option<Tensor<1>> {
        Statistics::flat(&self.net.stored().cloned().collect::<Vec<_>>())
    }

    fn remember(&mut self, memory: &[f32]) {
        if let Some(stored) = self.net.read(memory) {
            self.net.follow(stored, 1.0);
        }
    }
}
