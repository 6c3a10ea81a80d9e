//! How alike two models' rows are, from the products of unit rows.
//!
//! These are [`measure::similarity::linear_cka_debiased`] and [`measure::similarity::mutual_knn`], which the tests compare them with.
//! They are written anew over products of rows for what they cost: one `[rows, rows]` matrix a model gives both, where CKA over columns
//! makes five of `[dims, dims]` (of 3072 dims for minutes), and it can be cancelled on the way.

use nalgebra::DMatrix;

use super::rows::{double_centred, share};

/// Debiased linear CKA of two sets of products, `[rows, rows]`: about 0 for rows that have nothing to do with one another, at most 1.
///
/// `None` with fewer than 4 rows, or where the products of one do not vary.
pub(super) fn debiased_cka(x: &DMatrix<f64>, y: &DMatrix<f64>) -> Option<f64> {
    let (x, y) = (Kernel::new(x)?, Kernel::new(y)?);
    let (own_x, own_y) = (x.varying()?, y.varying()?);
    Some(x.hsic(&y) / (own_x * own_y).sqrt())
}

/// Products of centred rows, with what the estimator needs of them.
struct Kernel {
    products: DMatrix<f64>,
    /// Sum of each row but its own product.
    sums: Vec<f64>,
}

impl Kernel {
    fn new(products: &DMatrix<f64>) -> Option<Self> {
        if products.nrows() < 4 {
            return None;
        }
        // The estimator does not need rows to be centred; without it, rows that point much the same way would lose digits.
        let mut products = double_centred(products.clone());
        // Unit rows that differ by the rounding of 32 bits leave up to 1e-14 each.
        if products.trace() <= 1e-13 * products.nrows() as f64 {
            return None;
        }
        products.fill_diagonal(0.0);
        let sums = products.column_iter().map(|column| column.sum()).collect();
        Some(Self { products, sums })
    }

    /// `HSIC_1` of Song et al. (2012), as [`measure::similarity::linear_cka_debiased`] has it:
    /// `1/(n(n-3)) [tr(KL) + (1'K1)(1'L1)/((n-1)(n-2)) - 2/(n-2) 1'KL1]`.
    fn hsic(&self, other: &Self) -> f64 {
        let n = self.products.nrows() as f64;
        let trace = self.products.dot(&other.products);
        let all = self.sums.iter().sum::<f64>() * other.sums.iter().sum::<f64>();
        let rows: f64 = self.sums.iter().zip(&other.sums).map(|(k, l)| k * l).sum();
        (trace + all / ((n - 1.0) * (n - 2.0)) - 2.0 / (n - 2.0) * rows) / (n * (n - 3.0))
    }

    /// `HSIC_1` with itself, unless that is nothing but rounding.
    fn varying(&self) -> Option<f64> {
        let n = self.products.nrows() as f64;
        Some(self.hsic(self)).filter(|&own| own > 1e-9 * self.products.norm_squared() / (n * n))
    }
}

/// The `k` rows of largest product with each row, by place; the row itself is none of them, and ties go to the earlier row.
pub(super) fn neighbours(products: &DMatrix<f64>, k: usize) -> Vec<Vec<usize>> {
    let rows = products.as_slice().chunks_exact(products.nrows().max(1));
    let nearest = |(row, scores): (usize, &[f64])| {
        let mut others: Vec<(usize, f64)> =
            scores.iter().copied().enumerate().filter(|&(other, _)| other != row).collect();
        if k < others.len() {
            others.select_nth_unstable_by(k, |a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
            others.truncate(k);
        }
        let mut nearest: Vec<usize> = others.iter().map(|&(other, _)| other).collect();
        nearest.sort_unstable();
        nearest
    };
    rows.enumerate().map(nearest).collect()
}

/// How many of `old` are among `new` once they are moved by `shift`; both by place.
pub(super) fn shared(old: &[usize], new: &[usize], shift: isize) -> usize {
    let found = |&row: &usize| row.checked_add_signed(shift).is_some_and(|row| new.binary_search(&row).is_ok());
    old.iter().filter(|row| found(row)).count()
}

/// Mean share of the `k` neighbours of a row that both models agree on.
pub(super) fn agreement(old: &[Vec<usize>], new: &[Vec<usize>], k: usize) -> f64 {
    let total: usize = old.iter().zip(new).map(|(old, new)| shared(old, new, 0)).sum();
    share(total, k * old.len().min(new.len()))
}

/// What agreement rows reach that have nothing to do with one another.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Chance {
    /// On average: `k / (rows - 1)`.
    pub(super) level: f64,
    /// What chance does not exceed.
    pub(super) bound: f64,
}

impl Chance {
    /// Of `rows` rows with `k` neighbours each.
    ///
    /// In any order of the rows the average is the same; around it, shared neighbours would scatter as `rows k` independent draws if all
    /// rows were neighbours equally often. They are not: some rows are neighbours of very many (hubs), and where such rows coincide
    /// agreement rises for all at once. So the bound is three standard errors, each taken three times as wide.
    pub(super) fn of(rows: usize, k: usize) -> Self {
        let level = share(k, rows.saturating_sub(1)).min(1.0);
        let error = (level * (1.0 - level) / (rows * k).max(1) as f64).sqrt();
        Self { level, bound: level + 9.0 * error }
    }
}

/// Neighbours that are looked at: 10, and fewer where 10 would be most of the rows.
pub(super) fn neighbours_of(rows: usize) -> usize {
    (rows.saturating_sub(1) / 4).clamp(1, 10)
}

#[cfg(test)]
mod tests {
    use measure::{Features, similarity};
    use proptest::prelude::*;

    use super::*;
    use crate::{
        Vectors,
        doctor::{
            made::{go_on, noise},
            rows::Rows,
        },
    };

    fn products(vectors: &Vectors) -> DMatrix<f64> {
        Rows::unit(vectors, 0..vectors.count()).products(&mut go_on).unwrap()
    }

    proptest! {
        #[test]
        fn both_are_the_measures_of_the_lab(seed in 0_u64..1000, rows in 8_usize..60, dims in (2_usize..9, 2_usize..80)) {
            let (x, y) = (noise(rows, dims.0, seed), noise(rows, dims.1, seed + 1));
            let (unit_x, unit_y) = (x.unit(), y.unit());
            let (x, y) = (products(&x), products(&y));
            let unit_x = Features::new(unit_x.numbers(), unit_x.dims()).unwrap();
            let unit_y = Features::new(unit_y.numbers(), unit_y.dims()).unwrap();
            let expected = similarity::linear_cka_debiased(&unit_x, &unit_y).unwrap();
            prop_assert!((debiased_cka(&x, &y).unwrap() - expected).abs() < 1e-4);
            let k = 3;
            let expected = similarity::mutual_knn(&unit_x, &unit_y, k).unwrap();
            let found = agreement(&neighbours(&x, k), &neighbours(&y, k), k);
            // Products in 32 bits may swap two rows that are as near as can be told.
            prop_assert!((found - expected).abs() <= 2.0 / (rows * k) as f64 + 1e-12, "{} {}", found, expected);
        }
    }

    #[test]
    fn neighbours_by_hand() {
        let angles = |degrees: [f32; 4]| {
            let rows = degrees.map(|d| [d.to_radians().cos(), d.to_radians().sin()]).concat();
            products(&Vectors::new(2, rows).unwrap())
        };
        let (x, y) = (angles([0.0, 10.0, 40.0, 60.0]), angles([0.0, 60.0, 10.0, 65.0]));
        assert_eq!(neighbours(&x, 1), [[1], [0], [3], [2]]);
        assert_eq!(neighbours(&y, 2), [[1, 2], [2, 3], [0, 1], [1, 2]]);
        assert_eq!(agreement(&neighbours(&x, 2), &neighbours(&y, 2), 2), 6.0 / 8.0);
        // More neighbours than there are: all others.
        assert_eq!(neighbours(&x, 9)[2], [0, 1, 3]);
    }

    #[test]
    fn neighbours_move_with_a_shift() {
        assert_eq!(shared(&[0, 3, 7], &[1, 4, 9], 1), 2);
        assert_eq!(shared(&[0, 3, 7], &[1, 4, 9], -2), 1);
        assert_eq!(shared(&[0, 3, 7], &[1, 4, 9], 0), 0);
    }

    #[test]
    fn rows_that_do_not_vary_have_no_likeness() {
        let (x, same) = (products(&noise(9, 3, 1)), products(&Vectors::new(2, vec![0.3; 18]).unwrap()));
        assert_eq!(debiased_cka(&x, &same), None);
        assert_eq!(debiased_cka(&same, &x), None);
        let few = products(&noise(3, 3, 1));
        assert_eq!(debiased_cka(&few, &few), None);
    }

    #[test]
    fn chance_is_what_unrelated_rows_reach() {
        let chance = Chance::of(1000, 10);
        assert!((chance.level - 10.0 / 999.0).abs() < 1e-15);
        assert!((chance.bound - 0.018_97).abs() < 1e-4, "{}", chance.bound);
        assert_eq!(Chance::of(0, 0), Chance { level: 0.0, bound: 0.0 });
        for seed in 0..5 {
            let (x, y) = (products(&noise(200, 6, seed)), products(&noise(200, 6, seed + 100)));
            let (found, chance) = (agreement(&neighbours(&x, 10), &neighbours(&y, 10), 10), Chance::of(200, 10));
            assert!(found < chance.bound && (found - chance.level).abs() < 0.03, "{found}");
            assert!(debiased_cka(&x, &y).unwrap().abs() < 11.0 / 200.0);
        }
        assert_eq!([2, 20, 41, 1000].map(neighbours_of), [1, 4, 10, 10]);
    }
}
