//! What the map says in words: below it, and beside the pointer.

use leptos::prelude::*;

use super::map_canvas::View;
use super::thumbnail::Thumbnail;
use crate::page::state::Lab;
use crate::view::draw::format;
use crate::view::instruments::lens::Lens;
use crate::view::instruments::map::{MapView, Mark, NEIGHBOURS, Shape};
use crate::view::instruments::prototypes::Prototype;
use crate::view::instruments::strips::class_name;
use crate::view::upgrade::Upgrade;

/// What the pointer is over.
#[derive(Clone, Copy, PartialEq)]
pub enum Hover {
    /// An item's mark.
    Item(Mark, Shape),
    /// A class vector.
    Prototype(Prototype),
}

impl Hover {
    /// The item, if it is one.
    pub fn item(self) -> Option<u16> {
        match self {
            Self::Item(mark, _) => Some(mark.item),
            Self::Prototype(_) => None,
        }
    }

    /// Where it is in the plane.
    pub fn position(self) -> (f32, f32) {
        match self {
            Self::Item(mark, _) => mark.position(),
            Self::Prototype(prototype) => prototype.position(),
        }
    }
}

/// What is drawn, on which plane, and which part of it.
pub fn caption(
    lab: Lab,
    map: &MapView,
    (size, lens): ((u32, u32), Lens),
    share: Option<f64>,
    legend: &str,
    with_neighbours: bool,
) -> String {
    let upgrade = lab.focus.upgrade.get();
    let step = map.step.map(|step| format!(" at step {step}")).unwrap_or_default();
    let marks = match share {
        Some(share) => {
            let share = format::percent(share);
            format!("{share} of the straight way in the plane from {} to {}{step}.", upgrade.old, upgrade.new)
        }
        None => format!("\u{25a1} {}, \u{25cf} {}{step}.", upgrade.old, upgrade.new),
    };
    let plane = match map.circle {
        true => "The plane is the embedding itself, two dims on the unit circle; of wider models the first two dims."
            .to_owned(),
        false => format!("Plane of v1's two main axes ({} of its variance).", format::percent(map.explained)),
    };
    let outside = map.outside((size.0 as f32, size.1 as f32));
    let edge = match outside {
        _ if lens.zoom > 1.0 => format!(" Enlarged {} times.", format::rounded(f64::from(lens.zoom))),
        _ if !lens.is_whole() => String::new(),
        0 => String::new(),
        outside => format!(" {outside} marks outside of it stay at its edge."),
    };
    let lines = match with_neighbours {
        true => format!(
            " Lines: the best {NEIGHBOURS} gallery items under new/old (solid) and old/old (dashed), found in the original space."
        ),
        false => String::new(),
    };
    let legend = if legend.is_empty() { String::new() } else { format!(" {legend}") };
    format!("{marks}{legend} {plane}{edge}{lines}")
}

/// What the pointer is over.
pub fn tooltip(lab: Lab, hover: Hover, view: View) -> impl IntoView + use<> {
    let (width, height) = (view.size.0 as f32, view.size.1 as f32);
    let (x, y) = hover.position();
    let (x, y) = view.frame.place(x, y, width, height);
    let Upgrade { old, new, .. } = lab.focus.upgrade.get_untracked();
    let (class, words) = lab.tape.log.with_untracked(|log| match hover {
        Hover::Item(mark, shape) => {
            let model = match shape {
                Shape::Square => format!("old, {old}"),
                Shape::Disc => format!("new, {new}"),
                Shape::Ring => format!("from {old} to {new}"),
            };
            (class_name(log, mark.item), format!("item {}, {model}", mark.item))
        }
        Hover::Prototype(it) => {
            let class = log.class_names.get(it.class).cloned().unwrap_or_default();
            (class, format!("prototype of {}", if it.new { new } else { old }))
        }
    });
    let item = hover.item();
    let thumbnail =
        item.map(|_| view! { <Thumbnail lab item=Signal::stored(item) label=Signal::stored(class.clone())/> });
    // Towards the middle, so that it stays inside.
    let (left, above) = (x > 0.6 * width, y > 0.6 * height);
    view! {
        <div class="tooltip" aria-hidden="true" class:left=left class:above=above
            style:left=format!("{x:.0}px") style:top=format!("{y:.0}px")>
            {thumbnail}
            <span><strong>{class}</strong><span>{words}</span></span>
        </div>
    }
}
