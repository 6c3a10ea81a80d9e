//! Small bridges between the browser and signals.

use std::time::Duration;

use leptos::html::{ElementType, Input};
use leptos::prelude::*;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, FocusEvent, IntersectionObserver, IntersectionObserverEntry, Node, ResizeObserver};

/// Counts up at most every `every`, and only after what `source` reads has changed.
pub fn use_throttled(source: impl Fn() + 'static, every: Duration) -> RwSignal<u32> {
    let tick = RwSignal::new(0);
    let waiting = StoredValue::new(false);
    Effect::new(move |_| {
        source();
        if !waiting.get_value() {
            waiting.set_value(true);
            set_timeout(
                move || {
                    // The component may be gone by now.
                    waiting.try_set_value(false);
                    tick.try_update(|tick| *tick += 1);
                },
                every,
            );
        }
    });
    tick
}

/// Whether focus goes elsewhere than within the element that listens, as by a click beside an open menu.
pub fn focus_leaves(event: &FocusEvent) -> bool {
    let inside = event.current_target().and_then(|owner| owner.dyn_into::<Node>().ok());
    let goes_to = event.related_target().and_then(|target| target.dyn_into::<Node>().ok());
    !inside.is_some_and(|owner| owner.contains(goes_to.as_ref()))
}

/// Width and height of an element in CSS pixels, kept up to date; zero before it is on the page.
pub fn use_size<E>(element: NodeRef<E>) -> RwSignal<(u32, u32)>
where
    E: ElementType,
    E::Output: Clone + JsCast + Into<Element> + 'static,
{
    let size = RwSignal::new((0, 0));
    Effect::new(move |_| {
        let Some(element) = element.get() else { return };
        let element: Element = element.into();
        let observed = element.clone();
        let measure = move || {
            let side = |length: i32| u32::try_from(length).unwrap_or(0);
            let now = (side(observed.client_width()), side(observed.client_height()));
            if size.try_get_untracked().is_some_and(|known| known != now) {
                size.try_set(now);
            }
        };
        measure();
        let changed = Closure::<dyn FnMut()>::new(measure);
        let Ok(observer) = ResizeObserver::new(changed.as_ref().unchecked_ref()) else { return };
        observer.observe(&element);
        let held = StoredValue::new_local((observer, changed));
        on_cleanup(move || {
            held.try_with_value(|(observer, _)| observer.disconnect());
        });
    });
    size
}

/// Whether an element has been within the window; true at once where the browser cannot tell.
pub fn use_seen<E>(element: NodeRef<E>) -> RwSignal<bool>
where
    E: ElementType,
    E::Output: Clone + JsCast + Into<Element> + 'static,
{
    let seen = RwSignal::new(false);
    Effect::new(move |_| {
        let Some(element) = element.get() else { return };
        let element: Element = element.into();
        let looked = Closure::<dyn FnMut(js_sys::Array)>::new(move |entries: js_sys::Array| {
            let inside = |entry: JsValue| entry.unchecked_into::<IntersectionObserverEntry>().is_intersecting();
            if entries.iter().any(inside) && seen.try_get_untracked() == Some(false) {
                seen.try_set(true);
            }
        });
        let Ok(observer) = IntersectionObserver::new(looked.as_ref().unchecked_ref()) else {
            return seen.set(true);
        };
        observer.observe(&element);
        let held = StoredValue::new_local((observer, looked));
        on_cleanup(move || {
            held.try_with_value(|(observer, _)| observer.disconnect());
        });
    });
    seen
}

/// Whether the keyboard has Cmd where others have Ctrl.
pub fn is_apple() -> bool {
    let platform = gloo::utils::window().navigator().platform().unwrap_or_default();
    ["Mac", "iP"].iter().any(|start| platform.starts_with(start))
}

/// Moves the focus to a place that has just come, where what had it has gone: else the keyboard would be left with nothing.
pub fn take_lost_focus<E>(place: NodeRef<E>)
where
    E: leptos::html::ElementType,
    E::Output: JsCast + Clone + 'static,
{
    Effect::new(move |_| {
        let Some(place) = place.get() else { return };
        let held = gloo::utils::document().active_element().is_some_and(|held| held.tag_name() != "BODY");
        if let (false, Some(place)) = (held, JsCast::dyn_ref::<web_sys::HtmlElement>(&place)) {
            // One that cannot be focused leaves all as it was.
            let _ = place.focus();
        }
    });
}

/// The field that a dialog starts with.
pub fn use_focus(field: NodeRef<Input>) {
    Effect::new(move |_| {
        if let Some(field) = field.get() {
            // Before the dialog is open this does nothing, and opening it finds the field first.
            let _ = field.focus();
        }
    });
}
