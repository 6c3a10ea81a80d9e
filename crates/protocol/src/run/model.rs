//! Names of models within a run.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A model of a run: `v2` is what stage 2 deploys, `v2*` is the same stage trained without compatibility.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct ModelId {
    /// Stage, counted from 1.
    pub stage: u8,
    /// Whether it was trained without compatibility, as ceiling and teacher.
    pub independent: bool,
}

impl ModelId {
    /// The model that a stage (counted from 1) deploys.
    pub const fn deployed(stage: u8) -> Self {
        Self { stage, independent: false }
    }

    /// The model of a stage (counted from 1) trained without compatibility.
    pub const fn independent(stage: u8) -> Self {
        Self { stage, independent: true }
    }

    /// Its name in names of files, where some systems forbid an asterisk.
    pub fn file_stem(self) -> String {
        self.to_string().replace('*', "-independent")
    }
}

impl fmt::Display for ModelId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "v{}{}", self.stage, if self.independent { "*" } else { "" })
    }
}

/// A text that names no model.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' names no model: expected v and a stage number, as in v2, or v2* for the independent one")]
pub struct ModelIdError(String);

impl FromStr for ModelId {
    type Err = ModelIdError;

    fn from_str(text: &str) -> Result<Self, ModelIdError> {
        let error = || ModelIdError(text.to_owned());
        let body = text.strip_prefix('v').ok_or_else(error)?;
        let (number, independent) = match body.strip_suffix('*') {
            Some(number) => (number, true),
            None => (body, false),
        };
        match number.parse() {
            Ok(stage) if stage > 0 => Ok(Self { stage, independent }),
            _ => Err(error()),
        }
    }
}

impl TryFrom<String> for ModelId {
    type Error = ModelIdError;

    fn try_from(text: String) -> Result<Self, ModelIdError> {
        text.parse()
    }
}

impl From<ModelId> for String {
    fn from(model: ModelId) -> String {
        model.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_round_trip_and_nonsense_is_refused() {
        for model in [ModelId::deployed(1), ModelId::independent(12)] {
            assert_eq!(model.to_string().parse(), Ok(model));
        }
        for text in ["", "2", "v", "v0", "v-1", "v2**", "w2", "v999"] {
            assert!(text.parse::<ModelId>().is_err(), "{text}");
        }
    }
}
