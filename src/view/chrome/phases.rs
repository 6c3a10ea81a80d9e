//! What a training step does, part by part, for those who watch it in slow motion.

use protocol::{Catalogue, Need, Needs, PhaseKind, RunLog};

/// The parts of a step of the model in training, in order; none while nothing trains.
pub fn phases(log: &RunLog, catalogue: &Catalogue) -> Vec<&'static str> {
    let Some(phase) = log.phase.and_then(|at| log.plan.get(at)).filter(|phase| phase.kind == PhaseKind::Train) else {
        return Vec::new();
    };
    let stage = log.scenario.as_ref().and_then(|scenario| scenario.stage(phase.model));
    let stage = stage.filter(|_| !phase.model.independent);
    let card = stage.and_then(|stage| catalogue.method(&stage.method.id));
    of(&card.map(|card| card.needs.clone()).unwrap_or_default())
}

/// The parts of a step under a method with these needs.
fn of(needs: &Needs) -> Vec<&'static str> {
    let parts = [
        (true, "draw a batch"),
        (needs.has(Need::OldFeatures), "old model embeds it"),
        (needs.has(Need::Teacher), "teacher embeds it"),
        (true, "losses"),
        (true, "backward and update"),
        (true, "measure when due"),
    ];
    parts.into_iter().filter(|(does, _)| *does).map(|(_, part)| part).collect()
}

#[cfg(test)]
mod tests {
    use protocol::{Choice, Event, MethodCard};

    use super::*;
    use crate::view::testing::half_way;

    fn catalogue() -> Catalogue {
        let bt2 = MethodCard::new("bt2", "BT2").needs([Need::Prototypes, Need::OldFeatures, Need::Teacher]);
        Catalogue { methods: vec![bt2], ..Catalogue::default() }
    }

    #[test]
    fn a_step_has_the_parts_that_its_method_needs() {
        let plain = ["draw a batch", "losses", "backward and update", "measure when due"];
        assert_eq!(of(&Needs::default()), plain);
        let beside = of(&[Need::OldFeatures].into_iter().collect());
        assert_eq!(beside[..3], ["draw a batch", "old model embeds it", "losses"]);

        let mut log = half_way();
        if let Some(scenario) = &mut log.scenario {
            scenario.stages[1].method = Choice::of("bt2");
        }
        let full = phases(&log, &catalogue());
        assert_eq!(full[..4], ["draw a batch", "old model embeds it", "teacher embeds it", "losses"]);
        log.apply(&Event::PhaseStarted { phase: 1 });
        assert_eq!(phases(&log, &catalogue()), plain, "the ceiling is trained without the method");
    }

    #[test]
    fn what_does_not_train_has_no_parts() {
        let mut log = half_way();
        log.apply(&Event::PhaseStarted { phase: 3 });
        assert_eq!(phases(&log, &catalogue()), Vec::<&str>::new());
        assert_eq!(phases(&RunLog::default(), &catalogue()), Vec::<&str>::new());
    }
}
