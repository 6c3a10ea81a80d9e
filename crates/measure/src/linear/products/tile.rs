//! The innermost loop of products.

use wide::{f32x8, f64x4};

use super::{Number, TALL, WIDE, WIDE_64};

/// Numbers that a tile of a product is computed in.
pub trait Tile<const N: usize>: Number {
    /// Sums of products of all pairs of a left and a right lane.
    ///
    /// Lanes are vectors by type: whether a compiler finds them by itself depends on how it is asked to optimise. A function of its own,
    /// so that what is around it does not want its registers.
    fn tile(left: &[[Self; TALL]], right: &[[Self; N]]) -> [[Self; N]; TALL];
}

impl Tile<WIDE> for f32 {
    #[inline(never)]
    fn tile(left: &[[Self; TALL]], right: &[[Self; WIDE]]) -> [[Self; WIDE]; TALL] {
        let [mut first, mut second, mut third, mut fourth] = [f32x8::ZERO; TALL];
        for (&[one, two, three, four], &right) in left.iter().zip(right) {
            let right = f32x8::new(right);
            first += f32x8::splat(one) * right;
            second += f32x8::splat(two) * right;
            third += f32x8::splat(three) * right;
            fourth += f32x8::splat(four) * right;
        }
        [first, second, third, fourth].map(f32x8::to_array)
    }
}

impl Tile<WIDE_64> for f64 {
    #[inline(never)]
    fn tile(left: &[[Self; TALL]], right: &[[Self; WIDE_64]]) -> [[Self; WIDE_64]; TALL] {
        let [mut first, mut second, mut third, mut fourth] = [f64x4::ZERO; TALL];
        for (&[one, two, three, four], &right) in left.iter().zip(right) {
            let right = f64x4::new(right);
            first += f64x4::splat(one) * right;
            second += f64x4::splat(two) * right;
            third += f64x4::splat(three) * right;
            fourth += f64x4::splat(four) * right;
        }
        [first, second, third, fourth].map(f64x4::to_array)
    }
}
