//! What a worker's death means for the reader's own run.

use protocol::{RunLog, RunState};

/// What was lost with a worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lost {
    /// No run: none had begun, or something stopped it before.
    Nothing,
    /// The rest of a run under way.
    Rest,
    /// The weights of a finished run, whose results stand in the log.
    Weights,
}

impl Lost {
    /// What was lost of the run of this log.
    pub fn of(own: &RunLog) -> Self {
        match own.state {
            RunState::Finished => Self::Weights,
            RunState::Running if !own.models.is_empty() || !own.matrix.is_empty() => Self::Rest,
            RunState::Empty | RunState::Running | RunState::Faulted => Self::Nothing,
        }
    }
}

/// What is said where the engine of a finished run died of `reason` and was started again.
pub fn started_again(reason: &str) -> String {
    let reason = reason.trim().trim_end_matches('.');
    format!(
        "The engine ended and was started again ({reason}). The results of your finished run stay; its weights are gone: run it again to have \
         them."
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::testing::half_way;

    #[test]
    fn a_finished_run_loses_its_weights_alone() {
        let own = half_way();
        let of = |state| Lost::of(&RunLog { state, ..own.clone() });
        assert_eq!(of(RunState::Finished), Lost::Weights);
        assert_eq!(of(RunState::Running), Lost::Rest);
        assert_eq!(of(RunState::Faulted), Lost::Nothing, "it stopped before");
        assert_eq!(Lost::of(&RunLog::default()), Lost::Nothing);
        let prepared = RunLog { state: RunState::Running, ..RunLog::default() };
        assert_eq!(Lost::of(&prepared), Lost::Nothing, "no step was taken");
    }

    #[test]
    fn the_reason_is_part_of_one_sentence() {
        let said = started_again("It ended without a word. ");
        assert!(said.starts_with("The engine ended and was started again (It ended without a word). "), "{said}");
    }
}
