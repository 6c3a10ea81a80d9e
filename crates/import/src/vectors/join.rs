//! Rows of the two models that are of the same document or query: by their ids in any order, or without ids by their places.

use std::collections::HashMap;

use super::attach::{Attachment, Keyed};
use super::error::VectorsError;
use super::naming::{Kind, Part, Use};
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
    /// Names of tasks.
    pub tasks: Labels,
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
        let lists = |of: [Option<usize>; 2]| of.map(|at| at.and_then(|at| beside.get(at)));
        let (labels, tasks) = (lists([old.labels, new.labels]), lists([old.tasks, new.tasks]));
        pile.marks = marks(&pile, pair.kind, labels, Use::Labels, &mut joined.labels, notices);
        pile.tasks = marks(&pile, pair.kind, tasks, Use::Tasks, &mut joined.tasks, notices);
        pile.texts = texts(&pile, lists([old.texts, new.texts]), notices);
        for (keyed, found) in attachment.keyed.iter().zip(&mut found) {
            *found |= by_id(&mut pile, keyed, beside, [&mut joined.labels, &mut joined.tasks]);
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
        if let Some(list) = beside.get(keyed.list) {
            let (path, what) = (&list.path, keyed.of.plural());
            notices.push(format!("The ids beside {path} are none of the vectors', so its {what} were left out."));
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
            notices.push(format!("{} {what} were joined by their ids.", rows.len()));
            let (only_old, only_new) = (first.len() - rows.len(), second.len() - rows.len());
            if only_old + only_new > 0 {
                notices.push(format!(
                    "{only_old} of the {what} of {} and {only_new} of those of {} were left out, as only one model has them.",
                    old.array.path, new.array.path
                ));
            }
            Ok(Pile { rows, ids: Some(ids), ..Pile::default() })
        }
        (first, second) => {
            let (first_rows, second_rows) = (old.array.matrix.rows(), new.array.matrix.rows());
            if first_rows != second_rows {
                let (first, second) = (old.array.path.clone(), new.array.path.clone());
                return Err(VectorsError::Counts { what, first, first_rows, second, second_rows });
            }
            let ids = first.or(second).map(|ids| single(&ids.values));
            Ok(Pile { rows: (0..first_rows).map(|at| row((at, at))).collect(), ids, ..Pile::default() })
        }
    }
}

/// The labels or tasks of rows out of the lists of the old and of the new array.
fn marks(
    pile: &Pile,
    kind: Kind,
    [old, new]: [Option<&Beside>; 2],
    used: Use,
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
            in_old_order(&old.path, used)
        } else {
            format!(
                "{differ} {} have other {} in {} than in {}; those of the first were taken.",
                kind.plural(),
                used.plural(),
                old.path,
                new.path
            )
        });
    }
    Some(first)
}

/// A sentence on a list that goes with rows in two orders.
fn in_old_order(path: &str, used: Use) -> String {
    format!(
        "{path} names no model, and the models' rows are in different orders: its {} were taken to be in the order of the old model's. \
         Where they are in the new one's, put that model's name into the name of the file.",
        used.plural()
    )
}

/// The texts of rows out of the list of the old array, and where that has none, of the new one.
fn texts(pile: &Pile, [old, new]: [Option<&Beside>; 2], notices: &mut Vec<String>) -> Option<Vec<String>> {
    if let (Some(old), Some(new)) = (old, new)
        && old.path == new.path
        && pile.rows.iter().any(|row| row.old != row.new)
    {
        notices.push(in_old_order(&old.path, Use::Texts));
    }
    let (old, new) = (old.and_then(names), new.and_then(names));
    if old.is_none() && new.is_none() {
        return None;
    }
    let of = |list: Option<&Names>, row: u32| list?.values.get(row as usize).filter(|text| !text.is_empty()).cloned();
    let text = |row: &Row| of(old, row.old).or_else(|| of(new, row.new)).unwrap_or_default();
    Some(pile.rows.iter().map(text).collect())
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

/// Gives rows that have no labels, tasks or texts those of a list with ids, where at least one id is of theirs; whether it is.
fn by_id(pile: &mut Pile, keyed: &Keyed, beside: &[Beside], [labels, tasks]: [&mut Labels; 2]) -> bool {
    let (Some(ids), Some(list)) = (beside.get(keyed.ids).and_then(names), beside.get(keyed.list)) else {
        return false;
    };
    let Some(own) = &pile.ids else { return false };
    let taken = match keyed.of {
        Use::Labels => pile.marks.is_some(),
        Use::Tasks => pile.tasks.is_some(),
        Use::Texts => pile.texts.is_some(),
        Use::Ids => true,
    };
    if taken {
        return false;
    }
    let places: HashMap<&str, u32> = ids.values.iter().zip(0..).map(|(id, at)| (id.as_str(), at)).collect();
    let found: Vec<u32> = own.iter().map(|id| places.get(id.as_str()).copied().unwrap_or(u32::MAX)).collect();
    let any = found.iter().any(|&at| at != u32::MAX);
    if any {
        // No list is as long as that, so what is not found has nothing.
        match keyed.of {
            Use::Labels => pile.marks = Some(read(list, found.into_iter(), labels)),
            Use::Tasks => pile.tasks = Some(read(list, found.into_iter(), tasks)),
            Use::Texts => {
                let text = |at: u32| names(list)?.values.get(at as usize).cloned();
                pile.texts = Some(found.into_iter().map(|at| text(at).unwrap_or_default()).collect());
            }
            Use::Ids => {}
        }
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
        let [old, new] = [0, 1].map(|side| Attached { ids: ids[side], labels: labels[side], ..Attached::default() });
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
            notices[..2],
            [
                "3 documents were joined by their ids.",
                "1 of the documents of old and 1 of those of new were left out, as only one model has them."
            ]
        );
        assert!(notices[2].starts_with("labels names no model"), "{notices:?}");
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
    fn lists_by_id_reach_their_rows() {
        let beside = [list("ids", "a b c"), list("l/id", "c a"), list("l/label", "x y")];
        let mut attachment = attached([Some(0), Some(0)], [None; 2]);
        attachment.keyed = [Use::Labels, Use::Tasks, Use::Texts].map(|of| Keyed { ids: 1, list: 2, of }).to_vec();
        let joined = join(&[pair(3, 3)], &beside, &attachment, &mut Vec::new()).unwrap();
        assert_eq!(joined.documents.tasks, joined.documents.marks);
        assert_eq!(joined.documents.texts.unwrap(), ["y", "", "x"]);
        // Numbered as the documents come.
        assert_eq!(joined.documents.marks, Some(Marks::One(vec![Some(0), None, Some(1)])));
        assert_eq!(
            (&joined.labels.names, &joined.tasks.names),
            (&vec!["y".to_owned(), "x".into()], &joined.labels.names)
        );
    }

    #[test]
    fn texts_of_the_new_model_fill_those_of_the_old_one() {
        let beside = [list("a", "x y z"), list("b", "z x w"), list("t/a", "p  "), list("t/b", "r s t")];
        let mut attachment = attached([Some(0), Some(1)], [None; 2]);
        let [old, new] = &mut attachment.of[0];
        (old.texts, new.texts) = (Some(2), Some(3));
        let joined = join(&[pair(3, 3)], &beside, &attachment, &mut Vec::new()).unwrap();
        assert_eq!(joined.documents.texts.unwrap(), ["p", "r"]);
        attachment.of[0][0].texts = None;
        let joined = join(&[pair(3, 3)], &beside, &attachment, &mut Vec::new()).unwrap();
        assert_eq!(joined.documents.texts.unwrap(), ["s", "r"]);
        attachment.of[0][0].texts = Some(3);
        let mut notices = Vec::new();
        let joined = join(&[pair(3, 3)], &beside, &attachment, &mut notices).unwrap();
        assert_eq!(joined.documents.texts.unwrap(), ["r", "t"]);
        assert!(notices.iter().any(|said| said.contains("its texts were taken to be in the order of the old")));
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
