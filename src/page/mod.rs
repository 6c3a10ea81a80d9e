//! The page: Leptos components over the plain views of [`crate::view`].
//!
//! Data goes one way. The worker's events wait in a queue, one animation frame folds them into the run log, the log is one
//! signal, and everything on the page is a memo of it. What a person asks for goes back as commands.
//!
//! - [`article`]: the text below the instruments; [`dialogs`], [`panels`]: what shows the state; they call acts
//! - [`acts`]: what is done when somebody asks for it
//! - [`state`]: signals, each written by its own group alone
//! - [`worker`], [`browser`]: the page's end of its workers, and what it asks of the browser
//!
//! Each may use what is named below it here, but the state uses no workers.

mod acts;
mod app;
mod article;
mod browser;
mod dialogs;
mod panels;
mod state;
mod worker;

/// Puts the page into the document and starts a worker.
pub fn start() {
    console_error_panic_hook::set_once();
    leptos::mount::mount_to_body(app::App);
}
