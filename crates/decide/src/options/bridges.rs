//! Bridges: a fitted map carries new queries into the old space, or the old index into the new one. No document is embedded, and in both
//! the old model can be gone.

use super::{Choice, within, workbench::Workbench};
use crate::{
    DecideError, Pulse, Similarity, Vectors,
    maps::{Direction, Map, affine::Affine},
    rank::{Asking, Hit, Index, Ranking, before},
};

/// Documents mapped and searched at a time, where the map is not affine: a mapped index as a whole beside the two that are there would take too much memory, and with
/// smaller parts a search spends its time on getting ready.
const BLOCK: usize = 50_000;

/// The vectors that a direction maps from and to: `[documents, from]` and `[documents, to]`.
pub(crate) fn sides<'a>(bench: &Workbench<'a>, direction: Direction) -> (&'a Vectors, &'a Vectors) {
    let (old, new) = (&bench.case.old.documents, &bench.case.new.documents);
    match direction {
        Direction::Queries => (new, old),
        Direction::Gallery => (old, new),
    }
}

/// The best `depth` documents of every new query across a bridge.
pub(crate) fn search(
    bench: &Workbench<'_>,
    direction: Direction,
    map: &Map,
    depth: usize,
    pulse: Pulse<'_>,
) -> Result<Ranking, DecideError> {
    match direction {
        Direction::Queries => {
            let mapped = map.apply(&bench.new_queries, &mut within(&mut *pulse, 0.0, 0.1))?;
            bench.old.search(&mapped, depth, bench.own.as_deref(), &mut within(pulse, 0.1, 1.0))
        }
        Direction::Gallery => over_mapped(bench, map, &bench.new_queries, depth, pulse),
    }
}

/// The best `depth` of the old documents, mapped, for each of these queries, which are in the space that `map` leads to.
pub(crate) fn over_mapped(
    bench: &Workbench<'_>,
    map: &Map,
    queries: &Vectors,
    depth: usize,
    pulse: Pulse<'_>,
) -> Result<Ranking, DecideError> {
    let ready = carried_back(bench, map, queries, &mut within(&mut *pulse, 0.0, 0.3))?;
    match ready {
        Some(ready) => {
            let mut pulse = within(pulse, 0.3, 1.0);
            let found = bench.old.search_alike(&[ready.asking()], &[], depth, bench.own.as_deref(), &mut pulse)?;
            Ok(found.into_iter().next().unwrap_or_else(|| Ranking::new(Vec::new())))
        }
        None => by_blocks(bench, map, queries, depth, BLOCK, pulse),
    }
}

/// Queries ready to be multiplied with the old documents, and what makes scores of products.
struct Ready {
    queries: Vectors,
    offsets: Vec<f32>,
    factors: Vec<f32>,
}

impl Ready {
    fn asking(&self) -> Asking<'_> {
        Asking { queries: &self.queries, offsets: &self.offsets, factors: &self.factors }
    }
}

/// Searches of the old index by new queries, as they are or across these maps, whose products with documents are near multiples of each
/// other but for what a bias adds: all are found by those of the first. What cannot be found so is left out.
///
/// # Errors
/// Rows cannot be mapped or searched, or `pulse` breaks it off.
pub(crate) fn together(
    bench: &Workbench<'_>,
    members: &[(Choice, Option<&Map>)],
    depth: usize,
    pulse: Pulse<'_>,
) -> Result<Vec<(Choice, Ranking)>, DecideError> {
    let (mut choices, mut ready, mut biases) = (Vec::new(), Vec::new(), Vec::new());
    let plain = |rows: &Vectors| Ready {
        queries: bench.old.compared(rows).into_owned(),
        offsets: Vec::new(),
        factors: Vec::new(),
    };
    for (at, (choice, map)) in members.iter().enumerate() {
        let share = |at: usize| 0.3 * at as f64 / members.len() as f64;
        let mut pulse = within(&mut *pulse, share(at), share(at + 1));
        let made = match (choice, map) {
            (Choice::Bridge { direction: Direction::Queries, .. }, Some(map)) => {
                // What a map makes of zeros is its bias.
                let zeros = Vectors::new(map.from, vec![0.0; map.from])?;
                biases.push(map.apply(&zeros, &mut pulse)?.numbers().to_vec());
                Some(plain(&map.apply(&bench.new_queries, &mut pulse)?))
            }
            (_, Some(map)) => carried_back(bench, map, &bench.new_queries, &mut pulse)?,
            (_, None) => Some(plain(&bench.new_queries)),
        };
        if let Some(made) = made {
            choices.push(choice.clone());
            ready.push(made);
        }
    }
    let askings: Vec<Asking<'_>> = ready.iter().map(Ready::asking).collect();
    let found = bench.old.search_alike(&askings, &biases, depth, bench.own.as_deref(), &mut within(pulse, 0.3, 1.0))?;
    Ok(choices.into_iter().zip(found).collect())
}

/// The old index as it was, asked by queries that are carried back across an affine map: the cosine of `q` with a mapped row `x W + b` is
/// `(x (q W') + q b) / |x W + b|`.
fn carried_back(
    bench: &Workbench<'_>,
    map: &Map,
    queries: &Vectors,
    pulse: Pulse<'_>,
) -> Result<Option<Ready>, DecideError> {
    let fits = queries.dims() == map.to && bench.old.dims() == map.from;
    // Where documents are few, mapping them is less work than what all lengths follow from.
    let few = bench.old.count() < map.from + map.to;
    if bench.case.similarity != Similarity::Cosine || !fits || few {
        return Ok(None);
    }
    let Some(affine) = Affine::of_units(map, &mut within(&mut *pulse, 0.0, 0.1))? else { return Ok(None) };
    let (queries, offsets) = affine.back(&queries.unit(), &mut within(&mut *pulse, 0.1, 0.2))?;
    let factors = affine.scales(&bench.case.old.documents, &mut within(pulse, 0.2, 1.0))?;
    Ok(Some(Ready { queries, offsets, factors }))
}

/// [`over_mapped`], so many documents at a time: the best of all are the best of the best of the blocks.
fn by_blocks(
    bench: &Workbench<'_>,
    map: &Map,
    queries: &Vectors,
    depth: usize,
    block: usize,
    pulse: Pulse<'_>,
) -> Result<Ranking, DecideError> {
    let documents = &bench.case.old.documents;
    let own = bench.own.as_deref();
    // A block numbers its documents from 0, so that who asks is looked for in one more place and left out here.
    let sought = depth.saturating_add(usize::from(own.is_some()));
    let mut best = vec![Vec::new(); queries.count()];
    let count = documents.count().max(1) as f64;
    let mut first = 0_usize;
    for rows in documents.numbers().chunks(block.saturating_mul(documents.dims()).max(1)) {
        let next = first + rows.len() / documents.dims();
        let (start, end) = (first as f64 / count, next as f64 / count);
        let middle = f64::midpoint(start, end);
        pulse(start)?;
        // Each copy goes as soon as the next is made.
        let rows = Vectors::new(documents.dims(), rows.to_vec())?;
        let mapped = map.apply(&rows, &mut within(&mut *pulse, start, middle))?;
        drop(rows);
        let index = Index::new(&mapped, bench.case.similarity)?;
        let found = index.search(queries, sought, None, &mut within(&mut *pulse, middle, end))?;
        let asks = own.unwrap_or_default().iter().copied().map(Some).chain(std::iter::repeat(None));
        for ((best, hits), own) in best.iter_mut().zip(found.lists()).zip(asks) {
            merge(best, hits, first, own, depth);
        }
        first = next;
    }
    Ok(Ranking::new(best))
}

/// Takes what was found in the block that begins with document `first` into the best of the blocks before, but for the one who asks.
fn merge(best: &mut Vec<Hit>, hits: &[Hit], first: usize, own: Option<usize>, depth: usize) {
    let offset = u32::try_from(first).unwrap_or(u32::MAX);
    let placed = hits.iter().map(|hit| Hit { document: hit.document.saturating_add(offset), ..*hit });
    best.extend(placed.filter(|hit| own != Some(hit.document as usize)));
    best.sort_by(|&a, &b| before(a, b));
    best.truncate(depth);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        maps::{Family, Fitted, Step},
        options::Settings,
        testing::{self, Planted},
    };

    fn quiet(_: f64) -> Result<(), DecideError> {
        Ok(())
    }

    /// Turns the first two dims into each other and stretches the third.
    fn map(dims: usize) -> Map {
        let mut weight = vec![0.0; dims * dims];
        for at in 0..dims {
            weight[at * dims + [1, 0].get(at).copied().unwrap_or(at)] = if at == 2 { 3.0 } else { 1.0 };
        }
        let steps = vec![Step::Affine { weight, bias: vec![0.25; dims] }];
        Map { family: Family::Ridge, from: dims, to: dims, steps, fitted: Fitted::default() }
    }

    #[test]
    fn an_index_mapped_by_blocks_is_found_as_a_whole() {
        for own in [false, true] {
            let judged = Planted { documents: 101, queries: 9, ..Planted::default() }.judged();
            let case = if own { testing::without_queries(judged) } else { judged };
            let settings = Settings { depth: 20, cascade: vec![], ..Settings::default() };
            let bench = Workbench::new(&case, &settings, &mut quiet).unwrap();
            let map = map(12);
            let whole = map.apply(&case.old.documents, &mut quiet).unwrap();
            let index = Index::new(&whole, case.similarity).unwrap();
            let expected = index.search(&bench.new_queries, 20, bench.own.as_deref(), &mut quiet).unwrap();
            for block in [1, 7, 100, 101, 5000] {
                let found = by_blocks(&bench, &map, &bench.new_queries, 20, block, &mut quiet).unwrap();
                assert_eq!(found.count(), expected.count());
                for (found, expected) in found.lists().zip(expected.lists()) {
                    let documents = |hits: &[Hit]| hits.iter().map(|hit| hit.document).collect::<Vec<_>>();
                    assert_eq!(documents(found), documents(expected), "blocks of {block}");
                }
            }
        }
    }

    #[test]
    fn the_one_who_asks_takes_nobodys_place() {
        let hit = |document, score| Hit { document, score };
        let mut best = vec![hit(3, 0.5)];
        merge(&mut best, &[hit(0, 0.9), hit(2, 0.7), hit(1, 0.1)], 10, Some(10), 2);
        assert_eq!(best, [hit(12, 0.7), hit(3, 0.5)]);
        merge(&mut best, &[hit(0, 0.6)], 20, None, 2);
        assert_eq!(best, [hit(12, 0.7), hit(20, 0.6)]);
    }

    #[test]
    fn a_mapped_query_searches_the_old_index() {
        let case = Planted { documents: 90, queries: 6, ..Planted::default() }.judged();
        let settings = Settings::default();
        let bench = Workbench::new(&case, &settings, &mut quiet).unwrap();
        let map = map(12);
        let found = search(&bench, Direction::Queries, &map, 7, &mut quiet).unwrap();
        let mapped = map.apply(&bench.new_queries, &mut quiet).unwrap();
        assert_eq!(found, bench.old.search(&mapped, 7, None, &mut quiet).unwrap());
        assert_eq!(sides(&bench, Direction::Queries), (&case.new.documents, &case.old.documents));
    }

    #[test]
    fn breaking_off_reaches_a_search_of_blocks() {
        let case = Planted { documents: 90, queries: 6, ..Planted::default() }.judged();
        let settings = Settings::default();
        let bench = Workbench::new(&case, &settings, &mut quiet).unwrap();
        let mut late = |share: f64| if share > 0.6 { Err(DecideError::Cancelled) } else { Ok(()) };
        let found = by_blocks(&bench, &map(12), &bench.new_queries, 5, 10, &mut late);
        assert_eq!(found, Err(DecideError::Cancelled));
    }
}
