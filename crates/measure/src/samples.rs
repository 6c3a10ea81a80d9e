//! How well generated points stand for real ones.
//!
//! Both are sets of points of one width, given as [`Features`] (single precision, summed in double); they may differ in number. No
//! single number tells the whole story:
//!
//! | number | what it sees | what it misses |
//! | --- | --- | --- |
//! | [`sliced_wasserstein`] | how far mass must be moved, in the units of the points | structure that no line shows |
//! | [`mmd_squared`] | any difference on the scale of its bandwidth; about 0, also below, when there is none | other scales |
//! | [`coverage`] | real points that nothing was generated near | points generated where nothing is real |
//! | [`modes`] | which of the known centres are reached, and what lies between them | shape within a mode |

mod cover;
mod kernel;
mod sliced;

pub use cover::{ModeCounts, coverage, modes};
pub use kernel::{MAX_POOLED, median_distance, mmd_squared};
pub use sliced::{Directions, Order, sliced_wasserstein};

use crate::{Features, MeasureError};

/// Squared Euclidean distance of two points of one width.
fn squared_distance(left: &[f32], right: &[f32]) -> f64 {
    left.iter().zip(right).map(|(&left, &right)| (f64::from(left) - f64::from(right)).powi(2)).sum()
}

/// Checks that two sets hold points of one width.
fn same_width(real: &Features, generated: &Features) -> Result<(), MeasureError> {
    if real.dim() == generated.dim() {
        return Ok(());
    }
    Err(MeasureError::LengthMismatch {
        what: "coordinates of a generated point",
        expected: real.dim(),
        found: generated.dim(),
    })
}
