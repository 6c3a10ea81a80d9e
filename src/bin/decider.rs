//! The worker that judges what to do when an embedding model is replaced.

#[cfg(target_arch = "wasm32")]
fn main() {
    upgrade_lab::decider::start();
}

#[cfg(not(target_arch = "wasm32"))]
fn main() {
    eprintln!("This program runs in a browser: build it with `cargo xtask build`.");
}
