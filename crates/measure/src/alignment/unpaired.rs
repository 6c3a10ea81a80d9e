//! A map between two spaces from rows that are not paired: mini-vec2vec (Dar, 2025, arXiv 2510.02348).
//!
//! Two good models of the same kind of data arrange it alike up to rotation, so the shape of the cloud can take the place of pairs:
//! clusters that lie alike among the other clusters are taken for the same, rows that lie alike among the clusters for the same kind of
//! row, and what that yields is refined. Expect less than from as many pairs, and look at more than one seed: a wrong matching of the
//! clusters is a wrong map, and nothing in the data says so.

use nalgebra::{DMatrix, DVector};
use rand::{Rng, SeedableRng, seq::SliceRandom};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::{Adapter, Embedding, assignment::match_nodes, clusters, moments::Moments, procrustes::nearest_orthogonal};
use crate::{Features, MeasureError, scores::Gallery};

/// Share of the new map in each step of the refinement.
const STEP: f64 = 0.5;

/// The method and its parameters. The default is that of the authors, but for the number of rows, which they take ten times as large.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct MiniVec2Vec {
    /// Clusters that are matched in one run, 2 or more and at most as many as rows. The number of classes, where it is known, is a far
    /// better choice than the default: clusters that cut through a class lie differently in the two spaces, and do not match.
    pub clusters: usize,
    /// Runs of clustering and matching, each on other rows, 1 or more; all their centres become anchors.
    pub runs: usize,
    /// Rows of the target whose mean is the partner of one row of the source, 1 or more and at most as many as rows.
    pub neighbours: usize,
    /// Steps of refinement; 0 leaves the map as the anchors gave it.
    pub steps: usize,
    /// Rows drawn of either side for each run and each step; all where there are fewer.
    pub sample: usize,
    /// Seed of every draw.
    pub seed: u64,
}

impl Default for MiniVec2Vec {
    fn default() -> Self {
        Self { clusters: 20, runs: 30, neighbours: 50, steps: 100, sample: 1000, seed: 0 }
    }
}

impl MiniVec2Vec {
    /// Finds a nearly orthogonal map, and the scale and the means around it, from the space of `x` to that of `y`.
    ///
    /// The rows of the two may be of different items and of different number. Takes `O((runs + steps) sample^2 dim)` time and more;
    /// the same seed gives the same map.
    ///
    /// # Errors
    /// When a parameter is out of its range for these rows, one side does not vary, or a decomposition does not converge.
    pub fn fit(&self, x: &Embedding, y: &Embedding) -> Result<Adapter, MeasureError> {
        let rows = self.sample.min(x.rows.rows()).min(y.rows.rows());
        within("the number of clusters", self.clusters, 2, rows)?;
        within("the number of runs", self.runs, 1, usize::MAX)?;
        within("the number of neighbours", self.neighbours, 1, rows)?;
        let (source, target) = (Cloud::new(&x.rows, "source")?, Cloud::new(&y.rows, "target")?);
        let mut rng = ChaCha8Rng::seed_from_u64(self.seed);

        let (a, b) = self.anchors(&source, &target, &mut rng);
        let (from, to) = (source.draw(self.sample, &mut rng), target.draw(self.sample, &mut rng));
        let (near, far) = (relative(&from, &a, source.dim)?, relative(&to, &b, target.dim)?);
        let mut matrix = self.matched(&from, &near, &far, &to, (&source, &target))?;
        for _ in 0..self.steps {
            let (from, to) = (source.draw(self.sample, &mut rng), target.draw(self.sample, &mut rng));
            let mapped = matrix.transpose() * columns(&from, source.dim);
            let mapped: Vec<f32> = mapped.iter().map(|&value| value as f32).collect();
            let refined = self.matched(&from, &mapped, &to, &to, (&source, &target))?;
            matrix = matrix * (1.0 - STEP) + refined * STEP;
        }
        matrix *= target.scale / source.scale;
        Ok(Adapter::assemble((x.model, y.model), &source.mean, &matrix, &target.mean))
    }

    /// Cluster centres of both clouds, row `i` of one playing the part of row `i` of the other.
    fn anchors(&self, source: &Cloud, target: &Cloud, rng: &mut impl Rng) -> (Vec<f32>, Vec<f32>) {
        let (mut a, mut b) = (Vec::new(), Vec::new());
        for _ in 0..self.runs {
            let mut centres =
                |cloud: &Cloud| clusters::centres(&cloud.draw(self.sample, rng), cloud.dim, self.clusters, rng);
            let (from, to) = (centres(source), centres(target));
            let nodes = match_nodes(&likeness(&from, source.dim), &likeness(&to, target.dim), self.runs, rng);
            a.extend(from);
            b.extend(nodes.iter().filter_map(|&node| to.chunks_exact(target.dim).nth(node)).flatten());
        }
        (a, b)
    }

    /// The orthogonal map from each row of `from` to the mean of the rows of `to` whose keys have the largest products with its own key.
    fn matched(
        &self,
        from: &[f32],
        from_keys: &[f32],
        to_keys: &[f32],
        to: &[f32],
        (source, target): (&Cloud, &Cloud),
    ) -> Result<DMatrix<f64>, MeasureError> {
        let width = to_keys.len() / (to.len() / target.dim);
        let mut partners = Vec::with_capacity(from.len() / source.dim * target.dim);
        let mut order: Vec<usize> = Vec::new();
        Gallery::pack(to_keys, width).score_each(from_keys, |_, scores| {
            order.clear();
            order.extend(0..scores.len());
            let score = |row: usize| scores.get(row).copied().unwrap_or(f32::NEG_INFINITY);
            order.select_nth_unstable_by(self.neighbours - 1, |&a, &b| score(b).total_cmp(&score(a)).then(a.cmp(&b)));
            let mut sum = vec![0.0; target.dim];
            for &row in order.iter().take(self.neighbours) {
                let values = to.iter().skip(row * target.dim);
                sum.iter_mut().zip(values).for_each(|(sum, value)| *sum += value);
            }
            // Their number is the same for all, and a common scale does not turn the map.
            partners.extend(sum);
        });
        let cross = columns(from, source.dim) * columns(&partners, target.dim).transpose();
        nearest_orthogonal(&cross).map(|(matrix, _)| matrix)
    }
}

/// Rows centred and scaled to unit length.
struct Cloud {
    unit: Vec<f32>,
    dim: usize,
    mean: DVector<f64>,
    /// Root mean square length of the centred rows, which puts the lengths of the two spaces in proportion.
    scale: f64,
}

impl Cloud {
    fn new(rows: &Features, side: &'static str) -> Result<Self, MeasureError> {
        let dim = rows.dim();
        let pairs: Vec<_> = rows.iter().zip(rows.iter()).collect();
        let moments = Moments::of(&pairs, (dim, dim));
        moments.varying("mini-vec2vec").map_err(|error| match error {
            MeasureError::NoVariance { measure, .. } => MeasureError::NoVariance { measure, side },
            other => other,
        })?;
        let centred = rows.iter().flat_map(|row| row.iter().zip(moments.source_mean.iter()));
        let centred: Vec<f32> = centred.map(|(&value, mean)| (f64::from(value) - mean) as f32).collect();
        let scale = (moments.target_spread / rows.rows() as f64).sqrt();
        Ok(Self { unit: Features::new(&centred, dim)?.prefix(dim)?, dim, mean: moments.source_mean, scale })
    }

    /// At most `count` different rows in random order.
    fn draw(&self, count: usize, rng: &mut impl Rng) -> Vec<f32> {
        let mut rows: Vec<&[f32]> = self.unit.chunks_exact(self.dim).collect();
        rows.partial_shuffle(rng, count).0.concat()
    }
}

/// Row-major rows as columns in double precision, `[dim, rows]`.
fn columns(rows: &[f32], dim: usize) -> DMatrix<f64> {
    DMatrix::from_iterator(dim, rows.len() / dim, rows.iter().map(|&value| f64::from(value)))
}

/// Inner products of the centres about their common mean: how each lies among the others, whatever way the space is turned.
fn likeness(centres: &[f32], dim: usize) -> DMatrix<f64> {
    let mut columns = columns(centres, dim);
    let mean = columns.column_mean();
    for mut column in columns.column_iter_mut() {
        column -= &mean;
    }
    columns.transpose() * columns
}

/// Every row by its cosines with the anchors, again of unit length: `[rows, anchors]` (Moschella et al., ICLR 2023).
fn relative(rows: &[f32], anchors: &[f32], dim: usize) -> Result<Vec<f32>, MeasureError> {
    let anchors = Features::new(anchors, dim)?.prefix(dim)?;
    let mut cosines = Vec::new();
    Gallery::pack(&anchors, dim).score_each(rows, |_, scores| cosines.extend_from_slice(scores));
    let count = anchors.len() / dim;
    Features::new(&cosines, count)?.prefix(count)
}

fn within(what: &'static str, value: usize, min: usize, max: usize) -> Result<(), MeasureError> {
    if (min..=max).contains(&value) { Ok(()) } else { Err(MeasureError::OutOfRange { what, value, min, max }) }
}
