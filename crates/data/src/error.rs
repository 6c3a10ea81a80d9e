//! What can go wrong between a file and a batch, each with a sentence that can be shown as it is.

use crate::{IdxError, ItemShape, Role};

/// A fault of this crate. Every message names the file, class or item it is about, and the numbers
/// that disagree.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DataError {
    /// The manifest is not JSON of the expected form.
    #[error("the dataset manifest cannot be read: {reason}")]
    Manifest {
        /// Line, column and cause, from the parser.
        reason: serde_json::Error,
    },
    /// The manifest was written by a newer release.
    #[error(
        "the dataset manifest has version {found}, this release reads version {expected}; reload the page or update the program"
    )]
    ManifestVersion {
        /// The version this crate reads.
        expected: u32,
        /// The version in the manifest.
        found: u32,
    },
    /// The manifest lists no file for a part of the dataset.
    #[error("the manifest of dataset {dataset} lists no {role} file")]
    NoSuchRole {
        /// Identifier of the dataset.
        dataset: String,
        /// The missing part.
        role: Role,
    },
    /// The caller holds no bytes for a file of the manifest.
    #[error("{path} was not delivered; fetch it again")]
    MissingFile {
        /// Path of the file, as in the manifest.
        path: String,
    },
    /// A file is shorter or longer than the manifest says.
    #[error("{path}: expected {expected} bytes, found {found}; the file was cut short or replaced, fetch it again")]
    Length {
        /// Path of the file, as in the manifest.
        path: String,
        /// Length in the manifest, in bytes.
        expected: u64,
        /// Length of what was delivered, in bytes.
        found: u64,
    },
    /// A file has the right length and other content.
    #[error("{path}: expected SHA-256 {expected}, found {found}; the file was damaged or replaced, fetch it again")]
    Checksum {
        /// Path of the file, as in the manifest.
        path: String,
        /// Digest in the manifest, lower-case hexadecimal.
        expected: String,
        /// Digest of what was delivered, lower-case hexadecimal.
        found: String,
    },
    /// A file is not a gzip stream, or a damaged one.
    #[error("{path} cannot be unpacked: {reason}")]
    Gzip {
        /// Path of the file, as in the manifest.
        path: String,
        /// Cause, from the decoder.
        reason: std::io::Error,
    },
    /// A file holds something other than a whole IDX array.
    #[error("{path} is not a whole IDX file: {reason}")]
    Idx {
        /// Path of the file, as in the manifest.
        path: String,
        /// What the IDX reader found.
        reason: IdxError,
    },
    /// A file holds an array of another shape than the manifest declares.
    #[error(
        "{path}: expected an array of shape {expected:?}, found {found:?}; the file does not belong to this manifest"
    )]
    Shape {
        /// Path of the file, as in the manifest.
        path: String,
        /// Declared shape.
        expected: Vec<usize>,
        /// Shape in the file.
        found: Vec<usize>,
    },
    /// The labels of a part do not add up to the counts in the manifest.
    #[error(
        "{path}: expected {expected} items of class {class}, found {found}; the file does not belong to this manifest"
    )]
    ClassCount {
        /// Path of the label file, as in the manifest.
        path: String,
        /// Class number.
        class: usize,
        /// Count in the manifest.
        expected: usize,
        /// Count in the file.
        found: usize,
    },
    /// A label names a class that the dataset does not have.
    #[error("item {index} has label {label}, but there are {classes} classes")]
    UnknownClass {
        /// Index of the item in its part.
        index: usize,
        /// Its label.
        label: u32,
        /// Number of classes.
        classes: usize,
    },
    /// Numbers do not divide into rows.
    #[error("{values} numbers do not make rows of {width}; the file was cut short or is of other models")]
    RowCount {
        /// Numbers there are.
        values: usize,
        /// Numbers of a row.
        width: usize,
    },
    /// A buffer of pixels does not hold a whole number of pictures.
    #[error("{bytes} bytes are not a whole number of {channels} x {height} x {width} pictures")]
    PixelCount {
        /// Length of the buffer, in bytes.
        bytes: usize,
        /// Channels of a picture.
        channels: usize,
        /// Height of a picture, in pixels.
        height: usize,
        /// Width of a picture, in pixels.
        width: usize,
    },
    /// A stage sees no class of its own.
    #[error(
        "the first class of a stage is number {first}, counted from 0, but it sees only the first {classes}; choose at most {}",
        classes.saturating_sub(1)
    )]
    FirstClass {
        /// Number of the class with which its own begin.
        first: usize,
        /// Classes that it sees: the first so many.
        classes: usize,
    },
    /// A buffer is not a whole number of sequences.
    #[error("{tokens} tokens are not a whole number of sequences of {length}")]
    TokenCount {
        /// Length of the buffer, in tokens.
        tokens: usize,
        /// Tokens of a sequence.
        length: usize,
    },
    /// A token is beyond the vocabulary.
    #[error("sequence {index} has the token {token}, but there are {vocabulary} tokens, counted from 0")]
    UnknownToken {
        /// Which sequence.
        index: usize,
        /// Its token.
        token: u16,
        /// How many tokens there are.
        vocabulary: usize,
    },
    /// What stands beside the items is not one thing for every item.
    #[error("{items} items have {beside} things beside them; there must be one for each")]
    Beside {
        /// How many items.
        items: usize,
        /// How many things.
        beside: usize,
    },
    /// There is not one label for every picture.
    #[error("{images} pictures have {labels} labels; there must be one for each")]
    LabelCount {
        /// Number of pictures.
        images: usize,
        /// Number of labels.
        labels: usize,
    },
    /// More of something than the number that stands for it in files and events can say.
    #[error("there are {found} {what}, at most {most} are possible; {remedy}")]
    TooMany {
        /// What there is too much of.
        what: &'static str,
        /// How many there are.
        found: usize,
        /// How many there can be.
        most: usize,
        /// What to do.
        remedy: &'static str,
    },
    /// More classes were asked for than there are, or none.
    #[error("{asked} classes were asked for, the dataset has {available}; ask for 1 to {available}")]
    Classes {
        /// Number asked for.
        asked: usize,
        /// Number there is.
        available: usize,
    },
    /// More items of a class were asked for than there are, or none.
    #[error(
        "{asked} items per class were asked for, class {class} has {available}; ask for at least 1 of classes that have some"
    )]
    PerClass {
        /// Number asked for.
        asked: usize,
        /// The class that is short.
        class: usize,
        /// Number of items that class has.
        available: usize,
    },
    /// A fraction outside of (0, 1].
    #[error("the fraction of the training data must be above 0 and at most 1, found {fraction}")]
    Fraction {
        /// The fraction asked for.
        fraction: f32,
    },
    /// Batches of no items.
    #[error("a batch must hold at least one item")]
    EmptyBatch,
    /// The classes of a dataset of turned pictures are not some at each turn.
    #[error("the {classes} classes of turned pictures do not divide into 4 turns; fetch the manifest again")]
    ClassesByTurn {
        /// How many classes there are.
        classes: usize,
    },
    /// What is to be turned by a quarter would have another shape after it, or none.
    #[error("only square pictures can be turned, but the items are {items}")]
    NotSquare {
        /// What there is.
        items: ItemShape,
    },
    /// A trigger is to be stamped on something else.
    #[error("a trigger is stamped on pictures, but these items are none; choose another manipulation")]
    NoPictures,
    /// One class was named where two are needed.
    #[error("class {class} cannot be confused with itself; choose two classes")]
    SameClass {
        /// The class named twice.
        class: u32,
    },
    /// A setting outside of its range.
    #[error("{what} is {value}; choose {min} to {max}")]
    OutOfRange {
        /// Name of the setting.
        what: &'static str,
        /// The value given.
        value: f64,
        /// Smallest accepted value.
        min: f64,
        /// Largest accepted value.
        max: f64,
    },
    /// An index beyond the end of a part.
    #[error("item {index} was asked for, there are {len}; the index belongs to another part or dataset")]
    NoSuchItem {
        /// The index asked for.
        index: usize,
        /// Number of items.
        len: usize,
    },
}

impl DataError {
    /// Refuses a setting outside of `min..=max`, NaN too.
    pub(crate) fn check_range(what: &'static str, value: f64, min: f64, max: f64) -> Result<(), Self> {
        if (min..=max).contains(&value) { Ok(()) } else { Err(Self::OutOfRange { what, value, min, max }) }
    }
}
