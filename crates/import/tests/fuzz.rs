//! The targets of the fuzzer take a few inputs each, so that they stay alive.
#![allow(missing_docs)]

#[path = "../examples/fuzz/columns.rs"]
mod columns;
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

#[test]
fn whole_files_of_columns_are_read() {
    let read = |way| {
        let file = import::NamedFile { path: "e.parquet".into(), bytes: columns::parquet(way).unwrap() };
        let gathered = import::vectors::gather(vec![file], &import::vectors::Gathering::default(), &mut |_| {});
        format!("{gathered:?}")
    };
    let all: Vec<String> = columns::ways().into_iter().map(read).collect();
    let first = &all[0];
    assert!(first.contains("data: [0.0, 0.0, 0.5, -0.5, 1.0, -1.0, 1.25, -1.25]"), "{first}");
    assert!(all.iter().all(|other| other == first), "however it is written, a file says the same");
}
