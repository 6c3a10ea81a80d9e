//! Distribution functions that the tests go by, to within about 1e-8; those of the normal, beta and central t distribution to 1e-9.
//!
//! Logarithms, exponentials and the error function are `libm`'s, so that a p-value does not depend on the machine.

use std::f64::consts::{FRAC_1_SQRT_2, LN_2};

/// Most steps of the continued fraction; about the square root of the larger parameter is enough.
const MOST_STEPS: u32 = 10_000;

/// Smallest divisor of the continued fraction.
const SMALLEST: f64 = 1e-300;

/// Halvings of a bracket, after which no two numbers of the sizes used here are left in it.
const HALVINGS: u32 = 64;

/// Parts, an even number, that Simpson's rule cuts a stretch into.
const PARTS: u32 = 512;

/// Where in `low..=high` the condition `reached` begins to hold; it must hold from there on.
pub(super) fn crossing(mut low: f64, mut high: f64, reached: impl Fn(f64) -> bool) -> f64 {
    for _ in 0..HALVINGS {
        let middle = low.midpoint(high);
        if reached(middle) {
            high = middle;
        } else {
            low = middle;
        }
    }
    low.midpoint(high)
}

/// Share of the standard normal distribution below `z`.
pub(super) fn normal_below(z: f64) -> f64 {
    0.5 * libm::erfc(-z * FRAC_1_SQRT_2)
}

/// Share of the beta distribution with positive parameters `a` and `b` below `x`: the regularised incomplete beta function `I_x(a, b)`.
pub(super) fn beta_below(x: f64, a: f64, b: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    if x >= 1.0 {
        return 1.0;
    }
    // The fraction converges fast on this side of the mean only.
    if x <= (a + 1.0) / (a + b + 2.0) { beta_fraction(x, a, b) } else { 1.0 - beta_fraction(1.0 - x, b, a) }
}

/// `I_x(a, b)` by its continued fraction (DLMF 8.17.22), evaluated as Lentz does in the form of Thompson and Barnett (1986).
fn beta_fraction(x: f64, a: f64, b: f64) -> f64 {
    let log_beta = libm::lgamma(a) + libm::lgamma(b) - libm::lgamma(a + b);
    let front = libm::exp(a * libm::log(x) + b * libm::log1p(-x) - log_beta) / a;
    let kept_off_zero = |value: f64| if value.abs() < SMALLEST { SMALLEST } else { value };
    let mut over = 1.0_f64;
    let mut under = 1.0 / kept_off_zero(1.0 - (a + b) * x / (a + 1.0));
    let mut fraction = under;
    for step in 1..=MOST_STEPS {
        let step = f64::from(step);
        let even = step * (b - step) * x / ((a + 2.0 * step - 1.0) * (a + 2.0 * step));
        let odd = -(a + step) * (a + b + step) * x / ((a + 2.0 * step) * (a + 2.0 * step + 1.0));
        let mut change = 1.0_f64;
        for term in [even, odd] {
            under = 1.0 / kept_off_zero(1.0 + term * under);
            over = kept_off_zero(1.0 + term / over);
            change = over * under;
            fraction *= change;
        }
        if (change - 1.0).abs() <= f64::EPSILON {
            break;
        }
    }
    front * fraction
}

/// Share of Student's t with `degrees` of freedom above `t`.
pub(super) fn t_above(t: f64, degrees: f64) -> f64 {
    let tail = 0.5 * beta_below(degrees / (degrees + t * t), 0.5 * degrees, 0.5);
    if t < 0.0 { 1.0 - tail } else { tail }
}

/// The quantile of Student's t below which this share, from 0.5 to below 1, lies.
///
/// Beside `t_quantile`, which is all that the page needs and weighs less.
pub(super) fn t_point(share: f64, degrees: f64) -> f64 {
    let reached = |t: f64| t_above(t, degrees) <= 1.0 - share;
    let mut high = 2.0;
    while !reached(high) {
        high *= 2.0;
    }
    crossing(0.0, high, reached)
}

/// Share below `t` of the noncentral t distribution: that of `(Z + shift) / S` with `Z` standard normal and `S` the root of chi-squared
/// over `degrees`, at least 1, of freedom.
///
/// The integral over `S` of `P(Z <= t S - shift)`, by Simpson's rule.
pub(super) fn noncentral_t_below(t: f64, degrees: f64, shift: f64) -> f64 {
    if t == 0.0 {
        return normal_below(-shift);
    }
    // S has a standard deviation of at most 1 over the root of the degrees, so beyond lies less than rounding.
    let reach = 12.0 / (2.0 * degrees).sqrt();
    let (low, high) = ((1.0 - reach).max(0.0), 1.0 + reach);
    // The normal share goes from 0 to 1 in a stretch that can be narrow, so that it is integrated by itself.
    let (middle, width) = (shift / t, 10.0 / t.abs());
    let (from, to) = ((middle - width).clamp(low, high), (middle + width).clamp(low, high));
    let scale = LN_2 + 0.5 * degrees * libm::log(0.5 * degrees) - libm::lgamma(0.5 * degrees);
    let weighed = |s: f64| {
        let power = if degrees > 1.0 { (degrees - 1.0) * libm::log(s) } else { 0.0 };
        libm::exp(scale + power - 0.5 * degrees * s * s) * normal_below(t * s - shift)
    };
    simpson(low, from, weighed) + simpson(from, to, weighed) + simpson(to, high, weighed)
}

/// Integral from `low` to `high` by Simpson's rule.
fn simpson(low: f64, high: f64, of: impl Fn(f64) -> f64) -> f64 {
    if high <= low {
        return 0.0;
    }
    let width = (high - low) / f64::from(PARTS);
    let inner: f64 =
        (1..PARTS).map(|part| (if part % 2 == 0 { 2.0 } else { 4.0 }) * of(low + width * f64::from(part))).sum();
    (of(low) + inner + of(high)) * width / 3.0
}

#[cfg(test)]
mod tests {
    use std::f64::consts::PI;

    use super::super::t_quantile;
    use super::*;

    fn close(found: f64, expected: f64, tolerance: f64) {
        assert!((found - expected).abs() <= tolerance, "{found} is not {expected}");
    }

    #[test]
    fn the_beta_distribution_where_it_has_a_closed_form() {
        for x in [1e-9_f64, 0.01, 0.3, 0.5, 0.8, 0.999] {
            close(beta_below(x, 1.0, 1.0), x, 1e-12);
            close(beta_below(x, 3.0, 1.0), x.powi(3), 1e-12);
            close(beta_below(x, 1.0, 4.0), 1.0 - (1.0 - x).powi(4), 1e-12);
            close(beta_below(x, 0.5, 0.5), x.sqrt().asin() * 2.0 / PI, 1e-12);
            close(beta_below(x, 7.0, 250.0) + beta_below(1.0 - x, 250.0, 7.0), 1.0, 1e-12);
        }
        assert_eq!((beta_below(0.0, 2.0, 3.0), beta_below(1.0, 2.0, 3.0)), (0.0, 1.0));
    }

    #[test]
    fn students_t_of_one_and_two_degrees_has_a_closed_form() {
        for t in [-30.0_f64, -1.0, 0.0, 0.2, 2.0, 40.0] {
            close(t_above(t, 1.0), 0.5 - t.atan() / PI, 1e-12);
            close(t_above(t, 2.0), 0.5 - 0.5 * t / (2.0 + t * t).sqrt(), 1e-12);
        }
    }

    #[test]
    fn the_quantile_of_t_is_the_tabulated_one() {
        for degrees in [1_u8, 2, 3, 9, 30, 31, 120] {
            close(t_point(0.975, f64::from(degrees)), t_quantile(degrees.into()), 1e-6);
        }
        close(t_point(0.5, 4.0), 0.0, 1e-12);
        // The half-width of one degree at 80 % is tan(0.3 pi).
        close(t_point(0.8, 1.0), (0.3 * PI).tan(), 1e-12);
    }

    #[test]
    fn the_noncentral_t_is_students_without_a_shift() {
        for degrees in [1.0, 2.0, 5.0, 29.0, 500.0] {
            for t in [-50.0_f64, -2.0, 0.0, 0.01, 1.0, 12.7, 3000.0] {
                close(noncentral_t_below(t, degrees, 0.0), 1.0 - t_above(t, degrees), 1e-8);
                // Mirrored: t and shift change sign together.
                let (here, there) = (noncentral_t_below(t, degrees, 1.5), noncentral_t_below(-t, degrees, -1.5));
                close(here + there, 1.0, 1e-8);
            }
        }
    }
}
