use proptest::prelude::*;

use super::*;
use crate::{
    Similarity, Vectors,
    rank::{dot::dot, scrambled},
};

fn sketch(rows: &Vectors, directions: Option<Panels>) -> Sketch {
    Sketch::new(&Rows::new(rows, Similarity::InnerProduct), directions, &mut |_| Ok(())).unwrap()
}

/// Rows in which few dims are long, and some of which are zeros.
fn rows(count: usize, dims: usize, seed: u64) -> Vectors {
    let number = |at: usize| {
        let bits = scrambled(scrambled(seed) ^ at as u64);
        let (row, column) = (at / dims, at % dims);
        let size = if row % 7 == 3 { 0.0 } else { 0.9_f32.powi(column as i32) };
        ((bits >> 40) as f32 / 8_388_608.0 - 1.0) * size
    };
    Vectors::new(dims, (0..count * dims).map(number).collect()).unwrap()
}

fn directions(rows: &Vectors, count: usize) -> Panels {
    let axes = axes::principal(rows, count, &mut |_| Ok(())).unwrap();
    let dims = rows.dims();
    Panels::pack(axes.len() / dims, dims, |axis, place| axes[axis * dims + place] as f32)
}

/// The gaps between bounds and scores, as shares of the product of both lengths.
fn gaps(sketch: &Sketch, documents: &Vectors, queries: &Vectors) -> Vec<f64> {
    let panels = documents.count().div_ceil(LANES);
    let mut gaps = Vec::new();
    for block in queries.numbers().chunks(QUERIES * queries.dims()) {
        let asked = sketch.ask(block, queries.dims());
        let sums: Vec<_> = (0..panels).map(|panel| sketch.sums(&asked, panel)).collect();
        for (lane, query) in block.chunks(queries.dims()).enumerate() {
            let mut bounds = vec![[0.0; LANES]; panels];
            let of_query = sums.iter().map(|sums| &sums[lane]);
            asked.queries()[lane].bound(of_query, sketch.measures(0..panels), None, &mut bounds);
            let (numbers, one) = sketch.ask_one(query, queries.dims());
            for (place, (document, &bound)) in documents.rows().zip(bounds.as_flattened()).enumerate() {
                let alone = sketch.closer(&one.unwrap(), sum(&numbers, sketch.document(place)), place);
                assert_eq!(alone, bound, "one by one they are the same");
                let gap = f64::from(bound) - f64::from(dot(query, document));
                assert!(gap >= 0.0, "{bound} bounds {}", dot(query, document));
                let lengths = length(query) * length(document);
                if lengths > 0.0 {
                    gaps.push(gap / lengths);
                }
            }
        }
    }
    gaps
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn no_score_is_above_its_bound(
        count in 1_usize..40,
        dims in 1_usize..70,
        seed: u64,
        scale in prop::sample::select(vec![1.0_f32, 1e-20, 1e-33, 1e12]),
    ) {
        let scaled = |rows: Vectors, scale: f32| {
            Vectors::new(dims, rows.numbers().iter().map(|number| number * scale).collect()).unwrap()
        };
        let documents = scaled(rows(count, dims, seed), scale);
        let queries = rows(5, dims, seed ^ 1);
        let whole = sketch(&documents, None);
        gaps(&whole, &documents, &queries);
        let brief = sketch(&documents, Some(directions(&rows(30, dims, seed), dims / 2)));
        gaps(&brief, &documents, &queries);
    }
}

#[test]
fn bounds_are_close() {
    let (documents, queries) = (rows(100, 64, 5), rows(9, 64, 6));
    let whole = sketch(&documents, None);
    assert!(gaps(&whole, &documents, &queries).iter().all(|&gap| gap < 0.002), "a step is at most a 5792th");
    // 0.9^32 is 0.034, and a query's and a document's rest are bounded as if they were alike.
    let brief = sketch(&documents, Some(directions(&documents, 32)));
    let widest = gaps(&brief, &documents, &queries).into_iter().fold(0.0, f64::max);
    assert!((0.001..0.1).contains(&widest), "{widest}");
    assert!(brief.is_brief() && !whole.is_brief());
}

#[test]
fn the_largest_numbers_do_not_overflow() {
    // All products at their most: 4096 dims of whole numbers of 724 each.
    let documents = Vectors::new(4096, vec![1.0; 4096]).unwrap();
    let sketch = sketch(&documents, None);
    assert_eq!(sketch.most, 724.0);
    let gap = gaps(&sketch, &documents, &documents);
    assert!(gap.iter().all(|&gap| gap < 0.001), "{gap:?}");
}

#[test]
fn it_can_be_broken_off() {
    let documents = rows(300, 8, 1);
    let mut calls = 0;
    let broken = Sketch::new(&Rows::new(&documents, Similarity::InnerProduct), None, &mut |_| {
        calls += 1;
        if calls == 3 { Err(DecideError::Cancelled) } else { Ok(()) }
    });
    assert!(matches!(broken, Err(DecideError::Cancelled)));
    assert_eq!(calls, 3, "at rows 0, 128 and 256");
}
