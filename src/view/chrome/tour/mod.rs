//! Short tours of the page: what to look at, what to do there, and whether that was done.

mod pages;

use protocol::{UpgradeKind, view_setting, with_view_setting};

use super::operations::Operation;
use crate::view::instruments::strips::Filter;

/// A tour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tour {
    /// What an upgrade breaks, on a recorded run.
    Breaks,
    /// What a method buys, against none.
    Method,
    /// The operation of the index.
    Operation,
    /// What to look at in a run of a kind of change.
    Of(UpgradeKind),
}

/// A place in a tour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Which tour.
    pub tour: Tour,
    /// Its page, from 0.
    pub page: usize,
}

/// One page of a tour.
#[derive(Clone, Copy)]
pub struct Page {
    /// Class of the region that it speaks of.
    pub region: &'static str,
    /// A few words.
    pub title: &'static str,
    /// Two or three sentences.
    pub text: &'static str,
    /// What to do; empty where there is only something to read.
    pub task: &'static str,
    /// Whether that was done.
    done: fn(&Progress) -> bool,
}

/// What tours know of what the reader has done.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Progress {
    /// Whether the run on show has reached its verdict.
    pub measured: bool,
    /// Whether the run on show is finished, with a verdict or without, and of the kind that the tour is about.
    pub finished: bool,
    /// Id of the method of the run on show.
    pub method: String,
    /// Id of the method in the form.
    pub chosen: String,
    /// Which queries the strips step through.
    pub filter: Filter,
    /// Whether an earlier moment is on show.
    pub looking_back: bool,
    /// What was done with the index.
    pub operation: Operation,
}

impl Tour {
    /// All tours in their order.
    pub const ALL: [Self; 9] = [
        Self::Breaks,
        Self::Method,
        Self::Operation,
        Self::Of(UpgradeKind::Stream),
        Self::Of(UpgradeKind::Merge),
        Self::Of(UpgradeKind::Unlearn),
        Self::Of(UpgradeKind::Adapt),
        Self::Of(UpgradeKind::Sequence),
        Self::Of(UpgradeKind::Generate),
    ];

    /// Its name in links.
    fn id(self) -> &'static str {
        match self {
            Self::Breaks => "breaks",
            Self::Method => "method",
            Self::Operation => "operation",
            Self::Of(kind) => kind.word(),
        }
    }

    /// What a person reads.
    pub fn name(self) -> &'static str {
        match self {
            Self::Breaks => "What an upgrade breaks",
            Self::Method => "What a method buys",
            Self::Operation => "Running the upgrade",
            Self::Of(kind) => kind.title(),
        }
    }

    /// The kind of change that it is about; `None` for those of a search index whose model is replaced.
    pub fn kind(self) -> Option<UpgradeKind> {
        match self {
            Self::Of(kind) => Some(kind),
            _ => None,
        }
    }

    /// The tours that are offered where a run of this kind is on show: its own first, if it has one, then those of a search index.
    pub fn suiting(kind: UpgradeKind) -> impl Iterator<Item = Self> {
        let own = Self::ALL.into_iter().filter(move |tour| tour.kind() == Some(kind));
        own.chain(Self::ALL.into_iter().filter(|tour| tour.kind().is_none()))
    }

    fn pages(self) -> &'static [Page] {
        match self {
            Self::Breaks => &pages::BREAKS,
            Self::Method => &pages::METHOD,
            Self::Operation => &pages::OPERATION,
            Self::Of(UpgradeKind::Stream) => &pages::STREAM,
            Self::Of(UpgradeKind::Merge) => &pages::MERGE,
            Self::Of(UpgradeKind::Unlearn) => &pages::UNLEARN,
            Self::Of(UpgradeKind::Adapt) => &pages::ADAPT,
            Self::Of(UpgradeKind::Sequence) => &pages::SEQUENCE,
            Self::Of(UpgradeKind::Generate) => &pages::GENERATE,
            Self::Of(_) => &[],
        }
    }

    /// Its first page.
    pub fn start(self) -> Place {
        Place { tour: self, page: 0 }
    }
}

impl Place {
    /// The place with this name, as in `breaks.2`.
    pub fn parse(name: &str) -> Option<Self> {
        let (id, number) = name.split_once('.')?;
        let tour = Tour::ALL.into_iter().find(|tour| tour.id() == id)?;
        let page = number.parse::<usize>().ok()?.checked_sub(1).filter(|&page| page < tour.pages().len())?;
        Some(Self { tour, page })
    }

    /// The place that the address asks for.
    pub fn of_link(fragment: &str) -> Option<Self> {
        Self::parse(&view_setting(fragment, "tour")?)
    }

    /// Its name; pages count from 1.
    pub fn name(self) -> String {
        format!("{}.{}", self.tour.id(), self.page + 1)
    }

    /// The fragment of a scenario with this beside it.
    pub fn beside(self, link: &str) -> String {
        with_view_setting(link, "tour", &self.name())
    }

    /// The page there.
    pub fn page(self) -> Option<&'static Page> {
        self.tour.pages().get(self.page)
    }

    /// The tour and how far it is, in words.
    pub fn heading(self) -> String {
        format!("{}, {} of {}", self.tour.name(), self.page + 1, self.tour.pages().len())
    }

    /// The place before.
    pub fn back(self) -> Option<Self> {
        Some(Self { page: self.page.checked_sub(1)?, ..self })
    }

    /// The place after.
    pub fn next(self) -> Option<Self> {
        Some(Self { page: self.page + 1, ..self }).filter(|place| place.page().is_some())
    }
}

impl Page {
    /// Whether the reader did what the page asks for.
    pub fn is_done(&self, progress: &Progress) -> bool {
        (self.done)(progress)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use protocol::{Catalogue, Event};

    use super::*;
    use crate::view::chrome::operations::{Act, Facts};
    use crate::view::testing::{NEW, OLD, cell, half_way, rates};
    use crate::view::upgrade::Upgrade;

    fn all() -> impl Iterator<Item = Place> {
        let pages = |tour: Tour| (0..tour.pages().len()).map(move |page| Place { tour, page });
        Tour::ALL.into_iter().flat_map(pages)
    }

    #[test]
    fn every_page_is_short_and_speaks_of_a_region_that_is_outlined() {
        let style = include_str!("../../../../style/tour.css");
        for page in all().filter_map(Place::page) {
            let rule = format!("[data-tour=\"{0}\"] .{0}", page.region);
            assert!(style.contains(&rule), "tour.css lacks {rule}");
            assert!(page.text.len() < 260 && page.title.len() < 40 && page.task.len() < 90, "{}", page.title);
        }
    }

    #[test]
    fn links_name_every_place_and_forgive() {
        let names: BTreeSet<_> = all().map(Place::name).collect();
        assert_eq!(names.len(), all().count());
        for place in all() {
            assert_eq!(Place::of_link(&place.beside("#v=2&seed=2")), Some(place));
        }
        for name in ["breaks", "breaks.0", "breaks.99", "nowhere.1", ""] {
            assert_eq!(Place::parse(name), None, "{name}");
        }
    }

    #[test]
    fn one_goes_on_to_the_last_page_and_back_to_the_first() {
        let start = Tour::Operation.start();
        assert_eq!(start.back(), None);
        let way: Vec<Place> = std::iter::successors(Some(start), |place| place.next()).collect();
        assert_eq!(way.len(), pages::OPERATION.len());
        assert_eq!(way[1].back(), Some(start));
        assert_eq!(way[5].heading(), "Running the upgrade, 6 of 6");
    }

    fn done(place: Place, progress: &Progress) -> bool {
        place.page().unwrap().is_done(progress)
    }

    #[test]
    fn tours_follow_what_the_reader_does() {
        let nothing = Progress::default();
        let open: Vec<String> = all().filter(|&place| !done(place, &nothing)).map(Place::name).collect();
        let read = all().filter_map(Place::page).filter(|page| page.task.is_empty()).count();
        assert_eq!(
            open.len(),
            all().count() - read - 1,
            "{open:?}: all but what is read, and being at the newest moment"
        );
        let at = |name: &str, progress: &Progress| done(Place::parse(name).unwrap(), progress);
        assert!(at("breaks.2", &Progress { filter: Filter::Broken, ..Progress::default() }));
        let back = Progress { looking_back: true, ..Progress::default() };
        assert!(at("breaks.3", &back) && !at("breaks.4", &back));

        let mut progress = Progress { measured: true, method: "bt2".to_owned(), ..Progress::default() };
        assert!(at("method.1", &progress) && !at("method.2", &progress));
        progress.chosen = "independent".to_owned();
        assert!(at("method.2", &progress) && !at("method.3", &progress), "chosen is not run yet");
        progress.method = "independent".to_owned();
        assert!(at("method.3", &progress) && !at("method.5", &progress));
        progress.measured = false;
        assert!(!at("method.3", &progress), "nor is begun finished");
    }

    #[test]
    fn a_kind_has_its_tour_first_and_those_of_an_index_beside_it() {
        let names = |kind| Tour::suiting(kind).map(Tour::id).collect::<Vec<_>>();
        let general = ["breaks", "method", "operation"];
        assert_eq!(names(UpgradeKind::Retrain), general);
        assert_eq!(names(UpgradeKind::Stream), ["stream", "breaks", "method", "operation"]);
        assert!(Tour::ALL.iter().all(|tour| !tour.pages().is_empty()));
        let finished = Progress { finished: true, ..Progress::default() };
        assert!(done(Tour::Of(UpgradeKind::Generate).start(), &finished), "without a verdict");
    }

    #[test]
    fn the_operation_is_followed_step_by_step() {
        let mut log = half_way();
        log.scenario.as_mut().unwrap().stages[1].method = protocol::Choice::of("bt2");
        log.apply(&Event::ModelTrained { model: NEW, steps: 80, seconds: 2.0, parameters: 1, dims: 48 });
        let cells = vec![cell(OLD, OLD, 0.4), cell(NEW, OLD, 0.5), cell(NEW, NEW, 0.6)];
        log.apply(&Event::MatrixMeasured { cells, chance: rates(0.1) });
        let facts = Facts::of(&log, Upgrade::to_stage(2), &Catalogue::default());
        let mut progress = Progress { measured: true, ..Progress::default() };
        let mut place = Tour::Operation.start();
        let steps: [fn(&mut Operation, &Facts); 5] = [
            |operation, facts| operation.press(Act::Deploy, facts),
            |operation, facts| operation.press(Act::DualWrite, facts),
            |operation, facts| operation.backfill(100, facts),
            |operation, facts| operation.press(Act::CutOver, facts),
            |operation, facts| operation.press(Act::RollBack, facts),
        ];
        for step in steps {
            assert!(done(place, &progress), "{}", place.heading());
            place = place.next().unwrap();
            assert!(!done(place, &progress), "{}", place.heading());
            step(&mut progress.operation, &facts);
        }
        assert!(done(place, &progress) && place.next().is_none());
    }
}
