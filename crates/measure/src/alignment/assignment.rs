//! The quadratic assignment problem: which node of one weighted graph plays the part of which node of another.

use nalgebra::DMatrix;
use rand::{Rng, seq::SliceRandom};

/// A permutation `p` with a large `sum_ij A_ij B_p(i)p(j)` for symmetric `A` and `B` of one size: the best of `starts` random starts, each
/// improved by exchanging two nodes (2-opt) until no exchange helps.
///
/// The problem is hard and one start often ends in a poor optimum; each is cheap, so start often.
pub(super) fn match_nodes(a: &DMatrix<f64>, b: &DMatrix<f64>, starts: usize, rng: &mut impl Rng) -> Vec<usize> {
    let mut best = (Vec::new(), f64::NEG_INFINITY);
    for _ in 0..starts {
        let mut nodes: Vec<usize> = (0..a.nrows()).collect();
        nodes.shuffle(rng);
        while improve(a, b, &mut nodes) {}
        let value = value(a, b, &nodes);
        if value > best.1 {
            best = (nodes, value);
        }
    }
    best.0
}

/// Exchanges every two nodes that gain by it, once over; whether any did.
fn improve(a: &DMatrix<f64>, b: &DMatrix<f64>, nodes: &mut [usize]) -> bool {
    // Gains of rounding size could go round in circles.
    let noise = 1e-12 * a.norm() * b.norm();
    let mut improved = false;
    for first in 0..nodes.len() {
        for second in 0..first {
            if gain(a, b, nodes, first, second) > noise {
                nodes.swap(first, second);
                improved = true;
            }
        }
    }
    improved
}

/// By how much half the value rises when `first` and `second` exchange their nodes.
fn gain(a: &DMatrix<f64>, b: &DMatrix<f64>, nodes: &[usize], first: usize, second: usize) -> f64 {
    let at = |matrix: &DMatrix<f64>, row: usize, column: usize| matrix.get((row, column)).copied().unwrap_or(0.0);
    let (Some(&p), Some(&q)) = (nodes.get(first), nodes.get(second)) else { return 0.0 };
    let others = nodes.iter().enumerate().filter(|&(other, _)| other != first && other != second);
    let terms =
        others.map(|(other, &node)| (at(a, first, other) - at(a, second, other)) * (at(b, q, node) - at(b, p, node)));
    let own = (at(a, first, first) - at(a, second, second)) * (at(b, q, q) - at(b, p, p)) / 2.0;
    terms.sum::<f64>() + own
}

fn value(a: &DMatrix<f64>, b: &DMatrix<f64>, nodes: &[usize]) -> f64 {
    let pairs =
        nodes.iter().enumerate().flat_map(|(i, &p)| nodes.iter().enumerate().map(move |(j, &q)| ((i, j), (p, q))));
    pairs.filter_map(|(here, there)| Some(a.get(here)? * b.get(there)?)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{RngExt, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    fn graph(size: usize, rng: &mut ChaCha8Rng) -> DMatrix<f64> {
        let half = DMatrix::from_fn(size, size, |_, _| rng.random_range(-1.0..1.0));
        &half + half.transpose()
    }

    #[test]
    fn a_renumbered_graph_is_recognised() {
        let mut rng = ChaCha8Rng::seed_from_u64(5);
        let b = graph(12, &mut rng);
        let mut truth: Vec<usize> = (0..12).collect();
        truth.shuffle(&mut rng);
        let a = DMatrix::from_fn(12, 12, |i, j| b[(truth[i], truth[j])]);
        assert_eq!(match_nodes(&a, &b, 30, &mut rng), truth);
    }

    #[test]
    fn an_exchange_gains_what_it_says() {
        let mut rng = ChaCha8Rng::seed_from_u64(6);
        let (a, b) = (graph(6, &mut rng), graph(6, &mut rng));
        let mut nodes = vec![3, 1, 5, 0, 2, 4];
        let (before, said) = (value(&a, &b, &nodes), gain(&a, &b, &nodes, 4, 1));
        nodes.swap(4, 1);
        assert!((value(&a, &b, &nodes) - before - 2.0 * said).abs() < 1e-12);
    }
}
