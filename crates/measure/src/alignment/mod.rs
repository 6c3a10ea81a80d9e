//! Adapters: maps from the space of one model into that of another, fitted after both are trained.
//!
//! An adapter lets new queries search the old gallery without retraining and without backfill. Every paired family here is a closed
//! form in the means `mx`, `my` and the scatter matrices of paired rows `x` (source) and `y` (target), and every one has the form
//!
//! ```text
//! g(v) = (v - mx) W + my
//! ```
//!
//! | family | `W` | suits |
//! | --- | --- | --- |
//! | [`Fit::Translation`] | identity | a space that drifted as a whole |
//! | [`Fit::Procrustes`] | orthogonal | independent models, few pairs, classes not among the pairs |
//! | [`Fit::ScaledProcrustes`] | orthogonal times a scalar | the same, of another scale |
//! | [`Fit::Affine`] | any | many pairs, and queries like the pairs |
//! | [`Fit::LowRankAffine`] | any of rank `k` | the same with fewer pairs |
//!
//! Two more stand beside them: [`SlerpFusion`] also asks the old model for its query, and [`MiniVec2Vec`] needs no pairs.
//!
//! Rows are taken as they are. Unless stated otherwise fit on unit rows ([`Features::prefix`](crate::Features::prefix)), as published
//! results do, and leave scaling the mapped rows to unit length to [`retrieve`](crate::retrieve), which does it anyway. Always show the
//! old model's own score beside an adapter's: an adapter can recover most of the re-embedded score and still be worse than no upgrade.

mod adapter;
mod affine;
mod assignment;
mod clusters;
mod moments;
mod procrustes;
mod rows;
mod slerp;
mod unpaired;

use nalgebra::DMatrix;
use rand::{SeedableRng, seq::SliceRandom};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

pub use adapter::{Adapter, Embedding};
pub use slerp::{SlerpFusion, slerp};
pub use unpaired::MiniVec2Vec;

use crate::{MeasureError, features::one_per_row};
use moments::{Map, Moments, Pair};

/// One pair in this many is held out for the report.
const HELD_OUT: usize = 5;

/// Fewer pairs than this times the source dimension leave an unconstrained map too much freedom.
const PAIRS_PER_DIMENSION: usize = 4;

/// The families of closed-form adapters.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub enum Fit {
    /// `W = I`: moves the mean, the query drift compensation of Goswami et al. (2025). A wider source is cut to the target's width, a narrower
    /// one padded with zeros.
    Translation,
    /// The orthogonal `W` that minimises `||(X - mx) W - (Y - my)||_F` (Schönemann, 1966): with `(X - mx)'(Y - my) = U S V'` it is `UV'`.
    /// Of different widths it is semi-orthogonal: `W'W = I` for a wider source, `WW' = I` for a narrower one.
    Procrustes,
    /// The same `UV'` times the scalar `trace(S) / ||X - mx||_F^2` that then fits best.
    ScaledProcrustes,
    /// Least squares with a penalty: `W = (X'X + r I)^-1 X'Y` of the centred rows. Where `X'X` is singular and `r = 0` it is the solution of
    /// smallest norm.
    Affine {
        /// The penalty `r` on `||W||_F^2`, 0 or more, in units of a squared sum over all rows.
        ridge: f64,
    },
    /// [`Fit::Affine`] among the `W` of rank `k`: reduced-rank regression (Izenman, 1975; with ridge Mukherjee and Zhu, 2011), which is
    /// the affine solution projected on the `k` directions along which it predicts most.
    LowRankAffine {
        /// The rank `k`, in `1..=min(source, target dimensions)`.
        rank: usize,
        /// The penalty `r` of [`Fit::Affine`].
        ridge: f64,
    },
}

/// An adapter and how far to trust it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Fitted {
    /// The map, fitted on all pairs.
    pub adapter: Adapter,
    /// How well it fits.
    pub report: FitReport,
}

/// How well a fit describes its pairs and, more to the point, pairs that it has not seen.
///
/// `R^2 = 1 - ||Y - g(X)||_F^2 / ||Y - mean Y||_F^2`, at most 1 and negative where the mean would do better; `None` where `Y` is constant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FitReport {
    /// Number of pairs `m`.
    pub pairs: usize,
    /// `R^2` on the pairs it was fitted on.
    pub train_r2: Option<f64>,
    /// `R^2` on a random fifth of the pairs, of the same fit on the other four fifths; `None` where too few pairs allow no such fit.
    ///
    /// The draw is the same every time. It tells of items like the pairs; for other classes hold those out and ask
    /// [`Adapter::r_squared`].
    pub held_out_r2: Option<f64>,
    /// A sentence to show with the result when `m < 4 d`, with `d` the source dimension.
    pub warning: Option<String>,
}

/// Fits an adapter from the space of `x` to that of `y`, row `i` of both embedding the same item.
///
/// Takes `O(rows d^2 + d^3)` time. Translation works from 1 pair on, the others from 2.
///
/// # Errors
/// When `x` and `y` differ in rows, there are too few, either does not vary (but for a translation), a parameter is out of its range, or
/// a decomposition does not converge.
pub fn fit(kind: Fit, x: &Embedding, y: &Embedding) -> Result<Fitted, MeasureError> {
    one_per_row("target rows", x.rows.rows(), y.rows.rows())?;
    let mut pairs: Vec<Pair> = x.rows.iter().zip(y.rows.iter()).collect();
    // Rows often come sorted by class, so a stretch of them would hold out whole classes.
    pairs.shuffle(&mut ChaCha8Rng::seed_from_u64(0));
    let (held_out, kept) = pairs.split_at(pairs.len() / HELD_OUT);
    let dims = (x.rows.dim(), y.rows.dim());
    let (held_out, kept) = (Moments::of(held_out, dims), Moments::of(kept, dims));
    let all = kept.merged(&held_out);

    let map = solve(kind, &all)?;
    let trial = solve(kind, &kept).ok().filter(|_| held_out.pairs > 0);
    let report = FitReport {
        pairs: all.pairs,
        train_r2: all.r_squared(&map),
        held_out_r2: trial.and_then(|trial| held_out.r_squared(&trial)),
        warning: warning(all.pairs, dims.0),
    };
    Ok(Fitted { adapter: Adapter::new(x.model, y.model, &map), report })
}

/// The map of one family between the means of the pairs.
fn solve(kind: Fit, moments: &Moments) -> Result<Map, MeasureError> {
    let matrix = match kind {
        Fit::Translation => DMatrix::identity(moments.source_mean.len(), moments.target_mean.len()),
        Fit::Procrustes => procrustes::orthogonal(moments.varying("a Procrustes fit")?)?,
        Fit::ScaledProcrustes => procrustes::scaled(moments.varying("a Procrustes fit")?)?,
        Fit::Affine { ridge } => affine::full(moments.varying("an affine fit")?, ridge)?,
        Fit::LowRankAffine { rank, ridge } => affine::low_rank(moments.varying("an affine fit")?, rank, ridge)?,
    };
    Ok(Map { source_mean: moments.source_mean.clone(), matrix, target_mean: moments.target_mean.clone() })
}

fn warning(pairs: usize, dim: usize) -> Option<String> {
    let needed = PAIRS_PER_DIMENSION * dim;
    (pairs < needed).then(|| {
        format!(
            "{pairs} pairs are few for {dim} dimensions: compare the two R^2 before trusting the map, add pairs (at least {needed}) or \
             choose a more rigid family"
        )
    })
}

#[cfg(test)]
mod tests;
