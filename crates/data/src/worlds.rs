//! Worlds that are made from a seed: points in the plane whose every property is known, and sequences whose answer is a state.
//!
//! Item `i` depends on its stream and `i` alone, so the first items of a larger world are those of a smaller one. Give each part a stream
//! of its own: `world/ring/train`, `world/ring/test`.

mod checkerboard;
mod ring;
mod state_tracking;

pub use checkerboard::Checkerboard;
pub use ring::Ring;
pub use state_tracking::{MAX_LENGTH, Sequences, Tracking};

/// Labelled points in the plane.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Points {
    /// Coordinates, `[points, 2]` row-major.
    pub xy: Vec<f32>,
    /// Class of each point.
    pub classes: Vec<u32>,
}
