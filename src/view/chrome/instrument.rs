//! The panels of the page in one table: name, title, and whether the log holds anything for it. One can have all the room; links carry
//! which beside the scenario. What draws each stands in `src/page/panels/table.rs`.

use protocol::{ModelLog, RunLog, view_setting, with_view_setting};

use crate::view::instruments::numbers;

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
    /// Numbers by two things.
    Tables,
    /// Numbers over the training, and over the models.
    Numbers,
    /// Things to look at that models made.
    Exhibits,
}

/// A line of the table.
struct Panel {
    word: &'static str,
    title: &'static str,
    has: fn(&RunLog) -> bool,
}

const fn panel(word: &'static str, title: &'static str, has: fn(&RunLog) -> bool) -> Panel {
    Panel { word, title, has }
}

impl Instrument {
    /// All of them in the order of their keys.
    pub const ALL: [Self; 7] =
        [Self::Matrix, Self::Strips, Self::Curves, Self::Map, Self::Tables, Self::Numbers, Self::Exhibits];

    fn panel(self) -> Panel {
        match self {
            Self::Matrix => panel("matrix", "Compatibility matrix", |log| {
                !log.matrix.is_empty() || any(log, |model| !model.evaluations.is_empty())
            }),
            Self::Strips => panel("strips", "Retrieval strips", |log| !log.rankings.is_empty()),
            Self::Curves => panel("curves", "Curves", |log| {
                !log.backfills.is_empty() || any(log, |model| !model.losses.is_empty() || !model.evaluations.is_empty())
            }),
            Self::Map => panel("map", "Map", |log| any(log, |model| model.projection.is_some())),
            Self::Tables => panel("tables", "Tables", |log| {
                log.tables.iter().any(|table| table.cells.0.iter().any(|cell| cell.is_finite()))
            }),
            Self::Numbers => panel("numbers", "Numbers", |log| !numbers::shown(log).is_empty()),
            Self::Exhibits => panel("exhibits", "Exhibits", |log| !log.exhibits.is_empty()),
        }
    }

    /// Name in links, class attributes and ids.
    pub fn word(self) -> &'static str {
        self.panel().word
    }

    /// What stands above it.
    pub fn title(self) -> &'static str {
        self.panel().title
    }

    /// Whether the log holds anything that it shows.
    pub fn has(self, log: &RunLog) -> bool {
        (self.panel().has)(log)
    }

    /// The instrument of this name.
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.word() == word)
    }

    /// The instrument that the address gives all the room, if it is one.
    pub fn of_link(fragment: &str) -> Option<Self> {
        Self::of_word(&view_setting(fragment, LARGE)?)
    }

    /// The fragment of a scenario with this beside it.
    pub fn beside(self, link: &str) -> String {
        with_view_setting(link, LARGE, self.word())
    }
}

/// Whether this holds of any model of the run.
fn any(log: &RunLog, holds: fn(&ModelLog) -> bool) -> bool {
    log.models.values().any(holds)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::testing::{half_way, knowledge};

    #[test]
    fn links_carry_it_and_forgive() {
        for instrument in Instrument::ALL {
            assert_eq!(Instrument::of_link(&instrument.beside("#v=2&seed=2")), Some(instrument));
        }
        assert_eq!((Instrument::of_link("#v=2"), Instrument::of_link("v=2&view.large=setup")), (None, None));
    }

    #[test]
    fn each_has_what_it_shows() {
        let words = |log: &RunLog| -> Vec<&str> {
            Instrument::ALL.into_iter().filter(|it| it.has(log)).map(Instrument::word).collect()
        };
        assert_eq!(words(&RunLog::default()), [""; 0]);
        assert_eq!(words(&half_way()), ["matrix", "strips", "curves", "map"]);
        assert_eq!(words(&knowledge()), ["tables", "numbers", "exhibits"]);
    }
}
