//! Settings that can change while a run goes on, and the record of such changes.

use serde::{Deserialize, Serialize};

use crate::{Catalogue, Parameter, Scenario, Stage, stage_fields};

/// A number of a stage that can change while its models train: one whose description is [`hot`](Parameter::hot).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Setting {
    /// A field of the stage, by id, as in `schedule.rate`.
    Stage(String),
    /// A parameter of its method, by id.
    Method(String),
}

/// A new value for a setting.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Adjustment {
    /// Stage, counted from 1.
    pub stage: u8,
    /// Which of its settings.
    pub setting: Setting,
    /// What it becomes.
    pub value: f64,
}

/// A setting of a model that changed while it trained, or before its first step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Adjusted {
    /// Training steps taken before the change.
    pub step: u32,
    /// What a person calls the setting.
    pub what: String,
    /// Value before.
    pub from: f64,
    /// Value since.
    pub to: f64,
}

impl Setting {
    /// All settings of a stage that can change while it trains, with their descriptions.
    pub fn hot(stage: &Stage, catalogue: &Catalogue) -> Vec<(Self, Parameter)> {
        let fields = stage_fields().into_iter().map(|field| field.parameter);
        let fields = fields.map(|it| (Self::Stage(it.id.clone()), it));
        let parameters = catalogue.method(&stage.method.id).map(|card| card.parameters.as_slice()).unwrap_or_default();
        let parameters = parameters.iter().map(|it| (Self::Method(it.id.clone()), it.clone()));
        fields.chain(parameters).filter(|(_, parameter)| parameter.hot).collect()
    }

    /// Its value in a stage that has it.
    pub fn read(&self, stage: &Stage) -> Option<f64> {
        match self {
            Self::Stage(id) => Some((stage_fields().into_iter().find(|field| &field.parameter.id == id)?.get)(stage)),
            Self::Method(id) => stage.method.values.get(id).copied(),
        }
    }

    /// Writes its value; the caller brings it within bounds.
    pub fn write(&self, stage: &mut Stage, value: f64) {
        match self {
            Self::Stage(id) => {
                if let Some(field) = stage_fields().into_iter().find(|field| &field.parameter.id == id) {
                    (field.set)(stage, value);
                }
            }
            Self::Method(id) => {
                stage.method.values.insert(id.clone(), value);
            }
        }
    }
}

impl Scenario {
    /// Writes a new value of a setting; a stage that is not there is left alone.
    pub fn adjust(&mut self, Adjustment { stage, setting, value }: &Adjustment) {
        let place = usize::from(*stage).checked_sub(1);
        if let Some(stage) = place.and_then(|place| self.stages.get_mut(place)) {
            setting.write(stage, *value);
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::Choice;
    use crate::scenario::test_catalogue as catalogue;

    #[test]
    fn hot_settings_are_the_rate_and_what_the_method_marks() {
        let mut catalogue = catalogue();
        let mut stage = Stage { method: Choice::of("bct").with("weight", 2.0), ..Stage::default() };
        let hot =
            |catalogue: &Catalogue| Setting::hot(&stage, catalogue).into_iter().map(|it| it.0).collect::<Vec<_>>();
        let rate = Setting::Stage("schedule.rate".to_owned());
        assert_eq!(hot(&catalogue), std::slice::from_ref(&rate));
        let method = catalogue.methods.iter_mut().find(|card| card.id == "bct").unwrap();
        method.parameters = method.parameters.drain(..).map(Parameter::hot).collect();
        let weight = Setting::Method("weight".to_owned());
        assert_eq!(hot(&catalogue), [rate.clone(), weight.clone()]);
        for setting in [rate, weight] {
            setting.write(&mut stage, 0.05);
            assert_eq!(setting.read(&stage), Some(0.05));
        }
    }

    #[test]
    fn an_adjustment_changes_its_stage_alone() {
        let mut scenario = Scenario { stages: vec![Stage::default(); 2], ..Scenario::default() };
        let before = scenario.clone();
        let setting = Setting::Stage("schedule.rate".to_owned());
        for stage in [0, 3] {
            scenario.adjust(&Adjustment { stage, setting: setting.clone(), value: 0.05 });
            assert_eq!(scenario, before, "there is no stage {stage}");
        }
        scenario.adjust(&Adjustment { stage: 2, setting, value: 0.05 });
        let rates: Vec<f64> = scenario.stages.iter().map(|stage| stage.schedule.rate).collect();
        assert_eq!(rates, [2e-3, 0.05]);
    }
}
