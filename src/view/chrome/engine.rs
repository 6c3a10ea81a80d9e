//! Which engines this copy of the page has, in words.

use protocol::GpuProgram;

/// What is said once an engine that was waited for has come.
pub const ARRIVED: &str = "The WebGPU engine has been compiled; the next run can use it.";

/// Why there is no WebGPU engine, or none yet; `None` if there is.
pub fn missing(gpu: GpuProgram) -> Option<&'static str> {
    match gpu {
        GpuProgram::Ready => None,
        GpuProgram::Compiling => Some(
            "The WebGPU engine is being compiled; the page takes it up when it is there. Until then the CPU computes.",
        ),
        GpuProgram::Absent => Some("This copy of the page was built without the WebGPU engine."),
        GpuProgram::Failed => {
            Some("The WebGPU engine could not be compiled; the terminal that serves the page says why.")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_not_there_needs_a_word() {
        assert_eq!(missing(GpuProgram::Ready), None);
        for gpu in [GpuProgram::Compiling, GpuProgram::Absent, GpuProgram::Failed] {
            assert!(
                missing(gpu)
                    .is_some_and(|words| words.contains("the WebGPU engine") || words.starts_with("The WebGPU engine"))
            );
        }
    }
}
