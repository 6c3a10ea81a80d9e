//! In which order the classes of a dataset come. A stage sees the first so many, so it decides which ones the old model knows.

use protocol::{Parameter, Values};

use crate::{Dataset, Seed};

/// Id of the setting.
const ORDER: &str = "class_order";

/// An order of the classes other than that in which they come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClassOrder(u64);

impl ClassOrder {
    /// What can be said of it in a scenario on labelled items. By default the classes stay as they come.
    #[must_use]
    pub fn parameters() -> Vec<Parameter> {
        vec![Parameter::integer(
            ORDER,
            "Class order",
            (0, 99),
            0,
            "Decides which classes the old model knows, where it knows only some: 0 takes the first as they come, every other number draws \
             others, whatever the seed.",
        )]
    }

    /// What these settings say; `None` if the classes stay as they come.
    #[must_use]
    pub fn of(values: &Values) -> Option<Self> {
        let number = values.get(ORDER).copied().unwrap_or_default();
        // Settled values are whole.
        (number >= 1.0).then_some(Self(number as u64))
    }

    /// The dataset with its classes in this order: every item is of the class that it was of, under the same name, and only the numbers
    /// are others. The order depends on its own number and on how many classes there are, not on the seed of a run, so that runs of
    /// several seeds can be of one order.
    #[must_use]
    pub fn apply(self, dataset: &Dataset) -> Dataset {
        // At each place the class that comes there.
        let order = Seed(self.0).stream("class-order").shuffled(dataset.class_names.len());
        let mut numbers = vec![0_u32; order.len()];
        for (number, &class) in (0..).zip(&order) {
            if let Some(of_class) = numbers.get_mut(class) {
                *of_class = number;
            }
        }
        let mut ordered = dataset.clone();
        ordered.class_names = order.iter().filter_map(|&class| dataset.class_names.get(class)).cloned().collect();
        ordered.train.renumber(&numbers);
        ordered.test.renumber(&numbers);
        ordered
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::{Items, Part, testing};

    const CLASSES: u32 = 10;

    /// Three items of each of ten classes, with the number of the class in the item; one of them is tampered with.
    fn dataset() -> Dataset {
        let labels: Vec<u32> = (0..CLASSES).cycle().take(30).collect();
        let rows = || Items::rows(1, labels.iter().map(|&label| label as f32).collect()).unwrap();
        let part = Part::new(rows(), labels.clone(), CLASSES as usize).unwrap();
        let mut wrong = labels.clone();
        wrong[4] = 7;
        let train = part.clone().with_tampered(rows(), wrong, vec![(4, 4)]);
        let names = (0..CLASSES).map(|class| format!("class {class}")).collect();
        Dataset { train, ..testing::dataset(part, names) }
    }

    fn order(number: f64) -> Option<ClassOrder> {
        ClassOrder::of(&Values::from([(ORDER.to_owned(), number)]))
    }

    #[test]
    fn by_default_the_classes_stay_as_they_come() {
        let defaults = ClassOrder::parameters().into_iter().map(|it| (it.id, it.default)).collect();
        assert_eq!((ClassOrder::of(&defaults), ClassOrder::of(&Values::new()), order(0.0)), (None, None, None));
        assert_eq!((order(1.0), order(99.0)), (Some(ClassOrder(1)), Some(ClassOrder(99))));
    }

    #[test]
    fn every_order_has_every_class_once_and_leaves_items_what_they_are() {
        let before = dataset();
        let name = |dataset: &Dataset, class: u32| dataset.class_names[class as usize].clone();
        for number in 1..=99 {
            let after = ClassOrder(number).apply(&before);
            let mut names = after.class_names.clone();
            names.sort_unstable();
            assert_eq!(names, before.class_names, "{number}");
            for (part, was) in [(&after.train, &before.train), (&after.test, &before.test)] {
                assert_eq!(part.items(), was.items());
                for index in 0..part.len() {
                    assert_eq!(name(&after, part.labels()[index]), name(&before, was.labels()[index]), "{number}");
                    let class = |part: &Part| part.class(index).unwrap();
                    assert_eq!(name(&after, class(part)), name(&before, class(was)), "{number}");
                }
            }
            assert_eq!(after.train.tampered().len(), 1);
        }
    }

    #[test]
    fn an_order_repeats_and_is_none_of_the_others() {
        let names = |number| ClassOrder(number).apply(&dataset()).class_names;
        assert_eq!(names(1), names(1));
        let all = [dataset().class_names, names(1), names(2), names(3)];
        for (at, one) in all.iter().enumerate() {
            assert!(all.iter().skip(at + 1).all(|other| other != one));
        }
    }
}
