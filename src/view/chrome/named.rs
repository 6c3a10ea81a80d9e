//! What a run is called where nobody gave it a name.

use protocol::{Catalogue, Scenario};

/// Names of the methods of all upgrades of a scenario, each once.
pub fn methods(scenario: &Scenario, catalogue: &Catalogue) -> String {
    let mut names: Vec<&str> = Vec::new();
    for stage in scenario.stages.iter().skip(1.min(scenario.stages.len().saturating_sub(1))) {
        let id = stage.method.id.as_str();
        let name = catalogue.method(id).map_or(id, |card| card.name.as_str());
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names.join(", ")
}

/// Methods and seed of a scenario, as in `BCT, seed 7`.
pub fn methods_and_seed(scenario: &Scenario, catalogue: &Catalogue) -> String {
    format!("{}, seed {}", methods(scenario, catalogue), scenario.seed)
}

/// Scenario, methods and seed, as in `Extended class, BCT, seed 7`.
pub fn run(scenario: &Scenario, catalogue: &Catalogue) -> String {
    let words = methods_and_seed(scenario, catalogue);
    match catalogue.preset(&scenario.preset) {
        Some(preset) => format!("{}, {words}", preset.name),
        None => words,
    }
}

#[cfg(test)]
mod tests {
    use protocol::{Choice, MethodCard, Preset, Stage};

    use super::*;

    #[test]
    fn a_run_is_called_by_scenario_methods_and_seed() {
        let stage = |id: &str| Stage { method: Choice::of(id), ..Stage::default() };
        let stages = vec![stage(Choice::PLAIN), stage("bct"), stage("bct"), stage("l2")];
        let scenario = Scenario { preset: "chain".to_owned(), seed: 7, stages, ..Scenario::default() };
        let preset = Preset {
            id: "chain".to_owned(),
            name: "Chain".to_owned(),
            summary: String::new(),
            scenario: scenario.clone(),
        };
        let catalogue =
            Catalogue { methods: vec![MethodCard::new("bct", "BCT")], presets: vec![preset], ..Catalogue::default() };
        assert_eq!(run(&scenario, &catalogue), "Chain, BCT, l2, seed 7");
        assert_eq!(run(&scenario, &Catalogue::default()), "bct, l2, seed 7");
    }
}
