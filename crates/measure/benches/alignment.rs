//! Times every adapter on 10,000 pairs of 128 dimensions, and a backfill of 2000 items in eleven steps: `cargo bench -p measure`;
//! of another width with `cargo bench -p measure --bench alignment -- 768`.
//!
//! Prints medians; asserts nothing about time.

use std::{error::Error, hint::black_box, time::Instant};

use measure::{
    Features, Items, MeasureError,
    alignment::{Embedding, Fit, MiniVec2Vec, fit},
    backfill::{MixedIndex, Order},
};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

const PAIRS: usize = 10_000;
/// Unless another one is named.
const DIM: usize = 128;
const ITEMS: usize = 2000;
const CLASSES: u32 = 10;

fn main() -> Result<(), Box<dyn Error>> {
    // Cargo adds words of its own.
    let dim = std::env::args().find_map(|word| word.parse().ok()).unwrap_or(DIM);
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let mut noise = || (0..PAIRS * dim).map(|_| rng.random_range(-1.0_f32..1.0)).collect::<Vec<f32>>();
    let (x, y) = (noise(), noise());
    let rows = (Features::new(&x, dim)?, Features::new(&y, dim)?);
    let (new, old) = (Embedding { model: "new", rows: rows.0 }, Embedding { model: "old", rows: rows.1 });
    println!("{PAIRS} pairs, {dim} dimensions");
    for kind in [
        Fit::Translation,
        Fit::Procrustes,
        Fit::ScaledProcrustes,
        Fit::Affine { ridge: 1.0 },
        Fit::LowRankAffine { rank: 64, ridge: 1.0 },
    ] {
        time(&format!("{kind:?}"), 5, || fit(kind, black_box(&new), black_box(&old)).map(drop))?;
    }
    let adapter = fit(Fit::Procrustes, &new, &old)?.adapter;
    time("apply", 5, || adapter.apply(black_box(&new)).map(drop))?;
    time("mini-vec2vec", 1, || MiniVec2Vec::default().fit(black_box(&new), black_box(&old)).map(drop))?;

    let (labels, ids): (Vec<u32>, Vec<u32>) = ((0..CLASSES).cycle().take(ITEMS).collect(), (0..).take(ITEMS).collect());
    let items = |values| Items::new(Features::new(values, dim)?, &labels, &ids);
    let (new, old) = (items(x.get(..ITEMS * dim).unwrap_or(&x))?, items(y.get(..ITEMS * dim).unwrap_or(&y))?);
    let index = MixedIndex::new(new, old, new.features())?;
    let fractions: Vec<f64> = (0..=10).map(|tenth| f64::from(tenth) / 10.0).collect();
    time("backfill, 2000 x 2000, 11 steps", 3, || index.backfill(&Order::Random { seed: 1 }, &fractions).map(drop))?;
    Ok(())
}

/// Prints the median time of a few runs.
fn time(what: &str, runs: usize, run: impl Fn() -> Result<(), MeasureError>) -> Result<(), Box<dyn Error>> {
    let mut times_ms = Vec::new();
    for _ in 0..runs {
        let start = Instant::now();
        run()?;
        times_ms.push(start.elapsed().as_secs_f64() * 1e3);
    }
    times_ms.sort_unstable_by(f64::total_cmp);
    let median_ms = times_ms.get(runs / 2).ok_or("no runs")?;
    println!("  {what}: median {median_ms:.1} ms of {runs} runs");
    Ok(())
}
