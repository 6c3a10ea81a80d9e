//! Which of the two worker programs to load. The one with the WebGPU engine is several times larger, so it is loaded only
//! where it will be used.

use protocol::EngineChoice;

use crate::adapter::Adapter;

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
            EngineChoice::Auto => match Adapter::find().await.and_then(Adapter::worthwhile) {
                Ok(_) => (Self::Gpu, String::new()),
                Err(reason) => (Self::Cpu, reason),
            },
        }
    }
}
