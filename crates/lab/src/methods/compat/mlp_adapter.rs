//! A residual network from the new space into the old one.
//!
//! `g(v) = A v + W2 gelu(W1 A v)`, trained on `mean |g(n(phi_*)) - n(phi_o)|^2` (the MLP of Drift-Adapter, EMNLP 2025,
//! whose hidden layer sees `v` itself).

use burn::module::Module;
use burn::nn::Linear;
use burn::tensor::{Tensor, activation::gelu};
use protocol::{Claim, MethodCard, Need, Parameter, Role};

use super::MAPPED_QUERY;
use crate::frames::fitted::no_tax;
use crate::frames::{Adaptation, Adapted};
use crate::methods::{Method, anything_goes, encoder_dims, old_only};
use crate::{Batch, Bridge, LabError, Portable, RowMap, Setup, Term, squared_distances, start};

pub(super) const METHOD: Method = Method {
    id: "mlp-adapter",
    card,
    claims: &[],
    check: anything_goes,
    stored_dims: encoder_dims,
    start: start::<Adapted<MlpAdapter>>,
};

/// The network.
#[derive(Module, Debug)]
pub struct MlpAdapter {
    line: Linear,
    hidden: Linear,
    output: Linear,
}

fn card() -> MethodCard {
    MethodCard::new(METHOD.id, "MLP adapter")
        .summary("A small residual network maps new queries into the old space; both models are frozen.")
        .paper("Vejendla: Drift-Adapter: A Practical Approach to Near Zero-Downtime Embedding Model Upgrades in Vector Databases, EMNLP 2025")
        .role(Role::Adapter)
        .needs([Need::OldFeatures, Need::Teacher])
        .comparison(MAPPED_QUERY)
        .parameters([
            Parameter::integer("hidden", "Hidden units", (8, 512), 256, "Width of the hidden layer."),
            old_only(),
        ])
        .losses([Claim::new("distance", "Squared distance of the mapped new feature to the old one of the same image.")])
        .claims([no_tax(), Claim::new("adapts", "It fits what is like the pairs at least as well as an affine map.")])
}

impl MlpAdapter {
    fn mapped(&self, rows: Tensor<2>) -> Tensor<2> {
        let line = self.line.forward(rows);
        line.clone() + self.output.forward(gelu(self.hidden.forward(line)))
    }
}

impl Adaptation for MlpAdapter {
    fn new(setup: &mut Setup) -> Result<Self, LabError> {
        let (new, old) = (setup.independent()?.dims(), setup.parent()?.dims);
        let hidden = setup.value("hidden")? as usize;
        let init = &mut setup.init;
        Ok(Self { line: init.linear(new, old), hidden: init.linear(old, hidden), output: init.linear(hidden, old) })
    }

    fn terms(&self, batch: &Batch) -> Result<Vec<Term>, LabError> {
        let mapped = self.mapped(batch.teacher_features()?);
        Ok(vec![Term::new("distance", 1.0, squared_distances(mapped, batch.old_features()?).mean())])
    }

    fn bridge(&self) -> Result<Bridge, LabError> {
        let mut file = Portable::default();
        file.linear("bridge.line", &self.line);
        file.residual(|file| {
            file.linear("bridge.hidden", &self.hidden);
            file.gelu();
            file.linear("bridge.output", &self.output);
        });
        let [inputs, dims] = self.line.weight.dims();
        Ok(Bridge::of_queries(RowMap::new(file, inputs, dims)?))
    }
}
