//! Ways of replacing a model behind an index, one a file, and what each scores, breaks and costs.
//!
//! A [`Choice`] is ranked by its own file, judged against the old system and the full re-index by `table`, and paid for by `costs`. All of
//! them share one [`workbench`], so that every number is of the same queries.

pub(crate) mod bridges;
pub(crate) mod broken;
pub(crate) mod cascades;
pub(crate) mod costs;
pub mod mixed;
pub(crate) mod single;
pub(crate) mod slerp;
mod split;
pub(crate) mod table;
pub mod workbench;

use serde::{Deserialize, Serialize};

use crate::{
    DecideError, Pulse,
    judge::{Estimate, Metric},
    maps::{Direction, Family},
};

pub(crate) use split::judges;

/// What is tried and how it is judged.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// How many documents a query is answered with, at least 1.
    pub k: usize,
    /// What everything random follows from: pairs drawn, documents that ask, resamples.
    pub seed: u64,
    /// Documents kept of every ranking; at least `k` are, and as many as the metrics look at.
    pub depth: usize,
    /// How many candidates the new model re-scores in a cascade: one option for each number and each [`First`] stage. Numbers above the
    /// count of documents are left out.
    pub cascade: Vec<usize>,
    /// Families of maps that are fitted.
    pub families: Vec<Family>,
    /// Documents at most whose two vectors maps are fitted on.
    pub pairs: usize,
    /// What embedding costs.
    pub prices: Prices,
    /// Two scores that differ by less are called equal, in `0..=1`.
    pub margin: f64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            k: 10,
            seed: 1,
            depth: 100,
            cascade: vec![10, 20, 50, 100, 200],
            families: Family::ALL.to_vec(),
            pairs: 10_000,
            prices: Prices::default(),
            margin: 0.01,
        }
    }
}

/// What embedding 1,000 documents or queries costs, in any currency; `None` where it is not known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Prices {
    /// By the new model.
    pub new_per_1000: Option<f64>,
    /// By the old model.
    pub old_per_1000: Option<f64>,
}

/// One way of replacing a model, or of not doing so.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Choice {
    /// Old queries over the old index.
    Stay,
    /// The same, with the mean of the old documents subtracted from documents and queries: no new model at all.
    Centred,
    /// New queries over the old index, as they are.
    Swap,
    /// A fitted map between the two spaces; no document is embedded.
    Bridge {
        /// What is fitted.
        family: Family,
        /// What is mapped.
        direction: Direction,
    },
    /// Both encoders run: a query on the great circle between the old one and the mapped new one, over the old index.
    Slerp {
        /// How far it is on the way to the mapped new query, in percent: 0 would be the old query alone.
        weight_percent: u8,
    },
    /// A first stage finds candidates, which the new model embeds and re-scores.
    Cascade {
        /// What finds them.
        first: First,
        /// How many there are for each query.
        candidates: usize,
    },
    /// An index of which a part is re-embedded.
    Mixed {
        /// The part that is, in percent.
        percent: u8,
    },
    /// New queries over new documents: everything is embedded anew.
    Reindex,
}

/// What finds the candidates of a cascade.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum First {
    /// The old query over the old index; the old encoder keeps running.
    OldQuery,
    /// The new query, mapped, over the old index.
    MappedQuery,
    /// The new query over the mapped index.
    MappedGallery,
}

impl Choice {
    /// Whether it is a bridge of this direction.
    pub fn is_bridge_of(&self, wanted: Direction) -> bool {
        matches!(self, Self::Bridge { direction, .. } if *direction == wanted)
    }

    /// What it is called.
    pub fn name(&self) -> String {
        match self {
            Self::Stay => "Stay".to_owned(),
            Self::Centred => "Stay, with the mean of the documents subtracted".to_owned(),
            Self::Swap => "Swap as it is".to_owned(),
            Self::Bridge { family, direction: Direction::Queries } => format!("Bridge of queries: {}", family.name()),
            Self::Bridge { family, direction: Direction::Gallery } => format!("Bridge of the index: {}", family.name()),
            Self::Slerp { weight_percent } => format!("Both encoders: {weight_percent} % of the mapped new query"),
            Self::Cascade { first, candidates } => format!("Cascade: best {candidates} of {}", first.name()),
            Self::Mixed { percent } => format!("Half-migrated: {percent} % re-embedded"),
            Self::Reindex => "Full re-index".to_owned(),
        }
    }

    /// Whether documents are embedded by the new model, at once or on the way.
    pub fn embeds_documents(&self) -> bool {
        matches!(self, Self::Cascade { .. } | Self::Mixed { .. } | Self::Reindex)
    }

    /// Whether the old encoder has to keep running.
    pub fn needs_old_encoder(&self) -> bool {
        match self {
            Self::Stay | Self::Centred | Self::Slerp { .. } | Self::Mixed { .. } => true,
            Self::Cascade { first, .. } => *first == First::OldQuery,
            Self::Swap | Self::Bridge { .. } | Self::Reindex => false,
        }
    }
}

impl First {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::OldQuery, Self::MappedQuery, Self::MappedGallery];

    /// What it is called behind "of".
    pub fn name(self) -> &'static str {
        match self {
            Self::OldQuery => "the old query",
            Self::MappedQuery => "the mapped query",
            Self::MappedGallery => "the mapped index",
        }
    }
}

/// What an option costs. An index that is mapped once, and a mean that is subtracted, count as nothing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cost {
    /// Documents that the new model embeds before the first query.
    pub embed_now: usize,
    /// Texts embedded for each query: itself, by one or both models, and in a cascade its candidates, as if none were kept.
    pub embed_per_query: f64,
    /// Documents embedded on the way of a cascade, each counted once: those that the judged queries touched together.
    pub embed_on_the_way: usize,
    /// Bytes of the index that is searched, 4 a number. What a cascade keeps of the documents on its way is not in it.
    pub bytes: u64,
    /// Multiplications with additions for each query beside its search: the map, and re-scoring.
    pub multiply_adds: u64,
    /// Milliseconds that this took on the machine that decided, see [`timed`](crate::study::timed); `None` where there is nothing beside
    /// the search, or nobody looked at a clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub milliseconds: Option<f64>,
    /// What embedding comes to until all judged queries were asked once: documents now and on the way, and the queries themselves. `None`
    /// where a rate that it takes is not known.
    pub price: Option<f64>,
}

/// One option, judged.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OptionRow {
    /// Which.
    pub choice: Choice,
    /// What it is called.
    pub name: String,
    /// What it scores by each metric that the case can have; empty where it is not offered.
    pub scores: Vec<Score>,
    /// Queries (documents, where they ask), by their place in the case, that the old system answers right and this one wrong. Right is a
    /// relevant document among the first `k`; with labels, the label of the first. Empty where nothing is known to be relevant.
    pub newly_broken: Vec<usize>,
    /// Those that the old system answers wrong and this one right.
    pub newly_fixed: Vec<usize>,
    /// What it costs.
    pub cost: Cost,
    /// Why it is not offered: a whole sentence.
    pub note: Option<String>,
}

/// A score beside that of the old system and of the full re-index, each with its interval over the same resamples of queries.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Score {
    /// Of what.
    pub metric: Metric,
    /// The mean over judged queries, in `0..=1`.
    pub mean: Estimate,
    /// Minus the old system's.
    pub gain: Option<Estimate>,
    /// Minus the full re-index's.
    pub behind: Option<Estimate>,
    /// As a share of the full re-index's; `None` where that is 0, and for the overlap with the old system, which a re-index does not seek.
    pub retention: Option<Estimate>,
    /// The gain as a share of the full re-index's; `None` where that gain is not told from 0, and as for `retention`.
    pub share_of_gain: Option<Estimate>,
}

/// `pulse` for a part of its work, from the share `start` to the share `end`.
pub(crate) fn within(pulse: Pulse<'_>, start: f64, end: f64) -> impl FnMut(f64) -> Result<(), DecideError> {
    move |share| pulse(start + (end - start) * share.clamp(0.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn choices_are_written_with_their_kind() {
        let written = |choice: &Choice| serde_json::to_string(choice).unwrap();
        let cascade = Choice::Cascade { first: First::MappedGallery, candidates: 20 };
        assert_eq!(written(&Choice::Stay), r#"{"kind":"stay"}"#);
        assert_eq!(written(&cascade), r#"{"kind":"cascade","first":"mapped_gallery","candidates":20}"#);
        assert_eq!(serde_json::from_str::<Choice>(&written(&cascade)).unwrap(), cascade);
        assert_eq!(cascade.name(), "Cascade: best 20 of the mapped index");
    }

    #[test]
    fn what_needs_the_old_encoder_or_embeds_documents_says_so() {
        let cascade = |first| Choice::Cascade { first, candidates: 10 };
        assert_eq!(First::ALL.map(|first| cascade(first).needs_old_encoder()), [true, false, false]);
        let bridge = Choice::Bridge { family: Family::Ridge, direction: Direction::Queries };
        assert!(!bridge.needs_old_encoder() && !bridge.embeds_documents() && !Choice::Stay.embeds_documents());
        assert!(cascade(First::OldQuery).embeds_documents() && Choice::Reindex.embeds_documents());
    }

    #[test]
    fn a_part_of_the_work_is_a_part_of_the_whole() {
        let mut seen = Vec::new();
        let mut pulse = |share: f64| {
            seen.push(share);
            Ok(())
        };
        for share in [0.0, 1.0, 7.0] {
            within(&mut pulse, 0.5, 0.75)(share).unwrap();
        }
        assert_eq!(seen, [0.5, 0.75, 0.75]);
    }
}
