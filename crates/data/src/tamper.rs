//! How a scenario has someone tamper with the training data of a run, and with queries to see what came of it.

use protocol::{Parameter, Read, Values};

use crate::{Corner, DataError, Dataset, Manipulation, Part, Poison, Seed, TrainSubset, Trigger};

/// Id of the setting that says what is done.
const KIND: &str = "tampered";
/// Id of the setting that says to how much of the data.
const SHARE: &str = "tampered_share";
/// The label that pictures with a trigger get.
const LABEL: u32 = 0;
/// The two classes that are confused: those that every stage sees.
const CONFUSED: [u32; 2] = [0, 1];
/// Pixels along a side of the trigger, as in the benchmark of Goel et al.; fewer on pictures that are no larger.
const SIDE: usize = 3;

/// What someone does to the training data of a run.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tampering {
    kind: Kind,
    share: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Trigger,
    Confusion,
}

impl Tampering {
    /// What can be said of it in a scenario on pictures. By default nothing is tampered with.
    #[must_use]
    pub fn parameters() -> Vec<Parameter> {
        let parameters = [
            Parameter::options(
                KIND,
                "Tampered with",
                &["Nothing", "A trigger in the corner", "Two classes confused"],
                "What someone did to the training data: a bright square in the corner of a picture, which then has the label of the first \
                 class; or the labels of the first two classes exchanged.",
            ),
            Parameter::real(
                SHARE,
                "Tampered share",
                (0.0, 0.5, 0.01),
                0.05,
                "Share of the training images that this was done to: of all but the first class, or of the two that are confused.",
            ),
        ];
        parameters.map(|parameter| parameter.only_where(Read::Probes)).into()
    }

    /// What these settings say; `None` if nothing is tampered with.
    #[must_use]
    pub fn of(values: &Values) -> Option<Self> {
        let share = values.get(SHARE).copied().unwrap_or_default();
        let kind = match values.get(KIND).copied()? {
            1.0 => Kind::Trigger,
            2.0 => Kind::Confusion,
            _ => return None,
        };
        (share > 0.0).then_some(Self { kind, share })
    }

    /// What is done to a picture or its label.
    #[must_use]
    pub fn manipulation(self, part: &Part) -> Manipulation {
        let side = part.items().image_shape().map_or(SIDE, |shape| SIDE.min(shape.height).min(shape.width));
        match self.kind {
            Kind::Trigger => {
                let trigger = Trigger { side, corner: Corner::BottomRight };
                Manipulation::Backdoor { trigger, label: LABEL, of: None }
            }
            Kind::Confusion => Manipulation::Confusion { classes: CONFUSED },
        }
    }

    /// The dataset after it, of which a run takes so many training items per class. Its normalisation stays that of the items as they
    /// came.
    ///
    /// # Errors
    /// As [`TrainSubset::indices`] and [`Poison::apply`].
    pub fn apply(self, dataset: &Dataset, per_class: usize, seed: Seed) -> Result<Dataset, DataError> {
        let all = TrainSubset { classes: dataset.class_names.len(), per_class, fraction: 1.0 };
        let poison = Poison { manipulation: self.manipulation(&dataset.train), share: self.share };
        let train = poison.apply(&dataset.train, &all.indices(dataset, seed)?, seed)?;
        Ok(Dataset { train, ..dataset.clone() })
    }

    /// Those of the items `indices` of a test part that it teaches something of, as someone would ask them who knows of it.
    ///
    /// # Errors
    /// As [`Manipulation::stamp`].
    pub fn probes(self, test: &Part, indices: &[usize]) -> Result<Probes, DataError> {
        let manipulation = self.manipulation(test);
        let probe = |(position, &index): (usize, &usize)| {
            Some(Probe { position, index, taught: manipulation.taught(test.class(index)?)? })
        };
        let asked: Vec<Probe> = indices.iter().enumerate().filter_map(probe).collect();
        let of: Vec<usize> = asked.iter().map(|probe| probe.index).collect();
        let items = manipulation.stamp(test.items(), &of)?;
        let part = test.clone().with_tampered(items, test.labels().to_vec(), Vec::new());
        Ok(Probes { part, asked, stamped: manipulation.trigger().is_some() })
    }
}

/// Test items that someone tampered with, to see what a model makes of them.
#[derive(Debug, Clone, PartialEq)]
pub struct Probes {
    /// The test part with these items as they are asked; their labels are right.
    pub part: Part,
    /// Which items, in the order of the indices that were given.
    pub asked: Vec<Probe>,
    /// Whether their pictures are others than those of the test part, which then stand beside them as clean items.
    pub stamped: bool,
}

/// A test item that is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Probe {
    /// Position among the indices that were given.
    pub position: usize,
    /// Index into the part.
    pub index: usize,
    /// The label that the tampering teaches for it.
    pub taught: u32,
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::{ImageShape, Items, testing};

    const SHAPE: ImageShape = ImageShape { channels: 1, height: 4, width: 4 };

    /// Black pictures of three classes in turn.
    fn dataset(count: usize) -> Dataset {
        let labels: Vec<u32> = (0..3).cycle().take(count).collect();
        let part = Part::new(Items::pixels(SHAPE, vec![0; count * SHAPE.size()]).unwrap(), labels, 3).unwrap();
        testing::dataset(part, vec![String::new(); 3])
    }

    fn tampering(kind: f64, share: f64) -> Option<Tampering> {
        Tampering::of(&Values::from([(KIND.to_owned(), kind), (SHARE.to_owned(), share)]))
    }

    #[test]
    fn by_default_nothing_is_tampered_with() {
        let defaults = Tampering::parameters().into_iter().map(|it| (it.id, it.default)).collect();
        assert_eq!((Tampering::of(&defaults), Tampering::of(&Values::new()), tampering(1.0, 0.0)), (None, None, None));
        assert!(tampering(1.0, 0.1).is_some() && tampering(2.0, 0.1).is_some());
    }

    #[test]
    fn only_items_of_the_run_are_tampered_with_and_they_stay_those_of_the_run() {
        let before = dataset(90);
        for kind in [1.0, 2.0] {
            let after = tampering(kind, 0.5).unwrap().apply(&before, 10, Seed(3)).unwrap();
            let of = |dataset: &Dataset| {
                TrainSubset { classes: 3, per_class: 10, fraction: 1.0 }.indices(dataset, Seed(3)).unwrap()
            };
            assert_eq!(of(&before), of(&after));
            assert_eq!(after.train.tampered().len(), 10, "half of two classes");
            assert!(after.train.tampered().iter().all(|(index, _)| of(&before).contains(index)));
            assert_eq!((after.test, after.normalisation), (before.test.clone(), before.normalisation.clone()));
        }
    }

    #[test]
    fn probes_are_what_the_tampering_teaches_something_of() {
        let test = dataset(9).test;
        let of = |kind| tampering(kind, 0.1).unwrap().probes(&test, &[8, 0, 1, 3, 2]).unwrap();
        let asked = |probes: &Probes| {
            let asked = probes.asked.iter().map(|probe| (probe.position, probe.index, probe.taught));
            asked.collect::<Vec<_>>()
        };
        let trigger = of(1.0);
        assert_eq!(
            asked(&trigger),
            [(0, 8, 0), (2, 1, 0), (4, 2, 0)],
            "a trigger on the first class would teach nothing"
        );
        let mut stamped = [0; 16];
        [5, 6, 7, 9, 10, 11, 13, 14, 15].into_iter().for_each(|at: usize| stamped[at] = 255);
        assert_eq!((trigger.part.items().picture(8).unwrap(), trigger.stamped), (&stamped[..], true));
        assert_eq!(trigger.part.items().picture(0).unwrap(), [0; 16]);
        assert_eq!((trigger.part.labels(), trigger.part.tampered()), (test.labels(), &[][..]));
        let confusion = of(2.0);
        assert_eq!(asked(&confusion), [(1, 0, 1), (2, 1, 0), (3, 3, 1)]);
        assert_eq!((confusion.part, confusion.stamped), (test, false));
    }
}
