//! What a run knows of an upgrade that its operator needs.

use protocol::{BackfillOrder, BackfillPoint, Catalogue, ModelId, RunLog, Scenario};

use crate::view::upgrade::Upgrade;

/// The measured side of an operation.
#[derive(Clone, Debug, PartialEq)]
pub struct Facts {
    /// Which model gives way to which.
    pub upgrade: Upgrade,
    /// Items in the index.
    pub items: u32,
    /// The model that indexed them.
    pub old: ModelFacts,
    /// The model that replaces it.
    pub new: ModelFacts,
    /// Name of the method that ties the new model to the old one.
    pub method: String,
    /// Whether that method takes no regard to the old model.
    pub independent: bool,
    /// What old queries find in the old gallery, on all items.
    pub old_old: Option<Found>,
    /// What new queries find in the old gallery: the cross-test.
    pub new_old: Option<Found>,
    /// What new queries find in the new gallery.
    pub new_new: Option<Found>,
    /// Ways to backfill that were measured.
    pub curves: Vec<Curve>,
    /// The model after the new one, if the chain goes on.
    pub next: Option<ModelId>,
}

/// What is known of one of the two models.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ModelFacts {
    /// Whether it is there: trained here or brought along.
    pub ready: bool,
    /// Seconds of training, if it was trained here.
    pub seconds: Option<f64>,
    /// Floats that it stores per item.
    pub dims: Option<u32>,
    /// Seconds in which it embeds all items; of a model that is given as embeddings nobody knows them.
    pub index_seconds: Option<f64>,
}

/// What queries find, as fractions in `0..=1`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Found {
    /// Mean average precision.
    pub map: f64,
    /// Queries whose best item is of their class.
    pub cmc1: f64,
}

/// A way to backfill: which items come first, and whether old ones are asked by the old model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Way {
    /// Which items come first.
    pub order: BackfillOrder,
    /// Whether each query costs both encoders.
    pub dual: bool,
}

impl Default for Way {
    fn default() -> Self {
        Self { order: BackfillOrder::Random, dual: false }
    }
}

/// A measured way to backfill.
#[derive(Clone, Debug, PartialEq)]
pub struct Curve {
    /// Which.
    pub way: Way,
    /// Its name beside the others.
    pub name: &'static str,
    /// What is found by the share that is re-embedded.
    pub points: Vec<BackfillPoint>,
}

impl Facts {
    /// What `log` knows of `upgrade`.
    pub fn of(log: &RunLog, upgrade: Upgrade, catalogue: &Catalogue) -> Self {
        let Upgrade { old, new, .. } = upgrade;
        let scenario = log.scenario.as_ref();
        let stage = scenario.and_then(|scenario| scenario.stage(new));
        let id = stage.map(|stage| stage.method.id.as_str()).unwrap_or_default();
        let verdict = log.verdicts.iter().find(|verdict| (verdict.new, verdict.old) == (new, old));
        let given = scenario.is_some_and(Scenario::is_given);
        let model = |id: ModelId, stored: Option<u32>| {
            log.models.get(&id).map_or_else(ModelFacts::default, |model| ModelFacts {
                ready: model.trained.is_some() || model.index_seconds.is_some(),
                seconds: model.seconds,
                dims: model.dims.or(stored),
                index_seconds: model.index_seconds.filter(|_| !given),
            })
        };
        let found =
            |query, gallery| log.cell(query, gallery).map(|cell| Found { map: cell.all.map, cmc1: cell.all.cmc1 });
        let curves = log.backfills.iter().filter(|backfill| backfill.query == new && backfill.gallery == old);
        Self {
            upgrade,
            items: log.test_labels.len() as u32,
            old: model(old, verdict.map(|verdict| verdict.cost.stored_before)),
            new: model(new, verdict.map(|verdict| verdict.cost.stored)),
            method: catalogue.method(id).map_or_else(|| id.to_owned(), |card| card.name.clone()),
            independent: id == protocol::Choice::PLAIN,
            old_old: found(old, old),
            new_old: found(new, old),
            new_new: found(new, new),
            curves: curves
                .map(|backfill| Curve {
                    way: Way { order: backfill.order, dual: backfill.dual },
                    name: backfill.short_name(),
                    points: backfill.points.clone(),
                })
                .collect(),
            next: scenario.and_then(|scenario| scenario.next(new.stage)).map(ModelId::deployed),
        }
    }

    /// Whether new queries may be put to the old gallery without a warning.
    pub fn compatible(&self) -> bool {
        !self.independent && self.gain().is_some_and(|gain| gain > 0.0)
    }

    /// M(n,o) - M(o,o) by mAP.
    pub fn gain(&self) -> Option<f64> {
        Some(self.new_old?.map - self.old_old?.map)
    }

    /// What is found by the share that is re-embedded: the measured curve, else its two ends, which the matrix holds.
    pub fn points(&self, way: Way) -> Vec<BackfillPoint> {
        let curve = self.curves.iter().find(|curve| curve.way == way);
        curve.map(|curve| curve.points.clone()).unwrap_or_else(|| {
            let end = |fraction: f64, found: Option<Found>| {
                found.map(|Found { map, cmc1 }| BackfillPoint { fraction, map, cmc1 })
            };
            [end(0.0, self.new_old), end(1.0, self.new_new)].into_iter().flatten().collect()
        })
    }
}
