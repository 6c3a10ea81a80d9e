//! What happened over the training, losses, retrieval and both kinds of forgetting, and over a backfill, as named
//! series.

use measure::{
    forgetting::{TaskScores, frozen_gallery, re_indexed},
    matrix::CompatibilityMatrix,
};
use protocol::{Backfill, BackfillOrder, Cell, Evaluation, LossPoint, ModelId, RunLog};

use super::matrix::sample_words;
use crate::view::draw::axis::Axis;
use crate::view::draw::series::{Curves, Dash, Ink, Series};
use crate::view::draw::ticks::ticks;
use crate::view::upgrade::{Role, Upgrade};

/// Which curves a chart shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kind {
    /// Self-test and cross-test mAP.
    #[default]
    Retrieval,
    /// The weighted loss terms of one model.
    Loss,
    /// Re-indexed and frozen-gallery forgetting.
    Forgetting,
    /// Retrieval while the old gallery is re-embedded.
    Backfill,
}

impl Kind {
    /// All kinds in the order of the tabs.
    pub const ALL: [Self; 4] = [Self::Retrieval, Self::Loss, Self::Forgetting, Self::Backfill];

    /// Those that a run can have: losses alone where no gallery is asked, and a backfill once one is measured.
    pub fn offered(log: &RunLog, is_retrieval: bool) -> Vec<Self> {
        if !is_retrieval {
            return vec![Self::Loss];
        }
        Self::ALL.into_iter().filter(|kind| *kind != Self::Backfill || !log.backfills.is_empty()).collect()
    }

    /// What a person reads.
    pub fn label(self) -> &'static str {
        match self {
            Self::Retrieval => "Retrieval",
            Self::Loss => "Loss",
            Self::Forgetting => "Forgetting",
            Self::Backfill => "Backfill",
        }
    }
}

impl Curves {
    /// The curves of a kind over `x`, which a backfill, having an axis of its own, does not heed; `model` is the one whose loss
    /// is shown.
    pub fn of(log: &RunLog, upgrade: &Upgrade, kind: Kind, model: ModelId, x: Axis) -> Self {
        let Upgrade { old, new, independent } = *upgrade;
        let (curves, models) = match kind {
            Kind::Retrieval => (retrieval(log, upgrade, x), vec![old, independent, new]),
            Kind::Loss => (losses(log, model, x), vec![model]),
            Kind::Forgetting => (forgetting(log, upgrade, x), vec![new]),
            Kind::Backfill => (backfill(log), Vec::new()),
        };
        Self { ticks: ticks(log, &models, x), ..curves }
    }
}

fn retrieval(log: &RunLog, upgrade: &Upgrade, x: Axis) -> Curves {
    let Upgrade { old, new, independent } = *upgrade;
    let map = |query, gallery| {
        move |cells: &[Cell]| {
            cells.iter().find(|cell| cell.query == query && cell.gallery == gallery).map(|cell| 100.0 * cell.all.map)
        }
    };
    let curve = |label: String, ink, dash, model, query, gallery| Series {
        label,
        ink,
        dash,
        points: over_training(log, model, x, map(query, gallery)),
        mean: None,
        band: Vec::new(),
    };
    let mut series = vec![
        curve(format!("{new}/{new} self-test"), Ink::Model(Role::New), Dash::Solid, new, new, new),
        curve(format!("{new}/{old} cross-test"), Ink::Cross, Dash::Solid, new, new, old),
        curve(format!("{old}/{old} in training"), Ink::Model(Role::Old), Dash::Dotted, old, old, old),
        curve(
            format!("{independent} self-test"),
            Ink::Model(Role::Independent),
            Dash::Dashed,
            independent,
            independent,
            independent,
        ),
    ];
    series.retain(|series| !series.points.is_empty());
    let end = series.iter().filter_map(|series| series.points.last()).map(|point| point.0).fold(0.0, f64::max);
    if let Some((cell, _)) = log.latest_cell(old, old).filter(|_| trained(log, old)) {
        let level = 100.0 * cell.all.map;
        let points = vec![(0.0, level), (end, level)];
        series.push(Series {
            label: format!("{old}/{old} status quo"),
            ink: Ink::Reference,
            dash: Dash::Dashed,
            points,
            mean: None,
            band: Vec::new(),
        });
    }
    Curves {
        caption: format!("All classes, {}, one seed.", basis(log)),
        series,
        ticks: Vec::new(),
        columns: None,
        x,
        y_label: "mAP, points".into(),
        empty: "Self-test and cross-test mAP appear here with the first live measurement.",
    }
}

fn losses(log: &RunLog, model: ModelId, x: Axis) -> Curves {
    let losses = log.models.get(&model).map(|model| model.losses.as_slice()).unwrap_or_default();
    let at = |point: &LossPoint| x.at(log, model, point.step);
    let names: Vec<&str> =
        losses.last().map(|point| point.terms.iter().map(|term| term.name.as_str()).collect()).unwrap_or_default();
    let total = Series {
        label: "total".to_owned(),
        ink: Ink::Total,
        dash: Dash::Solid,
        points: losses.iter().filter_map(|point| Some((at(point)?, point.total))).collect(),
        mean: None,
        band: Vec::new(),
    };
    let term = |(index, name): (usize, &str)| {
        let value = |point: &LossPoint| {
            let term = point.terms.iter().find(|term| term.name == name)?;
            Some((at(point)?, term.weight * term.value))
        };
        let weight = losses.last().and_then(|point| point.terms.get(index)).map_or(1.0, |term| term.weight);
        let label = if weight == 1.0 { name.to_owned() } else { format!("{name} \u{d7} {weight}") };
        let dash = if index % 2 == 0 { Dash::Dashed } else { Dash::Dotted };
        Series {
            label,
            ink: Ink::Term(index),
            dash,
            points: losses.iter().filter_map(value).collect(),
            mean: None,
            band: Vec::new(),
        }
    };
    // With one term the total is that term.
    let terms = names.iter().copied().enumerate().map(term).filter(|_| names.len() > 1);
    let series: Vec<Series> = std::iter::once(total).chain(terms).filter(|series| !series.points.is_empty()).collect();
    let caption = match names.as_slice() {
        [only] => format!("Training loss of {model}: {only}; one seed."),
        _ => format!("Training loss of {model}, each term times its weight; one seed."),
    };
    Curves {
        series,
        ticks: Vec::new(),
        columns: None,
        x,
        y_label: "loss".into(),
        caption,
        empty: "Each loss term appears here from the first steps on.",
    }
}

/// What the stage before an upgrade, 0, and the upgrade itself, 1, score on the classes that the old model knew, in points of mAP.
fn on_known_classes(cells: &[Cell], old: ModelId, new: ModelId) -> CompatibilityMatrix {
    let mut scores = CompatibilityMatrix::new(2);
    for (query, gallery, place) in [(old, old, (0, 0)), (new, old, (1, 0)), (new, new, (1, 1))] {
        let cell = cells.iter().find(|cell| cell.query == query && cell.gallery == gallery);
        if let Some(rates) = cell.and_then(|cell| cell.seen) {
            // A score that is no number stays out, as one that was not measured does.
            let _ = scores.set(place.0, place.1, 100.0 * rates.map);
        }
    }
    scores
}

fn forgetting(log: &RunLog, upgrade: &Upgrade, x: Axis) -> Curves {
    let Upgrade { old, new, .. } = *upgrade;
    let drop = |kind: fn(&[CompatibilityMatrix]) -> TaskScores| {
        move |cells: &[Cell]| kind(&[on_known_classes(cells, old, new)]).forgetting(1)
    };
    let mut series = vec![
        Series {
            label: "re-indexed".to_owned(),
            ink: Ink::Model(Role::New),
            dash: Dash::Solid,
            points: over_training(log, new, x, drop(re_indexed)),
            mean: None,
            band: Vec::new(),
        },
        Series {
            label: "frozen gallery".to_owned(),
            ink: Ink::Cross,
            dash: Dash::Dashed,
            points: over_training(log, new, x, drop(frozen_gallery)),
            mean: None,
            band: Vec::new(),
        },
    ];
    series.retain(|series| !series.points.is_empty());
    Curves {
        series,
        ticks: Vec::new(),
        columns: None,
        x,
        y_label: "mAP lost, points".into(),
        caption: format!(
            "Seen classes: {old}/{old} minus {new}/{new} (re-indexed), minus {new}/{old} (frozen gallery); one seed."
        ),
        empty: "Both kinds of forgetting appear here once the new model trains.",
    }
}

fn backfill(log: &RunLog) -> Curves {
    let series = |backfill: &Backfill| {
        let (ink, dash) = match (backfill.query.independent, backfill.dual, backfill.order) {
            (true, ..) => (Ink::Model(Role::Independent), Dash::Dashed),
            (false, true, _) => (Ink::Model(Role::Old), Dash::Dotted),
            (false, false, BackfillOrder::Random) => (Ink::Model(Role::New), Dash::Solid),
            (false, false, BackfillOrder::ClassMean) => (Ink::Cross, Dash::Dashed),
            (false, false, BackfillOrder::Uncertainty) => (Ink::Cross, Dash::Dotted),
        };
        Series {
            label: format!("{} {}", backfill.query, backfill.short_name()),
            ink,
            dash,
            points: backfill.points.iter().map(|point| (100.0 * point.fraction, 100.0 * point.map)).collect(),
            mean: Some(100.0 * backfill.area),
            band: Vec::new(),
        }
    };
    let caption = match log.backfills.first() {
        Some(backfill) => format!(
            "Numbers are means over a backfill of the {} gallery, in the order named; no score rescaled, one seed.",
            backfill.gallery
        ),
        None => String::new(),
    };
    Curves {
        series: log.backfills.iter().map(series).collect(),
        ticks: Vec::new(),
        columns: None,
        x: Axis::Reembedded,
        y_label: "mAP, points".into(),
        caption,
        empty: "What a backfill buys appears here after the final matrix.",
    }
}

/// A value per live measurement of `model`.
fn over_training(log: &RunLog, model: ModelId, x: Axis, value: impl Fn(&[Cell]) -> Option<f64>) -> Vec<(f64, f64)> {
    let evaluations = log.models.get(&model).map(|model| model.evaluations.as_slice()).unwrap_or_default();
    let point = |evaluation: &Evaluation| Some((x.at(log, model, evaluation.step)?, value(&evaluation.cells)?));
    evaluations.iter().filter_map(point).collect()
}

fn trained(log: &RunLog, model: ModelId) -> bool {
    log.models.get(&model).is_some_and(|model| model.trained.is_some())
}

fn basis(log: &RunLog) -> String {
    let sample = log.models.values().find_map(|model| model.evaluations.last()).map(|evaluation| evaluation.sample);
    sample.map_or_else(|| "live sample".to_owned(), sample_words)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::testing::{NEW, OLD, half_way};

    fn of(kind: Kind, model: ModelId) -> Curves {
        Curves::of(&half_way(), &Upgrade::to_stage(2), kind, model, Axis::Steps)
    }

    fn labels(curves: &Curves) -> Vec<&str> {
        curves.series.iter().map(|series| series.label.as_str()).collect()
    }

    #[test]
    fn retrieval_has_both_tests_and_the_status_quo() {
        let curves = of(Kind::Retrieval, NEW);
        assert_eq!(labels(&curves), ["v2/v2 self-test", "v2/v1 cross-test", "v1/v1 in training", "v1/v1 status quo"]);
        // The status quo is that of the sample on which the new model was measured, drawn to the end of the longest curve.
        assert_eq!(curves.series[3].points, [(0.0, 40.0), (32.0, 40.0)]);
    }

    #[test]
    fn loss_terms_are_weighted_and_one_term_stands_alone() {
        let curves = of(Kind::Loss, NEW);
        assert_eq!(labels(&curves), ["total", "cross-entropy", "compatibility \u{d7} 0.5"]);
        assert_eq!(curves.series[2].points, [(4.0, 1.5), (20.0, 1.0)]);
        assert_eq!(labels(&of(Kind::Loss, OLD)), ["total"]);
    }

    #[test]
    fn forgetting_names_its_cells() {
        let curves = of(Kind::Forgetting, NEW);
        assert_eq!(labels(&curves), ["re-indexed", "frozen gallery"]);
        assert!((curves.series[0].points[0].1 + 10.0).abs() < 1e-9);
        assert!(curves.caption.contains("minus v2/v1 (frozen gallery)"));
    }

    #[test]
    fn a_backfill_goes_by_percent_and_tells_its_mean() {
        let mut log = half_way();
        assert!(Curves::of(&log, &Upgrade::to_stage(2), Kind::Backfill, NEW, Axis::Steps).series.is_empty());
        assert_eq!(Kind::offered(&log, true), [Kind::Retrieval, Kind::Loss, Kind::Forgetting]);
        let point = |fraction: f64, map: f64| protocol::BackfillPoint { fraction, map, cmc1: map };
        let random = Backfill {
            query: NEW,
            gallery: OLD,
            order: BackfillOrder::Random,
            dual: false,
            points: vec![point(0.0, 0.5), point(1.0, 0.7)],
            area: 0.6,
            dip: 0.0,
        };
        log.apply(&protocol::Event::BackfillMeasured { backfill: random.clone() });
        log.apply(&protocol::Event::BackfillMeasured { backfill: Backfill { dual: true, ..random } });
        assert_eq!((Kind::offered(&log, true), Kind::offered(&log, false)), (Kind::ALL.to_vec(), vec![Kind::Loss]));
        let curves = Curves::of(&log, &Upgrade::to_stage(2), Kind::Backfill, NEW, Axis::Steps);
        assert_eq!(labels(&curves), ["v2 random", "v2 both encoders"]);
        assert_eq!(curves.series[0].mean, Some(60.0));
        assert_eq!(curves.series[0].points, [(0.0, 50.0), (100.0, 70.0)]);
        assert_eq!(curves.x, Axis::Reembedded);
    }

    #[test]
    fn the_table_has_a_row_per_step_and_gaps_where_nothing_was_measured() {
        let table = of(Kind::Retrieval, NEW).table();
        let steps: Vec<f64> = table.iter().map(|row| row.0).collect();
        assert_eq!(steps, [0.0, 16.0, 32.0]);
        assert_eq!(table[1].1[..2], [Some(50.0), Some(45.0)]);
        assert_eq!(table[0].1[0], None);
    }

    #[test]
    fn curves_go_by_epochs_and_seconds_of_training_too() {
        let over = |kind, x| Curves::of(&half_way(), &Upgrade::to_stage(2), kind, NEW, x);
        let places = |curves: &Curves, series: usize| -> Vec<f64> {
            curves.series[series].points.iter().map(|point| (1e6 * point.0).round() / 1e6).collect()
        };
        let losses = over(Kind::Loss, Axis::Seconds);
        assert_eq!((places(&losses, 0), places(&losses, 2)), (vec![0.04, 0.2], vec![0.04, 0.2]));
        // v2 was measured at step 16; v1 at 32, to where the status quo is drawn. Ten steps are an epoch.
        let retrieval = over(Kind::Retrieval, Axis::Epochs);
        assert_eq!((places(&retrieval, 0), places(&retrieval, 2)), (vec![1.6], vec![3.2]));
        assert_eq!(places(&retrieval, 3), [0.0, 3.2]);
        assert_eq!(places(&over(Kind::Forgetting, Axis::Epochs), 0), [1.6]);
    }

    #[test]
    fn hidden_series_are_left_out_and_an_emptied_chart_says_why() {
        let curves = of(Kind::Loss, NEW);
        let shown = curves.without(&["total".to_owned(), "of another chart".to_owned()]);
        assert_eq!(labels(&shown), ["cross-entropy", "compatibility \u{d7} 0.5"]);
        let names: Vec<String> = curves.series.iter().map(|series| series.label.clone()).collect();
        assert_eq!(curves.without(&names).empty, "All curves are hidden.");
        let nothing = Curves { series: Vec::new(), ..curves };
        assert_eq!(nothing.without(&names).empty, nothing.empty);
    }

    #[test]
    fn a_file_has_every_row_and_empty_fields_where_nothing_was_measured() {
        let text = of(Kind::Loss, NEW).csv();
        assert_eq!(text, "step,total,cross-entropy,compatibility \u{d7} 0.5\r\n4,3.5,2,1.5\r\n20,2,1,1\r\n");
        assert!(of(Kind::Retrieval, NEW).csv().contains("\r\n32,,,30,40\r\n"));
    }
}
