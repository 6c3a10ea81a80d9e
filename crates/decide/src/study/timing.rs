//! What a query takes beside its search, by the clock of the machine at hand.

use super::{Kept, Study};
use crate::{
    Case, DecideError, Vectors,
    maps::{Direction, Map},
    options::{Choice, First, slerp},
    rank::Index,
};

/// Queries that are mapped, fused or re-scored at once.
const BATCH: usize = 64;
/// Least that is timed, in milliseconds: clocks of browsers are coarse.
const LEAST: f64 = 20.0;
/// Most batches that are timed, lest a clock that stands still is waited for.
const MOST: u32 = 2_000;

/// Writes into the costs of a study what mapping, fusing and re-scoring take for a query, in milliseconds, 64 queries at a time. `clock`
/// tells milliseconds since any moment. Options that do nothing beside the search are not timed.
///
/// # Errors
/// A map cannot be applied to the queries it was judged by.
pub fn timed(study: &mut Study, kept: &Kept, case: &Case, clock: &mut dyn FnMut() -> f64) -> Result<(), DecideError> {
    let [old, new] = [&case.old, &case.new].map(|model| first(model.queries.as_ref().unwrap_or(&model.documents)));
    let (old, new) = (old?, new?);
    let mut mapping = |map: &Map| time(clock, new.count(), || map.apply(&new, &mut |_| Ok(())).map(drop));
    let mut of_maps = Vec::with_capacity(kept.maps.len());
    for (choice, map) in kept.maps.iter().filter(|(choice, _)| choice.is_bridge_of(Direction::Queries)) {
        of_maps.push((choice, map, mapping(map)?));
    }
    // Cascades and both encoders go on from the first.
    let best = of_maps.first().map(|&(_, map, took)| (map, took));
    let fused = match best {
        Some((map, _)) => {
            let mapped = map.apply(&new, &mut |_| Ok(()))?;
            Some(time(clock, new.count(), || slerp::fuse(&old, &mapped, 50).map(drop))?)
        }
        None => None,
    };
    let index = Index::new(&case.new.documents, study.examination.similarity)?;
    let mut rescoring = |choice: &Choice, candidates: usize| {
        let lists = kept.ranking(choice).into_iter().flat_map(|ranking| ranking.lists().take(new.count()));
        let lists: Vec<Vec<u32>> =
            lists.map(|hits| hits.iter().take(candidates).map(|hit| hit.document).collect()).collect();
        time(clock, new.count(), || {
            for (query, list) in new.rows().zip(&lists) {
                std::hint::black_box(index.scores(query, list.iter().copied()));
            }
            Ok(())
        })
    };
    for row in study.rows.iter_mut().filter(|row| !row.scores.is_empty()) {
        row.cost.milliseconds = match &row.choice {
            Choice::Bridge { .. } => of_maps.iter().find(|(choice, ..)| **choice == row.choice).map(|&(.., took)| took),
            Choice::Slerp { .. } => best.zip(fused).map(|((_, took), fuse)| took + fuse),
            Choice::Cascade { first, candidates } => {
                let scoring = rescoring(&row.choice, *candidates)?;
                let map = if *first == First::MappedQuery { best.map_or(0.0, |(_, took)| took) } else { 0.0 };
                Some(map + scoring)
            }
            _ => None,
        };
    }
    Ok(())
}

/// The first rows.
fn first(rows: &Vectors) -> Result<Vectors, DecideError> {
    let numbers = rows.numbers().chunks(BATCH * rows.dims()).next().unwrap_or_default();
    Vectors::new(rows.dims(), numbers.to_vec())
}

/// Milliseconds for one of `count`.
fn time(
    clock: &mut dyn FnMut() -> f64,
    count: usize,
    mut run: impl FnMut() -> Result<(), DecideError>,
) -> Result<f64, DecideError> {
    // What is called first is not yet as fast as it gets.
    run()?;
    let start = clock();
    for batch in 1..=MOST {
        run()?;
        let took = clock() - start;
        if took >= LEAST || batch == MOST {
            return Ok(took.max(0.0) / f64::from(batch) / count.max(1) as f64);
        }
    }
    Ok(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{options::Settings, study::study, testing::Planted};

    #[test]
    fn what_a_query_takes_is_what_the_clock_says() {
        // 70 queries, of which 64 are timed; the clock goes on by 32 ms whenever it is asked: half a millisecond a query.
        let case = Planted { queries: 70, ..Planted::default() }.judged();
        let (mut study, kept) = study(&case, true, &Settings::default(), &mut |_, _| Ok(())).unwrap();
        let mut now = 0.0;
        let mut clock = || {
            now += 32.0;
            now
        };
        timed(&mut study, &kept, &case, &mut clock).unwrap();
        for row in &study.rows {
            let expected = match row.choice {
                Choice::Bridge { direction: Direction::Queries, .. } => Some(0.5),
                Choice::Slerp { .. } | Choice::Cascade { first: First::MappedQuery, .. } => Some(1.0),
                Choice::Cascade { .. } => Some(0.5),
                _ => None,
            };
            assert_eq!(row.cost.milliseconds, expected, "{}", row.name);
        }
        timed(&mut study, &kept, &case, &mut || 7.0).unwrap();
        assert!(
            study.rows.iter().all(|row| row.cost.milliseconds.is_none_or(|took| took == 0.0)),
            "a clock that stands"
        );
    }
}
