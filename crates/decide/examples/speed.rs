//! How long a study takes and how much memory, stage by stage, natively and in a browser's engine. Vectors are made here: two models'
//! with variances that fall as those of real ones do.
//!
//! ```text
//! cargo run --release -p decide --example speed -- 100000 768
//!
//! cargo build --profile worker -p decide --example speed --target wasm32-unknown-unknown
//! wasm-bindgen --target nodejs --out-dir target/speed target/wasm32-unknown-unknown/worker/examples/speed.wasm
//! node -e 'require("./target/speed/speed.js").speed(100000, 768, false)'
//! ```
//!
//! With a third word, `all` (`true`), maps without a closed form are fitted, too. Seconds are those of the processor, which other programs
//! hardly lengthen; a pause is the longest time, by the clock, in which a study could not have been broken off.

use decide::{
    Beside, Case, DecideError, Embedded, Relevance, Similarity, Vectors, maps::Family, options::Settings, study::study,
};

/// How many queries there are.
const QUERIES: usize = 2000;

/// Reflections that hide the axes of a model.
const MIRRORS: usize = 6;

/// Numbers that look random, one after another (`SplitMix64`).
struct Noise(u64);

impl Noise {
    fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// Close to a normal one of deviation 1: a sum of four even ones.
    fn normal(&mut self) -> f32 {
        let bits = self.bits();
        let sum: u64 = (0..4).map(|part| (bits >> (16 * part)) & 0xFFFF).sum();
        (sum as f32 / 65_536.0 - 2.0) * 3.0_f32.sqrt()
    }

    fn normals(&mut self, count: usize) -> Vec<f32> {
        (0..count).map(|_| self.normal()).collect()
    }
}

/// What a model makes of what it sees of a row.
struct Model {
    mirrors: Vec<Vec<f32>>,
    mean: Vec<f32>,
    /// How much of each coordinate it sees.
    sight: Vec<f32>,
    blur: f32,
}

impl Model {
    fn new(scales: &[f32], sight: Vec<f32>, blur: f32, noise: &mut Noise) -> Self {
        let dims = scales.len();
        let mirror = |_| {
            let row = noise.normals(dims);
            let length = row.iter().map(|number| number * number).sum::<f32>().sqrt();
            row.iter().map(|number| number / length).collect()
        };
        let mirrors = (0..MIRRORS).map(mirror).collect();
        let size = scales.iter().map(|scale| scale * scale).sum::<f32>().sqrt() * 0.3 / (dims as f32).sqrt();
        let mean = noise.normals(dims).iter().map(|number| size * number).collect();
        Self { mirrors, mean, sight, blur }
    }

    fn embed(&self, seen: &[f32], scales: &[f32], noise: &mut Noise, into: &mut Vec<f32>) {
        let start = into.len();
        let blurred = seen.iter().zip(scales).zip(&self.sight);
        into.extend(blurred.map(|((number, scale), sight)| number * sight + self.blur * scale * noise.normal()));
        let row = into.get_mut(start..).unwrap_or_default();
        for mirror in &self.mirrors {
            let along: f32 = 2.0 * row.iter().zip(mirror).map(|(a, b)| a * b).sum::<f32>();
            row.iter_mut().zip(mirror).for_each(|(number, axis)| *number -= along * axis);
        }
        row.iter_mut().zip(&self.mean).for_each(|(number, mean)| *number += mean);
    }
}

/// Query `i` asks for document `i`. The old model sees the long axes alone, and those dimly.
fn made(documents: usize, dims: usize) -> Result<Case, DecideError> {
    let mut noise = Noise(1);
    let scales: Vec<f32> = (0..dims).map(|at| 1.0 / (at as f32 + 6.0).sqrt()).collect();
    // Not by powers, which are not the same everywhere.
    let dim = std::iter::successors(Some(1.0_f32), |sight| Some(sight * 0.9934)).take(dims).collect();
    let old = Model::new(&scales, dim, 0.45, &mut noise);
    let new = Model::new(&scales, vec![1.0; dims], 0.15, &mut noise);
    let queries = QUERIES.min(documents);
    let row = |noise: &mut Noise, size: f32| -> Vec<f32> {
        scales.iter().map(|scale| size * scale * noise.normal()).collect()
    };
    let mut vectors = [(documents, &old), (queries, &old), (documents, &new), (queries, &new)]
        .map(|(rows, _)| Vec::with_capacity(rows * dims));
    let [old_documents, old_queries, new_documents, new_queries] = &mut vectors;
    for document in 0..documents {
        let mut seen = row(&mut noise, 1.0);
        old.embed(&seen, &scales, &mut noise, old_documents);
        new.embed(&seen, &scales, &mut noise, new_documents);
        if document < queries {
            let apart = row(&mut noise, 0.8);
            seen.iter_mut().zip(apart).for_each(|(number, apart)| *number += apart);
            old.embed(&seen, &scales, &mut noise, old_queries);
            new.embed(&seen, &scales, &mut noise, new_queries);
        }
    }
    let [old_documents, old_queries, new_documents, new_queries] = vectors;
    let embedded = |name: &str, documents, queries| -> Result<Embedded, DecideError> {
        let (documents, queries) = (Vectors::new(dims, documents)?, Some(Vectors::new(dims, queries)?));
        Ok(Embedded { name: name.to_owned(), documents, queries })
    };
    Case {
        old: embedded("old", old_documents, old_queries)?,
        new: embedded("new", new_documents, new_queries)?,
        documents: (0..documents).map(|document| document.to_string()).collect(),
        queries: (0..queries).map(|query| query.to_string()).collect(),
        relevance: Relevance::Judged((0..queries).map(|query| vec![(query, 1.0)]).collect()),
        beside: Beside::default(),
        similarity: Similarity::Cosine,
        notices: Vec::new(),
    }
    .checked()
}

/// Makes vectors, studies them and prints what that took.
fn measure(documents: usize, dims: usize, all: bool) -> Result<(), DecideError> {
    let begun = host::seconds();
    let case = made(documents, dims)?;
    let arrays = 4 * dims * 2 * (documents + case.queries.len());
    host::say(&format!("{:7.2} s  making vectors of {} MB", host::seconds() - begun, arrays / 1_000_000));
    let families = Family::ALL.into_iter().filter(|family| all || family.closed_form()).collect();
    let settings = Settings { families, ..Settings::default() };

    let (begun, mut last, mut name) = (host::seconds(), host::seconds(), String::new());
    let (mut told, mut pause, mut where_) = (host::clock(), 0.0, String::new());
    let mut stage = |stage: &str, _: f64| {
        let now = host::clock();
        if now - told > pause {
            (pause, where_) = (now - told, name.clone());
        }
        told = now;
        if stage != name {
            let now = host::seconds();
            if !name.is_empty() {
                host::say(&format!("{:7.2} s  {name}", now - last));
            }
            (last, name) = (now, stage.to_owned());
        }
        Ok(())
    };
    let (study, kept) = study(&case, true, &settings, &mut stage)?;
    host::say(&format!("{:7.2} s  all {} options", host::seconds() - begun, study.rows.len()));
    host::say(&format!("{pause:7.2} s  the longest pause, {where_}"));
    let peak = host::peak();
    host::say(&format!("{:7} MB at most, {:.2} times the vectors", peak / 1_000_000, peak as f64 / arrays as f64));
    // What was found, as one number: it is the same everywhere.
    let hits = kept.rankings.iter().flat_map(|(_, ranking)| ranking.lists().flatten());
    let sum = hits
        .fold(0_u64, |sum, hit| sum.rotate_left(7) ^ (u64::from(hit.document) << 32 | u64::from(hit.score.to_bits())));
    host::say(&format!("{sum:016x} found"));
    Ok(())
}

#[cfg(not(target_arch = "wasm32"))]
mod host {
    use std::{fs, sync::OnceLock, time::Instant};

    static BEGUN: OnceLock<Instant> = OnceLock::new();

    /// What the processor spent on this program.
    pub fn seconds() -> f64 {
        let spent = fs::read_to_string("/proc/self/stat").ok().and_then(|stat| {
            // In hundredths, behind the name in brackets: the twelfth and the thirteenth.
            let fields = stat.rsplit(')').next()?.split_whitespace().skip(11).take(2);
            fields.map(|field| field.parse::<f64>().ok()).sum::<Option<f64>>()
        });
        spent.map_or_else(clock, |hundredths| hundredths / 100.0)
    }

    pub fn clock() -> f64 {
        BEGUN.get_or_init(Instant::now).elapsed().as_secs_f64()
    }

    /// Bytes; 0 where that is not told.
    pub fn peak() -> usize {
        let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        line.and_then(|line| line.split_whitespace().next()?.parse().ok())
            .map_or(0, |kilobytes: usize| kilobytes * 1024)
    }

    pub fn say(line: &str) {
        println!("{line}");
    }
}

#[cfg(target_arch = "wasm32")]
mod host {
    use wasm_bindgen::prelude::wasm_bindgen;

    #[wasm_bindgen]
    extern "C" {
        type Usage;
        #[wasm_bindgen(js_namespace = process, js_name = cpuUsage)]
        fn usage() -> Usage;
        /// In millionths of a second.
        #[wasm_bindgen(method, getter)]
        fn user(this: &Usage) -> f64;
        #[wasm_bindgen(js_namespace = performance)]
        fn now() -> f64;
        #[wasm_bindgen(js_namespace = console)]
        fn log(line: &str);
    }

    /// What the processor spent on all that Node does.
    pub fn seconds() -> f64 {
        usage().user() / 1e6
    }

    pub fn clock() -> f64 {
        now() / 1000.0
    }

    /// Memory never shrinks here.
    pub fn peak() -> usize {
        core::arch::wasm32::memory_size(0) * 65_536
    }

    pub fn say(line: &str) {
        log(line);
    }

    /// What is called from outside.
    #[wasm_bindgen]
    pub fn speed(documents: usize, dims: usize, all: bool) {
        if let Err(error) = super::measure(documents, dims, all) {
            say(&error.to_string());
        }
    }
}

fn main() {
    if cfg!(target_arch = "wasm32") {
        return;
    }
    let words: Vec<String> = std::env::args().skip(1).collect();
    let number = |at: usize, otherwise| words.get(at).and_then(|word| word.parse().ok()).unwrap_or(otherwise);
    if let Err(error) = measure(number(0, 100_000), number(1, 768), words.get(2).is_some()) {
        host::say(&error.to_string());
    }
}
