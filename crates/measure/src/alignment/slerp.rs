//! A query between two models: the old one's, and the new one's brought into the old space.
//!
//! Spherical interpolation after Procrustes (Ricci, Biondi and Pernici, NeurIPS 2026). Nothing is trained and the gallery stays as it
//! is; the price is that every query is embedded by both models.

use serde::{Deserialize, Serialize};

use super::{Adapter, Embedding, Fit, fit};
use crate::{Features, Items, MeasureError, features::one_per_row, retrieve};

/// Coefficients tried: tenths from 0 to 1, as published.
const STEPS: u32 = 10;

/// Below this sine two directions are taken as one line, along which the formula divides by 0.
const PARALLEL: f64 = 1e-7;

/// Queries on the great circle from the old to the mapped new one, at the share `a` of the way that served a support set best.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SlerpFusion {
    /// The Procrustes map from the new space into the old one.
    pub adapter: Adapter,
    /// The coefficient picked, in `0..=1`: 0 is the old query alone, 1 the mapped new one alone.
    pub a: f64,
    /// Every coefficient tried and its mAP on the support set; empty when no support item has a match.
    pub support: Vec<(f64, f64)>,
}

impl SlerpFusion {
    /// Fits the map on the support pairs, row `i` of both embedding item `i` of class `labels[i]`, then picks the coefficient of highest
    /// mAP with fused queries and old gallery, both of the support set; the smallest of equals, and 0 when no item has a match.
    ///
    /// The paper neither centres the rows nor cuts a wider new space to the old width (it pads the old one with zeros, which only
    /// changes the angle that is divided); here the map is [`Fit::Procrustes`]. It picks by Recall@1 where this picks by mAP.
    ///
    /// # Errors
    /// Those of [`fit`], and when there is not one label per pair.
    pub fn fit(new: &Embedding, old: &Embedding, labels: &[u32]) -> Result<Self, MeasureError> {
        let adapter = fit(Fit::Procrustes, new, old)?.adapter;
        let dim = old.rows.dim();
        let mapped = adapter.apply(new)?;
        let mapped = Features::new(&mapped, dim)?;
        let ids: Vec<u32> = (0..).take(labels.len()).collect();
        let gallery = Items::new(old.rows, labels, &ids)?;
        let (mut support, mut best) = (Vec::new(), (0.0, f64::NEG_INFINITY));
        for step in 0..=STEPS {
            let a = f64::from(step) / f64::from(STEPS);
            let fused = slerp(a, &old.rows, &mapped)?;
            let query = Items::new(Features::new(&fused, dim)?, labels, &ids)?;
            if let Some(map) = retrieve(&query, &gallery, 0)?.map() {
                support.push((a, map));
                best = if map > best.1 { (a, map) } else { best };
            }
        }
        Ok(Self { adapter, a: best.0, support })
    }

    /// Fuses queries embedded by both models: `[rows, old dimensions]` row-major, in the old space.
    ///
    /// # Errors
    /// When the rows do not pair up, or are not of the two models in the widths of the fit.
    pub fn fuse(&self, new: &Embedding, old: &Embedding) -> Result<Vec<f32>, MeasureError> {
        self.adapter.check_target(old)?;
        slerp(self.a, &old.rows, &Features::new(&self.adapter.apply(new)?, old.rows.dim())?)
    }
}

/// Spherical interpolation between paired rows scaled to unit length (Shoemake, 1985): `[rows, dim]` row-major.
///
/// `[sin((1 - a) t) u + sin(a t) v] / sin t` with `t` the angle between `u` and `v`. Opposite rows span no single great circle; there, as
/// for equal ones, the straight line is divided instead.
///
/// # Errors
/// When `a` is not in `0..=1` or the two differ in rows or width.
pub fn slerp(a: f64, from: &Features, to: &Features) -> Result<Vec<f32>, MeasureError> {
    if !(0.0..=1.0).contains(&a) {
        return Err(MeasureError::NumberOutOfRange { what: "the share of the way", value: a, min: 0.0, max: 1.0 });
    }
    one_per_row("rows to interpolate towards", from.rows(), to.rows())?;
    one_per_row("dimensions to interpolate towards", from.dim(), to.dim())?;
    let dim = from.dim();
    let (from, to) = (from.prefix(dim)?, to.prefix(dim)?);
    let mut between = Vec::with_capacity(from.len());
    for (u, v) in from.chunks_exact(dim).zip(to.chunks_exact(dim)) {
        let cosine: f64 = u.iter().zip(v).map(|(&u, &v)| f64::from(u) * f64::from(v)).sum();
        let angle = cosine.clamp(-1.0, 1.0).acos();
        let (near, far) = if angle.sin() > PARALLEL {
            (((1.0 - a) * angle).sin() / angle.sin(), (a * angle).sin() / angle.sin())
        } else {
            (1.0 - a, a)
        };
        between.extend(u.iter().zip(v).map(|(&u, &v)| (near * f64::from(u) + far * f64::from(v)) as f32));
    }
    Ok(between)
}
