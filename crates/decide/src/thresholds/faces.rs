//! Whether two rows are of one label (one person, say), told by their similarity alone.

use std::collections::BTreeMap;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::TarAtFar;
use crate::{
    DecideError, Pulse, Relevance, Vectors,
    options::{within, workbench::Workbench},
    rank::Index,
};

/// Rates of false accepts that are asked for.
const FARS: [f64; 2] = [1e-2, 1e-3];

/// Labels at least, and rows of the median one at most, for labels to be like people.
const LEAST_LABELS: usize = 50;
const MOST_ROWS: usize = 8;

/// Pairs of one label at most; where there are more, every so many-th is taken. Far above what real sets of faces have.
const MOST_SAME: u64 = 2_000_000;

/// Pairs of two labels at most, drawn by seed where there are more.
const MOST_DIFFERENT: u64 = 200_000;

/// Pairs scored between two calls of a pulse.
const PAIRS: usize = 4096;

/// Of the documents of each model among themselves; `None` where labels are few or have many rows.
pub(super) fn tar_at_far(bench: &Workbench<'_>, pulse: Pulse<'_>) -> Result<Option<Vec<TarAtFar>>, DecideError> {
    let Relevance::Labels { documents: labels, .. } = &bench.case.relevance else { return Ok(None) };
    let groups = groups(labels);
    if !are_like_faces(&groups) {
        return Ok(None);
    }
    let same = same_pairs(&groups, MOST_SAME);
    if same.is_empty() {
        return Ok(None);
    }
    let different = different_pairs(&groups, bench.settings.seed);
    let mut rows = Vec::new();
    let models = [(&bench.case.old, &bench.old, 0.0), (&bench.case.new, &bench.new, 0.5)];
    for (model, index, start) in models {
        let (middle, end) = (start + 0.25, start + 0.5);
        let own = scores(&model.documents, index, &same, &mut within(&mut *pulse, start, middle))?;
        let mut others = scores(&model.documents, index, &different, &mut within(&mut *pulse, middle, end))?;
        others.sort_unstable_by(|a, b| b.total_cmp(a));
        rows.extend(FARS.map(|far| {
            let (tar, cut) = accepted(&own, &others, far);
            TarAtFar { system: model.name.clone(), far, tar, cut }
        }));
    }
    Ok(Some(rows))
}

/// Rows of each label, ascending.
fn groups(labels: &[Option<u32>]) -> Vec<Vec<usize>> {
    let mut groups: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
    for (row, label) in labels.iter().enumerate() {
        if let Some(label) = label {
            groups.entry(*label).or_default().push(row);
        }
    }
    groups.into_values().collect()
}

/// Whether there are many labels, at least half of them with few rows.
fn are_like_faces(groups: &[Vec<usize>]) -> bool {
    let few = groups.iter().filter(|rows| rows.len() <= MOST_ROWS).count();
    groups.len() >= LEAST_LABELS && 2 * few >= groups.len()
}

/// Pairs of rows of one label, evenly spread over all of these where there are more than `most`.
fn same_pairs(groups: &[Vec<usize>], most: u64) -> Vec<(usize, usize)> {
    let count = |rows: usize| rows as u64 * (rows as u64).saturating_sub(1) / 2;
    let all: u64 = groups.iter().map(|rows| count(rows.len())).sum();
    let step = all.div_ceil(most).max(1);
    let mut pairs = Vec::new();
    // Pairs are numbered row by row; `next` is the number of the next one to take, and `number` that of the first pair of a row.
    let (mut number, mut next) = (0_u64, 0_u64);
    for rows in groups {
        for (place, &row) in rows.iter().enumerate() {
            let partners = rows.get(place + 1..).unwrap_or_default();
            while let Some(&partner) = partners.get((next - number) as usize) {
                pairs.push((row, partner));
                next += step;
            }
            number += partners.len() as u64;
        }
    }
    pairs
}

/// Pairs of rows of two labels: all, or as many as are wanted drawn with replacement.
fn different_pairs(groups: &[Vec<usize>], seed: u64) -> Vec<(usize, usize)> {
    let labelled: Vec<(usize, usize)> =
        groups.iter().enumerate().flat_map(|(label, rows)| rows.iter().map(move |&row| (row, label))).collect();
    let square = |count: usize| (count as u64).pow(2);
    let all = (square(labelled.len()) - groups.iter().map(|rows| square(rows.len())).sum::<u64>()) / 2;
    if all <= MOST_DIFFERENT {
        let with_later = |(place, &(row, label)): (usize, &(usize, usize))| {
            let later = labelled.iter().skip(place + 1).filter(move |&&(_, other)| other != label);
            later.map(move |&(partner, _)| (row, partner)).collect::<Vec<_>>()
        };
        return labelled.iter().enumerate().flat_map(with_later).collect();
    }
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    // Unrelated to what else is drawn with this seed.
    rng.set_stream(53);
    let mut draw = || labelled.get(rng.random_range(0..labelled.len() as u32) as usize).copied();
    // One label with nearly all rows makes most draws vain; then there are fewer pairs.
    let drawn = (0..10 * MOST_DIFFERENT).filter_map(|_| {
        let ((row, label), (partner, other)) = (draw()?, draw()?);
        (label != other).then_some((row, partner))
    });
    drawn.take(MOST_DIFFERENT as usize).collect()
}

fn scores(
    documents: &Vectors,
    index: &Index<'_>,
    pairs: &[(usize, usize)],
    pulse: Pulse<'_>,
) -> Result<Vec<f32>, DecideError> {
    let mut scores = Vec::with_capacity(pairs.len());
    for chunk in pairs.chunks(PAIRS) {
        pulse(scores.len() as f64 / pairs.len() as f64)?;
        for of_row in chunk.chunk_by(|a, b| a.0 == b.0) {
            let row = of_row.first().map(|&(row, _)| documents.row(row)).unwrap_or_default();
            scores.extend(index.scores(row, of_row.iter().map(|&(_, partner)| partner as u32)));
        }
    }
    Ok(scores)
}

/// The share of `same` and the lowest score accepted where at most `far` of `different` are, which are sorted, the largest first.
fn accepted(same: &[f32], different: &[f32], far: f64) -> (Option<f64>, Option<f64>) {
    let allowed = (far * different.len() as f64) as usize;
    // Fewer pairs than 1 / far cannot tell that rate from 0.
    let limit = if allowed > 0 { different.get(allowed) } else { None };
    let Some(&limit) = limit else { return (None, None) };
    let above = same.iter().filter(|&&score| score > limit);
    let tar = above.count() as f64 / same.len().max(1) as f64;
    let cut = same.iter().chain(different).copied().filter(|&score| score > limit).min_by(f32::total_cmp);
    (Some(tar), cut.map(f64::from))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        options::{
            Settings,
            mixed::testing::{labelled, noise},
        },
        thresholds::Thresholds,
    };

    #[test]
    fn rates_by_hand() {
        // The 3rd and the 2nd highest of 200: .985 may not be accepted at one in a hundred, .995 and .99 may.
        let different: Vec<f32> = (0..200).map(|pair| 0.995 - 0.005 * pair as f32).collect();
        let same = [0.2, 0.986, 0.992, 0.3];
        let (tar, cut) = accepted(&same, &different, 0.01);
        assert_eq!((tar, cut), (Some(0.5), Some(f64::from(0.986_f32))));
        assert_eq!(accepted(&same, &different, 0.001), (None, None), "a thousandth of 200 pairs is none");
        // Where all scores are equal, whatever accepts one accepts all.
        assert_eq!(accepted(&[0.5; 3], &[0.5; 100], 0.01), (Some(0.0), None));
        assert_eq!(accepted(&same, &[], 0.01), (None, None));
    }

    #[test]
    fn pairs_of_one_label_are_all_or_evenly_spread() {
        let groups = vec![vec![0, 1, 2, 3], vec![9], vec![4, 5]];
        let all = [(0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3), (4, 5)];
        assert_eq!(same_pairs(&groups, 7), all);
        assert_eq!(same_pairs(&groups, 3), [(0, 1), (1, 2), (4, 5)]);
        assert_eq!(same_pairs(&groups, 1), [(0, 1)]);
    }

    #[test]
    fn pairs_of_two_labels_are_all_or_drawn() {
        let few = groups(&[Some(3), Some(1), None, Some(3), Some(1)]);
        assert_eq!(few, [vec![1, 4], vec![0, 3]]);
        assert_eq!(different_pairs(&few, 1), [(1, 0), (1, 3), (4, 0), (4, 3)]);
        let labels: Vec<Option<u32>> = (0..500).cycle().take(1000).map(Some).collect();
        let many = different_pairs(&groups(&labels), 1);
        assert_eq!(many.len() as u64, MOST_DIFFERENT);
        assert!(many.iter().all(|&(a, b)| labels[a] != labels[b]));
        assert_eq!(many, different_pairs(&groups(&labels), 1));
        assert_ne!(many, different_pairs(&groups(&labels), 2));
    }

    #[test]
    fn labels_like_people_are_many_with_few_rows() {
        let labels = |count: usize, rows: usize| vec![vec![0; rows]; count];
        assert!(are_like_faces(&labels(50, 8)) && !are_like_faces(&labels(49, 8)) && !are_like_faces(&labels(50, 9)));
        assert!(are_like_faces(&[labels(30, 2), labels(30, 500)].concat()));
        assert!(!are_like_faces(&[labels(30, 2), labels(31, 500)].concat()));
    }

    #[test]
    fn a_model_that_tells_people_apart_beside_one_that_does_not() {
        // The new model has one direction for each of 50 people, the old one the same for all.
        let labels: Vec<u32> = (0..50).flat_map(|label| [label, label]).collect();
        let new = labels.iter().flat_map(|&label| (0..50).map(move |at| f32::from(u8::from(at == label)))).collect();
        let (old, new) = (Vectors::new(2, [1.0, 0.0].repeat(100)).unwrap(), Vectors::new(50, new).unwrap());
        let case = labelled(old, new, &labels);
        let settings = Settings::default();
        let bench = Workbench::new(&case, &settings, &mut |_| Ok(())).unwrap();
        let rows = tar_at_far(&bench, &mut |_| Ok(())).unwrap().unwrap();
        let found: Vec<_> = rows.iter().map(|row| (&row.system[..], row.far, row.tar, row.cut)).collect();
        // 4,900 pairs of two people allow 49 and 4 false accepts.
        assert_eq!(found[..2], [("old", 1e-2, Some(0.0), None), ("old", 1e-3, Some(0.0), None)]);
        assert!(found[2..].iter().all(|row| row.0 == "new" && row.2 == Some(1.0)), "{found:?}");
        assert!(rows[3].cut.is_some_and(|cut| (cut - 1.0).abs() < 1e-6));

        let systems = [("old system".to_owned(), &bench.stay)];
        let whole: Option<Thresholds> = crate::thresholds::thresholds(&bench, &systems, &mut |_| Ok(())).unwrap();
        assert_eq!(whole.unwrap().faces, Some(rows));
        let cancelled = tar_at_far(&bench, &mut |_| Err(DecideError::Cancelled));
        assert_eq!(cancelled, Err(DecideError::Cancelled));
    }

    #[test]
    fn few_labels_are_no_faces() {
        let labels: Vec<u32> = (0..49).flat_map(|label| [label, label]).collect();
        let case = labelled(noise(98, 4, 1), noise(98, 4, 2), &labels);
        let settings = Settings::default();
        let bench = Workbench::new(&case, &settings, &mut |_| Ok(())).unwrap();
        assert_eq!(tar_at_far(&bench, &mut |_| Ok(())), Ok(None));
    }
}
