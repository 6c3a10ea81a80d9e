//! Rows of the two models that are of the same document or query: by their ids in any order, or without ids by their places.

use std::collections::HashMap;

use super::attach::{Attachment, Keyed};
use super::error::VectorsError;
use super::naming::{Kind, Part};
use super::pile::{Labels, Marks, Pair, Pile, Row, single};
use super::roles::{Beside, List, Placed};
use super::things::Names;
use crate::words;

/// Documents and queries that both models have.
#[derive(Debug, Default)]
pub(super) struct Joined {
    pub documents: Pile,
    pub queries: Option<Pile>,
    /// Which rows of `documents` are of a training part, where there is a test part too.
    pub training: Option<Vec<bool>>,
    /// Names of the labels of both.
    pub labels: Labels,
    /// Whether each model said itself which row is which, by ids of its own or in records of one file.
    pub with_ids: bool,
}

/// Joins all pairs.
///
/// # Errors
/// Two arrays without ids differ in length, or two with ids have none in common.
pub(super) fn join(
    pairs: &[Pair],
    beside: &[Beside],
    attachment: &Attachment,
    notices: &mut Vec<String>,
) -> Result<Joined, VectorsError> {
    let mut joined = Joined { with_ids: true, ..Joined::default() };
    let (mut parts, mut found) = (Vec::new(), vec![false; attachment.keyed.len()]);
    for (place, (pair, [old, new])) in pairs.iter().zip(&attachment.of).enumerate() {
        let ids = |at: Option<usize>| at.and_then(|at| beside.get(at)).and_then(names);
        let sides = [Side { array: &pair.old, ids: ids(old.ids) }, Side { array: &pair.new, ids: ids(new.ids) }];
        let together = pair.old.bundle.is_some() && pair.old.bundle == pair.new.bundle;
        let own = old.ids.is_some() && new.ids.is_some() && old.ids != new.ids;
        joined.with_ids &= own || together;
        let mut pile = rows(place as u32, pair.kind, &sides, notices)?;
        let lists = [old.labels, new.labels].map(|at| at.and_then(|at| beside.get(at)));
        pile.marks = marks(&pile, pair.kind, lists, &mut joined.labels, notices);
        for (keyed, found) in attachment.keyed.iter().zip(&mut found) {
            *found |= by_id(&mut pile, keyed, beside, &mut joined.labels);
        }
        match pair.kind {
            Kind::Documents => {
                parts.extend(std::iter::repeat_n(pair.part, pile.len()));
                joined.documents.append(pile, pairs);
            }
            Kind::Queries => joined.queries.get_or_insert_default().append(pile, pairs),
        }
    }
    for (keyed, _) in attachment.keyed.iter().zip(&found).filter(|&(_, &found)| !found) {
        if let Some(list) = beside.get(keyed.labels) {
            notices
                .push(format!("The ids beside {} are none of the vectors', so its labels were left out.", list.path));
        }
    }
    let train = |part: &Option<Part>| *part == Some(Part::Train);
    joined.training = (parts.iter().any(train) && !parts.iter().all(train)).then(|| parts.iter().map(train).collect());
    Ok(joined)
}

fn names(list: &Beside) -> Option<&Names> {
    match &list.list {
        List::Names(names) => Some(names),
        List::Sets(_) => None,
    }
}

/// An array and the ids of its rows.
struct Side<'a> {
    array: &'a Placed,
    ids: Option<&'a Names>,
}

/// The rows of a pair that are of the same document or query, in the order of the old model.
fn rows(pair: u32, kind: Kind, [old, new]: &[Side<'_>; 2], notices: &mut Vec<String>) -> Result<Pile, VectorsError> {
    let row = |(old, new): (usize, usize)| Row { pair, old: old as u32, new: new as u32 };
    let what = kind.plural();
    match (old.ids, new.ids) {
        (Some(first), Some(second)) if first.values != second.values => {
            let (first, second) = (single(&first.values), single(&second.values));
            let places: HashMap<&str, usize> = second.iter().enumerate().map(|(at, id)| (id.as_str(), at)).collect();
            let found = |(at, id): (usize, &String)| Some((row((at, *places.get(id.as_str())?)), id.clone()));
            let (rows, ids): (Vec<Row>, Vec<String>) = first.iter().enumerate().filter_map(found).unzip();
            if rows.is_empty() {
                return Err(VectorsError::Disjoint {
                    what,
                    first: old.array.path.clone(),
                    first_id: first.first().cloned().unwrap_or_default(),
                    second: new.array.path.clone(),
                    second_id: second.first().map(|id| id.as_str().into()).unwrap_or_default(),
                });
            }
            let (only_old, only_new) = (first.len() - rows.len(), second.len() - rows.len());
            if only_old + only_new > 0 {
                notices.push(format!(
                    "{only_old} of the {what} of {} and {only_new} of those of {} were left out, as only one model has them.",
                    old.array.path, new.array.path
                ));
            }
            Ok(Pile { rows, ids: Some(ids), marks: None })
        }
        (first, second) => {
            let (first_rows, second_rows) = (old.array.matrix.rows(), new.array.matrix.rows());
            if first_rows != second_rows {
                let (first, second) = (old.array.path.clone(), new.array.path.clone());
                return Err(VectorsError::Counts { what, first, first_rows, second, second_rows });
            }
            let ids = first.or(second).map(|ids| single(&ids.values));
            Ok(Pile { rows: (0..first_rows).map(|at| row((at, at))).collect(), ids, marks: None })
        }
    }
}

/// The labels of rows out of the lists of the old and of the new array.
fn marks(
    pile: &Pile,
    kind: Kind,
    [old, new]: [Option<&Beside>; 2],
    labels: &mut Labels,
    notices: &mut Vec<String>,
) -> Option<Marks> {
    let mut of = |list: &Beside, row: fn(&Row) -> u32| read(list, pile.rows.iter().map(row), labels);
    let (first, second) = (old.map(|list| of(list, |row| row.old)), new.map(|list| of(list, |row| row.new)));
    for list in [old, new].into_iter().flatten() {
        let sentence = format!("{} holds bytes that are no UTF-8; they were read as Latin-1.", list.path);
        if names(list).is_some_and(|names| names.latin) && !notices.contains(&sentence) {
            notices.push(sentence);
        }
    }
    let (first, second) = match (first, second) {
        (Some(first), Some(second)) => (first, second),
        (first, second) => return first.or(second),
    };
    let differ = (0..pile.len()).filter(|&at| first.of(at) != second.of(at)).count();
    if let (Some(old), Some(new)) = (old, new)
        && differ > 0
    {
        notices.push(if old.path == new.path {
            format!(
                "{} names no model, and the models' rows are in different orders: its labels were taken to be in the order of the old \
                 model's. Where they are in the new one's, put that model's name into the name of the file.",
                old.path
            )
        } else {
            format!(
                "{differ} {} have other labels in {} than in {}; those of the first were taken.",
                kind.plural(),
                old.path,
                new.path
            )
        });
    }
    Some(first)
}

/// The labels of some rows of a list.
fn read(list: &Beside, rows: impl Iterator<Item = u32>, labels: &mut Labels) -> Marks {
    match &list.list {
        List::Names(names) => {
            let name = |row: u32| names.values.get(row as usize).and_then(|name| labels.place(name));
            Marks::One(rows.map(name).collect())
        }
        List::Sets(sets) => {
            let places: Vec<Option<u32>> = sets.names.iter().map(|name| labels.place(name)).collect();
            let place = |&label: &u32| places.get(label as usize).copied().flatten();
            let set =
                |row: u32| sets.of.get(row as usize).map(|set| set.iter().filter_map(place).collect::<Vec<u32>>());
            Marks::Several(rows.map(|row| set(row).unwrap_or_default()).collect())
        }
    }
}

/// Gives rows that have no labels those of a list with ids, where at least one id is of theirs; whether it is.
fn by_id(pile: &mut Pile, keyed: &Keyed, beside: &[Beside], labels: &mut Labels) -> bool {
    let (Some(ids), Some(list)) = (beside.get(keyed.ids).and_then(names), beside.get(keyed.labels)) else {
        return false;
    };
    let (None, Some(own)) = (&pile.marks, &pile.ids) else { return false };
    let places: HashMap<&str, u32> = ids.values.iter().zip(0..).map(|(id, at)| (id.as_str(), at)).collect();
    let found: Vec<u32> = own.iter().map(|id| places.get(id.as_str()).copied().unwrap_or(u32::MAX)).collect();
    let any = found.iter().any(|&at| at != u32::MAX);
    if any {
        // No list is as long as that, so what is not found has no label.
        pile.marks = Some(read(list, found.into_iter(), labels));
    }
    any
}

/// A sentence on ids that stand more than once; none where each stands once.
pub(super) fn repeated(beside: &[Beside], attachment: &Attachment) -> Option<String> {
    let lists = attachment.of.iter().flatten().filter_map(|of| of.ids.and_then(|at| beside.get(at)));
    let mut told = Vec::new();
    for list in lists {
        let Some(names) = names(list) else { continue };
        let mut sorted: Vec<&str> = names.values.iter().map(String::as_str).collect();
        sorted.sort_unstable();
        let more = sorted.len();
        sorted.dedup();
        let sentence = format!("{} ({} of {more})", list.path, more - sorted.len());
        if more > sorted.len() && !told.contains(&sentence) {
            told.push(sentence);
        }
    }
    let list = words::list(told.iter().map(String::as_str), "");
    (!told.is_empty()).then(|| format!("Some ids stand more than once, so they were numbered (`a`, `a#2`): {list}."))
}

#[cfg(test)]
mod tests {
    use super::super::attach::Attached;
    use super::super::matrix::Matrix;
    use super::*;

    fn placed(path: &str, kind: Kind, rows: usize) -> Placed {
        Placed {
            path: path.into(),
            bundle: None,
            kind,
            part: None,
            matrix: Matrix::Held { dims: 1, numbers: vec![0.0; rows] },
        }
    }

    fn pair(old: usize, new: usize) -> Pair {
        let kind = Kind::Documents;
        Pair { kind, part: None, old: placed("old", kind, old), new: placed("new", kind, new) }
    }

    fn list(path: &str, names: &str) -> Beside {
        let list = List::Names(names.split(' ').map(str::to_owned).collect());
        Beside { path: path.into(), bundle: None, used: None, kind: None, part: None, model: None, list }
    }

    fn attached(ids: [Option<usize>; 2], labels: [Option<usize>; 2]) -> Attachment {
        let [old, new] = [0, 1].map(|side| Attached { ids: ids[side], labels: labels[side] });
        Attachment { of: vec![[old, new]], keyed: Vec::new() }
    }

    #[test]
    fn ids_join_rows_in_any_order() {
        let beside = [list("a", "x y z z"), list("b", "z w x z"), list("labels", "p q q p")];
        let mut notices = Vec::new();
        let attachment = attached([Some(0), Some(1)], [Some(2), Some(2)]);
        let joined = join(&[pair(4, 4)], &beside, &attachment, &mut notices).unwrap();
        let rows: Vec<_> = joined.documents.rows.iter().map(|row| (row.old, row.new)).collect();
        assert_eq!(rows, [(0, 2), (2, 0), (3, 3)]);
        assert_eq!(joined.documents.ids.unwrap(), ["x", "z", "z#2"]);
        assert_eq!(joined.documents.marks, Some(Marks::One(vec![Some(0), Some(1), Some(0)])));
        assert!(joined.with_ids && joined.training.is_none());
        assert_eq!(
            notices[0],
            "1 of the documents of old and 1 of those of new were left out, as only one model has them."
        );
        assert!(notices[1].starts_with("labels names no model"), "{notices:?}");
        assert_eq!(
            repeated(&beside, &attachment).unwrap(),
            "Some ids stand more than once, so they were numbered (`a`, `a#2`): a (1 of 4), b (1 of 4)."
        );
    }

    #[test]
    fn without_ids_of_each_model_places_count() {
        let beside = [list("ids", "x y")];
        for ids in [[None, None], [Some(0), None], [Some(0), Some(0)]] {
            let joined = join(&[pair(2, 2)], &beside, &attached(ids, [None; 2]), &mut Vec::new()).unwrap();
            assert!(!joined.with_ids, "{ids:?}");
            assert_eq!(joined.documents.rows[1], Row { pair: 0, old: 1, new: 1 });
            assert_eq!(joined.documents.ids.is_some(), ids[0].is_some());
        }
        let said =
            join(&[pair(2, 3)], &beside, &attached([None; 2], [None; 2]), &mut Vec::new()).unwrap_err().to_string();
        assert!(said.starts_with("old has 2 rows and new 3; without ids both must be of the same documents"), "{said}");
        let beside = [list("a", "x y"), list("b", "p q")];
        let said = join(&[pair(2, 2)], &beside, &attached([Some(0), Some(1)], [None; 2]), &mut Vec::new()).unwrap_err();
        assert!(
            said.to_string().starts_with("none of the documents of old (such as `x`) has an id of new (such as `p`)"),
            "{said}"
        );
    }

    #[test]
    fn records_of_one_file_are_joined() {
        let mut pair = pair(2, 2);
        (pair.old.bundle, pair.new.bundle) = (Some(1), Some(1));
        assert!(join(&[pair], &[], &attached([None; 2], [None; 2]), &mut Vec::new()).unwrap().with_ids);
    }

    #[test]
    fn labels_by_id_reach_their_rows() {
        let beside = [list("ids", "a b c"), list("l/id", "c a"), list("l/label", "x y")];
        let mut attachment = attached([Some(0), Some(0)], [None; 2]);
        attachment.keyed.push(Keyed { ids: 1, labels: 2 });
        let joined = join(&[pair(3, 3)], &beside, &attachment, &mut Vec::new()).unwrap();
        // Numbered as the documents come.
        assert_eq!(joined.documents.marks, Some(Marks::One(vec![Some(0), None, Some(1)])));
        assert_eq!(joined.labels.names, ["y", "x"]);
    }

    #[test]
    fn parts_follow_one_another() {
        let (mut train, mut test) = (pair(2, 2), pair(1, 1));
        (train.part, test.part) = (Some(Part::Train), Some(Part::Test));
        let attachment = Attachment { of: vec![Default::default(), Default::default()], keyed: Vec::new() };
        let joined = join(&[train, test], &[], &attachment, &mut Vec::new()).unwrap();
        assert_eq!(joined.training, Some(vec![true, true, false]));
        assert_eq!(joined.documents.rows[2], Row { pair: 1, old: 0, new: 0 });
    }
}
