#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use super::super::{
    Family, Fitted,
    testing::{noise, quiet},
};
use super::*;

fn map(from: usize, to: usize, steps: Vec<Step>) -> Map {
    Map { family: Family::Ridge, from, to, steps, fitted: Fitted::default() }
}

fn mapped(map: &Map, rows: &[f32]) -> Vec<f32> {
    map.apply(&Vectors::new(map.from, rows.to_vec()).unwrap(), &mut quiet).unwrap().numbers().to_vec()
}

#[test]
fn steps_follow_one_another() {
    let affine = Step::Affine { weight: vec![1.0, 0.0, 2.0, 0.0, 1.0, -1.0], bias: vec![0.0, 0.5, 0.0] };
    let steps = vec![Step::Normalize, Step::Add(vec![0.4, 0.2]), affine];
    // (3, 4) -> (0.6, 0.8) -> (1, 1) -> (1, 1.5, 1); zeros stay zeros until something is added.
    let found = mapped(&map(2, 3, steps.clone()), &[3.0, 4.0, 0.0, 0.0]);
    let expected = [1.0, 1.5, 1.0, 0.4, 0.7, 0.6];
    assert!(found.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-6), "{found:?}");
    assert_eq!(map(2, 3, steps).parameters(), 2 + 6 + 3);
}

#[test]
fn a_residual_adds_what_its_steps_give() {
    let halves = Step::Affine { weight: vec![0.5, 0.0, 0.0, 0.5], bias: vec![1.0, 0.0] };
    let residual = map(2, 2, vec![Step::Residual(vec![halves])]);
    assert_eq!(mapped(&residual, &[2.0, -4.0]), [4.0, -6.0]);
    assert_eq!(residual.parameters(), 6);
    let gelu = mapped(&map(2, 2, vec![Step::Gelu]), &[1.0, -1.0]);
    assert!((gelu[0] - 0.841_344_7).abs() < 1e-6 && (gelu[1] + 0.158_655_3).abs() < 1e-6);
}

#[test]
fn each_row_takes_the_map_of_its_cluster() {
    // The second centroid is longer, which changes nothing: a cosine decides.
    let maps = vec![(vec![1.0, 0.0], vec![0.0]), (vec![0.0, 10.0], vec![5.0])];
    let clustered = map(2, 1, vec![Step::Clustered { centroids: vec![1.0, 0.0, 0.0, 9.0], maps }]);
    assert_eq!(mapped(&clustered, &[3.0, 2.0, 1.0, 2.0, 7.0, -1.0, -1.0, 0.5]), [3.0, 25.0, 7.0, 10.0]);
    assert_eq!(clustered.parameters(), 4 + 4 + 2);
}

#[test]
fn rows_do_not_depend_on_their_block() {
    let numbers: Vec<f32> = noise((BLOCK + 70) * 3, 1).iter().map(|&number| number as f32).collect();
    let weight = noise(3 * 17, 2).iter().map(|&number| number as f32).collect();
    let map = map(3, 17, vec![Step::Affine { weight, bias: vec![0.25; 17] }, Step::Gelu, Step::Normalize]);
    let all = mapped(&map, &numbers);
    assert_eq!(all[BLOCK * 17..], mapped(&map, &numbers[BLOCK * 3..]));
    assert_eq!(all[..17], mapped(&map, &numbers[..3]));
}

#[test]
fn what_does_not_fit_is_refused() {
    let affine = |from: usize, to: usize| Step::Affine { weight: vec![0.0; from * to], bias: vec![0.0; to] };
    let rows = Vectors::new(2, vec![1.0, 2.0]).unwrap();
    let clustered = |maps: Vec<(Vec<f32>, Vec<f32>)>| Step::Clustered { centroids: vec![1.0, 0.0], maps };
    for wrong in [
        map(3, 3, vec![Step::Normalize]),
        map(2, 3, vec![Step::Normalize]),
        map(2, 2, vec![Step::Add(vec![0.0; 3])]),
        map(2, 3, vec![affine(3, 3)]),
        map(2, 2, vec![affine(2, 3)]),
        map(2, 2, vec![affine(2, 0)]),
        map(2, 2, vec![Step::Residual(vec![affine(2, 3)])]),
        map(2, 2, vec![clustered(vec![])]),
        map(2, 2, vec![clustered(vec![(vec![0.0; 3], vec![0.0; 2])])]),
    ] {
        assert!(matches!(wrong.apply(&rows, &mut quiet), Err(DecideError::Undefined { .. })), "{wrong:?}");
    }
    let far = map(2, 2, vec![Step::Affine { weight: vec![f32::MAX; 4], bias: vec![0.0; 2] }]);
    assert!(matches!(far.apply(&rows, &mut quiet), Err(DecideError::NotFinite { .. })));
}

#[test]
fn a_pulse_breaks_off() {
    let rows = Vectors::new(2, vec![1.0; 4]).unwrap();
    let map = map(2, 2, vec![Step::Normalize]);
    assert_eq!(map.apply(&rows, &mut |_| Err(DecideError::Cancelled)), Err(DecideError::Cancelled));
}
