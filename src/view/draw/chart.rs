//! Curves as SVG, drawn by Plotters: sharp on every screen, selectable, and the same natively and in the browser.

use super::axis::Axis;
use super::decimate::to_columns;
use super::figure::escaped;
use super::series::{Curves, Dash, Ink, Series};
use super::smoothing::smooth;
use super::svg::Svg;
use super::theme::{Palette, Rgb, css};
use super::ticks::Tick;
use plotters::coord::Shift;
use plotters::coord::types::RangedCoordf64;
use plotters::prelude::*;

/// A chart that could not be drawn.
#[derive(Debug, thiserror::Error)]
#[error("the chart could not be drawn: {0}")]
pub struct ChartError(pub(crate) String);

/// Space for the labels of the y axis, in pixels.
pub(crate) const LEFT: u32 = 52;
/// Space for the labels of the x axis, in pixels.
pub(crate) const BOTTOM: u32 = 36;
/// Space above the highest tick, in pixels.
pub(crate) const TOP: u32 = 8;
/// Smallest sensible chart, in pixels.
const LEAST: (u32, u32) = (160, 84);
/// Space beside the last tick, in pixels.
pub(crate) const RIGHT: u32 = 12;
/// How much of its colour the raw curve keeps behind the smoothed one.
const FAINT: f64 = 0.35;
/// How much of its colour a band over seeds has.
const SHADE: f64 = 0.18;

/// Space beside the first and the last model on their axis.
const BESIDE: f64 = 0.25;

/// How curves are drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Look {
    /// Colours.
    pub palette: Palette,
    /// Width and height in CSS pixels.
    pub size: (u32, u32),
    /// Weight of the past in the moving average of curves over a training; 0 draws them as they are.
    pub smoothing: f64,
    /// Where a line across the chart marks a moment, on the x axis.
    pub cursor: Option<f64>,
}

/// Draws `curves` as an SVG document.
///
/// # Errors
/// [`ChartError`] with what Plotters says.
pub fn svg(curves: &Curves, look: &Look) -> Result<String, ChartError> {
    let look = Look { size: (look.size.0.max(LEAST.0), look.size.1.max(LEAST.1)), ..*look };
    let mut text = String::new();
    let area = Svg::new(&mut text, look.size).into_drawing_area();
    let marks = draw(&area, curves, &look).map_err(|error| ChartError(error.to_string()))?;
    drop(area);
    if let Some(end) = text.rfind("</svg>") {
        text.insert_str(end, &marks);
    }
    // The size is the container's affair; the view box keeps the proportions while it changes.
    Ok(text.replacen("<svg ", "<svg aria-hidden=\"true\" focusable=\"false\" ", 1))
}

/// The place on the x axis under a pixel of a chart of this width; outside of the plot that of its edge.
pub fn place_at(curves: &Curves, width: u32, pixel: f64) -> f64 {
    let ((from, to), _) = domain(curves);
    let plot = f64::from(width.max(LEAST.0).saturating_sub(LEFT + RIGHT + 1));
    from + (to - from) * ((pixel - f64::from(LEFT)) / plot).clamp(0.0, 1.0)
}

/// The pixel of a point of the plane on a chart of this size; outside of the plot that of its edge.
pub fn spot(curves: &Curves, size: (u32, u32), point: (f64, f64)) -> (f64, f64) {
    pixel(domain(curves), (size.0.max(LEAST.0), size.1.max(LEAST.1)), point)
}

/// The pixel of a point in a drawing of this size, whose axes have these ranges.
pub(crate) fn pixel(
    ((left, right), (low, high)): ((f64, f64), (f64, f64)),
    (width, height): (u32, u32),
    (x, y): (f64, f64),
) -> (f64, f64) {
    let share = |at: f64, from: f64, to: f64| ((at - from) / (to - from)).clamp(0.0, 1.0);
    let across = f64::from(width.saturating_sub(LEFT + RIGHT + 1));
    let up = f64::from(height.saturating_sub(TOP + BOTTOM + 1));
    (f64::from(LEFT) + across * share(x, left, right), f64::from(TOP) + up * (1.0 - share(y, low, high)))
}

pub(crate) type Outcome<B> = Result<(), DrawingAreaErrorKind<<B as DrawingBackend>::ErrorType>>;

/// Draws all but the marks of changes, which Plotters cannot give a name, and writes those.
fn draw<B: DrawingBackend>(
    area: &DrawingArea<B, Shift>,
    curves: &Curves,
    look: &Look,
) -> Result<String, DrawingAreaErrorKind<B::ErrorType>> {
    let (palette, (width, _)) = (&look.palette, look.size);
    let (x_range, y_range) = domain(curves);
    let x_text = |at: f64| match curves.x {
        Axis::Models => model_label(at),
        _ => label(at, x_range.1 - x_range.0),
    };
    let mut chart = mesh(area, palette, (x_range, y_range), (curves.x_label(), &curves.y_label), &x_text)?;
    let muted = color(palette.muted);
    // Below all lines.
    for series in curves.series.iter().filter(|series| series.band.len() > 1) {
        let (low, high) = (series.band.iter().map(|it| (it.0, it.1)), series.band.iter().rev().map(|it| (it.0, it.2)));
        let shade = color(palette.ink_of(series.ink)).mix(SHADE).filled();
        chart.draw_series([Polygon::new(low.chain(high).collect::<Vec<_>>(), shade)])?;
    }
    let mut line = |points: Vec<(f64, f64)>, dash: Dash, style: ShapeStyle| -> Outcome<B> {
        match (dash, points.as_slice()) {
            // A single reading has no line yet.
            (_, [only]) => drop(chart.draw_series([Circle::new(*only, 3, style.filled())])?),
            (Dash::Solid, _) => drop(chart.draw_series(LineSeries::new(points, style))?),
            (Dash::Dashed, _) => drop(chart.draw_series(DashedLineSeries::new(points, 7, 4, style))?),
            (Dash::Dotted, _) => drop(chart.draw_series(DashedLineSeries::new(points, 2, 4, style))?),
        }
        Ok(())
    };
    if y_range.0 < 0.0 && y_range.1 > 0.0 {
        line(vec![(x_range.0, 0.0), (x_range.1, 0.0)], Dash::Solid, muted.into())?;
    }
    let thin = |points: &[(f64, f64)]| to_columns(points, x_range, width as usize);
    for series in &curves.series {
        let ink = color(palette.ink_of(series.ink));
        // A level has no noise, a backfill no order in which it happened, and models are few.
        if look.smoothing > 0.0 && curves.x.is_training() && series.ink != Ink::Reference {
            line(thin(&series.points), Dash::Solid, ink.mix(FAINT).into())?;
            line(thin(&smooth(&series.points, look.smoothing)), series.dash, ink.stroke_width(2))?;
        } else {
            line(thin(&series.points), series.dash, ink.stroke_width(2))?;
        }
    }
    if let Some(at) = look.cursor.filter(|at| (x_range.0..=x_range.1).contains(at)) {
        line(vec![(at, y_range.0), (at, y_range.1)], Dash::Solid, color(palette.ink).into())?;
    }
    let within = curves.ticks.iter().filter(|tick| (x_range.0..=x_range.1).contains(&tick.at));
    let mark = |tick: &Tick| {
        let ((x, top), (_, bottom)) =
            (chart.backend_coord(&(tick.at, y_range.1)), chart.backend_coord(&(tick.at, y_range.0)));
        let (ink, name, left) = (css(palette.muted), escaped(&tick.label), x - 4);
        // The wide stroke is only there to be pointed at.
        format!(
            r#"<g class="tick"><title>{name}</title><path d="M{left} {top}h8l-4 6z" fill="{ink}"/><path d="M{x} {top}V{bottom}" stroke="{ink}"/><path d="M{x} {top}V{bottom}" stroke="{ink}" stroke-width="11" stroke-opacity="0"/></g>"#
        )
    };
    let marks = within.map(mark).collect();
    area.present()?;
    Ok(marks)
}

/// Two axes.
pub(crate) type Plane<'a, B> = ChartContext<'a, B, Cartesian2d<RangedCoordf64, RangedCoordf64>>;

/// Draws the axes of these ranges and names, with a grid and as many labels as there is room for; `x_text` is what stands at a tick
/// of the x axis.
pub(crate) fn mesh<'a, B: DrawingBackend>(
    area: &DrawingArea<B, Shift>,
    palette: &Palette,
    (across, up): ((f64, f64), (f64, f64)),
    (x_name, y_name): (&str, &str),
    x_text: &dyn Fn(f64) -> String,
) -> Result<Plane<'a, B>, DrawingAreaErrorKind<B::ErrorType>> {
    let (width, height) = area.dim_in_pixel();
    let mut chart = ChartBuilder::on(area)
        .margin_top(TOP)
        .margin_right(RIGHT)
        .set_label_area_size(LabelAreaPosition::Left, LEFT)
        .set_label_area_size(LabelAreaPosition::Bottom, BOTTOM)
        .build_cartesian_2d(across.0..across.1, up.0..up.1)?;
    let muted = color(palette.muted);
    let font = TextStyle::from(("sans-serif", 13.5).into_font()).color(&muted);
    // Along a low chart its name has less room.
    let name = TextStyle::from(("sans-serif", if height < LOW { 11.5 } else { 13.5 }).into_font()).color(&muted);
    chart
        .configure_mesh()
        .light_line_style(TRANSPARENT)
        .bold_line_style(color(palette.grid))
        .axis_style(color(palette.grid))
        .label_style(font.clone())
        .axis_desc_style(name)
        .x_desc(x_name)
        .y_desc(y_name)
        .x_labels((width / 90).clamp(3, 10) as usize)
        .y_labels((height / 45).clamp(3, 8) as usize)
        .x_label_formatter(&|x| x_text(*x))
        .y_label_formatter(&|y| label(*y, up.1 - up.0))
        .draw()?;
    Ok(chart)
}

/// Ranges of both axes: x from zero, y with some air, neither empty.
fn domain(curves: &Curves) -> ((f64, f64), (f64, f64)) {
    let ends = |series: &Series| series.band.iter().flat_map(|it| [(it.0, it.1), (it.0, it.2)]).collect::<Vec<_>>();
    let all = curves.series.iter().flat_map(|series| series.points.iter().copied().chain(ends(series)));
    let all: Vec<(f64, f64)> = all.filter(|point| point.1.is_finite()).collect();
    let points = || all.iter();
    let right = points().map(|point| point.0).fold(0.0, f64::max);
    let low = points().map(|point| point.1).fold(f64::INFINITY, f64::min);
    let high = points().map(|point| point.1).fold(f64::NEG_INFINITY, f64::max);
    let (low, high) = if low <= high { (low, high) } else { (0.0, 1.0) };
    let air = 0.06 * (high - low).max(0.01 * high.abs()).max(1e-6);
    // A step is the least there is; of epochs and seconds a part may be all there is so far.
    let least = if matches!(curves.x, Axis::Epochs | Axis::Seconds) { 0.1 } else { 1.0 };
    let across = match curves.x {
        Axis::Models => {
            let left = points().map(|point| point.0).fold(f64::INFINITY, f64::min);
            (left.min(right.max(least)) - BESIDE, right.max(least) + BESIDE)
        }
        _ => (0.0, right.max(least)),
    };
    (across, (if low >= 0.0 { (low - air).max(0.0) } else { low - air }, high + air))
}

/// A tick label of the axis of models: none between two of them.
fn model_label(at: f64) -> String {
    if (at - at.round()).abs() < 1e-6 { Axis::Models.number(at.round()) } else { String::new() }
}

/// Height in pixels below which a chart is low.
const LOW: u32 = 130;
/// Letters of a tick label of the y axis that leave the name of the axis its room.
const LETTERS: usize = 5;

/// A tick label with as many decimals as the range needs; large numbers in thousands, millions and so on, so that they are short.
pub(crate) fn label(value: f64, range: f64) -> String {
    let (unit, sign) =
        [(1e9, "G"), (1e6, "M"), (1e3, "k")].into_iter().find(|(unit, _)| range >= 5.0 * unit).unwrap_or((1.0, ""));
    let sign = if value == 0.0 { "" } else { sign };
    let decimals = [5.0, 0.5, 0.05, 0.005, 0.0005].into_iter().position(|least| range / unit >= least).unwrap_or(5);
    // Adding zero turns -0 into 0.
    let text = format!("{:.decimals$}{sign}", value / unit + 0.0).replace('-', "\u{2212}");
    // A number below one needs no zero before its point.
    if text.chars().count() > LETTERS { text.replacen("0.", ".", usize::from(value.abs() < 1.0)) } else { text }
}

pub(crate) fn color((red, green, blue): Rgb) -> RGBColor {
    RGBColor(red, green, blue)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::instruments::curves::Kind;
    use crate::view::testing::{NEW, half_way};
    use crate::view::upgrade::Upgrade;

    const LOOK: Look = Look { palette: Palette::LIGHT, size: (480, 240), smoothing: 0.0, cursor: None };

    /// One unnamed curve.
    fn one(points: Vec<(f64, f64)>) -> Curves {
        let series =
            Series { label: String::new(), ink: Ink::Total, dash: Dash::Solid, points, mean: None, band: Vec::new() };
        Curves {
            series: vec![series],
            ticks: Vec::new(),
            columns: None,
            x: Axis::Steps,
            y_label: "".into(),
            caption: String::new(),
            empty: "",
        }
    }

    #[test]
    fn a_chart_is_an_svg_with_axes_and_curves_and_no_inline_style() {
        let curves = Curves::of(&half_way(), &Upgrade::to_stage(2), Kind::Loss, NEW, Axis::Steps);
        let svg = svg(&curves, &LOOK).unwrap();
        assert!(svg.starts_with("<svg aria-hidden"), "{}", &svg[..80]);
        assert!(svg.contains("training steps") && svg.contains("polyline"));
        assert!(!svg.contains("style="));
    }

    #[test]
    fn ticks_are_short_and_none_stands_twice() {
        for range in [0.02, 0.3, 0.999, 1.0, 3.0, 4.99, 5.0, 7.0, 49.0, 999.0, 5001.0, 12_000.0, 4.9e6, 5e6, 3e10] {
            for from in [0.0, 0.4 * range, -0.5 * range] {
                for size in [(160, 100), (480, 240), (900, 500)] {
                    let curves = one(vec![(0.0, from), (range, from + range)]);
                    let text = svg(&curves, &Look { size, ..LOOK }).unwrap();
                    // The letters of every text, by its anchor: those of the y axis end at their ticks.
                    let texts = text.split("<text ").skip(1).filter_map(|it| {
                        let (head, rest) = it.split_once('>')?;
                        Some((head.contains("text-anchor=\"end\""), rest.split('<').next()?.trim().to_owned()))
                    });
                    let labels: Vec<(bool, String)> =
                        texts.filter(|(_, it)| !it.is_empty() && it != "training steps").collect();
                    for side in [true, false] {
                        let of_side: Vec<&String> = labels.iter().filter(|it| it.0 == side).map(|it| &it.1).collect();
                        let once: std::collections::BTreeSet<_> = of_side.iter().collect();
                        assert_eq!(once.len(), of_side.len(), "{range} from {from} at {size:?}: {of_side:?}");
                        assert!(!side || of_side.iter().all(|it| it.chars().count() <= LETTERS), "{of_side:?}");
                        assert!(of_side.len() > 1, "{range} from {from} at {size:?}: {of_side:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn long_runs_do_not_make_long_documents() {
        let curves = one((0..20_000).map(|step| (f64::from(step), f64::from(step % 7))).collect());
        let look = Look { palette: Palette::DARK, size: (400, 200), ..LOOK };
        assert!(svg(&curves, &look).unwrap().len() < 40_000);
        assert!(svg(&curves, &Look { smoothing: 0.5, ..look }).unwrap().len() < 80_000);
    }

    #[test]
    fn nothing_to_show_and_what_is_not_a_number_are_drawn_too() {
        let curves = one(vec![(0.0, f64::NAN), (1.0, f64::INFINITY)]);
        assert!(svg(&curves, &Look { size: (0, 0), smoothing: 0.9, ..LOOK }).is_ok());
        assert_eq!(domain(&Curves { series: Vec::new(), ..curves }), ((0.0, 1.0), (0.0, 1.06)));
    }

    #[test]
    fn a_smoothed_curve_keeps_the_raw_one_faint_behind_it_and_a_level_is_left_alone() {
        let lines = |curves: &Curves, look| svg(curves, &look).unwrap().matches("<polyline").count();
        let mut curves = one(vec![(0.0, 1.0), (1.0, 3.0), (2.0, 2.0)]);
        let smooth = Look { smoothing: 0.6, ..LOOK };
        assert_eq!(lines(&curves, smooth), lines(&curves, LOOK) + 1);
        assert!(svg(&curves, &smooth).unwrap().contains("opacity=\"0.35\""));
        curves.series[0].ink = Ink::Reference;
        assert_eq!(lines(&curves, smooth), lines(&curves, LOOK));
    }

    #[test]
    fn a_band_is_shaded_below_its_curve_and_has_room() {
        let mut curves = one(vec![(0.0, 1.0), (10.0, 3.0)]);
        curves.series[0].band = vec![(0.0, 0.5, 1.5), (10.0, 2.0, 9.0)];
        let text = svg(&curves, &LOOK).unwrap();
        assert!(text.find("<polygon").unwrap() < text.rfind("<polyline").unwrap() && text.contains("opacity=\"0.18\""));
        assert!(domain(&curves).1.1 > 9.0);
        assert_eq!(curves.heads(), ["", " low", " high"]);
        assert_eq!(curves.table()[1], (10.0, vec![Some(3.0), Some(2.0), Some(9.0)]));
    }

    #[test]
    fn a_change_is_a_mark_with_a_name_where_the_axis_reaches() {
        let mut curves = one(vec![(0.0, 1.0), (10.0, 3.0)]);
        curves.ticks = [5.0, 11.0].map(|at| Tick { at, label: "a < b".to_owned() }).into();
        let svg = svg(&curves, &LOOK).unwrap();
        assert_eq!(svg.matches("<title>a &lt; b</title>").count(), 1);
        assert!(svg.contains("<path d=\"M259 8V203\" stroke=") && svg.trim_end().ends_with("</g></svg>"), "{svg}");
    }

    #[test]
    fn models_stand_at_their_numbers_and_nothing_between_them() {
        let curves = Curves { x: Axis::Models, ..one(vec![(1.0, 3.0), (2.0, 2.0), (3.0, 4.0)]) };
        let text = svg(&curves, &Look { smoothing: 0.6, ..LOOK }).unwrap();
        assert_eq!(["\nv1\n", "\nv2\n", "\nv3\n"].map(|name| text.matches(name).count()), [1; 3], "{text}");
        assert!(!text.contains("\nv1.5") && !text.contains("opacity=\"0.35\""), "{text}");
        assert_eq!(domain(&curves).0, (0.75, 3.25));
        assert_eq!(domain(&Curves { series: Vec::new(), ..curves }).0, (0.75, 1.25));
    }

    #[test]
    fn a_cursor_is_drawn_where_the_axis_reaches() {
        let curves = one(vec![(0.0, 1.0), (10.0, 3.0)]);
        let at = |at| svg(&curves, &Look { cursor: Some(at), ..LOOK }).unwrap();
        let plain = svg(&curves, &LOOK).unwrap();
        // The plot goes from pixel 52 to 467; no tick is at 3.3.
        assert!(!plain.contains("points=\"188,") && at(3.3).contains("points=\"188,"), "{}", at(3.3));
        assert_eq!(at(11.0), plain);
        assert!((place_at(&curves, 480, 259.0) - 5.0).abs() < 0.02, "the way back");
        assert_eq!([0.0, 480.0].map(|pixel| place_at(&curves, 480, pixel)), [0.0, 10.0]);
        // The curve goes from edge to edge with 6 % of air below and above, on a plot from pixel 8 to 203.
        for (point, pixel) in [
            ((0.0, 1.0), (52.0, 192.6)),
            ((5.0, 2.0), (259.5, 105.5)),
            ((10.0, 3.0), (467.0, 18.4)),
            ((99.0, f64::NEG_INFINITY), (467.0, 203.0)),
        ] {
            let (x, y): (f64, f64) = spot(&curves, (480, 240), point);
            assert!((x - pixel.0).abs() < 0.1 && (y - pixel.1).abs() < 0.1, "{point:?} at {x}, {y}");
        }
    }
}
