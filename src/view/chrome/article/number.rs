//! Numbers of a run by what they are called in a text, so that no text holds one itself.
//!
//! | written | is |
//! | --- | --- |
//! | `map v2/v1`, `top1 v2/v1`, `seen v2/v1`, `unseen v2/v1` | a cell of the matrix: mAP, top-1, mAP over classes that the first model saw or did not see |
//! | `chance`, `items` | what a random ranking scores; how many test items there are |
//! | `verdict tax`, ... | a number of the last verdict |
//! | `chain passing`, ... | a score of a chain |
//! | `backfill v2 50`, `backfill v2 50 class-mean` | mAP at this share of a backfill, in random order or by the mean of each class |
//! | `backfill-top1 v2 50`, `backfill-top1 v2 50 class-mean` | top-1 at it |
//! | `reading v2 accuracy task 1` | the last reading of a quantity |
//! | `cell probes v2* 1` | a cell of a table, by the name of its row and the place of its column |
//! | `map v2/v1 - map v1/v1` | a difference, with its sign |

use protocol::{BackfillOrder, BackfillPoint, Cell, ModelId, Quantity, Rates, RunLog, Verdict};

use crate::view::draw::format;

/// A number and how it is told.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Amount {
    /// The number; rates are fractions.
    pub value: f64,
    unit: Unit,
}

/// How a number is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unit {
    /// Hundredths with one decimal.
    Points,
    /// The same with a sign.
    Signed,
    /// Whole percent.
    Percent,
    /// Two decimals.
    Plain,
    /// In about three figures.
    Rounded,
    /// A whole number.
    Count,
}

impl Amount {
    /// As a person reads it.
    pub fn told(self) -> String {
        match self.unit {
            Unit::Points => format::points(self.value),
            Unit::Signed => format::signed_points(self.value),
            Unit::Percent => format::percent(self.value),
            Unit::Plain => format!("{:.2}", self.value),
            Unit::Rounded => format::rounded(self.value),
            // Counts are small.
            Unit::Count => format::count(self.value.max(0.0) as u64),
        }
    }
}

/// The number that is called by `text` in a run; `None` where the run has none or the text calls none.
pub fn amount(text: &str, log: &RunLog) -> Option<Amount> {
    if let Some((from, less)) = text.rsplit_once(" - ") {
        return Some(Amount { value: amount(from, log)?.value - amount(less, log)?.value, unit: Unit::Signed });
    }
    let words: Vec<&str> = text.split_whitespace().collect();
    match words.as_slice() {
        ["map", pair] => Some(points(cell(log, pair)?.all.map)),
        ["top1", pair] => Some(points(cell(log, pair)?.all.cmc1)),
        ["seen", pair] => Some(points(cell(log, pair)?.seen.as_ref()?.map)),
        ["unseen", pair] => Some(points(cell(log, pair)?.unseen.as_ref()?.map)),
        ["chance"] => Some(points(log.chance.as_ref().map(|rates: &Rates| rates.map)?)),
        ["items"] => Some(Amount { value: log.test_labels.len() as f64, unit: Unit::Count }),
        ["verdict", field] => judged(log.verdicts.last()?, field),
        ["chain", field] => chained(log, field),
        ["backfill", query, percent, order @ ..] => Some(points(backfilled(log, query, percent, order)?.map)),
        ["backfill-top1", query, percent, order @ ..] => Some(points(backfilled(log, query, percent, order)?.cmc1)),
        ["reading", model, quantity, of @ ..] => {
            told_as(log, quantity, log.reading(model.parse().ok()?, quantity, &of.join(" "))?)
        }
        ["cell", table, row, column] => {
            let table = log.table(table)?;
            let row = table.rows.iter().position(|name| name == row)?;
            let column = column.parse::<usize>().ok()?.checked_sub(1)?;
            told_as(log, &table.quantity, table.cell(row, column)?)
        }
        _ => None,
    }
}

fn points(value: f64) -> Amount {
    Amount { value, unit: Unit::Points }
}

fn backfilled<'l>(log: &'l RunLog, query: &str, percent: &str, order: &[&str]) -> Option<&'l BackfillPoint> {
    let (query, percent): (ModelId, f64) = (query.parse().ok()?, percent.parse().ok()?);
    let order = match order {
        [] => BackfillOrder::Random,
        ["class-mean"] => BackfillOrder::ClassMean,
        _ => return None,
    };
    let curve = log.backfills.iter().find(|it| (it.query, it.order, it.dual) == (query, order, false))?;
    let near = |fraction: f64| (100.0 * fraction - percent).abs() < 0.5;
    curve.points.iter().find(|point| near(point.fraction))
}

/// The cell of a pair such as `v2/v1`.
fn cell<'a>(log: &'a RunLog, pair: &str) -> Option<&'a Cell> {
    let (query, gallery) = pair.split_once('/')?;
    log.cell(query.parse().ok()?, gallery.parse().ok()?)
}

fn told_as(log: &RunLog, quantity: &str, value: f64) -> Option<Amount> {
    let fraction = log.quantity(quantity).is_some_and(Quantity::is_fraction);
    Some(Amount { value, unit: if fraction { Unit::Percent } else { Unit::Rounded } })
}

fn judged(verdict: &Verdict, field: &str) -> Option<Amount> {
    let (value, unit) = match field {
        "update-gain" => (verdict.update_gain?, Unit::Percent),
        "tax" => (verdict.tax, Unit::Signed),
        "nfr" => (verdict.nfr, Unit::Percent),
        "pfr" => (verdict.pfr, Unit::Percent),
        "cka-independent" => (verdict.cka_independent, Unit::Plain),
        "stored" => (f64::from(verdict.cost.stored), Unit::Count),
        "stored-before" => (f64::from(verdict.cost.stored_before), Unit::Count),
        "passes" => (f64::from(verdict.cost.passes), Unit::Count),
        _ => return None,
    };
    Some(Amount { value, unit })
}

fn chained(log: &RunLog, field: &str) -> Option<Amount> {
    let chain = log.chain.as_ref()?;
    let upgrades = chain.upgrades();
    let passing = |failed: usize| upgrades.saturating_sub(failed) as f64;
    let (value, unit) = match field {
        "upgrades" => (upgrades as f64, Unit::Count),
        "passing" => (passing(chain.map.failed.len()), Unit::Count),
        "passing-top1" => (passing(chain.cmc1.failed.len()), Unit::Count),
        "bc" => (chain.map.bc, Unit::Signed),
        "fc" => (chain.map.fc, Unit::Signed),
        _ => return None,
    };
    Some(Amount { value, unit })
}

#[cfg(test)]
mod tests {
    use protocol::{Backfill, Event};

    use super::*;
    use crate::view::testing::{NEW, OLD, cell, chain, half_way, knowledge, rates};

    fn told(text: &str, log: &RunLog) -> Option<String> {
        amount(text, log).map(Amount::told)
    }

    #[test]
    fn a_cell_of_the_matrix_and_differences_are_in_points() {
        let mut log = half_way();
        assert_eq!(told("map v2/v1", &log), None, "the final matrix is not there yet");
        let cells = vec![cell(OLD, OLD, 0.4), cell(NEW, OLD, 0.45)];
        log.apply(&Event::MatrixMeasured { cells, chance: rates(0.1) });
        let all = ["map v2/v1", "top1 v1/v1", "seen v2/v1", "unseen v2/v1", "chance", "items"];
        let expected = ["45.0", "50.0", "50.0", "40.0", "10.0", "6"];
        assert_eq!(all.map(|text| told(text, &log)), expected.map(|text| Some(text.to_owned())));
        assert_eq!(told("map v2/v1 - map v1/v1", &log).as_deref(), Some("+5.0"));
        assert_eq!(told("map v2/v1 - map v3/v1", &log), None);
        assert_eq!(told("map v2/v1 - map v1/v1 - chance", &log).as_deref(), Some("\u{2212}5.0"), "from the left");
    }

    #[test]
    fn a_backfill_is_told_by_both_scores_and_orders() {
        let mut log = half_way();
        for (order, map) in [(BackfillOrder::Random, 0.5), (BackfillOrder::ClassMean, 0.3)] {
            let points = vec![BackfillPoint { fraction: 0.5, map, cmc1: map + 0.1 }];
            let backfill = Backfill { query: NEW, gallery: OLD, order, dual: false, points, area: map, dip: 0.0 };
            log.apply(&Event::BackfillMeasured { backfill });
        }
        let all =
            ["backfill v2 50", "backfill v2 50 class-mean", "backfill-top1 v2 50", "backfill-top1 v2 50 class-mean"];
        let expected = ["50.0", "30.0", "60.0", "40.0"];
        assert_eq!(all.map(|text| told(text, &log)), expected.map(|text| Some(text.to_owned())));
        assert_eq!((told("backfill v2 60", &log), told("backfill v2 50 backwards", &log)), (None, None));
    }

    #[test]
    fn readings_and_cells_of_tables_are_told_by_their_quantity() {
        let log = knowledge();
        let all = ["reading v1 accuracy task 1", "reading v1 distance", "cell accuracy v2 2", "cell accuracy v1 2"];
        let expected = [Some("75 %"), Some("4"), Some("100 %"), None];
        assert_eq!(all.map(|text| told(text, &log)), expected.map(|text| text.map(str::to_owned)));
    }

    #[test]
    fn a_chain_tells_how_many_upgrades_pass() {
        let log = chain();
        let all = ["chain passing", "chain upgrades", "chain bc", "chain fc"];
        assert_eq!(all.map(|text| told(text, &log).unwrap_or_default()), ["5", "6", "+5.0", "\u{2212}8.0"]);
    }

    #[test]
    fn what_calls_nothing_has_no_number() {
        for text in
            ["", "map", "map v2", "cell accuracy v9 1", "cell accuracy v1 0", "verdict tax", "backfill v2 50", "x y"]
        {
            assert_eq!(told(text, &knowledge()), None, "{text}");
        }
    }
}
