//! What is on show, by name, and how the form differs from it: results never stand beside settings that did not make them without
//! saying so.

use protocol::{Catalogue, Scenario};

use super::form::{self, ChoiceTarget, Setting};
use super::named;

/// Differences that are named one by one.
const NAMED: usize = 3;

/// Whose run is on show.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Whose {
    /// None: nothing has run.
    #[default]
    Nobody,
    /// The reader's own, in the worker.
    Own,
    /// One that ships with the page.
    Shipped,
    /// One that the reader opened, by its name.
    Opened(String),
}

/// What is on show, in words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OnShow {
    /// Whose run it is.
    pub whose: String,
    /// Whether it ships with the page.
    pub ships: bool,
    /// Its scenario, methods and seed, and its dataset if its preset comes with another.
    pub name: String,
    /// How the form differs from it; `None` if it does not.
    pub differs: Option<String>,
}

impl OnShow {
    /// Names `shown`, settled, and holds `draft` against it. `dataset` is what the run itself said that it was of, whether that can be
    /// chosen here or not.
    pub fn of(whose: &Whose, shown: Option<(&Scenario, &str)>, draft: &Scenario, catalogue: &Catalogue) -> Self {
        let words = match whose {
            Whose::Nobody => "Nothing has run yet".to_owned(),
            Whose::Own => "Your run".to_owned(),
            Whose::Shipped => "Recorded run".to_owned(),
            Whose::Opened(name) => format!("Opened: {name}"),
        };
        let Some((shown, dataset)) = shown.filter(|_| *whose != Whose::Nobody) else {
            return Self { whose: words, ships: false, name: named::run(draft, catalogue), differs: None };
        };
        let mut made = shown.clone();
        made.data.dataset = dataset.to_owned();
        let ships = *whose == Whose::Shipped;
        Self { whose: words, ships, name: named::run(&made, catalogue), differs: difference(&made, draft, catalogue) }
    }
}

/// How the form differs from what made a run, in a few words.
fn difference(made: &Scenario, draft: &Scenario, catalogue: &Catalogue) -> Option<String> {
    // A preset is only where the settings came from.
    if *made == (Scenario { preset: made.preset.clone(), ..draft.clone() }) {
        return None;
    }
    let mut rows = form::settings(&[made, draft], catalogue);
    // What only one of them has came with a choice that is named.
    rows.retain(|row| row.differs() && row.is_shared());
    let change = |row: &Setting| format!("{} {}", row.name, row.values.last().map(String::as_str).unwrap_or_default());
    let alike = made.preset == draft.preset;
    // The data say most.
    let dataset = ChoiceTarget::Dataset.id();
    if let Some(at) = rows.iter().position(|row| row.id == dataset) {
        let row = rows.remove(at);
        rows.insert(0, row);
    }
    let first = rows.first().filter(|row| alike && row.id == dataset).map(change);
    let of = || first.unwrap_or_else(|| named::run(draft, catalogue));
    Some(match rows.len() {
        0 => "other settings".to_owned(),
        1..=NAMED if alike => rows.iter().map(change).collect::<Vec<_>>().join(", "),
        1 => format!("{}; one setting differs", of()),
        more => format!("{}; {more} settings differ", of()),
    })
}

#[cfg(test)]
mod tests {
    use protocol::Choice;

    use super::*;
    use crate::view::chrome::runs::tests::{catalogue, scenario};
    use crate::view::testing::half_way;

    #[test]
    fn what_is_on_show_is_named_and_a_difference_said() {
        let made = scenario("bt2", 1);
        let catalogue = catalogue();
        let on_show =
            |draft: &Scenario| OnShow::of(&Whose::Shipped, Some((&made, &made.data.dataset)), draft, &catalogue);
        assert_eq!(on_show(&made).differs, None);
        assert_eq!(
            on_show(&Scenario { preset: "else".to_owned(), ..made.clone() }).differs,
            None,
            "the same settings by another way"
        );

        let mut draft = Scenario { seed: 7, ..made.clone() };
        assert_eq!(on_show(&draft).differs.unwrap(), "Seed 7");
        let other = Scenario { preset: "else".to_owned(), ..draft.clone() };
        assert!(on_show(&other).differs.unwrap().ends_with("seed 7; one setting differs"), "{:?}", on_show(&other));
        draft.stages[1].method = Choice::of("bct");
        assert!(on_show(&draft).differs.unwrap().starts_with("Seed 7, v2: Method BCT"), "{:?}", on_show(&draft));
        draft.preset = "else".to_owned();
        assert!(on_show(&draft).differs.unwrap().starts_with("BCT, seed 7; "), "another scenario is named as a whole");
    }

    #[test]
    fn other_data_are_named_and_come_first_among_the_differences() {
        let made = scenario("bt2", 1);
        let mut catalogue = catalogue();
        let (id, name) = ("own-0123".to_owned(), "patterns".to_owned());
        catalogue.datasets.push(protocol::DatasetInfo { id: id.clone(), name, classes: 4, ..Default::default() });
        let mut draft = Scenario { seed: 7, ..made.clone() };
        draft.data.dataset = id.clone();
        let on_show = |draft: &Scenario, of: &str| OnShow::of(&Whose::Own, Some((&made, of)), draft, &catalogue);
        assert_eq!(on_show(&draft, &made.data.dataset).differs.unwrap(), "Dataset patterns, Seed 7");
        let back = on_show(&made, &id);
        assert_eq!(back.differs.unwrap(), "Dataset Fashion-MNIST");
        assert!(back.name.contains("patterns"), "{}", back.name);

        draft.data.noise += 0.1;
        draft.stages[1].method = Choice::of("bct");
        let far = on_show(&draft, &made.data.dataset).differs.unwrap();
        assert!(far.starts_with("Dataset patterns; ") && far.ends_with(" settings differ"), "{far}");
        draft.preset = "else".to_owned();
        assert!(on_show(&draft, &made.data.dataset).differs.unwrap().starts_with("patterns, BCT, seed 7; "));
    }

    #[test]
    fn a_run_of_data_that_are_not_here_differs_from_every_form() {
        let made = half_way().scenario.unwrap();
        let whose = Whose::Opened("a.jsonl".to_owned());
        let on_show = OnShow::of(&whose, Some((&made, "own-0123")), &made, &Catalogue::default());
        assert_eq!(on_show.whose, "Opened: a.jsonl");
        assert!(on_show.differs.is_some());
    }

    #[test]
    fn before_anything_ran_the_form_is_named() {
        let draft = half_way().scenario.unwrap();
        let on_show = OnShow::of(&Whose::Nobody, None, &draft, &Catalogue::default());
        assert_eq!((on_show.whose.as_str(), on_show.differs), ("Nothing has run yet", None));
        assert!(on_show.name.ends_with("seed 1"), "{}", on_show.name);
    }
}
