//! Items selected on the map: those inside a polygon, and what they are in a line of words.

use protocol::{ModelId, RunLog};

use super::map::{Frame, Mark};
use crate::view::few::sort_few;
use crate::view::upgrade::Upgrade;

/// Classes that the line names.
const NAMED: usize = 3;

/// Whether a point lies inside a closed polygon. Where it crosses itself, what is enclosed twice is outside.
pub fn inside(polygon: &[(f32, f32)], (x, y): (f32, f32)) -> bool {
    let edges = polygon.iter().zip(polygon.iter().cycle().skip(1));
    let crossed = edges.filter(|(from, to)| {
        (from.1 > y) != (to.1 > y) && x < from.0 + (to.0 - from.0) * (y - from.1) / (to.1 - from.1)
    });
    crossed.count() % 2 == 1
}

/// The items of marks that lie inside a polygon on a canvas of this size, sorted, each once.
pub fn within<'a>(
    marks: impl Iterator<Item = &'a Mark>,
    frame: &Frame,
    (width, height): (f32, f32),
    polygon: &[(f32, f32)],
) -> Vec<u16> {
    items(marks.filter(|mark| inside(polygon, frame.place(mark.x, mark.y, width, height))))
}

/// The items of marks of a class, sorted, each once.
pub fn of_class<'a>(marks: impl Iterator<Item = &'a Mark>, class: usize) -> Vec<u16> {
    items(marks.filter(|mark| mark.class == class))
}

fn items<'a>(marks: impl Iterator<Item = &'a Mark>) -> Vec<u16> {
    let mut items: Vec<u16> = marks.map(|mark| mark.item).collect();
    items.sort_unstable();
    items.dedup();
    items
}

/// How many items there are, of which classes, and how well they are found as queries before and after the upgrade; empty for
/// none. `items` are sorted.
pub fn words(log: &RunLog, upgrade: &Upgrade, items: &[u16]) -> String {
    if items.is_empty() {
        return String::new();
    }
    let mut counts = vec![0_usize; log.class_names.len()];
    for item in items {
        let class = log.test_labels.get(usize::from(*item)).map(|&class| usize::from(class));
        if let Some(count) = class.and_then(|class| counts.get_mut(class)) {
            *count += 1;
        }
    }
    let mut classes: Vec<_> = counts.into_iter().zip(&log.class_names).filter(|(count, _)| *count > 0).collect();
    sort_few(&mut classes, |(count, _)| std::cmp::Reverse(*count));
    let others: usize = classes.iter().skip(NAMED).map(|(count, _)| count).sum();
    let named = classes.iter().take(NAMED).map(|(count, name)| format!("{count} {name}"));
    let parts: Vec<String> = named.chain((others > 0).then(|| format!("{others} of others"))).collect();
    let one = if items.len() == 1 { "item" } else { "items" };
    let mean = |query: ModelId| {
        let (count, mean) = mean_precision(log, query, upgrade.old, items)?;
        Some((count, format!("{} {:.1}", upgrade.pair(query, upgrade.old), 100.0 * mean)))
    };
    let means: Vec<_> = [upgrade.old, upgrade.new].into_iter().filter_map(mean).collect();
    let found = match means.iter().map(|(count, _)| *count).max() {
        Some(count) => {
            let means: Vec<&str> = means.iter().map(|(_, words)| words.as_str()).collect();
            format!("Mean AP of the {count} queries among them: {}.", means.join(", "))
        }
        None => "None of them is a query of the sample.".to_owned(),
    };
    format!("{} {one}: {}. {found}", items.len(), parts.join(", "))
}

/// How many of the items are ranked as queries under a pair of models, and the mean of their average precision.
fn mean_precision(log: &RunLog, query: ModelId, gallery: ModelId, items: &[u16]) -> Option<(usize, f64)> {
    let ranking = log.rankings.get(&(query, gallery))?;
    let ranked = ranking.queries.iter().zip(&ranking.precisions);
    // Without anything relevant in the gallery a query has no precision.
    let wanted = ranked.filter(|(query, precision)| precision.is_finite() && items.binary_search(query).is_ok());
    let (count, sum) = wanted.fold((0, 0.0), |(count, sum), (_, &it)| (count + 1, sum + f64::from(it)));
    (count > 0).then(|| (count, sum / count as f64))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::instruments::map::MapView;
    use crate::view::testing::{NEW, OLD, half_way};

    #[test]
    fn a_point_is_inside_a_polygon_or_not() {
        // An arrow head that points right, with a notch at the left.
        let polygon = [(0.0, 0.0), (10.0, 5.0), (0.0, 10.0), (4.0, 5.0)];
        for (point, wanted) in [((5.0, 5.0), true), ((2.0, 5.0), false), ((1.0, 1.0), true), ((9.0, 1.0), false)] {
            assert_eq!(inside(&polygon, point), wanted, "{point:?}");
        }
        let crossing = [(0.0, 0.0), (10.0, 0.0), (0.0, 10.0), (10.0, 10.0)];
        assert!(inside(&crossing, (5.0, 1.0)) && inside(&crossing, (5.0, 9.0)) && !inside(&crossing, (1.0, 5.0)));
        assert!(![&[][..], &[(1.0, 1.0)], &[(0.0, 0.0), (9.0, 9.0)]].iter().any(|few| inside(few, (1.0, 1.0))));
    }

    #[test]
    fn a_polygon_selects_the_items_of_the_marks_in_it_once() {
        let map = MapView::of(&half_way(), &Upgrade::to_stage(2));
        let select =
            |polygon: &[(f32, f32)]| within(map.old.iter().chain(&map.old), &map.frame, (100.0, 100.0), polygon);
        // The bags, items 2 and 3, are at the left.
        assert_eq!(select(&[(0.0, 0.0), (40.0, 0.0), (40.0, 100.0), (0.0, 100.0)]), [2, 3]);
        assert_eq!(select(&[]), [0_u16; 0]);
        assert_eq!(of_class(map.old.iter(), 0), [0, 1]);
    }

    #[test]
    fn the_line_averages_what_the_rankings_say() {
        let (mut log, upgrade) = (half_way(), Upgrade::to_stage(2));
        let mut set = |query, precisions: [f32; 4]| {
            if let Some(ranking) = log.rankings.get_mut(&(query, OLD)) {
                ranking.precisions = precisions.to_vec();
            }
        };
        set(OLD, [0.2, 0.4, 0.9, f32::NAN]);
        set(NEW, [0.6, 0.1, 0.9, 0.5]);
        assert_eq!(
            words(&log, &upgrade, &[0, 1, 4]),
            "3 items: 3 Shirt. Mean AP of the 2 queries among them: old/old 30.0, new/old 35.0."
        );
        assert_eq!(
            words(&log, &upgrade, &[0, 2, 3]),
            "3 items: 2 Bag, 1 Shirt. Mean AP of the 3 queries among them: old/old 55.0, new/old 66.7."
        );
        assert_eq!(words(&log, &upgrade, &[5]), "1 item: 1 Bag. None of them is a query of the sample.");
        assert_eq!(words(&log, &upgrade, &[]), "");
    }
}
