//! What a report says, section by section, whatever it is written in.

use std::borrow::Cow;

use super::{asked_text, ids, svg, tables, words};
use crate::doctor::{Pairing, PairingVerdict, Severity};
use crate::options::OptionRow;
use crate::study::Study;
use crate::verdict::Verdict;
use crate::{Case, Similarity};

/// At most so many queries of an option are named; JSON and CSV have them all.
const NAMED: usize = 10;

/// Letters of a query that are quoted.
const LONGEST: usize = 60;

/// A part of the report under one title.
#[derive(Clone, Debug, PartialEq)]
pub struct Section {
    /// What it is about, with both models.
    pub title: String,
    /// What it says.
    pub parts: Vec<Part>,
}

/// What a section says. Plain text but for drawings: whoever writes it down escapes it.
#[derive(Clone, Debug, PartialEq)]
pub enum Part {
    /// The sentence to read if only one is read.
    Lead(String),
    /// Sentences.
    Text(String),
    /// What a list is of, and its sentences.
    List(String, Vec<String>),
    /// Numbers.
    Table(Table),
    /// A figure with its caption as HTML with SVG in it, in which everything is escaped already.
    Drawing(String),
}

/// Cells row by row, the first of each row its name.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    /// What the columns are.
    pub head: Vec<String>,
    /// As many cells as there are columns; the last cell of a row that has fewer goes over all columns that are left.
    pub rows: Vec<Vec<String>>,
}

/// The title of the whole report.
pub(super) fn title(study: &Study, verdict: &Verdict) -> String {
    format!("{} \u{2192} {}: {}", study.old, study.new, verdict.decision.name())
}

/// All sections that there is anything to say in. Every title names both models, since a report is quoted in parts.
pub(super) fn sections(study: &Study, verdict: &Verdict, case: &Case) -> Vec<Section> {
    let sections = [
        Some(decision(study, verdict)),
        Some(options(study)),
        tasks(study),
        changed(study, case),
        Some(doctor(study)),
        mixed(study),
        thresholds(study),
        pairs(study),
        Some(settings(study, case)),
    ];
    sections.into_iter().flatten().collect()
}

fn section(study: &Study, what: &str, parts: Vec<Part>) -> Section {
    Section { title: format!("{what}, {} \u{2192} {}", study.old, study.new), parts }
}

fn text(text: impl Into<String>) -> Part {
    Part::Text(text.into())
}

/// A list, unless there is nothing in it.
fn list(of: &str, sentences: Vec<String>) -> Option<Part> {
    (!sentences.is_empty()).then(|| Part::List(of.to_owned(), sentences))
}

fn decision(study: &Study, verdict: &Verdict) -> Section {
    let mut parts = vec![Part::Lead(verdict.headline.clone())];
    parts.extend(verdict.provisional.as_ref().map(|why| text(format!("This is provisional. {why}"))));
    parts.extend(list("Because", verdict.because.clone()));
    parts.extend(list("What would change it", verdict.would_change.clone()));
    section(study, "Decision", parts)
}

fn options(study: &Study) -> Section {
    let over = match study.judged {
        0 => "the queries that were asked".to_owned(),
        judged => words::counted(judged, "judged query", "judged queries"),
    };
    let metric = study.deciding.name(study.k);
    let intervals = format!(
        "In brackets stand 95 % intervals over {over}. {metric} decides. A share of the gain is what an option gains over staying, \
         divided by what the full re-index gains over it; its retention is its score divided by that of the full re-index."
    );
    let timed = study.rows.iter().any(|row| row.cost.milliseconds.is_some()).then(|| {
        text(
            "Times are of the machine that decided, for 64 queries at once: what mapping and re-scoring a query take, without embedding and \
             searching.",
        )
    });
    let table = Part::Table(tables::options(study));
    let parts = [Some(text(intervals)), svg::options(study).map(Part::Drawing), Some(table), timed];
    section(study, "Options", parts.into_iter().flatten().collect())
}

/// The main options task by task.
fn tasks(study: &Study) -> Option<Section> {
    let table = tables::tasks(study)?;
    let what = format!(
        "{} by task, with the gain over staying. A decision holds for the tasks that it was made of.",
        study.deciding.name(study.k)
    );
    Some(section(study, "By task", vec![text(what), Part::Table(table)]))
}

/// The queries that each option breaks and fixes, by what they say where that is known, and by id.
fn changed(study: &Study, case: &Case) -> Option<Section> {
    let named = |what: &str, places: &[usize]| {
        let name = |(id, &place): (Cow<'_, str>, &usize)| match asked_text(case, place) {
            Some(text) => format!("{} ({id})", words::quoted(text, LONGEST)),
            None => id.into_owned(),
        };
        let names: Vec<String> = ids(case, places).zip(places).map(name).collect();
        let listed = words::list(names.iter().map(String::as_str), NAMED);
        (!names.is_empty()).then(|| format!("{what} {}: {listed}", words::count(names.len())))
    };
    let sentence = |row: &OptionRow| {
        let both = [named("newly breaks", &row.newly_broken), named("newly fixes", &row.newly_fixed)];
        let both: Vec<String> = both.into_iter().flatten().collect();
        (!both.is_empty()).then(|| format!("{}: {}.", row.name, both.join("; ")))
    };
    let list = list("Queries, against the old system", study.rows.iter().filter_map(sentence).collect())?;
    Some(section(study, "Newly broken and newly fixed", vec![list]))
}

fn doctor(study: &Study) -> Section {
    let examination = &study.examination;
    let similarity = match examination.similarity {
        Similarity::Cosine => "Rows are compared by the cosine.",
        Similarity::InnerProduct => "Rows are compared by the inner product.",
    };
    let mut parts = vec![text(similarity)];
    if !examination.models.is_empty() {
        parts.push(Part::Table(tables::health(study)));
    }
    parts.extend(examination.pairing.map(|pairing| text(paired(pairing))));
    let mixtures = examination
        .models
        .iter()
        .filter_map(|model| Some(format!("{}, {}: {}", model.model, model.what, model.two_models.as_ref()?)));
    let findings = examination.findings.iter().map(|finding| {
        let severity = match finding.severity {
            Severity::Note => "Note",
            Severity::Warning => "Warning",
            Severity::Refusal => "Refused",
        };
        format!("{severity}: {}", finding.sentence)
    });
    parts.extend(list("Findings", findings.chain(mixtures).collect()));
    section(study, "Doctor", parts)
}

fn paired(Pairing { cka, neighbours, chance, best_shift, verdict }: Pairing) -> String {
    let verdict = match verdict {
        PairingVerdict::Paired => "row by row they belong together",
        PairingVerdict::Unsure => "whether they belong together row by row is not clear",
        PairingVerdict::Unrelated => "row by row they do not seem to belong together",
        PairingVerdict::Shifted => "they seem to be shifted against each other",
    };
    let shift = best_shift.map_or_else(String::new, |rows| format!(" by {rows} rows"));
    format!(
        "The two models' rows: debiased CKA {}, {} of the nearest neighbours in common ({} by chance); {verdict}{shift}.",
        words::number(cka),
        words::number(neighbours),
        words::number(chance)
    )
}

fn mixed(study: &Study) -> Option<Section> {
    let table = tables::mixed(study)?;
    let what = "While documents are re-embedded in random order, results of both models are merged. Raw scores of two models are \
                rarely on one scale; calibrated ones are z-scores of each query and model, which need no judgements.";
    let parts = [Some(text(what)), svg::mixed(study).map(Part::Drawing), Some(Part::Table(table))];
    Some(section(study, "Half-migrated index", parts.into_iter().flatten().collect()))
}

fn thresholds(study: &Study) -> Option<Section> {
    let thresholds = study.thresholds.as_ref()?;
    let target = words::share(thresholds.target);
    let cuts =
        format!("Cut-offs on the score of the best document, above which {target} of the answers are to be right.");
    let mut parts = vec![text(thresholds.sentence.as_str()), text(cuts), Part::Table(tables::thresholds(thresholds))];
    if let Some(faces) = &thresholds.faces {
        parts.push(text("True accepts (TAR) at a rate of false accepts (FAR), over pairs of documents:"));
        parts.push(Part::Table(tables::faces(faces)));
    }
    Some(section(study, "Thresholds", parts))
}

fn pairs(study: &Study) -> Option<Section> {
    let table = tables::pairs(study)?;
    let what = "What a bridge scores that is fitted on so many pairs, none of which judges it.";
    Some(section(study, "How many pairs", vec![text(what), Part::Table(table)]))
}

fn settings(study: &Study, case: &Case) -> Section {
    let mut parts = vec![text(study.relevance.as_str()), Part::Table(tables::settings(study))];
    let further = case.notices.iter().filter(|notice| !study.notices.contains(notice));
    parts.extend(list("Notices", study.notices.iter().chain(further).cloned().collect()));
    section(study, "Settings", parts)
}
