use proptest::prelude::*;

use super::*;

fn all(values: &[f64]) -> PerQuery {
    values.iter().copied().map(Some).collect()
}

/// Scores that look random, 0 to 1 in steps of 0.01.
fn scores(count: usize, factor: usize) -> Vec<f64> {
    (0..count).map(|at| (at * factor % 101) as f64 / 100.0).collect()
}

#[test]
fn percentiles_are_those_of_numpy() {
    // numpy.percentile([1, 2, 4, 8, 16], [2.5, 97.5])
    let values = [1.0, 2.0, 4.0, 8.0, 16.0];
    assert!((percentile(&values, 0.025).unwrap() - 1.1).abs() < 1e-12);
    assert!((percentile(&values, 0.975).unwrap() - 15.2).abs() < 1e-12);
    assert_eq!((percentile(&[3.0], 0.975), percentile(&values, 1.0)), (Some(3.0), Some(16.0)));
    assert_eq!(percentile(&[], 0.5), None);
}

#[test]
fn every_resample_draws_as_many_queries_as_there_are() {
    for queries in [1, 2, 7, 300] {
        let resamples = Resamples::new(queries, 5);
        assert_eq!(resamples.times.len(), RESAMPLES * queries);
        for times in resamples.times.chunks(queries) {
            assert_eq!(times.iter().map(|&times| usize::from(times)).sum::<usize>(), queries);
        }
        // Every query comes up once in a resample on average; five standard errors.
        let error = ((1.0 - 1.0 / queries as f64) / RESAMPLES as f64).sqrt();
        for query in 0..queries {
            let times = resamples.times.chunks(queries).map(|times| f64::from(times[query])).sum::<f64>();
            assert!((times / RESAMPLES as f64 - 1.0).abs() <= 5.0 * error, "query {query} of {queries}");
        }
    }
}

#[test]
fn a_sum_counts_each_value_so_many_times() {
    for count in [1, 7, 8, 9, 40] {
        let times: Vec<u8> = (0..count).map(|at| (at * 5 % 4) as u8).collect();
        let values: Vec<f64> = (0..count).map(|at| (at * 3 % 17) as f64).collect();
        let sum: f64 = times.iter().zip(&values).map(|(&times, value)| f64::from(times) * value).sum();
        assert_eq!(weighted(&times, &values), sum, "whole numbers are exact");
    }
}

#[test]
fn the_interval_is_that_of_normal_theory_where_that_holds() {
    let values = scores(400, 37);
    let found = Bootstrap::new(400, 1).mean(&all(&values)).unwrap();
    let mean = values.iter().sum::<f64>() / 400.0;
    let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / 400.0;
    let reach = 1.959_964 * (variance / 400.0).sqrt();
    assert!((found.value - mean).abs() < 1e-12);
    assert!(((found.high - found.low) / (2.0 * reach) - 1.0).abs() < 0.1, "{found:?} and {reach}");
    assert!((f64::midpoint(found.low, found.high) - mean).abs() < 0.1 * reach);
}

#[test]
fn pairing_takes_out_what_both_share() {
    let base = scores(200, 37);
    let better: Vec<f64> = base.iter().map(|score| score + 0.02).collect();
    let bootstrap = Bootstrap::new(200, 3);
    let difference = bootstrap.difference(&all(&better), &all(&base)).unwrap();
    for value in [difference.value, difference.low, difference.high] {
        assert!((value - 0.02).abs() < 1e-12, "{difference:?}");
    }
    // Which their own intervals do not tell apart.
    assert!(bootstrap.mean(&all(&base)).unwrap().high > bootstrap.mean(&all(&better)).unwrap().low);
    let halves: Vec<f64> = base.iter().map(|score| score / 2.0).collect();
    let retention = bootstrap.retention(&all(&halves), &all(&base)).unwrap();
    for value in [retention.value, retention.low, retention.high] {
        assert!((value - 0.5).abs() < 1e-12, "{retention:?}");
    }
    // A quarter of the way for every query.
    let between: Vec<f64> = base.iter().zip(&better).map(|(old, full)| old + 0.25 * (full - old)).collect();
    let share = bootstrap.share_of_gain(&all(&between), &all(&base), &all(&better)).unwrap();
    for value in [share.value, share.low, share.high] {
        assert!((value - 0.25).abs() < 1e-9, "{share:?}");
    }
}

#[test]
fn numbers_by_hand() {
    // Two queries: a resample is the first twice, each once, or the second twice, of 1 : 2 : 1.
    let bootstrap = Bootstrap::new(2, 0);
    let mean = bootstrap.mean(&all(&[0.0, 1.0])).unwrap();
    assert_eq!(mean, Estimate { value: 0.5, low: 0.0, high: 1.0 });
    let difference = bootstrap.difference(&all(&[0.5, 1.0]), &all(&[0.0, 2.0])).unwrap();
    assert_eq!(difference, Estimate { value: -0.25, low: -1.0, high: 0.5 });
    // 1 / 2, (1 + 1) / (2 + 1), 1 / 1.
    let retention = bootstrap.retention(&all(&[1.0, 1.0]), &all(&[2.0, 1.0])).unwrap();
    assert_eq!(retention, Estimate { value: 2.0 / 3.0, low: 0.5, high: 1.0 });
    // Gains of 1 and 0.5; of them 0.5 and 0.5: 1 / 2, 1 / 1.5, 1 / 1.
    let (scores, full) = (all(&[0.5, 0.5]), all(&[1.0, 0.5]));
    let share = bootstrap.share_of_gain(&scores, &all(&[0.0, 0.0]), &full).unwrap();
    assert_eq!(share, Estimate { value: 2.0 / 3.0, low: 0.5, high: 1.0 });
}

#[test]
fn no_share_of_a_gain_that_is_none() {
    let bootstrap = Bootstrap::new(100, 1);
    let old = scores(100, 37);
    let other = scores(100, 53);
    let gain = bootstrap.difference(&all(&other), &all(&old)).unwrap();
    assert!(!gain.excludes(0.0), "{gain:?}");
    assert_eq!(bootstrap.share_of_gain(&all(&old), &all(&old), &all(&other)), None);
    // A loss is none either.
    let worse: Vec<f64> = old.iter().map(|score| score - 0.1).collect();
    assert_eq!(bootstrap.share_of_gain(&all(&old), &all(&old), &all(&worse)), None);
    assert_eq!(bootstrap.retention(&all(&old), &all(&[0.0; 100])), None);
    assert_eq!((bootstrap.mean(&vec![None; 100]), bootstrap.mean(&vec![])), (None, None));
}

#[test]
fn what_rounding_leaves_is_no_gain() {
    // One query falls from rank 3 to 6 and five rise from 3 to 2, so that resamples gain nothing, or next to nothing by rounding.
    let (old, new) = ([1.0 / 3.0; 6], [1.0 / 6.0, 0.5, 0.5, 0.5, 0.5, 0.5]);
    for first in 0..6 {
        let mut turned = new;
        turned.rotate_right(first);
        for seed in 0..20 {
            let bootstrap = Bootstrap::new(6, seed);
            let gain = bootstrap.difference(&all(&turned), &all(&old)).unwrap();
            assert!(gain.low == 0.0 || gain.low.abs() > 1e-9, "{first}, {seed}: {gain:?}");
            let share = bootstrap.share_of_gain(&all(&turned), &all(&old), &all(&turned));
            assert!(share.is_none_or(|share| share.high < 1.0 + 1e-9), "{first}, {seed}: {share:?}");
        }
    }
    // Rounding makes 0.3 of neither.
    let bootstrap = Bootstrap::new(2, 1);
    let gain = bootstrap.difference(&all(&[0.1 + 0.2, 0.3]), &all(&[0.3, 0.1 + 0.2])).unwrap();
    assert_eq!(gain, Estimate { value: 0.0, low: 0.0, high: 0.0 });
}

#[test]
fn a_resample_in_which_the_measure_is_0_has_no_retention() {
    // Of two queries one scores: a quarter of the resamples have 0 of 0.
    let bootstrap = Bootstrap::new(2, 0);
    let retention = bootstrap.retention(&all(&[0.0, 0.5]), &all(&[0.0, 1.0])).unwrap();
    assert_eq!(retention, Estimate { value: 0.5, low: 0.5, high: 0.5 });
}

#[test]
fn queries_that_are_not_judged_are_not_drawn() {
    let values = scores(50, 37);
    let judged = Bootstrap::new(50, 9);
    let gaps: PerQuery = values.iter().flat_map(|&value| [None, Some(value), None]).collect();
    let among = Bootstrap::new(150, 9);
    assert_eq!(among.mean(&gaps), judged.mean(&all(&values)));
    // Another number of queries after the one that is kept.
    let fewer: PerQuery = gaps.iter().copied().take(60).collect();
    assert_eq!(among.mean(&fewer), Bootstrap::new(20, 9).mean(&all(&values[..20])));
    assert_eq!(among.mean(&gaps), judged.mean(&all(&values)));
    assert_ne!(judged.mean(&all(&values)), Bootstrap::new(50, 10).mean(&all(&values)), "another seed");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn intervals_are_in_order_and_turn_about(
        pairs in prop::collection::vec((prop::option::of(0.0_f64..1.0), prop::option::of(0.0_f64..1.0)), 1..40),
        seed: u64,
    ) {
        let (one, other): (PerQuery, PerQuery) = pairs.into_iter().unzip();
        let bootstrap = Bootstrap::new(one.len(), seed);
        if let Some(mean) = bootstrap.mean(&one) {
            prop_assert!(mean.low <= mean.high && (0.0..1.0).contains(&mean.low) && (0.0..1.0).contains(&mean.high));
        } else {
            prop_assert!(one.iter().all(Option::is_none));
        }
        let (there, back) = (bootstrap.difference(&one, &other), bootstrap.difference(&other, &one));
        prop_assert_eq!(there.is_some(), back.is_some());
        if let (Some(there), Some(back)) = (there, back) {
            let back = back.map(|value| -value);
            for (a, b) in [(there.value, back.value), (there.low, back.low), (there.high, back.high)] {
                prop_assert!((a - b).abs() < 1e-12, "{:?} and {:?}", there, back);
            }
            // What all of a difference is bought by is the whole of the gain, and nothing is none of it.
            if there.low > 0.0 {
                let share = |scores: &PerQuery| bootstrap.share_of_gain(scores, &other, &one).unwrap();
                let (whole, none) = (share(&one), share(&other));
                prop_assert!((whole.low - 1.0).abs() < 1e-9 && (whole.high - 1.0).abs() < 1e-9);
                prop_assert_eq!(none.value, 0.0);
            }
        }
    }
}
