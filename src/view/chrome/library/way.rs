//! How a system of the library is brought into the form: in which scenario it runs, and beside what it is compared.

use protocol::{Catalogue, Choice, Preset, Role, Scenario};

use crate::view::chrome::form::{self, with_method};
use crate::view::chrome::sweep;

/// A scenario with a system, and how it came about.
#[derive(Clone, Debug, PartialEq)]
pub struct Way {
    /// The scenario, settled.
    pub scenario: Scenario,
    /// In a sentence.
    pub words: String,
}

/// The scenario that shows the method `id`: the one in the form if that has it; else the preset that does; else, with it in the place of
/// the method there, the one in the form if it is of the same kind, a preset that is, or whatever is in the form. `None` if it suits none
/// of them.
pub fn way(catalogue: &Catalogue, draft: &Scenario, id: &str) -> Option<Way> {
    let card = catalogue.method(id)?;
    if shows(draft, id, card.role == Role::Plain) {
        return Some(Way { scenario: draft.clone(), words: "Runs the scenario in the form, which has it.".to_owned() });
    }
    let mine = catalogue.presets.iter().find(|preset| preset.id == draft.preset);
    let shown = catalogue.presets.iter().find(|preset| shows(&preset.scenario, id, true));
    // What only ever stands first is shown by it all the same.
    let shown = shown.or_else(|| catalogue.presets.iter().find(|preset| shows(&preset.scenario, id, false)));
    let same = |preset: &Preset| mine.is_some_and(|mine| mine.id == preset.id);
    if let Some(preset) = shown.filter(|preset| !same(preset)) {
        let words = format!("Opens the scenario {}, which has it.", preset.name);
        return Some(Way { scenario: brought(preset, draft, catalogue), words });
    }
    let in_form = || {
        let words =
            format!("Runs the scenario in the form with it as the method of {}.", form::varies(draft, catalogue));
        Some(Way { scenario: put(catalogue, draft, id)?, words })
    };
    if catalogue.began_as(draft) == card.kind
        && let Some(way) = in_form()
    {
        return Some(way);
    }
    if let Some(preset) = shown {
        let words = format!("Opens the scenario {} as it was, which has it.", preset.name);
        return Some(Way { scenario: brought(preset, draft, catalogue), words });
    }
    let of_kind = catalogue.presets.iter().filter(|preset| catalogue.kind_of(&preset.scenario) == card.kind);
    let opened = of_kind.into_iter().find_map(|preset| {
        let scenario = put(catalogue, &brought(preset, draft, catalogue), id)?;
        let varies = form::varies(&preset.scenario, catalogue);
        Some(Way { scenario, words: format!("Opens the scenario {} with it as the method of {varies}.", preset.name) })
    });
    opened.or_else(in_form)
}

/// The scenario in which the method `id` can be compared with others by a sweep: the one in the form if it suits that and is of its kind,
/// else the one that shows it, else the one in the form all the same; `None` if it suits none.
pub fn comparison(catalogue: &Catalogue, draft: &Scenario, id: &str) -> Option<Scenario> {
    let offered = |scenario: &Scenario| {
        sweep::choices(scenario, catalogue).is_ok_and(|choices| choices.iter().any(|(other, _)| other == id))
    };
    let card = catalogue.method(id)?;
    let is_of_kind = card.role == Role::Plain || catalogue.began_as(draft) == card.kind;
    let own = || Some(draft.clone()).filter(&offered);
    let shown = || way(catalogue, draft, id).map(|way| way.scenario).filter(&offered);
    own().filter(|_| is_of_kind).or_else(shown).or_else(own)
}

/// Whether a stage has the method; one that came later if that is asked for.
fn shows(scenario: &Scenario, id: &str, later: bool) -> bool {
    scenario.stages.iter().skip(usize::from(later)).any(|stage| stage.method.id == id)
}

/// The scenario with the method in the place of the one that varies, if it is offered there.
fn put(catalogue: &Catalogue, base: &Scenario, id: &str) -> Option<Scenario> {
    let last = base.stages.len().checked_sub(1)?;
    catalogue.methods_for(base, last).find(|card| card.id == id)?;
    Some(settled(with_method(base, catalogue, &Choice::of(id)), catalogue))
}

/// A preset as it comes into the form: on the reader's own data where those are there and it can run on them.
fn brought(preset: &Preset, draft: &Scenario, catalogue: &Catalogue) -> Scenario {
    settled(form::chosen(preset, draft, catalogue).scenario, catalogue)
}

fn settled(mut scenario: Scenario, catalogue: &Catalogue) -> Scenario {
    // Presets settle without a word, and what is offered suits.
    scenario.settle(catalogue);
    scenario
}
