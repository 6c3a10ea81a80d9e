//! Whether a number rises over arms that have an order.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::all_finite;
use crate::{MeasureError, features::one_per_row};

/// Most arms that [`trend_test`] takes: it goes through all their orders.
pub const MAX_ARMS: usize = 7;

/// What [`trend_test`] finds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Trend {
    /// Mean over runs of Kendall's tau-a between the order of the arms and their numbers, in `-1..=1`; tied pairs count as 0.
    pub tau: f64,
    /// Two-sided exact p-value that the numbers know nothing of the order of the arms, in `0..=1`.
    pub p: f64,
}

/// Kendall's test (1938) of a trend over arms, combined over runs (Hirsch, Slack and Smith, 1982, of seasons).
///
/// `runs` has one row per independent run: the number of each arm, in the order of the arms. Were the arms alike, every order of a run's
/// numbers would be equally likely; p is the share of all orders, in all runs at once, that are at least as far from level as these. Ties
/// stay tied, so it is exact with them, too. It compares arms within a run only, and sees a steady trend over few runs where a test of the
/// taus, which are hardly more than signs, cannot: all of three arms in order in 10 runs has p = 2 / 6^10.
///
/// # Errors
/// When there are no runs, they differ in the number of arms, that is below 2 or above [`MAX_ARMS`], or a number is not finite.
pub fn trend_test(runs: &[&[f64]]) -> Result<Trend, MeasureError> {
    let Some(arms) = runs.first().map(|run| run.len()) else {
        return Err(MeasureError::TooFewRows { measure: "the test of a trend", needed: 1, found: 0 });
    };
    if !(2..=MAX_ARMS).contains(&arms) {
        return Err(MeasureError::OutOfRange {
            what: "the number of arms of a trend",
            value: arms,
            min: 2,
            max: MAX_ARMS,
        });
    }
    for run in runs {
        one_per_row("arms of a run", arms, run.len())?;
        all_finite("a trend", run)?;
    }
    let orders = orders(arms);
    // The share of all orders of the runs so far that have each sum of steps up less steps down.
    let mut shares = BTreeMap::from([(0, 1.0)]);
    for run in runs {
        let mut next: BTreeMap<i64, f64> = BTreeMap::new();
        for (own, share_of_own) in steps_by_order(run, &orders) {
            for (sum, share) in &shares {
                *next.entry(sum + own).or_default() += share * share_of_own;
            }
        }
        shares = next;
    }
    let found: i64 = runs.iter().map(|run| steps_up(run)).sum();
    let as_far: f64 = shares.iter().filter(|(sum, _)| sum.abs() >= found.abs()).map(|(_, share)| share).sum();
    let pairs = runs.len() * (arms * (arms - 1) / 2);
    Ok(Trend { tau: found as f64 / pairs as f64, p: as_far.min(1.0) })
}

/// Pairs of values that rise less those that fall.
fn steps_up(values: &[f64]) -> i64 {
    let later = |at: usize| values.iter().skip(at + 1);
    let steps = |(at, one): (usize, &f64)| -> i64 {
        later(at).map(|other| i64::from(other > one) - i64::from(other < one)).sum()
    };
    values.iter().enumerate().map(steps).sum()
}

/// The share of all orders of a run's values that have each number of steps up less steps down.
fn steps_by_order(run: &[f64], orders: &[Vec<usize>]) -> BTreeMap<i64, f64> {
    let mut shares: BTreeMap<i64, f64> = BTreeMap::new();
    for order in orders {
        let values: Vec<f64> = order.iter().filter_map(|&at| run.get(at).copied()).collect();
        *shares.entry(steps_up(&values)).or_default() += 1.0 / orders.len() as f64;
    }
    shares
}

/// Every order of so many things.
fn orders(count: usize) -> Vec<Vec<usize>> {
    let mut orders = vec![Vec::new()];
    for next in 0..count {
        let with_next = |order: &Vec<usize>| -> Vec<Vec<usize>> {
            let insert = |at: usize| {
                let mut longer = order.clone();
                longer.insert(at, next);
                longer
            };
            (0..=order.len()).map(insert).collect()
        };
        orders = orders.iter().flat_map(with_next).collect();
    }
    orders
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn there_are_as_many_orders_as_there_should_be() {
        let mut all = orders(4);
        all.sort();
        all.dedup();
        assert_eq!(all.len(), 24);
    }

    #[test]
    fn trends_by_hand() {
        let rising: &[f64] = &[1.0, 2.0, 3.0];
        let one = trend_test(&[rising]).unwrap();
        // One order of six rises throughout and one falls throughout.
        assert!(one.tau == 1.0 && (one.p - 2.0 / 6.0).abs() < 1e-12);
        let ten = trend_test(&[rising; 10]).unwrap();
        assert!(ten.tau == 1.0 && (ten.p - 2.0 / 6.0_f64.powi(10)).abs() < 1e-18);
        // Tied: 1 1 2, 1 2 1 and 2 1 1 rise by 2, 0 and -2.
        let tied = trend_test(&[&[1.0, 1.0, 2.0]]).unwrap();
        assert!((tied.tau - 2.0 / 3.0).abs() < 1e-12 && (tied.p - 2.0 / 3.0).abs() < 1e-12);
        let level = trend_test(&[&[1.0, 1.0], &[2.0, 2.0]]).unwrap();
        assert_eq!((level.tau, level.p), (0.0, 1.0));
        assert!(trend_test(&[]).is_err() && trend_test(&[&[1.0]]).is_err() && trend_test(&[&[1.0; 8]]).is_err());
        assert!(trend_test(&[&[1.0, 2.0], &[1.0]]).is_err() && trend_test(&[&[1.0, f64::NAN]]).is_err());
    }
}
