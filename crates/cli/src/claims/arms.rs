//! The scenarios that are run. Arms of a family start from one preset, so they share data and schedule; models that are the
//! same in two arms are trained once per seed.

use anyhow::Context as _;
use protocol::{Choice, Scenario, Schedule, Stage};

use crate::run::preset;

/// A scenario that rules refer to by its name.
pub struct Arm {
    /// Name, as rules use it.
    pub name: &'static str,
    /// The scenario, with the preset's seed.
    pub scenario: Scenario,
}

/// Arms over the same data and schedule.
pub struct Family {
    /// The preset that they come from.
    pub preset: &'static str,
    /// The arms, in the order in which they are run.
    pub arms: Vec<Arm>,
}

/// What an arm makes of the preset's stages.
type Change = fn(&mut [Stage]);

/// Sets the method of the last stage.
macro_rules! last {
    ($id:literal $(, $parameter:literal = $value:expr)*) => {
        |stages| stages.iter_mut().last().into_iter().for_each(|stage| stage.method = Choice::of($id)$(.with($parameter, $value))*)
    };
}

/// Sets the method of every stage.
macro_rules! every {
    ($id:literal $(, $parameter:literal = $value:expr)*) => {
        |stages| stages.iter_mut().for_each(|stage| stage.method = Choice::of($id)$(.with($parameter, $value))*)
    };
}

/// Sets parameters of the method that the preset has in its last stage.
macro_rules! adjusted {
    ($($parameter:literal = $value:expr),*) => {
        |stages| stages.iter_mut().last().into_iter().for_each(|stage| {
            stage.method = stage.method.clone()$(.with($parameter, $value))*;
        })
    };
}

/// The preset as it is.
const AS_IT_IS: Change = |_| {};

/// One more task in the place of every replacement, under HOC with this task weight.
fn never_replaced(stages: &mut [Stage], lambda: f64) {
    let mut before: Option<Stage> = None;
    for stage in stages {
        let method = Choice::of("hoc").with("lambda", lambda);
        *stage = match before {
            None => stage.clone(),
            Some(before) if stage.method.id != "hoc" => Stage { classes: stage.classes, method, ..before },
            Some(before) => Stage { encoder: before.encoder, method, ..stage.clone() },
        };
        before = Some(stage.clone());
    }
}

/// A vision transformer in the last stage, with the schedule that the chain gives it.
fn attentive(stages: &mut [Stage]) {
    for stage in stages.iter_mut().skip(1) {
        stage.encoder = Choice::of("vit");
        stage.schedule = Schedule { batch: 64, epochs: 16, rate: 2e-3, ..stage.schedule };
    }
}

/// Every family: its preset, its arms.
const FAMILIES: &[(&str, &[(&str, Change)])] = &[
    (
        "extended-class",
        &[
            ("bct", last!("bct")),
            ("bct, lambda 0", last!("bct", "lambda" = 0.0)),
            ("bct, lambda 0.1", last!("bct", "lambda" = 0.1)),
            ("bct, lambda 10", last!("bct", "lambda" = 10.0)),
            ("bt2", AS_IT_IS),
            ("bt2, r 0", adjusted!("r" = 0.0)),
            ("bt2, r 32", adjusted!("r" = 32.0)),
            ("bt2, C 8", adjusted!("c" = 8.0)),
            ("oca", last!("oca")),
            ("oca, no rotation", last!("oca", "transform" = 2.0)),
            ("naive extra dims", last!("naive-extra-dims")),
            ("l2", last!("l2")),
            ("mixbct", last!("mixbct")),
            ("ract", last!("ract")),
            ("unibct", last!("unibct")),
            ("advbct", last!("advbct")),
            ("lce", last!("lce")),
            ("darkrank", last!("darkrank")),
            ("procrustes", last!("procrustes")),
            ("procrustes, old classes", last!("procrustes", "old_only" = 1.0)),
            ("affine", last!("affine")),
            ("affine, old classes", last!("affine", "old_only" = 1.0)),
            ("slerp", last!("slerp")),
            ("mini-vec2vec", last!("mini-vec2vec")),
            ("rotation", last!("lambda-orthogonal", "lambda" = 0.0)),
            ("lambda 1", last!("lambda-orthogonal", "lambda" = 1.0)),
            ("lambda 3", last!("lambda-orthogonal", "lambda" = 3.0)),
            ("lambda free", last!("lambda-orthogonal", "lambda" = 3.0, "penalty" = 0.0)),
            ("rotation, old classes", last!("lambda-orthogonal", "lambda" = 0.0, "old_only" = 1.0)),
            ("lambda 1, old classes", last!("lambda-orthogonal", "lambda" = 1.0, "old_only" = 1.0)),
            ("lambda 3, old classes", last!("lambda-orthogonal", "lambda" = 3.0, "old_only" = 1.0)),
            ("lambda free, old classes", last!("lambda-orthogonal", "lambda" = 3.0, "penalty" = 0.0, "old_only" = 1.0)),
            ("fct", last!("fct")),
            ("fct, no side", last!("fct", "side" = 0.0)),
            ("fastfill", last!("fastfill")),
            ("simplex", every!("simplex")),
            ("simplex, random rows", every!("simplex", "head" = 1.0)),
            ("simplex, learned rows", every!("simplex", "head" = 2.0)),
        ],
    ),
    (
        "sequential",
        &[
            ("tasks hoc", AS_IT_IS),
            ("tasks hoc, no replacement", |stages| never_replaced(stages, 0.1)),
            ("tasks, task loss alone, no replacement", |stages| never_replaced(stages, 1.0)),
            ("tasks, task loss alone", |stages| {
                stages.iter_mut().filter(|stage| stage.method.id == "hoc").for_each(|stage| {
                    stage.method = stage.method.clone().with("lambda", 1.0);
                });
            }),
            ("tasks, learned head", |stages| {
                for stage in stages {
                    stage.method = Choice::of(if stage.method.id == "hoc" { "fine-tune" } else { Choice::PLAIN });
                }
            }),
        ],
    ),
    (
        "new-architecture",
        &[
            ("cnn bct", last!("bct")),
            ("cnn bt2", AS_IT_IS),
            ("vit bct", |stages| {
                attentive(stages);
                stages.iter_mut().skip(1).for_each(|stage| stage.method = Choice::of("bct"));
            }),
            ("vit bt2", attentive),
        ],
    ),
    (
        "chain",
        &[
            ("chain bt2", AS_IT_IS),
            ("chain bct", |stages| stages.iter_mut().skip(1).for_each(|stage| stage.method = Choice::of("bct"))),
        ],
    ),
];

/// All families; with `quick`, of little data and few epochs.
pub fn families(quick: bool) -> anyhow::Result<Vec<Family>> {
    let family = |&(id, arms): &(&'static str, &[(&'static str, Change)])| {
        let mut base = preset(id)?;
        if quick {
            hurry(&mut base);
        }
        let arm = |&(name, change): &(&'static str, Change)| {
            let mut scenario = base.clone();
            change(&mut scenario.stages);
            Arm { name, scenario }
        };
        Ok(Family { preset: id, arms: arms.iter().map(arm).collect() })
    };
    FAMILIES.iter().map(family).collect()
}

/// The scenario of the last of these arms, as the page's address writes it.
pub fn link(families: &[Family], arms: &[&str]) -> anyhow::Result<String> {
    let all = families.iter().flat_map(|family| &family.arms);
    let arm = arms.last().and_then(|wanted| all.into_iter().find(|arm| arm.name == *wanted));
    let arm = arm.with_context(|| format!("no arm is called {}", arms.last().unwrap_or(&"nothing")))?;
    let catalogue = lab::catalogue();
    let mut scenario = arm.scenario.clone();
    scenario.settle(&catalogue);
    Ok(protocol::to_link(&scenario, &catalogue)?)
}

/// Enough for every part to run, too little for anything to be learned.
fn hurry(scenario: &mut Scenario) {
    scenario.data.train_per_class = 40;
    scenario.data.test_per_class = 20;
    for stage in &mut scenario.stages {
        stage.schedule.epochs = 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claims::rows::ROWS;

    #[test]
    fn arms_can_run_as_they_are_and_have_names_of_their_own() {
        let catalogue = lab::catalogue();
        let families = families(false).unwrap();
        let mut names: Vec<&str> = families.iter().flat_map(|family| family.arms.iter().map(|arm| arm.name)).collect();
        for arm in families.iter().flat_map(|family| &family.arms) {
            let mut settled = arm.scenario.clone();
            assert_eq!(settled.settle(&catalogue), Vec::<String>::new(), "{}", arm.name);
        }
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), families.iter().map(|family| family.arms.len()).sum::<usize>());
    }

    #[test]
    fn every_row_asks_for_arms_that_are_run() {
        let families = families(false).unwrap();
        for row in ROWS {
            for wanted in row.arms {
                let found = families.iter().any(|family| family.arms.iter().any(|arm| arm.name == *wanted));
                assert!(found, "row {} asks for '{wanted}'", row.id);
            }
        }
    }
}
