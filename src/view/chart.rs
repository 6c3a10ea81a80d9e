//! Curves as SVG, drawn by Plotters: sharp on every screen, selectable, and the same natively and in the browser.

use super::curves::{Curves, Dash, Series};
use super::decimate::to_columns;
use super::svg::Svg;
use super::theme::{Palette, Rgb};
use plotters::coord::Shift;
use plotters::prelude::*;

/// A chart that could not be drawn.
#[derive(Debug, thiserror::Error)]
#[error("the chart could not be drawn: {0}")]
pub struct ChartError(pub(super) String);

/// Space for the labels of the y axis, in pixels.
const LEFT: u32 = 46;
/// Space for the labels of the x axis, in pixels.
const BOTTOM: u32 = 36;
/// Smallest sensible chart, in pixels.
const LEAST: (u32, u32) = (160, 100);

/// Draws `curves` as an SVG document of `size` CSS pixels.
///
/// # Errors
/// [`ChartError`] with what Plotters says.
pub fn svg(curves: &Curves, palette: &Palette, size: (u32, u32)) -> Result<String, ChartError> {
    let size = (size.0.max(LEAST.0), size.1.max(LEAST.1));
    let mut text = String::new();
    let area = Svg::new(&mut text, size).into_drawing_area();
    draw(&area, curves, palette, size).map_err(|error| ChartError(error.to_string()))?;
    drop(area);
    // The size is the container's affair; the view box keeps the proportions while it changes.
    Ok(text.replacen("<svg ", "<svg aria-hidden=\"true\" focusable=\"false\" ", 1))
}

pub(super) type Outcome<B> = Result<(), DrawingAreaErrorKind<<B as DrawingBackend>::ErrorType>>;

fn draw<B: DrawingBackend>(
    area: &DrawingArea<B, Shift>,
    curves: &Curves,
    palette: &Palette,
    (width, height): (u32, u32),
) -> Outcome<B> {
    let (x_range, y_range) = domain(&curves.series);
    let mut chart = ChartBuilder::on(area)
        .margin_top(8)
        .margin_right(12)
        .set_label_area_size(LabelAreaPosition::Left, LEFT)
        .set_label_area_size(LabelAreaPosition::Bottom, BOTTOM)
        .build_cartesian_2d(x_range.0..x_range.1, y_range.0..y_range.1)?;
    let muted = color(palette.muted);
    let font = |size: f64| TextStyle::from(("sans-serif", size).into_font()).color(&muted);
    chart
        .configure_mesh()
        .light_line_style(TRANSPARENT)
        .bold_line_style(color(palette.grid))
        .axis_style(color(palette.grid))
        .label_style(font(13.5))
        .axis_desc_style(font(13.5))
        .x_desc(curves.x.label())
        .y_desc(curves.y_label)
        .x_labels((width / 90).clamp(3, 10) as usize)
        .y_labels((height / 45).clamp(3, 8) as usize)
        .x_label_formatter(&|x| format!("{x:.0}"))
        .y_label_formatter(&|y| label(*y, y_range.1 - y_range.0))
        .draw()?;
    if y_range.0 < 0.0 && y_range.1 > 0.0 {
        chart.draw_series(LineSeries::new([(x_range.0, 0.0), (x_range.1, 0.0)], color(palette.muted)))?;
    }
    for series in &curves.series {
        let style = color(palette.ink_of(series.ink)).stroke_width(2);
        let points = to_columns(&series.points, x_range, width as usize);
        match (series.dash, points.as_slice()) {
            // A single reading has no line yet.
            (_, [only]) => drop(chart.draw_series([Circle::new(*only, 3, style.filled())])?),
            (Dash::Solid, _) => drop(chart.draw_series(LineSeries::new(points, style))?),
            (Dash::Dashed, _) => drop(chart.draw_series(DashedLineSeries::new(points, 7, 4, style))?),
            (Dash::Dotted, _) => drop(chart.draw_series(DashedLineSeries::new(points, 2, 4, style))?),
        }
    }
    area.present()
}

/// Ranges of both axes: x from zero, y with some air, neither empty.
fn domain(series: &[Series]) -> ((f64, f64), (f64, f64)) {
    let points = || series.iter().flat_map(|series| series.points.iter()).filter(|point| point.1.is_finite());
    let right = points().map(|point| point.0).fold(0.0, f64::max);
    let low = points().map(|point| point.1).fold(f64::INFINITY, f64::min);
    let high = points().map(|point| point.1).fold(f64::NEG_INFINITY, f64::max);
    let (low, high) = if low <= high { (low, high) } else { (0.0, 1.0) };
    let air = 0.06 * (high - low).max(1e-3 * high.abs()).max(1e-6);
    ((0.0, right.max(1.0)), (if low >= 0.0 { (low - air).max(0.0) } else { low - air }, high + air))
}

/// A tick label with as many decimals as the range needs.
pub(super) fn label(value: f64, range: f64) -> String {
    let decimals = if range >= 5.0 {
        0
    } else if range >= 0.5 {
        1
    } else {
        2
    };
    // Adding zero turns -0 into 0.
    format!("{:.decimals$}", value + 0.0).replace('-', "\u{2212}")
}

pub(super) fn color((red, green, blue): Rgb) -> RGBColor {
    RGBColor(red, green, blue)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::curves::{Axis, Ink, Kind};
    use crate::view::testing::{NEW, half_way};
    use crate::view::upgrade::Upgrade;

    /// One unnamed curve.
    fn one(points: Vec<(f64, f64)>) -> Curves {
        let series = Series { label: String::new(), ink: Ink::Total, dash: Dash::Solid, points, mean: None };
        Curves { series: vec![series], x: Axis::Steps, y_label: "", caption: String::new(), empty: "" }
    }

    #[test]
    fn a_chart_is_an_svg_with_axes_and_curves_and_no_inline_style() {
        let curves = Curves::of(&half_way(), &Upgrade::to_stage(2), Kind::Loss, NEW);
        let svg = svg(&curves, &Palette::LIGHT, (480, 240)).unwrap();
        assert!(svg.starts_with("<svg aria-hidden"), "{}", &svg[..80]);
        assert!(svg.contains("training steps") && svg.contains("polyline"));
        assert!(!svg.contains("style="));
    }

    #[test]
    fn long_runs_do_not_make_long_documents() {
        let curves = one((0..20_000).map(|step| (f64::from(step), f64::from(step % 7))).collect());
        assert!(svg(&curves, &Palette::DARK, (400, 200)).unwrap().len() < 40_000);
    }

    #[test]
    fn nothing_to_show_and_what_is_not_a_number_are_drawn_too() {
        let curves = one(vec![(0.0, f64::NAN), (1.0, f64::INFINITY)]);
        assert!(svg(&curves, &Palette::DARK, (0, 0)).is_ok());
        assert_eq!(domain(&[]), ((0.0, 1.0), (0.0, 1.06)));
    }
}
