//! What brings two models into one space after both were trained: a map of new queries into the old space, or of the old
//! gallery into the new one.

use std::sync::Arc;

use burn::tensor::{Device, Tensor, TensorData};
use measure::Features;
use measure::alignment::slerp;
use protocol::{BridgeCard, Notes, Side, Upkeep, WeightsUse};

use crate::engine::read;
use crate::portable::NamedTensor;
use crate::stored::Embedded;
use crate::{LabError, Model, Portable, PortableModel, RowMap};

/// A map between the space of a model and that of the model before it.
#[derive(Clone, Debug)]
pub struct Bridge {
    side: Side,
    map: RowMap,
    fusion: Option<f64>,
    notes: Option<Arc<PortableModel>>,
    uncertainty: Option<RowMap>,
}

impl Bridge {
    /// Maps embeddings of new queries into the space of the old model.
    pub fn of_queries(map: RowMap) -> Self {
        Self { side: Side::Query, map, fusion: None, notes: None, uncertainty: None }
    }

    /// Maps embeddings of old gallery items, each with its side information after it, into the space of the new model.
    pub fn of_gallery(map: RowMap) -> Self {
        Self { side: Side::Gallery, map, fusion: None, notes: None, uncertainty: None }
    }

    /// The same with the mapped query moved back to the old model's: to the share `fusion` of the way, `0..=1`.
    pub fn with_fusion(self, fusion: f64) -> Self {
        Self { fusion: Some(fusion), ..self }
    }

    /// The same with side information that `notes` makes of an image.
    pub fn with_notes(self, notes: PortableModel) -> Self {
        Self { notes: Some(Arc::new(notes)), ..self }
    }

    /// The same with a map from what comes in to one number, larger where the mapped row is less certain.
    pub fn with_uncertainty(self, uncertainty: RowMap) -> Self {
        Self { uncertainty: Some(uncertainty), ..self }
    }

    /// Which rows it maps.
    pub fn side(&self) -> Side {
        self.side
    }

    /// What it costs whenever new queries meet the old gallery.
    pub fn upkeep(&self) -> Upkeep {
        match (self.side, self.fusion) {
            (Side::Gallery, _) => Upkeep::MapsGallery,
            (Side::Query, None) => Upkeep::MapsQueries,
            (Side::Query, Some(_)) => Upkeep::BothEncoders,
        }
    }

    /// What makes side information of an image, if it needs any.
    pub fn notes(&self) -> Option<&PortableModel> {
        self.notes.as_deref()
    }

    /// Numbers in its tensors.
    pub(crate) fn parameters(&self) -> u64 {
        let parts = [Some(self.map.portable()), self.uncertainty.as_ref().map(RowMap::portable)];
        let maps: u64 = parts.iter().flatten().map(Portable::parameters).sum();
        maps + self.notes().map_or(0, |notes| notes.parameters())
    }

    /// Queries as they are compared with the old gallery; as they are if it is the gallery that is mapped.
    ///
    /// # Errors
    /// [`LabError::Engine`] if the device was lost.
    pub(crate) async fn queries(&self, new: Embedded, old: &Embedded, device: &Device) -> Result<Embedded, LabError> {
        let mapped = self.unfused(new, device).await?;
        let Some(fusion) = self.fusion.filter(|_| self.side == Side::Query) else { return Ok(mapped) };
        let count = mapped.rows.len() / mapped.dims.max(1);
        let old = old.rows.get(..count * old.dims).map(|rows| Features::new(rows, old.dims));
        let old = old.ok_or_else(|| LabError::Missing("The old embedding of a query".to_owned()))??;
        Ok(Embedded { rows: slerp(fusion, &old, &Features::new(&mapped.rows, mapped.dims)?)?, dims: mapped.dims })
    }

    /// The same of queries that the old model knows nothing of, without fusion.
    ///
    /// # Errors
    /// [`LabError::Engine`] if the device was lost.
    pub(crate) async fn unfused(&self, new: Embedded, device: &Device) -> Result<Embedded, LabError> {
        match self.side {
            Side::Query => apply(&self.map, &new, device).await,
            Side::Gallery => Ok(new),
        }
    }

    /// The old gallery as new queries are compared with it; as it is if it is the queries that are mapped.
    ///
    /// # Errors
    /// [`LabError::Engine`] if the device was lost.
    pub(crate) async fn gallery(
        &self,
        old: Embedded,
        notes: Option<&Embedded>,
        device: &Device,
    ) -> Result<Embedded, LabError> {
        match self.side {
            Side::Query => Ok(old),
            Side::Gallery => apply(&self.map, &noted(&old, notes), device).await,
        }
    }

    /// How uncertain each item of the old gallery is, if the bridge can tell.
    ///
    /// # Errors
    /// [`LabError::Engine`] if the device was lost.
    pub(crate) async fn uncertainty(
        &self,
        old: &Embedded,
        notes: Option<&Embedded>,
        device: &Device,
    ) -> Result<Option<Vec<f64>>, LabError> {
        let Some(map) = &self.uncertainty else { return Ok(None) };
        let numbers = apply(map, &noted(old, notes), device).await?;
        Ok(Some(numbers.rows.into_iter().map(f64::from).collect()))
    }

    /// What the map makes of the row that [`protocol::SelfCheck::bridged`] describes.
    ///
    /// # Errors
    /// [`LabError::Engine`] if the device was lost.
    pub(crate) async fn self_check(&self, device: &Device) -> Result<Vec<f32>, LabError> {
        let rows = (0..self.map.inputs()).map(|at| (7 * at % 13) as f32 / 13.0 - 0.5).collect();
        Ok(apply(&self.map, &Embedded { rows, dims: self.map.inputs() }, device).await?.rows)
    }

    /// The card, and the tensors that it names.
    ///
    /// # Errors
    /// [`LabError::Engine`] if the device was lost.
    pub(crate) async fn into_host(self) -> Result<(BridgeCard, Vec<NamedTensor>), LabError> {
        let (inputs, dims) = (self.map.inputs() as u32, self.map.dims() as u32);
        let (map, mut tensors) = self.map.portable().into_host().await?;
        let mut uncertainty = None;
        if let Some(head) = self.uncertainty {
            let (steps, more) = head.portable().into_host().await?;
            // The two may share layers.
            let shared = |tensor: &NamedTensor| tensors.iter().any(|other| other.name == tensor.name);
            let own: Vec<NamedTensor> = more.into_iter().filter(|tensor| !shared(tensor)).collect();
            tensors.extend(own);
            uncertainty = Some(steps);
        }
        let mut notes = None;
        if let Some(model) = self.notes {
            let (forward, more) = model.portable().into_host().await?;
            tensors.extend(more);
            notes = Some(Notes { forward, dims: model.dims() as u32 });
        }
        Ok((BridgeCard { side: self.side, map, inputs, dims, fusion: self.fusion, notes, uncertainty }, tensors))
    }

    /// The bridge that a card writes down, with the tensors of its file.
    ///
    /// # Errors
    /// [`LabError::File`] if steps and tensors do not fit together or a number is out of its range.
    pub(crate) fn read(
        card: &BridgeCard,
        tensors: &[NamedTensor],
        input: [usize; 3],
        device: &Device,
    ) -> Result<Self, LabError> {
        let map = |steps: &[WeightsUse], dims: u32| {
            RowMap::new(Portable::from_host(steps, tensors, device)?, card.inputs as usize, dims as usize)
        };
        let notes = card.notes.as_ref().map(|notes| {
            let file = Portable::from_host(&notes.forward, tensors, device)?;
            Ok::<_, LabError>(Arc::new(PortableModel::written(file, input, notes.dims as usize)?))
        });
        if card.fusion.is_some_and(|fusion| !(0.0..=1.0).contains(&fusion)) {
            return Err(LabError::File("its bridge moves queries by a share outside 0 to 1".to_owned()));
        }
        Ok(Self {
            side: card.side,
            map: map(&card.map, card.dims)?,
            fusion: card.fusion,
            notes: notes.transpose()?,
            uncertainty: card.uncertainty.as_ref().map(|steps| map(steps, 1)).transpose()?,
        })
    }
}

/// Rows through a map.
async fn apply(map: &RowMap, rows: &Embedded, device: &Device) -> Result<Embedded, LabError> {
    let count = rows.rows.len() / rows.dims.max(1);
    let data = TensorData::new(rows.rows.clone(), [count, rows.dims]);
    Ok(Embedded { rows: read(map.apply(Tensor::from_data(data, device))).await?, dims: map.dims() })
}

/// Each row with its side information after it.
fn noted(rows: &Embedded, notes: Option<&Embedded>) -> Embedded {
    let Some(notes) = notes else { return rows.clone() };
    let pairs = rows.rows.chunks_exact(rows.dims).zip(notes.rows.chunks_exact(notes.dims));
    Embedded {
        rows: pairs.flat_map(|(row, note)| [row, note]).flatten().copied().collect(),
        dims: rows.dims + notes.dims,
    }
}
