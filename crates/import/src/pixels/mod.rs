//! Pictures: from their files to pixels, and to the size that is wanted.

pub(crate) mod picture;
pub(crate) mod resize;
