//! Where words stand on a crowded picture: near their points, and none over another.

/// Height of a line in pixels.
pub const LINE: f64 = 13.0;
/// Pixels between two words.
const GAP: f64 = 3.0;
/// Places to try around a point, the best first: to the right in widths of the word, down in lines.
const PLACES: [(f64, f64); 9] = [
    (0.0, 0.0),
    (0.0, -1.0),
    (0.0, 1.0),
    (0.55, 0.0),
    (-0.55, 0.0),
    (0.5, -1.0),
    (-0.5, -1.0),
    (0.5, 1.0),
    (-0.5, 1.0),
];

/// A rectangle around its middle, in pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Area {
    /// Middle, from the left.
    pub x: f64,
    /// Middle, from above.
    pub y: f64,
    /// Width.
    pub wide: f64,
    /// Height.
    pub high: f64,
}

impl Area {
    fn meets(&self, other: &Self) -> bool {
        (self.x - other.x).abs() < (self.wide + other.wide) / 2.0 + GAP
            && (self.y - other.y).abs() < (self.high + other.high) / 2.0
    }

    fn within(&self, (wide, high): (f64, f64)) -> bool {
        let inside = |at: f64, half: f64, end: f64| at - half >= 0.0 && at + half <= end;
        inside(self.x, self.wide / 2.0 + GAP, wide) && inside(self.y, self.high / 2.0, high)
    }
}

/// For each word, given by the width that it takes around its point, where its middle goes on a picture of this size; none where all
/// places around its point are taken by words before it or by what else must stay in sight.
pub fn places(words: &[(f64, f64, f64)], taken: &[Area], size: (f64, f64)) -> Vec<Option<(f64, f64)>> {
    let mut taken = taken.to_vec();
    let mut place = |&(x, y, wide): &(f64, f64, f64)| {
        let at = |&(right, down): &(f64, f64)| Area { x: x + right * wide, y: y + down * LINE, wide, high: LINE };
        let free = |area: &Area| area.within(size) && !taken.iter().any(|other| area.meets(other));
        let area = PLACES.iter().map(at).find(free)?;
        taken.push(area);
        Some((area.x, area.y))
    };
    words.iter().map(&mut place).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_word_stands_at_its_point_or_beside_it_or_not_at_all() {
        let size = (200.0, 100.0);
        let same = [(100.0, 50.0, 40.0); 9];
        let found = places(&same, &[], size);
        assert_eq!(found[..3], [Some((100.0, 50.0)), Some((100.0, 37.0)), Some((100.0, 63.0))]);
        // 0.55 widths are less than a width: there is no room beside it.
        assert_eq!(found[3..], [None; 6]);
        assert_eq!(places(&[(2.0, 50.0, 40.0)], &[], size), [Some((24.0, 50.0))], "not over the edge");
        let middle = Area { x: 100.0, y: 50.0, wide: 18.0, high: 9.0 };
        assert_eq!(places(&same[..1], &[middle], size), [Some((100.0, 37.0))]);
    }

    proptest! {
        #[test]
        fn none_lies_over_another(words in prop::collection::vec((0.0..300.0, 0.0..150.0, 5.0..80.0), 0..30)) {
            let found = places(&words, &[], (300.0, 150.0));
            let areas: Vec<Area> = found
                .iter()
                .zip(&words)
                .filter_map(|(at, (.., wide))| at.map(|(x, y)| Area { x, y, wide: *wide, high: LINE }))
                .collect();
            for (at, area) in areas.iter().enumerate() {
                prop_assert!(area.within((300.0, 150.0)));
                prop_assert!(!areas[at + 1..].iter().any(|other| area.meets(other)));
            }
        }
    }
}
