//! What happened over the steps of training, losses, retrieval and both kinds of forgetting, and over a backfill, as named
//! series.

use protocol::{Backfill, BackfillOrder, Cell, Evaluation, ModelId, RunLog};

use super::matrix::sample_words;
use super::upgrade::{Role, Upgrade};

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

/// A chart before it is drawn.
#[derive(Clone, Debug, PartialEq)]
pub struct Curves {
    /// The curves, in the order of the legend; empty if nothing was measured.
    pub series: Vec<Series>,
    /// What the points go by.
    pub x: Axis,
    /// What stands beside the y axis.
    pub y_label: &'static str,
    /// What was measured on what, in a sentence or two.
    pub caption: String,
    /// What stands in the place of an empty chart.
    pub empty: &'static str,
}

/// What the points of a chart go by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Axis {
    /// Training steps, from 1.
    Steps,
    /// Percent of a gallery that is re-embedded.
    Reembedded,
}

/// One named curve.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// Name in the legend.
    pub label: String,
    /// Decides the colour.
    pub ink: Ink,
    /// Decides the dashes.
    pub dash: Dash,
    /// Step, or whatever the axis counts, and value, sorted.
    pub points: Vec<(f64, f64)>,
    /// The number beside the name, where it is not the last value.
    pub mean: Option<f64>,
}

/// What a curve is about; themes turn it into a colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ink {
    /// A model in its role.
    Model(Role),
    /// The new model against the old gallery.
    Cross,
    /// A level to compare with.
    Reference,
    /// A loss term by its position.
    Term(usize),
    /// The sum of the loss terms.
    Total,
}

/// How a curve is drawn, since colour alone must not tell curves apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dash {
    /// An unbroken line.
    Solid,
    /// Long dashes.
    Dashed,
    /// Short dashes.
    Dotted,
}

impl Kind {
    /// All kinds in the order of the tabs.
    pub const ALL: [Self; 4] = [Self::Retrieval, Self::Loss, Self::Forgetting, Self::Backfill];

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

impl Axis {
    /// What stands below the axis.
    pub fn label(self) -> &'static str {
        match self {
            Self::Steps => "training steps",
            Self::Reembedded => "% of the old gallery re-embedded",
        }
    }

    /// What one of its numbers is called.
    pub fn unit(self) -> &'static str {
        match self {
            Self::Steps => "step",
            Self::Reembedded => "% re-embedded",
        }
    }

    /// A place on the axis, in words.
    pub fn place(self, at: f64) -> String {
        match self {
            Self::Steps => format!("at step {at}"),
            Self::Reembedded => format!("with {at} % re-embedded"),
        }
    }
}

impl Dash {
    /// Name in class attributes.
    pub fn word(self) -> &'static str {
        match self {
            Self::Solid => "solid",
            Self::Dashed => "dashed",
            Self::Dotted => "dotted",
        }
    }
}

impl Curves {
    /// The curves of a kind; `model` is the one whose loss is shown.
    pub fn of(log: &RunLog, upgrade: &Upgrade, kind: Kind, model: ModelId) -> Self {
        match kind {
            Kind::Retrieval => retrieval(log, upgrade),
            Kind::Loss => losses(log, model),
            Kind::Forgetting => forgetting(log, upgrade),
            Kind::Backfill => backfill(log),
        }
    }

    /// Every step with the value of each series there, for the table beside the chart.
    pub fn table(&self) -> Vec<(f64, Vec<Option<f64>>)> {
        let mut steps: Vec<f64> =
            self.series.iter().flat_map(|series| series.points.iter().map(|point| point.0)).collect();
        steps.sort_by(f64::total_cmp);
        steps.dedup();
        let at = |series: &Series, step: f64| {
            let found = series.points.binary_search_by(|point| point.0.total_cmp(&step)).ok()?;
            series.points.get(found).map(|point| point.1)
        };
        steps.into_iter().map(|step| (step, self.series.iter().map(|series| at(series, step)).collect())).collect()
    }
}

fn retrieval(log: &RunLog, upgrade: &Upgrade) -> Curves {
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
        points: over_steps(log, model, map(query, gallery)),
        mean: None,
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
        });
    }
    Curves {
        caption: format!("All classes, {}, one seed.", basis(log)),
        series,
        x: Axis::Steps,
        y_label: "mAP, points",
        empty: "Self-test and cross-test mAP appear here with the first live measurement.",
    }
}

fn losses(log: &RunLog, model: ModelId) -> Curves {
    let losses = log.models.get(&model).map(|model| model.losses.as_slice()).unwrap_or_default();
    let names: Vec<&str> =
        losses.last().map(|point| point.terms.iter().map(|term| term.name.as_str()).collect()).unwrap_or_default();
    let total = Series {
        label: "total".to_owned(),
        ink: Ink::Total,
        dash: Dash::Solid,
        points: losses.iter().map(|point| (f64::from(point.step), point.total)).collect(),
        mean: None,
    };
    let term = |(index, name): (usize, &str)| {
        let value = |point: &protocol::LossPoint| {
            let term = point.terms.iter().find(|term| term.name == name)?;
            Some((f64::from(point.step), term.weight * term.value))
        };
        let weight = losses.last().and_then(|point| point.terms.get(index)).map_or(1.0, |term| term.weight);
        let label = if weight == 1.0 { name.to_owned() } else { format!("{name} \u{d7} {weight}") };
        let dash = if index % 2 == 0 { Dash::Dashed } else { Dash::Dotted };
        Series { label, ink: Ink::Term(index), dash, points: losses.iter().filter_map(value).collect(), mean: None }
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
        x: Axis::Steps,
        y_label: "loss",
        caption,
        empty: "Each loss term appears here from the first steps on.",
    }
}

fn forgetting(log: &RunLog, upgrade: &Upgrade) -> Curves {
    let Upgrade { old, new, .. } = *upgrade;
    let drop = |query, gallery| {
        move |cells: &[Cell]| {
            let seen = |query, gallery| {
                let cell = cells.iter().find(|cell: &&Cell| cell.query == query && cell.gallery == gallery)?;
                cell.seen.map(|rates| 100.0 * rates.map)
            };
            Some(seen(old, old)? - seen(query, gallery)?)
        }
    };
    let mut series = vec![
        Series {
            label: "re-indexed".to_owned(),
            ink: Ink::Model(Role::New),
            dash: Dash::Solid,
            points: over_steps(log, new, drop(new, new)),
            mean: None,
        },
        Series {
            label: "frozen gallery".to_owned(),
            ink: Ink::Cross,
            dash: Dash::Dashed,
            points: over_steps(log, new, drop(new, old)),
            mean: None,
        },
    ];
    series.retain(|series| !series.points.is_empty());
    Curves {
        series,
        x: Axis::Steps,
        y_label: "mAP lost, points",
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
        x: Axis::Reembedded,
        y_label: "mAP, points",
        caption,
        empty: "What a backfill buys appears here after the final matrix.",
    }
}

/// A value per live measurement of `model`.
fn over_steps(log: &RunLog, model: ModelId, value: impl Fn(&[Cell]) -> Option<f64>) -> Vec<(f64, f64)> {
    let evaluations = log.models.get(&model).map(|model| model.evaluations.as_slice()).unwrap_or_default();
    let point = |evaluation: &Evaluation| Some((f64::from(evaluation.step), value(&evaluation.cells)?));
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

    fn labels(curves: &Curves) -> Vec<&str> {
        curves.series.iter().map(|series| series.label.as_str()).collect()
    }

    #[test]
    fn retrieval_has_both_tests_and_the_status_quo() {
        let curves = Curves::of(&half_way(), &Upgrade::to_stage(2), Kind::Retrieval, NEW);
        assert_eq!(labels(&curves), ["v2/v2 self-test", "v2/v1 cross-test", "v1/v1 in training", "v1/v1 status quo"]);
        // The status quo is that of the sample on which the new model was measured, drawn to the end of the longest curve.
        assert_eq!(curves.series[3].points, [(0.0, 40.0), (32.0, 40.0)]);
    }

    #[test]
    fn loss_terms_are_weighted_and_one_term_stands_alone() {
        let curves = Curves::of(&half_way(), &Upgrade::to_stage(2), Kind::Loss, NEW);
        assert_eq!(labels(&curves), ["total", "cross-entropy", "compatibility \u{d7} 0.5"]);
        assert_eq!(curves.series[2].points, [(4.0, 1.5), (20.0, 1.0)]);
        assert_eq!(labels(&Curves::of(&half_way(), &Upgrade::to_stage(2), Kind::Loss, OLD)), ["total"]);
    }

    #[test]
    fn forgetting_names_its_cells() {
        let curves = Curves::of(&half_way(), &Upgrade::to_stage(2), Kind::Forgetting, NEW);
        assert_eq!(labels(&curves), ["re-indexed", "frozen gallery"]);
        assert!((curves.series[0].points[0].1 + 10.0).abs() < 1e-9);
        assert!(curves.caption.contains("minus v2/v1 (frozen gallery)"));
    }

    #[test]
    fn a_backfill_goes_by_percent_and_tells_its_mean() {
        let mut log = half_way();
        assert!(Curves::of(&log, &Upgrade::to_stage(2), Kind::Backfill, NEW).series.is_empty());
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
        let curves = Curves::of(&log, &Upgrade::to_stage(2), Kind::Backfill, NEW);
        assert_eq!(labels(&curves), ["v2 random", "v2 both encoders"]);
        assert_eq!(curves.series[0].mean, Some(60.0));
        assert_eq!(curves.series[0].points, [(0.0, 50.0), (100.0, 70.0)]);
        assert_eq!(curves.x.place(40.0), "with 40 % re-embedded");
    }

    #[test]
    fn the_table_has_a_row_per_step_and_gaps_where_nothing_was_measured() {
        let table = Curves::of(&half_way(), &Upgrade::to_stage(2), Kind::Retrieval, NEW).table();
        let steps: Vec<f64> = table.iter().map(|row| row.0).collect();
        assert_eq!(steps, [0.0, 16.0, 32.0]);
        assert_eq!(table[1].1[..2], [Some(50.0), Some(45.0)]);
        assert_eq!(table[0].1[0], None);
    }
}
