//! What the operators of a graph compute, by their definitions, in 64 bits.

use std::collections::HashMap;

use super::reader::{Model, Node};

/// An array of numbers.
#[derive(Clone, Debug)]
pub(super) struct Array {
    pub(super) shape: Vec<usize>,
    pub(super) numbers: Vec<f64>,
}

/// What the graph gives for its input `x`.
pub(super) fn run(model: &Model, shape: &[usize], x: &[f32]) -> Array {
    let mut values: HashMap<&str, Array> = HashMap::new();
    for tensor in &model.tensors {
        values.insert(&tensor.name, Array { shape: tensor.shape.clone(), numbers: tensor.numbers.clone() });
    }
    values.insert("x", Array { shape: shape.to_vec(), numbers: x.iter().map(|&number| f64::from(number)).collect() });
    for node in &model.nodes {
        let inputs: Vec<&Array> = node.inputs.iter().map(|input| &values[input.as_str()]).collect();
        let output = compute(node, &inputs);
        values.insert(&node.output, output);
    }
    values.remove("y").unwrap()
}

fn compute(node: &Node, inputs: &[&Array]) -> Array {
    match (node.operator.as_str(), inputs) {
        ("Identity", [x]) => (*x).clone(),
        ("Abs", [x]) => each(x, f64::abs),
        ("Erf", [x]) => each(x, erf),
        ("Add", [a, b]) => broadcast(a, b, |a, b| a + b),
        ("Mul", [a, b]) => broadcast(a, b, |a, b| a * b),
        ("Div", [a, b]) => broadcast(a, b, |a, b| a / b),
        ("Max", [a, b]) => broadcast(a, b, f64::max),
        ("ReduceMax", [x]) => reduce(node, x, |row| row.iter().copied().fold(f64::NEG_INFINITY, f64::max)),
        ("ReduceL2", [x]) => reduce(node, x, |row| row.iter().map(|number| number * number).sum::<f64>().sqrt()),
        ("Gemm", [a, b, c]) => {
            assert!(node.attributes.is_empty());
            broadcast(&product(a, b), c, |product, bias| product + bias)
        }
        ("MatMul", [a, b]) if a.shape.len() == 2 => product(a, b),
        ("MatMul", [a, b]) => batched(a, b),
        ("ArgMax", [x]) => {
            assert_eq!((node.attribute("axis"), node.attribute("keepdims")), (Some(1), Some(0)));
            let places = x.numbers.chunks_exact(x.shape[1]).map(|row| {
                // The first of equals.
                let most = row.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                row.iter().position(|&number| number == most).unwrap() as f64
            });
            Array { shape: vec![x.shape[0]], numbers: places.collect() }
        }
        ("Gather", [data, places]) => {
            assert_eq!((node.attribute("axis"), places.shape.len()), (Some(0), 1));
            let size = data.shape[1..].iter().product::<usize>();
            let taken = places.numbers.iter().flat_map(|&place| &data.numbers[place as usize * size..][..size]);
            let shape = [places.shape.as_slice(), &data.shape[1..]].concat();
            Array { shape, numbers: taken.copied().collect() }
        }
        ("Unsqueeze", [x, axes]) => {
            assert_eq!((axes.numbers.as_slice(), x.shape.len()), (&[1.0][..], 2));
            Array { shape: vec![x.shape[0], 1, x.shape[1]], numbers: x.numbers.clone() }
        }
        ("Squeeze", [x, axes]) => {
            assert_eq!((axes.numbers.as_slice(), x.shape[1], x.shape.len()), (&[1.0][..], 1, 3));
            Array { shape: vec![x.shape[0], x.shape[2]], numbers: x.numbers.clone() }
        }
        (operator, inputs) => panic!("{operator} of {} inputs", inputs.len()),
    }
}

fn each(x: &Array, f: impl Fn(f64) -> f64) -> Array {
    Array { shape: x.shape.clone(), numbers: x.numbers.iter().map(|&number| f(number)).collect() }
}

/// `[rows, columns]` with `[rows, columns]`, `[rows, 1]`, `[columns]` or `[1]`.
fn broadcast(a: &Array, b: &Array, f: impl Fn(f64, f64) -> f64) -> Array {
    let &[rows, columns] = a.shape.as_slice() else { panic!("{:?}", a.shape) };
    let (down, along) = match *b.shape.as_slice() {
        [1] => (0, 0),
        [side] if side == columns => (0, 1),
        [side, 1] if side == rows => (1, 0),
        [high, wide] if (high, wide) == (rows, columns) => (columns, 1),
        _ => panic!("{:?} with {:?}", a.shape, b.shape),
    };
    let numbers = a.numbers.iter().enumerate().map(|(place, &number)| {
        let (row, column) = (place / columns, place % columns);
        f(number, b.numbers[row * down + column * along])
    });
    Array { shape: a.shape.clone(), numbers: numbers.collect() }
}

fn reduce(node: &Node, x: &Array, f: impl Fn(&[f64]) -> f64) -> Array {
    assert_eq!((node.attribute("axes"), node.attribute("keepdims"), x.shape.len()), (Some(1), Some(1), 2));
    Array { shape: vec![x.shape[0], 1], numbers: x.numbers.chunks_exact(x.shape[1]).map(f).collect() }
}

fn product(a: &Array, b: &Array) -> Array {
    let (&[rows, inner], &[high, wide]) = (a.shape.as_slice(), b.shape.as_slice()) else {
        panic!("{:?} times {:?}", a.shape, b.shape)
    };
    assert_eq!(inner, high);
    let cell = |row: usize, column: usize| {
        (0..inner).map(|k| a.numbers[row * inner + k] * b.numbers[k * wide + column]).sum::<f64>()
    };
    let numbers = (0..rows).flat_map(|row| (0..wide).map(move |column| (row, column)));
    Array { shape: vec![rows, wide], numbers: numbers.map(|(row, column)| cell(row, column)).collect() }
}

/// Matrix by matrix.
fn batched(a: &Array, b: &Array) -> Array {
    let part = |array: &Array, place: usize| {
        let size = array.shape[1] * array.shape[2];
        Array { shape: array.shape[1..].to_vec(), numbers: array.numbers[place * size..][..size].to_vec() }
    };
    assert_eq!((a.shape.len(), b.shape.len(), a.shape[0]), (3, 3, b.shape[0]));
    let products: Vec<Array> = (0..a.shape[0]).map(|place| product(&part(a, place), &part(b, place))).collect();
    let shape = vec![a.shape[0], a.shape[1], b.shape[2]];
    Array { shape, numbers: products.into_iter().flat_map(|product| product.numbers).collect() }
}

/// By a series of terms of one sign (Abramowitz and Stegun, 7.1.6), which ends soon enough below 6; 1 beyond to 64 bits.
fn erf(x: f64) -> f64 {
    if x.abs() > 6.0 {
        return x.signum();
    }
    let (mut term, mut sum) = (x, x);
    for n in 1..200 {
        term *= 2.0 * x * x / f64::from(2 * n + 1);
        sum += term;
    }
    std::f64::consts::FRAC_2_SQRT_PI * (-x * x).exp() * sum
}
