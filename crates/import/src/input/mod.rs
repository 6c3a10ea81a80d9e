//! What was handed in: files by path, whatever they came in, and what they are.

pub(crate) mod kind;
pub(crate) mod names;
pub(crate) mod npy;
pub(crate) mod path;
pub(crate) mod store;
