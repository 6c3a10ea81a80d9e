//! A map as an ONNX model, written without the library: a graph of a dozen standard operators needs little of the format.

mod graph;
mod protobuf;
#[cfg(test)]
mod tests;

use self::graph::{Attribute, Graph};
use self::protobuf::Message;
use super::{FORMAT, Leaving, checked, steps, unwritable, word};
use crate::maps::Step;
use crate::{DecideError, Vectors};

/// Version of the format of the file.
const IR_VERSION: i64 = 9;
/// Version of the set of operators.
const OPSET: i64 = 17;
/// Most bytes that a message of Protocol Buffers can have.
const MOST_BYTES: usize = i32::MAX as usize;
/// Along the numbers of a row.
const OF_A_ROW: [Attribute; 2] = [Attribute::Ints("axes", 1), Attribute::Int("keepdims", 1)];

/// An ONNX model (opset 17) with the input `x` `[batch, from]`, rows as they come from the model, and the output `y` `[batch, to]`.
///
/// # Errors
/// The steps of the map do not fit together, it holds what are no numbers, or more than 2 GiB of them.
pub fn onnx(l: &Leaving<'_>) -> Result<Vec<u8>, DecideError> {
    checked(l.map)?;
    let mut graph = Graph::default();
    let (last, _) = follow(&mut graph, steps(l.map), "step", "x".to_owned(), l.map.from)?;
    graph.named("Identity", &[&last], &[], "y");

    let mut opset = Message::default();
    opset.text(1, "");
    opset.int(2, OPSET);
    let mut model = Message::default();
    model.int(1, IR_VERSION);
    model.text(2, "upgrade-lab");
    model.text(3, env!("CARGO_PKG_VERSION"));
    model.message(8, &opset);
    model.message(7, &graph.finish("bridge", l.map.from, l.map.to));
    let entries = [
        ("format", FORMAT),
        ("family", l.map.family.id()),
        ("direction", word(l.direction)),
        ("from", l.from),
        ("to", l.to),
    ];
    for (key, value) in entries {
        let mut entry = Message::default();
        entry.text(1, key);
        entry.text(2, value);
        model.message(14, &entry);
    }
    let bytes = model.into_bytes();
    match bytes.len() <= MOST_BYTES {
        true => Ok(bytes),
        false => Err(unwritable("it has more than the 2 GiB that an ONNX file can have; take SafeTensors")),
    }
}

/// Adds steps to the graph, from the value `x` of rows of `dims` numbers. Gives the last value and the numbers of its rows.
fn follow<'a>(
    graph: &mut Graph,
    steps: impl Iterator<Item = &'a Step>,
    path: &str,
    mut x: String,
    mut dims: usize,
) -> Result<(String, usize), DecideError> {
    for (place, step) in steps.enumerate() {
        let path = format!("{path}.{place}");
        let name = |part: &str| format!("{path}.{part}");
        x = match step {
            Step::Normalize => normalized(graph, &x),
            Step::Gelu => gelu(graph, &x),
            Step::Add(shift) => {
                graph.floats(&name("shift"), &[dims], [shift.as_slice()]);
                graph.node("Add", &[&x, &name("shift")], &[])
            }
            Step::Affine { weight, bias } => {
                graph.floats(&name("weight"), &[dims, bias.len()], [weight.as_slice()]);
                graph.floats(&name("bias"), &[bias.len()], [bias.as_slice()]);
                dims = bias.len();
                graph.node("Gemm", &[&x, &name("weight"), &name("bias")], &[])
            }
            Step::Clustered { centroids, maps } => {
                let nearest = nearest(graph, &x, &name("centroids"), &Vectors::new(dims, centroids.clone())?.unit());
                let to = maps.first().map_or(0, |(_, bias)| bias.len());
                let weights = maps.iter().map(|(weight, _)| weight.as_slice());
                graph.floats(&name("weight"), &[maps.len(), dims, to], weights);
                graph.floats(&name("bias"), &[maps.len(), to], maps.iter().map(|(_, bias)| bias.as_slice()));
                dims = to;
                own_map(graph, &x, &nearest, [&name("weight"), &name("bias")])
            }
            Step::Residual(inner) => {
                let (made, _) = follow(graph, inner.iter(), &path, x.clone(), dims)?;
                graph.node("Add", &[&x, &made], &[])
            }
        };
    }
    Ok((x, dims))
}

/// Rows of length 1; rows of zeros stay.
///
/// The largest number of a row is divided out first, so that squares of 32 bits neither overflow nor vanish: the lab has 64.
fn normalized(graph: &mut Graph, x: &str) -> String {
    let least = graph.constant("least", f32::MIN_POSITIVE);
    let sizes = graph.node("Abs", &[x], &[]);
    let largest = graph.node("ReduceMax", &[&sizes], &OF_A_ROW);
    let largest = graph.node("Max", &[&largest, least], &[]);
    let scaled = graph.node("Div", &[x, &largest], &[]);
    let length = graph.node("ReduceL2", &[&scaled], &OF_A_ROW);
    let length = graph.node("Max", &[&length, least], &[]);
    graph.node("Div", &[&scaled, &length], &[])
}

/// `x (1 + erf(x / sqrt 2)) / 2`. An operator of this name came with opset 20.
fn gelu(graph: &mut Graph, x: &str) -> String {
    let (root, one, half) =
        (graph.constant("root", std::f32::consts::SQRT_2), graph.constant("one", 1.0), graph.constant("half", 0.5));
    let scaled = graph.node("Div", &[x, root], &[]);
    let error = graph.node("Erf", &[&scaled], &[]);
    let share = graph.node("Add", &[&error, one], &[]);
    let doubled = graph.node("Mul", &[x, &share], &[]);
    graph.node("Mul", &[&doubled, half], &[])
}

/// The place of the centroid of largest cosine, one a row. Centroids are of length 1; how long a row is changes nothing.
fn nearest(graph: &mut Graph, x: &str, name: &str, centroids: &Vectors) -> String {
    let (dims, count) = (centroids.dims(), centroids.count());
    let columns: Vec<f32> = (0..dims)
        .flat_map(|column| centroids.rows().filter_map(move |centroid| centroid.get(column).copied()))
        .collect();
    graph.floats(name, &[dims, count], [columns.as_slice()]);
    let cosines = graph.node("MatMul", &[x, name], &[]);
    graph.node("ArgMax", &[&cosines], &[Attribute::Int("axis", 1), Attribute::Int("keepdims", 0)])
}

/// What its own weight and bias make of each row: they are gathered, and a row is a matrix of one row.
fn own_map(graph: &mut Graph, x: &str, places: &str, [weights, biases]: [&str; 2]) -> String {
    let axis = graph.axis("axis", 1);
    let weights = graph.node("Gather", &[weights, places], &[Attribute::Int("axis", 0)]);
    let biases = graph.node("Gather", &[biases, places], &[Attribute::Int("axis", 0)]);
    let rows = graph.node("Unsqueeze", &[x, axis], &[]);
    let products = graph.node("MatMul", &[&rows, &weights], &[]);
    let products = graph.node("Squeeze", &[&products, axis], &[]);
    graph.node("Add", &[&products, &biases], &[])
}
