//! The targets of the fuzzer take a few inputs each, so that they stay alive.
#![allow(missing_docs)]

#[path = "../examples/fuzz/mutate.rs"]
mod mutate;
#[path = "../examples/fuzz/targets.rs"]
mod targets;

#[test]
fn every_target_takes_damaged_files() {
    for target in targets::all() {
        assert!(target.memory >= 1 << 20, "{}", target.name);
        for number in 0..200 {
            let files = target.input(1, number);
            assert_eq!(files, target.input(1, number), "an input is the same whenever it is asked for");
            let said = format!("{}, input {number}: {}", target.name, targets::described(&files));
            let read = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| target.hand_in(files)));
            assert!(read.is_ok(), "{said}");
        }
    }
}
