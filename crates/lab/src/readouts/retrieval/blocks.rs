//! The blocks of a stored vector: what is comparable with the models before, and what is new.

use measure::Features;
use protocol::{Block, Blocks, Event, ModelId, Rates};

use super::evaluation::{Extent, Measured};
use crate::LabError;
use crate::counts::DIMS;
use crate::runner::Runner;
use crate::stored::Embedded;

impl Runner {
    /// Measures what each block of a model's stored vectors holds and retrieves; nothing if they are of one piece.
    pub(super) fn blocks(&self, id: ModelId) -> Result<Option<Event>, LabError> {
        let (whole, ends) = (self.gallery(id)?.features()?, self.ends(id)?);
        if ends.len() < 2 {
            return Ok(None);
        }
        let parts = whole.blocks(&ends.iter().map(|&(_, end)| end).collect::<Vec<_>>())?;
        let mut blocks = Vec::new();
        let mut start = 0;
        for ((model, end), rows) in ends.into_iter().zip(parts) {
            let dims = end - start;
            let energy = Features::new(&rows, dims)?.energy() / whole.energy().max(f64::MIN_POSITIVE);
            let alone = Embedded { rows, dims };
            // Normalised once and where everything is: what the whole finds is what the matrix says, bit by bit.
            let through = Embedded { rows: whole.blocks(&[end])?.concat(), dims: end };
            let cross = match model == id {
                true => None,
                false => Some(self.rates((id, &through), (model, self.gallery(model)?))?),
            };
            let [alone, through] = [&alone, &through].map(|rows| self.rates((id, rows), (id, rows)));
            let dims = DIMS.count(dims)?;
            blocks.push(Block { model, dims, energy, alone: alone?, through: through?, cross });
            start = end;
        }
        Ok(Some(Event::BlocksMeasured { blocks: Blocks { model: id, blocks } }))
    }

    /// Where blocks end, each with the model whose gallery the dims before are comparable with: those of the models before, as far
    /// back as each method keeps them, then the model itself.
    fn ends(&self, id: ModelId) -> Result<Vec<(ModelId, usize)>, LabError> {
        let mut ends = vec![(id, self.gallery(id)?.dims)];
        let mut model = id;
        while let Some(before) = self.plan.prefix_of(model) {
            model = before;
            let dims = self.gallery(model)?.dims;
            // What a model adds nothing to is no block of its own.
            if ends.last().is_some_and(|&(_, end)| dims < end) {
                ends.push((model, dims));
            }
        }
        ends.reverse();
        Ok(ends)
    }

    /// Retrieval on the whole test set.
    pub(super) fn rates(&self, query: (ModelId, &Embedded), gallery: (ModelId, &Embedded)) -> Result<Rates, LabError> {
        let everything = Extent { queries: self.test.len(), gallery: self.test.len() };
        Ok(Measured::new(query, gallery, &self.test, everything, self.seen_classes())?.cell.all)
    }
}
