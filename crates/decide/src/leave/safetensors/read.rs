//! Reading a map back. What a file says is checked before it is believed: it may come from anywhere.

use ::safetensors::Dtype;
use ::safetensors::tensor::Metadata;

use super::super::{FORMAT, word};
use super::{LONGEST_HEADER, Op, ROOT};
use crate::DecideError;
use crate::maps::{Direction, Family, Fitted, Map, Step};

/// The map in a file, if it goes from the space of model `from` into that of model `to`.
///
/// It takes rows as they come from the model, since its first step scales them to unit length.
///
/// # Errors
/// It is no such file, or is damaged; or it goes between other models, or the other way: then the message says which file is right.
pub fn read_safetensors(bytes: &[u8], from: &str, to: &str) -> Result<Map, DecideError> {
    read(bytes, from, to).map_err(|why| DecideError::Undefined { what: "the map of this file", why })
}

fn read(bytes: &[u8], from: &str, to: &str) -> Result<Map, String> {
    let file = File::open(bytes)?;
    let format = file.entry("format")?;
    if format != FORMAT {
        return Err(format!(
            "its format is {format:?}, and this version reads {FORMAT:?}; write it again with this one"
        ));
    }
    file.goes(from, to)?;
    let family = file.entry("family")?;
    let family = Family::ALL.into_iter().find(|known| known.id() == family).ok_or_else(|| {
        format!("its family {family:?} is not known to this version; read it with the version that wrote it")
    })?;
    let fitted = Fitted {
        pairs: file.count("pairs")?,
        lambda: file.known("lambda", File::number)?,
        rank: file.known("rank", File::count)?,
        held_out: file.known("held_out", File::number)?,
        projected: file.known("projected", File::count)?,
    };
    let dims = (file.count("from_dims")?, file.count("to_dims")?);
    if dims.0 == 0 || dims.1 == 0 {
        return Err(format!("it maps rows of {} numbers to rows of {}, and a row has at least one", dims.0, dims.1));
    }
    let ops: Vec<Op> = serde_json::from_str(file.entry("steps")?)
        .map_err(|error| format!("its steps cannot be followed ({error}); read it with the version that wrote it"))?;
    let (steps, found) = file.steps(&ops, ROOT, dims.0)?;
    if found != dims.1 {
        return Err(format!("its steps give rows of {found} numbers, and its card says {}", dims.1));
    }
    Ok(Map { family, from: dims.0, to: dims.1, steps, fitted })
}

/// A file whose header was read.
struct File<'a> {
    metadata: Metadata,
    data: &'a [u8],
}

impl<'a> File<'a> {
    /// Offsets are compared with the bytes there are: the crate's own reader adds them up unchecked.
    fn open(bytes: &'a [u8]) -> Result<Self, String> {
        let cut = || "it is no whole SafeTensors file: it is cut short".to_owned();
        let (&length, rest) = bytes.split_first_chunk::<8>().ok_or_else(cut)?;
        let length = usize::try_from(u64::from_le_bytes(length)).unwrap_or(usize::MAX);
        if length > LONGEST_HEADER {
            return Err("it is no SafeTensors file of a bridge: its header is longer than that of one".to_owned());
        }
        let (header, data) = rest.split_at_checked(length).ok_or_else(cut)?;
        let metadata: Metadata =
            serde_json::from_slice(header).map_err(|error| format!("it is no SafeTensors file ({error})"))?;
        match metadata.data_len() == data.len() {
            true => Ok(Self { metadata, data }),
            false => {
                let (announced, found) = (metadata.data_len(), data.len());
                Err(format!("its header announces {announced} bytes of numbers, and there are {found}"))
            }
        }
    }

    /// What the card says under `key`.
    fn entry(&self, key: &str) -> Result<&str, String> {
        let card = self.metadata.metadata().as_ref();
        let entry = card.and_then(|card| card.get(key)).map(String::as_str);
        entry.ok_or_else(|| format!("its metadata has no {key:?}; hand in a file that this program wrote"))
    }

    /// What the card says under `key`, if it says anything.
    fn known<T>(&self, key: &str, read: impl Fn(&Self, &str) -> Result<T, String>) -> Result<Option<T>, String> {
        self.entry(key).ok().map(|_| read(self, key)).transpose()
    }

    fn count(&self, key: &str) -> Result<usize, String> {
        let text = self.entry(key)?;
        text.parse().map_err(|_| format!("its {key} is {text:?}, and should be a whole number"))
    }

    fn number(&self, key: &str) -> Result<f64, String> {
        let text = self.entry(key)?;
        let number = text.parse().ok().filter(|number: &f64| number.is_finite());
        number.ok_or_else(|| format!("its {key} is {text:?}, and should be a number"))
    }

    /// Refuses a file between other models, and the file of the other direction.
    fn goes(&self, from: &str, to: &str) -> Result<(), String> {
        let found = (self.entry("from")?, self.entry("to")?);
        let direction = self.entry("direction")?;
        let known = [Direction::Queries, Direction::Gallery].into_iter().find(|&known| word(known) == direction);
        let direction = known.ok_or_else(|| {
            format!("its direction is {direction:?}, and should be \"queries\" or \"gallery\"; write it again")
        })?;
        if found == (from, to) {
            return Ok(());
        }
        let way = format!("it goes from {:?} to {:?} ({})", found.0, found.1, moved(direction));
        Err(if found == (to, from) {
            let opposite = match direction {
                Direction::Queries => Direction::Gallery,
                Direction::Gallery => Direction::Queries,
            };
            format!("{way}, which is the wrong way; the right file goes from {from:?} to {to:?} ({})", moved(opposite))
        } else {
            format!("{way}, and not from {from:?} to {to:?}; hand in the file of these two models")
        })
    }

    /// Shape and numbers of a tensor.
    fn tensor(&self, name: &str) -> Result<(&[usize], Vec<f32>), String> {
        let info = self.metadata.info(name).ok_or_else(|| format!("its tensor {name:?} is missing"))?;
        if info.dtype != Dtype::F32 {
            return Err(format!("its tensor {name:?} holds {:?}, and should hold F32", info.dtype));
        }
        let (start, end) = info.data_offsets;
        let bytes = self.data.get(start..end).ok_or_else(|| format!("its tensor {name:?} lies beyond its end"))?;
        let numbers: Vec<f32> = bytes.as_chunks::<4>().0.iter().map(|&bytes| f32::from_le_bytes(bytes)).collect();
        match numbers.iter().all(|number| number.is_finite()) {
            true => Ok((info.shape.as_slice(), numbers)),
            false => Err(format!("its tensor {name:?} holds NaN or infinity")),
        }
    }

    /// Numbers of a tensor of this shape.
    fn shaped(&self, name: &str, expected: &[usize]) -> Result<Vec<f32>, String> {
        let (shape, numbers) = self.tensor(name)?;
        match shape == expected {
            true => Ok(numbers),
            false => Err(format!("its tensor {name:?} has the shape {shape:?}, and should have {expected:?}")),
        }
    }

    /// Steps from rows of `dims` numbers on, and how many numbers a row has after them.
    fn steps(&self, ops: &[Op], path: &str, mut dims: usize) -> Result<(Vec<Step>, usize), String> {
        let mut steps = Vec::with_capacity(ops.len());
        for (place, op) in ops.iter().enumerate() {
            let path = format!("{path}.{place}");
            let name = |part: &str| format!("{path}.{part}");
            let weight = |found: &[usize], expected: &str| {
                let name = name("weight");
                format!("its tensor {name:?} has the shape {found:?}, and should have {expected}")
            };
            steps.push(match op {
                Op::Normalize => Step::Normalize,
                Op::Gelu => Step::Gelu,
                Op::Add => Step::Add(self.shaped(&name("shift"), &[dims])?),
                Op::Affine => {
                    let (shape, numbers) = self.tensor(&name("weight"))?;
                    let &[from, to] = shape else { return Err(weight(shape, &format!("[{dims}, numbers out]"))) };
                    if from != dims || to == 0 {
                        return Err(weight(shape, &format!("[{dims}, numbers out]")));
                    }
                    dims = to;
                    Step::Affine { weight: numbers, bias: self.shaped(&name("bias"), &[to])? }
                }
                Op::Clustered => {
                    let (shape, numbers) = self.tensor(&name("weight"))?;
                    let expected = || format!("[clusters, {dims}, numbers out]");
                    let &[clusters, from, to] = shape else { return Err(weight(shape, &expected())) };
                    if clusters == 0 || from != dims || to == 0 {
                        return Err(weight(shape, &expected()));
                    }
                    let centroids = self.shaped(&name("centroids"), &[clusters, dims])?;
                    let biases = self.shaped(&name("bias"), &[clusters, to])?;
                    // The product is that of sides of a tensor that is there.
                    let weights = numbers.chunks_exact(from * to).zip(biases.chunks_exact(to));
                    let maps = weights.map(|(weight, bias)| (weight.to_vec(), bias.to_vec())).collect();
                    dims = to;
                    Step::Clustered { centroids, maps }
                }
                Op::Residual { steps } => match self.steps(steps, &path, dims)? {
                    (inner, after) if after == dims => Step::Residual(inner),
                    (_, after) => {
                        return Err(format!("its residual step {path:?} gives {after} numbers for {dims}"));
                    }
                },
            });
        }
        Ok((steps, dims))
    }
}

/// What a direction moves, from the first model to the second.
fn moved(direction: Direction) -> &'static str {
    match direction {
        Direction::Queries => "direction queries: queries of the first search the index of the second",
        Direction::Gallery => "direction gallery: stored vectors of the first are rewritten for queries of the second",
    }
}
