#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::collections::BTreeSet;

use super::*;
use crate::{
    Case, DecideError, Embedded, Relevance, Tasks, Vectors,
    judge::queries_needed,
    maps::Family,
    options::{First, Prices, Settings, workbench::Workbench},
    testing::{Planted, without_queries},
};

/// Two families, that tests are quick.
fn settings() -> Settings {
    Settings { families: vec![Family::Ridge, Family::Procrustes], ..Settings::default() }
}

fn measured(case: &Case, settings: &Settings) -> (Study, Kept) {
    // With ids: whether two models' rows belong together is not what is tried here.
    study(case, true, settings, &mut |_, _| Ok(())).unwrap()
}

fn bridge(family: Family, direction: Direction) -> Choice {
    Choice::Bridge { family, direction }
}

fn value(study: &Study, choice: &Choice, metric: Metric) -> f64 {
    study.score(choice, metric).unwrap().mean.value
}

#[test]
fn a_clearer_model_is_worth_a_re_index_and_a_swap_is_chance() {
    let case = Planted::default().judged();
    let (study, kept) = measured(&case, &settings());
    let mrr = |choice: &Choice| value(&study, choice, Metric::Mrr);
    assert!(mrr(&Choice::Reindex) > 0.9 && mrr(&Choice::Swap) < 0.1);
    assert!((0.2..0.8).contains(&mrr(&Choice::Stay)));
    let gain = study.score(&Choice::Reindex, Metric::Mrr).unwrap();
    assert!(gain.gain.unwrap().low > 0.2 && gain.share_of_gain.unwrap().value > 0.999);
    let stay = study.score(&Choice::Stay, Metric::Mrr).unwrap();
    assert!(stay.gain.unwrap().value.abs() < 1e-12 && stay.share_of_gain.unwrap().value.abs() < 1e-12);
    assert_eq!((study.deciding, study.documents, study.queries, study.judged), (Metric::Mrr, 240, 60, 60));
    assert_eq!((study.fitted_on, study.judged_on), (180, 60));
    assert!(
        study.row(&Choice::Reindex).unwrap().newly_fixed.len()
            > study.row(&Choice::Reindex).unwrap().newly_broken.len()
    );
    // Re-scoring more candidates comes closer to the re-index.
    for first in First::ALL {
        let cascade = |candidates| mrr(&Choice::Cascade { first, candidates });
        assert!(cascade(10) > mrr(&Choice::Stay) - 0.1 && cascade(200) > 0.85 && cascade(200) > cascade(10) - 0.02);
    }
    assert_eq!((study.mixed.len(), study.thresholds.is_some(), study.pairs.is_empty()), (7, true, false));
    let choices: Vec<&Choice> = study.rows.iter().map(|row| &row.choice).collect();
    assert_eq!(choices.len(), 3 + 4 + 3 + 15 + 1);
    assert_eq!(choices.iter().collect::<BTreeSet<_>>().len(), choices.len(), "no option comes twice");
    assert!(study.rows.iter().all(|row| row.note.is_none() && kept.ranking(&row.choice).is_some()));
    assert!(kept.rankings.iter().all(|(_, ranking)| ranking.count() == 60));
}

#[test]
fn a_space_that_is_only_turned_is_bridged_without_loss() {
    let case = Planted { apart: 0.6, ..Planted::default() }.turned().judged();
    let (study, _) = measured(&case, &settings());
    for direction in [Direction::Queries, Direction::Gallery] {
        let score = study.score(&bridge(Family::Procrustes, direction), Metric::Mrr).unwrap();
        assert!(score.behind.unwrap().value.abs() < 0.01 && score.retention.unwrap().value > 0.99, "{direction:?}");
        let found = value(&study, &bridge(Family::Procrustes, direction), Metric::OverlapNew);
        assert!(found > 0.95, "{direction:?}: {found}");
    }
    assert!(value(&study, &Choice::Swap, Metric::Mrr) < 0.1);
    let stay = study.score(&Choice::Stay, Metric::Mrr).unwrap();
    assert!(stay.behind.unwrap().value.abs() < 0.01 && stay.share_of_gain.is_none(), "there is nothing to gain");
}

#[test]
fn several_labels_a_row_are_judged_as_one_is_where_each_has_one() {
    let one = Planted::default().labelled();
    let Relevance::Labels { documents, queries, .. } = &one.relevance else { panic!("no labels") };
    let with = |asked: &Option<u32>| {
        let shared = documents.iter().enumerate().filter(|(_, label)| *label == asked);
        shared.map(|(document, _)| (document, 1.0)).collect()
    };
    let several = Case { relevance: Relevance::Shared(queries.iter().map(with).collect()), ..one.clone() };
    let [(one, _), (several, _)] = [&one, &several].map(|case| measured(case, &settings()));
    assert_eq!((several.deciding, several.judged_on), (Metric::LabelMap, one.judged_on));
    assert_eq!((&several.rows, &several.thresholds, several.needed), (&one.rows, &one.thresholds, one.needed));
}

#[test]
fn the_same_model_twice_is_equal_everywhere() {
    let mut case = Planted { apart: 0.6, ..Planted::default() }.judged();
    case.new = Embedded { name: "again".to_owned(), ..case.old.clone() };
    let (study, kept) = measured(&case, &settings());
    let cascades = [10, 20, 50, 100, 200].map(|candidates| Choice::Cascade { first: First::OldQuery, candidates });
    for choice in [Choice::Swap, Choice::Reindex].iter().chain(&cascades) {
        assert_eq!(kept.ranking(choice), kept.ranking(&Choice::Stay), "{choice:?}");
        let row = study.row(choice).unwrap();
        assert!(row.newly_broken.is_empty() && row.newly_fixed.is_empty());
        assert_eq!(row.scores, study.row(&Choice::Stay).unwrap().scores);
    }
    assert_eq!(study.needed, None, "no number of queries tells a model from itself");
    assert!((value(&study, &Choice::Stay, Metric::OverlapNew) - 1.0).abs() < 1e-12);
}

#[test]
fn documents_that_ask_never_find_themselves() {
    let case = without_queries(Planted::default().judged());
    let (study, kept) = measured(&case, &settings());
    let split: Vec<usize> = Workbench::new(&case, &settings(), &mut |_| Ok(())).unwrap().asked;
    for (choice, ranking) in &kept.rankings {
        assert_eq!(ranking.count(), 120);
        let own =
            split.iter().zip(ranking.lists()).all(|(&own, hits)| hits.iter().all(|hit| hit.document as usize != own));
        assert!(own, "{choice:?}");
    }
    assert_eq!((study.queries, study.judged, study.fitted_on, study.judged_on), (0, 0, 120, 120));
    assert_eq!((study.deciding, study.needed, &study.thresholds), (Metric::OverlapNew, None, &None));
    assert!((value(&study, &Choice::Reindex, Metric::OverlapNew) - 1.0).abs() < 1e-12);
    assert!(study.rows.iter().all(|row| row.newly_broken.is_empty() && row.newly_fixed.is_empty()));
    assert!(study.notices.iter().any(|notice| notice.contains("documents ask: 120 of 240")));
    assert!(study.relevance.starts_with("Nothing says"));
}

#[test]
fn labels_judge_queries_and_documents() {
    let plan = Planted { seen: 2, blur: 0.05, apart: 0.8, ..Planted::default() };
    let with = plan.labelled();
    let without = without_queries(with.clone());
    for (case, asked) in [(&with, 60), (&without, 120)] {
        let (study, kept) = measured(case, &settings());
        assert_eq!((study.deciding, study.judged), (Metric::LabelMap, asked));
        let map = |choice: &Choice| value(&study, choice, Metric::LabelMap);
        // The old model sees nothing but what the labels are made of; the new one much else, too.
        assert!(map(&Choice::Stay) > map(&Choice::Reindex) + 0.1);
        let row = study.row(&Choice::Reindex).unwrap();
        assert!(row.newly_broken.len() > row.newly_fixed.len());
        let places = if case.queries.is_empty() { case.documents.len() } else { case.queries.len() };
        assert!(row.newly_broken.iter().all(|&place| place < places));
        assert_eq!(kept.ranking(&Choice::Stay).unwrap().count(), asked);
        // Lists of cascades are as long as those of others: the metric looks at all of a list.
        let few = Choice::Cascade { first: First::OldQuery, candidates: 10 };
        assert_eq!(kept.ranking(&few).unwrap().of(0).len(), 100);
    }
}

#[test]
fn queries_that_nothing_is_relevant_to_are_left_out() {
    let case = Planted { queries: 50, ..Planted::default() }.judged();
    let mut more = case.clone();
    let stray = |queries: &Option<Vectors>| {
        let queries = queries.as_ref().unwrap();
        let numbers = queries.numbers().iter().chain(queries.row(0)).chain(queries.row(7)).copied().collect();
        Some(Vectors::new(queries.dims(), numbers).unwrap())
    };
    (more.old.queries, more.new.queries) = (stray(&case.old.queries), stray(&case.new.queries));
    more.queries.extend(["q50".to_owned(), "q51".to_owned()]);
    let Relevance::Judged(lists) = &mut more.relevance else { unreachable!() };
    lists.extend([vec![], vec![]]);
    let ((few, _), (many, _)) = (measured(&case, &settings()), measured(&more.checked().unwrap(), &settings()));
    assert_eq!((many.queries, many.judged), (52, 50));
    assert_eq!(few.rows, many.rows);
    assert_eq!((few.mixed, few.thresholds, few.pairs), (many.mixed, many.thresholds, many.pairs));
    assert!(many.notices.iter().any(|notice| notice.starts_with("2 of 52 queries")));
}

#[test]
fn bridges_are_picked_by_held_out_pairs_and_not_by_what_is_judged() {
    let every = Settings { families: Family::ALL.to_vec(), ..settings() };
    let (study, kept) = measured(&Planted::default().judged(), &every);
    for direction in [Direction::Queries, Direction::Gallery] {
        let fits: Vec<(Family, f64)> = kept
            .maps
            .iter()
            .filter(|(choice, _)| *choice == bridge(choice_family(choice), direction))
            .map(|(choice, map)| (choice_family(choice), map.fitted.held_out.unwrap_or(f64::NEG_INFINITY)))
            .collect();
        assert!(fits.len() >= 5, "{fits:?}");
        assert!(fits.is_sorted_by(|one, next| one.1 >= next.1), "{fits:?}");
        assert_eq!(study.best_bridge_of(direction).unwrap().choice, bridge(fits[0].0, direction));
    }
    let best = study.best_bridge().unwrap();
    let other = [Direction::Queries, Direction::Gallery].map(|direction| study.best_bridge_of(direction).unwrap());
    assert!(other.iter().all(|row| mean(row, Metric::Mrr).unwrap().value <= mean(best, Metric::Mrr).unwrap().value));
}

fn choice_family(choice: &Choice) -> Family {
    let Choice::Bridge { family, .. } = choice else { unreachable!() };
    *family
}

#[test]
fn the_best_cascade_is_the_shortest_that_keeps_enough() {
    let (mut study, _) = measured(&Planted::default().judged(), &settings());
    let retained = [
        (First::OldQuery, 10, 0.5),
        (First::OldQuery, 20, 0.9),
        (First::MappedQuery, 20, 0.95),
        (First::OldQuery, 50, 1.0),
    ];
    let row = study.row(&Choice::Reindex).unwrap().clone();
    study.rows = retained
        .map(|(first, candidates, kept)| {
            let mut row = row.clone();
            row.choice = Choice::Cascade { first, candidates };
            let score = row.scores.iter_mut().find(|score| score.metric == Metric::Mrr).unwrap();
            score.retention = Some(Estimate { value: kept, low: 0.0, high: 1.0 });
            score.mean.value = kept;
            row
        })
        .to_vec();
    let best = |retention| study.best_cascade(retention).map(|row| row.choice.clone());
    assert_eq!(best(0.4), Some(Choice::Cascade { first: First::OldQuery, candidates: 10 }));
    assert_eq!(best(0.8), Some(Choice::Cascade { first: First::MappedQuery, candidates: 20 }));
    assert_eq!(best(0.99), Some(Choice::Cascade { first: First::OldQuery, candidates: 50 }));
    assert_eq!(best(1.01), None);
}

#[test]
fn costs_are_those_of_the_case() {
    let case = Planted { dims: (8, 16), ..Planted::default() }.judged();
    let prices = Prices { new_per_1000: Some(10.0), old_per_1000: Some(1.0) };
    let (study, kept) = measured(&case, &Settings { prices, ..settings() });
    let cost = |choice: &Choice| study.row(choice).unwrap().cost.clone();
    let full = cost(&Choice::Reindex);
    assert_eq!((full.embed_now, full.bytes, full.price), (240, 240 * 16 * 4, Some(3.0)));
    let stay = cost(&Choice::Stay);
    assert_eq!((stay.embed_now, stay.bytes, stay.price), (0, 240 * 8 * 4, Some(0.06)));
    // The first ten of what the old system finds are what its cascade embeds.
    let lists = kept.ranking(&Choice::Stay).unwrap().lists();
    let touched: BTreeSet<u32> = lists.flat_map(|hits| hits.iter().take(10).map(|hit| hit.document)).collect();
    let cascade = cost(&Choice::Cascade { first: First::OldQuery, candidates: 10 });
    assert_eq!((cascade.embed_now, cascade.embed_on_the_way), (0, touched.len()));
    assert!((cascade.embed_per_query - 12.0).abs() < 1e-12);
    assert!(cost(&bridge(Family::Ridge, Direction::Queries)).multiply_adds >= 8 * 16);
    assert_eq!(cost(&bridge(Family::Ridge, Direction::Gallery)).bytes, full.bytes);

    let swap = study.row(&Choice::Swap).unwrap();
    assert!(swap.scores.is_empty() && kept.ranking(&Choice::Swap).is_none());
    assert_eq!(
        swap.note.as_deref(),
        Some("Not offered, since a new query has 16 dims and a document of the old index 8.")
    );
}

#[test]
fn what_cannot_be_fitted_is_not_offered() {
    let case = Planted { documents: 90, queries: 20, ..Planted::default() }.judged();
    let (study, kept) = measured(&case, &Settings { pairs: 0, ..settings() });
    assert!(kept.maps.is_empty() && study.pairs.is_empty() && study.best_bridge().is_none());
    let needs = |row: &&OptionRow| match row.choice {
        Choice::Bridge { .. } | Choice::Slerp { .. } => true,
        Choice::Cascade { first, .. } => first != First::OldQuery,
        _ => false,
    };
    assert!(study.rows.iter().filter(needs).all(|row| row.scores.is_empty() && row.note.is_some()));
    assert!(study.rows.iter().filter(|row| !needs(row)).all(|row| !row.scores.is_empty()));
}

#[test]
fn judgements_that_are_missing_are_those_between_equal_models() {
    let case = Planted { blur: 0.1, queries: 30, apart: 0.8, seen: 12, ..Planted::default() }.judged();
    let (study, _) = measured(&case, &settings());
    assert!(!study.score(&Choice::Reindex, Metric::Mrr).unwrap().gain.unwrap().excludes(0.0));
    let settings = settings();
    let bench = Workbench::new(&case, &settings, &mut |_| Ok(())).unwrap();
    let scores = |ranking: &Ranking| bench.scores(Metric::Mrr, ranking);
    assert_eq!(study.needed, queries_needed(&scores(&bench.full), &scores(&bench.stay)));
}

#[test]
fn where_there_is_a_gain_they_are_those_between_the_re_index_and_the_best_cheap_option() {
    let case = Planted::default().judged();
    let (study, kept) = measured(&case, &settings());
    let settings = settings();
    let bench = Workbench::new(&case, &settings, &mut |_| Ok(())).unwrap();
    let slerps = [25, 50, 75].map(|weight_percent| Choice::Slerp { weight_percent });
    let bridges = [Direction::Queries, Direction::Gallery].map(|direction| study.best_bridge_of(direction).unwrap());
    let mut cheap = vec![Choice::Stay, Choice::Centred, Choice::Swap];
    cheap.extend(slerps.into_iter().chain(bridges.map(|row| row.choice.clone())));
    let best = cheap.iter().max_by(|a, b| value(&study, a, Metric::Mrr).total_cmp(&value(&study, b, Metric::Mrr)));
    let best = kept.ranking(best.unwrap()).unwrap();
    let needed = queries_needed(&bench.scores(Metric::Mrr, &bench.full), &bench.scores(Metric::Mrr, best));
    assert!(needed.is_some_and(|needed| needed < 1000));
    assert_eq!(study.needed, needed);
}

#[test]
fn places_are_those_of_what_is_left() {
    let mut case = Planted::default().judged();
    let zeroed = |rows: &Vectors, row: usize| {
        let mut numbers = rows.numbers().to_vec();
        numbers[row * rows.dims()..(row + 1) * rows.dims()].fill(0.0);
        Vectors::new(rows.dims(), numbers).unwrap()
    };
    case.new.documents = zeroed(&case.new.documents, 3);
    case.old.queries = case.old.queries.as_ref().map(|rows| zeroed(rows, 5));
    let (study, kept) = measured(&case, &settings());
    assert_eq!((study.documents, study.queries, study.judged), (239, 59, 58));
    // Query 3 asks for the document that is gone, and those after 5 stand one place before where they stood.
    assert_eq!(kept.asked, (0..59).filter(|&place| place != 3).collect::<Vec<_>>());
    let (left, _) = measured(&crate::doctor::cleaned(case).unwrap(), &settings());
    assert_eq!((study.rows, study.mixed, study.pairs), (left.rows, left.mixed, left.pairs));
}

#[test]
fn broken_and_fixed_queries_are_told_by_place() {
    let mut case = Planted { queries: 50, ..Planted::default() }.judged();
    let Relevance::Judged(lists) = &mut case.relevance else { unreachable!() };
    lists[0].clear();
    let (study, kept) = measured(&case, &settings());
    let right = |choice: &Choice, place: usize| {
        let list = kept.asked.iter().position(|&asked| asked == place).unwrap();
        kept.ranking(choice).unwrap().of(list).iter().take(10).any(|hit| hit.document as usize == place)
    };
    let row = study.row(&Choice::Reindex).unwrap();
    assert!(!row.newly_fixed.is_empty() && !row.newly_fixed.contains(&0));
    assert!(row.newly_fixed.iter().all(|&place| !right(&Choice::Stay, place) && right(&Choice::Reindex, place)));
    let swap = study.row(&Choice::Swap).unwrap();
    assert!(!swap.newly_broken.is_empty());
    assert!(swap.newly_broken.iter().all(|&place| right(&Choice::Stay, place) && !right(&Choice::Swap, place)));
}

#[test]
fn rows_that_do_not_belong_together_are_refused() {
    let mut case = Planted::default().turned().judged();
    let order: Vec<usize> = (0..240).map(|row| (row * 77 + 5) % 240).collect();
    case.new.documents = case.new.documents.select(&order);
    let error = study(&case, false, &settings(), &mut |_, _| Ok(())).unwrap_err();
    assert!(matches!(&error, DecideError::Undefined { what: "a decision", .. }), "{error}");
    assert!(study(&case, true, &settings(), &mut |_, _| Ok(())).is_ok(), "ids say that they do");
}

#[test]
fn settings_that_answer_nothing_are_refused() {
    let case = Planted::default().judged();
    let none = Settings { k: 0, ..settings() };
    assert!(matches!(
        study(&case, true, &none, &mut |_, _| Ok(())),
        Err(DecideError::Undefined { what: "a score", .. })
    ));
    let shallow =
        Settings { k: 12, depth: 3, cascade: vec![], families: vec![Family::Ridge, Family::Ridge], ..settings() };
    let (study, kept) = measured(&case, &shallow);
    assert_eq!((kept.ranking(&Choice::Stay).unwrap().of(0).len(), kept.maps.len()), (12, 2));
    assert_eq!(study.k, 12);
    let (_, kept) = measured(&Planted::default().labelled(), &shallow);
    assert_eq!(kept.ranking(&Choice::Stay).unwrap().of(0).len(), 100, "as deep as mAP looks");
}

#[test]
fn a_study_is_broken_off_wherever_it_is() {
    let case = Planted { documents: 120, queries: 20, ..Planted::default() }.judged();
    let mut told = Vec::new();
    study(&case, true, &settings(), &mut |stage, share| {
        told.push((stage.to_owned(), share));
        Ok(())
    })
    .unwrap();
    assert!(told.iter().any(|(stage, _)| stage.starts_with("fitting ") && stage.ends_with(", queries")));
    assert!(told.iter().all(|(_, share)| (0.0..=1.0).contains(share)));
    assert_eq!(told.last(), Some(&("done".to_owned(), 1.0)));
    for last in (0..20).map(|part| part * (told.len() - 1) / 19) {
        let mut calls = 0;
        let broken_off = study(&case, true, &settings(), &mut |_, _| {
            calls += 1;
            if calls > last { Err(DecideError::Cancelled) } else { Ok(()) }
        });
        assert_eq!((broken_off.err(), calls), (Some(DecideError::Cancelled), last + 1), "in {:?}", told[last]);
    }
}

#[test]
fn the_same_case_gives_the_same_study() {
    let case = Planted { documents: 150, queries: 30, ..Planted::default() }.judged();
    let every = Settings { families: Family::ALL.to_vec(), ..settings() };
    let written = || serde_json::to_string(&measured(&case, &every).0).unwrap();
    let first = written();
    assert_eq!(first, written());
    let read: Study = serde_json::from_str(&first).unwrap();
    assert_eq!(serde_json::to_string(&read).unwrap(), first);
    let other = Settings { seed: 2, ..every.clone() };
    assert_ne!(serde_json::to_string(&measured(&case, &other).0).unwrap(), first);
}

/// Queries of two tasks, the second half of which the new model sees turned about.
fn of_two_tasks() -> Case {
    let mut case = Planted::default().judged();
    let queries = case.queries.len();
    let half = queries / 2;
    let new = case.new.queries.as_ref().unwrap();
    let turned = new.numbers().iter().enumerate();
    let turned = turned.map(|(at, number)| if at / new.dims() < half { *number } else { -number }).collect();
    case.new.queries = Some(Vectors::new(new.dims(), turned).unwrap());
    case.beside.tasks = Some(Tasks {
        of: (0..queries).map(|place| (place > 0).then_some(u32::from(place >= half))).collect(),
        names: vec!["words".to_owned(), "sentences".to_owned()],
    });
    case
}

#[test]
fn tasks_are_measured_by_themselves() {
    let case = of_two_tasks();
    let (study, _) = measured(&case, &settings());
    let names: Vec<(&str, usize)> = study.tasks.iter().map(|task| (task.name.as_str(), task.judged)).collect();
    assert_eq!(names, [("words", 29), ("sentences", 30)], "the first query is of no task");
    let gain = |at: usize| study.tasks[at].of(&Choice::Reindex).unwrap().gain.unwrap();
    assert!(gain(0).low > 0.2 && gain(1).high < -0.2);
    // Weighted by their queries, the tasks' means are the mean of the queries that have one.
    let mut alone = case.clone();
    let Relevance::Judged(lists) = &mut alone.relevance else { unreachable!() };
    lists[0].clear();
    alone.beside.tasks = None;
    let (whole, _) = measured(&alone, &settings());
    let mean = |at: usize| study.tasks[at].of(&Choice::Stay).unwrap().mean.value;
    let together = (29.0 * mean(0) + 30.0 * mean(1)) / 59.0;
    assert!((together - value(&whole, &Choice::Stay, Metric::Mrr)).abs() < 1e-12 && whole.tasks.is_empty());

    let found = crate::verdict::verdict(&study, &settings());
    assert_eq!(found.decision, crate::verdict::Decision::DependsOnTask);
    assert!(found.headline.starts_with("It depends on which of your tasks: for words new is better than old"));
}

#[test]
fn one_task_is_no_tasks() {
    let mut case = of_two_tasks();
    case.beside.tasks.as_mut().unwrap().of.fill(Some(1));
    assert!(measured(&case, &settings()).0.tasks.is_empty());
    case.beside.tasks.as_mut().unwrap().of.pop();
    assert_eq!(case.checked(), Err(DecideError::Beside));
}

#[test]
fn labels_beside_judgements_are_another_metric() {
    let plan = Planted { documents: 200, ..Planted::default() };
    let (mut case, labelled) = (plan.judged(), plan.labelled());
    let Relevance::Labels { documents, queries, names } = labelled.relevance.clone() else { unreachable!() };
    case.beside.labels = Some(crate::Labels { documents, queries, names });
    let (study, _) = measured(&case, &settings());
    assert_eq!(study.deciding, Metric::Mrr);
    let (by_labels, _) = measured(&labelled, &settings());
    // Staying fits no map, so that it is the same whatever decides.
    assert_eq!(study.score(&Choice::Stay, Metric::LabelMap), by_labels.score(&Choice::Stay, Metric::LabelMap));
    assert!(study.score(&Choice::Stay, Metric::LabelMap).is_some());
}
