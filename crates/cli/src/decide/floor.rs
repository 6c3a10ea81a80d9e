//! Scores that must be reached, for a build to stop where they are not.

use std::str::FromStr;

use decide::judge::{Estimate, Metric};
use decide::options::{Choice, OptionRow, Score};
use decide::report::words;
use decide::study::Study;
use decide::verdict::Decision;

/// A cascade is chosen that keeps this share of the full re-index's score.
const KEPT: f64 = 0.8;

/// A score that an option must reach.
#[derive(Clone, Debug, PartialEq)]
pub struct Floor {
    /// As it was written.
    text: String,
    /// Of which option; of the one that the verdict names where that is not said.
    of: Option<Offer>,
    measure: Measure,
    least: f64,
}

/// A kind of option.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Offer {
    Stay,
    Centred,
    Swap,
    Bridge,
    Slerp,
    Cascade,
    Reindex,
}

const OFFERS: [(&str, Offer); 7] = [
    ("stay", Offer::Stay),
    ("centred", Offer::Centred),
    ("swap", Offer::Swap),
    ("bridge", Offer::Bridge),
    ("slerp", Offer::Slerp),
    ("cascade", Offer::Cascade),
    ("reindex", Offer::Reindex),
];

/// What is measured of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Measure {
    Mean(Metric),
    Gain,
    Retention,
    ShareOfGain,
}

const MEASURES: [(&str, Measure); 9] = [
    ("recall", Measure::Mean(Metric::Recall)),
    ("mrr", Measure::Mean(Metric::Mrr)),
    ("ndcg", Measure::Mean(Metric::Ndcg)),
    ("map", Measure::Mean(Metric::LabelMap)),
    ("overlap-new", Measure::Mean(Metric::OverlapNew)),
    ("overlap-old", Measure::Mean(Metric::OverlapOld)),
    ("gain", Measure::Gain),
    ("retention", Measure::Retention),
    ("share-of-gain", Measure::ShareOfGain),
];

impl FromStr for Floor {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let names = |known: Vec<&str>| known.join(", ");
        let (left, least) = text.split_once('=').ok_or("METRIC=VALUE is needed, such as mrr=0.3")?;
        let least: f64 = least.trim().parse().map_err(|_| format!("`{least}` is no number"))?;
        if !least.is_finite() {
            return Err(format!("`{least}` is no number that can be reached"));
        }
        let (of, metric) = left.split_once(':').map_or((None, left), |(of, metric)| (Some(of.trim()), metric));
        let of = of
            .map(|of| {
                let found = OFFERS.iter().find(|(name, _)| name.eq_ignore_ascii_case(of)).map(|&(_, offer)| offer);
                found.ok_or_else(|| {
                    format!("there is no option `{of}`; there are {}", names(OFFERS.map(|(name, _)| name).to_vec()))
                })
            })
            .transpose()?;
        // `Recall@10` as reports have it.
        let metric = metric.trim().split('@').next().unwrap_or_default();
        let found = MEASURES.iter().find(|(name, _)| name.eq_ignore_ascii_case(metric)).map(|&(_, measure)| measure);
        let measure = found.ok_or_else(|| {
            format!("there is no metric `{metric}`; there are {}", names(MEASURES.map(|(name, _)| name).to_vec()))
        })?;
        Ok(Self { text: text.to_owned(), of, measure, least })
    }
}

impl Floor {
    /// Why it is not met, as a sentence; nothing where it is.
    pub fn missed(&self, study: &Study, decision: Decision) -> Option<String> {
        let Some(of) = self.of.or_else(|| named(decision)) else {
            return Some(format!(
                "--fail-below {}: the verdict ({}) names no option; say which, such as bridge:{}.",
                self.text,
                decision.name(),
                self.text
            ));
        };
        let Some(row) = row(study, of) else {
            return Some(format!("--fail-below {}: such an option was not measured.", self.text));
        };
        match measured(study, row, self.measure) {
            // What is no number is not reached.
            Some(found) if found.value >= self.least => None,
            Some(found) => {
                Some(format!("--fail-below {}: it is {} for \"{}\".", self.text, words::estimate(found), row.name))
            }
            None => Some(format!("--fail-below {}: that is not known for \"{}\".", self.text, row.name)),
        }
    }
}

/// The kind of option that a decision is for.
fn named(decision: Decision) -> Option<Offer> {
    match decision {
        Decision::NothingChanged | Decision::Stay => Some(Offer::Stay),
        Decision::WorksAsItIs => Some(Offer::Swap),
        Decision::Bridge => Some(Offer::Bridge),
        Decision::Cascade => Some(Offer::Cascade),
        Decision::Reindex => Some(Offer::Reindex),
        Decision::DependsOnTask | Decision::CannotTell => None,
    }
}

/// The row to go by of a kind of option.
fn row(study: &Study, of: Offer) -> Option<&OptionRow> {
    let best = |is: fn(&Choice) -> bool| {
        let rows = study.rows.iter().filter(|row| is(&row.choice));
        let scored = rows.filter_map(|row| Some((measured(study, row, Measure::Mean(study.deciding))?.value, row)));
        scored.max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, row)| row)
    };
    match of {
        Offer::Stay => study.row(&Choice::Stay),
        Offer::Centred => study.row(&Choice::Centred),
        Offer::Swap => study.row(&Choice::Swap),
        Offer::Bridge => study.best_bridge(),
        Offer::Slerp => best(|choice| matches!(choice, Choice::Slerp { .. })),
        Offer::Cascade => study.best_cascade(KEPT).or_else(|| best(|choice| matches!(choice, Choice::Cascade { .. }))),
        Offer::Reindex => study.row(&Choice::Reindex),
    }
}

fn measured(study: &Study, row: &OptionRow, measure: Measure) -> Option<Estimate> {
    let by = |metric: Metric| row.scores.iter().find(|score| score.metric == metric);
    let deciding = |part: fn(&Score) -> Option<Estimate>| by(study.deciding).and_then(part);
    match measure {
        Measure::Mean(metric) => by(metric).map(|score| score.mean),
        Measure::Gain => deciding(|score| score.gain),
        Measure::Retention => deciding(|score| score.retention),
        Measure::ShareOfGain => deciding(|score| score.share_of_gain),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floors_are_read_as_they_are_meant() {
        let of = |text: &str| text.parse::<Floor>();
        let floor = of("bridge:retention=0.95").unwrap();
        assert_eq!((floor.of, floor.measure, floor.least), (Some(Offer::Bridge), Measure::Retention, 0.95));
        let floor = of("Recall@10 = .3").unwrap();
        assert_eq!((floor.of, floor.measure, floor.least), (None, Measure::Mean(Metric::Recall), 0.3));
        assert_eq!(of("mrr").unwrap_err(), "METRIC=VALUE is needed, such as mrr=0.3");
        assert_eq!(of("mrr=much").unwrap_err(), "`much` is no number");
        assert!(of("mrr=nan").unwrap_err().contains("no number that can be reached"));
        assert!(of("x:mrr=1").unwrap_err().starts_with("there is no option `x`; there are stay, centred"));
        assert!(of("accuracy=1").unwrap_err().starts_with("there is no metric `accuracy`; there are recall, mrr"));
    }

    #[test]
    fn every_decision_but_open_ones_names_an_option() {
        let open: Vec<Decision> = Decision::ALL.into_iter().filter(|&decision| named(decision).is_none()).collect();
        assert_eq!(open, [Decision::DependsOnTask, Decision::CannotTell]);
    }
}
