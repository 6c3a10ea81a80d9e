//! Vectors of two embedding models, with what is known of relevance, brought into the form that `decide` judges: a [`decide::Case`].
//!
//! The way through: [`gather`] opens what was handed in (`sources`) and looks at every file (`survey`, one module a form: `npy`, `tensors`,
//! `json`, `delimited`, `columns`, `qrels`, `lines`); finds out by names what is whose (`roles`, by `naming` and `age`) and by ids and places which
//! rows belong together (`parts`, `attach`, `join`); finds out what answers what (`relevance`), draws rows where there are too many
//! (`sample`), and only then reads the vectors of those rows (`bring`).
//!
//! * **Large files are read by parts**: an array is looked at by its header; of its values only the rows that are taken are held.
//! * **Which model is old is never guessed from the alphabet**: where names do not tell, it is asked for ([`Gathered::WhichIsOld`]).
//! * **Nothing is silent**: what was left out, drawn or taken for something is a sentence in the case's notices.

mod age;
mod attach;
mod bring;
mod columns;
mod delimited;
mod error;
mod join;
mod json;
mod limits;
mod lines;
mod matrix;
mod naming;
mod npy;
mod parts;
mod pile;
mod qrels;
mod records;
mod relevance;
mod roles;
mod sample;
mod sources;
mod survey;
mod tensors;
mod things;

#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;

use decide::Case;
use protocol::{ImportProgress, ImportStage};

pub use error::VectorsError;
pub use sources::{Seekable, Source};

use crate::file::NamedFile;
use crate::words;
use pile::Pile;
use relevance::Question;
use roles::{Cast, Pick};
use sources::Store;

/// How to gather vectors.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gathering {
    /// Name of the old model, or the path of its file or folder; `None` where names are to tell.
    pub old: Option<String>,
    /// The same of the new model.
    pub new: Option<String>,
    /// Most documents; of more, so many are drawn by seed.
    pub rows: usize,
    /// What everything random follows from.
    pub seed: u64,
}

impl Default for Gathering {
    fn default() -> Self {
        Self { old: None, new: None, rows: 100_000, seed: 1 }
    }
}

/// What came of it.
#[derive(Clone, Debug, PartialEq)]
#[allow(clippy::large_enum_variant, reason = "one is made of all files, and taken apart at once")]
pub enum Gathered {
    /// A question that can be decided.
    Case {
        /// The question.
        case: Case,
        /// Whether rows were joined by ids that each model has of its own, or were records of one file.
        with_ids: bool,
    },
    /// It is not known which model is the old one.
    WhichIsOld {
        /// Names of the models that were found, to choose from.
        models: Vec<String>,
        /// Why it is not known, in words that can stand alone.
        why: String,
    },
}

/// What is done at a stage of gathering, in a few words.
pub fn stage_in_words(stage: ImportStage) -> &'static str {
    match stage {
        ImportStage::Reading => "looking at the files",
        ImportStage::Unpacking | ImportStage::Packing => "reading the vectors",
    }
}

/// Gathers the vectors of two models out of `files`: `.npy`, `.npz`, `.safetensors`, Parquet, Arrow, JSON and JSON lines, CSV and TSV, also
/// in a zip or packed with gzip, with ids, labels and judgements of relevance beside them. `tell` hears how far it is.
///
/// # Errors
/// A file is damaged or of a form that is not read, there are not two models, or their rows do not belong together.
pub fn gather(
    files: Vec<NamedFile>,
    options: &Gathering,
    tell: &mut dyn FnMut(ImportProgress),
) -> Result<Gathered, VectorsError> {
    gather_from(files.into_iter().map(Source::from).collect(), options, tell)
}

/// The same of files that need not be in memory: they are opened as often as they are read.
///
/// # Errors
/// As [`gather`].
pub fn gather_from(
    sources: Vec<Source>,
    options: &Gathering,
    tell: &mut dyn FnMut(ImportProgress),
) -> Result<Gathered, VectorsError> {
    let mut notices = Vec::new();
    let mut store = Store::new(sources, &mut notices)?;
    let (things, others) = survey::survey(&mut store, tell)?;
    let mut cast = roles::cast(things, options);
    let refused = cast.refused.iter().find(|refused| refused.meant);
    if let Some(refused) = refused {
        return Err(refused.fault.clone());
    }
    let (old, new, why) = match roles::pick(&cast.models, options) {
        Ok(Pick::Two { old, new, why }) => (old, new, why),
        Ok(Pick::Ask(why)) => {
            let models = cast.models.iter().map(|model| model.name.clone()).collect();
            return Ok(Gathered::WhichIsOld { models, why });
        }
        Err(fault) => return Err(without_models(fault, cast, &store)),
    };
    notices.extend(left_out(&cast, [old, new], &others));
    let mut models: Vec<Option<roles::Model>> = std::mem::take(&mut cast.models).into_iter().map(Some).collect();
    let mut model = |at: usize| models.get_mut(at).and_then(Option::take);
    let (Some(first), Some(second)) = (model(old), model(new)) else {
        return Err(VectorsError::OneModel { found: "only one model", names: why });
    };
    let names = [first.name.clone(), second.name.clone()];
    let [first_name, second_name] = &names;
    notices.insert(0, format!("The old model is {first_name} and the new one {second_name}: {why}."));
    let pairs = parts::pairs(first, second, &mut cast.beside, &mut notices)?;
    let dims = bring::dims(&pairs, &names)?;
    let attachment = attach::attach(&pairs, &cast.beside, [old, new], &mut notices)?;
    let joined = join::join(&pairs, &cast.beside, &attachment, &mut notices)?;
    notices.extend(join::repeated(&cast.beside, &attachment));
    let with_ids = joined.with_ids;
    let mut question = relevance::resolve(joined, &pairs, cast.judged, options.seed, &mut notices)?;
    sample::sample(&mut question, options.rows, options.seed, &mut notices);
    let most = fitting(&question, dims);
    sample::sample(&mut question, most, options.seed, &mut notices);
    let case = bring::bring(&mut store, &pairs, question, names, dims, notices, tell)?;
    Ok(Gathered::Case { case, with_ids })
}

/// As many documents as can be held beside the queries.
fn fitting(question: &Question, dims: [usize; 2]) -> usize {
    let width = dims.iter().sum::<usize>().max(1);
    let queries = question.queries.as_ref().map_or(0, Pile::len);
    (limits::NUMBERS / width).saturating_sub(queries).max(2)
}

/// Why there are not two models: what is refused comes before that.
fn without_models(fault: VectorsError, cast: Cast, store: &Store) -> VectorsError {
    match cast.refused.into_iter().next() {
        Some(refused) => refused.fault,
        None if cast.models.is_empty() => {
            let found = (0..store.len()).map(|at| store.path(at));
            VectorsError::Nothing { found: words::list(found, "nothing") }
        }
        None => fault,
    }
}

/// Sentences on what was left out: models, arrays and files.
fn left_out(cast: &Cast, taken: [usize; 2], others: &[String]) -> Vec<String> {
    let models =
        cast.models.iter().enumerate().filter(|(at, _)| !taken.contains(at)).map(|(_, model)| model.name.as_str());
    let models = words::list(models, "");
    let models = (!models.is_empty()).then(|| format!("Other models were left out: {models}."));
    let refused = cast.refused.iter().map(|refused| format!("{} was left out: {}.", refused.path, refused.fault));
    let extras = cast.extras.iter().map(|(path, why)| format!("{path} was left out: {why}."));
    let files = words::list(others.iter().map(String::as_str), "");
    let files = (!files.is_empty()).then(|| format!("Of no form that is read here, so left out: {files}."));
    models.into_iter().chain(refused).chain(extras).chain(files).collect()
}
