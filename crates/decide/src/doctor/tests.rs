use proptest::prelude::*;

use super::{
    made::{case, go_on, joined, noise, noisy, rotated, seen, shuffled, stop},
    *,
};
use crate::Embedded;

fn examined(old: Vectors, new: Vectors) -> Examination {
    examine(&case(old, new), false, &mut go_on).unwrap()
}

/// The only finding whose sentence has these words.
fn said<'a>(examination: &'a Examination, words: &str) -> &'a Finding {
    let mut found = examination.findings.iter().filter(|finding| finding.sentence.contains(words));
    let first = found.next().unwrap_or_else(|| panic!("{words}: {:#?}", examination.findings));
    assert!(found.next().is_none(), "{words}: {:#?}", examination.findings);
    first
}

fn gravest(examination: &Examination) -> Severity {
    examination.findings[0].severity
}

#[test]
fn one_space_turned_is_paired() {
    let old = noise(1500, 16, 1);
    let found = examined(old.clone(), rotated(&old, 2));
    let pairing = found.pairing.unwrap();
    assert_eq!((pairing.verdict, pairing.best_shift), (PairingVerdict::Paired, None));
    assert!(pairing.cka > 0.999 && pairing.neighbours > 0.99, "{pairing:?}");
    assert!((pairing.chance - 10.0 / 999.0).abs() < 1e-15);
    assert_eq!(gravest(&found), Severity::Note);
    let sentence = &said(&found, "belong together").sentence;
    let start = "Row by row the documents of old and new belong together: on 1000 rows, 100 % of the 10 nearest \
        documents of each are the same";
    assert!(
        sentence.starts_with(start) && sentence.contains("(1.0 % by chance), and debiased CKA is 1.00 (0 by chance"),
        "{sentence}"
    );
}

#[test]
fn two_views_of_the_same_things_are_paired() {
    let hidden = noise(1200, 10, 3);
    let found = examined(seen(&hidden, 24, 0.5, 1), seen(&noisy(&hidden, 0.5, 8), 40, 1.0, 2));
    let pairing = found.pairing.unwrap();
    assert_eq!(pairing.verdict, PairingVerdict::Paired);
    assert!(pairing.neighbours > 0.1 && pairing.neighbours < 0.9 && pairing.cka > 0.3, "{pairing:?}");
}

#[test]
fn shuffled_rows_are_refused_and_with_ids_warned_of() {
    let old = seen(&noise(1200, 10, 3), 24, 0.5, 1);
    let case = case(old.clone(), rotated(&old.select(&shuffled(1200, 4)), 5));
    let found = examine(&case, false, &mut go_on).unwrap();
    let pairing = found.pairing.unwrap();
    assert_eq!((pairing.verdict, pairing.best_shift), (PairingVerdict::Unrelated, None));
    assert!(pairing.cka.abs() < 0.011 && (pairing.neighbours - pairing.chance).abs() < 0.008, "{pairing:?}");
    let refusal = said(&found, "have nothing to do with one another");
    assert_eq!((refusal.severity, &found.findings[0]), (Severity::Refusal, refusal));
    assert!(refusal.sentence.ends_with("Hand in ids beside the vectors, or vectors in the same order."));
    let found = examine(&case, true, &mut go_on).unwrap();
    let warning = said(&found, "have nothing to do with one another");
    assert!(warning.severity == Severity::Warning && warning.sentence.contains("joined by ids"));
}

#[test]
fn rows_shifted_by_one_are_told_with_the_shift() {
    let old = noise(700, 12, 6);
    let order: Vec<usize> = (0..700).map(|row| (row + 1) % 700).collect();
    let found = examined(old.clone(), rotated(&old.select(&order), 7));
    let pairing = found.pairing.unwrap();
    assert_eq!((pairing.verdict, pairing.best_shift), (PairingVerdict::Shifted, Some(-1)));
    let refusal =
        said(&found, "are shifted against one another: row i of old belongs to row i - 1 of new; in rows 467 to 699");
    assert_eq!(refusal.severity, Severity::Refusal);
    assert!(refusal.sentence.contains("One row was lost or added before them"), "{}", refusal.sentence);
}

#[test]
fn one_lost_row_is_told_with_its_place() {
    let old = noise(1500, 12, 8);
    let order: Vec<usize> = (0..1500).map(|row| if row < 800 { row } else { (row + 1) % 1500 }).collect();
    let found = examined(old.clone(), rotated(&old.select(&order), 9));
    let pairing = found.pairing.unwrap();
    assert_eq!((pairing.verdict, pairing.best_shift), (PairingVerdict::Shifted, Some(-1)));
    // More than half of the rows are in place, which a sample would take for paired.
    assert!(pairing.neighbours > 0.1 && pairing.cka > 0.1, "{pairing:?}");
    let sentence = &said(&found, "at the beginning each row belongs to its counterpart").sentence;
    let place = sentence.split("(about row ").nth(1).and_then(|rest| rest.split(')').next()).unwrap();
    assert!(place.parse::<usize>().unwrap().abs_diff(800) <= 40, "{sentence}");
    assert!(sentence.contains("One row was lost or added there"), "{sentence}");
}

#[test]
fn a_second_half_in_another_order_is_unsure() {
    let old = noise(1500, 12, 10);
    let order: Vec<usize> = (0..750).chain(shuffled(750, 1).into_iter().map(|row| 750 + row)).collect();
    let found = examined(old.clone(), rotated(&old.select(&order), 11));
    assert_eq!(found.pairing.unwrap().verdict, PairingVerdict::Unsure);
    let warning = said(&found, "Part of them may stand in another order");
    assert!(warning.severity == Severity::Warning && warning.sentence.contains("rows 0 to 399 neighbours agree for"));
}

#[test]
fn queries_are_compared_too() {
    let (documents, queries) = (noise(300, 8, 1), noise(200, 8, 2));
    let mut case = case(documents.clone(), rotated(&documents, 3));
    case.queries = (0..200).map(|row| format!("q{row}")).collect();
    case.old.queries = Some(queries.clone());
    case.new.queries = Some(rotated(&queries.select(&shuffled(200, 3)), 3));
    let found = examine(&case, false, &mut go_on).unwrap();
    let sets: Vec<(&str, &str, usize)> =
        found.models.iter().map(|health| (health.model.as_str(), health.what.as_str(), health.rows)).collect();
    let expected =
        [("old", "documents", 300), ("old", "queries", 200), ("new", "documents", 300), ("new", "queries", 200)];
    assert_eq!(sets, expected);
    assert_eq!(found.pairing.unwrap().verdict, PairingVerdict::Paired);
    let refusal = said(&found, "the queries of old and new have nothing to do with one another");
    assert_eq!(refusal.severity, Severity::Refusal);
}

#[test]
fn few_rows_are_not_judged() {
    let few = noise(19, 4, 1);
    let found = examined(few.clone(), few);
    assert_eq!(found.pairing, None);
    let note = said(&found, "was not checked: it takes at least 20 documents that are not all zeros");
    assert_eq!(note.severity, Severity::Note);
}

#[test]
fn rows_of_zeros_are_named_and_play_no_part_in_pairing() {
    let old = noise(200, 6, 1);
    let mut data = rotated(&old, 2).numbers().to_vec();
    for row in [0, 4, 150] {
        data[6 * row..6 * row + 6].fill(0.0);
    }
    let found = examined(old, Vectors::new(6, data).unwrap());
    let warning = said(&found, "all zeros");
    let start = "3 of the 200 documents of new are all zeros: row 0 (`d0`), row 4 (`d4`) and row 150 (`d150`) \
        (counted from 0).";
    assert!(warning.sentence.starts_with(start), "{}", warning.sentence);
    assert_eq!((warning.severity, &warning.rows), (Severity::Warning, &vec![0, 4, 150]));
    assert_eq!(found.models[1].duplicate_rows, 0);
    assert!(found.pairing.unwrap().neighbours > 0.99);
    let none = examined(noise(30, 3, 1), Vectors::new(3, vec![0.0; 90]).unwrap());
    assert_eq!(said(&none, "All documents of new are zeros").severity, Severity::Refusal);
}

#[test]
fn copies_are_named_and_weighed_by_their_share() {
    let rows = noise(300, 5, 1);
    let with = |copies: &[(usize, usize)]| {
        let mut order: Vec<usize> = (0..300).collect();
        for &(first, copy) in copies {
            order[copy] = first;
        }
        let found = examined(rows.clone(), rows.select(&order));
        let finding = said(&found, "number for number").clone();
        (finding, found.models[1].clone())
    };
    let (note, health) = with(&[(2, 7), (2, 150), (9, 20)]);
    assert_eq!((note.severity, note.rows), (Severity::Note, vec![7, 20, 150]));
    assert_eq!((health.duplicate_rows, health.duplicates), (3, vec![(2, 7), (9, 20), (2, 150)]));
    let start = "3 of the 300 documents of new (1.0 %) are number for number the same as an earlier one: row 7 (`d7`) \
        equals row 2 (`d2`), row 20";
    assert!(note.sentence.starts_with(start), "{}", note.sentence);
    assert_eq!(with(&[(2, 7), (2, 150), (9, 20), (9, 21)]).0.severity, Severity::Warning);
    let many: Vec<(usize, usize)> = (0..30).map(|row| (row, 200 + row)).collect();
    let (warning, health) = with(&many);
    assert_eq!((warning.rows.len(), health.duplicate_rows, health.duplicates.len()), (30, 30, 20));
    assert!(warning.sentence.contains("row 204 (`d204`) equals row 4 (`d4`) and 25 more"), "{}", warning.sentence);

    let same = examined(rows, Vectors::new(2, vec![0.7; 600]).unwrap());
    let refusal = said(&same, "All documents of new are one and the same vector");
    assert_eq!((refusal.severity, same.pairing), (Severity::Refusal, None));
    assert_eq!(said(&same, "was not checked: under one of them all rows are alike").severity, Severity::Note);
    assert!(same.findings.iter().all(|finding| !finding.sentence.contains("columns")));
}

#[test]
fn two_models_in_one_array_are_warned_of() {
    let hidden = noise(600, 12, 1);
    let (first, second) = (seen(&hidden, 48, 1.5, 2), seen(&hidden, 48, 1.5, 3));
    let (head, tail): (Vec<usize>, Vec<usize>) = ((0..350).collect(), (350..600).collect());
    let found = examined(first.clone(), joined(&first.select(&head), &second.select(&tail)));
    let warning = said(
        &found,
        "Two models seem to be mixed in the documents of new: the first 350 rows and the 250 after them point in",
    );
    assert_eq!(warning.severity, Severity::Warning);
    assert_eq!(found.models[1].two_models.as_ref(), Some(&warning.sentence));
    assert_eq!(found.models[0].two_models, None);

    let long: Vec<f32> = first.select(&tail).numbers().iter().map(|number| 5.0 * number).collect();
    let found = examined(first.clone(), joined(&first.select(&head), &Vectors::new(48, long).unwrap()));
    said(&found, "the first 350 rows and the 250 after them are of two lengths (1.00 to 1.00, then 5.00 to 5.00)");
}

#[test]
fn the_same_vectors_are_no_change() {
    let old = noise(100, 4, 1);
    let longer: Vec<f32> = old.numbers().iter().map(|number| 3.0 * number).collect();
    let mut same = case(old.clone(), Vectors::new(4, longer).unwrap());
    assert_eq!(said(&examine(&same, false, &mut go_on).unwrap(), "Nothing changed").severity, Severity::Note);
    same.queries = vec!["q".to_owned()];
    (same.old.queries, same.new.queries) = (Some(noise(1, 4, 2)), Some(noise(1, 4, 3)));
    said(&examine(&same, false, &mut go_on).unwrap(), "only how queries are embedded changed");
    let near = examined(old.clone(), noisy(&old, 1e-5, 7));
    assert!(near.findings.iter().all(|finding| !finding.sentence.contains("Nothing changed")));
}

#[test]
fn lengths_say_whether_cosine_and_inner_product_differ() {
    let unit = noise(100, 4, 1).unit();
    let scaled = |size: f32| Vectors::new(4, unit.numbers().iter().map(|number| size * number).collect()).unwrap();
    let found =
        |new: Vectors, similarity| examine(&Case { similarity, ..case(unit.clone(), new) }, false, &mut go_on).unwrap();
    let (cosine, inner) = (Similarity::Cosine, Similarity::InnerProduct);
    let note = said(&found(scaled(1.0), cosine), "as long as 1 within 1 %").clone();
    assert!(note.sentence.ends_with("so inner product and cosine are the same; cosine is used."));
    said(
        &found(scaled(5.0), inner),
        "as long as one another within 2 %, so inner product and cosine rank them alike; inner product is used",
    );

    let uneven = noise(100, 4, 2);
    let words = "The 100 documents of new are of different length (";
    let note = said(&found(uneven.clone(), cosine), words).clone();
    assert!(
        note.severity == Severity::Note
            && note.sentence.contains("; cosine is used. If the index compares by inner product, choose")
    );
    assert_eq!(said(&found(uneven, inner), words).severity, Severity::Warning);

    // Huge rows are fine for cosine and beyond 32 bits as inner products.
    assert_eq!(gravest(&found(scaled(1e25), cosine)), Severity::Note);
    let refusal = said(&found(scaled(1e25), inner), "their inner products are beyond what 32 bits hold").clone();
    assert!(refusal.severity == Severity::Refusal && refusal.sentence.contains("as long as 1.0e25"));
}

#[test]
fn rows_that_point_one_way_or_spread_little_are_noted() {
    let hidden = noise(500, 3, 1);
    let found = examined(seen(&noise(500, 30, 2), 31, 0.0, 1), seen(&hidden, 48, 2.0, 4));
    let (one_way, flat) = (said(&found, "point much the same way"), said(&found, "spread in few directions"));
    assert_eq!((one_way.severity, flat.severity), (Severity::Note, Severity::Note));
    assert!(one_way.sentence.starts_with("The 500 documents of new") && flat.sentence.contains("of at most 48"));
    let health = &found.models[1];
    assert!(health.mean_norm > 0.8 && health.effective_rank < 4.5, "{health:?}");
    assert!(found.models[0].mean_norm < 0.2 && found.models[0].effective_rank > 4.0);
}

#[test]
fn constant_columns_are_counted() {
    let rows = noise(60, 3, 1);
    let padded: Vec<f32> = rows.rows().flat_map(|row| row.iter().copied().chain([0.0, 0.25])).collect();
    let found = examined(rows, Vectors::new(5, padded).unwrap());
    let note = said(&found, "2 of 5 columns hold the same number in all 60 documents of new: 3 and 4 (counted from 0)");
    assert_eq!((note.severity, found.models[1].constant_columns), (Severity::Note, 2));
}

#[test]
fn progress_rises_to_the_end_and_cancelling_stops() {
    let rows = noise(200, 6, 1);
    let case = case(rows.clone(), rotated(&rows, 1));
    let mut shares = Vec::new();
    let mut note = |share: f64| {
        shares.push(share);
        Ok(())
    };
    let once = examine(&case, false, &mut note).unwrap();
    assert_eq!((shares.first(), shares.last()), (Some(&0.0), Some(&1.0)));
    assert!(shares.windows(2).all(|pair| pair[0] <= pair[1] + 1e-12), "{shares:?}");
    assert_eq!(examine(&case, false, &mut go_on).unwrap(), once);
    assert_eq!(examine(&case, false, &mut stop), Err(DecideError::Cancelled));
    // Wherever it is.
    for pulses in (1..shares.len()).step_by(7) {
        let mut left = pulses;
        let mut stop = |_: f64| {
            left -= 1;
            if left == 0 { Err(DecideError::Cancelled) } else { Ok(()) }
        };
        assert_eq!(examine(&case, false, &mut stop), Err(DecideError::Cancelled), "pulse {pulses}");
    }
}

#[test]
fn an_examination_is_kept_as_json() {
    let rows = noise(60, 4, 1);
    let found = examined(rows.clone(), rows);
    let text = serde_json::to_string(&found).unwrap();
    assert!(text.contains(r#""verdict":"paired""#) && text.contains(r#""severity":"note""#), "{text}");
    assert_eq!(serde_json::from_str::<Examination>(&text).unwrap(), found);
}

/// Rows of numbers that make trouble: zeros, copies, the least and the largest.
fn trouble() -> impl Strategy<Value = Vectors> {
    let number = prop_oneof![Just(0.0_f32), Just(-0.0), Just(1.0), Just(-1.0), Just(1e-45), Just(3e38), -1.0_f32..1.0];
    (1_usize..5, 2_usize..70).prop_flat_map(move |(dims, rows)| {
        prop::collection::vec(number.clone(), dims * rows).prop_map(move |data| Vectors::new(dims, data).unwrap())
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_number_is_finite_whatever_the_vectors(old in trouble(), new in trouble(), with_ids: bool) {
        let count = old.count().min(new.count());
        let rows: Vec<usize> = (0..count).collect();
        let case = case(old.select(&rows), new.select(&rows));
        let found = examine(&case, with_ids, &mut go_on).unwrap();
        for health in &found.models {
            let Spread { least, median, most } = health.norm;
            prop_assert!(least <= median && median <= most && most.is_finite());
            prop_assert!((0.0..=1.0 + 1e-9).contains(&health.mean_norm));
            prop_assert!((0.0..=health.dims as f64 + 1e-9).contains(&health.effective_rank), "{}", health.effective_rank);
            prop_assert!(health.duplicate_rows + health.zero_rows.len() <= health.rows);
        }
        if let Some(pairing) = found.pairing {
            prop_assert!(pairing.cka.is_finite() && pairing.cka <= 1.0 + 1e-6, "{}", pairing.cka);
            prop_assert!((0.0..=1.0).contains(&pairing.neighbours) && pairing.chance <= 1.0);
        }
        prop_assert!(found.findings.iter().all(|finding| !finding.sentence.contains("NaN")));
        // What is left after cleaning has no zeros.
        if let Ok(left) = cleaned(case) {
            let models: [&Embedded; 2] = [&left.old, &left.new];
            prop_assert!(models.iter().all(|model| model.documents.rows().all(|row| !rows::is_zero(row))));
        }
    }
}
