//! Which of the two worker programs to load. The one with the WebGPU engine is several times larger, so it is loaded only
//! where it will be used.

use js_sys::{Function, Promise, Reflect};
use protocol::EngineChoice;
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;

/// A worker program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WorkerFile {
    /// CPU engine only.
    Cpu,
    /// CPU and WebGPU engines.
    Gpu,
}

impl WorkerFile {
    /// The module that starts it, beside the page.
    pub fn name(self) -> &'static str {
        match self {
            Self::Cpu => "worker_loader.js",
            Self::Gpu => "worker_gpu_loader.js",
        }
    }

    /// The program for a choice, and why, in a sentence; the sentence is empty where nothing had to be found out.
    pub async fn of(choice: EngineChoice) -> (Self, String) {
        match choice {
            EngineChoice::Cpu => (Self::Cpu, String::new()),
            EngineChoice::Webgpu => (Self::Gpu, String::new()),
            EngineChoice::Auto => match probe().await {
                Ok(()) => (Self::Gpu, String::new()),
                Err(reason) => (Self::Cpu, reason),
            },
        }
    }
}

/// Whether WebGPU is there and on real hardware.
async fn probe() -> Result<(), String> {
    let navigator = JsValue::from(gloo::utils::window().navigator());
    let gpu = get(&navigator, "gpu");
    if !gpu.is_object() {
        return Err("This browser has no WebGPU.".to_owned());
    }
    let none = || "WebGPU has no adapter here.".to_owned();
    let promise = call(&gpu, "requestAdapter", &[]).and_then(|promise| promise.dyn_into::<Promise>().ok());
    let adapter = JsFuture::from(promise.ok_or_else(none)?).await.map_err(|_| none())?;
    if !adapter.is_object() {
        return Err(none());
    }
    let fallback = |owner: &JsValue| get(owner, "isFallbackAdapter").as_bool().unwrap_or(false);
    if fallback(&adapter) || fallback(&get(&adapter, "info")) {
        return Err("The WebGPU adapter is software, slower than the CPU engine.".to_owned());
    }
    let features = get(&adapter, "features");
    let timed = call(&features, "has", &["timestamp-query".into()]).and_then(|answer| answer.as_bool());
    match timed {
        Some(true) => Ok(()),
        _ => Err("The WebGPU adapter lacks timestamp-query.".to_owned()),
    }
}

fn get(owner: &JsValue, name: &str) -> JsValue {
    Reflect::get(owner, &name.into()).unwrap_or(JsValue::UNDEFINED)
}

fn call(owner: &JsValue, name: &str, arguments: &[JsValue]) -> Option<JsValue> {
    let function: Function = get(owner, name).dyn_into().ok()?;
    function.apply(owner, &arguments.iter().collect()).ok()
}
