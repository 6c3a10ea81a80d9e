//! The judgement on an upgrade: final where it was reached, provisional while the new model trains.

use protocol::{Chain, ChainScores, Growth, RunLog, RunState, Upkeep, Verdict};

use crate::view::draw::format;
use crate::view::upgrade::Upgrade;

/// What the verdict panel shows.
#[derive(Clone, Debug, PartialEq)]
pub struct VerdictView {
    /// Decides colour and icon.
    pub tone: Tone,
    /// A few words.
    pub headline: String,
    /// One to three sentences.
    pub words: String,
    /// Numbers behind it; empty while provisional.
    pub facts: Vec<Fact>,
}

/// How good the news is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// Nothing can be said yet.
    Waiting,
    /// Compatible.
    Good,
    /// Compatible by one measure and not by the other.
    Mixed,
    /// Not compatible.
    Bad,
}

/// One number with its name and what it means.
#[derive(Clone, Debug, PartialEq)]
pub struct Fact {
    /// Name in the field's words.
    pub name: &'static str,
    /// Value with unit.
    pub value: String,
    /// One sentence.
    pub help: &'static str,
}

impl Tone {
    /// Name in class attributes.
    pub fn word(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Good => "good",
            Self::Mixed => "mixed",
            Self::Bad => "bad",
        }
    }

    /// Glyph that stands beside the colour.
    pub fn glyph(self) -> &'static str {
        match self {
            Self::Waiting => "\u{2026}",
            Self::Good => "\u{2713}",
            Self::Mixed => "\u{2248}",
            Self::Bad => "\u{2717}",
        }
    }
}

impl VerdictView {
    /// The judgement on `upgrade` as far as `log` goes.
    pub fn of(log: &RunLog, upgrade: &Upgrade) -> Self {
        if let Some(verdict) =
            log.verdicts.iter().find(|verdict| (verdict.new, verdict.old) == (upgrade.new, upgrade.old))
        {
            return Self::reached(verdict);
        }
        let cell = |query, gallery| log.latest_cell(query, gallery);
        match (cell(upgrade.old, upgrade.old), cell(upgrade.new, upgrade.old)) {
            (Some((old, basis)), Some((cross, sample))) if basis == sample => {
                let gain = cross.all.map - old.all.map;
                let side = if gain > 0.0 { "above" } else { "not above" };
                let words = format!(
                    "On the live sample new/old is {} points against old/old by mAP. The verdict comes with the final matrix.",
                    format::signed_points(gain)
                );
                let tone = if gain > 0.0 { Tone::Good } else { Tone::Bad };
                Self { tone, headline: format!("So far {side} the status quo"), words, facts: Vec::new() }
            }
            _ => Self::waiting(log, upgrade),
        }
    }

    /// The judgement on the whole chain, once there is one.
    pub fn of_chain(log: &RunLog) -> Option<Self> {
        let chain = log.chain.as_ref()?;
        let even = [&chain.map, &chain.cmc1].iter().all(|scores| scores.ac_with_ties == 1.0);
        let tone = match [&chain.map, &chain.cmc1].map(|scores| scores.failed.is_empty()) {
            [true, true] => Tone::Good,
            _ if even => Tone::Mixed,
            [false, false] => Tone::Bad,
            _ => Tone::Mixed,
        };
        // Which upgrades fail stands in the matrix itself.
        Some(Self { tone, headline: chain.headline(), words: chain.worth(), facts: chain_facts(chain) })
    }

    fn waiting(log: &RunLog, upgrade: &Upgrade) -> Self {
        let Upgrade { old, new, .. } = upgrade;
        let headline = match log.state {
            RunState::Finished | RunState::Faulted => "No verdict",
            RunState::Empty | RunState::Running => "No verdict yet",
        };
        let words = format!(
            "{new} is compatible if its queries find more in the {old} gallery than {old} queries do: M(n,o) > M(o,o)."
        );
        Self { tone: Tone::Waiting, headline: headline.to_owned(), words, facts: Vec::new() }
    }

    fn reached(verdict: &Verdict) -> Self {
        let tone = match (verdict.compatible_map, verdict.compatible_cmc1) {
            (true, true) => Tone::Good,
            (false, false) if !verdict.is_even() => Tone::Bad,
            _ => Tone::Mixed,
        };
        // What it is worth is the first of the facts.
        Self { tone, headline: verdict.headline().to_owned(), words: verdict.grounds(), facts: facts(verdict) }
    }
}

fn facts(verdict: &Verdict) -> Vec<Fact> {
    let fact = |name, value, help| Fact { name, value, help };
    let cost = &verdict.cost;
    let gain = verdict.update_gain.map_or_else(|| "\u{2013}".to_owned(), format::percent);
    let mut facts = vec![
        fact(
            "Update gain",
            gain,
            "Share of what a full backfill to the independent model would buy that is reached without any.",
        ),
        fact(
            "Tax",
            format::signed_points(verdict.tax),
            "Points of mAP that the self-test pays for compatibility: independent model minus new/new.",
        ),
        fact("NFR", format::percent(verdict.nfr), "Queries right before and wrong now, with the old gallery."),
        fact("PFR", format::percent(verdict.pfr), "Queries wrong before and right now, with the old gallery."),
        fact(
            "Forgetting re-indexed",
            format::signed_points(verdict.forgetting_reindexed),
            "old/old minus new/new over seen classes: has the skill gone?",
        ),
        fact(
            "frozen gallery",
            format::signed_points(verdict.forgetting_frozen),
            "old/old minus new/old over seen classes: has the space moved?",
        ),
        fact(
            "CKA new, independent",
            format!("{:.2}, {:.2}", verdict.cka_new, verdict.cka_independent),
            "Debiased linear likeness of the new and of the independent space to the old one; 1 is the same up to rotation.",
        ),
        fact(
            "Stored floats",
            match cost.notes {
                0 => format!("{}, was {}", cost.stored, cost.stored_before),
                notes => format!("{}, was {} + {notes}", cost.stored, cost.stored_before),
            },
            "Per item by the new and by the old model, with the side information that old items need.",
        ),
        fact(
            "Training",
            match (cost.passes, cost.seconds) {
                (1, Some(seconds)) => format!("{seconds:.1} s"),
                (passes, Some(seconds)) => format!("{passes} passes, {seconds:.1} s"),
                (passes, None) => format!("{passes} passes"),
            },
            "All that the new model needed, the independent model where it is a teacher.",
        ),
    ];
    if let Some(branch) = verdict.branch {
        let help =
            "Self-test of the branch that is trained without regard to compatibility: what the whole could reach.";
        facts.push(fact("New branch alone", format::percent(branch.map), help));
    }
    if cost.upkeep != Upkeep::Nothing {
        let help = "What is done when new queries meet the old gallery.";
        facts.push(fact("At run time", cost.upkeep.in_words().to_owned(), help));
    }
    facts
}

/// By mAP and by top-1.
fn chain_facts(chain: &Chain) -> Vec<Fact> {
    let fact = |name, value: fn(&ChainScores) -> String, help| Fact {
        name,
        value: format!("{}, {}", value(&chain.map), value(&chain.cmc1)),
        help,
    };
    let by_task = |value: fn(&Growth) -> String| chain.growth.iter().map(value).collect::<Vec<_>>().join(", ");
    vec![
        fact(
            "AC by mAP, top-1",
            |scores| format!("{:.2}", scores.ac),
            "Average compatibility: share of the upgrades over one or more steps in which new queries do better on the old \
             gallery than its own model's.",
        ),
        fact(
            "with ties",
            |scores| format!("{:.2}", scores.ac_with_ties),
            "The same where doing equally well passes too.",
        ),
        fact(
            "AA",
            |scores| format::points(scores.aa),
            "Average accuracy: mean score over all pairs of a model and itself or one before it.",
        ),
        fact(
            "BC",
            |scores| format::signed_points(scores.bc),
            "Backward compatibility: what the last model's queries find in each gallery before it, minus what that gallery's own \
             model finds, on average.",
        ),
        fact(
            "FC",
            |scores| format::signed_points(scores.fc),
            "Forward compatibility: score on the gallery one version behind minus score after re-indexing, on average.",
        ),
        Fact {
            name: "AC task by task",
            value: by_task(|growth| format!("{:.2}", growth.ac)),
            help: "AC by mAP of the first two models, the first three, and so on.",
        },
        Fact {
            name: "AA task by task",
            value: by_task(|growth| format::points(growth.aa)),
            help: "AA by mAP of the first two models, the first three, and so on.",
        },
    ]
}

#[cfg(test)]
mod tests {
    use protocol::Event;

    use super::*;
    use crate::view::testing::{CEILING, NEW, OLD, chain, half_way, rates};

    #[test]
    fn a_training_model_has_a_provisional_verdict() {
        let view = VerdictView::of(&half_way(), &Upgrade::to_stage(2));
        assert_eq!((view.tone, view.headline.as_str()), (Tone::Good, "So far above the status quo"));
        assert!(view.words.contains("+5.0 points"), "{}", view.words);
    }

    #[test]
    fn a_reached_verdict_has_its_numbers() {
        let mut log = half_way();
        let verdict = Verdict {
            new: NEW,
            old: OLD,
            old_old: rates(0.4),
            new_old: rates(0.3),
            new_new: rates(0.6),
            branch: None,
            ceiling: rates(0.62),
            independent_old: rates(0.1),
            compatible_map: false,
            compatible_cmc1: false,
            update_gain: None,
            tax: 0.02,
            nfr: 0.1,
            pfr: 0.05,
            forgetting_reindexed: -0.2,
            forgetting_frozen: 0.1,
            cka_new: 0.5,
            cka_independent: 0.4,
            cost: protocol::Cost {
                stored: 40,
                stored_before: 32,
                notes: 0,
                passes: 2,
                seconds: Some(4.2),
                upkeep: protocol::Upkeep::Nothing,
            },
        };
        assert_eq!(verdict.ceiling, rates(0.62), "the ceiling is {CEILING}");
        log.apply(&Event::VerdictReached { verdict: Box::new(verdict) });
        let view = VerdictView::of(&log, &Upgrade::to_stage(2));
        assert_eq!((view.tone, view.headline.as_str()), (Tone::Bad, "Not compatible"));
        let value = |name: &str| view.facts.iter().find(|fact| fact.name == name).map(|fact| fact.value.as_str());
        assert_eq!(value("Update gain"), Some("\u{2013}"));
        assert_eq!(value("Forgetting re-indexed"), Some("\u{2212}20.0"));
        assert_eq!(value("NFR"), Some("10 %"));
    }

    #[test]
    fn a_chain_is_judged_as_a_whole() {
        assert_eq!(VerdictView::of_chain(&half_way()), None);
        let view = VerdictView::of_chain(&chain()).unwrap();
        assert_eq!(view.tone, Tone::Bad);
        assert!(view.headline.starts_with("5 of 6 upgrades"), "{}", view.headline);
        assert!(view.words.starts_with("By mAP v4 queries find 5.0 points more"), "{}", view.words);
        let value = |name: &str| view.facts.iter().find(|fact| fact.name == name).map(|fact| fact.value.as_str());
        assert_eq!(value("AC by mAP, top-1"), Some("0.83, 0.83"));
        assert_eq!(value("FC"), Some("\u{2212}8.0, \u{2212}8.0"));
    }

    #[test]
    fn before_anything_was_measured_the_criterion_is_stated() {
        let view = VerdictView::of(&RunLog::default(), &Upgrade::to_stage(2));
        assert_eq!(view.tone, Tone::Waiting);
        assert!(view.words.contains("M(n,o) > M(o,o)"));
    }
}
