//! The normal distribution, which GELU is made of, by additions and multiplications alone: libraries of machines differ in last bits.

use std::f64::consts::{FRAC_1_SQRT_2, LN_2, LOG2_E};

/// `x` times the share of the standard normal distribution below it (Hendrycks and Gimpel, 2016): `x (1 + erf(x / sqrt 2)) / 2`.
pub(super) fn gelu(x: f32) -> f32 {
    let x = f64::from(x);
    (x * normal(x).0) as f32
}

/// GELU and its slope.
pub(super) fn gelu_and_slope(x: f32) -> (f32, f32) {
    let x = f64::from(x);
    let (below, density) = normal(x);
    ((x * below) as f32, (below + x * density) as f32)
}

/// The share of the standard normal distribution below `x`, to 1e-7 (Abramowitz and Stegun, 7.1.26), and its density.
fn normal(x: f64) -> (f64, f64) {
    /// Of `t` to `t^5`.
    const WEIGHTS: [f64; 5] = [0.254_829_592, -0.284_496_736, 1.421_413_741, -1.453_152_027, 1.061_405_429];
    /// `1 / sqrt(2 pi)`.
    const TOP: f64 = 0.398_942_280_401_432_7;
    let bell = exp_of_negative(-x * x / 2.0);
    let t = 1.0 / (1.0 + 0.327_591_1 * x.abs() * FRAC_1_SQRT_2);
    let beyond = WEIGHTS.iter().rev().fold(0.0, |sum, weight| (sum + weight) * t) * bell / 2.0;
    (if x > 0.0 { 1.0 - beyond } else { beyond }, TOP * bell)
}

/// `e^x` of a number of at most 0.
fn exp_of_negative(x: f64) -> f64 {
    /// `1 / k!` from `k = 0` on; the next would add less than 1e-14.
    const TERMS: [f64; 12] = [
        1.0,
        1.0,
        1.0 / 2.0,
        1.0 / 6.0,
        1.0 / 24.0,
        1.0 / 120.0,
        1.0 / 720.0,
        1.0 / 5_040.0,
        1.0 / 40_320.0,
        1.0 / 362_880.0,
        1.0 / 3_628_800.0,
        1.0 / 39_916_800.0,
    ];
    let x = x.max(-700.0);
    // The nearest whole number, since the cast cuts towards 0.
    let doublings = (x * LOG2_E - 0.5) as i64;
    let rest = x - doublings as f64 * LN_2;
    let series = TERMS.iter().rev().fold(0.0, |sum, term| sum * rest + term);
    series * f64::from_bits(((1023 + doublings) as u64) << 52)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exponentials_are_those_of_the_library() {
        for step in 0..7000 {
            let x = -0.1 * f64::from(step);
            assert!((exp_of_negative(x) / x.exp() - 1.0).abs() < 1e-12, "{x}");
        }
        assert!(exp_of_negative(-1e300) < 1e-300);
    }

    #[test]
    fn gelu_is_that_of_the_table() {
        // x times the table of the normal distribution.
        let expected = [(0.0, 0.0), (1.0, 0.841_344_7), (-1.0, -0.158_655_3), (0.5, 0.345_731_2), (3.0, 2.995_950_3)];
        for (x, expected) in expected {
            assert!((gelu(x) - expected).abs() < 1e-6, "{x}: {}", gelu(x));
        }
        assert_eq!((gelu(40.0), gelu(-40.0)), (40.0, 0.0));
    }

    #[test]
    fn the_slope_is_what_differences_give() {
        for step in -60..60 {
            let x = 0.1 * step as f32;
            let gelu = |x: f64| x * normal(x).0;
            let at = f64::from(x);
            let difference = (gelu(at + 1e-2) - gelu(at - 1e-2)) / 2e-2;
            assert!((f64::from(gelu_and_slope(x).1) - difference).abs() < 1e-4, "{x}");
            assert_eq!(gelu_and_slope(x).0, super::gelu(x));
        }
    }
}
