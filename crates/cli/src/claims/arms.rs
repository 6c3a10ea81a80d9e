//! The scenarios that are run. Arms of a family differ in the method of their last stage only, so they share data, old model
//! and ceiling: those are trained once per seed.

use protocol::{Choice, Scenario, Stage};

use crate::run::preset;

/// A scenario that rules refer to by its name.
pub struct Arm {
    /// Name, as rules use it.
    pub name: &'static str,
    /// The scenario, with the preset's seed.
    pub scenario: Scenario,
}

/// Arms over the same data with the same stages but for the last one's method.
pub struct Family {
    /// The preset that they come from.
    pub preset: &'static str,
    /// The arms; the first trains what the others share.
    pub arms: Vec<Arm>,
}

/// What an arm makes of the preset's last stage.
type Change = fn(&Stage) -> Choice;

/// Every family: its preset, its arms.
const FAMILIES: &[(&str, &[(&str, Change)])] = &[
    (
        "extended-class",
        &[
            ("bct", |_| Choice::of("bct")),
            ("bct, lambda 0", |_| Choice::of("bct").with("lambda", 0.0)),
            ("bct, lambda 0.1", |_| Choice::of("bct").with("lambda", 0.1)),
            ("bct, lambda 10", |_| Choice::of("bct").with("lambda", 10.0)),
            ("bt2", |stage| stage.method.clone()),
            ("bt2, r 0", |stage| stage.method.clone().with("r", 0.0)),
            ("bt2, r 32", |stage| stage.method.clone().with("r", 32.0)),
        ],
    ),
    ("new-architecture", &[("cnn bct", |_| Choice::of("bct")), ("cnn bt2", |stage| stage.method.clone())]),
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
            if let Some(stage) = scenario.stages.last_mut() {
                stage.method = change(stage);
            }
            Arm { name, scenario }
        };
        Ok(Family { preset: id, arms: arms.iter().map(arm).collect() })
    };
    FAMILIES.iter().map(family).collect()
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
