//! Embeddings by several models and their labels, in arrays whose names say which is which.

pub(super) mod matrix;
pub(super) mod naming;
pub(super) mod npy;
mod tensors;

use std::collections::BTreeMap;

use data::{Counted, DataError, ImageShape};
use protocol::GivenModel;

use crate::dataset::made::{Class, Made};
use crate::dataset::select::{Bounds, Gathered, Selection};
use crate::error::{EmbeddingsError, ImportError};
use crate::input::path::{Part, has_extension};
use crate::input::store::Store;
use crate::{limits, words};

use matrix::{Array, Head, Labels, Sort, Values};
use naming::{Named, Role};

const DIMS: Counted = Counted { what: "numbers of an embedding", remedy: "hand in shorter ones" };

/// Something of every part that is named, or of all rows.
type Parts<T> = BTreeMap<Option<Part>, T>;

/// Embeddings by one model.
struct Model {
    name: String,
    dims: usize,
    parts: Parts<Matrix>,
}

/// Rows of numbers, `[rows, dims]`.
struct Matrix {
    path: String,
    rows: usize,
    dims: usize,
    numbers: Vec<f32>,
}

/// Labels and the path that they were read from.
struct Said {
    path: String,
    labels: Labels,
    by_name: bool,
}

/// Reads the arrays at `indices` and puts the embeddings of all models side by side, oldest model first.
pub(crate) fn read(store: &mut Store, indices: &[usize], notices: &mut Vec<String>) -> Result<Made<f32>, ImportError> {
    let mut arrays = Vec::new();
    for &index in indices {
        let path = store.path(index).to_owned();
        let bytes = store.read(index, limits::ARRAY_BYTES)?;
        if has_extension(&path, ".safetensors") || has_extension(&path, ".safetensors.gz") {
            arrays.extend(tensors::read(&path, &bytes)?);
        } else {
            arrays.push(npy::read(&path, &bytes)?);
        }
    }
    // Names within files too, so that it is no matter which file an array came in.
    arrays.sort_by(|a, b| a.head.path.cmp(&b.head.path));
    finish(naming::name(arrays), notices)
}

fn finish(arrays: Vec<Named>, notices: &mut Vec<String>) -> Result<Made<f32>, ImportError> {
    let path =
        |with: bool| arrays.iter().find(|named| named.part.is_some() == with).map(|named| &named.array.head.path);
    if let (Some(with), Some(without)) = (path(true), path(false)) {
        return Err(EmbeddingsError::Parts { with: with.clone(), without: without.clone() }.into());
    }
    let (labels, models) = sort(arrays)?;
    let labels = agreed(labels, notices)?;
    check_count(&models, &labels)?;
    let models = complete(models, &labels)?;
    check_numbers(&models)?;

    let given = |model: &Model| Ok(GivenModel { name: model.name.clone(), dims: DIMS.count(model.dims)? });
    let given: Vec<GivenModel> = models.iter().map(given).collect::<Result<_, DataError>>()?;
    let list: Vec<String> = given.iter().map(|model| format!("{} ({} dims)", model.name, model.dims)).collect();
    notices.push(format!(
        "Models, oldest first: {}. Where that is not their order, name them old and new, or v1, v2 and so on.",
        list.join(", ")
    ));

    let width = models.iter().map(|model| model.dims).sum();
    let mut gathered = Gathered::new();
    for (&part, said) in &labels {
        for (row, label) in said.labels.iter().enumerate() {
            gathered.add(label, part, (part, row));
        }
    }
    let Selection { classes, sampling } = gathered.select(Bounds::rows(width), "the arrays", notices)?;
    let row = |(part, row): (Option<Part>, usize)| {
        let matrices = models.iter().filter_map(|model| model.parts.get(&part));
        matrices.flat_map(|matrix| matrix.row(row)).copied().collect()
    };
    let rows = |items: Vec<(Option<Part>, usize)>| items.into_iter().map(row).collect();
    let classes =
        classes.into_iter().map(|Class { name, train, test }| Class { name, train: rows(train), test: rows(test) });
    Ok(Made { shape: ImageShape { channels: 1, height: 1, width }, classes: classes.collect(), sampling, given })
}

/// Labels by part, and embeddings by model and part.
type Sorted = (Parts<Vec<Said>>, BTreeMap<String, Parts<Matrix>>);

fn sort(arrays: Vec<Named>) -> Result<Sorted, EmbeddingsError> {
    let (mut labels, mut models) = (Parts::<Vec<Said>>::new(), BTreeMap::<String, Parts<Matrix>>::new());
    for Named { array: Array { head, values }, part, role } in arrays {
        match (role, values) {
            (Role::Labels { by_name }, Values::Labels(read)) => {
                labels.entry(part).or_default().push(Said { path: head.path, labels: read, by_name });
            }
            (Role::Labels { .. }, _) => return Err(no_labels(head)),
            (Role::Model(model), Values::Rows { rows, dims, numbers }) => {
                let matrix = Matrix { path: head.path, rows, dims, numbers };
                let parts = models.entry(model.clone()).or_default();
                if let Some(first) = parts.get(&part) {
                    let (first, second) = (first.path.clone(), matrix.path);
                    return Err(EmbeddingsError::Twice { model, part: adjective(part), first, second });
                }
                parts.insert(part, matrix);
            }
            (Role::Model(_), _) => return Err(no_embeddings(head)),
        }
    }
    Ok((labels, models))
}

/// Why an array that is named after labels holds none.
pub(super) fn no_labels(Head { path, shape, dtype, sort }: Head) -> EmbeddingsError {
    match sort {
        Sort::Names => EmbeddingsError::LabelRank { path, shape },
        Sort::Numbers | Sort::Other => EmbeddingsError::LabelDtype { path, dtype },
    }
}

fn no_embeddings(Head { path, shape, dtype, sort }: Head) -> EmbeddingsError {
    match sort {
        Sort::Numbers => EmbeddingsError::Rank { path, shape },
        Sort::Names | Sort::Other => EmbeddingsError::Dtype { path, dtype },
    }
}

/// The one array of labels of every part. Those that are labels by name come before those that only look like some.
fn agreed(labels: Parts<Vec<Said>>, notices: &mut Vec<String>) -> Result<Parts<Said>, EmbeddingsError> {
    let mut agreed = Parts::new();
    let mut left = Vec::new();
    for (part, said) in labels {
        let (named, others): (Vec<Said>, Vec<Said>) = said.into_iter().partition(|said| said.by_name);
        let mut taken = if named.is_empty() {
            others
        } else {
            left.extend(others);
            named
        }
        .into_iter();
        let Some(first) = taken.next() else { continue };
        if let Some(second) = taken.find(|second| second.labels != first.labels) {
            return Err(EmbeddingsError::Disagree { part: adjective(part), first: first.path, second: second.path });
        }
        if let Some(row) = first.labels.iter().position(|label| label.trim().is_empty()) {
            return Err(EmbeddingsError::NoLabel { path: first.path, row });
        }
        agreed.insert(part, first);
    }
    if !left.is_empty() {
        let list = words::list(left.iter().map(|said| said.path.as_str()), "");
        notices.push(format!("As other arrays are named labels, these were left out: {list}."));
    }
    Ok(agreed)
}

/// There are two models or more, and labels.
fn check_count(models: &BTreeMap<String, Parts<Matrix>>, labels: &Parts<Said>) -> Result<(), EmbeddingsError> {
    let paths = || models.values().flat_map(BTreeMap::values).map(|matrix| matrix.path.as_str());
    if labels.is_empty() {
        return Err(EmbeddingsError::NoLabels { part: "", found: words::list(paths(), "nothing") });
    }
    match models.len() {
        0 => {
            let names = words::list(labels.values().map(|said| said.path.as_str()), "nothing");
            Err(EmbeddingsError::OneModel { found: "no model", names })
        }
        1 => Err(EmbeddingsError::OneModel { found: "only one model", names: words::list(paths(), "nothing") }),
        2..=limits::MODELS => Ok(()),
        found => {
            Err(EmbeddingsError::Models { found, names: words::list(models.keys().map(String::as_str), "nothing") })
        }
    }
}

/// The models, oldest first, each with embeddings of all rows that have labels.
fn complete(models: BTreeMap<String, Parts<Matrix>>, labels: &Parts<Said>) -> Result<Vec<Model>, EmbeddingsError> {
    let named: Vec<Option<Part>> = [None, Some(Part::Train), Some(Part::Test)]
        .into_iter()
        .filter(|part| labels.contains_key(part) || models.values().any(|parts| parts.contains_key(part)))
        .collect();
    for &part in &named {
        if !labels.contains_key(&part) {
            let paths = models.values().filter_map(|parts| parts.get(&part)).map(|matrix| matrix.path.as_str());
            return Err(EmbeddingsError::NoLabels { part: adjective(part), found: words::list(paths, "nothing") });
        }
    }
    let mut complete = Vec::new();
    for (name, parts) in models {
        let Some(first) = parts.values().next() else { continue };
        let dims = first.dims;
        for (&part, said) in labels {
            let Some(matrix) = parts.get(&part) else {
                return Err(EmbeddingsError::Missing { model: name, has: first.path.clone(), part: adjective(part) });
            };
            if matrix.rows != said.labels.len() {
                return Err(EmbeddingsError::Rows {
                    labels: said.path.clone(),
                    label_rows: said.labels.len(),
                    embeddings: matrix.path.clone(),
                    rows: matrix.rows,
                });
            }
            if matrix.dims != dims {
                return Err(EmbeddingsError::Widths {
                    model: name,
                    first: first.path.clone(),
                    first_dims: dims,
                    second: matrix.path.clone(),
                    second_dims: matrix.dims,
                });
            }
        }
        complete.push(Model { name, dims, parts });
    }
    complete.sort_by_cached_key(|model| (naming::age(&model.name), model.name.clone()));
    Ok(complete)
}

/// Every embedding has a usable length and only finite numbers.
fn check_numbers(models: &[Model]) -> Result<(), EmbeddingsError> {
    for Matrix { path, dims, numbers, .. } in models.iter().flat_map(|model| model.parts.values()) {
        let (path, dims) = (path.clone(), *dims);
        if !limits::DIMS.contains(&dims) {
            return Err(EmbeddingsError::Dims { path, dims });
        }
        if let Some((at, value)) = numbers.iter().enumerate().find(|(_, value)| !value.is_finite()) {
            let value = value.to_string();
            return Err(EmbeddingsError::NotFinite { path, row: at / dims, column: at % dims, value });
        }
    }
    Ok(())
}

impl Matrix {
    /// The numbers of row `index`; none where there is no such row.
    fn row(&self, index: usize) -> &[f32] {
        let start = index.saturating_mul(self.dims);
        self.numbers.get(start..start.saturating_add(self.dims)).unwrap_or_default()
    }
}

/// "training ", "test " or nothing, to stand before a noun.
fn adjective(part: Option<Part>) -> &'static str {
    match part {
        None => "",
        Some(Part::Train) => "training ",
        Some(Part::Test) => "test ",
    }
}
