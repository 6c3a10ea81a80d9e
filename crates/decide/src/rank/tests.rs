use proptest::prelude::*;

use super::{panels::Panels, sketch::Sketch, *};

/// What a plain sort of all documents finds.
fn sorted(documents: &Vectors, queries: &Vectors, k: usize, own: Option<&[usize]>) -> Ranking {
    let of_query = |(query, row): (usize, &[f32])| {
        let own = own.map(|own| own[query]);
        let others = documents.rows().enumerate().filter(|&(document, _)| own != Some(document));
        let mut hits: Vec<Hit> =
            others.map(|(document, other)| Hit { document: document as u32, score: dot(row, other) }).collect();
        hits.sort_by(|&a, &b| before(a, b));
        hits.truncate(k);
        hits
    };
    Ranking::new(queries.rows().enumerate().map(of_query).collect())
}

/// The three ways of a search: every pair, a sketch of all dims, one along few directions.
fn three_ways(documents: &Vectors, queries: &Vectors, k: usize, own: Option<&[usize]>) -> [Ranking; 3] {
    let rows = Rows::new(documents, Similarity::InnerProduct);
    let (askings, likenesses) = ([Asking::of(queries)], [Vec::new()]);
    let own = own.unwrap_or_default();
    let scan = Scan { rows: &rows, askings: &askings, likenesses: &likenesses, common: &[], k, own };
    let dims = documents.dims();
    let axes = axes::principal(documents, dims / 2, &mut quiet).unwrap();
    let directions = Panels::pack(axes.len() / dims, dims, |axis, place| axes[axis * dims + place] as f32);
    let sketches = |brief| Sketches { whole: Sketch::new(&rows, None, &mut quiet).unwrap(), brief };
    let brief = Sketch::new(&rows, Some(directions), &mut quiet).unwrap();
    [
        scan.plain(&mut quiet).unwrap(),
        scan.pruned(&sketches(None), &mut quiet).unwrap(),
        scan.pruned(&sketches(Some(brief)), &mut quiet).unwrap(),
    ]
    .map(|mut found| Ranking::new(found.remove(0)))
}

fn quiet(_: f64) -> Result<(), DecideError> {
    Ok(())
}

/// Small whole numbers: ties, duplicates and rows of zeros come by themselves.
fn whole(rows: impl Strategy<Value = usize>, dims: usize) -> impl Strategy<Value = Vectors> {
    let row = prop::collection::vec(-2_i8..=2, dims);
    rows.prop_flat_map(move |rows| prop::collection::vec(row.clone(), rows))
        .prop_map(move |rows| Vectors::new(dims, rows.concat().into_iter().map(f32::from).collect()).unwrap())
}

/// Random numbers of a falling size along the dims, `[rows, dims]`.
fn falling(rows: usize, dims: usize, seed: u64) -> Vectors {
    let number = |at: usize| {
        let bits = scrambled(scrambled(seed) ^ at as u64);
        ((bits >> 40) as f32 / 8_388_608.0 - 1.0) * 0.9_f32.powi((at % dims) as i32)
    };
    Vectors::new(dims, (0..rows * dims).map(number).collect()).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn every_way_finds_what_a_full_sort_finds(
        (documents, queries) in (1_usize..9).prop_flat_map(|dims| (whole(1..60_usize, dims), whole(1..40_usize, dims))),
        k in 0_usize..70,
        asks: bool,
        cosine: bool,
    ) {
        let own: Vec<usize> = (0..queries.count()).map(|query| query * 7 % documents.count()).collect();
        let own = asks.then_some(&own[..]);
        let compared = |rows: &Vectors| if cosine { rows.unit() } else { rows.clone() };
        let (rows, asked) = (compared(&documents), compared(&queries));
        let expected = sorted(&rows, &asked, k, own);
        for found in three_ways(&rows, &asked, k, own) {
            prop_assert_eq!(&found, &expected);
        }
        let similarity = if cosine { Similarity::Cosine } else { Similarity::InnerProduct };
        let index = Index::new(&documents, similarity).unwrap();
        // Once to make the sketch, once with it.
        for _ in 0..2 {
            prop_assert_eq!(&index.search(&queries, k, own, &mut quiet).unwrap(), &expected);
        }
    }

    #[test]
    fn pruned_rows_of_many_dims_are_found(rows in 200_usize..500, dims in 20_usize..90, k in 1_usize..30, seed: u64) {
        let (documents, queries) = (falling(rows, dims, seed).unit(), falling(37, dims, !seed).unit());
        let expected = sorted(&documents, &queries, k, None);
        for found in three_ways(&documents, &queries, k, None) {
            prop_assert_eq!(&found, &expected);
        }
    }
}

/// What a plain sort of all documents finds by products, offsets and factors.
fn sorted_by_asking(rows: &Vectors, asking: &Asking<'_>, k: usize) -> Ranking {
    let of_query = |(query, row): (usize, &[f32])| {
        let score = |(document, other): (usize, &[f32])| {
            let offset = asking.offsets.get(query).copied().unwrap_or(0.0);
            let factor = asking.factors.get(document).copied().unwrap_or(1.0);
            Hit { document: document as u32, score: (dot(row, other) + offset) * factor + 0.0 }
        };
        let mut hits: Vec<Hit> = rows.rows().enumerate().map(score).collect();
        hits.sort_by(|&a, &b| before(a, b));
        hits.truncate(k);
        hits
    };
    Ranking::new(asking.queries.rows().enumerate().map(of_query).collect())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn queries_that_are_alike_are_found_as_each_by_itself(
        rows in 60_usize..300,
        dims in 1_usize..70,
        k in 1_usize..25,
        apart in prop::sample::select(vec![0.0_f32, 1e-4, 1e-2, 1.0]),
        seed: u64,
    ) {
        let documents = falling(rows, dims, seed);
        let leading = falling(23, dims, !seed).unit();
        let common: Vec<Vec<f32>> = (2..4).map(|other| falling(1, dims, seed ^ other).numbers().to_vec()).collect();
        let noise = falling(23, dims, seed ^ 5);
        // A multiple of each, with much of both directions and a little of anything.
        let mixed = |times: f32, first: f32, second: f32| {
            let rows = leading.rows().zip(noise.rows()).flat_map(|(row, noise)| {
                let numbers = row.iter().zip(noise).zip(common[0].iter().zip(&common[1]));
                numbers.map(|((x, z), (a, b))| times * x + first * a + second * b + apart * z).collect::<Vec<f32>>()
            });
            Vectors::new(dims, rows.collect()).unwrap()
        };
        let others = [mixed(0.3, 0.7, 0.0).unit(), mixed(-2.0, 0.0, 0.4), mixed(1.0, 0.0, 0.0)];
        let offsets: Vec<f32> = (0..23).map(|query| (query as f32 - 9.0) / 11.0).collect();
        let factors: Vec<f32> = (0..rows).map(|document| (document % 7) as f32 / 3.0).collect();
        let askings = [
            Asking { queries: &leading, offsets: &[], factors: &factors },
            Asking::of(&others[0]),
            Asking { queries: &others[1], offsets: &offsets, factors: &factors },
            Asking { queries: &others[2], offsets: &offsets, factors: &[] },
        ];
        let index = Index::new(&documents, Similarity::Cosine).unwrap();
        let found = index.search_alike(&askings, &common, k, None, &mut quiet).unwrap();
        for (asking, found) in askings.iter().zip(&found) {
            prop_assert_eq!(found, &sorted_by_asking(&documents.unit(), asking, k));
        }
    }
}

#[test]
fn hits_by_hand() {
    // Angles of 0, 90, 180 and 45 degrees, the last three times as long.
    let documents = Vectors::new(2, vec![1.0, 0.0, 0.0, 2.0, -1.0, 0.0, 3.0, 3.0]).unwrap();
    let queries = Vectors::new(2, vec![5.0, 0.0]).unwrap();
    let places = |ranking: &Ranking| ranking.of(0).iter().map(|hit| hit.document).collect::<Vec<_>>();
    let cosine = Index::new(&documents, Similarity::Cosine).unwrap();
    let found = cosine.search(&queries, 9, None, &mut quiet).unwrap();
    assert_eq!((places(&found), found.of(0)[0].score, found.of(0)[3].score), (vec![0, 3, 1, 2], 1.0, -1.0));
    assert_eq!((cosine.dims(), cosine.count(), found.count(), found.lists().len(), found.of(1)), (2, 4, 1, 1, &[][..]));
    let product = Index::new(&documents, Similarity::InnerProduct).unwrap();
    let found = product.search(&queries, 2, None, &mut quiet).unwrap();
    assert_eq!((places(&found), found.of(0)[0].score), (vec![3, 0], 15.0));
    // The query is document 3.
    let found = product.search(&queries, 2, Some(&[3]), &mut quiet).unwrap();
    assert_eq!(places(&found), [0, 1]);
}

#[test]
fn ties_are_broken_by_scrambled_places() {
    // SplitMix64 from the states 0 and 1.
    assert_eq!((scrambled(0), scrambled(1)), (0xE220_A839_7B1D_CDAF, 0x910A_2DEC_8902_5CC1));
    let hit = |document, score| Hit { document, score };
    assert!(before(hit(0, 0.5), hit(3, 0.4)).is_lt() && before(hit(0, 0.5), hit(3, 0.5)).is_gt());
    let rows = Vectors::new(2, [3.0, 4.0].repeat(8)).unwrap();
    let found = Index::new(&rows, Similarity::Cosine).unwrap().search(&rows, 8, None, &mut quiet).unwrap();
    let places: Vec<u32> = found.of(5).iter().map(|hit| hit.document).collect();
    assert_eq!(places, [3, 5, 7, 4, 1, 2, 6, 0]);
}

#[test]
fn rows_of_zeros_score_zero() {
    let rows = Vectors::new(2, vec![0.0, 0.0, -1.0, 0.0, 1.0, 0.0]).unwrap();
    let index = Index::new(&rows, Similarity::Cosine).unwrap();
    let found = index.search(&rows, 3, None, &mut quiet).unwrap();
    assert!(found.of(0).iter().all(|hit| hit.score == 0.0));
    let of_last: Vec<(u32, f32)> = found.of(2).iter().map(|hit| (hit.document, hit.score)).collect();
    assert_eq!(of_last, [(2, 1.0), (0, 0.0), (1, -1.0)]);
}

#[test]
fn one_score_is_that_of_a_search() {
    let (documents, queries) = (falling(90, 21, 1), falling(20, 21, 2));
    for similarity in [Similarity::Cosine, Similarity::InnerProduct] {
        let index = Index::new(&documents, similarity).unwrap();
        let found = index.search(&queries, 30, None, &mut quiet).unwrap();
        for (query, hits) in queries.rows().zip(found.lists()) {
            assert!(hits.iter().all(|hit| index.score(query, hit.document) == hit.score));
            let scores: Vec<f32> = hits.iter().map(|hit| hit.score).collect();
            assert_eq!(index.scores(query, hits.iter().map(|hit| hit.document)), scores);
        }
        assert_eq!(index.score(queries.row(0), 90), 0.0);
    }
}

#[test]
fn rows_too_long_for_32_bits_are_ordered_all_the_same() {
    let numbers = (0..40).map(|at| if at == 7 { 1e30 } else { -1e20 * at as f32 }).collect();
    let documents = Vectors::new(1, numbers).unwrap();
    let index = Index::new(&documents, Similarity::InnerProduct).unwrap();
    let found = index.search(&Vectors::new(1, vec![1e25; 20]).unwrap(), 2, None, &mut quiet).unwrap();
    assert!(found.lists().all(|hits| (hits[0].document, hits[0].score, hits[1].document) == (7, f32::MAX, 0)));
}

#[test]
fn what_cannot_be_searched_is_refused() {
    let rows = |dims: usize, count: usize| Vectors::new(dims, vec![1.0; dims * count]).unwrap();
    assert!(matches!(Index::new(&rows(3, 0), Similarity::Cosine), Err(DecideError::TooFew { .. })));
    let documents = rows(3, 5);
    let index = Index::new(&documents, Similarity::Cosine).unwrap();
    let error = index.search(&rows(4, 2), 1, None, &mut quiet).unwrap_err().to_string();
    let expected = "a search cannot be computed: queries have 4 dims and documents 3; map them into one space first";
    assert_eq!(error, expected);
    assert!(index.search(&rows(3, 2), 1, Some(&[0]), &mut quiet).is_err());
    assert_eq!(index.search(&rows(3, 0), 1, None, &mut quiet).unwrap().count(), 0);
}

#[test]
fn a_search_can_be_broken_off_at_any_call_and_tells_how_far_it_is() {
    let (documents, queries) = (falling(3000, 8, 1), falling(40, 8, 2));
    let mut shares = Vec::new();
    let index = Index::new(&documents, Similarity::Cosine).unwrap();
    let whole = index.search(&queries, 5, None, &mut |share| {
        shares.push(share);
        Ok(())
    });
    assert!(shares.len() > 40 && shares.is_sorted() && shares.iter().all(|share| (0.0..=1.0).contains(share)));
    assert!(shares.iter().any(|&share| share < SKETCHING) && shares.iter().any(|&share| share > 0.9), "{shares:?}");
    for last in 0..shares.len() {
        let index = Index::new(&documents, Similarity::Cosine).unwrap();
        let mut calls = 0;
        let broken = index.search(&queries, 5, None, &mut |_| {
            calls += 1;
            if calls > last { Err(DecideError::Cancelled) } else { Ok(()) }
        });
        assert_eq!((broken, calls), (Err(DecideError::Cancelled), last + 1));
        // What was begun does no harm.
        assert_eq!(index.search(&queries, 5, None, &mut quiet), whole);
    }
}
