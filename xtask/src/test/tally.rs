//! Counting tests by the closing lines of the runners.

use std::ops::AddAssign;

/// How many tests passed and failed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Tests that passed.
    pub passed: u64,
    /// Tests that failed.
    pub failed: u64,
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
    }
}

/// A program that runs tests and ends with their counts. Each is read by its own rule only, since one shows the output of another:
/// nextest, for example, prints the whole output of a failed test, closing line included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Runner {
    /// `cargo test`: `test result: ok. 3 passed; 0 failed; ...`, once for each program.
    Cargo,
    /// `cargo nextest`: `Summary [ 0.1s] 3 tests run: 3 passed, 0 skipped`.
    Nextest,
    /// `node --test`: `# pass 3` and the like; with the spec reporter, an information sign in place of the hash.
    Node,
}

impl Runner {
    /// What a line of output adds to the count.
    pub fn tally(self, line: &str) -> Tally {
        let line = line.trim();
        match self {
            Self::Cargo => line.strip_prefix("test result:").map(counts),
            Self::Nextest => line.strip_prefix("Summary [").map(counts),
            Self::Node => line.strip_prefix("# ").or_else(|| line.strip_prefix("\u{2139} ")).map(node_counts),
        }
        .unwrap_or_default()
    }
}

fn counts(text: &str) -> Tally {
    Tally { passed: before(text, "passed"), failed: before(text, "failed") + before(text, "timed out") }
}

fn node_counts(text: &str) -> Tally {
    let after = |name: &str| text.strip_prefix(name).and_then(|rest| rest.trim().parse().ok()).unwrap_or(0);
    Tally { passed: after("pass "), failed: after("fail ") + after("cancelled ") }
}

/// The number before a word, as in `3 passed`; 0 when there is none.
fn before(text: &str, word: &str) -> u64 {
    let number = |head: &str| head.split_whitespace().next_back()?.parse().ok();
    text.split_once(&format!(" {word}")).and_then(|(head, _)| number(head)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_closing_lines_of_the_runners() {
        use Runner::{Cargo, Nextest, Node};
        for (runner, line, passed, failed) in [
            (
                Cargo,
                "test result: ok. 31 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.02s",
                31,
                0,
            ),
            (Cargo, "test result: FAILED. 3 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out", 3, 2),
            (Nextest, "     Summary [   1.214s] 40 tests run: 40 passed, 2 skipped", 40, 0),
            (
                Nextest,
                "     Summary [   1.214s] 40 tests run: 37 passed (1 slow), 2 failed, 1 timed out, 2 skipped",
                37,
                3,
            ),
            (Node, "# pass 8", 8, 0),
            (Node, "\u{2139} pass 8", 8, 0),
            (Node, "\u{2139} fail 2", 0, 2),
            (Node, "\u{2139} cancelled 1", 0, 1),
        ] {
            assert_eq!(runner.tally(line), Tally { passed, failed }, "{line}");
        }
    }

    #[test]
    fn other_lines_count_nothing() {
        for (runner, line) in [
            (Runner::Nextest, "    test result: FAILED. 0 passed; 1 failed; 0 ignored"),
            (Runner::Cargo, "test a ... ok"),
            (Runner::Cargo, "3 passed"),
            (Runner::Node, "# passing judgement"),
            (Runner::Node, "\u{2139} tests 8"),
            (Runner::Node, ""),
        ] {
            assert_eq!(runner.tally(line), Tally::default(), "{line}");
        }
    }
}
