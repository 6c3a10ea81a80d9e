//! Old and new embeddings of the test items in one plane. The plane and the axes are those of the old model's gallery, so
//! that what moves on the map has moved in the space.

use protocol::{ModelId, Projection, RunLog};

use crate::view::upgrade::Upgrade;

/// What the map shows, in the units of the plane.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MapView {
    /// Items under the old model.
    pub old: Vec<Mark>,
    /// Items under the new model.
    pub new: Vec<Mark>,
    /// Left, right, bottom and top of the axes; the same for the whole run.
    pub frame: Frame,
    /// Where to write the name of each class: the middle of its old items.
    pub labels: Vec<(usize, f32, f32)>,
    /// Share of the old model's variance that the plane holds, `0..=1`.
    pub explained: f64,
    /// Training step of the new model's marks.
    pub step: Option<u32>,
    /// Whether the plane is the embedding itself, of two dims, whose rows lie on the unit circle.
    pub circle: bool,
}

/// Which marks are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// Those of the old model.
    Old,
    /// Those of the new model.
    New,
    /// Both.
    Both,
    /// One set on its way from the old positions to the new ones.
    Morph,
}

/// What a mark looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// A hollow square: an item under the old model.
    Square,
    /// A disc: an item under the new model.
    Disc,
    /// A hollow circle: an item between the two.
    Ring,
}

/// Marks of one shape.
#[derive(Clone, Debug, PartialEq)]
pub struct Layer {
    /// Their shape.
    pub shape: Shape,
    /// One per item.
    pub marks: Vec<Mark>,
}

/// From an item to one of its best gallery items.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Line {
    /// The query's mark.
    pub from: (f32, f32),
    /// The gallery item's mark, under the old model.
    pub to: (f32, f32),
    /// Whether the new model asked, rather than the old one.
    pub new: bool,
}

/// Lines from an item under each pair of models.
pub const NEIGHBOURS: usize = 5;

impl Shown {
    /// All choices in the order of the switch.
    pub const ALL: [Self; 4] = [Self::Old, Self::New, Self::Both, Self::Morph];

    /// What a person reads.
    pub fn label(self) -> &'static str {
        match self {
            Self::Old => "old",
            Self::New => "new",
            Self::Both => "both",
            Self::Morph => "morph",
        }
    }
}

/// One item.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mark {
    /// Item id.
    pub item: u16,
    /// Its class.
    pub class: usize,
    /// Position in the plane.
    pub x: f32,
    /// Position in the plane.
    pub y: f32,
}

impl Mark {
    /// Position in the plane.
    pub fn position(&self) -> (f32, f32) {
        (self.x, self.y)
    }
}

/// A rectangle of the plane.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Frame {
    /// Least x.
    pub left: f32,
    /// Greatest x.
    pub right: f32,
    /// Least y.
    pub bottom: f32,
    /// Greatest y.
    pub top: f32,
    /// Whether it is a part of the map, outside of which things are out of sight; else they are kept at its edge.
    pub open: bool,
}

/// Air around the old marks, as a share of their extent; new marks spread a little wider than old ones.
const AIR: f32 = 0.08;

impl MapView {
    /// The map as far as `log` goes; empty before the old model was projected.
    pub fn of(log: &RunLog, upgrade: &Upgrade) -> Self {
        // The plane belongs to the first model of the run; later old models move in it like new ones.
        let first = ModelId::deployed(1);
        let latest = |model: ModelId| log.models.get(&model).and_then(|model| model.projection.as_ref());
        let Some(plane) = latest(first) else { return Self::default() };
        let old = latest(upgrade.old).map(|projection| marks(log, projection)).unwrap_or_default();
        let labels = centers(&old, log.class_names.len());
        let circle = log.models.get(&first).is_some_and(|model| model.dims == Some(2));
        Self {
            circle,
            new: latest(upgrade.new).map(|projection| marks(log, projection)).unwrap_or_default(),
            frame: if circle { Frame::CIRCLE } else { Frame::around(&marks(log, plane)) },
            labels,
            explained: plane.explained,
            step: latest(upgrade.new).map(|projection| projection.step),
            old,
        }
    }

    /// How many marks lie outside of a canvas of this width and height.
    pub fn outside(&self, (width, height): (f32, f32)) -> usize {
        let outside = |mark: &&Mark| {
            self.frame.spot(mark.x, mark.y, width, height) != self.frame.place(mark.x, mark.y, width, height)
        };
        self.old.iter().chain(&self.new).filter(outside).count()
    }

    /// Whether there is nothing to show.
    pub fn is_empty(&self) -> bool {
        self.old.is_empty() && self.new.is_empty()
    }

    /// The old and the new mark of each item that has both.
    pub fn pairs(&self) -> Vec<(Mark, Mark)> {
        let most = self.old.iter().map(|mark| usize::from(mark.item)).max();
        let mut old = vec![None; most.map_or(0, |most| most + 1)];
        for mark in &self.old {
            if let Some(slot) = old.get_mut(usize::from(mark.item)) {
                *slot = Some(*mark);
            }
        }
        let pair = |new: &Mark| Some((old.get(usize::from(new.item)).copied().flatten()?, *new));
        self.new.iter().filter_map(pair).collect()
    }

    /// What is drawn, from below to above; `share` of the way from old to new where marks move.
    pub fn layers(&self, shown: Shown, share: f32) -> Vec<Layer> {
        let old = || Layer { shape: Shape::Square, marks: self.old.clone() };
        let new = || Layer { shape: Shape::Disc, marks: self.new.clone() };
        match shown {
            Shown::Old => vec![old()],
            Shown::New => vec![new()],
            Shown::Both => vec![old(), new()],
            Shown::Morph => vec![self.between(share)],
        }
    }

    /// One mark per item that has both, so much of the straight way from its old to its new place.
    fn between(&self, share: f32) -> Layer {
        let on_the_way = |(old, new): (Mark, Mark)| Mark {
            x: old.x + share * (new.x - old.x),
            y: old.y + share * (new.y - old.y),
            ..new
        };
        let shape = match share {
            share if share <= 0.0 => Shape::Square,
            share if share >= 1.0 => Shape::Disc,
            _ => Shape::Ring,
        };
        Layer { shape, marks: self.pairs().into_iter().map(on_the_way).collect() }
    }

    /// Lines from an item to its best gallery items under old/old and new/old, as the rankings have them, between marks that are
    /// drawn.
    pub fn neighbours(&self, log: &RunLog, upgrade: &Upgrade, shown: Shown, item: u16) -> Vec<Line> {
        let find = |marks: &[Mark], item: u16| marks.iter().find(|mark| mark.item == item).map(|mark| (mark.x, mark.y));
        let lines = |new: bool| {
            let (model, marks) = if new { (upgrade.new, &self.new) } else { (upgrade.old, &self.old) };
            let ranked = log.rankings.get(&(model, upgrade.old)).and_then(|ranking| ranking.of(item));
            let (from, ranked) = find(marks, item).zip(ranked)?;
            let line = move |&to: &u16| Some(Line { from, to: find(&self.old, to)?, new });
            Some(ranked.iter().take(NEIGHBOURS).filter_map(line).collect::<Vec<_>>())
        };
        let (old, new) = (matches!(shown, Shown::Old | Shown::Both), shown == Shown::Both);
        let parts = [old.then(|| lines(false)), new.then(|| lines(true))];
        parts.into_iter().flatten().flatten().flatten().collect()
    }
}

impl Frame {
    /// Around the unit circle.
    const CIRCLE: Self = Self { left: -1.0 - AIR, right: 1.0 + AIR, bottom: -1.0 - AIR, top: 1.0 + AIR, open: false };

    fn around(marks: &[Mark]) -> Self {
        let (mut frame, mut any) = (Self::default(), false);
        for mark in marks.iter().filter(|mark| mark.x.is_finite() && mark.y.is_finite()) {
            if !any {
                frame = Self { left: mark.x, right: mark.x, bottom: mark.y, top: mark.y, open: false };
                any = true;
            }
            frame.left = frame.left.min(mark.x);
            frame.right = frame.right.max(mark.x);
            frame.bottom = frame.bottom.min(mark.y);
            frame.top = frame.top.max(mark.y);
        }
        let (wide, high) = ((frame.right - frame.left).max(1e-6), (frame.top - frame.bottom).max(1e-6));
        Self {
            left: frame.left - AIR * wide,
            right: frame.right + AIR * wide,
            bottom: frame.bottom - AIR * high,
            top: frame.top + AIR * high,
            open: false,
        }
    }

    /// Where a point lies on a canvas of this width and height, y downwards; points outside of the canvas are kept at its edge, unless
    /// a part of the map is on show.
    pub fn place(&self, x: f32, y: f32, width: f32, height: f32) -> (f32, f32) {
        let (across, down) = self.spot(x, y, width, height);
        if self.open {
            return (across, down);
        }
        let inside = |at: f32, end: f32| if at.is_finite() { at.clamp(0.0, end.max(0.0)) } else { end / 2.0 };
        (inside(across, width), inside(down, height))
    }

    /// The same without the edge. Both axes have the same scale, so that distances can be compared.
    fn spot(&self, x: f32, y: f32, width: f32, height: f32) -> (f32, f32) {
        let scale = self.scale(width, height);
        let across = width / 2.0 + (x - (self.left + self.right) / 2.0) * scale;
        let down = height / 2.0 - (y - (self.bottom + self.top) / 2.0) * scale;
        (across, down)
    }

    /// The point of the plane at a pixel of a canvas of this size.
    pub fn point(&self, (x, y): (f32, f32), (width, height): (f32, f32)) -> (f32, f32) {
        let scale = self.scale(width, height).max(f32::MIN_POSITIVE);
        let (middle, centre) = ((self.left + self.right) / 2.0, (self.bottom + self.top) / 2.0);
        (middle + (x - width / 2.0) / scale, centre - (y - height / 2.0) / scale)
    }

    /// Pixels of a canvas for a unit of the plane.
    fn scale(&self, width: f32, height: f32) -> f32 {
        let (wide, high) = ((self.right - self.left).max(1e-6), (self.top - self.bottom).max(1e-6));
        (width / wide).min(height / high)
    }
}

/// The mark nearest to a place on the canvas, if one lies within `reach` pixels; `position` is where a mark is in the plane.
pub fn nearest<'a, M: Copy + 'a>(
    marks: impl IntoIterator<Item = &'a M>,
    position: fn(&M) -> (f32, f32),
    frame: &Frame,
    (width, height): (f32, f32),
    (x, y): (f32, f32),
    reach: f32,
) -> Option<M> {
    let distance = |mark: &M| {
        let (mark_x, mark_y) = position(mark);
        let (mark_x, mark_y) = frame.place(mark_x, mark_y, width, height);
        (mark_x - x).powi(2) + (mark_y - y).powi(2)
    };
    let near = marks.into_iter().map(|mark| (distance(mark), *mark)).min_by(|a, b| a.0.total_cmp(&b.0));
    near.filter(|(distance, _)| *distance <= reach * reach).map(|(_, mark)| mark)
}

fn marks(log: &RunLog, projection: &Projection) -> Vec<Mark> {
    let class = |item: u16| log.test_labels.get(usize::from(item)).map_or(0, |&class| usize::from(class));
    let mark = |(&item, point): (&u16, &[f32])| match point {
        [x, y] => Some(Mark { item, class: class(item), x: *x, y: *y }),
        _ => None,
    };
    projection.items.iter().zip(projection.points.chunks_exact(2)).filter_map(mark).collect()
}

/// The middle of each class that has marks.
fn centers(marks: &[Mark], classes: usize) -> Vec<(usize, f32, f32)> {
    let center = |class: usize| {
        let (mut x, mut y, mut count) = (0.0, 0.0, 0.0);
        for mark in marks.iter().filter(|mark| mark.class == class) {
            x += mark.x;
            y += mark.y;
            count += 1.0;
        }
        (count > 0.0).then(|| (class, x / count, y / count))
    };
    (0..classes).filter_map(center).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::testing::{NEW, OLD, half_way, projected, ranking};

    #[test]
    fn the_frame_is_that_of_the_old_model_whatever_the_new_one_does() {
        let (mut log, upgrade) = (half_way(), Upgrade::to_stage(2));
        let before = MapView::of(&log, &upgrade);
        assert_eq!((before.old.len(), before.new.len()), (4, 0));
        assert!(
            (before.frame.left + 1.16).abs() < 1e-6 && (before.frame.top - 2.16).abs() < 1e-6,
            "{:?}",
            before.frame
        );
        assert_eq!(before.labels, [(0, 0.5, 0.5), (1, -1.0, 1.5)]);
        log.apply(&projected(NEW, &[50.0, 50.0]));
        let after = MapView::of(&log, &upgrade);
        assert_eq!((after.frame, after.new.len(), after.step), (before.frame, 1, Some(16)));
        let (x, y) = after.frame.place(50.0, 50.0, 100.0, 80.0);
        assert_eq!((x, y), (100.0, 0.0), "a mark outside stays at the edge");
        assert_eq!((before.outside((100.0, 80.0)), after.outside((100.0, 80.0))), (0, 1));
    }

    #[test]
    fn the_nearest_mark_is_found_within_reach_only() {
        let view = MapView::of(&half_way(), &Upgrade::to_stage(2));
        let (x, y) = view.frame.place(1.0, 1.0, 100.0, 100.0);
        let find =
            |x, y| nearest(&view.old, Mark::position, &view.frame, (100.0, 100.0), (x, y), 8.0).map(|mark| mark.item);
        assert_eq!(find(x + 3.0, y), Some(1));
        assert_eq!(find(x + 30.0, y + 30.0), None);
    }

    /// Of the items 0 to 3 the new model has placed the first two.
    fn both() -> (RunLog, MapView) {
        let mut log = half_way();
        log.apply(&projected(NEW, &[2.0, 4.0, -3.0, 1.0]));
        let map = MapView::of(&log, &Upgrade::to_stage(2));
        (log, map)
    }

    #[test]
    fn marks_move_along_straight_lines_and_look_like_what_they_are() {
        let (_, map) = both();
        let at = |share| {
            let layers = map.layers(Shown::Morph, share);
            assert_eq!(layers.len(), 1);
            let places: Vec<_> = layers[0].marks.iter().map(|mark| (mark.item, mark.x, mark.y)).collect();
            (layers[0].shape, places)
        };
        assert_eq!(at(0.0), (Shape::Square, vec![(0, 0.0, 0.0), (1, 1.0, 1.0)]), "where the old ones are");
        assert_eq!(at(0.25), (Shape::Ring, vec![(0, 0.5, 1.0), (1, 0.0, 1.0)]));
        assert_eq!(at(1.0), (Shape::Disc, vec![(0, 2.0, 4.0), (1, -3.0, 1.0)]), "where the new ones are");
        let shapes = |shown| map.layers(shown, 0.5).iter().map(|layer| layer.shape).collect::<Vec<_>>();
        assert_eq!(shapes(Shown::Both), [Shape::Square, Shape::Disc]);
    }

    #[test]
    fn neighbours_are_those_of_the_rankings_between_marks_that_are_drawn() {
        let (mut log, map) = both();
        let upgrade = Upgrade::to_stage(2);
        log.apply(&ranking(upgrade.old, upgrade.old, &[1, 2, 5, 4, 5, 4, 4, 5]));
        log.apply(&ranking(upgrade.new, upgrade.old, &[3, 5, 4, 5, 5, 4, 4, 5]));
        let lines = map.neighbours(&log, &upgrade, Shown::Both, 0);
        let of = |new| lines.iter().filter(|line| line.new == new).map(|line| (line.from, line.to)).collect::<Vec<_>>();
        assert_eq!(of(false), [((0.0, 0.0), (1.0, 1.0)), ((0.0, 0.0), (-1.0, 1.0))]);
        assert_eq!(of(true), [((2.0, 4.0), (-1.0, 2.0))], "item 5 is not on the map");
        assert!(map.neighbours(&log, &upgrade, Shown::Old, 0).iter().all(|line| !line.new));
        assert!(map.neighbours(&log, &upgrade, Shown::New, 0).is_empty());
        assert!(map.neighbours(&log, &upgrade, Shown::Both, 5).is_empty(), "not a query");
    }

    #[test]
    fn two_dims_are_shown_as_they_are_around_the_unit_circle() {
        let mut log = half_way();
        if let Some(model) = log.models.get_mut(&OLD) {
            model.dims = Some(2);
        }
        let map = MapView::of(&log, &Upgrade::to_stage(2));
        assert_eq!((map.circle, map.frame), (true, Frame::CIRCLE));
        assert!(!both().1.circle);
    }

    #[test]
    fn an_empty_log_is_an_empty_map() {
        assert!(MapView::of(&RunLog::default(), &Upgrade::to_stage(2)).is_empty());
    }
}
