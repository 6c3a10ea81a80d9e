//! A chart as a document of its own, which takes along what the page has around it: ground, legend, caption.

use std::fmt::Write as _;

use super::series::{Curves, Dash};
use super::theme::{Palette, css};

/// Height of a row of the legend in pixels.
const ROW: u32 = 18;
/// Space around the legend in pixels.
const MARGIN: u32 = 8;
/// Length of a sample of a line in pixels.
const SAMPLE: u32 = 22;

/// The SVG document around `chart`, an SVG element `size` pixels large.
///
/// `smoothing` is what the curves were smoothed by, which nothing else in the document would tell.
pub fn standalone(chart: &str, curves: &Curves, palette: &Palette, size: (u32, u32), smoothing: f64) -> String {
    let (width, height) = size;
    let (mut x, mut y) = (MARGIN, MARGIN + ROW / 2);
    let mut legend = String::new();
    let lines = curves.series.iter().map(|series| (series.label.clone(), Some((series.ink, series.dash))));
    let note = (smoothing > 0.0).then(|| (format!("smoothed by {smoothing:.2}, raw values faint"), None));
    for (name, line) in lines.chain(note) {
        let sample = if line.is_some() { SAMPLE + 5 } else { 0 };
        // Letters of the common sans-serif faces are about 0.55 em wide.
        let wide = sample + (0.55 * 12.0 * name.chars().count() as f64) as u32;
        if x > MARGIN && x + wide + MARGIN > width {
            (x, y) = (MARGIN, y + ROW);
        }
        if let Some((ink, dash)) = line {
            let (end, stroke) = (x + SAMPLE, css(palette.ink_of(ink)));
            let dashes = match dash {
                Dash::Solid => "",
                Dash::Dashed => " stroke-dasharray=\"7 4\"",
                Dash::Dotted => " stroke-dasharray=\"2 4\"",
            };
            let _ = write!(
                legend,
                r#"<line x1="{x}" x2="{end}" y1="{y}" y2="{y}" stroke="{stroke}" stroke-width="2"{dashes}/>"#
            );
        }
        let (at, name) = (x + sample, escaped(&name));
        let _ = write!(legend, r#"<text x="{at}" y="{y}">{name}</text>"#);
        x += wide + 2 * MARGIN;
    }
    let top = y + ROW / 2;
    let (ground, ink, title) = (css(palette.surface), css(palette.ink), escaped(&curves.caption));
    let chart = chart.replacen("<svg ", &format!("<svg y=\"{top}\" "), 1);
    let height = top + height;
    format!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}">
<title>{title}</title>
<rect width="{width}" height="{height}" fill="{ground}"/>
<g font-family="sans-serif" font-size="12" fill="{ink}" dominant-baseline="central">{legend}</g>
{chart}</svg>
"#
    )
}

/// A text as it stands in a document.
pub(crate) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::draw::axis::Axis;
    use crate::view::instruments::curves::Kind;
    use crate::view::testing::{NEW, half_way};
    use crate::view::upgrade::Upgrade;

    fn document(width: u32, smoothing: f64) -> String {
        let mut curves = Curves::of(&half_way(), &Upgrade::to_stage(2), Kind::Retrieval, NEW, Axis::Steps);
        curves.series[0].label = "a < b & c".to_owned();
        standalone("<svg width=\"9\"><path/></svg>", &curves, &Palette::DARK, (width, 200), smoothing)
    }

    #[test]
    fn a_document_has_a_name_space_a_size_a_ground_a_legend_and_the_chart_below_it() {
        let text = document(2000, 0.0);
        assert!(text.starts_with(
            r#"<svg xmlns="http://www.w3.org/2000/svg" width="2000" height="226" viewBox="0 0 2000 226">"#
        ));
        assert!(text.contains(r##"<rect width="2000" height="226" fill="#181c24"/>"##));
        assert!(text.contains(r#"<svg y="26" width="9"><path/></svg></svg>"#), "{text}");
        assert!(text.contains("a &lt; b &amp; c</text>") && text.contains("status quo</text>"));
        assert!(text.contains("<title>All classes, live sample"));
        assert_eq!(text.matches("<line ").count(), 4);
        assert!(!text.contains("smoothed"));
    }

    #[test]
    fn the_legend_takes_the_rows_that_it_needs_and_tells_of_smoothing() {
        let text = document(200, 0.6);
        assert!(text.contains(">smoothed by 0.60, raw values faint</text>"));
        // Four curves and the note, none beside another.
        assert!(text.contains("height=\"298\"") && text.contains("<svg y=\"98\""), "{text}");
    }
}
