//! Histograms of cosines as SVG: one outline per kind of pair over `-1..=1`.

use plotters::prelude::*;

use super::scores::{Histogram, outline};
use crate::view::draw::chart::{ChartError, Outcome, color, label};
use crate::view::draw::svg::Svg;
use crate::view::draw::theme::Palette;

/// Space for the labels of the x axis, in pixels.
const BOTTOM: u32 = 20;
/// Smallest sensible histogram, in pixels.
const LEAST: (u32, u32) = (120, 48);

/// Draws a histogram as an SVG document of `size` CSS pixels: pairs of one class as a solid line, others dashed.
///
/// # Errors
/// [`ChartError`] with what Plotters says.
pub fn svg(histogram: &Histogram, palette: &Palette, size: (u32, u32)) -> Result<String, ChartError> {
    let size = (size.0.max(LEAST.0), size.1.max(LEAST.1));
    let mut text = String::new();
    draw(Svg::new(&mut text, size), histogram, palette).map_err(|error| ChartError(error.to_string()))?;
    Ok(text.replacen("<svg ", "<svg aria-hidden=\"true\" focusable=\"false\" ", 1))
}

fn draw<B: DrawingBackend>(backend: B, histogram: &Histogram, palette: &Palette) -> Outcome<B> {
    let area = backend.into_drawing_area();
    let (same, different) = (outline(&histogram.same), outline(&histogram.different));
    let high = same.iter().chain(&different).map(|point| point.1).fold(0.0, f64::max);
    let mut chart = ChartBuilder::on(&area)
        .margin_top(4)
        .margin_right(12)
        .margin_left(12)
        .set_label_area_size(LabelAreaPosition::Bottom, BOTTOM)
        .build_cartesian_2d(-1.0..1.0, 0.0..1.04 * high.max(1e-6))?;
    chart
        .configure_mesh()
        .light_line_style(TRANSPARENT)
        .bold_line_style(color(palette.grid))
        .axis_style(color(palette.grid))
        .label_style(TextStyle::from(("sans-serif", 12.0).into_font()).color(&color(palette.muted)))
        .disable_y_mesh()
        .x_labels(5)
        .x_label_formatter(&|x| label(*x, 2.0))
        .draw()?;
    chart.draw_series(DashedLineSeries::new(different, 7, 4, color(palette.muted).stroke_width(2)))?;
    chart.draw_series(LineSeries::new(same, color(palette.ink_of(histogram.ink)).stroke_width(2)))?;
    area.present()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::draw::series::Ink;

    #[test]
    fn both_kinds_are_drawn_without_inline_styles() {
        let (same, different) = (vec![0.0, 0.25, 0.75], vec![1.0, 0.0, 0.0]);
        let histogram = Histogram { pair: String::new(), ink: Ink::Cross, same, different, auc: None };
        let text = svg(&histogram, &Palette::LIGHT, (300, 80)).unwrap();
        assert!(text.contains("<polyline") && text.contains("\u{2212}1.0") && !text.contains("style="), "{text}");
        let empty = Histogram { same: Vec::new(), different: Vec::new(), ..histogram };
        assert!(svg(&empty, &Palette::DARK, (0, 0)).is_ok());
    }
}
