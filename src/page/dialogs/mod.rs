//! What lies over the page: the command palette, the shortcuts, the kept runs, a sweep, a picture of one's own, a decision between two
//! embedding models, a fault, a tour, the library.

mod answers;
mod compare;
mod decide;
pub mod fault;
mod help;
mod library;
pub mod overlay;
mod own_query;
mod palette;
mod runs;
mod sweep;
pub mod tour;
mod walk;
