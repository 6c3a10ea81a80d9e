//! What a rule can ask of a finished run: numbers that its log holds.

use protocol::{BackfillOrder, ModelId};

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
    /// A fraction, told in points of this score; of none where the fact's name says of what.
    Points(&'static str),
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
    /// mAP of a cell of the final matrix.
    Map(Pair),
    /// CMC top-1 of a cell.
    Top1(Pair),
    /// mAP of a cell over queries of the classes that came after the first stage.
    UnseenMap(Pair),
    /// Self-test of what the method trains without regard to compatibility, by mAP.
    Branch,
    /// M(*,*) - M(n,n) by mAP.
    Tax,
    /// Update gain by mAP.
    UpdateGain,
    /// Queries right before and wrong now, with the old gallery.
    NegativeFlips,
    /// Frozen-gallery minus re-indexed forgetting by mAP over the old classes.
    FrozenGap,
    /// Whether it is compatible by mAP, 1 or 0.
    Compatible,
    /// Debiased linear CKA between the new and the old embedding.
    CkaNew,
    /// Debiased linear CKA between the independent and the old embedding.
    CkaIndependent,
    /// P1, the harmonic mean of what it keeps of the self-test and gains in the cross-test.
    P1,
    /// Average compatibility AC of the chain by mAP, strict.
    AverageCompatibility,
    /// Average accuracy AA of the chain by mAP.
    AverageAccuracy,
    /// AC of the first so many models of the chain by mAP.
    Growth(u8),
    /// Mean mAP over a partial backfill by this model in this order.
    BackfillArea(ModelId, BackfillOrder),
    /// How far mAP falls below the lower end during that backfill; 0 if it does not.
    DipDepth(ModelId, BackfillOrder),
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
            Self::Map(_)
            | Self::UnseenMap(_)
            | Self::Branch
            | Self::Tax
            | Self::FrozenGap
            | Self::BackfillArea(..)
            | Self::DipDepth(..) => Unit::Points("mAP"),
            Self::Top1(_) => Unit::Points("CMC top-1"),
            Self::NegativeFlips | Self::AverageCompatibility | Self::AverageAccuracy | Self::Growth(_) => {
                Unit::Points("")
            }
            Self::P1 | Self::UpdateGain => Unit::Percent,
            Self::Compatible | Self::CkaNew | Self::CkaIndependent | Self::Stored | Self::Seconds => Unit::Bare,
            Self::Reading { .. } | Self::Cell { .. } => Unit::Declared,
        }
    }
}
