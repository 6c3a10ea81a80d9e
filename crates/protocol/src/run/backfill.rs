//! Partial backfill: what new queries find while the old gallery is re-embedded item by item.

use serde::{Deserialize, Serialize};

use crate::ModelId;

/// The score of a mixed gallery against the share of it that the new model has re-embedded. Fractions in `0..=1`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Backfill {
    /// The new model: it embeds the queries and the items that had their turn.
    pub query: ModelId,
    /// The old model, which embedded the others.
    pub gallery: ModelId,
    /// Which items come first.
    pub order: BackfillOrder,
    /// Whether items that are still old are asked by the old model's query: each query then costs both encoders.
    pub dual: bool,
    /// The curve, from nothing to everything re-embedded.
    pub points: Vec<BackfillPoint>,
    /// Mean mAP over a backfill at even speed: the area under the curve.
    pub area: f64,
    /// mAP of the lowest point minus that of the lower end: below zero where the index dips while it is mixed.
    pub dip: f64,
}

/// One state of the gallery.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct BackfillPoint {
    /// Share that is re-embedded.
    pub fraction: f64,
    /// Mean average precision over the mixed list.
    pub map: f64,
    /// Queries whose best item is of their class.
    pub cmc1: f64,
}

/// Which items are re-embedded first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BackfillOrder {
    /// In random order.
    Random,
    /// Those farthest from the mean of their class.
    ClassMean,
    /// Those that the bridge between the models is least certain of.
    Uncertainty,
}

impl BackfillOrder {
    /// What a person reads.
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Random => "random order",
            Self::ClassMean => "farthest from class mean first",
            Self::Uncertainty => "least certain first",
        }
    }
}

impl Backfill {
    /// Name beside others of the same upgrade, without a full stop.
    pub fn name(&self) -> String {
        let dual = if self.dual { ", old items asked by the old model" } else { "" };
        format!("{} into {}, {}{dual}", self.query, self.gallery, self.order.in_words())
    }

    /// Name beside others of the same models.
    pub fn short_name(&self) -> &'static str {
        match (self.dual, self.order) {
            (true, _) => "both encoders",
            (false, BackfillOrder::Random) => "random",
            (false, BackfillOrder::ClassMean) => "far from class mean",
            (false, BackfillOrder::Uncertainty) => "least certain",
        }
    }

    /// What it says, in a sentence.
    pub fn in_words(&self) -> String {
        let percent = |value: f64| format!("{:.1}", 100.0 * value);
        let ends = |point: Option<&BackfillPoint>| percent(point.map_or(f64::NAN, |point| point.map));
        let dip = match self.dip < -0.01 {
            true => format!(
                "; in between it falls {} points below the lower end, so do not mix these two without scaling",
                percent(-self.dip)
            ),
            false => String::new(),
        };
        format!(
            "{}: mAP from {} to {} %, {} % on average over the backfill{dip}.",
            self.name(),
            ends(self.points.first()),
            ends(self.points.last()),
            percent(self.area)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_tell_of_a_dip_and_only_of_a_dip() {
        let point = |fraction: f64, map: f64| BackfillPoint { fraction, map, cmc1: map };
        let backfill = Backfill {
            query: ModelId::independent(2),
            gallery: ModelId::deployed(1),
            order: BackfillOrder::Random,
            dual: false,
            points: vec![point(0.0, 0.2), point(0.5, 0.15), point(1.0, 0.7)],
            area: 0.4,
            dip: -0.05,
        };
        assert_eq!(
            backfill.in_words(),
            "v2* into v1, random order: mAP from 20.0 to 70.0 %, 40.0 % on average over the backfill; in between it falls 5.0 \
             points below the lower end, so do not mix these two without scaling."
        );
        let smooth = Backfill { dip: 0.0, dual: true, order: BackfillOrder::ClassMean, ..backfill };
        assert_eq!(
            smooth.in_words(),
            "v2* into v1, farthest from class mean first, old items asked by the old model: mAP from 20.0 to 70.0 %, 40.0 % on \
             average over the backfill."
        );
    }
}
