//! Why something cannot be measured.

/// Input that has no meaningful measurement. Every message says what is wrong, where, and what to do about it.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum MeasureError {
    /// Features were described as having no columns.
    #[error("the feature dimension is 0; pass the width of the embedding")]
    ZeroDimension,
    /// Features hold no rows at all.
    #[error("there are no feature rows to measure; pass at least one embedding")]
    NoRows,
    /// The values do not fill whole rows.
    #[error("{values} feature values do not split into rows of {dim}; pass whole rows or the right dimension")]
    RaggedRows {
        /// Number of values given.
        values: usize,
        /// Dimension given.
        dim: usize,
    },
    /// A feature is NaN or infinite.
    #[error("the feature in row {row}, column {column} is {value}; the model has diverged or the file is damaged")]
    FeatureNotFinite {
        /// Row of the first such value.
        row: usize,
        /// Column of the first such value.
        column: usize,
        /// The value itself.
        value: f32,
    },
    /// More rows than a ranking can index.
    #[error("{rows} rows exceed the {max} that one ranking can hold; measure a sample")]
    TooManyRows {
        /// Number of rows given.
        rows: usize,
        /// Largest number supported.
        max: usize,
    },
    /// Two inputs that describe the same things differ in length.
    #[error("{what}: {found} given for {expected}; pass exactly one for each")]
    LengthMismatch {
        /// What was counted.
        what: &'static str,
        /// How many are needed.
        expected: usize,
        /// How many were given.
        found: usize,
    },
    /// Too few rows for the estimator to exist.
    #[error("{measure} needs at least {needed} rows, {found} given; measure a larger sample")]
    TooFewRows {
        /// Name of the measure.
        measure: &'static str,
        /// Smallest number of rows.
        needed: usize,
        /// Rows given.
        found: usize,
    },
    /// A parameter lies outside its range.
    #[error("{what} is {value}; choose {min} to {max}")]
    OutOfRange {
        /// Name of the parameter.
        what: &'static str,
        /// The value given.
        value: usize,
        /// Smallest accepted value.
        min: usize,
        /// Largest accepted value.
        max: usize,
    },
    /// A number lies outside its range.
    #[error("{what} is {value}; choose {min} to {max}")]
    NumberOutOfRange {
        /// Name of the number.
        what: &'static str,
        /// The value given.
        value: f64,
        /// Smallest accepted value.
        min: f64,
        /// Largest accepted value.
        max: f64,
    },
    /// An adapter was handed the embeddings of another model than the one it maps from.
    #[error("the adapter maps {from} to {to} but these are embeddings of {given}; pass those of {from} or fit anew")]
    WrongDirection {
        /// Model whose embeddings the adapter takes.
        from: String,
        /// Model in whose space it puts them.
        to: String,
        /// Model of the embeddings given.
        given: String,
    },
    /// A score is NaN or infinite.
    #[error(
        "the score of query model {query} on gallery model {gallery} is {value}; leave the cell out if it was not measured"
    )]
    ScoreNotFinite {
        /// Query model, from 0.
        query: usize,
        /// Gallery model, from 0.
        gallery: usize,
        /// The value given.
        value: f64,
    },
    /// A value of a sample is NaN or infinite.
    #[error("value {at} of {what} is {value}; leave out what was not measured")]
    ValueNotFinite {
        /// What the sample is for.
        what: &'static str,
        /// Place of the first such value, from 0.
        at: usize,
        /// The value itself.
        value: f64,
    },
    /// A score on a task is infinite.
    #[error("the score on task {task} after stage {stage} is {value}; leave the cell out if it was not measured")]
    TaskScoreNotFinite {
        /// Stage, from 0.
        stage: usize,
        /// Task, from 0.
        task: usize,
        /// The value given.
        value: f64,
    },
    /// Features without any spread have no direction to compare.
    #[error("{measure} is undefined because the {side} features do not vary; the embedding has collapsed")]
    NoVariance {
        /// Name of the measure.
        measure: &'static str,
        /// Which of the inputs.
        side: &'static str,
    },
    /// The iteration for eigenvalues or singular values gave up.
    #[error("the decomposition of a {rows} x {columns} covariance did not converge; rescale the features")]
    NotConverged {
        /// Rows of the covariance.
        rows: usize,
        /// Columns of the covariance.
        columns: usize,
    },
}
