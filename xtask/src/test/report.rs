//! The table at the end of a test run.

use std::fmt::Write;
use std::time::Duration;

use super::Stage;
use super::tally::Tally;

/// How a stage ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing to complain about.
    Passed,
    /// A test, a lint or a build failed.
    Failed,
    /// A stage that this one needs failed.
    NotRun,
}

/// One line of the table.
pub struct Row {
    /// The stage.
    pub stage: Stage,
    /// Its name on the command line.
    pub name: String,
    /// How it ended.
    pub outcome: Outcome,
    /// Its tests, as far as its runner counts them.
    pub tally: Tally,
    /// Wall-clock time.
    pub took: Duration,
}

/// The table and the closing line `N passed, N failed`. The closing line counts tests; a stage that failed without a failing test
/// (a lint, the build, a crashed runner) counts as one failure, so that the line never claims more than is true.
pub fn summary(rows: &[Row]) -> String {
    let mut text = String::from("\nstage        result   time   tests\n");
    let mut total = Tally::default();
    for row in rows {
        let result = match row.outcome {
            Outcome::Passed => "passed",
            Outcome::Failed => "failed",
            Outcome::NotRun => "not run",
        };
        let seconds = row.took.as_secs();
        let tests = if row.tally == Tally::default() {
            String::new()
        } else {
            format!("{} passed, {} failed", row.tally.passed, row.tally.failed)
        };
        // Writing to a string cannot fail.
        writeln!(text, "{:12} {result:7} {:3}:{:02}   {tests}", row.name, seconds / 60, seconds % 60).ok();
        total += row.tally;
        if row.outcome == Outcome::Failed && row.tally.failed == 0 {
            total.failed += 1;
        }
    }
    writeln!(text, "\n{} passed, {} failed", total.passed, total.failed).ok();
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(stage: Stage, outcome: Outcome, passed: u64, failed: u64) -> Row {
        Row {
            stage,
            name: format!("{stage:?}"),
            outcome,
            tally: Tally { passed, failed },
            took: Duration::from_secs(75),
        }
    }

    #[test]
    fn closing_line_counts_tests() {
        let text = summary(&[row(Stage::Lint, Outcome::Passed, 0, 0), row(Stage::Native, Outcome::Failed, 7, 2)]);
        assert!(text.ends_with("\n7 passed, 2 failed\n"), "{text}");
        assert!(text.contains("Native       failed    1:15   7 passed, 2 failed"), "{text}");
    }

    #[test]
    fn a_stage_that_fails_without_a_failing_test_is_one_failure() {
        let text = summary(&[row(Stage::Native, Outcome::Passed, 7, 0), row(Stage::Build, Outcome::Failed, 0, 0)]);
        assert!(text.ends_with("\n7 passed, 1 failed\n"), "{text}");
    }
}
