//! Which controls are hidden, so that a class sees the instruments alone. Links carry it beside the scenario.

use protocol::{view_setting, with_view_setting};

/// What a link can hide.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Hidden {
    /// The set-up panel.
    pub setup: bool,
    /// The timeline with what belongs to the page.
    pub timeline: bool,
    /// The transport.
    pub transport: bool,
}

impl Hidden {
    /// Everything that is not an instrument.
    pub const CONTROLS: Self = Self { setup: true, timeline: true, transport: true };

    /// What the address hides. Names that are unknown hide nothing.
    pub fn of_link(fragment: &str) -> Self {
        let names = view_setting(fragment, "hide").unwrap_or_default();
        let names: Vec<&str> = names.split(',').collect();
        let has = |name| names.contains(&name);
        Self { setup: has("setup"), timeline: has("timeline"), transport: has("transport") }
    }

    /// The fragment of a scenario with this beside it.
    pub fn beside(self, link: &str) -> String {
        let parts = [("setup", self.setup), ("timeline", self.timeline), ("transport", self.transport)];
        let names: Vec<&str> = parts.iter().filter(|(_, hidden)| *hidden).map(|(name, _)| *name).collect();
        if names.is_empty() { link.to_owned() } else { with_view_setting(link, "hide", &names.join(",")) }
    }

    /// Everything shown if anything is hidden, else the instruments alone.
    pub fn toggled(self) -> Self {
        if self.any() { Self::default() } else { Self::CONTROLS }
    }

    /// Whether anything is hidden.
    pub fn any(self) -> bool {
        self != Self::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_carry_it_and_forgive() {
        let some = Hidden { setup: true, transport: true, ..Hidden::default() };
        assert_eq!(some.beside("v=2"), "v=2&view.hide=setup,transport");
        for hidden in [Hidden::default(), some, Hidden::CONTROLS] {
            assert_eq!(Hidden::of_link(&hidden.beside("#v=2&seed=2")), hidden);
        }
        assert_eq!(Hidden::of_link("view.hide=setup%2Ctransport,matrix&view.colour=red"), some);
        assert_eq!((Hidden::of_link("#v=2").any(), Hidden::CONTROLS.any()), (false, true));
    }
}
