//! The best documents of a query, exactly.
//!
//! What comes out is that of a plain pass over all documents: each score is the inner product of two rows (unit rows where the cosine
//! counts), added up by one function in one order, and ties are broken by [`before`]. What is saved is work. A sketch of every
//! document, a few whole numbers and the length of what they leave out, bounds its score from above, and only those whose bound reaches the
//! `k` best are scored (filter and refine in the order of the bounds; Seidl and Kriegel, SIGMOD 1998). The bounds hold for every row,
//! rounding included, so a poor sketch costs time and never a document.
//!
//! ```text
//! scan     which documents are scored
//! sketch   whole numbers that bound a score
//! axes     few directions that hold most of the documents' length
//! panels   products of many rows with directions
//! best     the k best so far
//! dot      a score
//! ```

mod axes;
mod best;
mod dot;
mod panels;
mod scan;
mod sketch;

use std::{borrow::Cow, cmp::Ordering, sync::OnceLock};

use crate::{DecideError, Similarity, Vectors};
use best::Best;
use dot::dot;
use scan::Scan;
use sketch::Sketch;

/// Told how much of a work is done, 0 to 1, often enough that it can be broken off; an error does so.
pub type Pulse<'a> = &'a mut dyn FnMut(f64) -> Result<(), DecideError>;

/// Fewer queries than this are not worth a sketch of all documents.
const FEW: usize = 16;

/// Largest number of a row whose sums stay far within 32 bits, whatever it is multiplied by. Longer rows are searched without bounds.
const LARGEST: f32 = 1e12;

/// Share of the first search that makes the sketch.
const SKETCHING: f64 = 0.25;

/// A document that was found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hit {
    /// Its place among the documents.
    pub document: u32,
    /// How alike it and the query are: cosine or inner product, larger is more. Always finite.
    pub score: f32,
}

/// Order of hits, the better first: the larger score, then the smaller of two scrambled numbers, which are fixed for a document and say
/// nothing about it. (By place, documents sorted by class would make ties look like knowledge.)
pub fn before(a: Hit, b: Hit) -> Ordering {
    b.score.total_cmp(&a.score).then_with(|| scrambled(u64::from(a.document)).cmp(&scrambled(u64::from(b.document))))
}

/// One step of `SplitMix64` (Steele, Lea and Flood, 2014): a one-to-one map of 64 bits that looks random.
fn scrambled(number: u64) -> u64 {
    let mixed = number.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

/// Best `k` documents of each query, best first.
#[derive(Clone, Debug, PartialEq)]
pub struct Ranking {
    /// Where each query's hits begin, and at last where all end.
    offsets: Vec<usize>,
    hits: Vec<Hit>,
}

impl Ranking {
    /// Of lists that are in order, one a query.
    pub fn new(lists: Vec<Vec<Hit>>) -> Self {
        let mut offsets = Vec::with_capacity(lists.len() + 1);
        let mut hits = Vec::with_capacity(lists.iter().map(Vec::len).sum());
        offsets.push(0);
        for list in lists {
            hits.extend(list);
            offsets.push(hits.len());
        }
        Self { offsets, hits }
    }

    /// How many queries there are.
    pub fn count(&self) -> usize {
        self.offsets.len().saturating_sub(1)
    }

    /// What was found for a query; nothing for one that there is not.
    pub fn of(&self, query: usize) -> &[Hit] {
        let ends = self.offsets.get(query).zip(self.offsets.get(query.saturating_add(1)));
        ends.and_then(|(&start, &end)| self.hits.get(start..end)).unwrap_or_default()
    }

    /// Query after query.
    pub fn lists(&self) -> impl ExactSizeIterator<Item = &[Hit]> {
        (0..self.count()).map(|query| self.of(query))
    }
}

/// Documents made ready to be searched exactly.
#[derive(Clone, Debug)]
pub struct Index {
    /// As they are compared: of unit length for the cosine.
    rows: Vectors,
    similarity: Similarity,
    /// Whether all numbers are at most [`LARGEST`].
    tame: bool,
    /// Made by the first search that is worth it. `None` within: no sketch that is small enough to keep prunes these documents.
    sketch: OnceLock<Option<Sketch>>,
}

impl Index {
    /// Of `documents`, `[documents, dims]`, which are copied.
    ///
    /// # Errors
    /// There are no documents, or more than 2^32 - 1.
    pub fn new(documents: &Vectors, similarity: Similarity) -> Result<Self, DecideError> {
        if documents.is_empty() {
            return Err(DecideError::TooFew { what: "documents", count: 0, least: 1 });
        }
        if u32::try_from(documents.count()).is_err() {
            let why = format!("there are {} documents; hand in fewer than 2^32", documents.count());
            return Err(DecideError::Undefined { what: "an index", why });
        }
        let rows = match similarity {
            Similarity::Cosine => documents.unit(),
            Similarity::InnerProduct => documents.clone(),
        };
        let tame = similarity == Similarity::Cosine || is_tame(&rows);
        Ok(Self { rows, similarity, tame, sketch: OnceLock::new() })
    }

    /// Numbers of a row.
    pub fn dims(&self) -> usize {
        self.rows.dims()
    }

    /// How many documents there are.
    pub fn count(&self) -> usize {
        self.rows.count()
    }

    /// The `k` best of each query, `[queries, dims]`, fewer where there are fewer documents. With `own`, query `i` is document `own[i]` and
    /// never finds itself.
    ///
    /// # Errors
    /// Queries are of other dims than the documents, `own` is not one place a query, or `pulse` breaks it off.
    pub fn search(
        &self,
        queries: &Vectors,
        k: usize,
        own: Option<&[usize]>,
        pulse: Pulse<'_>,
    ) -> Result<Ranking, DecideError> {
        let refused = |why: String| Err(DecideError::Undefined { what: "a search", why });
        if queries.dims() != self.dims() {
            let (query, document) = (queries.dims(), self.dims());
            let why = format!("queries have {query} dims and documents {document}; map them into one space first");
            return refused(why);
        }
        if let Some(own) = own
            && own.len() != queries.count()
        {
            let (places, count) = (own.len(), queries.count());
            let why = format!("{places} places of documents are no places of {count} queries; hand in one for each");
            return refused(why);
        }
        pulse(0.0)?;
        let (rows, own) = (&self.rows, own.unwrap_or_default());
        let queries = match self.similarity {
            Similarity::Cosine => Cow::Owned(queries.unit()),
            Similarity::InnerProduct => Cow::Borrowed(queries),
        };
        let scan = Scan { rows, queries: &queries, k, own };
        let made = self.sketch.get().is_some();
        let few = queries.count() < FEW && !made;
        // Where every other document is a hit, bounds spare nothing.
        let all = k.saturating_mul(2) >= self.count();
        let tame = self.tame && (self.similarity == Similarity::Cosine || is_tame(&queries));
        if few || all || !tame {
            return scan.plain(pulse).map(Ranking::new);
        }
        let from = if made { 0.0 } else { SKETCHING };
        let sketch = self.sketch(&mut |share| pulse(SKETCHING * share))?;
        scan.pruned(sketch, &mut |share| pulse(from + (1.0 - from) * share)).map(Ranking::new)
    }

    /// Scores of these candidates alone (the new model re-scoring a cascade), best first, cut at `k`. Candidates that there are not are left
    /// out; one that comes twice is scored twice.
    pub fn rescore(&self, query: &[f32], candidates: impl Iterator<Item = u32>, k: usize) -> Vec<Hit> {
        let query = self.ready(query);
        let mut best = Best::new(k);
        for document in candidates.filter(|&document| (document as usize) < self.count()) {
            best.offer(Hit { document, score: dot(&query, self.rows.row(document as usize)) });
        }
        best.into_list()
    }

    /// Scores of a query and each of these documents, in their order; 0 for one that there is not.
    pub fn scores(&self, query: &[f32], documents: impl Iterator<Item = u32>) -> Vec<f32> {
        let query = self.ready(query);
        documents.map(|document| dot(&query, self.rows.row(document as usize))).collect()
    }

    /// Score of one pair; 0 for a document that there is not. For many documents of one query take [`Self::scores`], which scales the query
    /// once.
    pub fn score(&self, query: &[f32], document: u32) -> f32 {
        dot(&self.ready(query), self.rows.row(document as usize))
    }

    /// A query as it is compared, bit for bit what [`Vectors::unit`] makes of it.
    fn ready<'q>(&self, query: &'q [f32]) -> Cow<'q, [f32]> {
        let norm = query.iter().map(|&number| f64::from(number).powi(2)).sum::<f64>().sqrt();
        match self.similarity {
            Similarity::Cosine if norm > 0.0 => query.iter().map(|&number| (f64::from(number) / norm) as f32).collect(),
            Similarity::Cosine | Similarity::InnerProduct => Cow::Borrowed(query),
        }
    }

    /// The sketch of the documents, made now if no search has made it.
    fn sketch(&self, pulse: Pulse<'_>) -> Result<Option<&Sketch>, DecideError> {
        let sketch = match self.sketch.get() {
            Some(sketch) => sketch,
            None => {
                let made = Sketch::kept(&self.rows, pulse)?;
                self.sketch.get_or_init(|| made)
            }
        };
        Ok(sketch.as_ref())
    }
}

/// Whether all numbers are at most [`LARGEST`].
fn is_tame(rows: &Vectors) -> bool {
    rows.numbers().iter().all(|number| number.abs() <= LARGEST)
}

#[cfg(test)]
mod tests;
