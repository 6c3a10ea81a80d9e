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
//! rows     documents as they are compared
//! best     the k best so far
//! dot      a product
//! ```

mod axes;
mod best;
mod dot;
mod panels;
mod rows;
mod scan;
mod sketch;

use std::{borrow::Cow, cmp::Ordering, sync::OnceLock};

use crate::{
    DecideError, Similarity, Vectors,
    vectors::{length, scaled},
};
use dot::dot;
use rows::Rows;
use scan::Scan;
use sketch::{Likeness, Sketches};

pub(crate) use scan::Asking;

/// Told how much of a work is done, 0 to 1, often enough that it can be broken off; an error does so.
pub type Pulse<'a> = &'a mut dyn FnMut(f64) -> Result<(), DecideError>;

/// Fewer queries than this are not worth a sketch of all documents.
const FEW: usize = 16;

/// Largest number of a row whose sums stay far within 32 bits, whatever it is multiplied by. Longer rows are searched without bounds.
const LARGEST: f32 = 1e12;

/// Share of the first search that makes the sketches.
const SKETCHING: f64 = 0.25;

/// Queries of which more than this is not a multiple of others, as a share of their length, are searched by themselves.
const APART: f64 = 0.02;

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

    /// How deep the longest list goes.
    pub fn depth(&self) -> usize {
        self.lists().map(<[Hit]>::len).max().unwrap_or_default()
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
pub struct Index<'a> {
    rows: Rows<'a>,
    similarity: Similarity,
    /// Whether all numbers are at most [`LARGEST`].
    tame: bool,
    /// Made by the first search that is worth it.
    sketches: OnceLock<Sketches>,
}

impl<'a> Index<'a> {
    /// Of `documents`, `[documents, dims]`.
    ///
    /// # Errors
    /// There are no documents, or more than 2^32 - 1.
    pub fn new(documents: &'a Vectors, similarity: Similarity) -> Result<Self, DecideError> {
        if documents.is_empty() {
            return Err(DecideError::TooFew { what: "documents", count: 0, least: 1 });
        }
        if u32::try_from(documents.count()).is_err() {
            let why = format!("there are {} documents; hand in fewer than 2^32", documents.count());
            return Err(DecideError::Undefined { what: "an index", why });
        }
        let tame = similarity == Similarity::Cosine || is_tame(documents.numbers());
        Ok(Self { rows: Rows::new(documents, similarity), similarity, tame, sketches: OnceLock::new() })
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
        let queries = self.compared(queries);
        let found = self.search_alike(&[Asking::of(&queries)], &[], k, own, pulse)?;
        Ok(found.into_iter().next().unwrap_or_else(|| Ranking::new(Vec::new())))
    }

    /// Queries as they are compared.
    pub(crate) fn compared<'q>(&self, queries: &'q Vectors) -> Cow<'q, Vectors> {
        match self.similarity {
            Similarity::Cosine => Cow::Owned(queries.unit()),
            Similarity::InnerProduct => Cow::Borrowed(queries),
        }
    }

    /// The `k` best of the queries of each asking, which are multiplied as they are. Those of one place should be near multiples of that of
    /// the first asking, but for parts along the directions `common`: then all are bounded by products with the first.
    ///
    /// # Errors
    /// As [`Self::search`].
    pub(crate) fn search_alike(
        &self,
        askings: &[Asking<'_>],
        common: &[Vec<f32>],
        k: usize,
        own: Option<&[usize]>,
        pulse: Pulse<'_>,
    ) -> Result<Vec<Ranking>, DecideError> {
        let refused = |why: String| Err(DecideError::Undefined { what: "a search", why });
        let Some(leading) = askings.first() else { return Ok(Vec::new()) };
        let queries = leading.queries;
        if let Some(other) = askings.iter().find(|asking| asking.queries.dims() != self.dims()) {
            let (query, document) = (other.queries.dims(), self.dims());
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
        let own = own.unwrap_or_default();
        let made = self.sketches.get().is_some();
        let few = queries.count() < FEW && !made;
        // Where every other document is a hit, bounds spare nothing.
        let all = k.saturating_mul(2) >= self.count();
        let tame = self.tame && askings.iter().all(|asking| self.bears(asking));
        if few || all || !tame {
            let scan = Scan { rows: &self.rows, askings, likenesses: &[], common, k, own };
            return Ok(scan.plain(pulse)?.into_iter().map(Ranking::new).collect());
        }
        let from = if made { 0.0 } else { SKETCHING };
        let sketches = self.sketches(&mut |share| pulse(SKETCHING * share))?;
        // One group of those that are alike, and each other asking by itself.
        let likenesses = askings.iter().enumerate().map(|(at, asking)| match at {
            0 => Some(Vec::new()),
            _ => likenesses(asking.queries, queries, common),
        });
        let likenesses: Vec<Option<Vec<Likeness>>> = likenesses.collect();
        let (together, like): (Vec<Asking<'_>>, Vec<Vec<Likeness>>) =
            askings.iter().zip(&likenesses).filter_map(|(asking, like)| Some((*asking, like.clone()?))).unzip();
        let searches = (1 + askings.len() - together.len()) as f64;
        let mut done = 0.0;
        let mut scan =
            |askings: &[Asking<'_>], likenesses: &[Vec<Likeness>], common: &[Vec<f32>]| -> Result<_, DecideError> {
                let scan = Scan { rows: &self.rows, askings, likenesses, common, k, own };
                let found =
                    scan.pruned(sketches, &mut |share| pulse(from + (1.0 - from) * (done + share) / searches))?;
                done += 1.0;
                Ok(found.into_iter().map(Ranking::new).collect::<Vec<_>>())
            };
        let mut grouped = scan(&together, &like, common)?.into_iter();
        let mut rankings = Vec::with_capacity(askings.len());
        for (asking, like) in askings.iter().zip(&likenesses) {
            match like {
                Some(_) => rankings.extend(grouped.next()),
                None => rankings.extend(scan(&[*asking], &[Vec::new()], &[])?),
            }
        }
        Ok(rankings)
    }

    /// Whether no bound of it leaves what 32 bits hold.
    fn bears(&self, asking: &Asking<'_>) -> bool {
        [asking.queries.numbers(), asking.offsets, asking.factors].into_iter().all(is_tame)
    }

    /// Scores of a query and each of these documents, in their order; 0 for one that there is not.
    pub fn scores(&self, query: &[f32], documents: impl Iterator<Item = u32>) -> Vec<f32> {
        let query = self.ready(query);
        let mut room = Vec::new();
        documents.map(|document| dot(&query, self.rows.row(document as usize, &mut room))).collect()
    }

    /// Score of one pair; 0 for a document that there is not. For many documents of one query take [`Self::scores`], which scales the query
    /// once.
    pub fn score(&self, query: &[f32], document: u32) -> f32 {
        dot(&self.ready(query), self.rows.row(document as usize, &mut Vec::new()))
    }

    /// A query as it is compared, bit for bit what [`Vectors::unit`] makes of it.
    fn ready<'q>(&self, query: &'q [f32]) -> Cow<'q, [f32]> {
        let scale = 1.0 / length(query);
        match self.similarity {
            Similarity::Cosine if scale.is_finite() => query.iter().map(|&number| scaled(number, scale)).collect(),
            Similarity::Cosine | Similarity::InnerProduct => Cow::Borrowed(query),
        }
    }

    /// The sketches of the documents, made now if no search has made them.
    fn sketches(&self, pulse: Pulse<'_>) -> Result<&Sketches, DecideError> {
        match self.sketches.get() {
            Some(sketches) => Ok(sketches),
            None => {
                let made = Sketches::new(&self.rows, pulse)?;
                Ok(self.sketches.get_or_init(|| made))
            }
        }
    }
}

/// How each query follows from that of the same place; `None` if one does not.
fn likenesses(queries: &Vectors, leading: &Vectors, common: &[Vec<f32>]) -> Option<Vec<Likeness>> {
    let of_query = |(query, row): (&[f32], &[f32])| {
        let likeness = Likeness::of(query, row, common);
        let [_, length] = likeness.lengths;
        (likeness.apart <= APART * length).then_some(likeness)
    };
    queries.rows().zip(leading.rows()).map(of_query).collect()
}

/// Whether all numbers are at most [`LARGEST`].
fn is_tame(numbers: &[f32]) -> bool {
    numbers.iter().all(|number| number.abs() <= LARGEST)
}

#[cfg(test)]
mod tests;
