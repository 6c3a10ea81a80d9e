//! What a run is called where nobody gave it a name.

use protocol::{Catalogue, DatasetInfo, Scenario};

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

/// Methods and seed of a scenario, as in `BCT, seed 7`; before them its dataset, if its preset comes with another.
pub fn methods_and_seed(scenario: &Scenario, catalogue: &Catalogue) -> String {
    let words = format!("{}, seed {}", methods(scenario, catalogue), scenario.seed);
    match other_dataset(scenario, catalogue) {
        Some(name) => format!("{name}, {words}"),
        None => words,
    }
}

/// Name of the dataset of a scenario; `None` if it goes without saying.
fn other_dataset<'a>(scenario: &Scenario, catalogue: &'a Catalogue) -> Option<&'a str> {
    let id = &scenario.data.dataset;
    let goes_without = match catalogue.preset(&scenario.preset) {
        Some(preset) => preset.scenario.data.dataset == *id,
        None => !id.starts_with(DatasetInfo::OWN),
    };
    (!goes_without).then(|| dataset(id, catalogue))
}

/// Name of a dataset.
fn dataset<'a>(id: &str, catalogue: &'a Catalogue) -> &'a str {
    catalogue.dataset(id).map_or("data not here", |dataset| dataset.name.as_str())
}

/// Scenario and dataset, as in `Extended class, Fashion-MNIST`.
pub fn scenario_and_data(scenario: &Scenario, catalogue: &Catalogue) -> String {
    let preset = catalogue.preset(&scenario.preset).map(|preset| preset.name.as_str());
    let data = dataset(&scenario.data.dataset, catalogue);
    preset.into_iter().chain([data]).collect::<Vec<_>>().join(", ")
}

/// Scenario, dataset if it is another than the preset's, methods and seed, as in `Extended class, BCT, seed 7`.
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
    fn a_run_is_called_by_scenario_data_methods_and_seed() {
        let stage = |id: &str| Stage { method: Choice::of(id), ..Stage::default() };
        let stages = vec![stage(Choice::PLAIN), stage("bct"), stage("bct"), stage("l2")];
        let scenario = Scenario { preset: "chain".to_owned(), seed: 7, stages, ..Scenario::default() };
        let preset = Preset {
            id: "chain".to_owned(),
            name: "Chain".to_owned(),
            summary: String::new(),
            scenario: scenario.clone(),
        };
        let mut catalogue =
            Catalogue { methods: vec![MethodCard::new("bct", "BCT")], presets: vec![preset], ..Catalogue::default() };
        assert_eq!(run(&scenario, &catalogue), "Chain, BCT, l2, seed 7");
        assert_eq!(run(&scenario, &Catalogue::default()), "bct, l2, seed 7");

        let mut moved = scenario.clone();
        moved.data.dataset = "own-0a1b2c3d".to_owned();
        assert_eq!(run(&moved, &catalogue), "Chain, data not here, BCT, l2, seed 7");
        let (id, name) = (moved.data.dataset.clone(), "patterns".to_owned());
        catalogue.datasets.push(DatasetInfo { id, name, ..DatasetInfo::default() });
        assert_eq!(run(&moved, &catalogue), "Chain, patterns, BCT, l2, seed 7");
        assert_eq!(methods_and_seed(&moved, &catalogue), "patterns, BCT, l2, seed 7");
        assert_eq!(run(&moved, &Catalogue::default()), "data not here, bct, l2, seed 7");
        assert_eq!(scenario_and_data(&moved, &catalogue), "Chain, patterns");
        assert_eq!(scenario_and_data(&moved, &Catalogue::default()), "data not here");
    }
}
