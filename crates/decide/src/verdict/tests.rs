//! Every sentence that a decision needs, and what no decision may say.

use proptest::prelude::*;

use super::sample::{self, Sketch, around, bridge, cascade};
use super::*;
use crate::doctor::{Finding, Pairing, PairingVerdict, Severity};
use crate::judge::{Estimate, Metric};
use crate::maps::{Direction, Family};
use crate::options::mixed::Point;
use crate::options::{Choice, First, OptionRow, Score};
use crate::study::{Task, TaskScore};

fn decided(study: &Study) -> Verdict {
    verdict(study, &Settings::default())
}

/// All that a verdict says.
fn words(verdict: &Verdict) -> String {
    let sentences = verdict.because.iter().chain(&verdict.would_change).chain(&verdict.provisional);
    sentences.fold(verdict.headline.clone(), |text, sentence| text + "\n" + sentence)
}

fn ridge() -> Choice {
    bridge(Family::Ridge, Direction::Queries)
}

/// GloVe to MiniLM, as measured.
fn gaining() -> Sketch {
    Sketch::new(Metric::Mrr, 0.035, 0.166, 0.008)
}

#[test]
fn do_not_upgrade() {
    let found = decided(&Sketch::new(Metric::Mrr, 0.166, 0.035, 0.008).study(&[(Choice::Swap, 0.002), (ridge(), 0.1)]));
    assert_eq!(found.decision, Decision::Stay);
    assert_eq!(
        found.headline,
        "Do not upgrade: even after a full re-index MiniLM finds less than GloVe (MRR@10 0.035 [0.027, 0.043] against 0.166 \
         [0.158, 0.174])."
    );
    assert_eq!(found.provisional, None);
    assert!(!words(&found).contains("Of so many options"), "no option is better than staying");
    // What is better without an upgrade is named.
    let found =
        decided(&Sketch::new(Metric::Mrr, 0.166, 0.035, 0.008).study(&[(Choice::Swap, 0.002), (ridge(), 0.21)]));
    assert_eq!(found.decision, Decision::Stay);
    let said = words(&found);
    assert!(said.contains("gains +0.044") && said.contains("Of so many options some look good by luck"), "{said}");
}

#[test]
fn nothing_changed() {
    let mut study = Sketch::new(Metric::Mrr, 0.166, 0.166, 0.008).study(&[(Choice::Swap, 0.166)]);
    study.examination.models = vec![sample::health("a", 0.3), sample::health("b", 0.3)];
    let found = decided(&study);
    assert_eq!(found.decision, Decision::NothingChanged);
    assert!(
        found.headline.starts_with("Nothing changed: GloVe and MiniLM give the same vectors"),
        "{}",
        found.headline
    );
    assert_eq!((found.provisional, found.would_change.len()), (None, 1));
    // The same scores of other vectors, or by other results, are no sameness.
    let mut other = study.clone();
    other.examination.models[1].mean_norm = 0.31;
    assert_eq!(decided(&other).decision, Decision::WorksAsItIs);
    // Vectors of other lengths are the same by the cosine, which the doctor knows.
    let sentence = "Nothing changed: GloVe and MiniLM have the very same vectors, but for their lengths.".to_owned();
    other.examination.findings = vec![Finding { severity: Severity::Note, sentence, rows: Vec::new() }];
    assert_eq!(decided(&other).decision, Decision::NothingChanged);
    let mut other = study.clone();
    other.rows[1].newly_broken = vec![3];
    assert_eq!(decided(&other).decision, Decision::WorksAsItIs);
    let overlap = Sketch::new(Metric::OverlapOld, 1.0, 0.99, 0.0);
    study.rows[2].scores.push(overlap.score(0.99));
    assert_eq!(decided(&study).decision, Decision::WorksAsItIs);
}

#[test]
fn works_as_it_is() {
    // MiniLM's 4-bit copy to MiniLM, as measured.
    let close = Sketch::new(Metric::Mrr, 0.158, 0.166, 0.005);
    let found = decided(&close.study(&[(Choice::Swap, 0.16), (ridge(), 0.159)]));
    assert_eq!(found.decision, Decision::WorksAsItIs);
    assert!(found.headline.starts_with("It works as it is: MiniLM can search the index of GloVe without re-embedding"));
    assert!(found.would_change[0].contains("embeds 6\u{202f}000 documents now"));
    // An interval that rules too little out is no proof that it works.
    let wide = Sketch { reach: 0.05, ..close };
    assert_eq!(decided(&wide.study(&[(Choice::Swap, 0.16)])).decision, Decision::CannotTell);
    // Near in points and far in proportion: chance is within a margin of what hardly finds anything.
    let poor = Sketch::new(Metric::Mrr, 0.001, 0.008, 0.0005);
    assert_eq!(decided(&poor.study(&[(Choice::Swap, 0.001)])).decision, Decision::Reindex);
    // As good as a re-index that is worse than staying.
    let bad = Sketch::new(Metric::Mrr, 0.166, 0.14, 0.005);
    assert_eq!(decided(&bad.study(&[(Choice::Swap, 0.138)])).decision, Decision::Stay);
}

#[test]
fn equal_and_nothing_to_gain() {
    let found = decided(&Sketch::new(Metric::Mrr, 0.15, 0.152, 0.006).study(&[(ridge(), 0.1)]));
    assert_eq!(found.decision, Decision::Stay);
    assert_eq!(
        found.headline,
        "Stay: GloVe and MiniLM are equal by MRR@10 (difference +0.002 [\u{2212}0.004, +0.008]), so there is nothing to gain."
    );
    assert_eq!(found.because[0], "A difference below 0.010 is called equal.");
    // Real, and too small to matter, up as well as down.
    for full in [0.158, 0.142] {
        let found = decided(&Sketch::new(Metric::Mrr, 0.15, full, 0.002).study(&[]));
        assert!(found.decision == Decision::Stay && found.headline.contains("are equal"), "{}", found.headline);
    }
}

#[test]
fn depends_on_which_of_your_tasks() {
    let recall = Sketch::new(Metric::Recall, 0.32, 0.28, 0.01);
    for (stay, full) in [(0.035, 0.166), (0.166, 0.035)] {
        let mut study = Sketch::new(Metric::Mrr, stay, full, 0.008).study(&[(ridge(), 0.05)]);
        let other = if stay < full { recall } else { Sketch { stay: 0.28, full: 0.32, ..recall } };
        study.rows.last_mut().unwrap().scores.push(other.score(other.full));
        let found = decided(&study);
        assert_eq!(found.decision, Decision::DependsOnTask, "{}", found.headline);
        assert!(found.headline.starts_with("It depends on which of your tasks: by MRR@10 MiniLM is "));
        // Within its interval it says nothing.
        let unclear = Sketch { reach: 0.05, ..other };
        *study.rows.last_mut().unwrap().scores.last_mut().unwrap() = unclear.score(unclear.full);
        assert_ne!(decided(&study).decision, Decision::DependsOnTask);
    }
}

#[test]
fn keep_the_old_encoder_and_rescore() {
    let mut study = Sketch::new(Metric::Mrr, 0.1, 0.2, 0.004).study(&[
        (ridge(), 0.12),
        (cascade(10), 0.16),
        (cascade(20), 0.182),
        (cascade(50), 0.188),
        (cascade(100), 0.195),
    ]);
    study.rows[1].scores[0].share_of_gain = Some(Estimate { value: 0.2, low: 0.13, high: 0.27 });
    let found = decided(&study);
    assert_eq!(found.decision, Decision::Cascade);
    assert_eq!(
        found.headline,
        "A bridge keeps 20 % [13, 27] of the gain; the cascade with N = 50 keeps 88 % [84, 92] of the gain and embeds 50 \
         documents per query: keep the old encoder and re-score."
    );
    let said = words(&found);
    assert!(said.contains("made it embed 1\u{202f}000 of 6\u{202f}000 documents on the way (17 %)"), "{said}");
    assert!(said.contains("If 75 % of the gain were enough, the cascade with N = 20 would do."), "{said}");
    assert!(said.contains("If embedding 6\u{202f}000 documents cost less than re-scoring 50 for each query"), "{said}");
    // From the mapped index the old encoder is not needed.
    study.rows[4].choice = Choice::Cascade { first: First::MappedGallery, candidates: 50 };
    assert!(decided(&study).headline.ends_with("per query: bridge for candidates and re-score."));
    // One that these queries make embed half of the documents is no saving.
    study.rows[4].cost.embed_on_the_way = sample::DOCUMENTS / 2;
    study.rows[5].cost.embed_on_the_way = sample::DOCUMENTS;
    let found = decided(&study);
    assert_eq!(found.decision, Decision::Reindex);
    assert!(words(&found).contains("If queries touched fewer documents, the cascade with N = 50 would do"));
}

#[test]
fn reindex() {
    let mut study = gaining().study(&[(ridge(), 0.08), (cascade(200), 0.119)]);
    study.mixed = [(0, 0.035, 0.035), (90, 0.01, 0.158), (100, 0.166, 0.166)]
        .map(|(percent, raw, calibrated)| Point {
            percent,
            raw: around(raw, 0.004),
            calibrated: around(calibrated, 0.004),
            bridged: None,
        })
        .to_vec();
    let found = decided(&study);
    assert_eq!(found.decision, Decision::Reindex);
    assert_eq!(
        found.headline,
        "Re-index: MRR@10 goes from 0.035 [0.027, 0.043] to 0.166 [0.158, 0.174]; the best bridge keeps 34 % [28, 40] of the \
         gain, the best cascade keeps 64 % [58, 70] of the gain."
    );
    let said = words(&found);
    assert!(said.contains("raw scores fall from 0.035 to 0.010 at 90 %, calibrated ones not below 0.035."), "{said}");
    assert!(said.contains("If 55 % of the gain were enough, this would do: "), "{said}");
}

#[test]
fn a_bridge_for_these_queries_at_this_price() {
    let gallery = bridge(Family::LowRank, Direction::Gallery);
    let mut study = gaining().study(&[(gallery, 0.164), (ridge(), 0.163), (cascade(10), 0.166)]);
    study.rows[2].cost.price = Some(1.5);
    study.rows[2].newly_broken = vec![1, 2];
    study.rows[2].newly_fixed = vec![0];
    let found = decided(&study);
    assert_eq!(found.decision, Decision::Bridge);
    assert!(
        found.headline.starts_with(
            "A bridge, for these queries, at this price: it keeps 98 % [92, 104] of the gain, embeds nothing now and costs \
             19 thousand multiply-adds per query, price 1.50 ("
        ),
        "{}",
        found.headline
    );
    let said = words(&found);
    assert!(said.contains("begins at 92 %, and 90 % is asked for"), "{said}");
    assert!(said.contains("It newly breaks 2 queries and newly fixes 1."), "{said}");
    // Fewer operations of two that map queries.
    let mut light = gaining().row(bridge(Family::Translation, Direction::Queries), 0.162);
    light.cost.multiply_adds = 384;
    study.rows.push(light);
    assert!(decided(&study).headline.contains("384 multiply-adds"));
}

#[test]
fn cannot_tell_yet() {
    let mut study = Sketch::new(Metric::Mrr, 0.1, 0.112, 0.02).study(&[(ridge(), 0.12)]);
    (study.judged, study.needed) = (120, Some(1_354));
    let found = decided(&study);
    assert_eq!(found.decision, Decision::CannotTell);
    assert_eq!(
        found.headline,
        "Cannot tell yet: about 1\u{202f}300 more judged queries would show whether MiniLM is better than GloVe by MRR@10."
    );
    assert!(found.because[0].contains("+0.012 [\u{2212}0.008, +0.032] over 120 judged queries: within its interval"));
    for needed in [None, Some(3), Some(120)] {
        study.needed = needed;
        let headline = decided(&study).headline;
        assert!(headline.starts_with("Cannot tell yet: more judged queries"), "{headline}");
    }
}

#[test]
fn no_such_threshold_exists() {
    let mut study = gaining().study(&[]);
    study.thresholds = Some(sample::thresholds());
    let said = words(&decided(&study));
    assert!(
        said.contains(
            "With Full re-index no cut-off reaches a precision of 90 % on the queries that cut-offs are chosen by: no such threshold exists."
        ),
        "{said}"
    );
    assert!(!words(&decided(&gaining().study(&[]))).contains("threshold"));
}

#[test]
fn without_judgements_no_bridge_is_better() {
    let mut study = Sketch::new(Metric::OverlapNew, 0.41, 1.0, 0.02).study(&[(Choice::Swap, 0.02), (ridge(), 0.99)]);
    let found = decided(&study);
    assert_eq!(found.decision, Decision::CannotTell);
    assert!(found.headline.contains("have 41 % [39, 43] of their best 10 in common"), "{}", found.headline);
    assert!(found.provisional.as_ref().unwrap().contains("Nothing says which documents are relevant"));
    let said = words(&found);
    assert!(
        said.contains("finds 99 % [97, 101] of what the full re-index finds")
            && said.contains("about 50 show a large gain"),
        "{said}"
    );
    // The same lists need no judgement: whichever model, nobody sees a difference.
    study = Sketch::new(Metric::OverlapNew, 0.997, 1.0, 0.002).study(&[]);
    assert_eq!(decided(&study).decision, Decision::Stay);
    study = Sketch::new(Metric::OverlapNew, 0.6, 1.0, 0.002).study(&[(Choice::Swap, 0.995)]);
    assert_eq!(decided(&study).decision, Decision::WorksAsItIs);
}

#[test]
fn labels_documents_that_ask_and_odd_pairs_make_it_provisional() {
    let mut study = Sketch::new(Metric::LabelMap, 0.114, 0.159, 0.006).study(&[(Choice::Centred, 0.146)]);
    study.queries = 0;
    let pairing = |verdict| Pairing { cka: 0.0, neighbours: 0.0, chance: 0.0, best_shift: None, verdict };
    study.examination.pairing = Some(pairing(PairingVerdict::Unrelated));
    let found = decided(&study);
    let why = found.provisional.as_ref().unwrap();
    assert!(
        why.contains("Labels stand for judgements") && why.contains("documents ask") && why.contains("same documents")
    );
    let said = words(&found);
    assert!(said.contains("With judged queries instead of labels") && said.contains("subtracting the mean"), "{said}");
    study.examination.pairing = Some(pairing(PairingVerdict::Paired));
    assert!(!decided(&study).provisional.unwrap().contains("same documents"));
}

#[test]
fn what_was_not_measured_is_not_decided() {
    for mut study in [
        sample::study(Metric::Mrr, Vec::new()),
        Sketch::new(Metric::Mrr, 0.0, 0.0, 0.0).study(&[(Choice::Swap, 0.0)]),
        sample::study(Metric::Mrr, vec![sample::row(Choice::Reindex, Vec::new())]),
    ] {
        // With other vectors, so that equal scores are not taken for equal models.
        study.examination.models[0].mean_norm = 0.5;
        let found = decided(&study);
        assert!(
            found.decision == Decision::CannotTell && found.headline.starts_with("Cannot tell"),
            "{}",
            found.headline
        );
    }
}

#[test]
fn a_bridge_that_searches_worse_than_the_old_model_is_called_so() {
    // Universal Sentence Encoder to MiniLM: labels said 83 % of the gain, search said less than staying.
    let found = decided(&Sketch::new(Metric::Recall, 0.316, 0.529, 0.015).study(&[(ridge(), 0.215)]));
    assert_eq!(found.decision, Decision::Reindex);
    assert!(found.headline.contains("the best bridge is worse than staying (\u{2212}0.101"), "{}", found.headline);
}

/// Any numbers at all, also such as are none.
fn anything() -> impl Strategy<Value = Estimate> {
    let number = || prop_oneof![proptest::num::f64::ANY, -1.0..1.0_f64];
    (number(), number(), number()).prop_map(|(value, low, high)| Estimate { value, low, high })
}

/// An estimate as bootstraps give it.
fn sensible() -> impl Strategy<Value = Estimate> {
    (-1.0..1.0_f64, 0.0..0.3_f64, 0.0..0.3_f64).prop_map(|(value, down, up)| Estimate {
        value,
        low: value - down,
        high: value + up,
    })
}

fn score(of: impl Strategy<Value = Estimate> + Clone, metric: Metric) -> impl Strategy<Value = Score> {
    let maybe = || proptest::option::weighted(0.8, of.clone());
    (of.clone(), maybe(), maybe(), maybe(), maybe()).prop_map(move |(mean, gain, behind, retention, share_of_gain)| {
        Score { metric, mean, gain, behind, retention, share_of_gain }
    })
}

fn rows(of: impl Strategy<Value = Estimate> + Clone, metric: Metric) -> impl Strategy<Value = Vec<OptionRow>> {
    let choices = [
        Choice::Stay,
        Choice::Centred,
        Choice::Swap,
        ridge(),
        bridge(Family::Mlp, Direction::Gallery),
        Choice::Slerp { weight_percent: 50 },
        cascade(10),
        cascade(50),
        Choice::Reindex,
    ];
    let other = if metric == Metric::Recall { Metric::Ndcg } else { Metric::Recall };
    let row =
        (score(of.clone(), metric), score(of, other), any::<usize>(), proptest::option::of(proptest::num::f64::ANY));
    proptest::collection::vec(row, choices.len()).prop_map(move |drawn| {
        let rows = choices.iter().zip(drawn).map(|(choice, (deciding, other, touched, price))| {
            let mut row = sample::row(choice.clone(), vec![deciding, other]);
            (row.cost.embed_on_the_way, row.cost.price) = (touched, price);
            row
        });
        rows.collect::<Vec<_>>()
    })
}

fn deciding() -> impl Strategy<Value = Metric> {
    proptest::sample::select(vec![Metric::Recall, Metric::Mrr, Metric::LabelMap, Metric::OverlapNew])
}

fn studies(of: impl Strategy<Value = Estimate> + Clone + 'static) -> impl Strategy<Value = Study> {
    let numbers = (any::<usize>(), any::<usize>(), proptest::option::of(any::<usize>()));
    let rows = deciding().prop_flat_map(move |metric| rows(of.clone(), metric).prop_map(move |rows| (metric, rows)));
    (rows, numbers).prop_map(|((metric, rows), (documents, judged, needed))| {
        let mut study = sample::study(metric, rows);
        (study.documents, study.judged, study.needed) = (documents, judged, needed);
        study
    })
}

proptest! {
    #[test]
    fn it_always_says_something_and_never_what_is_no_number(
        study in studies(anything().boxed()),
        margin in proptest::num::f64::ANY,
    ) {
        let found = verdict(&study, &Settings { margin, ..Settings::default() });
        let said = words(&found);
        prop_assert!(!said.contains("NaN") && !said.contains("inf"), "{said}");
        prop_assert!(!found.headline.is_empty() && !found.because.is_empty() && !found.would_change.is_empty());
        prop_assert!(found.headline.ends_with('.'));
    }

    #[test]
    fn no_bridge_is_advised_that_lies_below_staying(mut study in studies(sensible().boxed()), down in 0.001..0.5_f64) {
        for row in &mut study.rows {
            if matches!(row.choice, Choice::Bridge { .. }) {
                for score in &mut row.scores {
                    score.gain = Some(Estimate { value: -2.0 * down, low: -3.0 * down, high: -down });
                }
            }
        }
        prop_assert_ne!(decided(&study).decision, Decision::Bridge);
    }

    #[test]
    fn a_gain_within_its_interval_is_never_a_win(mut study in studies(sensible().boxed()), up in 0.0..0.5_f64, down in 0.0..0.5_f64) {
        for score in study.rows.iter_mut().filter(|row| row.choice == Choice::Reindex).flat_map(|row| &mut row.scores) {
            score.gain = Some(Estimate { value: (up - down) / 2.0, low: -down, high: up });
        }
        let decision = decided(&study).decision;
        let wins = [Decision::Bridge, Decision::Cascade, Decision::Reindex, Decision::DependsOnTask];
        prop_assert!(!wins.contains(&decision), "{decision:?}");
    }

    #[test]
    fn without_judgements_nothing_is_called_better(study in studies(sensible().boxed())) {
        let mut study = study;
        study.deciding = Metric::OverlapNew;
        let decision = decided(&study).decision;
        let wins = [Decision::Bridge, Decision::Cascade, Decision::Reindex, Decision::DependsOnTask];
        prop_assert!(!wins.contains(&decision), "{decision:?}");
    }
}

/// Tasks by name with what the full re-index gains on each.
fn with_tasks(mut study: Study, gains: &[(&str, f64)]) -> Study {
    let task = |&(name, gain): &(&str, f64)| {
        let scored = |choice, gain| TaskScore {
            choice,
            mean: around(0.2 + gain, 0.01),
            gain: Some(around(gain, 0.01)),
            retention: None,
        };
        let scores = vec![scored(Choice::Stay, 0.0), scored(Choice::Reindex, gain)];
        Task { name: name.to_owned(), judged: 100, scores }
    };
    study.tasks = gains.iter().map(task).collect();
    study
}

#[test]
fn tasks_that_say_the_opposite_decide() {
    let study = with_tasks(gaining().study(&[(ridge(), 0.1)]), &[("words", 0.2), ("examples", -0.05), ("titles", 0.0)]);
    let found = decided(&study);
    assert_eq!(found.decision, Decision::DependsOnTask);
    assert_eq!(
        found.headline,
        "It depends on which of your tasks: for words MiniLM is better than GloVe (MRR@10 +0.200 [+0.190, +0.210]), for examples it is \
         worse (−0.050 [−0.060, −0.040])."
    );
}

#[test]
fn a_task_without_a_gain_is_named() {
    let study = with_tasks(gaining().study(&[(ridge(), 0.1)]), &[("words", 0.2), ("titles", 0.0)]);
    let found = decided(&study);
    assert_eq!(found.decision, Decision::Reindex);
    assert!(
        words(&found).contains(
            "Task by task a full re-index changes MRR@10 by: words +0.200 [+0.190, +0.210], titles 0.000 [−0.010, +0.010]. For titles that is \
             within the interval, so this decision is none for it."
        ),
        "{}",
        words(&found)
    );
}

#[test]
fn tasks_that_cancel_out_are_not_equal() {
    let whole = Sketch::new(Metric::Mrr, 0.166, 0.166, 0.004).study(&[(Choice::Swap, 0.002)]);
    assert_eq!(decided(&whole).decision, Decision::Stay);
    assert_eq!(decided(&with_tasks(whole, &[("words", 0.05), ("titles", -0.05)])).decision, Decision::DependsOnTask);
}

#[test]
fn nobody_is_asked_for_more_judgements_than_anybody_has() {
    let mut study = Sketch::new(Metric::Mrr, 0.166, 0.168, 0.03).study(&[(Choice::Swap, 0.002)]);
    study.needed = Some(140_000_000);
    let found = decided(&study);
    let said = format!("more than {} judged queries", crate::report::words::count(10_000));
    assert!(found.headline.contains(&said) && !words(&found).contains("140"), "{}", words(&found));
}
