//! The transport: start, stop, step, speed, progress, and models out and in.

use leptos::html::Input;
use leptos::prelude::*;
use protocol::{EngineKind, ModelId};

use super::controls::ActionButton;
use super::hooks::focus_leaves;
use super::lab::Lab;
use super::{files, intent};
use crate::view::actions::Action;
use crate::view::format;
use crate::view::transport::{FULL_SPEED, TransportView, pace_label};

/// The bottom of the page.
#[component]
pub fn Transport(
    /// The shared state.
    lab: Lab,
) -> impl IntoView {
    let status = Memo::new(move |_| lab.log.with(|log| TransportView::of(log, lab.playing.get())));
    let stuck = Signal::derive(move || !lab.connected.get() || !status.with(|status| status.can_run));
    let waiting = Signal::derive(move || !lab.connected.get() && lab.fault.with(Option::is_none) && !lab.begun.get());
    let words = move || match waiting.get() {
        true => "Starting the engine".to_owned(),
        false => status.with(|it| it.status.clone()),
    };
    view! {
        <footer class="transport" aria-label="Transport">
            <div class="buttons" role="group" aria-label="Run">
                <ActionButton lab action=Action::Reset class="plain">
                    <Icon path="M12 5V1L6 6l6 5V7a5 5 0 1 1-4.6 7H5.3A7 7 0 1 0 12 5z"/>"Reset"
                </ActionButton>
                <ActionButton lab action=Action::PlayPause class="primary" disabled=stuck>
                    {move || if lab.playing.get() {
                        view! { <Icon path="M6 4h4v16H6zM14 4h4v16h-4z"/>"Pause" }.into_any()
                    } else {
                        view! { <Icon path="M7 4v16l13-8z"/>"Play" }.into_any()
                    }}
                </ActionButton>
                <ActionButton lab action=Action::StepBatch class="plain" disabled=stuck>"Step batch"</ActionButton>
                <ActionButton lab action=Action::StepEpoch class="plain" disabled=stuck>"Step epoch"</ActionButton>
            </div>
            <Speed lab/>
            <div class="progress">
                <p>
                    <strong data-testid="status">{words}</strong>
                    <span class="time">{move || status.with(|it| it.time.clone())}</span>
                </p>
                <progress max="1" aria-label="Progress of the run" prop:value=move || status.with(|it| it.fraction)></progress>
                <p class="detail">{move || status.with(|it| it.detail.clone())}</p>
            </div>
            <EngineName lab/>
            <Models lab/>
        </footer>
    }
    .into_any()
}

#[component]
fn Icon(
    /// Outline in a square of 24.
    path: &'static str,
) -> impl IntoView {
    view! { <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false"><path d=path/></svg> }
}

#[component]
fn Speed(
    /// The shared state.
    lab: Lab,
) -> impl IntoView {
    let words = move || pace_label(lab.pace.get());
    view! {
        <div class="speed">
            <label for="speed">"Speed"</label>
            <input id="speed" type="range" min="0" max=FULL_SPEED step="1" aria-valuetext=words
                prop:value=move || lab.pace.get().to_string()
                on:input:target=move |event| intent::set_pace(lab, event.target().value().parse().unwrap_or(FULL_SPEED))/>
            <output for="speed">{words}</output>
        </div>
    }
    .into_any()
}

#[component]
fn EngineName(
    /// The shared state.
    lab: Lab,
) -> impl IntoView {
    let name = move || {
        lab.engine.with(|engine| {
            engine.as_ref().map(|engine| {
                let kind = match engine.kind {
                    EngineKind::Cpu => "CPU",
                    EngineKind::Webgpu => "WebGPU",
                };
                if engine.name.starts_with(kind) { engine.name.clone() } else { format!("{kind} {}", engine.name) }
            })
        })
    };
    let reason = move || {
        let note = lab.engine_note.get();
        if note.is_empty() {
            lab.engine.with(|engine| engine.as_ref().map(|it| it.reason.clone()).unwrap_or_default())
        } else {
            note
        }
    };
    view! {
        <p class="engine" title=reason>
            <strong>{name}</strong>
            <span>{reason}</span>
        </p>
    }
    .into_any()
}

/// Export and import.
#[component]
fn Models(
    /// The shared state.
    lab: Lab,
) -> impl IntoView {
    let trained = Memo::new(move |_| {
        lab.log.with(|log| {
            let models = log.models.iter().filter(|(_, model)| model.trained.is_some());
            models.map(|(id, model)| (*id, model.parameters.unwrap_or(0))).collect::<Vec<_>>()
        })
    });
    let open = RwSignal::new(false);
    let input = NodeRef::<Input>::new();
    let save = move |(id, parameters): (ModelId, u64)| {
        view! {
            <li><button type="button" class="plain" on:click=move |_| { open.set(false); intent::export(lab, id) }>
                {format!("{id}")}<span class="unit">{format!("{} parameters", format::count(parameters))}</span>
            </button></li>
        }
    };
    let all = move |_| {
        open.set(false);
        trained.get_untracked().into_iter().for_each(|(id, _)| intent::export(lab, id));
    };
    view! {
        <div class="models" on:keydown=move |event| if event.key() == "Escape" { open.set(false) }
            on:focusout=move |event| if focus_leaves(&event) { open.set(false) }>
            <button type="button" class="plain" disabled=move || trained.with(Vec::is_empty) aria-expanded=move || open.get().to_string()
                aria-controls="export-menu" title="Save trained models: SafeTensors weights and a JSON model card each"
                on:click=move |_| open.update(|open| *open = !*open)>"Export"</button>
            <button type="button" class="plain" title="Bring exported models back and measure them; or drop the files anywhere"
                disabled=move || !lab.connected.get()
                on:click=move |_| if let Some(input) = input.get_untracked() { input.click() }>"Import"</button>
            <input node_ref=input class="hidden" type="file" accept=".safetensors" multiple tabindex="-1" aria-label="Model files to import"
                on:change:target=move |event| {
                    files::import(lab, event.target().files());
                    // So that the same file can be chosen again.
                    event.target().set_value("");
                }/>
            <Show when=move || open.get()>
                <ul class="menu" id="export-menu" aria-label="Models to export">
                    {move || trained.get().into_iter().map(save).collect_view()}
                    <li><button type="button" class="plain" on:click=all>"All of them"</button></li>
                </ul>
            </Show>
        </div>
    }
    .into_any()
}
