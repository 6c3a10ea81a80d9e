//! How many directions rows make use of.

use super::rows::{Rows, part, sample};
use crate::{DecideError, Pulse, Vectors};

/// Up to this many dims the covariance of the columns is decomposed, beyond it the products of rows.
const COVARIANCE_DIMS: usize = 512;
/// Most rows that the covariance is taken from.
const COVARIANCE_ROWS: usize = 4000;
/// Most rows whose products are taken.
const PRODUCT_ROWS: usize = 512;

/// Most rows of so many dims that the effective rank is taken from.
pub(super) fn most_rows(dims: usize) -> usize {
    if dims <= COVARIANCE_DIMS { COVARIANCE_ROWS } else { PRODUCT_ROWS }
}

/// The effective rank (Roy and Vetterli, 2007) of the centred unit rows: `exp(-sum p ln p)` over the shares `p` of the eigenvalues of
/// their covariance. 0 where the rows do not vary, at most the number of dims and of rows less one.
///
/// `rows` are those to sample from: 4,000 up to 512 dims, and 512 beyond. That many rows cannot show a higher rank than 511.
pub(super) fn effective_rank(vectors: &Vectors, rows: &[usize], pulse: Pulse<'_>) -> Result<f64, DecideError> {
    let rows = Rows::unit(vectors, sample(rows, most_rows(vectors.dims()))).centred();
    if rows.count() < 2 {
        return Ok(0.0);
    }
    // X'X and XX' have the same eigenvalues but for zeros, so the smaller of them is made.
    let rows = if rows.count() > rows.width() { rows.transposed() } else { rows };
    let count = rows.count();
    let products = rows.products(&mut part(pulse, 0.0, 0.8))?;
    pulse(0.8)?;
    // Rows as long as 1 that are equal leave squares of roundings.
    if products.trace() <= 1e-13 * count as f64 {
        return Ok(0.0);
    }
    // Rounding can push an eigenvalue of zero slightly below it.
    let values: Vec<f64> = products.symmetric_eigenvalues().iter().map(|value| value.max(0.0)).collect();
    let total: f64 = values.iter().sum();
    let shares = values.iter().map(|value| value / total).filter(|&share| share > 0.0);
    Ok((-shares.map(|share| share * share.ln()).sum::<f64>()).exp())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::made::{go_on, noise, stop};

    fn rank(dims: usize, numbers: Vec<f32>) -> f64 {
        let vectors = Vectors::new(dims, numbers).unwrap();
        let rows: Vec<usize> = (0..vectors.count()).collect();
        effective_rank(&vectors, &rows, &mut go_on).unwrap()
    }

    #[test]
    fn ranks_by_hand() {
        // Two axes of equal spread; lengths of rows play no part.
        assert!(
            (rank(3, [[1.0, 0.0, 0.0], [-5.0, 0.0, 0.0], [0.0, 2.0, 0.0], [0.0, -1.0, 0.0]].concat()) - 2.0).abs()
                < 1e-9
        );
        // Shares 3/4 and 1/4.
        let uneven =
            [[1.0, 0.0], [-1.0, 0.0], [1.0, 0.0], [-1.0, 0.0], [1.0, 0.0], [-1.0, 0.0], [0.0, 1.0], [0.0, -1.0]];
        let expected = (-(0.75 * 0.75_f64.ln() + 0.25 * 0.25_f64.ln())).exp();
        assert!((rank(2, uneven.concat()) - expected).abs() < 1e-9);
        assert_eq!((rank(2, vec![0.3; 8]), rank(2, vec![0.3; 2])), (0.0, 0.0));
    }

    #[test]
    fn more_dims_than_the_covariance_takes_give_the_same_rank() {
        let narrow = noise(60, 12, 2);
        let wide: Vec<f32> = narrow.rows().flat_map(|row| row.iter().copied().chain([0.0; 600])).collect();
        let (narrow, wide) = (rank(12, narrow.numbers().to_vec()), rank(612, wide));
        assert!((narrow - wide).abs() < 1e-6 && narrow > 9.0 && narrow < 12.0, "{narrow} {wide}");
    }

    #[test]
    fn what_is_cancelled_stops() {
        assert_eq!(effective_rank(&noise(9, 3, 1), &[0, 1, 2, 3], &mut stop), Err(DecideError::Cancelled));
    }
}
