//! Which items are taken, and for which part. Rules depend on names and content, never on the order
//! within an archive.

use std::collections::BTreeMap;

use super::made::Class;
use crate::error::ImportError;
use crate::input::path::Part;
use crate::{limits, words};

/// Items of one class, each with its part where that is known.
type Items<S> = Vec<(Option<Part>, S)>;

/// Items by class, in the order in which they were added.
pub(crate) struct Gathered<S>(BTreeMap<String, Items<S>>);

/// The classes of a dataset.
#[derive(Debug)]
pub(crate) struct Selection<S> {
    pub classes: Vec<Class<S>>,
    /// The rule, in sentences.
    pub sampling: String,
}

/// What the items are called, and how many are taken in all.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    pub one: &'static str,
    pub many: &'static str,
    /// Most training items.
    pub train: usize,
    /// Most test items.
    pub test: usize,
}

impl Bounds {
    pub const IMAGES: Self = Self { one: "image", many: "images", train: limits::TRAIN, test: limits::TEST };

    /// Of rows of `width` numbers. Where so many numbers would be too many, both parts are cut in the same proportion.
    pub fn rows(width: usize) -> Self {
        let (train, test) = (limits::TRAIN_ROWS, limits::TEST_ROWS);
        let total = (limits::FLOATS / width.max(1)).min(train + test);
        let test = total * test / (train + test);
        Self { one: "row", many: "rows", train: total - test, test }
    }
}

impl<S> Gathered<S> {
    /// Nothing yet.
    pub fn new() -> Self {
        Self(BTreeMap::new())
    }

    /// Adds an item.
    pub fn add(&mut self, class: &str, part: Option<Part>, item: S) {
        match self.0.get_mut(class) {
            Some(items) => items.push((part, item)),
            None => {
                self.0.insert(class.to_owned(), vec![(part, item)]);
            }
        }
    }

    /// Divides the items into parts and keeps them within the limits and `bounds`. `order` says in which order
    /// they were added.
    pub fn select(self, bounds: Bounds, order: &str, notices: &mut Vec<String>) -> Result<Selection<S>, ImportError> {
        let Bounds { one, many, .. } = bounds;
        let mut named: Vec<(String, Items<S>)> = self.0.into_iter().collect();
        // Numbers as numbers: 2 before 10.
        if named.iter().all(|(name, _)| name.parse::<u64>().is_ok()) {
            named.sort_by_cached_key(|(name, _)| name.parse::<u64>().unwrap_or_default());
        }
        let parts = || named.iter().flat_map(|(_, items)| items).map(|(part, _)| *part == Some(Part::Test));
        let divided = parts().any(|test| test) && parts().any(|test| !test);
        let classes = named
            .into_iter()
            .map(|(name, items)| if divided { by_part(name, items) } else { by_position(name, items) });
        let mut classes = usable(classes.collect(), many, notices)?;

        if classes.len() > limits::CLASSES {
            let left = classes.split_off(limits::CLASSES);
            let names = words::list(left.iter().map(|class| class.name.as_str()), "");
            notices.push(format!(
                "Only the first {} classes in the order of their names were taken; left out: {names}.",
                limits::CLASSES
            ));
        }
        let counts = |part: fn(&Class<S>) -> usize| classes.iter().map(part).collect::<Vec<_>>();
        let (train, test) = (counts(|class| class.train.len()), counts(|class| class.test.len()));
        let train_cap = cap(&train, limits::TRAIN_PER_CLASS, bounds.train);
        let test_cap = cap(&test, limits::TEST_PER_CLASS, bounds.test);
        for class in &mut classes {
            class.train.truncate(train_cap);
            class.test.truncate(test_cap);
        }
        told(&train, train_cap, ("training", many), bounds.train, notices);
        told(&test, test_cap, ("test", many), bounds.test, notices);

        let division = if divided {
            format!("Training and test {many} are as the names of files and folders say.")
        } else {
            format!(
                "The second of every {} {many} of a class, in the order of {order}, is a test {one}.",
                limits::SPLIT
            )
        };
        if !divided {
            notices.push(format!("No part was named, so the {many} were split. {division}"));
        }
        let capped = train.iter().any(|&count| count > train_cap) || test.iter().any(|&count| count > test_cap);
        let taken = match capped {
            true => format!("At most the first {train_cap} training and the first {test_cap} test {many} of a class."),
            false => format!("All {many} of these classes."),
        };
        Ok(Selection { classes, sampling: format!("{division} {taken}") })
    }
}

fn by_part<S>(name: String, items: Items<S>) -> Class<S> {
    let (test, train): (Vec<_>, Vec<_>) = items.into_iter().partition(|(part, _)| *part == Some(Part::Test));
    let only = |items: Items<S>| items.into_iter().map(|(_, item)| item).collect();
    Class { name, train: only(train), test: only(test) }
}

fn by_position<S>(name: String, items: Items<S>) -> Class<S> {
    let mut class = Class { name, train: Vec::new(), test: Vec::new() };
    for (position, (_, item)) in items.into_iter().enumerate() {
        if position % limits::SPLIT == 1 { class.test.push(item) } else { class.train.push(item) }
    }
    class
}

/// The classes with enough items, which are called `many`, and something in both parts.
pub(crate) fn usable<S>(
    classes: Vec<Class<S>>,
    many: &'static str,
    notices: &mut Vec<String>,
) -> Result<Vec<Class<S>>, ImportError> {
    let all = classes.len();
    let (mut kept, mut small, mut one_sided) = (Vec::new(), Vec::new(), Vec::new());
    for class in classes {
        match (class.train.len(), class.test.len()) {
            (train, test) if train + test < limits::FEWEST => small.push(class.name),
            (0, _) | (_, 0) => one_sided.push(class.name),
            _ => kept.push(class),
        }
    }
    let reasons: Vec<String> = [
        (small, format!("fewer than {} {many}", limits::FEWEST)),
        (one_sided, format!("no training or no test {many}")),
    ]
    .into_iter()
    .filter(|(names, _)| !names.is_empty())
    .map(|(names, reason)| {
        let list = words::list(names.iter().map(String::as_str), "");
        format!("{} with {reason}: {list}", words::count(names.len(), "class"))
    })
    .collect();
    if kept.len() < 2 {
        let why = match (reasons.is_empty(), all) {
            (true, 0) => format!("there are no {many}"),
            (true, _) => "there are no others".into(),
            (false, _) => reasons.join("; "),
        };
        return Err(ImportError::Classes { found: kept.len(), all, why, what: many });
    }
    notices.extend(reasons.into_iter().map(|reason| format!("Left out: {reason}.")));
    Ok(kept)
}

/// The largest number of items per class, up to `per_class`, that makes at most `total` in all.
fn cap(counts: &[usize], per_class: usize, total: usize) -> usize {
    let fits = |cap: usize| counts.iter().map(|&count| count.min(cap)).sum::<usize>() <= total;
    (1..=per_class).rev().find(|&cap| fits(cap)).unwrap_or(1)
}

/// A sentence where items were left out.
fn told(counts: &[usize], cap: usize, (part, many): (&str, &str), total: usize, notices: &mut Vec<String>) {
    let all: usize = counts.iter().sum();
    let taken: usize = counts.iter().map(|&count| count.min(cap)).sum();
    if taken < all {
        notices
            .push(format!("{taken} of {all} {part} {many} were taken: at most {cap} of a class and {total} in all."));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gathered(classes: &[(&str, usize)], part: Option<Part>) -> Gathered<usize> {
        let mut gathered = Gathered::new();
        for &(name, count) in classes {
            (0..count).for_each(|item| gathered.add(name, part, item));
        }
        gathered
    }

    #[test]
    fn without_parts_every_sixth_is_for_the_test() {
        let mut notices = Vec::new();
        let made = gathered(&[("b", 8), ("a", 14)], None).select(Bounds::IMAGES, "their paths", &mut notices).unwrap();
        assert_eq!(
            made.classes[0],
            Class { name: "a".into(), train: vec![0, 2, 3, 4, 5, 6, 8, 9, 10, 11, 12], test: vec![1, 7, 13] }
        );
        assert_eq!(made.classes[1].test, [1, 7]);
        assert_eq!(
            notices,
            [
                "No part was named, so the images were split. The second of every 6 images of a class, in the order of their paths, is a test image."
            ]
        );
        assert!(made.sampling.ends_with("is a test image. All images of these classes."), "{}", made.sampling);
    }

    #[test]
    fn one_part_alone_is_split_as_none() {
        let made =
            gathered(&[("a", 12), ("b", 12)], Some(Part::Test)).select(Bounds::IMAGES, "", &mut Vec::new()).unwrap();
        assert_eq!(made.classes[0].test, [1, 7]);
    }

    #[test]
    fn classes_beyond_the_limits_are_cut_equally_and_told() {
        let mut notices = Vec::new();
        let mut items = gathered(&[("big", 1500), ("small", 10)], Some(Part::Train));
        (0..300).for_each(|item| items.add("big", Some(Part::Test), item));
        items.add("small", Some(Part::Test), 0);
        let made = items.select(Bounds::IMAGES, "", &mut notices).unwrap();
        let sizes: Vec<_> = made.classes.iter().map(|class| (class.train.len(), class.test.len())).collect();
        assert_eq!(sizes, [(1000, 200), (10, 1)]);
        assert_eq!(
            notices,
            [
                "1010 of 1510 training images were taken: at most 1000 of a class and 20000 in all.",
                "201 of 301 test images were taken: at most 200 of a class and 5000 in all.",
            ]
        );
        assert_eq!(cap(&[1000; 100], 1000, 20_000), 200);
        assert_eq!(cap(&[1000, 10, 10], 1000, 500), 480);
    }

    #[test]
    fn too_many_classes_are_cut_by_name() {
        let names: Vec<String> = (0..103).map(|name| name.to_string()).collect();
        let classes: Vec<(&str, usize)> = names.iter().map(|name| (name.as_str(), 8)).collect();
        let mut notices = Vec::new();
        let made = gathered(&classes, None).select(Bounds::IMAGES, "", &mut notices).unwrap();
        let taken: Vec<&str> = made.classes.iter().map(|class| class.name.as_str()).collect();
        assert_eq!(taken, &names.iter().map(String::as_str).collect::<Vec<_>>()[..100], "numbers are sorted as such");
        assert_eq!(
            notices[0],
            "Only the first 100 classes in the order of their names were taken; left out: 100, 101, 102."
        );
    }

    #[test]
    fn small_classes_are_left_out_and_told() {
        let mut notices = Vec::new();
        let made = gathered(&[("a", 8), ("b", 7), ("c", 9)], None).select(Bounds::IMAGES, "", &mut notices).unwrap();
        assert_eq!(made.classes.iter().map(|class| class.name.as_str()).collect::<Vec<_>>(), ["a", "c"]);
        assert_eq!(notices[0], "Left out: 1 class with fewer than 8 images: b.");
        let fault = gathered(&[("a", 8), ("b", 7)], None).select(Bounds::IMAGES, "", &mut Vec::new()).unwrap_err();
        assert_eq!(
            fault.to_string(),
            "1 of the 2 classes found can be used (1 class with fewer than 8 images: b); hand in images of at least two classes, \
             at least 8 of each"
        );
    }

    #[test]
    fn a_class_of_one_part_is_left_out() {
        let mut items = gathered(&[("a", 8), ("b", 8), ("c", 8)], Some(Part::Train));
        items.add("a", Some(Part::Test), 0);
        items.add("b", Some(Part::Test), 0);
        let mut notices = Vec::new();
        assert_eq!(items.select(Bounds::IMAGES, "", &mut notices).unwrap().classes.len(), 2);
        assert_eq!(notices[0], "Left out: 1 class with no training or no test images: c.");
    }
}
