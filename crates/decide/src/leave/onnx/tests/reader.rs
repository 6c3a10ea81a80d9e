//! A reader of ONNX models that knows the fields that matter here, and panics at any other.

/// A value of a field.
enum Field<'a> {
    Number(i64),
    Bytes(&'a [u8]),
}

impl<'a> Field<'a> {
    fn number(self) -> i64 {
        match self {
            Self::Number(number) => number,
            Self::Bytes(bytes) => panic!("{bytes:?} for a number"),
        }
    }

    fn bytes(self) -> &'a [u8] {
        match self {
            Self::Bytes(bytes) => bytes,
            Self::Number(number) => panic!("{number} for bytes"),
        }
    }

    fn text(self) -> String {
        String::from_utf8(self.bytes().to_vec()).unwrap()
    }
}

/// The fields of a message with their numbers.
fn fields(mut bytes: &[u8]) -> Vec<(u64, Field<'_>)> {
    let mut fields = Vec::new();
    while !bytes.is_empty() {
        let key = varint(&mut bytes);
        let value = varint(&mut bytes);
        let field = match key & 7 {
            0 => Field::Number(value as i64),
            2 => {
                let (inside, rest) = bytes.split_at(value as usize);
                bytes = rest;
                Field::Bytes(inside)
            }
            kind => panic!("kind {kind}"),
        };
        fields.push((key >> 3, field));
    }
    fields
}

fn varint(bytes: &mut &[u8]) -> u64 {
    let mut value = 0;
    for shift in (0..70).step_by(7) {
        let (&first, rest) = bytes.split_first().unwrap();
        *bytes = rest;
        value |= u64::from(first & 0x7f) << shift;
        if first < 0x80 {
            return value;
        }
    }
    panic!("a number without end")
}

/// An input or output: rows of so many numbers.
#[derive(Debug, PartialEq)]
pub(super) struct Value {
    pub(super) name: String,
    pub(super) kind: i64,
    pub(super) batch: String,
    pub(super) dims: i64,
}

impl Value {
    fn read(bytes: &[u8]) -> Self {
        let mut value = Self { name: String::new(), kind: 0, batch: String::new(), dims: 0 };
        for (number, field) in fields(bytes) {
            match number {
                1 => value.name = field.text(),
                2 => {
                    for (number, tensor) in fields(field.bytes()) {
                        assert_eq!(number, 1);
                        value.tensor(tensor.bytes());
                    }
                }
                other => panic!("field {other} of a value"),
            }
        }
        value
    }

    fn tensor(&mut self, bytes: &[u8]) {
        for (number, field) in fields(bytes) {
            match number {
                1 => self.kind = field.number(),
                2 => {
                    let sides: Vec<&[u8]> = fields(field.bytes()).into_iter().map(|(_, side)| side.bytes()).collect();
                    assert_eq!(sides.len(), 2);
                    for (number, field) in sides.into_iter().flat_map(fields) {
                        match number {
                            1 => self.dims = field.number(),
                            2 => self.batch = field.text(),
                            other => panic!("field {other} of a side"),
                        }
                    }
                }
                other => panic!("field {other} of a type"),
            }
        }
    }
}

/// An array that the graph holds.
#[derive(Debug, Default)]
pub(super) struct Tensor {
    pub(super) name: String,
    pub(super) shape: Vec<usize>,
    pub(super) numbers: Vec<f64>,
}

impl Tensor {
    fn read(bytes: &[u8]) -> Self {
        let (mut tensor, mut kind, mut raw) = (Self::default(), 0, Vec::new());
        for (number, field) in fields(bytes) {
            match number {
                1 => tensor.shape.push(field.number() as usize),
                2 => kind = field.number(),
                8 => tensor.name = field.text(),
                9 => raw = field.bytes().to_vec(),
                other => panic!("field {other} of a tensor"),
            }
        }
        tensor.numbers = match kind {
            1 => raw.as_chunks::<4>().0.iter().map(|&bytes| f64::from(f32::from_le_bytes(bytes))).collect(),
            7 => raw.as_chunks::<8>().0.iter().map(|&bytes| i64::from_le_bytes(bytes) as f64).collect(),
            other => panic!("kind {other} of numbers"),
        };
        assert_eq!(tensor.numbers.len(), tensor.shape.iter().product::<usize>(), "{}", tensor.name);
        assert_eq!(raw.len(), tensor.numbers.len() * if kind == 1 { 4 } else { 8 });
        tensor
    }
}

/// An operator and what it takes and gives.
#[derive(Debug, Default)]
pub(super) struct Node {
    pub(super) name: String,
    pub(super) operator: String,
    pub(super) inputs: Vec<String>,
    pub(super) output: String,
    /// By name; a list has one number.
    pub(super) attributes: Vec<(String, i64)>,
}

impl Node {
    fn read(bytes: &[u8]) -> Self {
        let mut node = Self::default();
        for (number, field) in fields(bytes) {
            match number {
                1 => node.inputs.push(field.text()),
                2 => node.output = field.text(),
                3 => node.name = field.text(),
                4 => node.operator = field.text(),
                5 => node.attributes.push(attribute(field.bytes())),
                other => panic!("field {other} of a node"),
            }
        }
        node
    }

    pub(super) fn attribute(&self, name: &str) -> Option<i64> {
        self.attributes.iter().find(|(known, _)| known == name).map(|&(_, value)| value)
    }
}

fn attribute(bytes: &[u8]) -> (String, i64) {
    let (mut name, mut value, mut kind, mut written) = (String::new(), 0, 0, 0);
    for (number, field) in fields(bytes) {
        match number {
            1 => name = field.text(),
            // The kind INT has its value in field 3, INTS in field 8.
            3 | 8 => (value, written) = (field.number(), if number == 3 { 2 } else { 7 }),
            20 => kind = field.number(),
            other => panic!("field {other} of an attribute"),
        }
    }
    assert_eq!(kind, written, "{name}");
    (name, value)
}

/// A model.
#[derive(Debug, Default)]
pub(super) struct Model {
    pub(super) ir: i64,
    pub(super) opset: i64,
    pub(super) domain: String,
    pub(super) metadata: Vec<(String, String)>,
    pub(super) nodes: Vec<Node>,
    pub(super) tensors: Vec<Tensor>,
    pub(super) inputs: Vec<Value>,
    pub(super) outputs: Vec<Value>,
}

impl Model {
    pub(super) fn read(bytes: &[u8]) -> Self {
        let mut model = Self { domain: "none".to_owned(), ..Self::default() };
        for (number, field) in fields(bytes) {
            match number {
                1 => model.ir = field.number(),
                2 => assert_eq!(field.text(), "upgrade-lab"),
                3 => assert_eq!(field.text(), env!("CARGO_PKG_VERSION")),
                7 => model.graph(field.bytes()),
                8 => {
                    for (number, field) in fields(field.bytes()) {
                        match number {
                            1 => model.domain = field.text(),
                            2 => model.opset = field.number(),
                            other => panic!("field {other} of a set of operators"),
                        }
                    }
                }
                14 => {
                    let mut entry = fields(field.bytes()).into_iter().map(|(number, field)| (number, field.text()));
                    let (Some((1, key)), Some((2, value)), None) = (entry.next(), entry.next(), entry.next()) else {
                        panic!("an entry of other fields");
                    };
                    model.metadata.push((key, value));
                }
                other => panic!("field {other} of a model"),
            }
        }
        model
    }

    fn graph(&mut self, bytes: &[u8]) {
        for (number, field) in fields(bytes) {
            match number {
                1 => self.nodes.push(Node::read(field.bytes())),
                2 => assert_eq!(field.text(), "bridge"),
                5 => self.tensors.push(Tensor::read(field.bytes())),
                11 => self.inputs.push(Value::read(field.bytes())),
                12 => self.outputs.push(Value::read(field.bytes())),
                other => panic!("field {other} of a graph"),
            }
        }
    }
}
