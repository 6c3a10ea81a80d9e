//! A run as a file in the middle of its work, and the way on from there.
//!
//! Kept are the settings, the position, and per model the numbers of its training: the weights, of the model in training also
//! what the optimiser remembers and how far it is, of a finished one also what it left for the next. Everything else follows from
//! them and the seed and is made anew: batches and random numbers belong to a step, frozen features, closed-form fits, galleries,
//! the plane of the map and the final matrix so far to finished models. So a resumed run gives the very events that the
//! interrupted one would have given.

use std::collections::BTreeMap;
use std::sync::Arc;

use data::Dataset;
use protocol::{Adjusted, EngineKind, ModelId, PhaseKind, Scenario};
use serde::{Deserialize, Serialize};

use super::training::Active;
use super::{Clock, Runner};
use crate::engine::read;
use crate::file;
use crate::portable::NamedTensor;
use crate::{Engine, Kept, LabError};

/// Format of a checkpoint: to be raised where the same numbers would mean something else.
const FORMAT: u32 = 1;
/// Key of what is said about the numbers.
const KEY: &str = "checkpoint";
/// Behind the name of a model: what the optimiser remembers of it.
const MOMENTS: &str = " moments";
/// Behind the name of a model: what it answered to its stream so far.
const HEARD: &str = " heard";
/// Between the name of a model and that of something it left.
const KEPT: &str = " kept ";

/// A run in the middle of its work.
#[derive(Clone, Debug, PartialEq)]
pub struct Checkpoint {
    about: About,
    numbers: Vec<NamedTensor>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct About {
    format: u32,
    engine: EngineKind,
    /// As it was started.
    scenario: Scenario,
    /// With the settings as they are now.
    current: Scenario,
    adjusted: BTreeMap<ModelId, Vec<Adjusted>>,
    /// Phases that are done.
    phase: usize,
    /// Steps and milliseconds of the model in training; `None` while nothing trains.
    training: Option<(u32, f64)>,
    /// Pairs and curves of the final measurement that are done.
    measured: usize,
    seconds: BTreeMap<ModelId, f64>,
    /// Milliseconds of work since the start.
    ms: f64,
}

impl Checkpoint {
    /// The bytes of a SafeTensors file.
    ///
    /// # Errors
    /// [`LabError::Checkpoint`] if it cannot be written, which nothing leads to.
    pub fn write(&self) -> Result<Vec<u8>, LabError> {
        let text = serde_json::to_string(&self.about).map_err(|error| LabError::Checkpoint(error.to_string()))?;
        file::write(&self.numbers, KEY, text).map_err(LabError::Checkpoint)
    }

    /// Reads what [`Checkpoint::write`] wrote.
    ///
    /// # Errors
    /// [`LabError::Checkpoint`] if the bytes are nothing of the kind, or of another version.
    pub fn read(bytes: &[u8]) -> Result<Self, LabError> {
        #[derive(Deserialize)]
        struct Version {
            format: u32,
        }
        let text = file::text(bytes, KEY).map_err(LabError::Checkpoint)?;
        let text = text.ok_or_else(|| LabError::Checkpoint("the file is no checkpoint".to_owned()))?;
        let garbled = |error| LabError::Checkpoint(format!("its description cannot be read ({error})"));
        let Version { format } = serde_json::from_str(&text).map_err(garbled)?;
        if format != FORMAT {
            let reason = format!("its checkpoint has format {format}, this version reads {FORMAT}");
            return Err(LabError::Checkpoint(reason));
        }
        let about = serde_json::from_str(&text).map_err(garbled)?;
        Ok(Self { about, numbers: file::tensors(bytes).map_err(LabError::Checkpoint)? })
    }

    /// What is run, as it was started.
    pub fn scenario(&self) -> &Scenario {
        &self.about.scenario
    }

    /// The kind of engine that it can go on with: another one would round otherwise.
    pub fn engine(&self) -> EngineKind {
        self.about.engine
    }

    /// The numbers under a name; none if there are none.
    fn numbers(&self, name: &str) -> &[f32] {
        self.numbers.iter().find(|tensor| tensor.name == name).map_or(&[], |tensor| &tensor.values)
    }

    /// What a model left.
    fn kept(&self, model: ModelId) -> Kept {
        let prefix = format!("{model}{KEPT}");
        let named = |tensor: &NamedTensor| Some((tensor.name.strip_prefix(&prefix)?.to_owned(), tensor.values.clone()));
        self.numbers.iter().filter_map(named).collect()
    }
}

impl Runner {
    /// The run as it is now; `None` if nothing is left to do, or models were given from outside: their files are the way back.
    ///
    /// # Errors
    /// [`LabError::Engine`] if the device was lost.
    pub async fn checkpoint(&self) -> Result<Option<Checkpoint>, LabError> {
        let given = self.models().any(|model| !self.weights.contains_key(&model));
        if self.over || given || !self.pending.is_empty() {
            return Ok(None);
        }
        let named = |name: String, values: Vec<f32>| NamedTensor { name, shape: vec![values.len()], values };
        let mut numbers: Vec<NamedTensor> =
            self.weights.iter().map(|(model, weights)| named(model.to_string(), weights.clone())).collect();
        for (model, kept) in &self.kept {
            numbers.extend(kept.iter().map(|(name, values)| named(format!("{model}{KEPT}{name}"), values.clone())));
        }
        if let Some(Active { model, training, stream, .. }) = &self.active {
            numbers.extend(stream.as_ref().map(|stream| named(format!("{model}{HEARD}"), stream.write())));
            for (name, part) in [("", training.weights()), (MOMENTS, training.moments())] {
                if let Some(part) = part {
                    numbers.push(named(format!("{model}{name}"), read(part).await?));
                }
            }
        }
        numbers.retain(|tensor| !tensor.values.is_empty());
        let worked = self.worked();
        let about = About {
            format: FORMAT,
            engine: self.engine.report().kind,
            scenario: self.scenario.clone(),
            current: self.current.clone(),
            adjusted: self.adjusted.clone(),
            phase: self.phase,
            training: self.active.as_ref().map(|active| (active.step, worked - active.started_ms)),
            measured: self.measured,
            seconds: self.seconds.clone(),
            ms: worked,
        };
        Ok(Some(Checkpoint { about, numbers }))
    }

    /// Goes on from a checkpoint: [`Runner::next`] gives what comes after it.
    ///
    /// # Errors
    /// [`LabError::Checkpoint`] if it is of another kind of engine or does not fit its own scenario, or as [`Runner::new`].
    pub async fn resume(
        checkpoint: &Checkpoint,
        dataset: Arc<Dataset>,
        engine: Engine,
        clock: Clock,
    ) -> Result<Self, LabError> {
        let about = &checkpoint.about;
        if about.engine != engine.report().kind {
            let name = |kind| if kind == EngineKind::Cpu { "CPU" } else { "WebGPU" };
            return Err(LabError::Checkpoint(format!(
                "it was begun with the {} engine, and this is the {} engine, which rounds otherwise",
                name(about.engine),
                name(engine.report().kind)
            )));
        }
        let mut runner = Self::new(about.scenario.clone(), dataset, engine, clock)?;
        runner.pending.clear();
        runner.current = about.current.clone();
        runner.adjusted = about.adjusted.clone();
        runner.worked_ms = about.ms;
        if about.phase > 0 || about.training.is_some() {
            // They were said when the first phase began.
            runner.index_given().await?;
        }
        for _ in 0..about.phase {
            let active = runner.again(checkpoint, None).await?;
            let kept = checkpoint.kept(active.model);
            runner.deploy(active, kept).await?;
        }
        runner.seconds = about.seconds.clone();
        if let Some((step, ms)) = about.training {
            let mut active = runner.again(checkpoint, Some(step)).await?;
            active.started_ms = about.ms - ms;
            runner.active = Some(active);
        }
        for _ in 0..about.measured {
            if runner.phases.get(runner.phase).is_none_or(|phase| phase.kind != PhaseKind::Measure) {
                return Err(further());
            }
            runner.measure().await?;
            // There is no checkpoint of a run that is over.
            if runner.over {
                return Err(further());
            }
        }
        Ok(runner)
    }

    /// The model of the present phase with its numbers: after so many steps, or done.
    async fn again(&mut self, checkpoint: &Checkpoint, step: Option<u32>) -> Result<Active, LabError> {
        let phase = self.phases.get(self.phase).filter(|phase| phase.kind == PhaseKind::Train).cloned();
        let phase = phase.filter(|phase| step.is_none_or(|step| step < phase.steps)).ok_or_else(further)?;
        let mut active = self.begin(phase.model, phase.steps).await?;
        let name = phase.model.to_string();
        let moments = match step {
            Some(_) => checkpoint.numbers(&format!("{name}{MOMENTS}")),
            None => &[],
        };
        active.training.restore(checkpoint.numbers(&name), moments)?;
        if let Some(stream) = active.stream.as_mut().filter(|_| step.is_some()) {
            stream.restore(checkpoint.numbers(&format!("{name}{HEARD}")))?;
        }
        active.step = step.unwrap_or(phase.steps);
        Ok(active)
    }
}

/// The refusal of a position that its plan does not reach.
fn further() -> LabError {
    LabError::Checkpoint("it is further than its plan".to_owned())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn what_a_model_left_is_in_the_file_under_its_name() {
        let about = About {
            format: FORMAT,
            engine: EngineKind::Cpu,
            scenario: Scenario::default(),
            current: Scenario::default(),
            adjusted: BTreeMap::new(),
            phase: 1,
            training: None,
            measured: 0,
            seconds: BTreeMap::new(),
            ms: 0.0,
        };
        let named =
            |name: &str, values: Vec<f32>| NamedTensor { name: name.to_owned(), shape: vec![values.len()], values };
        let numbers = vec![
            named("v1", vec![7.0]),
            named("v1 kept class means", vec![0.5, 2.0]),
            named("v12 kept fisher", vec![1.0]),
        ];
        let checkpoint = Checkpoint::read(&Checkpoint { about, numbers }.write().unwrap()).unwrap();
        let kept = |stage| checkpoint.kept(ModelId::deployed(stage));
        assert_eq!(kept(1), Kept::from([("class means".to_owned(), vec![0.5, 2.0])]));
        assert_eq!(kept(12), Kept::from([("fisher".to_owned(), vec![1.0])]));
        assert_eq!((kept(2), checkpoint.numbers("v1")), (Kept::new(), &[7.0][..]));
    }
}
