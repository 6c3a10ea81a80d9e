//! Why arrays of embeddings cannot become a dataset, each with a sentence that can be shown as it is.

use crate::limits;

/// A fault of arrays of embeddings or of their labels. Every message says what, where and what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EmbeddingsError {
    /// A NumPy file is damaged, or holds something else than a plain array.
    #[error("{path} cannot be read as a .npy array: {reason}; save it again with numpy.save")]
    Npy {
        /// Path of the file.
        path: String,
        /// Cause.
        reason: String,
    },
    /// A file of tensors is damaged.
    #[error("{path} cannot be read as .safetensors: {reason}; save it again")]
    Safetensors {
        /// Path of the file.
        path: String,
        /// Cause.
        reason: String,
    },
    /// Embeddings of a type that is not read.
    #[error("{path} holds values of type {dtype}; save embeddings as floats of 16, 32 or 64 bits, such as float32")]
    Dtype {
        /// Path of the array.
        path: String,
        /// The type, as the file calls it.
        dtype: String,
    },
    /// Labels of a type that is not read.
    #[error(
        "{path} holds values of type {dtype}; save labels as whole numbers or, in a .npy file, as strings (numpy: labels.astype(str))"
    )]
    LabelDtype {
        /// Path of the array.
        path: String,
        /// The type, as the file calls it.
        dtype: String,
    },
    /// Embeddings that are not rows of numbers.
    #[error(
        "{path} is an array of shape {shape:?}; embeddings have the shape [rows, numbers of a row], so reshape it or leave it out"
    )]
    Rank {
        /// Path of the array.
        path: String,
        /// Its sides.
        shape: Vec<usize>,
    },
    /// Labels that are not one for each row.
    #[error("{path} is an array of shape {shape:?}; labels have the shape [rows], one number or string for each row")]
    LabelRank {
        /// Path of the array.
        path: String,
        /// Its sides.
        shape: Vec<usize>,
    },
    /// Too many rows for an array that can be read.
    #[error("{path} has {rows} rows; at most {} can be read, so hand in fewer, of every array the same", limits::ROWS)]
    TooManyRows {
        /// Path of the array.
        path: String,
        /// Rows that it announces.
        rows: usize,
    },
    /// An embedding is too short or too long.
    #[error(
        "{path} has {dims} numbers a row; an embedding can have {} to {}, so hand in shorter or longer ones",
        limits::DIMS.start(),
        limits::DIMS.end()
    )]
    Dims {
        /// Path of the array.
        path: String,
        /// Numbers of a row.
        dims: usize,
    },
    /// The parts of one model differ in the length of rows.
    #[error(
        "{first} has {first_dims} numbers a row and {second} {second_dims}, though both are of model {model}; hand in embeddings by \
         one model under one name"
    )]
    Widths {
        /// Name of the model.
        model: String,
        /// Path of an array.
        first: String,
        /// Numbers of a row.
        first_dims: usize,
        /// Path of another array.
        second: String,
        /// Numbers of a row.
        second_dims: usize,
    },
    /// A number is none.
    #[error(
        "{path}, row {row}, column {column} (counted from 0): {value} is no finite number of 32 bits; correct it or leave the row out \
         everywhere"
    )]
    NotFinite {
        /// Path of the array.
        path: String,
        /// Row, from 0.
        row: usize,
        /// Column, from 0.
        column: usize,
        /// What is there: `NaN`, `inf` or `-inf`.
        value: String,
    },
    /// No labels for the embeddings of a part.
    #[error(
        "no array of labels belongs to the {part}embeddings (found: {found}); hand in one with `labels` in its name, a whole number or a \
         string for each row"
    )]
    NoLabels {
        /// "training ", "test " or nothing.
        part: &'static str,
        /// Paths of the embeddings.
        found: String,
    },
    /// A row has an empty label.
    #[error("{path}, row {row} (counted from 0): the label is empty; fill it in or leave the row out everywhere")]
    NoLabel {
        /// Path of the labels.
        path: String,
        /// Row, from 0.
        row: usize,
    },
    /// Several arrays of labels of the same rows say different things.
    #[error(
        "{first} and {second} both are labels of the {part}rows but differ; all models must have embedded the same items in the \
         same order, so hand in one array of labels for them"
    )]
    Disagree {
        /// "training ", "test " or nothing.
        part: &'static str,
        /// Path of an array of labels.
        first: String,
        /// Path of another.
        second: String,
    },
    /// Some names say a part and some do not.
    #[error(
        "{with} names a part (training or test) and {without} none; put `train` or `test` in the names of all arrays, labels too, or of \
         none"
    )]
    Parts {
        /// Path of an array that names a part.
        with: String,
        /// Path of one that does not.
        without: String,
    },
    /// Two arrays have the same model and part by their names.
    #[error(
        "{first} and {second} both are {part}embeddings by model {model} by their names; name every array after its model, such as \
         old_train.npy"
    )]
    Twice {
        /// Name of the model.
        model: String,
        /// "training ", "test " or nothing.
        part: &'static str,
        /// Path of an array.
        first: String,
        /// Path of another.
        second: String,
    },
    /// A model is without embeddings of a part that others have.
    #[error(
        "model {model} has {has} but no {part}embeddings; hand them in, or name all arrays of a model alike but for the part"
    )]
    Missing {
        /// Name of the model.
        model: String,
        /// Path of an array that it has.
        has: String,
        /// "training " or "test ".
        part: &'static str,
    },
    /// None or one model.
    #[error(
        "embeddings by {found} were found ({names}); hand in those of the same items by two or more models, with names such as old \
         and new, or v1 and v2"
    )]
    OneModel {
        /// "no model", "only one model".
        found: &'static str,
        /// Paths of what there is.
        names: String,
    },
    /// More models than can follow one another.
    #[error(
        "embeddings by {found} models were found ({names}); at most {} can follow one another, so hand in fewer",
        limits::MODELS
    )]
    Models {
        /// Number of models.
        found: usize,
        /// Names of the first.
        names: String,
    },
    /// Embeddings and labels differ in number.
    #[error(
        "{labels} has {label_rows} labels and {embeddings} {rows} rows; every model must have embedded the same items in the same \
         order"
    )]
    Rows {
        /// Path of the labels.
        labels: String,
        /// Their number.
        label_rows: usize,
        /// Path of the embeddings.
        embeddings: String,
        /// Their number.
        rows: usize,
    },
}
