#![allow(clippy::unwrap_used, clippy::indexing_slicing)]
use proptest::prelude::*;

use super::*;
use crate::{
    options::{
        Settings,
        mixed::testing::{labelled, noise, search},
    },
    rank::Hit,
};

fn quiet(_: f64) -> Result<(), DecideError> {
    Ok(())
}

/// Answers with these scores, right or wrong.
fn list(answers: &[(i32, bool)]) -> Vec<Answer> {
    answers.iter().map(|&(score, right)| Answer { score: f64::from(score), right }).collect()
}

fn cut(answers: &[(i32, bool)]) -> Option<f64> {
    lowest_cut(list(answers).into_iter(), 0.9)
}

/// A ranking that answers query `i` with one document.
fn ranking(count: usize, top: impl Fn(usize) -> (usize, f32)) -> Ranking {
    let list = |query| {
        let (document, score) = top(query);
        vec![Hit { document: document as u32, score }]
    };
    Ranking::new((0..count).map(list).collect())
}

/// As many queries as documents, each asking for the document of its number.
fn questions(count: usize) -> Case {
    let relevant: Vec<usize> = (0..count).collect();
    let model = |seed| [noise(count, 2, seed), noise(count, 2, seed + 1)];
    search(model(1), model(3), &relevant)
}

#[test]
fn the_lowest_cut_by_hand() {
    let nine: Vec<(i32, bool)> = (12..21).map(|score| (score, true)).collect();
    assert_eq!(cut(&nine), None, "nine answers are too few");
    let ten = [&nine[..], &[(11, true)]].concat();
    assert_eq!(cut(&ten), Some(11.0));
    // 10 of 11, then 11 of 12, then 11 of 13.
    let more = [&ten[..], &[(10, false), (9, true), (8, false)]].concat();
    assert_eq!(cut(&more), Some(9.0));
    // With a wrong one of the same score it is 11 of 13 there, and so 10 of 11 above it.
    let tied = [&ten[..], &[(10, false), (9, true), (9, false)]].concat();
    assert_eq!(cut(&tied), Some(10.0));
    // Below the target at 10 of 12, and back at 19 of 21.
    let back: Vec<(i32, bool)> = (-10..-1).map(|score| (score, true)).collect();
    assert_eq!(cut(&[&ten[..], &[(10, false), (9, false)], &back[..]].concat()), Some(-10.0));
    let wrong: Vec<(i32, bool)> = (0..40).map(|score| (score, score % 2 == 0)).collect();
    assert_eq!(cut(&wrong), None);
}

#[test]
fn halves_are_disjoint_and_all_queries() {
    let halves = Halves::new(41, 7);
    assert_eq!((halves.choosing.len(), halves.judging.len()), (20, 21));
    let mut all = [&halves.choosing[..], &halves.judging[..]].concat();
    all.sort_unstable();
    assert_eq!(all, (0..41).collect::<Vec<_>>());
    assert_ne!(Halves::new(41, 8).choosing, halves.choosing);
}

#[test]
fn a_row_is_of_the_judging_half_alone() {
    let halves = Halves::new(40, 3);
    let mut answers = vec![Some(Answer { score: 5.0, right: false }); 40];
    // Of the 20 that judge: 10 right above the cut, 2 wrong above, 4 right below, 4 without an answer.
    for (place, &query) in halves.judging.iter().enumerate() {
        answers[query] = match place {
            0..10 => Some(Answer { score: 3.0, right: true }),
            10..12 => Some(Answer { score: 2.0, right: false }),
            12..16 => Some(Answer { score: 1.0, right: true }),
            _ => None,
        };
    }
    let row = halves.row("x", Some(2.0), true, &answers);
    let value = |estimate: Option<Estimate>| estimate.unwrap().value;
    assert!((value(row.precision) - 10.0 / 12.0).abs() < 1e-12);
    assert!((value(row.recall) - 0.5).abs() < 1e-12 && (value(row.answered) - 0.6).abs() < 1e-12);
    assert!(row.precision.unwrap().low < 0.8 && row.precision.unwrap().high <= 1.0);
    assert_eq!((row.system.as_str(), row.cut, row.carried), ("x", Some(2.0), true));
}

#[test]
fn a_cut_is_carried_over_and_found_anew() {
    let case = questions(60);
    let settings = Settings::default();
    let bench = Workbench::new(&case, &settings, &mut quiet).unwrap();
    // All right from .5 on; all right but lower; all wrong and higher.
    let old = ranking(60, |query| (query, 0.5 + 0.001 * query as f32));
    let lower = ranking(60, |query| (query, 0.3 + 0.001 * query as f32));
    let wrong = ranking(60, |query| ((query + 1) % 60, 0.9));
    let systems = [("Stay", &old), ("Bridge", &lower), ("Swap", &wrong)].map(|(name, it)| (name.to_owned(), it));
    let found = thresholds(&bench, &systems, &mut quiet).unwrap().unwrap();
    let of_row = |row: &Threshold| {
        let value = |estimate: Option<Estimate>| estimate.map(|estimate| estimate.value);
        (row.system.clone(), row.carried, value(row.precision), value(row.answered))
    };
    let values: Vec<_> = found.rows.iter().map(of_row).collect();
    let expected = |system: &str, carried, precision, answered| (system.to_owned(), carried, precision, answered);
    let kept = values[0].3.unwrap();
    assert_eq!(values[0], expected("Stay", false, Some(1.0), Some(kept)));
    assert!(kept > 0.6, "the lowest score of one half is below most of the other");
    assert_eq!(values[1], expected("Bridge", true, None, Some(0.0)));
    assert_eq!(values[2], expected("Bridge", false, Some(1.0), Some(kept)), "the same order of scores");
    assert_eq!(values[3], expected("Swap", true, Some(0.0), Some(1.0)));
    assert_eq!(values[4], expected("Swap", false, None, None));
    assert!(found.rows[0].cut.is_some_and(|cut| (0.5..0.515).contains(&cut)));
    assert_eq!(found.rows[3].cut, found.rows[0].cut);
    assert_eq!((found.rows[4].cut, &found.faces), (None, &None));
    for part in ["falls below 90 % with Swap", "answers nothing with Bridge", "no such threshold exists with Swap"] {
        assert!(found.sentence.contains(part), "{part}: {}", found.sentence);
    }
}

#[test]
fn where_no_old_threshold_exists_none_is_carried_over() {
    let case = questions(60);
    let settings = Settings::default();
    let bench = Workbench::new(&case, &settings, &mut quiet).unwrap();
    let wrong = ranking(60, |query| ((query + 1) % 60, 0.9));
    let right = ranking(60, |query| (query, 0.4));
    let systems = [("Stay".to_owned(), &wrong), ("Full re-index".to_owned(), &right)];
    let found = thresholds(&bench, &systems, &mut quiet).unwrap().unwrap();
    assert_eq!(found.rows.len(), 2);
    assert!(found.rows.iter().all(|row| !row.carried));
    assert_eq!(found.rows[1].cut, Some(f64::from(0.4_f32)));
    assert!(found.sentence.starts_with("Stay: no such threshold exists"), "{}", found.sentence);
    assert!(found.sentence.contains("Full re-index (0.400)") && !found.sentence.contains("Carried"));
}

#[test]
fn few_queries_and_none_that_are_judged() {
    let settings = Settings::default();
    let mut case = questions(19);
    let right = ranking(19, |query| (query, 0.4));
    let systems = [("Stay".to_owned(), &right)];
    {
        let bench = Workbench::new(&case, &settings, &mut quiet).unwrap();
        let found = thresholds(&bench, &systems, &mut quiet).unwrap().unwrap();
        assert!(found.rows.is_empty());
        assert!(found.sentence.starts_with("19 judged queries are too few"), "{}", found.sentence);
        assert_eq!(thresholds(&bench, &[], &mut quiet), Ok(None));
        let cancelled = thresholds(&bench, &systems, &mut |_| Err(DecideError::Cancelled));
        assert_eq!(cancelled, Err(DecideError::Cancelled));
    }
    case.relevance = Relevance::Unknown;
    let bench = Workbench::new(&case, &settings, &mut quiet).unwrap();
    assert_eq!(thresholds(&bench, &systems, &mut quiet), Ok(None));
}

#[test]
fn a_top_answer_is_right_by_judgement_or_label() {
    let mut case = questions(4);
    let tops = ranking(4, |query| (query / 2, 0.5));
    let right = |case: &Case, asked: &[usize]| -> Vec<bool> {
        answers(case, asked, &tops).iter().map(|answer| answer.unwrap().right).collect()
    };
    // The list of the second query that is asked, number 3, has document 0 on top.
    assert_eq!(right(&case, &[0, 3]), [true, false]);
    assert_eq!(right(&case, &[0, 1, 2, 3]), [true, false, false, false]);
    let queries = vec![Some(5), Some(6), None, Some(6)];
    case.relevance = Relevance::Labels { documents: vec![Some(5), Some(6), None, None], queries, names: Vec::new() };
    assert_eq!(right(&case, &[0, 1, 2, 3]), [true, false, false, true]);
    let case = labelled(noise(4, 2, 1), noise(4, 2, 2), &[1, 1, 0, 1]);
    assert_eq!(right(&case, &[1, 2, 3]), [true, false, true]);
    assert!(answers(&case, &[1], &Ranking::new(vec![Vec::new()]))[0].is_none());
}

proptest! {
    #[test]
    fn precision_at_the_cut_is_the_target_and_no_lower_cut_has_it(
        scored in prop::collection::vec((0_i32..25, prop::bool::weighted(0.85)), 0..60),
    ) {
        let precision = |cut: f64| {
            let answered: Vec<bool> =
                list(&scored).iter().filter(|answer| answer.score >= cut).map(|answer| answer.right).collect();
            let right = answered.iter().filter(|right| **right).count();
            (answered.len() >= LEAST).then(|| right as f64 / answered.len() as f64)
        };
        let found = cut(&scored);
        if let Some(found) = found {
            prop_assert!(precision(found).unwrap() >= 0.9);
        }
        let observed = scored.iter().map(|&(score, _)| f64::from(score));
        for score in observed.filter(|&score| found.is_none_or(|found| score < found)) {
            prop_assert!(precision(score).is_none_or(|precision| precision < 0.9));
        }
    }
}
