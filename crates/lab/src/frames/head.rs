//! What classifies features while a model trains.

use burn::module::{Module, Param};
use burn::tensor::{Int, Tensor};

use crate::{FixedHead, Setup, angular_margin, cosine_logits, cross_entropies};

/// One row per class; the logits are scaled cosines or plain products.
#[derive(Module, Debug)]
pub struct Head {
    rows: Rows,
    /// Scale of the cosine logits; `None` for plain products.
    scale: Option<f64>,
    /// Angular margin of the cosine logits, radians.
    margin: f64,
    /// Share of the target that is spread over all classes, `0..=1`.
    smoothing: f64,
    /// Cosine between any two rows by construction, if it is the same for all.
    equal: Option<f64>,
}

/// Class rows, `[classes, dims]`.
#[derive(Module, Debug)]
enum Rows {
    Learned(Param<Tensor<2>>),
    Fixed(Tensor<2>),
}

impl Head {
    /// Scaled cosines with learned rows, one for each class of the stage; the scale is the schedule's.
    pub fn cosine(setup: &mut Setup, dims: usize) -> Self {
        let scale = Some(setup.stage.schedule.scale);
        Self { scale, ..Self::linear(setup, setup.classes, dims) }
    }

    /// Plain products with `rows` learned rows.
    pub fn linear(setup: &mut Setup, rows: usize, dims: usize) -> Self {
        let rows = Rows::Learned(setup.init.uniform([rows, dims], (dims as f32).sqrt().recip()));
        Self { rows, scale: None, margin: 0.0, smoothing: 0.0, equal: None }
    }

    /// Scaled cosines with learned rows that begin as these.
    ///
    /// # Shapes
    /// - rows: `[classes, dims]`
    pub fn from_rows(rows: Tensor<2>, scale: f64) -> Self {
        let rows = Rows::Learned(Param::from_tensor(rows));
        Self { rows, scale: Some(scale), margin: 0.0, smoothing: 0.0, equal: None }
    }

    /// Plain products with rows that are not trained; `equal` is the cosine between any two of them, if it is the same for all.
    ///
    /// # Shapes
    /// - rows: `[classes, dims]`
    pub fn fixed(rows: Tensor<2>, equal: Option<f64>) -> Self {
        Self { rows: Rows::Fixed(rows), scale: None, margin: 0.0, smoothing: 0.0, equal }
    }

    /// Starts from the rows of an old classifier, as far as it has any; those of later classes stay as they are. Rows that are not
    /// trained stay, too.
    ///
    /// # Shapes
    /// - old: `[old classes, dims]`
    pub fn go_on(&mut self, old: Tensor<2>) {
        let Rows::Learned(rows) = &self.rows else { return };
        self.rows = Rows::Learned(rows.clone().map(|new| {
            let (new, old) = (new.inner(), old.inner());
            let ([classes, _], [known, _]) = (new.dims(), old.dims());
            let rows = match known < classes {
                true => Tensor::cat(vec![old, new.narrow(0, known, classes - known)], 0),
                false => old.narrow(0, 0, classes),
            };
            rows.autodiff().require_grad()
        }));
    }

    /// The rows, if they are not trained.
    pub fn as_fixed(&self) -> Option<FixedHead> {
        match &self.rows {
            Rows::Learned(_) => None,
            Rows::Fixed(rows) => Some(FixedHead { rows: rows.clone(), equal: self.equal }),
        }
    }

    /// Makes the logits plain products.
    pub fn unscale(&mut self) {
        self.scale = None;
    }

    /// Demands this much more of the angle to the own class, radians; for cosine logits.
    pub fn widen(&mut self, margin: f64) {
        self.margin = margin;
    }

    /// Spreads this share of every target over all classes, `0..=1`.
    pub fn smooth(&mut self, smoothing: f64) {
        self.smoothing = smoothing;
    }

    /// Whether the logits are scaled cosines, which are made for unit features.
    pub fn is_cosine(&self) -> bool {
        self.scale.is_some()
    }

    /// The class rows, `[classes, dims]`.
    pub fn rows(&self) -> Tensor<2> {
        match &self.rows {
            Rows::Learned(rows) => rows.val(),
            Rows::Fixed(rows) => rows.clone(),
        }
    }

    /// What its answers are made of, without a margin.
    ///
    /// # Shapes
    /// - features: `[batch, dims]`, unit rows where the logits are cosines
    /// - output: `[batch, classes]`
    pub fn logits(&self, features: Tensor<2>) -> Tensor<2> {
        match self.scale {
            Some(scale) => cosine_logits(features, self.rows(), scale),
            None => features.matmul(self.rows().transpose()),
        }
    }

    /// Cross entropy, mean over the batch.
    ///
    /// # Shapes
    /// - features: `[batch, dims]`, unit rows where the logits are cosines
    /// - labels: `[batch]`
    /// - output: `[1]`
    pub fn loss(&self, features: Tensor<2>, labels: Tensor<1, Int>) -> Tensor<1> {
        let logits = match self.scale {
            Some(scale) if self.margin > 0.0 => {
                let cosines = cosine_logits(features, self.rows(), 1.0);
                angular_margin(cosines, labels.clone(), self.margin).mul_scalar(scale)
            }
            _ => self.logits(features),
        };
        cross_entropies(logits, labels, self.smoothing).mean()
    }
}
