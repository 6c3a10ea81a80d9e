//! JSON: a record a line, or a file that is one value. What databases and services of embeddings write is taken as it is, with its
//! records as deep as they lie.

mod value;

use super::error::VectorsError;
use super::limits;
use super::lines::Lines;
use super::matrix::Matrix;
use super::naming::{self, Use};
use super::records::{Cell, Records};
use super::sources::Store;
use super::things::{Body, Judgement, Names, Sets, Thing};
use value::Json;

/// Records within lists and objects are looked for so deep.
const DEPTH: usize = 4;

/// Reads file `entry`, a value a line.
pub(super) fn lines(store: &mut Store, entry: usize, path: &str) -> Result<Vec<Thing>, VectorsError> {
    let mut lines = Lines::new(store, entry, path)?;
    let (mut records, mut line) = (Records::new(path), Vec::new());
    while lines.next(&mut line)? {
        if line.trim_ascii().is_empty() {
            continue;
        }
        let value = value::parse(&line).map_err(|reason| lines.fault(format!("it is no JSON ({reason})")))?;
        let taken = match value {
            Json::Object(fields) => record(&mut records, fields, "", DEPTH),
            other => match other.vector() {
                Ok(vector) => records.add("vector", Cell::Vector(vector)),
                Err(other) => match other.name() {
                    // A list of ids, or of what its path says.
                    Some(name) => records.add(naming::use_of(path).unwrap_or(Use::Ids).column(), Cell::Name(name)),
                    None => Err("it is neither a record nor a vector".to_owned()),
                },
            },
        };
        taken.map_err(|reason| lines.fault(reason))?;
        records.end()?;
    }
    records.finish(entry)
}

/// Takes in the fields of a record, those of records within it too.
fn record(records: &mut Records<'_>, fields: Vec<(String, Json)>, within: &str, depth: usize) -> Result<(), String> {
    for (name, value) in fields {
        let name = if within.is_empty() { name } else { format!("{within}/{name}") };
        let used = naming::column(&name).used;
        let labels = used == Some(Use::Labels);
        match value {
            Json::Null => {}
            Json::Object(fields) if depth > 0 => record(records, fields, &name, depth - 1)?,
            Json::Object(_) => {}
            Json::Numbers(_) | Json::List(_) if labels => {
                if let Some(names) = value.names() {
                    records.add(&name, Cell::Set(names))?;
                }
            }
            Json::Numbers(_) | Json::List(_) => match value.vector() {
                Ok(vector) => records.add(&name, Cell::Vector(vector))?,
                Err(Json::List(mut list)) if list.len() == 1 && depth > 0 => {
                    // A service answers one text with a list of one.
                    if let Some(Json::Object(fields)) = list.pop() {
                        record(records, fields, &name, depth - 1)?;
                    }
                }
                Err(_) => {}
            },
            Json::Text(text) if text.starts_with('[') => match super::delimited::vector(&text) {
                Ok(Some(vector)) => records.add(&name, Cell::Vector(vector))?,
                Ok(None) => records.add(&name, Cell::Name(text))?,
                // A text can begin as anything does.
                Err(_) if used == Some(Use::Texts) => records.add(&name, Cell::Name(text))?,
                Err(reason) => return Err(format!("`{name}`: {reason}")),
            },
            Json::Text(_) | Json::Number(_) | Json::Flag(_) => {
                if let Some(text) = value.name() {
                    records.add(&name, Cell::Name(text))?;
                }
            }
        }
    }
    Ok(())
}

/// Reads file `entry`, which is one value.
pub(super) fn whole(store: &mut Store, entry: usize, path: &str) -> Result<Vec<Thing>, VectorsError> {
    let bytes = store.read(entry, limits::JSON_BYTES, "save it as JSON lines (.jsonl) or its vectors as .npy")?;
    let value = match value::parse(&bytes) {
        Ok(value) => value,
        // Lines of JSON under the name of JSON.
        Err(reason) if reason.to_string().starts_with("trailing characters") => {
            drop(bytes);
            return lines(store, entry, path);
        }
        Err(reason) => return Err(VectorsError::Json { path: path.to_owned(), reason: reason.to_string() }),
    };
    drop(bytes);
    match value {
        Json::Object(fields) => object(fields, entry, path),
        other => array(other, entry, path, None),
    }
}

/// A list: of vectors, of names, or of records.
fn array(value: Json, entry: usize, path: &str, bundle: Option<usize>) -> Result<Vec<Thing>, VectorsError> {
    let list = match value {
        Json::List(list) => list,
        Json::Numbers(numbers) if numbers.iter().all(|number| number.is_nan() || number.fract() == 0.0) => {
            let names = Json::Numbers(numbers).names().unwrap_or_default();
            return Ok(alone(path, bundle, Body::Names(names.into_iter().collect())));
        }
        _ => return Ok(alone(path, bundle, Body::Extra("it is no list of vectors, ids or labels".to_owned()))),
    };
    if let Some(names) = list.iter().map(Json::name).collect::<Option<Names>>() {
        return Ok(alone(path, bundle, Body::Names(names)));
    }
    if naming::use_of(path) == Some(Use::Labels)
        && let Some(sets) = list.iter().map(Json::names).collect::<Option<Vec<_>>>()
    {
        return Ok(alone(path, bundle, Body::Sets(Sets::of_names(sets))));
    }
    if list.iter().all(Json::is_vector) {
        return Ok(alone(path, bundle, Body::Matrix(matrix(list, path)?)));
    }
    if list.iter().all(|item| matches!(item, Json::Object(_))) {
        return records(list, entry, path);
    }
    Ok(alone(path, bundle, Body::Extra("its rows are neither vectors, names nor records".to_owned())))
}

fn alone(path: &str, bundle: Option<usize>, body: Body) -> Vec<Thing> {
    vec![Thing { path: path.to_owned(), bundle, body }]
}

fn matrix(list: Vec<Json>, path: &str) -> Result<Matrix, VectorsError> {
    let (mut dims, mut numbers) = (0, Vec::new());
    for (row, vector) in list.into_iter().filter_map(|item| item.vector().ok()).enumerate() {
        if row > 0 && vector.len() != dims {
            let reason = format!("row {row} (counted from 0) has {} numbers, and {dims} before", vector.len());
            return Err(VectorsError::Json { path: path.to_owned(), reason });
        }
        dims = vector.len();
        numbers.extend(vector);
    }
    Ok(Matrix::Held { dims, numbers })
}

fn records(list: Vec<Json>, entry: usize, path: &str) -> Result<Vec<Thing>, VectorsError> {
    let mut records = Records::new(path);
    for (row, item) in list.into_iter().enumerate() {
        if let Json::Object(fields) = item {
            record(&mut records, fields, "", DEPTH).map_err(|reason| {
                let reason = format!("record {row} (counted from 0): {reason}");
                VectorsError::Json { path: path.to_owned(), reason }
            })?;
        }
        records.end()?;
    }
    records.finish(entry)
}

/// An object: of vectors by their ids, of lists by what they are, of labels or judgements by ids, or around records.
fn object(fields: Vec<(String, Json)>, entry: usize, path: &str) -> Result<Vec<Thing>, VectorsError> {
    let rows = |value: &Json| match value {
        Json::Numbers(numbers) => Some(numbers.len()),
        Json::List(list) => Some(list.len()),
        _ => None,
    };
    let is_matrix = |value: &Json| matches!(value, Json::List(list) if list.iter().all(Json::is_vector));
    let ids_and = |ids: Vec<String>, of: &str, body: Body| {
        let ids = Body::Names(ids.into_iter().collect());
        let thing = |name: &str, body| Thing { path: format!("{path}/{name}"), bundle: Some(entry), body };
        vec![thing("id", ids), thing(of, body)]
    };
    let all = |what: &dyn Fn(&Json) -> bool| fields.len() >= 2 && fields.iter().all(|(_, value)| what(value));
    let is_number = |value: &Json| matches!(value, Json::Number(_));
    let labels = naming::use_of(path) == Some(Use::Labels);

    if fields.iter().any(|(_, value)| is_matrix(value)) {
        let mut counts = fields.iter().filter_map(|(_, value)| rows(value));
        let first = counts.next();
        let bundle = counts.all(|count| Some(count) == first).then_some(entry);
        let fields = fields.into_iter().filter(|(_, value)| rows(value).is_some());
        let things = fields.map(|(name, value)| array(value, entry, &format!("{path}/{name}"), bundle));
        return Ok(things.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect());
    }
    if all(&Json::is_vector) && fields.iter().all(|(name, _)| naming::column(name).used.is_none()) {
        let (ids, list): (Vec<String>, Vec<Json>) = fields.into_iter().unzip();
        return Ok(ids_and(ids, "vector", Body::Matrix(matrix(list, path)?)));
    }
    if labels && all(&|value: &Json| value.name().is_some()) {
        let (ids, list): (Vec<String>, Vec<Json>) = fields.into_iter().unzip();
        let names = list.iter().filter_map(Json::name).collect();
        return Ok(ids_and(ids, "label", Body::Names(names)));
    }
    let is_graded = |value: &Json| match value {
        Json::Object(grades) => grades.iter().all(|(_, grade)| is_number(grade)),
        _ => false,
    };
    if all(&is_graded) {
        return Ok(alone(path, None, Body::Judgements(graded(fields))));
    }
    if naming::judges(path) && all(&|value: &Json| value.names().is_some()) {
        return Ok(alone(path, None, Body::Judgements(listed(fields))));
    }
    if labels && all(&|value: &Json| value.names().is_some()) {
        let (ids, list): (Vec<String>, Vec<Json>) = fields.into_iter().unzip();
        let sets = list.iter().filter_map(Json::names).collect();
        return Ok(ids_and(ids, "label", Body::Sets(Sets::of_names(sets))));
    }
    match within(Json::Object(fields), DEPTH) {
        Some(list) => records(list, entry, path),
        None => Ok(alone(path, None, Body::Extra("it holds no vectors, ids, labels or judgements".to_owned()))),
    }
}

/// The first list of records in a value.
fn within(value: Json, depth: usize) -> Option<Vec<Json>> {
    match value {
        Json::List(list) if !list.is_empty() && list.iter().all(|item| matches!(item, Json::Object(_))) => Some(list),
        Json::Object(fields) if depth > 0 => fields.into_iter().find_map(|(_, value)| within(value, depth - 1)),
        _ => None,
    }
}

/// `{query: {document: grade}}`.
fn graded(fields: Vec<(String, Json)>) -> Vec<Judgement> {
    let of = |(query, value): (String, Json)| {
        let grades = if let Json::Object(grades) = value { grades } else { Vec::new() };
        grades.into_iter().filter_map(move |(document, grade)| match grade {
            Json::Number(grade) => Some(Judgement { query: query.clone(), document, grade: grade as f32 }),
            _ => None,
        })
    };
    fields.into_iter().flat_map(of).collect()
}

/// `{query: [document, ...]}`.
fn listed(fields: Vec<(String, Json)>) -> Vec<Judgement> {
    let of = |(query, value): (String, Json)| {
        let documents = value.names().unwrap_or_default().into_iter();
        documents.map(move |document| Judgement { query: query.clone(), document, grade: 1.0 })
    };
    fields.into_iter().flat_map(of).collect()
}

#[cfg(test)]
mod tests;
