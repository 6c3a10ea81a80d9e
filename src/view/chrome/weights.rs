//! Whether the weights of the run on show can be saved, and why not.

use protocol::RunLog;

/// Where the weights of the run on show are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Weights {
    /// Nowhere yet.
    #[default]
    Untrained,
    /// In the worker.
    Here,
    /// Nowhere any more: the worker that trained them has ended.
    Gone,
    /// Not here: a recorded run is on show, and the worker has none of another either.
    Recorded,
    /// Not here: a recorded run is on show, and the worker has those of the reader's own.
    Others,
}

impl Weights {
    /// Where they are if another run than the reader's own is on show (`recorded`), and the worker holds the reader's own (`held`), of
    /// which `own` is known.
    pub fn of(recorded: bool, held: bool, own: &RunLog) -> Self {
        match (recorded, own.models.values().any(|model| model.trained.is_some())) {
            (true, true) if held => Self::Others,
            (true, _) => Self::Recorded,
            (false, true) if held => Self::Here,
            (false, true) => Self::Gone,
            (false, false) => Self::Untrained,
        }
    }

    /// Why none can be saved; `None` if they can.
    pub fn missing(self) -> Option<&'static str> {
        match self {
            Self::Here => None,
            Self::Untrained => Some("No model is trained yet."),
            Self::Gone => Some("The weights of this run are gone: run it again to have them."),
            Self::Recorded => Some("The weights of this run are not here: run it yourself to have them."),
            Self::Others => Some("The weights here are your own run\u{2019}s: go back to it to save them."),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::testing::half_way;

    #[test]
    fn weights_are_only_offered_of_the_run_that_the_worker_holds() {
        let (own, none) = (half_way(), RunLog::default());
        assert_eq!(Weights::of(false, true, &own), Weights::Here);
        assert_eq!(Weights::of(true, true, &own), Weights::Others, "another run is on show");
        assert_eq!(Weights::of(true, false, &own), Weights::Recorded, "the worker died behind it");
        assert_eq!(Weights::of(true, true, &none), Weights::Recorded);
        assert_eq!(Weights::of(false, false, &own), Weights::Gone);
        assert_eq!(Weights::of(false, true, &none), Weights::Untrained);
        let all = [Weights::Untrained, Weights::Here, Weights::Gone, Weights::Recorded, Weights::Others];
        assert!(all.into_iter().all(|it| it.missing().is_none() == (it == Weights::Here)));
    }
}
