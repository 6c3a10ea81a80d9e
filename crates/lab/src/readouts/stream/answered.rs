//! What came of the answers to a stream, domain by domain: as readings of a model and as tables.

use std::collections::BTreeMap;

use data::{Corruption, Domain, MAX_SEVERITY};
use measure::online::Tally;
use protocol::{Better, Event, ModelId, Packed, Quantity, Reading, Table};

/// Id of the share of wrong answers; also of its table over models and corruptions.
pub(crate) const ERROR: &str = "online-error";
/// Id of the share of queries whose nearest gallery item is of their class.
pub(crate) const RECALL: &str = "stream-recall";
/// Id of the mean average precision of the queries.
pub(crate) const PRECISION: &str = "stream-map";
/// Id of the share of wrong answers in the domain at hand.
pub(crate) const LATEST: &str = "domain-error";

/// Numbers that an [`Outcome`] is written as.
const WRITTEN: usize = 5;

/// What came of one domain, or of several.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Outcome {
    /// The answers.
    pub(crate) answers: Tally,
    /// Queries with something to find, and those whose nearest gallery item is right.
    pub(crate) queries: Tally,
    /// Mean average precision of those queries; in single precision, so that it comes back from a file as it was.
    pub(crate) precision: f32,
}

impl Outcome {
    /// Both together.
    fn with(self, other: Self) -> Self {
        let weigh = |it: Self| f64::from(it.precision) * it.queries.asked as f64;
        let queries = self.queries.with(other.queries);
        let precision = (weigh(self) + weigh(other)) / queries.asked.max(1) as f64;
        Self { answers: self.answers.with(other.answers), queries, precision: precision as f32 }
    }

    /// Share of wrong answers.
    pub(crate) fn error(self) -> Option<f64> {
        self.answers.error()
    }

    /// Share of queries whose nearest gallery item is right.
    fn recall(self) -> Option<f64> {
        self.queries.error().map(|error| 1.0 - error)
    }

    /// Mean average precision.
    fn map(self) -> Option<f64> {
        (self.queries.asked > 0).then(|| f64::from(self.precision))
    }

    /// Its numbers, all exact: there are at most 2^16 items.
    pub(crate) fn write(self) -> [f32; WRITTEN] {
        let count = |count: u64| count as f32;
        let Self { answers, queries, precision } = self;
        [count(answers.asked), count(answers.right), count(queries.asked), count(queries.right), precision]
    }

    /// What was written, one after the other; what is left over is none.
    pub(crate) fn read(numbers: &[f32]) -> Vec<Self> {
        let (all, _) = numbers.as_chunks::<WRITTEN>();
        let tally = |asked: f32, right: f32| Tally { asked: asked as u64, right: right as u64 };
        let read = |&[asked, right, queries, found, precision]: &[f32; WRITTEN]| Self {
            answers: tally(asked, right),
            queries: tally(queries, found),
            precision,
        };
        all.iter().map(read).collect()
    }
}

/// What the numbers mean.
pub(crate) fn quantities() -> Vec<Quantity> {
    let fraction = Quantity::fraction;
    vec![
        fraction(
            ERROR,
            "Online error",
            Better::Lower,
            "Share of wrong answers among all that were given to the stream so far, each before anything was learned from it.",
        ),
        fraction(
            LATEST,
            "Error in the domain at hand",
            Better::Lower,
            "Share of wrong answers since the present corruption and severity began.",
        ),
        fraction(
            RECALL,
            "Recall@1 of the stream",
            Better::Higher,
            "Share of items of the stream, embedded as they were answered, whose nearest item in the clean gallery of the model before is of their class; the item itself is left out.",
        ),
        fraction(
            PRECISION,
            "mAP of the stream",
            Better::Higher,
            "Mean average precision of the items of the stream, embedded as they were answered, in the clean gallery of the model before.",
        ),
    ]
}

/// What came of all domains of a model's stream, in their order.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Answered {
    /// The domains with what came of each.
    pub(crate) domains: Vec<(Domain, Outcome)>,
}

impl Answered {
    /// What came of the domains that count; `None` without any.
    fn over(&self, counts: impl Fn(Domain) -> bool) -> Option<Outcome> {
        let counted = self.domains.iter().filter(|(domain, _)| counts(*domain)).map(|&(_, outcome)| outcome);
        counted.reduce(Outcome::with)
    }

    fn has(&self, counts: impl Fn(Domain) -> bool) -> bool {
        self.domains.iter().any(|(domain, _)| counts(*domain))
    }

    /// The corruptions in it.
    fn corruptions(&self) -> impl Iterator<Item = Corruption> + '_ {
        Corruption::ALL.into_iter().filter(|&corruption| self.has(|domain| domain.corruption == corruption))
    }

    /// The severities in it.
    fn severities(&self) -> impl Iterator<Item = u8> + '_ {
        (1..=MAX_SEVERITY).filter(|&severity| self.has(|domain| domain.severity == severity))
    }

    /// The readings of the whole, of each corruption and of each severity.
    pub(crate) fn readings(&self) -> Vec<Reading> {
        let by_corruption = self
            .corruptions()
            .map(|corruption| (corruption.name().to_owned(), self.over(|domain| domain.corruption == corruption)));
        let by_severity =
            self.severities().map(|severity| (in_words(severity), self.over(|domain| domain.severity == severity)));
        let all = [(String::new(), self.over(|_| true))].into_iter().chain(by_corruption).chain(by_severity);
        let readings = all.filter_map(|(of, outcome)| Some((of, outcome?))).flat_map(|(of, outcome)| {
            let numbers = [(ERROR, outcome.error()), (RECALL, outcome.recall()), (PRECISION, outcome.map())];
            numbers.map(|(quantity, value)| Reading::of(quantity, of.clone(), value?))
        });
        readings.flatten().collect()
    }

    /// The error by corruption and severity; none where either is the same throughout.
    pub(crate) fn table(&self, model: ModelId) -> Option<Event> {
        let (rows, columns): (Vec<_>, Vec<_>) = (self.corruptions().collect(), self.severities().collect());
        if rows.len() < 2 || columns.len() < 2 {
            return None;
        }
        let cell = |corruption, severity| {
            self.over(|domain| domain == Domain { corruption, severity }).and_then(Outcome::error)
        };
        let cells = rows.iter().flat_map(|&row| columns.iter().map(move |&column| (row, column)));
        Some(table(
            (format!("{ERROR}-{}", model.file_stem()), format!("Online error of {model}"), ERROR),
            ("Corruption", rows.iter().map(|row| row.name().to_owned()).collect()),
            ("Severity", columns.iter().map(u8::to_string).collect()),
            cells.map(|(row, column)| cell(row, column)),
        ))
    }
}

/// Reads one number off what came out.
type Number = fn(Outcome) -> Option<f64>;

/// Error and recall of all models by corruption and by severity; none where there is only one of either.
pub(crate) fn tables(all: &BTreeMap<ModelId, Answered>) -> Vec<Event> {
    let corruptions: Vec<Corruption> = Corruption::ALL
        .into_iter()
        .filter(|&corruption| all.values().any(|it| it.has(|domain| domain.corruption == corruption)))
        .collect();
    let severities: Vec<u8> = (1..=MAX_SEVERITY)
        .filter(|&severity| all.values().any(|it| it.has(|domain| domain.severity == severity)))
        .collect();
    let rows: Vec<String> = all.keys().map(ModelId::to_string).collect();
    let numbers: [(&str, &str, Number); 2] =
        [(ERROR, "Online error", Outcome::error), (RECALL, "Recall@1 of the stream", Outcome::recall)];
    let mut events = Vec::new();
    for (quantity, name, number) in numbers {
        if corruptions.len() > 1 {
            let cell =
                |it: &Answered, &wanted: &Corruption| it.over(|domain| domain.corruption == wanted).and_then(number);
            events.push(table(
                (quantity.to_owned(), format!("{name} by corruption"), quantity),
                ("Model", rows.clone()),
                ("Corruption", corruptions.iter().map(|it| it.name().to_owned()).collect()),
                all.values().flat_map(|it| corruptions.iter().map(|wanted| cell(it, wanted)).collect::<Vec<_>>()),
            ));
        }
        if severities.len() > 1 {
            let cell = |it: &Answered, &wanted: &u8| it.over(|domain| domain.severity == wanted).and_then(number);
            events.push(table(
                (format!("{quantity}-by-severity"), format!("{name} by severity"), quantity),
                ("Model", rows.clone()),
                ("Severity", severities.iter().map(u8::to_string).collect()),
                all.values().flat_map(|it| severities.iter().map(|wanted| cell(it, wanted)).collect::<Vec<_>>()),
            ));
        }
    }
    events
}

/// A severity as readings name it.
fn in_words(severity: u8) -> String {
    format!("severity {severity}")
}

fn table(
    (id, title, quantity): (String, String, &str),
    (row_of, rows): (&str, Vec<String>),
    (column_of, columns): (&str, Vec<String>),
    cells: impl Iterator<Item = Option<f64>>,
) -> Event {
    Event::TableMeasured {
        table: Table {
            id,
            title,
            quantity: quantity.to_owned(),
            row_of: row_of.to_owned(),
            rows,
            column_of: column_of.to_owned(),
            columns,
            cells: Packed(cells.map(|cell| cell.map_or(f32::NAN, |cell| cell as f32)).collect()),
        },
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use protocol::RunLog;

    use super::*;

    fn outcome(asked: u64, right: u64, found: u64, precision: f32) -> Outcome {
        Outcome { answers: Tally { asked, right }, queries: Tally { asked, right: found }, precision }
    }

    /// Two corruptions at two severities.
    fn answered() -> Answered {
        let domain = |corruption, severity| Domain { corruption, severity };
        let domains = vec![
            (domain(Corruption::Brightness, 1), outcome(10, 9, 8, 0.5)),
            (domain(Corruption::Brightness, 5), outcome(10, 5, 4, 0.25)),
            (domain(Corruption::Pixelate, 1), outcome(10, 8, 6, 0.75)),
            (domain(Corruption::Pixelate, 5), outcome(20, 4, 2, 0.125)),
        ];
        Answered { domains }
    }

    #[test]
    fn answers_weigh_the_same_in_every_domain() {
        let readings = answered().readings();
        let reading = |quantity: &str, of: &str| {
            readings.iter().find(|it| it.quantity == quantity && it.of == of).map(|it| it.value)
        };
        assert_eq!(reading(ERROR, ""), Some(24.0 / 50.0));
        assert_eq!((reading(ERROR, "Brightness"), reading(ERROR, "Pixelate")), (Some(0.3), Some(0.6)));
        assert_eq!((reading(ERROR, "severity 1"), reading(ERROR, "severity 5")), (Some(0.15), Some(0.7)));
        assert_eq!(reading(RECALL, ""), Some(0.4));
        // (5 + 2.5 + 7.5 + 2.5) / 50.
        assert_eq!(reading(PRECISION, ""), Some(f64::from(0.35f32)));
        assert_eq!(reading(ERROR, "severity 3"), None);
        assert_eq!(readings.len(), 3 * 5);
    }

    #[test]
    fn what_nobody_asked_has_no_recall() {
        let mut none = answered();
        none.domains.iter_mut().for_each(|(_, outcome)| outcome.queries = Tally::default());
        assert!(none.readings().iter().all(|reading| reading.quantity == ERROR));
    }

    #[test]
    fn tables_hold_models_corruptions_and_severities() {
        let [v2, v3] = [2, 3].map(ModelId::deployed);
        // The third model saw one of the corruptions alone.
        let half = Answered { domains: answered().domains[..2].to_vec() };
        let mut log = RunLog::default();
        log.apply(&Event::QuantitiesDeclared { quantities: quantities() });
        let own = answered().table(v2).unwrap();
        assert!(half.table(v3).is_none());
        log.apply(&own);
        tables(&BTreeMap::from([(v2, answered()), (v3, half)])).iter().for_each(|event| log.apply(event));
        let near = |id: &str, row, column, expected: f64| {
            let cell = log.table(id).unwrap().cell(row, column).unwrap();
            assert!((cell - expected).abs() < 1e-6, "{id}[{row}][{column}] is {cell}");
        };
        near("online-error-v2", 1, 1, 0.8);
        near(ERROR, 0, 1, 0.6);
        near("online-error-by-severity", 1, 0, 0.1);
        near("stream-recall-by-severity", 0, 1, 0.2);
        assert_eq!(log.table(ERROR).unwrap().cell(1, 1), None);
        assert_eq!(log.table(ERROR).unwrap().columns, ["Brightness", "Pixelate"]);
        assert_eq!(log.table("online-error-by-severity").unwrap().columns, ["1", "5"]);
        let one = Answered { domains: answered().domains[..1].to_vec() };
        assert!(tables(&BTreeMap::from([(v2, one)])).is_empty());
    }

    #[test]
    fn outcomes_come_back_from_their_numbers() {
        let all: Vec<Outcome> = answered().domains.into_iter().map(|(_, outcome)| outcome).collect();
        let numbers: Vec<f32> = all.iter().flat_map(|outcome| outcome.write()).collect();
        assert_eq!(Outcome::read(&numbers), all);
        assert_eq!(Outcome::read(&numbers[..7]), all[..1]);
    }
}
