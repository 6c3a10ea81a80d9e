//! What lies over the page: the command palette, the shortcuts, the kept runs, a sweep, a fault, a tour.

mod compare;
pub mod fault;
mod help;
pub mod overlay;
mod palette;
mod runs;
mod sweep;
pub mod tour;
