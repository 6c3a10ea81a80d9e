//! Drawing of the map in two layers: what stays while the pointer moves is kept as a picture; what follows the pointer is drawn on
//! top of it.

use std::f64::consts::TAU;

use wasm_bindgen::Clamped;
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement, ImageData};

use crate::page::browser::sheet::context;
use crate::view::draw::labels::{Area, places};
use crate::view::draw::theme::{Palette, Rgb, css};
use crate::view::instruments::map::{Frame, Layer, Line, MapView, Mark, Shape};
use crate::view::instruments::marks::{Look, Marks};
use crate::view::instruments::prototypes::Prototype;

/// What stays while the pointer moves.
pub struct Ground<'a> {
    /// The map.
    pub map: &'a MapView,
    /// Marks from below to above.
    pub layers: &'a [Layer],
    /// Whether the two marks of an item are joined.
    pub joins: bool,
    /// Names of the classes.
    pub class_names: &'a [String],
    /// Prototypes, with what stands on the mark of each class.
    pub prototypes: &'a [Prototype],
    /// See `prototypes`.
    pub initials: &'a [String],
    /// Selected items, sorted; the others are faint unless there are none.
    pub selection: &'a [u16],
}

/// What follows the pointer.
pub struct Overlay<'a> {
    /// Marks from below to above.
    pub layers: &'a [Layer],
    /// Item to highlight.
    pub query: Option<u16>,
    /// Where the mark under the pointer is in the plane.
    pub hover: Option<(f32, f32)>,
    /// From an item to what it finds.
    pub neighbours: &'a [Line],
    /// The way of the pointer around what is to be selected, in CSS pixels.
    pub lasso: &'a [(f32, f32)],
}

/// Where and in which colours both are drawn.
#[derive(Clone, Copy, PartialEq)]
pub struct View {
    /// The part of the plane on show.
    pub frame: Frame,
    /// Colours.
    pub palette: Palette,
    /// Size of the canvas in CSS pixels.
    pub size: (u32, u32),
}

/// What is left of a mark beside selected ones.
const FAINT: f32 = 0.12;
/// From the middle of a prototype to its corners in CSS pixels.
const CORNER: f64 = 9.0;

/// Draws what stays.
pub fn ground(canvas: &HtmlCanvasElement, view: View, ground: &Ground<'_>) {
    let Some(pen) = Pen::on(canvas, view) else { return };
    let most = ground.selection.last().map_or(0, |most| usize::from(*most) + 1);
    let mut selected = vec![false; most];
    for item in ground.selection {
        if let Some(slot) = selected.get_mut(usize::from(*item)) {
            *slot = true;
        }
    }
    let is_selected = |mark: &&Mark| selected.get(usize::from(mark.item)).copied().unwrap_or_default();
    let mut marks = Marks::new(view.size, pen.ratio as f32);
    for Layer { shape, marks: all } in ground.layers {
        let mut draw = |wanted, alpha, line| {
            let some = all.iter().filter(|mark| is_selected(mark) == wanted);
            let look = Look { shape: *shape, alpha, line };
            marks.draw(some, &view.frame, |class| view.palette.class(class), look);
        };
        draw(false, if selected.is_empty() { 0.72 } else { FAINT }, 1.1);
        draw(true, 1.0, 1.8);
    }
    pen.pixels(marks);
    // Below them: pixels replace what is there.
    let _ = pen.context.set_global_composite_operation("destination-over");
    if ground.joins {
        pen.joins(&ground.map.pairs());
    }
    if ground.map.circle {
        pen.circle();
    }
    let _ = pen.context.set_global_composite_operation("source-over");
    pen.prototypes(ground.prototypes, ground.initials);
    pen.labels(ground);
}

/// Draws the picture of what stays, and on top of it what follows the pointer.
pub fn overlay(canvas: &HtmlCanvasElement, ground: &HtmlCanvasElement, view: View, overlay: &Overlay<'_>) {
    let Some(pen) = Pen::on(canvas, view) else { return };
    let (width, height) = view.size;
    // A picture without area cannot be drawn, and need not be.
    let _ = pen.context.draw_image_with_html_canvas_element_and_dw_and_dh(
        ground,
        0.0,
        0.0,
        f64::from(width),
        f64::from(height),
    );
    pen.neighbours(overlay.neighbours);
    for layer in overlay.layers {
        if let Some(mark) = layer.marks.iter().find(|mark| Some(mark.item) == overlay.query) {
            pen.ring(mark, layer.shape == Shape::Square);
        }
    }
    if let Some((x, y)) = overlay.hover {
        pen.hover(x, y);
    }
    pen.lasso(overlay.lasso);
}

struct Pen {
    context: CanvasRenderingContext2d,
    view: View,
    /// Pixels of the canvas per CSS pixel.
    ratio: f64,
}

impl Pen {
    /// A pen on an empty canvas, in CSS pixels.
    fn on(canvas: &HtmlCanvasElement, view: View) -> Option<Self> {
        let context = context(canvas)?;
        let ratio = gloo::utils::window().device_pixel_ratio().max(1.0);
        let pixels = |side: u32| (f64::from(side) * ratio) as u32;
        let (width, height) = (pixels(view.size.0), pixels(view.size.1));
        // Setting the size would give the picture up even where it stays the same.
        if (canvas.width(), canvas.height()) != (width, height) {
            canvas.set_width(width);
            canvas.set_height(height);
        }
        // A canvas that refuses to scale only draws small.
        let _ = context.set_transform(ratio, 0.0, 0.0, ratio, 0.0, 0.0);
        context.clear_rect(0.0, 0.0, f64::from(view.size.0), f64::from(view.size.1));
        Some(Self { context, view, ratio })
    }

    fn place(&self, x: f32, y: f32) -> (f64, f64) {
        let (width, height) = self.view.size;
        let (x, y) = self.view.frame.place(x, y, width as f32, height as f32);
        (f64::from(x), f64::from(y))
    }

    fn stroke(&self, color: Rgb, width: f64, alpha: f64) {
        self.context.set_stroke_style_str(&css(color));
        self.context.set_line_width(width);
        self.context.set_global_alpha(alpha);
        self.context.stroke();
        self.context.set_global_alpha(1.0);
    }

    fn line(&self, from: (f32, f32), to: (f32, f32)) {
        let (from, to) = (self.place(from.0, from.1), self.place(to.0, to.1));
        self.context.move_to(from.0, from.1);
        self.context.line_to(to.0, to.1);
    }

    /// The unit circle.
    fn circle(&self) {
        let (x, y) = self.place(0.0, 0.0);
        let radius = self.place(1.0, 0.0).0 - x;
        self.context.begin_path();
        let _ = self.context.arc(x, y, radius, 0.0, TAU);
        self.stroke(self.view.palette.muted, 1.0, 0.5);
    }

    /// Marks in place of what is there.
    fn pixels(&self, marks: Marks) {
        let width = marks.width();
        // A picture without area cannot be made, and need not be.
        if let Ok(data) = ImageData::new_with_u8_clamped_array(Clamped(&marks.into_rgba()), width) {
            let _ = self.context.put_image_data(&data, 0.0, 0.0);
        }
    }

    /// Diamonds with the initials of their classes: full ones of the new model, hollow ones else.
    fn prototypes(&self, prototypes: &[Prototype], initials: &[String]) {
        let context = &self.context;
        self.lettered("700 9px system-ui, sans-serif");
        for it in prototypes {
            let (x, y) = self.place(it.x, it.y);
            context.begin_path();
            for (dx, dy) in [(0.0, -CORNER), (CORNER, 0.0), (0.0, CORNER), (-CORNER, 0.0)] {
                context.line_to(x + dx, y + dy);
            }
            context.close_path();
            let palette = &self.view.palette;
            context.set_fill_style_str(&css(if it.new { palette.class(it.class) } else { palette.surface }));
            context.fill();
            self.stroke(if it.new { palette.ink } else { palette.class(it.class) }, 1.8, 1.0);
            self.letters(initials.get(it.class).map_or("", String::as_str), x, y, 2.5);
        }
    }

    /// A thin line from the old to the new mark of each item.
    fn joins(&self, pairs: &[(Mark, Mark)]) {
        self.context.begin_path();
        for (old, new) in pairs {
            self.line((old.x, old.y), (new.x, new.y));
        }
        self.stroke(self.view.palette.muted, 0.6, 0.25);
    }

    /// Names of classes near the middle of their old marks, as far as there is room.
    fn labels(&self, ground: &Ground<'_>) {
        self.lettered("600 11px system-ui, sans-serif");
        let text = |&(class, x, y): &(usize, f32, f32)| {
            let name = ground.class_names.get(class)?;
            let (x, y) = self.place(x, y);
            Some((name, (x, y, self.context.measure_text(name).ok()?.width())))
        };
        let (names, words): (Vec<_>, Vec<_>) = ground.map.labels.iter().filter_map(text).unzip();
        let diamond = |it: &Prototype| {
            let (x, y) = self.place(it.x, it.y);
            // Its upper and lower corners are too narrow to hide.
            Area { x, y, wide: 2.0 * CORNER, high: CORNER }
        };
        let diamonds: Vec<Area> = ground.prototypes.iter().map(diamond).collect();
        let size = (f64::from(self.view.size.0), f64::from(self.view.size.1));
        for (name, at) in names.iter().zip(places(&words, &diamonds, size)) {
            if let Some((x, y)) = at {
                self.letters(name, x, y, 3.5);
            }
        }
    }

    /// Sets the font of what [`letters`](Self::letters) writes.
    fn lettered(&self, font: &str) {
        self.context.set_font(font);
        self.context.set_text_align("center");
        self.context.set_text_baseline("middle");
        self.context.set_line_join("round");
    }

    /// A word around a point, with a rim of this width so that it can be read on top of marks.
    fn letters(&self, word: &str, x: f64, y: f64, rim: f64) {
        let context = &self.context;
        context.set_line_width(rim);
        context.set_stroke_style_str(&css(self.view.palette.surface));
        context.set_fill_style_str(&css(self.view.palette.ink));
        let _ = context.stroke_text(word, x, y).and_then(|()| context.fill_text(word, x, y));
    }

    /// Solid lines from the new model's mark, dashed ones from the old model's.
    fn neighbours(&self, lines: &[Line]) {
        for new in [false, true] {
            self.context.begin_path();
            for line in lines.iter().filter(|line| line.new == new) {
                self.line(line.from, line.to);
            }
            self.dash(if new { 0.0 } else { 4.0 });
            self.stroke(if new { self.view.palette.cross } else { self.view.palette.old }, 1.5, 1.0);
        }
        self.dash(0.0);
    }

    /// Dashes of this length for what is stroked next; 0 for none.
    fn dash(&self, length: f64) {
        let dashes = js_sys::Array::new();
        if length > 0.0 {
            dashes.push(&length.into());
        }
        let _ = self.context.set_line_dash(&dashes);
    }

    /// Around a mark of the query.
    fn ring(&self, mark: &Mark, square: bool) {
        let (x, y) = self.place(mark.x, mark.y);
        self.context.begin_path();
        if square {
            self.context.rect(x - 7.0, y - 7.0, 14.0, 14.0);
        } else {
            let _ = self.context.arc(x, y, 8.0, 0.0, TAU);
        }
        self.stroke(self.view.palette.ink, 2.0, 1.0);
    }

    /// Around the mark under the pointer.
    fn hover(&self, x: f32, y: f32) {
        let (x, y) = self.place(x, y);
        self.context.begin_path();
        let _ = self.context.arc(x, y, 5.0, 0.0, TAU);
        self.stroke(self.view.palette.ink, 1.2, 1.0);
    }

    /// The polygon as it will be closed.
    fn lasso(&self, path: &[(f32, f32)]) {
        self.context.begin_path();
        for &(x, y) in path {
            self.context.line_to(f64::from(x), f64::from(y));
        }
        self.context.close_path();
        self.context.set_fill_style_str(&css(self.view.palette.ink));
        self.context.set_global_alpha(0.06);
        self.context.fill();
        self.dash(3.0);
        self.stroke(self.view.palette.ink, 1.2, 1.0);
        self.dash(0.0);
    }
}
