//! Why vectors make no question that can be decided, each with a sentence that can be shown as it is.

use decide::DecideError;

use super::limits;

/// A fault of what was handed in. Every message says what, where and what to do.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum VectorsError {
    /// There is no array of vectors.
    #[error(
        "no vectors were found (found: {found}); hand in the vectors that an old and a new model gave the same documents, as .npy, .npz, \
         .safetensors, .parquet, .arrow, .jsonl, .json, .csv or .tsv"
    )]
    Nothing {
        /// What was handed in.
        found: String,
    },
    /// A file cannot be opened or read.
    #[error("{path} cannot be read: {reason}; hand it in again")]
    Read {
        /// Path of the file.
        path: String,
        /// Cause, from the system or the decoder.
        reason: String,
    },
    /// Something that should be a zip archive is not, or is damaged.
    #[error("{path} cannot be opened as a zip archive: {reason}; pack it again")]
    Archive {
        /// Path of the archive.
        path: String,
        /// Cause, from the reader of archives.
        reason: String,
    },
    /// A file, or a part of one, is too large.
    #[error("{path} has {what} than can be read (at most {most}); {remedy}")]
    TooLarge {
        /// Path of the file.
        path: String,
        /// "more rows", "longer lines".
        what: &'static str,
        /// The limit with its unit.
        most: String,
        /// What to do.
        remedy: &'static str,
    },
    /// There is not enough memory.
    #[error("there is no memory for {numbers} numbers of {path}; take fewer rows")]
    Memory {
        /// Path of the array.
        path: String,
        /// How many numbers.
        numbers: usize,
    },
    /// A NumPy file is damaged, or holds something else than an array.
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
    /// Text that is not of the form that its name says.
    #[error("{path}, line {line}: {reason}; correct it or leave the line out")]
    Line {
        /// Path of the file.
        path: String,
        /// Line, from 1.
        line: usize,
        /// Cause.
        reason: String,
    },
    /// A file of columns that is damaged.
    #[error("{path} cannot be read as {form}: {reason}; save it again")]
    Columns {
        /// Path of the file.
        path: String,
        /// "Parquet", "Arrow".
        form: &'static str,
        /// Cause.
        reason: String,
    },
    /// A Parquet file that is packed in a way that is not read.
    #[error(
        "{path} is packed with {packing}, which is not read here; save it anew, with pd.read_parquet('{path}').to_parquet('{path}', \
         compression='zstd')"
    )]
    Packed {
        /// Path of the file.
        path: String,
        /// "BROTLI".
        packing: String,
    },
    /// A row of a column that does not go with the rows before.
    #[error("{path}, row {row} (counted from 0): {reason}; correct it or leave the row out")]
    Row {
        /// Path of the file.
        path: String,
        /// Row, from 0.
        row: usize,
        /// Cause.
        reason: String,
    },
    /// A file that is no JSON.
    #[error("{path} cannot be read as JSON: {reason}; save it again")]
    Json {
        /// Path of the file.
        path: String,
        /// Cause, with line and column.
        reason: String,
    },
    /// An array of Python objects, which only Python can read.
    #[error("{path} is an array of Python objects (dtype object); save {what}, with {remedy}")]
    Objects {
        /// Path of the array.
        path: String,
        /// "its rows as numbers", "its strings as strings".
        what: &'static str,
        /// The line that converts it.
        remedy: String,
    },
    /// A dict or another object that NumPy pickled.
    #[error(
        "{path} is a pickled Python object, such as a dict of arrays; save its arrays under their names, with {remedy}"
    )]
    Pickled {
        /// Path of the file.
        path: String,
        /// The lines that convert it.
        remedy: String,
    },
    /// A structured array.
    #[error(
        "{path} is a structured array with the fields {fields}; save the one that holds the vectors by itself, with {remedy}"
    )]
    Structured {
        /// Path of the file.
        path: String,
        /// Names of its fields.
        fields: String,
        /// The line that converts it.
        remedy: String,
    },
    /// An array of a type that holds no vectors here.
    #[error("{path} holds values of type {dtype}; {remedy}")]
    Dtype {
        /// Path of the array.
        path: String,
        /// The type, as the file calls it.
        dtype: String,
        /// What to do.
        remedy: String,
    },
    /// A form of file that is not read.
    #[error("{path} is {form}, which is not read here; convert it, with {remedy}")]
    Form {
        /// Path of the file.
        path: String,
        /// "a Parquet file".
        form: &'static str,
        /// The lines that convert it.
        remedy: String,
    },
    /// A vector is too short or too long.
    #[error(
        "{path} has {dims} numbers a row; a vector can have {} to {}, so hand in shorter or longer ones",
        limits::DIMS.start(),
        limits::DIMS.end()
    )]
    Dims {
        /// Path of the array.
        path: String,
        /// Numbers of a row.
        dims: usize,
    },
    /// Vectors of one model that differ in length.
    #[error(
        "{first} has {first_dims} numbers a row and {second} {second_dims}, though both are by {model}; hand in vectors by one model"
    )]
    Widths {
        /// The model.
        model: String,
        /// Path of an array.
        first: String,
        /// Numbers of a row.
        first_dims: usize,
        /// Path of another.
        second: String,
        /// Numbers of a row.
        second_dims: usize,
    },
    /// None or one model.
    #[error(
        "vectors by {found} were found ({names}); hand in those of the same documents by two models, with names such as old and new, or in \
         a folder for each model"
    )]
    OneModel {
        /// "no model", "only one model".
        found: &'static str,
        /// Paths of what there is.
        names: String,
    },
    /// Old or new was said to be a model that is not there.
    #[error("there is no model `{asked}` (there are {names}); name one of these")]
    NoSuchModel {
        /// What was asked for.
        asked: String,
        /// What there is.
        names: String,
    },
    /// Old and new were said to be the same model.
    #[error("`{asked}` was named both as the old and the new model; name two of {names}")]
    Same {
        /// What was asked for.
        asked: String,
        /// What there is.
        names: String,
    },
    /// Two arrays are the same by their names.
    #[error(
        "{first} and {second} both are {what} by {model} by their names; name every array after its model and what it holds, such as \
             old_queries.npy"
    )]
    Twice {
        /// The model.
        model: String,
        /// "documents", "training queries".
        what: String,
        /// Path of an array.
        first: String,
        /// Path of another.
        second: String,
    },
    /// One model is without an array that the other has.
    #[error(
        "{model} has no {what}, though {has} holds them for the other model; hand in those of both models, or of none"
    )]
    Missing {
        /// The model.
        model: String,
        /// "documents", "training queries".
        what: String,
        /// Path of the other's array.
        has: String,
    },
    /// Rows that cannot be told apart, of different number.
    #[error(
        "{first} has {first_rows} rows and {second} {second_rows}; without ids both must be of the same {what} in the same order, so \
         hand in ids beside each (such as old_ids.txt, one a line)"
    )]
    Counts {
        /// "documents" or "queries".
        what: &'static str,
        /// Path of an array.
        first: String,
        /// Its rows.
        first_rows: usize,
        /// Path of another.
        second: String,
        /// Its rows.
        second_rows: usize,
    },
    /// Ids or labels that are of no array's length.
    #[error(
        "{path} has {entries} {what}, and no array of vectors has as many rows ({arrays}); hand in one for each row"
    )]
    Entries {
        /// Path of the ids or labels.
        path: String,
        /// "ids" or "labels".
        what: &'static str,
        /// How many there are.
        entries: usize,
        /// The arrays and their rows.
        arrays: String,
    },
    /// Two files of ids or labels for the same rows.
    #[error("{first} and {second} both are {what} of {array}; leave one of them out")]
    Both {
        /// "ids" or "labels".
        what: &'static str,
        /// Path of one.
        first: String,
        /// Path of the other.
        second: String,
        /// Path of the vectors.
        array: String,
    },
    /// Two models without a document or query in common.
    #[error(
        "none of the {what} of {first} (such as `{first_id}`) has an id of {second} (such as `{second_id}`); give both models' {what} \
         the same ids"
    )]
    Disjoint {
        /// "documents" or "queries".
        what: &'static str,
        /// Path of the old model's array.
        first: String,
        /// One of its ids.
        first_id: String,
        /// Path of the new model's array.
        second: String,
        /// One of its ids.
        second_id: Box<str>,
    },
    /// Most rows are no numbers.
    #[error("{rows} of {all} {what} have a number that is NaN, infinite or missing ({names}); embed them again")]
    NotFinite {
        /// "documents" or "queries".
        what: &'static str,
        /// How many.
        rows: usize,
        /// Of how many.
        all: usize,
        /// The first of them.
        names: String,
    },
    /// Judgements without queries.
    #[error(
        "{path} judges queries, and there are no vectors of queries; hand them in for both models, such as queries_old.npy and \
             queries_new.npy"
    )]
    NoQueries {
        /// Path of the judgements.
        path: String,
    },
    /// Judgements that name nothing that is there.
    #[error(
        "none of the judgements of {path} is of a query and a document that are here: it names the query `{query}` and the document \
         `{document}`, the arrays {have}; hand in ids beside the vectors (such as corpus_ids.txt and queries_ids.txt, one a line)"
    )]
    Judgements {
        /// Path of the judgements.
        path: String,
        /// A query's id in them.
        query: String,
        /// A document's id in them.
        document: String,
        /// What the arrays have.
        have: String,
    },
    /// What is left makes no question.
    #[error(transparent)]
    Decide(#[from] DecideError),
}
