//! Old and new embeddings of the test items in one plane. The plane and the axes are those of the old model's gallery, so
//! that what moves on the map has moved in the space.

use protocol::{ModelId, Projection, RunLog};

use super::upgrade::Upgrade;

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
}

/// Air around the old marks, as a share of their extent; new marks spread wider than old ones.
const AIR: f32 = 0.15;

impl MapView {
    /// The map as far as `log` goes; empty before the old model was projected.
    pub fn of(log: &RunLog, upgrade: &Upgrade) -> Self {
        // The plane belongs to the first model of the run; later old models move in it like new ones.
        let first = ModelId::deployed(1);
        let latest = |model: ModelId| log.models.get(&model).and_then(|model| model.projection.as_ref());
        let Some(plane) = latest(first) else { return Self::default() };
        let old = latest(upgrade.old).map(|projection| marks(log, projection)).unwrap_or_default();
        let labels = centers(&old, log.class_names.len());
        Self {
            new: latest(upgrade.new).map(|projection| marks(log, projection)).unwrap_or_default(),
            frame: Frame::around(&marks(log, plane)),
            labels,
            explained: plane.explained,
            step: latest(upgrade.new).map(|projection| projection.step),
            old,
        }
    }

    /// Whether there is nothing to show.
    pub fn is_empty(&self) -> bool {
        self.old.is_empty() && self.new.is_empty()
    }
}

impl Frame {
    fn around(marks: &[Mark]) -> Self {
        let (mut frame, mut any) = (Self::default(), false);
        for mark in marks.iter().filter(|mark| mark.x.is_finite() && mark.y.is_finite()) {
            if !any {
                frame = Self { left: mark.x, right: mark.x, bottom: mark.y, top: mark.y };
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
        }
    }

    /// Where a point lies on a canvas of this width and height, y downwards. Both axes have the same scale, so that
    /// distances can be compared; points outside of the canvas are kept at its edge.
    pub fn place(&self, x: f32, y: f32, width: f32, height: f32) -> (f32, f32) {
        let (wide, high) = ((self.right - self.left).max(1e-6), (self.top - self.bottom).max(1e-6));
        let scale = (width / wide).min(height / high);
        let across = width / 2.0 + (x - (self.left + self.right) / 2.0) * scale;
        let down = height / 2.0 - (y - (self.bottom + self.top) / 2.0) * scale;
        let inside = |at: f32, end: f32| if at.is_finite() { at.clamp(0.0, end.max(0.0)) } else { end / 2.0 };
        (inside(across, width), inside(down, height))
    }
}

/// The mark nearest to a place on the canvas, if one lies within `reach` pixels.
pub fn nearest<'a>(
    marks: impl IntoIterator<Item = &'a Mark>,
    frame: &Frame,
    (width, height): (f32, f32),
    (x, y): (f32, f32),
    reach: f32,
) -> Option<Mark> {
    let distance = |mark: &Mark| {
        let (mark_x, mark_y) = frame.place(mark.x, mark.y, width, height);
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
    use crate::view::testing::{NEW, half_way, projected};

    #[test]
    fn the_frame_is_that_of_the_old_model_whatever_the_new_one_does() {
        let (mut log, upgrade) = (half_way(), Upgrade::to_stage(2));
        let before = MapView::of(&log, &upgrade);
        assert_eq!((before.old.len(), before.new.len()), (4, 0));
        assert!((before.frame.left + 1.3).abs() < 1e-6 && (before.frame.top - 2.3).abs() < 1e-6, "{:?}", before.frame);
        assert_eq!(before.labels, [(0, 0.5, 0.5), (1, -1.0, 1.5)]);
        log.apply(&projected(NEW, &[50.0, 50.0]));
        let after = MapView::of(&log, &upgrade);
        assert_eq!((after.frame, after.new.len(), after.step), (before.frame, 1, Some(16)));
        let (x, y) = after.frame.place(50.0, 50.0, 100.0, 80.0);
        assert_eq!((x, y), (100.0, 0.0), "a mark outside stays at the edge");
    }

    #[test]
    fn the_nearest_mark_is_found_within_reach_only() {
        let view = MapView::of(&half_way(), &Upgrade::to_stage(2));
        let (x, y) = view.frame.place(1.0, 1.0, 100.0, 100.0);
        let find = |x, y| nearest(&view.old, &view.frame, (100.0, 100.0), (x, y), 8.0).map(|mark| mark.item);
        assert_eq!(find(x + 3.0, y), Some(1));
        assert_eq!(find(x + 30.0, y + 30.0), None);
    }

    #[test]
    fn an_empty_log_is_an_empty_map() {
        assert!(MapView::of(&RunLog::default(), &Upgrade::to_stage(2)).is_empty());
    }
}
