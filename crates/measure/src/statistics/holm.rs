//! Many tests at once.

use crate::MeasureError;

/// P-values, in the order given, adjusted by the step-down procedure of Holm (1979): the smallest of `m` times `m`, the next times `m - 1`
/// and so on, none below the one before, none above 1.
///
/// Of all those that lie at or below 0.05 after it, the chance that even one is a true null hypothesis is at most 5 %, however the tests
/// hang together. The list must hold every test that was made, also those that found nothing.
///
/// # Errors
/// When a p-value lies outside of `0..=1`.
pub fn holm(p_values: &[f64]) -> Result<Vec<f64>, MeasureError> {
    if let Some(&value) = p_values.iter().find(|&p| !(0.0..=1.0).contains(p)) {
        return Err(MeasureError::NumberOutOfRange { what: "a p-value", value, min: 0.0, max: 1.0 });
    }
    let mut order: Vec<(usize, f64)> = p_values.iter().copied().enumerate().collect();
    order.sort_by(|(_, one), (_, other)| one.total_cmp(other));
    let mut adjusted = vec![0.0; p_values.len()];
    let mut largest = 0.0_f64;
    for ((place, p), not_yet_rejected) in order.into_iter().zip((1..=p_values.len()).rev()) {
        largest = largest.max(p * not_yet_rejected as f64).min(1.0);
        if let Some(slot) = adjusted.get_mut(place) {
            *slot = largest;
        }
    }
    Ok(adjusted)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn three_tests_by_hand() {
        // 3 x 0.01, 2 x 0.03, and 1 x 0.04, which may not fall below the one before.
        let found = holm(&[0.03, 0.01, 0.04]).unwrap();
        let expected = [0.06, 0.03, 0.06];
        assert!(found.iter().zip(expected).all(|(found, expected)| (found - expected).abs() < 1e-15), "{found:?}");
        assert_eq!(holm(&[0.6, 0.7, 0.0]).unwrap(), [1.0, 1.0, 0.0]);
        assert_eq!((holm(&[]).unwrap(), holm(&[0.2]).unwrap()), (vec![], vec![0.2]));
        assert!(holm(&[-0.1]).is_err() && holm(&[1.1]).is_err() && holm(&[f64::NAN]).is_err());
    }
}
