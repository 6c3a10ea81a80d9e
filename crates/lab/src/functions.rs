//! The few tensor functions that losses are made of.

use burn::tensor::{Bool, IndexingUpdateOp, Int, Tensor, activation::log_softmax};

/// Smallest norm that a vector is divided by.
const NORM_FLOOR: f64 = 1e-12;
/// Smallest squared sine that a root is taken of.
const SINE_FLOOR: f64 = 1e-6;

/// Divides each row by its L2 norm, floored at 1e-12.
///
/// # Shapes
/// - rows: `[batch, dims]`
/// - output: `[batch, dims]`
pub fn normalize(rows: Tensor<2>) -> Tensor<2> {
    // The floor is put on the square, where the root's slope is still finite, so that a zero row has zero gradient.
    let norms = rows.clone().powi_scalar(2).sum_dim(1).clamp_min(NORM_FLOOR * NORM_FLOOR).sqrt();
    rows / norms
}

/// `scale` times the cosine of each feature with each class row.
///
/// # Shapes
/// - features: `[batch, dims]`, unit rows
/// - classes: `[classes, dims]`, normalised here
/// - output: `[batch, classes]`
pub fn cosine_logits(features: Tensor<2>, classes: Tensor<2>, scale: f64) -> Tensor<2> {
    features.matmul(normalize(classes).transpose()).mul_scalar(scale)
}

/// Cosine logits in which the angle to the own class counts `margin` more than it is (ArcFace, Deng et al. 2019).
///
/// Where the angle and the margin make more than a half turn, the cosine is lowered by `margin sin(margin)` instead, so that
/// the logit still falls with the angle.
///
/// # Shapes
/// - cosines, output: `[batch, classes]`
/// - labels: `[batch]`
/// - margin: radians, in `0..=1`
pub fn angular_margin(cosines: Tensor<2>, labels: Tensor<1, Int>, margin: f64) -> Tensor<2> {
    let labels: Tensor<2, Int> = labels.unsqueeze_dim(1);
    let own = cosines.clone().gather(1, labels.clone()); // [batch, 1]
    // Floored, since the root has no slope at zero.
    let sines = own.clone().powi_scalar(2).neg().add_scalar(1.0).clamp_min(SINE_FLOOR).sqrt();
    let turned = own.clone().mul_scalar(margin.cos()) - sines.mul_scalar(margin.sin());
    let beyond = own.clone().lower_elem(-margin.cos());
    let harder = turned.mask_where(beyond, own.clone().sub_scalar(margin * margin.sin()));
    cosines.scatter(1, labels, harder - own, IndexingUpdateOp::Add)
}

/// Softmax cross entropy, mean over the batch.
///
/// # Shapes
/// - logits: `[batch, classes]`
/// - labels: `[batch]`, in `0..classes`
/// - output: `[1]`
pub fn cross_entropy(logits: Tensor<2>, labels: Tensor<1, Int>) -> Tensor<1> {
    cross_entropies(logits, labels, 0.0).mean()
}

/// Softmax cross entropy of each item, against its class with a share of `smoothing` spread over all classes.
///
/// # Shapes
/// - logits: `[batch, classes]`
/// - labels: `[batch]`, in `0..classes`
/// - smoothing: in `0..=1`
/// - output: `[batch]`
pub fn cross_entropies(logits: Tensor<2>, labels: Tensor<1, Int>, smoothing: f64) -> Tensor<1> {
    let logs = log_softmax(logits, 1);
    let own = logs.clone().gather(1, labels.unsqueeze_dim(1)); // [batch, 1]
    let expected = match smoothing > 0.0 {
        true => own.mul_scalar(1.0 - smoothing) + logs.mean_dim(1).mul_scalar(smoothing),
        false => own,
    };
    expected.squeeze_dim::<1>(1).neg()
}

/// One minus the mean cosine of paired unit rows.
///
/// # Shapes
/// - left, right: `[batch, dims]`, unit rows
/// - output: `[1]`
pub fn cosine_distance(left: Tensor<2>, right: Tensor<2>) -> Tensor<1> {
    (left * right).sum_dim(1).mean().neg().add_scalar(1.0)
}

/// Weighted contrast: minus the log of each positive's share among all, times its weight, mean over an item's positives, then
/// over items. Every item has a positive.
///
/// # Shapes
/// - logits, positive: `[batch, others]`
/// - weights: the same, if some pairs count more than others
/// - output: `[1]`
pub fn contrast(logits: Tensor<2>, positive: Tensor<2, Bool>, weights: Option<Tensor<2>>) -> Tensor<1> {
    let positive = positive.float();
    let counted = match weights {
        Some(weights) => weights * positive.clone(),
        None => positive.clone(),
    };
    let sums = (log_softmax(logits, 1) * counted).sum_dim(1);
    (sums / positive.sum_dim(1)).mean().neg()
}

/// Squared Euclidean distance of paired rows.
///
/// # Shapes
/// - left, right: `[batch, dims]`
/// - output: `[batch]`
pub fn squared_distances(left: Tensor<2>, right: Tensor<2>) -> Tensor<1> {
    (left - right).powi_scalar(2).sum_dim(1).squeeze_dim(1)
}

/// Columns of the `count` largest numbers of each row, the largest first; `count` is at most the number of columns.
///
/// By repeated maxima: sorting would need a read on a GPU, and a kernel for it all at once more shared memory than WebGPU
/// promises.
///
/// # Shapes
/// - values: `[rows, columns]`, of size far below 1e9
/// - output: `[rows, count]`
pub fn largest(values: Tensor<2>, count: usize) -> Tensor<2, Int> {
    let [rows, _] = values.dims();
    let taken = Tensor::full([rows, 1], -1e9, &values.device());
    let mut rest = values.detach();
    let columns = (0..count).map(|_| {
        let column = rest.clone().argmax(1);
        rest = rest.clone().scatter(1, column.clone(), taken.clone(), IndexingUpdateOp::Add);
        column
    });
    Tensor::cat(columns.collect(), 1)
}

/// Rows of a table, one per index.
///
/// By `gather`, as every loss does it: `select` would be one more family of kernels for a visitor to download.
///
/// # Shapes
/// - table: `[rows, columns]`
/// - indices: `[batch]`, in `0..rows`
/// - output: `[batch, columns]`
pub fn rows_at(table: Tensor<2>, indices: Tensor<1, Int>) -> Tensor<2> {
    let ([_, columns], [batch]) = (table.dims(), indices.dims());
    table.gather(0, indices.unsqueeze_dim::<2>(1).expand([batch, columns]))
}

/// Which pairs of a left and a right item are of one class.
///
/// # Shapes
/// - left: `[rows]`
/// - right: `[columns]`
/// - output: `[rows, columns]`
pub fn same_class(left: Tensor<1, Int>, right: Tensor<1, Int>) -> Tensor<2, Bool> {
    let ([rows], [columns]) = (left.dims(), right.dims());
    let left: Tensor<2, Int> = left.unsqueeze_dim(1);
    let right: Tensor<2, Int> = right.unsqueeze_dim(0);
    left.expand([rows, columns]).equal(right.expand([rows, columns]))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use burn::tensor::{Device, TensorData};
    use pollster::block_on;

    use super::*;
    use crate::engine::read;

    fn tensor<const D: usize>(values: &[f32], shape: [usize; D]) -> Tensor<D> {
        Tensor::from_data(TensorData::new(values.to_vec(), shape), &Device::flex())
    }

    #[test]
    fn normalize_gives_unit_rows_and_leaves_zero_alone() {
        let rows = block_on(read(normalize(tensor(&[3.0, 4.0, 0.0, 0.0], [2, 2])))).unwrap();
        assert_eq!(rows, [0.6, 0.8, 0.0, 0.0]);
    }

    #[test]
    fn a_weighted_contrast_by_hand() {
        // Shares 1/2, 1/4, 1/4; positives are the first two, with weights 1 and 1/2.
        let logits = || tensor(&[2f32.ln(), 0.0, 0.0], [1, 3]);
        let positive = || Tensor::<2, Bool>::from_data([[true, true, false]], &Device::flex());
        let weights = tensor(&[1.0, 0.5, 1.0], [1, 3]);
        let loss = block_on(read(contrast(logits(), positive(), Some(weights)))).unwrap();
        assert!((loss[0] - (2f32.ln() + 0.5 * 4f32.ln()) / 2.0).abs() < 1e-6, "{loss:?}");
        let loss = block_on(read(contrast(logits(), positive(), None))).unwrap();
        assert!((loss[0] - (2f32.ln() + 4f32.ln()) / 2.0).abs() < 1e-6, "{loss:?}");
    }

    #[test]
    fn rows_come_in_the_order_of_their_indices_as_often_as_they_are_named() {
        let indices = Tensor::<1, Int>::from_data(TensorData::new(vec![2i32, 0, 2], [3]), &Device::flex());
        let rows = block_on(read(rows_at(tensor(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0], [3, 2]), indices))).unwrap();
        assert_eq!(rows, [5.0, 6.0, 1.0, 2.0, 5.0, 6.0]);
    }

    #[test]
    fn cross_entropy_of_uniform_logits_is_the_log_of_the_number_of_classes() {
        let labels = Tensor::<1, Int>::from_data(TensorData::new(vec![0i32, 2], [2]), &Device::flex());
        let loss = block_on(read(cross_entropy(tensor(&[0.0; 6], [2, 3]), labels))).unwrap();
        assert!((loss[0] - 3f32.ln()).abs() < 1e-6);
    }

    #[test]
    fn smoothing_mixes_in_the_mean_over_all_classes() {
        let labels = Tensor::<1, Int>::from_data(TensorData::new(vec![0i32], [1]), &Device::flex());
        // Probabilities 1/2, 1/4, 1/4: 0.9 ln 2 + 0.1 (ln 2 + 2 ln 4) / 3.
        let logits = tensor(&[2f32.ln(), 0.0, 0.0], [1, 3]);
        let loss = block_on(read(cross_entropies(logits, labels, 0.1))).unwrap();
        assert!((loss[0] - (0.9 + 0.5 / 3.0) * 2f32.ln()).abs() < 1e-6, "{loss:?}");
    }

    #[test]
    fn a_margin_turns_the_own_class_away() {
        let labels = Tensor::<1, Int>::from_data(TensorData::new(vec![0i32, 1], [2]), &Device::flex());
        // 60 degrees and 30 more; a half turn, beyond which the cosine falls by m sin m.
        let margin = std::f64::consts::FRAC_PI_6;
        let logits = angular_margin(tensor(&[0.5, 0.2, 0.3, -1.0], [2, 2]), labels, margin);
        let found = block_on(read(logits)).unwrap();
        let expected = [0.0, 0.2, 0.3, -1.0 - margin as f32 * 0.5];
        assert!(found.iter().zip(expected).all(|(found, expected)| (found - expected).abs() < 1e-6), "{found:?}");
    }

    #[test]
    fn squared_distances_of_pairs() {
        let distances = squared_distances(tensor(&[1.0, 0.0, 2.0, 2.0], [2, 2]), tensor(&[0.0, 1.0, 2.0, 5.0], [2, 2]));
        assert_eq!(block_on(read(distances)).unwrap(), [2.0, 9.0]);
    }

    #[test]
    fn the_largest_come_first_and_ties_once() {
        let columns = largest(tensor(&[1.0, 3.0, 2.0, 5.0, 5.0, 5.0], [2, 3]), 3);
        let mut found: Vec<f32> = block_on(read(columns.float())).unwrap();
        found[3..].sort_by(f32::total_cmp);
        assert_eq!(found, [1.0, 2.0, 0.0, 0.0, 1.0, 2.0]);
    }

    #[test]
    fn pairs_of_one_class_are_found() {
        let labels = |values: Vec<i32>| {
            let shape = [values.len()];
            Tensor::<1, Int>::from_data(TensorData::new(values, shape), &Device::flex())
        };
        let pairs = same_class(labels(vec![0, 1]), labels(vec![1, 0, 1])).float();
        assert_eq!(block_on(read(pairs)).unwrap(), [0.0, 1.0, 0.0, 1.0, 0.0, 1.0]);
    }

    #[test]
    fn unscaled_cosine_logits_have_the_published_loss_floor() {
        // Ten classes on a simplex, features on their own class: log(1 + 9 exp(-10/9)) = 1.377.
        let mut rows = vec![-1.0 / 9.0f32.sqrt() * (1.0 / 10f32.sqrt()); 100];
        for class in 0..10 {
            for dim in 0..10 {
                rows[class * 10 + dim] = if class == dim { 0.9 } else { -0.1 };
            }
        }
        let rows = normalize(tensor(&rows, [10, 10]));
        let labels = Tensor::<1, Int>::from_data(TensorData::new((0..10).collect::<Vec<i32>>(), [10]), &Device::flex());
        let loss = block_on(read(cross_entropy(cosine_logits(rows.clone(), rows, 1.0), labels))).unwrap();
        assert!((loss[0] - 1.377).abs() < 1e-3, "{loss:?}");
    }

    #[test]
    fn cosine_distance_of_opposites_is_two() {
        let left = tensor(&[1.0, 0.0, 0.0, 1.0], [2, 2]);
        assert_eq!(block_on(read(cosine_distance(left.clone(), left.clone()))).unwrap(), [0.0]);
        assert_eq!(block_on(read(cosine_distance(left.clone(), left.neg()))).unwrap(), [2.0]);
    }
}
