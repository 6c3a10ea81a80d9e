//! The library: every system of the catalogue by the kind of change that it makes, with what is claimed, what was found, and the way to
//! see it.

mod search;
#[cfg(test)]
mod tests;
mod way;

use protocol::{Catalogue, Finding, MethodCard, UpgradeKind};

use self::search::Ranked;
use super::claims::ClaimsView;

pub use way::{Way, comparison, way};

/// Systems of one kind of change.
#[derive(Clone, Debug, PartialEq)]
pub struct Shelf {
    /// The kind.
    pub kind: UpgradeKind,
    /// Its systems.
    pub entries: Vec<Entry>,
}

/// A system in a few words.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Id of the method.
    pub id: String,
    /// What a person reads.
    pub name: String,
    /// The idea, in a sentence.
    pub summary: String,
    /// What was found here of what is claimed.
    pub verdict: Verdict,
}

/// How many claims had which outcome here, in the order of [`Verdict::FINDINGS`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Verdict([usize; Self::FINDINGS.len()]);

/// What the search finds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Found {
    /// The shelves that have anything, the best first.
    pub shelves: Vec<Shelf>,
    /// Kinds of change that are asked for and of which there is no system yet.
    pub absent: Vec<UpgradeKind>,
    /// Whether no system has all words, so that what is found has some of them.
    pub partly: bool,
}

impl Verdict {
    /// What can be found, in the order of a summary.
    pub const FINDINGS: [Finding; 4] = [Finding::Holds, Finding::Fails, Finding::WithinNoise, Finding::NotMeasured];

    /// What the claims report has on a method.
    pub fn of(catalogue: &Catalogue, id: &str) -> Self {
        let rows = || catalogue.claims.rows.iter().filter(|row| row.method == id);
        Self(Self::FINDINGS.map(|finding| rows().filter(|row| row.finding == finding).count()))
    }

    /// Each outcome that there is, with how many claims had it.
    pub fn counts(self) -> impl Iterator<Item = (Finding, usize)> {
        Self::FINDINGS.into_iter().zip(self.0).filter(|(_, count)| *count > 0)
    }

    /// It in words, as in `2 hold, 1 within noise`.
    pub fn in_words(self) -> String {
        let word = |(finding, count): (Finding, usize)| match finding {
            Finding::Holds if count > 1 => format!("{count} hold"),
            Finding::Fails if count > 1 => format!("{count} do not hold"),
            finding => format!("{count} {}", finding.in_words()),
        };
        let words: Vec<String> = self.counts().map(word).collect();
        if words.is_empty() { "not judged yet".to_owned() } else { words.join(", ") }
    }
}

impl Entry {
    fn of(catalogue: &Catalogue, card: &MethodCard) -> Self {
        Self {
            id: card.id.clone(),
            name: card.name.clone(),
            summary: card.summary.clone(),
            verdict: Verdict::of(catalogue, &card.id),
        }
    }
}

impl Found {
    /// Everything there is if `query` is empty, else what it finds: a name, a paper, a word, or what a person says who has the problem.
    pub fn of(catalogue: &Catalogue, query: &str) -> Self {
        let Ranked { methods, whole, absent } = search::ranked(catalogue, query);
        let mut shelves: Vec<Shelf> = Vec::new();
        for card in methods {
            let entry = Entry::of(catalogue, card);
            match shelves.iter_mut().find(|shelf| shelf.kind == card.kind) {
                Some(shelf) => shelf.entries.push(entry),
                None => shelves.push(Shelf { kind: card.kind, entries: vec![entry] }),
            }
        }
        Self { shelves, absent, partly: !whole }
    }

    /// How many systems there are.
    pub fn count(&self) -> usize {
        self.shelves.iter().map(|shelf| shelf.entries.len()).sum()
    }

    /// The system at a place, counted over all shelves from 0.
    pub fn at(&self, place: usize) -> Option<&Entry> {
        self.shelves.iter().flat_map(|shelf| &shelf.entries).nth(place)
    }

    /// How much there is, in a sentence.
    pub fn in_words(&self) -> String {
        let systems = match self.count() {
            0 => "No system has these words".to_owned(),
            count if self.partly => format!("No system has all of these words; near them, the nearest first: {count}"),
            1 => "1 system".to_owned(),
            count => format!("{count} systems"),
        };
        let titles: Vec<&str> = self.absent.iter().map(|kind| kind.title()).collect();
        match titles.is_empty() {
            true => format!("{systems}."),
            false => format!("{systems}. Of this kind of change there is none yet: {}.", titles.join("; ")),
        }
    }
}

/// What a person says first who needs each kind of change of which there is a system.
pub fn problems(catalogue: &Catalogue) -> Vec<&'static str> {
    catalogue.kinds().filter_map(|kind| kind.problems().first().copied()).collect()
}

/// What stands beside the list about one system.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Detail {
    /// Name.
    pub name: String,
    /// The idea, in a sentence.
    pub summary: String,
    /// Where it comes from, in a sentence.
    pub source: String,
    /// Paper, use and judged claims.
    pub claims: ClaimsView,
    /// What its card claims, where nothing was judged yet.
    pub unjudged: Vec<String>,
}

impl Detail {
    /// What the catalogue knows of the method `id`.
    pub fn of(catalogue: &Catalogue, id: &str) -> Self {
        let Some(card) = catalogue.method(id) else { return Self::default() };
        let claims = ClaimsView::of(catalogue, id);
        let source = match (card.paper.is_empty(), card.analogue) {
            (true, _) => "A control or a baseline, without a paper of its own.".to_owned(),
            (false, false) => card.paper.clone(),
            (false, true) => {
                format!("An analogue: the mechanism of the paper on a task that fits here. {}", card.paper)
            }
        };
        let unjudged = card.claims.iter().map(|claim| claim.text.clone()).filter(|_| claims.lines.is_empty()).collect();
        Self { name: card.name.clone(), summary: card.summary.clone(), source, claims, unjudged }
    }
}
