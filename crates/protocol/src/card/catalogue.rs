//! What can be chosen: datasets, encoders, methods and presets, each with its described parameters.

use serde::{Deserialize, Serialize};

use crate::{ClaimsReport, ItemKind, MethodCard, Parameter, Scenario};

/// Everything a scenario can name. Made by the lab, written into a file that ships with the page.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Catalogue {
    /// Datasets that can be loaded.
    pub datasets: Vec<DatasetInfo>,
    /// Networks.
    pub encoders: Vec<EncoderCard>,
    /// Compatibility methods.
    pub methods: Vec<MethodCard>,
    /// Scenarios to start from; the first is the default.
    pub presets: Vec<Preset>,
    /// What the claims report found, where one is at hand.
    #[serde(default)]
    pub claims: ClaimsReport,
}

/// A dataset in a few words.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DatasetInfo {
    /// Id used by [`crate::DataSpec::dataset`].
    pub id: String,
    /// What a person reads.
    pub name: String,
    /// How many classes it has.
    pub classes: u32,
    /// Training images of its largest class.
    pub train_per_class: u32,
    /// Test images of its largest class.
    pub test_per_class: u32,
    /// The models that come with it, oldest first, where it holds their embeddings and no images; none otherwise.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub given: Vec<GivenModel>,
    /// Settings of the dataset as a whole, where it has any: how it is made, how hard it is.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parameters: Vec<Parameter>,
    /// What can be said of a stage beyond classes and share: which part of the dataset it sees, and how.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sees: Vec<Parameter>,
    /// Whether only programs with every family of methods have it: it is made, not loaded.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub wide: bool,
}

/// A model of which only the embeddings are at hand.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct GivenModel {
    /// What a person calls it.
    pub name: String,
    /// Numbers of its embedding.
    pub dims: u32,
}

impl DatasetInfo {
    /// What the ids of datasets begin with that are made of a person's own files.
    pub const OWN: &str = "own-";

    /// How much there is of it, in a sentence.
    pub fn in_words(&self) -> String {
        let Self { classes, train_per_class, test_per_class, given, .. } = self;
        if given.is_empty() {
            return format!(
                "{classes} classes, with up to {train_per_class} training and {test_per_class} test images of each."
            );
        }
        let models: Vec<String> = given.iter().map(|it| format!("{} ({} dims)", it.name, it.dims)).collect();
        format!(
            "Embeddings by {}; {classes} classes, with up to {train_per_class} training and {test_per_class} test items of each.",
            models.join(", then ")
        )
    }

    /// Whether it is made of a person's own files.
    pub fn is_own(&self) -> bool {
        self.id.starts_with(Self::OWN)
    }
}

/// A network and its parameters.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EncoderCard {
    /// Id used by [`crate::Stage::encoder`].
    pub id: String,
    /// What a person reads.
    pub name: String,
    /// One sentence.
    pub summary: String,
    /// Its parameters.
    pub parameters: Vec<Parameter>,
}

/// A scenario to start from, with a word on what to look for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Preset {
    /// Id, also [`Scenario::preset`].
    pub id: String,
    /// What a person reads.
    pub name: String,
    /// Two sentences: what happens, what to watch.
    pub summary: String,
    /// The scenario itself.
    pub scenario: Scenario,
}

impl Catalogue {
    /// Name of the file, beside the page.
    pub const FILE: &str = "catalogue.json";

    /// Whether a scenario needs a program with every family of methods; one that names what nobody knows does, so that it is refused by
    /// a program that would know.
    pub fn is_wide(&self, scenario: &Scenario) -> bool {
        let wide_method = |id: &str| self.method(id).is_none_or(|card| card.wide);
        self.dataset(&scenario.data.dataset).is_some_and(|dataset| dataset.wide)
            || scenario.stages.iter().any(|stage| wide_method(&stage.method.id))
    }

    /// The method with this id.
    pub fn method(&self, id: &str) -> Option<&MethodCard> {
        self.methods.iter().find(|card| card.id == id)
    }

    /// The methods that a stage (from 0) can have: a first model has nothing to be compatible with, one that is made of several needs as
    /// many before it, and models that are given are not trained, and are rows.
    pub fn methods_for(&self, given: bool, stage: usize) -> impl Iterator<Item = &MethodCard> {
        let items = if given { ItemKind::Rows } else { ItemKind::Pixels };
        let can_stand = move |card: &&MethodCard| {
            let [fewest, _] = card.suits.parents;
            if stage == 0 { card.stands_first() } else { stage >= fewest }
        };
        let can_take = move |card: &&MethodCard| card.suits.items.contains(&items) && (!given || card.is_frozen());
        self.methods.iter().filter(can_stand).filter(can_take)
    }

    /// The dataset with this id.
    pub fn dataset(&self, id: &str) -> Option<&DatasetInfo> {
        self.datasets.iter().find(|dataset| dataset.id == id)
    }

    /// The encoder with this id.
    pub fn encoder(&self, id: &str) -> Option<&EncoderCard> {
        self.encoders.iter().find(|card| card.id == id)
    }

    /// The preset with this id.
    pub fn preset(&self, id: &str) -> Option<&Preset> {
        self.presets.iter().find(|preset| preset.id == id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Choice, Stage};

    #[test]
    fn what_a_scenario_names_says_which_program_it_needs() {
        let world = DatasetInfo { id: "ring".to_owned(), wide: true, ..DatasetInfo::default() };
        let catalogue = Catalogue {
            datasets: vec![DatasetInfo { id: "fashion-mnist".to_owned(), ..DatasetInfo::default() }, world],
            methods: vec![
                MethodCard::new(Choice::PLAIN, "None"),
                MethodCard { wide: true, ..MethodCard::new("ewc", "EWC") },
            ],
            ..Catalogue::default()
        };
        let is_wide = |dataset: &str, method: &str| {
            let last = Stage { method: Choice::of(method), ..Stage::default() };
            let mut scenario = Scenario { stages: vec![Stage::default(), last], ..Scenario::default() };
            scenario.data.dataset = dataset.to_owned();
            catalogue.is_wide(&scenario)
        };
        assert!(!is_wide("fashion-mnist", Choice::PLAIN) && !is_wide("own-0a1b2c3d", Choice::PLAIN));
        assert!(is_wide("fashion-mnist", "ewc") && is_wide("ring", Choice::PLAIN));
        assert!(is_wide("fashion-mnist", "of-a-later-version"));
    }
}
