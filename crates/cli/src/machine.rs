//! The machine that numbers were measured on, in a few words.

use std::env::consts::{ARCH, OS};
use std::thread::available_parallelism;

/// Cores, processor (where the system tells it), architecture and system.
pub fn machine() -> String {
    let cores = available_parallelism().map_or(1, usize::from);
    let told = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = told.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let model = model.map_or(String::new(), |(_, name)| format!(" of {}", name.trim()));
    format!("{cores} {}{model}, {ARCH}, {OS}", if cores == 1 { "core" } else { "cores" })
}
