//! What files that a reader opens are for.

use protocol::{OWN_FILES, TENSOR_FILES};

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

#[cfg(test)]
mod tests {
    use super::*;

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
