//! What an array of embeddings or of their labels holds, whatever file it comes from.

use std::collections::HashMap;

use crate::error::EmbeddingsError;
use crate::limits;

/// What an array's type makes of its values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sort {
    /// Floats, which embeddings are made of.
    Numbers,
    /// Whole numbers or strings, which labels are made of.
    Names,
    /// Nothing that is read here.
    Other,
}

/// What an array says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Head {
    /// Path of the file; of an array within it, with its name after another `/`.
    pub path: String,
    /// Sides, outermost first.
    pub shape: Vec<usize>,
    /// The type of its values, as its file calls it.
    pub dtype: String,
    pub sort: Sort,
}

/// How the values of an array are to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Plan {
    /// As `rows` times `dims` numbers.
    Rows { rows: usize, dims: usize },
    /// As a label a row.
    Labels,
    /// Not at all.
    Leave,
}

/// An array and what it says of itself.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Array {
    pub head: Head,
    pub values: Values,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Values {
    /// `[rows, dims]`, row by row.
    Rows {
        rows: usize,
        dims: usize,
        numbers: Vec<f32>,
    },
    Labels(Labels),
    /// They are of a type or shape that neither embeddings nor labels have.
    Unread,
}

impl Head {
    /// How the values are to be read. Sides of 1 after the first count for nothing.
    ///
    /// # Errors
    /// There are more than [`limits::ROWS`] rows.
    pub fn plan(&self) -> Result<Plan, EmbeddingsError> {
        let Some((&rows, sides)) = self.shape.split_first() else { return Ok(Plan::Leave) };
        let mut wide = sides.iter().copied().filter(|&side| side != 1);
        let plan = match (self.sort, wide.next(), wide.next()) {
            (Sort::Names, None, None) => Plan::Labels,
            (Sort::Numbers, dims, None) if !sides.is_empty() => Plan::Rows { rows, dims: dims.unwrap_or(1) },
            _ => return Ok(Plan::Leave),
        };
        if rows > limits::ROWS {
            return Err(EmbeddingsError::TooManyRows { path: self.path.clone(), rows });
        }
        Ok(plan)
    }
}

/// The labels of rows: the names of classes, each kept once.
#[derive(Debug, Clone, Default)]
pub(crate) struct Labels {
    names: Vec<String>,
    places: HashMap<String, usize>,
    of: Vec<usize>,
}

impl Labels {
    /// Number of rows.
    pub fn len(&self) -> usize {
        self.of.len()
    }

    /// The label of every row.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.of.iter().map(|&place| self.names.get(place).map_or("", String::as_str))
    }
}

impl PartialEq for Labels {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl FromIterator<String> for Labels {
    fn from_iter<I: IntoIterator<Item = String>>(labels: I) -> Self {
        let mut all = Self::default();
        for label in labels {
            let place = match all.places.get(&label) {
                Some(&place) => place,
                None => {
                    all.names.push(label.clone());
                    all.places.insert(label, all.places.len());
                    all.names.len() - 1
                }
            };
            all.of.push(place);
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(sort: Sort, shape: &[usize]) -> Plan {
        Head { path: "a".into(), shape: shape.to_vec(), dtype: String::new(), sort }.plan().unwrap()
    }

    #[test]
    fn sides_of_one_count_for_nothing() {
        assert_eq!(plan(Sort::Numbers, &[5, 3]), Plan::Rows { rows: 5, dims: 3 });
        assert_eq!(plan(Sort::Numbers, &[5, 1, 3, 1]), Plan::Rows { rows: 5, dims: 3 });
        assert_eq!(plan(Sort::Numbers, &[5, 1]), Plan::Rows { rows: 5, dims: 1 });
        assert_eq!(plan(Sort::Numbers, &[5, 0]), Plan::Rows { rows: 5, dims: 0 });
        assert_eq!(plan(Sort::Numbers, &[5, 2, 3]), Plan::Leave);
        assert_eq!(plan(Sort::Numbers, &[5]), Plan::Leave);
        assert_eq!(plan(Sort::Names, &[5]), Plan::Labels);
        assert_eq!(plan(Sort::Names, &[5, 1]), Plan::Labels);
        assert_eq!(plan(Sort::Names, &[5, 3]), Plan::Leave);
        assert_eq!(plan(Sort::Names, &[]), Plan::Leave);
        assert_eq!(plan(Sort::Other, &[5]), Plan::Leave);
    }

    #[test]
    fn labels_are_equal_as_they_read() {
        let labels = |of: &[&str]| of.iter().map(|&label| label.to_owned()).collect::<Labels>();
        assert_eq!(labels(&["b", "a", "b"]).iter().collect::<Vec<_>>(), ["b", "a", "b"]);
        assert_eq!(labels(&["a", "b"]), labels(&["a", "b"]));
        assert_ne!(labels(&["a", "b"]), labels(&["b", "a"]));
        assert_ne!(labels(&["a"]), labels(&["a", "a"]));
    }
}
