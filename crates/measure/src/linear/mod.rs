//! Linear algebra of large matrices that lie row after row: products in vector instructions, and what is made of them.
//!
//! Whoever computes says who watches: a fit that takes long can be told of and broken off, and what is [`Unwatched`] goes on to its end.

pub mod cholesky;
pub mod polar;
pub mod products;
#[cfg(test)]
mod testing;

/// Is told of work as it is done, and may break it off.
pub trait Watch {
    /// What it is broken off with.
    type Error: From<LinearError>;

    /// So many multiply-adds more are done.
    ///
    /// # Errors
    /// The work is to be broken off.
    fn advance(&mut self, amount: f64) -> Result<(), Self::Error>;
}

/// Lets everything go on.
#[derive(Clone, Copy, Debug, Default)]
pub struct Unwatched;

impl Watch for Unwatched {
    type Error = LinearError;

    fn advance(&mut self, _: f64) -> Result<(), LinearError> {
        Ok(())
    }
}

/// Why a matrix has no result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LinearError {
    /// It has no numbers, or one that is NaN or infinite.
    #[error("the matrix has no numbers, or one that is not finite; hand in another")]
    NotFinite,
    /// It is none that a system of equations can be solved with.
    #[error("the matrix is not positive definite; hand in rows that differ more")]
    Indefinite,
    /// Rows do not become orthonormal.
    #[error("the iteration does not converge; hand in rows that differ more")]
    NotConverged,
}
