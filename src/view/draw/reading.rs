//! What curves say at a place on their axis: what was measured there, not what lies between two measurements.

use super::series::{Curves, Dash, Ink, Series};

/// What curves say at a place on their axis.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    /// Where something was measured.
    pub at: f64,
    /// The place in words.
    pub place: String,
    /// One for each curve that reaches so far.
    pub values: Vec<Value>,
}

/// What one curve says.
#[derive(Clone, Debug, PartialEq)]
pub struct Value {
    /// Name of the curve.
    pub label: String,
    /// Decides the colour.
    pub ink: Ink,
    /// Decides the dashes.
    pub dash: Dash,
    /// The measurement of this curve that lies nearest: place and value.
    pub point: (f64, f64),
    /// The value in words, with its place where that is another one.
    pub words: String,
}

impl Curves {
    /// Where anything was measured, ascending, each place once. The ends of a level count where there is nothing else.
    pub fn places(&self) -> Vec<f64> {
        let of = |wanted: fn(&Series) -> bool| {
            let points = self.series.iter().filter(move |series| wanted(series)).flat_map(|series| &series.points);
            points.map(|point| point.0).collect::<Vec<f64>>()
        };
        let mut places = of(|series| series.ink != Ink::Reference);
        if places.is_empty() {
            places = of(|_| true);
        }
        places.sort_by(f64::total_cmp);
        places.dedup();
        places
    }

    /// What the curves say at a place.
    pub fn reading(&self, at: f64) -> Reading {
        let (digits, number) = (self.digits(), self.x.number(at));
        let value = |series: &Series| {
            let first = series.points.first().filter(|first| first.0 <= at)?;
            series.points.last().filter(|last| last.0 >= at)?;
            let away = |point: &(f64, f64)| (point.0 - at).abs();
            let point = series.points.iter().fold(*first, |best, it| if away(it) < away(&best) { *it } else { best });
            let band = series.band.iter().find(|band| band.0 == point.0);
            let band = band.map(|(_, low, high)| format!(" ({low:.digits$} to {high:.digits$})")).unwrap_or_default();
            // A level is the same everywhere.
            let own = self.x.number(point.0);
            let same = own == number || series.ink == Ink::Reference;
            let own = if same { String::new() } else { format!(" {}", self.place(point.0)) };
            let words = format!("{:.digits$}{band}", point.1).replace('-', "\u{2212}") + &own;
            Some(Value { label: series.label.clone(), ink: series.ink, dash: series.dash, point, words })
        };
        Reading { at, place: self.place(at), values: self.series.iter().filter_map(value).collect() }
    }
}

impl Reading {
    /// All of it in words.
    pub fn words(&self) -> String {
        let values: Vec<String> = self.values.iter().map(|it| format!("{} {}", it.label, it.words)).collect();
        format!("{}: {}.", self.place, values.join(", "))
    }
}

/// The one of some places, ascending, that lies nearest.
pub fn nearest(places: &[f64], at: f64) -> Option<f64> {
    places.iter().copied().min_by(|one, other| (one - at).abs().total_cmp(&(other - at).abs()))
}

/// Places that a page of keys goes by.
const PAGE: usize = 10;

/// Which of `count` places, in their order, a key leads to from one of them, or from nowhere: the way begins at the last. `None` if it is
/// no key of the way.
pub fn walked(key: &str, from: Option<usize>, count: usize) -> Option<usize> {
    let last = count.checked_sub(1)?;
    let by = |back: usize, on: usize| from.map_or(last, |from| (from + on).saturating_sub(back).min(last));
    Some(match key {
        "ArrowLeft" | "ArrowDown" => by(1, 0),
        "ArrowRight" | "ArrowUp" => by(0, 1),
        "PageDown" => by(PAGE, 0),
        "PageUp" => by(0, PAGE),
        "Home" => 0,
        "End" => last,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::view::draw::axis::Axis;
    use crate::view::instruments::curves::Kind;
    use crate::view::testing::{NEW, half_way};
    use crate::view::upgrade::Upgrade;

    fn of(kind: Kind) -> Curves {
        Curves::of(&half_way(), &Upgrade::to_stage(2), kind, NEW, Axis::Steps)
    }

    #[test]
    fn a_reading_has_what_was_measured_and_names_another_place() {
        let curves = of(Kind::Loss);
        assert_eq!(curves.places(), [4.0, 20.0]);
        assert_eq!(nearest(&curves.places(), 11.0), Some(4.0));
        let reading = curves.reading(20.0);
        assert_eq!(reading.words(), "at step 20: total 2.000, cross-entropy 1.000, compatibility \u{d7} 0.5 1.000.");
        assert_eq!(reading.values[0].point, (20.0, 2.0));
        // The old model was measured at step 32, the new one at 16; the level reaches from one end to the other.
        let curves = of(Kind::Retrieval);
        assert_eq!(curves.places(), [16.0, 32.0]);
        let labels = |at| curves.reading(at).values.iter().map(|it| it.words.clone()).collect::<Vec<_>>();
        assert_eq!(labels(16.0), ["50.0", "45.0", "40.0"]);
        assert_eq!(labels(32.0), ["30.0", "40.0"]);
        let mut longer = curves.clone();
        longer.series[0].points.push((40.0, 60.0));
        assert_eq!(longer.reading(32.0).values[0].words, "60.0 at step 40");
    }

    #[test]
    fn a_mean_is_read_with_its_range_where_it_has_one() {
        let mut curves = of(Kind::Retrieval);
        curves.series.truncate(1);
        curves.series[0].points = vec![(16.0, 45.0), (32.0, 50.0)];
        curves.series[0].band = vec![(16.0, 40.0, 47.5)];
        let words = |at| curves.reading(at).values[0].words.clone();
        assert_eq!([words(16.0), words(32.0)], ["45.0 (40.0 to 47.5)", "50.0"]);
    }

    #[test]
    fn a_level_alone_is_read_at_its_ends_and_nothing_nowhere() {
        let mut curves = of(Kind::Retrieval);
        curves.series.retain(|series| series.ink == Ink::Reference);
        assert_eq!(curves.places(), [0.0, 32.0]);
        curves.series.clear();
        assert_eq!((curves.places().len(), nearest(&curves.places(), 3.0)), (0, None));
    }

    #[test]
    fn keys_lead_from_place_to_place_and_not_beyond() {
        let keys = ["ArrowLeft", "ArrowRight", "PageDown", "PageUp", "Home", "End", "a"];
        let from = |from| keys.map(|key| walked(key, from, 12));
        assert_eq!(from(Some(1)), [Some(0), Some(2), Some(0), Some(11), Some(0), Some(11), None]);
        assert_eq!(from(Some(11)), [Some(10), Some(11), Some(1), Some(11), Some(0), Some(11), None]);
        assert_eq!(from(None), [Some(11), Some(11), Some(11), Some(11), Some(0), Some(11), None]);
        assert_eq!(walked("Home", None, 0), None);
    }

    proptest! {
        #[test]
        fn what_is_read_is_a_point_of_its_curve(xs in prop::collection::vec(0.0f64..100.0, 1..30), at in -10.0f64..110.0) {
            let mut curves = of(Kind::Loss);
            let mut points: Vec<(f64, f64)> = xs.iter().map(|x| (*x, x + 1.0)).collect();
            points.sort_by(|one, other| one.0.total_cmp(&other.0));
            curves.series.truncate(1);
            curves.series[0].points = points.clone();
            let place = nearest(&curves.places(), at).unwrap();
            let reading = curves.reading(place);
            prop_assert_eq!(reading.values.len(), 1);
            prop_assert_eq!(reading.values[0].point.0, place);
            prop_assert!(points.iter().all(|point| (point.0 - at).abs() >= (place - at).abs()));
        }
    }
}
