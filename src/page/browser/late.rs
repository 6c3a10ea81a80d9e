//! Parts of the page that a reader may never open. They lie in WebAssembly files of their own (`cargo xtask build` cuts them out of
//! the program at the functions marked `wasm_split`), which load when they are first shown.

use js_sys::Reflect;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_split_helpers::SplitLoaderError;

/// What a file of its own answers with: the function that builds the part.
pub type Part<T> = Result<fn(T) -> AnyView, SplitLoaderError>;

/// Has the browser get the files of such parts anew that it got before: one may have come cut short or altered, and be kept since.
pub async fn renew() {
    let came = gloo::utils::window().performance().map(|clock| clock.get_entries_by_type("resource"));
    for entry in came.unwrap_or_default() {
        let url = Reflect::get(&entry, &"name".into()).ok().and_then(|name| name.as_string()).unwrap_or_default();
        // So they are called (see `xtask/src/late.rs`).
        if url.contains("/late-") && url.ends_with(".wasm") {
            super::renew(&url).await;
        }
    }
}

/// Shows a part as soon as its file is there.
pub fn late<T: Copy + Send + Sync + 'static>(part: impl Future<Output = Part<T>> + 'static, with: T) -> AnyView {
    let loaded = RwSignal::new(None::<Result<fn(T) -> AnyView, ()>>);
    spawn_local(async move {
        let part = part.await.map_err(drop);
        if part.is_err() {
            renew().await;
        }
        // The reader may have closed it in the meantime.
        let _ = loaded.try_set(Some(part));
    });
    let shown = move || {
        match loaded.get() {
        None => ().into_any(),
        Some(Ok(build)) => build(with),
        Some(Err(())) => view! {
            <p class="empty" role="alert">"This part of the page could not be loaded. Look whether the network is there, then open it again."</p>
        }
        .into_any(),
    }
    };
    shown.into_any()
}
