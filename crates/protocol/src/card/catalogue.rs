//! What can be chosen: datasets, encoders, methods and presets, each with its described parameters.

use serde::{Deserialize, Serialize};

use crate::{ClaimsReport, ItemKind, MethodCard, Parameter, Role, Scenario, UpgradeKind, Values};

/// Everything a scenario can name. Made by the lab, written into a file that ships with the page.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Catalogue {
    /// Datasets that can be loaded.
    pub datasets: Vec<DatasetInfo>,
    /// Networks.
    pub encoders: Vec<EncoderCard>,
    /// Methods of every kind.
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
    /// One sentence: what it is, where the name does not say it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub about: String,
    /// What its items are; rows where it holds embeddings of models.
    #[serde(default)]
    pub items: ItemKind,
    /// Height and width of its images; `None` where it has none, or an earlier version wrote it down.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<(u32, u32)>,
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

    /// How much there is of it, in a sentence, behind what it is.
    pub fn in_words(&self) -> String {
        let Self { about, classes, train_per_class, test_per_class, given, .. } = self;
        if given.is_empty() {
            let (items, about) = match (self.items, about.as_str()) {
                (ItemKind::Pixels, "") => ("images", String::new()),
                (ItemKind::Pixels, about) => ("images", format!("{about} ")),
                (_, "") => ("items", String::new()),
                (_, about) => ("items", format!("{about} ")),
            };
            return format!(
                "{about}{classes} classes, with up to {train_per_class} training and {test_per_class} test {items} of each."
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

impl Preset {
    /// The preset on another dataset, with sentences on what had to change.
    ///
    /// # Errors
    /// Why what it is about cannot be had there, in words that follow its name.
    pub fn on(&self, dataset: &DatasetInfo, catalogue: &Catalogue) -> Result<(Scenario, Vec<String>), String> {
        let before = catalogue.dataset(&self.scenario.data.dataset);
        let mut scenario = self.scenario.clone();
        scenario.move_to(dataset, before);
        // Settling fills up with defaults what is not described there.
        let set = |it: &Scenario| it.data.values.len() + it.stages.iter().map(|stage| stage.sees.len()).sum::<usize>();
        let keeps_settings = set(&scenario) == set(&self.scenario);
        let notices = scenario.settle(catalogue);
        let kind = catalogue.kind_of(&self.scenario);
        if !dataset.given.is_empty() {
            // What stands between two models can be sought for models as they are; everything else trains some.
            return match kind == UpgradeKind::Retrain {
                true => Ok((scenario, notices)),
                false => Err("trains models, and yours are given as they are".to_owned()),
            };
        }
        if before.is_some_and(|before| before.items != dataset.items) {
            return Err("has a world of its own".to_owned());
        }
        let methods = |it: &Scenario| it.stages.iter().map(|stage| stage.method.id.clone()).collect::<Vec<_>>();
        if methods(&scenario) != methods(&self.scenario) {
            return Err("has methods that are not made for them".to_owned());
        }
        if !keeps_settings {
            return Err("has settings that are not made for them".to_owned());
        }
        let has_no_class = |classes: u32, sees: &Values| {
            let mut firsts = dataset.sees.iter().filter(|it| it.counts_classes).filter_map(|it| sees.get(&it.id));
            firsts.any(|&first| first >= f64::from(classes))
        };
        let grows = |it: &Scenario| {
            it.stages.iter().zip(it.stages.iter().skip(1)).filter(|(one, next)| one.classes < next.classes).count()
        };
        if scenario.stages.iter().any(|stage| has_no_class(stage.classes, &stage.sees))
            || (kind == UpgradeKind::Stream && grows(&scenario) < grows(&self.scenario))
        {
            return Err(format!("needs more than their {} classes", dataset.classes));
        }
        Ok((scenario, notices))
    }
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

    /// The kind of change that a scenario is about: that of its last stage that is not trained plainly.
    pub fn kind_of(&self, scenario: &Scenario) -> UpgradeKind {
        let cards = scenario.stages.iter().rev().filter_map(|stage| self.method(&stage.method.id));
        let mut kinds = cards.filter(|card| card.role != Role::Plain || card.kind != UpgradeKind::default());
        kinds.next().map(|card| card.kind).unwrap_or_default()
    }

    /// The kind of change of the preset that a scenario began as, whatever became of it; its own where there is no such preset.
    pub fn began_as(&self, scenario: &Scenario) -> UpgradeKind {
        self.kind_of(self.preset(&scenario.preset).map_or(scenario, |preset| &preset.scenario))
    }

    /// The kinds of which there is a method, in the order in which they are offered.
    pub fn kinds(&self) -> impl Iterator<Item = UpgradeKind> {
        UpgradeKind::ALL.into_iter().filter(|&kind| self.methods.iter().any(|card| card.kind == kind))
    }

    /// What the items of a scenario are.
    pub fn items_of(&self, scenario: &Scenario) -> ItemKind {
        match self.dataset(&scenario.data.dataset) {
            _ if scenario.is_given() => ItemKind::Rows,
            Some(dataset) if dataset.given.is_empty() => dataset.items,
            Some(_) => ItemKind::Rows,
            None => ItemKind::default(),
        }
    }

    /// The methods that suit a stage (from 0) of a scenario: its place, since a first model has nothing to go on from, and one that is
    /// made of several needs as many before it; its items, and models that are given are not trained; and the kinds of change that the
    /// scenario and the preset that it began as are about. The one that it has is among them wherever it can stand.
    pub fn methods_for<'c>(&'c self, scenario: &'c Scenario, stage: usize) -> impl Iterator<Item = &'c MethodCard> {
        let (given, items) = (scenario.is_given(), self.items_of(scenario));
        let kinds = [self.kind_of(scenario), self.began_as(scenario)];
        let own = scenario.stages.get(stage);
        let named = own.map_or(0, |own| own.from.len());
        let can_stand = move |card: &&MethodCard| {
            let [fewest, most] = card.suits.parents;
            if stage == 0 { card.stands_first() } else { stage >= fewest && named <= most.max(1) }
        };
        let can_take = move |card: &&MethodCard| card.suits.items.contains(&items) && (!given || card.is_frozen());
        let belongs = move |card: &&MethodCard| {
            let is_plain = card.role == Role::Plain;
            let fits = |kind: UpgradeKind| card.kind.goes_with(kind) || (is_plain && kind.has_encoders());
            kinds.into_iter().any(fits) || own.is_some_and(|own| own.method.id == card.id)
        };
        self.methods.iter().filter(can_stand).filter(can_take).filter(belongs)
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
    use crate::{Choice, GivenModel, Need, Stage, Suits};

    fn dataset(id: &str, items: ItemKind) -> DatasetInfo {
        DatasetInfo { id: id.to_owned(), items, ..DatasetInfo::default() }
    }

    /// Two methods of each of some kinds, on pictures and on tokens.
    fn catalogue() -> Catalogue {
        let card = |id: &str, kind| MethodCard::new(id, id).of_kind(kind);
        let tokens = || Suits { items: vec![ItemKind::Tokens], ..Suits::default() };
        let several = Suits { parents: [2, 8], ..Suits::default() };
        let cards = vec![
            card(Choice::PLAIN, UpgradeKind::Retrain).role(Role::Plain),
            card("bct", UpgradeKind::Retrain).needs([Need::Prototypes]),
            card("procrustes", UpgradeKind::Retrain).role(Role::Fallback).needs([Need::Teacher]),
            card("fisher", UpgradeKind::Merge).needs([Need::OldWeights]).suits(several),
            card("ssd", UpgradeKind::Unlearn).needs([Need::OldWeights]),
            card("ssm", UpgradeKind::Sequence).suits(tokens()),
            card("deltanet", UpgradeKind::Sequence).suits(tokens()),
        ];
        let embedded = DatasetInfo { given: vec![GivenModel::default()], ..dataset("own-rows", ItemKind::Pixels) };
        let preset =
            |id: &str, scenario| Preset { id: id.to_owned(), name: String::new(), summary: String::new(), scenario };
        Catalogue {
            datasets: vec![dataset("fashion-mnist", ItemKind::Pixels), dataset("words", ItemKind::Tokens), embedded],
            methods: cards,
            presets: vec![preset("clean", scenario(&["independent", "ssd"]))],
            ..Catalogue::default()
        }
    }

    fn scenario(methods: &[&str]) -> Scenario {
        let stage = |id: &&str| Stage { method: Choice::of(id), ..Stage::default() };
        Scenario { stages: methods.iter().map(stage).collect(), ..Scenario::default() }
    }

    fn ids(scenario: &Scenario, stage: usize) -> Vec<String> {
        catalogue().methods_for(scenario, stage).map(|card| card.id.clone()).collect()
    }

    #[test]
    fn a_scenario_is_about_what_its_last_stage_does() {
        let kind = |methods: &[&str]| catalogue().kind_of(&scenario(methods));
        assert_eq!(kind(&["independent", "bct"]), UpgradeKind::Retrain);
        assert_eq!(kind(&["independent", "independent"]), UpgradeKind::Retrain);
        assert_eq!(kind(&["independent", "ssd", "independent"]), UpgradeKind::Unlearn);
        assert_eq!(kind(&["ssm", "deltanet"]), UpgradeKind::Sequence);
        assert_eq!(kind(&["unheard"]), UpgradeKind::Retrain);
        let kinds: Vec<UpgradeKind> = catalogue().kinds().collect();
        use UpgradeKind::{Merge, Retrain, Sequence, Unlearn};
        assert_eq!(kinds, [Retrain, Merge, Unlearn, Sequence]);
    }

    #[test]
    fn a_preset_goes_where_what_it_is_about_can_be_had() {
        let mut catalogue = catalogue();
        let image = |id: &str, classes| DatasetInfo {
            classes,
            train_per_class: 60,
            test_per_class: 12,
            ..dataset(id, ItemKind::Pixels)
        };
        catalogue.datasets[0] =
            DatasetInfo { train_per_class: 1000, test_per_class: 200, ..image("fashion-mnist", 10) };
        catalogue.datasets.extend([image("own-four", 4), image("own-two", 2)]);
        catalogue.methods.push(MethodCard::new("nmc", "nmc").of_kind(UpgradeKind::Stream));
        let about = |methods: &[&str], dataset: &str| {
            let mut it = scenario(methods);
            it.data.dataset = dataset.to_owned();
            it.stages.iter_mut().zip([4, 7, 10]).for_each(|(stage, classes)| stage.classes = classes);
            Preset { id: "p".to_owned(), name: "P".to_owned(), summary: String::new(), scenario: it }
        };
        let on = |preset: &Preset, id: &str| {
            preset.on(catalogue.dataset(id).unwrap(), &catalogue).map(|(scenario, _)| scenario)
        };
        let retrain = about(&["independent", "bct"], "fashion-mnist");
        let moved = on(&retrain, "own-four").unwrap();
        assert_eq!(
            (moved.data.dataset.as_str(), moved.preset.as_str()),
            ("own-four", retrain.scenario.preset.as_str())
        );
        assert_eq!(moved.stages.iter().map(|stage| stage.classes).collect::<Vec<_>>(), [2, 3]);
        assert!(on(&retrain, "own-rows").unwrap().is_given(), "an adapter stands between models as they are");
        let unlearn = about(&["independent", "ssd"], "fashion-mnist");
        assert!(on(&unlearn, "own-four").is_ok());
        assert_eq!(on(&unlearn, "own-rows").unwrap_err(), "trains models, and yours are given as they are");
        let words = about(&["ssm", "deltanet"], "words");
        assert_eq!(on(&words, "own-four").unwrap_err(), "has a world of its own");
        let stream = about(&["independent", "nmc", "nmc"], "fashion-mnist");
        assert!(on(&stream, "own-four").is_ok());
        assert_eq!(on(&stream, "own-two").unwrap_err(), "needs more than their 2 classes");
    }

    #[test]
    fn a_preset_keeps_what_it_sets_of_data_or_is_refused() {
        let mut catalogue = catalogue();
        let parameters = vec![Parameter::flag("tampered", "Tampered with", false, "")];
        let sees = vec![
            Parameter::integer("first", "First class", (0, 98), 0, "").counting_classes(),
            Parameter::real("identified", "Identified", (0.0, 1.0, 0.05), 0.0, ""),
        ];
        let described = |id: &str, classes| DatasetInfo {
            classes,
            train_per_class: 60,
            test_per_class: 12,
            parameters: parameters.clone(),
            sees: sees.clone(),
            ..dataset(id, ItemKind::Pixels)
        };
        catalogue.datasets = [("fashion-mnist", 10), ("own-ten", 10), ("own-twenty", 20), ("own-two", 2)]
            .map(|(id, classes)| described(id, classes))
            .into();
        catalogue.datasets.push(DatasetInfo { sees: Vec::new(), ..described("own-bare", 10) });
        let mut scenario = scenario(&["independent", "bct", "bct"]);
        scenario.data.values.insert("tampered".to_owned(), 1.0);
        for (stage, (classes, first)) in scenario.stages.iter_mut().zip([(4, 0.0), (7, 4.0), (10, 7.0)]) {
            stage.classes = classes;
            stage.sees = [("first".to_owned(), first), ("identified".to_owned(), 0.5)].into();
        }
        let preset = Preset { id: "p".to_owned(), name: "P".to_owned(), summary: String::new(), scenario };
        let on = |id: &str| preset.on(catalogue.dataset(id).unwrap(), &catalogue);
        let told = |id: &str| {
            let (scenario, notices) = on(id).unwrap();
            let stage = |it: &crate::Stage| (it.classes, it.sees["first"], it.sees["identified"]);
            (scenario.data.values["tampered"], scenario.stages.iter().map(stage).collect::<Vec<_>>(), notices)
        };
        assert_eq!(told("own-ten"), (1.0, vec![(4, 0.0, 0.5), (7, 4.0, 0.5), (10, 7.0, 0.5)], Vec::new()));
        assert_eq!(told("own-twenty"), (1.0, vec![(8, 0.0, 0.5), (14, 8.0, 0.5), (20, 14.0, 0.5)], Vec::new()));
        assert_eq!(on("own-two").unwrap_err(), "needs more than their 2 classes");
        assert_eq!(on("own-bare").unwrap_err(), "has settings that are not made for them");
    }

    #[test]
    fn only_what_suits_is_offered() {
        let pictures = scenario(&["independent", "bct", "independent", "bct"]);
        assert_eq!(ids(&pictures, 0), ["independent"]);
        assert_eq!(ids(&pictures, 1), ["independent", "bct", "procrustes"]);
        assert_eq!(ids(&pictures, 3), ["independent", "bct", "procrustes", "fisher"], "two models stand before it");
        let mut merged = pictures;
        merged.stages[3].from = vec![2, 3];
        assert_eq!(ids(&merged, 3), ["fisher"], "no other takes two");

        let mut words = scenario(&["ssm", "deltanet"]);
        words.data.dataset = "words".to_owned();
        assert_eq!(ids(&words, 1), ["ssm", "deltanet"]);

        let mut given = scenario(&["independent", "procrustes"]);
        given.data.dataset = "own-rows".to_owned();
        given.stages.iter_mut().for_each(|stage| stage.encoder = Choice::of(Choice::GIVEN));
        assert_eq!(
            (catalogue().items_of(&given), ids(&given, 1)),
            (ItemKind::Rows, vec!["independent".to_owned(), "procrustes".to_owned()])
        );
    }

    #[test]
    fn the_preset_keeps_the_way_back() {
        let clean = scenario(&["independent", "ssd"]);
        assert_eq!(ids(&clean, 1), ["independent", "ssd"]);
        let plain = Scenario { preset: "clean".to_owned(), ..scenario(&["independent", "independent"]) };
        assert!(ids(&plain, 1).contains(&"ssd".to_owned()), "of a kind that only the preset tells of");
    }

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
