//! The text below the instruments, part by part: what an upgrade breaks and what may save it. It stands in `public/article.md`, which the page
//! fetches when a reader comes near. Each part is about a recorded run; its numbers and its figure are made of that run, and it can set
//! the page to what it speaks of.

mod figure;
mod number;

use std::collections::BTreeMap;

use protocol::{Catalogue, ModelId, RunLog, UpgradeKind};

pub use figure::{Bar, Figure, FigureCell, FigureStrips, FigureTable};

use super::claims::{ClaimLine, named};
use super::instrument::Instrument;
use super::sections::{Piece, Section, pieces};
use crate::view::instruments::curves::Kind;
use crate::view::instruments::strips::Filter;

/// A part of the article.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    section: Section,
    /// Its place, from 1.
    pub number: usize,
    /// The paragraphs.
    pub paragraphs: Vec<Vec<Piece>>,
}

/// How a part wants the page.
#[derive(Clone, Debug, PartialEq)]
pub struct Scene {
    /// The preset whose recorded run is shown.
    pub run: String,
    /// Class of the region that it speaks of.
    pub region: String,
    /// The panel that has all the room.
    pub large: Option<Instrument>,
    /// The moment, as the step of a model; none is the newest.
    pub moment: Option<(ModelId, u32)>,
    /// The stage, from 0; none is the last.
    pub stage: Option<usize>,
    /// Which queries the strips step through.
    pub filter: Filter,
    /// Which curves there are.
    pub curves: Kind,
    /// Percent of the index that is re-embedded, once the new model is deployed.
    pub index: Option<u8>,
}

/// What a part says of the page while the page is set to it.
#[derive(Clone, Debug, PartialEq)]
pub struct Spot {
    /// The part.
    pub id: String,
    /// What it is called.
    pub title: String,
    /// What to look at.
    pub look: String,
    /// Class of the region that it speaks of.
    pub region: String,
}

/// What a part needs of its run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Drawn {
    /// Its numbers by what they are called.
    pub numbers: BTreeMap<String, String>,
    /// Its figure.
    pub figure: Option<Figure>,
}

impl Part {
    /// The parts of a text, in their order.
    pub fn all(sections: Vec<Section>) -> Vec<Self> {
        let part = |(at, section): (usize, Section)| Self {
            number: at + 1,
            paragraphs: section.paragraphs.iter().map(|text| pieces(text)).collect(),
            section,
        };
        sections.into_iter().enumerate().map(part).collect()
    }

    /// Its name.
    pub fn id(&self) -> &str {
        &self.section.id
    }

    /// What stands above it.
    pub fn title(&self) -> &str {
        &self.section.title
    }

    /// The preset whose recorded run it is about.
    pub fn run(&self) -> &str {
        self.setting("run")
    }

    /// What stands below its figure.
    pub fn caption(&self) -> Vec<Piece> {
        pieces(self.setting("caption"))
    }

    /// The kind of change that it is about.
    pub fn kind(&self) -> UpgradeKind {
        self.section.setting("kind").and_then(UpgradeKind::of_word).unwrap_or_default()
    }

    /// How it wants the page.
    pub fn scene(&self) -> Scene {
        let setting = |key| self.section.setting(key);
        let moment = |text: &str| {
            let (model, step) = text.split_once(' ')?;
            Some((model.parse().ok()?, step.parse().ok()?))
        };
        Scene {
            run: self.run().to_owned(),
            region: self.setting("region").to_owned(),
            large: setting("large").and_then(Instrument::of_word),
            moment: setting("at").and_then(moment),
            stage: setting("stage").and_then(|stage| stage.parse::<usize>().ok()?.checked_sub(1)),
            filter: setting("filter").and_then(figure::filter_of).unwrap_or_default(),
            curves: setting("curves").and_then(figure::curves_of).unwrap_or_default(),
            index: setting("index").and_then(|percent| percent.parse().ok()),
        }
    }

    /// What it says of the page while the page is set to it.
    pub fn spot(&self) -> Spot {
        let of = |key| self.setting(key).to_owned();
        Spot { id: self.id().to_owned(), title: self.title().to_owned(), look: of("look"), region: of("region") }
    }

    /// The claims that it leans on, as they were judged.
    pub fn claims(&self, catalogue: &Catalogue) -> Vec<ClaimLine> {
        named(catalogue, self.leans_on().map(|(id, _)| id))
    }

    /// The names of these claims, each with what the text takes for found.
    fn leans_on(&self) -> impl Iterator<Item = (&str, &str)> {
        let claims = self.setting("claims").split(", ").filter(|claim| !claim.is_empty());
        claims.map(|claim| claim.split_once(' ').unwrap_or((claim, "")))
    }

    /// What it needs of its run.
    pub fn drawn(&self, log: &RunLog) -> Drawn {
        let told = |piece: &Piece| match piece {
            Piece::Number(what) => Some((what.clone(), number::amount(what, log)?.told())),
            Piece::Words(_) | Piece::Term(..) => None,
        };
        let caption = self.caption();
        let numbers = self.paragraphs.iter().flatten().chain(&caption).filter_map(told).collect();
        Drawn { numbers, figure: Figure::of(&self.section, log) }
    }

    fn setting(&self, key: &str) -> &str {
        self.section.setting(key).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests;
