//! What stands beside the map: to find items, to select a class, to enlarge a part of it, and how that is done by hand.

use leptos::prelude::*;

use crate::page::state::Lab;
use crate::view::instruments::find::{example, found, next, words};
use crate::view::instruments::lens::Lens;
use crate::view::instruments::map::{Frame, Layer, Mark};
use crate::view::instruments::selection;

/// How many times larger a press of a button or a key makes it.
pub const TIMES: f32 = 1.5;
/// Id of the sentences on how it is used.
pub const HELP: &str = "map-help";

/// All marks of what is drawn.
pub fn all(layers: &[Layer]) -> impl Iterator<Item = &Mark> {
    layers.iter().flat_map(|layer| &layer.marks)
}

/// Finds items by name and number; each is picked, and in the middle of the map.
#[component]
pub fn Finder(
    /// The shared state.
    lab: Lab,
    /// What is drawn.
    layers: Memo<Vec<Layer>>,
    /// The whole of it.
    whole: Signal<Frame>,
    /// The part on show.
    lens: RwSignal<Lens>,
) -> impl IntoView {
    let (text, said) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    Effect::new(move |_| {
        lab.tape.turn.track();
        said.set(String::new());
    });
    let find = move || {
        let items = layers.with_untracked(|layers| {
            lab.tape.log.with_untracked(|log| text.with_untracked(|text| found(log, all(layers), text)))
        });
        let next = next(&items, lab.focus.picked.get_untracked());
        if let Some((item, _)) = next {
            lab.focus.pick(item);
            let places = layers.with_untracked(|layers| {
                let of_item = all(layers).filter(|mark| mark.item == item);
                of_item.map(Mark::position).collect::<Vec<_>>()
            });
            let middle = |of: fn(&(f32, f32)) -> f32| places.iter().map(of).sum::<f32>() / places.len().max(1) as f32;
            lens.update(|lens| *lens = lens.around(whole.get_untracked(), (middle(|it| it.0), middle(|it| it.1))));
        }
        let shown = layers.with_untracked(|layers| layers.iter().map(|layer| layer.marks.len()).max());
        let words = lab.tape.log.with_untracked(|log| words(log, next, items.len(), shown.unwrap_or_default()));
        said.set(if text.with_untracked(|text| text.trim().is_empty()) { String::new() } else { words });
    };
    let asks = move || {
        let one = |layers: &Vec<Layer>| lab.tape.log.with_untracked(|log| example(log, all(layers)));
        format!("Find: {}", layers.with(one))
    };
    view! {
        <form class="find" on:submit=move |event| {
            event.prevent_default();
            find();
        }>
            <input type="search" aria-label="Find an item by class and number" placeholder=asks autocomplete="off"
                on:input:target=move |event| text.set(event.target().value())/>
            <button type="submit" class="quiet" title="Pick the item and show it in the middle; once more for the next">"Find"</button>
            <p class="caption" aria-live="polite">{said}</p>
        </form>
    }
    .into_any()
}

/// Selects all items of a class; what the lasso does, for the keyboard.
#[component]
pub fn ClassMenu(
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

/// Enlarges a part of the map and takes it back, and tells how that is done by hand.
#[component]
pub fn Zoom(
    /// The part on show.
    #[prop(into)]
    lens: Signal<Lens>,
    /// Enlarges it around its middle.
    zoom: Callback<f32>,
    /// Goes back to the whole.
    back: Callback<()>,
) -> impl IntoView {
    let open = RwSignal::new(false);
    view! {
        <div class="zoom" role="group" aria-label="Part of the map">
            <button type="button" aria-label="Show the whole map" title="Show the whole map (0)" hidden=move || lens.get().is_whole()
                on:click=move |_| back.run(())>"whole"</button>
            <button type="button" aria-label="Zoom in" title="Zoom in (+)" on:click=move |_| zoom.run(TIMES)>"+"</button>
            <button type="button" aria-label="Zoom out" title="Zoom out (\u{2212})" on:click=move |_| zoom.run(1.0 / TIMES)>"\u{2212}"</button>
            <button type="button" aria-label="How to use the map" title="How to use the map" aria-controls=HELP
                aria-expanded=move || open.get().to_string() on:click=move |_| open.update(|open| *open = !*open)>"?"</button>
        </div>
        <p class="help hint" id=HELP hidden=move || !open.get()>
            "Click an item to pick it; drag around several to select them. The wheel zooms, with Ctrl where the page scrolls and the map \
             has not the focus; Shift and drag, or the middle button, moves. Two fingers do both. With the focus on the map: + and \u{2212} \
             zoom, arrows move, 0 shows the whole."
        </p>
    }
    .into_any()
}
