//! Whether one model's rows stand some places further down than the other's.
//!
//! One row that is lost in one file moves all after it, so that each vector is compared with its neighbour's. A sample cannot show that.
//! Here a run of consecutive rows at either end is looked at: how many neighbours within the run agree when one model's rows are moved
//! by -50 to 50.

use super::{
    likeness::{Chance, neighbours, neighbours_of, shared},
    rows::{Rows, part, share},
};
use crate::{DecideError, Pulse, Vectors};

/// Rows that a shift is looked for within.
const FARTHEST: isize = 50;
/// Least and most rows of a run. It is a third of all rows within these, so that the two runs are apart where there are rows enough.
const RUN: (usize, usize) = (120, 400);
/// Fewer rows show no shift.
const LEAST: usize = 40;

/// What a shift has to gain over the rows as they stand.
///
/// In agreement it is a twentieth, of which hubs that happen to coincide fall short once rows are centred. In standard errors of the gain
/// (over rows) it is six: about a hundred shifts are tried in two places, rows share neighbours, and a wrong alarm refuses good vectors.
const GAIN: (f64, f64) = (0.05, 6.0);

/// A run of rows: how alike it is as it stands, and when shifted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Run {
    /// Its first row.
    pub(super) start: usize,
    /// How many rows it has.
    pub(super) rows: usize,
    /// Agreement of the rows as they stand.
    pub(super) as_is: f64,
    /// What chance reaches.
    pub(super) chance: Chance,
    /// The shift with the best agreement, where that is clearly better than the rows as they stand, with its agreement: row `i` of the
    /// old model belongs to row `i + shift` of the new one.
    pub(super) shifted: Option<(isize, f64)>,
}

impl Run {
    /// The shift by which its rows belong together: 0 as they stand; `None` where no shift does.
    pub(super) fn place(&self) -> Option<isize> {
        self.shifted.map(|(shift, _)| shift).or((self.as_is > self.chance.bound).then_some(0))
    }

    fn look(old: &Vectors, new: &Vectors, start: usize, rows: usize, pulse: Pulse<'_>) -> Result<Self, DecideError> {
        let lists = Lists::of(old, new, start, rows, pulse)?;
        let as_is = lists.agreement(0);
        let reach = FARTHEST.min((rows / 2).cast_signed());
        let mut best = (0, as_is);
        // The nearest first, so that of equals it stays.
        for shift in (1..=reach).flat_map(|shift| [shift, -shift]) {
            let agreement = lists.agreement(shift);
            if agreement > best.1 {
                best = (shift, agreement);
            }
        }
        let chance = Chance::of(rows, lists.k);
        let clear = best.0 != 0 && best.1 > chance.bound && best.1 - as_is >= GAIN.0 && lists.errors(best.0) >= GAIN.1;
        Ok(Self { start, rows, as_is, chance, shifted: clear.then_some(best) })
    }
}

/// The run at the beginning and the one at the end (the same where there are few rows); `None` with too few rows to tell.
pub(super) fn runs(old: &Vectors, new: &Vectors, pulse: Pulse<'_>) -> Result<Option<[Run; 2]>, DecideError> {
    let count = old.count().min(new.count());
    if count < LEAST {
        return Ok(None);
    }
    let rows = (count / 3).clamp(RUN.0, RUN.1).min(count);
    let first = Run::look(old, new, 0, rows, &mut part(pulse, 0.0, 0.5))?;
    let start = count - rows;
    if start == 0 {
        return Ok(Some([first; 2]));
    }
    Ok(Some([first, Run::look(old, new, start, rows, &mut part(pulse, 0.5, 1.0))?]))
}

/// About where rows stop belonging together by the first shift and begin to by the second, which differs: found by halving.
pub(super) fn turn(
    old: &Vectors,
    new: &Vectors,
    (first, last): (Run, Run),
    shifts: (isize, isize),
    pulse: Pulse<'_>,
) -> Result<usize, DecideError> {
    let count = old.count().min(new.count());
    let rows = RUN.0.min(count);
    let (mut low, mut high) = (first.start + first.rows / 2, last.start + last.rows / 2);
    while high.saturating_sub(low) > 20 {
        let middle = usize::midpoint(low, high);
        let start = middle.saturating_sub(rows / 2).min(count - rows);
        let lists = Lists::of(old, new, start, rows, pulse)?;
        if lists.agreement(shifts.0) >= lists.agreement(shifts.1) {
            low = middle;
        } else {
            high = middle;
        }
    }
    Ok(usize::midpoint(low, high))
}

/// The nearest rows of each row of a run, within the run, for both models.
struct Lists {
    old: Vec<Vec<usize>>,
    new: Vec<Vec<usize>>,
    k: usize,
}

impl Lists {
    fn of(old: &Vectors, new: &Vectors, start: usize, rows: usize, pulse: Pulse<'_>) -> Result<Self, DecideError> {
        let k = neighbours_of(rows);
        let mut nearest = |vectors: &Vectors| -> Result<Vec<Vec<usize>>, DecideError> {
            // Without their mean, since rows near it are hubs: neighbours of nearly all others.
            let rows = Rows::unit(vectors, start..start + rows).centred().normalised();
            Ok(neighbours(&rows.products(&mut |_| pulse(0.0))?, k))
        };
        Ok(Self { old: nearest(old)?, new: nearest(new)?, k })
    }

    /// Of each row that has a counterpart at this shift, by place: how many neighbours the two share.
    fn shared(&self, shift: isize) -> impl Iterator<Item = (usize, usize)> {
        let (skip_old, skip_new) = if shift < 0 { (shift.unsigned_abs(), 0) } else { (0, shift.unsigned_abs()) };
        let pairs = self.old.iter().enumerate().skip(skip_old).zip(self.new.iter().skip(skip_new));
        pairs.map(move |((row, old), new)| (row, shared(old, new, shift)))
    }

    /// Mean share of neighbours that agree. Those beyond the run's end count as not agreeing.
    fn agreement(&self, shift: isize) -> f64 {
        let (rows, total) = self.shared(shift).fold((0, 0), |(rows, total), (_, shared)| (rows + 1, total + shared));
        share(total, self.k * rows)
    }

    /// The mean gain of a row by this shift, in standard errors.
    fn errors(&self, shift: isize) -> f64 {
        let as_is: Vec<usize> = self.shared(0).map(|(_, shared)| shared).collect();
        let gain = |(row, shared): (usize, usize)| shared as f64 - as_is.get(row).copied().unwrap_or(0) as f64;
        let gains: Vec<f64> = self.shared(shift).map(gain).collect();
        let count = gains.len() as f64;
        if count < 2.0 {
            return 0.0;
        }
        let mean = gains.iter().sum::<f64>() / count;
        let variance = gains.iter().map(|gain| (gain - mean) * (gain - mean)).sum::<f64>() / (count - 1.0);
        match variance > 0.0 {
            true => mean / (variance / count).sqrt(),
            // All rows gain the same.
            false if mean > 0.0 => f64::INFINITY,
            false => 0.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::made::{go_on, noise, rotated, stop};

    /// The new model's rows stand `shift` places further down; what they leave is filled with others.
    fn moved(old: &Vectors, shift: isize) -> Vectors {
        let count = old.count().cast_signed();
        let order: Vec<usize> = (0..count).map(|row| (row - shift).rem_euclid(count).cast_unsigned()).collect();
        rotated(&old.select(&order), 7)
    }

    #[test]
    fn the_shift_is_found_with_its_sign() {
        let old = noise(600, 12, 3);
        for shift in [1, -1, 3, -17, 50] {
            let [first, last] = runs(&old, &moved(&old, shift), &mut go_on).unwrap().unwrap();
            assert_eq!((first.start, first.rows, last.start, last.rows), (0, 200, 400, 200));
            for run in [first, last] {
                assert_eq!(run.place(), Some(shift));
                assert!(run.as_is < run.chance.bound && run.shifted.unwrap().1 > 0.5, "{run:?}");
            }
        }
        let [first, last] = runs(&old, &moved(&old, 0), &mut go_on).unwrap().unwrap();
        assert_eq!((first.place(), last.place(), first.shifted), (Some(0), Some(0), None));
        assert!(first.as_is > 0.99);
        // Beyond what is tried, and of nothing in common.
        let [first, last] = runs(&old, &moved(&old, 90), &mut go_on).unwrap().unwrap();
        assert_eq!((first.place(), last.place()), (None, None));
        let [first, last] = runs(&old, &noise(600, 12, 99), &mut go_on).unwrap().unwrap();
        assert_eq!((first.place(), last.place()), (None, None));
    }

    #[test]
    fn one_lost_row_is_found_with_its_place() {
        let old = noise(900, 12, 5);
        let order: Vec<usize> = (0..900).map(|row| if row < 520 { row } else { (row + 1) % 900 }).collect();
        let new = rotated(&old.select(&order), 2);
        let [first, last] = runs(&old, &new, &mut go_on).unwrap().unwrap();
        assert_eq!((first.place(), last.place()), (Some(0), Some(-1)));
        let turn = turn(&old, &new, (first, last), (0, -1), &mut go_on).unwrap();
        assert!(turn.abs_diff(520) <= 40, "{turn}");
    }

    #[test]
    fn few_rows_are_one_run_or_none() {
        let old = noise(60, 6, 1);
        let [first, last] = runs(&old, &moved(&old, 2), &mut go_on).unwrap().unwrap();
        assert_eq!((first, first.rows, first.place()), (last, 60, Some(2)));
        let few = noise(39, 6, 1);
        assert_eq!(runs(&few, &few, &mut go_on), Ok(None));
    }

    #[test]
    fn equal_rows_and_copies_are_not_taken_for_a_shift() {
        let same = Vectors::new(3, vec![0.5; 3 * 200]).unwrap();
        let [first, _] = runs(&same, &same, &mut go_on).unwrap().unwrap();
        assert_eq!(first.shifted, None);
        // Every row three times.
        let thrice: Vec<usize> = (0..600).map(|row| row / 3).collect();
        let old = noise(200, 8, 4).select(&thrice);
        let [first, last] = runs(&old, &rotated(&old, 3), &mut go_on).unwrap().unwrap();
        assert_eq!((first.place(), last.place()), (Some(0), Some(0)));
    }

    #[test]
    fn what_is_cancelled_stops() {
        let old = noise(200, 4, 1);
        assert_eq!(runs(&old, &old, &mut stop), Err(DecideError::Cancelled));
    }
}
