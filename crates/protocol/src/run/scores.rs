//! How alike pairs of one class and pairs of different classes look to a pair of models.

use serde::{Deserialize, Serialize};

use crate::{ModelId, Packed};

/// Histograms of the cosines of all query and gallery items of the test set, an item and itself left out. Bins are equal
/// parts of `-1..=1`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Scores {
    /// Model that embeds the queries.
    pub query: ModelId,
    /// Model that embedded the gallery.
    pub gallery: ModelId,
    /// Pairs of one class per bin.
    pub same: Packed<u32>,
    /// Pairs of different classes per bin.
    pub different: Packed<u32>,
    /// Probability that a pair of one class scores above a pair of different classes: the area under the ROC curve. `None`
    /// without pairs of either kind.
    pub auc: Option<f64>,
}
