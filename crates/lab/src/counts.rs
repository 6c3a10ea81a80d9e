//! What events and cards count in few bits, and what to do where there is more.

use data::Counted;

/// Items of the test part: numbered in 16 bits.
pub(crate) const TEST_ITEMS: Counted = Counted { what: "test items", remedy: "choose fewer of each class" };
/// Items that a model is trained on.
pub(crate) const TRAINING_ITEMS: Counted = Counted { what: "training items", remedy: "choose fewer of each class" };
/// Classes: numbered in 8 bits.
pub(crate) const CLASSES: Counted = Counted { what: "classes", remedy: "choose a dataset with fewer" };
/// Parts of a run, one for each model and one for the final measurement.
pub(crate) const PHASES: Counted = Counted { what: "phases of a run", remedy: "choose fewer stages" };
/// Numbers that are stored for an item.
pub(crate) const DIMS: Counted = Counted { what: "numbers of an item", remedy: "choose fewer dims" };
/// Channels, rows or columns of an image.
pub(crate) const SIDES: Counted = Counted { what: "pixels of a side", remedy: "choose smaller images" };
/// Class vectors of a head.
pub(crate) const VECTORS: Counted = Counted { what: "class vectors", remedy: "choose a dataset with fewer classes" };
/// Models that were trained for an upgrade.
pub(crate) const PASSES: Counted = Counted { what: "training passes", remedy: "choose fewer stages" };
/// Batches of an epoch.
pub(crate) const BATCHES: Counted = Counted { what: "batches of an epoch", remedy: "choose larger ones" };
/// Pixels that an image is shifted by.
pub(crate) const SHIFT: Counted = Counted { what: "pixels of shift", remedy: "choose a smaller shift" };
