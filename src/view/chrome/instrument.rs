//! The instruments of the page, of which one can have all the room. Links carry it beside the scenario.

use protocol::{view_setting, with_view_setting};

/// The setting of an address that names the instrument with all the room.
const LARGE: &str = "large";

/// What shows a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Instrument {
    /// Scores of all pairs of models, with the verdict.
    Matrix,
    /// What one query finds, and what became of all of them.
    Strips,
    /// Scores and losses over the training.
    Curves,
    /// Embeddings in a plane.
    Map,
}

impl Instrument {
    /// All of them in the order of the page.
    pub const ALL: [Self; 4] = [Self::Matrix, Self::Strips, Self::Curves, Self::Map];

    /// Name in links, class attributes and ids.
    pub fn word(self) -> &'static str {
        match self {
            Self::Matrix => "matrix",
            Self::Strips => "strips",
            Self::Curves => "curves",
            Self::Map => "map",
        }
    }

    /// What stands above it.
    pub fn title(self) -> &'static str {
        match self {
            Self::Matrix => "Compatibility matrix",
            Self::Strips => "Retrieval strips",
            Self::Curves => "Curves",
            Self::Map => "Map",
        }
    }

    /// The instrument that the address gives all the room, if it is one.
    pub fn of_link(fragment: &str) -> Option<Self> {
        let name = view_setting(fragment, LARGE)?;
        Self::ALL.into_iter().find(|it| it.word() == name)
    }

    /// The fragment of a scenario with this beside it.
    pub fn beside(self, link: &str) -> String {
        with_view_setting(link, LARGE, self.word())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_carry_it_and_forgive() {
        for instrument in Instrument::ALL {
            assert_eq!(Instrument::of_link(&instrument.beside("#v=1&seed=2")), Some(instrument));
        }
        assert_eq!((Instrument::of_link("#v=1"), Instrument::of_link("v=1&view.large=setup")), (None, None));
    }
}
