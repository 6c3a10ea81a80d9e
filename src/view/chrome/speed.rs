//! How fast the engines are, in words.

use protocol::{EngineKind, Timing, Workload};

/// One line for each engine that was timed, and one that compares the first two.
pub fn lines(timings: &[Timing]) -> Vec<String> {
    let line = |timing: &Timing| format!("{}: {} ms per step", timing.engine.name, ms(timing.ms));
    timings.iter().map(line).chain(comparison(timings)).collect()
}

/// What is timed, for the hint beside the button.
pub fn work(workload: Workload) -> &'static str {
    match workload {
        Workload::MlpStep => "an MLP 784-256-128, batch 128",
        Workload::BctStep => "the same under BCT",
        Workload::Bt2Step => "the same under BT²",
        Workload::OcaStep => "the same under OCA",
        Workload::AdapterFit => "an affine adapter on 10,000 pairs",
        Workload::CnnStep => "a CNN with 16 and 32 channels, batch 64",
        Workload::MatrixProduct => "a product of 512x512 matrices",
        Workload::Evaluation => "a ranking of 2000 items for 2000 queries",
    }
}

fn comparison(timings: &[Timing]) -> Option<String> {
    let [one, other, ..] = timings else { return None };
    let (fast, slow) = if one.ms <= other.ms { (one, other) } else { (other, one) };
    let factor = slow.ms / fast.ms.max(f64::MIN_POSITIVE);
    let kind = match fast.engine.kind {
        EngineKind::Cpu => "The CPU engine",
        EngineKind::Webgpu => "The WebGPU engine",
    };
    let factor = if factor < 10.0 { format!("{factor:.1}") } else { format!("{factor:.0}") };
    Some(format!("{kind} is {factor} times as fast here."))
}

/// Three significant digits at most.
fn ms(ms: f64) -> String {
    match ms {
        ..10.0 => format!("{ms:.2}"),
        ..100.0 => format!("{ms:.1}"),
        _ => format!("{ms:.0}"),
    }
}

#[cfg(test)]
mod tests {
    use protocol::EngineReport;

    use super::*;

    fn timing(kind: EngineKind, name: &str, ms: f64) -> Timing {
        let engine = EngineReport { kind, name: name.to_owned(), reason: String::new() };
        Timing { workload: Workload::MlpStep, engine, ms, repetitions: 5 }
    }

    #[test]
    fn engines_are_named_with_their_time_and_compared() {
        let cpu = timing(EngineKind::Cpu, "CPU, one thread, SIMD", 5.512);
        let gpu = timing(EngineKind::Webgpu, "WebGPU, apple metal-3", 1.2);
        assert_eq!(lines(std::slice::from_ref(&cpu)), ["CPU, one thread, SIMD: 5.51 ms per step"]);
        let both = lines(&[cpu.clone(), gpu]);
        assert_eq!(both.last().map(String::as_str), Some("The WebGPU engine is 4.6 times as fast here."));
        let slow = timing(EngineKind::Webgpu, "WebGPU", 1402.3);
        assert_eq!(lines(&[cpu, slow])[1..], ["WebGPU: 1402 ms per step", "The CPU engine is 254 times as fast here."]);
    }
}
