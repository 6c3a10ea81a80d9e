//! The judgement on an upgrade: final where it was reached, provisional while the new model trains.

use protocol::{Chain, ChainScores, Growth, RunLog, RunState, Upkeep, Verdict};

use crate::view::draw::format;
use crate::view::terms::Term;
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

/// One number with its name.
#[derive(Clone, Debug, PartialEq)]
pub struct Fact {
    /// Name in the field's words.
    pub name: &'static str,
    /// Value with unit.
    pub value: String,
    /// What it is.
    pub term: Term,
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
    let fact = |name, value, term| Fact { name, value, term };
    let cost = &verdict.cost;
    let gain = verdict.update_gain.map_or_else(|| "\u{2013}".to_owned(), format::percent);
    let stored = match cost.notes {
        0 => format!("{}, was {}", cost.stored, cost.stored_before),
        notes => format!("{}, was {} + {notes}", cost.stored, cost.stored_before),
    };
    let training = match (cost.passes, cost.seconds) {
        (1, Some(seconds)) => format!("{seconds:.1} s"),
        (passes, Some(seconds)) => format!("{passes} passes, {seconds:.1} s"),
        (passes, None) => format!("{passes} passes"),
    };
    let numbers = [
        fact("Update gain", gain, Term::UpdateGain),
        fact("Tax", format::signed_points(verdict.tax), Term::Tax),
        fact("NFR", format::percent(verdict.nfr), Term::Nfr),
        fact("PFR", format::percent(verdict.pfr), Term::Pfr),
        fact("Floats", stored, Term::Floats),
        fact("Forgetting re-indexed", format::signed_points(verdict.forgetting_reindexed), Term::ReIndexed),
        fact("frozen gallery", format::signed_points(verdict.forgetting_frozen), Term::FrozenGallery),
    ];
    let branch = verdict.branch.map(|branch| fact("Branch alone", format::points(branch.map), Term::Branch));
    let spaces = format!("{:.2}, {:.2}", verdict.cka_new, verdict.cka_independent);
    let rest = [fact("CKA new, ind.", spaces, Term::Cka), fact("Training", training, Term::Passes)];
    let upkeep = Some(cost.upkeep).filter(|upkeep| *upkeep != Upkeep::Nothing);
    let upkeep = upkeep.map(|upkeep| fact("At run time", upkeep.in_words().to_owned(), Term::Upkeep));
    numbers.into_iter().chain(branch).chain(rest).chain(upkeep).collect()
}

/// By mAP and by top-1; how it came to that by mAP.
fn chain_facts(chain: &Chain) -> Vec<Fact> {
    let by_both = |name, value: fn(&ChainScores) -> String, term| Fact {
        name,
        value: format!("{}, {}", value(&chain.map), value(&chain.cmc1)),
        term,
    };
    let by_task = |name, value: fn(&Growth) -> String, term| Fact {
        name,
        value: chain.growth.iter().map(value).collect::<Vec<_>>().join(", "),
        term,
    };
    vec![
        by_both("AC by mAP, top-1", |scores| format!("{:.2}", scores.ac), Term::Ac),
        by_both("with ties", |scores| format!("{:.2}", scores.ac_with_ties), Term::AcWithTies),
        by_both("AA", |scores| format::points(scores.aa), Term::Aa),
        by_both("BC", |scores| format::signed_points(scores.bc), Term::Bc),
        by_both("FC", |scores| format::signed_points(scores.fc), Term::Fc),
        by_task("AC task by task", |growth| format!("{:.2}", growth.ac), Term::Ac),
        by_task("AA task by task", |growth| format::points(growth.aa), Term::Aa),
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
