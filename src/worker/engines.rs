//! The engines of this worker, started when they are first used.

use lab::Engine;
use protocol::EngineChoice;

/// Engines that were started.
#[derive(Default)]
pub struct Engines {
    #[cfg(feature = "webgpu")]
    webgpu: Option<Engine>,
}

impl Engines {
    /// The engine for a choice. Where WebGPU cannot start it is the CPU engine, which says why.
    #[cfg(feature = "webgpu")]
    pub async fn get(&mut self, choice: EngineChoice) -> Engine {
        let reason = match choice {
            EngineChoice::Cpu => return Engine::cpu("Chosen by hand."),
            EngineChoice::Webgpu => "Chosen by hand.",
            EngineChoice::Auto => "A usable GPU was found.",
        };
        if let Some(engine) = &self.webgpu {
            return engine.clone();
        }
        match Engine::webgpu(reason).await {
            Ok(engine) => self.webgpu.insert(engine).clone(),
            Err(error) => Engine::cpu(&error.to_string()),
        }
    }

    /// The CPU engine, whatever the choice: this worker has no other.
    #[cfg(not(feature = "webgpu"))]
    pub async fn get(&mut self, choice: EngineChoice) -> Engine {
        Engine::cpu(match choice {
            EngineChoice::Cpu => "Chosen by hand.",
            EngineChoice::Auto => "No faster engine was found.",
            EngineChoice::Webgpu => "This worker was loaded without WebGPU.",
        })
    }
}
