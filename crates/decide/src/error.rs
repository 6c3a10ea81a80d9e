//! Why something cannot be decided, each with a sentence that can be shown as it is.

use measure::linear::LinearError;

/// A fault of what was brought. Every message says what, where and what to do.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum DecideError {
    /// Numbers that make no rows.
    #[error("{numbers} numbers make no rows of {dims}; hand in an array of shape [rows, dims]")]
    Shape {
        /// How many numbers there are.
        numbers: usize,
        /// How many a row would have.
        dims: usize,
    },
    /// NaN or infinity.
    #[error(
        "row {row}, column {column} (counted from 0) is no finite number; correct it or leave the row out everywhere"
    )]
    NotFinite {
        /// The row.
        row: usize,
        /// The column.
        column: usize,
    },
    /// Too little to measure anything.
    #[error("there are {count} {what}, and it takes at least {least}; hand in more")]
    TooFew {
        /// Of what.
        what: &'static str,
        /// How many there are.
        count: usize,
        /// How many it takes.
        least: usize,
    },
    /// Two arrays that belong together and are of different length.
    #[error(
        "{model} has {found} {what} where there are {expected}; hand in one row for each, in the same order or with ids"
    )]
    Lengths {
        /// Documents or queries.
        what: &'static str,
        /// Whose.
        model: String,
        /// How many it has.
        found: usize,
        /// How many there are.
        expected: usize,
    },
    /// Queries and documents of one model that cannot be compared.
    #[error("{model} has queries of {queries} dims and documents of {documents}; hand in both by the same model")]
    Dims {
        /// Whose.
        model: String,
        /// Numbers of a query.
        queries: usize,
        /// Numbers of a document.
        documents: usize,
    },
    /// A judgement of a document that is not there, or with a grade of 0 or less.
    #[error("a judgement names a document that is not there, or has a grade of 0 or less; leave it out")]
    Judgement,
    /// Relevance of other queries or documents than there are.
    #[error("there are not as many judgements or labels as queries and documents; hand in one for each")]
    Relevance,
    /// Labels, tasks or texts of other queries or documents than there are.
    #[error("there are not as many labels, tasks or texts as queries and documents; hand in one for each")]
    Beside,
    /// Something that cannot be computed of these rows.
    #[error("{what} cannot be computed: {why}")]
    Undefined {
        /// What.
        what: &'static str,
        /// Why, and what to do.
        why: String,
    },
    /// It was broken off.
    #[error("it was cancelled")]
    Cancelled,
}

impl From<LinearError> for DecideError {
    fn from(error: LinearError) -> Self {
        let (what, why) = match error {
            LinearError::NotFinite => {
                ("an orthogonal map", "the products of the rows are not finite; hand in other rows")
            }
            LinearError::Indefinite => {
                ("a system of equations", "its matrix is not positive definite; hand in rows that differ more")
            }
            LinearError::NotConverged => {
                ("an orthogonal map", "the iteration does not converge; hand in rows that differ more")
            }
        };
        Self::Undefined { what, why: why.to_owned() }
    }
}
