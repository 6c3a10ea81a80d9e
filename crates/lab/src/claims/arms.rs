//! The scenarios that rules are about. Arms of one preset share data and schedule as a rule, so models that are the same in two of them
//! are trained once per seed and order of classes.

use protocol::{Choice, Scenario, Stage};

use super::Chosen;

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
    /// Floats that every stage stores per item, where those are not the preset's.
    pub dims: Option<u32>,
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

/// The runs of an arm: under each order of the classes so many seeds of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Design {
    /// Seeds under each order.
    pub seeds: u32,
    /// Orders of the classes, which decide which of them the old model knows; 0 is as they come.
    pub orders: &'static [u32],
}

impl Design {
    /// Setting of a dataset: the order of its classes.
    pub const ORDER: &'static str = "class_order";
    /// The first seed. Presets and defaults were chosen on small numbers, and nothing is chosen on these.
    const FIRST: u32 = 101;

    /// The runs of the arms of a preset: three orders where old and new classes matter, and more seeds where a run takes seconds.
    pub fn of(preset: &str) -> Self {
        const DRAWN: &[u32] = &[1, 2, 3];
        const AS_THEY_COME: &[u32] = &[0];
        let (seeds, orders) = match preset {
            "extended-class" | "extended-data" | "forty-classes" => (5, DRAWN),
            "chain" | "new-architecture" | "sequential" => (2, DRAWN),
            "drift" => (4, AS_THEY_COME),
            _ => (10, AS_THEY_COME),
        };
        Self { seeds, orders }
    }

    /// Order of classes and seed of every run, so that the first of each order come first.
    pub fn runs(self) -> impl Iterator<Item = (u32, u32)> {
        let Self { seeds, orders } = self;
        let of = move |seed| (0..).zip(orders).map(move |(place, &order)| (order, Self::FIRST + place * seeds + seed));
        (0..seeds).flat_map(of)
    }
}

/// The preset of most arms.
const EXTENDED: &str = "extended-class";
/// The preset in which data grow and classes do not.
pub const MORE: &str = "extended-data";
/// The preset with many classes for the dims.
pub const FORTY: &str = "forty-classes";

/// What has had the choice of settings that every method has, and nothing else: what the self-test is held against.
pub const INDEPENDENT: &Arm = &Arm::extended("independent", Change::Last(Choice::PLAIN, &[]));
/// The same with many classes for the dims.
pub const FORTY_INDEPENDENT: &Arm = &Arm::new("forty independent", FORTY, Change::Last(Choice::PLAIN, &[]));
/// BT² as the preset has it.
pub const BT2: &Arm = &Arm::extended("bt2", Change::AsItIs);
/// BCT with its parameters as they are by default.
pub const BCT: &Arm = &Arm::extended("bct", Change::Last("bct", &[]));
/// A rotation between models that were trained apart.
pub const PROCRUSTES: &Arm = &Arm::extended("procrustes", Change::Last("procrustes", &[]));

impl Arm {
    /// A change of a preset.
    pub const fn new(name: &'static str, preset: &'static str, change: Change) -> Self {
        Self { name, preset, change, data: &[], dims: None }
    }

    /// The same with these settings of the dataset.
    pub const fn on(self, data: Values) -> Self {
        Self { data, ..self }
    }

    /// The same with so many floats per item.
    pub const fn of_dims(self, dims: u32) -> Self {
        Self { dims: Some(dims), ..self }
    }

    /// A change of the preset in which five classes become ten.
    pub const fn extended(name: &'static str, change: Change) -> Self {
        Self::new(name, EXTENDED, change)
    }

    /// The runs that it takes.
    pub fn design(&self) -> Design {
        Design::of(self.preset)
    }

    /// The scenario, made of that of its preset, with what was chosen for its methods.
    pub fn scenario(&self, preset: &Scenario, chosen: &Chosen) -> Scenario {
        let mut scenario = preset.clone();
        self.change.apply(&mut scenario.stages);
        scenario.data.values.extend(self.data.iter().map(|&(id, value)| (id.to_owned(), value)));
        for stage in &mut scenario.stages {
            stage.dims = self.dims.unwrap_or(stage.dims);
        }
        chosen.apply(self.preset, &mut scenario.stages);
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
