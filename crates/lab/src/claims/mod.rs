//! Published claims, each with the rule that it is judged by.
//!
//! | module | what it holds |
//! | --- | --- |
//! | `rule` | a claim with its rule |
//! | `fact` | the numbers of a run that rules can ask for, by name |
//! | `facts` | those numbers, as they are kept of a run |
//! | [`arms`] | the scenarios that rules are about |
//! | `words` | a rule in words |
//! | [`chosen`] | what may be chosen for each method before it is judged, and what was |
//! | [`evaluate`] | a rule over the facts of runs |
//! | [`measured`] | what the number of a rule is made of, for whoever computes it anew |
//!
//! The rules of a method, and the arms that only they need, stand in the method's file. Rules are data and link nothing but themselves;
//! who evaluates them links [`evaluate`]. Only the report of the command line reads them: programs without what only people read have
//! none, see [`judged`].

pub mod arms;
pub mod chosen;
pub mod evaluate;
mod fact;
mod facts;
pub mod measured;
mod rule;
mod words;

pub use arms::{Arm, Change, Design, INDEPENDENT};
pub use chosen::Chosen;
pub use fact::{Fact, NEW, NEW_NEW, NEW_OLD, OLD, OLD_OLD, Pair, STAR, STAR_OLD, STAR_STAR, THIRD, THIRD_OLD};
pub use facts::{Facts, Groups, asked};
pub use rule::{Cell, Measure, Number, Rule};

use crate::methods::methods;

/// Who claims what no paper does.
pub const LAB: &str = "this lab";

/// What concerns the lab itself: that its presets leave something to find.
const OWN: &[Rule] = &[
    Rule::new(
        "headroom-old",
        LAB,
        "There is headroom: old/old mAP is at least 30 % and at most 60 %",
        Measure::Within { number: (arms::INDEPENDENT, Fact::Score(OLD_OLD)), low: 30.0, high: 60.0 },
    ),
    Rule::new(
        "headroom-ceiling",
        LAB,
        "There is headroom: independent/independent mAP is at least 60 % and at most 90 %",
        Measure::Within { number: (arms::INDEPENDENT, Fact::Score(NEW_NEW)), low: 60.0, high: 90.0 },
    ),
];

/// The rules of a method, or none in a program without the feature `prose`: the workers of the page, which a visitor downloads, would
/// carry them along for nobody.
pub const fn judged(rules: &'static [Rule]) -> &'static [Rule] {
    if cfg!(feature = "prose") { rules } else { &[] }
}

/// Every rule with the id of its method, in the order of reports: those of the lab, which have none, then method by method.
pub fn rules() -> impl Iterator<Item = (&'static str, &'static Rule)> {
    let of_methods = methods().flat_map(|method| method.claims.iter().map(|rule| (method.id, rule)));
    let own = const { judged(OWN) };
    own.iter().map(|rule| ("", rule)).chain(of_methods)
}

/// Every arm that a rule is about, each once.
pub fn arms() -> Vec<&'static Arm> {
    let mut arms: Vec<&'static Arm> = Vec::new();
    for arm in rules().flat_map(|(_, rule)| rule.arms()) {
        if arms.iter().all(|other| other.name != arm.name) {
            arms.push(arm);
        }
    }
    arms
}
