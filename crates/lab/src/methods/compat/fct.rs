//! Forward-compatible training: the new model stays as it is, the old gallery is mapped into its space.
//!
//! `h(o, s)` is trained on `mean |h(n(phi_o), s) - n(phi_*)|^2` (Ramanujan et al., CVPR 2022). `s` is side information,
//! stored with the gallery when it was indexed, before the new model was known. The paper takes a feature learned without
//! labels; here it is a fixed random projection of the pixels, the same for every run of a seed.

use burn::module::Module;
use burn::nn::Linear;
use burn::tensor::{Tensor, TensorData, activation::relu};
use protocol::{Claim, MethodCard, Need, Parameter, Role};

use super::MAPPED_GALLERY;
use crate::claims::{Arm, Change, Measure, Rule, judged};
use crate::frames::fitted::no_tax;
use crate::frames::{Adaptation, Adapted};
use crate::methods::{Method, anything_goes, encoder_dims, old_only};
use crate::{
    Batch, Bridge, Init, LabError, Portable, PortableModel, RowMap, Setup, Term, normalize, squared_distances, start,
};

pub(super) const METHOD: Method = Method {
    id: "fct",
    card,
    claims: judged(CLAIMS),
    check: anything_goes,
    stored_dims: encoder_dims,
    start: start::<Adapted<Fct>>,
};

/// The map of the gallery.
#[derive(Module, Debug)]
pub struct Fct {
    transfer: Transfer,
}

/// `h(o, s)`: two hidden layers on the old embedding and the side information.
#[derive(Module, Debug)]
pub(super) struct Transfer {
    first: Linear,
    second: Linear,
    output: Linear,
    /// From pixels to side information, `[pixels, side]`; `None` without.
    projection: Option<Tensor<2>>,
    /// Channels, height, width.
    input: [usize; 3],
}

/// The parameters of [`Transfer`].
pub(super) fn parameters() -> Vec<Parameter> {
    vec![
        Parameter::integer("hidden", "Hidden units", (8, 512), 128, "Width of both hidden layers."),
        Parameter::integer(
            "side",
            "Side information",
            (0, 128),
            16,
            "Floats stored with each gallery item beside its embedding: a random projection of its pixels; 0 for none, as where there are no pixels.",
        )
        .with_unit("floats"),
        old_only(),
    ]
}

fn card() -> MethodCard {
    MethodCard::new(METHOD.id, "FCT")
        .summary("The old gallery is mapped into the new space from its embeddings and stored side information.")
        .paper("Ramanujan, Vasu, Farhadi, Tuzel, Pouransari: Forward Compatible Training for Large-Scale Embedding Retrieval Systems, CVPR 2022")
        .role(Role::Adapter)
        .needs([Need::OldFeatures, Need::Teacher])
        .comparison(MAPPED_GALLERY)
        .parameters(parameters())
        .losses([Claim::new("distance", "Squared distance of the mapped old feature to the new one of the same image.")])
        .claims([
            no_tax(),
            Claim::new("side information helps", "With side information new queries find more in the mapped gallery than without."),
        ])
}

const BY: &str = "Ramanujan et al. 2022 (FCT)";
const FCT: &Arm = &Arm::extended("fct", Change::Last("fct", &[]));
const NO_SIDE: &Arm = &Arm::extended("fct, no side", Change::Last("fct", &[("side", 0.0)]));

const CLAIMS: &[Rule] = &[
    Rule::new(
        "28-compatible",
        BY,
        "New queries find more in the mapped old gallery than old queries in the old one",
        Measure::compatible(FCT),
    )
    .said("M(n,h(o,s)) - M(o,o), points")
    .by_top1()
    .published(
        "CIFAR-100, 50 to 100 classes, top-1: new/mapped 50.2 with side information and 47.2 without, \
         old/old 34.2; ImageNet, 500 to 1000: 65.1, 61.8 and 46.4",
    )
    .differs("Side information is 16 random projections of the pixels here, a feature of 128 dims by SimCLR there."),
    Rule::new("28-side", BY, "Side information helps", Measure::cross_tests(NO_SIDE, FCT))
        .said("cross-test with minus without, points")
        .by_top1()
        .published(
            "CIFAR-100, 50 to 100 classes, top-1: 50.2 with and 47.2 without, by mAP 32.2 and 25.8; \
             ImageNet, 500 to 1000: 65.1 and 61.8",
        )
        .differs(
            "Sixteen random projections of the pixels stand for a feature of 128 dims by SimCLR, so that \
             less is to be expected of them.",
        ),
];

impl Transfer {
    pub(super) fn new(setup: &mut Setup) -> Result<Self, LabError> {
        let (new, old) = (setup.independent()?.dims(), setup.parent()?.dims);
        // Of items without pixels nothing else is known.
        let side = if setup.stage.encoder.is_given() { 0.0 } else { setup.value("side")? };
        let (hidden, side) = (setup.value("hidden")? as usize, side as usize);
        let pixels = setup.input.size();
        // Of the seed alone: the gallery's side information is older than the new model.
        let values = Init::new(setup.seed.stream("side information"), setup.engine.training()).normal(pixels, side);
        let device = setup.init.device().clone();
        let projection = (side > 0).then(|| Tensor::from_data(TensorData::new(values, [pixels, side]), &device));
        let init = &mut setup.init;
        Ok(Self {
            first: init.linear(old + side, hidden),
            second: init.linear(hidden, hidden),
            output: init.linear(hidden, new),
            projection,
            input: setup.input.sides(),
        })
    }

    /// The last hidden layer of a batch, `[batch, hidden]`.
    pub(super) fn hidden(&self, batch: &Batch) -> Result<Tensor<2>, LabError> {
        let old = batch.old_features()?;
        let input = match &self.projection {
            Some(projection) => {
                let side = normalize(batch.items.flat()?.matmul(projection.clone()));
                Tensor::cat(vec![old, side], 1)
            }
            None => old,
        };
        Ok(relu(self.second.forward(relu(self.first.forward(input)))))
    }

    /// What the last hidden layer is mapped to, `[batch, dims of the new model]`.
    pub(super) fn output(&self, hidden: Tensor<2>) -> Tensor<2> {
        self.output.forward(hidden)
    }

    /// The map with `head` as its last layer.
    pub(super) fn ending_in(&self, name: &str, head: &Linear) -> Result<RowMap, LabError> {
        let mut file = Portable::default();
        file.linear("bridge.first", &self.first);
        file.relu();
        file.linear("bridge.second", &self.second);
        file.relu();
        file.linear(name, head);
        let ([inputs, _], [_, dims]) = (self.first.weight.dims(), head.weight.dims());
        RowMap::new(file, inputs, dims)
    }

    /// The whole as a bridge.
    pub(super) fn bridge(&self) -> Result<Bridge, LabError> {
        let bridge = Bridge::of_gallery(self.ending_in("bridge.output", &self.output)?);
        let Some(projection) = &self.projection else { return Ok(bridge) };
        let [_, side] = projection.dims();
        let mut file = Portable::default();
        file.flatten();
        file.affine("bridge.side", projection.clone(), None);
        file.normalize();
        Ok(bridge.with_notes(PortableModel::written(file, self.input, side)?))
    }
}

impl Adaptation for Fct {
    fn new(setup: &mut Setup) -> Result<Self, LabError> {
        Ok(Self { transfer: Transfer::new(setup)? })
    }

    fn terms(&self, batch: &Batch) -> Result<Vec<Term>, LabError> {
        let mapped = self.transfer.output(self.transfer.hidden(batch)?);
        Ok(vec![Term::new("distance", 1.0, squared_distances(mapped, batch.teacher_features()?).mean())])
    }

    fn bridge(&self) -> Result<Bridge, LabError> {
        self.transfer.bridge()
    }
}
