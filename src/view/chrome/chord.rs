//! Keys that are pressed together.

/// A key with what is held beside it. Keys are values of `KeyboardEvent.key` in lower case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Chord {
    /// The key alone; Shift may be what makes it.
    Plain(&'static str),
    /// With Ctrl, or with Cmd on an Apple keyboard.
    Command(&'static str),
    /// With Shift and Ctrl, or with Shift and Cmd.
    ShiftCommand(&'static str),
}

/// What a keyboard says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Press<'a> {
    /// `KeyboardEvent.key`.
    pub key: &'a str,
    /// Whether Ctrl is held.
    pub ctrl: bool,
    /// Whether Cmd, or the Windows key, is held.
    pub meta: bool,
    /// Whether Alt is held.
    pub alt: bool,
    /// Whether Shift is held.
    pub shift: bool,
}

impl Chord {
    fn key(self) -> &'static str {
        match self {
            Self::Plain(key) | Self::Command(key) | Self::ShiftCommand(key) => key,
        }
    }

    fn key_name(self, arrow: &str) -> String {
        match self.key() {
            " " => "Space".to_owned(),
            "escape" => "Escape".to_owned(),
            "arrowright" => arrow.to_owned(),
            key => key.to_uppercase(),
        }
    }

    /// Whether `press` is this chord.
    pub fn is(self, press: &Press<'_>, apple: bool) -> bool {
        let (command, other) = if apple { (press.meta, press.ctrl) } else { (press.ctrl, press.meta) };
        let held = match self {
            Self::Plain(_) => !command,
            Self::Command(_) => command && !press.shift,
            Self::ShiftCommand(_) => command && press.shift,
        };
        held && !other && !press.alt && press.key.to_lowercase() == self.key()
    }

    /// As a person reads it.
    pub fn name(self, apple: bool) -> String {
        let key = self.key_name("\u{2192}");
        match (self, apple) {
            (Self::Plain(_), _) => key,
            (Self::Command(_), true) => format!("\u{2318}{key}"),
            (Self::ShiftCommand(_), true) => format!("\u{21e7}\u{2318}{key}"),
            (Self::Command(_), false) => format!("Ctrl+{key}"),
            (Self::ShiftCommand(_), false) => format!("Ctrl+Shift+{key}"),
        }
    }

    /// In the form of `aria-keyshortcuts`.
    pub fn aria(self, apple: bool) -> String {
        let key = self.key_name("ArrowRight");
        let command = if apple { "Meta" } else { "Control" };
        match self {
            Self::Plain(_) => key,
            Self::Command(_) => format!("{command}+{key}"),
            Self::ShiftCommand(_) => format!("{command}+Shift+{key}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn command_is_ctrl_here_and_cmd_on_an_apple_keyboard() {
        let chord = Chord::Command("k");
        let (ctrl, cmd) =
            (Press { key: "k", ctrl: true, ..Press::default() }, Press { key: "k", meta: true, ..Press::default() });
        assert!(chord.is(&ctrl, false) && !chord.is(&ctrl, true));
        assert!(chord.is(&cmd, true) && !chord.is(&cmd, false));
        assert!(!chord.is(&Press { alt: true, ..ctrl }, false) && !chord.is(&Press { shift: true, ..ctrl }, false));
        assert!(Chord::ShiftCommand("k").is(&Press { key: "K", shift: true, ..ctrl }, false));
        assert!(!Chord::Plain("k").is(&ctrl, false) && !Chord::Plain("k").is(&cmd, false));
    }

    #[test]
    fn names_are_those_of_the_keyboard() {
        let chord = Chord::ShiftCommand("z");
        assert_eq!((chord.name(false), chord.name(true)), ("Ctrl+Shift+Z".to_owned(), "\u{21e7}\u{2318}Z".to_owned()));
        assert_eq!((chord.aria(false), chord.aria(true)), ("Control+Shift+Z".to_owned(), "Meta+Shift+Z".to_owned()));
        assert_eq!(
            (Chord::Plain(" ").name(false), Chord::Plain(" ").aria(true)),
            ("Space".to_owned(), "Space".to_owned())
        );
    }
}
