//! Drawings that a report holds within it. Lengths along the window are percent and everything else is pixels, so that a drawing is as
//! wide as there is room while its letters stay as large as the text around it.

use super::html::escape;
use super::words;
use crate::judge::Estimate;
use crate::options::Choice;
use crate::options::mixed::Point;
use crate::study::Study;

/// Height of an option: its name above its interval.
const ROW: f64 = 40.0;

/// Height of the curve, without what is written under it.
const CURVE: f64 = 200.0;

/// What an axis covers.
#[derive(Clone, Copy)]
struct Axis {
    low: f64,
    high: f64,
}

impl Axis {
    /// Over all intervals, with room at both ends; `None` where there is no interval.
    fn over(estimates: impl Iterator<Item = Estimate>) -> Option<Self> {
        let ends = estimates.map(|estimate| (estimate.low.min(estimate.value), estimate.high.max(estimate.value)));
        let (low, high) = ends.reduce(|(low, high), (least, most)| (low.min(least), high.max(most)))?;
        let room = ((high - low) * 0.04).max(1e-3);
        Some(Self { low: low - room, high: high + room })
    }

    /// Where a value lies, in `0..=1`.
    fn at(self, value: f64) -> f64 {
        ((value - self.low) / (self.high - self.low)).clamp(0.0, 1.0)
    }

    /// Round numbers along it.
    fn ticks(self) -> Vec<f64> {
        let rough = (self.high - self.low) / 4.0;
        let scale = 10f64.powf(rough.log10().floor());
        let step = [1.0, 2.0, 5.0, 10.0].map(|step| step * scale).into_iter().find(|step| *step >= rough);
        let step = step.unwrap_or(rough);
        let first = (self.low / step).ceil();
        (0..6).map(|tick| (first + f64::from(tick)) * step).filter(|tick| *tick <= self.high).collect()
    }
}

/// An estimate that can be drawn.
fn drawable(estimate: Estimate) -> Option<Estimate> {
    // Beyond this no score lies, and differences would not be finite.
    let fits = |value: f64| value.is_finite() && value.abs() < 1e6;
    (fits(estimate.value) && fits(estimate.low) && fits(estimate.high)).then_some(estimate)
}

/// Every option that was measured by the metric that decides, with its interval, beside staying and the full re-index.
pub(super) fn options(study: &Study) -> Option<String> {
    let rows = study.rows.iter().filter_map(|row| {
        let score = row.scores.iter().find(|score| score.metric == study.deciding)?;
        Some((row, drawable(score.mean)?))
    });
    let rows: Vec<_> = rows.collect();
    let axis = Axis::over(rows.iter().map(|(_, mean)| *mean))?;
    let x = |value: f64| 1.0 + 98.0 * axis.at(value);
    let bottom = ROW * rows.len() as f64 + 6.0;
    let mut drawn = String::new();
    for tick in axis.ticks() {
        let (x, text) = (x(tick), words::number(tick));
        let anchor = anchor(x);
        drawn.push_str(&format!(
            "<line class=\"grid\" x1=\"{x:.2}%\" y1=\"0\" x2=\"{x:.2}%\" y2=\"{bottom}\"/>\
             <text class=\"tick\" x=\"{x:.2}%\" y=\"{}\" text-anchor=\"{anchor}\">{text}</text>\n",
            bottom + 16.0
        ));
    }
    for (choice, class) in [(Choice::Stay, "stay"), (Choice::Reindex, "full")] {
        let mean = rows.iter().find(|(row, _)| row.choice == choice).map(|(_, mean)| x(mean.value));
        drawn.extend(
            mean.map(|x| format!("<line class=\"{class}\" x1=\"{x:.2}%\" y1=\"0\" x2=\"{x:.2}%\" y2=\"{bottom}\"/>\n")),
        );
    }
    for (at, (row, mean)) in rows.iter().enumerate() {
        let top = ROW * at as f64;
        let [low, value, high] = [mean.low, mean.value, mean.high].map(x);
        let (name, y) = (escape(&row.name), top + 28.0);
        drawn.push_str(&format!(
            "<g><title>{name}: {}</title><text x=\"1%\" y=\"{}\">{name}</text>\
             <line x1=\"{low:.2}%\" y1=\"{y}\" x2=\"{high:.2}%\" y2=\"{y}\"/><circle cx=\"{value:.2}%\" cy=\"{y}\" r=\"4\"/></g>\n",
            words::estimate(*mean),
            top + 16.0
        ));
    }
    let metric = escape(&study.deciding.name(study.k));
    let key = [("stay", "staying"), ("full", "full re-index")];
    Some(figure(&format!("{metric} of every option with its 95 % interval"), bottom + 24.0, &drawn, &key))
}

/// The metric that decides while documents are re-embedded.
pub(super) fn mixed(study: &Study) -> Option<String> {
    type Series = (&'static str, &'static str, fn(&Point) -> Option<Estimate>);
    let series: [Series; 3] = [
        ("raw", "raw scores (solid)", |point| Some(point.raw)),
        ("calibrated", "calibrated (dashed)", |point| Some(point.calibrated)),
        ("bridged", "calibrated, old part by the mapped query (dotted)", |point| point.bridged),
    ];
    let drawables = series.map(|(class, name, of)| {
        let points = study.mixed.iter().filter_map(|point| Some((point.percent, drawable(of(point)?)?)));
        (class, name, points.collect::<Vec<_>>())
    });
    let axis = Axis::over(drawables.iter().flat_map(|(_, _, points)| points).map(|(_, score)| *score))?;
    let x = |percent: u8| 12.0 + 85.0 * f64::from(percent.min(100)) / 100.0;
    let y = |value: f64| 8.0 + (CURVE - 8.0) * (1.0 - axis.at(value));
    let mut drawn = String::new();
    for tick in axis.ticks() {
        let (y, text) = (y(tick), words::number(tick));
        drawn.push_str(&format!(
            "<line class=\"grid\" x1=\"12%\" y1=\"{y:.1}\" x2=\"97%\" y2=\"{y:.1}\"/>\
             <text class=\"tick\" x=\"0\" y=\"{:.1}\">{text}</text>\n",
            y + 4.0
        ));
    }
    for percent in [0, 25, 50, 75, 100] {
        let (x, y) = (x(percent), CURVE + 18.0);
        let anchor = anchor(x);
        drawn.push_str(&format!(
            "<text class=\"tick\" x=\"{x:.2}%\" y=\"{y}\" text-anchor=\"{anchor}\">{percent} %</text>\n"
        ));
    }
    for (class, _, points) in &drawables {
        drawn.push_str(&format!("<g class=\"{class}\">\n"));
        for ((from, start), (to, end)) in points.iter().zip(points.iter().skip(1)) {
            drawn.push_str(&format!(
                "<line class=\"way\" x1=\"{:.2}%\" y1=\"{:.1}\" x2=\"{:.2}%\" y2=\"{:.1}\"/>\n",
                x(*from),
                y(start.value),
                x(*to),
                y(end.value)
            ));
        }
        for (percent, score) in points {
            let (x, [low, value, high]) = (x(*percent), [score.low, score.value, score.high].map(y));
            drawn.push_str(&format!(
                "<line class=\"reach\" x1=\"{x:.2}%\" y1=\"{low:.1}\" x2=\"{x:.2}%\" y2=\"{high:.1}\"/>\
                 <circle cx=\"{x:.2}%\" cy=\"{value:.1}\" r=\"3\"/>\n"
            ));
        }
        drawn.push_str("</g>\n");
    }
    let metric = escape(&study.deciding.name(study.k));
    let shown = drawables.iter().filter(|(_, _, points)| !points.is_empty());
    let key: Vec<(&str, &str)> = shown.map(|(class, name, _)| (*class, *name)).collect();
    Some(figure(&format!("{metric} by the share of documents that is re-embedded"), CURVE + 26.0, &drawn, &key))
}

/// A label at the edge grows inwards.
fn anchor(x: f64) -> &'static str {
    match x {
        ..8.0 => "start",
        ..92.0 => "middle",
        _ => "end",
    }
}

/// A drawing under what it shows, which is escaped, with what its lines mean.
fn figure(shows: &str, height: f64, drawn: &str, key: &[(&str, &str)]) -> String {
    let key: String = key.iter().map(|(class, name)| format!("<li class=\"{class}\">{name}</li>")).collect();
    format!(
        "<figure>\n<figcaption>{shows}</figcaption>\n<ul class=\"key\">{key}</ul>\n\
         <svg role=\"img\" aria-label=\"{shows}\" width=\"100%\" height=\"{height}\">\n{drawn}</svg>\n</figure>\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_axis_has_round_ticks_within_it() {
        let ticks: Vec<String> = Axis { low: 0.02, high: 0.18 }.ticks().into_iter().map(words::number).collect();
        assert_eq!(ticks, ["0.050", "0.100", "0.150"]);
        let ticks = Axis { low: -1.1e-3, high: 1.1e-3 }.ticks();
        assert!(ticks.len() == 3 && ticks.iter().all(|tick| tick.abs() <= 1.1e-3), "{ticks:?}");
    }

    #[test]
    fn values_lie_along_it() {
        let estimates = [(0.2, 0.1, 0.3), (0.5, 0.5, 1.1)].map(|(value, low, high)| Estimate { value, low, high });
        let axis = Axis::over(estimates.into_iter()).unwrap();
        assert!((axis.low - 0.06).abs() < 1e-12 && (axis.high - 1.14).abs() < 1e-12);
        assert!((axis.at(0.6) - 0.5).abs() < 1e-12);
        assert_eq!((axis.at(-5.0), axis.at(5.0)), (0.0, 1.0));
        assert!(Axis::over(std::iter::empty()).is_none());
        let point = Axis::over(std::iter::once(Estimate { value: 0.3, low: 0.3, high: 0.3 })).unwrap();
        assert!((point.at(0.3) - 0.5).abs() < 1e-9, "no width, and still in the middle");
    }

    #[test]
    fn what_is_no_number_is_not_drawn() {
        let of = |value: f64| Estimate { value, low: 0.0, high: 1.0 };
        assert!(drawable(of(f64::NAN)).is_none() && drawable(of(1e300)).is_none() && drawable(of(0.5)).is_some());
    }

    #[test]
    fn labels_at_the_edge_grow_inwards() {
        assert_eq!([1.0, 50.0, 99.0].map(anchor), ["start", "middle", "end"]);
    }
}
