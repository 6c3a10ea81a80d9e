//! What leaves: a fitted map in forms that others read, and short texts that apply it where vectors are searched.
//!
//! | form | what it holds |
//! | --- | --- |
//! | [`fn@safetensors`] | every map, with a card in its metadata: between which models, in which direction, by which steps |
//! | [`fn@onnx`] | every map as a graph of standard operators |
//! | [`fn@npy`] | the weight and bias of a map that is one affine map |
//! | [`fn@snippets`] | loaders of the first, and clients of vector stores that use them |
//!
//! Maps are fitted on rows of unit length, and so every form first scales its rows to that: it takes rows as they come from the model.
//! What it gives is compared by the cosine, and is not scaled again.

mod affine;
mod npy;
mod onnx;
mod safetensors;
mod snippets;
#[cfg(test)]
mod testing;

use crate::DecideError;
use crate::maps::{Direction, Map, Step};

pub use self::npy::npy;
pub use self::onnx::onnx;
pub use self::safetensors::{read_safetensors, safetensors};
pub use self::snippets::{Snippet, snippets};

/// Format of the card in a SafeTensors file, and of the metadata of an ONNX file.
pub const FORMAT: &str = "upgrade-lab.bridge/1";
/// What the snippets take the SafeTensors file to be called; it lies beside them.
pub const SAFETENSORS_FILE: &str = "bridge.safetensors";
/// What the ONNX file is called.
pub const ONNX_FILE: &str = "bridge.onnx";

/// A map that leaves, and between which models it goes.
#[derive(Clone, Copy, Debug)]
pub struct Leaving<'a> {
    /// The map.
    pub map: &'a Map,
    /// What is mapped: new queries into the old space, or the old gallery into the new one.
    pub direction: Direction,
    /// The model whose rows go in: the new one for [`Direction::Queries`], the old one for [`Direction::Gallery`].
    pub from: &'a str,
    /// The model in whose space they come out.
    pub to: &'a str,
}

/// The word for a direction in files and texts.
fn word(direction: Direction) -> &'static str {
    match direction {
        Direction::Queries => "queries",
        Direction::Gallery => "gallery",
    }
}

/// The steps from a row as a model gives it: what scales it to unit length, and then those of the map.
fn steps(map: &Map) -> impl Iterator<Item = &Step> {
    static NORMALIZE: Step = Step::Normalize;
    let first: Option<&Step> = match map.steps.first() {
        Some(Step::Normalize) => None,
        _ => Some(&NORMALIZE),
    };
    first.into_iter().chain(&map.steps)
}

/// Refuses a map whose steps do not fit together, or that holds what are no numbers: others could not read the file.
///
/// # Errors
/// Why it is none that could be written.
fn checked(map: &Map) -> Result<(), DecideError> {
    let why = match width(&map.steps, map.from) {
        Err(why) => why,
        Ok(found) if found != map.to || found == 0 => {
            format!("its steps give rows of {found} numbers, and it is said to give {}; fit it again", map.to)
        }
        Ok(_) if !finite(&map.steps) => "it holds NaN or infinity; fit it again, on other pairs".to_owned(),
        Ok(_) => return Ok(()),
    };
    Err(unwritable(why))
}

/// Why a map has no file of some form.
fn unwritable(why: impl Into<String>) -> DecideError {
    DecideError::Undefined { what: "a file of this bridge", why: why.into() }
}

/// Numbers of a row after `steps`, of `dims` before them.
///
/// # Errors
/// The end of a sentence: a step does not take the rows before it.
fn width(steps: &[Step], dims: usize) -> Result<usize, String> {
    steps.iter().try_fold(dims, |dims, step| {
        let after = match step {
            Step::Normalize | Step::Gelu => Some(dims),
            Step::Add(shift) => Some(shift.len()).filter(|&length| length == dims),
            Step::Affine { weight, bias } => affine_width(weight, bias, dims),
            Step::Clustered { centroids, maps } => {
                let mut widths = maps.iter().map(|(weight, bias)| affine_width(weight, bias, dims));
                let first = widths.next().flatten();
                first.filter(|_| {
                    maps.len().checked_mul(dims) == Some(centroids.len()) && widths.all(|width| width == first)
                })
            }
            Step::Residual(inner) => Some(width(inner, dims)?).filter(|&after| after == dims),
        };
        let after = after.filter(|&after| after > 0);
        after.ok_or_else(|| format!("one of its steps does not take rows of {dims} numbers, which come before it"))
    })
}

/// Numbers of a row after `x W + b`; none where `W` is not `[dims, width]`.
fn affine_width(weight: &[f32], bias: &[f32], dims: usize) -> Option<usize> {
    (bias.len().checked_mul(dims) == Some(weight.len())).then_some(bias.len())
}

/// Whether all that the steps hold are numbers.
fn finite(steps: &[Step]) -> bool {
    let all = |numbers: &[f32]| numbers.iter().all(|number| number.is_finite());
    steps.iter().all(|step| match step {
        Step::Normalize | Step::Gelu => true,
        Step::Add(shift) => all(shift),
        Step::Affine { weight, bias } => all(weight) && all(bias),
        Step::Clustered { centroids, maps } => {
            all(centroids) && maps.iter().all(|(weight, bias)| all(weight) && all(bias))
        }
        Step::Residual(inner) => finite(inner),
    })
}

#[cfg(test)]
mod tests {
    use super::testing::{map, maps};
    use super::*;

    #[test]
    fn rows_are_normalised_once() {
        let kinds = |steps: Vec<Step>| {
            let map = map(2, 2, steps);
            super::steps(&map).cloned().collect::<Vec<Step>>()
        };
        let shift = Step::Add(vec![1.0, 2.0]);
        assert_eq!(kinds(vec![shift.clone()]), [Step::Normalize, shift.clone()]);
        assert_eq!(kinds(vec![Step::Normalize, shift.clone()]), [Step::Normalize, shift]);
        assert_eq!(kinds(vec![]), [Step::Normalize]);
    }

    #[test]
    fn maps_whose_steps_do_not_fit_together_are_refused() {
        for map in maps() {
            assert_eq!(checked(&map), Ok(()));
        }
        let affine = |rows: usize, to: usize| Step::Affine { weight: vec![0.5; rows * to], bias: vec![0.0; to] };
        let clusters = |centroids: usize, second: usize| Step::Clustered {
            centroids: vec![1.0; centroids],
            maps: vec![(vec![1.0; 6], vec![0.0; 3]), (vec![1.0; 2 * second], vec![0.0; second])],
        };
        assert_eq!(checked(&map(2, 3, vec![clusters(4, 3)])), Ok(()));
        let refused = [
            map(2, 2, vec![Step::Add(vec![0.0; 3])]),
            map(2, 3, vec![affine(3, 3)]),
            map(2, 4, vec![affine(2, 3)]),
            map(2, 0, vec![affine(2, 0)]),
            map(0, 0, vec![]),
            map(2, 3, vec![clusters(3, 3)]),
            map(2, 3, vec![clusters(4, 4)]),
            map(2, 3, vec![Step::Clustered { centroids: vec![], maps: vec![] }]),
            map(2, 3, vec![Step::Residual(vec![affine(2, 3)])]),
            map(1, 1, vec![Step::Add(vec![f32::NAN])]),
            map(1, 1, vec![Step::Residual(vec![Step::Affine { weight: vec![f32::INFINITY], bias: vec![0.0] }])]),
        ];
        for map in refused {
            let said = checked(&map).unwrap_err().to_string();
            assert!(said.starts_with("a file of this bridge cannot be computed: "), "{said}");
        }
    }
}
