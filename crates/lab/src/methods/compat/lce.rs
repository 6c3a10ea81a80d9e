//! Compatible embeddings: the new classifier lies on the old class centres, and features stay within the old boundaries.
//!
//! Meng, Zhang, Xu, Zhou: Learning Compatible Embeddings, ICCV 2021.
//!
//! `L = CE + la MSE(n(W_new), c_old) + lb mean max(0, m_y - <f, c_old_y>)` with c_old the unit class centre of the old
//! features and m_y the smallest cosine that an old feature of class y has with it. The authors put small networks between
//! spaces of different dims; here the first d_o dims are compared, as under all other methods.

use burn::module::Module;
use burn::tensor::{Tensor, TensorData, activation::relu};
use protocol::{Claim, MethodCard, Need, Parameter};

use super::{Features, Independent, PREFIX, bct, holds_prefix};
use crate::claims::arms::{BCT, INDEPENDENT};
use crate::claims::{Arm, Change, LAB, Measure, Rule, judged};
use crate::frames::{Addition, Extended};
use crate::methods::{Method, encoder_dims};
use crate::{Batch, LabError, Setup, Term, normalize, rows_at, start};

pub(super) const METHOD: Method = Method {
    id: "lce",
    card,
    claims: judged(CLAIMS),
    check: holds_prefix,
    stored_dims: encoder_dims,
    start: start::<Extended<Lce>>,
};

/// Old centres and boundaries.
#[derive(Module, Debug)]
pub struct Lce {
    /// `c_old`, `[classes, d_o]`, unit rows.
    centres: Tensor<2>,
    /// `m_y`, `[classes]`.
    boundaries: Tensor<1>,
}

fn card() -> MethodCard {
    MethodCard::new(METHOD.id, "LCE")
        .summary(
            "The new classifier is pulled onto the old class centres, and features stay within the old boundaries.",
        )
        .paper("Meng, Zhang, Xu, Zhou: Learning Compatible Embeddings, ICCV 2021")
        .needs([Need::Prototypes, Need::StoredFeatures])
        .keeps_prefix()
        .comparison(PREFIX)
        .parameters([
            Parameter::real(
                "alignment",
                "Alignment weight",
                (0.0, 500.0, 5.0),
                100.0,
                "Weight of the mean squared difference between the new classifier and the old class centres.",
            )
            .hot(),
            Parameter::real(
                "boundary",
                "Boundary weight",
                (0.0, 20.0, 0.1),
                1.0,
                "Weight of what features lack to the old boundary of their class.",
            )
            .hot(),
            Parameter::real(
                "slack",
                "Boundary slack",
                (0.0, 1.0, 0.05),
                0.0,
                "How far below the old boundary a cosine may fall; for new models that are the weaker ones.",
            ),
        ])
        .losses([
            Claim::new("task", "Cross entropy under the new head."),
            Claim::new("alignment", "Mean squared difference between the new classifier and the old class centres."),
            Claim::new(
                "boundary",
                "What features lack to the smallest cosine that an old feature had with its centre.",
            ),
        ])
        .claims([
            Claim::new("compatible", "New queries find more in the old gallery than old queries do."),
            Claim::new("at least BCT", "Self-test and cross-test together are at least BCT's on more classes."),
        ])
}

const LCE: &Arm = &Arm::extended("lce", Change::Last("lce", &[]));

const CLAIMS: &[Rule] = &[
    Rule::new(
        "30-lce",
        "Meng et al. 2021 (LCE)",
        "LCE's P1 is at least that of BCT with prototypes of all classes, which LCE has as well",
        Measure::P1 { ceiling: INDEPENDENT, base: bct::MEANS, other: LCE },
    )
    .published(
        "Trained on GLDv2, ResNet-18, P1: LCE 51.51, BCT 50.41 from 30 to 100 % of the classes; 53.34 \
         and 51.13 from 30 to 100 % of the data (AdvBCT's table)",
    )
    .differs("With few classes the boundaries around the prototypes have little to hold."),
    Rule::new(
        "30-lce-rows",
        LAB,
        "It is at least that of BCT with the old classifier's rows",
        Measure::P1 { ceiling: INDEPENDENT, base: BCT, other: LCE },
    )
    .differs("BCT has the old classifier's rows and LCE prototypes of all classes, so that these are judged here too."),
];

impl Addition for Lce {
    fn new(setup: &mut Setup, _: &mut Independent) -> Result<Self, LabError> {
        let slack = setup.value("slack")?;
        let smallest = setup.parent()?.stored()?.smallest_cosines(setup.classes);
        let boundaries = TensorData::new(smallest, [setup.classes]);
        Ok(Self {
            centres: normalize(setup.prototypes()?),
            boundaries: Tensor::from_data(boundaries, &setup.engine.training()).sub_scalar(slack),
        })
    }

    fn terms(&self, base: &Independent, features: &Features, batch: &Batch) -> Result<Vec<Term>, LabError> {
        let [_, old_dims] = self.centres.dims();
        let rows = normalize(base.head.rows().narrow(1, 0, old_dims));
        let alignment = (rows - self.centres.clone()).powi_scalar(2).mean();
        let centres = rows_at(self.centres.clone(), batch.labels()?);
        let boundaries = self.boundaries.clone().gather(0, batch.labels()?);
        let boundary = lacking(features.prefix(old_dims), centres, boundaries);
        Ok(vec![
            Term::new("alignment", batch.weight("alignment")?, alignment),
            Term::new("boundary", batch.weight("boundary")?, boundary),
        ])
    }
}

/// What cosines lack to their boundaries, mean over the batch.
///
/// # Shapes
/// - features, centres: `[batch, d_o]`, unit rows
/// - boundaries: `[batch]`
/// - output: `[1]`
fn lacking(features: Tensor<2>, centres: Tensor<2>, boundaries: Tensor<1>) -> Tensor<1> {
    let cosines: Tensor<1> = (features * centres).sum_dim(1).squeeze_dim(1);
    relu(boundaries - cosines).mean()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use burn::tensor::Device;
    use pollster::block_on;

    use super::*;
    use crate::engine::read;

    #[test]
    fn only_what_is_beyond_the_boundary_costs() {
        let device = Device::flex();
        let features = Tensor::from_data([[1.0f32, 0.0], [0.0, 1.0]], &device);
        let centres = Tensor::from_data([[1.0f32, 0.0], [1.0, 0.0]], &device);
        let loss = lacking(features, centres, Tensor::from_data([0.5f32, 0.5], &device));
        assert_eq!(block_on(read(loss)).unwrap(), [0.25]);
    }
}
