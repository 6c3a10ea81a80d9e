//! What the forms made of arrays have in common: records of one length, each with a label.

use std::collections::HashMap;

use data::ImageShape;

use crate::dataset::made::{Class, Made};
use crate::dataset::select::{Bounds, Gathered, Selection};
use crate::error::ImportError;
use crate::input::path::Part;
use crate::limits;
use crate::pixels::resize::Plane;

/// The arrays of a dataset, in the order of their files' paths.
pub(crate) struct Arrays {
    pub batches: Vec<Batch>,
    /// Names of labels; a label without one is named by its number.
    pub names: Vec<String>,
}

/// The records of one file.
pub(crate) struct Batch {
    pub path: String,
    pub part: Option<Part>,
    pub shape: ImageShape,
    /// One per record; an index into the names.
    pub labels: Vec<usize>,
    /// Records one after the other.
    pub bytes: Vec<u8>,
    /// Bytes before the pixels of a record.
    pub lead: usize,
}

/// The labels of all files; as a number, a label's place in the list.
#[derive(Default)]
pub(crate) struct Names {
    pub names: Vec<String>,
    places: HashMap<String, usize>,
}

impl Names {
    /// The place of `name`, which is added where it is new.
    pub fn place(&mut self, name: &str) -> usize {
        if let Some(&place) = self.places.get(name) {
            return place;
        }
        self.names.push(name.to_owned());
        self.places.insert(name.to_owned(), self.places.len());
        self.names.len() - 1
    }
}

/// Divides the records into parts, within the limits, and brings them to size.
pub(crate) fn finish(arrays: &Arrays, notices: &mut Vec<String>) -> Result<Made, ImportError> {
    let Arrays { batches, names } = arrays;
    let Some(first) = batches.first() else { return Err(ImportError::Nothing { found: "no records".into() }) };
    let mut gathered = Gathered::new();
    for batch in batches {
        if batch.shape != first.shape {
            return Err(ImportError::Shapes {
                first: first.path.clone(),
                first_shape: first.shape,
                second: batch.path.clone(),
                second_shape: batch.shape,
            });
        }
        let records = batch.bytes.chunks_exact((batch.lead + batch.shape.size()).max(1));
        for (record, &label) in records.zip(&batch.labels) {
            let pixels = record.get(batch.lead..).unwrap_or_default();
            match names.get(label) {
                Some(name) => gathered.add(name, batch.part, pixels),
                None => gathered.add(&label.to_string(), batch.part, pixels),
            }
        }
    }
    let Selection { classes, mut sampling } = gathered.select(Bounds::IMAGES, "the file", notices)?;

    let from = first.shape;
    let side = |side: usize| side.min(limits::LONGEST_SIDE);
    let shape = ImageShape { height: side(from.height), width: side(from.width), ..from };
    if shape != from {
        let brought = format!(
            "Images of {} x {} pixels were brought to {} x {}.",
            from.width, from.height, shape.width, shape.height
        );
        sampling = format!("{sampling} {brought}");
        notices.push(brought);
    }
    let sized = |items: Vec<&[u8]>| items.into_iter().map(|pixels| resized(pixels, from, shape)).collect();
    let classes =
        classes.into_iter().map(|Class { name, train, test }| Class { name, train: sized(train), test: sized(test) });
    Ok(Made { shape, given: Vec::new(), classes: classes.collect(), sampling })
}

/// One image, channel by channel, brought from one shape to another.
fn resized(pixels: &[u8], from: ImageShape, to: ImageShape) -> Vec<u8> {
    if from == to {
        return pixels.to_vec();
    }
    let plane = |channel: usize| {
        let start = channel * from.plane();
        let plane = Plane { values: pixels, start, column: 1, row: from.width, width: from.width, height: from.height };
        plane.resized(to.width, to.height)
    };
    (0..from.channels).flat_map(plane).collect()
}
