//! Described parameters: what a control, a link, a flag or a document needs to know about one number.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::prose;
use crate::Read;

/// Values of parameters by id. Flags are 0 or 1, options are the index of the choice.
pub type Values = BTreeMap<String, f64>;

/// One settable number with all that is needed to show it, bound it and explain it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Parameter {
    /// Stable name, used in files and links: lower case, `_` between words.
    pub id: String,
    /// What a person reads beside the control: sentence case, no colon.
    pub label: String,
    /// Unit of the value, empty if it has none.
    pub unit: String,
    /// What values are allowed.
    pub kind: Kind,
    /// Value used when nothing else is said.
    pub default: f64,
    /// One plain sentence: what it does.
    pub help: String,
    /// Whether it can change while a run goes on; of a method's parameters these are the weights of its loss terms.
    #[serde(default)]
    pub hot: bool,
    /// Of what a stage sees: that only a stage whose method is measured in this way has a use for it; `None` for every stage.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub only: Option<Read>,
    /// Of an encoder: that it must divide height and width of the images.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub divides_images: bool,
    /// Of what a stage sees: that it counts classes. On a dataset of more or fewer it moves as those of the stage do.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub counts_classes: bool,
}

/// The values that a [`Parameter`] allows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A real number in `min..=max`; `step` is what one press of an arrow key changes.
    Real {
        /// Smallest allowed value.
        min: f64,
        /// Largest allowed value.
        max: f64,
        /// Change per key press or slider notch.
        step: f64,
    },
    /// A whole number in `min..=max`.
    Integer {
        /// Smallest allowed value.
        min: f64,
        /// Largest allowed value.
        max: f64,
    },
    /// Off (0) or on (1).
    Flag,
    /// One of a few named choices; the value is the index.
    Options {
        /// What a person reads, in order.
        labels: Vec<String>,
    },
}

impl Parameter {
    /// A real number in `min..=max` with a key-press change of `step`.
    pub fn real(id: &str, label: &str, (min, max, step): (f64, f64, f64), default: f64, help: &str) -> Self {
        Self::new(id, label, Kind::Real { min, max, step }, default, help)
    }

    /// A whole number in `min..=max`.
    pub fn integer(id: &str, label: &str, (min, max): (u32, u32), default: u32, help: &str) -> Self {
        let kind = Kind::Integer { min: f64::from(min), max: f64::from(max) };
        Self::new(id, label, kind, f64::from(default), help)
    }

    /// An on/off switch.
    pub fn flag(id: &str, label: &str, default: bool, help: &str) -> Self {
        Self::new(id, label, Kind::Flag, f64::from(u8::from(default)), help)
    }

    /// One of `labels`; the first is the default.
    pub fn options(id: &str, label: &str, labels: &[&str], help: &str) -> Self {
        let labels = labels.iter().map(|&text| text.to_owned()).collect();
        Self::new(id, label, Kind::Options { labels }, 0.0, help)
    }

    /// The same parameter with a unit.
    pub fn with_unit(mut self, unit: &str) -> Self {
        self.unit = unit.to_owned();
        self
    }

    /// The same parameter as one that can change while a run goes on.
    pub fn hot(mut self) -> Self {
        self.hot = true;
        self
    }

    /// The same parameter for stages alone whose method is measured in this way.
    pub fn only_where(mut self, read: Read) -> Self {
        self.only = Some(read);
        self
    }

    /// The same parameter as one that must divide height and width of the images.
    pub fn dividing_images(mut self) -> Self {
        self.divides_images = true;
        self
    }

    /// The same parameter as one that counts classes.
    pub fn counting_classes(mut self) -> Self {
        self.counts_classes = true;
        self
    }

    fn new(id: &str, label: &str, kind: Kind, default: f64, help: &str) -> Self {
        Self {
            id: id.to_owned(),
            label: label.to_owned(),
            unit: String::new(),
            kind,
            default,
            help: prose(help),
            hot: false,
            only: None,
            divides_images: false,
            counts_classes: false,
        }
    }

    /// Smallest and largest allowed value.
    pub fn bounds(&self) -> (f64, f64) {
        match &self.kind {
            Kind::Real { min, max, .. } | Kind::Integer { min, max } => (*min, *max),
            Kind::Flag => (0.0, 1.0),
            Kind::Options { labels } => (0.0, labels.len().saturating_sub(1) as f64),
        }
    }

    /// The nearest allowed whole number to `value` that divides height and width, the smaller one of two as near; `None` if none does.
    pub fn nearest_divisor(&self, value: f64, (height, width): (u32, u32)) -> Option<f64> {
        let (min, max) = self.bounds();
        let divides = |side: &u32| height.is_multiple_of(*side) && width.is_multiple_of(*side);
        let sides = (min.max(1.0) as u32..=max as u32).filter(divides).map(f64::from);
        sides.min_by(|one, other| (one - value).abs().total_cmp(&(other - value).abs()))
    }

    /// The nearest allowed value: clamped, rounded where only whole numbers are allowed, the default for NaN.
    pub fn nearest(&self, value: f64) -> f64 {
        if value.is_nan() {
            return self.default;
        }
        let (min, max) = self.bounds();
        let whole = !matches!(self.kind, Kind::Real { .. });
        let value = if whole { value.round() } else { value };
        value.max(min).min(max)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nearest_clamps_rounds_and_replaces_nan() {
        let dims = Parameter::integer("dims", "Dims", (2, 128), 32, "");
        assert_eq!(dims.nearest(500.0), 128.0);
        assert_eq!(dims.nearest(31.6), 32.0);
        assert_eq!(dims.nearest(f64::NAN), 32.0);
        assert_eq!(dims.nearest(f64::INFINITY), 128.0);
        let rate = Parameter::real("rate", "Rate", (0.0, 1.0, 0.1), 0.5, "");
        assert_eq!(rate.nearest(0.25), 0.25);
        assert_eq!(rate.nearest(-3.0), 0.0);
        let norm = Parameter::options("norm", "Norm", &["none", "group"], "");
        assert_eq!(norm.nearest(7.0), 1.0);
    }
}
