use ::safetensors::SafeTensors;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::super::testing::{leaving, map, mapped, maps, rows};
use super::super::width;
use super::*;
use crate::maps::{Direction, Map};

/// Header and numbers of a file.
fn parts(bytes: &[u8]) -> (Value, &[u8]) {
    let length = u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
    (serde_json::from_slice(&bytes[8..8 + length]).unwrap(), &bytes[8 + length..])
}

/// A file of a header and numbers.
fn join(header: &Value, data: &[u8]) -> Vec<u8> {
    let header = header.to_string();
    [&(header.len() as u64).to_le_bytes(), header.as_bytes(), data].concat()
}

/// What is said of the file of a map after `change` was made to its header.
fn said(map: &Map, change: impl FnOnce(&mut Value)) -> String {
    let bytes = safetensors(&leaving(map)).unwrap();
    let (mut header, data) = parts(&bytes);
    change(&mut header);
    let said = read_safetensors(&join(&header, data), "mini-lm", "glove").unwrap_err().to_string();
    said.strip_prefix("the map of this file cannot be computed: ").unwrap().to_owned()
}

/// An entry of the metadata.
fn card<'a>(header: &'a mut Value, key: &str) -> &'a mut Value {
    header.get_mut("__metadata__").unwrap().get_mut(key).unwrap()
}

/// An affine map from 2 to 3 dims.
fn affine() -> Map {
    let weight = vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
    map(2, 3, vec![Step::Normalize, Step::Affine { weight, bias: vec![0.5, 0.0, -0.5] }])
}

#[test]
fn maps_come_back_as_they_left() {
    for map in maps() {
        let bytes = safetensors(&leaving(&map)).unwrap();
        assert_eq!(bytes, safetensors(&leaving(&map)).unwrap());
        let back = read_safetensors(&bytes, "mini-lm", "glove").unwrap();
        let expected = Map { steps: steps(&map).cloned().collect(), ..map.clone() };
        assert_eq!(back, expected);
        // What was read does not ask for unit rows.
        let rows = rows(map.from);
        let raw = back.apply(&rows, &mut |_| Ok(())).unwrap();
        for (found, expected) in raw.numbers().iter().zip(mapped(&map, &rows).numbers()) {
            assert!((found - expected).abs() < 1e-5, "{found} {expected}");
        }
        assert_eq!(safetensors(&leaving(&back)).unwrap(), bytes);
    }
}

#[test]
fn the_crate_reads_what_was_written() {
    let map = affine();
    let bytes = safetensors(&leaving(&map)).unwrap();
    let file = SafeTensors::deserialize(&bytes).unwrap();
    let (_, metadata) = SafeTensors::read_metadata(&bytes).unwrap();
    let card = metadata.metadata().as_ref().unwrap();
    let expected = [
        ("format", "upgrade-lab.bridge/1"),
        ("family", map.family.id()),
        ("direction", "queries"),
        ("from", "mini-lm"),
        ("to", "glove"),
        ("from_dims", "2"),
        ("to_dims", "3"),
        ("pairs", "0"),
        ("steps", r#"[{"op":"normalize"},{"op":"affine"}]"#),
    ];
    assert_eq!(card.len(), expected.len());
    for (key, value) in expected {
        assert_eq!(card.get(key).map(String::as_str), Some(value), "{key}");
    }
    let mut names = file.names();
    names.sort_unstable();
    assert_eq!(names, ["step.1.bias", "step.1.weight"]);
    let weight = file.tensor("step.1.weight").unwrap();
    assert_eq!(weight.shape(), [2, 3]);
    let numbers: Vec<u8> = (1u8..=6).flat_map(|number| f32::from(number).to_le_bytes()).collect();
    assert_eq!(weight.data(), numbers);
    assert_eq!((bytes.len() - 36) % 8, 0);
}

#[test]
fn inner_steps_have_the_names_of_their_places() {
    let bytes = safetensors(&leaving(&maps()[3])).unwrap();
    let file = SafeTensors::deserialize(&bytes).unwrap();
    let shape = |name: &str| file.tensor(name).unwrap().shape().to_vec();
    assert_eq!((shape("step.1.weight"), shape("step.3.0.weight")), (vec![5, 6], vec![6, 4]));
    assert_eq!((shape("step.3.2.0.bias"), shape("step.3.3.bias")), (vec![4], vec![6]));
    assert_eq!(shape("step.5.weight"), [6, 4]);
}

#[test]
fn the_wrong_direction_is_refused() {
    let map = affine();
    let bytes = safetensors(&leaving(&map)).unwrap();
    let said = |from: &str, to: &str| read_safetensors(&bytes, from, to).unwrap_err().to_string();
    assert_eq!(
        said("glove", "mini-lm"),
        "the map of this file cannot be computed: it goes from \"mini-lm\" to \"glove\" (direction queries: queries of the \
         first search the index of the second), which is the wrong way; the right file goes from \"glove\" to \"mini-lm\" \
         (direction gallery: stored vectors of the first are rewritten for queries of the second)"
    );
    let other = said("mini-lm", "word2vec");
    assert!(
        other.ends_with("and not from \"mini-lm\" to \"word2vec\"; hand in the file of these two models"),
        "{other}"
    );

    let gallery = Leaving { direction: Direction::Gallery, from: "glove", to: "mini-lm", ..leaving(&map) };
    let bytes = safetensors(&gallery).unwrap();
    assert_eq!(read_safetensors(&bytes, "glove", "mini-lm").as_ref(), Ok(&map));
    let said = read_safetensors(&bytes, "mini-lm", "glove").unwrap_err().to_string();
    assert!(said.contains("the right file goes from \"mini-lm\" to \"glove\" (direction queries"), "{said}");
}

#[test]
fn what_is_no_bridge_is_told() {
    let map = affine();
    let change = |key: &'static str, value: &'static str| said(&map, move |header| *card(header, key) = json!(value));
    let format = "its format is \"upgrade-lab.bridge/2\", and this version reads \"upgrade-lab.bridge/1\"; write it again with this one";
    assert_eq!(change("format", "upgrade-lab.bridge/2"), format);
    assert!(change("family", "magic").starts_with("its family \"magic\" is not known to this version"));
    assert!(change("direction", "up").starts_with("its direction is \"up\", and should be \"queries\""));
    assert_eq!(change("pairs", "-1"), "its pairs is \"-1\", and should be a whole number");
    assert_eq!(change("from_dims", "0"), "it maps rows of 0 numbers to rows of 3, and a row has at least one");
    assert_eq!(change("to_dims", "4"), "its steps give rows of 3 numbers, and its card says 4");
    let shape = "its tensor \"step.1.weight\" has the shape [2, 3], and should have [5, numbers out]";
    assert_eq!(change("from_dims", "5"), shape);
    assert!(
        change("steps", r#"[{"op":"twist"}]"#).starts_with("its steps cannot be followed (unknown variant `twist`")
    );
    assert!(change("steps", "[").starts_with("its steps cannot be followed (EOF"));
    assert_eq!(change("steps", r#"[{"op":"gelu"},{"op":"add"}]"#), "its tensor \"step.1.shift\" is missing");
    let deep = "[{\"op\":\"residual\",\"steps\":".repeat(200);
    let deep = said(&map, |header| *card(header, "steps") = json!(deep));
    assert!(deep.starts_with("its steps cannot be followed (recursion limit"), "{deep}");

    let lambda = said(&map, |header| header["__metadata__"]["lambda"] = json!("NaN"));
    assert_eq!(lambda, "its lambda is \"NaN\", and should be a number");
    let no_card = said(&map, |header| drop(header.as_object_mut().unwrap().remove("__metadata__")));
    assert_eq!(no_card, "its metadata has no \"format\"; hand in a file that this program wrote");
}

#[test]
fn tensors_that_do_not_fit_are_told() {
    let shaped = |name: &'static str, shape: Value| said(&affine(), move |header| header[name]["shape"] = shape);
    let rows = "its tensor \"step.1.weight\" has the shape [6], and should have [2, numbers out]";
    assert_eq!(shaped("step.1.weight", json!([6])), rows);
    let bias = "its tensor \"step.1.bias\" has the shape [1, 3], and should have [3]";
    assert_eq!(shaped("step.1.bias", json!([1, 3])), bias);
    let renamed = said(&affine(), |header| {
        let tensor = header.as_object_mut().unwrap().remove("step.1.bias").unwrap();
        header["step.2.bias"] = tensor;
    });
    assert_eq!(renamed, "its tensor \"step.1.bias\" is missing");
    let half = said(&affine(), |header| {
        header["step.1.weight"]["dtype"] = json!("F16");
        header["step.1.weight"]["shape"] = json!([2, 6]);
    });
    assert_eq!(half, "its tensor \"step.1.weight\" holds F16, and should hold F32");

    let clusters = &maps()[4];
    let turned = said(clusters, |header| header["step.1.weight"]["shape"] = json!([3, 4, 5]));
    let weight = "its tensor \"step.1.weight\" has the shape [3, 4, 5], and should have [clusters, 5, numbers out]";
    assert_eq!(turned, weight);
    let centroids = said(clusters, |header| header["step.1.centroids"]["shape"] = json!([5, 3]));
    assert_eq!(centroids, "its tensor \"step.1.centroids\" has the shape [5, 3], and should have [3, 5]");
}

#[test]
fn damaged_files_are_told() {
    let bytes = safetensors(&leaving(&affine())).unwrap();
    let said = |bytes: &[u8]| {
        let said = read_safetensors(bytes, "mini-lm", "glove").unwrap_err().to_string();
        said.strip_prefix("the map of this file cannot be computed: ").unwrap().to_owned()
    };
    assert_eq!(said(b"PK"), "it is no whole SafeTensors file: it is cut short");
    assert_eq!(said(&bytes[..40]), "it is no whole SafeTensors file: it is cut short");
    let longer = "it is no SafeTensors file of a bridge: its header is longer than that of one";
    assert_eq!(said(&[0xff; 64]), longer);
    let short = &bytes[..bytes.len() - 4];
    assert_eq!(said(short), "its header announces 36 bytes of numbers, and there are 32");
    let mut infinite = bytes.clone();
    let last = infinite.len() - 4;
    infinite[last..].copy_from_slice(&f32::INFINITY.to_le_bytes());
    assert!(said(&infinite).ends_with("holds NaN or infinity"));
    assert!(said(&join(&json!([]), &[])).starts_with("it is no SafeTensors file ("));
}

#[test]
fn a_map_that_cannot_be_read_is_not_written() {
    let said = |l: &Leaving<'_>| safetensors(l).unwrap_err().to_string();
    let uneven = map(2, 2, vec![Step::Add(vec![0.0; 3])]);
    let reason = "one of its steps does not take rows of 2 numbers, which come before it";
    assert_eq!(said(&leaving(&uneven)), format!("a file of this bridge cannot be computed: {reason}"));
    let (long, affine) = ("x".repeat(LONGEST_HEADER), affine());
    assert!(said(&Leaving { from: &long, ..leaving(&affine) }).ends_with("are too long; give them shorter ones"));
}

/// What can be read makes rows of what it says.
fn sound(bytes: &[u8]) {
    if let Ok(map) = read_safetensors(bytes, "mini-lm", "glove") {
        assert_eq!(width(&map.steps, map.from), Ok(map.to));
    }
}

proptest! {
    #[test]
    fn damaged_bytes_never_panic(which in 0..5usize, at: prop::sample::Index, value: u8, length: prop::sample::Index) {
        let bytes = safetensors(&leaving(&maps()[which])).unwrap();
        let mut damaged = bytes.clone();
        damaged[at.index(bytes.len())] = value;
        sound(&damaged);
        sound(&bytes[..length.index(bytes.len())]);
    }

    #[test]
    fn digits_of_the_header_never_panic(which in 0..5usize, at: prop::sample::Index, digits in "[0-9]{1,20}") {
        let bytes = safetensors(&leaving(&maps()[which])).unwrap();
        let (header, data) = parts(&bytes);
        let header = header.to_string();
        // A number of the header, be it a side, an offset or a place, becomes another.
        let places: Vec<usize> = header.match_indices(|c: char| c.is_ascii_digit()).map(|(place, _)| place).collect();
        let place = places[at.index(places.len())];
        let header = format!("{}{digits}{}", &header[..place], &header[place + 1..]);
        sound(&[&(header.len() as u64).to_le_bytes(), header.as_bytes(), data].concat());
    }

    #[test]
    fn other_steps_never_panic(which in 0..5usize, kinds in prop::collection::vec(0..7usize, 0..6)) {
        let steps = kinds.iter().rev().fold(Vec::new(), |mut steps: Vec<Value>, &kind| {
            let op = ["add", "affine", "normalize", "gelu", "clustered", "residual", "none"][kind];
            match op {
                "residual" => vec![json!({ "op": op, "steps": steps })],
                _ => {
                    steps.insert(0, json!({ "op": op }));
                    steps
                }
            }
        });
        let bytes = safetensors(&leaving(&maps()[which])).unwrap();
        let (mut header, data) = parts(&bytes);
        *card(&mut header, "steps") = json!(Value::from(steps).to_string());
        sound(&join(&header, data));
    }
}
