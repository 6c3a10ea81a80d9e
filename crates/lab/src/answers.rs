//! Which of several scores is the answer.

/// What has the highest score, the first of equal ones, so that the order decides and not the search; `None` of nothing.
pub(crate) fn highest<T, S: PartialOrd + Copy>(scored: impl Iterator<Item = (T, S)>) -> Option<T> {
    scored.reduce(|best, next| if next.1 > best.1 { next } else { best }).map(|(of, _)| of)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_equal_scores_the_first_is_the_answer() {
        assert_eq!(highest([("a", 0.5), ("b", 2.0), ("c", 2.0)].into_iter()), Some("b"));
        // What is no number is never higher.
        assert_eq!(highest([("a", 0.5), ("b", f32::NAN)].into_iter()), Some("a"));
        assert_eq!(highest(std::iter::empty::<(u32, f32)>()), None);
    }
}
