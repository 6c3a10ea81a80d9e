//! The test images, as far as the browser has packed them.

use leptos::prelude::*;
use protocol::Scenario;

use super::run::Run;
use super::settings::Settings;
use super::tape::Tape;
use crate::page::browser::sheet::Sheet;

/// The test images. Copies are handles to the same state.
#[derive(Clone, Copy)]
pub struct Pictures {
    /// All of them on one sheet.
    pub sheet: ReadSignal<Option<Sheet>, LocalStorage>,
    set_sheet: WriteSignal<Option<Sheet>, LocalStorage>,
    /// Whether they are those of the run on show.
    pub fit: Memo<bool>,
    /// How many sets of test images have come.
    came: StoredValue<u32>,
}

impl Pictures {
    /// None yet.
    pub fn new(tape: Tape, run: Run, settings: Settings) -> Self {
        let (sheet, set_sheet) = signal_local(None);
        let fit = Memo::new(move |_| {
            // A run of an earlier version says nothing of what can be set since, which is then as it is by default.
            let source = |scenario: &Scenario| {
                let mut settled = scenario.clone();
                settings.catalogue.with(|catalogue| settled.settle(catalogue));
                (settled.data, settled.seed)
            };
            let shown = |held: &Option<Scenario>| {
                tape.log.with(|log| log.scenario.as_ref().map(source) == held.as_ref().map(source))
            };
            run.prepared.with(shown)
        });
        Self { sheet, set_sheet, fit, came: StoredValue::new(0) }
    }

    /// Counts a set of test images that has come; gives its number.
    pub fn count(self) -> u32 {
        let number = self.came.get_value() + 1;
        self.came.set_value(number);
        number
    }

    /// Whether no other set has come since the one of this number.
    pub fn is_newest(self, number: u32) -> bool {
        self.came.get_value() == number
    }

    /// Takes in the packed images.
    pub fn set_sheet(self, sheet: Sheet) {
        self.set_sheet.set(Some(sheet));
    }
}
