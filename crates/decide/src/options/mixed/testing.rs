//! Small cases out of given rows, to try half-migrated indexes, thresholds and numbers of pairs on.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::{Case, Embedded, Relevance, Similarity, Vectors};

/// Numbers uniform over `-1..1`.
pub(crate) fn noise(rows: usize, dims: usize, seed: u64) -> Vectors {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    Vectors::new(dims, (0..rows * dims).map(|_| rng.random_range(-1.0..1.0)).collect()).unwrap()
}

/// The rows, each number moved by up to `spread`.
pub(crate) fn near(rows: &Vectors, spread: f32, seed: u64) -> Vectors {
    let noise = noise(rows.count(), rows.dims(), seed);
    let moved = rows.numbers().iter().zip(noise.numbers()).map(|(number, noise)| number + spread * noise);
    Vectors::new(rows.dims(), moved.collect()).unwrap()
}

/// Documents and queries by the old and the new model; query `i` asks for document `relevant[i]`.
pub(crate) fn search(old: [Vectors; 2], new: [Vectors; 2], relevant: &[usize]) -> Case {
    let model = |name: &str, [documents, queries]: [Vectors; 2]| Embedded {
        name: name.to_owned(),
        documents,
        queries: Some(queries),
    };
    let documents = old[0].count();
    let case = Case {
        old: model("old", old),
        new: model("new", new),
        documents: (0..documents).map(|document| format!("d{document}")).collect(),
        queries: (0..relevant.len()).map(|query| format!("q{query}")).collect(),
        relevance: Relevance::Judged(relevant.iter().map(|&document| vec![(document, 1.0)]).collect()),
        beside: crate::Beside::default(),
        similarity: Similarity::Cosine,
        notices: Vec::new(),
    };
    case.checked().unwrap()
}

/// Documents that ask, by the old and the new model, each with a label.
pub(crate) fn labelled(old: Vectors, new: Vectors, labels: &[u32]) -> Case {
    let model = |name: &str, documents| Embedded { name: name.to_owned(), documents, queries: None };
    let most = labels.iter().copied().max().unwrap();
    let case = Case {
        old: model("old", old),
        new: model("new", new),
        documents: (0..labels.len()).map(|document| format!("d{document}")).collect(),
        queries: Vec::new(),
        relevance: Relevance::Labels {
            documents: labels.iter().copied().map(Some).collect(),
            queries: Vec::new(),
            names: (0..=most).map(|label| format!("l{label}")).collect(),
        },
        beside: crate::Beside::default(),
        similarity: Similarity::Cosine,
        notices: Vec::new(),
    };
    case.checked().unwrap()
}
