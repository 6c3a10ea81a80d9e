//! The shape that flows through written steps.

use crate::LabError;

/// Shape of one item between two steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// Channels, rows, columns.
    Maps([usize; 3]),
    /// Tokens, numbers per token.
    Tokens([usize; 2]),
    /// Numbers.
    Row(usize),
}

impl Shape {
    /// All numbers of an item.
    pub(super) fn size(self) -> usize {
        match self {
            Self::Maps(sides) => sides.iter().product(),
            Self::Tokens(sides) => sides.iter().product(),
            Self::Row(size) => size,
        }
    }

    /// The sides of maps, which `what` needs.
    pub(super) fn maps(self, what: &str) -> Result<[usize; 3], LabError> {
        match self {
            Self::Maps(sides) => Ok(sides),
            _ => Err(LabError::File(format!("its forward pass has {what} where there are no maps"))),
        }
    }

    /// Number and width of tokens, which `what` needs.
    pub(super) fn tokens(self, what: &str) -> Result<[usize; 2], LabError> {
        match self {
            Self::Tokens(sides) => Ok(sides),
            _ => Err(LabError::File(format!("its forward pass has {what} where there are no tokens"))),
        }
    }

    /// The length of a row, which `what` needs.
    pub(super) fn row(self, what: &str) -> Result<usize, LabError> {
        match self {
            Self::Row(size) => Ok(size),
            _ => Err(LabError::File(format!("its forward pass has {what} before flattening"))),
        }
    }

    /// The length of a row or of each token, which `what` needs.
    pub(super) fn width(self, what: &str) -> Result<usize, LabError> {
        match self {
            Self::Tokens([_, width]) => Ok(width),
            _ => self.row(what),
        }
    }

    /// The same with rows or tokens of another width.
    pub(super) fn with_width(self, width: usize) -> Self {
        match self {
            Self::Tokens([count, _]) => Self::Tokens([count, width]),
            _ => Self::Row(width),
        }
    }
}
