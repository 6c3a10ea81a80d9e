//! Times the full evaluation of 2000 queries on 2000 gallery items of 64 dimensions: `cargo bench -p measure`.
//!
//! Prints the median; asserts nothing about time.

use std::{error::Error, hint::black_box, time::Instant};

use measure::{Features, Items, retrieve};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

const ROWS: usize = 2000;
const DIM: usize = 64;
const CLASSES: u32 = 10;
const RUNS: usize = 15;

fn main() -> Result<(), Box<dyn Error>> {
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let mut noise = || (0..ROWS * DIM).map(|_| rng.random_range(-1.0_f32..1.0)).collect::<Vec<f32>>();
    let (query, gallery) = (noise(), noise());
    let labels: Vec<u32> = (0..CLASSES).cycle().take(ROWS).collect();
    let ids: Vec<u32> = (0..).take(ROWS).collect();
    let query = Items::new(Features::new(&query, DIM)?, &labels, &ids)?;
    let gallery = Items::new(Features::new(&gallery, DIM)?, &labels, &ids)?;

    let mut times_ms = Vec::new();
    for _ in 0..RUNS {
        let start = Instant::now();
        let summary = retrieve(black_box(&query), black_box(&gallery), 10)?.summary();
        times_ms.push(start.elapsed().as_secs_f64() * 1e3);
        black_box(summary);
    }
    times_ms.sort_unstable_by(f64::total_cmp);
    let median_ms = times_ms.get(RUNS / 2).ok_or("no runs")?;
    println!("retrieve {ROWS} x {ROWS}, {DIM} dimensions, full ranking: median {median_ms:.1} ms of {RUNS} runs");
    Ok(())
}
