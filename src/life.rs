//! The end of a worker, whatever it is: a browser that kills one, or one that closes itself, tells nobody. So each holds a lock of the
//! browser's as long as it lives, and whoever started it asks for the same lock: to get it is to hear of the end.

use js_sys::{Array, Function, Promise, Reflect, global};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;

/// Holds the lock of this name from now on; returns once it is held or cannot be had. Without a name nobody asks for it.
pub async fn hold(name: &str) {
    if name.is_empty() {
        return;
    }
    let mut asked = None;
    let granted = Promise::new(&mut |resolve, _| {
        let keep = Closure::once_into_js(move || {
            // Resolving a promise throws nothing.
            let _ = resolve.call0(&JsValue::NULL);
            // It is given back when this is settled, which is never.
            Promise::new(&mut |_, _| {})
        });
        asked = request(&[&name.into(), &keep]);
    });
    if let Some(asked) = asked {
        // Where the browser refuses it, the end is noticed by silence alone.
        let _ = JsFuture::from(Promise::race(&Array::of2(&granted, &asked))).await;
    }
}

/// Calls this once a lock that is held now is given back; never, if nobody holds it.
pub fn watch(name: String, over: impl FnOnce() + 'static) {
    let at_once = js_sys::Object::new();
    // A fresh object refuses no property.
    let _ = Reflect::set(&at_once, &"ifAvailable".into(), &JsValue::TRUE);
    let lock = JsValue::from(&name);
    let look = Closure::once_into_js(move |lock: JsValue| {
        if lock.is_null() {
            refusable(request(&[&name.into(), &Closure::once_into_js(over)]));
        }
    });
    refusable(request(&[&lock, &at_once, &look]));
}

/// Asks for a lock; none where the browser has no locks.
fn request(arguments: &[&JsValue]) -> Option<Promise> {
    let locks = get(&get(&global(), "navigator")?, "locks")?;
    let request: Function = get(&locks, "request")?.dyn_into().ok()?;
    request.apply(&locks, &arguments.iter().copied().collect()).ok()?.dyn_into().ok()
}

fn get(owner: &JsValue, name: &str) -> Option<JsValue> {
    Reflect::get(owner, &name.into()).ok()
}

/// Takes a refusal in, which would else be an error of the page.
fn refusable(asked: Option<Promise>) {
    if let Some(asked) = asked {
        wasm_bindgen_futures::spawn_local(async move { drop(JsFuture::from(asked).await) });
    }
}
