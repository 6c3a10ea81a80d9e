//! What samples are held against, and the numbers that come of it.

use data::{Dataset, ItemShape, Seed};
use measure::samples::{
    Directions, ModeCounts, Order, coverage, median_distance, mmd_squared, modes, sliced_wasserstein,
};
use measure::{Features, MeasureError};

use crate::LabError;
use crate::images::TestImages;

/// Points of noise, and test items that samples are held against, at most.
const COUNT: usize = 1000;
/// Lines that points are projected on.
const LINES: u32 = 64;
/// Neighbours of a real point that its ball reaches to.
const NEIGHBOURS: usize = 5;
/// Share of the items of a class that its mode reaches to.
const REACH: f64 = 0.99;

/// The noise that all models of a run are given, the items that what they make is held against, and how.
pub(crate) struct Yardstick {
    width: usize,
    noise: Vec<f32>,
    real: Vec<f32>,
    directions: Directions,
    bandwidth: f64,
    /// Mean of the items of each class, `[classes, width]` row-major.
    centres: Vec<f32>,
    radius: f64,
    names: Vec<String>,
    fresh: Scores,
}

/// What samples score.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Scores {
    pub(super) distance: f64,
    pub(super) mmd: f64,
    pub(super) coverage: f64,
    pub(super) modes: ModeCounts,
}

impl Yardstick {
    /// That of a run: test items, as many training items, and noise of its seed.
    ///
    /// # Errors
    /// [`LabError::Scenario`] if the items are no rows, [`LabError::Measure`] if there are too few of them or they all coincide.
    pub(crate) fn of(dataset: &Dataset, test: &TestImages, seed: Seed) -> Result<Self, LabError> {
        let shape = dataset.test.items().shape();
        let ItemShape::Rows { width } = shape else {
            return Err(LabError::Scenario(format!(
                "A flow makes rows of numbers, but the items of {} are {shape}; choose a dataset of rows, as the ring.",
                dataset.name
            )));
        };
        let real = test.rows(dataset, COUNT)?;
        let count = real.len() / width.max(1);
        let order = seed.stream("samples/training").shuffled(dataset.train.len());
        let train = dataset.train.items();
        let rows = order.into_iter().take(count).map(|item| train.row(item)).collect::<Result<Vec<_>, _>>()?;
        let mut stream = seed.stream("samples/noise");
        let noise = (0..COUNT * width).map(|_| stream.normal()).collect();
        let labels = test.labels.get(..count).unwrap_or(&test.labels);
        Ok(Self::new(width, noise, real, labels, rows.concat(), dataset.class_names.clone())?)
    }

    /// # Shapes
    /// - noise: `[any, width]`
    /// - real: `[items, width]`, one of `labels` for each, which count into `names`
    /// - train: `[about as many, width]`
    ///
    /// # Errors
    /// See [`Yardstick::of`].
    pub(super) fn new(
        width: usize,
        noise: Vec<f32>,
        real: Vec<f32>,
        labels: &[u32],
        train: Vec<f32>,
        names: Vec<String>,
    ) -> Result<Self, MeasureError> {
        let items = Features::new(&real, width)?;
        let directions = match width {
            2 => Directions::evenly_spaced(LINES)?,
            _ => {
                // Where no lines are evenly spaced those of a stream are, on the mean.
                let mut stream = Seed(0).stream("samples/lines");
                let drawn: Vec<f32> = (0..LINES as usize * width).map(|_| stream.normal()).collect();
                Directions::new(&Features::new(&drawn, width)?)?
            }
        };
        // Of the items alone, so that no model moves the scale that it is measured on.
        let (one, other) = real.split_at(items.rows() / 2 * width);
        let bandwidth = median_distance(&Features::new(one, width)?, &Features::new(other, width)?)?;
        let centres = centres(&items, labels, names.len());
        let radius = reach(&items, labels, &centres);
        let fresh = Features::new(&train, width)?;
        let mut yardstick = Self {
            width,
            noise,
            directions,
            bandwidth,
            centres,
            radius,
            names,
            fresh: Scores {
                distance: 0.0,
                mmd: 0.0,
                coverage: 0.0,
                modes: ModeCounts { points: Vec::new(), outside: 0 },
            },
            real: Vec::new(),
        };
        yardstick.fresh = yardstick.scored(&items, &fresh)?;
        yardstick.real = real;
        Ok(yardstick)
    }

    /// Numbers of a point.
    pub(super) fn width(&self) -> usize {
        self.width
    }

    /// The noise that every model is given, `[points, width]` row-major.
    pub(super) fn noise(&self) -> &[f32] {
        &self.noise
    }

    /// The items that samples are held against, as the noise.
    pub(super) fn real(&self) -> &[f32] {
        &self.real
    }

    /// The names of the modes.
    pub(super) fn names(&self) -> &[String] {
        &self.names
    }

    /// What as many training items score: a sample of the right distribution.
    pub(super) fn fresh(&self) -> &Scores {
        &self.fresh
    }

    /// Sliced Wasserstein distance of samples from the items.
    ///
    /// # Errors
    /// [`MeasureError::FeatureNotFinite`] if a sample is no number.
    pub(super) fn distance(&self, made: &[f32]) -> Result<f64, MeasureError> {
        let (real, made) = (Features::new(&self.real, self.width)?, Features::new(made, self.width)?);
        sliced_wasserstein(&real, &made, &self.directions, Order::Second)
    }

    /// All that samples score.
    ///
    /// # Errors
    /// [`MeasureError::FeatureNotFinite`] if a sample is no number.
    pub(super) fn scores(&self, made: &[f32]) -> Result<Scores, MeasureError> {
        self.scored(&Features::new(&self.real, self.width)?, &Features::new(made, self.width)?)
    }

    fn scored(&self, real: &Features, made: &Features) -> Result<Scores, MeasureError> {
        Ok(Scores {
            distance: sliced_wasserstein(real, made, &self.directions, Order::Second)?,
            mmd: mmd_squared(real, made, self.bandwidth)?,
            coverage: coverage(real, made, NEIGHBOURS)?,
            modes: modes(made, &Features::new(&self.centres, self.width)?, self.radius)?,
        })
    }

    /// Which share of what the model before made is covered by what is made of the same noise now, and how far samples moved in the mean.
    ///
    /// # Errors
    /// [`MeasureError::FeatureNotFinite`] if a sample is no number.
    pub(super) fn beside(&self, old: &[f32], made: &[f32]) -> Result<(f64, f64), MeasureError> {
        let (old, made) = (Features::new(old, self.width)?, Features::new(made, self.width)?);
        let way: f64 = old.iter().zip(made.iter()).map(|(old, made)| squares(old, made).sqrt()).sum();
        Ok((coverage(&old, &made, NEIGHBOURS)?, way / old.rows() as f64))
    }

    /// The class whose middle is nearest to each point.
    pub(super) fn nearest(&self, points: &[f32]) -> Vec<u16> {
        let class = |point: &[f32]| {
            let centres = (0u16..).zip(self.centres.chunks_exact(self.width));
            let distances = centres.map(|(class, centre)| (class, squares(centre, point)));
            distances.min_by(|one, other| one.1.total_cmp(&other.1)).map_or(0, |(class, _)| class)
        };
        points.chunks_exact(self.width).map(class).collect()
    }
}

/// Squared distance of two points.
fn squares(one: &[f32], other: &[f32]) -> f64 {
    one.iter().zip(other).map(|(one, other)| (f64::from(*one) - f64::from(*other)).powi(2)).sum()
}

/// The mean of the items of each class, `[classes, width]` row-major; 0 of a class without items.
fn centres(items: &Features, labels: &[u32], classes: usize) -> Vec<f32> {
    let mean = |class: usize| {
        let mut sum = vec![0.0; items.dim()];
        let mut count = 0u32;
        for (item, _) in items.iter().zip(labels).filter(|(_, label)| **label as usize == class) {
            count += 1;
            sum.iter_mut().zip(item).for_each(|(sum, value)| *sum += f64::from(*value));
        }
        sum.into_iter().map(move |sum| (sum / f64::from(count.max(1))) as f32)
    };
    (0..classes).flat_map(mean).collect()
}

/// The distance from the middle of their class that holds the share [`REACH`] of all items.
fn reach(items: &Features, labels: &[u32], centres: &[f32]) -> f64 {
    let centre = |label: u32| centres.chunks_exact(items.dim()).nth(label as usize);
    let pairs = items.iter().zip(labels);
    let mut distances: Vec<f64> =
        pairs.filter_map(|(item, &label)| Some(squares(item, centre(label)?).sqrt())).collect();
    distances.sort_unstable_by(f64::total_cmp);
    let last = distances.len().saturating_sub(1);
    distances.get((last as f64 * REACH).ceil() as usize).copied().unwrap_or_default()
}

/// How far a path is from a straight one: the mean over its steps and points of `|v - (x_1 - x_0)|^2`, where `v` is the velocity of the
/// step (Liu et al., ICLR 2023, section 3). `None` of no path.
///
/// # Shapes
/// - start, each of the path: `[points, width]` row-major
pub(super) fn straightness(start: &[f32], path: &[Vec<f32>], width: usize) -> Option<f64> {
    let (end, steps) = (path.last()?, path.len());
    let mut sum = 0.0;
    let mut before = start;
    for after in path {
        let numbers = before.iter().zip(after).zip(start.iter().zip(end));
        let off = |((before, after), (start, end)): ((&f32, &f32), (&f32, &f32))| {
            let velocity = (f64::from(*after) - f64::from(*before)) * steps as f64;
            (velocity - (f64::from(*end) - f64::from(*start))).powi(2)
        };
        sum += numbers.map(off).sum::<f64>();
        before = after;
    }
    let points = start.len() / width.max(1);
    (points > 0).then(|| sum / (steps * points) as f64)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_straight_path_of_one_speed_has_0_and_others_have_not() {
        let straight = |path: &[&[f32]]| {
            let path: Vec<Vec<f32>> = path.iter().map(|points| points.to_vec()).collect();
            straightness(&[0.0, 0.0, 1.0, 1.0], &path, 2)
        };
        assert_eq!(straight(&[]), None);
        assert_eq!(straight(&[&[4.0, 0.0, 1.0, -3.0]]), Some(0.0), "one step is straight");
        assert_eq!(straight(&[&[2.0, 0.0, 1.0, -1.0], &[4.0, 0.0, 1.0, -3.0]]), Some(0.0));
        // The first point goes all of its way (2, 0) in the first half, at a speed of 4: off by 2 in both halves; the second rests.
        assert_eq!(straight(&[&[2.0, 0.0, 1.0, 1.0], &[2.0, 0.0, 1.0, 1.0]]), Some((4.0 + 4.0) / 4.0));
        // A detour over (0, 1): velocities (0, 2) and (2, -2) instead of (1, 0).
        assert_eq!(straight(&[&[0.0, 1.0, 1.0, 1.0], &[1.0, 0.0, 1.0, 1.0]]), Some((1.0 + 4.0 + 1.0 + 4.0) / 4.0));
    }

    #[test]
    fn modes_reach_as_far_as_nearly_all_of_their_items() {
        let values: Vec<f32> =
            (0..200).flat_map(|item| [if item % 2 == 0 { 0.0 } else { 10.0 }, item as f32 / 100.0]).collect();
        let items = Features::new(&values, 2).unwrap();
        let labels: Vec<u32> = (0..200).map(|item| item % 2).collect();
        let middles = centres(&items, &labels, 3);
        for (found, expected) in middles.iter().zip([0.0, 0.99, 10.0, 1.0, 0.0, 0.0]) {
            assert!((found - expected).abs() < 1e-5, "{middles:?}");
        }
        let radius = reach(&items, &labels, &middles);
        assert!((0.97..0.991).contains(&radius), "{radius}");
    }

    #[test]
    fn a_shifted_sample_is_so_far_off() {
        let real: Vec<f32> = (0..40).map(|at| (at % 7) as f32 * 0.3 + (at % 3) as f32).collect();
        let yardstick =
            Yardstick::new(2, vec![0.0; 4], real.clone(), &[0; 20], real.clone(), vec![String::new()]).unwrap();
        let shifted: Vec<f32> =
            real.chunks(2).flat_map(|point| [point.first().unwrap() + 3.0, point.last().unwrap() + 4.0]).collect();
        assert!((yardstick.distance(&shifted).unwrap() - 5.0 / 2.0f64.sqrt()).abs() < 1e-5);
        assert_eq!(yardstick.distance(&real).unwrap(), 0.0);
        assert_eq!(yardstick.fresh().coverage, 1.0);
        let (covered, moved) = yardstick.beside(&real, &real).unwrap();
        assert_eq!((covered, moved), (1.0, 0.0));
        assert!((yardstick.beside(&real, &shifted).unwrap().1 - 5.0).abs() < 1e-6);
    }
}
