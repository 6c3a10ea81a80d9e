//! How the page looks: theme, what is hidden or has all the room, what lies over it.

use leptos::prelude::*;

use super::opening::{Opening, ThemeChoice};
use crate::view::chrome::arrangement::Arrangement;
use crate::view::chrome::article::Spot;
use crate::view::chrome::hidden::Hidden;
use crate::view::chrome::instrument::Instrument;
use crate::view::chrome::tour::Place;
use crate::view::draw::theme::Palette;
use crate::view::terms::Term;

/// What lies over the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Overlay {
    /// The command palette.
    Palette,
    /// The list of shortcuts.
    Help,
    /// The library.
    Library,
    /// The kept runs.
    Runs,
    /// Several runs at once.
    Sweep,
    /// A picture of the reader's own as a query.
    OwnQuery,
    /// What to do when an embedding model is replaced.
    Decide,
}

/// What is explained.
#[derive(Clone, Debug, PartialEq)]
pub enum Word {
    /// A term of the field.
    Term(Term),
    /// The name of a setting, by what is said of it.
    Setting(String),
}

/// A word that is explained, and where on the page.
#[derive(Clone, Debug, PartialEq)]
pub struct Explained {
    /// Which.
    pub word: Word,
    /// The corner of its card, in CSS pixels from the upper left of the page.
    pub corner: (f64, f64),
    /// Whether the card stands above that corner.
    pub above: bool,
    /// Whether it stays when the pointer leaves.
    pub pinned: bool,
}

/// How the page looks. Copies are handles to the same state.
#[derive(Clone, Copy)]
pub struct Look {
    /// The theme asked for.
    pub theme: ReadSignal<ThemeChoice>,
    set_theme: WriteSignal<ThemeChoice>,
    /// Whether the system is dark.
    system_dark: ReadSignal<bool>,
    set_system_dark: WriteSignal<bool>,
    /// Which controls are hidden.
    pub hidden: ReadSignal<Hidden>,
    set_hidden: WriteSignal<Hidden>,
    /// The instrument that has all the room.
    pub enlarged: ReadSignal<Option<Instrument>>,
    set_enlarged: WriteSignal<Option<Instrument>>,
    /// The panels that a reader chose; none leaves them to the run.
    pub arranged: ReadSignal<Option<Arrangement>>,
    set_arranged: WriteSignal<Option<Arrangement>>,
    /// The panel that was chosen last, until it is there and has the focus.
    wanted: StoredValue<Option<Instrument>>,
    /// The place in a tour, while there is one.
    pub tour: ReadSignal<Option<Place>>,
    set_tour: WriteSignal<Option<Place>>,
    /// What lies over the page.
    pub overlay: ReadSignal<Option<Overlay>>,
    set_overlay: WriteSignal<Option<Overlay>>,
    /// What is explained.
    pub explained: ReadSignal<Option<Explained>>,
    set_explained: WriteSignal<Option<Explained>>,
    /// The part of the article that the page is set to.
    pub spot: ReadSignal<Option<Spot>>,
    set_spot: WriteSignal<Option<Spot>>,
}

impl Look {
    /// As the page opens.
    pub fn new(opening: Opening) -> Self {
        let (theme, set_theme) = signal(opening.theme);
        let (system_dark, set_system_dark) = signal(opening.system_dark);
        let (hidden, set_hidden) = signal(opening.hidden);
        let (enlarged, set_enlarged) = signal(opening.enlarged);
        let (arranged, set_arranged) = signal(opening.arranged);
        let (tour, set_tour) = signal(opening.tour);
        let (overlay, set_overlay) = signal(None);
        let (explained, set_explained) = signal(None);
        let (spot, set_spot) = signal(None);
        Self {
            theme,
            set_theme,
            system_dark,
            set_system_dark,
            hidden,
            set_hidden,
            enlarged,
            set_enlarged,
            arranged,
            set_arranged,
            wanted: StoredValue::new(None),
            tour,
            set_tour,
            overlay,
            set_overlay,
            explained,
            set_explained,
            spot,
            set_spot,
        }
    }

    /// Colours of what is drawn. Tracks.
    pub fn palette(self) -> Palette {
        Palette::of(match self.theme.get() {
            ThemeChoice::System => self.system_dark.get(),
            ThemeChoice::Light => false,
            ThemeChoice::Dark => true,
        })
    }

    /// Chooses a theme.
    pub fn set_theme(self, theme: ThemeChoice) {
        self.set_theme.set(theme);
    }

    /// Takes in whether the system is dark. The system may say so when the page is gone.
    pub fn set_system_dark(self, dark: bool) {
        self.set_system_dark.try_set(dark);
    }

    /// Hides these controls and shows the others.
    pub fn hide(self, hidden: Hidden) {
        self.set_hidden.set(hidden);
    }

    /// Gives an instrument all the room, or takes it back.
    pub fn enlarge(self, instrument: Option<Instrument>) {
        self.set_enlarged.set(instrument);
    }

    /// Puts these panels on the page; none leaves them to the run.
    pub fn arrange(self, panels: Option<Arrangement>) {
        self.set_arranged.set(panels);
    }

    /// Asks that a panel take the focus when it is there.
    pub fn want(self, panel: Instrument) {
        self.wanted.set_value(Some(panel));
    }

    /// Whether the panel is to take the focus; asked once.
    pub fn takes_focus(self, panel: Instrument) -> bool {
        let wanted = self.wanted.get_value() == Some(panel);
        if wanted {
            self.wanted.set_value(None);
        }
        wanted
    }

    /// Shows a place of a tour; none ends it.
    pub fn guide(self, place: Option<Place>) {
        self.set_tour.set(place);
    }

    /// Lays something over the page, or takes it away.
    pub fn cover(self, overlay: Option<Overlay>) {
        self.set_overlay.set(overlay);
    }

    /// Explains a word, or no longer.
    pub fn explain(self, explained: Option<Explained>) {
        self.set_explained.set(explained);
    }

    /// Says which part of the article the page is set to; none once it is not.
    pub fn stand(self, spot: Option<Spot>) {
        self.set_spot.set(spot);
    }
}
