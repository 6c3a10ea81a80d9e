//! What was written is read by a reader of the format that shares nothing with the writer, and computed by an interpreter of the operators.

mod interpreter;
mod reader;

use self::interpreter::run;
use self::reader::{Model, Value};
use super::*;
use crate::leave::testing::{leaving, map, mapped, maps, rows};
use crate::maps::{Direction, Map};

/// The rows that the written model makes of rows as they come from the model.
fn computed(map: &Map, rows: &Vectors) -> Vec<f64> {
    let model = Model::read(&onnx(&leaving(map)).unwrap());
    let y = run(&model, &[rows.count(), rows.dims()], rows.numbers());
    assert_eq!(y.shape, [rows.count(), map.to]);
    y.numbers
}

#[test]
fn graphs_give_what_the_maps_give() {
    for map in maps() {
        let rows = rows(map.from);
        let expected = mapped(&map, &rows);
        for (found, &expected) in computed(&map, &rows).into_iter().zip(expected.numbers()) {
            assert!((found - f64::from(expected)).abs() < 1e-5, "{:?}: {found} {expected}", map.family);
        }
    }
}

#[test]
fn a_graph_of_hand_made_steps() {
    let rows = Vectors::new(2, vec![3.0, 4.0, 0.0, -2.0]).unwrap();
    let near = |found: Vec<f64>, expected: &[f64]| {
        let gaps = found.iter().zip(expected).map(|(found, expected)| (found - expected).abs());
        assert!(found.len() == expected.len() && gaps.fold(0.0, f64::max) < 1e-6, "{found:?}");
    };
    let weight = vec![1.0, 0.0, 2.0, 0.0, 1.0, -1.0];
    let affine = Step::Affine { weight, bias: vec![0.0, 10.0, 0.0] };
    near(computed(&map(2, 3, vec![affine]), &rows), &[0.6, 10.8, 0.4, 0.0, 9.0, 1.0]);
    let shifted = vec![Step::Normalize, Step::Residual(vec![Step::Add(vec![1.0, 2.0])])];
    near(computed(&map(2, 2, shifted), &rows), &[2.2, 3.6, 1.0, 0.0]);
    // The first row is nearest to the second centroid, the second to the first.
    let double = (vec![2.0, 0.0, 0.0, 2.0], vec![0.0, 0.0]);
    let swap = (vec![0.0, 1.0, 1.0, 0.0], vec![5.0, 0.0]);
    let clustered = Step::Clustered { centroids: vec![0.0, -1.0, 0.6, 0.8], maps: vec![double, swap] };
    near(computed(&map(2, 2, vec![clustered]), &rows), &[5.8, 0.6, 0.0, -2.0]);
    // x / 2 (1 + erf(x / sqrt 2)), by the table of the normal distribution: 0.6 * 0.7257469, 0.8 * 0.7881446, -0.1586553.
    near(computed(&map(2, 2, vec![Step::Gelu]), &rows), &[0.435_448_1, 0.630_515_7, 0.0, -0.158_655_3]);
}

#[test]
fn a_model_says_what_it_is() {
    let map = &maps()[1];
    let leaving = Leaving { direction: Direction::Gallery, from: "glove", to: "mini \"lm\"", ..leaving(map) };
    let model = Model::read(&onnx(&leaving).unwrap());
    assert_eq!((model.ir, model.opset, model.domain.as_str()), (9, 17, ""));
    let value = |name: &str, dims: i64| Value { name: name.to_owned(), kind: 1, batch: "batch".to_owned(), dims };
    assert_eq!((model.inputs, model.outputs), (vec![value("x", 5)], vec![value("y", 3)]));
    let expected = [
        ("format", "upgrade-lab.bridge/1"),
        ("family", map.family.id()),
        ("direction", "gallery"),
        ("from", "glove"),
        ("to", "mini \"lm\""),
    ];
    assert_eq!(model.metadata, expected.map(|(key, value)| (key.to_owned(), value.to_owned())));
}

#[test]
fn names_are_given_once_and_before_they_are_used() {
    for map in maps() {
        let model = Model::read(&onnx(&leaving(&map)).unwrap());
        let mut known: Vec<String> = model.tensors.iter().map(|tensor| tensor.name.clone()).collect();
        known.push("x".to_owned());
        for node in &model.nodes {
            for input in &node.inputs {
                assert!(known.contains(input), "{} takes {input}", node.name);
            }
            assert!(!known.contains(&node.output), "{}", node.output);
            known.push(node.output.clone());
        }
        assert_eq!(known.last().map(String::as_str), Some("y"));
        let mut unique = known.clone();
        unique.sort();
        unique.dedup();
        assert_eq!(unique.len(), known.len());
    }
}

#[test]
fn a_map_that_makes_no_sense_is_refused() {
    let said = onnx(&leaving(&map(2, 2, vec![Step::Add(vec![f32::NAN, 0.0])]))).unwrap_err().to_string();
    assert!(said.ends_with("it holds NaN or infinity; fit it again, on other pairs"), "{said}");
}
