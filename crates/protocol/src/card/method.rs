//! The card of a method: what a form, a link, a report and the lab need to know of it.

use serde::{Deserialize, Serialize};

use super::prose;
use crate::{Need, Needs, Parameter, UpgradeKind};

/// A way to make a model: where it comes from, what it needs, what it claims.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct MethodCard {
    /// Id used by [`crate::Stage::method`].
    pub id: String,
    /// Short name.
    pub name: String,
    /// One sentence: the idea.
    pub summary: String,
    /// Authors, title, venue and year; empty for a control.
    pub paper: String,
    /// What it changes about a model: that of its family.
    #[serde(default)]
    pub kind: UpgradeKind,
    /// Whether it stands in for a system whose own task does not fit here, with the mechanism of its paper and no more.
    #[serde(default)]
    pub analogue: bool,
    /// What it is to a run.
    #[serde(default)]
    pub role: Role,
    /// What it needs of the systems before it.
    pub needs: Needs,
    /// What it can be used on.
    #[serde(default)]
    pub suits: Suits,
    /// What it is compared with.
    #[serde(default)]
    pub reference: Reference,
    /// What is measured of its models.
    #[serde(default = "retrieval")]
    pub reads: Vec<Read>,
    /// Whether it brings a network of its own, so that the stage's encoder says nothing.
    #[serde(default)]
    pub own_net: bool,
    /// Whether the first dims, as many as the model before stores, are made comparable with its gallery, while what is stored
    /// after them is free: the stored vector then has two blocks.
    #[serde(default)]
    pub prefix: bool,
    /// How a new query meets an old gallery, in one sentence.
    pub comparison: String,
    /// Its parameters.
    pub parameters: Vec<Parameter>,
    /// Names and meanings of its loss terms, in the order of the curves.
    pub losses: Vec<Claim>,
    /// What its paper claims.
    pub claims: Vec<Claim>,
    /// Whether only programs with every family of methods have it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub wide: bool,
}

/// What a method is to a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Training without regard to what was before: the ceiling of the others.
    Plain,
    /// The adapter that stands in where the models are given and the chosen method would train one.
    Fallback,
    /// Trains a model with regard to those before it.
    #[default]
    Upgrade,
    /// Leaves both models as they are, so that their embeddings are all it needs.
    Adapter,
}

/// What stands beside a stage's model as its ceiling, written `v2*`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reference {
    /// Nothing: the model is its own ceiling.
    None,
    /// A model of the stage trained for itself alone.
    #[default]
    Independent,
    /// A model trained on everything that was seen so far.
    Joint,
    /// A model that never saw what is to be forgotten.
    Without,
}

/// What is measured of a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Read {
    /// What queries find in galleries.
    Retrieval,
    /// What its classifier knows of each task.
    Knowledge,
    /// What it answers on the way, before it learns.
    Stream,
    /// What it makes up.
    Samples,
    /// What it makes of test items that someone tampered with.
    Probes,
    /// What it costs to store and to run.
    Cost,
}

/// The readings of all methods whose card says nothing else.
fn retrieval() -> Vec<Read> {
    vec![Read::Retrieval]
}

/// Kinds of items that a world holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ItemKind {
    /// Images.
    #[default]
    Pixels,
    /// Rows of numbers: features or embeddings.
    Rows,
    /// Sequences of symbols.
    Tokens,
}

/// What a method can be used on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Suits {
    /// Kinds of items.
    pub items: Vec<ItemKind>,
    /// Fewest and most models that it goes on from: from 0 where it can stand first though it needs what a model before leaves. One that
    /// needs nothing of them can stand first all the same.
    pub parents: [usize; 2],
}

impl Default for Suits {
    fn default() -> Self {
        Self { items: vec![ItemKind::Pixels, ItemKind::Rows], parents: [1, 1] }
    }
}

impl MethodCard {
    /// The card of an upgrade that needs nothing and says nothing yet.
    pub fn new(id: &str, name: &str) -> Self {
        Self { reads: retrieval(), ..Self::default() }.called(id, name)
    }

    /// The same card under another name.
    pub fn called(self, id: &str, name: &str) -> Self {
        Self { id: id.to_owned(), name: name.to_owned(), ..self }
    }

    /// With the idea, in one sentence.
    pub fn summary(self, summary: &str) -> Self {
        Self { summary: prose(summary), ..self }
    }

    /// With authors, title, venue and year.
    pub fn paper(self, paper: &str) -> Self {
        Self { paper: prose(paper), ..self }
    }

    /// Of a family of this kind.
    pub fn of_kind(self, kind: UpgradeKind) -> Self {
        Self { kind, ..self }
    }

    /// As an honest analogue, which its name says wherever it stands.
    pub fn as_analogue(self) -> Self {
        Self { analogue: true, name: format!("{} (analogue)", self.name), ..self }
    }

    /// With what it is to a run.
    pub fn role(self, role: Role) -> Self {
        Self { role, ..self }
    }

    /// With what it needs: no more is given to it.
    pub fn needs(self, needs: impl IntoIterator<Item = Need>) -> Self {
        Self { needs: needs.into_iter().collect(), ..self }
    }

    /// With what it can be used on.
    pub fn suits(self, suits: Suits) -> Self {
        Self { suits, ..self }
    }

    /// With what it is compared with.
    pub fn reference(self, reference: Reference) -> Self {
        Self { reference, ..self }
    }

    /// With what is measured of its models.
    pub fn reads(self, reads: impl Into<Vec<Read>>) -> Self {
        Self { reads: reads.into(), ..self }
    }

    /// With a network of its own; see [`MethodCard::own_net`].
    pub fn brings_its_net(self) -> Self {
        Self { own_net: true, ..self }
    }

    /// With first dims that are comparable with the gallery before; see [`MethodCard::prefix`].
    pub fn keeps_prefix(self) -> Self {
        Self { prefix: true, ..self }
    }

    /// With how a new query meets an old gallery, in one sentence.
    pub fn comparison(self, comparison: &str) -> Self {
        Self { comparison: prose(comparison), ..self }
    }

    /// With its parameters.
    pub fn parameters(self, parameters: impl Into<Vec<Parameter>>) -> Self {
        Self { parameters: parameters.into(), ..self }
    }

    /// With its loss terms, in the order of the curves.
    pub fn losses(self, losses: impl Into<Vec<Claim>>) -> Self {
        Self { losses: losses.into(), ..self }
    }

    /// With what its paper claims.
    pub fn claims(self, claims: impl Into<Vec<Claim>>) -> Self {
        Self { claims: claims.into(), ..self }
    }

    /// Whether it is trained; what is fitted in closed form has no loss and takes no step.
    pub fn is_trained(&self) -> bool {
        !self.losses.is_empty()
    }

    /// Whether a first model can be trained with it: one that needs nothing of those before it, or says that it does without any.
    pub fn stands_first(&self) -> bool {
        let [fewest, _] = self.suits.parents;
        self.needs.nothing() || fewest == 0
    }

    /// Whether the stage's own model stays as it is, so that it can also be one that is given.
    pub fn is_frozen(&self) -> bool {
        self.role != Role::Upgrade
    }
}

/// A named sentence.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Claim {
    /// Short name.
    pub name: String,
    /// One sentence.
    pub text: String,
}

impl Claim {
    /// A named sentence.
    pub fn new(name: &str, text: &str) -> Self {
        Self { name: name.to_owned(), text: prose(text) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A card as the version before wrote it.
    const BEFORE: &str = r#"{"id": "bct", "name": "BCT", "summary": "", "paper": "", "needs": {"prototypes": true, "old_head": false},
        "frozen": false, "comparison": "", "parameters": [], "losses": [], "claims": []}"#;

    #[test]
    fn a_card_without_the_newer_fields_means_what_it_meant() {
        let card: MethodCard = serde_json::from_str(BEFORE).unwrap();
        assert_eq!(card, MethodCard::new("bct", "BCT").needs([Need::Prototypes]));
        assert_eq!((card.role, card.reference, card.is_frozen()), (Role::Upgrade, Reference::Independent, false));
        assert_eq!((card.reads, card.suits.parents), (vec![Read::Retrieval], [1, 1]));
    }

    #[test]
    fn what_needs_nothing_or_does_without_a_parent_stands_first() {
        let needy = MethodCard::new("ewc", "EWC").needs([Need::Kept]);
        let from = |parents| needy.clone().suits(Suits { parents, ..Suits::default() }).stands_first();
        assert_eq!((from([1, 1]), from([0, 1])), (false, true));
        assert!(MethodCard::new("simplex", "d-Simplex").stands_first());
    }

    #[test]
    fn an_analogue_says_so_in_its_name() {
        let card = MethodCard::new("toon", "ToonTalker").as_analogue().of_kind(UpgradeKind::Generate);
        assert_eq!(
            (card.name.as_str(), card.analogue, card.kind),
            ("ToonTalker (analogue)", true, UpgradeKind::Generate)
        );
    }

    #[test]
    fn a_card_comes_back_as_it_was_written() {
        let suits = Suits { items: vec![ItemKind::Tokens], parents: [2, 8] };
        let card =
            MethodCard::new("mean", "Mean").role(Role::Adapter).needs([Need::Teacher, Need::OldHead]).suits(suits);
        let card = card.reference(Reference::Joint).reads([Read::Knowledge, Read::Cost]).keeps_prefix();
        let text = serde_json::to_string(&card).unwrap();
        assert!(text.contains(r#""needs":["old_head","teacher"]"#), "{text}");
        assert_eq!(serde_json::from_str::<MethodCard>(&text).unwrap(), card);
    }
}
