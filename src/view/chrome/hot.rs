//! What a change of the settings asks of a run that is under way: an adjustment, or a reset.

use protocol::{Adjustment, Catalogue, ModelId, PhaseKind, RunLog, Scenario, Setting};

/// How the form differs from what the worker holds.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Difference {
    /// Not at all.
    #[default]
    Nothing,
    /// By settings that can change while the run goes on.
    Adjust(Vec<Adjustment>),
    /// By more: the form is of another run, and all of it waits for a reset.
    Reset,
}

/// The difference of `draft` from `held`, what runs now, for a run that has got as far as `log`.
pub fn difference(held: &Scenario, draft: &Scenario, catalogue: &Catalogue, log: &RunLog) -> Difference {
    if held == draft {
        return Difference::Nothing;
    }
    let mut reached = held.clone();
    let mut adjust = Vec::new();
    for (stage, (now, wanted)) in (1..).zip(held.stages.iter().zip(&draft.stages)) {
        if now == wanted || !is_open(log, ModelId::deployed(stage)) {
            continue;
        }
        for (setting, _) in Setting::hot(now, catalogue) {
            let (from, to) = (setting.read(now), setting.read(wanted));
            if let Some(value) = to.filter(|_| from != to) {
                let adjustment = Adjustment { stage, setting, value };
                reached.adjust(&adjustment);
                adjust.push(adjustment);
            }
        }
    }
    if reached == *draft { Difference::Adjust(adjust) } else { Difference::Reset }
}

/// Whether a model trains or is still to be trained. It is the last of its stage, so what changes then changes something.
fn is_open(log: &RunLog, model: ModelId) -> bool {
    let planned =
        log.plan.iter().any(|phase| phase.kind == PhaseKind::Train && phase.model == model && phase.steps > 0);
    planned && log.models.get(&model).is_none_or(|model| model.trained.is_none())
}

#[cfg(test)]
mod tests {
    use protocol::{Choice, MethodCard, Parameter};

    use super::*;
    use crate::view::testing::half_way;

    fn catalogue() -> Catalogue {
        let real = |id| Parameter::real(id, id, (0.0, 20.0, 0.1), 1.0, "");
        let bct = MethodCard::new("bct", "BCT").parameters([real("lambda").hot(), real("influence_scale")]);
        Catalogue { methods: vec![bct], ..Catalogue::default() }
    }

    /// What a change means while the second stage trains, the first being done.
    fn after(change: impl Fn(&mut Scenario)) -> Difference {
        let log = half_way();
        let mut held = log.scenario.clone().unwrap();
        held.stages[1].method = Choice::of("bct").with("lambda", 1.0).with("influence_scale", 10.0);
        let mut draft = held.clone();
        change(&mut draft);
        difference(&held, &draft, &catalogue(), &log)
    }

    fn set(method: &str, value: f64) -> impl Fn(&mut Scenario) {
        move |draft| {
            draft.stages[1].method.values.insert(method.to_owned(), value);
        }
    }

    #[test]
    fn nothing_changed_asks_for_nothing() {
        assert_eq!(after(|_| ()), Difference::Nothing);
    }

    #[test]
    fn rate_and_weights_are_adjusted() {
        let found = after(|draft| {
            draft.stages[1].schedule.rate = 0.01;
            set("lambda", 3.0)(draft);
        });
        let of = |setting, value| Adjustment { stage: 2, setting, value };
        let rate = of(Setting::Stage("schedule.rate".to_owned()), 0.01);
        assert_eq!(found, Difference::Adjust(vec![rate, of(Setting::Method("lambda".to_owned()), 3.0)]));
    }

    #[test]
    fn shapes_data_seed_and_other_parameters_ask_for_a_reset() {
        let changes: [fn(&mut Scenario); 6] = [
            |draft| draft.stages[1].dims += 8,
            |draft| draft.seed += 1,
            |draft| draft.data.shift += 1,
            |draft| draft.stages[1].schedule.epochs += 1,
            |draft| set("influence_scale", 1.0)(draft),
            |draft| drop(draft.stages.pop()),
        ];
        for change in changes {
            assert_eq!(after(change), Difference::Reset);
        }
        let other = after(|draft| draft.stages[1].method = Choice::of("l2").with("lambda", 3.0));
        assert_eq!(other, Difference::Reset, "a weight of another method is no weight of this one");
    }

    #[test]
    fn a_weight_waits_for_the_reset_that_another_change_asks_for() {
        let found = after(|draft| {
            set("lambda", 3.0)(draft);
            draft.stages[1].dims += 8;
        });
        assert_eq!(found, Difference::Reset);
    }

    #[test]
    fn what_is_trained_already_needs_a_reset() {
        assert_eq!(after(|draft| draft.stages[0].schedule.rate = 0.01), Difference::Reset);
        let (mut held, log) = (half_way().scenario.unwrap(), RunLog { plan: Vec::new(), ..half_way() });
        let draft = held.clone();
        held.stages[1].schedule.rate = 0.01;
        let found = difference(&held, &draft, &catalogue(), &log);
        assert_eq!(found, Difference::Reset, "what was imported is not trained here");
    }
}
