//! Which ids, labels, tasks and texts are those of which array.

use super::error::VectorsError;
use super::naming::{USES, Use};
use super::pile::Pair;
use super::roles::{Beside, List, Placed};
use crate::words;

/// The lists of one array, by their places among all lists.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Attached {
    pub ids: Option<usize>,
    pub labels: Option<usize>,
    pub tasks: Option<usize>,
    pub texts: Option<usize>,
}

impl Attached {
    fn place(&mut self, used: Use) -> &mut Option<usize> {
        match used {
            Use::Ids => &mut self.ids,
            Use::Labels => &mut self.labels,
            Use::Tasks => &mut self.tasks,
            Use::Texts => &mut self.texts,
        }
    }
}

/// What goes with the arrays of each pair, and the lists that go with ids and not with rows.
#[derive(Debug, Default)]
pub(super) struct Attachment {
    /// Of the old and of the new array of each pair.
    pub of: Vec<[Attached; 2]>,
    /// Lists with the ids that stand beside them in the same file.
    pub keyed: Vec<Keyed>,
}

/// A list of labels, tasks or texts and the ids of its rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Keyed {
    pub ids: usize,
    pub list: usize,
    pub of: Use,
}

/// Finds the lists of each array: in the same file, or of as many rows with nothing in its name that says otherwise; the more its name
/// says, the better. Lists that stand beside ids of their own go by these where the vectors have others. `models` are the places of the
/// old and the new one.
///
/// # Errors
/// Ids, labels or tasks have as many rows as no array, or two lists are as good for one.
pub(super) fn attach(
    pairs: &[Pair],
    beside: &[Beside],
    models: [usize; 2],
    notices: &mut Vec<String>,
) -> Result<Attachment, VectorsError> {
    let uses: Vec<Use> = beside.iter().map(use_of).collect();
    let lists = Lists { pairs, beside, uses: &uses, keyed: keyed(pairs, beside, &uses) };
    let mut attachment = Attachment::default();
    let mut used = vec![false; beside.len()];
    let mut doubts = Vec::new();
    for pair in pairs {
        let mut of = [Attached::default(); 2];
        let arrays = [&pair.old, &pair.new];
        // Ids that stand beside labels are those of the labels, unless neither array has others.
        let apart = arrays.iter().zip(models).any(|(array, model)| lists.has_ids(array, model));
        for ((attached, array), model) in of.iter_mut().zip(arrays).zip(models) {
            for wanted in USES {
                let ids = attached.ids;
                let open = |at: &usize| lists.is_open(*at, wanted, ids, apart);
                let place = match lists.best((0..beside.len()).filter(open), array, model) {
                    Found::None => continue,
                    Found::One(first) => first,
                    // Any text is better than none.
                    Found::Two(first, _) if wanted == Use::Texts => first,
                    Found::Two(first, other) => {
                        let path = |at: usize| beside.get(at).map_or_else(String::new, |list| list.path.clone());
                        let named = beside.get(first).is_some_and(|list| list.used.is_some());
                        let (first, second) = (path(first), path(other));
                        // Lists that no name calls so are no reason to stop.
                        if !named {
                            doubts.push((first, second));
                            continue;
                        }
                        let (what, array) = (wanted.plural(), array.path.clone());
                        return Err(VectorsError::Both { what, first, second, array });
                    }
                };
                *attached.place(wanted) = Some(place);
                if let Some(used) = used.get_mut(place) {
                    *used = true;
                }
            }
        }
        attachment.of.push(of);
    }
    if attachment.of.iter().flatten().any(|of| of.ids.is_some()) {
        let is_used = |at: usize| used.get(at).copied().unwrap_or_default();
        attachment.keyed = lists.keyed.iter().filter(|keyed| !is_used(keyed.list)).copied().collect();
        for at in attachment.keyed.iter().flat_map(|keyed| [keyed.ids, keyed.list]) {
            if let Some(used) = used.get_mut(at) {
                *used = true;
            }
        }
    }
    let unused = beside.iter().zip(&used).zip(&uses).filter(|((_, used), _)| !**used);
    let mut left = Vec::new();
    for ((list, _), &of) in unused {
        let arrays = || pairs.iter().flat_map(|pair| [&pair.old, &pair.new]);
        let meant = list.used.is_some() && of != Use::Texts && list.model.is_none_or(|model| models.contains(&model));
        if meant && arrays().all(|array| array.matrix.rows() != entries(list)) {
            let arrays: Vec<String> =
                arrays().map(|array| format!("{}: {}", array.path, array.matrix.rows())).collect();
            let arrays = words::list(arrays.iter().map(String::as_str), "none");
            return Err(VectorsError::Entries {
                path: list.path.clone(),
                what: of.plural(),
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

/// All lists, and what tells which of them go with an array.
struct Lists<'a> {
    pairs: &'a [Pair],
    beside: &'a [Beside],
    uses: &'a [Use],
    /// Lists that stand in one file with ids and without vectors.
    keyed: Vec<Keyed>,
}

/// Which list goes with an array.
enum Found {
    None,
    One(usize),
    /// Two that say different things, and are as good.
    Two(usize, usize),
}

impl Lists<'_> {
    /// Whether an array has ids that do not stand beside labels or tasks.
    fn has_ids(&self, array: &Placed, model: usize) -> bool {
        let mut ids = (0..self.beside.len()).filter(|&at| self.is_open(at, Use::Ids, None, true));
        ids.any(|at| self.score(at, array, model).is_some())
    }

    /// Whether a list can be what is `wanted` of an array with these `ids`. `apart`: whether ids that stand beside labels or tasks are
    /// those of the labels alone.
    fn is_open(&self, at: usize, wanted: Use, ids: Option<usize>, apart: bool) -> bool {
        if self.uses.get(at) != Some(&wanted) {
            return false;
        }
        match wanted {
            Use::Ids => !apart || !self.keyed.iter().any(|keyed| keyed.ids == at && keyed.of != Use::Texts),
            // What has ids of its own goes by place only where these are the array's.
            _ => self.keyed.iter().find(|keyed| keyed.list == at).is_none_or(|keyed| ids == Some(keyed.ids)),
        }
    }

    fn best(&self, open: impl Iterator<Item = usize>, array: &Placed, model: usize) -> Found {
        let fitting: Vec<(u8, usize)> = open.filter_map(|at| Some((self.score(at, array, model)?, at))).collect();
        let best = fitting.iter().map(|&(score, _)| score).max();
        let mut fitting = fitting.into_iter().filter(|&(score, _)| Some(score) == best).map(|(_, at)| at);
        let rows = |at: usize| self.beside.get(at).map(|list| &list.list);
        match fitting.next() {
            None => Found::None,
            Some(first) => match fitting.find(|&other| rows(other) != rows(first)) {
                Some(other) => Found::Two(first, other),
                None => Found::One(first),
            },
        }
    }

    /// How well a list goes with an array; none where it does not.
    fn score(&self, at: usize, array: &Placed, model: usize) -> Option<u8> {
        let list = self.beside.get(at)?;
        if entries(list) != array.matrix.rows() {
            return None;
        }
        let mut arrays = self.pairs.iter().flat_map(|pair| [&pair.old, &pair.new]);
        if list.bundle.is_some() && arrays.any(|array| array.bundle == list.bundle) {
            return (array.bundle == list.bundle).then_some(u8::MAX);
        }
        let same = |said: Option<bool>, weight: u8| match said {
            None => Some(0),
            Some(true) => Some(weight),
            Some(false) => None,
        };
        // Ids by themselves are more surely those of the vectors than such as stand beside texts.
        let beside = self.keyed.iter().any(|keyed| keyed.ids == at);
        Some(
            same(list.model.map(|of| of == model), 8)?
                + same(list.kind.map(|of| of == array.kind), 4)?
                + same(list.part.map(|of| Some(of) == array.part), 2)?
                + u8::from(list.used.is_some()) * 16
                + u8::from(!beside),
        )
    }
}

/// Lists that stand in one file with ids and without vectors.
fn keyed(pairs: &[Pair], beside: &[Beside], uses: &[Use]) -> Vec<Keyed> {
    let arrays = || pairs.iter().flat_map(|pair| [&pair.old, &pair.new]);
    let ids =
        |bundle: usize| beside.iter().zip(uses).position(|(list, &of)| list.bundle == Some(bundle) && of == Use::Ids);
    let others = beside.iter().zip(uses).enumerate().filter(|(_, (_, of))| **of != Use::Ids);
    others
        .filter_map(|(list, (Beside { bundle, .. }, &of))| {
            let bundle = bundle.filter(|&bundle| arrays().all(|array| array.bundle != Some(bundle)))?;
            Some(Keyed { ids: ids(bundle)?, list, of })
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
        short.extend(found.keyed.iter().map(|keyed| format!("{} {}", path(Some(keyed.ids)), path(Some(keyed.list)))));
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

    /// Lists of one file.
    fn records(bundle: usize, lists: Vec<Thing>) -> Vec<Thing> {
        lists.into_iter().map(|list| Thing { bundle: Some(bundle), ..list }).collect()
    }

    #[test]
    fn texts_go_with_the_ids_beside_them_or_with_those_of_the_vectors() {
        let texts = || records(7, vec![list("c.jsonl/id", "a b c"), list("c.jsonl/text", "x y z")]);
        let attached = |things: Vec<Thing>| {
            let mut cast = cast(things, &Gathering::default());
            let (new, old) = (cast.models.remove(0), cast.models.remove(0));
            let pairs = parts::pairs(old, new, &mut cast.beside, &mut Vec::new()).unwrap();
            let found = attach(&pairs, &cast.beside, [1, 0], &mut Vec::new()).unwrap();
            let path = |at: usize| cast.beside[at].path.clone();
            let of = found.of[0].map(|of| [of.ids, of.tasks, of.texts].map(|at| at.map(path)));
            let keyed: Vec<String> = found.keyed.iter().map(|keyed| path(keyed.list)).collect();
            (of, keyed)
        };
        let path = |path: &str| Some(path.to_owned());
        let own = [path("c.jsonl/id"), None, path("c.jsonl/text")];
        assert_eq!(attached(with(texts())), ([own.clone(), own], vec![]));
        let others = attached(with(texts().into_iter().chain([list("ids", "c a b")]).collect()));
        assert_eq!(others, ([[path("ids"), None, None], [path("ids"), None, None]], vec!["c.jsonl/text".to_owned()]));
        // Labels by id do not take the place of the ids of the vectors.
        let labels = records(8, vec![list("l.csv/id", "b c a"), list("l.csv/label", "p p q")]);
        let both = attached(with(texts().into_iter().chain(labels).collect()));
        let own = [path("c.jsonl/id"), None, path("c.jsonl/text")];
        assert_eq!(both, ([own.clone(), own], vec!["l.csv/label".to_owned()]));
        let tasks = attached(with(vec![list("tasks", "p p q"), list("texts", "x y z"), list("more_texts", "u v w")]));
        assert_eq!(tasks.0[0], [None, path("tasks"), path("texts")]);
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
