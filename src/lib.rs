//! The page and the workers of Upgrade Lab.
//!
//! - [`view`]: what is shown, as plain functions of the run log; tested natively
//! - `page`: the Leptos components over it (browser only, feature `page`)
//! - `worker`: the browser glue around the runner (browser only, feature `worker`)
//! - `importer`: the browser glue around the import of a person's own images or embeddings (browser only, feature `importer`)
//! - `decider`: the browser glue around the decision between two embedding models (browser only, feature `decider`)
//! - `errand`: what those two have in common
//! - `wire`: how the two talk; `life`: how the page hears of a worker's end; `said`: what a browser says of a failure; `adapter`: what
//!   WebGPU finds here (browser only)

// Not for workers, which would be linked anew with every change of it.
#[cfg(any(not(target_arch = "wasm32"), feature = "page"))]
pub mod view;

#[cfg(all(target_arch = "wasm32", any(feature = "page", feature = "webgpu")))]
pub mod adapter;
#[cfg(all(target_arch = "wasm32", feature = "decider"))]
pub mod decider;
#[cfg(all(target_arch = "wasm32", any(feature = "importer", feature = "decider")))]
pub mod errand;
#[cfg(all(target_arch = "wasm32", feature = "importer"))]
pub mod importer;
#[cfg(all(
    target_arch = "wasm32",
    any(feature = "page", feature = "worker", feature = "importer", feature = "decider")
))]
pub mod life;
#[cfg(all(target_arch = "wasm32", feature = "page"))]
pub mod page;
#[cfg(all(
    target_arch = "wasm32",
    any(feature = "page", feature = "worker", feature = "importer", feature = "decider")
))]
pub mod said;
#[cfg(all(
    target_arch = "wasm32",
    any(feature = "page", feature = "worker", feature = "importer", feature = "decider")
))]
pub mod wire;
#[cfg(all(target_arch = "wasm32", feature = "worker"))]
pub mod worker;
