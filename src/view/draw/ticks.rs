//! Changes of settings on the way, as marks on the axis of a chart.

use protocol::{ModelId, RunLog};

use super::axis::Axis;
use super::format;

/// A change of a setting.
#[derive(Clone, Debug, PartialEq)]
pub struct Tick {
    /// Place on the axis.
    pub at: f64,
    /// What changed, from what to what.
    pub label: String,
}

/// What changed while these models trained; nothing that is not on the axis yet.
pub fn ticks(log: &RunLog, models: &[ModelId], x: Axis) -> Vec<Tick> {
    let of = |model: &ModelId| {
        let adjustments = log.models.get(model).map(|log| log.adjustments.as_slice()).unwrap_or_default();
        let tick = |it: &protocol::Adjusted| {
            let (from, to) = (format::setting(it.from), format::setting(it.to));
            Some(Tick { at: x.at(log, *model, it.step)?, label: format!("{model} {}: {from} to {to}", it.what) })
        };
        adjustments.iter().filter_map(tick).collect::<Vec<_>>()
    };
    models.iter().flat_map(of).collect()
}

#[cfg(test)]
mod tests {
    use protocol::{Adjusted, Event, Setting};

    use super::*;
    use crate::view::draw::series::Curves;
    use crate::view::instruments::curves::Kind;
    use crate::view::testing::{CEILING, NEW, half_way};
    use crate::view::upgrade::Upgrade;

    fn changed() -> RunLog {
        let mut log = half_way();
        for (model, step) in [(NEW, 16), (CEILING, 0)] {
            let adjusted = Adjusted { step, what: "Learning rate".to_owned(), from: 0.002, to: 0.01 };
            let setting = Setting::Stage("schedule.rate".to_owned());
            log.apply(&Event::Adjusted { model, setting, adjusted });
        }
        log
    }

    #[test]
    fn a_change_stands_where_it_happened() {
        let tick = |at, model: &str| Tick { at, label: format!("{model} Learning rate: 0.002 to 0.01") };
        assert_eq!(ticks(&changed(), &[CEILING, NEW], Axis::Steps), [tick(0.0, "v2*"), tick(16.0, "v2")]);
        assert_eq!(ticks(&changed(), &[NEW], Axis::Epochs), [tick(1.6, "v2")]);
        assert_eq!(ticks(&changed(), &[NEW], Axis::Reembedded), []);
    }

    #[test]
    fn a_chart_has_the_changes_of_the_models_that_it_shows() {
        let count = |kind, model| Curves::of(&changed(), &Upgrade::to_stage(2), kind, model, Axis::Steps).ticks.len();
        assert_eq!((count(Kind::Loss, NEW), count(Kind::Loss, ModelId::deployed(1))), (1, 0));
        assert_eq!((count(Kind::Retrieval, NEW), count(Kind::Forgetting, NEW), count(Kind::Backfill, NEW)), (2, 1, 0));
        let said = Curves::of(&changed(), &Upgrade::to_stage(2), Kind::Loss, NEW, Axis::Steps).changes();
        assert_eq!(said, ["v2 Learning rate: 0.002 to 0.01 at step 16"]);
    }
}
