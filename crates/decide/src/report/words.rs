//! Numbers as reports and verdicts write them. What is no finite number is written [`NONE`].

use crate::judge::Estimate;

/// Instead of a number that does not exist.
pub const NONE: &str = "n/a";

/// A score with three decimals: "0.358".
pub fn number(value: f64) -> String {
    plain(value, 3)
}

/// A score with its interval: "0.358 [0.341, 0.375]".
pub fn estimate(estimate: Estimate) -> String {
    bracketed(estimate, number, "")
}

/// A rate that may be small: "0.010", "1e-4".
pub fn rate(value: f64) -> String {
    if value > 0.0 && value < 0.001 { format!("{value:.0e}") } else { number(value) }
}

/// A difference with its sign: "+0.042"; what rounds to zero has none.
pub fn signed(value: f64) -> String {
    let text = number(value);
    let rises = value > 0.0 && text.bytes().any(|byte| byte.is_ascii_digit() && byte != b'0');
    if rises { format!("+{text}") } else { text }
}

/// A difference with its interval: "+0.042 [+0.010, +0.074]".
pub fn difference(estimate: Estimate) -> String {
    bracketed(estimate, signed, "")
}

/// A share in whole percent: "20 %".
pub fn share(value: f64) -> String {
    match plain(100.0 * value, 0) {
        text if text == NONE => text,
        text => format!("{text} %"),
    }
}

/// A share with its interval: "20 % [13, 27]".
pub fn share_estimate(estimate: Estimate) -> String {
    bracketed(estimate, |value| plain(100.0 * value, 0), " %")
}

/// A whole number with thin spaces between thousands: "109 386".
pub fn count(number: usize) -> String {
    grouped(&number.to_string())
}

/// "1 document", "6 000 documents".
pub fn counted(number: usize, one: &str, many: &str) -> String {
    match number {
        1 => format!("1 {one}"),
        _ => format!("{} {many}", count(number)),
    }
}

/// A number that is known roughly, rounded up to two figures: "1 300" of 1234.
pub fn about(number: usize) -> String {
    let mut unit: usize = 1;
    while number / unit >= 100 {
        unit *= 10;
    }
    count(number.div_ceil(unit).saturating_mul(unit))
}

/// An amount of storage: "128 kB", "1.3 MB".
pub fn bytes(bytes: u64) -> String {
    let amount = bytes as f64;
    match bytes {
        ..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{:.0} kB", amount / 1e3),
        1_000_000..1_000_000_000 => format!("{:.1} MB", amount / 1e6),
        _ => format!("{:.1} GB", amount / 1e9),
    }
}

/// How many operations: "950", "147 thousand", "1.2 million".
pub fn operations(number: u64) -> String {
    let amount = number as f64;
    match number {
        ..1_000 => number.to_string(),
        1_000..1_000_000 => format!("{:.0} thousand", amount / 1e3),
        1_000_000..1_000_000_000 => format!("{:.1} million", amount / 1e6),
        _ => format!("{:.1} billion", amount / 1e9),
    }
}

/// A duration given in milliseconds: "0.04 ms", "12 ms", "1.4 s".
pub fn milliseconds(duration: f64) -> String {
    match duration {
        _ if !duration.is_finite() => NONE.to_owned(),
        ..1.0 => format!("{} ms", plain(duration, 2)),
        ..10.0 => format!("{duration:.1} ms"),
        ..1_000.0 => format!("{duration:.0} ms"),
        _ => format!("{:.1} s", duration / 1e3),
    }
}

/// A price in the unit in which rates were given: "12.50", "0.0130".
pub fn price(amount: f64) -> String {
    let small = amount != 0.0 && amount.abs() < 1.0;
    plain(amount, if small { 4 } else { 2 })
}

/// A mean count: "2", "51", "1.5".
pub fn mean_count(value: f64) -> String {
    let text = plain(value, 1);
    match text.strip_suffix(".0") {
        Some(whole) => grouped(whole),
        None => text,
    }
}

/// A text in quotation marks on one line, cut after so many letters.
pub fn quoted(text: &str, most: usize) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("\u{201c}{}\u{2026}\u{201d}", text.get(..end).unwrap_or(&text).trim_end()),
        None => format!("\u{201c}{text}\u{201d}"),
    }
}

/// "a, b and 3 more": at most `most` of the names.
pub fn list<'a>(mut names: impl Iterator<Item = &'a str>, most: usize) -> String {
    let listed: Vec<&str> = names.by_ref().take(most).collect();
    match (listed.as_slice(), names.count()) {
        (listed, more) if more > 0 => format!("{} and {} more", listed.join(", "), count(more)),
        ([start @ .., before, last], _) => {
            let start: String = start.iter().map(|name| format!("{name}, ")).collect();
            format!("{start}{before} and {last}")
        }
        (listed, _) => listed.concat(),
    }
}

/// With so many decimals and a minus sign; what rounds to zero has none.
fn plain(value: f64, decimals: usize) -> String {
    if !value.is_finite() {
        return NONE.to_owned();
    }
    let text = format!("{:.decimals$}", value.abs());
    let zero = text.bytes().all(|byte| matches!(byte, b'0' | b'.'));
    if value < 0.0 && !zero { format!("\u{2212}{text}") } else { text }
}

/// "value unit [low, high]"; nothing but [`NONE`] where one of them is none.
fn bracketed(estimate: Estimate, write: impl Fn(f64) -> String, unit: &str) -> String {
    let [value, low, high] = [estimate.value, estimate.low, estimate.high].map(write);
    match [&value, &low, &high].into_iter().any(|text| text == NONE) {
        true => NONE.to_owned(),
        false => format!("{value}{unit} [{low}, {high}]"),
    }
}

/// Digits with narrow spaces between thousands.
fn grouped(digits: &str) -> String {
    let lead = digits.len() % 3;
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && index % 3 == lead {
            out.push('\u{202f}');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(value: f64, low: f64, high: f64) -> Estimate {
        Estimate { value, low, high }
    }

    #[test]
    fn numbers_stand_with_their_intervals() {
        assert_eq!(estimate(of(0.358, 0.341, 0.375)), "0.358 [0.341, 0.375]");
        assert_eq!(difference(of(-0.004, -0.012, 0.0004)), "\u{2212}0.004 [\u{2212}0.012, 0.000]");
        assert_eq!(difference(of(0.042, 0.01, 0.074)), "+0.042 [+0.010, +0.074]");
        assert_eq!(share_estimate(of(0.2, 0.13, 0.27)), "20 % [13, 27]");
        assert_eq!(share_estimate(of(-0.3, -0.42, -0.001)), "\u{2212}30 % [\u{2212}42, 0]");
        assert_eq!(share(0.8), "80 %");
        assert_eq!([rate(0.01), rate(1e-4), rate(0.0), rate(f64::NAN)], ["0.010", "1e-4", "0.000", NONE]);
    }

    #[test]
    fn what_is_no_number_is_not_written_as_one() {
        assert_eq!(estimate(of(0.3, f64::NAN, 0.4)), NONE);
        assert_eq!(share(f64::INFINITY), NONE);
        assert_eq!(share_estimate(of(0.3, f64::NEG_INFINITY, 0.4)), NONE);
        assert_eq!(milliseconds(f64::NAN), NONE);
        assert_eq!(signed(-0.0001), "0.000");
    }

    #[test]
    fn amounts_have_fitting_units() {
        assert_eq!([bytes(640), bytes(128_000), bytes(9_216_000)], ["640 B", "128 kB", "9.2 MB"]);
        assert_eq!(
            [operations(384), operations(147_456), operations(1_200_000)],
            ["384", "147 thousand", "1.2 million"]
        );
        let durations = [0.04, 2.34, 12.4, 1_440.0].map(milliseconds);
        assert_eq!(durations, ["0.04 ms", "2.3 ms", "12 ms", "1.4 s"]);
        assert_eq!([price(12.5), price(0.013), price(0.0)], ["12.50", "0.0130", "0.00"]);
        assert_eq!([mean_count(2.0), mean_count(1.5), mean_count(1_000.0)], ["2", "1.5", "1\u{202f}000"]);
    }

    #[test]
    fn counts_are_grouped_and_rounded() {
        assert_eq!(counted(6_000, "document", "documents"), "6\u{202f}000 documents");
        assert_eq!(counted(1, "query", "queries"), "1 query");
        assert_eq!([about(7), about(100), about(101), about(1_234)], ["7", "100", "110", "1\u{202f}300"]);
        assert_eq!(about(usize::MAX).chars().next(), Some('1'), "saturates");
    }

    #[test]
    fn long_texts_are_cut() {
        assert_eq!([quoted("abc", 3), quoted("ab\n cd", 3), quoted("äöü", 2)], ["“abc”", "“ab…”", "“äö…”"]);
    }

    #[test]
    fn lists_stay_short() {
        let names = ["a", "b", "c", "d"];
        let of = |count: usize, most: usize| list(names.iter().copied().take(count), most);
        assert_eq!([of(0, 3), of(1, 3), of(2, 3), of(3, 3)], ["", "a", "a and b", "a, b and c"]);
        assert_eq!(of(4, 2), "a, b and 2 more");
    }

    proptest! {
        #[test]
        fn nothing_prints_what_is_no_number(value in proptest::num::f64::ANY, low in proptest::num::f64::ANY) {
            let of = Estimate { value, low, high: value };
            let texts = [estimate(of), difference(of), share_estimate(of), milliseconds(value), price(value), mean_count(value)];
            for text in texts {
                prop_assert!(!text.contains("NaN") && !text.contains("inf"), "{text}");
            }
        }
    }
}
