//! The map of old and new embeddings.

use leptos::ev::PointerEvent;
use leptos::html::{Canvas, Div};
use leptos::prelude::*;

use super::controls::{ActionButton, Switch, Title};
use super::map_canvas::{self, Ground, Overlay, View};
use super::save_menu::{Save, SaveMenu};
use super::thumbnail::Thumbnail;
use crate::page::browser::hooks::use_size;
use crate::page::browser::sheet::loose_canvas;
use crate::page::state::Lab;
use crate::view::chrome::actions::Action;
use crate::view::chrome::instrument::Instrument;
use crate::view::draw::format;
use crate::view::instruments::map::{Layer, MapView, Mark, NEIGHBOURS, Shape, Shown, nearest};
use crate::view::instruments::prototypes::{Prototype, PrototypesView};
use crate::view::instruments::selection;
use crate::view::instruments::strips::class_name;
use crate::view::upgrade::Upgrade;

/// How near the pointer has to come to a mark, in pixels.
const REACH: f32 = 12.0;
/// Pixels between two corners of a lasso.
const CORNER: f32 = 3.0;
/// Corners from which on a way of the pointer is a lasso rather than a click.
const LASSO: usize = 4;
/// How long marks move from their old to their new places, in milliseconds.
const TRAVEL_MS: f64 = 1500.0;

/// What the pointer is over.
#[derive(Clone, Copy, PartialEq)]
enum Hover {
    Item(Mark, Shape),
    Prototype(Prototype),
}

impl Hover {
    fn item(self) -> Option<u16> {
        match self {
            Self::Item(mark, _) => Some(mark.item),
            Self::Prototype(_) => None,
        }
    }

    fn position(self) -> (f32, f32) {
        match self {
            Self::Item(mark, _) => mark.position(),
            Self::Prototype(prototype) => prototype.position(),
        }
    }
}

/// The fourth instrument.
#[component]
pub fn MapPanel(
    /// The shared state.
    lab: Lab,
) -> impl IntoView {
    let shown = RwSignal::new(Shown::Both);
    let (share, moving) = (RwSignal::new(1.0_f64), RwSignal::new(false));
    let (joins, with_prototypes) = (RwSignal::new(false), RwSignal::new(true));
    let hover = RwSignal::new(None::<Hover>);
    let lasso = RwSignal::new(Vec::<(f32, f32)>::new());
    let map = Memo::new(move |_| lab.tape.log.with(|log| MapView::of(log, &lab.focus.upgrade.get())));
    let empty = move || map.with(MapView::is_empty);
    let layers = Memo::new(move |_| {
        let (shown, share) = (shown.get(), share.get() as f32);
        map.with(|map| map.layers(shown, share))
    });
    let classes = Memo::new(move |_| lab.tape.log.with(|log| PrototypesView::of(log, &lab.focus.upgrade.get())));
    let prototypes = Memo::new(move |_| {
        let (shown, share) = (shown.get(), share.get() as f32);
        if with_prototypes.get() { classes.with(|classes| classes.shown(shown, share)) } else { Vec::new() }
    });
    let neighbours = Memo::new(move |_| {
        let item = hover.get().and_then(Hover::item).or_else(|| lab.focus.query.get());
        let (upgrade, shown) = (lab.focus.upgrade.get(), shown.get());
        map.with(|map| {
            lab.tape.log.with(|log| item.map(|item| map.neighbours(log, &upgrade, shown, item)).unwrap_or_default())
        })
    });
    let (place, canvas) = (NodeRef::<Div>::new(), NodeRef::<Canvas>::new());
    let size = use_size(place);
    let view =
        Memo::new(move |_| View { frame: map.with(|map| map.frame), palette: lab.look.palette(), size: size.get() });
    let kept = StoredValue::new_local(loose_canvas());
    // Counts up with every new picture of what stays.
    let drawn = RwSignal::new(0_u32);
    Effect::new(move |_| {
        let (view, joins) = (view.get(), joins.get() && shown.get() == Shown::Both);
        map.with(|map| {
            layers.with(|layers| {
                lab.focus.selection.with(|selection| {
                    lab.tape.log.with_untracked(|log| {
                        let (prototypes, classes) = (prototypes.read(), classes.read_untracked());
                        let (prototypes, initials) = (prototypes.as_slice(), classes.initials.as_slice());
                        let class_names = &log.class_names;
                        let ground = Ground { map, layers, joins, class_names, prototypes, initials, selection };
                        kept.with_value(|kept| kept.iter().for_each(|kept| map_canvas::ground(kept, view, &ground)));
                    });
                });
            });
        });
        drawn.update(|drawn| *drawn += 1);
    });
    Effect::new(move |_| {
        drawn.track();
        let (Some(canvas), view) = (canvas.get(), view.get_untracked()) else { return };
        let (query, hover) = (lab.focus.query.get(), hover.get().map(Hover::position));
        layers.with_untracked(|layers| {
            neighbours.with(|neighbours| {
                lasso.with(|lasso| {
                    let overlay = Overlay { layers, query, hover, neighbours, lasso };
                    kept.with_value(|kept| {
                        kept.iter().for_each(|kept| map_canvas::overlay(&canvas, kept, view, &overlay));
                    });
                });
            });
        });
    });
    let extent = move || {
        let (width, height) = size.get_untracked();
        (width as f32, height as f32)
    };
    let find = move |event: &PointerEvent| {
        let (frame, at) = (map.with_untracked(|map| map.frame), at(event));
        // The uppermost first.
        let prototype =
            prototypes.with_untracked(|them| nearest(them, Prototype::position, &frame, extent(), at, REACH / 2.0));
        prototype.map(Hover::Prototype).or_else(|| {
            layers.with_untracked(|layers| {
                layers.iter().rev().find_map(|layer| {
                    let mark = nearest(&layer.marks, Mark::position, &frame, extent(), at, REACH)?;
                    Some(Hover::Item(mark, layer.shape))
                })
            })
        })
    };
    let down = move |event: PointerEvent| {
        if event.button() == 0 {
            if let Some(canvas) = canvas.get_untracked() {
                // Without it a lasso only ends at the edge.
                let _ = canvas.set_pointer_capture(event.pointer_id());
            }
            lasso.set(vec![at(&event)]);
        }
    };
    let moved = move |event: PointerEvent| {
        let (x, y) = at(&event);
        let last = lasso.with_untracked(|path| path.last().copied()).filter(|_| event.buttons() & 1 == 1);
        let found = match last {
            Some(last) => {
                if (x - last.0).hypot(y - last.1) >= CORNER {
                    lasso.update(|path| path.push((x, y)));
                }
                None
            }
            None => find(&event),
        };
        if hover.get_untracked() != found {
            hover.set(found);
        }
    };
    let up = move |event: PointerEvent| {
        let path = lasso.try_update(std::mem::take).unwrap_or_default();
        if path.len() >= LASSO {
            let frame = map.with_untracked(|map| map.frame);
            lab.focus.select(layers.with_untracked(|layers| selection::within(all(layers), &frame, extent(), &path)));
        } else if let Some(found) = find(&event).filter(|_| !path.is_empty()) {
            match found {
                Hover::Item(mark, _) => lab.focus.pick(mark.item),
                Hover::Prototype(it) => {
                    lab.focus.select(layers.with_untracked(|layers| selection::of_class(all(layers), it.class)));
                }
            }
        }
    };
    let options = Shown::ALL.map(|it| (it, Signal::stored(it.label().to_owned()))).to_vec();
    let morphs = move || shown.get() == Shown::Morph;
    let caption = Memo::new(move |_| {
        // Before a reader picked anything, there is no need to tell of lines.
        let lines = lab.focus.picked.get().is_some() && neighbours.with(|lines| !lines.is_empty());
        let legend = if with_prototypes.get() { classes.with(|it| it.legend.clone()) } else { String::new() };
        map.with(|map| caption(lab, map, size.get(), morphs().then(|| share.get()), &legend, lines))
    });
    let words = Memo::new(move |_| {
        let upgrade = lab.focus.upgrade.get();
        lab.focus.selection.with(|selection| lab.tape.log.with(|log| selection::words(log, &upgrade, selection)))
    });
    let selected = move || words.with(|words| !words.is_empty());
    view! {
        <section class="panel map" aria-labelledby="map-title">
            <header>
                <Title lab of=Instrument::Map/>
                <Switch label="Models" options value=shown set=shown/>
                <label class="check" hidden=morphs title="A line from each item under the old model to the same one under the new">
                    <input type="checkbox" prop:checked=joins
                        on:change:target=move |event| joins.set(event.target().checked())/>
                    "Join items"
                </label>
                <label class="check" hidden=move || classes.with(PrototypesView::is_empty)
                    title="Class vectors of the models' heads, where they can be compared with what is stored">
                    <input type="checkbox" prop:checked=with_prototypes
                        on:change:target=move |event| with_prototypes.set(event.target().checked())/>
                    "Prototypes"
                </label>
                <div class="morph" hidden=move || !morphs()>
                    <input type="range" min="0" max="1" step="0.01" aria-label="From old to new places"
                        prop:value=move || share.get().to_string()
                        on:input:target=move |event| {
                            moving.set(false);
                            share.set(event.target().value().parse().unwrap_or(1.0));
                        }/>
                    <button type="button" class="quiet" title="Move the marks from their old to their new places"
                        on:click=move |_| {
                            moving.set(true);
                            travel(share, moving, js_sys::Date::now());
                        }>"Morph"</button>
                </div>
                <SaveMenu lab what="map" options=vec![Save::Canvas(canvas)] disabled=Signal::derive(empty)/>
            </header>
            <div class="plane" node_ref=place>
                <canvas node_ref=canvas role="img" aria-label=caption hidden=empty title="Click an item, or drag around several"
                    on:pointerdown=down on:pointermove=moved on:pointerup=up
                    on:pointercancel=move |_| lasso.set(Vec::new())
                    on:pointerleave=move |_| hover.set(None)></canvas>
                <p class="empty" hidden=move || !empty()>
                    "Old and new embeddings of the test items appear here, in one plane, once the old model is trained."
                </p>
                {move || hover.get().map(|hover| tooltip(lab, hover, view.get_untracked()))}
            </div>
            <div class="foot" hidden=empty>
                <p class="caption" hidden=selected>{caption}</p>
                <p class="caption" role="status" hidden=move || !selected()>{words}</p>
                <ClassMenu lab layers/>
                <Show when=selected><ActionButton lab action=Action::ClearSelection>"Clear"</ActionButton></Show>
            </div>
        </section>
    }
    .into_any()
}

/// Selects all items of a class; what the lasso does, for the keyboard.
#[component]
fn ClassMenu(
    /// The shared state.
    lab: Lab,
    /// What is drawn.
    layers: Memo<Vec<Layer>>,
) -> impl IntoView {
    let names = Memo::new(move |_| lab.tape.log.with(|log| log.class_names.clone()));
    let items = move |class| layers.with_untracked(|layers| selection::of_class(all(layers), class));
    // The class that the selection is, whoever selected it.
    let class = Memo::new(move |_| {
        lab.focus.selection.with(|selection| {
            let first = *selection.first()?;
            let class = lab
                .tape
                .log
                .with_untracked(|log| log.test_labels.get(usize::from(first)).map(|&it| usize::from(it)))?;
            (items(class) == *selection).then_some(class)
        })
    });
    let option = move |(this, name): (usize, String)| {
        view! { <option value=this.to_string() prop:selected=move || class.get() == Some(this)>{name}</option> }
    };
    let choose = move |value: String| lab.focus.select(value.parse().ok().map(items).unwrap_or_default());
    view! {
        <select class="menu-select" aria-label="Select class" on:change:target=move |event| choose(event.target().value())>
            <option value="" prop:selected=move || class.get().is_none()>"Select class"</option>
            {move || names.get().into_iter().enumerate().map(option).collect_view()}
        </select>
    }
    .into_any()
}

fn all(layers: &[Layer]) -> impl Iterator<Item = &Mark> {
    layers.iter().flat_map(|layer| &layer.marks)
}

/// Where the pointer is on the canvas.
fn at(event: &PointerEvent) -> (f32, f32) {
    (event.offset_x() as f32, event.offset_y() as f32)
}

/// Moves the marks frame by frame, until they are at their new places or the slider is moved.
fn travel(share: RwSignal<f64>, moving: RwSignal<bool>, begun: f64) {
    let passed = ((js_sys::Date::now() - begun) / TRAVEL_MS).clamp(0.0, 1.0);
    share.try_set(passed);
    if passed < 1.0 {
        request_animation_frame(move || {
            if moving.try_get_untracked() == Some(true) {
                travel(share, moving, begun);
            }
        });
    }
}

fn caption(
    lab: Lab,
    map: &MapView,
    size: (u32, u32),
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

fn tooltip(lab: Lab, hover: Hover, view: View) -> impl IntoView + use<> {
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
