//! The browser glue around `decide`: the vectors of two models in, a decision with its report and files out. A program of its own, loaded when
//! somebody asks, and ended when they think better of it.

mod slices;

use decide::options::{Prices, Settings};
use decide::report::{self, Part, Section};
use import::vectors::{Gathered, Gathering, Source, gather_from, stage_in_words};
use protocol::{Answered, Answers, DecideAnswer, DecideRequest, DecideSettings, Decision, ReportPart, ReportSection};
use web_sys::{DedicatedWorkerGlobalScope, File};

use crate::errand::{Said, Teller, listen};
use slices::Slices;

/// Share of all that is done when the vectors are there.
const GATHERED: f64 = 0.2;

/// Starts the worker: it listens until it is terminated.
pub fn start() {
    listen(
        DecideAnswer::Ready,
        |reason| DecideAnswer::Refused { reason },
        |port, request, files| {
            answer(port, request, files).unwrap_or_else(|reason| (DecideAnswer::Refused { reason }, Vec::new()))
        },
    );
}

fn answer(
    port: &DedicatedWorkerGlobalScope,
    request: DecideRequest,
    files: &[File],
) -> Result<Said<DecideAnswer>, String> {
    let mut teller = Teller::new(port);
    let mut tell = |stage: &str, share: f64| {
        teller.tell(stage, || DecideAnswer::Progress { stage: stage.to_owned(), share });
    };
    let DecideRequest { names, old, settings: asked } = request;
    let sources = names.into_iter().zip(files).map(|(name, file)| {
        let file = file.clone();
        Source::new(name, move || Ok(Box::new(Slices::of(&file)?)))
    });
    let gathering = Gathering { old, new: None, rows: asked.rows as usize, seed: u64::from(asked.seed) };
    let gathered = gather_from(sources.collect(), &gathering, &mut |progress| {
        tell(stage_in_words(progress.stage), GATHERED * progress.share);
    });
    let (case, with_ids) = match gathered.map_err(|error| error.to_string())? {
        Gathered::Case { case, with_ids } => (case, with_ids),
        Gathered::WhichIsOld { models, why } => return Ok((DecideAnswer::WhichIsOld { models, why }, Vec::new())),
    };
    let settings = settings(asked);
    let studied = decide::study::study(&case, with_ids, &settings, &mut |stage, share| {
        tell(stage, GATHERED + (1.0 - GATHERED) * share);
        Ok(())
    });
    let (mut study, kept) = studied.map_err(|error| error.to_string())?;
    let timed = decide::study::timed(&mut study, &kept, &case, &mut js_sys::Date::now);
    timed.map_err(|error| error.to_string())?;
    let verdict = decide::verdict::verdict(&study, &settings);
    let mut left = decide::files::files(&case, &study, &kept, &verdict).map_err(|error| error.to_string())?;
    let archive = decide::files::archive(&left.files).map_err(|error| error.to_string())?;
    left.files.extend(archive);
    let (title, sections) = report::sections(&study, &verdict, &case);
    let (paths, contents) = left.files.into_iter().unzip();
    let sections = sections.into_iter().map(section).collect();
    let answers = in_wire(decide::answers::answers(&study, &kept, &case, verdict.bridge.as_ref()));
    Ok((DecideAnswer::Decided(Box::new(Decision { title, sections, answers, said: left.said, paths })), contents))
}

fn in_wire(answers: decide::answers::Answers) -> Answers {
    let query = |query: decide::answers::Answered| {
        let decide::answers::Answered { id, text, task, relevant, found } = query;
        Answered { id, text, task, relevant, found }
    };
    Answers {
        options: answers.options,
        documents: answers.documents.into_iter().map(|document| (document.id, document.text)).collect(),
        queries: answers.queries.into_iter().map(query).collect(),
    }
}

/// What a study goes by.
fn settings(asked: DecideSettings) -> Settings {
    let prices = Prices { new_per_1000: asked.price_new, old_per_1000: asked.price_old };
    Settings { k: asked.k as usize, seed: u64::from(asked.seed), prices, ..Settings::default() }
}

fn section(Section { title, parts }: Section) -> ReportSection {
    let part = |part| match part {
        Part::Lead(sentence) => ReportPart::Lead(sentence),
        Part::Text(sentence) => ReportPart::Text(sentence),
        Part::List(of, sentences) => ReportPart::List(of, sentences),
        Part::Table(table) => ReportPart::Table(table.head, table.rows),
        Part::Drawing(figure) => ReportPart::Drawing(figure),
    };
    ReportSection { title, parts: parts.into_iter().map(part).collect() }
}
