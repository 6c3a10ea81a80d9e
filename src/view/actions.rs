//! Everything that a key can do. Buttons, keys and the list of shortcuts all read this one table.

/// Something that a person can ask for at any time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// Start or stop the run.
    PlayPause,
    /// One training step, then pause.
    StepBatch,
    /// To the end of the epoch, then pause.
    StepEpoch,
    /// Start over with the same seed.
    Reset,
    /// Next theme: system, light, dark.
    Theme,
    /// Show or hide the list of shortcuts.
    Help,
}

impl Action {
    /// All actions in the order of the list.
    pub const ALL: [Self; 6] =
        [Self::PlayPause, Self::StepBatch, Self::StepEpoch, Self::Reset, Self::Theme, Self::Help];

    /// What stands on the button.
    pub fn label(self) -> &'static str {
        match self {
            Self::PlayPause => "Play or pause",
            Self::StepBatch => "Step batch",
            Self::StepEpoch => "Step epoch",
            Self::Reset => "Reset",
            Self::Theme => "Theme",
            Self::Help => "Shortcuts",
        }
    }

    /// What it does, in a few words.
    pub fn description(self) -> &'static str {
        match self {
            Self::PlayPause => "Run to the end, or pause",
            Self::StepBatch => "One training step, then pause",
            Self::StepEpoch => "To the end of the epoch, then pause",
            Self::Reset => "Start over; the same seed replays the same run",
            Self::Theme => "System, light or dark colours",
            Self::Help => "Show or hide this list",
        }
    }

    /// Values of `KeyboardEvent.key` that ask for it, in lower case.
    pub fn keys(self) -> &'static [&'static str] {
        match self {
            Self::PlayPause => &[" "],
            Self::StepBatch => &[".", "arrowright"],
            Self::StepEpoch => &["e"],
            Self::Reset => &["r"],
            Self::Theme => &["t"],
            Self::Help => &["?"],
        }
    }

    /// Its keys as a person reads them.
    pub fn key_names(self) -> &'static [&'static str] {
        match self {
            Self::PlayPause => &["Space"],
            Self::StepBatch => &[".", "\u{2192}"],
            Self::StepEpoch => &["E"],
            Self::Reset => &["R"],
            Self::Theme => &["T"],
            Self::Help => &["?"],
        }
    }

    /// Its first key in the form of `aria-keyshortcuts`.
    pub fn shortcut(self) -> &'static str {
        self.key_names().first().copied().unwrap_or_default()
    }

    /// The action that a `KeyboardEvent.key` asks for.
    pub fn of_key(key: &str) -> Option<Self> {
        let key = key.to_lowercase();
        Self::ALL.into_iter().find(|action| action.keys().contains(&key.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_key_asks_for_two_things() {
        let keys: Vec<&str> = Action::ALL.iter().flat_map(|action| action.keys().iter().copied()).collect();
        assert_eq!(keys.iter().collect::<BTreeSet<_>>().len(), keys.len());
        for action in Action::ALL {
            assert_eq!(action.keys().len(), action.key_names().len(), "{action:?}");
        }
    }

    #[test]
    fn keys_are_found_in_either_case() {
        assert_eq!(Action::of_key("R"), Some(Action::Reset));
        assert_eq!(Action::of_key("ArrowRight"), Some(Action::StepBatch));
        assert_eq!(Action::of_key("x"), None);
    }
}
