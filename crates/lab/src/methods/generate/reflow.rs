//! Reflow: a flow is trained on pairs of its own, so that its paths become straight and few steps are enough.
//!
//! Lee, Lin, Fanti: Improving the Training of Rectified Flows, NeurIPS 2024, on Liu, Gong, Liu, ICLR 2023. The old model carries noise `z`
//! to `x` in many Euler steps. The new one goes on from its weights and learns `x - z` at `x_t = (1 - t) z + t x`. Lines between such
//! pairs hardly cross, so one round is claimed to be enough if it is trained well: with times that are drawn where it is hard, near both
//! ends, and a pseudo-Huber loss ([`objective`]). The authors' loss for images also has a perceptual part, and they start from a
//! diffusion model; points of the plane have no use for the first, and the flow before stands for the second.
//!
//! Pairs are made bit by bit: each of the first steps makes some before it learns from those that there are.

use std::collections::BTreeMap;
use std::sync::Arc;

use burn::module::Module;
use burn::tensor::{Device, Int, Tensor, TensorData};
use data::Rng;
use protocol::{Claim, MethodCard, Need, Parameter, Stage};

use super::{BY, NEW, NEXT, OLD, REFLOW, THIRD, Velocity, flow_matching, objective, reading};
use crate::claims::{LAB, Measure, Rule, judged};
use crate::frames::Trainer;
use crate::methods::{Before, Method, other_encoder};
use crate::numbers::load;
use crate::{Again, Batch, Inputs, LabError, Model, Portable, Setup, Step, System, Term, Training, rows_at};

pub(super) const METHOD: Method =
    Method { id: "reflow", card, claims: judged(CLAIMS), check, stored_dims: super::nothing, start };

/// Parameter: how much more often times are drawn near the ends.
const SHARPNESS: &str = "sharpness";
/// Parameter: how far off is measured.
const LOSS: &str = "loss";
/// Parameter: pairs of noise and what the old model makes of it.
const PAIRS: &str = "pairs";
/// Parameter: Euler steps that the old model takes for each.
const EULER: &str = "euler";
/// What it leaves: how many rounds of reflow there were.
const ROUNDS: &str = "rounds";
/// Pairs that one step makes, at most.
const CHUNK: usize = 256;

fn card() -> MethodCard {
    super::card(METHOD.id, "Reflow")
        .summary("The old flow makes pairs of noise and samples in many steps; the new one goes on from its weights and learns to go straight from one to the other.")
        .paper("Lee, Lin, Fanti: Improving the Training of Rectified Flows, NeurIPS 2024")
        .needs([Need::Kept, Need::OldWeights])
        .comparison("Nothing is stored. The same noise should give what the old model made of it, in fewer steps.")
        .parameters([
            Parameter::real(SHARPNESS, "Sharpness a", (0.0, 10.0, 0.5), 4.0, "How much more often times near both ends are drawn than those between: exp(a u) + exp(-a u) with u from -1/2 to 1/2; 0 is uniform."),
            Parameter::options(LOSS, "Loss", &["Pseudo-Huber", "Squared"], "How far a velocity is off: pseudo-Huber counts almost the distance itself, so that a few pairs far off count less."),
            Parameter::integer(PAIRS, "Pairs", (256, 16_384), 4096, "Pairs of noise and what the old model makes of it; they are all that the new one learns from."),
            Parameter::integer(EULER, "Steps per pair", (1, 128), 32, "Euler steps that the old model takes for each pair."),
        ])
        .losses([Claim::new("velocity", "Distance of the velocity from sample minus noise, mean over the batch.")])
        .claims([
            Claim::new("straight", "Paths become straight, so that one step gives what took many: FID up to 72 % better in one step on CIFAR-10."),
            Claim::new("one round", "With U-shaped times and a pseudo-Huber loss one round of reflow is enough; a second adds nothing."),
        ])
}

const CLAIMS: &[Rule] = &[
    Rule::new(
        "59-straight",
        "Liu, Gong, Liu 2023 (rectified flow)",
        "Reflow straightens the paths",
        Measure::Difference { base: reading(NEW, "straightness", ""), other: reading(OLD, "straightness", "") },
    )
    .said("straightness of the flow before minus that after, in squared units of the plane (0 is straight)")
    .tried_with(REFLOW)
    .published("Reflow straightens paths (Liu, Gong, Liu 2023, on whom the paper builds); no number is at hand")
    .differs(
        "Here a small MLP carries points of a plane, which can be straightened far more easily than \
         paths of images.",
    ),
    Rule::new(
        "59-one-step",
        "Liu, Gong, Liu 2023 (rectified flow)",
        "After reflow one Euler step comes nearer to the data than one of the flow before",
        Measure::Difference {
            base: reading(NEW, "sliced-wasserstein", "1 step"),
            other: reading(OLD, "sliced-wasserstein", "1 step"),
        },
    )
    .said("sliced Wasserstein distance in one step before minus after")
    .tried_with(REFLOW)
    .published(
        "Few steps are enough after reflow (Liu, Gong, Liu 2023, on whom the paper builds); no number \
         is at hand",
    )
    .differs(
        "Here a small MLP carries points of a plane, and near is said by a sliced Wasserstein distance, \
         not by FID.",
    ),
    Rule::new(
        "59-improved",
        BY,
        "U-shaped times with a pseudo-Huber loss beat uniform times with a squared one in one step",
        Measure::Difference {
            base: reading(NEW, "sliced-wasserstein", "1 step"),
            other: reading(THIRD, "sliced-wasserstein", "1 step"),
        },
    )
    .said("sliced Wasserstein distance in one step, uniform and squared minus U-shaped and pseudo-Huber")
    .tried_with(REFLOW)
    .published("CIFAR-10: FID up to 72 % better in one step")
    .differs(
        "The authors also have a perceptual loss and a diffusion model to start from, neither of which \
         points of a plane have.",
    ),
    Rule::new(
        "59-second-round",
        BY,
        "A second round of reflow adds nothing: one step comes nearer by no more than 0.05, a fortieth of the ring's radius",
        Measure::Difference {
            base: reading(NEW, "sliced-wasserstein", "1 step"),
            other: reading(NEXT, "sliced-wasserstein", "1 step"),
        },
    )
    .at_least(-0.05)
    .said("sliced Wasserstein distance in one step after the second round minus after the first")
    .tried_with(REFLOW)
    .published("One round of reflow is enough if it is trained well; no number is at hand")
    .differs(
        "The bound of 0.05 is this lab's, and after one round on a plane there is hardly anything left \
         to gain.",
    ),
    Rule::new(
        "59-covered",
        LAB,
        "The same noise still gives what the flow before made: one step of the new one lands by nine of ten old samples",
        Measure::Value(reading(NEW, "coverage-old", "1 step")),
    )
    .at_least(90.0)
    .said("share of the old model's samples with one of the new model's among their five nearest neighbours, points")
    .tried_with(REFLOW),
];

fn check(stage: &Stage, before: Option<Before>) -> Result<(), LabError> {
    super::needs_mlp(stage)?;
    let Some(Before { stage: old, .. }) = before else { return Ok(()) };
    if ![flow_matching::METHOD.id, METHOD.id].contains(&old.method.id.as_str()) {
        return Err(LabError::Scenario(
            "Reflow learns from what the model before makes of noise, so that must be a flow; choose flow matching or reflow for it."
                .to_owned(),
        ));
    }
    if old.encoder != stage.encoder {
        return Err(other_encoder("Reflow goes on from the weights of the model before", &old.encoder, &stage.encoder));
    }
    Ok(())
}

/// A field that learns from pairs: items are rows of noise with what it is to become behind it.
#[derive(Module, Debug)]
pub struct Rectified {
    field: Velocity,
    sharpness: f64,
    huber: bool,
}

impl System for Rectified {
    fn new(setup: &mut Setup) -> Result<Self, LabError> {
        let field = Velocity::new(setup)?;
        let (field, left) = load(field, setup.parent()?.weights()?);
        if left != Some(&[]) {
            return Err(LabError::Scenario(
                "Reflow goes on from the weights of the model before, which are not at hand here; train it in the same run."
                    .to_owned(),
            ));
        }
        Ok(Self { field, sharpness: setup.value(SHARPNESS)?, huber: setup.value(LOSS)? == 0.0 })
    }

    fn losses(&self, batch: &Batch) -> Result<Vec<Term>, LabError> {
        let pairs = batch.items.flat()?;
        let ([count, both], device, mut rng) = (pairs.dims(), pairs.device(), batch.rng.clone());
        let (noise, data) = (pairs.clone().narrow(1, 0, both / 2), pairs.narrow(1, both / 2, both / 2));
        let times = Tensor::from_data(objective::times(count, self.sharpness, &mut rng), &device);
        Ok(vec![Term::new("velocity", 1.0, objective::between(&self.field, noise, data, times, self.huber))])
    }

    fn path(&self, noise: &Inputs, steps: usize) -> Result<Vec<Inputs>, LabError> {
        self.field.travel(noise, steps)
    }

    fn portable(&self) -> Portable {
        self.field.portable()
    }
}

fn start(mut setup: Setup) -> Result<Box<dyn Training>, LabError> {
    let system = Rectified::new(&mut setup)?;
    let parent = setup.parent()?;
    let rounds = parent.kept()?.get(ROUNDS).and_then(|rounds| rounds.first()).copied().unwrap_or_default() + 1.0;
    let pool = Pool {
        teacher: parent.model()?.clone(),
        // Stages that go on from the same model learn from the same pairs.
        noise: setup.seed.stream(&format!("reflow/{rounds}")),
        width: setup.input.size(),
        wanted: setup.value(PAIRS)? as usize,
        euler: setup.value(EULER)? as usize,
        device: setup.engine.device().clone(),
        pairs: None,
    };
    Ok(Box::new(Reflow { trainer: Trainer::new(system, setup.stage.schedule.decay), pool, rounds }))
}

/// The training of a [`Rectified`] field on pairs that it makes on the way.
struct Reflow {
    trainer: Trainer<Rectified>,
    pool: Pool,
    rounds: f32,
}

/// Pairs of noise and what the old model makes of it.
struct Pool {
    teacher: Arc<dyn Model>,
    noise: Rng,
    /// Numbers of a point.
    width: usize,
    wanted: usize,
    euler: usize,
    device: Device,
    /// `[pairs so far, 2 width]`, noise first, without gradients.
    pairs: Option<Tensor<2>>,
}

impl Pool {
    fn len(&self) -> usize {
        self.pairs.as_ref().map_or(0, |pairs| pairs.dims()[0])
    }

    /// Makes some more pairs, if any are missing: more at a time where a short training, of which the share `progress` is over, would
    /// else be half over before all are there.
    fn grow(&mut self, progress: f64) -> Result<(), LabError> {
        let made = self.len();
        let due = (self.wanted as f64 * (2.0 * progress).min(1.0)).ceil() as usize;
        let count = CHUNK.max(due.saturating_sub(made)).min(self.wanted.saturating_sub(made));
        if count == 0 {
            return Ok(());
        }
        // Each pair has a stream of its own, so that pairs do not depend on when they were made.
        let noise = (made..made + count).flat_map(|pair| {
            let mut rng = self.noise.substream(pair as u64);
            (0..self.width).map(move |_| rng.normal())
        });
        let noise = TensorData::new(noise.collect::<Vec<f32>>(), [count, self.width]);
        let noise = Tensor::<2>::from_data(noise, &self.device);
        let made = self.teacher.sample(&Inputs::Rows(noise.clone()), self.euler)?;
        let made = made.ok_or_else(|| LabError::Missing("What the model before makes of noise".to_owned()))?.flat()?;
        let pairs = Tensor::cat(vec![noise, made], 1);
        self.pairs = Some(match self.pairs.take() {
            Some(before) => Tensor::cat(vec![before, pairs], 0),
            None => pairs,
        });
        Ok(())
    }

    /// So many pairs, drawn with replacement; `None` if there are none.
    fn draw(&self, count: usize, rng: &mut Rng) -> Option<Tensor<2>> {
        let pairs = self.pairs.clone()?;
        let last = i32::try_from(self.len()).unwrap_or(i32::MAX).saturating_sub(1);
        let drawn: Vec<i32> = (0..count).map(|_| rng.integer(0, last)).collect();
        Some(rows_at(pairs, Tensor::<1, Int>::from_data(TensorData::new(drawn, [count]), &self.device)))
    }
}

impl Training for Reflow {
    fn step(&mut self, batch: &Batch, rate: f64) -> Result<Step, LabError> {
        self.pool.grow(batch.progress)?;
        let mut rng = batch.rng.clone();
        let pairs = self.pool.draw(batch.items.len(), &mut rng);
        let pairs = pairs.ok_or_else(|| LabError::Missing("The pairs of reflow".to_owned()))?;
        let batch = Batch { items: Inputs::Rows(pairs).autodiff(), rng, ..batch.clone() };
        self.trainer.step(&batch, rate)
    }

    fn model(&self) -> Result<Arc<dyn Model>, LabError> {
        self.trainer.model()
    }

    fn finish(&mut self, _: Option<Again>) -> Result<BTreeMap<&'static str, Tensor<1>>, LabError> {
        // The pairs are not learned from again.
        self.pool.pairs = None;
        let rounds = Tensor::from_data(TensorData::new(vec![self.rounds], [1]), &self.pool.device);
        Ok(BTreeMap::from([(ROUNDS, rounds)]))
    }

    fn weights(&self) -> Option<Tensor<1>> {
        let pairs = self.pool.pairs.clone().map(|pairs| pairs.flatten::<1>(0, 1));
        let parts: Vec<Tensor<1>> = self.trainer.weights().into_iter().chain(pairs).collect();
        (!parts.is_empty()).then(|| Tensor::cat(parts, 0))
    }

    fn moments(&self) -> Option<Tensor<1>> {
        self.trainer.moments()
    }

    fn restore(&mut self, weights: &[f32], moments: &[f32]) -> Result<(), LabError> {
        let count = self.trainer.weights().map_or(0, |weights| weights.dims()[0]);
        let both = 2 * self.pool.width;
        let split = weights.split_at_checked(count).filter(|(_, pairs)| pairs.len().is_multiple_of(both));
        let (weights, pairs) =
            split.ok_or_else(|| LabError::Checkpoint("its numbers are not those of this model".to_owned()))?;
        self.trainer.restore(weights, moments)?;
        let rows = [pairs.len() / both, both];
        let pairs = (!pairs.is_empty()).then(|| TensorData::new(pairs.to_vec(), rows));
        self.pool.pairs = pairs.map(|pairs| Tensor::from_data(pairs, &self.pool.device));
        Ok(())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use data::Seed;
    use pollster::block_on;

    use super::super::velocity::tests::constant;
    use super::*;
    use crate::engine::read;

    /// Carries every point by the same way.
    struct Carrier(Velocity);

    impl Model for Carrier {
        fn path(&self, noise: &Inputs, steps: usize) -> Result<Vec<Inputs>, LabError> {
            self.0.travel(noise, steps)
        }

        fn parameters(&self) -> u64 {
            0
        }

        fn portable(&self) -> Portable {
            self.0.portable()
        }
    }

    fn pool(wanted: usize) -> Pool {
        let teacher = Arc::new(Carrier(constant([3.0, -1.0])));
        let (noise, device) = (Seed(1).stream("reflow/1"), Device::flex());
        Pool { teacher, noise, width: 2, wanted, euler: 4, device, pairs: None }
    }

    #[test]
    fn pairs_are_noise_and_what_the_old_model_makes_of_it() {
        let mut pool = pool(300);
        let sizes: Vec<usize> = (0..3).map(|_| pool.grow(0.0).map(|()| pool.len()).unwrap()).collect();
        assert_eq!(sizes, [256, 300, 300]);
        let pairs = block_on(read(pool.pairs.clone().unwrap())).unwrap();
        for pair in pairs.chunks_exact(4) {
            assert!((pair[2] - pair[0] - 3.0).abs() < 1e-5 && (pair[3] - pair[1] + 1.0).abs() < 1e-5, "{pair:?}");
        }
        let firsts: std::collections::BTreeSet<u32> = pairs.iter().step_by(4).map(|first| first.to_bits()).collect();
        assert_eq!(firsts.len(), 300, "noise of its own for each");
    }

    #[test]
    fn a_short_training_has_all_pairs_by_its_middle() {
        let mut pool = pool(4096);
        let sizes = [0.0, 0.25, 0.25, 0.5].map(|progress| pool.grow(progress).map(|()| pool.len()).unwrap());
        assert_eq!(sizes, [256, 2048, 2304, 4096]);
    }

    #[test]
    fn what_is_drawn_is_of_the_pairs_that_there_are() {
        let mut pool = pool(256);
        let mut rng = Seed(1).stream("draw");
        assert!(pool.draw(2, &mut rng).is_none());
        pool.grow(0.0).unwrap();
        let all = block_on(read(pool.pairs.clone().unwrap())).unwrap();
        let drawn = block_on(read(pool.draw(500, &mut rng).unwrap())).unwrap();
        let known: Vec<&[f32]> = all.chunks_exact(4).collect();
        assert!(drawn.chunks_exact(4).all(|pair| known.contains(&pair)));
        let mut used: Vec<usize> =
            drawn.chunks_exact(4).filter_map(|pair| known.iter().position(|it| it == &pair)).collect();
        used.sort_unstable();
        used.dedup();
        // 500 draws of 256 miss a share of 1/e^2 of them.
        assert!((200..=245).contains(&used.len()), "{}", used.len());
    }
}
