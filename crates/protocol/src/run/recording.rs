//! The events of a run, kept so that any moment of it can be shown again.

use std::collections::BTreeMap;

use thiserror::Error;

use crate::{Event, LeftOut, ModelId, RunLog};

/// Live measurements of a model whose rankings and projections are kept, where a run is recorded as it goes.
pub const CHECKPOINTS: usize = 64;

/// A run moment by moment. A moment begins with a reading of the losses, of other numbers at a new step, a phase or the final matrix,
/// and holds what was found along with it.
///
/// Rankings and projections are large, so of each model no more than a set number of live measurements keep theirs: every one
/// at first, then every second, every fourth and so on, and always the newest. Scores and losses stay.
#[derive(Clone, Debug, PartialEq)]
pub struct Recording {
    moments: Vec<Vec<Event>>,
    checkpoints: BTreeMap<ModelId, Checkpoints>,
    limit: usize,
    /// Events of a later version.
    left_out: LeftOut,
}

/// Live measurements of a model that keep their rankings and projections.
#[derive(Clone, Debug, PartialEq)]
struct Checkpoints {
    /// Measurements so far.
    seen: usize,
    /// Every so-manieth is kept.
    stride: usize,
    /// Number of the measurement and the moment that holds it.
    kept: Vec<(usize, usize)>,
}

/// Why a text is no recorded run.
#[derive(Debug, Error)]
pub enum RecordingError {
    /// A line is no event.
    #[error("line {line} is no event of this version ({source})")]
    Line {
        /// Counted from 1.
        line: usize,
        /// What is wrong with it.
        source: serde_json::Error,
    },
    /// It does not begin with the start of a run.
    #[error("it does not begin with the start of a run")]
    NoStart,
}

impl Default for Recording {
    fn default() -> Self {
        Self::with_limit(CHECKPOINTS)
    }
}

impl Recording {
    /// An empty one that keeps at most `limit` checkpoints per model, at least two.
    pub fn with_limit(limit: usize) -> Self {
        Self { moments: Vec::new(), checkpoints: BTreeMap::new(), limit: limit.max(2), left_out: LeftOut::default() }
    }

    /// Takes one more event in. The start of a run forgets the one before.
    pub fn push(&mut self, event: Event) {
        if matches!(event, Event::RunStarted { .. }) {
            *self = Self::with_limit(self.limit);
        }
        let at = self.moments.len().saturating_sub(1);
        // Of a model without losses the readings tell how far it is.
        let further = event.model_step().filter(|step| self.step(at).as_ref() != Some(step));
        if self.moments.is_empty() || event.begins_moment() || further.is_some() {
            self.moments.push(Vec::new());
        }
        let at = self.moments.len().saturating_sub(1);
        if event.is_bulky()
            && let Some((model, _)) = self.step(at)
        {
            self.keep(model, at);
        }
        if let Some(moment) = self.moments.last_mut() {
            moment.push(event);
        }
    }

    /// Adds a line of a file; empty ones are skipped, and so are events of a kind that this version does not know, which
    /// [`Recording::left_out`] counts. `line` counts from 1.
    ///
    /// # Errors
    /// [`RecordingError::Line`] if it is no event, [`RecordingError::NoStart`] if it comes before the start of a run.
    pub fn push_line(&mut self, line: usize, text: &str) -> Result<(), RecordingError> {
        if text.trim().is_empty() {
            return Ok(());
        }
        let event = self.left_out.read(text).map_err(|source| RecordingError::Line { line, source })?;
        if self.moments.is_empty() && !matches!(event, Some(Event::RunStarted { .. })) {
            // Of no run nothing was left out.
            self.left_out = LeftOut::default();
            return Err(RecordingError::NoStart);
        }
        if let Some(event) = event {
            self.push(event);
        }
        Ok(())
    }

    /// What a reader must know of events that were left out because a later version wrote them, in a sentence.
    pub fn left_out(&self) -> Option<String> {
        self.left_out.in_words()
    }

    /// All events as a file has them: one per line. An event without a JSON form, which none is, would be left out.
    pub fn lines(&self) -> impl Iterator<Item = String> {
        self.events().filter_map(|event| serde_json::to_string(event).ok()).map(|line| line + "\n")
    }

    /// How many moments there are.
    pub fn len(&self) -> usize {
        self.moments.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.moments.is_empty()
    }

    /// All events in order.
    pub fn events(&self) -> impl Iterator<Item = &Event> {
        self.moments.iter().flatten()
    }

    /// What was known at a moment, counted from 0; at the last one for any number beyond.
    pub fn at(&self, moment: usize) -> RunLog {
        RunLog::of(self.moments.iter().take(moment.saturating_add(1)).flatten())
    }

    /// The model and training step of a moment, if something trained then.
    pub fn step(&self, moment: usize) -> Option<(ModelId, u32)> {
        self.moments.get(moment)?.iter().find_map(Event::model_step)
    }

    /// Makes a moment the newest checkpoint of a model; those that are too many lose their rankings and projections.
    fn keep(&mut self, model: ModelId, at: usize) {
        let fresh = || Checkpoints { seen: 0, stride: 1, kept: Vec::new() };
        let Checkpoints { seen, stride, kept } = self.checkpoints.entry(model).or_insert_with(fresh);
        if kept.last().is_some_and(|&(_, newest)| newest == at) {
            return;
        }
        if kept.len() >= self.limit {
            *stride *= 2;
        }
        kept.retain(|&(number, at)| {
            let stays = number % *stride == 0;
            if let Some(moment) = self.moments.get_mut(at).filter(|_| !stays) {
                moment.retain(|event| !event.is_bulky());
            }
            stays
        });
        kept.push((*seen, at));
        *seen += 1;
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::run::left_out::known;
    use crate::{EngineKind, EngineReport, Packed, Sample, Scenario};

    const MODEL: ModelId = ModelId { stage: 1, independent: false };

    fn started() -> Event {
        let engine = EngineReport { kind: EngineKind::Cpu, name: String::new(), reason: String::new() };
        Event::RunStarted { scenario: Scenario::default(), engine, plan: vec![], program: String::new() }
    }

    fn loss(step: u32) -> Event {
        Event::LossMeasured {
            model: MODEL,
            step,
            epoch: 0.0,
            rate: 0.1,
            total: f64::from(step),
            terms: vec![],
            orthogonality: None,
            ms_per_step: 1.0,
        }
    }

    fn looked(step: u32) -> [Event; 3] {
        let sample = Sample { queries: 1, gallery: 1, of: 1 };
        let ranking = Event::RankingMeasured {
            query: MODEL,
            gallery: MODEL,
            step,
            queries: Packed(vec![0]),
            items: Packed(vec![step as u16]),
            depth: 1,
            precisions: Packed(vec![1.0]),
        };
        let (points, learned, equal) = (Packed(vec![0.0, 0.0]), true, None);
        let prototypes = Event::PrototypesProjected { model: MODEL, step, points, learned, equal };
        [Event::RetrievalMeasured { model: MODEL, step, sample, cells: vec![] }, ranking, prototypes]
    }

    /// A run of so many steps, with a look after each.
    fn run(steps: u32, limit: usize) -> Recording {
        let mut recording = Recording::with_limit(limit);
        let all = (1..=steps).flat_map(|step| std::iter::once(loss(step)).chain(looked(step)));
        [started(), Event::PhaseStarted { phase: 0 }].into_iter().chain(all).for_each(|event| recording.push(event));
        recording
    }

    #[test]
    fn a_moment_shows_what_was_known_then() {
        let recording = run(3, 8);
        assert_eq!(recording.len(), 5, "start, phase, three steps");
        let steps = |at| recording.at(at).models.get(&MODEL).map(|model| (model.step, model.evaluations.len()));
        assert_eq!([0, 1, 2, 4, 99].map(steps), [None, None, Some((1, 1)), Some((3, 3)), Some((3, 3))]);
        assert_eq!((recording.step(1), recording.step(3)), (None, Some((MODEL, 2))));
        assert_eq!(recording.at(4), RunLog::of(recording.events()));
    }

    #[test]
    fn a_long_run_keeps_every_score_and_a_bounded_number_of_rankings() {
        let recording = run(1000, 8);
        let rankings = recording.events().filter(|event| matches!(event, Event::RankingMeasured { .. })).count();
        assert!((4..=9).contains(&rankings), "{rankings}");
        let prototypes = recording.events().filter(|event| matches!(event, Event::PrototypesProjected { .. })).count();
        assert_eq!(prototypes, rankings, "what is drawn together goes together");
        let log = recording.at(usize::MAX);
        let model = log.models.get(&MODEL).unwrap();
        assert_eq!((model.losses.len(), model.evaluations.len()), (1000, 1000));
        assert_eq!(log.rankings.get(&(MODEL, MODEL)).map(|ranking| ranking.step), Some(1000), "the newest is there");
        let middle = recording.at(501).rankings.get(&(MODEL, MODEL)).map(|ranking| ranking.step);
        assert!(middle.is_some_and(|step| (250..=500).contains(&step)), "{middle:?}");
    }

    #[test]
    fn another_run_replaces_the_one_before() {
        let mut recording = run(3, 8);
        recording.push(started());
        assert_eq!((recording.len(), recording.at(9).models.len()), (1, 0));
    }

    #[test]
    fn a_file_is_read_line_by_line_and_refused_with_the_line() {
        let text: String = run(2, 8).lines().collect();
        let lines: Vec<&str> = text.lines().collect();
        let mut read = Recording::with_limit(8);
        for (at, line) in lines.iter().enumerate() {
            read.push_line(at + 1, line).unwrap();
            read.push_line(at + 1, " ").unwrap();
        }
        assert_eq!(read, run(2, 8));
        for broken in [
            "{\"noticed\":{\"text\":",
            "{\"noticed\":{\"words\":\"\"}}",
            "{\"noticed\":{\"text\":\"\"},\"later\":{}}",
            "\"noticed\"",
            "{}",
            "[\"later\"]",
            "7",
        ] {
            let refused = read.push_line(7, broken).map_err(|error| error.to_string()).unwrap_err();
            assert!(refused.starts_with("line 7 is no event of this version"), "{broken}: {refused}");
        }
        assert_eq!((&read, read.left_out()), (&run(2, 8), None), "what was refused left no trace");
        let late = Recording::default().push_line(1, lines.get(1).unwrap());
        assert!(matches!(late, Err(RecordingError::NoStart)));
    }

    #[test]
    fn events_of_a_later_version_are_left_out_and_counted() {
        let text: String = run(2, 8).lines().collect();
        let mut read = Recording::with_limit(8);
        assert!(matches!(read.push_line(1, "{\"later\":{}}"), Err(RecordingError::NoStart)));
        for (at, line) in text.lines().enumerate() {
            read.push_line(at + 1, line).unwrap();
        }
        read.push_line(90, "{\"weather_read\":{\"degrees\":[1,2]}}").unwrap();
        let one = "1 event of a kind that this version does not know was left out: weather_read.";
        assert_eq!(read.left_out().as_deref(), Some(one));
        read.push_line(91, "{\"weather_read\":null}").unwrap();
        read.push_line(92, "\"rested\"").unwrap();
        let three = "3 events of kinds that this version does not know were left out: rested, weather_read.";
        assert_eq!(read.left_out().as_deref(), Some(three));
        assert_eq!(read.lines().collect::<String>(), text, "the rest is as it was");
        (0..9).for_each(|kind| read.push_line(93, &format!("{{\"{kind}{}\":0}}", "x".repeat(99))).unwrap());
        let many = read.left_out().unwrap();
        assert!(many.len() < 400 && many.ends_with(" and 6 more."), "{many}");
        read.push(started());
        assert_eq!(read.left_out(), None, "another run replaces the one before");
    }

    proptest! {
        #[test]
        fn a_line_is_taken_left_out_or_refused_whole(kind in "[a-z_]{1,12}|noticed", content in ".{0,20}", cut: bool) {
            let whole = serde_json::json!({ kind.clone(): { "text": content.clone() } }).to_string();
            let line = if cut { &whole[..whole.len() - 1] } else { &whole };
            let mut read = Recording::default();
            read.push(started());
            let before = read.clone();
            let refused = read.push_line(2, line).is_err();
            prop_assert_eq!(refused, cut || (known::kinds().contains(&kind.as_str()) && kind != "noticed"));
            let taken = !cut && kind == "noticed";
            prop_assert_eq!(read.events().count(), 1 + usize::from(taken));
            prop_assert_eq!(read.left_out().is_some(), !refused && !taken);
            if refused {
                prop_assert_eq!(read, before);
            }
        }
    }
}
