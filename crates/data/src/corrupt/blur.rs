//! Detail that is lost among neighbours.

use std::f64::consts::PI;

use crate::Rng;

/// Means under a bell of standard deviation `sigma` pixels, cut off at three of them.
pub(super) fn gaussian(plane: &mut [f64], width: usize, sigma: f64) {
    // At most 6 for the strengths in use.
    let reach = (3.0 * sigma).ceil() as u32;
    let weight = |distance: u32| libm::exp(-f64::from(distance).powi(2) / (2.0 * sigma * sigma));
    let half: Vec<f64> = (0..=reach).map(weight).collect();
    let weights: Vec<f64> = half.iter().skip(1).rev().chain(&half).copied().collect();
    let sum: f64 = weights.iter().sum();
    let weights: Vec<f64> = weights.iter().map(|weight| weight / sum).collect();
    let height = plane.len() / width;
    // A bell over the plane is one along the rows after one along the columns.
    convolve(plane, width, &weights, |row, column, offset| (row, near(column, offset, &weights, width)));
    convolve(plane, width, &weights, |row, column, offset| (near(row, offset, &weights, height), column));
}

/// The place `offset - weights / 2` away from `place`, drawn in to `0..length`.
fn near(place: usize, offset: usize, weights: &[f64], length: usize) -> usize {
    (place + offset).saturating_sub(weights.len() / 2).min(length.saturating_sub(1))
}

/// Replaces every value by the weighted sum of those that `source` names as (row, column) for each weight.
fn convolve(plane: &mut [f64], width: usize, weights: &[f64], source: impl Fn(usize, usize, usize) -> (usize, usize)) {
    let before = plane.to_vec();
    for (at, value) in plane.iter_mut().enumerate() {
        let terms = weights.iter().enumerate().map(|(offset, weight)| {
            let (row, column) = source(at / width, at % width, offset);
            weight * before.get(row * width + column).copied().unwrap_or_default()
        });
        *value = terms.sum();
    }
}

/// Steps (down, right) from a pixel to the `length` points of a line through it, one pixel apart, at an angle that is drawn.
pub(super) fn line(length: f64, rng: &mut Rng) -> Vec<(f64, f64)> {
    let angle = f64::from(rng.uniform(0.0, 1.0)) * PI;
    let (down, right) = (libm::sin(angle), libm::cos(angle));
    let points = std::iter::successors(Some(0.0), |step| Some(step + 1.0)).take_while(|&step| step < length);
    points.map(|step| step - (length - 1.0) / 2.0).map(|step| (step * down, step * right)).collect()
}

/// Means over the points of `line`, read between pixels by bilinear interpolation.
pub(super) fn motion(plane: &mut [f64], width: usize, line: &[(f64, f64)]) {
    let before = plane.to_vec();
    let last = |length: usize| length.saturating_sub(1) as f64;
    let (bottom, edge) = (last(plane.len() / width), last(width));
    for (at, value) in plane.iter_mut().enumerate() {
        let (row, column) = ((at / width) as f64, (at % width) as f64);
        let read = |&(down, right): &(f64, f64)| {
            between(&before, width, (row + down).clamp(0.0, bottom), (column + right).clamp(0.0, edge))
        };
        *value = line.iter().map(read).sum::<f64>() / line.len() as f64;
    }
}

/// The value at a place within the plane, between its four nearest pixels.
fn between(plane: &[f64], width: usize, row: f64, column: f64) -> f64 {
    // Not negative, and within the plane.
    let (top, left) = (row.floor() as usize, column.floor() as usize);
    let (below, beside) = (row.fract(), column.fract());
    let terms = [
        (top, left, (1.0 - below) * (1.0 - beside)),
        (top, left + 1, (1.0 - below) * beside),
        (top + 1, left, below * (1.0 - beside)),
        (top + 1, left + 1, below * beside),
    ];
    // Beyond the last row and column the weight is 0.
    terms.iter().map(|&(row, column, weight)| weight * plane.get(row * width + column).unwrap_or(&0.0)).sum()
}

/// One value for each block of `side` x `side` pixels, smaller at the right and bottom edge.
pub(super) fn pixelate(plane: &mut [f64], width: usize, side: f64) {
    // A whole number of pixels.
    let side = (side as usize).max(1);
    let across = width.div_ceil(side);
    let block = |at: usize| at / width / side * across + at % width / side;
    let mut blocks = vec![(0.0, 0.0); across * (plane.len() / width).div_ceil(side)];
    for (at, value) in plane.iter().enumerate() {
        if let Some((sum, count)) = blocks.get_mut(block(at)) {
            *sum += value;
            *count += 1.0;
        }
    }
    for (at, value) in plane.iter_mut().enumerate() {
        if let Some((sum, count)) = blocks.get(block(at)) {
            *value = sum / count;
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::indexing_slicing)]
    use super::*;
    use crate::Seed;

    #[test]
    fn a_dot_becomes_the_bell() {
        let mut plane = vec![0.0; 11 * 9];
        plane[5 * 9 + 4] = 1.0;
        gaussian(&mut plane, 9, 1.0);
        assert!((plane.iter().sum::<f64>() - 1.0).abs() < 1e-12);
        let centre = plane[5 * 9 + 4];
        assert!((plane[5 * 9 + 5] / centre - libm::exp(-0.5)).abs() < 1e-12);
        assert!((plane[6 * 9 + 5] / centre - libm::exp(-1.0)).abs() < 1e-12);
        assert!((plane[3 * 9 + 4] / centre - libm::exp(-2.0)).abs() < 1e-12);
    }

    #[test]
    fn the_edge_is_repeated() {
        for blur in [
            |plane: &mut [f64]| gaussian(plane, 4, 2.0),
            |plane: &mut [f64]| motion(plane, 4, &[(-9.0, 9.0), (9.0, 0.5)]),
        ] {
            let mut plane = vec![7.0; 12];
            blur(&mut plane);
            assert!(plane.iter().all(|value| (value - 7.0).abs() < 1e-12), "{plane:?}");
        }
    }

    #[test]
    fn a_line_to_the_right_is_a_mean_of_neighbours() {
        let mut plane = vec![0.0, 3.0, 6.0, 0.0, 30.0, 60.0];
        motion(&mut plane, 3, &[(0.0, -1.0), (0.0, 0.0), (0.0, 1.0)]);
        assert_eq!(plane, [1.0, 3.0, 5.0, 10.0, 30.0, 50.0]);
        let mut plane = vec![0.0, 4.0, 8.0, 16.0];
        motion(&mut plane, 2, &[(0.5, 0.25)]);
        // A quarter to the right and half way down: (0 + 8) / 2 and (4 + 16) / 2, three to one.
        assert_eq!(plane[0], 0.75 * 4.0 + 0.25 * 10.0);
    }

    #[test]
    fn a_line_is_centred_and_as_long_as_said() {
        let line = line(5.0, &mut Seed(2).stream("line"));
        assert_eq!((line.len(), line[2]), (5, (0.0, 0.0)));
        let (down, right) = line[4];
        assert!((libm::hypot(down, right) - 2.0).abs() < 1e-12 && down >= 0.0);
        assert_eq!(line[0], (-down, -right));
    }
}
