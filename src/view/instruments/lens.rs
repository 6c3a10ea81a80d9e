//! The part of the map on show: enlarged and moved, the whole at first.

use super::map::Frame;

/// The least and the most that it is enlarged: further out is what lies outside of the whole.
const RANGE: (f32, f32) = (0.4, 60.0);
/// How far at least what was looked for is enlarged.
const NEAR: f32 = 3.0;

/// The part of the map on show.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Lens {
    /// How many times larger than as a whole.
    pub zoom: f32,
    /// Its middle in shares of the whole, from the left.
    x: f32,
    /// The same from below.
    y: f32,
}

/// How two fingers moved.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pinch {
    /// From these pixels.
    pub from: [(f32, f32); 2],
    /// To these.
    pub to: [(f32, f32); 2],
}

/// The fingers that lie on the map, in the order in which they came.
#[derive(Clone, Debug, Default)]
pub struct Fingers(Vec<(i32, (f32, f32))>);

impl Fingers {
    /// Takes one more; whether it is the only one.
    pub fn down(&mut self, id: i32, at: (f32, f32)) -> bool {
        self.up(id);
        self.0.push((id, at));
        self.0.len() == 1
    }

    /// Moves one; how the first two moved, where there are two.
    pub fn moved(&mut self, id: i32, to: (f32, f32)) -> Option<Pinch> {
        let from = self.first_two();
        self.0.iter_mut().find(|finger| finger.0 == id)?.1 = to;
        Some(Pinch { from: from?, to: self.first_two()? })
    }

    /// Takes one away.
    pub fn up(&mut self, id: i32) {
        self.0.retain(|finger| finger.0 != id);
    }

    fn first_two(&self) -> Option<[(f32, f32); 2]> {
        match self.0.as_slice() {
            [(_, one), (_, other), ..] => Some([*one, *other]),
            _ => None,
        }
    }
}

impl Lens {
    /// All of it.
    pub const WHOLE: Self = Self { zoom: 1.0, x: 0.5, y: 0.5 };

    /// Whether it is all of it.
    pub fn is_whole(self) -> bool {
        self == Self::WHOLE
    }

    /// What it shows of the whole.
    pub fn frame(self, whole: Frame) -> Frame {
        if self.is_whole() {
            return whole;
        }
        let (wide, high) = extent(whole);
        let (x, y) = (whole.left + self.x * wide, whole.bottom + self.y * high);
        let (across, up) = (0.5 * wide / self.zoom, 0.5 * high / self.zoom);
        Frame { left: x - across, right: x + across, bottom: y - up, top: y + up, open: true }
    }

    /// The same so many times larger; what is at a pixel of a canvas of this size stays there. On the way out it becomes the whole once.
    pub fn zoomed(self, whole: Frame, size: (f32, f32), at: (f32, f32), times: f32) -> Self {
        let zoom = (self.zoom * times).clamp(RANGE.0, RANGE.1);
        if self.zoom > 1.0 && zoom <= 1.0 {
            return Self::WHOLE;
        }
        let after = Self { zoom, ..self };
        let (there, here) = (self.frame(whole).point(at, size), after.frame(whole).point(at, size));
        after.shifted(whole, (there.0 - here.0, there.1 - here.1))
    }

    /// The same moved with the pointer from pixel to pixel.
    pub fn dragged(self, whole: Frame, size: (f32, f32), from: (f32, f32), to: (f32, f32)) -> Self {
        let frame = self.frame(whole);
        let (from, to) = (frame.point(from, size), frame.point(to, size));
        self.shifted(whole, (from.0 - to.0, from.1 - to.1))
    }

    /// The same moved and enlarged with two fingers.
    pub fn pinched(self, whole: Frame, size: (f32, f32), Pinch { from, to }: Pinch) -> Self {
        let middle = |[one, other]: [(f32, f32); 2]| (0.5 * (one.0 + other.0), 0.5 * (one.1 + other.1));
        let apart = |[one, other]: [(f32, f32); 2]| (one.0 - other.0).hypot(one.1 - other.1).max(1.0);
        let dragged = self.dragged(whole, size, middle(from), middle(to));
        dragged.zoomed(whole, size, middle(to), apart(to) / apart(from))
    }

    /// Near to a point of the plane, which is in its middle.
    pub fn around(self, whole: Frame, (x, y): (f32, f32)) -> Self {
        let (wide, high) = extent(whole);
        let share = |at: f32, from: f32, length: f32| ((at - from) / length).clamp(0.0, 1.0);
        Self { zoom: self.zoom.max(NEAR), x: share(x, whole.left, wide), y: share(y, whole.bottom, high) }
    }

    /// The same moved by so much of the plane, its middle no further than the end of the whole.
    fn shifted(self, whole: Frame, (x, y): (f32, f32)) -> Self {
        let (wide, high) = extent(whole);
        Self { x: (self.x + x / wide).clamp(0.0, 1.0), y: (self.y + y / high).clamp(0.0, 1.0), ..self }
    }
}

fn extent(whole: Frame) -> (f32, f32) {
    ((whole.right - whole.left).max(1e-6), (whole.top - whole.bottom).max(1e-6))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const WHOLE: Frame = Frame { left: -2.0, right: 2.0, bottom: 0.0, top: 2.0, open: false };
    const SIZE: (f32, f32) = (400.0, 200.0);

    fn near(one: (f32, f32), other: (f32, f32), by: f32) -> bool {
        (one.0 - other.0).abs() <= by && (one.1 - other.1).abs() <= by
    }

    #[test]
    fn the_whole_is_as_it_was_and_the_way_out_ends_there_before_it_goes_on() {
        assert_eq!(Lens::WHOLE.frame(WHOLE), WHOLE);
        let close = Lens::WHOLE.zoomed(WHOLE, SIZE, (10.0, 10.0), 2.0);
        assert!(!close.is_whole() && close.frame(WHOLE).open);
        assert!(close.zoomed(WHOLE, SIZE, (300.0, 10.0), 0.3).is_whole());
        let out = Lens::WHOLE.zoomed(WHOLE, SIZE, (200.0, 100.0), 0.5);
        assert_eq!(out.frame(WHOLE), Frame { left: -4.0, right: 4.0, bottom: -1.0, top: 3.0, open: true });
        assert_eq!(out.zoomed(WHOLE, SIZE, (200.0, 100.0), 1e-9).zoom, RANGE.0);
    }

    #[test]
    fn what_was_looked_for_is_in_the_middle_and_near() {
        let lens = Lens::WHOLE.around(WHOLE, (1.0, 0.5));
        assert!(near(lens.frame(WHOLE).place(1.0, 0.5, SIZE.0, SIZE.1), (200.0, 100.0), 1e-3));
        assert_eq!((lens.zoom, Lens { zoom: 9.0, ..lens }.around(WHOLE, (1.0, 0.5)).zoom), (NEAR, 9.0));
    }

    #[test]
    fn two_fingers_hold_what_is_below_them() {
        let begun = Lens::WHOLE.zoomed(WHOLE, SIZE, (200.0, 100.0), 2.0);
        let (from, to) = ([(150.0, 90.0), (250.0, 110.0)], [(120.0, 84.0), (320.0, 124.0)]);
        let held = from.map(|at| begun.frame(WHOLE).point(at, SIZE));
        let after = begun.pinched(WHOLE, SIZE, Pinch { from, to });
        assert!((after.zoom - 4.0).abs() < 1e-3, "{}", after.zoom);
        for (point, at) in held.into_iter().zip(to) {
            assert!(near(after.frame(WHOLE).place(point.0, point.1, SIZE.0, SIZE.1), at, 0.1), "{at:?}");
        }
    }

    #[test]
    fn two_of_the_fingers_pinch_and_one_alone_does_not() {
        let mut fingers = Fingers::default();
        assert!(fingers.down(7, (1.0, 1.0)));
        assert_eq!((fingers.moved(7, (2.0, 2.0)), fingers.moved(9, (2.0, 2.0))), (None, None));
        assert!(!fingers.down(8, (5.0, 5.0)) && !fingers.down(9, (0.0, 0.0)));
        let pinch = Pinch { from: [(2.0, 2.0), (5.0, 5.0)], to: [(2.0, 2.0), (6.0, 5.0)] };
        assert_eq!((fingers.moved(8, (6.0, 5.0)), fingers.moved(6, (6.0, 5.0))), (Some(pinch), None));
        fingers.up(7);
        fingers.up(9);
        assert_eq!(fingers.moved(8, (7.0, 5.0)), None);
    }

    proptest! {
        #[test]
        fn the_pointer_keeps_what_is_below_it(x in 120.0f32..280.0, y in 60.0f32..140.0, times in 1.05f32..4.0, to in 150.0f32..250.0) {
            let held = WHOLE.point((x, y), SIZE);
            let zoomed = Lens::WHOLE.zoomed(WHOLE, SIZE, (x, y), times);
            prop_assert!(near(zoomed.frame(WHOLE).place(held.0, held.1, SIZE.0, SIZE.1), (x, y), 0.1));
            let dragged = zoomed.dragged(WHOLE, SIZE, (x, y), (to, 100.0));
            prop_assert!(near(dragged.frame(WHOLE).place(held.0, held.1, SIZE.0, SIZE.1), (to, 100.0), 0.1));
        }

        #[test]
        fn the_middle_never_leaves_the_whole(ways in prop::collection::vec((0.0f32..400.0, 0.0f32..200.0, 0.1f32..9.0), 1..12)) {
            let mut lens = Lens::WHOLE;
            for (x, y, times) in ways {
                lens = lens.zoomed(WHOLE, SIZE, (x, y), times).dragged(WHOLE, SIZE, (x, y), (y, x));
                prop_assert!((0.0..=1.0).contains(&lens.x) && (0.0..=1.0).contains(&lens.y));
                prop_assert!((RANGE.0..=RANGE.1).contains(&lens.zoom));
            }
        }
    }
}
