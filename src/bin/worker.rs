//! The worker with the CPU engine, for runs of compatibility.

#[cfg(target_arch = "wasm32")]
fn main() {
    upgrade_lab::worker::start();
}

#[cfg(not(target_arch = "wasm32"))]
fn main() {
    eprintln!("This program runs in a browser: build it with `cargo xtask build`.");
}
