//! What holds of BT² exactly, whatever the weights.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, missing_docs)]

use crate::common::{BATCH, Bench, values};
use burn::module::Module;
use burn::optim::{AdamConfig, GradientsParams};
use burn::tensor::Tensor;
use lab::methods::compat::Bt2;
use lab::{System, orthogonality_error};
use pollster::block_on;
use protocol::Choice;

/// New dims of the model under test; the old one has 8.
const NEW_DIMS: u32 = 12;

/// BT² with `r` extra dims on the bench, after `steps` training steps, on the device without gradients.
fn bt2(r: usize, steps: u32) -> (Bench, Bt2) {
    let bench = Bench::new(Choice::of("bt2").with("r", r as f64).with("c", 2.0), NEW_DIMS);
    let mut system = bench.system::<Bt2>();
    let mut optimizer = AdamConfig::new().init();
    for step in 0..steps {
        let terms = system.losses(&bench.batch(step)).unwrap();
        let total = terms.into_iter().map(|term| term.value * term.weight).reduce(|sum, term| sum + term).unwrap();
        let gradients = GradientsParams::from_grads(total.backward(), &system);
        // A rate at which the rotations move far from where they started.
        system = optimizer.step(0.02, system, gradients);
    }
    (bench, system.valid())
}

/// `rows rows'`, row-major.
fn gram(rows: Tensor<2>) -> Vec<f32> {
    block_on(values(rows.clone().matmul(rows.transpose())))
}

fn assert_close(found: &[f32], expected: &[f32], tolerance: f32, what: &str) {
    assert_eq!(found.len(), expected.len(), "{what}");
    for (found, expected) in found.iter().zip(expected) {
        assert!((found - expected).abs() <= tolerance * expected.abs().max(1.0), "{what}: {found}, not {expected}");
    }
}

#[test]
fn bt2_keeps_inner_products_before_and_after_training() {
    for (r, steps) in [(3, 0), (8, 0), (0, 0), (3, 20), (8, 20), (0, 20)] {
        let (bench, system) = bt2(r, steps);
        let images = bench.images(99);
        let branches = system.branches(&images).unwrap();
        let phi = system.embed(&images).unwrap();
        let what = format!("r = {r} after {steps} steps");
        assert_eq!(phi.dims(), [BATCH, NEW_DIMS as usize + r], "{what}");
        let old = branches.old.map_or(vec![0.0; BATCH * BATCH], gram);
        let expected: Vec<f32> = old.iter().zip(gram(branches.new)).map(|(old, new)| old + 4.0 * new).collect();
        let found = gram(phi);
        assert_close(&found, &expected, 1e-4, &what);
        let square = if r > 0 { 1.0 + 4.0 } else { 4.0 };
        for item in 0..BATCH {
            assert!((found[item * BATCH + item] - square).abs() < 1e-4 * square, "{what}: |phi|^2");
        }
    }
}

#[test]
fn the_new_branch_can_be_read_off_what_is_stored() {
    for (r, steps) in [(3, 20), (8, 20), (0, 20)] {
        let (bench, system) = bt2(r, steps);
        let images = bench.images(99);
        let expected = block_on(values(system.branches(&images).unwrap().new));
        let found = block_on(values(system.embed(&images).unwrap().matmul(system.branch().unwrap())));
        assert_close(&found, &expected, 1e-4, &format!("r = {r}"));
    }
}

#[test]
fn bt2_is_two_matrices() {
    for (r, steps) in [(3, 20), (8, 20), (0, 20)] {
        let (bench, system) = bt2(r, steps);
        let images = bench.images(99);
        let branches = system.branches(&images).unwrap();
        let (from_old, from_new) = system.materialised();
        let mut expected = branches.new.matmul(from_new.transpose());
        if let Some((from_old, old)) = from_old.zip(branches.old) {
            expected = expected + old.matmul(from_old.transpose());
        }
        let (found, expected) = (block_on(values(system.embed(&images).unwrap())), block_on(values(expected)));
        assert_close(&found, &expected, 1e-5, &format!("r = {r}"));
    }
}

#[test]
fn without_rotations_both_branches_are_stored_side_by_side() {
    let bench = Bench::new(Choice::of("bt2").with("r", 3.0).with("c", 2.0).with("rotations", 1.0), NEW_DIMS);
    let system = bench.system::<Bt2>().valid();
    let images = bench.images(99);
    let branches = system.branches(&images).unwrap();
    let (new, old) = (branches.new, branches.old.unwrap());
    let found = block_on(values(system.embed(&images).unwrap()));
    let beside = Tensor::cat(vec![old.clone(), new.clone().mul_scalar(2.0)], 1);
    assert_eq!(found, block_on(values(beside)));
    let (from_old, from_new) = system.materialised();
    let products = new.matmul(from_new.transpose()) + old.matmul(from_old.unwrap().transpose());
    assert_close(&found, &block_on(values(products)), 1e-6, "as two matrices");
    assert!(system.orthogonality().is_none(), "nothing could leave the rotations");
}

#[test]
fn trained_rotations_stay_rotations() {
    let (_, fresh) = bt2(3, 0);
    let (_, trained) = bt2(3, 20);
    let error = |system: &Bt2| block_on(values(system.orthogonality().unwrap()))[0];
    assert!(error(&fresh) < 1e-5 && error(&trained) < 1e-4, "{} {}", error(&fresh), error(&trained));
    let product = |system: &Bt2| block_on(values(system.materialised().1));
    let moved = product(&fresh).iter().zip(product(&trained)).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
    assert!(moved > 0.1, "the rotations did not train: they moved by {moved}");
    let skewed = Tensor::from_data([[1.0f32, 0.1], [0.0, 1.0]], &burn::tensor::Device::flex());
    assert!(block_on(values(orthogonality_error(skewed)))[0] > 0.05, "what is no rotation is seen");
}

#[test]
fn without_extra_dims_bt2_ranks_like_its_new_branch() {
    let (bench, system) = bt2(0, 20);
    let images = bench.images(99);
    let (f, phi) = (gram(system.branches(&images).unwrap().new), gram(system.embed(&images).unwrap()));
    for (f, phi) in f.chunks(BATCH).zip(phi.chunks(BATCH)) {
        for left in 0..BATCH {
            for right in 0..BATCH {
                // Similarities closer than rounding have no order.
                if f[left] - f[right] > 1e-5 {
                    assert!(phi[left] > phi[right], "{left} and {right} swap places");
                }
            }
        }
    }
}
