//! Thinning of curves to what a screen can show, so that drawing costs no more after ten thousand steps than after ten.

/// At most four points per pixel column: the first, the lowest, the highest and the last, so that no peak is lost.
///
/// `points` are sorted by x; `range` is the domain of the x axis, drawn over `columns` pixels.
pub fn to_columns(points: &[(f64, f64)], range: (f64, f64), columns: usize) -> Vec<(f64, f64)> {
    if points.len() <= 4 * columns || range.1 <= range.0 {
        return points.to_vec();
    }
    let column = |x: f64| ((x - range.0) / (range.1 - range.0) * columns as f64).floor() as i64;
    points.chunk_by(|a, b| column(a.0) == column(b.0)).flat_map(outline).collect()
}

/// First, lowest, highest and last point, in order of x, each once.
fn outline(chunk: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let by_height = |(_, a): &(usize, &(f64, f64)), (_, b): &(usize, &(f64, f64))| a.1.total_cmp(&b.1);
    let lowest = chunk.iter().enumerate().min_by(by_height).map(|(index, _)| index);
    let highest = chunk.iter().enumerate().max_by(by_height).map(|(index, _)| index);
    let mut kept: Vec<usize> = [Some(0), lowest, highest, chunk.len().checked_sub(1)].into_iter().flatten().collect();
    kept.sort_unstable();
    kept.dedup();
    kept.into_iter().filter_map(|index| chunk.get(index).copied()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_curve_is_left_alone() {
        let points = [(0.0, 1.0), (1.0, 2.0)];
        assert_eq!(to_columns(&points, (0.0, 1.0), 100), points);
    }

    #[test]
    fn a_long_curve_keeps_its_ends_and_its_peak() {
        let mut points: Vec<(f64, f64)> = (0..10_000).map(|x| (f64::from(x), 0.0)).collect();
        points[4321].1 = 9.0;
        points[8765].1 = -9.0;
        let thin = to_columns(&points, (0.0, 9_999.0), 50);
        assert!(thin.len() <= 204, "{}", thin.len());
        assert_eq!((thin.first(), thin.last()), (points.first(), points.last()));
        assert!(thin.contains(&(4321.0, 9.0)) && thin.contains(&(8765.0, -9.0)));
        assert!(thin.is_sorted_by_key(|point| point.0));
    }
}
