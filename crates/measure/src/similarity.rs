//! How alike two embeddings of the same items are, up to rotation.
//!
//! Every measure here is unchanged when one of the spaces is rotated; retrieval across the two is not. Two models trained apart score
//! high here and at chance in the cross-test. Show the two numbers side by side: their gap is what compatible training closes.

use nalgebra::{DMatrix, DVector};

use crate::{Features, MeasureError, features::one_per_row, scores::Gallery};

/// Linear centred kernel alignment, `||Y'X||_F^2 / (||X'X||_F ||Y'Y||_F)` of the column-centred features, in `0..=1`.
///
/// Biased upward unless there are many more rows than dimensions: two independent noise embeddings approach 1. Prefer
/// [`linear_cka_debiased`]; this form is for comparison with published numbers. Takes `O(rows dim^2)` time.
///
/// # Errors
/// When `x` and `y` differ in rows, have fewer than 2, or one of them does not vary.
pub fn linear_cka(x: &Features, y: &Features) -> Result<f64, MeasureError> {
    const MEASURE: &str = "linear CKA";
    let (x, y) = (Centred::new(x, MEASURE, "first", 2)?, Centred::new(y, MEASURE, "second", 2)?);
    one_per_row("rows of the second features", x.rows(), y.rows())?;
    Ok(x.squared_product(&y) / (x.squared_product(&x) * y.squared_product(&y)).sqrt())
}

/// Linear CKA with the unbiased estimator of HSIC (Song et al., 2012): about 0 for independent embeddings, at most 1, may be negative.
///
/// ```text
/// HSIC_1 = 1/(n(n-3)) [ tr(K~L~) + (1'K~1)(1'L~1)/((n-1)(n-2)) - 2/(n-2) 1'K~L~1 ],   CKA = HSIC(K,L) / sqrt(HSIC(K,K) HSIC(L,L))
/// ```
///
/// with `K~ = XX'` and `L~ = YY'`, diagonals zeroed. The estimator does not change when the columns of `X` are centred; then
/// `XX'1 = 0`, and with the squared row norms `s` and `t` of the centred features the `n x n` matrices disappear:
///
/// ```text
/// K~1 = -s,   tr(K~L~) = ||X'Y||_F^2 - s't,   (1'K~1)(1'L~1) = (sum s)(sum t),   1'K~L~1 = s't
/// ```
///
/// Takes `O(rows dim^2)` time.
///
/// # Errors
/// When `x` and `y` differ in rows, have fewer than 4, or the similarities within one of them do not vary.
pub fn linear_cka_debiased(x: &Features, y: &Features) -> Result<f64, MeasureError> {
    const MEASURE: &str = "debiased linear CKA";
    let (x, y) = (Centred::new(x, MEASURE, "first", 4)?, Centred::new(y, MEASURE, "second", 4)?);
    one_per_row("rows of the second features", x.rows(), y.rows())?;
    let own = |centred: &Centred, side| {
        let hsic = centred.unbiased_hsic(centred);
        // Rounding leaves about 1e-16 of the largest term; anything near it is zero.
        let zero = 1e-12 * centred.squared_product(centred);
        if hsic > zero { Ok(hsic) } else { Err(MeasureError::NoVariance { measure: MEASURE, side }) }
    };
    Ok(x.unbiased_hsic(&y) / (own(&x, "first")? * own(&y, "second")?).sqrt())
}

/// Mutual k-nearest-neighbour overlap: mean share of an item's `k` nearest neighbours (cosine) that both embeddings agree on, in `0..=1`.
///
/// The item itself is no neighbour; ties go to the earlier row. Two random embeddings share `k / (rows - 1)`.
///
/// # Errors
/// When `x` and `y` differ in rows or `k` is not in `1..rows`.
pub fn mutual_knn(x: &Features, y: &Features, k: usize) -> Result<f64, MeasureError> {
    one_per_row("rows of the second features", x.rows(), y.rows())?;
    if k == 0 || k >= x.rows() {
        return Err(MeasureError::OutOfRange { what: "the number of neighbours", value: k, min: 1, max: x.rows() - 1 });
    }
    let (x, y) = (neighbours(x, k)?, neighbours(y, k)?);
    let shared = |(a, b): (&Vec<usize>, &Vec<usize>)| a.iter().filter(|item| b.binary_search(item).is_ok()).count();
    let total: usize = x.iter().zip(&y).map(shared).sum();
    Ok(total as f64 / (k * x.len()) as f64)
}

/// The `k` nearest neighbours of every row, ascending by index; `1 <= k < rows`.
fn neighbours(features: &Features, k: usize) -> Result<Vec<Vec<usize>>, MeasureError> {
    let unit = features.prefix(features.dim())?;
    let mut all = Vec::with_capacity(features.rows());
    Gallery::pack(&unit, features.dim()).score_each(&unit, |query, scores| {
        let mut others: Vec<usize> = (0..scores.len()).filter(|&item| item != query).collect();
        let score = |item: &usize| scores.get(*item).copied().unwrap_or(f32::NEG_INFINITY);
        others.select_nth_unstable_by(k - 1, |a, b| score(b).total_cmp(&score(a)).then(a.cmp(b)));
        others.truncate(k);
        others.sort_unstable();
        all.push(others);
    });
    Ok(all)
}

/// Column-centred features in double precision, with their squared row norms.
struct Centred {
    values: DMatrix<f64>,
    squared_norms: DVector<f64>,
}

impl Centred {
    fn new(
        features: &Features,
        measure: &'static str,
        side: &'static str,
        needed: usize,
    ) -> Result<Self, MeasureError> {
        if features.rows() < needed {
            return Err(MeasureError::TooFewRows { measure, needed, found: features.rows() });
        }
        let raw = features.values().iter().map(|&value| f64::from(value));
        let mut values = DMatrix::from_row_iterator(features.rows(), features.dim(), raw);
        let size = values.norm_squared();
        for mut column in values.column_iter_mut() {
            let mean = column.mean();
            column.add_scalar_mut(-mean);
        }
        // Equal f32 rows leave rounding of about 1e-32 of their size; a real difference leaves at least 1e-15.
        if values.norm_squared() <= 1e-20 * size {
            return Err(MeasureError::NoVariance { measure, side });
        }
        let squared_norms = DVector::from_iterator(values.nrows(), values.row_iter().map(|row| row.norm_squared()));
        Ok(Self { values, squared_norms })
    }

    fn rows(&self) -> usize {
        self.values.nrows()
    }

    /// `||X'Y||_F^2`.
    fn squared_product(&self, other: &Self) -> f64 {
        self.values.tr_mul(&other.values).norm_squared()
    }

    /// `HSIC_1` of the linear kernels, by the identities in [`linear_cka_debiased`].
    fn unbiased_hsic(&self, other: &Self) -> f64 {
        let n = self.rows() as f64;
        let norms = self.squared_norms.dot(&other.squared_norms);
        let sums = self.squared_norms.sum() * other.squared_norms.sum();
        let bracket = self.squared_product(other) - norms + sums / ((n - 1.0) * (n - 2.0)) - 2.0 / (n - 2.0) * norms;
        bracket / (n * (n - 3.0))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn noise(seed: u32, len: usize) -> Vec<f32> {
        let mut state = seed;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as f32 / (1 << 23) as f32 - 1.0
        };
        (0..len).map(|_| next()).collect()
    }

    #[test]
    fn rotation_shift_and_scale_change_nothing() {
        let x = noise(1, 60);
        let (sin, cos) = 0.7_f32.sin_cos();
        let turn = |row: &[f32]| match row {
            &[a, b, c] => [3.0 * (cos * a - sin * b) + 1.0, 3.0 * (sin * a + cos * b), 3.0 * c - 2.0],
            _ => unreachable!(),
        };
        let y: Vec<f32> = x.chunks(3).flat_map(turn).collect();
        let (x, y) = (Features::new(&x, 3).unwrap(), Features::new(&y, 3).unwrap());
        assert!((linear_cka(&x, &y).unwrap() - 1.0).abs() < 1e-6);
        assert!((linear_cka_debiased(&x, &y).unwrap() - 1.0).abs() < 1e-6);
        assert_eq!(mutual_knn(&x, &x, 4).unwrap(), 1.0);
    }

    #[test]
    fn few_rows_fool_the_biased_form_only() {
        let (x, y) = (noise(1, 50 * 100), noise(2, 50 * 100));
        let (x, y) = (Features::new(&x, 100).unwrap(), Features::new(&y, 100).unwrap());
        assert!(linear_cka(&x, &y).unwrap() > 0.5);
        assert!(linear_cka_debiased(&x, &y).unwrap().abs() < 0.1);
        assert!(mutual_knn(&x, &y, 5).unwrap() < 0.3);
    }

    #[test]
    fn collapsed_features_are_refused_not_scored() {
        let (x, y) = (noise(1, 20), [0.3; 20]);
        let (x, y) = (Features::new(&x, 2).unwrap(), Features::new(&y, 2).unwrap());
        let refused = Err(MeasureError::NoVariance { measure: "linear CKA", side: "second" });
        assert_eq!(linear_cka(&x, &y), refused);
        assert!(linear_cka_debiased(&y, &x).is_err());
        // Equally spaced points: they vary, but no pair is more alike than another.
        let corners = [1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0];
        let corners = Features::new(&corners, 3).unwrap();
        assert!(linear_cka_debiased(&Features::new(&IDENTITY, 4).unwrap(), &corners).is_err());
        assert!(linear_cka_debiased(&Features::new(&noise(1, 6), 2).unwrap(), &corners).is_err());
    }

    const IDENTITY: [f32; 16] = [1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0];

    #[test]
    fn neighbours_by_hand() {
        let angles = |degrees: [f32; 4]| degrees.map(|d| [d.to_radians().cos(), d.to_radians().sin()]).concat();
        let (x, y) = (angles([0.0, 10.0, 40.0, 60.0]), angles([0.0, 60.0, 10.0, 65.0]));
        let (x, y) = (Features::new(&x, 2).unwrap(), Features::new(&y, 2).unwrap());
        // Nearest in x: 1 0 3 2; in y: 2 3 0 1.
        assert_eq!(mutual_knn(&x, &y, 1), Ok(0.0));
        // Two nearest in x: {1,2} {0,2} {1,3} {1,2}; in y: {1,2} {2,3} {0,1} {1,2}.
        assert_eq!(mutual_knn(&x, &y, 2), Ok(6.0 / 8.0));
        assert!(mutual_knn(&x, &y, 0).is_err() && mutual_knn(&x, &y, 4).is_err());
    }
}
