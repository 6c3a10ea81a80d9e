//! What stands around the instruments: the timeline with the operation of the index, the transport, the set-up form, what lies over
//! the page, and what the address says of the page.
//!
//! | module | what it makes |
//! | --- | --- |
//! | [`about`] | what a reader must know beside the numbers |
//! | [`actions`], [`chord`] | the one table behind buttons, keys, the palette and the list of shortcuts |
//! | [`palette`] | what the command palette lists, and how it is found |
//! | [`history`] | undo of settings |
//! | [`instrument`], [`arrangement`] | the panels of the page in one table, and which four stand on it |
//! | [`hidden`] | which controls a link hides |
//! | [`tour`] | short tours that follow what the reader does |
//! | [`hot`] | what a change asks of a run under way: an adjustment, or a reset |
//! | [`form`] | the set-up form, from described parameters |
//! | [`article`], [`sections`] | the text below the instruments with its figures and what it sets the page to; how such texts are written |
//! | [`claims`] | what is claimed of a method and what was found |
//! | [`library`] | every system by the kind of change that it makes, found by the words of a problem |
//! | [`timeline`], [`transport`], [`summary`] | where a run stands: as a stepper, as a status line, as a spoken sentence |
//! | [`phases`] | what a training step does, part by part |
//! | [`weights`] | whether the weights of the run on show can be saved, and why not |
//! | [`opened`], [`bringing`] | what files that a reader opens are for, and how far an import of them is |
//! | [`deciding`], [`answers`] | a decision between two embedding models, from files to report; what options answer to one query |
//! | [`pulse`], [`death`] | whether a worker is still heard of, and what is lost where it died |
//! | [`named`], [`on_show`] | what a run is called; what is on show, and how the form differs from it |
//! | [`operations`] | the upgrade in operation: deploy, backfill, cut over, roll back |
//! | [`engine`], [`speed`] | which engines there are, and how fast they are |
//! | [`runs`] | finished runs that are kept, and how they compare |
//! | [`sweep`] | several methods and seeds at once: which runs, how far they are, what came of them |

pub mod about;
pub mod actions;
pub mod answers;
pub mod arrangement;
pub mod article;
pub mod bringing;
pub mod chord;
pub mod claims;
pub mod death;
pub mod deciding;
pub mod engine;
pub mod form;
pub mod hidden;
pub mod history;
pub mod hot;
pub mod instrument;
pub mod library;
pub mod named;
pub mod on_show;
pub mod opened;
pub mod operations;
pub mod palette;
pub mod phases;
pub mod pulse;
pub mod runs;
pub mod sections;
pub mod speed;
pub mod summary;
pub mod sweep;
pub mod timeline;
pub mod tour;
pub mod transport;
pub mod weights;
