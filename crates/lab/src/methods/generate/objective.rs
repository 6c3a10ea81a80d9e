//! What a field of velocities is asked for between noise and data, and when.
//!
//! Liu, Gong, Liu: Flow Straight and Fast, ICLR 2023, equation 1; Lee, Lin, Fanti: Improving the Training of Rectified Flows, NeurIPS
//! 2024, section 4. With `x_t = (1 - t) z + t x` the velocity at `x_t` is to be `x - z`.

use burn::tensor::{Tensor, TensorData};
use data::Rng;

use super::Velocity;

/// Where the pseudo-Huber loss turns from a parabola into a cone, per number of a point.
const TURN: f64 = 0.00054;

/// How far velocities are from what they should be.
///
/// # Shapes
/// - off: `[batch, width]`, the differences
/// - output: `[1]`, the mean over the batch of `|off|^2`, or with `huber` of `sqrt(|off|^2 + c^2) - c` with `c = 0.00054 width`
///
/// The authors' code also divides the latter by the width, which Adam does not notice.
pub(super) fn distance(off: Tensor<2>, huber: bool) -> Tensor<1> {
    let [_, width] = off.dims();
    let squares = off.powi_scalar(2).sum_dim(1);
    if !huber {
        return squares.mean();
    }
    let turn = TURN * width as f64;
    squares.add_scalar(turn * turn).sqrt().mean().sub_scalar(turn)
}

/// The time below which a share `quantile` of all times lies, if they have the U-shaped density
///
/// `p(t) = a cosh(a (t - 1/2)) / (2 sinh(a / 2))`, proportional to `exp(a u) + exp(-a u)` in `u = t - 1/2`
///
/// which is that of the authors' code: an exponential density on `0..1`, mirrored half of the time. The paper writes the same in `t`
/// itself, where it would rise from 0 to 1. `sharpness` is `a`; 0 gives the uniform one.
pub(super) fn u_shaped(quantile: f64, sharpness: f64) -> f64 {
    if sharpness == 0.0 {
        return quantile;
    }
    let end = libm::sinh(sharpness / 2.0);
    (0.5 + libm::asinh((2.0 * quantile - 1.0) * end) / sharpness).clamp(0.0, 1.0)
}

/// So many times, `[count, 1]`; see [`u_shaped`].
pub(super) fn times(count: usize, sharpness: f64, rng: &mut Rng) -> TensorData {
    let draw = |_| u_shaped(f64::from(rng.uniform(0.0, 1.0)), sharpness) as f32;
    TensorData::new((0..count).map(draw).collect::<Vec<f32>>(), [count, 1])
}

/// The loss of a field between noise and data, pair by pair.
///
/// # Shapes
/// - noise, data: `[batch, width]`
/// - times: `[batch, 1]`
/// - output: `[1]`
pub(super) fn between(field: &Velocity, noise: Tensor<2>, data: Tensor<2>, times: Tensor<2>, huber: bool) -> Tensor<1> {
    let straight = data - noise.clone();
    let points = noise + straight.clone() * times.clone();
    distance(field.at(points, times) - straight, huber)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use burn::tensor::Device;
    use data::Seed;
    use pollster::block_on;

    use super::super::velocity::tests::{constant, points};
    use super::*;
    use crate::engine::read;

    fn number(tensor: Tensor<1>) -> f64 {
        block_on(read(tensor)).unwrap().first().copied().map(f64::from).unwrap()
    }

    #[test]
    fn both_distances_by_hand() {
        let off = || points(&[3.0, 4.0, 0.0, 1.0, 0.0, 0.0]);
        // (25 + 1 + 0) / 3, and with c = 0.00108 (5 + 1 + c) / 3 - c but for c^2 beside 25 and 1.
        assert!((number(distance(off(), false)) - 26.0 / 3.0).abs() < 1e-6);
        assert!((number(distance(off(), true)) - (6.001_08 / 3.0 - 0.001_08)).abs() < 1e-6);
    }

    #[test]
    fn near_zero_the_second_is_a_parabola() {
        // sqrt(x^2 + c^2) - c is x^2 / 2 c for x far below c.
        let (x, turn) = (1e-4, 0.001_08);
        let found = number(distance(points(&[1e-4, 0.0]), true));
        assert!((found - x * x / (2.0 * turn)).abs() < 0.02 * found, "{found}");
    }

    #[test]
    fn the_loss_of_a_constant_field_by_hand() {
        // Wanted are (2, 0) and (0, 3); given is (1, 1): off by (-1, 1) and (1, -2), whatever the time.
        let field = constant([1.0, 1.0]);
        let (noise, data) = (points(&[0.0, 0.0, 1.0, 1.0]), points(&[2.0, 0.0, 1.0, 4.0]));
        let times = Tensor::from_data(TensorData::new(vec![0.3f32, 0.9], [2, 1]), &Device::flex());
        assert!((number(between(&field, noise, data, times, false)) - (2.0 + 5.0) / 2.0).abs() < 1e-6);
    }

    /// Share of times below `t` by the authors' code: an exponential density, mirrored half of the time.
    fn mirrored(t: f64, a: f64) -> f64 {
        let below = |t: f64| (a * t).exp_m1() / a.exp_m1();
        0.5 * below(t) + 0.5 * (1.0 - below(1.0 - t))
    }

    #[test]
    fn the_inverse_is_exact() {
        for sharpness in [0.5, 4.0, 10.0] {
            for share in (0..=100).map(|percent| f64::from(percent) / 100.0) {
                let time = u_shaped(share, sharpness);
                assert!((0.0..=1.0).contains(&time));
                assert!((mirrored(time, sharpness) - share).abs() < 1e-12, "{time} at {share}");
            }
        }
        assert_eq!(u_shaped(0.3, 0.0), 0.3);
    }

    #[test]
    fn times_have_the_histogram_and_the_moments_of_the_density() {
        let count = 100_000;
        let drawn = times(count, 4.0, &mut Seed(2).stream("times")).try_into_vec::<f32>().unwrap();
        let drawn: Vec<f64> = drawn.into_iter().map(f64::from).collect();
        let n = count as f64;
        for tenth in 0..10 {
            let (low, high) = (f64::from(tenth) / 10.0, f64::from(tenth + 1) / 10.0);
            let share = drawn.iter().filter(|&&time| (low..high).contains(&time)).count() as f64 / n;
            let expected = mirrored(high, 4.0) - mirrored(low, 4.0);
            // Five standard errors.
            assert!((share - expected).abs() < 5.0 * (expected / n).sqrt(), "{low}: {share}, not {expected}");
        }
        let mean = drawn.iter().sum::<f64>() / n;
        let variance = drawn.iter().map(|time| (time - 0.5).powi(2)).sum::<f64>() / n;
        // 1/4 - coth(a/2) / a + 2 / a^2 at a = 4 is 0.11567; that of a uniform time is 1/12.
        let exact = 0.25 - 2f64.tanh().recip() / 4.0 + 2.0 / 16.0;
        assert!((mean - 0.5).abs() < 0.006 && (variance - exact).abs() < 0.0015, "{mean} {variance} {exact}");
    }
}
