//! Neighbourhood consensus: a contrast of new features with stored old ones, weighted by how alike the old ones are.
//!
//! Wu, Chen, Lou, Bai, Bai, Deng, Duan: Neighborhood Consensus Contrastive Learning for Backward-Compatible Representation,
//! AAAI 2022.
//!
//! ```text
//! w_ij = (<o_i, o_j> + 1) / 2                                            how far the old model agrees
//! C(n, q) = mean_i mean_{j of the class of i} -w_ij log( exp(<n_i, q_j> / tau) / sum_k exp(<n_i, q_k> / tau) )
//! L = CE + alpha C(features, old features) + beta C(class scores, old class scores)
//! ```
//!
//! j and k run over the batch's own old features and a queue of credible stored ones, which each step draws anew. Class scores
//! are the cosines with all class rows, as a vector of length one: the new head's for the new feature, the old class means' for
//! the old one.
//!
//! The code that there is (of the authors of MixBCT, `compatible_learning_loss.py`) has tau = 1, class scores of both by the new head, as
//! scaled logits with an angular margin, and all old features of the last batches in the queue. `temperature` = 1 and `credible` = 1 are
//! as there; the class scores and the drawing remain. Rule `nccl-bct` judges the cross-test as it is here, `nccl-warm` with both of them.

use burn::module::Module;
use burn::tensor::{Int, Tensor};
use protocol::{Claim, MethodCard, Need, Parameter};

use super::{Features, Independent, PREFIX, bct, holds_prefix};
use crate::claims::{Arm, Change, Measure, Rule, judged};
use crate::frames::{Addition, Extended};
use crate::methods::{Method, encoder_dims};
use crate::{Batch, LabError, Setup, StoredFeatures, Term, contrast, cosine_logits, normalize, same_class, start};

pub(super) const METHOD: Method = Method {
    id: "nccl",
    card,
    claims: judged(CLAIMS),
    check: holds_prefix,
    stored_dims: encoder_dims,
    start: start::<Extended<Nccl>>,
};

/// The queue and what it is compared by.
#[derive(Module, Debug)]
pub struct Nccl {
    /// Credible old features with their classes.
    #[module(skip)]
    pool: StoredFeatures,
    /// Mean old feature per class, `[classes, d_o]`.
    prototypes: Tensor<2>,
    queue: usize,
    temperature: f64,
}

fn card() -> MethodCard {
    MethodCard::new(METHOD.id, "NCCL")
        .summary("New features are drawn to old features of their class, most to those that the old model finds alike.")
        .paper("Wu, Chen, Lou, Bai, Bai, Deng, Duan: Neighborhood Consensus Contrastive Learning for Backward-Compatible Representation, AAAI 2022")
        .needs([Need::Prototypes, Need::StoredFeatures, Need::OldFeatures])
        .keeps_prefix()
        .comparison(PREFIX)
        .parameters([
            Parameter::real("alpha", "Feature weight α", (0.0, 20.0, 0.1), 1.0, "Weight of the contrast of features.").hot(),
            Parameter::real("beta", "Class score weight β", (0.0, 1.0, 0.01), 0.01, "Weight of the contrast of class scores.").hot(),
            Parameter::real("temperature", "Temperature τ", (0.01, 1.0, 0.01), 0.1, "What similarities are divided by; 1 in the code that there is."),
            Parameter::integer("queue", "Queue", (0, 8192), 512, "Stored old features that a batch is compared with, beside its own."),
            Parameter::real("credible", "Credible share", (0.1, 1.0, 0.05), 0.9, "Share of each class's old features, those nearest the class mean, that may enter the queue."),
        ])
        .losses([
            Claim::new("task", "Cross entropy under the new head."),
            Claim::new("features", "Contrast of new features with old ones."),
            Claim::new("scores", "Contrast of new class scores with old ones."),
        ])
        .claims([Claim::new("compatible", "New queries find more in the old gallery than old queries do.")])
}

/// The paper, where claims say who makes them.
const BY: &str = "Wu et al. 2022 (NCCL)";

const NCCL: &Arm = &Arm::extended("nccl", Change::Last("nccl", &[]));
const WARM: &Arm =
    &Arm::extended("nccl, temperature 1", Change::Last("nccl", &[("temperature", 1.0), ("credible", 1.0)]));

const CLAIMS: &[Rule] = &[
    Rule::new("nccl-compatible", BY, "NCCL is compatible", Measure::compatible(NCCL))
        .differs("The temperature is 0.1 here and 1 in the code that there is."),
    Rule::new(
        "nccl-bct",
        BY,
        "NCCL's cross-test is above that of BCT with prototypes of all classes",
        Measure::cross_tests(bct::MEANS, NCCL),
    )
    .differs("The temperature of 0.1 is this lab's."),
    Rule::new("nccl-self", BY, "So is its self-test", Measure::self_tests(bct::MEANS, NCCL))
        .differs("Ten classes fit equally far apart into 32 dims, so that neither method has much to pay."),
    Rule::new(
        "nccl-warm",
        BY,
        "With a temperature of 1, as in the code that there is, its cross-test is above that of this BCT",
        Measure::cross_tests(bct::MEANS, WARM),
    )
    .differs(
        "The code is by the authors of MixBCT; how class scores are made and old features are drawn is \
         still another way here.",
    ),
];

impl Nccl {
    /// Old features and their classes that this batch is compared with: its own first.
    fn queue(&self, own: Tensor<2>, batch: &Batch) -> Result<(Tensor<2>, Tensor<1, Int>), LabError> {
        let pool = self.pool.labels().len();
        let drawn = self.queue.min(pool);
        if drawn == 0 {
            return Ok((own, batch.labels()?));
        }
        let mut order = batch.rng.clone().shuffled(pool);
        order.truncate(drawn);
        let (features, classes) = self.pool.draw(&order, &own.device());
        Ok((Tensor::cat(vec![own, features], 0), Tensor::cat(vec![batch.labels()?, classes], 0)))
    }
}

impl Addition for Nccl {
    fn new(setup: &mut Setup, _: &mut Independent) -> Result<Self, LabError> {
        Ok(Self {
            pool: setup.parent()?.stored()?.credible(setup.value("credible")?, setup.classes),
            prototypes: setup.prototypes()?,
            queue: setup.value("queue")? as usize,
            temperature: setup.value("temperature")?,
        })
    }

    fn terms(&self, base: &Independent, features: &Features, batch: &Batch) -> Result<Vec<Term>, LabError> {
        let old = batch.old_features()?;
        let [_, old_dims] = old.dims();
        let (queue, classes) = self.queue(old.clone(), batch)?;
        let consensus = old.matmul(queue.clone().transpose()).add_scalar(1.0).div_scalar(2.0);
        let positive = same_class(batch.labels()?, classes);
        let between = |new: Tensor<2>, old: Tensor<2>| {
            let logits = new.matmul(old.transpose()).div_scalar(self.temperature);
            contrast(logits, positive.clone(), Some(consensus.clone()))
        };
        let scores = |features: Tensor<2>, rows: Tensor<2>| normalize(cosine_logits(features, rows, 1.0));
        let (new_scores, old_scores) =
            (scores(features.unit.clone(), base.head.rows()), scores(queue.clone(), self.prototypes.clone()));
        Ok(vec![
            Term::new("features", batch.weight("alpha")?, between(features.prefix(old_dims), queue)),
            Term::new("scores", batch.weight("beta")?, between(new_scores, old_scores)),
        ])
    }
}
