//! The scenarios that rules are about. Arms of one preset share data and schedule as a rule, so models that are the same in two of them
//! are trained once per seed.

use protocol::{Choice, Scenario, Stage};

/// A scenario that rules refer to: a preset, changed.
#[derive(Clone, Copy, Debug)]
pub struct Arm {
    /// Name, of its own among all arms.
    pub name: &'static str,
    /// Id of the preset that it comes from.
    pub preset: &'static str,
    /// What it makes of the preset.
    pub change: Change,
    /// Settings of the dataset that it has beside those of the preset.
    pub data: Values,
}

/// Parameters of a method by their ids.
pub type Values = &'static [(&'static str, f64)];

/// What an arm makes of the preset's stages.
#[derive(Clone, Copy, Debug)]
pub enum Change {
    /// Nothing.
    AsItIs,
    /// The last stage gets this method with these parameters.
    Last(&'static str, Values),
    /// Every stage does.
    Every(&'static str, Values),
    /// Stages with this method get these parameters and keep their others.
    Adjusted(&'static str, Values),
    /// Stages with the first method of a pair get the second one, as it is by default.
    Replaced(&'static [(&'static str, &'static str)]),
    /// Anything else.
    With(fn(&mut [Stage])),
}

/// The preset of most arms.
const EXTENDED: &str = "extended-class";

/// BT² as the preset has it.
pub const BT2: &Arm = &Arm::extended("bt2", Change::AsItIs);
/// BCT with its parameters as they are by default.
pub const BCT: &Arm = &Arm::extended("bct", Change::Last("bct", &[]));
/// A rotation between models that were trained apart.
pub const PROCRUSTES: &Arm = &Arm::extended("procrustes", Change::Last("procrustes", &[]));

impl Arm {
    /// A change of a preset.
    pub const fn new(name: &'static str, preset: &'static str, change: Change) -> Self {
        Self { name, preset, change, data: &[] }
    }

    /// The same with these settings of the dataset.
    pub const fn on(self, data: Values) -> Self {
        Self { data, ..self }
    }

    /// A change of the preset in which five classes become ten.
    pub const fn extended(name: &'static str, change: Change) -> Self {
        Self::new(name, EXTENDED, change)
    }

    /// The scenario, made of that of its preset.
    pub fn scenario(&self, preset: &Scenario) -> Scenario {
        let mut scenario = preset.clone();
        self.change.apply(&mut scenario.stages);
        scenario.data.values.extend(self.data.iter().map(|&(id, value)| (id.to_owned(), value)));
        scenario
    }
}

impl Change {
    fn apply(self, stages: &mut [Stage]) {
        match self {
            Self::AsItIs => (),
            Self::Last(id, values) => {
                if let Some(stage) = stages.last_mut() {
                    stage.method = with(Choice::of(id), values);
                }
            }
            Self::Every(id, values) => {
                stages.iter_mut().for_each(|stage| stage.method = with(Choice::of(id), values));
            }
            Self::Adjusted(id, values) => {
                for stage in stages.iter_mut().filter(|stage| stage.method.id == id) {
                    stage.method = with(stage.method.clone(), values);
                }
            }
            Self::Replaced(pairs) => {
                for stage in stages {
                    if let Some((_, id)) = pairs.iter().find(|(before, _)| stage.method.id == *before) {
                        stage.method = Choice::of(id);
                    }
                }
            }
            Self::With(change) => change(stages),
        }
    }
}

/// A choice with these parameters.
fn with(choice: Choice, values: Values) -> Choice {
    values.iter().fold(choice, |choice, &(id, value)| choice.with(id, value))
}
