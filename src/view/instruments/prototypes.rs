//! Prototypes on the map: the class vectors of the old and of the new model's head.

use protocol::{EqualCosines, ModelId, Prototypes, RunLog};

use super::map::Shown;
use crate::view::upgrade::Upgrade;

/// The prototypes of an upgrade, in the units of the plane.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PrototypesView {
    /// Of the old model.
    pub old: Vec<Prototype>,
    /// Of the new model.
    pub new: Vec<Prototype>,
    /// Which marks are whose, and whether they are trained, in a sentence.
    pub legend: String,
    /// What stands on the mark of each class: as much of its name as tells it from the others.
    pub initials: Vec<String>,
}

/// The class vector of a head, drawn as a diamond.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Prototype {
    /// Its class.
    pub class: usize,
    /// Position in the plane.
    pub x: f32,
    /// Position in the plane.
    pub y: f32,
    /// Whether it is the new model's, drawn full, rather than the old one's or between the two.
    pub new: bool,
}

impl Prototype {
    /// Position in the plane.
    pub fn position(&self) -> (f32, f32) {
        (self.x, self.y)
    }
}

impl PrototypesView {
    /// The prototypes as far as `log` goes; none of a model whose head is not on what it stores.
    pub fn of(log: &RunLog, upgrade: &Upgrade) -> Self {
        let latest = |model: ModelId| log.models.get(&model).and_then(|model| model.prototypes.as_ref());
        let (old, new) = (latest(upgrade.old), latest(upgrade.new));
        let part = |glyph: char, model: ModelId, found: Option<&Prototypes>| {
            found.map(|it| format!("{glyph} {model}, {}", if it.learned { "learned" } else { "fixed" }))
        };
        let parts = [part('\u{25c7}', upgrade.old, old), part('\u{25c6}', upgrade.new, new)];
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        Self {
            old: old.map(|old| marks(old, false)).unwrap_or_default(),
            new: new.map(|new| marks(new, true)).unwrap_or_default(),
            legend: if parts.is_empty() { String::new() } else { format!("Prototypes: {}.", parts.join("; ")) },
            initials: initials(&log.class_names),
        }
    }

    /// Whether neither model has any.
    pub fn is_empty(&self) -> bool {
        self.old.is_empty() && self.new.is_empty()
    }

    /// Those that are drawn; `share` of the straight way from old to new where marks move.
    pub fn shown(&self, shown: Shown, share: f32) -> Vec<Prototype> {
        match shown {
            Shown::Old => self.old.clone(),
            Shown::New => self.new.clone(),
            Shown::Both => [self.old.as_slice(), &self.new].concat(),
            Shown::Morph => {
                let on_the_way = |(old, new): (&Prototype, &Prototype)| Prototype {
                    x: old.x + share * (new.x - old.x),
                    y: old.y + share * (new.y - old.y),
                    class: new.class,
                    new: share >= 1.0,
                };
                // Both are in the order of the classes.
                self.old.iter().zip(&self.new).map(on_the_way).collect()
            }
        }
    }
}

/// How equally a fixed head keeps its class vectors apart, in a sentence per model that has one.
pub fn cosines(log: &RunLog) -> Vec<String> {
    let line = |(id, equal): (&ModelId, EqualCosines)| {
        let EqualCosines { vectors, exact, deviation } = equal;
        let exact = format!("{exact:.5}").replace('-', "\u{2212}");
        let corners = vectors.saturating_sub(1);
        format!(
            "{id}: any two of the {vectors} fixed class vectors have the cosine \u{2212}1/{corners} = {exact}; the largest deviation \
             measured is {deviation:.0e}."
        )
    };
    log.models.iter().filter_map(|(id, model)| Some((id, model.prototypes.as_ref()?.equal?))).map(line).collect()
}

fn marks(prototypes: &Prototypes, new: bool) -> Vec<Prototype> {
    let mark = |(class, point): (usize, &[f32])| match point {
        [x, y] => Some(Prototype { class, x: *x, y: *y, new }),
        _ => None,
    };
    prototypes.points.chunks_exact(2).enumerate().filter_map(mark).collect()
}

/// The shortest beginning of each name that no other name has; one letter at least, all of it if there is none.
fn initials(names: &[String]) -> Vec<String> {
    let lower: Vec<String> = names.iter().map(|name| name.to_lowercase()).collect();
    let initial = |(at, name): (usize, &String)| {
        let taken = |begin: &str| lower.iter().enumerate().any(|(other, name)| other != at && name.starts_with(begin));
        let mut begins = (1..=name.chars().count()).map(|count| name.chars().take(count).collect::<String>());
        begins.find(|begin| !taken(&begin.to_lowercase())).unwrap_or_else(|| name.clone())
    };
    names.iter().enumerate().map(initial).collect()
}

#[cfg(test)]
mod tests {
    use protocol::{Event, Packed};

    use super::*;
    use crate::view::testing::{NEW, OLD, half_way};

    fn projected(model: ModelId, points: &[f32], learned: bool) -> Event {
        let equal = (!learned).then_some(EqualCosines { vectors: 33, exact: -1.0 / 32.0, deviation: 5.96e-8 });
        Event::PrototypesProjected { model, step: 16, points: Packed(points.to_vec()), learned, equal }
    }

    #[test]
    fn prototypes_are_those_of_both_models_and_move_like_items() {
        let (mut log, upgrade) = (half_way(), Upgrade::to_stage(2));
        assert!(PrototypesView::of(&log, &upgrade).is_empty());
        log.apply(&projected(OLD, &[0.0, 1.0], true));
        log.apply(&projected(NEW, &[4.0, -1.0, 2.0, 2.0], false));
        let view = PrototypesView::of(&log, &upgrade);
        assert_eq!(view.legend, "Prototypes: \u{25c7} v1, learned; \u{25c6} v2, fixed.");
        let at =
            |shown, share| view.shown(shown, share).iter().map(|it| (it.class, it.x, it.y, it.new)).collect::<Vec<_>>();
        assert_eq!(at(Shown::Both, 0.5), [(0, 0.0, 1.0, false), (0, 4.0, -1.0, true), (1, 2.0, 2.0, true)]);
        assert_eq!(at(Shown::Morph, 0.25), [(0, 1.0, 0.5, false)], "the old model has no other class");
        assert_eq!(at(Shown::Morph, 1.0), at(Shown::New, 1.0)[..1]);
    }

    #[test]
    fn what_is_exact_stands_beside_what_was_measured() {
        let mut log = half_way();
        log.apply(&projected(OLD, &[0.0, 1.0], true));
        log.apply(&projected(NEW, &[0.0, 1.0], false));
        assert_eq!(
            cosines(&log),
            [
                "v2: any two of the 33 fixed class vectors have the cosine \u{2212}1/32 = \u{2212}0.03125; the largest deviation \
              measured is 6e-8."
            ]
        );
    }

    #[test]
    fn initials_tell_classes_apart() {
        let of = |names: &[&str]| initials(&names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>());
        assert_eq!(of(&["Shirt", "Sandal", "Bag", "bat"]), ["Sh", "Sa", "Bag", "bat"]);
        assert_eq!(of(&["Coat", "Coat hanger", ""]), ["Coat", "Coat ", ""]);
    }
}
