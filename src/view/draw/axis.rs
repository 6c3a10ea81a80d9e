//! What the points of a chart go by, and where on it a training step lies.

use protocol::{LossPoint, ModelId, RunLog};

/// What the points of a chart go by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Axis {
    /// Training steps, from 1.
    #[default]
    Steps,
    /// Passes over the training images.
    Epochs,
    /// Seconds spent on the training steps of a model, measuring not included.
    Seconds,
    /// Percent of a gallery that is re-embedded.
    Reembedded,
    /// Models by their stage, from 1.
    Models,
    /// The columns of a table, which are numbers; what they are the chart knows.
    Columns,
}

impl Axis {
    /// What curves over a training can go by, in the order of the menu.
    pub const TRAINING: [Self; 3] = [Self::Steps, Self::Epochs, Self::Seconds];

    /// What stands in the menu.
    pub fn name(self) -> &'static str {
        match self {
            Self::Steps => "steps",
            Self::Epochs => "epochs",
            Self::Seconds => "seconds",
            Self::Reembedded => "re-embedded",
            Self::Models => "models",
            Self::Columns => "columns",
        }
    }

    /// What stands below the axis.
    pub fn label(self) -> &'static str {
        match self {
            Self::Steps => "training steps",
            Self::Epochs => "training epochs",
            Self::Seconds => "training seconds",
            Self::Reembedded => "% of the old gallery re-embedded",
            Self::Models => "models in the order of their stages",
            Self::Columns => "columns of the table",
        }
    }

    /// What one of its numbers is called.
    pub fn unit(self) -> &'static str {
        match self {
            Self::Steps => "step",
            Self::Epochs => "epoch",
            Self::Seconds => "training seconds",
            Self::Reembedded => "% re-embedded",
            Self::Models => "model",
            Self::Columns => "column",
        }
    }

    /// A place on the axis as a number.
    pub fn number(self, at: f64) -> String {
        match self {
            Self::Steps | Self::Reembedded | Self::Columns => format!("{at}"),
            Self::Epochs | Self::Seconds => format!("{at:.2}"),
            Self::Models => format!("v{at}"),
        }
    }

    /// A place on the axis, in words.
    pub fn place(self, at: f64) -> String {
        let number = self.number(at);
        match self {
            Self::Steps => format!("at step {number}"),
            Self::Epochs => format!("at epoch {number}"),
            Self::Seconds => format!("after {number} training seconds"),
            Self::Reembedded => format!("with {number} % re-embedded"),
            Self::Models => format!("of {number}"),
            Self::Columns => format!("at {number}"),
        }
    }

    /// Where a training step of a model lies on the axis; `None` if it is not about training or nothing was read of the model.
    pub fn at(self, log: &RunLog, model: ModelId, step: u32) -> Option<f64> {
        match self {
            Self::Steps => Some(f64::from(step)),
            Self::Epochs => at_step(&log.models.get(&model)?.losses, step, |it| it.epoch),
            Self::Seconds => at_step(&log.models.get(&model)?.losses, step, |it| it.seconds),
            Self::Reembedded | Self::Models | Self::Columns => None,
        }
    }

    /// Whether it goes along a training.
    pub fn is_training(self) -> bool {
        Self::TRAINING.contains(&self)
    }
}

/// Of the moments at which something trained, the one that lies nearest to `at` on the axis: of `model`, or of any where that
/// has none.
pub fn nearest_moment(
    axis: Axis,
    log: &RunLog,
    steps: &[(usize, ModelId, u32)],
    model: ModelId,
    at: f64,
) -> Option<usize> {
    let known = steps.iter().any(|step| step.1 == model);
    let fitting = steps.iter().filter(|step| !known || step.1 == model);
    let placed = fitting.filter_map(|&(moment, of, step)| Some((moment, (axis.at(log, of, step)? - at).abs())));
    placed.min_by(|a, b| a.1.total_cmp(&b.1)).map(|(moment, _)| moment)
}

/// A value that grows from zero with the steps, between the readings around a step; past the last one it grows on as before.
fn at_step(losses: &[LossPoint], step: u32, value: fn(&LossPoint) -> f64) -> Option<f64> {
    let next = losses.partition_point(|it| it.step < step).min(losses.len().checked_sub(1)?);
    let right = losses.get(next)?;
    let left = next.checked_sub(1).and_then(|left| losses.get(left));
    let (from, start) = left.map_or((0.0, 0.0), |it| (f64::from(it.step), value(it)));
    let span = f64::from(right.step) - from;
    if right.step == step || span <= 0.0 {
        // Exactly the reading's own, so that all that is known of a step lies at one place.
        return Some(value(right));
    }
    Some(start + (value(right) - start) * (f64::from(step) - from) / span)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::testing::{CEILING, NEW, OLD, half_way};

    #[test]
    fn steps_lie_between_the_readings_around_them() {
        // Of the new model losses were read at steps 4 and 20, ten steps to the epoch, 10 ms each.
        let log = half_way();
        assert_eq!(Axis::Steps.at(&log, NEW, 16), Some(16.0));
        for (step, epoch, seconds) in [(0, 0.0, 0.0), (2, 0.2, 0.02), (4, 0.4, 0.04), (16, 1.6, 0.16), (30, 3.0, 0.3)] {
            let found = [Axis::Epochs, Axis::Seconds].map(|axis| axis.at(&log, NEW, step).unwrap());
            assert!((found[0] - epoch).abs() < 1e-12 && (found[1] - seconds).abs() < 1e-12, "{step}: {found:?}");
        }
        assert_eq!(Axis::Epochs.at(&log, NEW, 20), Some(2.0), "a reading's own place is exact");
    }

    #[test]
    fn a_model_of_which_nothing_was_read_has_no_place_but_its_step() {
        let mut log = half_way();
        assert_eq!(Axis::Reembedded.at(&log, OLD, 4), None);
        log.models.remove(&CEILING);
        assert_eq!(Axis::Epochs.at(&log, CEILING, 4), None);
        assert_eq!(Axis::Steps.at(&log, CEILING, 4), Some(4.0));
    }

    #[test]
    fn the_nearest_moment_is_one_of_the_model_if_it_trained() {
        let log = half_way();
        let steps = [(2, OLD, 40), (4, CEILING, 80), (6, NEW, 4), (7, NEW, 20)];
        let find = |axis, model, at| nearest_moment(axis, &log, &steps, model, at);
        assert_eq!([0.0, 11.0, 13.0, 900.0].map(|at| find(Axis::Steps, NEW, at)), [6, 6, 7, 7].map(Some));
        assert_eq!(find(Axis::Epochs, NEW, 1.9), Some(7));
        assert_eq!(find(Axis::Steps, ModelId::deployed(3), 79.0), Some(4), "any where the model has none");
        assert_eq!(find(Axis::Reembedded, NEW, 4.0), None);
    }

    #[test]
    fn places_are_told_in_the_words_of_the_axis() {
        assert_eq!(Axis::Steps.place(32.0), "at step 32");
        assert_eq!(Axis::Epochs.place(1.6), "at epoch 1.60");
        assert_eq!(Axis::Seconds.place(0.164), "after 0.16 training seconds");
        assert_eq!(Axis::Reembedded.place(40.0), "with 40 % re-embedded");
        assert_eq!(Axis::Models.place(2.0), "of v2");
    }
}
