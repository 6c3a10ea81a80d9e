//! Bringing a scenario within bounds: what came from a link, a file or a form becomes something that can run.

use crate::{Catalogue, Choice, Field, Parameter, SCENARIO_FORMAT, Scenario, Values, run_fields, stage_fields};

impl Scenario {
    /// Most stages that a scenario may have.
    pub const MAX_STAGES: usize = 8;

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
            && !catalogue.datasets.iter().any(|dataset| dataset.id == self.data.dataset)
        {
            notices.push(format!("There is no dataset '{}'; {} is used.", self.data.dataset, first.name));
            self.data.dataset = first.id.clone();
        }
        if self.stages.is_empty() {
            notices.push("The scenario has no stages; one stage with defaults is used.".to_owned());
            self.stages.push(crate::Stage::default());
        }
        if self.stages.len() > Self::MAX_STAGES {
            notices.push(format!("Stages after the first {} are left out.", Self::MAX_STAGES));
            self.stages.truncate(Self::MAX_STAGES);
        }
        bound(self, run_fields(), "", &mut notices);
        let encoders: Vec<_> =
            catalogue.encoders.iter().map(|card| (card.id.as_str(), card.parameters.as_slice())).collect();
        let methods: Vec<_> =
            catalogue.methods.iter().map(|card| (card.id.as_str(), card.parameters.as_slice())).collect();
        for (index, stage) in self.stages.iter_mut().enumerate() {
            let place = format!("Stage {}: ", index + 1);
            bound(stage, stage_fields(), &place, &mut notices);
            settle_choice(&mut stage.encoder, "encoder", &encoders, &place, &mut notices);
            settle_choice(&mut stage.method, "method", &methods, &place, &mut notices);
            let needs = catalogue.method(&stage.method.id).map(|card| card.needs).unwrap_or_default();
            if index == 0 && !needs.nothing() {
                notices.push(format!(
                    "{place}a first model has nothing to be compatible with; it is trained independently."
                ));
                stage.method = Choice::of("independent");
            }
        }
        notices
    }
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
    for unknown in choice.values.keys().filter(|key| !parameters.iter().any(|parameter| &parameter.id == *key)) {
        notices.push(format!("{place}{id} has no parameter '{unknown}'; it is left out."));
    }
    choice.values = parameters
        .iter()
        .map(|parameter| {
            let value = choice.values.get(&parameter.id).copied().unwrap_or(parameter.default);
            (parameter.id.clone(), settled(parameter, value, place, notices))
        })
        .collect::<Values>();
}

#[cfg(test)]
#[allow(clippy::indexing_slicing)]
pub(crate) mod tests {
    use super::*;
    use crate::{DatasetInfo, EncoderCard, MethodCard, Needs, Stage};

    pub(crate) fn catalogue() -> Catalogue {
        let method = |id: &str, needs, parameters| MethodCard {
            id: id.to_owned(),
            name: id.to_owned(),
            summary: String::new(),
            paper: String::new(),
            needs,
            prefix: false,
            comparison: String::new(),
            parameters,
            losses: Vec::new(),
            claims: Vec::new(),
        };
        let prototypes = Needs { prototypes: true, ..Needs::default() };
        let weight = Parameter::real("weight", "Weight", (0.0, 20.0, 0.1), 1.0, "");
        Catalogue {
            datasets: vec![DatasetInfo { id: "fashion-mnist".to_owned(), name: "Fashion-MNIST".to_owned() }],
            encoders: vec![EncoderCard {
                id: "mlp".to_owned(),
                name: "MLP".to_owned(),
                summary: String::new(),
                parameters: vec![Parameter::integer("hidden", "Hidden", (8, 1024), 128, "")],
            }],
            methods: vec![
                method("independent", Needs::default(), vec![]),
                method("bct", prototypes, vec![weight]),
                method("simplex", Needs::default(), vec![]),
            ],
            ..Catalogue::default()
        }
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
    fn a_method_that_needs_nothing_can_come_first() {
        let mut scenario = Scenario {
            stages: vec![Stage { method: Choice::of("simplex"), ..Stage::default() }],
            ..Scenario::default()
        };
        assert_eq!(scenario.settle(&catalogue()), Vec::<String>::new());
        assert_eq!(scenario.stages[0].method.id, "simplex");
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
