//! A JSON value, its numbers packed: a list of numbers takes four bytes for each.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};

/// Whole numbers up to this are exact in 32 bits.
const EXACT: f64 = 16_777_216.0;
/// Whole numbers up to this are exact in 64 bits.
const EXACT_LONG: u64 = 1 << 53;

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Json {
    Null,
    Flag(bool),
    Number(f64),
    Text(String),
    /// A list of numbers that 32 bits hold well; NaN where there is null.
    Numbers(Vec<f32>),
    List(Vec<Json>),
    Object(Vec<(String, Json)>),
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Packing)
    }
}

struct Packing;

impl<'de> Visitor<'de> for Packing {
    type Value = Json;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Json, E> {
        Ok(Json::Flag(value))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Json, E> {
        Ok(Json::Number(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Json, E> {
        Ok(if value <= EXACT_LONG { Json::Number(value as f64) } else { Json::Text(value.to_string()) })
    }

    fn visit_i64<E>(self, value: i64) -> Result<Json, E> {
        Ok(if value.unsigned_abs() <= EXACT_LONG { Json::Number(value as f64) } else { Json::Text(value.to_string()) })
    }

    fn visit_str<E>(self, value: &str) -> Result<Json, E> {
        Ok(Json::Text(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Json, E> {
        Ok(Json::Text(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Json, A::Error> {
        let (mut numbers, mut list) = (Vec::new(), Vec::new());
        while let Some(item) = access.next_element::<Json>()? {
            match item {
                Json::Number(value) if list.is_empty() && fits(value) => numbers.push(value as f32),
                Json::Null if list.is_empty() => numbers.push(f32::NAN),
                other => {
                    list.extend(numbers.drain(..).map(|number| Json::Number(f64::from(number))));
                    list.push(other);
                }
            }
        }
        Ok(if list.is_empty() { Json::Numbers(numbers) } else { Json::List(list) })
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Json, A::Error> {
        let mut fields = Vec::new();
        while let Some(field) = access.next_entry::<String, Json>()? {
            fields.push(field);
        }
        Ok(Json::Object(fields))
    }
}

/// Whether a number in 32 bits still says which it is.
fn fits(value: f64) -> bool {
    value.fract() != 0.0 || value.abs() <= EXACT
}

impl Json {
    /// The numbers of a list of two or more, if it is one.
    pub fn vector(self) -> Result<Vec<f32>, Self> {
        match self {
            Self::Numbers(numbers) if numbers.len() >= 2 => Ok(numbers),
            Self::List(list) if list.len() >= 2 && list.iter().all(|item| matches!(item, Self::Number(_))) => {
                let number = |item: Self| if let Self::Number(number) = item { number as f32 } else { f32::NAN };
                Ok(list.into_iter().map(number).collect())
            }
            other => Err(other),
        }
    }

    /// Whether it is a list of two numbers or more.
    pub fn is_vector(&self) -> bool {
        match self {
            Self::Numbers(numbers) => numbers.len() >= 2,
            Self::List(list) => list.len() >= 2 && list.iter().all(|item| matches!(item, Self::Number(_))),
            _ => false,
        }
    }

    /// A word or number as a name; nothing of what is neither.
    pub fn name(&self) -> Option<String> {
        match self {
            Self::Text(text) => Some(text.clone()),
            Self::Number(number) => Some(name(*number)),
            Self::Flag(flag) => Some(flag.to_string()),
            Self::Null => Some(String::new()),
            _ => None,
        }
    }

    /// The names in a list of nothing else.
    pub fn names(&self) -> Option<Vec<String>> {
        match self {
            Self::Numbers(numbers) => Some(numbers.iter().map(|&number| name(f64::from(number))).collect()),
            Self::List(list) => list.iter().map(Self::name).collect(),
            _ => None,
        }
    }
}

fn name(number: f64) -> String {
    super::super::things::name_of(number).unwrap_or_else(|| number.to_string())
}

/// Reads one value.
pub(super) fn parse(bytes: &[u8]) -> Result<Json, serde_json::Error> {
    let first = serde_json::from_slice(bytes);
    match first {
        Err(fault) if fault.is_syntax() => match tamed(bytes) {
            Some(tamed) => serde_json::from_slice(&tamed),
            None => Err(fault),
        },
        done => done,
    }
}

/// `bytes` with null in the place of NaN and infinities, which Python writes and JSON has not; none where there are none.
fn tamed(bytes: &[u8]) -> Option<Vec<u8>> {
    const WORDS: [&[u8]; 3] = [b"-Infinity", b"Infinity", b"NaN"];
    let mut tamed = Vec::with_capacity(bytes.len());
    let (mut rest, mut quoted, mut found) = (bytes, false, false);
    while let Some((&byte, after)) = rest.split_first() {
        if !quoted && let Some(after) = WORDS.iter().find_map(|word| rest.strip_prefix(*word)) {
            tamed.extend_from_slice(b"null");
            (rest, found) = (after, true);
            continue;
        }
        tamed.push(byte);
        rest = after;
        match (byte, after.split_first()) {
            (b'"', _) => quoted = !quoted,
            (b'\\', Some((&escaped, after))) if quoted => {
                tamed.push(escaped);
                rest = after;
            }
            _ => {}
        }
    }
    found.then_some(tamed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Json {
        parse(text.as_bytes()).unwrap()
    }

    #[test]
    fn lists_of_numbers_are_packed() {
        assert_eq!(of("[1, -2.5, 3e2]"), Json::Numbers(vec![1.0, -2.5, 300.0]));
        assert_eq!(of("[]"), Json::Numbers(vec![]));
        let mixed = Json::List(vec![Json::Number(1.0), Json::Text("a".into())]);
        assert_eq!(of("[1, \"a\"]"), mixed);
        assert_eq!(of("[16777217]"), Json::List(vec![Json::Number(16_777_217.0)]));
        assert_eq!(of("18014398509481985"), Json::Text("18014398509481985".into()));
        assert_eq!(of("[1e30, 2]").vector(), Ok(vec![1e30, 2.0]));
        assert_eq!(of("[1, 2.0, null]").names().unwrap(), ["1", "2", ""]);
        assert_eq!(of("{\"a\": [true]}"), Json::Object(vec![("a".into(), Json::List(vec![Json::Flag(true)]))]));
        assert!(of("[1, 2]").is_vector() && !of("[1]").is_vector() && !of("[\"a\", 1]").is_vector());
    }

    #[test]
    fn what_python_writes_of_no_numbers_is_nothing() {
        let Json::Numbers(numbers) = of("[NaN, 1.5, -Infinity, Infinity]") else { panic!("no numbers") };
        assert_eq!(numbers.iter().map(|number| number.is_nan()).collect::<Vec<_>>(), [true, false, true, true]);
        assert_eq!(of(r#"["a \"NaN", NaN]"#).names().unwrap(), ["a \"NaN", ""]);
        assert!(parse(b"[NaN").is_err() && parse(b"{]").is_err() && parse(b"").is_err());
        assert!(parse("[".repeat(10_000).as_bytes()).is_err());
    }
}
