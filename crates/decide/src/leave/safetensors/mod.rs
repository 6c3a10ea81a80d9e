//! A map as a SafeTensors file, whose metadata says between which models it goes, in which direction and by which steps.
//!
//! Step `i` has the tensors `step.<i>.<name>`, a step within a residual one those of `step.<i>.<j>.<name>`:
//!
//! | step | what it does | tensors |
//! | --- | --- | --- |
//! | `normalize` | scales rows to length 1; rows of zeros stay | |
//! | `add` | `x + shift` | `shift` `[dims]` |
//! | `affine` | `x @ weight + bias` | `weight` `[from, to]`, `bias` `[to]` |
//! | `gelu` | `x (1 + erf(x / sqrt 2)) / 2` | |
//! | `clustered` | `affine` by the centroid of largest cosine | `centroids`, `weight`, `bias`, as above, `[clusters, ..]` each |
//! | `residual` | `x` plus what its own `steps` make of it | |

mod read;

use std::collections::BTreeMap;

use ::safetensors::Dtype;
use ::safetensors::tensor::TensorInfo;
use serde::{Deserialize, Serialize};

use super::{FORMAT, Leaving, checked, steps, unwritable, word};
use crate::DecideError;
use crate::maps::Step;

pub use self::read::read_safetensors;

/// Longest header that is written and read, in bytes; one of few tensors takes some hundred.
const LONGEST_HEADER: usize = 1 << 20;
/// How the names of all tensors begin.
const ROOT: &str = "step";

/// A step in the card.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "op", rename_all = "snake_case")]
enum Op {
    Add,
    Affine,
    Normalize,
    Gelu,
    Clustered,
    Residual { steps: Vec<Op> },
}

/// An array that is written: its parts lie one after the other.
struct Tensor<'a> {
    name: String,
    shape: Vec<usize>,
    parts: Vec<&'a [f32]>,
}

/// What stands before the numbers.
#[derive(Serialize)]
struct Header<'a> {
    #[serde(rename = "__metadata__")]
    card: BTreeMap<&'static str, String>,
    #[serde(flatten)]
    tensors: BTreeMap<&'a str, TensorInfo>,
}

/// A file of the map, with a card.
///
/// The header is put together here: the crate's own writer gives the entries of the metadata in another order each time.
///
/// # Errors
/// The steps of the map do not fit together, it holds what are no numbers, or a name is too long.
pub fn safetensors(l: &Leaving<'_>) -> Result<Vec<u8>, DecideError> {
    checked(l.map)?;
    let mut tensors = Vec::new();
    let ops = ops(steps(l.map), ROOT, l.map.from, &mut tensors);

    let mut infos = BTreeMap::new();
    let mut end = 0;
    for tensor in &tensors {
        let start = end;
        end += tensor.parts.iter().map(|part| size_of_val(*part)).sum::<usize>();
        let info = TensorInfo { dtype: Dtype::F32, shape: tensor.shape.clone(), data_offsets: (start, end) };
        infos.insert(tensor.name.as_str(), info);
    }
    let text = |error: serde_json::Error| unwritable(error.to_string());
    let card = card(l, serde_json::to_string(&ops).map_err(text)?);
    let mut header = serde_json::to_vec(&Header { card, tensors: infos }).map_err(text)?;
    header.resize(header.len().next_multiple_of(8), b' ');
    if header.len() > LONGEST_HEADER {
        return Err(unwritable("the names of the models are too long; give them shorter ones"));
    }

    let mut bytes = Vec::with_capacity(8 + header.len() + end);
    bytes.extend((header.len() as u64).to_le_bytes());
    bytes.extend(header);
    for number in tensors.iter().flat_map(|tensor| &tensor.parts).copied().flatten() {
        bytes.extend_from_slice(&number.to_le_bytes());
    }
    Ok(bytes)
}

/// What the metadata says, by key.
fn card(l: &Leaving<'_>, steps: String) -> BTreeMap<&'static str, String> {
    let fitted = &l.map.fitted;
    let number = |number: Option<f64>| number.filter(|number| number.is_finite()).map(|number| number.to_string());
    let mut card = BTreeMap::from([
        ("format", FORMAT.to_owned()),
        ("family", l.map.family.id().to_owned()),
        ("direction", word(l.direction).to_owned()),
        ("from", l.from.to_owned()),
        ("to", l.to.to_owned()),
        ("from_dims", l.map.from.to_string()),
        ("to_dims", l.map.to.to_string()),
        ("pairs", fitted.pairs.to_string()),
        ("steps", steps),
    ]);
    let where_known = [
        ("lambda", number(fitted.lambda)),
        ("rank", fitted.rank.map(|rank| rank.to_string())),
        ("held_out", number(fitted.held_out)),
        ("projected", fitted.projected.map(|dims| dims.to_string())),
    ];
    card.extend(where_known.into_iter().filter_map(|(key, value)| Some((key, value?))));
    card
}

/// The steps as the card has them; `tensors` gets what they hold. A row has `dims` numbers before the first of them.
fn ops<'a>(
    steps: impl Iterator<Item = &'a Step>,
    path: &str,
    mut dims: usize,
    tensors: &mut Vec<Tensor<'a>>,
) -> Vec<Op> {
    let mut ops = Vec::new();
    for (place, step) in steps.enumerate() {
        let path = format!("{path}.{place}");
        let mut tensor = |name: &str, shape: Vec<usize>, parts: Vec<&'a [f32]>| {
            tensors.push(Tensor { name: format!("{path}.{name}"), shape, parts });
        };
        ops.push(match step {
            Step::Normalize => Op::Normalize,
            Step::Gelu => Op::Gelu,
            Step::Add(shift) => {
                tensor("shift", vec![dims], vec![shift.as_slice()]);
                Op::Add
            }
            Step::Affine { weight, bias } => {
                tensor("weight", vec![dims, bias.len()], vec![weight.as_slice()]);
                tensor("bias", vec![bias.len()], vec![bias.as_slice()]);
                dims = bias.len();
                Op::Affine
            }
            Step::Clustered { centroids, maps } => {
                let to = maps.first().map_or(0, |(_, bias)| bias.len());
                tensor("centroids", vec![maps.len(), dims], vec![centroids.as_slice()]);
                tensor(
                    "weight",
                    vec![maps.len(), dims, to],
                    maps.iter().map(|(weight, _)| weight.as_slice()).collect(),
                );
                tensor("bias", vec![maps.len(), to], maps.iter().map(|(_, bias)| bias.as_slice()).collect());
                dims = to;
                Op::Clustered
            }
            Step::Residual(inner) => Op::Residual { steps: self::ops(inner.iter(), &path, dims, tensors) },
        });
    }
    ops
}

#[cfg(test)]
mod tests;
