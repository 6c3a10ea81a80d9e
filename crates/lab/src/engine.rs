//! What runs the tensors: portable CPU kernels, or a GPU through WebGPU.

use burn::tensor::{Device, Tensor};
use protocol::{EngineKind, EngineReport};

use crate::LabError;

/// A device to train and to embed on. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Engine {
    device: Device,
    report: EngineReport,
}

impl Engine {
    /// The CPU engine; `reason` says why it was chosen.
    pub fn cpu(reason: &str) -> Self {
        let name = if cfg!(target_arch = "wasm32") { "CPU, one thread, SIMD" } else { "CPU, SIMD" };
        let report = EngineReport { kind: EngineKind::Cpu, name: name.to_owned(), reason: reason.to_owned() };
        Self { device: Self::host(), report }
    }

    /// The processor itself, whatever the engine: for passes of one item, of which a GPU would do nothing but the starting.
    pub fn host() -> Device {
        Device::flex()
    }

    /// The WebGPU engine; `name` is that of its adapter, `reason` says why it was chosen.
    ///
    /// Call it once and keep the engine: a second initialisation of the same device is an error.
    ///
    /// # Errors
    /// [`LabError::Engine`] if there is no usable adapter.
    #[cfg(feature = "webgpu")]
    pub async fn webgpu(name: &str, reason: &str) -> Result<Self, LabError> {
        let device = Device::wgpu_options()
            .graphics_api(burn::tensor::wgpu::WgpuBackend::WebGpu)
            .init_async()
            .await
            .map_err(|error| LabError::Engine { engine: "WebGPU", reason: error.to_string() })?;
        let report = EngineReport { kind: EngineKind::Webgpu, name: name.to_owned(), reason: reason.to_owned() };
        Ok(Self { device, report })
    }

    /// For embedding: keeps no gradients.
    pub fn device(&self) -> &Device {
        &self.device
    }

    /// For training: the same device with gradients.
    pub fn training(&self) -> Device {
        self.device.clone().autodiff()
    }

    /// The same engine, chosen for another reason.
    pub fn because(mut self, reason: String) -> Self {
        self.report.reason = reason;
        self
    }

    /// What it is and why it was chosen.
    pub fn report(&self) -> &EngineReport {
        &self.report
    }
}

/// Reads a tensor back in row-major order. The only way in this crate: browsers cannot wait for a GPU.
///
/// # Errors
/// [`LabError::Engine`] if the device was lost.
pub(crate) async fn read<const D: usize>(tensor: Tensor<D>) -> Result<Vec<f32>, LabError> {
    let data = tensor.into_data_async().await.map_err(|error| LabError::read(error.reason()))?;
    data.try_into_vec::<f32>().map_err(|_| LabError::read("it holds numbers of another kind"))
}
