//! Maps from one model's space into another's, fitted on the rows that both models made of the same documents.
//!
//! Every fit is `y ~ map(x)` on rows scaled to unit length, and centred: the means of both sides are part of the map. [`Pairs`] holds the
//! sums that fits are made of, once for each direction; [`fit`] does not know which direction that is. With `C = (X - mx)'(Y - my)` and
//! `A = (X - mx)'(X - mx)`:
//!
//! | family | map | chosen on held-out pairs |
//! | --- | --- | --- |
//! | [`Family::Translation`] | `x + my - mx` | |
//! | [`Family::Procrustes`] | `(x - mx) W + my`, `W` the (semi-)orthogonal factor of `C` | |
//! | [`Family::ScaledProcrustes`] | the same times `tr(W'C) / tr(A)` | |
//! | [`Family::Ridge`] | `W = (A + lambda I)^-1 C` | `lambda` |
//! | [`Family::LowRank`] | the same through the few directions that predict most | `lambda`, rank |
//! | [`Family::Clusters`] | the same and, for each cluster of `x`, a regression on what it leaves over | both penalties |
//! | [`Family::Mlp`] | the same and a hidden layer with GELU on top | `lambda`, when to stop |
//!
//! A tenth of the pairs is held out where something is chosen, by the mean cosine; the choice is then fitted on all pairs, but for the
//! hidden layer. Rows of more than 1536 numbers ([`Limits`]) are first projected on their 1024 leading principal axes, and
//! [`Fitted::projected`] says so.

mod activation;
pub(crate) mod affine;
mod apply;
mod axes;
mod clusters;
mod dual;
mod eigen;
mod low_rank;
mod mlp;
mod pairs;
mod procrustes;
mod reflectors;
mod ridge;
mod side;
mod sums;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod translation;
mod work;

use measure::linear::{cholesky, polar, products};
use serde::{Deserialize, Serialize};

use self::work::Work;
use crate::{DecideError, Pulse};

pub use self::pairs::{Limits, Pairs};

/// Kinds of maps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Family {
    /// All rows move alike. Rows of a wider space are cut to the width of the other, those of a narrower one filled up with zeros.
    Translation,
    /// Turned and mirrored, which keeps distances and angles; into a narrower space they lose what it has no room for.
    Procrustes,
    /// The same, and scaled.
    ScaledProcrustes,
    /// Any affine map, kept small by a penalty.
    Ridge,
    /// An affine map through a few directions.
    LowRank,
    /// An affine map for each cluster of rows, drawn towards that of all.
    Clusters,
    /// A network with one hidden layer on top of an affine map.
    Mlp,
}

impl Family {
    /// All of them, from the most rigid on.
    pub const ALL: [Self; 7] = [
        Self::Translation,
        Self::Procrustes,
        Self::ScaledProcrustes,
        Self::Ridge,
        Self::LowRank,
        Self::Clusters,
        Self::Mlp,
    ];

    /// How it is written in files and on a command line.
    pub fn id(self) -> &'static str {
        match self {
            Self::Translation => "translation",
            Self::Procrustes => "procrustes",
            Self::ScaledProcrustes => "scaled_procrustes",
            Self::Ridge => "ridge",
            Self::LowRank => "low_rank",
            Self::Clusters => "clusters",
            Self::Mlp => "mlp",
        }
    }

    /// What it is called.
    pub fn name(self) -> &'static str {
        match self {
            Self::Translation => "translation",
            Self::Procrustes => "Procrustes",
            Self::ScaledProcrustes => "scaled Procrustes",
            Self::Ridge => "ridge",
            Self::LowRank => "low rank",
            Self::Clusters => "maps per cluster",
            Self::Mlp => "MLP",
        }
    }

    /// Whether it follows from sums over the pairs, without steps that lead to it.
    pub fn closed_form(self) -> bool {
        !matches!(self, Self::Clusters | Self::Mlp)
    }
}

/// What a map is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// New queries into the old space.
    Queries,
    /// The old gallery into the new space.
    Gallery,
}

/// A written function of rows: step after step.
#[derive(Clone, Debug, PartialEq)]
pub struct Map {
    /// How it was fitted.
    pub family: Family,
    /// Numbers of a row that goes in.
    pub from: usize,
    /// Numbers of a row that comes out.
    pub to: usize,
    /// What is done, in this order. A fitted map begins with [`Step::Normalize`].
    pub steps: Vec<Step>,
    /// What is known of the fit.
    pub fitted: Fitted,
}

/// A step of a map. All matrices lie row after row.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// `x + b`, `[dims]`.
    Add(Vec<f32>),
    /// `x W + b`.
    Affine {
        /// `W`, `[from, to]`.
        weight: Vec<f32>,
        /// `b`, `[to]`.
        bias: Vec<f32>,
    },
    /// To length 1; a row of zeros stays.
    Normalize,
    /// `x (1 + erf(x / sqrt 2)) / 2` of each number.
    Gelu,
    /// Each row by the affine map of the centroid with the largest cosine, the first of equals.
    Clustered {
        /// `[clusters, from]`.
        centroids: Vec<f32>,
        /// Of each cluster `W`, `[from, to]`, and `b`, `[to]`.
        maps: Vec<(Vec<f32>, Vec<f32>)>,
    },
    /// `x + f(x)`, with `f` in steps that end as wide as they begin.
    Residual(Vec<Step>),
}

/// What is known of a fit.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Fitted {
    /// Pairs that it was fitted on.
    pub pairs: usize,
    /// The penalty on squared weights, in units of a squared sum over all pairs; of [`Family::Clusters`] that on what is a cluster's own.
    pub lambda: Option<f64>,
    /// Directions that the map goes through.
    pub rank: Option<usize>,
    /// The mean cosine on held-out pairs of a fit on the others, in `-1..=1`; where nothing is chosen by it, it may not be known.
    pub held_out: Option<f64>,
    /// How many principal axes rows were projected on before the fit; `None` where they were taken whole.
    pub projected: Option<usize>,
}

impl Map {
    /// How many numbers it consists of.
    pub fn parameters(&self) -> usize {
        parameters(&self.steps)
    }
}

fn parameters(steps: &[Step]) -> usize {
    let of_one = |step: &Step| match step {
        Step::Add(shift) => shift.len(),
        Step::Affine { weight, bias } => weight.len() + bias.len(),
        Step::Normalize | Step::Gelu => 0,
        Step::Clustered { centroids, maps } => {
            centroids.len() + maps.iter().map(|(weight, bias)| weight.len() + bias.len()).sum::<usize>()
        }
        Step::Residual(steps) => parameters(steps),
    };
    steps.iter().map(of_one).sum()
}

/// Fits `y ~ map(x)`. What several families share is computed by the first of them that is fitted on the same pairs. `seed` draws the first
/// clusters, weights and batches; the same pairs and seed give the same map.
///
/// # Errors
/// All rows of one side are the same (but for a translation), an iteration does not converge, or what the pulse says.
pub fn fit(family: Family, pairs: &Pairs<'_>, seed: u64, pulse: Pulse<'_>) -> Result<Map, DecideError> {
    if family != Family::Translation {
        pairs.varying()?;
    }
    let work = &mut Work::start(pulse, cost(family, pairs))?;
    match family {
        Family::Translation => translation::fit(pairs, work),
        Family::Procrustes => procrustes::fit(pairs, false, work),
        Family::ScaledProcrustes => procrustes::fit(pairs, true, work),
        Family::Ridge => ridge::fit(pairs, work),
        Family::LowRank => low_rank::fit(pairs, work),
        Family::Clusters => clusters::fit(pairs, seed, work),
        Family::Mlp => mlp::fit(pairs, seed, work),
    }
}

/// About how many multiply-adds a fit takes.
fn cost(family: Family, pairs: &Pairs<'_>) -> f64 {
    let (from, to) = (pairs.dims().0 as f64, pairs.dims().1 as f64);
    let (count, held) = (pairs.count() as f64, pairs.held_rows().len() as f64);
    let ridge = match pairs.ridge.get() {
        Some(_) => 0.0,
        None => ridge::SHARES.len() as f64 * (from * from * (from / 6.0 + to) + held * from * to) + from * from * to,
    };
    match family {
        Family::Translation => held * from.max(to),
        Family::Procrustes | Family::ScaledProcrustes => match pairs.polar.get() {
            Some(_) => 1.0,
            None => 8.0 * from.min(to).powi(2) * from.max(to),
        },
        Family::Ridge => ridge,
        Family::LowRank => ridge + 2.0 * (4.0 * to * to * to + from * to * to),
        Family::Clusters => ridge + 3.0 * count * from * to + 2.0 * count * count.min(1000.0) * to,
        Family::Mlp => ridge + count * from * to + (5 * mlp::STEPS * mlp::BATCH * mlp::HIDDEN) as f64 * to,
    }
}

fn undefined(what: &'static str, why: &str) -> DecideError {
    DecideError::Undefined { what, why: why.to_owned() }
}
