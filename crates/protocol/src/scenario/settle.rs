//! Bringing a scenario within bounds: what came from a link, a file or a form becomes something that can run.

use crate::{
    Catalogue, Choice, DatasetInfo, Field, ItemKind, MethodCard, Parameter, Role, SCENARIO_FORMAT, Scenario, Stage,
    Values, run_fields, stage_fields,
};

impl Scenario {
    /// Most stages that a scenario may have.
    pub const MAX_STAGES: usize = 24;
    /// Most stages that one stage goes on from.
    pub const MAX_PARENTS: usize = 8;

    /// Makes every number allowed and every choice known, fills in defaults, and says in a sentence what it changed.
    pub fn settle(&mut self, catalogue: &Catalogue) -> Vec<String> {
        let mut notices = Vec::new();
        if self.format > SCENARIO_FORMAT {
            notices.push(format!(
                "The scenario has format {}, newer than the {SCENARIO_FORMAT} that this version knows; what it does not know is left out.",
                self.format
            ));
        }
        self.format = SCENARIO_FORMAT;
        if let Some(first) = catalogue.datasets.first()
            && catalogue.dataset(&self.data.dataset).is_none()
        {
            // Models that came with it are not here either.
            let rest = if self.take_own_encoders() { "; the stages take the usual network" } else { "" };
            notices.push(match self.data.dataset.starts_with(DatasetInfo::OWN) {
                true => format!(
                    "The data '{}' are not in this browser: import the same files again; until then {} is used{rest}.",
                    self.data.dataset, first.name
                ),
                false => format!("There is no dataset '{}'; {} is used{rest}.", self.data.dataset, first.name),
            });
            self.data.dataset = first.id.clone();
        }
        let dataset = catalogue.dataset(&self.data.dataset);
        if self.stages.is_empty() {
            notices.push("The scenario has no stages; one stage with defaults is used.".to_owned());
            self.stages.push(Stage::default());
        }
        if self.stages.len() > Self::MAX_STAGES {
            notices.push(format!("Stages after the first {} are left out.", Self::MAX_STAGES));
            self.stages.truncate(Self::MAX_STAGES);
        }
        bound(self, run_fields(), "", &mut notices);
        if let Some(dataset) = dataset {
            settle_values(&mut self.data.values, &dataset.parameters, &dataset.name, "", &mut notices);
            self.keep_within(dataset, &mut notices);
            if dataset.given.is_empty()
                && dataset.items != ItemKind::Pixels
                && (self.data.shift, self.data.noise) != (0, 0.0)
            {
                (self.data.shift, self.data.noise) = (0, 0.0);
                notices.push(format!("{} holds no images: nothing is shifted or given noise.", dataset.name));
            }
            if self.take_given(dataset) {
                notices.push(format!(
                    "{} holds embeddings: the stages are its models as they are, and nothing is shifted or given noise.",
                    dataset.name
                ));
            }
        }
        let given = dataset.is_some_and(|dataset| !dataset.given.is_empty());
        let size = dataset.and_then(|dataset| dataset.size);
        let encoders: Vec<_> =
            catalogue.encoders.iter().map(|card| (card.id.as_str(), card.parameters.as_slice())).collect();
        let methods: Vec<_> =
            catalogue.methods.iter().map(|card| (card.id.as_str(), card.parameters.as_slice())).collect();
        for (index, stage) in self.stages.iter_mut().enumerate() {
            let place = format!("Stage {}: ", index + 1);
            let mut fields = stage_fields();
            if given {
                fields.retain(|field| field.parameter.id != "dims");
            } else {
                settle_choice(&mut stage.encoder, "encoder", &encoders, &place, &mut notices);
                if let Some((size, parameters)) = size.zip(encoders.iter().find(|(id, _)| *id == stage.encoder.id)) {
                    divide(&mut stage.encoder.values, parameters.1, size, &place, &mut notices);
                }
            }
            bound(stage, fields, &place, &mut notices);
            if let Some(dataset) = dataset {
                settle_values(&mut stage.sees, &dataset.sees, &dataset.name, &place, &mut notices);
            }
            settle_parents(&mut stage.from, index, &place, &mut notices);
            settle_choice(&mut stage.method, "method", &methods, &place, &mut notices);
            let is_needy = catalogue.method(&stage.method.id).is_some_and(|card| !card.stands_first());
            if index == 0 && is_needy {
                notices.push(format!(
                    "{place}a first model has nothing to be compatible with; it is trained independently."
                ));
                stage.method = Choice::plain();
            }
            let items = dataset.map(|dataset| dataset.items).unwrap_or_default();
            let suits = |card: &&MethodCard| given || card.suits.items.contains(&items);
            let stands = |card: &&MethodCard| index > 0 || card.stands_first();
            if let Some(card) = catalogue.method(&stage.method.id).filter(|card| !suits(card))
                && let Some(instead) = catalogue.methods.iter().filter(suits).find(stands)
            {
                let (name, instead_name) = (&card.name, &instead.name);
                let world = dataset.map(|dataset| dataset.name.as_str()).unwrap_or_default();
                notices.push(format!("{place}{name} is not made for {world}; {instead_name} is used."));
                stage.method = Choice::of(&instead.id);
                settle_choice(&mut stage.method, "method", &methods, &place, &mut notices);
            }
            let card = catalogue.method(&stage.method.id).filter(|card| given && !card.is_frozen());
            // The nearest to nothing that still brings two spaces together.
            let instead = catalogue.methods.iter().find(|it| index > 0 && it.role == Role::Fallback);
            if let Some(card) = card {
                let (id, name) = instead.map_or((Choice::PLAIN, "none"), |it| (&it.id, &it.name));
                notices.push(format!("{place}{} trains a model, but the models are given; {name} is used.", card.name));
                stage.method = Choice::of(id);
                settle_choice(&mut stage.method, "method", &methods, &place, &mut notices);
            }
        }
        notices
    }

    /// Makes the stages those of the models that come with the dataset, if any do; whether that changed anything.
    fn take_given(&mut self, dataset: &DatasetInfo) -> bool {
        if dataset.given.is_empty() {
            return false;
        }
        let before = (self.stages.clone(), self.data.clone());
        self.stages.resize_with(dataset.given.len(), || before.0.last().cloned().unwrap_or_default());
        (self.data.shift, self.data.noise) = (0, 0.0);
        for (stage, model) in self.stages.iter_mut().zip(&dataset.given) {
            if !stage.encoder.is_given() {
                (stage.classes, stage.fraction) = (dataset.classes, 1.0);
            }
            stage.encoder = Choice::of(Choice::GIVEN);
            stage.dims = model.dims;
            stage.rehearsal = 0;
        }
        before != (self.stages.clone(), self.data.clone())
    }

    /// Gives stages whose models came with a dataset that is left an encoder of their own; whether there were any.
    fn take_own_encoders(&mut self) -> bool {
        let any = self.is_given();
        for stage in self.stages.iter_mut().filter(|stage| stage.encoder.is_given()) {
            let Stage { encoder, dims, .. } = Stage::default();
            (stage.encoder, stage.dims) = (encoder, dims);
        }
        any
    }

    /// Lowers what the dataset does not have to what it has.
    fn keep_within(&mut self, dataset: &DatasetInfo, notices: &mut Vec<String>) {
        let mut lower = |place: String, value: &mut u32, there: u32| {
            if *value > there {
                notices.push(format!("{place} is {value}, but {} has {there}; {there} is used.", dataset.name));
                *value = there;
            }
        };
        lower("Training images per class".to_owned(), &mut self.data.train_per_class, dataset.train_per_class);
        lower("Test images per class".to_owned(), &mut self.data.test_per_class, dataset.test_per_class);
        for (index, stage) in self.stages.iter_mut().enumerate() {
            lower(format!("Stage {}: Classes", index + 1), &mut stage.classes, dataset.classes);
        }
    }

    /// Gives settings that the dataset `id` describes, and the scenario does not have yet, their defaults; those of another dataset go.
    fn complete(&mut self, id: &str, catalogue: &Catalogue) {
        fn fill(values: &mut Values, parameters: &[Parameter]) {
            for parameter in parameters {
                values.entry(parameter.id.clone()).or_insert(parameter.default);
            }
        }
        let Some(dataset) = catalogue.dataset(id) else { return };
        if id != self.data.dataset {
            self.data.values.clear();
            self.stages.iter_mut().for_each(|stage| stage.sees.clear());
        }
        fill(&mut self.data.values, &dataset.parameters);
        self.stages.iter_mut().for_each(|stage| fill(&mut stage.sees, &dataset.sees));
    }

    /// Puts the numbers on another dataset, of which nothing was asked yet: what it does not have is lowered without a word.
    pub(super) fn rest_on(&mut self, id: &str, catalogue: &Catalogue) {
        self.complete(id, catalogue);
        self.data.dataset = id.to_owned();
        let Some(dataset) = catalogue.dataset(id) else { return };
        self.keep_within(dataset, &mut Vec::new());
        if dataset.items != ItemKind::Pixels {
            (self.data.shift, self.data.noise) = (0, 0.0);
        }
        self.take_given(dataset);
    }

    /// The same upgrade on another dataset: of its classes each stage sees the same share as before, and at least two.
    /// Settings that both datasets describe alike stay. Models that come with it take the place of the stages.
    pub fn move_to(&mut self, dataset: &DatasetInfo, before: Option<&DatasetInfo>) {
        self.data.dataset = dataset.id.clone();
        keep_known(&mut self.data.values, before.map(|it| it.parameters.as_slice()), &dataset.parameters);
        self.data.train_per_class = dataset.train_per_class;
        self.data.test_per_class = dataset.test_per_class;
        if dataset.items != ItemKind::Pixels {
            (self.data.shift, self.data.noise) = (0, 0.0);
        }
        let most = self.stages.iter().map(|stage| stage.classes).max().unwrap_or_default();
        let there = before.map_or(most, |before| before.classes).max(1);
        let scaled = |count: f64, least: f64| {
            let share = count / f64::from(there);
            (share * f64::from(dataset.classes)).round().clamp(least, f64::from(dataset.classes.max(2)))
        };
        let counts: Vec<&String> = dataset.sees.iter().filter(|it| it.counts_classes).map(|it| &it.id).collect();
        for stage in &mut self.stages {
            stage.classes = scaled(f64::from(stage.classes), 2.0) as u32;
            keep_known(&mut stage.sees, before.map(|it| it.sees.as_slice()), &dataset.sees);
            for (_, count) in stage.sees.iter_mut().filter(|(id, _)| counts.contains(id)) {
                // What begins where the classes of another stage end still does.
                let was = *count;
                *count = scaled(was, was.min(2.0));
            }
        }
        self.take_own_encoders();
        self.take_given(dataset);
    }
}

/// Leaves of the settings of one dataset those that another describes alike; the others mean nothing on it.
fn keep_known(values: &mut Values, before: Option<&[Parameter]>, there: &[Parameter]) {
    values.retain(|id, _| {
        let described = before.unwrap_or_default().iter().find(|it| it.id == *id);
        described.is_some_and(|one| {
            there.iter().any(|it| (&it.id, &it.kind, it.counts_classes) == (id, &one.kind, one.counts_classes))
        })
    });
}

/// Brings every described number of `owner` within its bounds.
fn bound<T>(owner: &mut T, fields: Vec<Field<T>>, place: &str, notices: &mut Vec<String>) {
    for field in fields {
        let value = (field.get)(owner);
        let nearest = settled(&field.parameter, value, place, notices);
        (field.set)(owner, nearest);
    }
}

/// The nearest allowed value, with a notice where that is another one.
fn settled(parameter: &Parameter, value: f64, place: &str, notices: &mut Vec<String>) -> f64 {
    let nearest = parameter.nearest(value);
    if nearest != value {
        let (min, max) = parameter.bounds();
        notices
            .push(format!("{place}{} is {value}, but must lie in {min} to {max}; {nearest} is used.", parameter.label));
    }
    nearest
}

/// Makes a choice known and its parameters complete.
fn settle_choice(
    choice: &mut Choice,
    what: &str,
    known: &[(&str, &[Parameter])],
    place: &str,
    notices: &mut Vec<String>,
) {
    let Some(&first) = known.first() else { return };
    let (id, parameters) = match known.iter().find(|(id, _)| *id == choice.id) {
        Some(&found) => found,
        None => {
            notices.push(format!("{place}there is no {what} '{}'; {} is used.", choice.id, first.0));
            choice.values.clear();
            first
        }
    };
    choice.id = id.to_owned();
    settle_values(&mut choice.values, parameters, id, place, notices);
}

/// Makes the parameters of something complete, and drops those that it does not have.
fn settle_values(values: &mut Values, parameters: &[Parameter], of: &str, place: &str, notices: &mut Vec<String>) {
    for unknown in values.keys().filter(|key| !parameters.iter().any(|parameter| &parameter.id == *key)) {
        notices.push(format!("{place}{of} has no parameter '{unknown}'; it is left out."));
    }
    *values = parameters
        .iter()
        .map(|parameter| {
            let value = values.get(&parameter.id).copied().unwrap_or(parameter.default);
            (parameter.id.clone(), settled(parameter, value, place, notices))
        })
        .collect();
}

/// Brings what must divide the images to the nearest number that does; where none is, the run refuses it.
fn divide(values: &mut Values, parameters: &[Parameter], size: (u32, u32), place: &str, notices: &mut Vec<String>) {
    for parameter in parameters.iter().filter(|parameter| parameter.divides_images) {
        let Some(value) = values.get_mut(&parameter.id) else { continue };
        if let Some(nearest) = parameter.nearest_divisor(*value, size).filter(|nearest| nearest != value) {
            let (height, width) = size;
            notices.push(format!(
                "{place}{} is {value}, but must divide images of {height} x {width}; {nearest} is used.",
                parameter.label
            ));
            *value = nearest;
        }
    }
}

/// Leaves of the stages that the stage at `index` (from 0) goes on from those that lie before it, each once.
fn settle_parents(from: &mut Vec<u8>, index: usize, place: &str, notices: &mut Vec<String>) {
    let mut kept: Vec<u8> = Vec::new();
    for &parent in from.iter() {
        if parent == 0 || usize::from(parent) > index {
            notices.push(format!(
                "{place}it goes on from stage {parent}, which does not lie before it; that is left out."
            ));
        } else if kept.len() == Scenario::MAX_PARENTS {
            notices.push(format!(
                "{place}it goes on from more than {} stages; stage {parent} is left out.",
                Scenario::MAX_PARENTS
            ));
        } else if !kept.contains(&parent) {
            kept.push(parent);
        }
    }
    *from = kept;
}

#[cfg(test)]
#[allow(clippy::indexing_slicing)]
pub(crate) mod tests {
    use super::*;
    use crate::{EncoderCard, GivenModel, MethodCard, Need};

    pub(crate) fn catalogue() -> Catalogue {
        let weight = Parameter::real("weight", "Weight", (0.0, 20.0, 0.1), 1.0, "");
        Catalogue {
            datasets: vec![
                dataset("fashion-mnist", "Fashion-MNIST", 10, 1000, 200),
                dataset("own-0a1b2c3d", "your files: a.zip", 4, 60, 12),
                DatasetInfo {
                    given: [("old", 384), ("new", 768)]
                        .map(|(name, dims)| GivenModel { name: name.to_owned(), dims })
                        .into(),
                    ..dataset("own-embedded", "embeddings", 6, 40, 8)
                },
            ],
            encoders: vec![EncoderCard {
                id: "mlp".to_owned(),
                name: "MLP".to_owned(),
                summary: String::new(),
                parameters: vec![Parameter::integer("hidden", "Hidden", (8, 1024), 128, "")],
            }],
            methods: vec![
                MethodCard::new(Choice::PLAIN, Choice::PLAIN).role(Role::Plain),
                MethodCard::new("bct", "bct").needs([Need::Prototypes]).parameters([weight]),
                MethodCard::new("simplex", "simplex"),
                MethodCard::new("procrustes", "procrustes").role(Role::Fallback).needs([Need::Teacher]),
            ],
            ..Catalogue::default()
        }
    }

    fn dataset(id: &str, name: &str, classes: u32, train_per_class: u32, test_per_class: u32) -> DatasetInfo {
        DatasetInfo {
            id: id.to_owned(),
            name: name.to_owned(),
            classes,
            train_per_class,
            test_per_class,
            ..DatasetInfo::default()
        }
    }

    #[test]
    fn a_small_dataset_lowers_what_is_asked_of_it_and_says_so() {
        let mut scenario = Scenario { stages: vec![Stage { classes: 10, ..Stage::default() }], ..Scenario::default() };
        scenario.data.dataset = "own-0a1b2c3d".to_owned();
        let notices = scenario.settle(&catalogue());
        assert_eq!(notices.len(), 3, "{notices:?}");
        assert_eq!(notices[2], "Stage 1: Classes is 10, but your files: a.zip has 4; 4 is used.");
        let data = &scenario.data;
        assert_eq!((data.train_per_class, data.test_per_class, scenario.stages[0].classes), (60, 12, 4));
        assert_eq!(scenario.settle(&catalogue()), Vec::<String>::new());
    }

    #[test]
    fn an_upgrade_moves_to_another_dataset_with_the_shares_of_its_stages() {
        let catalogue = catalogue();
        let [large, small, ..] = catalogue.datasets.as_slice() else { panic!("two datasets of images") };
        let stage = |classes| Stage { classes, ..Stage::default() };
        let mut scenario = Scenario { stages: vec![stage(5), stage(10)], ..Scenario::default() };
        scenario.move_to(small, Some(large));
        assert_eq!(scenario.stages.iter().map(|stage| stage.classes).collect::<Vec<_>>(), [2, 4]);
        assert_eq!(scenario.settle(&catalogue), Vec::<String>::new());
        scenario.move_to(large, Some(small));
        assert_eq!(scenario.stages.iter().map(|stage| stage.classes).collect::<Vec<_>>(), [5, 10]);
    }

    #[test]
    fn a_good_scenario_is_completed_without_a_word() {
        let mut scenario = Scenario {
            stages: vec![Stage::default(), Stage { method: Choice::of("bct"), ..Stage::default() }],
            ..Scenario::default()
        };
        assert_eq!(scenario.settle(&catalogue()), Vec::<String>::new());
        assert_eq!(scenario.stages[1].method.values["weight"], 1.0);
        assert_eq!(scenario.stages[0].encoder.values["hidden"], 128.0);
        let again = scenario.clone();
        assert_eq!(scenario.settle(&catalogue()), Vec::<String>::new());
        assert_eq!(scenario, again);
    }

    #[test]
    fn models_that_are_given_take_the_place_of_the_stages() {
        let catalogue = catalogue();
        let [images, _, embeddings] = catalogue.datasets.as_slice() else { panic!("three datasets") };
        let stage = |classes| Stage { classes, rehearsal: 9, method: Choice::of("bct"), ..Stage::default() };
        let mut scenario = Scenario { stages: vec![stage(5), stage(8), stage(10)], ..Scenario::default() };
        scenario.stages[0].method = Choice::plain();
        scenario.move_to(embeddings, Some(images));
        assert_eq!(
            scenario.settle(&catalogue),
            ["Stage 2: bct trains a model, but the models are given; procrustes is used."]
        );
        assert_eq!(scenario.settle(&catalogue), Vec::<String>::new(), "settled, 768 dims and all");
        let [old, new] = scenario.stages.as_slice() else { panic!("two models") };
        assert_eq!((old.dims, new.dims, old.classes, new.classes, new.rehearsal), (384, 768, 6, 6, 0));
        assert_eq!((new.encoder.id.as_str(), new.method.id.as_str()), (Choice::GIVEN, "procrustes"));
        assert_eq!((scenario.data.shift, scenario.data.noise), (0, 0.0));

        // Fewer classes stay as they were set; what a link asks for beyond the models is said.
        scenario.stages[0].classes = 3;
        scenario.stages.push(stage(6));
        let notices = scenario.settle(&catalogue);
        assert_eq!(
            notices,
            [
                "embeddings holds embeddings: the stages are its models as they are, and nothing is shifted or given noise."
            ]
        );
        assert_eq!((scenario.stages.len(), scenario.stages[0].classes), (2, 3));

        scenario.move_to(images, Some(embeddings));
        assert_eq!(scenario.settle(&catalogue), Vec::<String>::new());
        assert_eq!((scenario.stages[1].encoder.id.as_str(), scenario.stages[1].dims), ("mlp", 32));
    }

    #[test]
    fn a_method_that_needs_nothing_can_come_first() {
        let mut scenario = Scenario {
            stages: vec![Stage { method: Choice::of("simplex"), ..Stage::default() }],
            ..Scenario::default()
        };
        assert_eq!(scenario.settle(&catalogue()), Vec::<String>::new());
        assert_eq!(scenario.stages[0].method.id, "simplex");
    }

    #[test]
    fn what_must_divide_the_images_does() {
        let mut catalogue = catalogue();
        let patch = Parameter::integer("patch", "Patch", (2, 14), 7, "").dividing_images();
        catalogue.encoders = vec![EncoderCard {
            id: "mlp".to_owned(),
            name: "ViT".to_owned(),
            summary: String::new(),
            parameters: vec![patch],
        }];
        let mut settled = |size| {
            catalogue.datasets[0].size = size;
            let mut scenario = Scenario { stages: vec![Stage::default()], ..Scenario::default() };
            let notices = scenario.settle(&catalogue);
            (scenario.stages[0].encoder.values["patch"], notices)
        };
        assert_eq!(settled(Some((28, 28))), (7.0, Vec::new()));
        let said = "Stage 1: Patch is 7, but must divide images of 32 x 32; 8 is used.";
        assert_eq!(settled(Some((32, 32))), (8.0, vec![said.to_owned()]));
        assert_eq!(settled(Some((29, 31))).0, 7.0, "nothing divides them");
        assert_eq!(settled(None).0, 7.0);
    }

    #[test]
    fn models_of_data_that_are_gone_go_with_them() {
        let given = || Stage { encoder: Choice::of(Choice::GIVEN), dims: 768, ..Stage::default() };
        let mut scenario = Scenario { stages: vec![given(), given()], ..Scenario::default() };
        scenario.data.dataset = "own-gone".to_owned();
        let notices = scenario.settle(&catalogue());
        assert_eq!(notices.len(), 1, "{notices:?}");
        assert!(notices[0].contains("import the same files again"), "{notices:?}");
        assert!(notices[0].ends_with("is used; the stages take the usual network."), "{notices:?}");
        assert!(!scenario.is_given());
    }

    #[test]
    fn every_change_is_said() {
        let mut scenario = Scenario {
            stages: vec![
                Stage { method: Choice::of("bct"), dims: 4000, ..Stage::default() },
                Stage {
                    method: Choice::of("bct").with("weight", -1.0).with("wieght", 2.0),
                    encoder: Choice::of("resnet"),
                    ..Stage::default()
                },
            ],
            ..Scenario::default()
        };
        scenario.data.dataset = "imagenet".to_owned();
        let notices = scenario.settle(&catalogue());
        let said = |text: &str| assert!(notices.iter().any(|notice| notice.contains(text)), "{text} in {notices:?}");
        said("no dataset 'imagenet'");
        said("Dims is 4000, but must lie in 2 to 128; 128 is used");
        said("nothing to be compatible with");
        said("Weight is -1, but must lie in 0 to 20; 0 is used");
        said("no parameter 'wieght'");
        said("no encoder 'resnet'; mlp is used");
        assert_eq!(notices.len(), 6, "{notices:?}");
        assert_eq!(scenario.settle(&catalogue()), Vec::<String>::new(), "settling is idempotent");
    }
}
