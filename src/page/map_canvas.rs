//! Drawing of the map: thousands of marks in a few paths.

use std::collections::HashMap;
use std::f64::consts::TAU;

use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement};

use super::images::context;
use crate::view::map::{MapView, Mark};
use crate::view::theme::{Palette, css};

/// Which models' marks are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// Old ones.
    Old,
    /// New ones.
    New,
    /// All.
    Both,
}

impl Shown {
    /// All choices in the order of the switch.
    pub const ALL: [Self; 3] = [Self::Old, Self::New, Self::Both];

    /// What a person reads.
    pub fn label(self) -> &'static str {
        match self {
            Self::Old => "old",
            Self::New => "new",
            Self::Both => "both",
        }
    }

    /// Whether old marks are drawn.
    pub fn has_old(self) -> bool {
        self != Self::New
    }

    /// Whether new marks are drawn.
    pub fn has_new(self) -> bool {
        self != Self::Old
    }
}

/// What is drawn besides the marks themselves.
pub struct Scene {
    /// Which models' marks.
    pub shown: Shown,
    /// Whether the two marks of an item are joined.
    pub lines: bool,
    /// Item to highlight.
    pub query: Option<u16>,
    /// Colours.
    pub palette: Palette,
    /// Size of the canvas in CSS pixels.
    pub size: (u32, u32),
}

/// Half the side of a mark in CSS pixels.
const HALF: f64 = 2.5;

/// Draws the whole map.
pub fn draw(canvas: &HtmlCanvasElement, map: &MapView, class_names: &[String], scene: &Scene) {
    let (width, height) = scene.size;
    let Some(context) = context(canvas) else { return };
    let ratio = gloo::utils::window().device_pixel_ratio().max(1.0);
    canvas.set_width((f64::from(width) * ratio) as u32);
    canvas.set_height((f64::from(height) * ratio) as u32);
    // A canvas that refuses to scale only draws small.
    let _ = context.scale(ratio, ratio);
    let pen = Pen { context: &context, map, scene, width: width as f32, height: height as f32 };
    if scene.lines && scene.shown == Shown::Both {
        pen.joins();
    }
    if scene.shown.has_old() {
        pen.marks(&map.old, true);
    }
    if scene.shown.has_new() {
        pen.marks(&map.new, false);
    }
    pen.labels(class_names);
    pen.query();
}

/// Height of a line of labels in CSS pixels.
const LINE: f64 = 13.0;

/// A label before it is drawn.
struct Text<'n> {
    name: &'n str,
    x: f64,
    y: f64,
    wide: f64,
}

struct Pen<'a> {
    context: &'a CanvasRenderingContext2d,
    map: &'a MapView,
    scene: &'a Scene,
    width: f32,
    height: f32,
}

impl Pen<'_> {
    fn place(&self, x: f32, y: f32) -> (f64, f64) {
        let (x, y) = self.map.frame.place(x, y, self.width, self.height);
        (f64::from(x), f64::from(y))
    }

    /// One path per class.
    fn marks(&self, marks: &[Mark], old: bool) {
        let context = self.context;
        context.set_line_width(1.1);
        context.set_global_alpha(if old { 0.75 } else { 0.7 });
        let classes = marks.iter().map(|mark| mark.class).max().map_or(0, |most| most + 1);
        for class in 0..classes {
            let color = css(self.scene.palette.class(class));
            context.begin_path();
            for mark in marks.iter().filter(|mark| mark.class == class) {
                let (x, y) = self.place(mark.x, mark.y);
                if old {
                    context.rect(x - HALF, y - HALF, 2.0 * HALF, 2.0 * HALF);
                } else {
                    context.move_to(x + HALF, y);
                    let _ = context.arc(x, y, HALF, 0.0, TAU);
                }
            }
            if old {
                context.set_stroke_style_str(&color);
                context.stroke();
            } else {
                context.set_fill_style_str(&color);
                context.fill();
            }
        }
        context.set_global_alpha(1.0);
    }

    /// A thin line from the old to the new mark of each item.
    fn joins(&self) {
        let context = self.context;
        context.begin_path();
        let old: HashMap<u16, &Mark> = self.map.old.iter().map(|mark| (mark.item, mark)).collect();
        for new in &self.map.new {
            if let Some(old) = old.get(&new.item) {
                let (from, to) = (self.place(old.x, old.y), self.place(new.x, new.y));
                context.move_to(from.0, from.1);
                context.line_to(to.0, to.1);
            }
        }
        context.set_global_alpha(0.25);
        context.set_line_width(0.6);
        context.set_stroke_style_str(&css(self.scene.palette.muted));
        context.stroke();
        context.set_global_alpha(1.0);
    }

    /// Names of classes at the middle of their old marks, with a rim so that they can be read on top of the marks.
    fn labels(&self, class_names: &[String]) {
        let context = self.context;
        context.set_font("600 11px system-ui, sans-serif");
        context.set_text_align("center");
        context.set_text_baseline("middle");
        context.set_line_join("round");
        context.set_line_width(3.5);
        context.set_stroke_style_str(&css(self.scene.palette.surface));
        context.set_fill_style_str(&css(self.scene.palette.ink));
        let mut texts: Vec<Text> = self.map.labels.iter().filter_map(|label| self.text(label, class_names)).collect();
        texts.sort_by(|a, b| a.y.total_cmp(&b.y));
        for at in 1..texts.len() {
            let (above, below) = texts.split_at_mut(at);
            let Some(text) = below.first_mut() else { continue };
            // Downwards past every label that it would lie on; those above are in their final order.
            for other in above {
                let near = (text.x - other.x).abs() < (text.wide + other.wide) / 2.0 + 4.0;
                if near && (text.y - other.y).abs() < LINE {
                    text.y = other.y + LINE;
                }
            }
        }
        for Text { name, x, y, .. } in texts {
            let _ = context.stroke_text(name, x, y).and_then(|()| context.fill_text(name, x, y));
        }
    }

    /// A label at its place, kept within the canvas.
    fn text<'n>(&self, &(class, x, y): &(usize, f32, f32), class_names: &'n [String]) -> Option<Text<'n>> {
        let name = class_names.get(class)?;
        let wide = self.context.measure_text(name).ok()?.width();
        let (x, y) = self.place(x, y);
        let half = wide / 2.0 + 4.0;
        Some(Text { name, x: x.max(half).min((f64::from(self.width) - half).max(half)), y, wide })
    }

    /// Rings around the query, in both models.
    fn query(&self) {
        let context = self.context;
        let find = |marks: &[Mark]| marks.iter().find(|mark| Some(mark.item) == self.scene.query).copied();
        context.set_line_width(2.0);
        context.set_stroke_style_str(&css(self.scene.palette.ink));
        if let Some(mark) = find(&self.map.old).filter(|_| self.scene.shown.has_old()) {
            let (x, y) = self.place(mark.x, mark.y);
            context.stroke_rect(x - 7.0, y - 7.0, 14.0, 14.0);
        }
        if let Some(mark) = find(&self.map.new).filter(|_| self.scene.shown.has_new()) {
            let (x, y) = self.place(mark.x, mark.y);
            context.begin_path();
            let _ = context.arc(x, y, 8.0, 0.0, TAU);
            context.stroke();
        }
    }
}
