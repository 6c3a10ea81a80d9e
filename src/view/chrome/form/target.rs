//! The places of a scenario that a form sets: numbers by their ids, and choices from the catalogue.

use crate::view::few::sort_few;
use protocol::{Catalogue, Choice, DatasetInfo, Field, Scenario, run_fields, stage_fields};

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
                    sort_few(&mut parents, |parent| *parent);
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
pub(super) fn number(index: usize) -> u8 {
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
            Self::Method(stage) => catalogue.methods_for(scenario, stage).map(|it| named(&it.id, &it.name)).collect(),
        }
    }

    /// What is chosen, in a sentence; empty if the catalogue has none.
    pub fn hint(self, scenario: &Scenario, catalogue: &Catalogue) -> String {
        let id = self.read(scenario).unwrap_or_default();
        match self {
            // What is said about own data is a report, which stands below.
            Self::Dataset => catalogue.dataset(id).map(|it| match it.is_own() {
                true => DatasetInfo { about: String::new(), ..it.clone() }.in_words(),
                false => it.in_words(),
            }),
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
