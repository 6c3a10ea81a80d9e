//! What became of data that someone tampered with: test items are asked as someone would who knows of it, of every finished model.
//!
//! Under a trigger the *probes* are test items with the trigger on them, whose true class is another one than the trigger's; under a
//! confusion the test items of the two classes, as they are. Accuracy on them, with their true labels, is what Goel et al. (2024) call
//! corrected accuracy. Beside it stands what they find in galleries of test items that nobody has touched: a gallery need not be
//! embedded anew for a poisoned query to find the wrong things.

use std::collections::{BTreeMap, BTreeSet};

use data::{Dataset, Tampering};
use measure::{Items, retrieve};
use protocol::{Better, Event, ModelId, Packed, Quantity, Reading, Table};

use crate::counts::TEST_ITEMS;
use crate::images::{TestImages, embed};
use crate::runner::Runner;
use crate::stored::Embedded;
use crate::{LabError, Model};

const CORRECTED: &str = "corrected-accuracy";
const TAUGHT: &str = "taught-answers";
const CLEAN: &str = "clean-accuracy";
const RECOVERED: &str = "recovered";
const HIT: &str = "probe-first-hit";
const TAUGHT_HIT: &str = "probe-taught-hit";
const ASTRAY: &str = "stored-astray";
/// Id of the table, and of what its cells are.
const SHARES: &str = "probes";
/// Probes that a model in training is asked.
const LIVE: usize = 200;

/// What its numbers mean.
pub(crate) fn quantities() -> Vec<Quantity> {
    let fraction = Quantity::fraction;
    vec![
        fraction(
            CORRECTED,
            "Corrected accuracy",
            Better::Higher,
            "Share of the probes that are answered rightly: test items with the trigger on them, or those of the two classes that were confused.",
        ),
        fraction(
            TAUGHT,
            "Taught answers",
            Better::Lower,
            "Share of the probes that are answered as the tampering teaches: with the label of the trigger, or with the other of the two classes.",
        ),
        fraction(
            CLEAN,
            "Clean accuracy",
            Better::Higher,
            "Share of untouched test items that are answered rightly; where two classes were confused, of those of all other classes.",
        ),
        fraction(
            RECOVERED,
            "Won back",
            Better::Higher,
            "Share of the corrected accuracy that the tampering cost, from the model before to one that never saw any of it, that is there again.",
        ),
        fraction(
            HIT,
            "First hit right",
            Better::Higher,
            "Share of the probes that find an item of their own class first, in a gallery of untouched test items.",
        ),
        fraction(
            TAUGHT_HIT,
            "First hit as taught",
            Better::Lower,
            "Share of the probes that find an item of the taught class first, in a gallery of untouched test items.",
        ),
        fraction(
            ASTRAY,
            "Stored astray",
            Better::Lower,
            "Share of the training items that were tampered with whose vector lies nearest to an untouched item of the taught class: they would have to leave an index.",
        ),
        fraction(SHARES, "Share", Better::Neither, "Share of the items that the column names."),
    ]
}

/// Items with the label that is right for each, and the one that the tampering teaches.
#[derive(Clone, Debug, Default)]
struct Asked {
    /// Indices into their part.
    items: Vec<usize>,
    /// Ids that no other item of a gallery has but the one that they are.
    ids: Vec<u32>,
    right: Vec<u32>,
    taught: Vec<u32>,
}

/// What is asked of the models of a run, and what they have said.
pub(crate) struct Probes {
    /// The test part with the probes in it.
    part: data::Part,
    asked: Asked,
    /// Positions of the test items that nobody would tamper with.
    clean: Vec<usize>,
    /// Training items that were tampered with.
    stored: Asked,
    known: BTreeMap<ModelId, Shares>,
}

/// What became of one model; NaN for what cannot be said of it.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Shares {
    clean: f64,
    corrected: f64,
    taught: f64,
    hit: f64,
    taught_hit: f64,
    astray: f64,
}

/// Shares of what was said that is right, and that is what the tampering teaches; NaN of nothing.
fn shares(said: &[Option<u32>], asked: &Asked) -> (f64, f64) {
    let share = |wanted: &[u32]| {
        let hits = said.iter().zip(wanted).filter(|&(said, wanted)| *said == Some(*wanted)).count();
        if wanted.is_empty() { f64::NAN } else { hits as f64 / wanted.len() as f64 }
    };
    (share(&asked.right), share(&asked.taught))
}

/// The share of what the tampering cost that a model wins back: from what the model `before` it has to what the one has that never saw
/// any of it. `None` where the tampering cost nothing.
fn recovered(before: f64, now: f64, oracle: f64) -> Option<f64> {
    let cost = oracle - before;
    (cost > 0.0).then(|| (now - before) / cost)
}

impl Asked {
    /// The first so many.
    fn first(&self, count: usize) -> Self {
        let ids = self.ids.iter().copied().take(count).collect();
        let [right, taught] = [&self.right, &self.taught].map(|labels| labels.iter().copied().take(count).collect());
        Self { items: self.items.iter().copied().take(count).collect(), ids, right, taught }
    }
}

impl Probes {
    /// The probes of a run: nothing where nobody tampers with anything.
    ///
    /// # Errors
    /// As [`Tampering::probes`]; [`LabError::Data`] if there are more items than ids.
    pub(crate) fn new(
        tampering: Option<Tampering>,
        dataset: &Dataset,
        test: &TestImages,
    ) -> Result<Option<Self>, LabError> {
        let Some(tampering) = tampering else { return Ok(None) };
        let probes = tampering.probes(&dataset.test, test.indices())?;
        let mut asked = Asked::default();
        for probe in &probes.asked {
            let (Some(&id), Some(&right)) = (test.ids.get(probe.position), test.labels.get(probe.position)) else {
                continue;
            };
            asked.items.push(probe.index);
            asked.ids.push(id);
            asked.right.push(right);
            asked.taught.push(probe.taught);
        }
        let others: BTreeSet<usize> = probes.asked.iter().map(|probe| probe.position).collect();
        let clean = (0..test.len()).filter(|position| probes.stamped || !others.contains(position)).collect();
        let mut stored = Asked::default();
        for (id, &(index, class)) in (TEST_ITEMS.count::<u32>(test.len())?..).zip(dataset.train.tampered()) {
            let Some(&taught) = dataset.train.labels().get(index) else { continue };
            stored.items.push(index);
            stored.ids.push(id);
            stored.right.push(class);
            stored.taught.push(taught);
        }
        Ok(Some(Self { part: probes.part, asked, clean, stored, known: BTreeMap::new() }))
    }

    /// The shares of all models.
    pub(crate) fn tables(&self) -> Vec<Event> {
        if self.known.is_empty() {
            return Vec::new();
        }
        let columns = [
            "clean right",
            "probes right",
            "probes as taught",
            "first hit right",
            "first hit as taught",
            "stored astray",
        ];
        let row = |it: &Shares| [it.clean, it.corrected, it.taught, it.hit, it.taught_hit, it.astray];
        let cells = self.known.values().flat_map(row).map(|share| share as f32).collect();
        vec![Event::TableMeasured {
            table: Table {
                id: SHARES.to_owned(),
                title: "What became of the tampering".to_owned(),
                quantity: SHARES.to_owned(),
                row_of: "Model".to_owned(),
                rows: self.known.keys().map(ModelId::to_string).collect(),
                column_of: "Share".to_owned(),
                columns: columns.map(str::to_owned).into(),
                cells: Packed(cells),
            },
        }]
    }
}

/// Labels of the untouched test items that are found first.
fn first_hits(
    rows: &Embedded,
    asked: &Asked,
    gallery: &Embedded,
    test: &TestImages,
) -> Result<Vec<Option<u32>>, LabError> {
    let queries = Items::new(rows.features()?, &asked.right, &asked.ids)?;
    let found = retrieve(&queries, &Items::new(gallery.features()?, &test.labels, &test.ids)?, 1)?;
    let label = |&at: &u32| test.labels.get(at as usize).copied();
    Ok(found.queries.iter().map(|query| query.top.first().and_then(label)).collect())
}

impl Runner {
    /// Asks a model in training some of the probes.
    pub(crate) async fn probe_live(
        &self,
        id: ModelId,
        step: u32,
        model: &dyn Model,
    ) -> Result<Option<Event>, LabError> {
        let Some(probes) = &self.further.probes else { return Ok(None) };
        let asked = probes.asked.first(LIVE);
        let rows = match model.classifier() {
            Some(_) => Some(self.embedded(model, &probes.part, &asked.items).await?),
            None => None,
        };
        let scores = self.scores(model, rows.as_ref(), &probes.part, &asked.items).await?;
        let Some(scores) = scores else { return Ok(None) };
        let (corrected, taught) = shares(&scores.answers(), &asked);
        let readings = [Reading::of(CORRECTED, "", corrected), Reading::of(TAUGHT, "", taught)];
        Ok(Some(Event::Measured { model: id, step, readings: readings.into_iter().flatten().collect() }))
    }

    /// Asks a finished model all of them.
    pub(crate) async fn probe(&mut self, id: ModelId, model: &dyn Model) -> Result<Option<Event>, LabError> {
        let Some(probes) = &self.further.probes else { return Ok(None) };
        let clean = self.scores(model, self.galleries.get(&id), &self.dataset.test, self.test.indices()).await?;
        let (right, all) = match &clean {
            Some(scores) => {
                let said = scores.answers();
                let right = |&&at: &&usize| said.get(at).copied().flatten() == self.test.labels.get(at).copied();
                (probes.clean.iter().filter(right).count(), probes.clean.len())
            }
            None => (0, 0),
        };
        let mut found = Shares {
            clean: if all == 0 { f64::NAN } else { right as f64 / all as f64 },
            corrected: f64::NAN,
            taught: f64::NAN,
            hit: f64::NAN,
            taught_hit: f64::NAN,
            astray: f64::NAN,
        };
        let mut elsewhere = Vec::new();
        let rows = match self.galleries.get(&id) {
            None => None,
            Some(own) => {
                let rows = self.embedded(model, &probes.part, &probes.asked.items).await?;
                (found.hit, found.taught_hit) =
                    shares(&first_hits(&rows, &probes.asked, own, &self.test)?, &probes.asked);
                let stored = self.embedded(model, &self.dataset.train, &probes.stored.items).await?;
                (_, found.astray) = shares(&first_hits(&stored, &probes.stored, own, &self.test)?, &probes.stored);
                // Where a bridge lies between, a query is not compared as it is.
                for &old in self.plan.before(id).iter().filter(|_| !self.bridges.contains_key(&id)) {
                    let hits = first_hits(&rows, &probes.asked, self.gallery(old)?, &self.test)?;
                    elsewhere.push((format!("gallery of {old}"), shares(&hits, &probes.asked)));
                }
                Some(rows)
            }
        };
        if let Some(scores) = self.scores(model, rows.as_ref(), &probes.part, &probes.asked.items).await? {
            (found.corrected, found.taught) = shares(&scores.answers(), &probes.asked);
        }
        let of = |model: Option<ModelId>| model.and_then(|model| probes.known.get(&model)).map(|it| it.corrected);
        let before = of(self.plan.parents(id).first().copied());
        let won_back = before.zip(of(Some(self.plan.reference(id))));
        let won_back = won_back.and_then(|(before, oracle)| recovered(before, found.corrected, oracle));
        let mut readings = vec![
            Reading::of(CORRECTED, "", found.corrected),
            Reading::of(TAUGHT, "", found.taught),
            Reading::of(CLEAN, "", found.clean),
            Reading::of(HIT, "", found.hit),
            Reading::of(TAUGHT_HIT, "", found.taught_hit),
            Reading::of(ASTRAY, "", found.astray),
            won_back.and_then(|share| Reading::of(RECOVERED, "", share)),
        ];
        for (of, (hit, taught)) in elsewhere {
            readings.extend([Reading::of(HIT, of.as_str(), hit), Reading::of(TAUGHT_HIT, of.as_str(), taught)]);
        }
        if let Some(probes) = &mut self.further.probes {
            probes.known.insert(id, found);
        }
        let step = self.steps.get(&id).copied().unwrap_or(0);
        Ok(Some(Event::Measured { model: id, step, readings: readings.into_iter().flatten().collect() }))
    }

    /// Embeddings of items as they are.
    async fn embedded(&self, model: &dyn Model, part: &data::Part, items: &[usize]) -> Result<Embedded, LabError> {
        let rows = embed(model, &self.dataset, part, items, &self.engine).await?;
        Ok(Embedded { rows, dims: model.dims() })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests {
    use super::*;

    #[test]
    fn shares_by_hand() {
        let asked = Asked { items: vec![0; 4], ids: vec![0; 4], right: vec![1, 2, 3, 1], taught: vec![0, 0, 0, 0] };
        assert_eq!(shares(&[Some(1), Some(0), Some(0), None], &asked), (0.25, 0.5));
        assert_eq!(shares(&[Some(1), Some(0)], &asked.first(2)), (0.5, 0.5));
        let (right, taught) = shares(&[], &Asked::default());
        assert!(right.is_nan() && taught.is_nan());
    }

    #[test]
    fn what_is_won_back_lies_between_the_model_before_and_the_oracle() {
        assert_eq!(recovered(0.2, 0.5, 0.8).map(|it| (it * 1e6).round() / 1e6), Some(0.5));
        assert_eq!(recovered(0.25, 0.0, 0.5), Some(-1.0));
        assert_eq!(recovered(0.8, 0.9, 0.8), None);
        assert_eq!(recovered(f64::NAN, 0.9, 0.8), None);
    }

    /// Models of which nobody can say anything have no row.
    #[test]
    fn a_table_has_a_row_for_each_model() {
        let found = Shares { clean: 0.5, corrected: 0.25, taught: 0.75, hit: f64::NAN, taught_hit: 1.0, astray: 0.0 };
        let part = data::Part::new(data::Items::rows(1, Vec::new()).unwrap(), Vec::new(), 1).unwrap();
        let (asked, stored) = (Asked::default(), Asked::default());
        let mut probes = Probes { part, asked, clean: Vec::new(), stored, known: BTreeMap::new() };
        assert_eq!(probes.tables(), []);
        probes.known.insert(ModelId::deployed(1), found);
        probes.known.insert(ModelId::independent(2), Shares { clean: 0.25, ..found });
        let events = probes.tables();
        let [Event::TableMeasured { table }] = events.as_slice() else { panic!("one table: {events:?}") };
        assert_eq!(table.rows, ["v1", "v2*"]);
        assert_eq!((table.cell(0, 0), table.cell(1, 0), table.cell(0, 3)), (Some(0.5), Some(0.25), None));
        assert!(quantities().iter().any(|quantity| quantity.id == table.quantity));
    }
}
