//! First and second moments of paired rows: all that a closed form needs to know of the data.

use nalgebra::{DMatrix, DVector};

use crate::MeasureError;

/// Rows turned to double precision at a time: the copies stay in the cache.
const BLOCK: usize = 256;

/// A source row and its target row.
pub(super) type Pair<'a> = (&'a [f32], &'a [f32]);

/// `g(v) = (v - mx) W + my`, with `W` of `[source, target]`.
pub(super) struct Map {
    pub source_mean: DVector<f64>,
    pub matrix: DMatrix<f64>,
    pub target_mean: DVector<f64>,
}

/// Means and scatter of paired rows, in double precision. Without pairs everything is 0.
pub(super) struct Moments {
    pub pairs: usize,
    /// `mx`, `[source]`.
    pub source_mean: DVector<f64>,
    /// `my`, `[target]`.
    pub target_mean: DVector<f64>,
    /// `(X - mx)'(X - mx)`, `[source, source]`.
    pub source_scatter: DMatrix<f64>,
    /// `(X - mx)'(Y - my)`, `[source, target]`.
    pub cross_scatter: DMatrix<f64>,
    /// `||Y - my||_F^2`.
    pub target_spread: f64,
}

impl Moments {
    /// Moments of pairs of the given source and target widths.
    ///
    /// The means come first: rows centred before they are multiplied keep their digits where all share a large mean.
    pub fn of(pairs: &[Pair], (source, target): (usize, usize)) -> Self {
        let mut moments = Self {
            pairs: pairs.len(),
            source_mean: mean(pairs.iter().map(|pair| pair.0), source),
            target_mean: mean(pairs.iter().map(|pair| pair.1), target),
            source_scatter: DMatrix::zeros(source, source),
            cross_scatter: DMatrix::zeros(source, target),
            target_spread: 0.0,
        };
        for block in pairs.chunks(BLOCK) {
            let x = centred(block.iter().map(|pair| pair.0), &moments.source_mean, block.len());
            let y = centred(block.iter().map(|pair| pair.1), &moments.target_mean, block.len());
            // An explicit transpose, because only the plain product has a fast path in nalgebra.
            moments.source_scatter.gemm(1.0, &x, &x.transpose(), 1.0);
            moments.cross_scatter.gemm(1.0, &x, &y.transpose(), 1.0);
            moments.target_spread += y.norm_squared();
        }
        moments
    }

    /// Moments of both samples together (Chan, Golub and LeVeque, 1979).
    pub fn merged(&self, other: &Self) -> Self {
        let pairs = self.pairs + other.pairs;
        let share = other.pairs as f64 / (pairs as f64).max(1.0);
        let (source, target) = (&other.source_mean - &self.source_mean, &other.target_mean - &self.target_mean);
        let weight = self.pairs as f64 * share;
        Self {
            pairs,
            source_mean: &self.source_mean + &source * share,
            target_mean: &self.target_mean + &target * share,
            source_scatter: &self.source_scatter + &other.source_scatter + &source * source.transpose() * weight,
            cross_scatter: &self.cross_scatter + &other.cross_scatter + &source * target.transpose() * weight,
            target_spread: self.target_spread + other.target_spread + target.norm_squared() * weight,
        }
    }

    /// `R^2` of a map on these pairs; `None` where the target rows are constant.
    ///
    /// With `mx`, `my` of the map and `cx`, `cy` the means of these pairs,
    /// `||Y - g(X)||^2 = ||Y - cy||^2 - 2 <W, X'Y> + <W, X'X W> + m ||cy - g(cx)||^2`, the scatter being about `cx`, `cy`.
    pub fn r_squared(&self, map: &Map) -> Option<f64> {
        let mapped_mean = map.matrix.tr_mul(&(&self.source_mean - &map.source_mean)) + &map.target_mean;
        let offset = self.pairs as f64 * (&self.target_mean - mapped_mean).norm_squared();
        let explained =
            2.0 * map.matrix.dot(&self.cross_scatter) - map.matrix.dot(&(&self.source_scatter * &map.matrix));
        let error = self.target_spread - explained + offset;
        self.target_varies().then(|| 1.0 - error.max(0.0) / self.target_spread)
    }

    /// Passes on moments that determine more than a translation.
    ///
    /// # Errors
    /// When there are fewer than 2 pairs or one side is constant.
    pub fn varying(&self, measure: &'static str) -> Result<&Self, MeasureError> {
        if self.pairs < 2 {
            return Err(MeasureError::TooFewRows { measure, needed: 2, found: self.pairs });
        }
        if !varies(self.source_scatter.trace(), &self.source_mean, self.pairs) {
            return Err(MeasureError::NoVariance { measure, side: "source" });
        }
        if !self.target_varies() {
            return Err(MeasureError::NoVariance { measure, side: "target" });
        }
        Ok(self)
    }

    fn target_varies(&self) -> bool {
        varies(self.target_spread, &self.target_mean, self.pairs)
    }
}

/// Whether rows with this mean and this squared distance from it, summed, differ at all.
///
/// Equal rows leave rounding of about 1e-32 of their size; a real difference in single precision leaves at least 1e-15.
pub(super) fn varies(spread: f64, mean: &DVector<f64>, rows: usize) -> bool {
    spread > 1e-20 * (spread + rows as f64 * mean.norm_squared())
}

/// Column means, in double precision.
pub(super) fn mean<'a>(rows: impl ExactSizeIterator<Item = &'a [f32]>, dim: usize) -> DVector<f64> {
    let count = (rows.len() as f64).max(1.0);
    let mut sum = DVector::zeros(dim);
    for row in rows {
        sum.iter_mut().zip(row).for_each(|(sum, &value)| *sum += f64::from(value));
    }
    sum / count
}

/// The rows less their mean, one per column: `[dim, rows]`.
fn centred<'a>(rows: impl Iterator<Item = &'a [f32]>, mean: &DVector<f64>, count: usize) -> DMatrix<f64> {
    let values = rows.flat_map(|row| row.iter().zip(mean.iter()).map(|(&value, mean)| f64::from(value) - mean));
    DMatrix::from_iterator(mean.len(), count, values)
}
