//! What holds of the lab as its users see it. One program, since each would be compiled and linked with all of Burn.

mod adjusting;
mod checkpoint;
mod claims;
mod common;
mod continual;
mod drift;
mod export;
mod forms;
mod generating;
mod given;
mod gradients;
mod identities;
mod merging;
mod methods;
mod portable;
mod runs;
mod sequences;
mod unlearning;
