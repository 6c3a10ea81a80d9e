//! Times the engines on this machine, in a worker of its own, so that the reader can choose between them.

use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::{Command, EngineChoice, Message, Timing, Workload};

use crate::adapter::Adapter;
use crate::page::worker::engine_client::EngineClient;
use crate::page::worker::{Report, WorkerFile, gpu_program};
use crate::view::chrome::engine::missing;

/// Time for each engine, in milliseconds.
const BUDGET_MS: f64 = 2000.0;

/// A contest of the engines. Copies are handles to the same one.
#[derive(Clone, Copy)]
pub struct Contest {
    /// What was found.
    pub timings: ReadSignal<Vec<Timing>>,
    set_timings: WriteSignal<Vec<Timing>>,
    /// Why there is no more of it; empty if there is nothing to say.
    pub note: ReadSignal<String>,
    set_note: WriteSignal<String>,
    /// How many engines are still to be timed.
    pub waiting: ReadSignal<usize>,
    set_waiting: WriteSignal<usize>,
    client: StoredValue<EngineClient, LocalStorage>,
}

impl Contest {
    /// None yet. It ends with the current reactive owner.
    pub fn new() -> Self {
        let (timings, set_timings) = signal(Vec::new());
        let (note, set_note) = signal(String::new());
        let (waiting, set_waiting) = signal(0);
        let client = StoredValue::new_local(EngineClient::default());
        on_cleanup(move || client.with_value(EngineClient::stop));
        Self { timings, set_timings, note, set_note, waiting, set_waiting, client }
    }

    /// Times every engine that there is, at this work.
    pub fn start(self, workload: Signal<Workload>) {
        self.set_waiting.set(1);
        self.set_timings.set(Vec::new());
        spawn_local(async move {
            let reason = match Adapter::find().await {
                Ok(_) => missing(gpu_program().await).map(str::to_owned),
                Err(reason) => Some(reason),
            };
            let (file, engines) = match &reason {
                None => (WorkerFile::Gpu, vec![EngineChoice::Cpu, EngineChoice::Webgpu]),
                Some(_) => (WorkerFile::Cpu, vec![EngineChoice::Cpu]),
            };
            // The panel may have gone in the meantime.
            let Some(workload) = workload.try_get_untracked() else { return };
            self.set_note.set(reason.unwrap_or_default());
            self.set_waiting.set(engines.len());
            self.client.with_value(|client| {
                client.stop();
                client.start(file, move |report| self.receive(report));
                for engine in engines {
                    let probe = Command::Probe { engine, workload, budget_ms: BUDGET_MS };
                    if let Err(reason) = client.send(probe, Vec::new()) {
                        self.set_note.set(reason);
                    }
                }
            });
        });
    }

    fn receive(self, report: Report) {
        match report {
            Report::Message(Message::Probed(timing), _) => {
                self.set_timings.update(|timings| timings.push(timing));
                self.set_waiting.update(|waiting| *waiting = waiting.saturating_sub(1));
                if self.waiting.get_untracked() == 0 {
                    self.client.with_value(EngineClient::stop);
                }
            }
            Report::Message(Message::Refused { reason }, _) | Report::Died(reason) | Report::Lasting(reason) => {
                self.end(reason);
            }
            Report::OtherVersion => self.end("Reload the page: it is older than its worker.".to_owned()),
            Report::Message(..) | Report::Silent(_) => {}
        }
    }

    fn end(self, reason: String) {
        self.set_note.set(reason);
        self.set_waiting.set(0);
        self.client.with_value(EngineClient::stop);
    }
}
