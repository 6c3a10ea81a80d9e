//! What an option costs: texts to embed, bytes, operations, and a price by rates that the user knows.

use super::{Choice, Cost, First, Prices, workbench::Workbench};
use crate::maps::{Direction, Map, Step};

/// What costs follow from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ledger {
    /// Documents in the index.
    pub documents: usize,
    /// Queries that are asked.
    pub queries: usize,
    /// Numbers of an old vector.
    pub old_dims: usize,
    /// Numbers of a new vector.
    pub new_dims: usize,
    /// What embedding costs.
    pub prices: Prices,
}

impl Ledger {
    /// Of a case made ready.
    pub(crate) fn of(bench: &Workbench<'_>) -> Self {
        Self {
            documents: bench.case.documents.len(),
            queries: bench.asked.len(),
            old_dims: bench.case.old.documents.dims(),
            new_dims: bench.case.new.documents.dims(),
            prices: bench.settings.prices,
        }
    }

    /// Of a choice whose map, if any, takes `mapping` multiplications for each row, and which embeds `touched` documents on its way.
    pub(crate) fn cost(&self, choice: &Choice, mapping: u64, touched: usize) -> Cost {
        let (old_calls, new_calls) = encoders(choice);
        let embed_now = match choice {
            Choice::Reindex => self.documents,
            Choice::Mixed { percent } => self.share(*percent),
            _ => 0,
        };
        let candidates = match choice {
            Choice::Cascade { candidates, .. } => self.documents.min(*candidates),
            _ => 0,
        };
        let multiply_adds = match choice {
            Choice::Bridge { direction: Direction::Queries, .. } => mapping,
            // Of the angle between the two, and of their weighted sum.
            Choice::Slerp { .. } => mapping.saturating_add(3 * self.old_dims as u64),
            Choice::Cascade { first, .. } => {
                let mapping = if *first == First::MappedQuery { mapping } else { 0 };
                mapping.saturating_add((candidates as u64).saturating_mul(self.new_dims as u64))
            }
            _ => 0,
        };
        let (documents, queries) = ((embed_now + touched) as f64, self.queries as f64);
        let new = charge(documents + queries * f64::from(new_calls), self.prices.new_per_1000);
        let old = charge(queries * f64::from(old_calls), self.prices.old_per_1000);
        Cost {
            embed_now,
            embed_per_query: f64::from(old_calls + new_calls) + candidates as f64,
            embed_on_the_way: touched,
            bytes: self.bytes(choice, embed_now),
            multiply_adds,
            milliseconds: None,
            price: new.zip(old).map(|(new, old)| new + old),
        }
    }

    /// So many percent of the documents, rounded.
    fn share(&self, percent: u8) -> usize {
        (self.documents * usize::from(percent.min(100)) + 50) / 100
    }

    fn bytes(&self, choice: &Choice, embed_now: usize) -> u64 {
        let index = |documents: usize, dims: usize| 4 * documents as u64 * dims as u64;
        match choice {
            Choice::Stay
            | Choice::Centred
            | Choice::Swap
            | Choice::Bridge { direction: Direction::Queries, .. }
            | Choice::Slerp { .. }
            | Choice::Cascade { first: First::OldQuery | First::MappedQuery, .. } => {
                index(self.documents, self.old_dims)
            }
            Choice::Bridge { direction: Direction::Gallery, .. }
            | Choice::Cascade { first: First::MappedGallery, .. }
            | Choice::Reindex => index(self.documents, self.new_dims),
            Choice::Mixed { .. } => {
                index(embed_now, self.new_dims) + index(self.documents.saturating_sub(embed_now), self.old_dims)
            }
        }
    }
}

/// How often the old and the new model embed a query.
fn encoders(choice: &Choice) -> (u32, u32) {
    match choice {
        Choice::Stay | Choice::Centred => (1, 0),
        Choice::Swap | Choice::Bridge { .. } | Choice::Reindex => (0, 1),
        Choice::Slerp { .. } | Choice::Mixed { .. } => (1, 1),
        Choice::Cascade { first, .. } => (u32::from(*first == First::OldQuery), 1),
    }
}

/// What so many texts come to; nothing for none, whatever the rate.
fn charge(texts: f64, per_1000: Option<f64>) -> Option<f64> {
    match texts > 0.0 {
        true => per_1000.map(|rate| texts * rate / 1000.0),
        false => Some(0.0),
    }
}

/// Multiplications with additions that a map takes for a row. Sums and lengths, of which there is one a number, are left out.
pub(crate) fn multiply_adds(map: &Map) -> u64 {
    map.steps.iter().map(step).sum()
}

fn step(step: &Step) -> u64 {
    match step {
        Step::Add(_) | Step::Normalize | Step::Gelu => 0,
        Step::Affine { weight, .. } => weight.len() as u64,
        Step::Clustered { centroids, maps } => {
            let one = maps.first().map_or(0, |(weight, _)| weight.len());
            (centroids.len() + one) as u64
        }
        Step::Residual(steps) => steps.iter().map(self::step).sum(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::maps::{Family, Fitted};

    const LEDGER: Ledger = Ledger {
        documents: 1000,
        queries: 50,
        old_dims: 8,
        new_dims: 16,
        prices: Prices { new_per_1000: Some(2.0), old_per_1000: Some(1.0) },
    };

    fn cost(choice: Choice, mapping: u64, touched: usize) -> Cost {
        LEDGER.cost(&choice, mapping, touched)
    }

    #[test]
    fn costs_are_those_worked_out_by_hand() {
        let bridge = |direction| Choice::Bridge { family: Family::Ridge, direction };
        let cascade = |first| Choice::Cascade { first, candidates: 20 };
        // Documents now, texts a query, documents on the way, bytes, multiplications, price.
        let expected = [
            (cost(Choice::Stay, 0, 0), (0, 1.0, 0, 32_000, 0, 0.05)),
            (cost(Choice::Centred, 0, 0), (0, 1.0, 0, 32_000, 0, 0.05)),
            (cost(Choice::Swap, 0, 0), (0, 1.0, 0, 32_000, 0, 0.1)),
            (cost(bridge(Direction::Queries), 128, 0), (0, 1.0, 0, 32_000, 128, 0.1)),
            (cost(bridge(Direction::Gallery), 128, 0), (0, 1.0, 0, 64_000, 0, 0.1)),
            (cost(Choice::Slerp { weight_percent: 50 }, 128, 0), (0, 2.0, 0, 32_000, 152, 0.15)),
            (cost(cascade(First::OldQuery), 0, 600), (0, 22.0, 600, 32_000, 320, 1.35)),
            (cost(cascade(First::MappedQuery), 128, 600), (0, 21.0, 600, 32_000, 448, 1.3)),
            (cost(cascade(First::MappedGallery), 128, 600), (0, 21.0, 600, 64_000, 320, 1.3)),
            (cost(Choice::Mixed { percent: 25 }, 0, 0), (250, 2.0, 0, 40_000, 0, 0.65)),
            (cost(Choice::Reindex, 0, 0), (1000, 1.0, 0, 64_000, 0, 2.1)),
        ];
        for (found, (embed_now, embed_per_query, embed_on_the_way, bytes, multiply_adds, price)) in expected {
            assert!((found.price.unwrap() - price).abs() < 1e-12, "{found:?}");
            let price = found.price;
            assert_eq!(
                found,
                Cost { embed_now, embed_per_query, embed_on_the_way, bytes, multiply_adds, milliseconds: None, price }
            );
        }
    }

    #[test]
    fn no_price_is_made_up() {
        let ledger = Ledger { prices: Prices { old_per_1000: None, ..LEDGER.prices }, ..LEDGER };
        assert_eq!(ledger.cost(&Choice::Stay, 0, 0).price, None);
        assert_eq!(ledger.cost(&Choice::Slerp { weight_percent: 25 }, 0, 0).price, None);
        assert!(ledger.cost(&Choice::Reindex, 0, 0).price.is_some(), "the old model embeds nothing for it");
        assert_eq!(Ledger { prices: Prices::default(), ..LEDGER }.cost(&Choice::Reindex, 0, 0).price, None);
    }

    #[test]
    fn more_candidates_than_documents_are_all_of_them() {
        let all = Choice::Cascade { first: First::OldQuery, candidates: 5000 };
        assert!((cost(all, 0, 1000).embed_per_query - 1002.0).abs() < 1e-12);
    }

    #[test]
    fn a_map_takes_what_its_products_take() {
        let affine = |from: usize, to: usize| Step::Affine { weight: vec![0.0; from * to], bias: vec![0.0; to] };
        let clustered = Step::Clustered { centroids: vec![0.0; 3 * 4], maps: vec![(vec![0.0; 8], vec![0.0; 2]); 3] };
        let residual = Step::Residual(vec![affine(4, 6), Step::Gelu, affine(6, 4)]);
        let steps = vec![Step::Normalize, Step::Add(vec![0.0; 4]), residual, clustered, affine(2, 5)];
        let map = Map { family: Family::Mlp, from: 4, to: 5, steps, fitted: Fitted::default() };
        assert_eq!(multiply_adds(&map), 48 + (12 + 8) + 10);
    }
}
