//! The reader's own run: what it is of, whether and how fast it goes on, and what the form asks of it.

use leptos::prelude::*;
use protocol::{Adjustment, RunLog, Scenario};

use super::settings::Settings;
use super::tape::Tape;
use crate::view::chrome::hot::{Difference, difference};
use crate::view::chrome::transport::FULL_SPEED;

/// The reader's own run. Copies are handles to the same state.
#[derive(Clone, Copy)]
pub struct Run {
    /// The scenario that the worker holds.
    pub prepared: ReadSignal<Option<Scenario>>,
    set_prepared: WriteSignal<Option<Scenario>>,
    /// Whether the run goes on by itself.
    pub playing: ReadSignal<bool>,
    set_playing: WriteSignal<bool>,
    /// Stop of the speed slider.
    pub pace: ReadSignal<usize>,
    set_pace: WriteSignal<usize>,
    /// Whether an import is under way, so that the next run that starts is its.
    importing: StoredValue<bool>,
    /// Whether the run has taken a step.
    pub begun: Memo<bool>,
    /// What the form asks of the run under way.
    pub difference: Memo<Difference>,
}

impl Run {
    /// No run yet.
    pub fn new(tape: Tape, settings: Settings) -> Self {
        let (prepared, set_prepared) = signal(None::<Scenario>);
        let (playing, set_playing) = signal(false);
        let (pace, set_pace) = signal(FULL_SPEED);
        let begun = Memo::new(move |_| tape.with_own(|log| !log.models.is_empty() || !log.matrix.is_empty()));
        let Settings { draft, catalogue, .. } = settings;
        let difference = Memo::new(move |_| {
            prepared.with(|held| match held {
                Some(held) if begun.get() => {
                    let log =
                        |log: &RunLog| draft.with(|draft| catalogue.with(|known| difference(held, draft, known, log)));
                    tape.with_own(log)
                }
                held if draft.with(|draft| held.as_ref() == Some(draft)) => Difference::Nothing,
                _ => Difference::Reset,
            })
        });
        let importing = StoredValue::new(false);
        Self { prepared, set_prepared, playing, set_playing, pace, set_pace, importing, begun, difference }
    }

    /// Takes in what the worker holds.
    pub fn set_prepared(self, scenario: Option<Scenario>) {
        self.set_prepared.set(scenario);
    }

    /// Changes what the worker holds as it has changed there.
    pub fn adjust(self, adjustment: &Adjustment) {
        self.set_prepared.update(|held| {
            if let Some(held) = held {
                held.adjust(adjustment);
            }
        });
    }

    /// Takes in whether the run goes on by itself.
    pub fn set_playing(self, playing: bool) {
        self.set_playing.set(playing);
    }

    /// Takes in the stop of the speed slider.
    pub fn set_pace(self, stop: usize) {
        self.set_pace.set(stop);
    }

    /// Says that the next run that starts is an imported one, or that none is.
    pub fn set_importing(self, importing: bool) {
        self.importing.set_value(importing);
    }

    /// Whether the next run that starts is an imported one.
    pub fn is_importing(self) -> bool {
        self.importing.get_value()
    }
}
