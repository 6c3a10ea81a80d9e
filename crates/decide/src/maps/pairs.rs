//! Pairs of rows and all sums of them that closed forms need.

use std::cell::OnceCell;

use rand::{SeedableRng, seq::SliceRandom};
use rand_chacha::ChaCha8Rng;

use super::{
    Family, Fitted, Map, Step,
    apply::{Program, cosines},
    axes::Axes,
    polar::Polar,
    products::{add_scaled, narrow},
    ridge::Ridge,
    side::Side,
    sums::{Moments, Sums},
    undefined,
    work::Work,
};
use crate::{DecideError, Pulse, Vectors, vectors::length};

/// Fewest pairs that a map is fitted on.
const LEAST_PAIRS: usize = 4;

/// One pair in so many is held out where something has to be chosen.
const HELD_OUT: usize = 10;

/// Pairs held out at most: more would cost time and choose the same.
const MOST_HELD_OUT: usize = 1024;

/// From how many dims on rows are projected before anything is fitted, and on how many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Rows of at most so many numbers are taken whole.
    pub whole: usize,
    /// Principal axes that wider rows are projected on.
    pub axes: usize,
}

impl Default for Limits {
    /// A fit takes time in proportion to the third power of the dims and memory in proportion to the second.
    fn default() -> Self {
        Self { whole: 1536, axes: 1024 }
    }
}

/// Pairs of rows of the same documents by two models, scaled to unit length, and all sums that closed forms need: means, cross- and
/// auto-covariances, for all pairs and for those nine tenths that choices are made on. Made once for each direction.
///
/// Takes a few matrices of `[from dims, to dims]` and of `[from dims, from dims]` in 64 bits. Products of rows are taken in 32 bits and
/// summed in 64. Pairs with a row of zeros are left out.
pub struct Pairs<'a> {
    pub(super) x: Side<'a>,
    pub(super) y: Side<'a>,
    /// Places of the pairs in random order, the held-out ones first.
    order: Vec<usize>,
    held: usize,
    /// Of all pairs.
    pub(super) all: Moments,
    /// Of those that are not held out.
    pub(super) nine: Moments,
    /// Held-out rows of `x` in the coordinates of the fit, `[held, from]`.
    pub(super) held_x: Vec<f32>,
    /// Held-out rows of `y` as they came, of unit length, `[held, dims]`.
    held_y: Vec<f32>,
    /// What several families share, once one of them has made it.
    pub(super) ridge: OnceCell<Ridge>,
    pub(super) polar: OnceCell<Polar>,
}

impl<'a> Pairs<'a> {
    /// Row `i` of `x` with row `i` of `y` for each `i` of `rows`; `x` is mapped to `y`.
    ///
    /// # Errors
    /// A row is not there, there are fewer than 4 pairs without rows of zeros, or what the pulse says.
    pub fn new(x: &'a Vectors, y: &'a Vectors, rows: &'a [usize], pulse: Pulse<'_>) -> Result<Self, DecideError> {
        Self::within(x, y, rows, Limits::default(), pulse)
    }

    /// The same with other limits.
    ///
    /// # Errors
    /// As [`Pairs::new`].
    pub fn within(
        x: &'a Vectors,
        y: &'a Vectors,
        rows: &[usize],
        limits: Limits,
        pulse: Pulse<'_>,
    ) -> Result<Self, DecideError> {
        if rows.iter().any(|&row| row >= x.count() || row >= y.count()) {
            return Err(undefined("a map", "a pair names a row that is not there; hand in rows of both models"));
        }
        let long = |&row: &usize| length(x.row(row)) > 0.0 && length(y.row(row)) > 0.0;
        let mut order: Vec<usize> = rows.iter().copied().filter(long).collect();
        if order.len() < LEAST_PAIRS {
            return Err(DecideError::TooFew { what: "pairs to fit a map on", count: order.len(), least: LEAST_PAIRS });
        }
        // Rows often come sorted, so a stretch of them would hold out whole topics. The order is the same every time.
        let mut rng = ChaCha8Rng::seed_from_u64(order.len() as u64);
        order.shuffle(&mut rng);
        let held = (order.len() / HELD_OUT).clamp(1, MOST_HELD_OUT);

        let dims = |side: &Vectors| if side.dims() > limits.whole { limits.axes.min(side.dims()) } else { side.dims() };
        let (from, to) = (dims(x), dims(y));
        let products = order.len() as f64 * (from * from / 2 + from * to) as f64;
        let axes = |side: &Vectors| {
            let projected = side.dims() > limits.whole;
            if projected { Axes::cost(side.dims(), limits.axes, order.len()) } else { 0.0 }
        };
        let mut work = Work::start(pulse, products + axes(x) + axes(y))?;
        let x = Side::new(x, &order, limits, &mut work)?;
        let y = Side::new(y, &order, limits, &mut work)?;

        let (held_rows, kept) = order.split_at(held);
        let mut sums = Sums::new(x.dims(), y.dims());
        sums.add_rows(&x, &y, kept, &mut work)?;
        let nine = sums.moments();
        sums.add_rows(&x, &y, held_rows, &mut work)?;
        let all = sums.moments();
        let (held_x, held_y) = (x.rows(held_rows, &mut work)?, y.units(held_rows));
        let (ridge, polar) = (OnceCell::new(), OnceCell::new());
        Ok(Self { x, y, order, held, all, nine, held_x, held_y, ridge, polar })
    }

    /// How many pairs maps are fitted on.
    pub fn count(&self) -> usize {
        self.all.count
    }

    /// Places of the held-out pairs.
    pub(super) fn held_rows(&self) -> &[usize] {
        self.order.get(..self.held).unwrap_or_default()
    }

    /// Places of the other pairs, in random order.
    pub(super) fn kept_rows(&self) -> &[usize] {
        self.order.get(self.held..).unwrap_or_default()
    }

    /// Places of all pairs, the held-out ones last.
    pub(super) fn all_rows(&self) -> Vec<usize> {
        [self.kept_rows(), self.held_rows()].concat()
    }

    /// Numbers of a row that goes into a fit and of one that comes out.
    pub(super) fn dims(&self) -> (usize, usize) {
        (self.x.dims(), self.y.dims())
    }

    /// Passes where rows of both sides differ.
    ///
    /// # Errors
    /// All rows of one side are the same.
    pub(super) fn varying(&self) -> Result<(), DecideError> {
        // Equal rows of unit length leave rounding of about 1e-32 each; a real difference in 32 bits leaves at least 1e-15.
        let varies = |spread: f64| spread > 1e-20 * self.all.count as f64;
        match (varies(self.all.spread.0), varies(self.all.spread.1)) {
            (true, true) => Ok(()),
            (false, _) => Err(undefined("a map", "all rows to map from are the same; hand in rows that differ")),
            (true, false) => Err(undefined("a map", "all rows to map to are the same; hand in rows that differ")),
        }
    }

    /// `x W + b` of rows in the coordinates of the fit, `b` such that the mean of these pairs goes to their mean.
    pub(super) fn affine(&self, moments: &Moments, weight: &[f64]) -> Step {
        let mut bias = self.bias(moments, weight);
        for (row, &origin) in weight.chunks_exact(self.y.dims()).zip(self.x.origin()) {
            add_scaled(&mut bias, -origin, row);
        }
        Step::Affine { weight: narrow(weight), bias: narrow(&bias) }
    }

    /// `b` of the same map for rows that the mean of all was taken from.
    pub(super) fn bias(&self, moments: &Moments, weight: &[f64]) -> Vec<f64> {
        let mut bias: Vec<f64> = self.y.origin().iter().zip(&moments.y).map(|(origin, mean)| origin + mean).collect();
        for (row, &mean) in weight.chunks_exact(self.y.dims()).zip(&moments.x) {
            add_scaled(&mut bias, -mean, row);
        }
        bias
    }

    /// A map of steps between rows in the coordinates of the fit.
    pub(super) fn map(&self, family: Family, steps: Vec<Step>, fitted: Fitted) -> Map {
        let (from, to) = (self.x.whole_dims(), self.y.whole_dims());
        let before = std::iter::once(Step::Normalize).chain(self.x.entrance());
        let steps = before.chain(steps).chain(self.y.exit()).collect();
        let projected = [&self.x, &self.y].into_iter().filter_map(Side::projected).min();
        Map { family, from, to, steps, fitted: Fitted { pairs: self.all.count, projected, ..fitted } }
    }

    /// The mean cosine of the held-out rows of `y` with what was predicted for them, `[held, to]` in the coordinates of the fit.
    ///
    /// # Errors
    /// What the pulse says.
    pub(super) fn agreement(&self, predicted: Vec<f32>, work: &mut Work<'_>) -> Result<f64, DecideError> {
        let steps: Vec<Step> = self.y.exit().into_iter().collect();
        let predicted = Program::new(&steps, self.y.dims())?.run(predicted, work)?;
        Ok(cosines(&predicted, &self.held_y, self.y.whole_dims()) / self.held as f64)
    }

    /// The same for what steps in the coordinates of the fit predict.
    ///
    /// # Errors
    /// What the pulse says.
    pub(super) fn agreement_of(&self, steps: &[Step], work: &mut Work<'_>) -> Result<f64, DecideError> {
        let predicted = Program::new(steps, self.x.dims())?.run(self.held_x.clone(), work)?;
        self.agreement(predicted, work)
    }
}

#[cfg(test)]
mod tests {
    use nalgebra::DMatrix;

    use super::super::testing::{noise, pairs, quiet, unit};
    use super::*;

    /// Rows about a common mean, which centring has to take out.
    fn shifted(rows: usize, dims: usize, seed: u64) -> Vectors {
        let numbers: Vec<f64> = noise(rows * dims, seed).iter().map(|number| number + 3.0).collect();
        unit(dims, &numbers)
    }

    fn centred(rows: &Vectors, places: &[usize]) -> DMatrix<f64> {
        let numbers = rows.select(places).unit().numbers().iter().map(|&number| f64::from(number)).collect::<Vec<_>>();
        let mut matrix = DMatrix::from_row_slice(places.len(), rows.dims(), &numbers);
        let mean = matrix.row_mean();
        matrix.row_iter_mut().for_each(|mut row| row -= &mean);
        matrix
    }

    #[test]
    fn sums_are_those_of_centred_rows() {
        let (x, y) = (shifted(300, 5, 1), shifted(300, 3, 2));
        let rows: Vec<usize> = (0..300).step_by(2).collect();
        let pairs = pairs(&x, &y, &rows);
        assert_eq!((pairs.count(), pairs.nine.count, pairs.held_rows().len(), pairs.dims()), (150, 135, 15, (5, 3)));
        for (moments, places) in [(&pairs.all, pairs.all_rows()), (&pairs.nine, pairs.kept_rows().to_vec())] {
            let (a, b) = (centred(&x, &places), centred(&y, &places));
            let near = |found: &[f64], expected: DMatrix<f64>| {
                let expected = expected.transpose();
                found.iter().zip(&expected).all(|(a, b)| (a - b).abs() < 1e-5)
            };
            assert!(near(&moments.auto, a.transpose() * &a) && near(&moments.cross, a.transpose() * &b));
            let (spread, expected) = (moments.spread, (a.norm_squared(), b.norm_squared()));
            assert!((spread.0 - expected.0).abs() < 1e-5 && (spread.1 - expected.1).abs() < 1e-5);
        }
        let mut sorted = pairs.all_rows();
        sorted.sort_unstable();
        assert_eq!(sorted, rows);
    }

    #[test]
    fn an_affine_map_takes_mean_to_mean() {
        let (x, y) = (shifted(40, 4, 1), shifted(40, 6, 2));
        let rows: Vec<usize> = (0..40).collect();
        let pairs = pairs(&x, &y, &rows);
        let map = pairs.map(Family::Ridge, vec![pairs.affine(&pairs.all, &noise(24, 3))], Fitted::default());
        let mapped = map.apply(&x, &mut quiet).unwrap().mean();
        assert!(mapped.iter().zip(y.mean()).all(|(a, b)| (a - b).abs() < 1e-6));
        assert_eq!((map.from, map.to, map.fitted.pairs, map.fitted.projected), (4, 6, 40, None));
    }

    #[test]
    fn pairs_that_are_none_are_refused_or_left_out() {
        let rows: Vec<usize> = (0..5).collect();
        let (x, mut y) = (shifted(5, 3, 1), noise(15, 2));
        let whole = unit(3, &y);
        assert_eq!(pairs(&x, &whole, &rows).count(), 5);
        y[3..6].fill(0.0);
        let gap = unit(3, &y);
        assert_eq!(pairs(&x, &gap, &rows).count(), 4);
        let few = Pairs::new(&x, &gap, &rows[..4], &mut quiet).err();
        assert_eq!(few, Some(DecideError::TooFew { what: "pairs to fit a map on", count: 3, least: 4 }));
        assert!(matches!(Pairs::new(&x, &whole, &[0, 1, 2, 5], &mut quiet), Err(DecideError::Undefined { .. })));
        let cancelled = Pairs::new(&x, &whole, &rows, &mut |_| Err(DecideError::Cancelled)).err();
        assert_eq!(cancelled, Some(DecideError::Cancelled));
    }
}
