//! Whether row `i` of one model and row `i` of the other are of the same document.

use super::{
    Finding, Pairing, PairingVerdict, Severity,
    likeness::{Chance, agreement, debiased_cka, neighbours, neighbours_of},
    rows::{Rows, is_zero, part, sample},
    shift::{Run, runs, turn},
    words::{decimal, percent},
};
use crate::{DecideError, Pulse, Vectors};

/// Rows that are sampled.
const ROWS: usize = 1000;
/// Fewer rows could not be told from chance.
const LEAST: usize = 20;

/// Debiased CKA of unrelated rows stays below this over the number of rows.
///
/// It is then a weighted mean of squared correlations between principal components, less their mean under chance. Each is about a
/// chi-squared number of one degree over the number of rows, and even where one component is all there is, that exceeds 12 once in 2,000
/// times.
const CKA_CHANCE: f64 = 11.0;

/// Rows are called paired from this agreement above chance on, as a share of what is possible above it.
///
/// Models that see the same things share more: even of a vision and a language model, which see pictures and their captions, the best
/// pairs share 16 % of 10 neighbours among 1,024 (Huh et al., 2024, "The Platonic Representation Hypothesis"), where chance has 1 %.
const CLEARLY: f64 = 0.05;

/// One run of rows is paired and another is not, from this much agreement of the first above what chance reaches.
const APART: f64 = 0.1;

/// Whose rows are compared.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pair<'a> {
    pub(super) old: (&'a str, &'a Vectors),
    pub(super) new: (&'a str, &'a Vectors),
    /// Documents or queries.
    pub(super) what: &'a str,
    /// Whether ids joined the rows, so that whoever handed them in has said that they belong together.
    pub(super) with_ids: bool,
}

/// Everything that was measured of a pair.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Measured {
    rows: usize,
    k: usize,
    cka: f64,
    neighbours: f64,
    chance: Chance,
}

impl Measured {
    /// What the sample says by itself.
    ///
    /// Paired: neighbours agree clearly more than by chance, and CKA is above chance as well. Unrelated: neither is above chance.
    /// Between them the two disagree (rows in the order of their topics, say, that stand in another order within each), or the likeness
    /// is so weak that either model could simply see little in these rows.
    fn verdict(&self) -> PairingVerdict {
        let Chance { level, bound } = self.chance;
        let cka = self.cka > CKA_CHANCE / self.rows as f64;
        let agree = self.neighbours > bound;
        let clearly = self.neighbours - level >= CLEARLY * (1.0 - level);
        match (agree && clearly && cka, agree || cka) {
            (true, _) => PairingVerdict::Paired,
            (false, true) => PairingVerdict::Unsure,
            (false, false) => PairingVerdict::Unrelated,
        }
    }

    fn sentence(&self, what: &str) -> String {
        format!(
            "on {} rows, {} of the {} nearest {what} of each are the same under both models ({} by chance), and \
             debiased CKA is {} (0 by chance, at most 1)",
            self.rows,
            percent(self.neighbours),
            self.k,
            percent(self.chance.level),
            decimal(self.cka)
        )
    }
}

/// Compares the rows of a pair. There is no pairing, only a note, where it cannot be measured.
pub(super) fn pairing(pair: Pair<'_>, pulse: Pulse<'_>) -> Result<(Option<Pairing>, Finding), DecideError> {
    let Pair { old: (old_name, old), new: (new_name, new), what, .. } = pair;
    let count = old.count().min(new.count());
    let both: Vec<usize> = (0..count).filter(|&row| !is_zero(old.row(row)) && !is_zero(new.row(row))).collect();
    let note = |why: &str| {
        let sentence = format!(
            "Whether the {what} of {old_name} and {new_name} belong together row by row was not checked: {why}."
        );
        Ok((None, Finding { severity: Severity::Note, sentence, rows: Vec::new() }))
    };
    if both.len() < LEAST {
        return note(&format!("it takes at least {LEAST} {what} that are not all zeros"));
    }
    let Some(measured) = measured(old, new, &sample(&both, ROWS), &mut part(pulse, 0.0, 0.6))? else {
        return note("under one of them all rows are alike");
    };
    let runs = runs(old, new, &mut part(pulse, 0.6, 0.9))?;
    let found = judged(&measured, runs);
    let pairing = Pairing {
        cka: measured.cka,
        neighbours: measured.neighbours,
        chance: measured.chance.level,
        best_shift: found.shift().map(|shift| shift as i64),
        verdict: found.verdict(),
    };
    let turns = match found {
        Found::Shifted { first, last, from: Some(from), to } if first.start < last.start => {
            Some(turn(old, new, (first, last), (from, to), &mut part(pulse, 0.9, 1.0))?)
        }
        _ => None,
    };
    let sentence = sentence(pair, &measured, found, turns);
    Ok((Some(pairing), Finding { severity: severity(pairing.verdict, pair.with_ids), sentence, rows: Vec::new() }))
}

/// Measures these rows; `None` where the rows of one model do not vary.
fn measured(old: &Vectors, new: &Vectors, rows: &[usize], pulse: Pulse<'_>) -> Result<Option<Measured>, DecideError> {
    let x = Rows::unit(old, rows.iter().copied()).products(&mut part(pulse, 0.0, 0.5))?;
    let y = Rows::unit(new, rows.iter().copied()).products(&mut part(pulse, 0.5, 1.0))?;
    let k = neighbours_of(rows.len());
    let neighbours = agreement(&neighbours(&x, k), &neighbours(&y, k), k);
    let chance = Chance::of(rows.len(), k);
    Ok(debiased_cka(&x, &y).map(|cka| Measured { rows: rows.len(), k, cka, neighbours, chance }))
}

/// What sample and runs say together.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Found {
    /// No shift explains anything: the sample's own verdict.
    Sample(PairingVerdict),
    /// The rows of one end belong together and those of the other do not, by any shift that was tried.
    Half { paired: Run, other: Run },
    /// Rows belong together by `to`, and at the beginning by `from` where that is another shift.
    Shifted { first: Run, last: Run, from: Option<isize>, to: isize },
}

impl Found {
    fn verdict(self) -> PairingVerdict {
        match self {
            Self::Sample(verdict) => verdict,
            Self::Half { .. } => PairingVerdict::Unsure,
            Self::Shifted { .. } => PairingVerdict::Shifted,
        }
    }

    /// The shift of the rows that do not belong together as they stand.
    fn shift(self) -> Option<isize> {
        match self {
            Self::Shifted { to: 0, from, .. } => from,
            Self::Shifted { to, .. } => Some(to),
            Self::Sample(_) | Self::Half { .. } => None,
        }
    }
}

fn judged(measured: &Measured, runs: Option<[Run; 2]>) -> Found {
    let sample = measured.verdict();
    let Some([first, last]) = runs else { return Found::Sample(sample) };
    match (first.place(), last.place()) {
        (Some(0) | None, Some(0) | None) => {
            let apart =
                |paired: Run, other: Run| paired.as_is >= paired.chance.bound + APART && other.place().is_none();
            if sample == PairingVerdict::Unrelated {
                Found::Sample(sample)
            } else if apart(first, last) {
                Found::Half { paired: first, other: last }
            } else if apart(last, first) {
                Found::Half { paired: last, other: first }
            } else {
                Found::Sample(sample)
            }
        }
        (Some(from), Some(to)) => Found::Shifted { first, last, from: (from != to).then_some(from), to },
        (Some(to), None) | (None, Some(to)) => Found::Shifted { first, last, from: None, to },
    }
}

fn severity(verdict: PairingVerdict, with_ids: bool) -> Severity {
    match (verdict, with_ids) {
        (PairingVerdict::Paired, _) | (PairingVerdict::Unsure, true) => Severity::Note,
        (PairingVerdict::Unsure, false) | (_, true) => Severity::Warning,
        (PairingVerdict::Unrelated | PairingVerdict::Shifted, false) => Severity::Refusal,
    }
}

/// What was measured, what it means and what to do.
fn sentence(pair: Pair<'_>, measured: &Measured, found: Found, turns: Option<usize>) -> String {
    let Pair { old: (old, _), new: (new, _), what, with_ids } = pair;
    let numbers = measured.sentence(what);
    let remedy = match with_ids {
        true => "The rows were joined by ids, so check that the ids of each model are those of its vectors.",
        false => "Hand in ids beside the vectors, or vectors in the same order.",
    };
    match found {
        Found::Sample(PairingVerdict::Paired) => {
            format!("Row by row the {what} of {old} and {new} belong together: {numbers}.")
        }
        Found::Sample(PairingVerdict::Unrelated) => format!(
            "Row by row the {what} of {old} and {new} have nothing to do with one another: {numbers}. They stand in \
             another order or are of other {what}, and nothing measured on them would mean anything. {remedy}"
        ),
        Found::Sample(_) => format!(
            "It is not sure that the {what} of {old} and {new} belong together row by row: {numbers}. Either one of \
             the models sees little in them, or some stand in another order. {remedy}"
        ),
        Found::Half { paired, other } => format!(
            "It is not sure that the {what} of {old} and {new} belong together row by row: {numbers}; but in rows {} \
             neighbours agree for {}, and in rows {} for {}, no more than by chance, and no shift of up to 50 rows \
             mends it. Part of them may stand in another order. {remedy}",
            range(paired),
            percent(paired.as_is),
            range(other),
            percent(other.as_is)
        ),
        Found::Shifted { first, last, from, to } => {
            // Where both runs are shifted, the last shows what the rows came to.
            let run = if last.shifted.is_some() { last } else { first };
            let agreement = run.shifted.map_or(run.as_is, |(_, agreement)| agreement);
            let gain = format!(
                "in rows {} neighbours then agree for {} instead of {} ({} by chance)",
                range(run),
                percent(agreement),
                percent(run.as_is),
                percent(run.chance.level)
            );
            let belongs = |shift: isize| match shift {
                0 => "each row belongs to its counterpart".to_owned(),
                1.. => format!("row i of {old} belongs to row i + {shift} of {new}"),
                _ => format!("row i of {old} belongs to row i - {} of {new}", shift.unsigned_abs()),
            };
            let place = turns.map_or_else(String::new, |row| format!(" (about row {row})"));
            let (how, why) = match from {
                Some(from) => (
                    format!("at the beginning {}, and from some place on{place} {}", belongs(from), belongs(to)),
                    format!("{} lost or added there in one of the files", rows_were(to - from)),
                ),
                None => (belongs(to), format!("{} lost or added before them in one of the files", rows_were(to))),
            };
            format!(
                "The {what} of {old} and {new} are shifted against one another: {how}; {gain}. {why}, so that vectors \
                 of different {what} would be compared. {remedy}"
            )
        }
    }
}

fn range(run: Run) -> String {
    format!("{} to {}", run.start, (run.start + run.rows).saturating_sub(1))
}

fn rows_were(shift: isize) -> String {
    match shift.unsigned_abs() {
        1 => "One row was".to_owned(),
        rows => format!("{rows} rows were"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measured(cka: f64, neighbours: f64) -> Measured {
        Measured { rows: 1000, k: 10, cka, neighbours, chance: Chance::of(1000, 10) }
    }

    fn run(start: usize, as_is: f64, shifted: Option<(isize, f64)>) -> Run {
        Run { start, rows: 400, as_is, chance: Chance::of(400, 10), shifted }
    }

    #[test]
    fn both_numbers_make_the_verdict() {
        use PairingVerdict::{Paired, Unrelated, Unsure};
        let verdict = |cka, neighbours| measured(cka, neighbours).verdict();
        assert_eq!([verdict(0.2, 0.12), verdict(0.02, 0.061)], [Paired; 2]);
        assert_eq!([verdict(0.005, 0.012), verdict(-0.01, 0.018)], [Unrelated; 2]);
        // One without the other, and both just above chance.
        assert_eq!([verdict(0.6, 0.015), verdict(0.005, 0.3), verdict(0.02, 0.03)], [Unsure; 3]);
    }

    #[test]
    fn runs_tell_shifts_and_halves() {
        let good = measured(0.3, 0.2);
        let as_it_is = |start| run(start, 0.4, None);
        assert_eq!(judged(&good, None), Found::Sample(PairingVerdict::Paired));
        assert_eq!(judged(&good, Some([as_it_is(0), as_it_is(600)])), Found::Sample(PairingVerdict::Paired));
        let nothing = run(600, 0.02, None);
        let half = judged(&good, Some([as_it_is(0), nothing]));
        assert_eq!(half, Found::Half { paired: as_it_is(0), other: nothing });
        assert_eq!((half.verdict(), half.shift()), (PairingVerdict::Unsure, None));
        // A faint first run is no reason to doubt the last, nor is anything to doubt where the sample has nothing.
        let faint = run(0, 0.1, None);
        assert_eq!(judged(&good, Some([faint, nothing])), Found::Sample(PairingVerdict::Paired));
        let bad = measured(0.0, 0.01);
        assert_eq!(judged(&bad, Some([as_it_is(0), nothing])), Found::Sample(PairingVerdict::Unrelated));
        // Shifted throughout, from a place on, up to a place, and at one end alone.
        let moved = |start, shift| run(start, 0.02, Some((shift, 0.4)));
        let shift = |first, last| {
            let found = judged(&good, Some([first, last]));
            assert_eq!(found.verdict(), PairingVerdict::Shifted);
            found.shift()
        };
        assert_eq!(shift(moved(0, -1), moved(600, -1)), Some(-1));
        assert_eq!(shift(as_it_is(0), moved(600, -1)), Some(-1));
        assert_eq!(shift(moved(0, 2), as_it_is(600)), Some(2));
        assert_eq!(shift(moved(0, 2), moved(600, 3)), Some(3));
        assert_eq!(shift(nothing, moved(600, 3)), Some(3));
    }

    #[test]
    fn ids_turn_refusals_into_warnings() {
        use PairingVerdict::{Paired, Shifted, Unrelated, Unsure};
        let all = [Paired, Unsure, Unrelated, Shifted];
        let without = [Severity::Note, Severity::Warning, Severity::Refusal, Severity::Refusal];
        assert_eq!(all.map(|verdict| severity(verdict, false)), without);
        let with = [Severity::Note, Severity::Note, Severity::Warning, Severity::Warning];
        assert_eq!(all.map(|verdict| severity(verdict, true)), with);
    }
}
