//! Things to look at as SVG: points with a mark and a colour per class, pictures side by side with what stands below each.

use std::fmt::Write as _;

use plotters::prelude::IntoDrawingArea as _;
use protocol::{Exhibit, Packed, Things};

use super::exhibits::{Extent, Group, pictures, points};
use crate::view::draw::axis::Axis;
use crate::view::draw::chart::{BOTTOM, ChartError, LEFT, Outcome, RIGHT, TOP, label, mesh};
use crate::view::draw::figure::{escaped, standalone};
use crate::view::draw::series::{Curves, Dash, Ink, Series};
use crate::view::draw::svg::Svg;
use crate::view::draw::theme::{Palette, css};

/// Smallest sensible plot, in pixels.
const LEAST: (u32, u32) = (160, 120);
/// Side that pictures are enlarged to, in pixels; greater ones are shown as they are, up to [`WIDEST`].
const SIDE: u32 = 56;
/// Greatest side of a picture on the page, in pixels.
const WIDEST: u32 = 160;
/// Space between pictures, in pixels.
const GAP: u32 = 8;
/// Space for what stands below a picture, in pixels.
const LINE: u32 = 16;

/// A drawing and its size in CSS pixels.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Drawing {
    /// An SVG element; empty where things are not drawn.
    pub svg: String,
    /// Width and height.
    pub size: (u32, u32),
}

/// Draws things in a space of `size` CSS pixels, points before those that they are seen against; pictures take as much height as they
/// need, and sentences are no drawing.
///
/// # Errors
/// [`ChartError`] with what Plotters says.
pub fn draw(
    exhibit: &Exhibit,
    behind: Option<&Exhibit>,
    extent: &Extent,
    palette: &Palette,
    size: (u32, u32),
) -> Result<Drawing, ChartError> {
    match exhibit.things {
        Things::Points { .. } => Ok(Drawing { svg: scatter(exhibit, behind, extent, palette, size)?, size }),
        Things::Pixels { .. } => Ok(sheet(exhibit, palette, size.0)),
        Things::Words(_) => Ok(Drawing::default()),
    }
}

/// Width and height of the plot in a drawing of `size` CSS pixels.
fn plot(size: (u32, u32)) -> (f64, f64) {
    let (width, height) = (size.0.max(LEAST.0), size.1.max(LEAST.1));
    (f64::from(width - LEFT - RIGHT - 1), f64::from(height - BOTTOM - TOP - 1))
}

/// What a drawing of `size` CSS pixels shows, which has room for more on one side than was asked for.
pub fn drawn(extent: Extent, size: (u32, u32)) -> Extent {
    extent.fitted(plot(size))
}

/// Points as an SVG element of `size` CSS pixels.
fn scatter(
    exhibit: &Exhibit,
    behind: Option<&Exhibit>,
    extent: &Extent,
    palette: &Palette,
    size: (u32, u32),
) -> Result<String, ChartError> {
    let (width, height) = (size.0.max(LEAST.0), size.1.max(LEAST.1));
    let (plot, extent) = (plot(size), drawn(*extent, size));
    let mut text = String::new();
    axes(&mut text, &extent, palette, (width, height)).map_err(|error| ChartError(error.to_string()))?;
    let place = |(x, y): (f64, f64)| {
        let share = |at: f64, (low, high): (f64, f64)| (at - low) / (high - low);
        let spot = (share(x, extent.x), 1.0 - share(y, extent.y));
        let inside = [spot.0, spot.1].iter().all(|share| (0.0..=1.0).contains(share));
        inside.then(|| (f64::from(LEFT) + plot.0 * spot.0, f64::from(TOP) + plot.1 * spot.1))
    };
    let mut all: Vec<((f64, f64), Option<u16>)> =
        points(&exhibit.things).filter_map(|(point, class)| Some((place(point)?, class))).collect();
    all.sort_by_key(|(_, class)| *class);
    let mut marks = String::new();
    if let Some(ground) = behind {
        let mut dots = String::new();
        points(&ground.things).filter_map(|(point, _)| place(point)).for_each(|at| mark(&mut dots, None, at));
        let ink = css(palette.muted);
        // To a string nothing fails.
        let _ = write!(
            marks,
            r#"<path class="ground" d="{dots}" fill="none" stroke="{ink}" stroke-width="5" stroke-linecap="round" opacity="0.3"/>"#
        );
    }
    for group in all.chunk_by(|one, other| one.1 == other.1) {
        let Some(&(_, class)) = group.first() else { continue };
        let mut outline = String::new();
        group.iter().for_each(|(at, _)| mark(&mut outline, class, *at));
        let ink = css(class.map_or(palette.new, |class| palette.class(usize::from(class))));
        let look = match kind(class) {
            0 => format!(r#"fill="none" stroke="{ink}" stroke-width="5" stroke-linecap="round""#),
            6..=8 => format!(r#"fill="{ink}""#),
            _ => format!(r#"fill="none" stroke="{ink}" stroke-width="1.3""#),
        };
        // To a string nothing fails.
        let _ = write!(marks, r#"<path class="points" d="{outline}" {look} opacity="0.8"/>"#);
    }
    if let Some(end) = text.rfind("</svg>") {
        text.insert_str(end, &marks);
    }
    Ok(text.replacen("<svg ", "<svg aria-hidden=\"true\" focusable=\"false\" ", 1))
}

fn axes<'a>(text: &'a mut String, extent: &Extent, palette: &Palette, size: (u32, u32)) -> Outcome<Svg<'a>> {
    let area = Svg::new(text, size).into_drawing_area();
    mesh(&area, palette, (extent.x, extent.y), ("", ""), &|x| label(x, extent.x.1 - extent.x.0))?;
    area.present()
}

/// Which of ten marks a class has.
fn kind(class: Option<u16>) -> u16 {
    class.unwrap_or_default() % 10
}

/// Writes the mark of a class around a point into a path.
fn mark(path: &mut String, class: Option<u16>, (x, y): (f64, f64)) {
    // To a string nothing fails.
    let _ = match kind(class) {
        0 => write!(path, "M{x:.1} {y:.1}h0"),
        1 | 6 => write!(path, "M{:.1} {:.1}h5v5h-5z", x - 2.5, y - 2.5),
        2 | 7 => write!(path, "M{x:.1} {:.1}l3 5.2h-6z", y - 3.0),
        3 | 8 => write!(path, "M{x:.1} {:.1}l3.4 3.4l-3.4 3.4l-3.4-3.4z", y - 3.4),
        4 => write!(path, "M{:.1} {:.1}l5 5m0-5l-5 5", x - 2.5, y - 2.5),
        5 => write!(path, "M{:.1} {y:.1}a2.6 2.6 0 1 0 5.2 0a2.6 2.6 0 1 0-5.2 0", x - 2.6),
        _ => write!(path, "M{:.1} {y:.1}h6m-3-3v6", x - 3.0),
    };
}

/// Pictures side by side in this width.
fn sheet(exhibit: &Exhibit, palette: &Palette, width: u32) -> Drawing {
    let Things::Pixels { channels, height, width: across, captions, .. } = &exhibit.things else {
        return Drawing::default();
    };
    let longest = (*height).max(*across).max(1);
    // Whole pixels of small pictures stay whole.
    let scale =
        if longest > WIDEST { f64::from(WIDEST) / f64::from(longest) } else { f64::from((SIDE / longest).max(1)) };
    let side = |pixels: u32| (scale * f64::from(pixels)).ceil().max(1.0);
    let (wide, high) = (side(*across), side(*height));
    let line = if captions.is_empty() { 0.0 } else { f64::from(LINE) };
    let gap = f64::from(GAP);
    // A picture may be wider than the page; then there is one beside none.
    let columns = ((f64::from(width) + gap) / (wide + gap)).floor().max(1.0);
    let ink = css(palette.ink);
    // Letters of the common sans-serif faces are about 0.55 em wide.
    let letters = (wide / (0.55 * 11.0)).floor().max(1.0);
    let (mut drawn, mut rows) = (String::new(), 0.0_f64);
    let (mut column, mut row) = (0.0, 0.0);
    for (pixels, caption) in pictures(&exhibit.things) {
        let (x, y) = (column * (wide + gap), row * (high + line + gap));
        let (uri, name) = (data_uri(pixels, *channels, (*across, *height)), escaped(caption));
        // To a string nothing fails.
        let _ = write!(
            drawn,
            r#"<g><title>{name}</title><image x="{x}" y="{y}" width="{wide}" height="{high}" preserveAspectRatio="none" image-rendering="pixelated" href="{uri}"/>"#
        );
        if !caption.is_empty() {
            let (middle, below) = (x + wide / 2.0, y + high + 12.0);
            let _ = write!(drawn, r#"<text x="{middle}" y="{below}">{}</text>"#, escaped(&shortened(caption, letters)));
        }
        drawn.push_str("</g>");
        rows = row + 1.0;
        column += 1.0;
        if column >= columns {
            (column, row) = (0.0, row + 1.0);
        }
    }
    let tall = (rows * (high + line + gap) - gap).max(1.0);
    let full = f64::from(width).max(wide);
    let svg = format!(
        r#"<svg aria-hidden="true" focusable="false" width="{full}" height="{tall}" viewBox="0 0 {full} {tall}" xmlns="http://www.w3.org/2000/svg"><g font-family="sans-serif" font-size="11" fill="{ink}" text-anchor="middle">{drawn}</g></svg>"#
    );
    // Whole numbers, far below the greatest.
    Drawing { svg, size: (full as u32, tall as u32) }
}

/// A text of at most so many letters, the last one an ellipsis where some are missing.
fn shortened(text: &str, letters: f64) -> String {
    let count = text.chars().count();
    if count as f64 <= letters {
        return text.to_owned();
    }
    let kept = text.chars().enumerate().take_while(|(at, _)| ((at + 1) as f64) < letters).map(|(_, char)| char);
    kept.chain(['\u{2026}']).collect()
}

/// A picture, `[channels, height, width]`, as an address that holds all of it: a bitmap, which needs no compression.
fn data_uri(pixels: &[u8], channels: u32, (width, height): (u32, u32)) -> String {
    let (Ok(across), Ok(down)) = (usize::try_from(width), usize::try_from(height)) else { return String::new() };
    let plane = across * down;
    let value = |channel: usize, at: usize| {
        // Grey pictures have one plane, which serves all three colours.
        let channel = if channels < 3 { 0 } else { channel };
        pixels.get(channel * plane + at).copied().unwrap_or_default()
    };
    // Rows of a bitmap are padded to four bytes, and come from below.
    let padding = vec![0; (4 - 3 * across % 4) % 4];
    let mut body = Vec::with_capacity(plane * 3);
    for row in (0..down).rev() {
        for column in 0..across {
            body.extend([2, 1, 0].map(|channel| value(channel, row * across + column)));
        }
        body.extend(&padding);
    }
    let size = u32::try_from(body.len()).unwrap_or(u32::MAX).saturating_add(54);
    let mut bytes = b"BM".to_vec();
    let header = [size, 0, 54, 40, width, height, (24 << 16) | 1, 0, 0, 0, 0, 0, 0];
    bytes.extend(header.iter().flat_map(|number| number.to_le_bytes()));
    bytes.extend(body);
    // Packed numbers are base64.
    let packed = serde_json::to_string(&Packed(bytes)).unwrap_or_default();
    format!("data:image/bmp;base64,{}", packed.trim_matches('"'))
}

/// A drawing as a document of its own, with the classes of its points as its legend.
pub fn document(drawn: &str, groups: &[Group], caption: String, palette: &Palette, size: (u32, u32)) -> String {
    let named = |group: &Group| {
        group.class.map(|class| Series {
            label: group.label(),
            ink: Ink::Group(usize::from(class)),
            dash: Dash::Solid,
            points: Vec::new(),
            mean: None,
            band: Vec::new(),
        })
    };
    let curves = Curves {
        series: groups.iter().filter_map(named).collect(),
        ticks: Vec::new(),
        columns: None,
        x: Axis::Steps,
        y_label: "".into(),
        caption,
        empty: "",
    };
    standalone(drawn, &curves, palette, size, 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::instruments::exhibits::{caption, chosen, groups};
    use crate::view::testing::{NEW, knowledge};

    #[test]
    fn every_class_of_points_has_its_mark_in_its_colour() {
        let log = knowledge();
        let shown = chosen(&log, None, None).unwrap();
        let extent = Extent::of(&log, "samples");
        let text = scatter(shown, None, &extent, &Palette::LIGHT, (400, 300)).unwrap();
        assert_eq!(text.matches("class=\"points\"").count(), 2);
        assert!(!text.contains("class=\"ground\""));
        let against = scatter(shown, Some(shown), &extent, &Palette::LIGHT, (400, 300)).unwrap();
        let ground = against.find("class=\"ground\"").unwrap();
        assert!(ground < against.find("class=\"points\"").unwrap(), "behind the points");
        assert_eq!(against.get(ground..).unwrap().split('/').next().unwrap().matches("h0").count(), 3, "three dots");
        assert!(
            text.contains("stroke=\"#3f90da\" stroke-width=\"5\"") && text.contains("stroke=\"#ffa90e\""),
            "{text}"
        );
        assert_eq!(text.matches("h5v5h-5z").count(), 2, "two squares");
        assert!(!text.contains("style="));
        assert!(scatter(shown, None, &extent, &Palette::DARK, (0, 0)).is_ok());
        let far = Extent { x: (100.0, 101.0), y: (0.0, 1.0) };
        assert!(!scatter(shown, None, &far, &Palette::DARK, (400, 300)).unwrap().contains("class=\"points\""));
        let document =
            document(&text, &groups(&log, shown), caption(shown, None, &extent), &Palette::LIGHT, (400, 300));
        assert!(document.contains("\u{25a1} class 1</text>") && document.contains("<title>Samples of v2 at step 20"));
    }

    #[test]
    fn ten_classes_have_ten_marks() {
        let mut marks: Vec<String> = Vec::new();
        for class in 0..10 {
            let mut path = String::new();
            mark(&mut path, Some(class), (10.0, 10.0));
            // The filled ones have the outline of the hollow ones.
            marks.push(format!("{path} {}", (6..=8).contains(&kind(Some(class)))));
        }
        marks.sort();
        marks.dedup();
        assert_eq!(marks.len(), 10);
    }

    fn pixels(channels: u32, pixels: Vec<u8>, captions: &[&str]) -> Exhibit {
        let captions = captions.iter().map(|&caption| caption.to_owned()).collect();
        let things = Things::Pixels { channels, height: 1, width: 2, pixels: Packed(pixels), captions };
        Exhibit { id: "a".to_owned(), title: "Made".to_owned(), model: NEW, step: 4, things, behind: String::new() }
    }

    #[test]
    fn pictures_stand_in_rows_with_what_they_are_below() {
        let shown = pixels(1, vec![0, 255, 7, 8, 9, 10], &["a < b", "a long way to say it", ""]);
        // Two pixels are enlarged to 56: two pictures fit beside each other.
        let Drawing { svg: text, size } = sheet(&shown, &Palette::LIGHT, 130);
        assert_eq!(size, (130, 96));
        assert_eq!(text.matches("<image ").count(), 3);
        assert!(text.contains("<title>a &lt; b</title>") && text.contains(">a long w\u{2026}</text>"), "{text}");
        assert!(text.contains("x=\"64\" y=\"0\"") && text.contains("x=\"0\" y=\"52\""), "{text}");
        assert!(text.contains("height=\"96\" viewBox=\"0 0 130 96\""), "{text}");
        let nothing = pixels(1, Vec::new(), &[]);
        let drawn = draw(&nothing, None, &Extent::of(&knowledge(), "a"), &Palette::LIGHT, (130, 90)).unwrap();
        assert_eq!((drawn.svg.matches("<image ").count(), drawn.size), (0, (130, 1)));
    }

    #[test]
    fn a_picture_is_a_bitmap_in_its_address() {
        // Red, then blue.
        let uri = data_uri(&[255, 0, 0, 0, 0, 255], 3, (2, 1));
        let packed: Packed<u8> = serde_json::from_str(&format!("\"{}\"", uri.split_once(',').unwrap().1)).unwrap();
        let bytes = packed.0;
        assert_eq!((&bytes[..2], bytes.len(), bytes[2]), (&b"BM"[..], 62, 62));
        assert_eq!((bytes[10], bytes[14], bytes[18], bytes[22], bytes[26], bytes[28]), (54, 40, 2, 1, 1, 24));
        assert_eq!(bytes[54..], [0, 0, 255, 255, 0, 0, 0, 0], "blue, green, red from the left, and two bytes more");
        let grey = data_uri(&[7], 1, (1, 1));
        let packed: Packed<u8> = serde_json::from_str(&format!("\"{}\"", grey.split_once(',').unwrap().1)).unwrap();
        assert_eq!(packed.0[54..], [7, 7, 7, 0]);
    }
}
