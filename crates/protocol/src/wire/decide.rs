//! What the page asks of the decider, which judges what to do when an embedding model is replaced, and what it answers.

use serde::{Deserialize, Serialize};

/// Files with the vectors of two models, and what is asked; they travel beside this message, in this order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DecideRequest {
    /// Names, with folders where they have any.
    pub names: Vec<String>,
    /// Which model is the old one, where it was asked.
    pub old: Option<String>,
    /// What is asked.
    pub settings: DecideSettings,
}

/// What is asked of two models.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct DecideSettings {
    /// How many documents a query is answered with.
    pub k: u32,
    /// What everything random follows from.
    pub seed: u32,
    /// Most documents; of more, so many are drawn by the seed.
    pub rows: u32,
    /// What embedding 1,000 documents or queries with the new model costs.
    pub price_new: Option<f64>,
    /// The same with the old model.
    pub price_old: Option<f64>,
}

impl Default for DecideSettings {
    fn default() -> Self {
        Self { k: 10, seed: 1, rows: 100_000, price_new: None, price_old: None }
    }
}

/// What the decider says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DecideAnswer {
    /// First message: it can listen now.
    Ready,
    /// How far it is.
    Progress {
        /// What is being done, in a few words.
        stage: String,
        /// How much of all is done, `0..=1`.
        share: f64,
    },
    /// It is not known which model is the old one.
    WhichIsOld {
        /// Names to choose from.
        models: Vec<String>,
        /// Why it is not known.
        why: String,
    },
    /// What follows; its files travel beside this message.
    Decided(Box<Decision>),
    /// Nothing came of it.
    Refused {
        /// Why, in a sentence.
        reason: String,
    },
}

/// A decision with all that it rests on. Plain text but for drawings.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Decision {
    /// Both models and what to do.
    pub title: String,
    /// What is said, part by part.
    pub sections: Vec<ReportSection>,
    /// What options answer to single queries.
    pub answers: Answers,
    /// Sentences on files that could not be written in some form.
    pub said: Vec<String>,
    /// Paths of the files, in this order.
    pub paths: Vec<String>,
}

/// What the main options answer to single queries.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Answers {
    /// What the options are called.
    pub options: Vec<String>,
    /// Id and text of each document that comes up.
    pub documents: Vec<(String, String)>,
    /// The queries.
    pub queries: Vec<Answered>,
}

/// A query with its answers. Documents are places among those of [`Answers`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Answered {
    /// Its id.
    pub id: String,
    /// What it says; empty where that is not known.
    pub text: String,
    /// What task it is of.
    pub task: Option<String>,
    /// Documents that are judged relevant, a few of them.
    pub relevant: Vec<u32>,
    /// The best documents of each option, each with whether it is relevant.
    pub found: Vec<Vec<(u32, bool)>>,
}

/// A part of a report under one title.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReportSection {
    /// What it is about.
    pub title: String,
    /// What it says.
    pub parts: Vec<ReportPart>,
}

/// What a part of a report says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReportPart {
    /// The sentence to read if only one is read.
    Lead(String),
    /// Sentences.
    Text(String),
    /// What a list is of, and its sentences.
    List(String, Vec<String>),
    /// Heads of the columns, and rows, the first cell of each its name; the last of a row of fewer cells goes over the columns that are left.
    Table(Vec<String>, Vec<Vec<String>>),
    /// A figure as HTML with SVG in it, which the decider made.
    Drawing(String),
}
