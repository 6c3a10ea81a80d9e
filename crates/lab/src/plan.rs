//! What a scenario needs done, in order: which models there are, what each goes on from and is compared with.

use std::collections::{BTreeMap, BTreeSet};

use data::{DataError, ItemShape, Wanted};
use protocol::{
    BackfillOrder, Choice, ModelId, Need, Needs, Phase, PhaseKind, Read, Reference, Role, Scenario, Stage, Values,
};

use crate::LabError;
use crate::encoders::EncoderConfig;
use crate::methods::{Before, FURTHER, OLD_ONLY, method};

/// A curve of partial backfill: query model, gallery model, order, whether old items are asked by the old model.
pub(crate) type Curve = (ModelId, ModelId, BackfillOrder, bool);

/// The order of a run, made once from its settled scenario: nothing else counts stages.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    stages: Vec<Place>,
    pairs: Vec<(ModelId, ModelId)>,
    backfills: Vec<Curve>,
}

/// A stage in the order.
#[derive(Clone, Debug)]
struct Place {
    /// What it deploys.
    model: ModelId,
    /// The deployed models that it goes on from.
    parents: Vec<ModelId>,
    /// The model that stands for "this stage trained without compatibility".
    reference: ModelId,
    /// What that one is trained on.
    holds_against: Reference,
    /// Whether it takes steps; what is fitted in closed form does not.
    is_trained: bool,
    /// Whether its method brings a network of its own.
    own_net: bool,
    /// Whether its first dims are comparable with the model before.
    prefix: bool,
    /// Whether it takes no regard to the models before it.
    plain: bool,
    /// Whether it is made of several models, so that it knows what they know and sees no items itself.
    merges: bool,
    needs: Needs,
    reads: Vec<Read>,
}

impl Plan {
    /// The order of a settled scenario.
    ///
    /// # Errors
    /// [`LabError::Scenario`] if a stage names no known method or its method goes on from another number of models.
    pub(crate) fn new(scenario: &Scenario) -> Result<Self, LabError> {
        let mut stages: Vec<Place> = Vec::new();
        for (number, stage) in (1..).zip(&scenario.stages) {
            let parents: Vec<ModelId> = scenario.parents(number).into_iter().map(ModelId::deployed).collect();
            let card = (method(&stage.method.id)?.card)();
            let [fewest, most] = card.suits.parents;
            let stands_first = parents.is_empty() && card.stands_first();
            if !stands_first && !(fewest..=most).contains(&parents.len()) {
                let count = if fewest == most { most.to_string() } else { format!("{fewest} to {most}") };
                return Err(LabError::Scenario(format!(
                    "Stage {number}: {} goes on from {count} models before it, but there are {}; choose another method or other stages.",
                    card.name,
                    parents.len()
                )));
            }
            let model = ModelId::deployed(number);
            stages.push(Place {
                model,
                // A first model is its own ceiling.
                reference: match card.reference {
                    Reference::Independent | Reference::Joint | Reference::Without if !parents.is_empty() => {
                        ModelId::independent(number)
                    }
                    _ => model,
                },
                holds_against: card.reference,
                parents,
                is_trained: card.is_trained() || card.reads.contains(&Read::Stream),
                own_net: card.own_net,
                prefix: card.prefix,
                plain: card.role == Role::Plain,
                merges: fewest > 1,
                needs: card.needs,
                reads: card.reads,
            });
        }
        let plan = Self { pairs: Vec::new(), backfills: Vec::new(), stages };
        if !plan.reads(Read::Retrieval) {
            return Ok(plan);
        }
        Ok(Self { pairs: pairs(&plan.stages), backfills: backfills(&plan.stages), ..plan })
    }

    /// Whether the run measures this: whether the method of any stage asks for it.
    pub(crate) fn reads(&self, read: Read) -> bool {
        self.stages.iter().any(|place| place.reads.contains(&read))
    }

    /// Whether a model learns from the stream of queries, and not from training items.
    pub(crate) fn streams(&self, model: ModelId) -> bool {
        !model.independent && self.place(model).is_some_and(|place| place.reads.contains(&Read::Stream))
    }

    /// The stage of a model.
    fn place(&self, model: ModelId) -> Option<&Place> {
        self.stages.iter().find(|place| place.model.stage == model.stage)
    }

    /// Where the stage of a model stands, counted from 0.
    pub(crate) fn at(&self, model: ModelId) -> Option<usize> {
        self.stages.iter().position(|place| place.model.stage == model.stage)
    }

    /// The model that the last stage deploys.
    pub(crate) fn last(&self) -> ModelId {
        self.stages.last().map_or(ModelId::deployed(1), |place| place.model)
    }

    /// The model that stands for "this stage trained without compatibility".
    ///
    /// A first model and one that is deployed without compatibility are their own.
    pub(crate) fn reference(&self, model: ModelId) -> ModelId {
        self.place(model).map_or(model, |place| place.reference)
    }

    /// Models in the order of training: each stage's ceiling, which may be a teacher, before what it deploys.
    pub(crate) fn models(&self) -> impl Iterator<Item = ModelId> + '_ {
        self.stages.iter().flat_map(|place| place.ceiling().into_iter().chain([place.model]))
    }

    /// Deployed models whose galleries the queries of a model meet when its stage begins: those of the stages that this one goes on
    /// from, the latest deployed last.
    pub(crate) fn before(&self, model: ModelId) -> &[ModelId] {
        self.place(model).map_or(&[], |place| &place.parents)
    }

    /// Deployed models that a model goes on from: none for a ceiling, which begins anew.
    pub(crate) fn parents(&self, model: ModelId) -> &[ModelId] {
        if model.independent { &[] } else { self.before(model) }
    }

    /// The first of [`Plan::parents`], if the first dims of the model are comparable with it.
    pub(crate) fn prefix_of(&self, model: ModelId) -> Option<ModelId> {
        let keeps = self.place(model).is_some_and(|place| place.prefix);
        self.parents(model).first().copied().filter(|_| keeps)
    }

    /// Whether a deployed model is made of several, and so knows what they know and sees no items itself.
    pub(crate) fn merges(&self, model: ModelId) -> bool {
        !model.independent && self.place(model).is_some_and(|place| place.merges)
    }

    /// Whether a model was trained without regard to those before it.
    pub(crate) fn is_plain(&self, model: ModelId) -> bool {
        model.independent || self.place(model).is_some_and(|place| place.plain)
    }

    /// Whether every model but the first goes on from the one before it, and from no other.
    pub(crate) fn is_chain(&self) -> bool {
        let before = self.stages.iter().map(|place| place.model);
        before.zip(self.stages.iter().skip(1)).all(|(before, place)| place.parents == [before])
    }

    /// The deployed models that a deployed model descends from, in their order, and itself behind them.
    pub(crate) fn line(&self, model: ModelId) -> Vec<ModelId> {
        let models = self.stages.iter().map(|place| place.model);
        models.filter(|&older| older == model || !self.way(model, older).is_empty()).collect()
    }

    /// Whether the method of a deployed model needs this.
    pub(crate) fn needs(&self, model: ModelId, need: Need) -> bool {
        self.place(model).is_some_and(|place| place.needs.has(need))
    }

    /// The upgrades: every deployed model with each that it goes on from.
    pub(crate) fn upgrades(&self) -> impl Iterator<Item = (ModelId, ModelId)> + '_ {
        self.stages.iter().flat_map(|place| place.parents.iter().map(|&old| (place.model, old)))
    }

    /// The upgrades that lie between a gallery and the queries of a deployed model, the newest first; none if it does not descend
    /// from the gallery's model.
    pub(crate) fn way(&self, query: ModelId, gallery: ModelId) -> Vec<(ModelId, ModelId)> {
        self.search(query, gallery, &mut BTreeSet::new())
    }

    /// [`Plan::way`] past the models that were `tried`, of which none descends from the gallery's.
    fn search(&self, query: ModelId, gallery: ModelId, tried: &mut BTreeSet<ModelId>) -> Vec<(ModelId, ModelId)> {
        for &parent in self.parents(query) {
            if parent == gallery {
                return vec![(query, parent)];
            }
            if tried.insert(parent) {
                let further = self.search(parent, gallery, tried);
                if !further.is_empty() {
                    return [vec![(query, parent)], further].concat();
                }
            }
        }
        Vec::new()
    }

    /// Whether `model` descends from `older`, or `older` is its own ceiling.
    pub(crate) fn is_ancestor(&self, older: ModelId, model: ModelId) -> bool {
        !model.independent && (!self.way(model, older).is_empty() || older == ModelId::independent(model.stage))
    }

    /// Pairs of query and gallery model that the final matrix holds: every deployed model against every deployed one
    /// before it and itself; every ceiling against itself and the models before.
    pub(crate) fn pairs(&self) -> &[(ModelId, ModelId)] {
        &self.pairs
    }

    /// Whether a pair of [`Plan::pairs`] is of the last upgrade: the last model on itself and on what it replaces, and that on itself.
    pub(crate) fn is_of_last_upgrade(&self, query: ModelId, gallery: ModelId) -> bool {
        let last = self.last();
        let replaced = self.parents(last);
        let counts = |model: ModelId| model == last || replaced.contains(&model);
        // Two models that one replaces were never an upgrade of each other.
        !replaced.is_empty() && counts(query) && counts(gallery) && (query == last || query == gallery)
    }

    /// Curves of partial backfill over the last upgrade. The ceiling among them shows what happens without compatibility.
    pub(crate) fn backfills(&self) -> &[Curve] {
        &self.backfills
    }

    /// What a model is trained on and how by the settings of `scenario`, with the number of classes that the stages before knew;
    /// `None` for a stage that is not there. What is trained without compatibility sees all images, or none that anyone tampered with where
    /// that is what its method is held against; an adapter may be confined to the classes before, or go beyond those of its frozen model.
    pub(crate) fn task(&self, scenario: &Scenario, model: ModelId) -> Option<(Stage, usize)> {
        let mut stage = scenario.stage(model)?.clone();
        if model.independent {
            stage.method = Choice::plain();
            stage.rehearsal = 0;
            stage.sees = match self.place(model).map(|place| place.holds_against) {
                Some(Reference::Without) => Wanted::nothing_tampered_with(),
                _ => Values::new(),
            };
        }
        // Settled values are whole and small. What is trained without compatibility has none.
        let further = stage.method.values.get(FURTHER).map_or(0, |&further| further as u32);
        stage.classes = stage.classes.saturating_add(further);
        let before = self.before(model).iter().filter_map(|&old| scenario.stage(old)).map(|old| old.classes).max();
        if let Some(before) = before.filter(|_| stage.method.values.get(OLD_ONLY) == Some(&1.0)) {
            stage.classes = stage.classes.min(before);
        }
        Some((stage, before.map_or(0, |before| before as usize)))
    }

    /// The phases of a run. `steps` gives the training steps of a model; models in `given` are not trained.
    pub(crate) fn phases(&self, steps: impl Fn(ModelId) -> u32, given: &[ModelId]) -> Vec<Phase> {
        let takes_steps = |model: ModelId| model.independent || self.place(model).is_none_or(|place| place.is_trained);
        let train = self.models().filter(|model| !given.contains(model)).map(|model| Phase {
            kind: PhaseKind::Train,
            model,
            steps: if takes_steps(model) { steps(model) } else { 0 },
        });
        let units = u32::try_from(self.pairs.len() + self.backfills.len()).unwrap_or(u32::MAX);
        train.chain([Phase { kind: PhaseKind::Measure, model: self.last(), steps: units }]).collect()
    }

    /// Refuses stages whose parameters cannot work together or with images of shape `input`.
    ///
    /// # Errors
    /// [`LabError::Scenario`] with the stage and the bound.
    pub(crate) fn check(&self, scenario: &Scenario, input: ItemShape) -> Result<(), LabError> {
        let mut dims: BTreeMap<ModelId, usize> = BTreeMap::new();
        for (Place { model, parents, own_net, reads, .. }, stage) in self.stages.iter().zip(&scenario.stages) {
            let named = |error: LabError| LabError::Scenario(format!("Stage {}: {error}", model.stage));
            if !stage.encoder.is_given() && !own_net {
                EncoderConfig::of(&stage.encoder)?.check(input).map_err(named)?;
            }
            let (first, classes) = (Wanted::first(&stage.sees), stage.classes as usize);
            if first >= classes {
                return Err(named(DataError::FirstClass { first, classes }.into()));
            }
            let befores = parents.iter().filter_map(|&old| {
                let (stage, &dims) = (scenario.stage(old)?, dims.get(&old)?);
                Some(Before { stage, dims, from: self.parents(old), others: &[] })
            });
            let befores: Vec<Before> = befores.collect();
            let before = befores.split_first().map(|(first, others)| Before { others, ..*first });
            let method = method(&stage.method.id)?;
            let silent = parents.iter().find(|old| dims.get(old) == Some(&0));
            if let Some(silent) = silent.filter(|_| reads.contains(&Read::Retrieval)) {
                return Err(named(LabError::Scenario(format!(
                    "{} goes on from what a model embeds, and {silent} embeds nothing; choose a method of its kind.",
                    (method.card)().name
                ))));
            }
            (method.check)(stage, before).map_err(named)?;
            dims.insert(*model, (method.stored_dims)(stage, before));
        }
        Ok(())
    }
}

impl Place {
    /// The model that is trained apart as the ceiling of what is deployed.
    fn ceiling(&self) -> Option<ModelId> {
        (self.reference != self.model).then_some(self.reference)
    }
}

/// See [`Plan::pairs`].
fn pairs(stages: &[Place]) -> Vec<(ModelId, ModelId)> {
    let mut pairs = Vec::new();
    for (at, place) in (1..).zip(stages) {
        pairs.extend(stages.iter().take(at).map(|old| (place.model, old.model)));
        if let Some(star) = place.ceiling() {
            pairs.push((star, star));
            pairs.extend(place.parents.iter().map(|&old| (star, old)));
        }
    }
    pairs
}

/// See [`Plan::backfills`].
fn backfills(stages: &[Place]) -> Vec<Curve> {
    let Some(last) = stages.last() else { return Vec::new() };
    let new = last.model;
    let mut curves = Vec::new();
    for &old in &last.parents {
        curves.extend([
            (new, old, BackfillOrder::Random, false),
            (new, old, BackfillOrder::ClassMean, false),
            // Only a bridge can tell how uncertain it is; models without skip this one.
            (new, old, BackfillOrder::Uncertainty, false),
            (new, old, BackfillOrder::Random, true),
        ]);
        curves.extend(last.ceiling().map(|star| (star, old, BackfillOrder::Random, false)));
    }
    curves
}

#[cfg(test)]
#[allow(clippy::indexing_slicing)]
mod tests;
