//! What a reader of a run must know beside its numbers.

use protocol::{RunLog, Scenario};

use crate::view::instruments::prototypes;

/// Why unrelated models score above the stated chance.
const CHANCE: &str = "Chance is a random ranking's. Unrelated models score somewhat above or below it by luck, because whole \
                      classes, not single images, land near each other.";

/// What stands for an item of which there is no image.
const FINGERPRINT: &str = "There are no images: an item is drawn as its v1 embedding, the first 256 numbers as cells, the largest in black or, \
                           below zero, white, and zero in grey.";

/// One sentence or two each: data, engine, what was capped or changed, what holds exactly, how to read chance.
pub fn lines(log: &RunLog) -> Vec<String> {
    if log.dataset.is_empty() {
        return Vec::new();
    }
    let engine = log.engine.as_ref().map(|engine| format!("{}. {}", engine.name, engine.reason));
    let data = format!("{}: {}", log.dataset, log.source);
    let given = log.scenario.as_ref().is_some_and(Scenario::is_given);
    engine
        .into_iter()
        .chain([data])
        .chain(given.then(|| FINGERPRINT.to_owned()))
        .chain(log.notices.iter().cloned())
        .chain(prototypes::cosines(log))
        .chain([CHANCE.to_owned()])
        .collect()
}

#[cfg(test)]
mod tests {
    use protocol::Choice;

    use super::*;
    use crate::view::testing::half_way;

    #[test]
    fn data_and_engine_are_named_as_soon_as_they_are_known() {
        assert!(lines(&RunLog::default()).is_empty());
        let lines = lines(&half_way());
        assert!(lines.iter().any(|line| line == "Fashion-MNIST: Made for a test."), "{lines:?}");
        assert!(lines.iter().any(|line| line.starts_with("CPU")), "{lines:?}");
    }
    #[test]
    fn an_item_without_an_image_is_explained() {
        let mut log = half_way();
        assert!(!lines(&log).contains(&FINGERPRINT.to_owned()));
        log.scenario.as_mut().unwrap().stages[0].encoder = Choice::of(Choice::GIVEN);
        assert!(lines(&log).contains(&FINGERPRINT.to_owned()));
    }
}
