//! Maps that are one affine map, however many steps they were written in.

use measure::linear::Unwatched;

use super::width;
use crate::maps::{self, Map};

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
    let maps::affine::Affine { weight, bias } =
        maps::affine::Affine::of(map.from, super::steps(map).skip(1), &mut Unwatched).ok()??;
    let weight = weight.unwrap_or_else(|| {
        let cells = map.from * map.from;
        (0..cells).map(|cell| if cell % (map.from + 1) == 0 { 1.0 } else { 0.0 }).collect()
    });
    let rounded = |numbers: Vec<f64>| numbers.into_iter().map(|number| number as f32).collect();
    Some(Affine { weight: rounded(weight), bias: rounded(bias) })
}

#[cfg(test)]
mod tests {
    use super::super::testing::{map, mapped, maps, rows};
    use super::*;
    use crate::maps::Step;

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
