//! What files that a reader opens are for.

use protocol::{Event, OWN_FILES, Scenario, TENSOR_FILES};

/// Most phases that the plan of an opened run may have; no scenario has a tenth of them.
const MOST_PHASES: usize = 1_000;
/// Most classes that it may have.
const MOST_CLASSES: usize = 65_536;
/// Most letters of a class's name.
const LONGEST_NAME: usize = 200;

/// What to do with files that were opened together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opened {
    /// Some hold tensors, of models that were exported or of embeddings: [`is_model`] tells.
    Tensors,
    /// Images or embeddings to make a dataset of, all of them.
    Own,
    /// The file at this place holds the events of a run.
    Events(usize),
    /// None is of a kind that is known.
    Nothing,
}

/// Sorts files by their names.
pub fn sort(names: &[String]) -> Opened {
    let names: Vec<String> = names.iter().map(|name| name.to_lowercase()).collect();
    let any = |ends: &[&str]| names.iter().any(|name| ends.iter().any(|end| name.ends_with(end)));
    let events = names.iter().position(|name| name.ends_with(".jsonl"));
    match events {
        _ if any(&OWN_FILES) => Opened::Own,
        _ if any(&[TENSOR_FILES]) => Opened::Tensors,
        Some(at) => Opened::Events(at),
        None => Opened::Nothing,
    }
}

/// Whether a SafeTensors file is a model of an export: the card is an entry of its header, which stands before the numbers.
pub fn is_model(bytes: &[u8]) -> bool {
    const CARD: &[u8] = b"\"card\":";
    let Some((length, rest)) = bytes.split_first_chunk::<8>() else { return false };
    let length = usize::try_from(u64::from_le_bytes(*length)).unwrap_or(usize::MAX).min(rest.len());
    rest.get(..length).is_some_and(|header| header.windows(CARD.len()).any(|part| part == CARD))
}

/// What is too large about these events for any run of this lab, as the end of a sentence; `None` if nothing is.
pub fn too_large<'a>(mut events: impl Iterator<Item = &'a Event>) -> Option<String> {
    events.find_map(|event| match event {
        Event::RunStarted { scenario, .. } if scenario.stages.len() > Scenario::MAX_STAGES => Some(format!(
            "its scenario has {} stages, and a run has at most {}",
            scenario.stages.len(),
            Scenario::MAX_STAGES
        )),
        Event::RunStarted { plan, .. } if plan.len() > MOST_PHASES => {
            Some(format!("its plan has {} phases, and that of a run has at most {MOST_PHASES}", plan.len()))
        }
        Event::DatasetLoaded { class_names, .. } if class_names.len() > MOST_CLASSES => {
            Some(format!("its data have {} classes, and those of a run have at most {MOST_CLASSES}", class_names.len()))
        }
        Event::DatasetLoaded { class_names, .. } => {
            let long = class_names.iter().position(|name| name.chars().nth(LONGEST_NAME).is_some())?;
            Some(format!("the name of its class {long} has more than {LONGEST_NAME} letters"))
        }
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use protocol::{Packed, Stage};

    use super::*;
    use crate::view::testing::started;

    fn loaded(class_names: Vec<String>) -> Event {
        let (name, source) = ("digits".to_owned(), String::new());
        Event::DatasetLoaded { name, source, class_names, train: 10, test_labels: Packed(vec![0]) }
    }

    #[test]
    fn what_no_run_could_be_is_told_from_a_run() {
        let of = |events: &[Event]| too_large(events.iter());
        let sized = |stages: usize, phases: usize| {
            let mut event = started();
            if let Event::RunStarted { scenario, plan, .. } = &mut event {
                scenario.stages = vec![Stage::default(); stages];
                *plan = plan.iter().cycle().take(phases).cloned().collect();
            }
            event
        };
        let names = |count: usize, letters: usize| loaded(vec!["\u{e4}".repeat(letters); count]);
        assert_eq!(
            of(&[sized(Scenario::MAX_STAGES, MOST_PHASES), names(MOST_CLASSES, 1), names(3, LONGEST_NAME)]),
            None
        );
        let says = |event: Event, words: &str| {
            let said = of(&[started(), event]).unwrap();
            assert!(said.contains(words), "{said}");
        };
        says(sized(2_000, 4), "2000 stages");
        says(sized(2, 100_000), "100000 phases");
        says(names(70_000, 1), "70000 classes");
        says(names(2, 20_000), "class 0 has more than 200 letters");
    }

    fn sorted(names: &[&str]) -> Opened {
        sort(&names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn names_tell_what_files_are_for() {
        assert_eq!(sorted(&["v1.safetensors", "v2.safetensors"]), Opened::Tensors);
        assert_eq!(sorted(&["notes.md", "run.JSONL"]), Opened::Events(1));
        assert_eq!(sorted(&["old.npy", "new.npy", "labels.npy"]), Opened::Own);
        assert_eq!(sorted(&["old.safetensors", "labels.npy"]), Opened::Own, "labels may lie beside tensors");
        assert_eq!(sorted(&["t10k-labels-idx1-ubyte"]), Opened::Own);
        assert_eq!(sorted(&["notes.md"]), Opened::Nothing);
        assert_eq!(sorted(&[]), Opened::Nothing);
    }

    #[test]
    fn a_model_has_its_card_in_the_header() {
        let file =
            |header: &str, numbers: &[u8]| [&(header.len() as u64).to_le_bytes(), header.as_bytes(), numbers].concat();
        assert!(is_model(&file(r#"{"__metadata__":{"card":"{}"}}"#, &[0; 8])));
        assert!(!is_model(&file(r#"{"old":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]}}"#, b"\"card\":")));
        assert!(!is_model(&[255; 20]), "a length beyond the file");
        assert!(!is_model(b"short"));
    }
}
