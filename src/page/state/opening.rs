//! How the page opens, as the browser and the address want it.

use crate::view::chrome::arrangement::Arrangement;
use crate::view::chrome::hidden::Hidden;
use crate::view::chrome::instrument::Instrument;
use crate::view::chrome::tour::Place;

/// The theme asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ThemeChoice {
    /// That of the system.
    System,
    /// Light, whatever the system says.
    Light,
    /// Dark, whatever the system says.
    Dark,
}

impl ThemeChoice {
    /// What a person reads; also the kept value.
    pub fn label(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// The choice of a kept value; the system's for any other.
    pub fn of_label(label: Option<&str>) -> Self {
        match label {
            Some("light") => Self::Light,
            Some("dark") => Self::Dark,
            _ => Self::System,
        }
    }

    /// The next choice in turn.
    pub fn next(self) -> Self {
        match self {
            Self::System => Self::Light,
            Self::Light => Self::Dark,
            Self::Dark => Self::System,
        }
    }
}

/// How the page opens.
#[derive(Clone, Copy)]
pub struct Opening {
    /// The theme asked for.
    pub theme: ThemeChoice,
    /// Whether the system is dark.
    pub system_dark: bool,
    /// Which controls are hidden.
    pub hidden: Hidden,
    /// The instrument that has all the room.
    pub enlarged: Option<Instrument>,
    /// The panels that the address names.
    pub arranged: Option<Arrangement>,
    /// The place in a tour.
    pub tour: Option<Place>,
    /// How many workers a sweep may have.
    pub workers: usize,
}
