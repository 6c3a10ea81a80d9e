//! What choosing a preset makes of the form.

use protocol::{Catalogue, DatasetInfo, Preset, Scenario};

/// A preset as it comes into the form.
#[derive(Clone, Debug, PartialEq)]
pub struct Chosen {
    /// What is to stand in the form.
    pub scenario: Scenario,
    /// What had to change for the reader's own data.
    pub notices: Vec<String>,
    /// That the reader's own data are left, and why; `None` if they are kept or there were none.
    pub left: Option<String>,
}

/// The preset on the data in the form if those are the reader's own, else as it is.
pub fn chosen(preset: &Preset, draft: &Scenario, catalogue: &Catalogue) -> Chosen {
    let as_it_is = |left| Chosen { scenario: preset.scenario.clone(), notices: Vec::new(), left };
    let Some(own) = catalogue.dataset(&draft.data.dataset).filter(|dataset| dataset.is_own()) else {
        return as_it_is(None);
    };
    match preset.on(own, catalogue) {
        Ok((scenario, notices)) => Chosen { scenario, notices, left: None },
        Err(why) => {
            let name =
                catalogue.dataset(&preset.scenario.data.dataset).map_or(&preset.scenario.data.dataset, |it| &it.name);
            as_it_is(Some(format!("{} {why}: it runs on {name}. {} stay among the datasets.", preset.name, own.name)))
        }
    }
}

/// That a scenario leaves the reader's own data that are in the form, in a sentence; `None` if it does not.
pub fn left(draft: &Scenario, scenario: &Scenario, catalogue: &Catalogue) -> Option<String> {
    let own = catalogue.dataset(&draft.data.dataset).filter(|dataset| dataset.is_own())?;
    let other = catalogue.dataset(&scenario.data.dataset).filter(|dataset| dataset.id != own.id)?;
    Some(format!("This runs on {}. {} stay among the datasets.", other.name, own.name))
}

/// What stands beside a preset's name in the list while the reader's own data are in the form: that it cannot run on them, and why, before
/// it is chosen.
pub fn beside(preset: &Preset, draft: &Scenario, catalogue: &Catalogue) -> Option<String> {
    let own = catalogue.dataset(&draft.data.dataset).filter(|dataset| dataset.is_own())?;
    preset.on(own, catalogue).err().map(|why| format!("not on your data: it {why}"))
}

/// Whether a link is about data of a reader's own that are not here.
pub fn lacks(link: &str, catalogue: &Catalogue) -> bool {
    let dataset = link.split('&').find_map(|part| part.strip_prefix("data.dataset="));
    dataset.is_some_and(|id| id.starts_with(DatasetInfo::OWN) && catalogue.dataset(id).is_none())
}

#[cfg(test)]
mod tests {
    use protocol::{Choice, ItemKind, MethodCard, Role, Stage};

    use super::*;

    #[test]
    fn a_link_may_be_about_data_that_are_not_here() {
        let here = DatasetInfo { id: "own-0a".to_owned(), ..DatasetInfo::default() };
        let catalogue = Catalogue { datasets: vec![here], ..Catalogue::default() };
        let links = ["v=2&data.dataset=own-0b&seed=1", "v=2&data.dataset=own-0a", "v=2&data.dataset=ring", "v=2", ""];
        assert_eq!(links.map(|link| lacks(link, &catalogue)), [true, false, false, false, false]);
    }

    #[test]
    fn own_data_stay_where_a_preset_can_run_on_them() {
        let data = |id: &str, items| DatasetInfo {
            id: id.to_owned(),
            name: id.to_owned(),
            items,
            classes: 4,
            train_per_class: 50,
            test_per_class: 10,
            ..DatasetInfo::default()
        };
        let datasets = vec![
            data("fashion-mnist", ItemKind::Pixels),
            data("ring", ItemKind::Rows),
            data("own-0a", ItemKind::Pixels),
        ];
        let methods = vec![MethodCard::new(Choice::PLAIN, "None").role(Role::Plain)];
        let preset = |id: &str, dataset: &str| {
            let mut scenario =
                Scenario { preset: id.to_owned(), stages: vec![Stage::default()], ..Scenario::default() };
            scenario.data.dataset = dataset.to_owned();
            Preset { id: id.to_owned(), name: id.to_owned(), summary: String::new(), scenario }
        };
        let presets = vec![preset("extended", "fashion-mnist"), preset("flow", "ring")];
        let catalogue = Catalogue { datasets, methods, presets, ..Catalogue::default() };
        let take = |id: &str, dataset: &str| {
            let mut draft = Scenario::default();
            draft.data.dataset = dataset.to_owned();
            let preset = catalogue.preset(id).unwrap();
            let Chosen { scenario, left, .. } = chosen(preset, &draft, &catalogue);
            (scenario.data.dataset, left, beside(preset, &draft, &catalogue))
        };
        assert_eq!(take("extended", "fashion-mnist"), ("fashion-mnist".to_owned(), None, None));
        assert_eq!(take("extended", "own-0a"), ("own-0a".to_owned(), None, None));
        let (dataset, left, beside) = take("flow", "own-0a");
        assert_eq!(
            (dataset.as_str(), beside.as_deref()),
            ("ring", Some("not on your data: it has a world of its own"))
        );
        let of = |dataset: &str| {
            let mut scenario = Scenario::default();
            scenario.data.dataset = dataset.to_owned();
            scenario
        };
        let said = |from: &str, to: &str| super::left(&of(from), &of(to), &catalogue);
        assert_eq!(said("own-0a", "ring").unwrap(), "This runs on ring. own-0a stay among the datasets.");
        assert_eq!(
            (said("own-0a", "own-0a"), said("ring", "own-0a"), said("fashion-mnist", "ring")),
            (None, None, None)
        );
        assert_eq!(left.unwrap(), "flow has a world of its own: it runs on ring. own-0a stay among the datasets.");
    }
}
