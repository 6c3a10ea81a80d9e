//! Maps that are one affine map, however many steps they were written in.

use measure::linear::Watch;

use super::{
    Map, Step,
    apply::normalize,
    products::{Number, Part, Target, View, add_scaled, dot, gram, narrow, product, widen},
    work::Work,
};
use crate::{DecideError, Pulse, Vectors};

/// Rows whose lengths are found together.
const BLOCK: usize = 1024;

/// What is left of a square that counts as nothing, as a share of the largest.
const NOTHING: f64 = 1e-13;

/// Coordinates of a triangular product that are found together.
const COLUMNS: usize = 128;

/// How far squares of a weight that only turns and scales are from those of such a one, as a share.
const TURNED: f64 = 1e-6;

/// `x W + b` of rows that were scaled to unit length.
#[derive(Debug, PartialEq)]
pub(crate) struct Affine {
    /// `W`, `[from, to]`, row after row; none is the identity.
    pub(crate) weight: Option<Vec<f64>>,
    /// `b`, `[to]`.
    pub(crate) bias: Vec<f64>,
}

impl Affine {
    /// What these steps come to for rows of `from` numbers; `None` where they are more than one affine map. Products are taken in 64 bits.
    ///
    /// # Errors
    /// What the watch says.
    pub(crate) fn of<'s, W: Watch>(
        from: usize,
        steps: impl Iterator<Item = &'s Step>,
        work: &mut W,
    ) -> Result<Option<Self>, W::Error> {
        // A translation costs no product.
        let mut weight: Option<Vec<f64>> = None;
        let mut bias = vec![0.0; from];
        for step in steps {
            match step {
                Step::Add(shift) => add(&mut bias, shift),
                Step::Affine { weight: next, bias: shift } => {
                    let to = shift.len();
                    weight = Some(match weight {
                        Some(weight) => composed(&weight, next, to, work)?,
                        None => next.iter().map(|&number| f64::from(number)).collect(),
                    });
                    bias = composed(&bias, next, to, work)?;
                    add(&mut bias, shift);
                }
                Step::Normalize | Step::Gelu | Step::Clustered { .. } | Step::Residual(_) => return Ok(None),
            }
        }
        Ok(Some(Self { weight, bias }))
    }

    /// Of a map that scales rows to unit length first, and is affine from there on.
    ///
    /// # Errors
    /// What the pulse says.
    pub(crate) fn of_units(map: &Map, pulse: Pulse<'_>) -> Result<Option<Self>, DecideError> {
        let mut work = Work::start(pulse, map.parameters() as f64 * map.to as f64)?;
        let Some(steps) = map.steps.strip_prefix(&[Step::Normalize]) else { return Ok(None) };
        let found = Self::of(map.from, steps.iter(), &mut work)?;
        Ok(found.filter(|affine| affine.bias.len() == map.to && map.from > 0 && map.to > 0))
    }

    /// What mapped rows meet, carried back: the product of a mapped row `x W + b` with `q` is that of `x` with `q W'`, and `q b` on top. Of
    /// `queries`, `[queries, to]`, the `q W'`, `[queries, from]`, and the `q b`.
    ///
    /// # Errors
    /// A number is not finite, or what the pulse says.
    pub(crate) fn back(&self, queries: &Vectors, pulse: Pulse<'_>) -> Result<(Vectors, Vec<f32>), DecideError> {
        let bias = narrow(&self.bias);
        let offsets = queries.rows().map(|query| dot(query, &bias)).collect();
        let carried = match &self.weight {
            None => queries.clone(),
            Some(weight) => {
                let (to, weight) = (self.bias.len(), narrow(weight));
                let mut work = Work::start(pulse, (queries.count() * weight.len()) as f64)?;
                let weight = View::new(&weight, to).transposed();
                let carried = product(View::new(queries.numbers(), to), weight, &mut work)?;
                Vectors::new(carried.len() / queries.count().max(1), carried)?
            }
        };
        Ok((carried, offsets))
    }

    /// One by the length of each mapped row; 0 for one that is mapped to zeros.
    ///
    /// # Errors
    /// What the pulse says.
    pub(crate) fn scales(&self, rows: &Vectors, pulse: Pulse<'_>) -> Result<Vec<f32>, DecideError> {
        let dims = rows.dims();
        let mut work = Work::start(pulse, rows.count() as f64 * (dims * dims) as f64 / 2.0)?;
        let lengths = Lengths::of(self, dims, &mut work)?;
        let mut scales = Vec::with_capacity(rows.count());
        for block in rows.numbers().chunks(BLOCK * dims) {
            let mut units = block.to_vec();
            units.chunks_exact_mut(dims).for_each(normalize);
            let scale = |squares: f64| if squares > f64::MIN_POSITIVE { (1.0 / squares.sqrt()) as f32 } else { 0.0 };
            scales.extend(lengths.squares(&units, dims, &mut work)?.into_iter().map(scale));
        }
        Ok(scales)
    }
}

/// What the length of a mapped row follows from.
enum Lengths {
    /// Of a weight that turns all rows and scales them alike: `|s x + h|^2` and a square that all have on top.
    Turned { scale: f64, shift: Vec<f64>, beyond: f64 },
    /// Of any: `|R (x, 1)|^2`, at most half the work of mapping it, and less where maps lead to fewer dimensions than there are coordinates.
    Factored(Factor),
}

impl Lengths {
    fn of(affine: &Affine, from: usize, work: &mut Work<'_>) -> Result<Self, DecideError> {
        let Some(weight) = &affine.weight else {
            return Ok(Self::Turned { scale: 1.0, shift: affine.bias.clone(), beyond: 0.0 });
        };
        let (all, to) = (from + 1, affine.bias.len());
        let rows = [weight.as_slice(), &affine.bias].concat();
        let squares = gram(View::new(&rows, to), work)?;
        let square = squares.iter().step_by(all + 1).take(from).sum::<f64>() / from.max(1) as f64;
        let is_turned = squares.chunks_exact(all).take(from).enumerate().all(|(at, row)| {
            let own = |column: usize| if column == at { square } else { 0.0 };
            row.iter().take(from).enumerate().all(|(column, number)| (number - own(column)).abs() <= TURNED * square)
        });
        if is_turned && square > 0.0 {
            let scale = square.sqrt();
            let shift = squares.chunks_exact(all).take(from).filter_map(|row| Some(row.last()? / scale));
            let shift: Vec<f64> = shift.collect();
            let beyond = (dot(&affine.bias, &affine.bias) - dot(&shift, &shift)).max(0.0);
            return Ok(Self::Turned { scale, shift, beyond });
        }
        Ok(Self::Factored(Factor::of(&squares, all, work)?))
    }

    /// Squared lengths of what these rows are mapped to, `[rows, dims]`.
    fn squares(&self, units: &[f32], dims: usize, work: &mut Work<'_>) -> Result<Vec<f64>, DecideError> {
        match self {
            Self::Turned { scale, shift, beyond } => {
                let square = |row: &[f32]| {
                    let sums = row.iter().zip(shift).map(|(&number, shift)| scale * f64::from(number) + shift);
                    beyond + sums.map(|sum| sum * sum).sum::<f64>()
                };
                let squares = units.chunks_exact(dims).map(square).collect();
                work.advance(units.len() as f64)?;
                Ok(squares)
            }
            Self::Factored(factor) => factor.squares(units, dims, work),
        }
    }
}

/// `R` with `R'R = A`, for a matrix `A` of any rank, by a Cholesky factorisation with diagonal pivoting (Higham, 1990).
struct Factor {
    /// Coordinates in the order of the pivots.
    order: Vec<usize>,
    /// `[rank, coordinates]` in that order: what lies beneath the diagonal is zero.
    rows: Vec<f32>,
}

impl Factor {
    /// Of a symmetric matrix, `[all, all]`.
    fn of(matrix: &[f64], all: usize, work: &mut Work<'_>) -> Result<Self, DecideError> {
        // What the rows that were found leave of the diagonal.
        let mut left: Vec<f64> = matrix.iter().step_by(all + 1).copied().collect();
        let least = NOTHING * left.iter().copied().fold(0.0, f64::max);
        let (mut order, mut rows): (Vec<usize>, Vec<f64>) = (Vec::new(), Vec::new());
        loop {
            let most = left.iter().copied().enumerate().max_by(|(_, a), (_, b)| a.total_cmp(b));
            let Some((pivot, square)) = most.filter(|&(_, square)| square > least) else { break };
            let mut row = matrix.get(pivot * all..(pivot + 1) * all).unwrap_or_default().to_vec();
            for before in rows.chunks_exact(all) {
                let share = before.get(pivot).copied().unwrap_or_default();
                add_scaled(&mut row, -share, before);
            }
            let scale = 1.0 / square.sqrt();
            row.iter_mut().for_each(|number| *number *= scale);
            for &before in &order {
                if let Some(number) = row.get_mut(before) {
                    *number = 0.0;
                }
            }
            left.iter_mut().zip(&row).for_each(|(left, number)| *left -= number * number);
            // No coordinate is a pivot twice.
            if let Some(left) = left.get_mut(pivot) {
                *left = f64::NEG_INFINITY;
            }
            work.advance((order.len() * all) as f64)?;
            order.push(pivot);
            rows.extend(row);
        }
        let others = (0..all).filter(|at| !order.contains(at));
        let order: Vec<usize> = order.iter().copied().chain(others).collect();
        let ordered = rows.chunks_exact(all).flat_map(|row| order.iter().filter_map(|&at| row.get(at)));
        let rows = ordered.map(|&number| number as f32).collect();
        Ok(Self { order, rows })
    }

    /// `|R (x, 1)|^2` of rows `x`, `[rows, dims]`.
    fn squares(&self, rows: &[f32], dims: usize, work: &mut Work<'_>) -> Result<Vec<f64>, DecideError> {
        let all = self.order.len();
        let (count, rank) = (rows.len() / dims, self.rows.len() / all);
        let ordered = rows.chunks_exact(dims).flat_map(|row| {
            // The last coordinate is 1.
            self.order.iter().map(|&at| row.get(at).copied().unwrap_or(1.0))
        });
        let ordered: Vec<f32> = ordered.collect();
        let (rows, factor) = (View::new(&ordered, all), View::new(&self.rows, all));
        let mut squares = vec![0.0; count];
        for start in (0..rank).step_by(COLUMNS) {
            let end = rank.min(start + COLUMNS);
            let mut mapped = vec![0.0; count * (end - start)];
            let left = rows.part(0..count, start..all);
            let right = factor.part(start..end, start..all).transposed();
            f32::add_product(Target::new(&mut mapped, end - start), left, right, 1.0, Part::All, work)?;
            for (sum, mapped) in squares.iter_mut().zip(mapped.chunks_exact(end - start)) {
                *sum += mapped.iter().map(|&number| f64::from(number).powi(2)).sum::<f64>();
            }
        }
        Ok(squares)
    }
}

/// `A B` of `A` `[rows, inner]` and `B` `[inner, to]`, both row after row.
fn composed<W: Watch>(left: &[f64], right: &[f32], to: usize, work: &mut W) -> Result<Vec<f64>, W::Error> {
    let right = widen(right);
    product(View::new(left, right.len() / to.max(1)), View::new(&right, to), work)
}

fn add(sums: &mut [f64], shift: &[f32]) {
    for (sum, &number) in sums.iter_mut().zip(shift) {
        *sum += f64::from(number);
    }
}

#[cfg(test)]
mod tests {
    use super::super::{
        Family, fit,
        testing::{noise, pairs, quiet, unit},
    };
    use super::*;

    #[test]
    fn mapped_rows_are_met_by_what_is_carried_back() {
        for (from, to) in [(12, 12), (140, 150), (9, 14), (14, 9)] {
            let (x, y) = (unit(from, &noise(from * 300, 1)), unit(to, &noise(to * 300, 2)));
            let rows: Vec<usize> = (0..300).collect();
            let pairs = pairs(&x, &y, &rows);
            for family in Family::ALL.into_iter().filter(|family| family.closed_form()) {
                let map = fit(family, &pairs, 0, &mut quiet).unwrap();
                let affine = Affine::of_units(&map, &mut quiet).unwrap().unwrap();
                let (back, offsets) = affine.back(&y, &mut quiet).unwrap();
                let scales = affine.scales(&x, &mut quiet).unwrap();
                let mapped = map.apply(&x, &mut quiet).unwrap();
                for (row, (mapped, &scale)) in mapped.unit().rows().zip(mapped.rows()).zip(&scales).enumerate() {
                    let (unit, whole) = mapped;
                    let length = dot(whole, whole).sqrt();
                    assert!((scale * length - 1.0).abs() < 1e-4, "{family:?} {from} to {to}: {scale} {length}");
                    let query = (row * 7) % 300;
                    let expected = dot(unit, y.row(query));
                    let found = (dot(x.row(row), back.row(query)) + offsets[query]) * scale;
                    assert!((found - expected).abs() < 1e-5, "{family:?} {from} to {to}: {found} {expected}");
                }
            }
        }
    }

    #[test]
    fn a_factor_has_the_rank_of_its_matrix() {
        let mut work = quiet;
        let mut work = Work::start(&mut work, 1.0).unwrap();
        for rank in [1, 3, 12] {
            // Rows of 12 numbers that lie in so many directions.
            let numbers = noise(12 * rank, rank as u64);
            let square = |a: usize, b: usize| -> f64 {
                (0..rank).map(|at| numbers[a * rank + at] * numbers[b * rank + at]).sum()
            };
            let matrix: Vec<f64> = (0..144).map(|at| square(at / 12, at % 12)).collect();
            let factor = Factor::of(&matrix, 12, &mut work).unwrap();
            assert_eq!(factor.rows.len(), rank * 12);
            let x: Vec<f32> = noise(11, 9).iter().map(|&number| number as f32).collect();
            let whole = |at: usize| x.get(at).copied().map_or(1.0, f64::from);
            let expected: f64 = (0..144).map(|at| whole(at / 12) * matrix[at] * whole(at % 12)).sum();
            let found = factor.squares(&x, 11, &mut work).unwrap()[0];
            assert!((found / expected - 1.0).abs() < 1e-5, "{rank}: {found} {expected}");
        }
        let none = Factor::of(&[0.0; 9], 3, &mut work).unwrap();
        assert_eq!(none.squares(&[1.0, 2.0], 2, &mut work).unwrap(), [0.0]);
    }

    #[test]
    fn what_is_not_affine_is_none() {
        let map = |steps| Map { family: Family::Mlp, from: 2, to: 2, steps, fitted: super::super::Fitted::default() };
        assert!(
            Affine::of_units(&map(vec![Step::Normalize, Step::Add(vec![1.0, 2.0])]), &mut quiet).unwrap().is_some()
        );
        for steps in [
            vec![Step::Add(vec![1.0, 2.0])],
            vec![Step::Normalize, Step::Gelu],
            vec![Step::Normalize, Step::Residual(vec![Step::Add(vec![0.0; 2])])],
        ] {
            assert_eq!(Affine::of_units(&map(steps), &mut quiet), Ok(None));
        }
    }

    #[test]
    fn a_row_that_is_mapped_to_zeros_has_no_scale() {
        let steps = vec![Step::Normalize, Step::Add(vec![-1.0, 0.0])];
        let map = Map { family: Family::Translation, from: 2, to: 2, steps, fitted: super::super::Fitted::default() };
        let rows = Vectors::new(2, vec![3.0, 0.0, 0.0, 1.0]).unwrap();
        let scales = Affine::of_units(&map, &mut quiet).unwrap().unwrap().scales(&rows, &mut quiet).unwrap();
        assert_eq!(scales, [0.0, 0.5_f32.sqrt()]);
    }
}
