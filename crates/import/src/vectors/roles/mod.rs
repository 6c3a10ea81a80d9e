//! What is whose: arrays by model, and the ids, labels, tasks, texts and judgements beside them, by the words of their paths.

use std::collections::{BTreeMap, BTreeSet};

use super::Gathering;
use super::age;
use super::error::VectorsError;
use super::matrix::Matrix;
use super::naming::{self, Kind, Parsed, Part, Use, Word};
use super::things::{Body, Judgement, Names, Sets, Thing};
use crate::words;

/// A model of whose name nothing is left.
const UNNAMED: &str = "unnamed";

/// Everything that was found, by what it is for.
#[derive(Debug, Default)]
pub(super) struct Cast {
    pub models: Vec<Model>,
    pub beside: Vec<Beside>,
    pub judged: Vec<Judged>,
    pub refused: Vec<Refused>,
    /// Paths of what is of no use, and why.
    pub extras: Vec<(String, String)>,
}

#[derive(Debug)]
pub(super) struct Model {
    pub name: String,
    /// The words of its name.
    words: Vec<Word>,
    key: BTreeSet<String>,
    /// The path that it was said to be, where it was.
    forced: Option<String>,
    pub arrays: Vec<Placed>,
}

/// Vectors and what they are of.
#[derive(Debug)]
pub(super) struct Placed {
    pub path: String,
    pub bundle: Option<usize>,
    pub kind: Kind,
    pub part: Option<Part>,
    pub matrix: Matrix,
}

/// Ids, labels, tasks or texts.
#[derive(Debug)]
pub(super) struct Beside {
    pub path: String,
    pub bundle: Option<usize>,
    /// What its name says it is.
    pub used: Option<Use>,
    pub kind: Option<Kind>,
    pub part: Option<Part>,
    /// The model whose name is in its path, by its place.
    pub model: Option<usize>,
    pub list: List,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum List {
    Names(Names),
    Sets(Sets),
}

/// Judgements of one file.
#[derive(Debug)]
pub(super) struct Judged {
    pub path: String,
    pub part: Option<Part>,
    pub judgements: Vec<Judgement>,
}

/// Something that is not read.
#[derive(Debug)]
pub(super) struct Refused {
    pub path: String,
    pub fault: VectorsError,
    /// Whether its name says that it belongs to the rest.
    pub meant: bool,
}

/// Which two models it is about.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Pick {
    Two {
        old: usize,
        new: usize,
        /// How it is known which is old.
        why: String,
    },
    /// Names do not tell.
    Ask(String),
}

/// Sorts `things`.
pub(super) fn cast(things: Vec<Thing>, options: &Gathering) -> Cast {
    let mut cast = Cast::default();
    let (mut matrices, mut lists) = (Vec::new(), Vec::new());
    for Thing { path, bundle, body } in things {
        match body {
            Body::Matrix(matrix) => matrices.push((path, bundle, matrix)),
            Body::Names(names) => lists.push((path, bundle, List::Names(names))),
            Body::Sets(sets) => lists.push((path, bundle, List::Sets(sets))),
            Body::Judgements(judgements) => {
                let part = naming::parse(&path, &BTreeSet::new(), false).part;
                cast.judged.push(Judged { path, part, judgements });
            }
            Body::Refused(fault) => {
                let told = |word: &Word| naming::says_something(&word.lower) || age::of_word(&word.lower).is_some();
                // Of a form that is not read there may be anything beside the arrays, such as the texts.
                let form = matches!(fault, VectorsError::Form { .. } | VectorsError::Packed { .. });
                let meant = !form && naming::words(&path).iter().any(told);
                cast.refused.push(Refused { path, fault, meant });
            }
            Body::Extra(why) => cast.extras.push((path, why)),
        }
    }
    let common = common(matrices.iter().map(|(path, ..)| path.as_str()).filter(|path| forced(path, options).is_none()));
    let paths: Vec<&str> = matrices.iter().map(|(path, ..)| path.as_str()).collect();
    let weak = read(&paths, &common, true, options);
    let plain = read(&paths, &common, false, options);
    let readings = if !balanced(&weak) && balanced(&plain) { plain } else { weak };
    let mut models: BTreeMap<String, Model> = BTreeMap::new();
    for ((path, bundle, matrix), reading) in matrices.into_iter().zip(readings) {
        let Reading { parsed, key, words, forced } = reading;
        let model = models.entry(key.clone()).or_insert_with(|| Model {
            name: if words.is_empty() { UNNAMED.to_owned() } else { naming::joined(&words) },
            key: parsed.rest.iter().map(|word| word.lower.clone()).collect(),
            words,
            forced,
            arrays: Vec::new(),
        });
        let kind = parsed.kind.unwrap_or(Kind::Documents);
        model.arrays.push(Placed { path, bundle, kind, part: parsed.part, matrix });
    }
    cast.models = models.into_values().collect();
    name_apart(&mut cast.models);
    place(&mut cast, lists, &common, options);
    cast
}

/// What a path of vectors says.
struct Reading {
    parsed: Parsed,
    /// Equal for arrays of one model.
    key: String,
    /// The words of the model's name.
    words: Vec<Word>,
    forced: Option<String>,
}

fn read(paths: &[&str], common: &BTreeSet<String>, weak: bool, options: &Gathering) -> Vec<Reading> {
    let nothing = BTreeSet::new();
    let reading = |path: &&str| {
        if let Some((of, rest)) = forced(path, options) {
            let parsed = naming::parse(rest, &nothing, false);
            let own = naming::parse(of, &nothing, false).rest;
            let words = if own.is_empty() { naming::words(of) } else { own };
            return Reading { parsed, key: format!("/{of}"), words, forced: Some(of.to_owned()) };
        }
        let parsed = naming::parse(path, common, weak);
        let key: Vec<&str> = parsed.rest.iter().map(|word| word.lower.as_str()).collect();
        let key = key.join("-");
        let words = if age::is_only_age(&parsed.rest) {
            parsed.rest.clone()
        } else {
            // With words that others have too, of that part of the path that tells the model.
            let whole = naming::parse(path, &nothing, weak).rest;
            let last = whole.last().map(|word| word.component);
            let told = |word: &Word| match parsed.rest.is_empty() {
                true => Some(word.component) == last,
                false => parsed.rest.iter().any(|own| own.component == word.component),
            };
            naming::trimmed(whole.into_iter().filter(told).collect())
        };
        Reading { parsed, key, words, forced: None }
    };
    paths.iter().map(reading).collect()
}

/// Whether there are two models or more, each with documents.
fn balanced(readings: &[Reading]) -> bool {
    let mut documents: BTreeMap<&str, bool> = BTreeMap::new();
    for Reading { parsed, key, .. } in readings {
        *documents.entry(key).or_default() |= parsed.kind != Some(Kind::Queries);
    }
    documents.len() >= 2 && documents.values().all(|&has| has)
}

/// The words that are in all paths, where there are two or more.
fn common<'a>(paths: impl Iterator<Item = &'a str>) -> BTreeSet<String> {
    let mut all = paths.map(|path| naming::words(path).into_iter().map(|word| word.lower).collect::<BTreeSet<_>>());
    let (Some(first), Some(second)) = (all.next(), all.next()) else { return BTreeSet::new() };
    let mut common = all.fold(&first & &second, |common, words| &common & &words);
    // A folder called after all parts of a split says nothing of them, but its files do.
    common.retain(|word| !naming::is_part(word));
    common
}

/// The path that a model was said to be, where this path is it or lies in it; and what is left of this path.
fn forced<'a>(path: &'a str, options: &'a Gathering) -> Option<(&'a str, &'a str)> {
    [&options.old, &options.new].into_iter().flatten().find_map(|of| {
        let rest = path.strip_prefix(of.as_str()).filter(|_| !of.is_empty())?;
        match rest.strip_prefix('/') {
            Some(within) => Some((of.as_str(), within)),
            None => rest.is_empty().then_some((of.as_str(), path)),
        }
    })
}

/// Gives models of one name names by what they are told apart by.
fn name_apart(models: &mut [Model]) {
    let names: Vec<String> = models.iter().map(|model| model.name.clone()).collect();
    for model in models.iter_mut().filter(|model| names.iter().filter(|name| **name == model.name).count() > 1) {
        let key: Vec<&str> = model.key.iter().map(String::as_str).collect();
        model.name = match &model.forced {
            Some(path) => path.clone(),
            None if key.is_empty() => UNNAMED.to_owned(),
            None => key.join("-"),
        };
    }
}

/// Finds out whose the lists are.
fn place(cast: &mut Cast, lists: Vec<(String, Option<usize>, List)>, common: &BTreeSet<String>, options: &Gathering) {
    let arrays = || cast.models.iter().flat_map(|model| &model.arrays);
    let apart = arrays().any(|array| array.kind == Kind::Queries);
    let parts = arrays().any(|array| array.part.is_some());
    // Where all vectors are of queries, they are what is searched.
    let all_ask = !apart && common.iter().any(|word| naming::column(word).kind == Some(Kind::Queries));
    let mut beside = Vec::new();
    for (path, bundle, list) in lists {
        let within = forced(&path, options);
        let parsed = naming::parse(within.map_or(path.as_str(), |(_, rest)| rest), &BTreeSet::new(), false);
        if parsed.kind == Some(Kind::Queries) && !apart && !all_ask {
            cast.extras.push((path, "there are no vectors of queries".to_owned()));
            continue;
        }
        let model = match within {
            Some((of, _)) => cast.models.iter().position(|model| model.forced.as_deref() == Some(of)),
            None => whose(&path, &cast.models),
        };
        beside.push(Beside {
            used: naming::use_of(&path),
            kind: parsed.kind.filter(|_| apart),
            part: parsed.part.filter(|_| parts),
            model,
            path,
            bundle,
            list,
        });
    }
    cast.beside = beside;
}

/// The model all of whose words are in a path, or all of those that tell it from the others; of several, the one with most.
fn whose(path: &str, models: &[Model]) -> Option<usize> {
    let words: BTreeSet<String> = naming::words(path).into_iter().map(|word| word.lower).collect();
    let name = |model: &Model| model.words.iter().map(|word| word.lower.clone()).collect::<BTreeSet<_>>();
    let one = |keys: Vec<BTreeSet<String>>| {
        let fits = |key: &BTreeSet<String>| !key.is_empty() && key.is_subset(&words);
        let most = keys.iter().filter(|key| fits(key)).map(BTreeSet::len).max()?;
        let mut longest = keys.iter().enumerate().filter(|(_, key)| fits(key) && key.len() == most);
        let (first, _) = longest.next()?;
        longest.next().is_none().then_some(first)
    };
    one(models.iter().map(name).collect()).or_else(|| one(models.iter().map(|model| model.key.clone()).collect()))
}

/// Which model is old and which new.
///
/// # Errors
/// There are fewer than two, or the options name one that is not there.
pub(super) fn pick(models: &[Model], options: &Gathering) -> Result<Pick, VectorsError> {
    let names = || words::list(models.iter().map(|model| model.name.as_str()), "none");
    let named = |asked: &Option<String>| asked.as_deref().map(|asked| find(models, asked, &names)).transpose();
    let (old, new) = (named(&options.old)?, named(&options.new)?);
    if let (Some(old), Some(new)) = (old, new) {
        let asked = options.old.clone().unwrap_or_default();
        let why = "as was said".to_owned();
        return if old == new {
            Err(VectorsError::Same { asked, names: names() })
        } else {
            Ok(Pick::Two { old, new, why })
        };
    }
    if models.len() < 2 {
        let found = if models.is_empty() { "no model" } else { "only one model" };
        let arrays = models.iter().flat_map(|model| &model.arrays).map(|array| array.path.as_str());
        return Err(VectorsError::OneModel { found, names: words::list(arrays, "nothing") });
    }
    let others = |known: usize| (0..models.len()).filter(|&other| other != known).collect::<Vec<_>>();
    match (old.map(|old| (old, others(old))), new.map(|new| (new, others(new)))) {
        (Some((old, others)), _) => {
            if let &[new] = others.as_slice() {
                return Ok(Pick::Two { old, new, why: "as was said".to_owned() });
            }
            Ok(Pick::Ask(format!("{} models were found ({}); say which of them is the new one", models.len(), names())))
        }
        (None, Some((new, others))) => {
            if let &[old] = others.as_slice() {
                return Ok(Pick::Two { old, new, why: "as was said".to_owned() });
            }
            Ok(Pick::Ask(format!("{} models were found ({}); say which of them is the old one", models.len(), names())))
        }
        (None, None) => Ok(by_names(models)),
    }
}

/// Which is old by their names alone.
fn by_names(models: &[Model]) -> Pick {
    let sides = |wanted: std::cmp::Ordering| -> Vec<usize> {
        let said = |model: &Model| model.words.iter().any(|word| age::of_word(&word.lower) == Some(wanted));
        models.iter().enumerate().filter(|(_, model)| said(model)).map(|(at, _)| at).collect()
    };
    if let [first, second] = models {
        return match age::compare(&first.words, &second.words) {
            Some((order, why)) => {
                let (old, new) = if order.is_lt() { (0, 1) } else { (1, 0) };
                Pick::Two { old, new, why: why.to_owned() }
            }
            None => Pick::Ask(format!(
                "the names of {} and {} do not tell which is old and which is new",
                first.name, second.name
            )),
        };
    }
    match (sides(std::cmp::Ordering::Less).as_slice(), sides(std::cmp::Ordering::Greater).as_slice()) {
        (&[old], &[new]) if old != new => Pick::Two { old, new, why: "their names say old and new".to_owned() },
        _ => {
            let names = words::list(models.iter().map(|model| model.name.as_str()), "none");
            Pick::Ask(format!(
                "{} models were found ({names}); say which of them is old and which is new",
                models.len()
            ))
        }
    }
}

/// The model of this name or path; or the only one with these words in its name.
fn find(models: &[Model], asked: &str, names: &dyn Fn() -> String) -> Result<usize, VectorsError> {
    let lower = |words: &[Word]| words.iter().map(|word| word.lower.clone()).collect::<Vec<_>>();
    let wanted = lower(&naming::words(asked));
    let exact = models.iter().position(|model| {
        model.forced.as_deref() == Some(asked)
            || model.name == asked
            || !wanted.is_empty() && lower(&model.words) == wanted
    });
    if let Some(found) = exact {
        return Ok(found);
    }
    let has = |model: &Model| {
        !wanted.is_empty() && wanted.iter().all(|word| model.words.iter().any(|own| own.lower == *word))
    };
    let mut fitting = models.iter().enumerate().filter(|(_, model)| has(model));
    match (fitting.next(), fitting.next()) {
        (Some((found, _)), None) => Ok(found),
        _ => Err(VectorsError::NoSuchModel { asked: asked.to_owned(), names: names() }),
    }
}

#[cfg(test)]
mod tests;
