//! The learning rate over a training.

/// Linear warm-up to `peak` over the first `warmup` steps, then half a cosine down to zero at `total`.
///
/// `step` counts from 0. Every method gets this schedule, so that none is handicapped by its published one.
pub fn learning_rate(step: u32, total: u32, warmup: f64, peak: f64) -> f64 {
    let (step, total) = (f64::from(step), f64::from(total));
    if step < warmup {
        return peak * (step + 1.0) / (warmup + 1.0).max(1.0);
    }
    let passed = ((step - warmup) / (total - warmup).max(1.0)).clamp(0.0, 1.0);
    0.5 * peak * (1.0 + (std::f64::consts::PI * passed).cos())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_rises_to_the_peak_and_falls_to_nothing() {
        let rates: Vec<f64> = (0..100).map(|step| learning_rate(step, 100, 10.0, 1.0)).collect();
        let peak = rates.iter().copied().fold(0.0, f64::max);
        assert_eq!(peak, 1.0);
        assert_eq!(rates.iter().position(|&rate| rate == peak), Some(10));
        assert!(rates.windows(2).take(10).all(|pair| pair[0] < pair[1]));
        assert!(rates.windows(2).skip(10).all(|pair| pair[0] > pair[1]));
        assert!(rates.last().is_some_and(|&rate| rate > 0.0 && rate < 1e-3));
    }

    #[test]
    fn without_warm_up_it_starts_at_the_peak() {
        assert_eq!(learning_rate(0, 10, 0.0, 0.5), 0.5);
    }
}
