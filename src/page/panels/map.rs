//! The map of old and new embeddings.

use leptos::ev::{KeyboardEvent, PointerEvent, WheelEvent};
use leptos::html::{Canvas, Div};
use leptos::prelude::*;
use wasm_split_helpers::wasm_split;

use super::controls::{ActionButton, Switch, Title};
use super::map_canvas::{self, Ground, Overlay, View};
use super::map_tools::{ClassMenu, Finder, HELP, TIMES, Zoom, all};
use super::map_words::{Hover, caption, tooltip};
use super::save_menu::{Save, SaveMenu};
use crate::page::browser::hooks::use_size;
use crate::page::browser::late::{Part, late};
use crate::page::browser::sheet::loose_canvas;
use crate::page::state::Lab;
use crate::view::chrome::actions::Action;
use crate::view::chrome::instrument::Instrument;
use crate::view::instruments::lens::{Fingers, Lens};
use crate::view::instruments::map::{Frame, Layer, MapView, Mark, Shown, nearest};
use crate::view::instruments::prototypes::{Prototype, PrototypesView};
use crate::view::instruments::selection;
use crate::view::terms::Term;

/// How near the pointer has to come to a mark, in pixels.
const REACH: f32 = 12.0;
/// Pixels between two corners of a lasso.
const CORNER: f32 = 3.0;
/// Corners from which on a way of the pointer is a lasso rather than a click.
const LASSO: usize = 4;
/// How much larger a pixel of the wheel makes the map, as an exponent; and of a pinch on a touch pad, which browsers tell as the wheel with
/// Ctrl, in far fewer pixels.
const WHEEL: (f64, f64) = (0.002, 0.01);
/// Pixels that one turn of the wheel counts for at most.
const TURN: f64 = 100.0;
/// Share of the map's sides that an arrow key moves it by.
const ARROW: f32 = 0.15;
/// How long marks move from their old to their new places, in milliseconds.
const TRAVEL_MS: f64 = 1500.0;

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
    let lens = RwSignal::new(Lens::WHOLE);
    // Another run is another plane.
    Effect::new(move |_| {
        lab.tape.turn.track();
        lens.set(Lens::WHOLE);
    });
    let whole = Signal::derive(move || map.with(|map| map.frame));
    let view = Memo::new(move |_| View {
        frame: lens.get().frame(whole.get()),
        palette: lab.look.palette(),
        size: size.get(),
    });
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
        let (frame, at) = (view.get_untracked().frame, at(event));
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
    let turn = move |change: &dyn Fn(Lens) -> Lens| lens.update(|lens| *lens = change(*lens));
    let zoom = move |at: (f32, f32), times: f32| turn(&|lens| lens.zoomed(whole.get_untracked(), extent(), at, times));
    let middle = move || (extent().0 / 2.0, extent().1 / 2.0);
    // Where the fingers are that lie on it, and where it is held that is moved.
    let fingers = StoredValue::new(Fingers::default());
    let grip = StoredValue::new(None::<(f32, f32)>);
    let down = move |event: PointerEvent| {
        let pans = event.button() == 1 || (event.button() == 0 && event.shift_key());
        if event.button() != 0 && !pans {
            return;
        }
        if let Some(canvas) = canvas.get_untracked() {
            // Without it a lasso only ends at the edge.
            let _ = canvas.set_pointer_capture(event.pointer_id());
        }
        let here = at(&event);
        let touches = event.pointer_type() == "touch";
        let alone = !touches || fingers.try_update_value(|it| it.down(event.pointer_id(), here)).unwrap_or(true);
        if pans {
            // The middle button would scroll.
            event.prevent_default();
            grip.set_value(Some(here));
        } else {
            // A second finger makes it a pinch.
            lasso.set(if alone { vec![here] } else { Vec::new() });
        }
    };
    let moved = move |event: PointerEvent| {
        let (x, y) = at(&event);
        let pinch = fingers.try_update_value(|it| it.moved(event.pointer_id(), (x, y))).flatten();
        if let Some(pinch) = pinch {
            return turn(&|lens| lens.pinched(whole.get_untracked(), extent(), pinch));
        }
        // Where it was let go of, nobody may have been told.
        if let Some(from) = grip.get_value().filter(|_| event.buttons() != 0) {
            grip.set_value(Some((x, y)));
            return turn(&|lens| lens.dragged(whole.get_untracked(), extent(), from, (x, y)));
        }
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
    let lifted = move |event: &PointerEvent| {
        fingers.update_value(|it| it.up(event.pointer_id()));
        grip.set_value(None);
        lasso.try_update(std::mem::take).unwrap_or_default()
    };
    let up = move |event: PointerEvent| {
        let path = lifted(&event);
        if path.len() >= LASSO {
            let frame = view.get_untracked().frame;
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
    let wheel = move |event: WheelEvent| {
        // As maps on pages do: where the page scrolls it goes on, unless the reader means the map.
        let meant = event.ctrl_key() || event.meta_key();
        let focused = place.get_untracked().is_some_and(|it| it.matches(":focus").unwrap_or_default());
        if map.with_untracked(MapView::is_empty) || !(meant || focused || !page_scrolls()) {
            return;
        }
        event.prevent_default();
        // By lines and pages as by pixels.
        let pixels = event.delta_y() * [1.0, 16.0, TURN].get(event.delta_mode() as usize).copied().unwrap_or(1.0);
        let exponent =
            if meant { WHEEL.1 * pixels.clamp(-TURN / 2.0, TURN / 2.0) } else { WHEEL.0 * pixels.clamp(-TURN, TURN) };
        zoom((event.offset_x() as f32, event.offset_y() as f32), (-exponent).exp() as f32);
    };
    let key = move |event: KeyboardEvent| {
        if event.ctrl_key() || event.meta_key() || event.alt_key() {
            return;
        }
        let (across, up) = (ARROW * extent().0, ARROW * extent().1);
        let by = |x: f32, y: f32| turn(&|lens| lens.dragged(whole.get_untracked(), extent(), (0.0, 0.0), (x, y)));
        match &*event.key() {
            "+" | "=" => zoom(middle(), TIMES),
            "-" | "_" => zoom(middle(), 1.0 / TIMES),
            "0" => lens.set(Lens::WHOLE),
            "ArrowLeft" => by(across, 0.0),
            "ArrowRight" => by(-across, 0.0),
            "ArrowUp" => by(0.0, up),
            "ArrowDown" => by(0.0, -up),
            _ => return,
        }
        event.prevent_default();
    };
    let back = move |()| {
        lens.set(Lens::WHOLE);
        // The button that asked for it is gone.
        if let Some(plane) = place.get_untracked() {
            let _ = plane.focus();
        }
    };
    let name = Signal::derive(move || format!("map-{}", lab.focus.upgrade.get().new.file_stem()));
    let options = Shown::ALL.map(|it| (it, Signal::stored(it.label().to_owned()))).to_vec();
    let morphs = move || shown.get() == Shown::Morph;
    let caption = Memo::new(move |_| {
        // Before a reader picked anything, there is no need to tell of lines.
        let lines = lab.focus.picked.get().is_some() && neighbours.with(|lines| !lines.is_empty());
        let legend = if with_prototypes.get() { classes.with(|it| it.legend.clone()) } else { String::new() };
        map.with(|map| caption(lab, map, (size.get(), lens.get()), morphs().then(|| share.get()), &legend, lines))
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
                <label class="check" hidden=move || classes.with(PrototypesView::is_empty)>
                    <input type="checkbox" prop:checked=with_prototypes
                        on:change:target=move |event| with_prototypes.set(event.target().checked())/>
                    <span class="helped" data-term=Term::Prototype.id()>"Prototypes"</span>
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
                <SaveMenu lab what=name options=vec![Save::Canvas(canvas)] disabled=Signal::derive(empty)/>
            </header>
            <div class="plane" node_ref=place role="application" aria-label="Map to move and enlarge" aria-describedby=move || (!empty()).then_some(HELP)
                tabindex=move || if empty() { "-1" } else { "0" } on:keydown=key>
                <canvas node_ref=canvas role="img" aria-label=caption hidden=empty
                    on:pointerdown=down on:pointermove=moved on:pointerup=up on:wheel=wheel
                    on:pointercancel=move |event| drop(lifted(&event))
                    on:pointerleave=move |_| hover.set(None)></canvas>
                <p class="empty" hidden=move || !empty()>
                    "Old and new embeddings of the test items appear here, in one plane, once the old model is trained."
                </p>
                {move || hover.get().map(|hover| tooltip(lab, hover, view.get_untracked()))}
                <Show when=move || !empty()>
                    {late(zooming(), (lens, Callback::new(move |times| zoom(middle(), times)), Callback::new(back)))}
                </Show>
            </div>
            <div class="foot" hidden=empty>
                <p class="caption" hidden=selected>{caption}</p>
                <p class="caption" role="status" hidden=move || !selected()>{words}</p>
                {late(finding(), (lab, (layers, whole, lens)))}
                <Show when=selected><ActionButton lab action=Action::ClearSelection>"Clear"</ActionButton></Show>
            </div>
        </section>
    }
    .into_any()
}

/// The part on show, what enlarges it, and the way back to the whole.
type Turned = (RwSignal<Lens>, Callback<f32>, Callback<()>);

/// What enlarges a part of the map.
#[wasm_split(live, fallible)]
fn zooming() -> Part<Turned> {
    Ok(|(lens, zoom, back)| view! { <Zoom lens zoom back/> }.into_any())
}

/// What is drawn, the whole of it, and the part on show.
type Drawn = (Memo<Vec<Layer>>, Signal<Frame>, RwSignal<Lens>);

/// What finds and selects items.
#[wasm_split(live, fallible)]
fn finding() -> Part<(Lab, Drawn)> {
    Ok(|(lab, (layers, whole, lens))| view! { <Finder lab layers whole lens/><ClassMenu lab layers/> }.into_any())
}

/// Whether the page can be scrolled.
fn page_scrolls() -> bool {
    let page = gloo::utils::document().document_element();
    page.is_some_and(|page| page.scroll_height() > page.client_height())
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
