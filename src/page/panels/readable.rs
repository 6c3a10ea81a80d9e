//! A chart that tells its values: under the pointer, where a finger taps, or step by step with the arrow keys.

use leptos::ev::{KeyboardEvent, PointerEvent};
use leptos::html::Div;
use leptos::prelude::*;

use crate::page::state::Lab;
use crate::view::draw::chart::{place_at, spot};
use crate::view::draw::reading::{Reading, Value, nearest, walked};
use crate::view::draw::series::Curves;
use crate::view::draw::theme::css;

/// A drawn chart with what it says where a reader points.
#[component]
pub fn Readable(
    /// The shared state.
    lab: Lab,
    /// What is drawn.
    #[prop(into)]
    curves: Signal<Option<Curves>>,
    /// The drawing.
    #[prop(into)]
    svg: Signal<String>,
    /// What it shows, in words.
    #[prop(into)]
    words: Signal<String>,
    /// Where it is drawn.
    place: NodeRef<Div>,
    /// Its size in pixels.
    size: RwSignal<(u32, u32)>,
    /// Whether its places are moments of the run.
    #[prop(into)]
    timed: Signal<bool>,
    /// Goes back to the moment that lies nearest to a place.
    seek: Callback<f64>,
) -> impl IntoView {
    let places = Memo::new(move |_| curves.with(|it| it.as_ref().map(Curves::places)).unwrap_or_default());
    // Where a reader points, on the axis.
    let at = RwSignal::new(None::<f64>);
    let reading = Memo::new(move |_| {
        let place = places.with(|places| nearest(places, at.get()?))?;
        curves.with(|it| it.as_ref().map(|it| it.reading(place)))
    });
    let pointed = move |event: &PointerEvent| {
        let left = place.get_untracked()?.get_bounding_client_rect().left();
        let pixel = f64::from(event.client_x()) - left;
        let drawn = |it: &Curves| place_at(it, size.get_untracked().0, pixel);
        curves.with_untracked(|it| it.as_ref().filter(|it| !it.series.is_empty()).map(drawn))
    };
    let go = move |to: Option<f64>| {
        at.set(to);
        if let Some(to) = to {
            seek.run(to);
        }
    };
    let cross = NodeRef::<Div>::new();
    // Where a finger tapped last.
    let touched = StoredValue::new(None::<f64>);
    let down = move |event: PointerEvent| {
        touched.set_value(pointed(&event).filter(|_| event.pointer_type() == "touch"));
        if event.button() == 0 {
            if let Some(place) = place.get_untracked() {
                // Without it a drag only ends at the chart's edge.
                let _ = place.set_pointer_capture(event.pointer_id());
            }
            // A finger that comes down may be about to scroll the page.
            match event.pointer_type() == "touch" {
                true => at.set(pointed(&event)),
                false => go(pointed(&event)),
            }
        }
    };
    let moved = move |event: PointerEvent| match event.buttons() & 1 == 1 && event.pointer_type() != "touch" {
        true => go(pointed(&event)),
        false => at.set(pointed(&event)),
    };
    let key = move |event: KeyboardEvent| {
        if event.ctrl_key() || event.meta_key() || event.alt_key() {
            return;
        }
        let now = reading.with_untracked(|it| it.as_ref().map(|it| it.at));
        let to = places.with_untracked(|places| {
            let from = now.and_then(|now| places.iter().position(|place| *place == now));
            places.get(walked(&event.key(), from, places.len())?).copied()
        });
        match (&*event.key(), now) {
            ("Escape", Some(_)) => at.set(None),
            ("Enter", Some(now)) => seek.run(now),
            _ if to.is_some() => at.set(to),
            _ => return,
        }
        event.prevent_default();
    };
    let end = move |last: bool| {
        places.with(|places| if last { places.last() } else { places.first() }.copied().unwrap_or_default())
    };
    let now = move || reading.with(|it| it.as_ref().map(|it| it.at)).unwrap_or_else(|| end(true));
    let told = move || reading.with(|it| it.as_ref().map_or_else(|| "no place chosen".to_owned(), Reading::words));
    let over = move || {
        let (reading, size) = (reading.get()?, size.get());
        curves.with(|it| it.as_ref().map(|it| overlay(lab, it, &reading, size, timed.get())))
    };
    view! {
        <div class="readable">
            <div class="chart" class:timed=timed node_ref=place role="img" aria-label=words inner_html=svg
                on:pointerdown=down on:pointermove=moved
                // A finger that scrolls on leaves nothing behind.
                on:pointerleave=move |_| at.set(None)
                // What it tapped for stays until it taps elsewhere: the focus that the tap took is given back with the place.
                on:click=move |_| if let (Some(cross), Some(tapped)) = (cross.get_untracked(), touched.get_value()) {
                    let _ = cross.focus();
                    go(Some(tapped));
                }></div>
            <div class="cross" node_ref=cross role="slider" tabindex="0" aria-label="Values of the curves" aria-orientation="horizontal"
                hidden=move || places.with(Vec::is_empty) aria-valuemin=move || end(false) aria-valuemax=move || end(true)
                aria-valuenow=now aria-valuetext=told on:keydown=key on:blur=move |_| at.set(None)>{over}</div>
        </div>
    }
    .into_any()
}

/// A line through the place, a dot on each curve, and the values beside it.
fn overlay(lab: Lab, curves: &Curves, reading: &Reading, size: (u32, u32), timed: bool) -> impl IntoView + use<> {
    let palette = lab.look.palette();
    let spots: Vec<_> =
        reading.values.iter().map(|it| (spot(curves, size, it.point), css(palette.ink_of(it.ink)))).collect();
    let ((x, bottom), (_, top)) =
        (spot(curves, size, (reading.at, f64::NEG_INFINITY)), spot(curves, size, (reading.at, f64::INFINITY)));
    // Towards the middle, so that it stays inside.
    let left = x > 0.5 * f64::from(size.0);
    let dot = |((x, y), ink): ((f64, f64), String)| view! { <circle cx=x cy=y r="3.5" fill=ink/> };
    let row = |it: &Value| {
        let line = format!("line {}", it.dash.word());
        view! {
            <li>
                <span class=line style:color=css(palette.ink_of(it.ink))></span>
                <span class="name">{it.label.clone()}</span>
                <b>{it.words.clone()}</b>
            </li>
        }
    };
    view! {
        <svg aria-hidden="true" focusable="false">
            <line class="hair" x1=x x2=x y1=top y2=bottom/>
            {spots.into_iter().map(dot).collect_view()}
        </svg>
        <div class="values" class:left=left style:left=format!("{x:.0}px")>
            <strong>{reading.place.clone()}</strong>
            <ul class="legend">{reading.values.iter().map(row).collect_view()}</ul>
            {timed.then(|| view! { <span class="hint">"Click or Enter: back to this moment"</span> })}
        </div>
    }
}
