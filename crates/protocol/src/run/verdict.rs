//! The judgement on an upgrade, in numbers and in words.

use serde::{Deserialize, Serialize};

use crate::{ModelId, Rates};

/// How a new model compares with the one before, on the whole test set. Rates are fractions in `0..=1`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Verdict {
    /// The new model.
    pub new: ModelId,
    /// The model that indexed the gallery.
    pub old: ModelId,
    /// M(o,o): status quo.
    pub old_old: Rates,
    /// M(n,o): cross-test.
    pub new_old: Rates,
    /// M(n,n): self-test.
    pub new_new: Rates,
    /// Self-test of what the method trains without regard to compatibility, if it keeps that apart.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub branch: Option<Rates>,
    /// M(*,*): the same stage trained without compatibility.
    pub ceiling: Rates,
    /// M(*,o): that model against the old gallery.
    pub independent_old: Rates,
    /// M(n,o) > M(o,o) by mAP.
    pub compatible_map: bool,
    /// M(n,o) > M(o,o) by CMC top-1.
    pub compatible_cmc1: bool,
    /// Update gain by mAP; `None` where M(*,*) - M(o,o) is under two points.
    pub update_gain: Option<f64>,
    /// M(*,*) - M(n,n) by mAP.
    pub tax: f64,
    /// Queries right before and wrong now, with the old gallery.
    pub nfr: f64,
    /// Queries wrong before and right now, with the old gallery.
    pub pfr: f64,
    /// Re-indexed forgetting by mAP over the old classes: M(o,o) - M(n,n) there.
    pub forgetting_reindexed: f64,
    /// Frozen-gallery forgetting by mAP over the old classes: M(o,o) - M(n,o) there.
    pub forgetting_frozen: f64,
    /// Debiased linear CKA between the new and the old embedding.
    pub cka_new: f64,
    /// Debiased linear CKA between the independent and the old embedding.
    pub cka_independent: f64,
    /// What the new model costs.
    pub cost: Cost,
}

/// What stands on the other side of a score.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cost {
    /// Floats that the new model stores per item.
    pub stored: u32,
    /// Floats that the old one does.
    pub stored_before: u32,
    /// Floats of side information that each item of the old gallery needs beside them.
    pub notes: u32,
    /// Training runs: a teacher is one more.
    pub passes: u32,
    /// Seconds of all of them; `None` if a model was not trained in this run.
    pub seconds: Option<f64>,
    /// What happens to a query or to the old gallery.
    pub upkeep: Upkeep,
}

/// What is done when new queries meet the old gallery, beside embedding and comparing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Upkeep {
    /// Nothing.
    Nothing,
    /// Each query is mapped.
    MapsQueries,
    /// Each query is embedded by both models, mapped and fused.
    BothEncoders,
    /// Each item of the old gallery is mapped once.
    MapsGallery,
}

impl Upkeep {
    /// What a person reads.
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::MapsQueries => "maps queries",
            Self::BothEncoders => "both encoders",
            Self::MapsGallery => "maps old items",
        }
    }
}

impl Verdict {
    /// M(n,o) - M(o,o) by mAP.
    pub fn gain(&self) -> f64 {
        self.new_old.map - self.old_old.map
    }

    /// Whether the new queries find in the old gallery exactly what the old ones do, as those of a frozen or rotated model do. The criterion
    /// asks for more.
    pub fn is_even(&self) -> bool {
        (self.new_old.map, self.new_old.cmc1) == (self.old_old.map, self.old_old.cmc1)
    }

    /// What it comes to, in a few words.
    pub fn headline(&self) -> &'static str {
        if self.is_even() {
            return "As before";
        }
        match (self.compatible_map, self.compatible_cmc1) {
            (true, true) => "Compatible",
            (true, false) => "Compatible by mAP, not by top-1",
            (false, true) => "Compatible by top-1, not by mAP",
            (false, false) => "Not compatible",
        }
    }

    /// What it rests on: the cross-test against the status quo.
    pub fn grounds(&self) -> String {
        let signed = |value: f64| format!("{}{:.1}", if value < 0.0 { "−" } else { "+" }, 100.0 * value.abs());
        let (new, old) = (self.new, self.old);
        let found = match (self.compatible_map, self.compatible_cmc1) {
            (true, true) => format!("{new} queries find more in the {old} gallery than {old} queries do"),
            _ if self.is_even() => format!(
                "{new} queries find exactly as much in the {old} gallery as {old} queries do, where the criterion asks for more"
            ),
            (false, false) if self.gain() == 0.0 => {
                format!("{new} queries find no more in the {old} gallery than {old} queries do")
            }
            (false, false) => format!("{new} queries find less in the {old} gallery than {old} queries do"),
            _ => format!("{new} queries on the {old} gallery against {old} queries"),
        };
        let top1 = self.new_old.cmc1 - self.old_old.cmc1;
        format!("{found} (mAP {}, top-1 {} points).", signed(self.gain()), signed(top1))
    }

    /// What that is worth, next to re-embedding the gallery.
    pub fn worth(&self) -> String {
        match self.update_gain {
            Some(gain) => format!(
                "Without any backfill this is {}{:.0} % of what a full one to the independent model would buy.",
                if gain < 0.0 { "−" } else { "" },
                100.0 * gain.abs()
            ),
            None => "A full backfill to the independent model would buy less than two points: no share of it is told."
                .to_owned(),
        }
    }

    /// The whole in words.
    pub fn in_words(&self) -> String {
        format!("{}: {} {}", self.headline(), self.grounds(), self.worth())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(old: f64, cross: f64, ceiling: f64) -> Verdict {
        let rates = |map| Rates { map, cmc1: map, ..Rates::default() };
        Verdict {
            new: ModelId::deployed(2),
            old: ModelId::deployed(1),
            old_old: rates(old),
            new_old: rates(cross),
            new_new: rates(ceiling - 0.01),
            branch: None,
            ceiling: rates(ceiling),
            independent_old: rates(0.1),
            compatible_map: cross > old,
            compatible_cmc1: cross > old,
            update_gain: (ceiling - old > 0.02).then(|| (cross - old) / (ceiling - old)),
            tax: 0.01,
            nfr: 0.0,
            pfr: 0.0,
            forgetting_reindexed: 0.0,
            forgetting_frozen: 0.0,
            cka_new: 0.5,
            cka_independent: 0.5,
            cost: Cost {
                stored: 40,
                stored_before: 32,
                notes: 0,
                passes: 2,
                seconds: Some(4.2),
                upkeep: Upkeep::Nothing,
            },
        }
    }

    #[test]
    fn words_follow_the_numbers() {
        let words = verdict(0.5, 0.55, 0.7).in_words();
        assert!(words.starts_with("Compatible: v2 queries find more in the v1 gallery"), "{words}");
        assert!(words.contains("mAP +5.0, top-1 +5.0 points"), "{words}");
        assert!(words.contains("25 % of what"), "{words}");
        let words = verdict(0.5, 0.1, 0.51).in_words();
        assert!(words.starts_with("Not compatible"), "{words}");
        assert!(words.contains("no share of it is told"), "{words}");
        let words = verdict(0.5, 0.5, 0.7).in_words();
        assert!(words.starts_with("As before: v2 queries find exactly as much in the v1 gallery"), "{words}");
    }
}
