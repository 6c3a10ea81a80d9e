//! A score.

use wide::f32x16;

/// Sums that grow side by side.
const LANES: usize = 16;

/// Inner product of two rows, to the length of the shorter: products of every sixteenth dim are added up in order, then the sixteen sums by
/// halves, then what is left over. Equal rows so have equal scores to the last bit, and a browser has those of any other machine. Never NaN
/// or infinite.
pub(super) fn dot(left: &[f32], right: &[f32]) -> f32 {
    let (whole_left, rest_left) = left.as_chunks::<LANES>();
    let (whole_right, rest_right) = right.as_chunks::<LANES>();
    let mut sums = f32x16::splat(0.0);
    for (&left, &right) in whole_left.iter().zip(whole_right) {
        sums += f32x16::new(left) * f32x16::new(right);
    }
    let mut lanes = sums.to_array();
    for half in [8, 4, 2, 1] {
        let (low, high) = lanes.split_at_mut(half);
        for (low, high) in low.iter_mut().zip(high) {
            *low += *high;
        }
    }
    let [whole, ..] = lanes;
    let rest: f32 = rest_left.iter().zip(rest_right).map(|(left, right)| left * right).sum();
    // Adding zero turns -0 into +0: the two are equal scores and must stay a tie.
    let score = whole + rest + 0.0;
    if score.is_finite() { score } else { bounded(left, right) }
}

/// The inner product of rows so long that 32 bits do not hold it, or not its parts: by 64 bits, and at most what 32 hold.
#[cold]
fn bounded(left: &[f32], right: &[f32]) -> f32 {
    let sum: f64 = left.iter().zip(right).map(|(&left, &right)| f64::from(left) * f64::from(right)).sum();
    sum.clamp(f64::from(f32::MIN), f64::from(f32::MAX)) as f32 + 0.0
}

/// How far [`dot`] is from the exact value at most, as a share of the product of both rows' lengths (Higham, 2002, section 3.1): an addition
/// for every sixteenth dim, and at most 24 more operations on the way of a product.
pub(super) fn rounding(dims: usize) -> f64 {
    (dims / LANES + 24) as f64 * f64::from(f32::EPSILON) / 2.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(count: usize, seed: usize) -> Vec<f32> {
        (0..count).map(|at| ((at * 7919 + seed * 104_729) % 2001) as f32 / 1000.0 - 1.0).collect()
    }

    #[test]
    fn it_is_the_inner_product_at_every_length() {
        for count in [0, 1, 15, 16, 17, 31, 32, 50, 768, 1543] {
            let (left, right) = (numbers(count, 1), numbers(count, 2));
            let terms = || left.iter().zip(&right).map(|(&a, &b)| f64::from(a) * f64::from(b));
            let length = |row: &[f32]| row.iter().map(|&x| f64::from(x).powi(2)).sum::<f64>().sqrt();
            let off = (f64::from(dot(&left, &right)) - terms().sum::<f64>()).abs();
            assert!(off <= rounding(count) * length(&left) * length(&right), "{count}: {off}");
        }
    }

    #[test]
    fn the_order_of_the_sums_is_fixed() {
        // Lane 0 holds 1 and 3, lane 8 holds 2; (1 + 3) + 2, then the rest.
        let mut left = [0.0; 33];
        (left[0], left[16], left[8], left[32]) = (1.0, 3.0, 2.0, 0.5);
        assert_eq!(dot(&left, &[1.0; 33]), 6.5);
        // 2^24 + 1 is lost in 32 bits, 1 + 1 is not: lanes 0 and 8 meet before lane 4 comes.
        let mut large = [0.0; 16];
        (large[0], large[8], large[4], large[12]) = (16_777_216.0, -16_777_216.0, 1.0, 1.0);
        assert_eq!(dot(&large, &[1.0; 16]), 2.0);
    }

    #[test]
    fn no_score_is_infinite_or_below_zero_by_its_sign_alone() {
        assert_eq!(dot(&[1e30; 20], &[1e30; 20]), f32::MAX);
        assert_eq!(dot(&[1e30, 1e30], &[1e30, -1e30]), 0.0);
        assert_eq!(dot(&[-1e30; 3], &[1e30; 3]), f32::MIN);
        assert_eq!(dot(&[-0.0, 1.0], &[1.0, -0.0]).to_bits(), 0.0_f32.to_bits());
    }
}
