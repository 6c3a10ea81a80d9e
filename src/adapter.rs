//! What WebGPU finds on this machine, asked of the browser itself: the engine can neither be asked for a name without waiting
//! for a GPU nor be tried on an adapter that lacks what it needs.

use js_sys::{Function, Promise, Reflect, global};
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;

/// An adapter that the WebGPU engine can use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Adapter {
    /// What a person reads, as in `WebGPU, nvidia ampere`.
    pub name: String,
    /// Whether it computes on the CPU.
    software: bool,
}

impl Adapter {
    /// The adapter that the browser prefers, in a page or in a worker.
    ///
    /// # Errors
    /// A sentence that says what is missing.
    pub async fn find() -> Result<Self, String> {
        let gpu = get(&get(&global(), "navigator"), "gpu");
        if !gpu.is_object() {
            return Err("This browser has no WebGPU.".to_owned());
        }
        let none = || "WebGPU has no adapter here.".to_owned();
        let promise = call(&gpu, "requestAdapter", &[]).and_then(|promise| promise.dyn_into::<Promise>().ok());
        let adapter = JsFuture::from(promise.ok_or_else(none)?).await.map_err(|_| none())?;
        if !adapter.is_object() {
            return Err(none());
        }
        // Burn panics without it.
        let timed = call(&get(&adapter, "features"), "has", &["timestamp-query".into()]);
        if timed.and_then(|answer| answer.as_bool()) != Some(true) {
            return Err("The WebGPU adapter lacks timestamp-query.".to_owned());
        }
        let info = get(&adapter, "info");
        let fallback = |owner: &JsValue| get(owner, "isFallbackAdapter").as_bool().unwrap_or(false);
        Ok(Self { name: name(&info), software: fallback(&adapter) || fallback(&info) })
    }

    /// The same if it is real hardware.
    ///
    /// # Errors
    /// A sentence that says that it is not.
    pub fn worthwhile(self) -> Result<Self, String> {
        match self.software {
            true => Err(format!("{} is software, slower than the CPU engine.", self.name)),
            false => Ok(self),
        }
    }
}

/// Browsers say as much of an adapter as they find decent: all of it, vendor and architecture, or nothing.
fn name(info: &JsValue) -> String {
    let said = |property: &str| get(info, property).as_string().filter(|text| !text.is_empty());
    let name = said("description").unwrap_or_else(|| {
        let parts = [said("vendor"), said("architecture")];
        parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
    });
    if name.is_empty() { "WebGPU".to_owned() } else { format!("WebGPU, {name}") }
}

fn get(owner: &JsValue, name: &str) -> JsValue {
    Reflect::get(owner, &name.into()).unwrap_or(JsValue::UNDEFINED)
}

fn call(owner: &JsValue, name: &str, arguments: &[JsValue]) -> Option<JsValue> {
    let function: Function = get(owner, name).dyn_into().ok()?;
    function.apply(owner, &arguments.iter().collect()).ok()
}
