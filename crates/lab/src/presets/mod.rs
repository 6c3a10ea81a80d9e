//! The scenarios of the field, and everything else that a scenario can name.

mod adapt;
mod compat;
mod continual;
mod generate;
mod merge;
mod sequence;
mod unlearn;

use data::worlds::{WORLDS, Wish, world};
use data::{Dataset, ItemShape, Part, Seed, TURNS, settings_of};
use protocol::{Catalogue, Choice, DatasetInfo, Preset, Scenario, Schedule, Stage};

use crate::counts::{CLASSES, TEST_ITEMS, TRAINING_ITEMS};
use crate::methods::cards;
use crate::{IS_WIDE, LabError, encoders};

/// Everything that a scenario can name, and the scenarios to start from.
pub fn catalogue() -> Catalogue {
    Catalogue { presets: presets(), ..choices() }
}

/// Id of the shipped pictures by article and quarter turn.
const TURNED: &str = "fashion-mnist-turned";

/// What ships, as its manifest has it: the pictures as they are, and the same ones by quarter turns.
fn shipped() -> [DatasetInfo; 2] {
    let (parameters, sees) = settings_of(&[]);
    let upright = DatasetInfo {
        id: "fashion-mnist".to_owned(),
        name: "Fashion-MNIST".to_owned(),
        size: Some((28, 28)),
        classes: 10,
        train_per_class: 1000,
        test_per_class: 200,
        parameters,
        sees,
        ..DatasetInfo::default()
    };
    let turns = TURNS as u32;
    let turned = DatasetInfo {
        id: TURNED.to_owned(),
        name: "Fashion-MNIST, turned".to_owned(),
        about:
            "The same pictures, each turned by none to three quarters: what they show and how they lie is their class."
                .to_owned(),
        classes: upright.classes * turns,
        train_per_class: upright.train_per_class / turns,
        test_per_class: upright.test_per_class / turns,
        ..upright.clone()
    };
    [upright, turned]
}

/// Everything that a scenario can name: what a scenario is settled by, without the presets, which workers do without.
pub(crate) fn choices() -> Catalogue {
    let worlds = WORLDS.iter().filter(|_| IS_WIDE).map(|world| DatasetInfo { wide: true, ..(world.card)() });
    Catalogue {
        datasets: shipped().into_iter().chain(worlds).collect(),
        encoders: encoders::cards(),
        methods: cards(),
        ..Catalogue::default()
    }
}

/// The dataset of a scenario that names a world which is made and not loaded; `None` of all others.
///
/// # Errors
/// [`LabError::Scenario`] with the bound if it cannot be made as the scenario wishes.
pub fn made(scenario: &Scenario) -> Result<Option<Dataset>, LabError> {
    let Some(world) = world(&scenario.data.dataset).filter(|_| IS_WIDE) else { return Ok(None) };
    let mut settled = scenario.clone();
    // What it changes the run will say.
    settled.settle(&choices());
    let made = (world.make)(&Wish { spec: &settled.data, seed: Seed(settled.seed) });
    // It lies in the settings, and reloading it would not help.
    made.map(Some)
        .map_err(|error| LabError::Scenario(format!("{} cannot be made like this: {error}.", (world.card)().name)))
}

/// The choices with a dataset that does not ship with the lab.
///
/// # Errors
/// [`LabError::Data`] if it has more classes or items than can be counted.
pub(crate) fn choices_with(dataset: &Dataset) -> Result<Catalogue, LabError> {
    let mut catalogue = choices();
    let shape = dataset.train.items().shape();
    let size = match shape {
        ItemShape::Pixels(picture) => picture.height_and_width(),
        ItemShape::Rows { .. } | ItemShape::Tokens { .. } => None,
    };
    if let Some(known) = catalogue.datasets.iter_mut().find(|known| known.id == dataset.id) {
        // As it is here, whatever is usual.
        known.size = size;
    } else {
        let classes = dataset.class_names.len();
        let (parameters, sees) = settings_of(&dataset.given);
        let most = |part: &Part| part.by_class(classes).iter().map(Vec::len).max().unwrap_or_default();
        catalogue.datasets.push(DatasetInfo {
            id: dataset.id.clone(),
            name: dataset.name.clone(),
            items: shape.kind(),
            size,
            classes: CLASSES.count(classes)?,
            train_per_class: TRAINING_ITEMS.count(most(&dataset.train))?,
            test_per_class: TEST_ITEMS.count(most(&dataset.test))?,
            given: dataset.given.clone(),
            parameters,
            sees,
            ..DatasetInfo::default()
        });
    }
    Ok(catalogue)
}

/// An MLP with this many hidden units.
fn mlp(hidden: u32) -> Choice {
    Choice::of("mlp").with("hidden", f64::from(hidden))
}

/// A preset of these stages.
fn preset(id: &str, name: &str, summary: &str, stages: impl Into<Vec<Stage>>) -> Preset {
    let scenario = Scenario { preset: id.to_owned(), stages: stages.into(), ..Scenario::default() };
    Preset { id: id.to_owned(), name: name.to_owned(), summary: summary.to_owned(), scenario }
}

/// A CNN with this many channels in its first convolution.
fn cnn(channels: u32) -> Choice {
    Choice::of("cnn").with("channels", f64::from(channels))
}

/// The default schedule with so many epochs and this rate.
fn shorter(epochs: u32, rate: f64) -> Schedule {
    Schedule { epochs, rate, ..Schedule::default() }
}

/// The scenarios to start from, in the order in which they are offered; the first is the default.
fn presets() -> Vec<Preset> {
    let families = [
        compat::presets,
        merge::presets,
        continual::presets,
        unlearn::presets,
        adapt::presets,
        generate::presets,
        sequence::presets,
    ];
    families.iter().flat_map(|presets| presets()).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use protocol::UpgradeKind;

    use super::*;

    #[test]
    fn presets_settle_without_a_word_and_can_run() {
        let catalogue = catalogue();
        for preset in &catalogue.presets {
            let mut scenario = preset.scenario.clone();
            assert_eq!(scenario.settle(&catalogue), Vec::<String>::new(), "{}", preset.id);
            let plan = crate::plan::Plan::new(&scenario).unwrap();
            let input = match made(&preset.scenario).unwrap() {
                Some(made) => made.train.items().shape(),
                None => data::ItemShape::Pixels(crate::probe::IMAGE),
            };
            assert!(plan.check(&scenario, input).is_ok(), "{}", preset.id);
        }
    }

    #[test]
    fn what_ships_can_be_chosen_as_its_manifest_has_it() {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../public/data/manifest.json");
        let manifest = data::Manifest::parse(&std::fs::read(path).unwrap()).unwrap();
        let listed: Vec<DatasetInfo> = manifest.datasets.iter().map(|dataset| dataset.info().unwrap()).collect();
        assert_eq!(shipped().map(|known| DatasetInfo { about: String::new(), ..known }), listed[..]);
    }

    #[test]
    fn every_dataset_can_be_moved_to() {
        let catalogue = catalogue();
        let first = catalogue.datasets.first().unwrap();
        for dataset in &catalogue.datasets {
            let mut scenario = catalogue.presets.first().unwrap().scenario.clone();
            scenario.move_to(dataset, Some(first));
            let notices = scenario.settle(&catalogue);
            // Only that another method has to stand in.
            let others = notices.iter().filter(|notice| !notice.contains("is not made for"));
            assert_eq!(others.count(), 0, "{notices:?}");
            assert_eq!(scenario.settle(&catalogue), Vec::<String>::new(), "{}", dataset.id);
        }
    }

    #[test]
    fn every_kind_with_methods_has_a_preset_that_shows_it() {
        let catalogue = catalogue();
        for kind in catalogue.kinds() {
            assert!(catalogue.presets.iter().any(|it| catalogue.kind_of(&it.scenario) == kind), "{}", kind.title());
        }
        let kind = |id: &str| catalogue.method(id).map(|card| card.kind);
        assert_eq!((kind("bct"), kind("ewc")), (Some(UpgradeKind::Retrain), Some(UpgradeKind::Stream)));
    }

    #[test]
    fn every_preset_is_offered_the_methods_that_it_has() {
        let catalogue = catalogue();
        for preset in &catalogue.presets {
            for (stage, settings) in preset.scenario.stages.iter().enumerate() {
                let mut offered = catalogue.methods_for(&preset.scenario, stage);
                assert!(offered.any(|card| card.id == settings.method.id), "{} {stage}", preset.id);
            }
        }
    }

    #[test]
    fn ids_are_unique_and_fit_into_links() {
        let catalogue = catalogue();
        let ids: Vec<&str> = catalogue.methods.iter().map(|card| card.id.as_str()).collect();
        for id in &ids {
            assert!(id.chars().all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-'));
            assert_eq!(ids.iter().filter(|other| other == &id).count(), 1);
        }
        for card in &catalogue.methods {
            for parameter in &card.parameters {
                assert_eq!(parameter.nearest(parameter.default), parameter.default, "{} {}", card.id, parameter.id);
                assert!(parameter.help.ends_with('.'), "{} {}", card.id, parameter.id);
            }
        }
    }
}
