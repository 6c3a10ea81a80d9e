//! Which arrays of the two models are of the same documents or queries.

use std::collections::BTreeMap;

use super::error::VectorsError;
use super::naming::{Kind, Part};
use super::pile::Pair;
use super::roles::{Beside, Model, Placed};
use crate::words;

type Slots = BTreeMap<(Kind, Option<Part>), Placed>;

/// The arrays of the old and of the new model two by two: documents before queries, training before test parts. A validation part is a
/// test part, unless one is there. Lists `beside` of what is left out are left out too.
///
/// # Errors
/// A model has two arrays of the same name, or one that the other is without.
pub(super) fn pairs(
    mut old: Model,
    mut new: Model,
    beside: &mut Vec<Beside>,
    notices: &mut Vec<String>,
) -> Result<Vec<Pair>, VectorsError> {
    let arrays = || old.arrays.iter().chain(&new.arrays);
    let has = |part: Part| arrays().any(|array| array.part == Some(part));
    let (val, test) = (has(Part::Val), has(Part::Test));
    let documents = arrays().any(|array| array.kind == Kind::Documents);
    if val && test {
        let is_val = |array: &Placed| array.part == Some(Part::Val);
        let paths = leave(&mut old, &mut new, beside, is_val, |list| list.part == Some(Part::Val));
        notices.push(format!("There is a test part, so the validation part was left out: {paths}."));
    }
    for list in beside.iter_mut() {
        list.part = list.part.map(|part| if part == Part::Val { Part::Test } else { part });
        list.kind = list.kind.filter(|_| documents);
    }
    let both = [&mut old, &mut new];
    for array in both.into_iter().flat_map(|model| &mut model.arrays) {
        if array.part == Some(Part::Val) {
            array.part = Some(Part::Test);
        }
        if !documents {
            array.kind = Kind::Documents;
        }
    }
    if !documents {
        notices.push(
            "There are only vectors of queries, so they are searched as documents are, each asking for the others."
                .to_owned(),
        );
    }
    let judges = |array: &Placed| array.kind == Kind::Queries && array.part != Some(Part::Train);
    if old.arrays.iter().any(judges) {
        let trains = |array: &Placed| array.kind == Kind::Queries && array.part == Some(Part::Train);
        if old.arrays.iter().chain(&new.arrays).any(trains) {
            let trained = |list: &Beside| list.kind == Some(Kind::Queries) && list.part == Some(Part::Train);
            let paths = leave(&mut old, &mut new, beside, trains, trained);
            notices
                .push(format!("Queries of the test part judge, so those of the training part were left out: {paths}."));
        }
    }
    let names = [old.name.clone(), new.name.clone()];
    let (old, mut new) = (slots(old)?, slots(new)?);
    let missing = |model: &String, &(kind, part): &(Kind, Option<Part>), has: &Placed| VectorsError::Missing {
        model: model.clone(),
        what: what(kind, part),
        has: has.path.clone(),
    };
    let [old_name, new_name] = &names;
    if let Some((slot, array)) = new.iter().find(|&(slot, _)| !old.contains_key(slot)) {
        return Err(missing(old_name, slot, array));
    }
    let mut pairs = Vec::new();
    for (slot, old) in old {
        let Some(new) = new.remove(&slot) else { return Err(missing(new_name, &slot, &old)) };
        let (kind, part) = slot;
        pairs.push(Pair { kind, part, old, new });
    }
    Ok(pairs)
}

/// "training queries".
fn what(kind: Kind, part: Option<Part>) -> String {
    format!("{}{}", part.map_or("", Part::adjective), kind.plural())
}

/// Takes arrays of both models and lists beside them out, and names their paths.
fn leave(
    old: &mut Model,
    new: &mut Model,
    beside: &mut Vec<Beside>,
    which: impl Fn(&Placed) -> bool,
    lists: impl Fn(&Beside) -> bool,
) -> String {
    let mut left: Vec<Placed> = Vec::new();
    for model in [old, new] {
        let (out, kept): (Vec<Placed>, Vec<Placed>) = std::mem::take(&mut model.arrays).into_iter().partition(&which);
        model.arrays = kept;
        left.extend(out);
    }
    let (out, kept): (Vec<Beside>, Vec<Beside>) = std::mem::take(beside).into_iter().partition(lists);
    *beside = kept;
    let paths = left.iter().map(|array| array.path.as_str());
    words::list(paths.chain(out.iter().map(|list| list.path.as_str())), "")
}

fn slots(model: Model) -> Result<Slots, VectorsError> {
    let mut slots = Slots::new();
    for array in model.arrays {
        let slot = (array.kind, array.part);
        if let Some(first) = slots.get(&slot) {
            let (first, second) = (first.path.clone(), array.path);
            return Err(VectorsError::Twice { model: model.name, what: what(slot.0, slot.1), first, second });
        }
        slots.insert(slot, array);
    }
    Ok(slots)
}

#[cfg(test)]
mod tests {
    use super::super::Gathering;
    use super::super::matrix::Matrix;
    use super::super::roles::cast;
    use super::super::things::{Body, Thing};
    use super::*;

    /// Kinds and parts of pairs, with the notices.
    type Found = (Vec<(Kind, Option<Part>)>, Vec<String>);

    /// Those that come of these paths.
    fn of(paths: &[&str]) -> Result<Found, String> {
        let matrix = || Body::Matrix(Matrix::Held { dims: 2, numbers: Vec::new() });
        let thing = |path: &&str| Thing { path: (*path).to_owned(), bundle: None, body: matrix() };
        let cast = cast(paths.iter().map(thing).collect(), &Gathering::default());
        let mut models = cast.models.into_iter();
        let (new, old) = (models.next().unwrap(), models.next().unwrap());
        assert_eq!((new.name.as_str(), old.name.as_str()), ("new", "old"));
        let mut notices = Vec::new();
        let pairs = pairs(old, new, &mut Vec::new(), &mut notices).map_err(|fault| fault.to_string())?;
        assert!(pairs.iter().all(|pair| pair.old.path.contains("old") && pair.new.path.contains("new")));
        Ok((pairs.iter().map(|pair| (pair.kind, pair.part)).collect(), notices))
    }

    #[test]
    fn a_validation_part_is_a_test_part_unless_there_is_one() {
        use Kind::Documents;
        let (dev, none) = of(&["train_old", "dev_old", "train_new", "dev_new"]).unwrap();
        assert_eq!((dev, none.len()), (vec![(Documents, Some(Part::Train)), (Documents, Some(Part::Test))], 0));
        let all = ["train_old", "val_old", "test_old", "train_new", "val_new", "test_new"];
        let (three, said) = of(&all).unwrap();
        assert_eq!(three, [(Documents, Some(Part::Train)), (Documents, Some(Part::Test))]);
        assert_eq!(said, ["There is a test part, so the validation part was left out: val_old, val_new."]);
    }

    #[test]
    fn queries_of_training_do_not_judge() {
        let paths = [
            "corpus_old",
            "train_queries_old",
            "test_queries_old",
            "corpus_new",
            "train_queries_new",
            "test_queries_new",
        ];
        let (pairs, said) = of(&paths).unwrap();
        assert_eq!(pairs, [(Kind::Documents, None), (Kind::Queries, Some(Part::Test))]);
        assert!(said[0].contains("train_queries_old, train_queries_new"), "{said:?}");
        let (pairs, said) = of(&["queries_x_old", "queries_new"]).unwrap();
        assert_eq!((pairs, said.len()), (vec![(Kind::Documents, None)], 0), "a word in every path says nothing");
    }

    #[test]
    fn what_has_no_counterpart_is_told() {
        assert_eq!(
            of(&["corpus_old", "queries_old", "corpus_new"]).unwrap_err(),
            "new has no queries, though queries_old holds them for the other model; hand in those of both models, or of none"
        );
        assert!(
            of(&["corpus_old", "corpus_new", "test_queries_new"]).unwrap_err().starts_with("old has no test queries")
        );
        assert!(
            of(&["corpus_old", "docs_old", "new"])
                .unwrap_err()
                .starts_with("corpus_old and docs_old both are documents by old")
        );
    }
}
