use proptest::prelude::*;

use super::*;
use crate::rank::{dot::dot, scrambled};

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
        let mut bounds = vec![vec![[0.0; LANES]; panels]; QUERIES];
        // In two parts, as long searches do.
        sketch.bounds(&asked, 0..panels / 2, &mut bounds);
        sketch.bounds(&asked, panels / 2..panels, &mut bounds);
        for (query, bounds) in block.chunks(queries.dims()).zip(&bounds) {
            for (document, &bound) in documents.rows().zip(bounds.as_flattened()) {
                let gap = f64::from(bound) - f64::from(dot(query, document));
                assert!(gap >= 0.0, "{bound} bounds {}", dot(query, document));
                let lengths = norm(query) * norm(document);
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
        let whole = Sketch::new(&documents, None, &mut |_| Ok(())).unwrap();
        gaps(&whole, &documents, &queries);
        let partial = Sketch::new(&documents, Some(directions(&rows(30, dims, seed), dims / 2)), &mut |_| Ok(()));
        gaps(&partial.unwrap(), &documents, &queries);
    }
}

#[test]
fn bounds_are_close() {
    let (documents, queries) = (rows(100, 64, 5), rows(9, 64, 6));
    let whole = Sketch::new(&documents, None, &mut |_| Ok(())).unwrap();
    assert!(gaps(&whole, &documents, &queries).iter().all(|&gap| gap < 0.002), "a step is at most a 5792th");
    // 0.9^32 is 0.034, and a query's and a document's rest are bounded as if they were alike.
    let partial = Sketch::new(&documents, Some(directions(&documents, 32)), &mut |_| Ok(())).unwrap();
    let widest = gaps(&partial, &documents, &queries).into_iter().fold(0.0, f64::max);
    assert!((0.001..0.1).contains(&widest), "{widest}");
    assert!(partial.is_partial() && !whole.is_partial());
}

#[test]
fn the_largest_numbers_do_not_overflow() {
    // All products at their most: 4096 dims of whole numbers of 724 each.
    let documents = Vectors::new(4096, vec![1.0; 4096]).unwrap();
    let sketch = Sketch::new(&documents, None, &mut |_| Ok(())).unwrap();
    assert_eq!(sketch.most, 724.0);
    let gap = gaps(&sketch, &documents, &documents);
    assert!(gap.iter().all(|&gap| gap < 0.001), "{gap:?}");
}

#[test]
fn it_can_be_broken_off() {
    let documents = rows(300, 8, 1);
    let mut calls = 0;
    let broken = Sketch::new(&documents, None, &mut |_| {
        calls += 1;
        if calls == 3 { Err(DecideError::Cancelled) } else { Ok(()) }
    });
    assert!(matches!(broken, Err(DecideError::Cancelled)));
    assert_eq!(calls, 3, "at rows 0, 128 and 256");
}
