//! How often each run, image or class comes up in a resample.

use std::collections::{BTreeMap, BTreeSet};

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::{Run, Splits};

/// How often each of `count` things comes up in as many draws with replacement.
pub(super) fn times(count: u32, rng: &mut ChaCha8Rng) -> Vec<u32> {
    let mut times = vec![0; count as usize];
    for _ in 0..count {
        // Drawn as u32, so that 32-bit and 64-bit platforms draw alike.
        if let Some(times) = times.get_mut(rng.random_range(0..count) as usize) {
            *times += 1;
        }
    }
    times
}

/// What of the runs is drawn together.
pub(super) struct Design {
    splits: Splits,
    /// Number of splits.
    count: u32,
    /// Numbers of seeds of the lists of seeds that splits ran, each list once.
    seeds: Vec<u32>,
    /// Of every run.
    places: Vec<Place>,
}

/// Where a run stands.
struct Place {
    split: usize,
    /// Which list of seeds its split ran.
    list: usize,
    /// Which of that list it is of.
    seed: usize,
}

impl Design {
    /// Of fewer than 2^32 runs.
    pub(super) fn new(runs: &[Run], splits: Splits) -> Self {
        let mut by_split: BTreeMap<usize, BTreeSet<u64>> = BTreeMap::new();
        for run in runs {
            by_split.entry(run.split).or_default().insert(run.seed);
        }
        let lists: BTreeSet<&BTreeSet<u64>> = by_split.values().collect();
        let places = runs.iter().filter_map(|run| {
            let own = by_split.get(&run.split)?;
            Some(Place {
                split: by_split.keys().position(|&split| split == run.split)?,
                list: lists.iter().position(|&list| list == own)?,
                seed: own.iter().position(|&seed| seed == run.seed)?,
            })
        });
        Self {
            splits,
            count: by_split.len() as u32,
            seeds: lists.iter().map(|list| list.len() as u32).collect(),
            places: places.collect(),
        }
    }

    /// How often each run comes up in the next resample.
    pub(super) fn draw(&self, rng: &mut ChaCha8Rng) -> Vec<u32> {
        let splits = match self.splits {
            Splits::Kept => vec![1; self.count as usize],
            Splits::Drawn => times(self.count, rng),
        };
        let lists: Vec<Vec<u32>> = self.seeds.iter().map(|&seeds| times(seeds, rng)).collect();
        let of_run = |place: &Place| {
            let of_seed = lists.get(place.list)?.get(place.seed)?;
            Some(splits.get(place.split)? * of_seed)
        };
        self.places.iter().map(|place| of_run(place).unwrap_or_default()).collect()
    }
}
