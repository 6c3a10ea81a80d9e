//! How the vector that a model stores splits into what is comparable with the models before and what is new.

use protocol::{Block, Blocks, RunLog};

use crate::view::draw::format;
use crate::view::upgrade::Upgrade;

/// The blocks of the new model of an upgrade.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BlocksView {
    /// In the order of the dims; empty where the stored vector is of one piece or not measured yet.
    pub rows: Vec<BlockRow>,
    /// What the numbers are, in a sentence or two; without rows why there are none.
    pub caption: String,
}

/// One block.
#[derive(Clone, Debug, PartialEq)]
pub struct BlockRow {
    /// What it is for, as in `as v1` or `new in v2`.
    pub name: String,
    /// Whether no model before has it.
    pub new: bool,
    /// Dims.
    pub dims: u32,
    /// Share of the squared norm, `0..=1`.
    pub energy: f64,
    /// mAP of the self-test by this block alone.
    pub alone: f64,
    /// mAP of the self-test by this block and those before it.
    pub through: f64,
    /// mAP of the cross-test by this block and those before it, with the model that indexed the gallery.
    pub cross: Option<f64>,
}

impl BlocksView {
    /// The blocks as far as `log` goes.
    pub fn of(log: &RunLog, upgrade: &Upgrade) -> Self {
        let new = upgrade.new;
        match log.blocks.iter().find(|blocks| blocks.model == new) {
            Some(Blocks { blocks, .. }) => {
                let row = |block: &Block| BlockRow {
                    name: if block.model == new { format!("new in {new}") } else { format!("as {}", block.model) },
                    new: block.model == new,
                    dims: block.dims,
                    energy: block.energy,
                    alone: block.alone.map,
                    through: block.through.map,
                    cross: block.cross.map(|cross| cross.map),
                };
                let items = format::count(log.test_labels.len() as u64);
                let caption = format!(
                    "mAP in points over {items} test items. Energy is the share of the squared norm; every part is re-normalised \
                     before it is compared."
                );
                Self { rows: blocks.iter().map(row).collect(), caption }
            }
            None if log.models.get(&new).is_some_and(|model| model.index_seconds.is_some()) => {
                let caption = format!("What {new} stores is of one piece: its method adds no dims to those of a model before.");
                Self { rows: Vec::new(), caption }
            }
            None => Self {
                rows: Vec::new(),
                caption: "Where a method stores more dims than it compares with the old gallery, what each part holds and finds \
                          appears here once the new model is trained."
                    .to_owned(),
            },
        }
    }

    /// The split in words, for those who do not see it.
    pub fn described(&self) -> String {
        let part =
            |row: &BlockRow| format!("{}: {} dims, {} of the energy", row.name, row.dims, format::percent(row.energy));
        self.rows.iter().map(part).collect::<Vec<_>>().join("; ")
    }
}

#[cfg(test)]
mod tests {
    use protocol::Event;

    use super::*;
    use crate::view::testing::{NEW, OLD, half_way, rates};

    #[test]
    fn blocks_are_named_by_what_they_are_for() {
        let (mut log, upgrade) = (half_way(), Upgrade::to_stage(2));
        assert!(BlocksView::of(&log, &upgrade).caption.starts_with("Where a method stores more dims"));
        log.apply(&Event::GalleryIndexed { model: NEW, items: 6, seconds: 0.1 });
        assert!(BlocksView::of(&log, &upgrade).caption.starts_with("What v2 stores is of one piece"));
        let block = |model, dims, energy, alone, through, cross: Option<f64>| {
            let (alone, through, cross) = (rates(alone), rates(through), cross.map(rates));
            Block { model, dims, energy, alone, through, cross }
        };
        let blocks = vec![block(OLD, 32, 0.75, 0.5, 0.5, Some(0.4)), block(NEW, 8, 0.25, 0.3, 0.6, None)];
        log.apply(&Event::BlocksMeasured { blocks: Blocks { model: NEW, blocks } });
        let view = BlocksView::of(&log, &upgrade);
        assert_eq!(view.described(), "as v1: 32 dims, 75 % of the energy; new in v2: 8 dims, 25 % of the energy");
        let [old, new] = view.rows.as_slice() else { panic!("two blocks") };
        assert_eq!((old.alone, old.through, old.cross, old.new), (0.5, 0.5, Some(0.4), false));
        assert_eq!((new.alone, new.through, new.cross, new.new), (0.3, 0.6, None, true));
        assert!(view.caption.starts_with("mAP in points over 6 test items."), "{}", view.caption);
    }
}
