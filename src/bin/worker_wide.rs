//! The worker with the CPU engine and every family of methods, loaded only where a run needs one that `worker` lacks.

#[cfg(target_arch = "wasm32")]
fn main() {
    upgrade_lab::worker::start();
}

#[cfg(not(target_arch = "wasm32"))]
fn main() {
    eprintln!("This program runs in a browser: build it with `cargo xtask build`.");
}
