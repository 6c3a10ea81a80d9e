//! Items on the map by the names of their classes and their numbers.

use protocol::RunLog;

use super::map::Mark;
use super::strips::class_name;

/// What may stand before a number.
const NOISE: &str = "item";

/// The items of marks that a text asks for, each once: every word is a part of its class's name, or its number. Those whose number is
/// asked for come first.
pub fn found<'a>(log: &RunLog, marks: impl Iterator<Item = &'a Mark>, text: &str) -> Vec<u16> {
    let text = text.to_lowercase().replace([',', '#'], " ");
    let words: Vec<&str> = text.split_whitespace().filter(|word| *word != NOISE).collect();
    if words.is_empty() {
        return Vec::new();
    }
    let is_number = |item: u16, word: &str| word.parse::<u16>() == Ok(item);
    let asked = |item: u16| {
        let class = class_name(log, item).to_lowercase();
        words.iter().all(|word| is_number(item, word) || class.contains(word))
    };
    let mut items: Vec<u16> = marks.map(|mark| mark.item).collect();
    items.sort_unstable();
    items.dedup();
    items.retain(|item| asked(*item));
    // Those that are asked for by number come first.
    let (mut named, others): (Vec<u16>, Vec<u16>) =
        items.into_iter().partition(|item| words.iter().any(|word| is_number(*item, word)));
    named.extend(others);
    named
}

/// What finds one of these marks' items: its class and number. Empty if there are none.
pub fn example<'a>(log: &RunLog, mut marks: impl Iterator<Item = &'a Mark>) -> String {
    marks.next().map(|mark| format!("{} {}", class_name(log, mark.item), mark.item)).unwrap_or_default()
}

/// Of those that were found the one after `current`, around the end, with its place among them from 1.
pub fn next(found: &[u16], current: Option<u16>) -> Option<(u16, usize)> {
    let place = current.and_then(|current| found.iter().position(|item| *item == current));
    let next = place.map_or(0, |place| (place + 1) % found.len().max(1));
    found.get(next).map(|item| (*item, next + 1))
}

/// Which one of so many is on show, in words; what to do if there is none among so many items on the map.
pub fn words(log: &RunLog, next: Option<(u16, usize)>, found: usize, shown: usize) -> String {
    match next {
        Some((item, place)) => format!("{}, item {item}: {place} of {found}", class_name(log, item)),
        None => {
            format!("Nothing on the map has this name or number: it shows {shown} of {} items.", log.test_labels.len())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::instruments::map::MapView;
    use crate::view::testing::half_way;
    use crate::view::upgrade::Upgrade;

    #[test]
    fn names_and_numbers_find_items_and_the_next_one_goes_around() {
        let mut log = half_way();
        let map = MapView::of(&log, &Upgrade::to_stage(2));
        let find = |log: &RunLog, text: &str| found(log, map.old.iter().chain(&map.old), text);
        // Items 0 to 3 are on the map: two shirts, two bags.
        for (text, items) in [
            ("bag", vec![2, 3]),
            ("SHI", vec![0, 1]),
            ("3", vec![3]),
            ("Bag, item 3", vec![3]),
            ("#2", vec![2]),
            ("shirt 3", vec![]),
            ("5", vec![]),
            (" ", vec![]),
            ("item", vec![]),
        ] {
            assert_eq!(find(&log, text), items, "{text}");
        }
        let one = example(&log, map.old.iter().skip(3));
        assert_eq!((one.as_str(), find(&log, &one)), ("Bag 3", vec![3]));
        assert_eq!(example(&log, [].iter()), "");
        let after = [None, Some(2), Some(3), Some(0)].map(|now| next(&[2, 3], now));
        assert_eq!(after, [(2, 1), (3, 2), (2, 1), (2, 1)].map(Some));
        assert_eq!(next(&[], Some(1)), None);
        assert_eq!(words(&log, Some((3, 2)), 2, 4), "Bag, item 3: 2 of 2");
        assert_eq!(words(&log, None, 0, 4), "Nothing on the map has this name or number: it shows 4 of 6 items.");
        log.class_names = vec!["1".to_owned(), "2".to_owned()];
        assert_eq!(find(&log, "1"), [1, 0], "of numbers that are names, too, the item's goes before");
    }
}
