//! A graph of ONNX operators, node by node. Numbers of fields are those of `onnx.proto`.

use std::collections::BTreeSet;

use super::protobuf::Message;

/// `TensorProto.DataType.FLOAT`.
const FLOAT: i64 = 1;
/// `TensorProto.DataType.INT64`.
const INT64: i64 = 7;
/// `AttributeProto.AttributeType.INT`.
const INT: i64 = 2;
/// `AttributeProto.AttributeType.INTS`.
const INTS: i64 = 7;

/// What a node is told beside its inputs.
pub(super) enum Attribute {
    /// One whole number.
    Int(&'static str, i64),
    /// A list of one whole number.
    Ints(&'static str, i64),
}

/// A graph from rows `x` to rows `y`.
#[derive(Default)]
pub(super) struct Graph {
    body: Message,
    /// How many values were named so far.
    values: usize,
    constants: BTreeSet<&'static str>,
}

impl Graph {
    /// A node; gives the name of its one output.
    pub(super) fn node(&mut self, operator: &str, inputs: &[&str], attributes: &[Attribute]) -> String {
        let output = format!("value.{}", self.values);
        self.values += 1;
        self.named(operator, inputs, attributes, &output);
        output
    }

    /// A node whose output has this name.
    pub(super) fn named(&mut self, operator: &str, inputs: &[&str], attributes: &[Attribute], output: &str) {
        let mut node = Message::default();
        for input in inputs {
            node.text(1, input);
        }
        node.text(2, output);
        node.text(3, &format!("{operator}.{output}"));
        node.text(4, operator);
        for attribute in attributes {
            let mut message = Message::default();
            let (name, kind) = match *attribute {
                Attribute::Int(name, value) => {
                    message.int(3, value);
                    (name, INT)
                }
                Attribute::Ints(name, value) => {
                    message.int(8, value);
                    (name, INTS)
                }
            };
            message.text(1, name);
            message.int(20, kind);
            node.message(5, &message);
        }
        self.body.message(1, &node);
    }

    /// An array of numbers that the graph holds, its parts one after the other.
    pub(super) fn floats<'a>(&mut self, name: &str, shape: &[usize], parts: impl IntoIterator<Item = &'a [f32]>) {
        let count = shape.iter().product::<usize>();
        let mut raw = Vec::with_capacity(count.saturating_mul(4));
        for number in parts.into_iter().flatten() {
            raw.extend_from_slice(&number.to_le_bytes());
        }
        self.tensor(name, shape, FLOAT, &raw);
    }

    /// A number that several nodes may need, by its name.
    pub(super) fn constant(&mut self, name: &'static str, value: f32) -> &'static str {
        if self.constants.insert(name) {
            self.tensor(name, &[1], FLOAT, &value.to_le_bytes());
        }
        name
    }

    /// An axis that several nodes may need, by its name.
    pub(super) fn axis(&mut self, name: &'static str, axis: i64) -> &'static str {
        if self.constants.insert(name) {
            self.tensor(name, &[1], INT64, &axis.to_le_bytes());
        }
        name
    }

    fn tensor(&mut self, name: &str, shape: &[usize], kind: i64, raw: &[u8]) {
        let mut tensor = Message::default();
        for &side in shape {
            tensor.int(1, side as i64);
        }
        tensor.int(2, kind);
        tensor.text(8, name);
        tensor.bytes(9, raw);
        self.body.message(5, &tensor);
    }

    /// The graph of rows of `from` numbers to rows of `to`.
    pub(super) fn finish(mut self, name: &str, from: usize, to: usize) -> Message {
        self.body.text(2, name);
        self.body.message(11, &rows("x", from));
        self.body.message(12, &rows("y", to));
        self.body
    }
}

/// Name and type of a value of rows, any number of them.
fn rows(name: &str, dims: usize) -> Message {
    let (mut batch, mut width) = (Message::default(), Message::default());
    batch.text(2, "batch");
    width.int(1, dims as i64);
    let mut shape = Message::default();
    shape.message(1, &batch);
    shape.message(1, &width);
    let mut tensor = Message::default();
    tensor.int(1, FLOAT);
    tensor.message(2, &shape);
    let mut kind = Message::default();
    kind.message(1, &tensor);
    let mut value = Message::default();
    value.text(1, name);
    value.message(2, &kind);
    value
}
