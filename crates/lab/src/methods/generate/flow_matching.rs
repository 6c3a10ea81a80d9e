//! Flow matching: a field of velocities learns to carry noise to data along straight lines.
//!
//! Liu, Gong, Liu: Flow Straight and Fast, ICLR 2023, equation 1; Lipman et al.: Flow Matching for Generative Modeling, ICLR 2023.
//! Every item meets noise of its own, drawn anew in each step, so lines cross, and where they do the field learns their mean: its own
//! paths bend, and few Euler steps along them miss the data.

use burn::module::Module;
use burn::tensor::{Tensor, TensorData};
use protocol::{Claim, MethodCard, Stage};

use super::{Velocity, objective};
use crate::methods::{Before, Method};
use crate::{Batch, Inputs, LabError, Portable, Setup, System, Term, start};

pub(super) const METHOD: Method =
    Method { id: "flow-matching", card, claims: &[], check, stored_dims: super::nothing, start: start::<FlowMatching> };

/// A field that is trained from nothing.
#[derive(Module, Debug)]
pub struct FlowMatching {
    field: Velocity,
}

fn card() -> MethodCard {
    super::card(METHOD.id, "Flow matching")
        .summary("A field of velocities learns to carry noise to the data: between a point of noise and an item it is to be their difference.")
        .paper("Liu, Gong, Liu: Flow Straight and Fast: Learning to Generate and Transfer Data with Rectified Flow, ICLR 2023")
        .comparison("Nothing is stored. The same noise shows what became of a sample, but a model that was trained anew owes nothing to the old one.")
        .losses([Claim::new("velocity", "Mean squared distance of the velocity from item minus noise, at a time that is uniform in 0 to 1.")])
        .claims([Claim::new("many steps", "Its paths are curved where lines between noise and data cross, so one Euler step is not enough.")])
}

fn check(stage: &Stage, _: Option<Before>) -> Result<(), LabError> {
    super::needs_mlp(stage)
}

impl System for FlowMatching {
    fn new(setup: &mut Setup) -> Result<Self, LabError> {
        Ok(Self { field: Velocity::new(setup)? })
    }

    fn losses(&self, batch: &Batch) -> Result<Vec<Term>, LabError> {
        let data = batch.items.flat()?;
        let ([count, width], device, mut rng) = (data.dims(), data.device(), batch.rng.clone());
        let noise: Vec<f32> = (0..count * width).map(|_| rng.normal()).collect();
        let noise = Tensor::from_data(TensorData::new(noise, [count, width]), &device);
        let times = Tensor::from_data(objective::times(count, 0.0, &mut rng), &device);
        Ok(vec![Term::new("velocity", 1.0, objective::between(&self.field, noise, data, times, false))])
    }

    fn path(&self, noise: &Inputs, steps: usize) -> Result<Vec<Inputs>, LabError> {
        self.field.travel(noise, steps)
    }

    fn portable(&self) -> Portable {
        self.field.portable()
    }
}
