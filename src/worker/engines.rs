//! The engines of this worker, started when they are first used.

use lab::Engine;
use protocol::{EngineChoice, Workload};

/// Time that each engine gets to show its speed before one is chosen for a run, in milliseconds.
#[cfg(feature = "webgpu")]
const TRIAL_MS: f64 = 500.0;

/// Engines that were started.
#[derive(Default)]
pub struct Engines {
    #[cfg(feature = "webgpu")]
    webgpu: Option<Engine>,
    /// What was found to be the faster engine, and for what.
    #[cfg(feature = "webgpu")]
    faster: Option<(Workload, Engine)>,
}

#[cfg(feature = "webgpu")]
impl Engines {
    /// The engine for a choice; the automatic one is the faster at `workload`. Where WebGPU cannot start it is the CPU
    /// engine, which says why.
    pub async fn get(&mut self, choice: EngineChoice, workload: Workload) -> Engine {
        let webgpu = match choice {
            EngineChoice::Cpu => return Engine::cpu("Chosen by hand."),
            EngineChoice::Webgpu | EngineChoice::Auto => self.webgpu().await,
        };
        match webgpu {
            Ok(engine) if choice == EngineChoice::Webgpu => engine,
            Ok(engine) => self.faster(engine, workload).await,
            Err(reason) => Engine::cpu(&reason),
        }
    }

    async fn webgpu(&mut self) -> Result<Engine, String> {
        if let Some(engine) = &self.webgpu {
            return Ok(engine.clone());
        }
        let adapter = crate::adapter::Adapter::find().await?;
        let engine = Engine::webgpu(&adapter.name, "Chosen by hand.").await.map_err(|error| error.to_string())?;
        Ok(self.webgpu.insert(engine).clone())
    }

    async fn faster(&mut self, webgpu: Engine, workload: Workload) -> Engine {
        if let Some((_, engine)) = self.faster.as_ref().filter(|(of, _)| *of == workload) {
            return engine.clone();
        }
        let cpu = Engine::cpu("");
        let engine = match (time(&webgpu, workload).await, time(&cpu, workload).await) {
            (Ok(gpu_ms), Ok(cpu_ms)) if gpu_ms <= cpu_ms => {
                webgpu.because(format!("{gpu_ms:.1} ms per step here, the CPU takes {cpu_ms:.1}."))
            }
            (Ok(gpu_ms), Ok(cpu_ms)) => cpu.because(format!("{cpu_ms:.1} ms per step here, WebGPU takes {gpu_ms:.1}.")),
            (Err(error), _) => cpu.because(error.to_string()),
            (_, Err(error)) => webgpu.because(error.to_string()),
        };
        self.faster.insert((workload, engine)).1.clone()
    }
}

#[cfg(feature = "webgpu")]
async fn time(engine: &Engine, workload: Workload) -> Result<f64, lab::LabError> {
    Ok(lab::probe(workload, engine, TRIAL_MS, super::turn::now_ms).await?.ms)
}

#[cfg(not(feature = "webgpu"))]
impl Engines {
    /// The CPU engine, whatever the choice: this worker has no other.
    pub async fn get(&mut self, choice: EngineChoice, _workload: Workload) -> Engine {
        Engine::cpu(match choice {
            EngineChoice::Cpu => "Chosen by hand.",
            EngineChoice::Auto => "No faster engine was found.",
            EngineChoice::Webgpu => "This worker was loaded without WebGPU.",
        })
    }
}
