//! What a method needs of the systems before it. It gets that and nothing else.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};

/// Something that a method needs while it trains; the dearest last. Each costs something, and the card shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Need {
    /// What the system before left for this one.
    Kept,
    /// Class means of the old system over what it was trained on itself, as they were when it was done.
    Means,
    /// Class means of the old features over the new training images.
    Prototypes,
    /// The old model's features of the training images without augmentation, kept for the whole training.
    StoredFeatures,
    /// The old model's classifier.
    OldHead,
    /// The old model with its weights, to start from.
    OldWeights,
    /// The old model's feature of every augmented training image: it runs beside the new one.
    OldFeatures,
    /// In every step as many items again of what the stage remembers.
    Memory,
    /// In every step as many items again of what is to be forgotten.
    Forget,
    /// A model of this stage trained without compatibility first: one more training run.
    Teacher,
    /// Features of the same training images by that model and by the old one.
    Pairs,
}

impl Need {
    /// It in words.
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Kept => "what the old system kept",
            Self::Means => "the class means that the old system left",
            Self::Prototypes => "old class means",
            Self::StoredFeatures => "stored old features",
            Self::OldHead => "the old classifier",
            Self::OldWeights => "the old weights",
            Self::OldFeatures => "the old model beside it in every step",
            Self::Memory => "remembered items beside the new ones",
            Self::Forget => "the items to be forgotten",
            Self::Teacher => "an independent model, trained first",
            Self::Pairs => "features of the same images by both models",
        }
    }
}

impl fmt::Display for Need {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.in_words())
    }
}

/// All that a method needs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Written")]
pub struct Needs(BTreeSet<Need>);

/// How needs are written: as a list, or, before, as a flag for each.
#[derive(Deserialize)]
#[serde(untagged)]
enum Written {
    List(Vec<Need>),
    Flags(BTreeMap<Need, bool>),
}

impl From<Written> for Needs {
    fn from(written: Written) -> Self {
        match written {
            Written::List(needs) => needs.into_iter().collect(),
            Written::Flags(flags) => flags.into_iter().filter_map(|(need, needed)| needed.then_some(need)).collect(),
        }
    }
}

impl FromIterator<Need> for Needs {
    fn from_iter<I: IntoIterator<Item = Need>>(needs: I) -> Self {
        Self(needs.into_iter().collect())
    }
}

impl Needs {
    /// Whether this is among them.
    pub fn has(&self, need: Need) -> bool {
        self.0.contains(&need)
    }

    /// All of them, the dearest last.
    pub fn iter(&self) -> impl Iterator<Item = Need> + '_ {
        self.0.iter().copied()
    }

    /// Whether a method needs nothing of what was before, so that a first model can be trained with it.
    pub fn nothing(&self) -> bool {
        self.0.is_empty()
    }

    /// What it needs, in words, the dearest last.
    pub fn in_words(&self) -> String {
        let needed: Vec<&str> = self.iter().map(Need::in_words).collect();
        if needed.is_empty() { "nothing".to_owned() } else { needed.join(", ") }
    }
}
