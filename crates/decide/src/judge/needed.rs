//! How many judged queries it takes to tell two rankings apart.

use super::{PerQuery, common, largest, mean, settled};

/// Standard deviations by which a difference lies beyond 0: 1.96 for a two-sided test of 5 %, and 0.8416 for 80 of 100 samples to pass it.
const REACH: f64 = 1.96 + 0.8416;

/// Judged queries that it would take to see this difference in 80 of 100 samples (two-sided 5 %): `(1.96 + 0.8416)^2 sd^2 / d^2`, rounded
/// up, with the mean `d` and the standard deviation `sd` (over `n - 1`) of the paired differences. At least 2.
///
/// `None` if there is no difference or fewer than two pairs. A difference that is itself uncertain makes this number so, too.
pub fn queries_needed(scores: &PerQuery, base: &PerQuery) -> Option<usize> {
    let [scores, base] = common([scores, base]);
    if scores.len() < 2 {
        return None;
    }
    let differences: Vec<f64> = scores.iter().zip(&base).map(|(score, base)| score - base).collect();
    let difference = mean(&differences);
    if settled(difference, largest(&scores).max(largest(&base))) == 0.0 {
        return None;
    }
    let squares: f64 = differences.iter().map(|value| (value - difference).powi(2)).sum();
    let variance = squares / (differences.len() - 1) as f64;
    let needed = (REACH / difference).powi(2) * variance;
    // A cast stops at the largest number there is.
    needed.is_finite().then(|| needed.ceil().max(2.0) as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_by_hand() {
        // Differences of 0.5, 0, 0 and 0.1: mean 0.15, variance (0.1225 + 0.0225 + 0.0225 + 0.0025) / 3 = 0.17 / 3.
        let scores = vec![Some(0.5), Some(0.25), None, Some(1.0), Some(0.1), Some(0.7)];
        let base = vec![Some(0.0), Some(0.25), Some(0.9), Some(1.0), Some(0.0), None];
        // (2.8016 / 0.15)^2 * 0.17 / 3 = 19.768.
        assert_eq!(queries_needed(&scores, &base), Some(20));
        assert_eq!(queries_needed(&base, &scores), Some(20), "either way");
        // Half the difference at twice the spread takes 16 times as many: 316.28.
        let spread: [f64; 4] = [0.5, 0.0, 0.0, 0.1].map(|value: f64| 0.075 + 2.0 * (value - 0.15));
        let of = |values: &[f64]| values.iter().copied().map(Some).collect::<PerQuery>();
        assert_eq!(queries_needed(&of(&spread), &of(&[0.0; 4])), Some(317));
    }

    #[test]
    fn a_difference_that_never_varies_is_seen_at_once() {
        assert_eq!(queries_needed(&vec![Some(0.75); 3], &vec![Some(0.5); 3]), Some(2));
    }

    #[test]
    fn no_number_makes_a_difference_of_none() {
        let scores = vec![Some(0.1), Some(0.7), Some(0.4)];
        assert_eq!(queries_needed(&scores, &scores), None);
        // 0.1 + 0.2 is not 0.3 to the last bit.
        assert_eq!(queries_needed(&vec![Some(0.1 + 0.2); 3], &vec![Some(0.3); 3]), None);
        assert_eq!(queries_needed(&vec![Some(1.0), None], &vec![Some(0.5), Some(0.5)]), None, "one pair");
        assert_eq!(queries_needed(&vec![], &vec![]), None);
    }
}
