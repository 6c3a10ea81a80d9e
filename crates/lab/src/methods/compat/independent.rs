//! No compatibility at all: the first model of every run, the ceiling, and the teacher of methods that need one.

use burn::module::Module;
use burn::tensor::activation::log_softmax;
use burn::tensor::{Int, Tensor};
use protocol::{BackfillOrder, Choice, Claim, MethodCard, Reference, Role};

use super::bct;
use crate::claims::arms::INDEPENDENT;
use crate::claims::{Fact, LAB, Measure, NEW, NEW_OLD, Rule, judged};
use crate::encoders::Encoder;
use crate::frames::Head;
use crate::methods::{Method, anything_goes, encoder_dims};
use crate::{Batch, FixedHead, Inputs, LabError, Portable, Setup, System, Term, normalize, start};

pub(super) const METHOD: Method = Method {
    id: Choice::PLAIN,
    card,
    claims: judged(CLAIMS),
    check: anything_goes,
    stored_dims: encoder_dims,
    start: start::<Independent>,
};

/// An encoder with a head: `CE(s cos(W, f), y)` with `f` the unit embedding.
///
/// Most methods are this and more; see [`Extended`](crate::frames::Extended).
#[derive(Module, Debug)]
pub struct Independent {
    pub(in crate::methods) encoder: Encoder,
    pub(in crate::methods) head: Head,
    classes: usize,
    dims: usize,
}

/// The features of a batch.
pub struct Features {
    /// As the encoder gives them, `[batch, dims]`.
    pub raw: Tensor<2>,
    /// The embedding: unit rows, `[batch, dims]`.
    pub unit: Tensor<2>,
}

impl Features {
    /// The first `dims` dims, re-normalised: what is compared with an old gallery of so many dims.
    ///
    /// # Shapes
    /// - output: `[batch, dims]`, unit rows
    pub fn prefix(&self, dims: usize) -> Tensor<2> {
        normalize(self.unit.clone().narrow(1, 0, dims))
    }
}

fn card() -> MethodCard {
    MethodCard::new(METHOD.id, "Independent")
        .summary("Trained as if there were no gallery: what self-tests are held against, with no tie to the old model.")
        .role(Role::Plain)
        .reference(Reference::None)
        .comparison("The common prefix of both embeddings, re-normalised; nothing makes the two spaces agree.")
        .losses([Claim::new("task", "Cross entropy of scaled cosine logits.")])
        .claims([Claim::new(
            "incompatible though alike",
            "Independent models agree on what is similar (high CKA), yet new queries find nothing in an old gallery.",
        )])
}

const CLAIMS: &[Rule] = &[
    Rule::new(
        "1-chance",
        bct::BY,
        "Independent models are incompatible: new queries find in the old gallery within twice the chance level",
        Measure::BelowTwiceChance((INDEPENDENT, NEW_OLD)),
    )
    .by_top1()
    .published(
        "CIFAR-100, 50 to 100 classes: independent/old 0.8 by top-1 and 1.5 by mAP; ImageNet, 500 to \
         1000: 0.1 and 0.2 (README of BT²)",
    )
    .differs(
        "Of ten classes a whole one can happen to lie where an old one does, so single runs scatter \
         more around chance than among a hundred.",
    ),
    Rule::new(
        "1-cka",
        LAB,
        "Independent models are alike all the same: debiased linear CKA is above 0.3",
        Measure::Value((INDEPENDENT, Fact::CkaNew)),
    )
    .at_least(0.3)
    .differs(
        "That models are alike by CKA and do not compare all the same is this lab's contrast; the paper \
         is about the second half.",
    ),
    Rule::new(
        "23-independent",
        LAB,
        "An index that mixes independent models is worse than the one before for at least a fifth of the backfill",
        Measure::Value((INDEPENDENT, Fact::BelowBefore(NEW, BackfillOrder::Random))),
    )
    .at_least(20.0),
];

impl Independent {
    /// The same encoder under a head of cosines whose rows begin as these; of them it answers with the first `classes`.
    ///
    /// # Shapes
    /// - rows: `[classes or more, dims]`
    #[cfg(feature = "wide")]
    pub(in crate::methods) fn with_rows(self, rows: Tensor<2>, classes: usize, scale: f64) -> Self {
        Self { head: Head::from_rows(rows, scale), classes, ..self }
    }

    /// Embeddings of a batch.
    ///
    /// # Errors
    /// [`LabError::Items`] of items that the encoder does not look at.
    pub fn features(&self, items: &Inputs) -> Result<Features, LabError> {
        let raw = self.encoder.forward(items)?;
        Ok(Features { unit: normalize(raw.clone()), raw })
    }

    /// The task loss: of unit embeddings under cosines, of the encoder's own output under plain products.
    ///
    /// # Shapes
    /// - labels: `[batch]`
    /// - output: `[1]`
    pub fn task(&self, features: &Features, labels: Tensor<1, Int>) -> Tensor<1> {
        self.head.loss(self.classified(features), labels)
    }

    /// The log of the probability that it gives each class.
    ///
    /// # Shapes
    /// - output: `[batch, classes]`
    ///
    /// # Errors
    /// As [`Independent::features`].
    pub fn log_probabilities(&self, items: &Inputs) -> Result<Tensor<2>, LabError> {
        let features = self.features(items)?;
        Ok(log_softmax(self.head.logits(self.classified(&features)), 1))
    }

    /// What the head looks at.
    fn classified(&self, features: &Features) -> Tensor<2> {
        if self.head.is_cosine() { features.unit.clone() } else { features.raw.clone() }
    }
}

impl System for Independent {
    fn new(setup: &mut Setup) -> Result<Self, LabError> {
        let (classes, dims) = (setup.classes, setup.stored_dims()?);
        Ok(Self { encoder: setup.encoder(dims)?, head: Head::cosine(setup, dims), classes, dims })
    }

    fn embed(&self, items: &Inputs) -> Result<Tensor<2>, LabError> {
        Ok(self.features(items)?.unit)
    }

    fn losses(&self, batch: &Batch) -> Result<Vec<Term>, LabError> {
        let features = self.features(&batch.items)?;
        Ok(vec![Term::new("task", 1.0, self.task(&features, batch.labels()?))])
    }

    fn dims(&self) -> usize {
        self.dims
    }

    fn portable(&self) -> Portable {
        let mut file = Portable::default();
        self.encoder.describe(&mut file);
        file.normalize();
        file
    }

    fn classifier(&self) -> Option<Tensor<2>> {
        // A head may hold rows for classes to come.
        Some(self.head.rows().narrow(0, 0, self.classes))
    }

    fn is_cosine(&self) -> bool {
        self.head.is_cosine()
    }

    fn fixed_head(&self) -> Option<FixedHead> {
        self.head.as_fixed()
    }
}
