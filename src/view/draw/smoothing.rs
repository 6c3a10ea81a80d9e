//! Smoothing of noisy curves.

/// The most that can be asked for: at 1 nothing new would ever count.
pub const MOST: f64 = 0.99;

/// The exponential moving average of sorted points, over readings rather than over x, as TensorBoard has it.
///
/// `weight` is the share of the past in every mean, 0 leaves the points alone. The mean is divided by the weight that was given
/// out so far, so that the start is not drawn towards zero. What is not a number stays as it is and is left out.
pub fn smooth(points: &[(f64, f64)], weight: f64) -> Vec<(f64, f64)> {
    let weight = weight.clamp(0.0, MOST);
    let (mut mean, mut given) = (0.0, 0.0);
    let step = |&(x, y): &(f64, f64)| {
        if !y.is_finite() {
            return (x, y);
        }
        mean = weight * mean + (1.0 - weight) * y;
        given = weight * given + (1.0 - weight);
        (x, mean / given)
    };
    points.iter().map(step).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(points: &[(f64, f64)], weight: f64) -> Vec<f64> {
        smooth(points, weight).into_iter().map(|point| point.1).collect()
    }

    #[test]
    fn every_mean_is_divided_by_the_weight_given_out() {
        // Means 2, 5, 2.5 over weights 1/2, 3/4, 7/8.
        let smooth = smooth(&[(1.0, 4.0), (5.0, 8.0), (6.0, 0.0)], 0.5);
        assert_eq!(smooth, [(1.0, 4.0), (5.0, 20.0 / 3.0), (6.0, 20.0 / 7.0)]);
    }

    #[test]
    fn a_weight_of_zero_changes_nothing_and_one_of_one_is_brought_within_bounds() {
        let points = [(1.0, 4.0), (2.0, -8.0)];
        assert_eq!(smooth(&points, 0.0), points);
        let [first, second] = values(&points, 1.0)[..] else { panic!("two points") };
        // (0.99 * 4 - 8) / 1.99
        assert!((first - 4.0).abs() < 1e-9 && (second + 4.04 / 1.99).abs() < 1e-9, "{first} {second}");
    }

    #[test]
    fn a_level_stays_where_it_is() {
        let level: Vec<(f64, f64)> = (0..100).map(|x| (f64::from(x), 0.3)).collect();
        assert!(values(&level, 0.9).iter().all(|value| (value - 0.3).abs() < 1e-12));
    }

    #[test]
    fn what_is_not_a_number_does_not_spread() {
        let found = values(&[(1.0, 4.0), (2.0, f64::NAN), (3.0, 8.0)], 0.5);
        assert!(found[1].is_nan());
        assert_eq!((found[0], found[2]), (4.0, 20.0 / 3.0));
        assert!(smooth(&[], 0.5).is_empty());
    }
}
