//! Maps that are one affine map, however many steps they were written in.

use super::width;
use crate::maps::{Map, Step};

/// `x W + b` of rows that were scaled to unit length.
#[derive(Debug, PartialEq)]
pub(super) struct Affine {
    /// `[from, to]`, row after row.
    pub(super) weight: Vec<f32>,
    /// `[to]`.
    pub(super) bias: Vec<f32>,
}

/// What all steps of a map come to behind the first normalisation; `None` where they are more than one affine map.
///
/// Products are taken in 64 bits and rounded once.
pub(super) fn affine(map: &Map) -> Option<Affine> {
    if width(&map.steps, map.from) != Ok(map.to) || map.from == 0 {
        return None;
    }
    // No weight is the identity: a translation then costs no product.
    let mut weight: Option<Vec<f64>> = None;
    let mut bias = vec![0.0; map.from];
    for step in super::steps(map).skip(1) {
        match step {
            Step::Add(shift) => {
                for (sum, &number) in bias.iter_mut().zip(shift) {
                    *sum += f64::from(number);
                }
            }
            Step::Affine { weight: next, bias: shift } => {
                let to = shift.len();
                weight = Some(match weight {
                    Some(weight) => product(&weight, next, to),
                    None => next.iter().map(|&number| f64::from(number)).collect(),
                });
                bias = product(&bias, next, to);
                for (sum, &number) in bias.iter_mut().zip(shift) {
                    *sum += f64::from(number);
                }
            }
            Step::Normalize | Step::Gelu | Step::Clustered { .. } | Step::Residual(_) => return None,
        }
    }
    let weight = weight.unwrap_or_else(|| {
        let cells = map.from * map.from;
        (0..cells).map(|cell| if cell % (map.from + 1) == 0 { 1.0 } else { 0.0 }).collect()
    });
    let rounded = |numbers: Vec<f64>| numbers.into_iter().map(|number| number as f32).collect();
    Some(Affine { weight: rounded(weight), bias: rounded(bias) })
}

/// `A B` of `A` `[rows, inner]` and `B` `[inner, to]`, both row after row.
fn product(left: &[f64], right: &[f32], to: usize) -> Vec<f64> {
    let inner = (right.len() / to.max(1)).max(1);
    let mut sums = vec![0.0; left.len() / inner * to];
    for (sums, row) in sums.chunks_exact_mut(to.max(1)).zip(left.chunks_exact(inner)) {
        for (&factor, numbers) in row.iter().zip(right.chunks_exact(to.max(1))) {
            for (sum, &number) in sums.iter_mut().zip(numbers) {
                *sum += factor * f64::from(number);
            }
        }
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::super::testing::{map, mapped, maps, rows};
    use super::*;

    #[test]
    fn steps_come_to_one_map() {
        // ((x + [1, 2]) [[1, 2, 3], [4, 5, 6]] + [10, 0, 0]) [[1], [0], [2]] + [5]
        let steps = vec![
            Step::Normalize,
            Step::Add(vec![1.0, 2.0]),
            Step::Affine { weight: vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0], bias: vec![10.0, 0.0, 0.0] },
            Step::Affine { weight: vec![1.0, 0.0, 2.0], bias: vec![5.0] },
        ];
        // W = [[1 + 6], [4 + 12]], b = [1 * 7 + 2 * 16 + 10 + 5].
        assert_eq!(affine(&map(2, 1, steps)), Some(Affine { weight: vec![7.0, 16.0], bias: vec![54.0] }));
        let shift = affine(&map(2, 2, vec![Step::Add(vec![3.0, 4.0]), Step::Add(vec![1.0, 0.5])]));
        assert_eq!(shift, Some(Affine { weight: vec![1.0, 0.0, 0.0, 1.0], bias: vec![4.0, 4.5] }));
    }

    #[test]
    fn more_than_one_map_is_none() {
        let affine_of: Vec<bool> = maps().iter().map(|map| affine(map).is_some()).collect();
        assert_eq!(affine_of, [true, true, true, false, false]);
        assert_eq!(affine(&map(2, 3, vec![Step::Add(vec![0.0; 2])])), None);
        assert_eq!(affine(&map(2, 2, vec![Step::Normalize, Step::Normalize])), None);
        assert_eq!(affine(&map(0, 0, vec![])), None);
    }

    #[test]
    fn one_map_gives_what_the_steps_give() {
        for map in maps() {
            let Some(Affine { weight, bias }) = affine(&map) else { continue };
            let rows = rows(map.from);
            for (row, expected) in rows.unit().rows().zip(mapped(&map, &rows).rows()) {
                for (column, expected) in expected.iter().enumerate() {
                    let found: f32 = row.iter().zip(weight[column..].iter().step_by(map.to)).map(|(x, w)| x * w).sum();
                    assert!((found + bias[column] - expected).abs() < 1e-5, "{found} {expected}");
                }
            }
        }
    }
}
