//! A dataset in the making: which items are taken, and the files that they are written to.

pub(crate) mod encode;
pub(crate) mod made;
pub(crate) mod select;
