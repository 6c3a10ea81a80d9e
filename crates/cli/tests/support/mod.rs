//! What several tests of the command line need: the scripts of the documentation, and vectors to bring.
#![allow(dead_code, reason = "each test is a program of its own and needs a part of it")]

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The root of the workspace.
pub fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// How a script of the documentation ends, called with these arguments, and what it says.
pub fn script(name: &str, arguments: impl IntoIterator<Item = impl AsRef<OsStr>>) -> (Option<i32>, String) {
    let python = std::env::var_os("PYTHON").unwrap_or_else(|| "python3".into());
    let output = Command::new(&python).arg(workspace().join("docs").join(name)).args(arguments).output();
    let remedy = "run `cargo xtask test native`, which finds or installs Python with NumPy and names it in PYTHON";
    let output = output.unwrap_or_else(|error| panic!("{} does not start ({error}): {remedy}", python.display()));
    let failed = String::from_utf8_lossy(&output.stderr);
    assert!(!failed.contains("No module named 'numpy'"), "{} has no NumPy: {remedy}", python.display());
    (output.status.code(), format!("{}{failed}", String::from_utf8_lossy(&output.stdout)))
}

/// Rows of a NumPy file.
pub fn npy(dims: usize, numbers: &[f32]) -> Vec<u8> {
    let shape = format!("({}, {dims})", numbers.len() / dims);
    let header = format!("{{'descr': '<f4', 'fortran_order': False, 'shape': {shape}, }}\n");
    let length = (header.len() as u16).to_le_bytes();
    let values: Vec<u8> = numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
    [b"\x93NUMPY\x01\x00".as_slice(), &length, header.as_bytes(), &values].concat()
}

/// Numbers between -1 and 1 that follow from `salt`.
pub fn numbers(count: usize, salt: u32) -> Vec<f32> {
    let mut state = salt.wrapping_mul(0x9e37_79b9) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        (f64::from(state) / f64::from(u32::MAX) * 2.0 - 1.0) as f32
    };
    (0..count).map(|_| next()).collect()
}
