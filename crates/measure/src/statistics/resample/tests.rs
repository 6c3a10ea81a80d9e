#![allow(clippy::unwrap_used)]

use super::*;

const PLAN: Plan =
    Plan { level: Level::Runs, splits: Splits::Kept, average: Average::Queries, resamples: 4000, seed: 1 };

/// What each of `runs` runs of one split says of the same queries, in classes of four.
struct Made {
    items: Vec<u32>,
    classes: Vec<u16>,
    differences: Vec<Vec<f64>>,
}

impl Made {
    fn new(runs: u32, queries: u32, difference: impl Fn(u32, u32) -> f64) -> Self {
        let of_run = |run: u32| -> Vec<f64> { (0..queries).map(|query| difference(run, query)).collect() };
        Self {
            items: (0..queries).collect(),
            classes: (0..queries).map(|query| (query / 4) as u16).collect(),
            differences: (0..runs).map(of_run).collect(),
        }
    }

    fn runs(&self) -> Vec<Run<'_>> {
        let run = |(seed, differences)| Run { split: 0, seed, items: &self.items, classes: &self.classes, differences };
        (1..).zip(self.differences.iter().map(Vec::as_slice)).map(run).collect()
    }

    fn resample(&self, level: Level) -> Resampled {
        Crossed::new(&self.runs()).unwrap().bootstrap(&Plan { level, ..PLAN }).unwrap()
    }
}

/// Something between -1 and 1 without a pattern.
fn noise(of: u32) -> f64 {
    ((f64::from(of) + 1.0).sin() * 43_758.545_3).fract()
}

/// The standard error that drawing with replacement gives the mean.
fn error(values: &[f64]) -> f64 {
    let count = values.len() as f64;
    sample_deviation(values).unwrap() * ((count - 1.0) / count).sqrt() / count.sqrt()
}

fn near(found: f64, expected: f64) {
    assert!((found / expected - 1.0).abs() < 0.06, "{found} is not near {expected}");
}

#[test]
fn runs_alone_are_an_ordinary_bootstrap() {
    let made = Made::new(12, 8, |run, _| noise(run));
    let values: Vec<f64> = (0..12).map(noise).collect();
    let found = made.resample(Level::Runs);
    assert!((found.mean - super::super::mean(&values).unwrap()).abs() < 1e-12);
    near(found.standard_error, error(&values));
    near(found.interval.high - found.interval.low, 2.0 * 1.96 * error(&values));
    assert_eq!((found.resamples(), &found), (4000, &made.resample(Level::Runs)));
}

#[test]
fn images_are_drawn_for_all_runs_at_once() {
    // All runs agree: nine runs know no more of the images than one does.
    let made = Made::new(9, 200, |_, query| noise(query));
    let images: Vec<f64> = (0..200).map(noise).collect();
    near(made.resample(Level::RunsAndQueries).standard_error, error(&images));
    assert!(made.resample(Level::Runs).standard_error < 1e-12);
}

#[test]
fn classes_are_drawn_whole() {
    // All queries of a class agree, so there are 50 things to draw and not 200.
    let made = Made::new(3, 200, |_, query| noise(query / 4));
    let classes: Vec<f64> = (0..50).map(noise).collect();
    near(made.resample(Level::RunsAndClasses).standard_error, error(&classes));
    near(made.resample(Level::RunsAndQueries).standard_error, error(&classes) / 2.0);
}

#[test]
fn both_kinds_of_luck_add_up() {
    let made = Made::new(30, 200, |run, query| noise(run) + noise(query + 99));
    let runs: Vec<f64> = (0..30).map(noise).collect();
    let images: Vec<f64> = (0..200).map(|query| noise(query + 99)).collect();
    near(made.resample(Level::RunsAndQueries).standard_error, error(&runs).hypot(error(&images)));
}

#[test]
fn splits_count_only_where_they_are_drawn() {
    // Each split has its own value, which its seeds agree on.
    let made = Made::new(6, 4, |run, _| f64::from(run / 2));
    let mut runs = made.runs();
    for (place, run) in runs.iter_mut().enumerate() {
        (run.split, run.seed) = (place / 2, place as u64 % 2);
    }
    let crossed = Crossed::new(&runs).unwrap();
    assert!(crossed.bootstrap(&PLAN).unwrap().standard_error < 1e-12);
    let drawn = crossed.bootstrap(&Plan { splits: Splits::Drawn, ..PLAN }).unwrap();
    near(drawn.standard_error, error(&[0.0, 1.0, 2.0]));
}

#[test]
fn seeds_that_splits_share_are_drawn_together() {
    // A seed is as good in each of four splits: four splits of the same five seeds know of five seeds.
    let made = Made::new(20, 4, |run, _| noise(run % 5));
    let mut runs = made.runs();
    for (place, run) in runs.iter_mut().enumerate() {
        (run.split, run.seed) = (place / 5, place as u64 % 5);
    }
    let seeds: Vec<f64> = (0..5).map(noise).collect();
    near(Crossed::new(&runs).unwrap().bootstrap(&PLAN).unwrap().standard_error, error(&seeds));
    // Of other seeds in every split each split draws for itself.
    for run in &mut runs {
        run.seed += 10 * run.split as u64;
    }
    near(Crossed::new(&runs).unwrap().bootstrap(&PLAN).unwrap().standard_error, error(&seeds) / 2.0);
}

#[test]
fn p_is_the_share_beyond_and_never_nothing() {
    let found = Made::new(12, 8, |run, _| noise(run)).resample(Level::Runs);
    assert_eq!((found.p_value(-5.0), found.p_value(5.0)), (2.0 / 4001.0, 2.0 / 4001.0));
    assert!(found.p_value(found.mean) > 0.9);
    assert!((found.p_value(found.interval.low) - 0.05).abs() < 0.002);
    // All at the bound: nothing speaks against it, however the sums are rounded.
    let level = Made::new(3, 40, |_, _| 0.1).resample(Level::RunsAndQueries);
    assert_eq!(level.p_value(0.1), 1.0);
}

#[test]
fn what_cannot_be_resampled_is_named() {
    let made = Made::new(2, 4, |_, _| 0.5);
    let crossed = Crossed::new(&made.runs()).unwrap();
    assert!(crossed.bootstrap(&Plan { resamples: 1, ..PLAN }).is_err());
    let run = made.runs().remove(0);
    assert!(Crossed::new(&[]).is_err());
    assert!(Crossed::new(&[Run { items: &run.items[1..], ..run }]).is_err());
    assert!(Crossed::new(&[Run { classes: &[], ..run }]).is_err());
    assert!(Crossed::new(&[Run { items: &[], classes: &[], differences: &[], ..run }]).is_err());
    assert!(Crossed::new(&[Run { differences: &[0.0, f64::NAN, 0.0, 0.0], ..run }]).is_err());
}
