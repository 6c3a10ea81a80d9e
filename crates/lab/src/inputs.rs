//! What models take: a batch of items on a device.

use burn::tensor::{Device, Int, Tensor};

use crate::LabError;

/// A batch of items. Which variant it is decides, in a model of two towers, which of them looks at it.
#[derive(Clone, Debug)]
pub enum Inputs {
    /// Pictures, `[batch, channels, height, width]`, each channel normalised.
    Pixels(Tensor<4>),
    /// Rows of numbers, `[batch, width]`.
    Rows(Tensor<2>),
    /// Sequences of tokens, `[batch, length]`.
    Tokens(Tensor<2, Int>),
}

impl Inputs {
    /// How many items.
    pub fn len(&self) -> usize {
        match self {
            Self::Pixels(items) => items.dims()[0],
            Self::Rows(items) => items.dims()[0],
            Self::Tokens(items) => items.dims()[0],
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Where they are.
    pub fn device(&self) -> Device {
        match self {
            Self::Pixels(items) => items.device(),
            Self::Rows(items) => items.device(),
            Self::Tokens(items) => items.device(),
        }
    }

    /// The same items for a training, which keeps track of gradients.
    pub fn autodiff(self) -> Self {
        match self {
            Self::Pixels(items) => Self::Pixels(items.autodiff()),
            Self::Rows(items) => Self::Rows(items.autodiff()),
            Self::Tokens(items) => Self::Tokens(items.autodiff()),
        }
    }

    /// The same items without gradients.
    pub fn inner(self) -> Self {
        match self {
            Self::Pixels(items) => Self::Pixels(items.inner()),
            Self::Rows(items) => Self::Rows(items.inner()),
            Self::Tokens(items) => Self::Tokens(items.inner()),
        }
    }

    /// The items one by one, each a batch of one.
    pub fn each(&self) -> impl Iterator<Item = Self> + '_ {
        self.batches(1)
    }

    /// The items in batches of so many, at least 1; of the last there may be fewer.
    pub fn batches(&self, size: usize) -> impl Iterator<Item = Self> + '_ {
        let (size, all) = (size.max(1), self.len());
        (0..all).step_by(size).map(move |at| {
            let count = size.min(all - at);
            match self {
                Self::Pixels(items) => Self::Pixels(items.clone().narrow(0, at, count)),
                Self::Rows(items) => Self::Rows(items.clone().narrow(0, at, count)),
                Self::Tokens(items) => Self::Tokens(items.clone().narrow(0, at, count)),
            }
        })
    }

    /// The pictures, `[batch, channels, height, width]`.
    ///
    /// # Errors
    /// [`LabError::Items`] if they are something else.
    pub fn pixels(&self) -> Result<Tensor<4>, LabError> {
        match self {
            Self::Pixels(items) => Ok(items.clone()),
            other => Err(other.refused("pictures")),
        }
    }

    /// The numbers of each item in a row, `[batch, numbers]`: rows as they are, pictures channel by channel.
    ///
    /// # Errors
    /// [`LabError::Items`] if they are sequences.
    pub fn flat(&self) -> Result<Tensor<2>, LabError> {
        match self {
            Self::Pixels(items) => {
                let [batch, channels, height, width] = items.dims();
                Ok(items.clone().reshape([batch, channels * height * width]))
            }
            Self::Rows(items) => Ok(items.clone()),
            Self::Tokens(_) => Err(self.refused("numbers")),
        }
    }

    /// The sequences, `[batch, length]`.
    ///
    /// # Errors
    /// [`LabError::Items`] if they are something else.
    pub fn tokens(&self) -> Result<Tensor<2, Int>, LabError> {
        match self {
            Self::Tokens(items) => Ok(items.clone()),
            other => Err(other.refused("sequences of tokens")),
        }
    }

    fn refused(&self, wanted: &'static str) -> LabError {
        let given = match self {
            Self::Pixels(_) => "pictures",
            Self::Rows(_) => "rows of numbers",
            Self::Tokens(_) => "sequences of tokens",
        };
        LabError::Items { wanted, given }
    }
}
