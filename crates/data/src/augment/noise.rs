//! Gaussian noise, cheap enough to be made anew for every pixel of every step.
//!
//! A generator of exact normal numbers costs more than the rest of the batch together. Noise on
//! pixels needs no such exactness: each value is one of the 4096 quantiles of the distribution that
//! are equally likely, chosen by 12 random bits. Mean 0 and variance 1 hold exactly; the tails end
//! at 3.7 standard deviations.

use std::sync::LazyLock;

use crate::Rng;

const BITS: usize = 12;
const LEVELS: usize = 1 << BITS;
const PER_DRAW: usize = 64 / BITS;

static QUANTILES: LazyLock<Box<[f32; LEVELS]>> = LazyLock::new(quantiles);

/// Adds independent noise of standard deviation `std` to all `values`.
pub(super) fn add(values: &mut [f32], std: f32, rng: &mut Rng) {
    let quantiles = &**QUANTILES;
    for chunk in values.chunks_mut(PER_DRAW) {
        let mut bits = rng.bits();
        for value in chunk {
            // The index is below the length; the compiler sees it and drops the check.
            let noise = quantiles.get(bits as usize % LEVELS).copied().unwrap_or_default();
            *value += std * noise;
            bits >>= BITS;
        }
    }
}

/// The quantiles at (i + 1/2) / 4096, ascending, scaled to variance 1.
fn quantiles() -> Box<[f32; LEVELS]> {
    let half = LEVELS / 2;
    let mut upper = Vec::with_capacity(half);
    let mut x = 0.0;
    for i in 0..half {
        let tail = (half - i) as f64 - 0.5;
        x = upper_quantile(tail / LEVELS as f64, x);
        upper.push(x);
    }
    let variance = upper.iter().map(|x| x * x).sum::<f64>() / half as f64;
    let scale = 1.0 / libm::sqrt(variance);
    let mut levels = Box::new([0.0; LEVELS]);
    let signed = upper.iter().rev().map(|x| -x).chain(upper.iter().copied());
    for (level, x) in levels.iter_mut().zip(signed) {
        *level = (x * scale) as f32;
    }
    levels
}

/// The point beyond which a standard normal number falls with probability `tail`, by Newton's
/// method from `start` below it. To the right of 0 the distribution function is concave, so every
/// step stays on the same side: it cannot overshoot.
fn upper_quantile(tail: f64, start: f64) -> f64 {
    use std::f64::consts::{SQRT_2, TAU};
    (0..8).fold(start, |x, _| {
        let excess = 0.5 * libm::erfc(x / SQRT_2) - tail;
        let density = libm::exp(-0.5 * x * x) / libm::sqrt(TAU);
        x + excess / density
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::indexing_slicing)]
    use super::*;
    use crate::Seed;

    #[test]
    fn quantiles_are_those_of_the_normal_distribution() {
        // Tables of the standard normal distribution.
        for (tail, expected) in [(0.25, 0.674_489_750_2), (0.05, 1.644_853_626_95), (0.01, 2.326_347_874_04)] {
            assert!((upper_quantile(tail, 0.0) - expected).abs() < 1e-10);
        }
        let levels = quantiles();
        assert!(levels.is_sorted());
        assert!((0..LEVELS / 2).all(|i| levels[i] == -levels[LEVELS - 1 - i]));
        assert!((levels[LEVELS - 1] - 3.67).abs() < 0.01, "{}", levels[LEVELS - 1]);
        let variance = levels.iter().map(|&x| f64::from(x) * f64::from(x)).sum::<f64>() / LEVELS as f64;
        assert!((variance - 1.0).abs() < 1e-6, "{variance}");
    }

    #[test]
    fn noise_has_the_moments_of_the_distribution() {
        let mut values = vec![0.0; 200_000];
        add(&mut values, 2.0, &mut Seed(5).stream("noise"));
        let moment = |k: i32| values.iter().map(|&x| f64::from(x).powi(k)).sum::<f64>() / values.len() as f64;
        // Five standard errors.
        assert!(moment(1).abs() < 0.023, "{}", moment(1));
        assert!((moment(2) - 4.0).abs() < 0.064, "{}", moment(2));
        assert!((moment(4) - 48.0).abs() < 1.8, "{}", moment(4));
        let neighbours =
            values.windows(2).map(|pair| f64::from(pair[0] * pair[1])).sum::<f64>() / 4.0 / values.len() as f64;
        assert!(neighbours.abs() < 0.012, "{neighbours}");
    }
}
