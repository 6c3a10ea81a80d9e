//! The page: Leptos components over the plain views of [`crate::view`].
//!
//! Data goes one way. The worker's events wait in a queue, one animation frame folds them into the run log, the log is one
//! signal, and everything on the page is a memo of it. What a person asks for goes back as commands.

mod app;
mod archive;
mod blocks;
mod claims;
mod classes;
mod controls;
mod curves;
mod edge;
mod engine_client;
mod fault;
mod files;
mod help;
mod hooks;
mod images;
mod intent;
mod interrupted;
mod keys;
mod lab;
mod late;
mod ledger;
mod link;
mod live;
mod map;
mod map_canvas;
mod matrix;
mod notices;
mod operations;
mod overlay;
mod own;
mod palette;
mod phases;
mod recorded;
mod runs;
mod save_menu;
mod scores;
mod scrubber;
mod session;
mod setup;
mod speed;
mod storage;
mod strips;
mod sweep;
mod sweep_dialog;
mod tape;
mod theme;
mod timeline;
mod tour;
mod transport;
mod verdict;
mod worker_file;
mod worker_handle;

/// Puts the page into the document and starts a worker.
pub fn start() {
    console_error_panic_hook::set_once();
    leptos::mount::mount_to_body(app::App);
}
