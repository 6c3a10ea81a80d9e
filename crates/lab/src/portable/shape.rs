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
    /// All numbers of an item; the largest number there is where they are more.
    pub(super) fn size(self) -> usize {
        let product = |sides: &[usize]| sides.iter().fold(1, |size: usize, &side| size.saturating_mul(side));
        match self {
            Self::Maps(sides) => product(&sides),
            Self::Tokens(sides) => product(&sides),
            Self::Row(size) => size,
        }
    }

    /// The same, if it is something and no more than `most` numbers.
    pub(super) fn within(self, most: usize) -> Result<Self, LabError> {
        match self.size() {
            0 => Err(LabError::File("its forward pass has a place where no numbers are left".to_owned())),
            size if size > most => {
                Err(LabError::File(format!("its forward pass makes more than {most} numbers of one item")))
            }
            _ => Ok(self),
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
