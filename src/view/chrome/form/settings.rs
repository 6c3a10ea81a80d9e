//! The settings of several scenarios side by side, under the names that the form has for them.

use protocol::{Catalogue, Kind, Scenario};

use super::{ChoiceControl, Control, Group, Target, run_groups, stage_groups};
use crate::view::draw::format;

/// Stands where a scenario has no such setting.
const NONE: &str = "\u{2013}";
/// Id of the row of the seed, which is the first.
pub const SEED: &str = "run-seed";

/// One setting of several scenarios.
#[derive(Clone, Debug, PartialEq)]
pub struct Setting {
    /// Tells it from others of its name.
    pub id: String,
    /// Its name with its stage, as in `v2: Method`.
    pub name: String,
    /// Its value in each scenario.
    pub values: Vec<String>,
}

impl Setting {
    /// Whether the scenarios do not all have the same.
    pub fn differs(&self) -> bool {
        self.values.iter().any(|value| self.values.first() != Some(value))
    }

    /// Whether every scenario has it.
    pub fn is_shared(&self) -> bool {
        self.values.iter().all(|value| value != NONE)
    }
}

/// All settings that any of the scenarios has, in the order of the form.
pub fn settings(scenarios: &[&Scenario], catalogue: &Catalogue) -> Vec<Setting> {
    let mut rows: Vec<Setting> = Vec::new();
    // Ids keep parameters apart that several methods call alike.
    let mut add = |id: String, name: String, read: &dyn Fn(&Scenario) -> String| {
        if rows.iter().all(|row| (&row.id, &row.name) != (&id, &name)) {
            let values = scenarios.iter().map(|scenario| read(scenario)).collect();
            rows.push(Setting { id, name, values });
        }
    };
    add(SEED.to_owned(), "Seed".to_owned(), &|scenario| scenario.seed.to_string());
    add(String::new(), "Stages".to_owned(), &|scenario| scenario.stages.len().to_string());
    let mut take = |place: &str, groups: Vec<Group>| {
        for Group { choice, controls, .. } in groups {
            if let Some(ChoiceControl { target, label }) = choice {
                add(target.id(), format!("{place}{label}"), &|scenario| {
                    let id = target.read(scenario).unwrap_or(NONE);
                    let options = target.options(scenario, catalogue);
                    options.iter().find(|option| option.0 == id).map_or(id, |option| &option.1).to_owned()
                });
            }
            for Control { target, parameter } in controls {
                let unit = if parameter.unit.is_empty() { String::new() } else { format!(" ({})", parameter.unit) };
                add(target.id(), format!("{place}{}{unit}", parameter.label), &|scenario| {
                    value(&target, &parameter.kind, scenario)
                });
            }
        }
    };
    for scenario in scenarios {
        take("", run_groups(scenario, catalogue));
    }
    for stage in 0..scenarios.iter().map(|scenario| scenario.stages.len()).max().unwrap_or(0) {
        for scenario in scenarios {
            take(&format!("v{}: ", stage + 1), stage_groups(scenario, catalogue, stage));
        }
    }
    rows
}

/// A setting of a scenario as its control shows it.
fn value(target: &Target, kind: &Kind, scenario: &Scenario) -> String {
    target.read(scenario).map_or_else(|| NONE.to_owned(), |value| shown(kind, value))
}

/// A value as its control shows it.
pub fn shown(kind: &Kind, value: f64) -> String {
    match kind {
        Kind::Flag => if value == 0.0 { "off" } else { "on" }.to_owned(),
        Kind::Options { labels } => labels.get(value as usize).cloned().unwrap_or_default(),
        Kind::Real { .. } | Kind::Integer { .. } => format::setting(value),
    }
}
