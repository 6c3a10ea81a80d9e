//! What the index holds, what queries find in it now, and what it took.

use super::{Facts, Found, Operation, Phase, share_of};
use crate::view::draw::format;

/// The index at one moment of an operation.
#[derive(Clone, Debug, PartialEq)]
pub struct IndexState {
    /// Items that answer by the old model's vectors.
    pub by_old: u32,
    /// Items that answer by the new model's.
    pub by_new: u32,
    /// Items whose old vector is kept beside the new one.
    pub twice: u32,
    /// Whether queries are the new model's, so that items by the old one are stale.
    pub queries_are_new: bool,
    /// What queries find, once it was measured.
    pub found: Option<Found>,
    /// The same minus what old queries find in the old gallery.
    pub change: Option<Found>,
    /// What it took.
    pub cost: Cost,
}

/// What re-embedding and storing took.
#[derive(Clone, Debug, PartialEq)]
pub struct Cost {
    /// Items embedded once more, by either model.
    pub items: u32,
    /// Bytes of vectors written for them; `None` while a size is unknown, as below.
    pub bytes: Option<u64>,
    /// Seconds of embedding, from the measured time of a whole gallery.
    pub seconds: Option<f64>,
    /// Bytes of all vectors stored now.
    pub stored: Option<u64>,
    /// Bytes among them that are there for a rollback alone.
    pub spare: Option<u64>,
}

impl IndexState {
    /// The index after `operation`.
    pub fn of(operation: &Operation, facts: &Facts) -> Self {
        let redone = operation.redone(facts);
        let queries_are_new = matches!(operation.phase, Phase::Mixed | Phase::New);
        let by_new = if queries_are_new { redone } else { 0 };
        let twice = if operation.dual_write { by_new } else { 0 };
        let by_old = facts.items - by_new;
        let found = match operation.phase {
            Phase::Old | Phase::Back => facts.old_old,
            Phase::Mixed => operation.found(facts),
            Phase::New => facts.new_new,
        };
        let change = found.zip(facts.old_old);
        let bytes = |old: u32, new: u32| {
            let of = |items: u32, dims: Option<u32>| match items {
                0 => Some(0),
                _ => dims.map(|dims| u64::from(items) * u64::from(dims) * size_of::<f32>() as u64),
            };
            Some(of(old, facts.old.dims)? + of(new, facts.new.dims)?)
        };
        let seconds = |whole: Option<f64>, part: u32| match part {
            0 => Some(0.0),
            _ => whole.map(|whole| share_of(whole, part, facts.items)),
        };
        let repaired = operation.repaired;
        let by_both = seconds(facts.new.index_seconds, redone).zip(seconds(facts.old.index_seconds, repaired));
        Self {
            by_old,
            by_new,
            twice,
            queries_are_new,
            found,
            change: change.map(|(now, was)| Found { map: now.map - was.map, cmc1: now.cmc1 - was.cmc1 }),
            cost: Cost {
                items: redone + repaired,
                bytes: bytes(repaired, redone),
                seconds: by_both.map(|(new, old)| new + old),
                stored: bytes(by_old + twice, by_new),
                spare: bytes(twice, 0),
            },
        }
    }

    /// Share of the items by the old model, `0..=1`.
    pub fn old_share(&self) -> f64 {
        share_of(1.0, self.by_old, self.by_old + self.by_new)
    }

    /// Share of the items that are stored by both, `0..=1`.
    pub fn twice_share(&self) -> f64 {
        share_of(1.0, self.twice, self.by_old + self.by_new)
    }

    /// What it holds, in words.
    pub fn holds(&self, facts: &Facts) -> String {
        let by = |count: u32, model| format!("{} by {model}", format::count(u64::from(count)));
        let (old, new) = (by(self.by_old, facts.upgrade.old), by(self.by_new, facts.upgrade.new));
        match (self.queries_are_new, self.by_old, self.by_new) {
            (true, _, 0) => format!("{old}, all stale"),
            (false, _, 0) => old,
            (_, 0, _) => new,
            _ => format!("{old} ({} stale), {new}", format::percent(self.old_share())),
        }
    }

    /// What queries find, in words: mAP and the rest.
    pub fn finds(&self) -> Option<(String, String)> {
        let found = self.found?;
        let change = |value: fn(&Found) -> f64| match &self.change {
            Some(change) if self.queries_are_new => format!(" ({})", format::signed_points(value(change))),
            _ => String::new(),
        };
        Some((
            format!("mAP {}{}", format::points(found.map), change(|it| it.map)),
            format!("top-1 {}{}", format::points(found.cmc1), change(|it| it.cmc1)),
        ))
    }
}

impl Cost {
    /// What it took, in words.
    pub fn in_words(&self) -> String {
        let written = [self.bytes.map(format::bytes), self.seconds.map(format::short_seconds)];
        let written: String = written.into_iter().flatten().map(|amount| format!(", {amount}")).collect();
        let took = match self.items {
            0 => "Nothing re-embedded".to_owned(),
            items => format!("{} re-embedded{written}", format::count(u64::from(items))),
        };
        let stored = match (self.stored, self.spare) {
            (Some(stored), Some(spare)) if spare > 0 => {
                format!("; stored {}, {} of it twice", format::bytes(stored), format::bytes(spare))
            }
            (Some(stored), _) => format!("; stored {}", format::bytes(stored)),
            _ => String::new(),
        };
        format!("{took}{stored}")
    }
}

impl Operation {
    /// What new queries find at this share of the backfill.
    fn found(&self, facts: &Facts) -> Option<Found> {
        let points = facts.points(self.way);
        let here = points.iter().find(|point| (100.0 * point.fraction).round() as u8 == self.share);
        here.map(|point| Found { map: point.map, cmc1: point.cmc1 })
    }
}
