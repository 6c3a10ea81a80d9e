//! Tensor functions over sequences of tokens.

use burn::tensor::{Tensor, activation::softmax};

/// Cuts images into square patches that do not overlap, row by row; a patch's numbers come in the order channel, row, column.
///
/// # Shapes
/// - images: `[batch, channels, height, width]`, height and width multiples of `size`
/// - output: `[batch, height / size * width / size, channels * size * size]`
pub(crate) fn patchify(images: Tensor<4>, size: usize) -> Tensor<3> {
    let [batch, channels, height, width] = images.dims();
    let (rows, columns) = (height / size, width / size);
    images.reshape([batch, channels, rows, size, columns, size]).permute([0, 2, 4, 1, 3, 5]).reshape([
        batch,
        rows * columns,
        channels * size * size,
    ])
}

/// Scaled dot-product self-attention: `softmax(q k' / sqrt(width / heads)) v` within each of `heads` heads.
///
/// # Shapes
/// - tokens: `[batch, tokens, 3 * width]`: query, key and value, each with its heads one after the other
/// - output: `[batch, tokens, width]`
pub(crate) fn attention(tokens: Tensor<3>, heads: usize) -> Tensor<3> {
    let [batch, count, three_widths] = tokens.dims();
    let width = three_widths / 3;
    let head = width / heads;
    let part = |number: usize| {
        let part = tokens.clone().narrow(2, number * width, width);
        part.reshape([batch, count, heads, head]).swap_dims(1, 2) // [batch, heads, tokens, head]
    };
    let (query, key, value) = (part(0).mul_scalar((head as f64).sqrt().recip()), part(1), part(2));
    let weights = softmax(query.matmul(key.transpose()), 3); // [batch, heads, tokens, tokens]
    weights.matmul(value).swap_dims(1, 2).reshape([batch, count, width])
}

/// Mean over the tokens.
///
/// # Shapes
/// - tokens: `[batch, tokens, width]`
/// - output: `[batch, width]`
pub(crate) fn mean_tokens(tokens: Tensor<3>) -> Tensor<2> {
    tokens.mean_dim(1).squeeze_dim(1)
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

    fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
        let size: usize = tensor.dims().iter().product();
        block_on(read(tensor.reshape([size]))).unwrap()
    }

    #[test]
    fn patches_go_row_by_row_and_hold_channel_after_channel() {
        // Two channels of 2 x 4 in patches of 2: the left and the right half.
        let pixels: Vec<f32> = (0..16u8).map(f32::from).collect();
        let patches = patchify(tensor(&pixels, [1, 2, 2, 4]), 2);
        assert_eq!(patches.dims(), [1, 2, 8]);
        let expected = [0, 1, 4, 5, 8, 9, 12, 13, 2, 3, 6, 7, 10, 11, 14, 15].map(|pixel: u8| f32::from(pixel));
        assert_eq!(values(patches), expected);
    }

    #[test]
    fn attention_by_hand() {
        // One head of width 1: q = 1, k = 0 and ln 3, v = 8 and 4. Weights 1/4 and 3/4 for either token.
        let tokens = [1.0, 0.0, 8.0, 1.0, 3f32.ln(), 4.0];
        let mixed = values(attention(tensor(&tokens, [1, 2, 3]), 1));
        assert!(mixed.iter().all(|value| (value - 5.0).abs() < 1e-5), "{mixed:?}");
    }

    #[test]
    fn heads_do_not_mix_and_scores_are_scaled_by_their_width() {
        // Two heads of width 4. In the first all scores are 0, so it averages; in the second the first token's query meets the
        // second token's key with q k = 2 ln 3, which a head of width 4 halves.
        let mut tokens = [0.0f32; 2 * 24];
        tokens[4] = 2.0; // query of token 0, head 1
        tokens[24 + 12] = 3f32.ln(); // key of token 1, head 1
        (tokens[16], tokens[24 + 16]) = (2.0, 6.0); // values, head 0
        (tokens[20], tokens[24 + 20]) = (8.0, 4.0); // values, head 1
        let mixed = values(attention(tensor(&tokens, [1, 2, 24]), 2));
        let near = |found: f32, expected: f32| assert!((found - expected).abs() < 1e-5, "{found}, not {expected}");
        near(mixed[0], 4.0);
        near(mixed[4], 5.0);
        near(mixed[8 + 4], 6.0);
    }

    #[test]
    fn the_mean_is_over_tokens() {
        assert_eq!(values(mean_tokens(tensor(&[1.0, 2.0, 3.0, 6.0], [1, 2, 2]))), [2.0, 4.0]);
    }
}
