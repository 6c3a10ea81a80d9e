//! Short tours of the page: what to look at, what to do there, and whether that was done.

use protocol::{view_setting, with_view_setting};

use super::operations::{Act, Operation};
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

const fn page(
    region: &'static str,
    title: &'static str,
    text: &'static str,
    task: &'static str,
    done: fn(&Progress) -> bool,
) -> Page {
    Page { region, title, text, task, done }
}

/// A page that is only read.
const fn read(region: &'static str, title: &'static str, text: &'static str) -> Page {
    page(region, title, text, "", |_| true)
}

static BREAKS: [Page; 5] = [
    page(
        "matrix",
        "New queries, old vectors",
        "The index holds vectors by the old model, v1. A row is the model that embeds the queries, a column the model that \
         indexed the items. In new/old, v2 asks the index as it is: that is the cross-test.",
        "Have a finished run on show, such as the recorded one of Extended class.",
        |it| it.measured,
    ),
    page(
        "strips",
        "Better on average, worse for some",
        "Even where new/old is above old/old, some queries that were answered rightly no longer are. These negative flips \
         are what users notice.",
        "Press \u{201c}newly broken\u{201d} and compare the rows old/old and new/old.",
        |it| it.filter == Filter::Broken,
    ),
    page(
        "transport",
        "When it broke",
        "Everything on the page can go back to any moment of the run. While v2 trains, queries break and are mended again; \
         the ledger beside the strips says at which step each one last turned.",
        "Drag the thumb on the progress bar back into the training of v2.",
        |it| it.looking_back,
    ),
    page(
        "curves",
        "The cross-test over the training",
        "The cross-test rises with the self-test of v2 only as far as the method ties both models together. The level of \
         old/old is what it has to get above.",
        "Press \u{201c}Newest\u{201d} below the progress bar.",
        |it| !it.looking_back,
    ),
    read(
        "matrix",
        "The verdict",
        "An upgrade is compatible if new/old is above old/old. Under the verdict stand its update gain, the share of the best \
         possible gain that arrives without re-indexing, and the rates of negative and positive flips.",
    ),
];

static METHOD: [Page; 6] = [
    page(
        "matrix",
        "Two models that never met",
        "v2* is the same model trained without regard to v1. It may be the better model, and still its queries find next to \
         nothing in the v1 gallery: the axes of one space mean nothing in the other.",
        "Have a finished run on show, such as the recorded one of Extended class.",
        |it| it.measured,
    ),
    page(
        "setup",
        "Take the method away",
        "The method says how the new model is tied to the old one while it trains. Independent ties nothing.",
        "Choose Independent as the method of v2.",
        |it| it.chosen == "independent",
    ),
    page(
        "transport",
        "Run it",
        "The run trains v1 and v2 in this page, which takes about half a minute at full speed. Watch new/old in the matrix.",
        "Press Reset, then Play, and wait for the verdict.",
        |it| it.measured && it.method == "independent",
    ),
    page(
        "setup",
        "Now with BT\u{b2}",
        "BT\u{b2} adds a few dims to the new vectors and turns the space so that its old part stays readable to v1.",
        "Choose BT\u{b2} as the method of v2.",
        |it| it.chosen == "bt2",
    ),
    page(
        "transport",
        "Run it again",
        "Same seed, same images, same start: what differs from the run before is the method alone.",
        "Press Reset, then Play, and wait for the verdict.",
        |it| it.measured && it.method == "bt2",
    ),
    read(
        "matrix",
        "What it bought",
        "With the method, new/old is above old/old at once, before a single item is re-embedded. The tax is what the self-test \
         of v2 loses against v2*: the price of staying compatible.",
    ),
];

static OPERATION: [Page; 6] = [
    page(
        "operations",
        "An index in use",
        "The bar shows whose vectors the index holds: hatched is v1. Beside it stands what queries find now, and what it took \
         to get there.",
        "Have a finished run on show, such as the recorded one of Extended class.",
        |it| it.measured,
    ),
    page(
        "operations",
        "Deploy",
        "From now on queries are embedded by v2, while all items are still by v1. With compatible models that is a gain from \
         the first query on; otherwise the page asks first.",
        "Press Deploy v2.",
        |it| it.operation.has(Act::Deploy),
    ),
    page(
        "operations",
        "Keep a way back",
        "With dual-write, re-embedded items keep their old vector as well. It costs storage and makes a rollback free. It has \
         to start before the backfill.",
        "Press Dual-write.",
        |it| it.operation.has(Act::DualWrite),
    ),
    page(
        "operations",
        "Backfill",
        "Item after item is embedded again by v2. What queries find at each share was measured, not interpolated; the order of \
         the items decides how early the gain comes.",
        "Move the slider to 50 % or more.",
        |it| it.operation.share() >= 50,
    ),
    page(
        "operations",
        "Cut over",
        "Once all items are by v2, the new index alone answers.",
        "Move the slider to 100 % and press Cut over.",
        |it| it.operation.has(Act::CutOver),
    ),
    page(
        "operations",
        "And back",
        "Something went wrong after the switch? With dual-write the old vectors are still there.",
        "Press Roll back, and see what it costs.",
        |it| it.operation.has(Act::RollBack),
    ),
];

impl Tour {
    /// All tours in their order.
    pub const ALL: [Self; 3] = [Self::Breaks, Self::Method, Self::Operation];

    /// Its name in links.
    fn id(self) -> &'static str {
        match self {
            Self::Breaks => "breaks",
            Self::Method => "method",
            Self::Operation => "operation",
        }
    }

    /// What a person reads.
    pub fn name(self) -> &'static str {
        match self {
            Self::Breaks => "What an upgrade breaks",
            Self::Method => "What a method buys",
            Self::Operation => "Running the upgrade",
        }
    }

    fn pages(self) -> &'static [Page] {
        match self {
            Self::Breaks => &BREAKS,
            Self::Method => &METHOD,
            Self::Operation => &OPERATION,
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
    use crate::view::chrome::operations::Facts;
    use crate::view::testing::{NEW, OLD, cell, half_way, rates};
    use crate::view::upgrade::Upgrade;

    fn all() -> impl Iterator<Item = Place> {
        let pages = |tour: Tour| (0..tour.pages().len()).map(move |page| Place { tour, page });
        Tour::ALL.into_iter().flat_map(pages)
    }

    #[test]
    fn every_page_is_short_and_speaks_of_a_region_that_is_outlined() {
        let style = include_str!("../../../style/tour.css");
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
            assert_eq!(Place::of_link(&place.beside("#v=1&seed=2")), Some(place));
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
        assert_eq!(way.len(), OPERATION.len());
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
        assert_eq!(open.len(), all().count() - 3, "{open:?}: all but what is read, and being at the newest moment");
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
