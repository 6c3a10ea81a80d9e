//! A dataset between the form that it came in and the files that it is written to.

use data::ImageShape;
use protocol::GivenModel;

/// A class and its items.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Class<S> {
    pub name: String,
    pub train: Vec<S>,
    pub test: Vec<S>,
}

/// A dataset before it is written: images channel by channel, all of one shape; or rows of numbers.
pub(crate) struct Made<T = u8> {
    pub shape: ImageShape,
    /// The models whose embeddings a row holds, oldest first; none of images.
    pub given: Vec<GivenModel>,
    pub classes: Vec<Class<Vec<T>>>,
    /// The rules by which they were chosen and changed.
    pub sampling: String,
}
