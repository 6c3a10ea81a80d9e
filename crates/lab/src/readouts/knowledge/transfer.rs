//! Forward transfer: what a model's space is worth to a task that nobody has learned yet.
//!
//! GEM (Lopez-Paz and Ranzato 2017) asks the model before a task to name its items, and an untrained one beside it. A classifier that grows
//! with its tasks has no names for what is to come, but its space has places for it: an item of the task is right if its nearest
//! neighbour among the others is of its class. Beside it stands what the items themselves give, by the cosine of their numbers.

use std::collections::BTreeSet;

use data::{Dataset, ItemShape};
use measure::{Features, Items, retrieve};
use protocol::ModelId;

use super::Knowledge;
use crate::LabError;
use crate::images::TestImages;
use crate::runner::Runner;

/// Items of a task that are asked, at most.
const MOST: usize = 400;

impl Knowledge {
    /// Positions of the test items of each task that are asked; nothing of a task that was learned on the way to the deployed model of this stage
    /// (from 0), or before there was any other.
    fn asked(&self, stage: Option<usize>, labels: &[u32]) -> Vec<Vec<usize>> {
        let learned = |at: usize| stage.is_some_and(|stage| self.line(stage).contains(&at));
        let of = |(place, task): (usize, &super::Task)| match place == 0 || learned(task.learned) {
            true => Vec::new(),
            false => of_classes(&task.classes, labels),
        };
        self.tasks.iter().enumerate().map(of).collect()
    }
}

/// Positions of the first items of these classes.
fn of_classes(classes: &BTreeSet<u32>, labels: &[u32]) -> Vec<usize> {
    labels.iter().enumerate().filter(|(_, label)| classes.contains(label)).map(|(at, _)| at).take(MOST).collect()
}

/// Share of items whose nearest neighbour among the others has their label; NaN without any.
///
/// # Shapes
/// - rows: `[items, dims]` row-major, each of length 1
///
/// # Errors
/// [`LabError::Measure`] if a number is none.
fn nearest(rows: &[f32], dims: usize, labels: &[u32]) -> Result<f64, LabError> {
    let ids: Vec<u32> = (0..).take(labels.len()).collect();
    let items = Items::new(Features::new(rows, dims)?, labels, &ids)?;
    let found = retrieve(&items, &items, 1)?;
    let right = found.queries.iter().filter(|query| query.first_hit() == Some(1)).count();
    Ok(if labels.len() < 2 { f64::NAN } else { right as f64 / labels.len() as f64 })
}

/// A row of length 1 in the same direction; as it is if it has none.
fn unit(row: impl Iterator<Item = f32> + Clone) -> impl Iterator<Item = f32> {
    let length = row.clone().map(|value| value * value).sum::<f32>().sqrt();
    row.map(move |value| if length > 0.0 { value / length } else { value })
}

/// The numbers of a test item as they are; `None` of what is no numbers.
fn plain(dataset: &Dataset, test: &TestImages, position: usize) -> Result<Option<Vec<f32>>, LabError> {
    let (items, &index) = match test.indices().get(position) {
        Some(index) => (dataset.test.items(), index),
        None => return Err(LabError::Missing(format!("Test item {position}"))),
    };
    Ok(match items.shape() {
        ItemShape::Pixels(_) => Some(unit(items.picture(index)?.iter().map(|&value| f32::from(value))).collect()),
        ItemShape::Rows { .. } => Some(unit(items.row(index)?.iter().copied()).collect()),
        ItemShape::Tokens { .. } => None,
    })
}

impl Runner {
    /// What a deployed model that embeds makes of the tasks to come.
    pub(super) fn look_ahead(&mut self, id: ModelId) -> Result<(), LabError> {
        let stage = self.knowledge.deployed.iter().position(|&deployed| deployed == id);
        let (Some(stage), Some(rows)) = (stage, self.galleries.get(&id)) else { return Ok(()) };
        let labels = &self.test.labels;
        let of = |positions: &[usize]| positions.iter().filter_map(|&at| labels.get(at)).copied().collect::<Vec<u32>>();
        if self.knowledge.plain.is_empty() {
            let mut shares = Vec::new();
            for positions in self.knowledge.asked(None, labels) {
                let mut all = Vec::new();
                for &position in &positions {
                    all.extend(plain(&self.dataset, &self.test, position)?.unwrap_or_default());
                }
                let dims = all.len() / positions.len().max(1);
                shares.push(if dims == 0 { f64::NAN } else { nearest(&all, dims, &of(&positions))? });
            }
            self.knowledge.plain = shares;
        }
        let mut shares = Vec::new();
        for positions in self.knowledge.asked(Some(stage), labels) {
            let row = |&at: &usize| rows.rows.get(at * rows.dims..(at + 1) * rows.dims);
            let all: Vec<f32> = positions.iter().filter_map(row).flatten().copied().collect();
            shares.push(if positions.is_empty() { f64::NAN } else { nearest(&all, rows.dims, &of(&positions))? });
        }
        self.knowledge.ahead.insert(id, shares);
        Ok(())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_neighbour_of_the_same_class_is_right_by_hand() {
        // Angles 0, 10, 80, 90 and 45 degrees: the last lies nearest to none of its own.
        let row = |degrees: f32| [degrees.to_radians().cos(), degrees.to_radians().sin()];
        let rows: Vec<f32> = [0.0, 10.0, 80.0, 90.0, 44.0].into_iter().flat_map(row).collect();
        assert_eq!(nearest(&rows, 2, &[0, 0, 1, 1, 1]).unwrap(), 0.8);
        assert!(nearest(&rows[..2], 2, &[0]).unwrap().is_nan());
        let row: Vec<f32> = unit([3.0, 4.0].into_iter()).collect();
        assert_eq!(row, [0.6, 0.8]);
        assert_eq!(unit([0.0, 0.0].into_iter()).collect::<Vec<_>>(), [0.0, 0.0]);
    }

    #[test]
    fn only_tasks_to_come_are_asked() {
        let sees: [(u8, u32); 3] = [(1, 2), (2, 3), (3, 4)];
        let sees = sees.map(|(stage, classes)| (ModelId::deployed(stage), (0..classes).collect())).into();
        let knowledge = Knowledge::new(&sees, |model| (1..=model.stage).map(ModelId::deployed).collect());
        let labels = [3, 0, 2, 1, 2];
        assert_eq!(knowledge.asked(None, &labels), [vec![], vec![2, 4], vec![0]]);
        assert_eq!(knowledge.asked(Some(0), &labels), [vec![], vec![2, 4], vec![0]]);
        assert_eq!(knowledge.asked(Some(1), &labels), [vec![], vec![], vec![0]]);
    }
}
