//! The page's end of its workers: which program, started how, spoken to how.

pub mod engine_client;
pub mod errand;
pub mod lent;
mod watch;
mod worker_file;
mod worker_handle;

pub use watch::Report;
pub use worker_file::{WorkerFile, gpu_program};
