//! What a model knows at every place of a sequence: its accuracy by length.
//!
//! A causal model that is asked after every symbol of a long sequence answers as it would at the end of each shorter one, so test
//! sequences of one length tell of all lengths up to it.

use std::collections::{BTreeMap, BTreeSet};

use data::worlds::{LONGEST, SHORTEST};
use protocol::{Better, Event, ModelId, Packed, Quantity, Reading, Scenario, Table};

use super::knowledge::ACCURACY;
use crate::answers::highest;
use crate::engine::read;
use crate::runner::Runner;
use crate::{LabError, Model};

/// Id of the accuracy with chance at 0.
const OVER_CHANCE: &str = "accuracy-over-chance";
/// Id of the table of all lengths.
const BY_LENGTH: &str = "accuracy-by-length";
/// What the mean over all lengths is of that no training sequence has.
const UNSEEN: &str = "unseen lengths";

/// Sequences that a model in training is asked.
const LIVE: usize = 64;
/// Sequences that are asked at a time.
const CHUNK: usize = 128;
/// Most lengths of the table.
const COLUMNS: usize = 64;

/// What its numbers mean.
pub(crate) fn quantities() -> Vec<Quantity> {
    vec![
        Quantity::fraction(
            ACCURACY,
            "Accuracy",
            Better::Higher,
            "Share of test sequences whose state the model names rightly after so many symbols, without a length the mean over all.",
        ),
        Quantity::fraction(
            OVER_CHANCE,
            "Accuracy over chance",
            Better::Higher,
            "The same on a scale from 0, which guessing among all states gets, to 1, every answer right (Grazzi et al. 2025).",
        ),
    ]
}

/// Right answers by place.
#[derive(Clone, Debug, Default, PartialEq)]
struct Tally {
    /// Right answers and all answers, by place.
    places: Vec<(u32, u32)>,
}

impl Tally {
    /// Takes the answers to a sequence in: at each place the first of the best scores.
    ///
    /// # Shapes
    /// - scores: `[places, classes]` row-major
    /// - states: `[places]`; one that is not among `all` states says that nothing is asked
    fn take(&mut self, scores: &[f32], classes: usize, states: &[u16], all: usize) {
        if self.places.len() < states.len() {
            self.places.resize(states.len(), (0, 0));
        }
        let answers = scores.chunks_exact(classes.max(1)).map(|scores| highest(scores.iter().copied().enumerate()));
        for ((answer, &state), (right, asked)) in answers.zip(states).zip(&mut self.places) {
            let state = usize::from(state);
            if state < all {
                *asked += 1;
                *right += u32::from(answer == Some(state));
            }
        }
    }

    /// Accuracy after each number of symbols from 1 on; NaN where nothing was asked.
    fn by_length(&self) -> Vec<f64> {
        let share =
            |&(right, asked): &(u32, u32)| if asked == 0 { f64::NAN } else { f64::from(right) / f64::from(asked) };
        self.places.iter().map(share).collect()
    }
}

/// The lengths that a scenario trains on, as far as its world tells them.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Trained {
    shortest: usize,
    longest: usize,
}

impl Trained {
    fn of(scenario: &Scenario) -> Option<Self> {
        // Settled lengths are whole and far below the bound.
        let length = |id: &str| scenario.data.values.get(id).map(|&length| length.clamp(0.0, 65_535.0) as usize);
        Some(Self { shortest: length(SHORTEST)?, longest: length(LONGEST)? })
    }
}

/// The numbers of a model with these accuracies after 1, 2, 3, ... symbols, where guessing gets `chance` right.
fn readings(by_length: &[f64], trained: Option<Trained>, chance: f64) -> Vec<Reading> {
    let mean = |values: &[f64]| measure::statistics::mean(values);
    let asked = by_length.len();
    let mut marks = BTreeSet::from([asked]);
    let mut unseen = None;
    if let Some(Trained { shortest, longest }) = trained {
        marks.insert(shortest);
        // Once, twice, four times the longest: how far it carries.
        marks.extend(
            std::iter::successors(Some(longest.max(1)), |length| length.checked_mul(2)).take_while(|&it| it < asked),
        );
        unseen = by_length.get(longest..).filter(|beyond| !beyond.is_empty()).and_then(mean);
    }
    let at = |length: usize| by_length.get(length.checked_sub(1)?).copied();
    let lengths = marks.into_iter().filter_map(|length| Some((format!("length {length}"), at(length)?)));
    let whole = mean(by_length).map(|mean| (String::new(), mean));
    let all: Vec<(String, f64)> =
        whole.into_iter().chain(lengths).chain(unseen.map(|it| (UNSEEN.to_owned(), it))).collect();
    let scaled = |accuracy: f64| (accuracy - chance) / (1.0 - chance);
    let plain = all.iter().filter_map(|(of, value)| Reading::of(ACCURACY, of.as_str(), *value));
    plain.chain(all.iter().filter_map(|(of, value)| Reading::of(OVER_CHANCE, of.as_str(), scaled(*value)))).collect()
}

/// What the finished models of a run know by length.
#[derive(Clone, Debug, Default)]
pub(crate) struct Places {
    known: BTreeMap<ModelId, Vec<f64>>,
}

impl Places {
    /// The accuracies of all models so far; of many lengths every second, third, ... and the last.
    fn table(&self) -> Table {
        let asked = self.known.values().map(Vec::len).max().unwrap_or_default();
        let step = asked.div_ceil(COLUMNS).max(1);
        let lengths: Vec<usize> =
            (1..=asked).filter(|length| length.is_multiple_of(step) || *length == asked).collect();
        let cell = |row: &Vec<f64>, length: usize| row.get(length - 1).map_or(f32::NAN, |&accuracy| accuracy as f32);
        let cells = self.known.values().flat_map(|row| lengths.iter().map(move |&length| cell(row, length)));
        Table {
            id: BY_LENGTH.to_owned(),
            title: "Accuracy by length".to_owned(),
            quantity: ACCURACY.to_owned(),
            row_of: "Model".to_owned(),
            rows: self.known.keys().map(ModelId::to_string).collect(),
            column_of: "Length".to_owned(),
            columns: lengths.iter().map(usize::to_string).collect(),
            cells: Packed(cells.collect()),
        }
    }
}

impl Runner {
    /// Asks a model in training at every place of a few sequences.
    pub(crate) async fn places_live(&self, id: ModelId, step: u32, model: &dyn Model) -> Result<Vec<Event>, LabError> {
        let by_length = self.by_length(model, LIVE).await?;
        Ok(by_length.map(|by_length| self.measured(id, step, &by_length)).into_iter().collect())
    }

    /// Asks a finished model at every place of all sequences.
    pub(crate) async fn places(&mut self, id: ModelId, model: &dyn Model) -> Result<Vec<Event>, LabError> {
        let Some(by_length) = self.by_length(model, self.test.len()).await? else { return Ok(Vec::new()) };
        let step = self.steps.get(&id).copied().unwrap_or(0);
        let measured = self.measured(id, step, &by_length);
        self.further.places.known.insert(id, by_length);
        Ok(vec![measured, Event::TableMeasured { table: self.further.places.table() }])
    }

    fn measured(&self, model: ModelId, step: u32, by_length: &[f64]) -> Event {
        let chance = (self.dataset.class_names.len().max(2) as f64).recip();
        Event::Measured { model, step, readings: readings(by_length, Trained::of(&self.scenario), chance) }
    }

    /// Accuracy after each number of symbols over the first `count` test sequences; `None` of a model that answers nothing, or where what
    /// stands beside the items is no sequence.
    async fn by_length(&self, model: &dyn Model, count: usize) -> Result<Option<Vec<f64>>, LabError> {
        let (mut tally, states) = (Tally::default(), self.dataset.class_names.len());
        let positions: Vec<usize> = (0..self.test.len().min(count)).collect();
        for chunk in positions.chunks(CHUNK) {
            let items = self.test.inputs(&self.dataset, chunk, &self.engine)?;
            let Some(scores) = model.answer(&items)? else { return Ok(None) };
            let [rows, classes] = scores.dims();
            let scores = read(scores).await?;
            let of_item = rows / chunk.len().max(1) * classes;
            for (&position, scores) in chunk.iter().zip(scores.chunks_exact(of_item.max(1))) {
                let Some(beside) = self.test.sequence_beside(&self.dataset, position)? else { return Ok(None) };
                tally.take(scores, classes, beside, states);
            }
        }
        Ok(Some(tally.by_length()))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_counted_by_place_and_fillings_are_not() {
        let mut tally = Tally::default();
        // Two states; the third number says that the sequence is over.
        tally.take(&[1.0, 0.0, 0.0, 1.0, 0.5, 0.5], 2, &[0, 0, 0], 2);
        tally.take(&[0.0, 1.0, 0.0, 1.0, 9.0, 0.0], 2, &[1, 1, 2], 2);
        // Of equal scores the first counts.
        assert_eq!(tally.places, [(2, 2), (1, 2), (1, 1)]);
        assert_eq!(tally.by_length(), [1.0, 0.5, 1.0]);
    }

    #[test]
    fn a_state_that_a_model_does_not_know_is_a_wrong_answer() {
        let mut tally = Tally::default();
        tally.take(&[1.0, 0.0, 0.0, 1.0], 2, &[2, 1], 3);
        assert_eq!(tally.places, [(0, 1), (1, 1)]);
    }

    #[test]
    fn readings_at_the_lengths_of_training_twice_as_far_and_in_the_end() {
        // Right up to 4 symbols, guessing between two states beyond.
        let by_length: Vec<f64> = (1..=20).map(|length| if length <= 4 { 1.0 } else { 0.5 }).collect();
        let found = readings(&by_length, Some(Trained { shortest: 2, longest: 4 }), 0.5);
        let of = |quantity: &str| -> Vec<(&str, f64)> {
            found.iter().filter(|it| it.quantity == quantity).map(|it| (it.of.as_str(), it.value)).collect()
        };
        let lengths = [("length 2", 1.0), ("length 4", 1.0), ("length 8", 0.5), ("length 16", 0.5), ("length 20", 0.5)];
        assert_eq!(of(ACCURACY), [&[("", 0.6)], &lengths[..], &[(UNSEEN, 0.5)]].concat());
        let scaled: Vec<f64> = of(OVER_CHANCE).iter().map(|(_, value)| *value).collect();
        assert!((scaled[0] - 0.2).abs() < 1e-12);
        assert_eq!(scaled[1..], [1.0, 1.0, 0.0, 0.0, 0.0, 0.0]);
        assert!(quantities().iter().all(|quantity| !of(&quantity.id).is_empty()));
    }

    #[test]
    fn what_no_training_says_anything_of_is_read_in_the_end_alone() {
        let found = readings(&[1.0, 0.0], None, 0.25);
        let names: Vec<&str> = found.iter().map(|it| it.of.as_str()).collect();
        assert_eq!(names, ["", "length 2", "", "length 2"]);
        // Asked no further than it was trained, it has seen all lengths.
        let found = readings(&[1.0, 0.0], Some(Trained { shortest: 1, longest: 2 }), 0.25);
        assert!(found.iter().all(|it| it.of != UNSEEN));
    }

    #[test]
    fn a_table_of_many_lengths_has_some_of_them_and_the_last() {
        let known = [(ModelId::deployed(1), 150), (ModelId::deployed(2), 150)];
        let known = known.map(|(model, asked)| (model, (1..=asked).map(f64::from).collect())).into();
        let table = Places { known }.table();
        assert_eq!(table.columns[..3], ["3", "6", "9"]);
        assert_eq!((table.columns.len(), table.rows.len()), (50, 2));
        assert_eq!((table.cell(1, 0), table.cell(0, 49)), (Some(3.0), Some(150.0)));
        let known = [(ModelId::deployed(1), vec![0.5; 130])].into();
        let table = Places { known }.table();
        assert_eq!(table.columns.last().map(String::as_str), Some("130"));
    }
}
