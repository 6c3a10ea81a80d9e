//! Which ids and labels are those of which array.

use super::error::VectorsError;
use super::naming::Use;
use super::pile::Pair;
use super::roles::{Beside, List, Placed};
use crate::words;

/// The lists of ids and of labels of one array, by their places among all lists.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Attached {
    pub ids: Option<usize>,
    pub labels: Option<usize>,
}

/// What goes with the arrays of each pair, and the lists that go with ids and not with rows.
#[derive(Debug, Default)]
pub(super) struct Attachment {
    /// Of the old and of the new array of each pair.
    pub of: Vec<[Attached; 2]>,
    /// Labels with the ids that stand beside them in the same file.
    pub keyed: Vec<Keyed>,
}

/// A list of labels and the ids of its rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Keyed {
    pub ids: usize,
    pub labels: usize,
}

/// Finds the lists of each array: in the same file, or of as many rows with nothing in its name that says otherwise; the more its name
/// says, the better. `models` are the places of the old and the new one.
///
/// # Errors
/// Ids or labels have as many rows as no array, or two lists are as good for one.
pub(super) fn attach(
    pairs: &[Pair],
    beside: &[Beside],
    models: [usize; 2],
    notices: &mut Vec<String>,
) -> Result<Attachment, VectorsError> {
    let uses: Vec<Use> = beside.iter().map(use_of).collect();
    let mut attachment = Attachment::default();
    let mut used = vec![false; beside.len()];
    let mut doubts = Vec::new();
    let keyed = keyed(pairs, beside, &uses);
    // With ids of the vectors, labels with ids of their own go by these; else they are in the order of the vectors.
    let is_keyed = |at: usize| keyed.iter().any(|keyed| keyed.ids == at || keyed.labels == at);
    let ids = uses.iter().enumerate().any(|(at, &of)| of == Use::Ids && !is_keyed(at));
    if ids {
        for at in keyed.iter().flat_map(|keyed| [keyed.ids, keyed.labels]) {
            if let Some(used) = used.get_mut(at) {
                *used = true;
            }
        }
        attachment.keyed.clone_from(&keyed);
    }
    for pair in pairs {
        let mut of = [Attached::default(); 2];
        for ((attached, array), model) in of.iter_mut().zip([&pair.old, &pair.new]).zip(models) {
            for (wanted, place) in [(Use::Ids, &mut attached.ids), (Use::Labels, &mut attached.labels)] {
                let fitting = beside.iter().zip(&uses).enumerate().filter_map(|(at, (list, &used))| {
                    let open = used == wanted && !(ids && is_keyed(at));
                    let score = open.then(|| score(list, array, model, pairs)).flatten()?;
                    Some((score, at))
                });
                let best = fitting.clone().map(|(score, _)| score).max();
                let mut fitting = fitting.filter(|&(score, _)| Some(score) == best).map(|(_, at)| at);
                let Some(first) = fitting.next() else { continue };
                let other = fitting.find(|&other| rows_of(beside, other) != rows_of(beside, first));
                match other.and_then(|other| beside.get(other)).zip(beside.get(first)) {
                    // Lists that no name calls so are no reason to stop.
                    Some((other, first)) if first.used.is_none() => {
                        doubts.push((first.path.clone(), other.path.clone()))
                    }
                    Some((other, first)) => {
                        let (first, second) = (first.path.clone(), other.path.clone());
                        return Err(VectorsError::Both {
                            what: plural(wanted),
                            first,
                            second,
                            array: array.path.clone(),
                        });
                    }
                    None => {
                        *place = Some(first);
                        if let Some(used) = used.get_mut(first) {
                            *used = true;
                        }
                    }
                }
            }
        }
        attachment.of.push(of);
    }
    let unused = beside.iter().zip(&used).zip(&uses).filter(|((_, used), _)| !**used);
    let mut left = Vec::new();
    for ((list, _), &of) in unused {
        let arrays = || pairs.iter().flat_map(|pair| [&pair.old, &pair.new]);
        let meant = list.used.is_some() && list.model.is_none_or(|model| models.contains(&model));
        if meant && arrays().all(|array| array.matrix.rows() != entries(list)) {
            let arrays: Vec<String> =
                arrays().map(|array| format!("{}: {}", array.path, array.matrix.rows())).collect();
            let arrays = words::list(arrays.iter().map(String::as_str), "none");
            return Err(VectorsError::Entries {
                path: list.path.clone(),
                what: plural(of),
                entries: entries(list),
                arrays,
            });
        }
        left.push(list.path.as_str());
    }
    if !left.is_empty() {
        notices.push(format!(
            "Lists that go with none of the vectors were left out: {}.",
            words::list(left.into_iter(), "")
        ));
    }
    if let Some((first, second)) = doubts.first() {
        notices.push(format!(
            "{first} and {second} could both be ids or labels, and neither says so by its name (such as `ids` or `labels`), so both were \
             left out."
        ));
    }
    Ok(attachment)
}

/// Labels that stand in one file with ids and without vectors.
fn keyed(pairs: &[Pair], beside: &[Beside], uses: &[Use]) -> Vec<Keyed> {
    let arrays = || pairs.iter().flat_map(|pair| [&pair.old, &pair.new]);
    let find = |bundle: usize, wanted: Use| {
        beside.iter().zip(uses).position(|(list, &of)| list.bundle == Some(bundle) && of == wanted)
    };
    let labels = beside.iter().zip(uses).enumerate().filter(|(_, (_, of))| **of == Use::Labels);
    labels
        .filter_map(|(labels, (list, _))| {
            let bundle = list.bundle.filter(|&bundle| arrays().all(|array| array.bundle != Some(bundle)))?;
            Some(Keyed { ids: find(bundle, Use::Ids)?, labels })
        })
        .collect()
}

/// What a list is: by its name, or ids where every entry is another one.
fn use_of(list: &Beside) -> Use {
    match (list.used, &list.list) {
        (Some(said), _) => said,
        (None, List::Sets(_)) => Use::Labels,
        (None, List::Names(names)) => {
            let mut sorted: Vec<&str> = names.values.iter().map(String::as_str).collect();
            sorted.sort_unstable();
            let twice = sorted.windows(2).any(|two| two.first() == two.last());
            if twice { Use::Labels } else { Use::Ids }
        }
    }
}

fn entries(list: &Beside) -> usize {
    match &list.list {
        List::Names(names) => names.values.len(),
        List::Sets(sets) => sets.of.len(),
    }
}

fn rows_of(beside: &[Beside], at: usize) -> Option<&List> {
    beside.get(at).map(|list| &list.list)
}

fn plural(used: Use) -> &'static str {
    match used {
        Use::Ids => "ids",
        Use::Labels => "labels",
    }
}

/// How well a list goes with an array; none where it does not.
fn score(list: &Beside, array: &Placed, model: usize, pairs: &[Pair]) -> Option<u8> {
    if entries(list) != array.matrix.rows() {
        return None;
    }
    let arrays = || pairs.iter().flat_map(|pair| [&pair.old, &pair.new]);
    if list.bundle.is_some() && arrays().any(|array| array.bundle == list.bundle) {
        return (array.bundle == list.bundle).then_some(u8::MAX);
    }
    let same = |said: Option<bool>, weight: u8| match said {
        None => Some(0),
        Some(true) => Some(weight),
        Some(false) => None,
    };
    Some(
        same(list.model.map(|of| of == model), 4)?
            + same(list.kind.map(|of| of == array.kind), 2)?
            + same(list.part.map(|of| Some(of) == array.part), 1)?
            + u8::from(list.used.is_some()) * 8,
    )
}

#[cfg(test)]
mod tests {
    use super::super::Gathering;
    use super::super::matrix::Matrix;
    use super::super::parts;
    use super::super::roles::{Pick, cast, pick};
    use super::super::things::{Body, Names, Thing};
    use super::*;

    fn matrix(path: &str, rows: usize) -> Thing {
        let matrix = Matrix::Held { dims: 1, numbers: vec![0.0; rows] };
        Thing { path: path.into(), bundle: None, body: Body::Matrix(matrix) }
    }

    fn list(path: &str, names: &str) -> Thing {
        let names: Names = names.split(' ').map(str::to_owned).collect();
        Thing { path: path.into(), bundle: None, body: Body::Names(names) }
    }

    /// For each pair, paths of ids and labels of the old and of the new array; and the notices.
    fn of(things: Vec<Thing>) -> Result<(Vec<String>, Vec<String>), String> {
        let mut cast = cast(things, &Gathering::default());
        let Ok(Pick::Two { old, new, .. }) = pick(&cast.models, &Gathering::default()) else { panic!("no two models") };
        let mut notices = Vec::new();
        let second = cast.models.remove(new.max(old));
        let first = cast.models.remove(new.min(old));
        let (one, two) = if old < new { (first, second) } else { (second, first) };
        let pairs = parts::pairs(one, two, &mut cast.beside, &mut notices).unwrap();
        let found = attach(&pairs, &cast.beside, [old, new], &mut notices).map_err(|fault| fault.to_string())?;
        let path = |at: Option<usize>| at.map_or("-", |at| cast.beside[at].path.as_str());
        let short = |of: &Attached| format!("{} {}", path(of.ids), path(of.labels));
        let mut short: Vec<String> =
            found.of.iter().map(|[old, new]| format!("{}, {}", short(old), short(new))).collect();
        short.extend(found.keyed.iter().map(|keyed| format!("{} {}", path(Some(keyed.ids)), path(Some(keyed.labels)))));
        Ok((short, notices))
    }

    fn pair() -> Vec<Thing> {
        vec![matrix("old", 3), matrix("new", 3)]
    }

    fn with(more: Vec<Thing>) -> Vec<Thing> {
        pair().into_iter().chain(more).collect()
    }

    #[test]
    fn lists_go_with_the_arrays_that_they_name() {
        let found =
            of(with(vec![list("old_ids", "a b c"), list("new_ids", "b c a"), list("labels", "x x y")])).unwrap();
        assert_eq!(found, (vec!["old_ids labels, new_ids labels".to_owned()], vec![]));
        let found = of(with(vec![list("y", "x x y"), list("things", "a b c")])).unwrap();
        assert_eq!(found.0, ["things y, things y"]);
        let found = of(with(vec![list("ids", "a b c"), list("more", "d e f")])).unwrap();
        assert_eq!(found.0, ["ids -, ids -"]);
        assert_eq!(found.1, ["Lists that go with none of the vectors were left out: more."]);
    }

    #[test]
    fn kinds_have_their_own_lists() {
        let things = vec![
            matrix("old_corpus", 3),
            matrix("new_corpus", 3),
            matrix("old_queries", 2),
            matrix("new_queries", 2),
            list("corpus_ids", "a b c"),
            list("queries_ids", "q r"),
        ];
        assert_eq!(of(things).unwrap().0, ["corpus_ids -, corpus_ids -", "queries_ids -, queries_ids -"]);
    }

    #[test]
    fn parts_have_their_own_lists() {
        let arrays =
            ["train_old", "train_new", "test_old", "test_new", "val_old", "val_new"].map(|path| matrix(path, 3));
        let lists = ["train_labels", "val_labels", "test_labels"].map(|path| list(path, "x x y"));
        let found = of(arrays.into_iter().chain(lists).collect()).unwrap();
        assert_eq!(found.0, ["- train_labels, - train_labels", "- test_labels, - test_labels"]);
        let arrays = ["train_old", "train_new", "dev_old", "dev_new"].map(|path| matrix(path, 3));
        let lists = ["train_labels", "dev_labels"].map(|path| list(path, "x x y"));
        let found = of(arrays.into_iter().chain(lists).collect()).unwrap();
        assert_eq!(
            found,
            (vec!["- train_labels, - train_labels".to_owned(), "- dev_labels, - dev_labels".into()], vec![])
        );
    }

    #[test]
    fn labels_with_ids_of_their_own_go_by_these() {
        let mut ids = list("labels.csv/id", "a b c d");
        let mut labels = list("labels.csv/label", "x x y y");
        (ids.bundle, labels.bundle) = (Some(7), Some(7));
        let found = of(with(vec![ids, labels, list("ids", "b c a")])).unwrap();
        assert_eq!(found, (vec!["ids -, ids -".to_owned(), "labels.csv/id labels.csv/label".into()], vec![]));
        let mut ids = list("labels.csv/id", "a b c");
        let mut labels = list("labels.csv/label", "x x y");
        (ids.bundle, labels.bundle) = (Some(7), Some(7));
        let found = of(with(vec![ids, labels])).unwrap();
        assert_eq!(
            found.0,
            ["labels.csv/id labels.csv/label, labels.csv/id labels.csv/label"],
            "in the order of the vectors"
        );
    }

    #[test]
    fn lists_that_fit_nowhere_or_twice_are_told() {
        assert_eq!(
            of(with(vec![list("labels", "x y")])).unwrap_err(),
            "labels has 2 labels, and no array of vectors has as many rows (old: 3, new: 3); hand in one for each row"
        );
        assert_eq!(
            of(with(vec![list("labels", "x x y"), list("targets", "x y y")])).unwrap_err(),
            "labels and targets both are labels of old; leave one of them out"
        );
        assert!(of(with(vec![list("labels", "x x y"), list("targets", "x x y")])).is_ok());
        let doubtful = of(with(vec![list("things", "a b c"), list("stuff", "d e f")])).unwrap();
        assert_eq!(doubtful.0, ["- -, - -"]);
        assert!(doubtful.1.iter().any(|notice| notice.contains("could both be ids or labels")), "{doubtful:?}");
    }
}
