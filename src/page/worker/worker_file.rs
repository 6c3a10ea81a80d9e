//! Which of the worker programs to load. The one with the WebGPU engine is several times larger than the others, and of those the first
//! has the methods of compatibility alone, so each is loaded only where it will be used.

use protocol::{EngineChoice, GpuProgram};

use crate::adapter::Adapter;
use crate::page::browser;
use crate::view::chrome::engine;

/// Why there is no WebGPU engine where nothing of it can be had.
const OUT_OF_REACH: &str = "The WebGPU engine cannot be fetched, and the browser keeps it only once it was used.";

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

    /// The program for a choice of engine and such a run.
    pub async fn of(choice: EngineChoice, wide: bool) -> Pick {
        let adapter = match choice {
            EngineChoice::Cpu => return Pick::new(Self::cpu(wide), String::new()),
            EngineChoice::Webgpu => Adapter::find().await,
            EngineChoice::Auto => match Adapter::find().await.and_then(Adapter::worthwhile) {
                Ok(adapter) => Ok(adapter),
                Err(reason) => return Pick::new(Self::cpu(wide), reason),
            },
        };
        let gpu = found().await;
        match gpu.map_or(Some(OUT_OF_REACH), engine::missing) {
            None => Pick::new(Self::Gpu, String::new()),
            // Nothing is gained by waiting for what could not be used.
            Some(words) => Pick {
                coming: gpu == Some(GpuProgram::Compiling) && adapter.is_ok(),
                ..Pick::new(Self::cpu(wide), words.to_owned())
            },
        }
    }
}

/// A program that was chosen, and why.
pub struct Pick {
    /// The program.
    pub file: WorkerFile,
    /// Why it is this one, in a sentence; empty where nothing had to be found out.
    pub note: String,
    /// Whether it only stands in for the one with the WebGPU engine, which is being compiled.
    pub coming: bool,
}

impl Pick {
    fn new(file: WorkerFile, note: String) -> Self {
        Self { file, note, coming: false }
    }
}

/// How far the program with the WebGPU engine is; one that is out of reach counts as absent.
pub async fn gpu_program() -> GpuProgram {
    found().await.unwrap_or(GpuProgram::Absent)
}

/// How far it is, by what lies beside the page; `None` where that is out of reach.
async fn found() -> Option<GpuProgram> {
    let said = browser::text(GpuProgram::FILE).await.ok();
    if let Some(program) = said.and_then(|text| GpuProgram::read(&text)) {
        return Some(program);
    }
    // Without a network the program itself may have been kept all the same.
    let program = browser::fetch(WorkerFile::Gpu.name()).await;
    program.is_ok_and(|response| response.ok()).then_some(GpuProgram::Ready)
}
