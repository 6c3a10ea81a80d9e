//! The kinds of change that a model can go through, and the words of those who need one.

use serde::{Deserialize, Serialize};

/// What a method changes about a model.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UpgradeKind {
    /// A new model takes the place of an old one.
    #[default]
    Retrain,
    /// Task after task.
    Stream,
    /// One model of several.
    Merge,
    /// A smaller one of the same use.
    Compress,
    /// Without something that was learned.
    Unlearn,
    /// While it is in use, without labels.
    Adapt,
    /// Two kinds of items in one space.
    TwoTowers,
    /// Answers about sequences.
    Sequence,
    /// New items.
    Generate,
    /// The same model, trained by another rule.
    TrainingRule,
}

/// A line of the table.
struct Row {
    word: &'static str,
    title: &'static str,
    about: &'static str,
    problems: &'static [&'static str],
}

const fn row(word: &'static str, title: &'static str, about: &'static str, problems: &'static [&'static str]) -> Row {
    Row { word, title, about, problems }
}

impl UpgradeKind {
    /// All of them in the order in which they are offered.
    pub const ALL: [Self; 10] = [
        Self::Retrain,
        Self::Stream,
        Self::Merge,
        Self::Compress,
        Self::Unlearn,
        Self::Adapt,
        Self::TwoTowers,
        Self::Sequence,
        Self::Generate,
        Self::TrainingRule,
    ];

    fn row(self) -> Row {
        match self {
            Self::Retrain => row(
                "retrain",
                "New model, old index",
                "A new model takes the place of an old one, and what the old one indexed stays where it is.",
                &[
                    "I have a new model and an old index",
                    "Re-indexing everything costs too much",
                    "The new model breaks answers that were right",
                    "I have only the embeddings of my models",
                ],
            ),
            Self::Stream => row(
                "stream",
                "Learning task after task",
                "The model goes on learning while what it learned before does not come back.",
                &["My model forgets", "New classes keep coming", "I may not keep the old training data"],
            ),
            Self::Merge => row(
                "merge",
                "One model of several",
                "The weights of several models are put together, without their data.",
                &[
                    "I have two models and want one",
                    "Two teams fine-tuned the same model apart",
                    "I want to combine models without training",
                ],
            ),
            Self::Compress => row(
                "compress",
                "A smaller model",
                "Another model, or the same one in fewer bits or weights, does the work of a large one.",
                &["The model is too large", "It must run on a phone", "Answers take too long"],
            ),
            Self::Unlearn => row(
                "unlearn",
                "Unlearning",
                "Something that was learned is taken out again, without training everything anew.",
                &[
                    "I must delete a customer's data from the model",
                    "A user asked to be removed (GDPR)",
                    "Some of the labels were wrong",
                    "Somebody poisoned the training data",
                ],
            ),
            Self::Adapt => row(
                "adapt",
                "Adapting in use",
                "The model meets other inputs than in training, and adapts to them without a label.",
                &[
                    "The camera changed",
                    "The pictures are noisier than in training",
                    "It was good in the lab and is worse in use",
                ],
            ),
            Self::TwoTowers => row(
                "two-towers",
                "Pictures and words in one space",
                "Two encoders share a space, and one of them or both change.",
                &["I search pictures by words", "The text model changed and the pictures are indexed"],
            ),
            Self::Sequence => row(
                "sequence",
                "Models of sequences",
                "The model reads sequences, and goes on from a checkpoint under another architecture or on other data.",
                &["My inputs are sequences", "It fails on longer inputs than it was trained on"],
            ),
            Self::Generate => row(
                "generate",
                "Models that make things",
                "The model draws new items, and the next one does so better or in fewer steps.",
                &["My model makes things", "Making a sample takes too many steps"],
            ),
            Self::TrainingRule => row(
                "training-rule",
                "Another rule of training",
                "The same model is trained in another way than by the gradient of the whole of it.",
                &["Training takes too much memory", "I want to train on the device itself"],
            ),
        }
    }

    /// Name in links and class attributes.
    pub fn word(self) -> &'static str {
        self.row().word
    }

    /// What stands above its methods.
    pub fn title(self) -> &'static str {
        self.row().title
    }

    /// What happens to the model, in a sentence.
    pub fn about(self) -> &'static str {
        self.row().about
    }

    /// What a person says who needs it.
    pub fn problems(self) -> &'static [&'static str] {
        self.row().problems
    }

    /// The kind of this name.
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }

    /// Whether a method of this kind can stand in a scenario of the other: what trains an encoder on labelled items, on all of them or
    /// on some after others, goes together.
    pub fn goes_with(self, other: Self) -> bool {
        let trains = |kind| matches!(kind, Self::Retrain | Self::Stream | Self::Merge);
        self == other || (trains(self) && trains(other))
    }

    /// Whether its models are encoders of labelled items, which can also be trained plainly.
    pub fn has_encoders(self) -> bool {
        !matches!(self, Self::TwoTowers | Self::Sequence | Self::Generate)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_kind_has_words_of_its_own() {
        let words: BTreeSet<_> = UpgradeKind::ALL.iter().map(|kind| kind.word()).collect();
        let titles: BTreeSet<_> = UpgradeKind::ALL.iter().map(|kind| kind.title()).collect();
        let problems: Vec<_> = UpgradeKind::ALL.iter().flat_map(|kind| kind.problems()).collect();
        assert_eq!((words.len(), titles.len()), (UpgradeKind::ALL.len(), UpgradeKind::ALL.len()));
        assert_eq!(problems.iter().collect::<BTreeSet<_>>().len(), problems.len());
        for kind in UpgradeKind::ALL {
            assert_eq!(UpgradeKind::of_word(kind.word()), Some(kind));
            assert!(kind.about().ends_with('.') && !kind.problems().is_empty(), "{}", kind.word());
        }
        assert_eq!(UpgradeKind::of_word("magic"), None);
    }

    #[test]
    fn what_trains_encoders_on_labels_goes_together() {
        use UpgradeKind::{Generate, Merge, Retrain, Stream, Unlearn};
        assert!(Retrain.goes_with(Stream) && Stream.goes_with(Merge) && Unlearn.goes_with(Unlearn));
        assert!(!Retrain.goes_with(Unlearn) && !Generate.goes_with(Retrain));
        assert!(Unlearn.has_encoders() && !Generate.has_encoders());
    }
}
