//! What the command palette lists: the actions and a start from every preset, found by a few letters.

use protocol::Catalogue;

use super::actions::{Action, Situation};
use super::chord::Chord;
use crate::view::few::sort_few;

/// What is done when a line is chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wish {
    /// An action of the table.
    Act(Action),
    /// Start from the preset with this id.
    Start(String),
}

/// A line of the palette.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What it does.
    pub wish: Wish,
    /// Its name.
    pub label: String,
    /// What it does, in words.
    pub description: String,
    /// Whether it can be done now.
    pub possible: bool,
}

impl Entry {
    fn of(action: Action, now: &Situation) -> Self {
        let missing = now.weights.missing().filter(|_| action == Action::ExportAll);
        Self {
            wish: Wish::Act(action),
            label: action.label().to_owned(),
            description: missing.unwrap_or_else(|| action.description()).to_owned(),
            possible: action.possible(now),
        }
    }

    /// The keys that do the same.
    pub fn chords(&self) -> &'static [Chord] {
        match self.wish {
            Wish::Act(action) => action.chords(),
            Wish::Start(_) => &[],
        }
    }
}

/// Everything that can be asked for, but for the palette itself, which is open, and for tours of kinds of change that are not there.
pub fn entries(catalogue: &Catalogue, now: &Situation) -> Vec<Entry> {
    let is_there = |action: &Action| !matches!(action, Action::Tour(_)) || action.possible(now);
    let actions = Action::ALL.into_iter().filter(|&action| action != Action::Palette).filter(is_there);
    let presets = catalogue.presets.iter().map(|preset| Entry {
        wish: Wish::Start(preset.id.clone()),
        label: format!("Start from {}", preset.name),
        description: preset.summary.clone(),
        possible: true,
    });
    actions.map(|action| Entry::of(action, now)).chain(presets).collect()
}

/// The actions that have keys, in the order of the table.
pub fn shortcuts() -> Vec<Entry> {
    let with_keys = Action::ALL.into_iter().filter(|action| !action.chords().is_empty());
    with_keys.map(|action| Entry::of(action, &Situation::default())).collect()
}

/// Those of `entries` that `query` finds, best first; all of them in their order if it is empty.
pub fn found(entries: &[Entry], query: &str) -> Vec<Entry> {
    let scored = |entry: &Entry| Some((score(query, &entry.label, &entry.description)?, entry.clone()));
    let mut found: Vec<(u32, Entry)> = entries.iter().filter_map(scored).collect();
    sort_few(&mut found, |(score, _)| std::cmp::Reverse(*score));
    found.into_iter().map(|(_, entry)| entry).collect()
}

/// How well `query` finds a command, more is better; `None` if one of its words is nowhere.
pub fn score(query: &str, label: &str, description: &str) -> Option<u32> {
    let (label, description) = (label.to_lowercase(), description.to_lowercase());
    query.to_lowercase().split_whitespace().try_fold(0, |sum, word| Some(sum + score_word(word, &label, &description)?))
}

fn score_word(word: &str, label: &str, description: &str) -> Option<u32> {
    let mut parts = label.split(|char: char| !char.is_alphanumeric()).filter(|part| !part.is_empty());
    let initials: String = parts.clone().filter_map(|part| part.chars().next()).collect();
    if label.starts_with(word) {
        Some(6)
    } else if parts.any(|part| part.starts_with(word)) {
        Some(5)
    } else if initials.starts_with(word) {
        Some(4)
    } else if label.contains(word) {
        Some(3)
    } else if description.contains(word) {
        Some(2)
    } else {
        is_subsequence(word, label).then_some(1)
    }
}

/// Whether the letters of `word` stand in `text` in this order.
fn is_subsequence(word: &str, text: &str) -> bool {
    let mut rest = text.chars();
    word.chars().all(|wanted| rest.any(|char| char == wanted))
}

#[cfg(test)]
mod tests {
    use protocol::{Preset, Scenario, UpgradeKind};

    use super::*;

    fn first(query: &str) -> Option<String> {
        let preset = Preset {
            id: "chain".to_owned(),
            name: "Three upgrades in a row".to_owned(),
            summary: "Each model replaces the last.".to_owned(),
            scenario: Scenario::default(),
        };
        let catalogue = Catalogue { presets: vec![preset], ..Catalogue::default() };
        found(&entries(&catalogue, &Situation::default()), query).first().map(|entry| entry.label.clone())
    }

    #[test]
    fn a_few_letters_find_a_command() {
        for (query, label) in [
            ("step", "Step batch"),
            ("step e", "Step epoch"),
            ("epoch", "Step epoch"),
            ("sb", "Step batch"),
            ("dark", "Theme"),
            ("undo", "Undo"),
            ("copy without", "Copy link without controls"),
            ("three", "Start from Three upgrades in a row"),
            ("rset", "Reset"),
            ("GPU", "Engine: WebGPU"),
        ] {
            assert_eq!(first(query).as_deref(), Some(label), "{query}");
        }
        assert_eq!(first("xylophone"), None);
    }

    #[test]
    fn nothing_typed_lists_everything_in_its_order() {
        let all = entries(&Catalogue::default(), &Situation::default());
        assert_eq!(found(&all, " "), all);
        let kinds = [true; UpgradeKind::ALL.len()];
        let every = entries(&Catalogue::default(), &Situation { kinds, ..Situation::default() });
        assert_eq!(every.len(), Action::ALL.len() - 1);
        assert!(all.len() < every.len() && !all.iter().any(|entry| entry.label == "Tour: unlearning"));
    }

    #[test]
    fn names_count_more_than_descriptions_and_starts_more_than_middles() {
        let scores =
            ["step batch", "a step", "two steps", "misstep", "other"].map(|label| score("step", label, "a step"));
        assert_eq!(scores, [Some(6), Some(5), Some(5), Some(3), Some(2)]);
        assert_eq!(score("stp", "step", ""), Some(1));
        assert_eq!(score("step nowhere", "step", ""), None, "every word must be found");
    }

    #[test]
    fn shortcuts_all_have_keys() {
        assert!(shortcuts().iter().all(|entry| !entry.chords().is_empty()));
        assert!(shortcuts().iter().any(|entry| entry.wish == Wish::Act(Action::Palette)));
    }
}
