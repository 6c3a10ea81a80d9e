//! A method of the command line in the place of a scenario's own.

use anyhow::bail;
use protocol::{Catalogue, Choice, DatasetInfo, Preset, Role, Scenario};

/// What can be chosen, with the dataset that a scenario lies on, so that what suits it is known.
pub fn catalogue_with(dataset: &DatasetInfo) -> Catalogue {
    let mut catalogue = lab::catalogue();
    if catalogue.dataset(&dataset.id).is_none() {
        catalogue.datasets.push(dataset.clone());
    }
    catalogue
}

/// Makes `id` the method of the last stage; sentences on what had to change with it.
///
/// # Errors
/// There is no such method, or it does not suit the stage; the message lists those that do.
pub fn choose(scenario: &mut Scenario, id: &str, catalogue: &Catalogue) -> anyhow::Result<Vec<String>> {
    let last = scenario.stages.len().saturating_sub(1);
    let suits: Vec<&str> = catalogue.methods_for(scenario, last).map(|card| card.id.as_str()).collect();
    if !suits.contains(&id) {
        let list = suits.join(", ");
        match catalogue.method(id) {
            Some(_) if scenario.is_given() => bail!(
                "method '{id}' trains a model, and those of this dataset are given as they are; methods that suit it are {list}"
            ),
            Some(_) => bail!("method '{id}' does not suit the last stage of this scenario; those that do are {list}"),
            None => bail!("there is no method '{id}'; those that suit the last stage of this scenario are {list}"),
        }
    }
    if let Some(stage) = scenario.stages.last_mut()
        && stage.method.id != id
    {
        stage.method = Choice::of(id);
    }
    Ok(scenario.settle(catalogue))
}

/// The id of a preset that can be run on `dataset`, if one can: with `method` for its last stage, where one is named, and then rather one
/// that has it.
///
/// # Errors
/// No preset takes the method there.
pub fn preset_for(dataset: &DatasetInfo, method: Option<&str>) -> anyhow::Result<Option<String>> {
    let catalogue = catalogue_with(dataset);
    let mut runnable: Vec<(usize, &Preset, Scenario)> = Vec::new();
    for (at, preset) in catalogue.presets.iter().enumerate() {
        runnable.extend(preset.on(dataset, &catalogue).ok().map(|(scenario, _)| (at, preset, scenario)));
    }
    let own = |preset: &Preset| preset.scenario.stages.last().map(|stage| stage.method.id.clone());
    let bridges = |id: &str| catalogue.method(id).is_some_and(|card| card.is_frozen() && card.role != Role::Plain);
    // Of given models it is what stands between them that is sought, so a preset with that comes first.
    runnable.sort_by_key(|(at, preset, _)| {
        let own = own(preset).unwrap_or_default();
        let fits = match method {
            Some(method) => own == method,
            None => dataset.given.is_empty() || bridges(&own),
        };
        (!fits, *at)
    });
    let Some(method) = method else { return Ok(runnable.first().map(|(_, preset, _)| preset.id.clone())) };
    let mut refused = None;
    for (_, preset, mut scenario) in runnable {
        match choose(&mut scenario, method, &catalogue) {
            Ok(_) => return Ok(Some(preset.id.clone())),
            Err(fault) => refused = refused.or(Some(fault)),
        }
    }
    refused.map_or(Ok(None), Err)
}
