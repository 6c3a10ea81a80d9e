//! Throws damaged files at every parser of what others wrote, and fails where one panics, is slow or takes much memory.
//!
//! ```text
//! cargo run --release -p import --features vectors --example fuzz -- png --inputs 1000000 --seed 1 --out found
//! cargo run --release -p import --features vectors --example fuzz -- all
//! ```
//!
//! Input `N` of a seed is always the same: `--from N --inputs 1` gives it again. With
//! `CARGO_PROFILE_RELEASE_OVERFLOW_CHECKS=true` sums that are too large panic too, as they do in tests.

mod columns;
mod mutate;
mod targets;

use std::alloc::System;
use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use cap::Cap;
use clap::Parser;
use cpu_time::ThreadTime;
use import::NamedFile;
use targets::{Target, described};

/// Counts what is allocated.
#[global_allocator]
static MEMORY: Cap<System> = Cap::new(System, usize::MAX);

thread_local! {
    /// Where the last panic was.
    static PLACE: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Most bytes for each byte of an input, beside what its target may have: what is packed well unpacks to a thousand times as much.
const BYTES_PER_BYTE: usize = 4096;
/// How long an input may take of a processor, whatever else the machine does.
const LONGEST: Duration = Duration::from_secs(2);

/// What to fuzz, and how much.
#[derive(Parser)]
struct Arguments {
    /// Name of a target, or `all`.
    target: String,
    /// How many inputs of each target.
    #[arg(long, default_value_t = 1_000_000)]
    inputs: u64,
    /// The number of the first.
    #[arg(long, default_value_t = 0)]
    from: u64,
    /// What all damage follows from.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Folder for the files of an input that fails; made if it is not there.
    #[arg(long)]
    out: Option<PathBuf>,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let all = targets::all();
    let chosen: Vec<&Target> =
        all.iter().filter(|target| arguments.target == "all" || arguments.target == target.name).collect();
    if chosen.is_empty() {
        let names: Vec<&str> = all.iter().map(|target| target.name).collect();
        eprintln!("there is no target '{}'; there are all, {}", arguments.target, names.join(", "));
        return ExitCode::from(2);
    }
    // Said once, with the input.
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        PLACE.set(place);
    }));
    println!("target         inputs   seconds  slowest (ms)  at input  peak (KiB)");
    let failed = chosen.into_iter().filter(|target| !fuzz(target, &arguments)).count();
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Whether all inputs were read or refused as they should.
fn fuzz(target: &Target, arguments: &Arguments) -> bool {
    let (start, before) = (ThreadTime::now(), MEMORY.max_allocated());
    let (mut slowest, mut slowest_at, mut peak) = (Duration::ZERO, 0, 0);
    for number in arguments.from..arguments.from.saturating_add(arguments.inputs) {
        let files = target.input(arguments.seed, number);
        let size: usize = files.iter().map(|file| file.bytes.len()).sum();
        PLACE.take();
        let (held, most, clock) = (MEMORY.allocated(), MEMORY.max_allocated(), ThreadTime::now());
        let read = catch_unwind(AssertUnwindSafe(|| target.hand_in(files)));
        let (took, new_most) = (clock.elapsed(), MEMORY.max_allocated());
        // The allocator knows the most of all time: an input shows where it takes more than all before.
        let taken = if new_most > most { new_most.saturating_sub(held) } else { 0 };
        peak = peak.max(taken);
        if took > slowest {
            (slowest, slowest_at) = (took, number);
        }
        let place = PLACE.take();
        let fault = match read {
            Err(panic) => Some(format!("panics at {place}: {}", message(panic.as_ref()))),
            // What catches it does so only natively: in a browser it ends the worker.
            Ok(()) if !place.is_empty() => Some(format!("panics at {place}, which is caught")),
            Ok(()) if took > LONGEST => Some(format!("takes {} ms", took.as_millis())),
            Ok(()) if taken > target.memory.saturating_add(size.saturating_mul(BYTES_PER_BYTE)) => {
                Some(format!("takes {} MiB of memory for {size} bytes", taken >> 20))
            }
            Ok(()) => None,
        };
        if let Some(fault) = fault {
            let files = target.input(arguments.seed, number);
            println!("{}, seed {}, input {number} {fault}: {}", target.name, arguments.seed, described(&files));
            if let Some(out) = &arguments.out
                && let Err(reason) = keep(&out.join(format!("{}-{}-{number}", target.name, arguments.seed)), &files)
            {
                eprintln!("its files cannot be written: {reason}");
            }
            return false;
        }
    }
    let at_most = if peak == 0 { format!("below {}", before >> 10) } else { (peak >> 10).to_string() };
    println!(
        "{:<12} {:>8} {:>9.1} {:>13.1} {slowest_at:>9}  {at_most}",
        target.name,
        arguments.inputs,
        start.elapsed().as_secs_f64(),
        slowest.as_secs_f64() * 1000.0
    );
    true
}

/// What a panic says.
fn message(panic: &(dyn std::any::Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("without a word")
}

/// Writes the files, numbered, since their own names need not be such that a disk takes.
fn keep(folder: &Path, files: &[NamedFile]) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    for (at, file) in files.iter().enumerate() {
        let name: String = file
            .path
            .chars()
            .map(|letter| if letter.is_ascii_alphanumeric() || letter == '.' { letter } else { '_' })
            .collect();
        std::fs::write(folder.join(format!("{at:02}-{name}")), &file.bytes)?;
    }
    Ok(())
}
