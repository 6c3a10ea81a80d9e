//! The test images, as far as the browser has packed them.

use leptos::prelude::*;
use protocol::{DataSpec, Scenario};

use super::run::Run;
use super::settings::Settings;
use super::tape::Tape;
use crate::page::browser::sheet::Sheet;
use crate::view::instruments::own_query::Size;

/// What test images follow from: data and seed.
pub type Source = (DataSpec, u64);

/// The test images. Copies are handles to the same state.
#[derive(Clone, Copy)]
pub struct Pictures {
    /// Those of the run in the worker, all of them on one sheet.
    sheet: ReadSignal<Option<Sheet>, LocalStorage>,
    set_sheet: WriteSignal<Option<Sheet>, LocalStorage>,
    /// Those of another run that was on show.
    other: ReadSignal<Option<(Source, Sheet)>, LocalStorage>,
    set_other: WriteSignal<Option<(Source, Sheet)>, LocalStorage>,
    /// What those of the run on show follow from.
    pub shown: Memo<Option<Source>>,
    /// Whether the run in the worker has the same.
    fit: Memo<bool>,
    /// The scenario of the run on show, where the images of neither are its own.
    pub lacking: Memo<Option<Scenario>>,
    /// How many sets of test images have come.
    came: StoredValue<u32>,
}

impl Pictures {
    /// None yet.
    pub fn new(tape: Tape, shown: Memo<Option<Scenario>>, run: Run, settings: Settings) -> Self {
        let (sheet, set_sheet) = signal_local(None);
        let dataset = Memo::new(move |_| tape.log.with(|log| log.scenario.as_ref().map(|it| it.data.dataset.clone())));
        let here = Memo::new(move |_| {
            let known = |id: &String| settings.catalogue.with(|catalogue| catalogue.dataset(id).is_some());
            dataset.with(|id| id.as_ref().is_some_and(known))
        });
        // A run of an earlier version says nothing of what can be set since, so both are settled.
        // What came from a worker stays when that is gone.
        let held = Memo::new(move |before: Option<&Option<Source>>| {
            let now = run.prepared.with(|held| held.as_ref().map(|it| source(&settings.settled(it))));
            now.or_else(|| before.cloned().flatten())
        });
        // Of data that are not here there are no images: those of the data that its settings were settled on are none of its own.
        let scenario = Memo::new(move |_| shown.get().filter(|_| here.get()));
        let shown = Memo::new(move |_| scenario.with(|shown| shown.as_ref().map(source)));
        let fit = Memo::new(move |_| held.with(|held| shown.with(|shown| shown == held)));
        let (other, set_other) = signal_local(None::<(Source, Sheet)>);
        let lacking = Memo::new(move |_| {
            let is_other = other.with(|other| shown.with(|shown| other.as_ref().map(|it| &it.0) == shown.as_ref()));
            // Until the worker has a run, its images may still come.
            let wanted = held.with(Option::is_some) && !fit.get() && !is_other;
            scenario.get().filter(|_| wanted)
        });
        Self { sheet, set_sheet, other, set_other, shown, fit, lacking, came: StoredValue::new(0) }
    }

    /// The CSS background that shows one image of the run on show, if there is that image. Tracks.
    pub fn background(self, item: u16) -> Option<String> {
        if self.fit.get() {
            return self.sheet.with(|sheet| sheet.as_ref()?.background(item));
        }
        self.other.with(|other| {
            let (source, sheet) = other.as_ref()?;
            self.shown.with(|shown| shown.as_ref() == Some(source)).then(|| sheet.background(item)).flatten()
        })
    }

    /// Takes in the packed images of another scenario than that of the run in the worker.
    pub fn set_other(self, scenario: &Scenario, sheet: Sheet) {
        self.set_other.set(Some((source(scenario), sheet)));
    }

    /// How large the pictures are that the worker has; none before they came. Tracks.
    pub fn size(self) -> Option<Size> {
        let images = self.sheet.with(|sheet| sheet.as_ref().map(Sheet::images))?;
        let [channels, width, height] = [images.channels, images.size.0, images.size.1].map(|side| side as usize);
        Some(Size { channels, width, height })
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

fn source(scenario: &Scenario) -> Source {
    (scenario.data.clone(), scenario.seed)
}
