//! Rows that belong together: of the old model, of the new one, with an id and labels.

use std::collections::HashMap;

use super::naming::{Kind, Part};
use super::roles::Placed;

/// Two arrays of the same documents or queries, one by each model.
#[derive(Debug)]
pub(super) struct Pair {
    pub kind: Kind,
    pub part: Option<Part>,
    pub old: Placed,
    pub new: Placed,
}

/// A document or a query: which row it is of the arrays of a pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Row {
    /// By its place among the pairs.
    pub pair: u32,
    pub old: u32,
    pub new: u32,
}

/// Labels or tasks of rows, by their places among the names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Marks {
    /// One or none each.
    One(Vec<Option<u32>>),
    /// Any number each.
    Several(Vec<Vec<u32>>),
}

/// Documents, or queries.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Pile {
    pub rows: Vec<Row>,
    /// None where rows have none.
    pub ids: Option<Vec<String>>,
    pub marks: Option<Marks>,
    /// Tasks of rows, by their places among the names of tasks.
    pub tasks: Option<Marks>,
    /// What rows say; an empty text where that is not known.
    pub texts: Option<Vec<String>>,
}

/// Names of labels or tasks, each once.
#[derive(Debug, Default)]
pub(super) struct Labels {
    pub names: Vec<String>,
    places: HashMap<String, u32>,
}

impl Labels {
    /// The place of a name; none of an empty one.
    pub fn place(&mut self, name: &str) -> Option<u32> {
        let name = name.trim();
        if name.is_empty() {
            return None;
        }
        if let Some(&place) = self.places.get(name) {
            return Some(place);
        }
        let place = self.names.len() as u32;
        self.names.push(name.to_owned());
        self.places.insert(name.to_owned(), place);
        Some(place)
    }
}

impl Marks {
    /// The labels of row `at`.
    pub fn of(&self, at: usize) -> &[u32] {
        match self {
            Self::One(marks) => marks.get(at).and_then(Option::as_ref).map_or(&[], std::slice::from_ref),
            Self::Several(marks) => marks.get(at).map_or(&[], Vec::as_slice),
        }
    }

    /// Those of some rows, in their order.
    fn select(&self, rows: &[usize]) -> Self {
        match self {
            Self::One(marks) => Self::One(rows.iter().map(|&row| marks.get(row).copied().flatten()).collect()),
            Self::Several(marks) => {
                Self::Several(rows.iter().map(|&row| marks.get(row).cloned().unwrap_or_default()).collect())
            }
        }
    }

    fn append(&mut self, mut other: Self) {
        let several = |marks: &mut Vec<Option<u32>>| -> Vec<Vec<u32>> {
            marks.drain(..).map(|mark| mark.into_iter().collect()).collect()
        };
        match (&mut *self, &mut other) {
            (Self::One(own), Self::One(others)) => own.append(others),
            (Self::Several(own), Self::Several(others)) => own.append(others),
            (Self::Several(own), Self::One(others)) => own.append(&mut several(others)),
            (Self::One(own), Self::Several(others)) => {
                let mut all = several(own);
                all.append(others);
                *self = Self::Several(all);
            }
        }
    }

    /// Those of `own` and `other`, which are of so many rows each; none where neither has any.
    fn both(own: Option<Self>, other: Option<Self>, rows: [usize; 2]) -> Option<Self> {
        if own.is_none() && other.is_none() {
            return None;
        }
        let [mut own, other] = [(own, 0), (other, 1)].map(|(marks, side)| {
            marks.unwrap_or_else(|| Self::One(vec![None; rows.get(side).copied().unwrap_or_default()]))
        });
        own.append(other);
        Some(own)
    }

    /// One or none of every row; none where rows can have several.
    pub fn one(&self) -> Option<&[Option<u32>]> {
        match self {
            Self::One(marks) => Some(marks),
            Self::Several(_) => None,
        }
    }
}

impl Pile {
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether any of its rows has a label.
    pub fn is_marked(&self) -> bool {
        self.marks.as_ref().is_some_and(|marks| (0..self.len()).any(|row| !marks.of(row).is_empty()))
    }

    /// Some of its rows, in their order.
    pub fn select(&self, rows: &[usize]) -> Self {
        let words = |words: &Vec<String>| rows.iter().map(|&row| words.get(row).cloned().unwrap_or_default()).collect();
        Self {
            rows: rows.iter().filter_map(|&row| self.rows.get(row).copied()).collect(),
            ids: self.ids.as_ref().map(words),
            marks: self.marks.as_ref().map(|marks| marks.select(rows)),
            tasks: self.tasks.as_ref().map(|tasks| tasks.select(rows)),
            texts: self.texts.as_ref().map(words),
        }
    }

    /// Puts `other` behind it.
    pub fn append(&mut self, mut other: Self, pairs: &[Pair]) {
        if self.rows.is_empty() {
            *self = other;
            return;
        }
        if self.ids.is_some() || other.ids.is_some() {
            let mut ids = self.names(pairs);
            ids.append(&mut other.names(pairs));
            self.ids = Some(ids);
        }
        let rows = [self.len(), other.len()];
        self.marks = Marks::both(self.marks.take(), other.marks.take(), rows);
        self.tasks = Marks::both(self.tasks.take(), other.tasks.take(), rows);
        if self.texts.is_some() || other.texts.is_some() {
            let texts = self.texts.get_or_insert_default();
            texts.resize(self.rows.len(), String::new());
            texts.append(&mut other.texts.unwrap_or_default());
            texts.resize(rows.iter().sum(), String::new());
        }
        self.rows.append(&mut other.rows);
    }

    /// What rows are called: by their ids, or by their numbers, counted from 0, with the part where there are several.
    pub fn names(&self, pairs: &[Pair]) -> Vec<String> {
        if let Some(ids) = &self.ids {
            return ids.clone();
        }
        let parts = self.rows.iter().map(|row| row.pair).min() != self.rows.iter().map(|row| row.pair).max();
        let name = |row: &Row| match pairs.get(row.pair as usize).and_then(|pair| pair.part).filter(|_| parts) {
            Some(part) => format!("{}{}", part.adjective(), row.old),
            None => row.old.to_string(),
        };
        self.rows.iter().map(name).collect()
    }
}

/// Ids, each of which is made to stand once: of the second `a`, `a#2`. Empty ones become `row 7`.
pub(super) fn single(ids: &[String]) -> Vec<String> {
    let mut met: HashMap<&str, u32> = HashMap::with_capacity(ids.len());
    let mut names = Vec::with_capacity(ids.len());
    for (row, id) in ids.iter().enumerate() {
        let times = met.entry(id.as_str()).or_default();
        *times += 1;
        names.push(match (id.is_empty(), *times) {
            (true, _) => format!("row {row}"),
            (false, 1) => id.clone(),
            (false, times) => format!("{id}#{times}"),
        });
    }
    names
}

#[cfg(test)]
mod tests {
    use super::super::matrix::Matrix;
    use super::*;

    fn pair(part: Option<Part>) -> Pair {
        let placed = || Placed {
            path: "a".into(),
            bundle: None,
            kind: Kind::Documents,
            part,
            matrix: Matrix::Held { dims: 2, numbers: Vec::new() },
        };
        Pair { kind: Kind::Documents, part, old: placed(), new: placed() }
    }

    fn rows(pair: u32, count: u32) -> Vec<Row> {
        (0..count).map(|row| Row { pair, old: row, new: row }).collect()
    }

    #[test]
    fn rows_are_called_by_id_or_number() {
        let pairs = [pair(Some(Part::Train)), pair(Some(Part::Test))];
        let mut pile = Pile {
            rows: rows(0, 2),
            marks: Some(Marks::One(vec![Some(1), None])),
            texts: Some(vec!["a".into(), "b".into()]),
            ..Pile::default()
        };
        assert_eq!(pile.names(&pairs), ["0", "1"]);
        pile.append(Pile { rows: rows(1, 1), ..Pile::default() }, &pairs);
        assert_eq!(pile.names(&pairs), ["training 0", "training 1", "test 0"]);
        pile.append(
            Pile {
                rows: rows(1, 1),
                ids: Some(vec!["x".into()]),
                marks: Some(Marks::Several(vec![vec![0, 1]])),
                tasks: Some(Marks::One(vec![Some(2)])),
                texts: Some(vec!["y".into()]),
            },
            &pairs,
        );
        assert_eq!(pile.names(&pairs), ["training 0", "training 1", "test 0", "x"]);
        let marks = pile.marks.clone().unwrap();
        assert_eq!([marks.of(0), marks.of(1), marks.of(3), marks.of(9)], [&[1][..], &[], &[0, 1], &[]]);
        let some = pile.select(&[3, 0]);
        assert_eq!((some.names(&pairs), some.rows[0].pair), (vec!["x".to_owned(), "training 0".into()], 1));
        assert_eq!(some.marks, Some(Marks::Several(vec![vec![0, 1], vec![1]])));
        assert_eq!(some.tasks, Some(Marks::One(vec![Some(2), None])));
        assert_eq!(
            (some.texts.unwrap(), pile.texts.unwrap().join(",")),
            (vec!["y".to_owned(), "a".into()], "a,b,,y".into())
        );
    }

    #[test]
    fn ids_that_stand_twice_are_told_apart() {
        let ids = ["a", "b", "a", "", "a"].map(str::to_owned);
        assert_eq!(single(&ids), ["a", "b", "a#2", "row 3", "a#3"]);
    }

    #[test]
    fn a_name_of_a_label_has_one_place() {
        let mut labels = Labels::default();
        let places = ["cat", " cat", "dog", " "].map(|name| labels.place(name));
        assert_eq!((places, labels.names.len()), ([Some(0), Some(0), Some(1), None], 2));
    }
}
