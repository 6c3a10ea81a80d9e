//! Applies a bridge between two embedding models that Upgrade Lab fitted. Needs Rust 1.88 and two crates; as `src/main.rs`:
//!
//! ```text
//! cargo new bridge && cd bridge && cargo add safetensors serde_json
//! cargo run --release -- BRIDGE.safetensors ROWS.f32 MAPPED.f32
//! ```
//!
//! where the last two hold 32-bit floats, little-endian, row after row (`rows.astype("<f4").tofile("ROWS.f32")` in NumPy).
// From "@FROM@" (@FROM_DIMS@ numbers) into the space of "@TO@" (@TO_DIMS@ numbers), direction @DIRECTION@.
// @if queries
// Every new query is mapped before it searches the index of "@TO@", which stays as it is.
// @end
// @if gallery
// Every stored vector of "@FROM@" is mapped once. Queries by "@TO@" then search what came out, as they are.
// @end
// Mapped rows are compared by the cosine.

use std::error::Error;

use safetensors::{Dtype, SafeTensors};
use serde_json::Value;

/// The model whose rows go in.
pub const FROM: &str = "@FROM@";
/// The model in whose space they come out.
pub const TO: &str = "@TO@";
/// What is mapped: new queries, or the stored gallery.
pub const DIRECTION: &str = "@DIRECTION@";

/// A bridge that was read.
pub struct Bridge {
    from: usize,
    steps: Vec<Step>,
}

enum Step {
    Normalize,
    Gelu,
    Add(Vec<f32>),
    Affine(Affine),
    Clustered { centroids: Vec<Vec<f32>>, maps: Vec<Affine> },
    Residual(Vec<Step>),
}

/// `x W + b`, with W row after row.
struct Affine {
    weight: Vec<f32>,
    bias: Vec<f32>,
}

impl Bridge {
    /// Reads a SafeTensors file, and refuses that of the other direction.
    pub fn read(bytes: &[u8]) -> Result<Self, Box<dyn Error>> {
        let (_, metadata) = SafeTensors::read_metadata(bytes)?;
        let card = metadata.metadata().as_ref().ok_or("the file has no card")?;
        let entry = |key: &str| card.get(key).map(String::as_str).ok_or_else(|| format!("the card has no {key}"));
        let format = entry("format")?;
        if format != "upgrade-lab.bridge/1" {
            return Err(format!("the file has the format {format}, this loader reads upgrade-lab.bridge/1").into());
        }
        let (from, to) = (entry("from")?, entry("to")?);
        if (from, to) != (FROM, TO) {
            return Err(format!("the file goes from {from:?} to {to:?}; take the one from {FROM:?} to {TO:?}").into());
        }
        let file = SafeTensors::deserialize(bytes)?;
        let steps = read_steps(&serde_json::from_str(entry("steps")?)?, &file, "step")?;
        Ok(Self { from: entry("from_dims")?.parse()?, steps })
    }

    /// Rows as they come from the model, one after the other, mapped.
    pub fn apply(&self, rows: &[f32]) -> Vec<f32> {
        rows.chunks_exact(self.from).flat_map(|row| follow(&self.steps, row.to_vec())).collect()
    }
}

fn read_steps(steps: &Value, file: &SafeTensors<'_>, path: &str) -> Result<Vec<Step>, Box<dyn Error>> {
    let steps = steps.as_array().ok_or("the steps are no list")?;
    let step = |(place, step): (usize, &Value)| -> Result<Step, Box<dyn Error>> {
        let path = format!("{path}.{place}");
        let numbers = |name: &str| read_numbers(file, &format!("{path}.{name}"));
        Ok(match step.get("op").and_then(Value::as_str).unwrap_or_default() {
            "normalize" => Step::Normalize,
            "gelu" => Step::Gelu,
            "add" => Step::Add(numbers("shift")?),
            "affine" => Step::Affine(Affine { weight: numbers("weight")?, bias: numbers("bias")? }),
            "clustered" => {
                let clusters = file.tensor(&format!("{path}.centroids"))?.shape().first().copied().unwrap_or_default();
                let parts = |name: &str| -> Result<Vec<Vec<f32>>, Box<dyn Error>> {
                    let numbers = numbers(name)?;
                    let size = numbers.len().checked_div(clusters).filter(|&size| size > 0);
                    let size = size.ok_or_else(|| format!("{path}.{name} is empty"))?;
                    Ok(numbers.chunks_exact(size).map(<[f32]>::to_vec).collect())
                };
                let maps = parts("weight")?.into_iter().zip(parts("bias")?);
                let centroids = parts("centroids")?.into_iter().map(unit).collect();
                Step::Clustered { centroids, maps: maps.map(|(weight, bias)| Affine { weight, bias }).collect() }
            }
            "residual" => Step::Residual(read_steps(step.get("steps").unwrap_or(&Value::Null), file, &path)?),
            other => return Err(format!("this loader does not know the step {other:?}").into()),
        })
    };
    steps.iter().enumerate().map(step).collect()
}

fn read_numbers(file: &SafeTensors<'_>, name: &str) -> Result<Vec<f32>, Box<dyn Error>> {
    let tensor = file.tensor(name)?;
    match tensor.dtype() {
        Dtype::F32 => Ok(floats(tensor.data())),
        other => Err(format!("the tensor {name} holds {other:?}, not F32").into()),
    }
}

fn floats(bytes: &[u8]) -> Vec<f32> {
    bytes.as_chunks::<4>().0.iter().map(|&bytes| f32::from_le_bytes(bytes)).collect()
}

fn follow(steps: &[Step], row: Vec<f32>) -> Vec<f32> {
    steps.iter().fold(row, |row, step| match step {
        Step::Normalize => unit(row),
        Step::Gelu => row.into_iter().map(gelu).collect(),
        Step::Add(shift) => row.iter().zip(shift).map(|(number, shift)| number + shift).collect(),
        Step::Affine(affine) => affine.apply(&row),
        Step::Clustered { centroids, maps } => {
            let cosine = |centroid: &[f32]| row.iter().zip(centroid).map(|(a, b)| a * b).sum::<f32>();
            let places = centroids.iter().zip(maps).map(|(centroid, map)| (cosine(centroid), map));
            // Of equals the first.
            let nearest = places.reduce(|best, other| if other.0 > best.0 { other } else { best });
            nearest.map(|(_, map)| map.apply(&row)).unwrap_or_default()
        }
        Step::Residual(inner) => {
            follow(inner, row.clone()).iter().zip(&row).map(|(made, number)| made + number).collect()
        }
    })
}

impl Affine {
    fn apply(&self, row: &[f32]) -> Vec<f32> {
        let mut sums: Vec<f64> = self.bias.iter().map(|&number| f64::from(number)).collect();
        for (&number, weights) in row.iter().zip(self.weight.chunks_exact(self.bias.len().max(1))) {
            for (sum, &weight) in sums.iter_mut().zip(weights) {
                *sum += f64::from(number) * f64::from(weight);
            }
        }
        sums.into_iter().map(|sum| sum as f32).collect()
    }
}

/// A row of length 1; a row of zeros stays. In 64 bits, so that squares do not overflow.
fn unit(row: Vec<f32>) -> Vec<f32> {
    let length = row.iter().map(|&number| f64::from(number).powi(2)).sum::<f64>().sqrt();
    if length > 0.0 { row.into_iter().map(|number| (f64::from(number) / length) as f32).collect() } else { row }
}

/// `x (1 + erf(x / sqrt 2)) / 2`, the error function by its series of terms of one sign.
fn gelu(number: f32) -> f32 {
    let x = f64::from(number) / std::f64::consts::SQRT_2;
    let error = if x.abs() > 6.0 {
        x.signum()
    } else {
        let terms = (1..200).scan(x, |term, n| {
            *term *= 2.0 * x * x / f64::from(2 * n + 1);
            Some(*term)
        });
        std::f64::consts::FRAC_2_SQRT_PI * (-x * x).exp() * (x + terms.sum::<f64>())
    };
    (f64::from(number) * (1.0 + error) / 2.0) as f32
}

fn main() -> Result<(), Box<dyn Error>> {
    let files: Vec<String> = std::env::args().skip(1).collect();
    let [bridge, rows, mapped] = files.as_slice() else {
        return Err("usage: bridge BRIDGE.safetensors ROWS.f32 MAPPED.f32".into());
    };
    eprintln!("rows by {FROM} into the space of {TO}, direction {DIRECTION}");
    let made = Bridge::read(&std::fs::read(bridge)?)?.apply(&floats(&std::fs::read(rows)?));
    std::fs::write(mapped, made.iter().flat_map(|number| number.to_le_bytes()).collect::<Vec<u8>>())?;
    Ok(())
}
