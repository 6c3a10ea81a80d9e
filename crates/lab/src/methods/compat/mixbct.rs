//! Training on a mixture: part of every batch's embeddings are old ones, and one classifier must get all of them right.
//!
//! Liang, Zhang, Zhang, Wang, Xiao, Xiao, Wang: MixBCT: Towards Self-Adapting Backward-Compatible Training, 2023.
//!
//! Per class the old features nearest the class mean are kept as credible; in each batch a share of the new embeddings gives
//! way to some of them. `L = CE(s cos(W, mixed), y)` with an angular margin, nothing else; the margin is what makes old and new
//! features of a class meet, which would else do on either side of its row. In the authors' code an embedding gives way to the old
//! one of the same image, here to that of a random credible image: over a shuffled training it is the same mixture.

use burn::module::Module;
use burn::tensor::Tensor;
use protocol::{Claim, MethodCard, Need, Parameter, Stage};

use super::{Features, Independent, PREFIX};
use crate::claims::{Arm, Change, Measure, Rule, judged};
use crate::frames::{Addition, Extended};
use crate::methods::{Before, Method, encoder_dims};
use crate::{Batch, LabError, Setup, StoredFeatures, Term, start};

pub(super) const METHOD: Method = Method {
    id: "mixbct",
    card,
    claims: judged(CLAIMS),
    check,
    stored_dims: encoder_dims,
    start: start::<Extended<MixBct>>,
};

/// Old embeddings to mix in.
#[derive(Module, Debug)]
pub struct MixBct {
    /// Credible old features with their classes.
    #[module(skip)]
    pool: StoredFeatures,
    /// Share of the batch that is old.
    share: f64,
}

fn card() -> MethodCard {
    MethodCard::new(METHOD.id, "MixBCT")
        .summary("Part of every batch's embeddings are old ones; one classifier must get all of them right.")
        .paper("Liang, Zhang, Zhang, Wang, Xiao, Xiao, Wang: MixBCT: Towards Self-Adapting Backward-Compatible Training, arXiv 2308.06948, 2023")
        .needs([Need::StoredFeatures])
        .keeps_prefix()
        .comparison(PREFIX)
        .parameters([
            Parameter::real("share", "Old share", (0.0, 0.9, 0.05), 0.3, "Share of each batch's embeddings that are old ones; 0 is the independent model."),
            Parameter::real("margin", "Angular margin", (0.0, 1.0, 0.05), 0.5, "How much more is demanded of the angle to the own class; without it old and new features need not meet.")
                .with_unit("rad"),
            Parameter::real("credible", "Credible share", (0.1, 1.0, 0.05), 0.9, "Share of each class's old features, those nearest the class mean, that may be mixed in."),
        ])
        .losses([Claim::new("task", "Cross entropy of the mixture under the new head.")])
        .claims([Claim::new(
            "compatible without another loss",
            "New queries find more in the old gallery than old queries do, with the task loss alone.",
        )])
}

const MIXBCT: &Arm = &Arm::extended("mixbct", Change::Last("mixbct", &[]));

const CLAIMS: &[Rule] = &[Rule::new(
    "29",
    "Liang et al. 2023 (MixBCT)",
    "MixBCT needs no extra loss: with one cross entropy it is compatible",
    Measure::compatible(MIXBCT),
)
.published(
    "One cross entropy with an angular margin over 30 % old and 70 % new embeddings, nothing else; \
     no number is at hand",
)
.differs(
    "The published loss has a scale of 64 and an old embedding gives way to the new one of its \
     image; here the scale is 3 to 15 and the old one is of any credible image.",
)];

fn check(stage: &Stage, before: Option<Before>) -> Result<(), LabError> {
    match before {
        Some(Before { dims, .. }) if dims != stage.dims as usize => Err(LabError::Scenario(format!(
            "MixBCT puts old embeddings in the place of new ones, but the old model has {dims} dims and the new one {}; choose {dims}.",
            stage.dims
        ))),
        _ => Ok(()),
    }
}

impl Addition for MixBct {
    fn new(setup: &mut Setup, base: &mut Independent) -> Result<Self, LabError> {
        base.head.widen(setup.value("margin")?);
        let pool = setup.parent()?.stored()?.credible(setup.value("credible")?, setup.classes);
        Ok(Self { pool, share: setup.value("share")? })
    }

    fn task(&self, base: &Independent, features: &Features, batch: &Batch) -> Result<Tensor<1>, LabError> {
        let ([items, _], pool) = (features.unit.dims(), self.pool.labels().len());
        let old = (self.share * items as f64).round() as usize;
        if old == 0 || pool == 0 {
            return Ok(base.task(features, batch.labels()?));
        }
        let mut rng = batch.rng.clone();
        let drawn: Vec<usize> = (0..old).map(|_| rng.integer(0, pool as i32 - 1) as usize).collect();
        let (drawn, classes) = self.pool.draw(&drawn, &features.unit.device());
        // Batches are shuffled, so the first are as random as any.
        let new = items.saturating_sub(old).max(1);
        let mixed = vec![drawn, features.unit.clone().narrow(0, items - new, new)];
        let labels = vec![classes, batch.labels()?.narrow(0, items - new, new)];
        Ok(base.head.loss(Tensor::cat(mixed, 0), Tensor::cat(labels, 0)))
    }

    fn terms(&self, _: &Independent, _: &Features, _: &Batch) -> Result<Vec<Term>, LabError> {
        Ok(Vec::new())
    }
}
