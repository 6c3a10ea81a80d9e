//! Scenarios as links: the preset's name and what differs from it, as `path=value` pairs.
//!
//! The paths are those of the scenario's JSON form, so a field that is added to [`Scenario`] is in links at once. Numbers
//! are kept exactly, keys that nobody knows are said and left out, and what is out of bounds is brought back by
//! [`Scenario::settle`]. Keys that start with `view.` are settings of the page beside the scenario: [`view_setting`] and
//! [`with_view_setting`].

use std::collections::BTreeMap;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde_json::Value;

use crate::{Catalogue, Choice, Scenario, Schedule};

/// Characters that need no escape in a fragment, beyond letters and digits.
const ESCAPED: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'*').remove(b',').remove(b'/');

/// Format of the links that are written. A link says what differs from a preset, so it is another one wherever presets change.
const FORMAT: u32 = 2;
/// The first format: in its presets every stage had the scale of the logits that a schedule has by default.
const WITHOUT_SCALES: &str = "1";

/// Start of the keys that say how the page shows a scenario.
const VIEW: &str = "view.";
/// Path of the dataset, which is taken in before all that it decides on.
const DATASET: &str = "data.dataset";

/// A link that holds no scenario.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum LinkError {
    /// The link was written by a version with another format.
    #[error(
        "this link was made by another version (format {0}, this version reads up to {FORMAT}); open a preset instead"
    )]
    OtherFormat(String),
    /// The scenario has no JSON form.
    #[error("the scenario cannot be written into a link: {0}")]
    Unwritable(String),
}

/// The fragment (without `#`) that restores `scenario`.
///
/// # Errors
/// [`LinkError::Unwritable`] if a number is not finite.
pub fn to_link(scenario: &Scenario, catalogue: &Catalogue) -> Result<String, LinkError> {
    let mut base = start(&scenario.preset, catalogue);
    resize(&mut base, scenario.stages.len());
    for (stage, wanted) in base.stages.iter_mut().zip(&scenario.stages) {
        for (choice, wanted) in [(&mut stage.encoder, &wanted.encoder), (&mut stage.method, &wanted.method)] {
            if choice.id != wanted.id {
                *choice = Choice::of(&wanted.id);
            }
        }
    }
    base.rest_on(&scenario.data.dataset, catalogue);
    base.settle(catalogue);
    let base = leaves_of(&base)?;
    let leaves = leaves_of(scenario)?;
    let mut pairs = vec![("v".to_owned(), FORMAT.to_string()), ("preset".to_owned(), scenario.preset.clone())];
    let stages = start(&scenario.preset, catalogue).stages.len();
    if scenario.stages.len() != stages {
        pairs.push(("stages".to_owned(), scenario.stages.len().to_string()));
    }
    let unknown_to_base = |path: &str, value: &Value| base.get(path) != Some(value);
    for (path, value) in leaves.iter().filter(|(path, value)| unknown_to_base(path, value)) {
        if path != "preset" && path != "format" {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            pairs.push((path.clone(), text));
        }
    }
    // Ids that changed are written even where the base was changed along with them.
    let original = leaves_of(&start(&scenario.preset, catalogue))?;
    for (path, value) in leaves.iter().filter(|(path, _)| path.ends_with(".id") || *path == DATASET) {
        if original.get(path) != Some(value) && !pairs.iter().any(|(known, _)| known == path) {
            pairs.push((path.clone(), value.as_str().unwrap_or_default().to_owned()));
        }
    }
    // Stages that the preset names and this scenario does not.
    for path in base.keys().filter(|path| path.ends_with(".from") && !leaves.contains_key(*path)) {
        pairs.push((path.clone(), String::new()));
    }
    let escaped: Vec<String> =
        pairs.iter().map(|(path, value)| format!("{path}={}", utf8_percent_encode(value, ESCAPED))).collect();
    Ok(escaped.join("&"))
}

/// The scenario of a fragment (with or without `#`) and what had to be changed about it, in sentences.
///
/// # Errors
/// [`LinkError::OtherFormat`] if the link says that it has another format.
pub fn from_link(fragment: &str, catalogue: &Catalogue) -> Result<(Scenario, Vec<String>), LinkError> {
    let mut pairs: BTreeMap<String, String> = pairs(fragment)
        .filter(|(path, _)| !path.starts_with(VIEW))
        .map(|(path, value)| (path.to_owned(), value))
        .collect();
    let format = pairs.remove("v").unwrap_or_else(|| FORMAT.to_string());
    if format != FORMAT.to_string() && format != WITHOUT_SCALES {
        return Err(LinkError::OtherFormat(format));
    }
    let mut notices = Vec::new();
    let preset = pairs.remove("preset").unwrap_or_default();
    if !preset.is_empty() && catalogue.preset(&preset).is_none() {
        notices.push(format!("The link names a preset '{preset}' that does not exist; the first one is used."));
    }
    let mut scenario = start(&preset, catalogue);
    if format == WITHOUT_SCALES {
        scenario.stages.iter_mut().for_each(|stage| stage.schedule.scale = Schedule::default().scale);
    }
    if let Some(count) = pairs.remove("stages").and_then(|count| count.parse().ok()) {
        resize(&mut scenario, count);
    }
    for (index, stage) in scenario.stages.iter_mut().enumerate() {
        for (name, choice) in [("encoder", &mut stage.encoder), ("method", &mut stage.method)] {
            if let Some(id) = pairs.remove(&format!("stages.{index}.{name}.id")) {
                *choice = Choice::of(&id);
            }
        }
    }
    for (index, stage) in scenario.stages.iter_mut().enumerate() {
        let Some(text) = pairs.remove(&format!("stages.{index}.from")) else { continue };
        let numbers = text.split(',').filter(|number| !number.is_empty()).map(str::parse);
        match numbers.collect() {
            Ok(from) => stage.from = from,
            Err(_) => notices
                .push(format!("The link sets 'stages.{index}.from' to '{text}', which are no stages; it is left out.")),
        }
    }
    if let Some(dataset) = pairs.remove(DATASET) {
        scenario.rest_on(&dataset, catalogue);
    }
    notices.extend(scenario.settle(catalogue));
    let mut tree = serde_json::to_value(&scenario).map_err(|error| LinkError::Unwritable(error.to_string()))?;
    for (path, text) in &pairs {
        if !put(&mut tree, path, text) {
            notices
                .push(format!("The link sets '{path}' to '{text}', which this version does not know; it is left out."));
        }
    }
    let mut scenario: Scenario =
        serde_json::from_value(tree).map_err(|error| LinkError::Unwritable(error.to_string()))?;
    notices.extend(scenario.settle(catalogue));
    Ok((scenario, notices))
}

/// A setting of the page in a fragment (with or without `#`), by its name without `view.`. The scenario knows nothing of it.
pub fn view_setting(fragment: &str, name: &str) -> Option<String> {
    pairs(fragment).find(|(path, _)| path.strip_prefix(VIEW) == Some(name)).map(|(_, value)| value)
}

/// The fragment with a setting of the page beside what it has; [`view_setting`] reads it.
pub fn with_view_setting(fragment: &str, name: &str, value: &str) -> String {
    format!("{fragment}&{VIEW}{name}={}", utf8_percent_encode(value, ESCAPED))
}

/// Keys and decoded values of a fragment.
fn pairs(fragment: &str) -> impl Iterator<Item = (&str, String)> {
    let pairs = fragment.trim_start_matches('#').split('&').filter_map(|pair| pair.split_once('='));
    pairs.map(|(path, value)| (path, percent_decode_str(value).decode_utf8_lossy().into_owned()))
}

/// The scenario that a preset starts from: the named one, else the first, else the plain default; settled.
fn start(preset: &str, catalogue: &Catalogue) -> Scenario {
    let preset = catalogue.preset(preset).or_else(|| catalogue.presets.first());
    let mut scenario = preset.map(|preset| preset.scenario.clone()).unwrap_or_default();
    scenario.settle(catalogue);
    scenario
}

/// Repeats the last stage or drops stages until there are `count`, at least 1.
fn resize(scenario: &mut Scenario, count: usize) {
    let last = scenario.stages.last().cloned().unwrap_or_default();
    scenario.stages.resize(count.clamp(1, Scenario::MAX_STAGES), last);
}

/// Every number and text of a scenario by its path.
fn leaves_of(scenario: &Scenario) -> Result<BTreeMap<String, Value>, LinkError> {
    fn walk(value: &Value, path: &str, out: &mut BTreeMap<String, Value>) {
        let join = |key: &str| if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
        match value {
            Value::Object(entries) => entries.iter().for_each(|(key, value)| walk(value, &join(key), out)),
            // Plain numbers are one value, since how many there are may change.
            Value::Array(items) if !items.is_empty() && items.iter().all(Value::is_u64) => {
                let text: Vec<String> = items.iter().map(Value::to_string).collect();
                out.insert(path.to_owned(), Value::String(text.join(",")));
            }
            Value::Array(items) => {
                items.iter().enumerate().for_each(|(index, value)| walk(value, &join(&index.to_string()), out));
            }
            leaf => {
                out.insert(path.to_owned(), leaf.clone());
            }
        }
    }
    let tree = serde_json::to_value(scenario).map_err(|error| LinkError::Unwritable(error.to_string()))?;
    let mut out = BTreeMap::new();
    walk(&tree, "", &mut out);
    Ok(out)
}

/// Replaces the leaf at `path` by `text`, read as what stands there. Says whether that was possible.
fn put(tree: &mut Value, path: &str, text: &str) -> bool {
    let pointer = format!("/{}", path.replace('.', "/"));
    let Some(leaf) = tree.pointer_mut(&pointer) else { return false };
    let new = match leaf {
        Value::String(_) => Some(Value::String(text.to_owned())),
        // Whole numbers stay whole, so that integers deserialise; a fraction in their place is brought in by rounding.
        Value::Number(number) if number.is_u64() => text.parse::<u64>().map(Value::from).ok().or_else(|| {
            text.parse::<f64>()
                .ok()
                .filter(|real| real.is_finite())
                .map(|real| Value::from(real.max(0.0).round() as u64))
        }),
        Value::Number(_) => text.parse::<f64>().ok().filter(|real| real.is_finite()).map(Value::from),
        _ => None,
    };
    // Integers of a scenario have 32 bits, the seed 64: what does not fit cannot be deserialised.
    let fits = |value: &Value| value.as_u64().is_none_or(|whole| whole <= u64::from(u32::MAX));
    match new {
        Some(value) if fits(&value) => {
            *leaf = value;
            true
        }
        _ => false,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::scenario::test_catalogue as parts;
    use crate::{DatasetInfo, Parameter, Preset, Stage};

    fn catalogue() -> Catalogue {
        let mut catalogue = parts();
        let stages =
            vec![Stage { classes: 5, ..Stage::default() }, Stage { method: Choice::of("bct"), ..Stage::default() }];
        let scenario = Scenario { preset: "extended-class".to_owned(), stages, ..Scenario::default() };
        catalogue.presets.push(Preset {
            id: "extended-class".to_owned(),
            name: String::new(),
            summary: String::new(),
            scenario,
        });
        catalogue
    }

    #[test]
    fn an_unchanged_preset_is_a_short_link() {
        let catalogue = catalogue();
        let scenario = start("extended-class", &catalogue);
        assert_eq!(to_link(&scenario, &catalogue).unwrap(), "v=2&preset=extended-class");
    }

    #[test]
    fn a_link_of_the_first_format_means_what_it_meant() {
        let mut catalogue = catalogue();
        let scales = [3.0, 5.0];
        for (stage, scale) in catalogue.presets[0].scenario.stages.iter_mut().zip(scales) {
            stage.schedule.scale = scale;
        }
        let read = |link: &str| {
            let (scenario, notices) = from_link(link, &catalogue).unwrap();
            assert_eq!(notices, Vec::<String>::new());
            let scales: Vec<f64> = scenario.stages.iter().map(|stage| stage.schedule.scale).collect();
            (scenario, scales)
        };
        assert_eq!(read("v=2&preset=extended-class").1, scales);
        assert_eq!(read("preset=extended-class").1, scales);
        let (scenario, before) = read("v=1&preset=extended-class&stages=3&stages.1.schedule.scale=4");
        assert_eq!(before, [10.0, 4.0, 10.0]);
        assert_eq!(read(&to_link(&scenario, &catalogue).unwrap()).0, scenario);
    }

    #[test]
    fn changed_choices_and_stages_come_back() {
        let catalogue = catalogue();
        let mut scenario = start("extended-class", &catalogue);
        scenario.stages[1].method = Choice::plain();
        scenario.stages.push(Stage { method: Choice::of("bct").with("weight", 0.1), ..Stage::default() });
        scenario.settle(&catalogue);
        let link = to_link(&scenario, &catalogue).unwrap();
        assert!(link.contains("stages.1.method.id=independent"), "{link}");
        assert_eq!(from_link(&link, &catalogue).unwrap(), (scenario, vec![]));
    }

    #[test]
    fn what_is_unknown_or_out_of_bounds_is_said() {
        let (scenario, notices) =
            from_link("#v=2&preset=extended-class&stages.1.schedule.epochs=9999&colour=red&seed=abc", &catalogue())
                .unwrap();
        assert_eq!(scenario.stages[1].schedule.epochs, 100);
        assert_eq!(notices.len(), 3, "{notices:?}");
        let error = from_link("#v=99&preset=extended-class", &catalogue()).unwrap_err();
        assert_eq!(error, LinkError::OtherFormat("99".to_owned()));
    }

    #[test]
    fn what_a_dataset_and_a_stage_are_asked_beyond_the_rest_comes_back() {
        let mut catalogue = catalogue();
        catalogue.datasets.push(DatasetInfo {
            id: "made".to_owned(),
            name: "Made".to_owned(),
            parameters: vec![Parameter::real("harder", "Harder", (0.0, 1.0, 0.1), 0.5, "")],
            sees: vec![Parameter::integer("first", "First class", (0, 8), 0, "")],
            ..catalogue.datasets[0].clone()
        });
        let mut scenario = start("extended-class", &catalogue);
        scenario.data.dataset = "made".to_owned();
        scenario.stages.push(Stage { method: Choice::of("bct"), from: vec![1, 2], ..Stage::default() });
        scenario.settle(&catalogue);
        assert_eq!(scenario.data.values, [("harder".to_owned(), 0.5)].into());
        scenario.data.values.insert("harder".to_owned(), 0.75);
        scenario.stages[1].sees.insert("first".to_owned(), 5.0);
        let link = to_link(&scenario, &catalogue).unwrap();
        assert!(link.contains("stages.2.from=1,2") && link.contains("stages.1.sees.first=5.0"), "{link}");
        assert_eq!(from_link(&link, &catalogue).unwrap(), (scenario, vec![]));
        let (scenario, notices) = from_link("v=2&preset=extended-class&stages.1.from=2,x", &catalogue).unwrap();
        assert!(scenario.stages[1].from.is_empty());
        assert_eq!(notices, ["The link sets 'stages.1.from' to '2,x', which are no stages; it is left out."]);
        let (_, notices) = from_link("v=2&preset=extended-class&stages.1.from=2", &catalogue).unwrap();
        assert_eq!(notices, ["Stage 2: it goes on from stage 2, which does not lie before it; that is left out."]);
    }

    #[test]
    fn models_that_come_with_a_dataset_come_back_without_a_word() {
        let mut catalogue = catalogue();
        let mut scenario = start("extended-class", &catalogue);
        let dataset = |id: &str| catalogue.dataset(id).unwrap();
        scenario.move_to(dataset("own-embedded"), Some(dataset("fashion-mnist")));
        scenario.settle(&catalogue);
        let link = to_link(&scenario, &catalogue).unwrap();
        assert_eq!(from_link(&link, &catalogue).unwrap(), (scenario, vec![]));
        // Once they are forgotten, that is all that there is to say.
        catalogue.datasets.retain(|dataset| dataset.id != "own-embedded");
        let (scenario, notices) = from_link(&link, &catalogue).unwrap();
        assert!(!scenario.is_given() && notices.len() == 1, "{notices:?}");
        assert!(notices[0].starts_with("The data 'own-embedded' are not in this browser"), "{notices:?}");
    }

    #[test]
    fn parents_that_only_the_preset_names_are_taken_back() {
        let mut catalogue = catalogue();
        let stage = Stage { method: Choice::of("bct"), from: vec![1, 2], ..Stage::default() };
        catalogue.presets[0].scenario.stages.push(stage);
        let mut scenario = start("extended-class", &catalogue);
        assert_eq!((scenario.parents(1), scenario.parents(2), scenario.parents(3)), (vec![], vec![1], vec![1, 2]));
        scenario.stages[2].from.clear();
        let link = to_link(&scenario, &catalogue).unwrap();
        assert_eq!(link, "v=2&preset=extended-class&stages.2.from=");
        assert_eq!(from_link(&link, &catalogue).unwrap(), (scenario, vec![]));
    }

    #[test]
    fn settings_of_the_page_are_no_part_of_the_scenario() {
        let link = "#v=2&preset=extended-class&seed=3&view.hide=setup%2Ctransport&view.colour=red";
        let (scenario, notices) = from_link(link, &catalogue()).unwrap();
        assert_eq!((scenario.seed, notices), (3, vec![]));
        assert_eq!(view_setting(link, "hide").as_deref(), Some("setup,transport"));
        let text = "0 to 1 in 5 & more #%";
        assert_eq!(view_setting(&with_view_setting(link, "values", text), "values").as_deref(), Some(text));
        assert_eq!(view_setting(link, "show"), None);
        assert!(!to_link(&scenario, &catalogue()).unwrap().contains("view."));
    }

    proptest! {
        #[test]
        fn settled_scenarios_round_trip(
            seed in 0u64..u64::from(u32::MAX), classes in 2u32..=10, rate in 0.0..0.1f64, weight in 0.0..20.0f64, hidden in 8u32..1024,
        ) {
            let catalogue = catalogue();
            let mut scenario = start("extended-class", &catalogue);
            scenario.seed = seed;
            scenario.stages[0].classes = classes;
            scenario.stages[1].schedule.rate = rate;
            scenario.stages[1].method = Choice::of("bct").with("weight", weight);
            scenario.stages[0].encoder = Choice::of("mlp").with("hidden", f64::from(hidden));
            scenario.settle(&catalogue);
            let link = to_link(&scenario, &catalogue).unwrap();
            prop_assert_eq!(from_link(&link, &catalogue).unwrap(), (scenario, vec![]));
        }

        #[test]
        fn no_text_panics(text in "\\PC*", path in "[a-z.0-9]{0,20}", value in "[-a-z.0-9e]{0,12}") {
            let catalogue = catalogue();
            let _ = from_link(&text, &catalogue);
            let _ = from_link(&format!("v=2&{path}={value}"), &catalogue);
        }
    }
}
