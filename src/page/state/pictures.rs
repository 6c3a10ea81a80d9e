//! The test images, as far as the browser has packed them.

use leptos::prelude::*;
use protocol::Scenario;

use super::run::Run;
use super::settings::Settings;
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
    pub fn new(shown: Memo<Option<Scenario>>, run: Run, settings: Settings) -> Self {
        let (sheet, set_sheet) = signal_local(None);
        let source = |scenario: &Scenario| (scenario.data.clone(), scenario.seed);
        // A run of an earlier version says nothing of what can be set since, so both are settled.
        let held = Memo::new(move |_| run.prepared.with(|held| held.as_ref().map(|it| source(&settings.settled(it)))));
        let fit = Memo::new(move |_| held.with(|held| shown.with(|shown| shown.as_ref().map(source) == *held)));
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
