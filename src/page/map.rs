//! The map of old and new embeddings.

use leptos::ev::PointerEvent;
use leptos::html::{Canvas, Div};
use leptos::prelude::*;

use super::controls::Switch;
use super::hooks::use_size;
use super::images::Thumbnail;
use super::lab::Lab;
use super::map_canvas::{self, Shown};
use super::save_menu::{Save, SaveMenu};
use crate::view::format;
use crate::view::map::{MapView, Mark, nearest};
use crate::view::strips::class_name;

/// How near the pointer has to come to a mark, in pixels.
const REACH: f32 = 12.0;

/// What the pointer is over.
#[derive(Clone, Copy, PartialEq)]
struct Hover {
    mark: Mark,
    old: bool,
}

/// The fourth instrument.
#[component]
pub fn MapPanel(
    /// The shared state.
    lab: Lab,
) -> impl IntoView {
    let shown = RwSignal::new(Shown::Both);
    let lines = RwSignal::new(false);
    let hover = RwSignal::new(None::<Hover>);
    let map = Memo::new(move |_| lab.log.with(|log| MapView::of(log, &lab.upgrade.get())));
    let (place, canvas) = (NodeRef::<Div>::new(), NodeRef::<Canvas>::new());
    let size = use_size(place);
    Effect::new(move |_| {
        let Some(canvas) = canvas.get() else { return };
        let scene = map_canvas::Scene {
            shown: shown.get(),
            lines: lines.get(),
            query: lab.query.get(),
            palette: lab.palette(),
            size: size.get(),
        };
        map.with(|map| lab.log.with_untracked(|log| map_canvas::draw(&canvas, map, &log.class_names, &scene)));
    });
    let find = move |event: &PointerEvent| {
        let (width, height) = size.get_untracked();
        let at = (event.offset_x() as f32, event.offset_y() as f32);
        map.with_untracked(|map| {
            let near = |marks: &[Mark]| nearest(marks, &map.frame, (width as f32, height as f32), at, REACH);
            let new = shown
                .get_untracked()
                .has_new()
                .then(|| near(&map.new))
                .flatten()
                .map(|mark| Hover { mark, old: false });
            let old =
                shown.get_untracked().has_old().then(|| near(&map.old)).flatten().map(|mark| Hover { mark, old: true });
            new.or(old)
        })
    };
    let options = Shown::ALL.map(|it| (it, Signal::stored(it.label().to_owned()))).to_vec();
    let caption = move || map.with(|map| caption(lab, map));
    view! {
        <section class="panel map" aria-labelledby="map-title">
            <header>
                <h2 id="map-title">"Map"</h2>
                <Switch label="Models" options value=shown/>
                <label class="check">
                    <input type="checkbox" prop:checked=lines
                        on:change:target=move |event| lines.set(event.target().checked())/>
                    "Join the same item"
                </label>
                <SaveMenu lab what="map" options=vec![Save::Canvas(canvas)] disabled=Signal::derive(move || map.with(MapView::is_empty))/>
            </header>
            <div class="plane" node_ref=place>
                <canvas node_ref=canvas role="img" aria-label=caption hidden=move || map.with(MapView::is_empty)
                    on:pointermove=move |event| {
                        let found = find(&event);
                        if hover.get_untracked() != found {
                            hover.set(found);
                        }
                    }
                    on:pointerleave=move |_| hover.set(None)
                    on:click=move |_| if let Some(hover) = hover.get_untracked() {
                        lab.picked.set(Some(hover.mark.item));
                    }></canvas>
                <p class="empty" hidden=move || !map.with(MapView::is_empty)>
                    "Old and new embeddings of the test items appear here, in one plane, once the old model is trained."
                </p>
                {move || hover.get().map(|hover| tooltip(lab, hover, &map.get(), size.get_untracked()))}
            </div>
            <p class="caption" hidden=move || map.with(MapView::is_empty)>{caption}</p>
        </section>
    }
    .into_any()
}

fn caption(lab: Lab, map: &MapView) -> String {
    let upgrade = lab.upgrade.get();
    let step = map.step.map(|step| format!(" at step {step}")).unwrap_or_default();
    format!(
        "\u{25a1} {} old, \u{25cf} {} new{step}. Plane of the two main axes of the v1 gallery ({} of its variance), \
         fitted once; marks outside stay at the edge.",
        upgrade.old,
        upgrade.new,
        format::percent(map.explained)
    )
}

fn tooltip(lab: Lab, hover: Hover, map: &MapView, (width, height): (u32, u32)) -> impl IntoView + use<> {
    let (x, y) = map.frame.place(hover.mark.x, hover.mark.y, width as f32, height as f32);
    let class = lab.log.with_untracked(|log| class_name(log, hover.mark.item));
    let upgrade = lab.upgrade.get_untracked();
    let model = if hover.old { format!("old, {}", upgrade.old) } else { format!("new, {}", upgrade.new) };
    let (item, label) = (hover.mark.item, class.clone());
    // Towards the middle, so that it stays inside.
    let (left, above) = (x > 0.6 * width as f32, y > 0.6 * height as f32);
    view! {
        <div class="tooltip" aria-hidden="true" class:left=left class:above=above
            style:left=format!("{x:.0}px") style:top=format!("{y:.0}px")>
            <Thumbnail lab item=Signal::stored(Some(item)) label=Signal::stored(label)/>
            <span><strong>{class}</strong><span>{format!("item {item}, {model}")}</span></span>
        </div>
    }
}
