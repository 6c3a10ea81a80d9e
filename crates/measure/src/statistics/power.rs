//! What a number of runs can and cannot see.

use super::distributions::{crossing, noncentral_t_below, t_point};

/// How often a true difference of the size of [`detectable`] is found.
pub const POWER: f64 = 0.8;

/// Size of the smallest true difference that a two-sided t-test of 5 % over `count` runs finds in 80 % of all repetitions, in the unit of
/// `deviation`, the standard deviation over runs.
///
/// From the noncentral t distribution, integrated numerically, to within 1e-6 of the deviation. It tells a claim that is within noise for
/// being small from one that is for being measured too seldom. Put in the deviation that was measured: it says what this number of
/// runs could see, not whether the difference at hand was one of luck (Hoenig and Heisey, 2001). `None` for fewer than two runs, or a
/// deviation that is negative or not finite.
pub fn detectable(deviation: f64, count: usize) -> Option<f64> {
    if count < 2 || !(0.0..f64::INFINITY).contains(&deviation) {
        return None;
    }
    let degrees = count as f64 - 1.0;
    let critical = t_point(0.975, degrees);
    let found = |shift: f64| {
        let below = |t: f64| noncentral_t_below(t, degrees, shift);
        1.0 - below(critical) + below(-critical)
    };
    // Twice the critical value leaves room for the spread of the deviation, which is widest for two runs.
    let shift = crossing(0.0, 2.0 * critical + 10.0, |shift| found(shift) >= POWER);
    Some(shift * deviation / (count as f64).sqrt())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn many_runs_see_what_the_normal_theory_says() {
        // z(0.975) + z(0.8) = 1.959964 + 0.841621.
        let found = detectable(2.0, 10_001).unwrap() * 10_001.0_f64.sqrt() / 2.0;
        assert!((found - 2.801_585).abs() < 1e-3, "{found}");
    }

    #[test]
    fn it_grows_with_the_deviation_and_falls_with_runs() {
        let sizes: Vec<f64> = (2..16).filter_map(|count| detectable(1.0, count)).collect();
        assert!(sizes.len() == 14 && sizes.is_sorted_by(|more, fewer| more > fewer));
        assert!((detectable(3.0, 10).unwrap() - 3.0 * detectable(1.0, 10).unwrap()).abs() < 1e-9);
        assert_eq!((detectable(0.0, 3), detectable(1.0, 1)), (Some(0.0), None));
        assert_eq!((detectable(-1.0, 3), detectable(f64::NAN, 3), detectable(f64::INFINITY, 3)), (None, None, None));
    }
}
