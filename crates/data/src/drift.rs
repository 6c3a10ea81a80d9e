//! What a model meets once it is in use: the test items again and again, each time badly delivered in another way.
//!
//! A *domain* is one corruption at one severity. A stage that is fed with a stream sees all test items once in each of its domains, in
//! the same order in each, so that two domains differ in nothing but the delivery.

use protocol::{Parameter, Read, Values};

use crate::{
    Corruption, DataError, ImageShape, MAX_SEVERITY, MAX_STREAM_BATCH, Seed, StreamOrder, TestStream, corrupt,
    sees_of_tampered,
};

/// Ids of the settings.
const CORRUPTION: &str = "corruption";
const SEVERITY: &str = "severity";
const ORDER: &str = "order";
const BATCH: &str = "stream_batch";

/// Items of one class in a row, where a stream comes in runs.
const RUN: usize = 20;
/// Items of a batch, where nothing else is said.
const DEFAULT_BATCH: usize = 64;

/// What can be said of a stage on labelled pictures: as [`sees_of_tampered`], and what its stream is like, for methods that adapt to
/// one.
#[must_use]
pub fn sees_of_pictures() -> Vec<Parameter> {
    let corruptions = ["All in turn"].into_iter().chain(Corruption::ALL.map(Corruption::name));
    let severities: Vec<String> = (1..=MAX_SEVERITY).map(|severity| severity.to_string()).collect();
    let severities = ["All in turn"].into_iter().chain(severities.iter().map(String::as_str));
    // Both are small numbers that `u32` holds.
    let (most, batch) = (MAX_STREAM_BATCH as u32, DEFAULT_BATCH as u32);
    let mut sees = sees_of_tampered();
    let of_stream = [
        Parameter::options(
            CORRUPTION,
            "Corruption",
            &corruptions.collect::<Vec<_>>(),
            "What happens to the pictures of the stream, for methods that adapt to one; others see none of it.",
        ),
        Parameter::options(
            SEVERITY,
            "Severity",
            &severities.collect::<Vec<_>>(),
            "How bad it is, from 1 to 5; all test items come once in each domain, which is a corruption at a severity.",
        ),
        Parameter::options(
            ORDER,
            "Order of the stream",
            &["Shuffled", "Sorted by class", "Runs of one class"],
            "In which order the items of a domain come: batches of shuffled items are a fair sample of all classes, others are not.",
        ),
        Parameter::integer(
            BATCH,
            "Batch of the stream",
            (1, most),
            batch,
            "Items that come at a time; what adapts to a batch is only as good as the batch.",
        ),
    ];
    sees.extend(of_stream.map(|parameter| parameter.only_where(Read::Stream)));
    sees
}

/// A corruption at a severity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Domain {
    /// What happens to every picture.
    pub corruption: Corruption,
    /// How bad it is, 1 to [`MAX_SEVERITY`].
    pub severity: u8,
}

impl Domain {
    /// The picture `pixels` with number `item` as it comes in this domain. What is random of it depends on seed, corruption and number
    /// alone: at each severity it is the same noise, weaker or stronger.
    ///
    /// # Errors
    /// As [`corrupt`].
    pub fn deliver(self, pixels: &[u8], shape: ImageShape, item: usize, seed: Seed) -> Result<Vec<u8>, DataError> {
        let Self { corruption, severity } = self;
        let mut rng = seed.stream(&format!("corrupt/{}", corruption.id())).substream(item as u64);
        corrupt(pixels, shape, corruption, severity, &mut rng)
    }
}

/// The stream that a stage is fed with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drift {
    domains: Vec<Domain>,
    order: StreamOrder,
    batch: usize,
}

impl Drift {
    /// The stream that these settings of [`sees_of_pictures`] describe; what is missing takes its default.
    #[must_use]
    pub fn of(sees: &Values) -> Self {
        // Settled values are whole and small.
        let value = |id: &str| sees.get(id).map(|&value| value.clamp(0.0, MAX_STREAM_BATCH as f64) as usize);
        // Choice 0 stands for all of them, one after the other.
        let chosen = |id: &str, number: usize| value(id).is_none_or(|choice| choice == 0 || choice == number);
        let corruptions = (1..).zip(Corruption::ALL).filter(|&(number, _)| chosen(CORRUPTION, number));
        let domains = corruptions.flat_map(|(_, corruption)| {
            let severities = (1..=MAX_SEVERITY).filter(|&severity| chosen(SEVERITY, usize::from(severity)));
            severities.map(move |severity| Domain { corruption, severity })
        });
        Self {
            domains: domains.collect(),
            order: match value(ORDER) {
                Some(1) => StreamOrder::Sorted,
                Some(2) => StreamOrder::Runs(RUN),
                _ => StreamOrder::Shuffled,
            },
            batch: value(BATCH).unwrap_or(DEFAULT_BATCH).max(1),
        }
    }

    /// The domains in their order: each corruption from weak to strong.
    #[must_use]
    pub fn domains(&self) -> &[Domain] {
        &self.domains
    }

    /// The batches of one domain, over items `0..labels.len()` of these classes.
    ///
    /// # Errors
    /// As [`TestStream::new`].
    pub fn stream(&self, labels: &[u32], seed: Seed) -> Result<TestStream, DataError> {
        let items: Vec<usize> = (0..labels.len()).collect();
        TestStream::new(&items, labels, self.order, self.batch, seed)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::*;

    fn drift(values: &[(&str, f64)]) -> Drift {
        Drift::of(&values.iter().map(|&(id, value)| (id.to_owned(), value)).collect())
    }

    #[test]
    fn all_corruptions_come_in_turn_from_weak_to_strong() {
        let all = drift(&[]);
        assert_eq!(all.domains().len(), 40);
        let severities: Vec<u8> = all.domains().iter().map(|domain| domain.severity).collect();
        assert_eq!(severities[..6], [1, 2, 3, 4, 5, 1]);
        let corruptions = all.domains().chunks(5).map(|five| five[0].corruption);
        assert!(corruptions.eq(Corruption::ALL));
        assert_eq!(all, drift(&[(CORRUPTION, 0.0), (SEVERITY, 0.0), (ORDER, 0.0), (BATCH, 64.0)]));
    }

    #[test]
    fn one_of_each_is_one_domain() {
        let blurred = Domain { corruption: Corruption::MotionBlur, severity: 4 };
        assert_eq!(drift(&[(CORRUPTION, 5.0), (SEVERITY, 4.0)]).domains(), [blurred]);
        assert_eq!(drift(&[(CORRUPTION, 8.0)]).domains().len(), 5);
        assert_eq!(drift(&[(SEVERITY, 5.0)]).domains().len(), 8);
    }

    #[test]
    fn settings_are_those_that_are_described() {
        let described = sees_of_pictures();
        let labels = |id: &str| match &described.iter().find(|parameter| parameter.id == id).unwrap().kind {
            protocol::Kind::Options { labels } => labels.clone(),
            other => panic!("{id} is {other:?}"),
        };
        for (number, domain) in (1..).zip(drift(&[(SEVERITY, 3.0)]).domains()) {
            assert_eq!(labels(CORRUPTION)[number], domain.corruption.name());
            assert_eq!(drift(&[(CORRUPTION, number as f64), (SEVERITY, 3.0)]).domains(), [*domain]);
        }
        assert_eq!(labels(SEVERITY)[1..], ["1", "2", "3", "4", "5"]);
        let orders = [0.0, 1.0, 2.0].map(|order| drift(&[(ORDER, order)]).order);
        assert_eq!(orders, [StreamOrder::Shuffled, StreamOrder::Sorted, StreamOrder::Runs(RUN)]);
        let defaults: Values = described.iter().map(|it| (it.id.clone(), it.default)).collect();
        assert_eq!(Drift::of(&defaults), drift(&[]));
    }

    #[test]
    fn every_domain_has_the_same_items_in_the_same_order() {
        let labels: Vec<u32> = (0..50).map(|item| item % 5).collect();
        let sorted = drift(&[(ORDER, 1.0), (BATCH, 8.0)]).stream(&labels, Seed(3)).unwrap();
        let classes: Vec<u32> = sorted.iter().flatten().map(|&item| labels[item]).collect();
        assert!(classes.is_sorted());
        assert_eq!((sorted.len(), sorted.batch(6).unwrap().len()), (7, 2));
        assert_eq!(drift(&[(BATCH, 1.0)]).stream(&labels, Seed(3)).unwrap().len(), 50);
    }

    #[test]
    fn noise_is_the_same_at_each_severity_and_another_for_each_item() {
        let shape = ImageShape { channels: 1, height: 3, width: 3 };
        let grey = [128; 9];
        let deliver = |severity, item| {
            let domain = Domain { corruption: Corruption::GaussianNoise, severity };
            domain.deliver(&grey, shape, item, Seed(1)).unwrap()
        };
        let signs = |pixels: &[u8]| pixels.iter().map(|&pixel| pixel.cmp(&128)).collect::<Vec<_>>();
        assert_eq!(signs(&deliver(3, 0)), signs(&deliver(4, 0)));
        assert_ne!(deliver(3, 0), deliver(3, 1));
        // As all pictures at once are corrupted.
        let domain = Domain { corruption: Corruption::ShotNoise, severity: 2 };
        let both = crate::corrupt_all(&[grey, grey].concat(), shape, domain.corruption, 2, Seed(9)).unwrap();
        assert_eq!(both[9..], domain.deliver(&grey, shape, 1, Seed(9)).unwrap());
    }
}
