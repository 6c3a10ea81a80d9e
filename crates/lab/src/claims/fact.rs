//! What a rule can ask of a finished run: numbers that its log holds.

use protocol::{BackfillOrder, ClaimMetric, ModelId};

/// The queries of one model on the gallery of another.
pub type Pair = (ModelId, ModelId);

/// What the first stage deploys.
pub const OLD: ModelId = ModelId { stage: 1, independent: false };
/// What the second stage deploys.
pub const NEW: ModelId = ModelId { stage: 2, independent: false };
/// What the third stage deploys.
pub const THIRD: ModelId = ModelId { stage: 3, independent: false };
/// The second stage trained without compatibility.
pub const STAR: ModelId = ModelId { stage: 2, independent: true };

/// Status quo: old queries, old gallery.
pub const OLD_OLD: Pair = (OLD, OLD);
/// Cross-test: new queries, old gallery.
pub const NEW_OLD: Pair = (NEW, OLD);
/// Self-test: new queries, new gallery.
pub const NEW_NEW: Pair = (NEW, NEW);
/// Skip-compatibility: queries two versions on, old gallery.
pub const THIRD_OLD: Pair = (THIRD, OLD);
/// Ceiling: the second stage trained without compatibility.
pub const STAR_STAR: Pair = (STAR, STAR);
/// That model's queries on the old gallery.
pub const STAR_OLD: Pair = (STAR, OLD);

/// What the number of a fact is: what it is told in, and whether it is a fraction, which rules take in hundredths.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    /// A fraction, told in points of the score that it is judged by.
    Score,
    /// A fraction, told in points of mAP whatever else is judged by.
    Map,
    /// A fraction, told in points; the fact's name says of what.
    Points,
    /// A fraction, told in percent.
    Percent,
    /// A bare number.
    Bare,
    /// What the run declares of the quantity.
    Declared,
}

/// A number of a finished run. What is said of an upgrade is said of the last one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fact {
    /// Score of a cell of the final matrix.
    Score(Pair),
    /// Score of a cell over queries of the classes that came after the first stage.
    Unseen(Pair),
    /// Self-test of what the method trains without regard to compatibility.
    Branch,
    /// Update gain.
    UpdateGain,
    /// Queries right before and wrong now, with the old gallery.
    NegativeFlips,
    /// Frozen-gallery minus re-indexed forgetting by mAP over the old classes.
    FrozenGap,
    /// Whether new queries find more in the old gallery than old ones do, 1 or 0.
    Compatible,
    /// Debiased linear CKA between the new and the old embedding.
    CkaNew,
    /// Debiased linear CKA between the independent and the old embedding.
    CkaIndependent,
    /// Of the ten items that an old query finds in the old gallery, the share among the ten that the new query finds there.
    OldNeighbours,
    /// Average compatibility AC of the chain, strict.
    AverageCompatibility,
    /// Average accuracy AA of the chain.
    AverageAccuracy,
    /// AC of the first so many models of the chain by mAP.
    Growth(u8),
    /// Mean mAP over a partial backfill by this model in this order.
    BackfillArea(ModelId, BackfillOrder),
    /// How far mAP falls below the lower end during that backfill; 0 if it does not.
    DipDepth(ModelId, BackfillOrder),
    /// Share of that backfill during which mAP is below what old queries found before it began.
    BelowBefore(ModelId, BackfillOrder),
    /// Floats that the new model stores per item.
    Stored,
    /// Seconds of training that the upgrade costs, a teacher included.
    Seconds,
    /// The latest reading of a declared quantity.
    Reading {
        /// Of which model.
        model: ModelId,
        /// Id of the quantity.
        quantity: &'static str,
        /// What it was measured on; empty for the whole.
        of: &'static str,
    },
    /// A cell of a table.
    Cell {
        /// Id of the table.
        table: &'static str,
        /// Name of the row.
        row: &'static str,
        /// Name of the column.
        column: &'static str,
    },
}

impl Fact {
    /// What its number is.
    pub(super) fn unit(self) -> Unit {
        match self {
            Self::Score(_) | Self::Unseen(_) | Self::Branch => Unit::Score,
            Self::FrozenGap | Self::BackfillArea(..) | Self::DipDepth(..) => Unit::Map,
            Self::NegativeFlips
            | Self::AverageCompatibility
            | Self::AverageAccuracy
            | Self::Growth(_)
            | Self::BelowBefore(..)
            | Self::OldNeighbours => Unit::Points,
            Self::UpdateGain => Unit::Percent,
            Self::Compatible | Self::CkaNew | Self::CkaIndependent | Self::Stored | Self::Seconds => Unit::Bare,
            Self::Reading { .. } | Self::Cell { .. } => Unit::Declared,
        }
    }

    /// Whether it is another number by another score.
    pub(super) fn is_scored(self) -> bool {
        match self {
            Self::Score(_)
            | Self::Unseen(_)
            | Self::Branch
            | Self::UpdateGain
            | Self::Compatible
            | Self::AverageCompatibility
            | Self::AverageAccuracy => true,
            Self::NegativeFlips
            | Self::FrozenGap
            | Self::CkaNew
            | Self::CkaIndependent
            | Self::OldNeighbours
            | Self::Growth(_)
            | Self::BackfillArea(..)
            | Self::DipDepth(..)
            | Self::BelowBefore(..)
            | Self::Stored
            | Self::Seconds
            | Self::Reading { .. }
            | Self::Cell { .. } => false,
        }
    }

    /// Whether it is a yes or a no, or a share of a few of them, so that its spread over runs says nothing.
    pub(super) fn is_yes_or_no(self) -> bool {
        matches!(self, Self::Compatible | Self::AverageCompatibility | Self::Growth(_))
    }

    /// Its name among the [facts](super::Facts) of a run, by the score that is asked for where it [has one](Self::is_scored).
    pub(super) fn key(self, metric: ClaimMetric) -> String {
        let by = metric.in_words();
        match self {
            Self::Score((query, gallery)) => format!("{by} {query}/{gallery}"),
            Self::Unseen((query, gallery)) => format!("{by} {query}/{gallery} unseen"),
            Self::Branch => format!("{by} branch"),
            Self::UpdateGain => format!("{by} update gain"),
            Self::Compatible => format!("{by} compatible"),
            Self::AverageCompatibility => format!("{by} AC"),
            Self::AverageAccuracy => format!("{by} AA"),
            Self::NegativeFlips => "NFR".to_owned(),
            Self::FrozenGap => "frozen gap".to_owned(),
            Self::CkaNew => "CKA new".to_owned(),
            Self::CkaIndependent => "CKA independent".to_owned(),
            Self::OldNeighbours => "old neighbours".to_owned(),
            Self::Growth(models) => format!("AC of {models}"),
            Self::BackfillArea(model, order) => format!("backfill {model} {}: area", word(order)),
            Self::DipDepth(model, order) => format!("backfill {model} {}: dip", word(order)),
            Self::BelowBefore(model, order) => format!("backfill {model} {}: below", word(order)),
            Self::Stored => "stored".to_owned(),
            Self::Seconds => "seconds".to_owned(),
            Self::Reading { model, quantity, of } => reading(model, quantity, of),
            Self::Cell { table, row, column } => cell(table, row, column),
        }
    }
}

/// Name of a reading.
pub(super) fn reading(model: ModelId, quantity: &str, of: &str) -> String {
    format!("{model} {quantity}{}{of}", if of.is_empty() { "" } else { ": " })
}

/// Name of a cell of a table.
pub(super) fn cell(table: &str, row: &str, column: &str) -> String {
    format!("{table}[{row}][{column}]")
}

/// An order of backfill in a word.
fn word(order: BackfillOrder) -> &'static str {
    match order {
        BackfillOrder::Random => "random",
        BackfillOrder::ClassMean => "class mean",
        BackfillOrder::Uncertainty => "uncertainty",
    }
}
