//! Numbers as a person reads them. Rates become points (hundredths) with one decimal.

/// A rate in points with one decimal, as in `53.4`.
pub fn points(rate: f64) -> String {
    format!("{:.1}", 100.0 * rate)
}

/// A difference of rates in points with its sign, as in `+2.1`; what rounds to zero has none.
pub fn signed_points(difference: f64) -> String {
    let tenths = (1000.0 * difference).round() as i64;
    match tenths {
        0 => "0.0".to_owned(),
        1.. => format!("+{}", points(difference)),
        _ => format!("\u{2212}{}", points(-difference)),
    }
}

/// A rate in whole percent, as in `43 %`.
pub fn percent(rate: f64) -> String {
    let minus = if rate < -0.005 { "\u{2212}" } else { "" };
    format!("{minus}{:.0} %", 100.0 * rate.abs())
}

/// A duration, as in `12 s` or `2 min 5 s`.
pub fn seconds(seconds: f64) -> String {
    let whole = seconds.max(0.0).round() as u64;
    match (whole / 60, whole % 60) {
        (0, rest) => format!("{rest} s"),
        (minutes, 0) => format!("{minutes} min"),
        (minutes, rest) => format!("{minutes} min {rest} s"),
    }
}

/// A duration that may be short, as in `35 ms` or `1.4 s`.
pub fn short_seconds(duration: f64) -> String {
    match duration {
        ..0.1 => format!("{:.0} ms", 1000.0 * duration.max(0.0)),
        ..10.0 => format!("{duration:.1} s"),
        _ => seconds(duration),
    }
}

/// An amount of storage, as in `128 kB` or `1.3 MB`.
pub fn bytes(bytes: u64) -> String {
    let amount = bytes as f64;
    match bytes {
        ..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{:.0} kB", amount / 1e3),
        1_000_000..1_000_000_000 => format!("{:.1} MB", amount / 1e6),
        _ => format!("{:.1} GB", amount / 1e9),
    }
}

/// What is left of a run, rounded as coarsely as it is known: to seconds under ten, to five seconds under a minute, to
/// half minutes above.
pub fn time_left(left: f64) -> String {
    let unit = match left {
        ..10.0 => 1.0,
        ..60.0 => 5.0,
        _ => 30.0,
    };
    let rounded = (left / unit).round() * unit;
    if rounded < 1.0 { "less than 1 s left".to_owned() } else { format!("about {} left", seconds(rounded)) }
}

/// A whole number with thin spaces between thousands, as in `109 386`.
pub fn count(number: u64) -> String {
    let digits = number.to_string();
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

/// A setting without needless digits, as in `0.002` or `128`.
pub fn setting(value: f64) -> String {
    let text = format!("{value:.6}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text.is_empty() || text == "-0" { "0".to_owned() } else { text.to_owned() }
}

/// A number of some size in three figures or so, as in `32`, `14.5` or `0.0123`.
pub fn rounded(value: f64) -> String {
    let digits = match value.abs() {
        large if large >= 100.0 => 0,
        tens if tens >= 10.0 => 1,
        ones if ones >= 1.0 => 2,
        tenths if tenths >= 0.1 => 3,
        _ => 4,
    };
    let scale = 10f64.powi(digits);
    setting((value * scale).round() / scale)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_have_one_decimal_and_differences_a_sign() {
        assert_eq!(points(0.53421), "53.4");
        assert_eq!(signed_points(0.0213), "+2.1");
        assert_eq!(signed_points(-0.0213), "\u{2212}2.1");
        assert_eq!(signed_points(-0.0004), "0.0");
    }

    #[test]
    fn percents_have_a_minus_sign_and_no_negative_zero() {
        assert_eq!(percent(0.431), "43 %");
        assert_eq!(percent(-0.12), "\u{2212}12 %");
        assert_eq!(percent(-0.001), "0 %");
    }

    #[test]
    fn durations_are_no_more_exact_than_they_are_known() {
        assert_eq!(time_left(0.2), "less than 1 s left");
        assert_eq!(time_left(7.4), "about 7 s left");
        assert_eq!(time_left(23.0), "about 25 s left");
        assert_eq!(time_left(130.0), "about 2 min left");
        assert_eq!(seconds(65.2), "1 min 5 s");
    }

    #[test]
    fn short_durations_and_storage_have_fitting_units() {
        assert_eq!(short_seconds(0.0352), "35 ms");
        assert_eq!(short_seconds(1.44), "1.4 s");
        assert_eq!(short_seconds(65.2), "1 min 5 s");
        assert_eq!([bytes(640), bytes(128_000), bytes(1_280_000)], ["640 B", "128 kB", "1.3 MB"]);
    }

    #[test]
    fn thousands_are_set_apart() {
        assert_eq!(count(7), "7");
        assert_eq!(count(2000), "2\u{202f}000");
        assert_eq!(count(109_386), "109\u{202f}386");
    }

    #[test]
    fn settings_have_no_trailing_zeros() {
        assert_eq!(setting(0.002), "0.002");
        assert_eq!(setting(128.0), "128");
        assert_eq!(setting(100.0), "100");
        assert_eq!(setting(0.0), "0");
    }
}
