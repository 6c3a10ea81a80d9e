//! Writes a folder of bridges of every family, both ways and in every form, with what the lab makes of rows by them, for
//! `tests/leaves.py` to check with the programs that others would use:
//!
//! ```text
//! cargo run --release -p decide --example leave -- OUT && python3 crates/decide/tests/leaves.py OUT
//! ```

use std::error::Error;
use std::path::Path;

use decide::leave::{Leaving, ONNX_FILE, SAFETENSORS_FILE, npy, onnx, safetensors, snippets};
use decide::maps::{Direction, Family, Map, Pairs, fit};
use decide::rank::Index;
use decide::{DecideError, Similarity, Vectors};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};

/// Numbers that both models see of a document.
const LATENT: usize = 12;
const DOCUMENTS: usize = 600;
const QUERIES: usize = 40;
/// Subjects that documents are about.
const SUBJECTS: usize = 8;

struct Model {
    name: &'static str,
    documents: Vectors,
    queries: Vectors,
}

fn main() -> Result<(), Box<dyn Error>> {
    let out = std::env::args_os().nth(1).ok_or("usage: leave OUT")?;
    let out = Path::new(&out);
    let mut rng = ChaCha8Rng::seed_from_u64(17);
    let latents = latents(&mut rng);
    // Names that have to be escaped.
    let old = model(&mut rng, "glove \"50\" it's", &latents, 24)?;
    let new = model(&mut rng, "MiniLM é\\n", &latents, 32)?;

    let (mut bridges, mut left_out) = (Vec::new(), Vec::new());
    for family in Family::ALL {
        for (direction, word) in [(Direction::Queries, "queries"), (Direction::Gallery, "gallery")] {
            let folder = format!("{}-{word}", family.id());
            let (from, to) = match direction {
                Direction::Queries => (&new, &old),
                Direction::Gallery => (&old, &new),
            };
            match fitted(family, from, to) {
                Ok(map) => bridges.push(write(&out.join(&folder), &folder, direction, [from, to], &map)?),
                Err(why) => left_out.push(json!({ "folder": folder, "why": why.to_string() })),
            }
        }
    }
    println!("{} bridges in {}", bridges.len(), out.display());
    for bridge in &left_out {
        println!("left out: {bridge}");
    }
    let text = json!({ "old": all(&old), "new": all(&new), "bridges": bridges, "left_out": left_out });
    std::fs::write(out.join("case.json"), text.to_string())?;
    Ok(())
}

/// What documents and then queries are about: near the centre of a subject.
fn latents(rng: &mut ChaCha8Rng) -> Vec<Vec<f32>> {
    let centres: Vec<Vec<f32>> = (0..SUBJECTS).map(|_| numbers(rng, LATENT)).collect();
    let near = |centre: &Vec<f32>| {
        let noise = numbers(rng, LATENT);
        centre.iter().zip(noise).map(|(number, noise)| number + 0.7 * noise).collect()
    };
    centres.iter().cycle().take(DOCUMENTS + QUERIES).map(near).collect()
}

/// A model that sees them in its own way, bent and with rows of other lengths.
fn model(rng: &mut ChaCha8Rng, name: &'static str, latents: &[Vec<f32>], dims: usize) -> Result<Model, DecideError> {
    let weights: Vec<Vec<f32>> = (0..dims).map(|_| numbers(rng, LATENT)).collect();
    let mut data = Vec::new();
    for latent in latents {
        let length = 0.2 + 5.0 * rng.random::<f32>();
        for weights in &weights {
            let sum: f32 = weights.iter().zip(latent).map(|(weight, number)| weight * number).sum();
            data.push(length * ((0.5 * sum).tanh() + 0.2));
        }
    }
    let (documents, queries) = data.split_at(DOCUMENTS * dims);
    let vectors = |numbers: &[f32]| Vectors::new(dims, numbers.to_vec());
    Ok(Model { name, documents: vectors(documents)?, queries: vectors(queries)? })
}

/// Numbers about 0, near to normal ones.
fn numbers(rng: &mut ChaCha8Rng, count: usize) -> Vec<f32> {
    (0..count).map(|_| (0..4).map(|_| rng.random::<f32>()).sum::<f32>() - 2.0).collect()
}

fn fitted(family: Family, from: &Model, to: &Model) -> Result<Map, DecideError> {
    let (x, y) = (from.documents.unit(), to.documents.unit());
    let rows: Vec<usize> = (0..DOCUMENTS).collect();
    let pairs = Pairs::new(&x, &y, &rows, &mut |_| Ok(()))?;
    fit(family, &pairs, 17, &mut |_| Ok(()))
}

/// Writes a bridge in every form, and gives what the lab makes of rows by it.
fn write(
    folder: &Path,
    name: &str,
    direction: Direction,
    [from, to]: [&Model; 2],
    map: &Map,
) -> Result<Value, Box<dyn Error>> {
    let bridge = Leaving { map, direction, from: from.name, to: to.name };
    let mut files = vec![(SAFETENSORS_FILE.to_owned(), safetensors(&bridge)?), (ONNX_FILE.to_owned(), onnx(&bridge)?)];
    let arrays = npy(&bridge);
    let affine = arrays.is_ok();
    files.extend(arrays.unwrap_or_default());
    files.extend(snippets(&bridge).into_iter().map(|snippet| (snippet.file, snippet.text.into_bytes())));
    std::fs::create_dir_all(folder)?;
    for (file, bytes) in &files {
        std::fs::write(folder.join(file), bytes)?;
    }

    let rows = match direction {
        Direction::Queries => &from.queries,
        Direction::Gallery => &from.documents,
    };
    let mapped = map.apply(&rows.unit(), &mut |_| Ok(()))?;
    let (index, queries) = match direction {
        Direction::Queries => (&to.documents, &mapped),
        Direction::Gallery => (&mapped, &to.queries),
    };
    let ranking = Index::new(index, Similarity::Cosine)?.search(queries, 10, None, &mut |_| Ok(()))?;
    let documents = ranking.lists().map(|hits| hits.iter().map(|hit| hit.document).collect());
    let top: Vec<Vec<u32>> = documents.collect();
    let names: Vec<&String> = files.iter().map(|(file, _)| file).collect();
    Ok(json!({
        "folder": name,
        "direction": direction,
        "from": from.name,
        "to": to.name,
        "affine": affine,
        "files": names,
        "mapped": lines(&mapped),
        "top": top,
    }))
}

/// What leaves of a model.
fn all(model: &Model) -> Value {
    json!({ "name": model.name, "documents": lines(&model.documents), "queries": lines(&model.queries) })
}

fn lines(vectors: &Vectors) -> Vec<&[f32]> {
    vectors.rows().collect()
}
