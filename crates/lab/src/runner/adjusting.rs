//! Settings that change while the run goes on.

use protocol::{Adjusted, Adjustment, Event, ModelId, PhaseKind, Setting};

use super::Runner;
use crate::LabError;
use crate::presets::choices;

impl Runner {
    /// Changes a hot setting of the models of a stage that are not trained yet, from the next step on. What it was already
    /// changes nothing.
    ///
    /// # Errors
    /// [`LabError::Scenario`] if there is no such setting, it is not hot, or nothing is left that it could change.
    pub fn adjust(&mut self, adjustment: &Adjustment) -> Result<Vec<Event>, LabError> {
        let Adjustment { stage, setting, value } = adjustment;
        let refused = |reason: String| Err(LabError::Scenario(reason));
        let Some(settings) = self.current.stage(ModelId::deployed(*stage)) else {
            return refused(format!("There is no stage {stage} to change a setting of."));
        };
        let known = Setting::hot(settings, &choices()).into_iter().find(|(known, _)| known == setting);
        let Some((_, parameter)) = known else {
            let (Setting::Stage(id) | Setting::Method(id)) = setting;
            return refused(format!("The setting '{id}' cannot change while a run goes on; reset to apply it."));
        };
        let models = self.open_to(*stage, setting);
        if models.is_empty() {
            let model = ModelId::deployed(*stage);
            return refused(format!("{model} is trained already; reset to train it with another setting."));
        }
        let (from, to) = (setting.read(settings).unwrap_or(parameter.default), parameter.nearest(*value));
        if from == to {
            return Ok(Vec::new());
        }
        self.current.adjust(&Adjustment { value: to, ..adjustment.clone() });
        let mut events = Vec::new();
        for model in models {
            let mut step = 0;
            if let Some(active) = self.active.as_mut().filter(|active| active.model == model) {
                setting.write(&mut active.stage, to);
                step = active.step;
            }
            let adjusted = Adjusted { step, what: parameter.label.clone(), from, to };
            self.adjusted.entry(model).or_default().push(adjusted.clone());
            events.push(Event::Adjusted { model, setting: setting.clone(), adjusted });
        }
        Ok(events)
    }

    /// Models of a stage that a setting is for and that train or are still to be trained.
    fn open_to(&self, stage: u8, setting: &Setting) -> Vec<ModelId> {
        let left = self.phases.get(self.phase..).filter(|_| !self.over).unwrap_or_default();
        let models = left.iter().filter(|phase| phase.kind == PhaseKind::Train && phase.steps > 0);
        let models = models.map(|phase| phase.model).filter(|model| model.stage == stage);
        // The independent model has a method of its own.
        models.filter(|model| !(model.independent && matches!(setting, Setting::Method(_)))).collect()
    }
}
