//! Sequences that are easy to answer for whoever keeps a state, and impossible for whoever cannot: parity, counting modulo 3 and the word
//! problem of the permutations of three things.
//!
//! They are the tasks by which linear recurrences are told apart (Grazzi et al., 2025): eigenvalues in 0..=1 cannot follow parity,
//! triangular transitions with real eigenvalues cannot count modulo 3, and products of reflections follow all permutations.

mod world;

pub use world::{ASKED, COUNT_MOD_THREE, LONGEST, PARITY, PERMUTATIONS, SHORTEST};

use crate::{DataError, Rng};

/// Longest sequence.
pub const MAX_LENGTH: u16 = 1024;

/// What has to be followed along a sequence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Tracking {
    /// Symbols 0 and 1; the state is the number of ones so far modulo 2.
    Parity,
    /// Symbols 0 and 1; the state is the number of ones so far modulo 3.
    CountModThree,
    /// Symbols are the six permutations of three things; the state is what all so far make of the order 0, 1, 2.
    Permutations,
}

/// The permutations of three things, in the order of their symbols: thing `i` goes to place `ORDERS[symbol][i]`. Number 0 leaves all
/// in their places.
const ORDERS: [[usize; 3]; 6] = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];

/// Sequences of one width with the state after every symbol.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sequences {
    /// Symbols in a row, the longest length that was asked for.
    pub width: usize,
    /// `[sequences, width]` row-major. After its end a sequence is filled up with [`Tracking::pad`].
    pub tokens: Vec<u16>,
    /// `[sequences, width]` row-major: the state once the symbol in the same place was read. After its end a sequence has
    /// [`Tracking::states`] there, which is no state: nothing is asked.
    pub targets: Vec<u16>,
    /// Length of each sequence without what fills it up.
    pub lengths: Vec<usize>,
}

impl Tracking {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Parity, Self::CountModThree, Self::Permutations];

    /// Stable identifier, as in scenarios.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::Parity => "parity",
            Self::CountModThree => "count-mod-3",
            Self::Permutations => "permutations-s3",
        }
    }

    /// Name for people.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Parity => "Parity",
            Self::CountModThree => "Counting modulo 3",
            Self::Permutations => "Permutations of three things (S3)",
        }
    }

    /// What is asked, in one sentence.
    #[must_use]
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Parity => "Is the number of ones so far even or odd?",
            Self::CountModThree => "What does the number of ones so far leave when divided by 3?",
            Self::Permutations => "In which of six orders are three things after all swaps so far?",
        }
    }

    /// Number of symbols, each as likely as the others.
    #[must_use]
    pub fn symbols(self) -> u16 {
        match self {
            Self::Parity | Self::CountModThree => 2,
            Self::Permutations => 6,
        }
    }

    /// The token after the end of a sequence, the one after the symbols.
    #[must_use]
    pub fn pad(self) -> u16 {
        self.symbols()
    }

    /// Number of different tokens: the symbols and [`pad`](Self::pad).
    #[must_use]
    pub fn vocabulary(self) -> u16 {
        self.symbols() + 1
    }

    /// Number of states; they are the classes to be predicted. Every sequence starts from state 0.
    #[must_use]
    pub fn states(self) -> u16 {
        match self {
            Self::Parity => 2,
            Self::CountModThree => 3,
            Self::Permutations => 6,
        }
    }

    /// A name of every state.
    #[must_use]
    pub fn state_names(self) -> Vec<String> {
        match self {
            Self::Parity => ["even", "odd"].map(str::to_owned).into(),
            Self::CountModThree => ["0 left", "1 left", "2 left"].map(str::to_owned).into(),
            // Where things 0, 1 and 2 are.
            Self::Permutations => ORDERS.map(|[first, second, third]| format!("{first}{second}{third}")).into(),
        }
    }

    /// The state after `symbol` was read in `state`; none when there is no such state or symbol.
    ///
    /// A permutation is applied after those before it: thing `i`, which the state has put in place `s[i]`, goes to `p[s[i]]`.
    #[must_use]
    pub fn next(self, state: u16, symbol: u16) -> Option<u16> {
        if state >= self.states() || symbol >= self.symbols() {
            return None;
        }
        if self != Self::Permutations {
            return Some((state + symbol) % self.states());
        }
        let moves = ORDERS.get(usize::from(symbol))?;
        let [first, second, third] = *ORDERS.get(usize::from(state))?;
        let order = [*moves.get(first)?, *moves.get(second)?, *moves.get(third)?];
        (0..).zip(ORDERS).find(|(_, permutation)| *permutation == order).map(|(state, _)| state)
    }

    /// `count` sequences, their lengths uniform over `shortest..=longest`, their symbols uniform and independent. With both lengths equal
    /// all are of that length.
    ///
    /// # Errors
    /// `longest` is not in 1 to [`MAX_LENGTH`], or `shortest` not in 1 to `longest`.
    pub fn sequences(self, count: usize, shortest: u16, longest: u16, stream: &Rng) -> Result<Sequences, DataError> {
        DataError::check_range("the longest length", longest.into(), 1.0, MAX_LENGTH.into())?;
        DataError::check_range("the shortest length", shortest.into(), 1.0, longest.into())?;
        let width = usize::from(longest);
        let size = count.saturating_mul(width);
        let (mut tokens, mut targets) = (Vec::with_capacity(size), Vec::with_capacity(size));
        let mut lengths = Vec::with_capacity(count);
        for item in 0..count as u64 {
            let mut rng = stream.substream(item);
            let length = below(&mut rng, longest - shortest + 1) + shortest;
            let mut state = 0;
            for _ in 0..length {
                let symbol = below(&mut rng, self.symbols());
                // Both are known, so there always is a next state.
                state = self.next(state, symbol).unwrap_or(state);
                tokens.push(symbol);
                targets.push(state);
            }
            let rest = usize::from(longest - length);
            tokens.extend(std::iter::repeat_n(self.pad(), rest));
            targets.extend(std::iter::repeat_n(self.states(), rest));
            lengths.push(usize::from(length));
        }
        Ok(Sequences { width, tokens, targets, lengths })
    }
}

/// A number uniform over `0..end`; `end` is at least 1.
fn below(rng: &mut Rng, end: u16) -> u16 {
    u16::try_from(rng.integer(0, i32::from(end) - 1)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use proptest::prelude::*;

    use super::*;
    use crate::Seed;

    fn states(task: Tracking, symbols: &[u16]) -> Vec<u16> {
        let step = |state: &mut u16, &symbol: &u16| {
            *state = task.next(*state, symbol).unwrap();
            Some(*state)
        };
        symbols.iter().scan(0, step).collect()
    }

    #[test]
    fn states_by_hand() {
        assert_eq!(states(Tracking::Parity, &[1, 0, 1, 1, 0, 1]), [1, 1, 0, 1, 1, 0]);
        assert_eq!(states(Tracking::CountModThree, &[1, 1, 0, 1, 1]), [1, 2, 2, 0, 1]);
        // Swap the last two places, then the first two: thing 0 goes to 1, thing 1 over 2 to 2, thing 2 over 1 to 0.
        assert_eq!(states(Tracking::Permutations, &[1, 2]), [1, 3]);
        assert_eq!(states(Tracking::Permutations, &[2, 1]), [2, 4], "the other way round it differs");
        // A turn of all three is over after three of them.
        assert_eq!(states(Tracking::Permutations, &[3, 3, 3]), [3, 4, 0]);
    }

    #[test]
    fn permutations_are_a_group_that_does_not_commute() {
        let next = |state, symbol| Tracking::Permutations.next(state, symbol).unwrap();
        for a in 0..6 {
            assert_eq!((next(a, 0), next(0, a)), (a, a), "number 0 changes nothing");
            let mut reached: Vec<u16> = (0..6).map(|b| next(a, b)).collect();
            reached.sort_unstable();
            assert_eq!(reached, [0, 1, 2, 3, 4, 5], "every state is one step away");
            for (b, c) in (0..6).flat_map(|b| (0..6).map(move |c| (b, c))) {
                assert_eq!(next(next(a, b), c), next(a, next(b, c)));
            }
        }
        assert!((0..6).any(|a| (0..6).any(|b| next(a, b) != next(b, a))));
    }

    #[test]
    fn sizes_and_words_of_every_task() {
        let sizes = Tracking::ALL.map(|task| (task.symbols(), task.pad(), task.vocabulary(), task.states()));
        assert_eq!(sizes, [(2, 2, 3, 2), (2, 2, 3, 3), (6, 6, 7, 6)]);
        for task in Tracking::ALL {
            assert_eq!(task.state_names().len(), usize::from(task.states()));
            assert!(task.sentence().ends_with('?') && !task.name().is_empty());
            assert_eq!((task.next(0, task.pad()), task.next(task.states(), 0)), (None, None));
        }
    }

    #[test]
    fn symbols_lengths_and_states_are_all_as_likely() {
        let found = Tracking::Permutations.sequences(6000, 3, 5, &Seed(1).stream("s3")).unwrap();
        let share = |count: usize, of: usize| count as f64 / of as f64;
        for length in 3..=5 {
            // Five standard errors.
            let count = found.lengths.iter().filter(|&&found| found == length).count();
            assert!((share(count, 6000) - 1.0 / 3.0).abs() < 0.031);
        }
        for state in 0..6 {
            let count = found.targets.chunks_exact(5).filter(|row| row[2] == state).count();
            assert!((share(count, 6000) - 1.0 / 6.0).abs() < 0.025);
        }
    }

    #[test]
    fn lengths_out_of_range_are_refused() {
        let refused = |shortest, longest| {
            Tracking::Parity.sequences(1, shortest, longest, &Seed(1).stream("")).unwrap_err().to_string()
        };
        assert_eq!(refused(1, 0), "the longest length is 0; choose 1 to 1024");
        assert_eq!(refused(9, 8), "the shortest length is 9; choose 1 to 8");
        assert_eq!(refused(0, 8), "the shortest length is 0; choose 1 to 8");
        assert!(refused(1, 1025).starts_with("the longest length is 1025"));
    }

    proptest! {
        #[test]
        fn sequences_are_rows_of_one_width_that_end_in_pads(
            task in 0_usize..3, count in 0_usize..20, (shortest, more) in (1_u16..20, 0_u16..20), seed: u64,
        ) {
            let (task, longest) = (Tracking::ALL[task], shortest + more);
            let make = |count| task.sequences(count, shortest, longest, &Seed(seed).stream("sequences")).unwrap();
            let found = make(count);
            prop_assert_eq!((found.width, found.lengths.len()), (usize::from(longest), count));
            prop_assert_eq!((found.tokens.len(), found.targets.len()), (count * found.width, count * found.width));
            let rows = found.tokens.chunks_exact(found.width).zip(found.targets.chunks_exact(found.width));
            for ((tokens, targets), &length) in rows.zip(&found.lengths) {
                prop_assert!((usize::from(shortest)..=usize::from(longest)).contains(&length));
                prop_assert_eq!(&states(task, &tokens[..length]), &targets[..length]);
                prop_assert!(tokens[length..].iter().all(|&token| token == task.pad()));
                prop_assert!(targets[length..].iter().all(|&target| target == task.states()));
            }
            prop_assert_eq!(&make(count + 3).tokens[..found.tokens.len()], &found.tokens[..]);
        }
    }
}
