//! What shows the state and stands on the page: the instruments, the timeline, the set-up, the transport.
//!
//! What the pure half of the table of panels names ([`crate::view::chrome::instrument`]), [`table`] draws.

mod badge;
mod blocks;
mod bringing;
pub mod claims;
mod classes;
pub mod controls;
pub mod curves;
pub mod edge;
mod exhibits;
mod explanation;
mod ledger;
pub mod map;
mod map_canvas;
mod map_tools;
mod map_words;
pub mod matrix;
pub mod notices;
mod numbers;
pub mod on_show;
mod operations;
mod panel_menu;
mod phases;
pub mod readable;
pub mod save_menu;
mod scores;
mod scrubber;
pub mod setup;
mod speed;
pub mod strips;
pub mod table;
mod tables;
pub mod term;
pub mod thumbnail;
pub mod timeline;
pub mod transport;
mod verdict;
