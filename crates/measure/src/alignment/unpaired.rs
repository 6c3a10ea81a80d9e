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

use super::{
    Adapter, Embedding,
    assignment::match_nodes,
    clusters,
    moments::{self, Map},
    procrustes::nearest_orthogonal,
    rows::Rows,
};
use crate::{Features, MeasureError};

/// Share of the new map in each step of the refinement.
const STEP: f64 = 0.5;

/// Most runs: with their centres as coordinates, more would only take time and memory.
const MAX_RUNS: usize = 1000;

/// The method and its parameters, by default those of the authors' code but for `sample`: they cluster 10,000 rows, and look for
/// neighbours among all. Their second refinement, one more clustering of both sides, is left out.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct MiniVec2Vec {
    /// Clusters that are matched in one run, 2 or more and at most as many as rows. The number of classes, where it is known, is a far
    /// better choice than the default: clusters that cut through a class lie differently in the two spaces, and do not match.
    pub clusters: usize,
    /// Runs of clustering and matching, each on other rows, in `1..=1000`; all their centres become anchors.
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
        within("the number of runs", self.runs, 1, MAX_RUNS)?;
        within("the number of neighbours", self.neighbours, 1, rows)?;
        let (source, target) = (Cloud::new(&x.rows, "source")?, Cloud::new(&y.rows, "target")?);
        let mut rng = ChaCha8Rng::seed_from_u64(self.seed);

        let (source_anchors, target_anchors) = self.anchors(&source, &target, &mut rng);
        let (from, to) = (source.draw(self.sample, &mut rng), target.draw(self.sample, &mut rng));
        let partners = self.partners(&relative(&from, &source_anchors)?, &relative(&to, &target_anchors)?, &to);
        let mut matrix = turn(&from, &partners)?;
        for _ in 0..self.steps {
            let (from, to) = (source.draw(self.sample, &mut rng), target.draw(self.sample, &mut rng));
            let mapped = matrix.transpose() * from.columns();
            let mapped = Rows { values: mapped.iter().map(|&value| value as f32).collect(), dim: to.dim };
            let refined = turn(&from, &self.partners(&mapped, &to, &to))?;
            matrix = matrix * (1.0 - STEP) + refined * STEP;
        }
        matrix *= target.scale / source.scale;
        Ok(Adapter::new(x.model, y.model, &Map { source_mean: source.mean, matrix, target_mean: target.mean }))
    }

    /// Cluster centres of both clouds, row `i` of one playing the part of row `i` of the other.
    fn anchors(&self, source: &Cloud, target: &Cloud, rng: &mut impl Rng) -> (Rows, Rows) {
        let (mut a, mut b) = (Vec::new(), Vec::new());
        for _ in 0..self.runs {
            let mut centres = |cloud: &Cloud| clusters::centres(&cloud.draw(self.sample, rng), self.clusters, rng);
            let (from, to) = (centres(source), centres(target));
            let nodes = match_nodes(&likeness(&from), &likeness(&to), self.runs, rng);
            a.extend(from.values.iter());
            b.extend(nodes.iter().filter_map(|&node| to.iter().nth(node)).flatten());
        }
        (Rows { values: a, dim: source.rows.dim }, Rows { values: b, dim: target.rows.dim })
    }

    /// For each key of the source the sum of those rows of `to` whose own keys have the largest products with it.
    ///
    /// A sum in place of a mean: their number is the same for all, and a common scale does not turn a map.
    fn partners(&self, source_keys: &Rows, target_keys: &Rows, to: &Rows) -> Rows {
        let mut values = Vec::with_capacity(source_keys.count() * to.dim);
        let mut order: Vec<usize> = Vec::new();
        target_keys.score_each(source_keys, |scores| {
            order.clear();
            order.extend(0..scores.len());
            let score = |row: usize| scores.get(row).copied().unwrap_or(f32::NEG_INFINITY);
            order.select_nth_unstable_by(self.neighbours - 1, |&a, &b| score(b).total_cmp(&score(a)).then(a.cmp(&b)));
            let mut sum = vec![0.0; to.dim];
            for row in order.iter().take(self.neighbours).filter_map(|&row| to.iter().nth(row)) {
                sum.iter_mut().zip(row).for_each(|(sum, value)| *sum += value);
            }
            values.extend(sum);
        });
        Rows { values, dim: to.dim }
    }
}

/// Rows centred and scaled to unit length.
struct Cloud {
    rows: Rows,
    mean: DVector<f64>,
    /// Root mean square length of the centred rows, which puts the lengths of the two spaces in proportion.
    scale: f64,
}

impl Cloud {
    fn new(features: &Features, side: &'static str) -> Result<Self, MeasureError> {
        let (count, dim) = (features.rows(), features.dim());
        let mean = moments::mean(features.iter(), dim);
        let pairs = features.iter().flat_map(|row| row.iter().zip(mean.iter()));
        let centred: Vec<f64> = pairs.map(|(&value, mean)| f64::from(value) - mean).collect();
        let spread = centred.iter().map(|value| value * value).sum::<f64>();
        if !moments::varies(spread, &mean, count) {
            return Err(MeasureError::NoVariance { measure: "mini-vec2vec", side });
        }
        let rows = Rows { values: centred.iter().map(|&value| value as f32).collect(), dim }.unit()?;
        Ok(Self { rows, mean, scale: (spread / count as f64).sqrt() })
    }

    /// At most `count` different rows in random order.
    fn draw(&self, count: usize, rng: &mut impl Rng) -> Rows {
        let mut rows: Vec<&[f32]> = self.rows.iter().collect();
        Rows { values: rows.partial_shuffle(rng, count).0.concat(), dim: self.rows.dim }
    }
}

/// The orthogonal map that brings each row nearest to its partner.
fn turn(from: &Rows, partners: &Rows) -> Result<DMatrix<f64>, MeasureError> {
    nearest_orthogonal(&(from.columns() * partners.columns().transpose())).map(|(matrix, _)| matrix)
}

/// Inner products of the centres about their common mean: how each lies among the others, whatever way the space is turned.
fn likeness(centres: &Rows) -> DMatrix<f64> {
    let mut columns = centres.columns();
    let mean = columns.column_mean();
    for mut column in columns.column_iter_mut() {
        column -= &mean;
    }
    columns.transpose() * columns
}

/// Every row by its cosines with the anchors, again of unit length: `[rows, anchors]` (Moschella et al., ICLR 2023).
fn relative(rows: &Rows, anchors: &Rows) -> Result<Rows, MeasureError> {
    let mut cosines = Vec::with_capacity(rows.count() * anchors.count());
    anchors.unit()?.score_each(rows, |scores| cosines.extend_from_slice(scores));
    Rows { values: cosines, dim: anchors.count() }.unit()
}

fn within(what: &'static str, value: usize, min: usize, max: usize) -> Result<(), MeasureError> {
    if (min..=max).contains(&value) { Ok(()) } else { Err(MeasureError::OutOfRange { what, value, min, max }) }
}
