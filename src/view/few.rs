//! Sorting of a few things.
//!
//! The sort of the standard library is some four kilobytes of program for every kind of thing that it sorts, and a visitor downloads all
//! of them before the first paint. Lists that a person reads need none of its speed.

/// Sorts by a key; equal things stay as they came. Takes time with the square of their number.
pub fn sort_few<T, K: Ord>(items: &mut [T], key: impl Fn(&T) -> K) {
    for end in 1..items.len() {
        for at in (1..=end).rev() {
            let in_order = items.get(at - 1).zip(items.get(at)).is_none_or(|(one, next)| key(one) <= key(next));
            if in_order {
                break;
            }
            items.swap(at - 1, at);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cmp::Reverse;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_sorts_as_the_library_does(items in proptest::collection::vec((0_u8..4, any::<u8>()), 0..20)) {
            let (mut few, mut by_library) = (items.clone(), items);
            sort_few(&mut few, |item| Reverse(item.0));
            by_library.sort_by_key(|item| Reverse(item.0));
            prop_assert_eq!(few, by_library);
        }
    }
}
