//! The plane of a [`TradeOff`] as SVG: a marker of its own shape with letter and name per point, bars over seeds, lines along paths.

use std::f64::consts::TAU;

use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::{Band, TradeOff};
use crate::view::draw::chart::{BOTTOM, ChartError, LEFT, Outcome, RIGHT, TOP, color, label, mesh, pixel};
use crate::view::draw::figure::standalone;
use crate::view::draw::series::Curves;
use crate::view::draw::svg::Svg;
use crate::view::draw::theme::Palette;

/// Smallest sensible plot, in pixels.
const LEAST: (u32, u32) = (200, 140);
/// From the middle of a marker to its corners, in pixels.
const RADIUS: f64 = 6.0;

/// Draws the points as an SVG document of `size` CSS pixels.
///
/// # Errors
/// [`ChartError`] with what Plotters says.
pub fn svg(trade_off: &TradeOff, palette: &Palette, size: (u32, u32)) -> Result<String, ChartError> {
    let size = (size.0.max(LEAST.0), size.1.max(LEAST.1));
    let mut text = String::new();
    draw(Svg::new(&mut text, size), trade_off, palette, size).map_err(|error| ChartError(error.to_string()))?;
    Ok(text.replacen("<svg ", "<svg aria-hidden=\"true\" focusable=\"false\" ", 1))
}

/// The same as a document of its own.
pub fn document(drawn: &str, trade_off: &TradeOff, palette: &Palette, size: (u32, u32)) -> String {
    // Each point has its name beside it, so there is no legend.
    let caption = trade_off.caption();
    let curves = Curves {
        series: Vec::new(),
        x: crate::view::draw::axis::Axis::Steps,
        y_label: "".into(),
        caption,
        empty: "",
        ticks: Vec::new(),
        columns: None,
    };
    standalone(drawn, &curves, palette, (size.0.max(LEAST.0), size.1.max(LEAST.1)), 0.0)
}

fn draw<B: DrawingBackend>(backend: B, trade_off: &TradeOff, palette: &Palette, size: (u32, u32)) -> Outcome<B> {
    let area = backend.into_drawing_area();
    let (across, up) = ranges(trade_off);
    let names = (trade_off.x_label(), trade_off.y_label());
    let mut chart = mesh(&area, palette, (across, up), (&names.0, &names.1), &|x| label(x, across.1 - across.0))?;
    let ink_of_text = color(palette.ink);
    // Numbers of the axes per pixel, for what has its size in pixels.
    let fine =
        ((across.1 - across.0) / f64::from(size.0 - LEFT - RIGHT), (up.1 - up.0) / f64::from(size.1 - BOTTOM - TOP));
    for path in &trade_off.paths {
        let corners = path.iter().filter_map(|at| trade_off.points.get(*at)).map(|point| (point.x.mean, point.y.mean));
        chart.draw_series(LineSeries::new(corners, color(palette.muted).stroke_width(1)))?;
    }
    for point in &trade_off.points {
        let (x, y, ink) = (point.x, point.y, color(palette.class(point.place)));
        for (is_wide, bar) in [
            (x.is_wide(), vec![(x.low, y.mean), (x.high, y.mean)]),
            (y.is_wide(), vec![(x.mean, y.low), (x.mean, y.high)]),
        ] {
            if is_wide {
                chart.draw_series(LineSeries::new(bar, ink.stroke_width(1)))?;
            }
        }
        for stroke in marker(point.place) {
            let at = |(dx, dy): (f64, f64)| (x.mean + RADIUS * dx * fine.0, y.mean - RADIUS * dy * fine.1);
            let stroke: Vec<(f64, f64)> = stroke.into_iter().map(at).collect();
            chart.draw_series(LineSeries::new(stroke, ink.stroke_width(2)))?;
        }
        // Beside the marker, on the side that has room.
        let right = x.mean <= 0.5 * (across.0 + across.1);
        let name = format!("{} {}", point.letter, point.name);
        let (side, from) = if right { (HPos::Left, 1.6 * RADIUS) } else { (HPos::Right, -1.6 * RADIUS) };
        let place = (x.mean + from * fine.0, y.mean + 0.8 * RADIUS * fine.1);
        let style = TextStyle::from(("sans-serif", 12.0).into_font()).color(&ink_of_text);
        let style = style.pos(Pos::new(side, VPos::Center));
        chart.draw_series([Text::new(name, place, style)])?;
    }
    area.present()
}

/// The pixel of the middle of each marker in a drawing of this size.
pub fn spots(trade_off: &TradeOff, size: (u32, u32)) -> Vec<(f64, f64)> {
    let (size, ranges) = ((size.0.max(LEAST.0), size.1.max(LEAST.1)), ranges(trade_off));
    trade_off.points.iter().map(|point| pixel(ranges, size, (point.x.mean, point.y.mean))).collect()
}

/// Those of both axes.
fn ranges(trade_off: &TradeOff) -> ((f64, f64), (f64, f64)) {
    (range(trade_off.points.iter().map(|point| point.x)), range(trade_off.points.iter().map(|point| point.y)))
}

/// The strokes of a marker around the middle, each from -1 to 1: circle, square, triangle, diamond, cross, and over again.
fn marker(place: usize) -> Vec<Vec<(f64, f64)>> {
    let ring = |corners: u32, turn: f64| {
        let corner = |at: u32| (TAU * (f64::from(at) / f64::from(corners) + turn)).sin_cos();
        vec![(0..=corners).map(corner).map(|(x, y)| (x, -y)).collect::<Vec<_>>()]
    };
    match place % 5 {
        0 => ring(16, 0.0),
        1 => ring(4, 0.125),
        2 => ring(3, 0.0),
        3 => ring(4, 0.0),
        _ => vec![vec![(-0.8, -0.8), (0.8, 0.8)], vec![(-0.8, 0.8), (0.8, -0.8)]],
    }
}

/// The range of an axis: all bands with some air, at least a number wide.
fn range(bands: impl Iterator<Item = Band>) -> (f64, f64) {
    let (low, high) =
        bands.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), band| (low.min(band.low), high.max(band.high)));
    if !(low.is_finite() && high.is_finite()) {
        return (0.0, 1.0);
    }
    let air = (0.12 * (high - low)).max(0.5);
    (low - air, high + air)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::chrome::runs::{Axis, Point};
    use crate::view::instruments::matrix::Metric;

    fn plane(count: usize) -> TradeOff {
        let band = |mean, spread| Band { mean, low: mean - spread, high: mean + spread, deviation: None };
        let point = |place: usize| Point {
            place,
            letter: char::from(b'A' + place as u8),
            name: "a < b".to_owned(),
            x: band(place as f64, 0.0),
            y: band(50.0, if place == 1 { 2.0 } else { 0.0 }),
        };
        TradeOff {
            axis: Axis::SelfTest,
            metric: Metric::Map,
            points: (0..count).map(point).collect(),
            paths: Vec::new(),
        }
    }

    #[test]
    fn every_point_has_a_marker_and_its_name_and_nothing_an_inline_style() {
        let text = svg(&plane(5), &Palette::LIGHT, (400, 300)).unwrap();
        assert!(
            text.contains("A a &lt; b") && text.contains("new/new, mAP in points") && !text.contains("style="),
            "{text}"
        );
        // Four closed shapes, two strokes of the cross and one bar; axes and their ticks have the colour of the grid.
        let in_grid = |line: &&str| line.contains("stroke=\"#E3E6EB\"");
        let strokes = text.lines().filter(|line| line.starts_with("<polyline")).filter(|line| !in_grid(line));
        assert_eq!(strokes.count(), 7, "{text}");
        let joined = svg(&TradeOff { paths: vec![vec![0, 2, 4]], ..plane(5) }, &Palette::LIGHT, (400, 300)).unwrap();
        assert_eq!(joined.matches("<polyline").count(), text.matches("<polyline").count() + 1);
        assert!(svg(&plane(0), &Palette::DARK, (0, 0)).is_ok());
    }

    #[test]
    fn a_marker_is_drawn_where_its_spot_is() {
        let plane = plane(3);
        let (text, spots) = (svg(&plane, &Palette::LIGHT, (400, 300)).unwrap(), spots(&plane, (400, 300)));
        // The first has a ring, whose corners are all as far from the middle.
        let ink = crate::view::draw::theme::css(Palette::LIGHT.class(0)).to_uppercase();
        let line =
            text.lines().find(|line| line.starts_with("<polyline") && line.to_uppercase().contains(&ink)).unwrap();
        let corners = line.split("points=\"").nth(1).unwrap().split('"').next().unwrap();
        let corners: Vec<(f64, f64)> = corners
            .split_whitespace()
            .map(|it| it.split_once(',').map(|(x, y)| (x.parse().unwrap(), y.parse().unwrap())).unwrap())
            .collect();
        assert_eq!(corners.len(), 17);
        for (x, y) in corners {
            let far = (x - spots[0].0).hypot(y - spots[0].1);
            assert!((far - RADIUS).abs() < 1.5, "{far} from {:?}", spots[0]);
        }
        assert!(spots[0].0 < spots[1].0 && spots[1].0 < spots[2].0, "{spots:?}");
    }

    #[test]
    fn the_document_has_a_name_and_a_ground() {
        let plane = plane(2);
        let drawn = svg(&plane, &Palette::LIGHT, (400, 300)).unwrap();
        let text = document(&drawn, &plane, &Palette::LIGHT, (400, 300));
        assert!(
            text.contains("<title>Cross-test against self-test by mAP</title>") && text.contains("fill=\"#ffffff\"")
        );
    }
}
