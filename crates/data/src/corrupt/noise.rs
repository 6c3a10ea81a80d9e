//! Values that are off on their own, whatever their neighbours are.

use crate::Rng;

/// Adds normal noise of standard deviation `strength`, where full intensity is 1.
pub(super) fn gaussian(plane: &mut [f64], strength: f64, rng: &mut Rng) {
    for value in plane {
        *value += 255.0 * strength * f64::from(rng.normal());
    }
}

/// Counts photons, of which `photons` make full intensity.
pub(super) fn shot(plane: &mut [f64], photons: f64, rng: &mut Rng) {
    for value in plane {
        let counted = poisson(photons * *value / 255.0, fraction(rng.bits()));
        *value = 255.0 * f64::from(counted) / photons;
    }
}

/// Loses a value with probability `strength`.
pub(super) fn impulse(plane: &mut [f64], strength: f64, rng: &mut Rng) {
    for value in plane {
        let bits = rng.bits();
        if fraction(bits) < strength {
            // The lowest bit has no part in the fraction.
            *value = if bits & 1 == 0 { 0.0 } else { 255.0 };
        }
    }
}

/// A number in `0..1` from the upper 53 of 64 bits, all that a double holds.
fn fraction(bits: u64) -> f64 {
    (bits >> 11) as f64 / (1_u64 << 53) as f64
}

/// No mean in use comes near it: 64 photons are 24 standard deviations below.
const MOST_PHOTONS: u32 = 256;

/// The smallest count that a Poisson variable of mean `mean` does not exceed with a probability above `below`: its quantile.
///
/// One number decides, so the same number gives the same rank in the distribution of every mean.
fn poisson(mean: f64, below: f64) -> u32 {
    let mut probability = libm::exp(-mean);
    let (mut reached, mut count) = (probability, 0);
    while reached <= below && count < MOST_PHOTONS {
        count += 1;
        probability *= mean / f64::from(count);
        reached += probability;
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Seed;

    #[test]
    fn counts_are_the_quantiles_of_the_distribution() {
        // Mean 1: 0 up to 0.3679, 1 up to 0.7358, 2 up to 0.9197.
        for (below, count) in [(0.0, 0), (0.36, 0), (0.37, 1), (0.73, 1), (0.74, 2), (0.919, 2), (0.92, 3)] {
            assert_eq!(poisson(1.0, below), count, "{below}");
        }
        assert_eq!((poisson(0.0, 0.0), poisson(0.0, fraction(u64::MAX))), (0, 0));
        assert!((80..160).contains(&poisson(64.0, fraction(u64::MAX))));
    }

    #[test]
    fn shot_noise_keeps_the_mean_and_has_the_variance_of_photons() {
        let mut plane = vec![102.0; 100_000];
        shot(&mut plane, 16.0, &mut Seed(1).stream("shot"));
        let count = plane.len() as f64;
        let mean = plane.iter().sum::<f64>() / count;
        let variance = plane.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>() / count;
        // 6.4 photons of 255 / 16 each; five standard errors.
        let expected = 6.4 * (255.0_f64 / 16.0) * (255.0 / 16.0);
        assert!((mean - 102.0).abs() < 0.64, "{mean}");
        assert!((variance / expected - 1.0).abs() < 0.025, "{variance} {expected}");
    }

    #[test]
    fn impulses_are_as_many_as_said_and_half_of_them_white() {
        let mut plane = vec![100.0; 100_000];
        impulse(&mut plane, 0.2, &mut Seed(1).stream("impulse"));
        let share = |wanted: f64| plane.iter().filter(|&&value| value == wanted).count() as f64 / plane.len() as f64;
        // Five standard errors.
        assert!((share(0.0) - 0.1).abs() < 0.005 && (share(255.0) - 0.1).abs() < 0.005);
        assert!((share(100.0) - 0.8).abs() < 0.0065);
    }
}
