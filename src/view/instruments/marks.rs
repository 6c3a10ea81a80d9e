//! Marks of the map as pixels: thousands of small shapes, which as paths of a canvas would take longer than a frame.

use super::map::{Frame, Mark, Shape};
use crate::view::draw::theme::Rgb;

/// Half the side of a mark in CSS pixels.
const HALF: f32 = 2.5;
/// Places that a mark can have within a pixel, each way.
const PHASES: usize = 4;

/// A picture of marks, transparent where there is none.
pub struct Marks {
    /// In CSS pixels.
    size: (f32, f32),
    /// Pixels of the picture per CSS pixel.
    ratio: f32,
    /// Pixels of a row.
    width: usize,
    /// Red, green and blue, multiplied by alpha; alpha.
    pixels: Vec<[u8; 4]>,
}

/// How marks of a layer look.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Look {
    /// Their shape.
    pub shape: Shape,
    /// `0..=1`.
    pub alpha: f32,
    /// Width of the line of hollow ones in CSS pixels.
    pub line: f32,
}

impl Marks {
    /// An empty picture of so many CSS pixels, `ratio` pixels to each.
    pub fn new((width, height): (u32, u32), ratio: f32) -> Self {
        let size = (width as f32, height as f32);
        let (width, height) = ((size.0 * ratio) as usize, (size.1 * ratio) as usize);
        Self { size, ratio, width, pixels: vec![[0; 4]; width * height] }
    }

    /// Pixels of a row.
    pub fn width(&self) -> u32 {
        self.width as u32
    }

    /// Draws marks over what is there, each in the colour of its class.
    pub fn draw<'a>(
        &mut self,
        marks: impl Iterator<Item = &'a Mark>,
        frame: &Frame,
        color: impl Fn(usize) -> Rgb,
        look: Look,
    ) {
        let reach = ((HALF + look.line / 2.0) * self.ratio).ceil() as isize + 1;
        let side = 2 * reach as usize + 1;
        let stamps = self.stamps(reach as f32, side, look);
        for mark in marks {
            let (x, y) = frame.place(mark.x, mark.y, self.size.0, self.size.1);
            let (x, y) = (x * self.ratio, y * self.ratio);
            // Of a part of the map most marks may be out of sight; what is no number is so, too.
            let (wide, high) = (self.size.0 * self.ratio + reach as f32, self.size.1 * self.ratio + reach as f32);
            if !(-(reach as f32)..wide).contains(&x) || !(-(reach as f32)..high).contains(&y) {
                continue;
            }
            let phase = |at: f32| (((at - at.floor()) * PHASES as f32) as usize).min(PHASES - 1);
            let Some(stamp) = stamps.get(phase(y) * PHASES + phase(x)) else { continue };
            let (left, top) = (x.floor() as isize - reach, y.floor() as isize - reach);
            // What lies left of the picture or above it is left out.
            let (skip, from) = ((-left).max(0) as usize, left.max(0) as usize);
            for (row, line) in stamp.chunks_exact(side).enumerate() {
                let Ok(down) = usize::try_from(top + row as isize) else { continue };
                let end = (from + side - skip).min(self.width);
                let Some(under) = self.pixels.get_mut(down * self.width + from..down * self.width + end) else { break };
                let covered = under.iter_mut().zip(line.iter().skip(skip)).filter(|(_, alpha)| **alpha > 0);
                covered.for_each(|(under, alpha)| over(under, color(mark.class), *alpha));
            }
        }
    }

    /// What a mark covers of the pixels around it, for each place of its middle within a pixel; 255 is all of it.
    fn stamps(&self, reach: f32, side: usize, look: Look) -> Vec<Vec<u8>> {
        let (half, line) = (HALF * self.ratio, look.line * self.ratio);
        // How far the middle of a pixel lies inside of the edge, in pixels; half a pixel on either side is partly covered.
        let covered = |x: f32, y: f32| match look.shape {
            Shape::Square => line / 2.0 - (x.abs().max(y.abs()) - half).abs(),
            Shape::Disc => half - (x * x + y * y).sqrt(),
            Shape::Ring => line / 2.0 - ((x * x + y * y).sqrt() - half).abs(),
        };
        let middle = |phase: usize| reach + (phase as f32 + 0.5) / PHASES as f32;
        let stamp = |phase: usize| {
            let (across, down) = (middle(phase % PHASES), middle(phase / PHASES));
            let pixel = |at: usize| {
                let (x, y) = ((at % side) as f32 + 0.5 - across, (at / side) as f32 + 0.5 - down);
                (255.0 * look.alpha * (covered(x, y) + 0.5).clamp(0.0, 1.0) + 0.5) as u8
            };
            (0..side * side).map(pixel).collect()
        };
        (0..PHASES * PHASES).map(stamp).collect()
    }

    /// Red, green, blue and alpha of each pixel, colours not multiplied, as a canvas takes them.
    pub fn into_rgba(mut self) -> Vec<u8> {
        for [red, green, blue, alpha] in self.pixels.iter_mut().filter(|pixel| !matches!(pixel[3], 0 | 255)) {
            for channel in [red, green, blue] {
                *channel = (u32::from(*channel) * 255 / u32::from(*alpha)).min(255) as u8;
            }
        }
        self.pixels.into_flattened()
    }
}

/// Puts a colour over a pixel.
fn over(under: &mut [u8; 4], (red, green, blue): Rgb, alpha: u8) {
    let stays = 255 - u32::from(alpha);
    let alpha = u32::from(alpha);
    for (channel, over) in under.iter_mut().zip([red, green, blue, 255]) {
        *channel = ((u32::from(over) * alpha + u32::from(*channel) * stays + 127) / 255) as u8;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RED: Rgb = (200, 40, 0);
    const FRAME: Frame = Frame { left: 0.0, right: 20.0, bottom: 0.0, top: 20.0, open: false };

    /// A picture of 20 times 20 CSS pixels with a mark at a place, counted from the left and from below.
    fn drawn(shape: Shape, alpha: f32, (x, y): (f32, f32), ratio: u32) -> Vec<u8> {
        let mut picture = Marks::new((20, 20), ratio as f32);
        let mark = Mark { item: 0, class: 0, x, y };
        picture.draw([mark].iter(), &FRAME, |_| RED, Look { shape, alpha, line: 1.0 });
        picture.into_rgba()
    }

    fn pixel(rgba: &[u8], width: usize, x: usize, y: usize) -> [u8; 4] {
        rgba.as_chunks::<4>().0[y * width + x]
    }

    #[test]
    fn shapes_are_hollow_or_full_at_their_place() {
        for ratio in [1, 2] {
            let (width, [x, y]) = (20 * ratio as usize, [6, 14].map(|at| at * ratio as usize));
            let full = [200, 40, 0, 255];
            assert_eq!(pixel(&drawn(Shape::Disc, 1.0, (6.0, 6.0), ratio), width, x, y), full);
            for hollow in [Shape::Square, Shape::Ring] {
                let rgba = drawn(hollow, 1.0, (6.0, 6.0), ratio);
                assert_eq!(pixel(&rgba, width, x, y), [0; 4]);
                let inked: u32 = rgba.as_chunks::<4>().0.iter().map(|pixel| u32::from(pixel[3])).sum();
                assert!(inked > 12 * 255 * ratio * ratio, "{hollow:?}");
            }
        }
    }

    #[test]
    fn the_area_of_a_disc_is_right_wherever_it_lies() {
        for place in [(6.0, 6.0), (6.3, 5.8), (9.99, 10.51)] {
            let rgba = drawn(Shape::Disc, 0.5, place, 2);
            let area: f32 = rgba.as_chunks::<4>().0.iter().map(|pixel| f32::from(pixel[3]) / 127.5).sum();
            assert!((area - std::f32::consts::PI * 25.0).abs() < 3.0, "{area} at {place:?}");
            assert!(rgba.as_chunks::<4>().0.iter().all(|pixel| pixel[3] < 64 || pixel[0].abs_diff(200) < 4));
        }
    }

    #[test]
    fn marks_at_the_edge_are_cut_off_there() {
        for place in [(0.0, 0.0), (20.0, 20.0), (0.0, 20.0), (-99.0, 7.0), (f32::NAN, 3.0)] {
            let rgba = drawn(Shape::Disc, 1.0, place, 1);
            assert_eq!(rgba.len(), 4 * 400);
            assert!(rgba.iter().any(|&value| value > 0), "{place:?}");
        }
        let mut none = Marks::new((0, 0), 1.0);
        none.draw(
            [Mark { item: 0, class: 0, x: 1.0, y: 1.0 }].iter(),
            &FRAME,
            |_| RED,
            Look { shape: Shape::Disc, alpha: 1.0, line: 1.0 },
        );
        assert!(none.into_rgba().is_empty());
    }

    #[test]
    fn of_a_part_of_the_map_marks_elsewhere_are_out_of_sight() {
        let inked = |x: f32, y: f32| {
            let mut picture = Marks::new((20, 20), 1.0);
            let mark = Mark { item: 0, class: 0, x, y };
            let look = Look { shape: Shape::Disc, alpha: 1.0, line: 1.0 };
            picture.draw([mark].iter(), &Frame { open: true, ..FRAME }, |_| RED, look);
            picture.into_rgba().iter().any(|&value| value > 0)
        };
        assert!(inked(10.0, 10.0) && inked(-1.5, 10.0) && inked(10.0, 21.5));
        let away = [(-9.0, 10.0), (1e30, 10.0), (10.0, -1e30), (10.0, 40.0), (f32::NAN, 10.0), (10.0, f32::INFINITY)];
        assert!(away.iter().all(|&(x, y)| !inked(x, y)));
    }

    #[test]
    fn later_marks_lie_over_earlier_ones() {
        let mut picture = Marks::new((20, 20), 1.0);
        let marks = [0, 1].map(|class| Mark { item: 0, class, x: 10.0, y: 10.0 });
        let color = |class| if class == 0 { RED } else { (0, 0, 255) };
        picture.draw(marks.iter(), &FRAME, color, Look { shape: Shape::Disc, alpha: 0.5, line: 1.0 });
        let [red, _, blue, alpha] = pixel(&picture.into_rgba(), 20, 10, 10);
        assert!(blue > red && red > 40 && alpha > 180, "{red} {blue} {alpha}");
    }
}
