//! Which of two models is the older, by what their names say: words, versions, dates, and when known models came out. Never by the
//! alphabet.

mod known;

use std::cmp::Ordering;

use super::naming::Word;

const OLD: [&str; 8] = ["old", "before", "previous", "prev", "current", "legacy", "existing", "today"];
const NEW: [&str; 7] = ["new", "after", "next", "candidate", "upgraded", "upgrade", "latest"];

/// Whether a word stands for the one or the other: less for the old model, greater for the new one.
pub(super) fn of_word(word: &str) -> Option<Ordering> {
    match () {
        () if OLD.contains(&word) => Some(Ordering::Less),
        () if NEW.contains(&word) => Some(Ordering::Greater),
        () => None,
    }
}

/// Whether all words of a name are about age alone: `old`, `v2`.
pub(super) fn is_only_age(words: &[Word]) -> bool {
    let versions = version(words).is_some_and(|(_, rest)| rest.is_empty());
    versions || !words.is_empty() && words.iter().all(|word| of_word(&word.lower).is_some())
}

/// Whether the first model is older (less) or newer than the second, and what says so.
pub(super) fn compare(first: &[Word], second: &[Word]) -> Option<(Ordering, &'static str)> {
    type Way = fn(&[Word], &[Word]) -> Option<Ordering>;
    let ways: [(Way, &str); 4] = [
        (by_words, "their names say old and new"),
        (by_versions, "their names differ by their versions"),
        (by_dates, "their names have dates"),
        (by_releases, "it is known when they came out"),
    ];
    let told = ways.into_iter().find_map(|(way, why)| Some((way(first, second)?, why)));
    told.filter(|(order, _)| order.is_ne())
}

/// A name that says old or new, against one that says the opposite or nothing.
fn by_words(first: &[Word], second: &[Word]) -> Option<Ordering> {
    let side = |words: &[Word]| {
        // From the one space into the other.
        match words {
            [only] if only.lower == "source" => return Some(Ordering::Less),
            [only] if only.lower == "target" => return Some(Ordering::Greater),
            _ => {}
        }
        let mut said = words.iter().filter_map(|word| of_word(&word.lower));
        let side = said.next()?;
        said.all(|other| other == side).then_some(side)
    };
    match (side(first), side(second)) {
        (Some(a), Some(b)) if a == b => None,
        (Some(a), _) => Some(a),
        (None, Some(b)) => Some(b.reverse()),
        (None, None) => None,
    }
}

/// Names that are the same but for a version: `v1` and `v1.5`, or none and `v2`.
fn by_versions(first: &[Word], second: &[Word]) -> Option<Ordering> {
    let whole = |words: &[Word]| words.iter().map(|word| word.lower.clone()).collect::<Vec<_>>();
    let (a, b) = match (version(first), version(second)) {
        (Some(a), Some(b)) => (a, b),
        (Some(a), None) => (a, (Vec::new(), whole(second))),
        (None, Some(b)) => ((Vec::new(), whole(first)), b),
        (None, None) => return None,
    };
    // A version without a name would be newer than anything.
    let alike = a.1 == b.1 && (!a.1.is_empty() || !a.0.is_empty() && !b.0.is_empty());
    alike.then(|| a.0.cmp(&b.0)).filter(|order| order.is_ne())
}

/// The numbers of a version in a name, and its other words.
fn version(words: &[Word]) -> Option<(Vec<u64>, Vec<String>)> {
    let number = |word: &Word| word.lower.strip_prefix('v').and_then(|digits| digits.parse::<u64>().ok());
    let at = words.iter().position(|word| number(word).is_some())?;
    let (before, rest) = words.split_at_checked(at)?;
    let (first, rest) = rest.split_first()?;
    let more = rest.iter().map_while(|word| word.lower.parse::<u64>().ok().filter(|_| word.dotted)).collect::<Vec<_>>();
    let others = before.iter().chain(rest.iter().skip(more.len())).map(|word| word.lower.clone()).collect();
    Some((std::iter::once(number(first)?).chain(more).collect(), others))
}

/// Names with a date each: a year, or with month and day.
fn by_dates(first: &[Word], second: &[Word]) -> Option<Ordering> {
    let (a, b) = (date(first)?, date(second)?);
    // What one of them does not say is not compared.
    a.iter().zip(&b).map(|(a, b)| a.cmp(b)).find(|order| order.is_ne())
}

/// Year, month and day of a name, as far as it says them.
fn date(words: &[Word]) -> Option<Vec<u32>> {
    let number =
        |text: &str| text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse::<u32>().ok()).flatten();
    let is_year = |year: u32| (1990..2100).contains(&year);
    let is_date = |month: u32, day: u32| (1..=12).contains(&month) && (1..=31).contains(&day);
    words.iter().enumerate().find_map(|(at, word)| {
        let value = number(&word.lower)?;
        if word.lower.len() == 8 {
            let (year, month, day) = (value / 10_000, value / 100 % 100, value % 100);
            return (is_year(year) && is_date(month, day)).then(|| vec![year, month, day]);
        }
        if word.lower.len() != 4 || !is_year(value) {
            return None;
        }
        let two = |word: Option<&Word>| word.filter(|word| word.lower.len() == 2).and_then(|word| number(&word.lower));
        let mut date = vec![value];
        if let Some(month) = two(words.get(at + 1)).filter(|&month| is_date(month, 1)) {
            date.push(month);
            date.extend(two(words.get(at + 2)).filter(|&day| is_date(month, day)));
        }
        Some(date)
    })
}

/// Two models of which it is known when they came out, a month apart or more.
fn by_releases(first: &[Word], second: &[Word]) -> Option<Ordering> {
    let (a, b) = (known::released(first)?, known::released(second)?);
    Some(a.cmp(&b)).filter(|order| order.is_ne())
}

#[cfg(test)]
mod tests {
    use super::super::naming::words;
    use super::*;

    /// `<` where the first is older, `>` where it is newer, `?` where nothing is told.
    fn told(first: &str, second: &str) -> char {
        let order = |a: &str, b: &str| compare(&words(a), &words(b)).map(|(order, _)| order);
        assert_eq!(order(first, second), order(second, first).map(Ordering::reverse), "{first} {second}");
        match order(first, second) {
            Some(Ordering::Less) => '<',
            Some(_) => '>',
            None => '?',
        }
    }

    #[test]
    fn names_that_tell_do_so_both_ways() {
        for (first, second) in [
            ("old", "new"),
            ("source", "target"),
            ("zebra-old", "ant"),
            ("zebra", "ant-new"),
            ("v1", "v2"),
            ("v9", "v10"),
            ("bge-small-en", "bge-small-en-v1.5"),
            ("clip-v1.2", "clip-v1.10"),
            ("model-2023-05-01", "model-2023-11-01"),
            ("run 20240101", "other 20240102"),
            ("a-2023", "b-2024-01"),
            ("text-embedding-ada-002", "text-embedding-3-small"),
            ("ada", "small3"),
            ("all-MiniLM-L6-v2", "bge-small-en-v1.5"),
            ("glove.6B.50d", "all-MiniLM-L6-v2"),
            ("word2vec", "e5-large-v2"),
            ("use4", "gte-base"),
            ("multilingual-e5-large", "bge-m3"),
            ("bge-large-en-v1.5", "Qwen3-Embedding-0.6B"),
            ("facenet", "arcface"),
            ("dinov2-vitb14", "dinov3"),
            ("embed-english-v2.0", "embed-english-v3.0"),
        ] {
            assert_eq!(told(first, second), '<', "{first} {second}");
        }
    }

    #[test]
    fn names_that_do_not_tell_say_nothing() {
        for (first, second) in [
            ("a", "b"),
            ("model1", "model2"),
            ("old-a", "old-b"),
            ("old-new", "b"),
            ("all-MiniLM-L6-v2", "all-MiniLM-L12-v2"),
            ("e5-small", "e5-large"),
            ("cliff-v2", "berta"),
            ("x-2024", "y-2024-05"),
            ("mystery", "text-embedding-3-large"),
            ("adaface-x", "lamb"),
            ("used", "because"),
        ] {
            assert_eq!(told(first, second), '?', "{first} {second}");
        }
    }

    #[test]
    fn age_alone_is_no_name() {
        let only = |name: &str| is_only_age(&words(name));
        assert!(only("old") && only("v1.5") && only("old-current"));
        assert!(!only("old-bert") && !only("") && !only("bge-v1"));
    }
}
