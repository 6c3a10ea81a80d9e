//! What can go wrong in the lab, in sentences.

use measure::MeasureError;
use protocol::{Fault, FaultKind, ModelId, Need};

/// An error of the lab.
#[derive(Debug, thiserror::Error)]
pub enum LabError {
    /// The scenario asks for something that cannot be.
    #[error("{0}")]
    Scenario(String),
    /// A stage asks for a method that this program does not have.
    #[error("There is no method '{0}' in this program; choose one of the catalogue.")]
    UnknownMethod(String),
    /// The images are wrong or missing.
    #[error(transparent)]
    Data(#[from] data::DataError),
    /// A measurement was asked of something that cannot be measured.
    #[error(transparent)]
    Measure(#[from] MeasureError),
    /// The engine could not start or give a result back.
    #[error("The {engine} engine failed: {reason}.")]
    Engine {
        /// Which engine.
        engine: &'static str,
        /// What it says.
        reason: String,
    },
    /// A model was given items of another kind than it looks at: a mistake of the program, since scenarios are checked first.
    #[error("The model looks at {wanted}, but was given {given}; this is a mistake of the program, please report it.")]
    Items {
        /// What it looks at.
        wanted: &'static str,
        /// What it was given.
        given: &'static str,
    },
    /// Labels are asked of items that come without: a mistake of the method.
    #[error("The items come without labels; this is a mistake of the method, please report it.")]
    Unlabelled,
    /// An embedding is asked of a model that has none.
    #[error("This model embeds nothing, so there is nothing to store or to search with it.")]
    NoEmbedding,
    /// A loss is no longer a number.
    #[error("The loss term '{term}' of {model} is no longer a number at step {step}.")]
    NotFinite {
        /// Model in training.
        model: ModelId,
        /// Training step.
        step: u32,
        /// Name of the term.
        term: String,
    },
    /// A model was asked for before it was trained, or a step came twice: a mistake of the program.
    #[error("{0} is not there yet; this is a mistake of the program, please report it.")]
    Missing(String),
    /// A method reaches for something that its card does not ask for: a mistake of the method.
    #[error(
        "The method was not given {0}, since its card does not ask for it; this is a mistake of the program, please report it."
    )]
    Unasked(Need),
    /// A model file cannot be used.
    #[error("The model file cannot be used: {0}.")]
    File(String),
    /// A checkpoint cannot be gone on from.
    #[error("The interrupted run cannot go on: {0}.")]
    Checkpoint(String),
}

impl LabError {
    /// A result that could not be read back; `said` is what the engine says of it.
    pub(crate) fn read(said: &str) -> Self {
        // Line by line: that something went wrong, its cause, the cause of that, where in the program. The last cause says most.
        let lines = said.lines().map(str::trim).take_while(|line| !line.starts_with("Backtrace"));
        let cause = lines.filter(|line| !line.is_empty()).last().map(|line| line.trim_end_matches('.'));
        let cause = cause.map(|cause| format!(" ({cause})")).unwrap_or_default();
        Self::Engine { engine: "tensor", reason: format!("a result could not be read back{cause}") }
    }

    /// The fault that a run ends with, and what to do about it.
    pub fn fault(&self) -> Fault {
        let (kind, action) = match self {
            Self::Scenario(_) | Self::UnknownMethod(_) | Self::Data(data::DataError::TooMany { .. }) => {
                (FaultKind::Scenario, "Change the setting and reset.")
            }
            Self::Data(_) => (FaultKind::Data, "Reload the data, or choose another dataset."),
            Self::Engine { .. } => (FaultKind::Engine, "Restart on the CPU engine."),
            Self::Measure(
                MeasureError::TooFewRows { .. }
                | MeasureError::TooManyRows { .. }
                | MeasureError::OutOfRange { .. }
                | MeasureError::NumberOutOfRange { .. },
            ) => (FaultKind::Scenario, "Change the setting and reset."),
            // What else cannot be measured is an embedding that diverged or collapsed in training.
            Self::NotFinite { .. } | Self::Measure(_) => {
                (FaultKind::NotFinite, "Lower the learning rate or the loss weights and reset.")
            }
            Self::Missing(_) | Self::Unasked(_) | Self::Unlabelled | Self::NoEmbedding | Self::Items { .. } => {
                (FaultKind::Worker, "Reset the run.")
            }
            Self::File(_) => (FaultKind::File, "Choose a file that this lab exported."),
            Self::Checkpoint(_) => (FaultKind::File, "Reset to run it from its start."),
        };
        let mut message = self.to_string();
        // What other crates say ends without.
        if !message.ends_with('.') {
            message.push('.');
        }
        Fault { kind, message, action: action.to_owned() }
    }

    /// The same where the embeddings came from outside, so that no training made them what they are.
    pub(crate) fn fault_of_given(&self) -> Fault {
        let mut fault = self.fault();
        if matches!(self, Self::Measure(_)) && fault.kind == FaultKind::NotFinite {
            fault.action =
                "Look whether the embeddings vary, and hand in others; if a map was trained between them, lower its \
                            learning rate and reset."
                    .to_owned();
        }
        fault
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_measured_is_a_sentence_with_advice_that_fits() {
        let flat = LabError::from(MeasureError::NoVariance { measure: "linear CKA", side: "first" });
        assert!(flat.fault().message.ends_with("the embedding has collapsed."), "{:?}", flat.fault());
        assert!(flat.fault().action.starts_with("Lower the learning rate"), "{:?}", flat.fault());
        assert!(flat.fault_of_given().action.starts_with("Look whether the embeddings vary"));
        let few = LabError::from(MeasureError::TooFewRows { measure: "linear CKA", needed: 3, found: 1 });
        assert_eq!(few.fault_of_given(), few.fault());
        assert_eq!(few.fault().action, "Change the setting and reset.");
        let whole = LabError::Scenario("Too many.".to_owned());
        assert_eq!(whole.fault().message, "Too many.");
    }

    #[test]
    fn of_what_an_engine_says_the_last_cause_is_told() {
        let told = |said: &str| LabError::read(said).fault().message;
        let nested = "An IO error happened\nCaused by:\n  Parent device is lost.\nBacktrace:\n  0: main";
        assert_eq!(told(nested), "The tensor engine failed: a result could not be read back (Parent device is lost).");
        assert_eq!(told(""), "The tensor engine failed: a result could not be read back.");
    }
}
