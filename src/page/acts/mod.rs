//! What is done when a person or a worker asks for it. Acts change the state and talk to workers and to the browser; panels and dialogs
//! call them.
//!
//! Each may call those below it here, and no other:
//!
//! - [`keys`]; [`live`], the one way from the first program to what runs things; [`intent`], whatever a button stands for
//! - [`files`], [`tour`], [`article`]; [`own`], data that a reader brings
//! - [`run`], the reader's own run; [`edit`], the settings in the form; [`sweep`], [`speed`], other workers; [`own_query`],
//!   a picture to search for; [`decide`], a decision between two embedding models
//! - [`session`], what comes from the worker
//! - [`interrupted`], [`archive`], runs that are kept
//! - [`opened`], runs that a reader opens
//! - [`link`], the address
//! - [`engine`], the worker; [`recorded`], runs that ship; [`pictures`], [`query`], [`theme`]

pub mod archive;
pub mod article;
pub mod decide;
pub mod edit;
pub mod engine;
pub mod files;
pub mod intent;
pub mod interrupted;
pub mod keys;
pub mod link;
pub mod live;
pub mod opened;
pub mod own;
pub mod own_query;
pub mod pictures;
pub mod query;
pub mod recorded;
pub mod run;
pub mod session;
pub mod speed;
pub mod sweep;
pub mod theme;
pub mod tour;
