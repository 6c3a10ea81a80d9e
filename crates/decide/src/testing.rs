//! Planted cases, of which it is known what a study has to find.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::{Beside, Case, Embedded, Relevance, Similarity, Vectors};

/// Documents are points; the new model sees them whole and turned, the old one a few of their coordinates, turned another way and blurred.
/// Query `i` is a point near document `i`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Planted {
    pub documents: usize,
    pub queries: usize,
    /// Coordinates of a point.
    pub latent: usize,
    /// The first few of these, which the old model sees.
    pub seen: usize,
    /// Numbers of an old and of a new vector; at least `seen` and `latent`.
    pub dims: (usize, usize),
    /// Deviation of what is added to every number that the old model gives.
    pub blur: f64,
    /// Deviation of a query's coordinates from its document's.
    pub apart: f64,
    pub seed: u64,
}

impl Default for Planted {
    /// By the old model about one query in two finds its document first, by the new one nearly all do.
    fn default() -> Self {
        let (documents, queries, latent, seen) = (240, 60, 12, 5);
        Self { documents, queries, latent, seen, dims: (12, 12), blur: 0.25, apart: 0.35, seed: 7 }
    }
}

impl Planted {
    /// The old model's space is the new one's, turned.
    pub fn turned(self) -> Self {
        Self { seen: self.latent, blur: 0.0, ..self }
    }

    /// Query `i` asks for document `i`.
    pub fn judged(&self) -> Case {
        let relevance = (0..self.queries).map(|query| vec![(query % self.documents, 1.0)]).collect();
        self.case(|_, _| Relevance::Judged(relevance))
    }

    /// Documents and queries have one of four labels, by the signs of their first two coordinates, both of which the old model sees.
    pub fn labelled(&self) -> Case {
        let label = |point: &Vec<f64>| Some(u32::from(point[0] > 0.0) + 2 * u32::from(point[1] > 0.0));
        self.case(|documents, queries| Relevance::Labels {
            documents: documents.iter().map(label).collect(),
            queries: queries.iter().map(label).collect(),
            names: (0..4).map(|label| format!("label {label}")).collect(),
        })
    }

    fn case(&self, relevance: impl FnOnce(&[Vec<f64>], &[Vec<f64>]) -> Relevance) -> Case {
        let mut rng = ChaCha8Rng::seed_from_u64(self.seed);
        let documents: Vec<Vec<f64>> = (0..self.documents).map(|_| normals(self.latent, &mut rng)).collect();
        let near = |point: &Vec<f64>, rng: &mut ChaCha8Rng| {
            let noise = normals(self.latent, rng);
            point.iter().zip(noise).map(|(number, noise)| number + self.apart * noise).collect::<Vec<f64>>()
        };
        let queries: Vec<Vec<f64>> =
            (0..self.queries).map(|query| near(&documents[query % self.documents], &mut rng)).collect();
        let old = Model { seen: self.seen, blur: self.blur, axes: axes(self.dims.0, &mut rng) };
        let new = Model { seen: self.latent, blur: 0.0, axes: axes(self.dims.1, &mut rng) };
        let mut embedded = |name: &str, model: &Model| Embedded {
            name: name.to_owned(),
            documents: model.embed(&documents, &mut rng),
            queries: (self.queries > 0).then(|| model.embed(&queries, &mut rng)),
        };
        let (old, new) = (embedded("old", &old), embedded("new", &new));
        let case = Case {
            old,
            new,
            documents: (0..self.documents).map(|document| format!("d{document}")).collect(),
            queries: (0..self.queries).map(|query| format!("q{query}")).collect(),
            relevance: relevance(&documents, &queries),
            beside: Beside::default(),
            similarity: Similarity::Cosine,
            notices: Vec::new(),
        };
        case.checked().unwrap()
    }
}

/// A case without its queries, so that documents ask; judgements of queries go with them.
pub(crate) fn without_queries(mut case: Case) -> Case {
    case.queries.clear();
    (case.old.queries, case.new.queries) = (None, None);
    match &mut case.relevance {
        Relevance::Labels { queries, .. } => queries.clear(),
        relevance => *relevance = Relevance::Unknown,
    }
    case.beside = Beside::default();
    case.checked().unwrap()
}

/// What sees some coordinates of a point and gives them along its own axes.
struct Model {
    seen: usize,
    blur: f64,
    axes: Vec<Vec<f64>>,
}

impl Model {
    fn embed(&self, points: &[Vec<f64>], rng: &mut ChaCha8Rng) -> Vectors {
        let dims = self.axes.len();
        let mut numbers = Vec::with_capacity(points.len() * dims);
        for point in points {
            let noise = normals(dims, rng);
            let seen = |at: usize| if at < self.seen { point[at] } else { 0.0 };
            let seen: Vec<f64> = (0..dims).map(|at| seen(at) + self.blur * noise[at]).collect();
            numbers.extend((0..dims).map(|to| (0..dims).map(|at| seen[at] * self.axes[at][to]).sum::<f64>() as f32));
        }
        Vectors::new(dims, numbers).unwrap()
    }
}

/// Random directions at right angles to each other, by Gram and Schmidt.
fn axes(dims: usize, rng: &mut ChaCha8Rng) -> Vec<Vec<f64>> {
    let mut axes: Vec<Vec<f64>> = Vec::with_capacity(dims);
    for _ in 0..dims {
        let mut axis = normals(dims, rng);
        for other in &axes {
            let along: f64 = axis.iter().zip(other).map(|(a, b)| a * b).sum();
            axis.iter_mut().zip(other).for_each(|(number, other)| *number -= along * other);
        }
        let length = axis.iter().map(|number| number * number).sum::<f64>().sqrt();
        axes.push(axis.iter().map(|number| number / length).collect());
    }
    axes
}

/// Numbers close to normal ones of deviation 1: sums of twelve uniform ones.
fn normals(count: usize, rng: &mut ChaCha8Rng) -> Vec<f64> {
    (0..count).map(|_| (0..12).map(|_| rng.random::<f64>()).sum::<f64>() - 6.0).collect()
}
