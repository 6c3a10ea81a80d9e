//! The recurrences themselves, place after place: a state, what each symbol makes of it, what is read off.
//!
//! They are written as loops. The closed form over a whole sequence needs powers of transition matrices, which with eigenvalues near -1
//! grow beyond what single precision can take back.

use burn::tensor::Tensor;

/// DeltaNet: `S_t = S_(t-1) (I - b_t k_t k_t') + b_t v_t k_t'`, read as `S_t q_t` (Yang et al. 2024, with the range of `b` of Grazzi et
/// al. 2025). Several factors of one place are applied one after the other before it is read.
///
/// The state starts at zero. `k_t` of unit length and `b_t = 2` make the transition a reflection.
///
/// # Shapes
/// - queries: `[rows, places, dims]`
/// - keys: `[rows, places * factors, dims]`, unit rows
/// - values: `[rows, places * factors, width]`
/// - strengths `b`: `[rows, places * factors, 1]`
/// - output: `[rows, places, width]`
pub(super) fn delta(
    queries: Tensor<3>,
    keys: Tensor<3>,
    values: Tensor<3>,
    strengths: Tensor<3>,
    factors: usize,
) -> Tensor<3> {
    let ([rows, places, dims], [_, _, width]) = (queries.dims(), values.dims());
    // Kept transposed, so that keys and queries are rows and need no reshaping at each place.
    let mut state = Tensor::zeros([rows, dims, width], &queries.device());
    let at = |tensor: &Tensor<3>, place: usize| tensor.clone().narrow(1, place, 1);
    let mut read = Vec::with_capacity(places);
    for place in 0..places {
        for factor in place * factors..(place + 1) * factors {
            let key = at(&keys, factor);
            let stored = key.clone().matmul(state.clone()); // [rows, 1, width]
            let change = (at(&values, factor) - stored) * at(&strengths, factor);
            state = state + key.transpose() * change;
        }
        read.push(at(&queries, place).matmul(state.clone()));
    }
    Tensor::cat(read, 1)
}

/// A diagonal recurrence: `h_t = a_t h_(t-1) + b_t`, number by number, starting at zero.
///
/// # Shapes
/// - decays `a`, inputs `b`, output: `[rows, places, width]`
pub(super) fn diagonal(decays: Tensor<3>, inputs: Tensor<3>) -> Tensor<3> {
    let [rows, places, width] = inputs.dims();
    let mut state = Tensor::zeros([rows, 1, width], &inputs.device());
    let at = |tensor: &Tensor<3>, place: usize| tensor.clone().narrow(1, place, 1);
    let states = (0..places).map(|place| {
        state = state.clone() * at(&decays, place) + at(&inputs, place);
        state.clone()
    });
    Tensor::cat(states.collect(), 1)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use burn::tensor::{Device, TensorData};
    use data::Seed;
    use data::worlds::Tracking;
    use pollster::block_on;

    use super::*;
    use crate::engine::read;

    fn tensor(values: &[f32], shape: [usize; 3]) -> Tensor<3> {
        Tensor::from_data(TensorData::new(values.to_vec(), shape), &Device::flex())
    }

    fn near(found: Tensor<3>, expected: &[f32]) {
        let found = block_on(read(found)).unwrap();
        assert_eq!(found.len(), expected.len());
        let close = found.iter().zip(expected).all(|(found, expected)| (found - expected).abs() < 1e-5);
        assert!(close, "{found:?}, not {expected:?}");
    }

    #[test]
    fn two_steps_of_the_delta_rule_by_hand() {
        // Keys (1, 0) and (3/5, 4/5), values 2 and 5, strengths 1/2 and 3/2; the state is a row of two numbers.
        // First: (0, 0) + 1/2 (2 - 0) (1, 0) = (1, 0). Second: 3/5 is stored under its key, so
        // (1, 0) + 3/2 (5 - 3/5) (3/5, 4/5) = (1, 0) + 6.6 (3/5, 4/5) = (4.96, 5.28).
        let queries = tensor(&[1.0, 1.0, 1.0, -1.0], [1, 2, 2]);
        let keys = tensor(&[1.0, 0.0, 0.6, 0.8], [1, 2, 2]);
        let (values, strengths) = (tensor(&[2.0, 5.0], [1, 2, 1]), tensor(&[0.5, 1.5], [1, 2, 1]));
        near(delta(queries.clone(), keys.clone(), values.clone(), strengths.clone(), 1), &[1.0, 4.96 - 5.28]);
        // As two factors of one place it is the same state, read once.
        let last = queries.narrow(1, 1, 1);
        near(delta(last, keys, values, strengths, 2), &[4.96 - 5.28]);
    }

    #[test]
    fn a_strength_of_two_is_a_reflection() {
        // The first two places write the rows (3, 1) and (-2, 4) under two unit keys; what follows reflects along k and writes nothing.
        let k = [0.6, 0.0, 0.8];
        let keys = [[1.0, 0.0, 0.0], [0.0, 0.0, 1.0], k, k].concat();
        let values = [3.0, 1.0, -2.0, 4.0, 0.0, 0.0, 0.0, 0.0];
        let strengths = [1.0, 1.0, 2.0, 2.0];
        // All three columns of the state, after the writing, after one reflection and after two.
        let states: Vec<Vec<f32>> = [2, 3, 4]
            .map(|count| {
                let rows = (0..3).map(|axis| {
                    let mut queries = vec![0.0; 3 * count];
                    queries[3 * (count - 1) + axis] = 1.0;
                    let part = |values: &[f32], width: usize| tensor(&values[..width * count], [1, count, width]);
                    let (keys, values) = (part(&keys, 3), part(&values, 2));
                    let read_off = delta(tensor(&queries, [1, count, 3]), keys, values, part(&strengths, 1), 1);
                    block_on(read(read_off.narrow(1, count - 1, 1))).unwrap()
                });
                rows.collect::<Vec<_>>().concat()
            })
            .into();
        let norm = |state: &[f32]| state.iter().map(|value| value * value).sum::<f32>();
        assert!((norm(&states[0]) - 30.0).abs() < 1e-4 && (norm(&states[1]) - 30.0).abs() < 1e-4, "{states:?}");
        let same =
            |left: &[f32], right: &[f32]| left.iter().zip(right).all(|(left, right)| (left - right).abs() < 1e-5);
        assert!(same(&states[0], &states[2]), "twice is none: {states:?}");
        assert!(!same(&states[0], &states[1]));
        // I - 2 k k' by hand: the first axis goes to (1 - 0.72, 0, -0.96), the last to (-0.96, 0, 1 - 1.28).
        let expected =
            [0.28 * 3.0 + 0.96 * 2.0, 0.28 - 0.96 * 4.0, 0.0, 0.0, -0.96 * 3.0 + 0.28 * 2.0, -0.96 - 0.28 * 4.0];
        assert!(same(&states[1], &expected), "{states:?}");
    }

    #[test]
    fn two_reflections_are_a_turn_and_three_turns_by_a_third_are_none() {
        // Reflections along axes 60 degrees apart: a turn by 120 degrees, which no single reflection is.
        let (half, root) = (0.5, 0.75f32.sqrt());
        let turn = [[1.0, 0.0], [half, root]].concat();
        let keys = [vec![1.0, 0.0, 0.0, 1.0], turn.repeat(3)].concat();
        let values = [vec![1.0, 0.0, 0.0, 1.0], vec![0.0; 12]].concat();
        let strengths = [vec![1.0; 2], vec![2.0; 6]].concat();
        let queries = [1.0, 0.0].repeat(4);
        let found = delta(
            tensor(&queries, [1, 4, 2]),
            tensor(&keys, [1, 8, 2]),
            tensor(&values, [1, 8, 2]),
            tensor(&strengths, [1, 8, 1]),
            2,
        );
        near(found.clone().narrow(1, 0, 1), &[1.0, 0.0]);
        near(found.clone().narrow(1, 3, 1), &[1.0, 0.0]);
        let turned = block_on(read(found.narrow(1, 1, 2))).unwrap();
        assert!((turned[0] + half).abs() < 1e-5 && (turned[2] + half).abs() < 1e-5, "{turned:?}");
        assert!((turned[1] + turned[3]).abs() < 1e-5 && (turned[1].abs() - root).abs() < 1e-5, "{turned:?}");
    }

    #[test]
    fn a_strength_of_two_follows_parity() {
        // One number under one key: a one turns it from 0 to 1 and back, a nought has no strength.
        let ones = [1.0, 0.0, 1.0, 1.0, 0.0, 1.0];
        let (keys, values) = (tensor(&[1.0; 6], [1, 6, 1]), tensor(&[0.5; 6], [1, 6, 1]));
        let strengths = tensor(&ones.map(|one| 2.0 * one), [1, 6, 1]);
        near(delta(keys.clone(), keys, values, strengths, 1), &[1.0, 1.0, 0.0, 1.0, 1.0, 0.0]);
    }

    /// The key of the reflection that exchanges two places, and its strength; of none the strength is 0.
    fn exchange(places: Option<[usize; 2]>) -> ([f32; 3], f32) {
        let mut key = [0.0; 3];
        let Some([one, other]) = places else { return ([1.0, 0.0, 0.0], 0.0) };
        (key[one], key[other]) = (0.5f32.sqrt(), -0.5f32.sqrt());
        (key, 2.0)
    }

    #[test]
    fn products_of_two_reflections_follow_all_permutations_of_three_things() {
        let world = Tracking::Permutations;
        let exchanges = [None, Some([0, 1]), Some([0, 2]), Some([1, 2])];
        let moved = |place: usize, exchange: Option<[usize; 2]>| match exchange {
            Some([one, other]) if place == one => other,
            Some([one, other]) if place == other => one,
            _ => place,
        };
        // The orders of the world, and for each symbol two exchanges that make it, one after the other.
        let orders: Vec<Vec<usize>> = world
            .state_names()
            .iter()
            .map(|name| name.bytes().map(|digit| usize::from(digit - b'0')).collect())
            .collect();
        let pairs = exchanges.into_iter().flat_map(|first| exchanges.map(|second| [first, second]));
        let pairs: Vec<_> = pairs.collect();
        let made_of = |order: &Vec<usize>| {
            let makes =
                |pair: &&[Option<[usize; 2]>; 2]| (0..3).all(|it| moved(moved(it, pair[0]), pair[1]) == order[it]);
            *pairs.iter().find(makes).unwrap()
        };
        let made_of: Vec<[Option<[usize; 2]>; 2]> = orders.iter().map(made_of).collect();
        // Two places store thing i under key i; then come 40 symbols, none of which writes anything.
        let word = world.sequences(1, 40, 40, &Seed(4).stream("word")).unwrap();
        let axis = |at: usize| [0, 1, 2].map(|other| if at == other { 1.0f32 } else { 0.0 });
        let mut keys = [axis(0), axis(1), axis(2), axis(0)].to_vec();
        let mut values = [axis(0), axis(1), axis(2), [0.0; 3]].to_vec();
        let mut strengths = vec![1.0, 1.0, 1.0, 0.0];
        for &symbol in &word.tokens {
            for (key, strength) in made_of[usize::from(symbol)].map(exchange) {
                keys.push(key);
                values.push([0.0; 3]);
                strengths.push(strength);
            }
        }
        // What lies in each of the three places, read in three rows.
        let places = 42;
        let queries: Vec<f32> = (0..3).flat_map(|place| axis(place).repeat(places)).collect();
        let all = |rows: &[f32], width: usize| tensor(&rows.repeat(3), [3, 2 * places, width]);
        let read_off = delta(
            tensor(&queries, [3, places, 3]),
            all(&keys.concat(), 3),
            all(&values.concat(), 3),
            all(&strengths, 1),
            2,
        );
        let things = block_on(read(read_off)).unwrap();
        for (at, &state) in word.targets.iter().enumerate() {
            for (thing, &place) in orders[usize::from(state)].iter().enumerate() {
                let found = &things[(place * places + at + 2) * 3..][..3];
                let right = found.iter().zip(axis(thing)).all(|(found, expected)| (found - expected).abs() < 1e-4);
                assert!(right, "after {} symbols thing {thing} is not in place {place}: {found:?}", at + 1);
            }
        }
    }

    #[test]
    fn rows_do_not_mix() {
        let keys = tensor(&[1.0, 1.0, 1.0, 1.0], [2, 2, 1]);
        let (values, strengths) = (tensor(&[1.0, 2.0, 3.0, 4.0], [2, 2, 1]), tensor(&[1.0, 0.5, 1.0, 1.0], [2, 2, 1]));
        near(delta(keys.clone(), keys, values, strengths, 1), &[1.0, 1.5, 3.0, 4.0]);
    }

    #[test]
    fn an_eigenvalue_of_minus_one_is_parity() {
        // A one flips what is there and adds one; a nought leaves it.
        let (ones, flips) = ([1.0, 0.0, 1.0, 1.0, 0.0, 1.0], [-1.0, 1.0, -1.0, -1.0, 1.0, -1.0]);
        near(diagonal(tensor(&flips, [1, 6, 1]), tensor(&ones, [1, 6, 1])), &[1.0, 1.0, 0.0, 1.0, 1.0, 0.0]);
    }

    #[test]
    fn a_diagonal_recurrence_by_hand() {
        let decays = tensor(&[0.5, -0.5, 0.25, 1.0], [1, 2, 2]);
        let inputs = tensor(&[4.0, 2.0, 1.0, 3.0], [1, 2, 2]);
        near(diagonal(decays, inputs), &[4.0, 2.0, 2.0, 5.0]);
    }
}
