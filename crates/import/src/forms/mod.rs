//! The forms that a dataset can be handed in as, one module each. Arrays of pixels have a common end in `arrays`.

pub(crate) mod arrays;
pub(crate) mod cifar;
pub(crate) mod embeddings;
pub(crate) mod folder;
pub(crate) mod idx;
pub(crate) mod listing;
pub(crate) mod stacks;
pub(crate) mod table;
