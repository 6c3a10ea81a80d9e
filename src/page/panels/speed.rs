//! Times the engines on this machine, in a worker of its own, so that the reader can choose between them.

use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::{Command, EngineChoice, Message, Timing, Workload};

use super::engine_client::{EngineClient, Report};
use super::lab::Lab;
use super::worker_file::WorkerFile;
use crate::adapter::Adapter;
use crate::view::speed;

/// Time for each engine, in milliseconds.
const BUDGET_MS: f64 = 2000.0;

/// The button and what it found.
#[component]
pub fn Speed(
    /// The shared state.
    lab: Lab,
) -> impl IntoView {
    let workload = Memo::new(move |_| lab.draft.with(Workload::of));
    let waiting = RwSignal::new(0usize);
    let timings = RwSignal::new(Vec::<Timing>::new());
    let note = RwSignal::new(String::new());
    let client = StoredValue::new_local(EngineClient::default());
    on_cleanup(move || client.with_value(EngineClient::stop));
    let end = move |reason: &str| {
        note.set(reason.to_owned());
        waiting.set(0);
        client.with_value(EngineClient::stop);
    };
    let report = move |report: Report| match report {
        Report::Message(Message::Probed(timing), _) => {
            timings.update(|timings| timings.push(timing));
            waiting.update(|waiting| *waiting = waiting.saturating_sub(1));
            if waiting.get_untracked() == 0 {
                client.with_value(EngineClient::stop);
            }
        }
        Report::Message(Message::Refused { reason }, _) | Report::Died(reason) => end(&reason),
        Report::OtherVersion => end("Reload the page: it is older than its worker."),
        Report::Message(..) => {}
    };
    let start = move |_| {
        waiting.set(1);
        timings.set(Vec::new());
        spawn_local(async move {
            let (file, engines, reason) = match Adapter::find().await {
                Ok(_) => (WorkerFile::Gpu, vec![EngineChoice::Cpu, EngineChoice::Webgpu], String::new()),
                Err(reason) => (WorkerFile::Cpu, vec![EngineChoice::Cpu], reason),
            };
            // The panel may have gone in the meantime.
            let Some(workload) = workload.try_get_untracked() else { return };
            note.set(reason);
            waiting.set(engines.len());
            client.with_value(|client| {
                client.start(file, report);
                for engine in engines {
                    let probe = Command::Probe { engine, workload, budget_ms: BUDGET_MS };
                    if let Err(reason) = client.send(probe, Vec::new()) {
                        note.set(reason);
                    }
                }
            });
        });
    };
    let busy = move || waiting.get() > 0;
    let lines = move || {
        let measuring = busy().then(|| "Measuring".to_owned());
        let note = Some(note.get()).filter(|note| !note.is_empty());
        timings.with(|timings| speed::lines(timings)).into_iter().chain(measuring).chain(note).collect::<Vec<_>>()
    };
    view! {
        <div class="control choice">
            <button type="button" class="plain" disabled=busy aria-describedby="speed-hint" on:click=start>"Compare speed"</button>
            <p class="hint" id="speed-hint">
                {move || format!("Two seconds for each engine: training steps of {}. Pause the run for a fair answer.", speed::work(workload.get()))}
            </p>
            <div role="status">
                <ul class="speeds">{move || lines().into_iter().map(|line| view! { <li>{line}</li> }).collect_view()}</ul>
            </div>
        </div>
    }
    .into_any()
}
