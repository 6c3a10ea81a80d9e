//! Rotations that stay rotations while they are trained.

use burn::module::{Module, Param};
use burn::tensor::{Device, Tensor, TensorData};
use nalgebra::DMatrix;

use crate::Init;

/// Order of the Taylor polynomial of the exponential.
const TAYLOR_ORDER: u32 = 6;
/// How often the result is squared: the polynomial is taken at `A / 2^SQUARINGS`.
const SQUARINGS: i32 = 4;

/// A square orthogonal matrix `Q = Q0 exp(U - U')` with a free parameter `U` and a fixed base `Q0`.
///
/// The exponential of a skew matrix is a rotation, so gradient steps on `U` never leave the group. Scaling and squaring
/// with order 6 and 4 squarings keeps `|QQ' - I|` near 1e-6 in single precision for `|A|` up to about 27; it needs nothing
/// but matrix products, so gradients pass through on every engine. `det Q = det Q0`: a reflection needs a base that is one.
#[derive(Module, Debug)]
pub struct Orthogonal {
    /// `U`, shape `[n, n]`, starts at 0. Exempt from weight decay, which would pull `Q` to its base.
    pub skew: Param<Tensor<2>>,
    /// `Q0`, shape `[n, n]`.
    base: Tensor<2>,
}

impl Orthogonal {
    /// A rotation of `n` dims that starts at a random orthogonal matrix.
    pub fn random(n: usize, init: &mut Init) -> Self {
        let base = random_orthogonal(n, init);
        Self::from_base(n, base, init.device())
    }

    /// A rotation of `n` dims that starts at the identity.
    pub fn identity(n: usize, device: &Device) -> Self {
        let base = DMatrix::<f32>::identity(n, n);
        Self::from_base(n, base.as_slice().to_vec(), device)
    }

    fn from_base(n: usize, base: Vec<f32>, device: &Device) -> Self {
        Self {
            skew: Param::from_data(TensorData::new(vec![0f32; n * n], [n, n]), device),
            base: Tensor::from_data(TensorData::new(base, [n, n]), device),
        }
    }

    /// `Q`, shape `[n, n]`.
    pub fn matrix(&self) -> Tensor<2> {
        let skew = self.skew.val();
        let generator = skew.clone() - skew.transpose();
        self.base.clone().matmul(exponential(generator))
    }
}

/// The exponential of a square matrix by Horner's scheme at a scaled argument, squared back up.
///
/// # Shapes
/// - matrix: `[n, n]`
/// - output: `[n, n]`
fn exponential(matrix: Tensor<2>) -> Tensor<2> {
    let [n, _] = matrix.dims();
    let scaled = matrix.div_scalar(f64::from(2f32.powi(SQUARINGS)));
    let identity = Tensor::eye(n, &scaled.device());
    let mut sum = identity.clone();
    for order in (1..=TAYLOR_ORDER).rev() {
        sum = scaled.clone().matmul(sum).div_scalar(f64::from(order)) + identity.clone();
    }
    for _ in 0..SQUARINGS {
        sum = sum.clone().matmul(sum);
    }
    sum
}

/// Largest entry of `|QQ' - I|`.
///
/// # Shapes
/// - matrix: `[n, n]`
/// - output: `[1]`
pub fn orthogonality_error(matrix: Tensor<2>) -> Tensor<1> {
    let [n, _] = matrix.dims();
    let identity = Tensor::eye(n, &matrix.device());
    (matrix.clone().matmul(matrix.transpose()) - identity).abs().max()
}

/// A random orthogonal matrix, row-major: the Q of a Gaussian matrix, with signs fixed so that all are equally likely.
pub fn random_orthogonal(n: usize, init: &mut Init) -> Vec<f32> {
    let gaussian = DMatrix::from_row_slice(n, n, &init.normal(n, n)).cast::<f64>();
    let decomposition = gaussian.qr();
    let (mut q, r) = decomposition.unpack();
    for (mut column, diagonal) in q.column_iter_mut().zip(r.diagonal().iter()) {
        if *diagonal < 0.0 {
            column.neg_mut();
        }
    }
    q.transpose().iter().map(|&value| value as f32).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use data::Seed;
    use pollster::block_on;

    use super::*;
    use crate::engine::read;

    fn init() -> Init {
        Init::new(Seed(3).stream("test"), Device::flex())
    }

    fn error(matrix: Tensor<2>) -> f32 {
        block_on(read(orthogonality_error(matrix))).unwrap()[0]
    }

    #[test]
    fn a_random_base_is_orthogonal() {
        assert!(error(Orthogonal::random(40, &mut init()).matrix()) < 1e-5);
    }

    #[test]
    fn a_trained_rotation_stays_orthogonal() {
        let mut init = init();
        for bound in [0.05, 0.5, 1.0] {
            let mut rotation = Orthogonal::random(40, &mut init);
            rotation.skew = init.uniform([40, 40], bound);
            assert!(error(rotation.matrix()) < 1e-4, "bound {bound}");
        }
    }

    #[test]
    fn a_quarter_turn_in_the_plane() {
        let mut rotation = Orthogonal::identity(2, &Device::flex());
        let half = std::f32::consts::FRAC_PI_4;
        rotation.skew = Param::from_data(TensorData::new(vec![0.0, -half, half, 0.0], [2, 2]), &Device::flex());
        let q = block_on(read(rotation.matrix())).unwrap();
        for (value, expected) in q.iter().zip([0.0, -1.0, 1.0, 0.0]) {
            assert!((value - expected).abs() < 1e-5, "{q:?}");
        }
    }
}
