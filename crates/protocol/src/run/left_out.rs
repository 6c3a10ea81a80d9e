//! Events that a later version wrote: they are left out one by one, and never in silence.

use std::collections::BTreeMap;

use crate::Event;

/// Kinds that a sentence names.
const NAMED: usize = 5;
/// Letters of a kind that a sentence shows.
const LONGEST: usize = 40;

/// How many events were left out because their kinds are of a later version, by kind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LeftOut(BTreeMap<String, usize>);

impl LeftOut {
    /// Reads an event as JSON; one of a kind that this version does not know is none and is counted.
    ///
    /// # Errors
    /// It is no event of any version, or one of a kind that this version knows in another form.
    pub fn read(&mut self, text: &str) -> Result<Option<Event>, serde_json::Error> {
        match serde_json::from_str(text) {
            Ok(event) => Ok(Some(event)),
            Err(source) => {
                let kind = unknown_kind(text).ok_or(source)?;
                *self.0.entry(kind).or_default() += 1;
                Ok(None)
            }
        }
    }

    /// Counts what was left out elsewhere, too.
    pub fn add(&mut self, other: &Self) {
        for (kind, count) in &other.0 {
            *self.0.entry(kind.clone()).or_default() += count;
        }
    }

    /// What a reader must know of it, in a sentence; `None` if nothing was left out.
    pub fn in_words(&self) -> Option<String> {
        let count = match self.0.values().sum::<usize>() {
            0 => return None,
            1 => "1 event of a kind that this version does not know was".to_owned(),
            more => format!("{more} events of kinds that this version does not know were"),
        };
        let named = self.0.keys().take(NAMED).map(|kind| kind.chars().take(LONGEST).collect::<String>());
        let mut kinds = named.collect::<Vec<_>>().join(", ");
        if let Some(more) = self.0.len().checked_sub(NAMED).filter(|&more| more > 0) {
            kinds = format!("{kinds} and {more} more");
        }
        Some(format!("{count} left out: {kinds}."))
    }
}

/// The kind of an event that another version wrote: what is said of one thing whose name no event here has.
fn unknown_kind(text: &str) -> Option<String> {
    let kind = match serde_json::from_str(text).ok()? {
        serde_json::Value::String(kind) => kind,
        serde_json::Value::Object(fields) if fields.len() == 1 => fields.into_iter().next()?.0,
        _ => return None,
    };
    (!known::kinds().contains(&kind.as_str())).then_some(kind)
}

/// The kinds of events of this version, asked of the reader that is derived for [`Event`], so that no list can fall behind it.
pub(super) mod known {
    use std::fmt;

    use serde::de::{Deserialize as _, Deserializer, Error, Visitor};
    use serde::forward_to_deserialize_any;

    use crate::Event;

    pub(crate) fn kinds() -> &'static [&'static str] {
        Event::deserialize(Ask).err().map_or(&[], |Kinds(kinds)| kinds)
    }

    /// What a reader of an enum is given: nothing, so that it stops once it has named the variants.
    struct Ask;

    /// Why it stopped: the variants that it named.
    #[derive(Debug)]
    struct Kinds(&'static [&'static str]);

    impl fmt::Display for Kinds {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str(&self.0.join(", "))
        }
    }

    impl std::error::Error for Kinds {}

    impl Error for Kinds {
        fn custom<T: fmt::Display>(_: T) -> Self {
            Self(&[])
        }
    }

    impl<'de> Deserializer<'de> for Ask {
        type Error = Kinds;

        fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Kinds> {
            Err(Kinds(&[]))
        }

        fn deserialize_enum<V: Visitor<'de>>(
            self,
            _: &'static str,
            variants: &'static [&'static str],
            _: V,
        ) -> Result<V::Value, Kinds> {
            Err(Kinds(variants))
        }

        forward_to_deserialize_any! {
            bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
            newtype_struct seq tuple tuple_struct map struct identifier ignored_any
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn what_was_left_out_in_several_places_is_one_sentence() {
        let (mut one, mut other) = (LeftOut::default(), LeftOut::default());
        assert_eq!((one.read("{\"later\":{\"a\":[1]}}").unwrap(), one.read("\"rested\"").unwrap()), (None, None));
        assert_eq!(other.read("{\"later\":0}").unwrap(), None);
        let noticed = Event::Noticed { text: "so it is".to_owned() };
        assert_eq!(other.read("{\"noticed\":{\"text\":\"so it is\"}}").unwrap(), Some(noticed));
        assert!(other.read("{\"noticed\":{}}").is_err() && other.read("{\"later\":").is_err());
        one.add(&other);
        let three = "3 events of kinds that this version does not know were left out: later, rested.";
        assert_eq!(one.in_words().as_deref(), Some(three));
        assert_eq!(LeftOut::default().in_words(), None);
    }
}
