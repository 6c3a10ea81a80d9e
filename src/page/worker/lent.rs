//! Own datasets that the browser does not keep: the page holds them as long as it is open, and lends them to every worker.

use std::cell::RefCell;
use std::collections::BTreeMap;

use protocol::Command;

/// Paths and contents of files.
type Files = Vec<(String, Vec<u8>)>;

thread_local! {
    /// The files of each dataset, by its id.
    static HELD: RefCell<BTreeMap<String, Files>> = const { RefCell::new(BTreeMap::new()) };
}

/// Holds the files of a dataset from now on. Workers that listen already are to be given them.
pub fn hold(id: String, files: Files) -> (Command, Vec<Vec<u8>>) {
    let lent = lend(&files);
    HELD.with_borrow_mut(|held| held.insert(id, files));
    lent
}

/// Lets the files of a dataset go; says whether they were held.
pub fn let_go(id: &str) -> bool {
    HELD.with_borrow_mut(|held| held.remove(id)).is_some()
}

/// What a new worker is to be told before all else.
pub fn all() -> Vec<(Command, Vec<Vec<u8>>)> {
    HELD.with_borrow(|held| held.values().map(lend).collect())
}

fn lend(files: &Files) -> (Command, Vec<Vec<u8>>) {
    let (paths, contents) = files.iter().cloned().unzip();
    (Command::Lend { paths }, contents)
}
