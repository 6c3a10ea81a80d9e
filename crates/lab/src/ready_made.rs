//! Models of which only the embeddings are at hand, as models: each takes its own part of a row.

use std::collections::BTreeMap;
use std::sync::Arc;

use data::Dataset;
use protocol::ModelId;

use crate::plan::Plan;
use crate::{LabError, Model, Portable, PortableModel};

/// The models that come with a dataset, each as what its stage trains without compatibility; none with images.
///
/// # Errors
/// [`LabError::File`] if a row is shorter than its models say, which loading the dataset rules out.
pub(crate) fn ready_made(plan: &Plan, dataset: &Dataset) -> Result<BTreeMap<ModelId, Arc<dyn Model>>, LabError> {
    let mut start = 0;
    let mut models: BTreeMap<ModelId, Arc<dyn Model>> = BTreeMap::new();
    for (stage, model) in (1..).zip(&dataset.given) {
        let mut file = Portable::default();
        file.flatten();
        let dims = model.dims as usize;
        file.slice(start, dims);
        // As every model of the lab: what is compared are directions.
        file.normalize();
        let input = dataset.train.items().shape().sides();
        let model = Arc::new(PortableModel::written(file, input, dims)?);
        start += dims;
        models.insert(plan.reference(ModelId::deployed(stage)), model);
    }
    Ok(models)
}
