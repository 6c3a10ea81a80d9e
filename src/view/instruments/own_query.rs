//! A picture of the reader's own as a query: made like those of the dataset, and what it finds.

use protocol::{Nearest, RunLog};

use super::strips::{StripView, class_name};
use crate::view::few::sort_few;
use crate::view::upgrade::Upgrade;

/// Side of what a picture is drawn on, as a multiple of that of the dataset's pictures: fine enough to be cut and enlarged.
const FINER: usize = 4;
/// How far a pixel has to be from the ground to stand on it, of 255.
const APART: f32 = 40.0;
/// Classes that a row names.
const NAMED: usize = 3;

/// Channels, width and height of a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// 1 (grey) or 3 (red, green, blue).
    pub channels: usize,
    /// Columns.
    pub width: usize,
    /// Rows.
    pub height: usize,
}

/// A picture: one channel after the other, each row by row, 8 bits.
#[derive(Clone, Debug, PartialEq)]
pub struct Raster {
    size: Size,
    pixels: Vec<u8>,
}

/// How a picture is made like those of the dataset.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fit {
    /// Whether light and dark change places.
    pub invert: bool,
    /// Whether it is cut to what stands on its ground, which then fills it; else all of it stays.
    pub cut: bool,
}

/// A line of the pen, in shares of a picture's side.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stroke {
    /// Where it begins.
    pub from: (f32, f32),
    /// Where it ends.
    pub to: (f32, f32),
    /// Its width.
    pub width: f32,
}

impl Fit {
    /// What suits a picture on this ground. The pictures that ship are cut out, light on dark, so others become like them; of a reader's
    /// own nobody knows how they are.
    pub fn proposed(picture: &Raster, own: bool) -> Self {
        Self { invert: !own && picture.is_light(), cut: !own }
    }
}

impl Raster {
    /// A dark sheet to draw on, for pictures of this size.
    pub fn sheet(size: Size) -> Self {
        let side = FINER * size.width.max(size.height);
        let size = Size { channels: size.channels, width: side, height: side };
        Self { size, pixels: vec![0; side * side * size.channels] }
    }

    /// A picture as browsers have them, red, green, blue and alpha, in the middle of a square of its ground.
    pub fn of_rgba(rgba: &[u8], width: usize, channels: usize) -> Self {
        let height = rgba.len() / (4 * width.max(1));
        let value = |pixel: &[u8], channel: usize| match (channels, pixel) {
            // As the eye weighs them.
            (1, &[red, green, blue, ..]) => {
                (0.299 * f32::from(red) + 0.587 * f32::from(green) + 0.114 * f32::from(blue)).round() as u8
            }
            _ => pixel.get(channel).copied().unwrap_or_default(),
        };
        let plane = |channel: usize| rgba.chunks_exact(4).map(move |pixel| value(pixel, channel));
        let picture = Self { size: Size { channels, width, height }, pixels: (0..channels).flat_map(plane).collect() };
        let side = width.max(height);
        picture.resized((0.5 * (width as f32 - side as f32), 0.5 * (height as f32 - side as f32)), 1.0, side, side)
    }

    /// Its size.
    pub fn size(&self) -> Size {
        self.size
    }

    /// Its values.
    pub fn pixels(&self) -> &[u8] {
        &self.pixels
    }

    /// Red, green, blue and alpha of each pixel, row by row, as a canvas takes them.
    pub fn rgba(&self) -> Vec<u8> {
        let plane = self.size.width * self.size.height;
        let value = |at: usize, channel: usize| {
            self.pixels.get(at + channel.min(self.size.channels.max(1) - 1) * plane).copied().unwrap_or_default()
        };
        (0..plane).flat_map(|at| [value(at, 0), value(at, 1), value(at, 2), 255]).collect()
    }

    /// Whether nothing stands on its ground.
    pub fn is_empty(&self) -> bool {
        self.content().is_none()
    }

    /// Draws a line with round ends in a colour.
    pub fn draw(&mut self, stroke: Stroke, ink: [u8; 3]) {
        let Size { width, height, .. } = self.size;
        let side = width.max(height) as f32;
        let place = |(x, y): (f32, f32)| (x * width as f32, y * height as f32);
        let (from, to, radius) = (place(stroke.from), place(stroke.to), 0.5 * stroke.width * side);
        let (along, across) = (to.0 - from.0, to.1 - from.1);
        let length = (along * along + across * across).max(f32::MIN_POSITIVE);
        let reach = |one: f32, other: f32, end: usize| {
            let (least, most) = (one.min(other) - radius - 1.0, one.max(other) + radius + 1.0);
            // Casts stay at 0 below it.
            least as usize..(most as usize + 1).min(end)
        };
        for row in reach(from.1, to.1, height) {
            for column in reach(from.0, to.0, width) {
                let (x, y) = (column as f32 + 0.5 - from.0, row as f32 + 0.5 - from.1);
                let share = ((x * along + y * across) / length).clamp(0.0, 1.0);
                let away = (x - share * along).hypot(y - share * across);
                let covered = (radius + 0.5 - away).clamp(0.0, 1.0);
                for (channel, ink) in ink.into_iter().take(self.size.channels).enumerate() {
                    if let Some(value) = self.pixels.get_mut((channel * height + row) * width + column) {
                        let under = f32::from(*value);
                        *value = (under + covered * (f32::from(ink) - under)).round() as u8;
                    }
                }
            }
        }
    }

    /// The picture as models look at it, in the size of the dataset's.
    pub fn fitted(&self, fit: Fit, (width, height): (usize, usize)) -> Self {
        let Size { width: wide, height: high, .. } = self.size;
        let (across, down) = (width.max(1) as f32, height.max(1) as f32);
        let whole = (0, 0, wide, high);
        let (x, y, wide, high) = self.content().filter(|_| fit.cut).unwrap_or(whole);
        let (wide, high) = (wide as f32, high as f32);
        // Pixels of this one for each of the new one.
        let scale = (wide / across).max(high / down);
        let corner = (x as f32 + 0.5 * (wide - scale * across), y as f32 + 0.5 * (high - scale * down));
        let mut fitted = self.resized(corner, scale, width, height);
        if fit.invert {
            fitted.pixels.iter_mut().for_each(|value| *value = u8::MAX - *value);
        }
        fitted
    }

    /// Whether its border is light.
    fn is_light(&self) -> bool {
        let ground = self.ground();
        ground.iter().sum::<f32>() > 127.5 * ground.len() as f32
    }

    /// The mean of its border, channel by channel.
    fn ground(&self) -> Vec<f32> {
        let Size { channels, width, height } = self.size;
        let border = |at: &usize| {
            let (row, column) = (at / width.max(1), at % width.max(1));
            row == 0 || column == 0 || row + 1 == height || column + 1 == width
        };
        let places: Vec<usize> = (0..width * height).filter(border).collect();
        let mean = |channel: usize| {
            let values = places.iter().filter_map(|at| self.pixels.get(channel * width * height + at));
            values.map(|&value| f32::from(value)).sum::<f32>() / places.len().max(1) as f32
        };
        (0..channels).map(mean).collect()
    }

    /// Left, top, width and height of what stands on its ground.
    fn content(&self) -> Option<(usize, usize, usize, usize)> {
        let Size { width, height, .. } = self.size;
        let ground = self.ground();
        let stands = |at: &usize| {
            let mut values = ground.iter().zip(self.pixels.iter().skip(*at).step_by((width * height).max(1)));
            values.any(|(ground, &value)| (f32::from(value) - ground).abs() > APART)
        };
        let (mut columns, mut rows) = (None, None);
        let widen = |range: &mut Option<(usize, usize)>, at: usize| {
            let (least, most) = range.unwrap_or((at, at));
            *range = Some((least.min(at), most.max(at)));
        };
        for at in (0..width * height).filter(stands) {
            widen(&mut columns, at % width);
            widen(&mut rows, at / width);
        }
        let ((left, right), (top, bottom)) = columns.zip(rows)?;
        Some((left, top, right + 1 - left, bottom + 1 - top))
    }

    /// The part from `corner` on of which `scale` pixels make a new one, each new one the mean of what it covers; beyond the picture
    /// lies its ground.
    fn resized(&self, corner: (f32, f32), scale: f32, width: usize, height: usize) -> Self {
        let size = Size { channels: self.size.channels, width, height };
        let across: Vec<_> = (0..width).map(|at| shares(corner.0, scale, at, self.size.width)).collect();
        let down: Vec<_> = (0..height).map(|at| shares(corner.1, scale, at, self.size.height)).collect();
        let mut pixels = Vec::with_capacity(size.channels * width * height);
        for (channel, ground) in self.ground().into_iter().enumerate() {
            for rows in &down {
                for columns in &across {
                    let (mut sum, mut seen) = (0.0, 0.0);
                    for (row, high) in rows {
                        let start = (channel * self.size.height + row) * self.size.width;
                        for (column, wide) in columns {
                            let value = self.pixels.get(start + column).copied().unwrap_or_default();
                            sum += high * wide * f32::from(value);
                            seen += high * wide;
                        }
                    }
                    pixels.push((sum + (1.0 - seen) * ground).round() as u8);
                }
            }
        }
        Self { size, pixels }
    }
}

/// Which pixels of a row a new one covers, and for how much of it each counts; less than 1 in all where it reaches beyond the row.
fn shares(start: f32, scale: f32, at: usize, end: usize) -> Vec<(usize, f32)> {
    let (from, to) = (start + scale * at as f32, start + scale * (at + 1) as f32);
    // Casts stay at 0 below it.
    let covered = from as usize..(to.ceil() as usize).min(end);
    let share = |pixel: usize| ((pixel + 1) as f32).min(to) - (pixel as f32).max(from);
    covered.map(|pixel| (pixel, share(pixel).max(0.0) / scale.max(f32::MIN_POSITIVE))).collect()
}

/// What a picture without a label finds under a pair of models.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Pair in the field's words, as in `new/old`.
    pub pair: String,
    /// The models behind it.
    pub models: String,
    /// Items with their classes, best first.
    pub items: Vec<(u16, String)>,
    /// How many of which class, as in `7 Coat, 3 Shirt`.
    pub classes: String,
}

/// What it finds under the pairs of the strips.
pub fn rows(log: &RunLog, upgrade: &Upgrade, nearest: &[Nearest]) -> Vec<Row> {
    let row = |(query, gallery)| {
        let found = nearest.iter().find(|it| (it.query, it.gallery) == (query, gallery))?;
        let items: Vec<(u16, String)> = found.items.0.iter().map(|&item| (item, class_name(log, item))).collect();
        Some(Row {
            pair: upgrade.pair(query, gallery),
            models: StripView::models(query, gallery),
            classes: counted(items.iter().map(|(_, class)| class.as_str())),
            items,
        })
    };
    StripView::pairs(upgrade).into_iter().filter_map(row).collect()
}

/// How many of which class, the most frequent first.
fn counted<'a>(classes: impl Iterator<Item = &'a str>) -> String {
    let mut counts: Vec<(&str, usize)> = Vec::new();
    for class in classes {
        match counts.iter_mut().find(|(name, _)| *name == class) {
            Some((_, count)) => *count += 1,
            None => counts.push((class, 1)),
        }
    }
    // Of as many the one that came first.
    sort_few(&mut counts, |(_, count)| std::cmp::Reverse(*count));
    let others: usize = counts.iter().skip(NAMED).map(|(_, count)| count).sum();
    let named = counts.iter().take(NAMED).map(|(name, count)| format!("{count} {name}"));
    named.chain((others > 0).then(|| format!("{others} others"))).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use protocol::Packed;

    use super::*;
    use crate::view::testing::{NEW, OLD, half_way};

    const GREY: Size = Size { channels: 1, width: 28, height: 28 };

    /// A bar as wide as a quarter of the sheet, of half its height, left of the middle.
    fn drawn() -> Raster {
        let mut sheet = Raster::sheet(GREY);
        sheet.draw(Stroke { from: (0.25, 0.375), to: (0.25, 0.625), width: 0.25 }, [255; 3]);
        sheet
    }

    /// Rows of a picture of one channel.
    fn lines(picture: &Raster) -> Vec<&[u8]> {
        picture.pixels().chunks(picture.size().width).collect()
    }

    #[test]
    fn what_is_drawn_is_cut_out_and_fills_the_picture() {
        let sheet = drawn();
        assert_eq!((sheet.size().width, sheet.is_empty(), Raster::sheet(GREY).is_empty()), (112, false, true));
        let cut = sheet.fitted(Fit { invert: false, cut: true }, (28, 28));
        let rows = lines(&cut);
        // Twice as high as wide: from top to bottom, and in the middle.
        assert_eq!((rows.len(), rows[14][0], rows[14][14], rows[14][27]), (28, 0, 255, 0));
        assert!(rows[0][14] > 100 && rows[27][14] > 100);
        let whole = sheet.fitted(Fit::default(), (28, 28));
        assert_eq!((lines(&whole)[14][7], lines(&whole)[14][14], lines(&whole)[2][7]), (255, 0, 0));
        let inverted = sheet.fitted(Fit { invert: true, cut: true }, (28, 28));
        assert!(cut.pixels().iter().zip(inverted.pixels()).all(|(one, other)| one + other == 255));
    }

    #[test]
    fn an_image_lies_in_a_square_of_its_ground_and_a_light_one_is_to_be_inverted() {
        // Two columns and four rows of white with one black pixel.
        let mut rgba = vec![255; 2 * 4 * 4];
        rgba[4 * 3..4 * 3 + 3].fill(0);
        let picture = Raster::of_rgba(&rgba, 2, 1);
        assert_eq!(picture.size(), Size { channels: 1, width: 4, height: 4 });
        let proposed = Fit::proposed(&picture, false);
        assert_eq!((proposed.invert, proposed.cut, Fit::proposed(&picture, true)), (true, true, Fit::default()));
        let rows = lines(&picture);
        assert_eq!(rows[1][2], 0);
        assert!(rows.iter().all(|row| row[0] > 200 && row[3] > 200), "{rows:?}");
        assert_eq!(picture.fitted(proposed, (2, 2)).pixels(), [255; 4], "all that stands on the ground is one pixel");
        assert!(!Fit::proposed(&drawn(), false).invert);
        assert_eq!(Raster::of_rgba(&[9, 8, 7, 255], 1, 3).pixels(), [9, 8, 7]);
        assert_eq!(Raster::of_rgba(&[9, 8, 7, 255], 1, 3).rgba(), [9, 8, 7, 255]);
        assert_eq!(Raster::of_rgba(&[200, 100, 10, 255], 1, 1).rgba(), [120, 120, 120, 255]);
    }

    #[test]
    fn rows_are_those_of_the_strips_without_a_verdict() {
        let (log, upgrade) = (half_way(), Upgrade::to_stage(2));
        let nearest = |query, gallery, items: &[u16]| Nearest { query, gallery, items: Packed(items.to_vec()) };
        let found = [nearest(NEW, OLD, &[5, 4, 0, 1]), nearest(OLD, OLD, &[2]), nearest(NEW, NEW, &[])];
        let rows = rows(&log, &upgrade, &found);
        let words: Vec<_> = rows.iter().map(|row| (row.pair.as_str(), row.classes.as_str())).collect();
        assert_eq!(words, [("old/old", "1 Bag"), ("new/old", "3 Shirt, 1 Bag"), ("new/new", "")]);
        assert_eq!(rows[1].items[0], (5, "Bag".to_owned()));
        assert_eq!(counted(["a", "b", "c", "d", "d", "e"].into_iter()), "2 d, 1 a, 1 b, 2 others");
    }

    proptest! {
        #[test]
        fn a_picture_of_one_grey_stays_so(grey: u8, wide in 1usize..20, high in 1usize..20, cut: bool, to in 1usize..40) {
            let rgba = [grey, grey, grey, 255].repeat(wide * high);
            let picture = Raster::of_rgba(&rgba, wide, 1).fitted(Fit { invert: false, cut }, (to, to));
            prop_assert_eq!(picture.pixels().len(), to * to);
            prop_assert!(picture.pixels().iter().all(|value| value.abs_diff(grey) <= 1));
        }

        #[test]
        fn strokes_stay_on_the_sheet(x in -2.0f32..3.0, y in -2.0f32..3.0, width in 0.0f32..1.0) {
            let mut sheet = Raster::sheet(GREY);
            sheet.draw(Stroke { from: (x, y), to: (y, x), width }, [255; 3]);
            prop_assert_eq!(sheet.pixels().len(), 112 * 112);
        }
    }
}
