//! The set-up form, generated from described parameters: the page draws what stands here and knows no setting by name.

mod chosen;
mod settings;
mod target;
#[cfg(test)]
mod tests;

use protocol::{
    Catalogue, Choice, ItemKind, Kind, MethodCard, ModelId, Parameter, Read, Scenario, UpgradeKind, run_fields,
    stage_fields,
};

pub use chosen::{Chosen, beside, chosen, lacks, left};
pub use settings::{SEED, Setting, settings, shown};
use target::number;
pub use target::{ChoiceTarget, Target};

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
    let dataset = catalogue.dataset(&scenario.data.dataset);
    // Embeddings, points and sequences are neither shifted nor given noise.
    let pictures = !scenario.is_given() && dataset.is_none_or(|dataset| dataset.items == ItemKind::Pixels);
    let mut groups = Vec::new();
    for field in run_fields() {
        let target = Target::Run(field.parameter.id.clone());
        if pictures {
            push(&mut groups, field.group, Control { target, parameter: field.parameter });
        } else if !NOT_OF_GIVEN.contains(&field.parameter.id.as_str()) {
            push(&mut groups, field.group, Control { target, parameter: of_items(field.parameter) });
        }
    }
    group(&mut groups, "Data").choice = Some(ChoiceControl { target: ChoiceTarget::Dataset, label: "Dataset" });
    // Of what only some methods are measured by, where one of them stands.
    let reads = |read: Read| {
        let mut cards = scenario.stages.iter().filter_map(|stage| catalogue.method(&stage.method.id));
        cards.any(|card| card.reads.contains(&read))
    };
    let counts = |parameter: &&Parameter| parameter.only.is_none_or(reads);
    for parameter in dataset.map(|dataset| dataset.parameters.as_slice()).unwrap_or_default().iter().filter(counts) {
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
        let title = method_title(scenario, catalogue);
        group(&mut groups, title).choice = Some(ChoiceControl { target, label: "Method" });
        for parameter in card.map(|card| card.parameters.as_slice()).unwrap_or_default() {
            let target = Target::Method(stage, parameter.id.clone());
            push(&mut groups, title, Control { target, parameter: parameter.clone() });
        }
    }
    let given = scenario.is_given();
    let own_net = catalogue.method(&settings.method.id).is_some_and(|card| card.own_net);
    // What embeds nothing has no dims.
    let stores = catalogue.method(&settings.method.id).is_none_or(|card| card.reads.contains(&Read::Retrieval));
    let card = catalogue.encoder(&settings.encoder.id).filter(|_| !own_net);
    if !given && !own_net {
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
        if parameter.id == "dims" && !stores {
            continue;
        }
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
    let card = catalogue.method(&settings.method.id);
    let counts =
        |parameter: &&Parameter| parameter.only.is_none_or(|read| card.is_some_and(|card| card.reads.contains(&read)));
    for parameter in dataset.map(|dataset| dataset.sees.as_slice()).unwrap_or_default().iter().filter(counts) {
        let target = Target::Sees(stage, parameter.id.clone());
        push(&mut groups, "Data", Control { target, parameter: parameter.clone() });
    }
    parents(&mut groups, scenario, catalogue, stage);
    groups
}

/// What stands above the method. It is that of the preset, so that the control keeps its element when the method changes.
fn method_title(scenario: &Scenario, catalogue: &Catalogue) -> &'static str {
    match catalogue.began_as(scenario) {
        UpgradeKind::Retrain => "Compatibility",
        kind => kind.title(),
    }
}

/// The models whose method varies together, in words.
pub fn varies(scenario: &Scenario, catalogue: &Catalogue) -> String {
    let last = ModelId::deployed(u8::try_from(scenario.stages.len()).unwrap_or(u8::MAX));
    match scenario.stages.len() > 2 && catalogue.began_as(scenario) == UpgradeKind::Stream {
        true => format!("v2 to {last}"),
        false => last.to_string(),
    }
}

/// The scenario with another method for its last stage. In a stream it is that of all stages after the first, each of which goes on from
/// what the one before left, and of the first if it can stand there; else that one is trained plainly.
pub fn with_method(scenario: &Scenario, catalogue: &Catalogue, choice: &Choice) -> Scenario {
    let mut changed = scenario.clone();
    if catalogue.began_as(scenario) != UpgradeKind::Stream {
        if let Some(stage) = changed.stages.last_mut() {
            stage.method = choice.clone();
        }
        return changed;
    }
    let begins = catalogue.method(&choice.id).is_some_and(|card| card.suits.parents[0] == 0);
    for (index, stage) in changed.stages.iter_mut().enumerate() {
        let is_of_streams = catalogue.method(&stage.method.id).is_some_and(|card| card.kind == UpgradeKind::Stream);
        if index > 0 || begins {
            stage.method = choice.clone();
        } else if is_of_streams {
            stage.method = Choice::plain();
        }
    }
    changed
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
