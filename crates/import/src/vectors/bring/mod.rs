//! The question itself: rows that are wanted are read, those that are no numbers left out, and all is put together.

mod beside;
mod partners;

use std::collections::HashMap;

use decide::{Case, Embedded, Relevance, Similarity, Vectors};
use protocol::{ImportProgress, ImportStage};

use super::error::VectorsError;
use super::limits;
use super::matrix::{Matrix, NOWHERE};
use super::naming::Kind;
use super::pile::{Marks, Pair, Pile, Row};
use super::relevance::{Known, Question};
use super::roles::Placed;
use super::sample::{keep_documents, keep_queries};
use super::sources::Store;

/// So many rows are named in a sentence.
const NAMED: usize = 20;

/// Numbers of a row of the old and of the new model.
///
/// # Errors
/// There are fewer or more than can be, or arrays of one model differ.
pub(super) fn dims(pairs: &[Pair], models: &[String; 2]) -> Result<[usize; 2], VectorsError> {
    let mut found = [0; 2];
    for (side, (found, model)) in found.iter_mut().zip(models).enumerate() {
        let mut first: Option<&Placed> = None;
        for array in pairs.iter().map(|pair| array(pair, side)) {
            let dims = array.matrix.dims();
            if !limits::DIMS.contains(&dims) {
                return Err(VectorsError::Dims { path: array.path.clone(), dims });
            }
            if let Some(first) = first
                && first.matrix.dims() != dims
            {
                return Err(VectorsError::Widths {
                    model: model.clone(),
                    first: first.path.clone(),
                    first_dims: first.matrix.dims(),
                    second: array.path.clone(),
                    second_dims: dims,
                });
            }
            first = first.or(Some(array));
            *found = dims;
        }
    }
    Ok(found)
}

/// The array of the old model (0) or of the new one (1).
fn array(pair: &Pair, side: usize) -> &Placed {
    if side == 0 { &pair.old } else { &pair.new }
}

/// Puts the question together. `dims` are those of the models.
///
/// # Errors
/// A file ends too early, there is no memory, or too little is left.
pub(super) fn bring(
    store: &mut Store,
    pairs: &[Pair],
    mut question: Question,
    models: [String; 2],
    dims: [usize; 2],
    notices: Vec<String>,
    tell: &mut dyn FnMut(ImportProgress),
) -> Result<Case, VectorsError> {
    let mut notices = notices;
    let nothing = Pile::default();
    let mut reading = Reading::new(store, pairs, [&question.documents, question.queries.as_ref().unwrap_or(&nothing)]);
    let mut documents = reading.read(&question.documents, dims, tell)?;
    let mut queries = question.queries.as_ref().map(|queries| reading.read(queries, dims, tell)).transpose()?;
    for pair in pairs {
        notices.extend([&pair.old, &pair.new].into_iter().filter_map(|array| array.matrix.implies(&array.path)));
    }
    let (kept, said) = whole(&documents, dims, &question.documents, pairs, Kind::Documents, &models)?;
    if let Some(said) = said {
        notices.push(said);
        compact(&mut documents, dims, &kept);
        keep_documents(&mut question, &kept);
    }
    if let (Some(of), Some(pile)) = (&mut queries, &question.queries) {
        let (kept, said) = whole(of, dims, pile, pairs, Kind::Queries, &models)?;
        if let Some(said) = said {
            notices.push(said);
            compact(of, dims, &kept);
            keep_queries(&mut question, &kept);
        }
    }
    let [old_documents, new_documents] = documents;
    let [old_dims, new_dims] = dims;
    let (old_queries, new_queries) = queries.map(|[old, new]| (old, new)).unzip();
    let embedded = |name: String, dims: usize, documents: Vec<f32>, queries: Option<Vec<f32>>| {
        let queries = queries.map(|queries| Vectors::new(dims, queries)).transpose()?;
        Ok::<_, VectorsError>(Embedded { name, documents: Vectors::new(dims, documents)?, queries })
    };
    let [old_name, new_name] = models;
    let old = embedded(old_name, old_dims, old_documents, old_queries)?;
    let new = embedded(new_name, new_dims, new_documents, new_queries)?;
    if question.known == Known::Nothing
        && let Some((relevant, said)) = partners::partners(&question, pairs, [&old, &new])
    {
        notices.push(said);
        question.known = Known::Judged(relevant);
    }
    let documents = question.documents.names(pairs);
    let queries = question.queries.as_ref().map(|queries| queries.names(pairs)).unwrap_or_default();
    let beside = beside::beside(&mut question, &mut notices);
    let relevance = relevance(question);
    let case = Case { old, new, documents, queries, relevance, beside, similarity: Similarity::Cosine, notices };
    Ok(case.checked()?)
}

fn relevance(question: Question) -> Relevance {
    let one = |pile: Option<Pile>| match pile.map(|pile| (pile.rows.len(), pile.marks)) {
        Some((_, Some(Marks::One(marks)))) => marks,
        Some((rows, _)) => vec![None; rows],
        None => Vec::new(),
    };
    let of =
        |relevant: Vec<(u32, f32)>| relevant.into_iter().map(|(document, grade)| (document as usize, grade)).collect();
    match question.known {
        Known::Nothing => Relevance::Unknown,
        Known::Judged(lists) => Relevance::Judged(lists.into_iter().map(of).collect()),
        Known::Shared(lists) => Relevance::Shared(lists.into_iter().map(of).collect()),
        Known::Labels => Relevance::Labels {
            documents: one(Some(question.documents)),
            queries: one(question.queries),
            names: question.names,
        },
    }
}

/// Reads arrays, each file let go after its last one.
struct Reading<'a> {
    store: &'a mut Store,
    pairs: &'a [Pair],
    /// How often each file will still be read.
    uses: HashMap<usize, usize>,
    /// Bytes that were read before, and that will be.
    before: u64,
    bytes: u64,
}

impl<'a> Reading<'a> {
    fn new(store: &'a mut Store, pairs: &'a [Pair], piles: [&Pile; 2]) -> Self {
        let (mut uses, mut bytes) = (HashMap::new(), 0u64);
        for pile in piles {
            for (at, pair) in pairs.iter().enumerate() {
                if !pile.rows.iter().any(|row| row.pair as usize == at) {
                    continue;
                }
                for array in [&pair.old, &pair.new] {
                    if let Matrix::Stored(stored) = &array.matrix {
                        *uses.entry(stored.entry).or_default() += 1;
                        bytes = bytes.saturating_add(stored.bytes());
                    }
                }
            }
        }
        let before = store.done();
        Self { store, pairs, uses, before, bytes }
    }

    /// The rows of `pile` of the old and of the new model, `[rows, dims]`.
    fn read(
        &mut self,
        pile: &Pile,
        dims: [usize; 2],
        tell: &mut dyn FnMut(ImportProgress),
    ) -> Result<[Vec<f32>; 2], VectorsError> {
        let (mut read, pairs) = ([Vec::new(), Vec::new()], self.pairs);
        for (side, (numbers, dims)) in read.iter_mut().zip(dims).enumerate() {
            let length = pile.len().saturating_mul(dims);
            let path = pairs.first().map(|pair| array(pair, side).path.clone()).unwrap_or_default();
            numbers.try_reserve_exact(length).map_err(|_| VectorsError::Memory { path, numbers: length })?;
            numbers.resize(length, 0.0);
            for (at, pair) in pairs.iter().enumerate() {
                self.fill(array(pair, side), side, at, pile, numbers, tell)?;
            }
        }
        Ok(read)
    }

    /// Reads those rows of an array that are wanted of it.
    fn fill(
        &mut self,
        array: &Placed,
        side: usize,
        at: usize,
        pile: &Pile,
        numbers: &mut [f32],
        tell: &mut dyn FnMut(ImportProgress),
    ) -> Result<(), VectorsError> {
        let own = |row: &Row| if side == 0 { row.old } else { row.new };
        let mut slots = vec![NOWHERE; array.matrix.rows()];
        let mut wanted = false;
        for (slot, row) in pile.rows.iter().enumerate().filter(|(_, row)| row.pair as usize == at) {
            wanted = true;
            if let Some(of) = slots.get_mut(own(row) as usize) {
                *of = slot as u32;
            }
        }
        if !wanted {
            return Ok(());
        }
        let (before, bytes) = (self.before, self.bytes.max(1));
        array.matrix.fill(self.store, &array.path, &slots, numbers, &mut |done| {
            let share = (done.saturating_sub(before) as f64 / bytes as f64).min(1.0);
            tell(ImportProgress { stage: ImportStage::Unpacking, share });
        })?;
        if let Matrix::Stored(stored) = &array.matrix
            && let Some(uses) = self.uses.get_mut(&stored.entry)
        {
            *uses = uses.saturating_sub(1);
            if *uses == 0 {
                self.store.release(stored.entry);
            }
        }
        Ok(())
    }
}

/// The rows whose numbers are all finite, for both models, and a sentence on the others where there are any.
///
/// # Errors
/// They are more than half.
fn whole(
    numbers: &[Vec<f32>; 2],
    dims: [usize; 2],
    pile: &Pile,
    pairs: &[Pair],
    kind: Kind,
    models: &[String; 2],
) -> Result<(Vec<usize>, Option<String>), VectorsError> {
    let [old, new] = numbers;
    let [old_dims, new_dims] = dims.map(|dims| dims.max(1));
    let finite = |row: &[f32]| row.iter().all(|number| number.is_finite());
    let (mut kept, mut broken) = (Vec::with_capacity(pile.len()), Vec::new());
    for (row, (old, new)) in old.chunks_exact(old_dims).zip(new.chunks_exact(new_dims)).enumerate() {
        match (finite(old), finite(new)) {
            (true, true) => kept.push(row),
            (old, new) => broken.push((row, old, new)),
        }
    }
    if broken.is_empty() {
        return Ok((kept, None));
    }
    let names = pile.names(pairs);
    let [old_name, new_name] = models;
    let named = broken.iter().take(NAMED).map(|&(row, old, new)| {
        let name = names.get(row).map_or("", String::as_str);
        match (old, new) {
            (false, false) => format!("{name} (both models)"),
            (false, true) => format!("{name} ({old_name})"),
            _ => format!("{name} ({new_name})"),
        }
    });
    let mut list = named.collect::<Vec<_>>().join(", ");
    if broken.len() > NAMED {
        list += &format!(" and {} more", broken.len() - NAMED);
    }
    let (what, rows, all) = (kind.plural(), broken.len(), pile.len());
    if 2 * rows > all {
        return Err(VectorsError::NotFinite { what, rows, all, names: list });
    }
    let said =
        format!("{rows} of {all} {what} were left out, as a number of theirs is NaN, infinite or missing: {list}.");
    Ok((kept, Some(said)))
}

/// Keeps some rows, in their order.
fn compact(numbers: &mut [Vec<f32>; 2], dims: [usize; 2], kept: &[usize]) {
    for (numbers, dims) in numbers.iter_mut().zip(dims) {
        for (to, &from) in kept.iter().enumerate().filter(|&(to, &from)| to != from) {
            // Rows move towards the start only, so none is written over before it has moved.
            let (Some(start), Some(target)) = (from.checked_mul(dims), to.checked_mul(dims)) else { continue };
            if start.saturating_add(dims) <= numbers.len() {
                numbers.copy_within(start..start + dims, target);
            }
        }
        numbers.truncate(kept.len().saturating_mul(dims));
    }
}

#[cfg(test)]
mod tests;
