//! The set-up form, generated from described parameters: the page draws what stands here and knows no setting by name.

use protocol::{
    Catalogue, Choice, DatasetInfo, Field, Kind, MethodCard, ModelId, Parameter, Scenario, run_fields, stage_fields,
};

/// A heading with its controls.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// Heading.
    pub title: &'static str,
    /// What can be chosen under it; at most one.
    pub choice: Option<ChoiceControl>,
    /// The numbers under it.
    pub controls: Vec<Control>,
}

/// One described number. Its value is read when it is shown, so that a form keeps its elements while values change.
#[derive(Clone, Debug, PartialEq)]
pub struct Control {
    /// Where the value is.
    pub target: Target,
    /// Name, bounds, default, explanation.
    pub parameter: Parameter,
}

impl Control {
    /// What a control must be made anew for: its place, and what another dataset changes of it.
    pub fn key(&self) -> (Target, String, u64) {
        (self.target.clone(), self.parameter.label.clone(), self.parameter.bounds().1.to_bits())
    }
}

/// A choice from the catalogue.
#[derive(Clone, Debug, PartialEq)]
pub struct ChoiceControl {
    /// Where the value is.
    pub target: ChoiceTarget,
    /// What a person reads.
    pub label: &'static str,
}

/// The place of a number within a scenario.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Target {
    /// A field of the run, by id.
    Run(String),
    /// A field of a stage (from 0), by id.
    Stage(usize, String),
    /// A parameter of a stage's encoder.
    Encoder(usize, String),
    /// A parameter of a stage's method.
    Method(usize, String),
    /// A setting of the dataset itself.
    Data(String),
    /// What a stage sees of the dataset.
    Sees(usize, String),
    /// Whether a stage goes on from another, counted from 1.
    From(usize, u8),
}

/// The place of a choice within a scenario.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ChoiceTarget {
    /// Dataset of the run.
    Dataset,
    /// Encoder of a stage (from 0).
    Encoder(usize),
    /// Method of a stage (from 0).
    Method(usize),
}

impl Target {
    /// A text that is unique in a form, for element ids.
    pub fn id(&self) -> String {
        match self {
            Self::Run(id) => format!("run-{id}"),
            Self::Stage(stage, id) => format!("stage-{stage}-{id}"),
            Self::Encoder(stage, id) => format!("encoder-{stage}-{id}"),
            Self::Method(stage, id) => format!("method-{stage}-{id}"),
            Self::Data(id) => format!("data-{id}"),
            Self::Sees(stage, id) => format!("sees-{stage}-{id}"),
            Self::From(stage, parent) => format!("from-{stage}-{parent}"),
        }
    }

    /// The value; `None` if the scenario has no such place.
    pub fn read(&self, scenario: &Scenario) -> Option<f64> {
        let stage = |stage: &usize| scenario.stages.get(*stage);
        match self {
            Self::Run(id) => Some((find(run_fields(), id)?.get)(scenario)),
            Self::Stage(index, id) => Some((find(stage_fields(), id)?.get)(stage(index)?)),
            Self::Encoder(index, id) => stage(index)?.encoder.values.get(id).copied(),
            Self::Method(index, id) => stage(index)?.method.values.get(id).copied(),
            Self::Data(id) => scenario.data.values.get(id).copied(),
            Self::Sees(index, id) => stage(index)?.sees.get(id).copied(),
            Self::From(index, parent) => {
                stage(index)?;
                Some(f64::from(u8::from(scenario.parents(number(*index)).contains(parent))))
            }
        }
    }

    /// Writes a value; the caller settles the scenario after.
    pub fn write(&self, scenario: &mut Scenario, value: f64) {
        // Numbers of the scenario itself are integers in part, so they are brought within bounds before they are cast.
        match self {
            Self::Run(id) => {
                if let Some(field) = find(run_fields(), id) {
                    (field.set)(scenario, field.parameter.nearest(value));
                }
            }
            Self::Stage(index, id) => {
                if let Some((stage, field)) = scenario.stages.get_mut(*index).zip(find(stage_fields(), id)) {
                    (field.set)(stage, field.parameter.nearest(value));
                }
            }
            Self::Encoder(index, id) => insert(scenario.stages.get_mut(*index).map(|it| &mut it.encoder), id, value),
            Self::Method(index, id) => insert(scenario.stages.get_mut(*index).map(|it| &mut it.method), id, value),
            Self::Data(id) => drop(scenario.data.values.insert(id.clone(), value)),
            Self::Sees(index, id) => {
                if let Some(stage) = scenario.stages.get_mut(*index) {
                    stage.sees.insert(id.clone(), value);
                }
            }
            Self::From(index, parent) => {
                let mut parents = scenario.parents(number(*index));
                parents.retain(|it| it != parent);
                if value != 0.0 {
                    parents.push(*parent);
                    parents.sort_unstable();
                }
                if let Some(stage) = scenario.stages.get_mut(*index) {
                    // Without a name it goes on from the one before.
                    let before = u8::try_from(*index).is_ok_and(|before| parents == [before]);
                    stage.from = if before { Vec::new() } else { parents };
                }
            }
        }
    }
}

/// A stage from 0 as it is counted, from 1.
fn number(index: usize) -> u8 {
    u8::try_from(index + 1).unwrap_or(u8::MAX)
}

fn find<T>(fields: Vec<Field<T>>, id: &str) -> Option<Field<T>> {
    fields.into_iter().find(|field| field.parameter.id == id)
}

fn insert(choice: Option<&mut Choice>, id: &str, value: f64) {
    if let Some(choice) = choice {
        choice.values.insert(id.to_owned(), value);
    }
}

impl ChoiceTarget {
    /// A text that is unique in a form, for element ids.
    pub fn id(self) -> String {
        match self {
            Self::Dataset => "dataset".to_owned(),
            Self::Encoder(stage) => format!("encoder-{stage}"),
            Self::Method(stage) => format!("method-{stage}"),
        }
    }

    /// The id; `None` if the scenario has no such place.
    pub fn read(self, scenario: &Scenario) -> Option<&str> {
        match self {
            Self::Dataset => Some(&scenario.data.dataset),
            Self::Encoder(stage) => scenario.stages.get(stage).map(|stage| stage.encoder.id.as_str()),
            Self::Method(stage) => scenario.stages.get(stage).map(|stage| stage.method.id.as_str()),
        }
    }

    /// Id and name of everything that can be chosen.
    pub fn options(self, scenario: &Scenario, catalogue: &Catalogue) -> Vec<(String, String)> {
        let named = |id: &String, name: &String| (id.clone(), name.clone());
        match self {
            Self::Dataset => catalogue.datasets.iter().map(|it| named(&it.id, &it.name)).collect(),
            Self::Encoder(_) => catalogue.encoders.iter().map(|it| named(&it.id, &it.name)).collect(),
            Self::Method(stage) => {
                catalogue.methods_for(scenario.is_given(), stage).map(|it| named(&it.id, &it.name)).collect()
            }
        }
    }

    /// What is chosen, in a sentence; empty if the catalogue has none.
    pub fn hint(self, scenario: &Scenario, catalogue: &Catalogue) -> String {
        let id = self.read(scenario).unwrap_or_default();
        match self {
            Self::Dataset => catalogue.dataset(id).map(DatasetInfo::in_words),
            Self::Encoder(_) => catalogue.encoder(id).map(|card| card.summary.clone()),
            Self::Method(_) => catalogue.method(id).map(|card| card.summary.clone()),
        }
        .unwrap_or_default()
    }

    /// Writes an id; parameters take their defaults.
    pub fn write(self, scenario: &mut Scenario, id: &str) {
        match self {
            Self::Dataset => scenario.data.dataset = id.to_owned(),
            Self::Encoder(stage) => {
                if let Some(stage) = scenario.stages.get_mut(stage) {
                    stage.encoder = Choice::of(id);
                }
            }
            Self::Method(stage) => {
                if let Some(stage) = scenario.stages.get_mut(stage) {
                    stage.method = Choice::of(id);
                }
            }
        }
    }
}

/// What cannot be set where models are given: nothing is trained but what lies between them, and items have no pixels.
const NOT_OF_GIVEN: [&str; 4] = ["shift", "noise", "dims", "rehearsal"];

/// What happens in a scenario and what to watch: its preset's words, unless the models come with the dataset.
pub fn summary(scenario: &Scenario, catalogue: &Catalogue) -> String {
    match catalogue.preset(&scenario.preset) {
        _ if scenario.is_given() => {
            "Your models as they are, in place of the scenario's. Watch what new queries find in the old gallery through the map between \
             them, and what they find without it."
                .to_owned()
        }
        preset => preset.map(|preset| preset.summary.clone()).unwrap_or_default(),
    }
}

/// A described number as it is where there are embeddings and no images.
fn of_items(parameter: Parameter) -> Parameter {
    let items = |text: String| text.replace("images", "items");
    Parameter { label: items(parameter.label), help: items(parameter.help), ..parameter }
}

/// What a stage (from 0) goes on from, where that is not the one before, as in `v2 and v3`.
pub fn goes_on_from(scenario: &Scenario, stage: usize) -> Option<String> {
    let named: Vec<String> =
        scenario.stages.get(stage)?.from.iter().map(|&parent| ModelId::deployed(parent).to_string()).collect();
    let (last, others) = named.split_last()?;
    Some(if others.is_empty() { last.clone() } else { format!("{} and {last}", others.join(", ")) })
}

/// The groups of the whole run.
pub fn run_groups(scenario: &Scenario, catalogue: &Catalogue) -> Vec<Group> {
    let given = scenario.is_given();
    let mut groups = Vec::new();
    for field in run_fields() {
        let target = Target::Run(field.parameter.id.clone());
        if !given {
            push(&mut groups, field.group, Control { target, parameter: field.parameter });
        } else if !NOT_OF_GIVEN.contains(&field.parameter.id.as_str()) {
            push(&mut groups, field.group, Control { target, parameter: of_items(field.parameter) });
        }
    }
    group(&mut groups, "Data").choice = Some(ChoiceControl { target: ChoiceTarget::Dataset, label: "Dataset" });
    let dataset = catalogue.dataset(&scenario.data.dataset);
    for parameter in dataset.map(|dataset| dataset.parameters.as_slice()).unwrap_or_default() {
        let target = Target::Data(parameter.id.clone());
        push(&mut groups, "Data", Control { target, parameter: parameter.clone() });
    }
    groups
}

/// The groups of one stage (from 0); none if there is no such stage.
pub fn stage_groups(scenario: &Scenario, catalogue: &Catalogue, stage: usize) -> Vec<Group> {
    let mut groups = Vec::new();
    let Some(settings) = scenario.stages.get(stage) else { return groups };
    let target = ChoiceTarget::Method(stage);
    if target.options(scenario, catalogue).len() > 1 {
        let card = catalogue.method(&settings.method.id);
        group(&mut groups, "Compatibility").choice = Some(ChoiceControl { target, label: "Method" });
        for parameter in card.map(|card| card.parameters.as_slice()).unwrap_or_default() {
            let target = Target::Method(stage, parameter.id.clone());
            push(&mut groups, "Compatibility", Control { target, parameter: parameter.clone() });
        }
    }
    let given = scenario.is_given();
    let card = catalogue.encoder(&settings.encoder.id);
    if !given {
        let choice = ChoiceControl { target: ChoiceTarget::Encoder(stage), label: "Encoder" };
        group(&mut groups, "Model").choice = Some(choice);
    }
    for parameter in card.map(|card| card.parameters.as_slice()).unwrap_or_default() {
        let target = Target::Encoder(stage, parameter.id.clone());
        push(&mut groups, "Model", Control { target, parameter: parameter.clone() });
    }
    let trains = stage > 0 && catalogue.method(&settings.method.id).is_some_and(MethodCard::is_trained);
    for field in stage_fields() {
        let target = Target::Stage(stage, field.parameter.id.clone());
        let mut parameter = field.parameter;
        if given {
            let idle = field.group == "Training" && !trains;
            if idle || NOT_OF_GIVEN.contains(&parameter.id.as_str()) {
                continue;
            }
            parameter = of_items(parameter);
        }
        if let (Kind::Integer { max, .. }, "classes") = (&mut parameter.kind, parameter.id.as_str()) {
            *max = catalogue.dataset(&scenario.data.dataset).map_or(*max, |dataset| dataset.classes.into());
        }
        push(&mut groups, field.group, Control { target, parameter });
    }
    let dataset = catalogue.dataset(&scenario.data.dataset);
    for parameter in dataset.map(|dataset| dataset.sees.as_slice()).unwrap_or_default() {
        let target = Target::Sees(stage, parameter.id.clone());
        push(&mut groups, "Data", Control { target, parameter: parameter.clone() });
    }
    parents(&mut groups, scenario, catalogue, stage);
    groups
}

/// A box for each earlier stage, where there is a choice of those that a stage goes on from.
fn parents(groups: &mut Vec<Group>, scenario: &Scenario, catalogue: &Catalogue, stage: usize) {
    let Some(settings) = scenario.stages.get(stage).filter(|_| stage > 1) else { return };
    let takes_several = catalogue.method(&settings.method.id).is_some_and(|card| card.suits.parents[1] > 1);
    if !takes_several && settings.from.is_empty() {
        return;
    }
    for parent in 1..number(stage) {
        let model = ModelId::deployed(parent).to_string();
        let help = format!("Whether this stage goes on from {model}. Without any it goes on from the one before.");
        let parameter = Parameter::flag(&format!("from_{parent}"), &model, parent + 1 == number(stage), &help);
        push(groups, "Goes on from", Control { target: Target::From(stage, parent), parameter });
    }
}

fn push(groups: &mut Vec<Group>, title: &'static str, control: Control) {
    group(groups, title).controls.push(control);
}

/// The group with this title, made where it is missing.
fn group<'a>(groups: &'a mut Vec<Group>, title: &'static str) -> &'a mut Group {
    let place = groups.iter().position(|group| group.title == title).unwrap_or(groups.len());
    if place == groups.len() {
        groups.push(Group { title, choice: None, controls: Vec::new() });
    }
    // In bounds: found there, or just pushed.
    #[allow(clippy::indexing_slicing)]
    &mut groups[place]
}

/// Change of a value by one key press on its slider.
pub fn step(parameter: &Parameter) -> f64 {
    match parameter.kind {
        Kind::Real { step, .. } => step,
        _ => 1.0,
    }
}

/// Whether a slider helps: not where its notches would be finer than a hand, as for seeds.
pub fn has_slider(parameter: &Parameter) -> bool {
    let (min, max) = parameter.bounds();
    (max - min) / step(parameter) <= 2000.0
}

#[cfg(test)]
mod tests {
    use protocol::{Claim, GivenModel, Needs, Role, Stage};

    use super::*;

    fn catalogue() -> Catalogue {
        serde_json::from_str(
            r#"{
                "datasets": [{"id": "fashion-mnist", "name": "Fashion-MNIST", "classes": 10, "train_per_class": 1000, "test_per_class": 200}],
                "encoders": [{"id": "mlp", "name": "MLP", "summary": "Layers.", "parameters": [
                    {"id": "hidden", "label": "Hidden", "unit": "", "kind": {"integer": {"min": 8, "max": 1024}}, "default": 128, "help": ""}]}],
                "methods": [
                    {"id": "independent", "name": "Independent", "summary": "", "paper": "", "needs": {}, "comparison": "", "parameters": [], "losses": [], "claims": []},
                    {"id": "bct", "name": "BCT", "summary": "Pull.", "paper": "", "needs": {"prototypes": true}, "comparison": "", "losses": [], "claims": [], "parameters": [
                        {"id": "weight", "label": "Weight", "unit": "", "kind": {"real": {"min": 0, "max": 20, "step": 0.1}}, "default": 1, "help": ""}]}],
                "presets": []
            }"#,
        )
        .unwrap()
    }

    #[test]
    fn every_described_number_has_one_control_and_every_control_writes_its_number() {
        let catalogue = catalogue();
        let mut scenario = Scenario {
            stages: vec![Stage::default(), Stage { method: Choice::of("bct"), ..Stage::default() }],
            ..Scenario::default()
        };
        scenario.settle(&catalogue);
        let all = |scenario: &Scenario| -> Vec<Control> {
            let groups = run_groups(scenario, &catalogue).into_iter().chain(stage_groups(scenario, &catalogue, 1));
            groups.flat_map(|group| group.controls).collect()
        };
        assert_eq!(all(&scenario).len(), run_fields().len() + stage_fields().len() + 2);
        for control in all(&scenario) {
            let mut changed = scenario.clone();
            let (_, max) = control.parameter.bounds();
            control.target.write(&mut changed, max);
            assert_eq!(control.target.read(&changed), Some(max), "{}", control.target.id());
        }
    }

    #[test]
    fn what_a_dataset_describes_has_controls_under_data() {
        let mut catalogue = catalogue();
        catalogue.datasets[0].parameters =
            vec![Parameter::real("poisoned", "Poisoned share", (0.0, 1.0, 0.1), 0.1, "")];
        catalogue.datasets[0].sees = vec![Parameter::integer("first", "First class", (0, 8), 0, "")];
        let mut scenario = Scenario { stages: vec![Stage::default(), Stage::default()], ..Scenario::default() };
        scenario.settle(&catalogue);
        let last = |groups: Vec<Group>| {
            groups.into_iter().find(|group| group.title == "Data").and_then(|mut group| group.controls.pop())
        };
        for (groups, target, value) in [
            (run_groups(&scenario, &catalogue), Target::Data("poisoned".to_owned()), 0.5),
            (stage_groups(&scenario, &catalogue, 1), Target::Sees(1, "first".to_owned()), 5.0),
        ] {
            let control = last(groups).unwrap();
            assert_eq!(
                (control.target.clone(), control.target.read(&scenario)),
                (target, Some(control.parameter.default))
            );
            control.target.write(&mut scenario, value);
            assert_eq!(control.target.read(&scenario), Some(value));
        }
        assert_eq!(scenario.settle(&catalogue), Vec::<String>::new());
        assert_eq!((scenario.data.values["poisoned"], scenario.stages[1].sees["first"]), (0.5, 5.0));
        assert!(scenario.stages[0].sees["first"] == 0.0, "of its own stage alone");
    }

    #[test]
    fn parents_are_boxes_where_there_is_a_choice_and_said_in_words() {
        let mut catalogue = catalogue();
        let mut scenario = Scenario { stages: vec![Stage::default(); 4], ..Scenario::default() };
        scenario.stages[3].method = Choice::of("bct");
        scenario.settle(&catalogue);
        let boxes = |scenario: &Scenario, catalogue: &Catalogue| -> Vec<(Target, Option<f64>)> {
            let groups = stage_groups(scenario, catalogue, 3).into_iter().filter(|group| group.title == "Goes on from");
            groups.flat_map(|group| group.controls).map(|it| (it.target.clone(), it.target.read(scenario))).collect()
        };
        assert_eq!((boxes(&scenario, &catalogue), goes_on_from(&scenario, 3)), (vec![], None));
        catalogue.methods[1].suits.parents = [1, 8];
        let from = |parent| Target::From(3, parent);
        assert_eq!(boxes(&scenario, &catalogue), [(from(1), Some(0.0)), (from(2), Some(0.0)), (from(3), Some(1.0))]);
        from(1).write(&mut scenario, 1.0);
        assert_eq!(
            (scenario.stages[3].from.as_slice(), goes_on_from(&scenario, 3)),
            (&[1, 3][..], Some("v1 and v3".to_owned()))
        );
        from(3).write(&mut scenario, 0.0);
        assert_eq!(goes_on_from(&scenario, 3), Some("v1".to_owned()));
        catalogue.methods[1].suits.parents = [1, 1];
        assert_eq!(boxes(&scenario, &catalogue).len(), 3, "what is named can be taken back");
        from(1).write(&mut scenario, 0.0);
        assert!(scenario.stages[3].from.is_empty(), "none is the one before");
        from(2).write(&mut scenario, 1.0);
        from(1).write(&mut scenario, 1.0);
        assert_eq!(goes_on_from(&scenario, 3), Some("v1, v2 and v3".to_owned()));
    }

    #[test]
    fn a_first_stage_has_only_methods_that_need_nothing() {
        let scenario = Scenario { stages: vec![Stage::default()], ..Scenario::default() };
        let mut catalogue = catalogue();
        let titles = |catalogue: &Catalogue, stage| -> Vec<&str> {
            stage_groups(&scenario, catalogue, stage).iter().map(|group| group.title).collect()
        };
        assert_eq!(titles(&catalogue, 0), ["Model", "Data", "Training"]);
        assert!(titles(&catalogue, 1).is_empty());
        catalogue.methods[1].needs = Needs::default();
        assert_eq!(titles(&catalogue, 0), ["Compatibility", "Model", "Data", "Training"]);
    }

    #[test]
    fn given_models_are_not_trained_and_have_no_pixels() {
        let mut catalogue = catalogue();
        catalogue.datasets[0].given = [GivenModel::default(), GivenModel::default()].into();
        catalogue.methods[0].role = Role::Plain;
        let mut adapter = catalogue.methods[1].clone();
        (adapter.id, adapter.role) = ("mlp-adapter".to_owned(), Role::Adapter);
        adapter.losses = vec![Claim::new("distance", "")];
        catalogue.methods.push(adapter);
        let mut scenario = Scenario { stages: vec![Stage::default(), Stage::default()], ..Scenario::default() };
        scenario.settle(&catalogue);
        let labels = |groups: Vec<Group>| -> Vec<String> {
            groups.into_iter().flat_map(|group| group.controls).map(|control| control.parameter.label).collect()
        };
        assert!(summary(&scenario, &catalogue).starts_with("Your models as they are"));
        assert_eq!(labels(run_groups(&scenario, &catalogue))[1..3], ["Training items", "Test items"]);
        assert_eq!(labels(stage_groups(&scenario, &catalogue, 1)), ["Classes", "Share of the data"]);
        let methods = ChoiceTarget::Method(1).options(&scenario, &catalogue);
        assert_eq!(methods.iter().map(|(id, _)| id.as_str()).collect::<Vec<_>>(), ["independent", "mlp-adapter"]);
        scenario.stages[1].method = Choice::of("mlp-adapter");
        assert!(labels(stage_groups(&scenario, &catalogue, 1)).contains(&"Epochs".to_owned()));
    }

    #[test]
    fn another_choice_starts_from_its_defaults() {
        let catalogue = catalogue();
        let mut scenario = Scenario { stages: vec![Stage::default(), Stage::default()], ..Scenario::default() };
        ChoiceTarget::Method(1).write(&mut scenario, "bct");
        scenario.settle(&catalogue);
        let groups = stage_groups(&scenario, &catalogue, 1);
        assert_eq!((groups[0].title, groups[0].controls[0].target.read(&scenario)), ("Compatibility", Some(1.0)));
        assert_eq!(ChoiceTarget::Method(1).hint(&scenario, &catalogue), "Pull.");
    }

    #[test]
    fn a_seed_has_no_slider() {
        let sliders: Vec<bool> = run_fields().iter().take(2).map(|field| has_slider(&field.parameter)).collect();
        assert_eq!(sliders, [false, true]);
    }
}
