//! The worker that makes a dataset of a person's own images or embeddings.

#[cfg(target_arch = "wasm32")]
fn main() {
    upgrade_lab::importer::start();
}

#[cfg(not(target_arch = "wasm32"))]
fn main() {
    eprintln!("This program runs in a browser: build it with `cargo xtask build`.");
}
