//! All options of a case, one after another.

use super::{
    progress::{FITTED, JUDGED, attempt},
    run::Run,
};
use crate::{
    DecideError, Pulse, Similarity,
    maps::{self, Direction, Family, Map, Pairs},
    options::{
        Choice, First, bridges,
        cascades::{self, Cascaded},
        costs::multiply_adds,
        single, slerp,
        workbench::{Workbench, cut, deepest},
    },
    rank::Ranking,
};

/// What one step weighs beside others of its chapter.
const SUMS: f64 = 3.0;
const SEARCH: f64 = 4.0;

/// Why nothing is offered that needs a bridge.
const NO_BRIDGE: &str = "no bridge could be fitted that it needs";

/// A family's map, or why there is none.
struct Fit {
    family: Family,
    map: Result<Map, String>,
}

/// What an option finds that was searched together with others, so deep.
struct Known {
    choice: Choice,
    depth: usize,
    ranking: Ranking,
}

impl Run<'_, '_, '_> {
    /// Every option, from the cheapest to the full re-index.
    pub(super) fn options(&mut self, deep: &Ranking) -> Result<(), DecideError> {
        let bench = self.bench;
        let families = bench.settings.families.len() as f64;
        let weights: f64 = bench.settings.families.iter().copied().map(weight).sum();
        self.progress.chapter(FITTED, 2.0 * (SUMS + weights));
        let queries = self.fit(Direction::Queries)?;
        let gallery = self.fit(Direction::Gallery)?;

        let cascades = cascades::counts(bench.settings, bench.case.documents.len()).len() * First::ALL.len();
        let searches = 2.0 + 2.0 * families + slerp::WEIGHTS.len() as f64;
        self.progress.chapter(JUDGED, 2.0 + searches * (SEARCH + 1.0) + cascades as f64 * 2.0);
        self.judge(Choice::Stay, bench.stay.clone(), 0, 0)?;
        let centred =
            self.progress.step("searching with the mean subtracted", SEARCH, |pulse| single::centred(bench, pulse));
        self.settle(Choice::Centred, attempt(centred)?, 0)?;
        let mut known = self.together(&queries, &gallery)?;
        let swapped = match known.iter().position(|known| known.choice == Choice::Swap) {
            Some(at) => Ok(cut(&known.swap_remove(at).ranking, bench.settings.depth)),
            None => {
                let swapped = self.progress.step("swapping the models", SEARCH, |pulse| single::swap(bench, pulse));
                attempt(swapped)?.and_then(|found| found.ok_or_else(|| unlike(bench)))
            }
        };
        self.settle(Choice::Swap, swapped, 0)?;

        let queries = self.bridges(Direction::Queries, queries, &mut known)?;
        let gallery = self.bridges(Direction::Gallery, gallery, &mut known)?;
        self.slerps(queries.as_ref().map(|(bridge, _)| bridge))?;
        self.cascades(First::OldQuery, Some((0, deep)))?;
        for (first, bridge) in [(First::MappedQuery, &queries), (First::MappedGallery, &gallery)] {
            let found = bridge.as_ref().and_then(|(choice, deep)| Some((multiply_adds(self.kept.map(choice)?), deep)));
            self.cascades(first, found)?;
        }
        self.judge(Choice::Reindex, bench.full.clone(), 0, 0)
    }

    /// Every family of one direction, the best fit to held-out pairs first.
    fn fit(&mut self, direction: Direction) -> Result<Vec<Fit>, DecideError> {
        let bench = self.bench;
        let (from, to) = bridges::sides(bench, direction);
        let of = what(direction);
        let sums = self
            .progress
            .step(&format!("gathering pairs, {of}"), SUMS, |pulse| Pairs::new(from, to, &bench.fit_rows, pulse));
        let sums = attempt(sums)?;
        let mut fits = Vec::with_capacity(bench.settings.families.len());
        for &family in &bench.settings.families {
            let map = match &sums {
                Ok(sums) => {
                    let name = format!("fitting {}, {of}", family.name());
                    let seed = bench.settings.seed;
                    attempt(self.progress.step(&name, weight(family), |pulse| maps::fit(family, sums, seed, pulse)))?
                }
                Err(why) => Err(why.clone()),
            };
            fits.push(Fit { family, map });
        }
        fits.sort_by(|one, other| held_out(other).total_cmp(&held_out(one)));
        Ok(fits)
    }

    /// Searches whose queries are alike: of new queries as they are and across translations, and across the maps that turn.
    fn together(&mut self, queries: &[Fit], gallery: &[Fit]) -> Result<Vec<Known>, DecideError> {
        const TURNING: [Family; 2] = [Family::Procrustes, Family::ScaledProcrustes];
        let bench = self.bench;
        if bench.case.similarity != Similarity::Cosine {
            return Ok(Vec::new());
        }
        let swap = (bench.old.dims() == bench.new_queries.dims()).then_some((Choice::Swap, None));
        let mut known = Vec::new();
        for (families, swap) in [(&[Family::Translation][..], swap), (&TURNING, None)] {
            let mut members: Vec<(Choice, Option<&Map>)> = swap.into_iter().collect();
            let mut depth = bench.settings.depth;
            for (direction, fits) in [(Direction::Gallery, gallery), (Direction::Queries, queries)] {
                let maps = fits.iter().filter_map(|fit| Some((fit.family, fit.map.as_ref().ok()?)));
                for (at, (family, map)) in maps.enumerate().filter(|(_, (family, _))| families.contains(family)) {
                    members.push((Choice::Bridge { family, direction }, Some(map)));
                    // Cascades go on from the first.
                    depth = if at == 0 { deepest(bench.settings) } else { depth };
                }
            }
            if members.len() < 2 {
                continue;
            }
            let name = format!("searching by {}, both ways", families.first().map_or("none", |family| family.name()));
            let search = |pulse: Pulse<'_>| bridges::together(bench, &members, depth, pulse);
            let found = self.progress.step(&name, SEARCH * members.len() as f64, search);
            // What cannot be found together is tried one by one.
            let found = attempt(found)?.unwrap_or_default();
            known.extend(found.into_iter().map(|(choice, ranking)| Known { choice, depth, ranking }));
        }
        Ok(known)
    }

    /// Bridges of one direction. Gives back the first that can be had, with a ranking as deep as cascades need.
    fn bridges(
        &mut self,
        direction: Direction,
        fits: Vec<Fit>,
        known: &mut Vec<Known>,
    ) -> Result<Option<(Choice, Ranking)>, DecideError> {
        let bench = self.bench;
        let mut best = None;
        for Fit { family, map } in fits {
            let choice = Choice::Bridge { family, direction };
            let depth = if best.is_none() { deepest(bench.settings) } else { bench.settings.depth };
            let found = known.iter().position(|known| known.choice == choice && known.depth >= depth);
            let found = match (map, found) {
                (Ok(map), Some(at)) => Ok((map, known.swap_remove(at).ranking)),
                (Ok(map), None) => {
                    let name = format!("searching by {}, {}", family.name(), what(direction));
                    let search = |pulse: Pulse<'_>| bridges::search(bench, direction, &map, depth, pulse);
                    attempt(self.progress.step(&name, SEARCH, search))?.map(|found| (map, found))
                }
                (Err(why), _) => Err(why),
            };
            match found {
                Ok((map, found)) => {
                    self.judge(choice.clone(), cut(&found, bench.settings.depth), multiply_adds(&map), 0)?;
                    self.kept.maps.push((choice.clone(), map));
                    if best.is_none() {
                        best = Some((choice, found));
                    }
                }
                Err(why) => self.refuse(choice, &why),
            }
        }
        Ok(best)
    }

    /// Old and mapped new queries together, by the best bridge of queries.
    fn slerps(&mut self, bridge: Option<&Choice>) -> Result<(), DecideError> {
        let bench = self.bench;
        for weight_percent in slerp::WEIGHTS {
            let choice = Choice::Slerp { weight_percent };
            let Some(map) = bridge.and_then(|bridge| self.kept.map(bridge)) else {
                self.refuse(choice, NO_BRIDGE);
                continue;
            };
            let mapping = multiply_adds(map);
            let search = |pulse: Pulse<'_>| slerp::search(bench, map, weight_percent, pulse);
            let found = attempt(self.progress.step("searching by both encoders", SEARCH, search))?;
            self.settle(choice, found, mapping)?;
        }
        Ok(())
    }

    /// Cascades from one first stage, of which the map's work for each query and the ranking are known if it can be had.
    fn cascades(&mut self, first: First, found: Option<(u64, &Ranking)>) -> Result<(), DecideError> {
        let bench = self.bench;
        let counts = cascades::counts(bench.settings, bench.case.documents.len());
        let Some(((mapping, deep), &most)) = found.zip(counts.last()) else {
            for candidates in counts {
                self.refuse(Choice::Cascade { first, candidates }, NO_BRIDGE);
            }
            return Ok(());
        };
        let name = format!("re-scoring the candidates of {}", first.name());
        let score = |pulse: Pulse<'_>| cascades::scored(bench, deep, most, pulse);
        let scored = self.progress.step(&name, counts.len() as f64, score)?;
        for candidates in counts {
            let Cascaded { ranking, touched } = cascades::rescored(bench, deep, &scored, candidates);
            self.judge(Choice::Cascade { first, candidates }, ranking, mapping, touched)?;
        }
        Ok(())
    }
}

/// What a direction maps.
fn what(direction: Direction) -> &'static str {
    match direction {
        Direction::Queries => "queries",
        Direction::Gallery => "gallery",
    }
}

/// How long a family's fit takes beside others.
fn weight(family: Family) -> f64 {
    match family {
        Family::Mlp => 8.0,
        Family::Clusters => 3.0,
        Family::Translation | Family::Procrustes | Family::ScaledProcrustes | Family::Ridge | Family::LowRank => 1.0,
    }
}

/// How well a map fits held-out pairs, by their mean cosine; lowest where it is not known.
fn held_out(fit: &Fit) -> f64 {
    let known = fit.map.as_ref().ok().and_then(|map| map.fitted.held_out);
    known.filter(|cosine| cosine.is_finite()).unwrap_or(f64::NEG_INFINITY)
}

/// Why new queries cannot ask an old index.
fn unlike(bench: &Workbench<'_>) -> String {
    let (query, document) = (bench.new_queries.dims(), bench.old.dims());
    format!("a new query has {query} dims and a document of the old index {document}")
}
