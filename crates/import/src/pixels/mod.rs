//! Pictures: from their files to pixels, and to the size that is wanted.

pub(crate) mod depth;
pub(crate) mod foreign;
pub(crate) mod picture;
pub(crate) mod resize;
pub(crate) mod stack;
