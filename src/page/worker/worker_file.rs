//! Which of the worker programs to load. The one with the WebGPU engine is several times larger than the others, and of those the first
//! has the methods of compatibility alone, so each is loaded only where it will be used.

use protocol::EngineChoice;

use crate::adapter::Adapter;

/// A worker program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WorkerFile {
    /// CPU engine only, methods of compatibility only.
    Cpu,
    /// CPU engine only, every family of methods.
    Wide,
    /// CPU and WebGPU engines, every family of methods.
    Gpu,
}

impl WorkerFile {
    /// The module that starts it, beside the page.
    pub fn name(self) -> &'static str {
        match self {
            Self::Cpu => "worker_loader.js",
            Self::Wide => "worker_wide_loader.js",
            Self::Gpu => "worker_gpu_loader.js",
        }
    }

    /// Whether a run that needs every family of methods, or not, can be made with it.
    pub fn suits(self, wide: bool) -> bool {
        !wide || self != Self::Cpu
    }

    /// The smallest program with the CPU engine for a run that needs every family of methods, or not.
    pub fn cpu(wide: bool) -> Self {
        if wide { Self::Wide } else { Self::Cpu }
    }

    /// The program for a choice of engine and such a run, and why, in a sentence; the sentence is empty where nothing had to be found out.
    pub async fn of(choice: EngineChoice, wide: bool) -> (Self, String) {
        match choice {
            EngineChoice::Cpu => (Self::cpu(wide), String::new()),
            EngineChoice::Webgpu => (Self::Gpu, String::new()),
            EngineChoice::Auto => match Adapter::find().await.and_then(Adapter::worthwhile) {
                Ok(_) => (Self::Gpu, String::new()),
                Err(reason) => (Self::cpu(wide), reason),
            },
        }
    }
}
