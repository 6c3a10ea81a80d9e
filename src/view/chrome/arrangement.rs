//! Which panels stand on the page, at most four at a time: what the run proposes, by what it holds and by the kind of change that it is
//! about, or what a reader put there. Links carry the second.

use protocol::{PhaseKind, RunLog, RunState, UpgradeKind, view_setting, with_view_setting};

use super::instrument::Instrument::{self, Curves, Exhibits, Map, Matrix, Numbers, Strips, Tables};

/// The setting of an address that names the panels.
const PANELS: &str = "panels";

/// What a run without retrieval shows first; the first four of these that have anything.
const WITHOUT_RETRIEVAL: [Instrument; 6] = [Tables, Numbers, Curves, Exhibits, Map, Strips];

/// What a run of a kind shows first: as long as it is under way the first four of these, then those that have anything. `None` leaves it to
/// what the run holds.
fn preferred(kind: UpgradeKind) -> Option<[Instrument; 7]> {
    match kind {
        UpgradeKind::Retrain | UpgradeKind::TwoTowers => None,
        // What is known of each task, and whether the galleries last.
        UpgradeKind::Stream | UpgradeKind::Merge | UpgradeKind::Unlearn => {
            Some([Tables, Matrix, Strips, Curves, Numbers, Map, Exhibits])
        }
        UpgradeKind::Compress | UpgradeKind::TrainingRule => {
            Some([Matrix, Curves, Numbers, Tables, Strips, Map, Exhibits])
        }
        UpgradeKind::Adapt => Some([Tables, Numbers, Matrix, Curves, Strips, Map, Exhibits]),
        UpgradeKind::Sequence => Some([Tables, Numbers, Curves, Exhibits, Map, Strips, Matrix]),
        UpgradeKind::Generate => Some([Exhibits, Numbers, Curves, Tables, Map, Strips, Matrix]),
    }
}

/// The panels for which a run holds something.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Offer {
    has: [bool; Instrument::ALL.len()],
    /// Whether queries are or will be asked of galleries.
    retrieval: bool,
    /// The kind of change that the run is about.
    kind: UpgradeKind,
    /// Whether more may come.
    open: bool,
}

impl Offer {
    /// What a log offers of a run of this kind.
    pub fn of(log: &RunLog, kind: UpgradeKind) -> Self {
        let has = Instrument::ALL.map(|it| it.has(log));
        // The last phase of a run that asks no gallery measures nothing.
        let planned = log.plan.iter().any(|phase| phase.kind == PhaseKind::Measure && phase.steps > 0);
        let open = !matches!(log.state, RunState::Finished | RunState::Faulted);
        Self { has, retrieval: Matrix.has(log) || (planned && log.state == RunState::Running), kind, open }
    }

    /// The kind of change that the run is about.
    pub fn kind(self) -> UpgradeKind {
        self.kind
    }

    /// Whether there is something for this panel.
    pub fn has(self, wanted: Instrument) -> bool {
        self.all().any(|it| it == wanted)
    }

    /// The panels for which there is something, in the order of their keys.
    pub fn all(self) -> impl Iterator<Item = Instrument> {
        Instrument::ALL.into_iter().zip(self.has).filter(|(_, has)| *has).map(|(it, _)| it)
    }

    /// Whether the page is that of a search index: as long as nothing says otherwise.
    pub fn is_retrieval(self) -> bool {
        let asks_nothing = matches!(self.kind, UpgradeKind::Sequence | UpgradeKind::Generate);
        self.retrieval || !(asks_nothing || [Tables, Numbers, Exhibits].into_iter().any(|it| self.has(it)))
    }
}

/// The panels on the page in the order of their places, each once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arrangement([Option<Instrument>; Self::PLACES]);

impl Arrangement {
    /// Most panels at a time.
    pub const PLACES: usize = 4;
    /// Those of a search index.
    pub const RETRIEVAL: Self = Self([Some(Matrix), Some(Strips), Some(Curves), Some(Map)]);

    /// What a run proposes that offers this.
    pub fn proposed(offer: Offer) -> Self {
        if let Some(panels) = preferred(offer.kind) {
            let shown = panels.into_iter().filter(|&it| offer.open || offer.has(it));
            return Self::of(shown).or_else(|| Self::of(panels.into_iter())).unwrap_or(Self::RETRIEVAL);
        }
        if offer.is_retrieval() {
            return Self::RETRIEVAL;
        }
        Self::of(WITHOUT_RETRIEVAL.into_iter().filter(|&it| offer.has(it))).unwrap_or(Self::RETRIEVAL)
    }

    /// The first four of these; none if there are none.
    fn of(panels: impl Iterator<Item = Instrument>) -> Option<Self> {
        let mut places = [None; Self::PLACES];
        for panel in panels {
            let known = places.contains(&Some(panel));
            if let Some(free) = places.iter_mut().find(|it| it.is_none()).filter(|_| !known) {
                *free = Some(panel);
            }
        }
        places.iter().any(Option::is_some).then_some(Self(places))
    }

    /// The panels that the address names; names that are unknown name none.
    pub fn of_link(fragment: &str) -> Option<Self> {
        Self::of(view_setting(fragment, PANELS)?.split(',').filter_map(Instrument::of_word))
    }

    /// The fragment of a scenario with this beside it.
    pub fn beside(self, link: &str) -> String {
        let words: Vec<&str> = self.panels().map(Instrument::word).collect();
        with_view_setting(link, PANELS, &words.join(","))
    }

    /// The panel at a place, from 0.
    pub fn at(self, place: usize) -> Option<Instrument> {
        self.0.get(place).copied().flatten()
    }

    /// The panels in the order of their places.
    pub fn panels(self) -> impl Iterator<Item = Instrument> {
        self.0.into_iter().flatten()
    }

    /// Whether the panel stands on the page.
    pub fn holds(self, panel: Instrument) -> bool {
        self.panels().any(|it| it == panel)
    }

    /// The same with `wanted` in the place of `panel`, which takes that of `wanted` if it has one.
    pub fn with(self, panel: Instrument, wanted: Instrument) -> Self {
        let swap = |it: Option<Instrument>| match it {
            Some(it) if it == panel => Some(wanted),
            Some(it) if it == wanted => Some(panel),
            it => it,
        };
        Self(self.0.map(swap))
    }

    /// What can stand in a place: what the run has something for or proposes, and what stands on the page.
    pub fn choices(self, offer: Offer) -> Vec<Instrument> {
        let proposed = Self::proposed(offer);
        Instrument::ALL.into_iter().filter(|&it| offer.has(it) || proposed.holds(it) || self.holds(it)).collect()
    }
}

#[cfg(test)]
mod tests {
    use protocol::{Event, ModelId, Phase};

    use super::*;
    use crate::view::testing::{exhibit, half_way, knowledge, started};

    fn proposed(log: &RunLog) -> Vec<Instrument> {
        Arrangement::proposed(Offer::of(log, UpgradeKind::Retrain)).panels().collect()
    }

    #[test]
    fn a_run_with_retrieval_shows_what_it_always_did() {
        let today = [Matrix, Strips, Curves, Map];
        let mut log = half_way();
        assert_eq!((proposed(&RunLog::default()), proposed(&log)), (today.to_vec(), today.to_vec()));
        log.tables = knowledge().tables;
        assert_eq!(proposed(&log), today, "what it holds beyond that is offered");
        let offer = Offer::of(&log, UpgradeKind::Retrain);
        assert_eq!(Arrangement::RETRIEVAL.choices(offer), [Matrix, Strips, Curves, Map, Tables]);
        assert_eq!(Arrangement::RETRIEVAL.choices(Offer::default()), today);
        let only = Arrangement::of_link("view.panels=tables").map(|it| it.choices(Offer::default()).len());
        assert_eq!(only, Some(5), "the way back from what a run has not");
    }

    #[test]
    fn a_run_that_will_measure_galleries_waits_for_them() {
        let mut log = RunLog::of(&[started()]);
        log.tables = knowledge().tables;
        assert_eq!(proposed(&log), [Matrix, Strips, Curves, Map]);
        log.apply(&Event::RunFinished { seconds: 1.0 });
        assert_eq!(proposed(&log), [Tables], "none came");
    }

    #[test]
    fn a_run_without_retrieval_shows_what_it_has() {
        assert_eq!(proposed(&knowledge()), [Tables, Numbers, Exhibits]);
        let phase = |kind, steps| Phase { kind, model: ModelId::deployed(1), steps };
        let plan = vec![phase(PhaseKind::Train, 4), phase(PhaseKind::Measure, 0)];
        let mut log = RunLog { plan, state: RunState::Running, ..RunLog::default() };
        log.apply(&exhibit(ModelId::deployed(1), 2));
        assert_eq!(proposed(&log), [Exhibits]);
    }

    #[test]
    fn the_kind_says_what_stands_first() {
        let panels = |log: &RunLog, kind| Arrangement::proposed(Offer::of(log, kind)).panels().collect::<Vec<_>>();
        let nothing = RunLog::default();
        assert_eq!(
            panels(&nothing, UpgradeKind::Stream),
            [Tables, Matrix, Strips, Curves],
            "before the first step, too"
        );
        assert_eq!(panels(&nothing, UpgradeKind::Generate), [Exhibits, Numbers, Curves, Tables]);
        assert_eq!(panels(&nothing, UpgradeKind::Retrain), [Matrix, Strips, Curves, Map]);
        let mut log = knowledge();
        log.apply(&Event::RunFinished { seconds: 1.0 });
        assert_eq!(panels(&log, UpgradeKind::Stream), [Tables, Numbers, Exhibits], "what never came has no place");
        assert_eq!(panels(&log, UpgradeKind::Generate), [Exhibits, Numbers, Tables]);
        let faulted = RunLog { state: RunState::Faulted, ..RunLog::default() };
        assert_eq!(panels(&faulted, UpgradeKind::Adapt), [Tables, Numbers, Matrix, Curves]);
        assert!(!Offer::of(&nothing, UpgradeKind::Generate).is_retrieval());
        assert!(Offer::of(&nothing, UpgradeKind::Stream).is_retrieval());
    }

    #[test]
    fn links_carry_it_and_forgive() {
        let own = Arrangement::RETRIEVAL.with(Map, Tables);
        let link = own.beside("#v=2&seed=2");
        assert!(link.ends_with("&view.panels=matrix,strips,curves,tables"), "{link}");
        assert_eq!(Arrangement::of_link(&link), Some(own));
        let some =
            Arrangement::of_link("view.panels=tables,tables,clock,map").map(|it| it.panels().collect::<Vec<_>>());
        assert_eq!(some, Some(vec![Tables, Map]));
        assert_eq!((Arrangement::of_link("#v=2"), Arrangement::of_link("view.panels=")), (None, None));
        let many = "view.panels=matrix,strips,curves,map,tables";
        assert_eq!(Arrangement::of_link(many), Some(Arrangement::RETRIEVAL), "four at a time");
    }

    #[test]
    fn a_panel_that_is_there_already_changes_places() {
        let places = |it: Arrangement| (0..Arrangement::PLACES).map(|place| it.at(place)).collect::<Vec<_>>();
        let swapped = Arrangement::RETRIEVAL.with(Matrix, Map);
        assert_eq!(places(swapped), [Map, Strips, Curves, Matrix].map(Some));
        assert_eq!(swapped.with(Map, Matrix), Arrangement::RETRIEVAL);
        assert_eq!(places(Arrangement::RETRIEVAL.with(Strips, Tables)), [Matrix, Tables, Curves, Map].map(Some));
    }
}
