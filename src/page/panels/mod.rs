//! What shows the state and stands on the page: the instruments, the timeline, the set-up, the transport.

mod badge;
mod blocks;
mod claims;
mod classes;
pub mod controls;
pub mod curves;
pub mod edge;
mod ledger;
pub mod map;
mod map_canvas;
pub mod matrix;
pub mod notices;
mod operations;
mod phases;
pub mod save_menu;
mod scores;
mod scrubber;
pub mod setup;
mod speed;
pub mod strips;
mod thumbnail;
pub mod timeline;
pub mod transport;
mod verdict;
