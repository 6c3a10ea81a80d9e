//! An upgrade in operation: what was done to the index, what may be done next and why not.
//!
//! ```text
//! old --deploy--> mixed --backfill, cut over--> new
//!  ^                |                            |
//!  +----------------+--------- roll back --------+
//! ```

mod facts;
mod index;
mod steps;

use protocol::ModelId;

use crate::view::draw::format;
pub use facts::{Curve, Facts, Found, ModelFacts, Way};
pub use index::{Cost, IndexState};
pub use steps::{STEPS, Step, StepState, StepView, steps};

/// What the operator did with the index of one upgrade.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Operation {
    phase: Phase,
    dual_write: bool,
    /// Percent of the items that the new model has re-embedded; after a rollback, that it had.
    share: u8,
    way: Way,
    /// Items that the old model embedded again for a rollback.
    repaired: u32,
    /// What was pressed last and not done: refused, or to be pressed once more.
    pressed: Option<Act>,
}

/// Who answers queries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Phase {
    /// The old model asks the old gallery.
    #[default]
    Old,
    /// The new model asks a gallery of which a share is still old.
    Mixed,
    /// The new model asks its own gallery, for good.
    New,
    /// The old model asks the old gallery again.
    Back,
}

/// A press of the operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// Queries are embedded by the new model.
    Deploy,
    /// Every write keeps vectors by both models, or no longer does.
    DualWrite,
    /// The backfill is declared done.
    CutOver,
    /// Queries and items are the old model's again.
    RollBack,
}

/// What speaks against an act.
#[derive(Clone, Debug, PartialEq)]
enum Objection {
    /// It makes no sense now.
    No(String),
    /// It can be done all the same, by a second press.
    Sure(String),
}

impl Operation {
    /// Does what was pressed, unless something speaks against it; what can be done all the same is done at the second
    /// press.
    pub fn press(&mut self, act: Act, facts: &Facts) {
        let again = self.pressed.take() == Some(act);
        match self.objection(act, facts) {
            Some(Objection::Sure(_)) if again => self.carry_out(act, facts),
            Some(_) => self.pressed = Some(act),
            None => self.carry_out(act, facts),
        }
    }

    /// Backfills up to the measured share next to `percent`, where a backfill is on; else that is refused as what it waits for is.
    pub fn backfill(&mut self, percent: u8, facts: &Facts) {
        if !self.is_mixed() {
            self.pressed = Some(self.awaited(facts));
            return;
        }
        self.pressed = None;
        let shares = self.shares(facts);
        self.share = shares.into_iter().min_by_key(|share| share.abs_diff(percent)).unwrap_or(self.share);
    }

    /// Takes another measured way to backfill.
    pub fn choose(&mut self, way: Way, facts: &Facts) {
        self.way = way;
        self.backfill(self.share, facts);
    }

    /// The way to backfill.
    pub fn way(&self) -> Way {
        self.way
    }

    /// Percent of the items that answer by the new model.
    pub fn share(&self) -> u8 {
        if self.phase == Phase::Back { 0 } else { self.share }
    }

    /// Whether what an act brings about is the case.
    pub fn has(&self, act: Act) -> bool {
        match act {
            Act::Deploy => matches!(self.phase, Phase::Mixed | Phase::New),
            Act::DualWrite => self.dual_write,
            Act::CutOver => self.phase == Phase::New,
            Act::RollBack => self.phase == Phase::Back,
        }
    }

    /// Whether a backfill can go on.
    pub fn is_mixed(&self) -> bool {
        self.phase == Phase::Mixed
    }

    /// Percents of a backfill that were measured, ascending.
    pub fn shares(&self, facts: &Facts) -> Vec<u8> {
        facts.points(self.way).iter().map(|point| (100.0 * point.fraction).round() as u8).collect()
    }

    /// The model that can be deployed next, once this upgrade is through.
    pub fn next(&self, facts: &Facts) -> Option<ModelId> {
        facts.next.filter(|_| self.phase == Phase::New)
    }

    /// Where the operation stands, in a sentence: what is in the way, what to beware of, or what is the case.
    pub fn sentence(&self, facts: &Facts) -> String {
        let (old, new) = (facts.upgrade.old, facts.upgrade.new);
        if let Some(Objection::No(why) | Objection::Sure(why)) = self.pressed.and_then(|act| self.objection(act, facts))
        {
            return why;
        }
        match self.phase {
            Phase::Old if !facts.new.ready => format!("Items and queries are by {old}; {new} is not trained yet."),
            Phase::Old => format!("Items and queries are by {old}."),
            Phase::Mixed if self.share < 100 && !facts.compatible() => {
                format!("{} Mixed all the same.", shortfall(facts))
            }
            Phase::Mixed if self.share < 100 => {
                format!("Queries are by {new}, {} % of the items still by {old}.", 100 - self.share)
            }
            Phase::Mixed => format!("The backfill is done: {new} can be cut over to."),
            Phase::New if self.dual_write => format!("Cut over to {new}; {old} vectors are kept for a rollback."),
            Phase::New => format!("Cut over to {new}; {old} vectors are gone."),
            Phase::Back if self.repaired == 0 => format!("Back to {old}, whose vectors were all there."),
            Phase::Back => format!("Back to {old}, which embedded {} again.", items(self.repaired)),
        }
    }

    /// Whether that sentence is something to beware of.
    pub fn warns(&self, facts: &Facts) -> bool {
        self.pressed.is_some() || (self.phase == Phase::Mixed && self.share < 100 && !facts.compatible())
    }

    /// Whether the act waits for a second press.
    fn asks(&self, act: Act, facts: &Facts) -> bool {
        self.pressed == Some(act) && matches!(self.objection(act, facts), Some(Objection::Sure(_)))
    }

    /// The act that is refused for the reason for which no backfill is on.
    fn awaited(&self, facts: &Facts) -> Act {
        match self.objection(Act::Deploy, facts) {
            Some(Objection::No(_)) if self.phase != Phase::New => Act::Deploy,
            _ => Act::CutOver,
        }
    }

    fn objection(&self, act: Act, facts: &Facts) -> Option<Objection> {
        let (old, new) = (facts.upgrade.old, facts.upgrade.new);
        let no = |why: String| Some(Objection::No(why));
        let deployed = matches!(self.phase, Phase::Mixed | Phase::New);
        let lost = self.lost(facts);
        match act {
            Act::Deploy if deployed => no(format!("{new} is deployed already.")),
            Act::Deploy if !facts.new.ready => no(format!("Deploy {new} once it is trained.")),
            Act::Deploy if facts.gain().is_none() => no(format!(
                "Deploy {new} after the cross-test: the final matrix puts its queries to the {old} gallery."
            )),
            Act::Deploy if facts.compatible() => None,
            Act::Deploy => Some(Objection::Sure(format!("{} Mixed anyway?", shortfall(facts)))),
            _ if self.phase == Phase::Back && act == Act::RollBack => no(format!("Back at {old} already.")),
            Act::RollBack if !deployed => no(format!("Nothing to roll back: {new} is not deployed.")),
            _ if !deployed => no(format!("Deploy {new} first.")),
            Act::DualWrite if !self.dual_write && lost > 0 => {
                no(format!("Dual-write has to start before the backfill: {} are by {new} alone.", items(lost)))
            }
            Act::DualWrite => None,
            Act::CutOver if self.phase == Phase::New => no(format!("Cut over to {new} already.")),
            Act::CutOver if self.share < 100 => no(format!(
                "Cut over after the backfill is done: {} % of the items are still by {old}.",
                100 - self.share
            )),
            Act::CutOver => None,
            Act::RollBack if lost == 0 => None,
            Act::RollBack => {
                let time = facts.old.index_seconds.map(|seconds| share_of(seconds, lost, facts.items));
                let time = time.map(|seconds| format!(", {}", format::short_seconds(seconds))).unwrap_or_default();
                let count = items(lost);
                Some(Objection::Sure(format!(
                    "Without dual-write {old} has to embed {count} again{time}. Roll back anyway?"
                )))
            }
        }
    }

    fn carry_out(&mut self, act: Act, facts: &Facts) {
        match act {
            Act::Deploy => *self = Self { phase: Phase::Mixed, way: self.way, ..Self::default() },
            Act::DualWrite => self.dual_write = !self.dual_write,
            Act::CutOver => self.phase = Phase::New,
            Act::RollBack => {
                *self = Self { phase: Phase::Back, repaired: self.lost(facts), dual_write: false, ..*self };
            }
        }
    }

    /// Items that the new model has re-embedded.
    fn redone(&self, facts: &Facts) -> u32 {
        (f64::from(facts.items) * f64::from(self.share) / 100.0).round() as u32
    }

    /// Items whose old vectors the backfill has replaced.
    fn lost(&self, facts: &Facts) -> u32 {
        match self.phase {
            Phase::Mixed | Phase::New if !self.dual_write => self.redone(facts),
            _ => 0,
        }
    }
}

/// What speaks against new queries in the old gallery, in a sentence.
fn shortfall(facts: &Facts) -> String {
    let (old, new) = (facts.upgrade.old, facts.upgrade.new);
    match facts.gain() {
        Some(gain) if gain < 0.0 => format!(
            "{new} queries find {} points less in the {old} gallery than {old} queries do.",
            format::points(-gain)
        ),
        _ if facts.independent => format!("{new} was trained without regard to {old}."),
        _ => format!("{new} queries find no more in the {old} gallery than {old} queries do."),
    }
}

fn items(count: u32) -> String {
    format!("{} items", format::count(u64::from(count)))
}

/// What of `whole` falls to `part` of `all` items.
fn share_of(whole: f64, part: u32, all: u32) -> f64 {
    whole * f64::from(part) / f64::from(all.max(1))
}

#[cfg(test)]
mod tests;
