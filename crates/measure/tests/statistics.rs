//! The statistics of findings: agreement with an independent implementation, as `reference/generate_statistics.py` says, and properties
//! that hold for every sample.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use measure::statistics::{
    Average, Crossed, Interval, Level, Plan, Run, Splits, Summary, detectable, effect_size, equivalence_test, holm,
    share_interval, sign_test, signed_rank_test, t_test, trend_test, varies,
};
use proptest::prelude::*;
use rand::{RngExt, SeedableRng, seq::SliceRandom};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;

const LEVELS: [(&str, Level); 3] =
    [("runs", Level::Runs), ("queries", Level::RunsAndQueries), ("classes", Level::RunsAndClasses)];
const SPLITS: [(&str, Splits); 2] = [("kept", Splits::Kept), ("drawn", Splits::Drawn)];
const AVERAGES: [(&str, Average); 2] = [("queries", Average::Queries), ("classes", Average::Classes)];

fn read<T: DeserializeOwned>(key: &str) -> T {
    let file: Value = serde_json::from_str(include_str!("reference/statistics.json")).unwrap();
    serde_json::from_value(file[key].clone()).unwrap()
}

fn close(found: f64, expected: f64, tolerance: f64, what: &str) {
    assert!((found - expected).abs() <= tolerance, "{what}: {found} is not {expected}");
}

#[test]
fn exact_intervals_of_shares() {
    #[derive(Deserialize)]
    struct Share {
        successes: usize,
        trials: usize,
        low: f64,
        high: f64,
    }
    for Share { successes, trials, low, high } in read::<Vec<Share>>("shares") {
        let (found, what) = (share_interval(successes, trials).unwrap(), format!("{successes} of {trials}"));
        close(found.low, low, 1e-10, &what);
        close(found.high, high, 1e-10, &what);
    }
}

#[test]
fn tests_and_effects_of_samples() {
    #[derive(Deserialize)]
    struct Equivalence {
        p: f64,
        low: f64,
        high: f64,
    }
    #[derive(Deserialize)]
    struct Effect {
        d: f64,
        g: f64,
        low: f64,
        high: f64,
    }
    #[derive(Deserialize)]
    struct Sample {
        values: Vec<f64>,
        bound: f64,
        margin: f64,
        t_test: f64,
        signed_rank: f64,
        sign: f64,
        equivalence: Equivalence,
        effect: Effect,
    }
    for sample in read::<Vec<Sample>>("samples") {
        let (values, bound) = (&sample.values, sample.bound);
        close(t_test(values, bound).unwrap(), sample.t_test, 1e-10, "t-test");
        close(signed_rank_test(values, bound).unwrap(), sample.signed_rank, 1e-12, "signed ranks");
        close(sign_test(values, bound).unwrap(), sample.sign, 1e-12, "signs");
        let range = Interval { low: bound - sample.margin, high: bound + sample.margin };
        let (found, expected) = (equivalence_test(values, range).unwrap(), sample.equivalence);
        close(found.p, expected.p, 1e-10, "equivalence");
        close(found.interval.low, expected.low, 1e-10, "lower end at 90 %");
        close(found.interval.high, expected.high, 1e-10, "upper end at 90 %");
        let (found, expected) = (effect_size(values).unwrap(), sample.effect);
        close(found.d, expected.d, 1e-12, "d");
        close(found.g, expected.g, 1e-12, "g");
        close(found.interval.low, expected.low, 1e-6, "lower end of the effect");
        close(found.interval.high, expected.high, 1e-6, "upper end of the effect");
    }
}

#[test]
fn detectable_differences() {
    #[derive(Deserialize)]
    struct Detectable {
        deviation: f64,
        count: usize,
        difference: f64,
        /// With the quantile of the central t distribution instead.
        approximate: f64,
    }
    for expected in read::<Vec<Detectable>>("detectable") {
        let (found, what) = (detectable(expected.deviation, expected.count).unwrap(), expected.count.to_string());
        close(found, expected.difference, 1e-6 * expected.deviation, &what);
        if expected.count >= 10 {
            close(found, expected.approximate, 2e-3 * found, &what);
        }
    }
}

#[test]
fn corrections_for_many_tests() {
    #[derive(Deserialize)]
    struct Holm {
        p: Vec<f64>,
        adjusted: Vec<f64>,
    }
    for Holm { p, adjusted } in read::<Vec<Holm>>("holm") {
        holm(&p).unwrap().iter().zip(&adjusted).for_each(|(&found, &expected)| close(found, expected, 1e-12, "Holm"));
    }
}

#[test]
fn trends_over_arms() {
    #[derive(Deserialize)]
    struct Trend {
        runs: Vec<Vec<f64>>,
        tau: f64,
        p: f64,
    }
    for expected in read::<Vec<Trend>>("trends") {
        let runs: Vec<&[f64]> = expected.runs.iter().map(Vec::as_slice).collect();
        let found = trend_test(&runs).unwrap();
        close(found.tau, expected.tau, 1e-12, "tau");
        close(found.p, expected.p, 1e-12, "p of a trend");
    }
}

/// A run with what it is made of.
#[derive(Debug, Clone, Deserialize)]
struct Owned {
    split: usize,
    seed: u64,
    items: Vec<u32>,
    classes: Vec<u16>,
    differences: Vec<f64>,
}

impl Owned {
    fn view(runs: &[Self]) -> Vec<Run<'_>> {
        let view = runs.iter().map(|run| Run {
            split: run.split,
            seed: run.seed,
            items: &run.items,
            classes: &run.classes,
            differences: &run.differences,
        });
        view.collect()
    }
}

/// The value that stands under a name.
fn named<T: Copy>(all: &[(&str, T)], name: &str) -> T {
    all.iter().find(|(known, _)| *known == name).unwrap().1
}

#[test]
fn the_bootstrap_against_every_draw_there_is() {
    #[derive(Deserialize)]
    struct Found {
        level: String,
        splits: String,
        average: String,
        bound: f64,
        mean: f64,
        error: f64,
        p: f64,
    }
    #[derive(Deserialize)]
    struct Design {
        runs: Vec<Owned>,
        found: Vec<Found>,
    }
    for Design { runs, found } in read::<Vec<Design>>("bootstraps") {
        let crossed = Crossed::new(&Owned::view(&runs)).unwrap();
        for expected in found {
            let Found { level, splits, average, .. } = &expected;
            let what = format!("{level}, splits {splits}, mean over {average}");
            let plan = Plan {
                level: named(&LEVELS, level),
                splits: named(&SPLITS, splits),
                average: named(&AVERAGES, average),
                resamples: 40_000,
                seed: 5,
            };
            let resampled = crossed.bootstrap(&plan).unwrap();
            close(resampled.mean, expected.mean, 1e-12, &what);
            close(resampled.standard_error, expected.error, 0.03 * expected.error, &what);
            close(resampled.p_value(expected.bound), expected.p, 0.02, &what);
        }
    }
}

/// Runs over the same images, of which each lacks some; no two of one seed and split.
fn ragged(runs: usize, queries: u32, seed: u64) -> Vec<Owned> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let run = |at: usize| {
        let kept = rng.random_range(0..queries);
        let items: Vec<u32> = (0..queries).filter(|&item| item == kept || rng.random_range(0..4) > 0).collect();
        Owned {
            split: at % 2,
            seed: at as u64 / 2,
            classes: items.iter().map(|item| (item % 3) as u16).collect(),
            differences: items.iter().map(|_| rng.random_range(-1.0..1.0)).collect(),
            items,
        }
    };
    (0..runs).map(run).collect()
}

/// Every way to resample, few times.
fn plans(seed: u64) -> Vec<Plan> {
    let mut plans = Vec::new();
    for (_, level) in LEVELS {
        for (_, splits) in SPLITS {
            for (_, average) in AVERAGES {
                plans.push(Plan { level, splits, average, resamples: 60, seed });
            }
        }
    }
    plans
}

proptest! {
    #[test]
    fn adjusted_p_values_keep_their_order_and_never_shrink(
        p in proptest::collection::vec(0.0_f64..=1.0, 0..30), seed: u64,
    ) {
        let adjusted = holm(&p).unwrap();
        prop_assert_eq!(adjusted.len(), p.len());
        for (raw, found) in p.iter().zip(&adjusted) {
            prop_assert!(raw <= found && *found <= 1.0 && *found <= raw * p.len() as f64 + 1e-12);
        }
        for (one, other) in (0..p.len()).flat_map(|one| (0..p.len()).map(move |other| (one, other))) {
            prop_assert!(p[one] > p[other] || adjusted[one] <= adjusted[other]);
        }
        let mut order: Vec<usize> = (0..p.len()).collect();
        order.shuffle(&mut ChaCha8Rng::seed_from_u64(seed));
        let shuffled: Vec<f64> = order.iter().map(|&at| p[at]).collect();
        let expected: Vec<f64> = order.iter().map(|&at| adjusted[at]).collect();
        prop_assert_eq!(holm(&shuffled).unwrap(), expected);
    }

    #[test]
    fn an_exact_interval_contains_its_share_and_mirrors(trials in 1_usize..400, part in 0.0_f64..=1.0) {
        let successes = (part * trials as f64) as usize;
        let (found, mirrored) =
            (share_interval(successes, trials).unwrap(), share_interval(trials - successes, trials).unwrap());
        prop_assert!(found.contains(successes as f64 / trials as f64), "{:?}", found);
        prop_assert!(0.0 <= found.low && found.high <= 1.0);
        prop_assert!((found.low + mirrored.high - 1.0).abs() < 1e-9 && (found.high + mirrored.low - 1.0).abs() < 1e-9);
        let more = share_interval(4 * successes, 4 * trials).unwrap();
        prop_assert!(more.high - more.low < found.high - found.low, "more trials know more");
    }

    #[test]
    fn tests_and_their_intervals_say_the_same(
        values in proptest::collection::vec(-2.0_f64..2.0, 2..15), bound in -2.0_f64..2.0, width in 0.01_f64..3.0,
    ) {
        prop_assume!(varies(&values));
        let p = t_test(&values, bound).unwrap();
        prop_assert!((0.0..=1.0).contains(&p));
        // Next to 0.05 the rounding of the tabulated quantile decides.
        let interval = Summary::of(&values).unwrap().interval.unwrap();
        prop_assert!((p - 0.05).abs() < 1e-5 || (p < 0.05) != interval.contains(bound));
        let range = Interval { low: bound - width, high: bound + width };
        let found = equivalence_test(&values, range).unwrap();
        let within = range.contains(found.interval.low) && range.contains(found.interval.high);
        prop_assert!((found.p - 0.05).abs() < 1e-9 || (found.p < 0.05) == within);
        // A wider range is easier to lie within.
        let wider = equivalence_test(&values, Interval { low: -50.0, high: 50.0 }).unwrap();
        prop_assert!(wider.p <= found.p + 1e-12);
    }

    #[test]
    fn tests_of_signs_and_ranks_know_no_direction(
        values in proptest::collection::vec(-4_i8..4, 1..15), bound in -2_i8..3,
    ) {
        let above: Vec<f64> = values.iter().map(|&value| f64::from(value) - f64::from(bound)).collect();
        let below: Vec<f64> = above.iter().map(|value| -value).collect();
        let least = 2.0_f64.powi(1 - values.len() as i32).min(1.0);
        for test in [signed_rank_test, sign_test] {
            let (p, mirrored) = (test(&above, 0.0).unwrap(), test(&below, 0.0).unwrap());
            prop_assert!((p - mirrored).abs() < 1e-12 && (least - 1e-12..=1.0).contains(&p));
            let moved: Vec<f64> = values.iter().map(|&value| f64::from(value)).collect();
            prop_assert!((p - test(&moved, f64::from(bound)).unwrap()).abs() < 1e-12);
        }
    }

    #[test]
    fn a_trend_turned_round_falls_as_it_rose(
        runs in proptest::collection::vec(proptest::collection::vec(0_u8..5, 4), 1..6), shift in 0_u8..9,
    ) {
        let read = |reverse: bool| -> Vec<Vec<f64>> {
            let forth = |run: &Vec<u8>| run.iter().map(|&value| f64::from(value)).collect::<Vec<f64>>();
            let back = |run: &Vec<u8>| forth(run).into_iter().rev().collect::<Vec<f64>>();
            runs.iter().map(|run| if reverse { back(run) } else { forth(run) }).collect()
        };
        let test = |runs: &[Vec<f64>]| trend_test(&runs.iter().map(Vec::as_slice).collect::<Vec<&[f64]>>()).unwrap();
        let (forth, back) = (test(&read(false)), test(&read(true)));
        prop_assert!((forth.tau + back.tau).abs() < 1e-12 && (forth.p - back.p).abs() < 1e-12);
        prop_assert!((0.0..=1.0).contains(&forth.p) && forth.tau.abs() <= 1.0);
        // What a run has of its own, the same for all arms, has no say.
        let mut moved = read(false);
        moved[0].iter_mut().for_each(|value| *value += f64::from(shift));
        prop_assert_eq!(test(&moved), forth);
    }

    #[test]
    fn the_bootstrap_of_what_is_the_same_everywhere_is_that(
        runs in 1_usize..7, queries in 1_u32..12, value in -3.0_f64..3.0, seed: u64,
    ) {
        let mut runs = ragged(runs, queries, seed);
        runs.iter_mut().for_each(|run| run.differences.fill(value));
        let crossed = Crossed::new(&Owned::view(&runs)).unwrap();
        for plan in plans(seed) {
            let found = crossed.bootstrap(&plan).unwrap();
            for same in [found.mean, found.interval.low, found.interval.high] {
                prop_assert!((same - value).abs() < 1e-12);
            }
            prop_assert!(found.standard_error < 1e-12 && found.p_value(value) == 1.0);
        }
    }

    #[test]
    fn the_order_of_runs_and_of_queries_has_no_say_in_the_bootstrap(
        runs in 1_usize..7, queries in 1_u32..12, seed: u64,
    ) {
        let made = ragged(runs, queries, seed);
        let mut runs = Owned::view(&made);
        let before = Crossed::new(&runs).unwrap();
        runs.shuffle(&mut ChaCha8Rng::seed_from_u64(seed));
        let after = Crossed::new(&runs).unwrap();
        let mut turned = made.clone();
        for run in &mut turned {
            run.items.reverse();
            run.classes.reverse();
            run.differences.reverse();
        }
        let turned = Crossed::new(&Owned::view(&turned)).unwrap();
        for plan in plans(seed) {
            let found = before.bootstrap(&plan).unwrap();
            prop_assert_eq!(&found, &after.bootstrap(&plan).unwrap());
            // Sums in another order are rounded another way.
            let turned = turned.bootstrap(&plan).unwrap();
            prop_assert!((found.mean - turned.mean).abs() < 1e-12);
            prop_assert!((found.interval.low - turned.interval.low).abs() < 1e-12);
            prop_assert!((found.interval.high - turned.interval.high).abs() < 1e-12);
        }
    }

    #[test]
    fn the_bootstrap_moves_with_what_it_is_of(
        runs in 1_usize..7, queries in 1_u32..12, shift in -3.0_f64..3.0, seed: u64,
    ) {
        let made = ragged(runs, queries, seed);
        let mut moved = made.clone();
        moved.iter_mut().flat_map(|run| &mut run.differences).for_each(|value| *value += shift);
        let (made, moved) = (Crossed::new(&Owned::view(&made)).unwrap(), Crossed::new(&Owned::view(&moved)).unwrap());
        for plan in plans(seed) {
            let (found, moved) = (made.bootstrap(&plan).unwrap(), moved.bootstrap(&plan).unwrap());
            prop_assert!((found.mean + shift - moved.mean).abs() < 1e-9);
            prop_assert!((found.interval.low + shift - moved.interval.low).abs() < 1e-9);
            prop_assert!((found.standard_error - moved.standard_error).abs() < 1e-9);
            let p = found.p_value(0.1);
            prop_assert!(p > 0.0 && p <= 1.0 && found.interval.low <= found.interval.high);
        }
    }
}
