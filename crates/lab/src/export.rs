//! Models as files: SafeTensors with the card in its metadata, so that the two cannot be separated.

use std::collections::BTreeMap;

use burn::tensor::{Device, Tensor, TensorData};
use data::Dataset;
use protocol::{Adjusted, BridgeCard, Cell, ModelCard, ModelId, Scenario, SelfCheck, WeightsUse};
use sha2::{Digest, Sha256};

use crate::counts::{DIMS, SIDES};
use crate::engine::read;
use crate::images::TestImages;
use crate::portable::{NamedTensor, PortableModel};
use crate::{Bridge, Engine, Inputs, LabError, Model, file, older};

/// Format of the card.
const CARD_FORMAT: u32 = 2;
/// Key of the card in the metadata of the file.
const CARD_KEY: &str = "card";
/// Largest difference that the self-check of an imported model may show; engines differ in rounding.
const SELF_CHECK_TOLERANCE: f32 = 1e-3;
/// Largest mean of a channel that a card may hold, either way.
const LARGEST_MEAN: f32 = 1e3;

/// The bytes of a SafeTensors file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelFile(pub Vec<u8>);

/// What a card says beside the weights.
pub(crate) struct Provenance<'a> {
    pub(crate) scenario: &'a Scenario,
    pub(crate) model: ModelId,
    pub(crate) steps: u32,
    pub(crate) adjusted: Vec<Adjusted>,
    pub(crate) lineage: Vec<(ModelId, String)>,
    pub(crate) metrics: Vec<Cell>,
    pub(crate) prefix: Option<u32>,
    pub(crate) test: &'a TestImages,
}

/// Writes a model and its card.
///
/// # Errors
/// [`LabError::Engine`] if the device was lost, [`LabError::File`] if the card has no JSON form.
pub(crate) async fn write_model(
    model: &dyn Model,
    dataset: &Dataset,
    engine: &Engine,
    about: Provenance<'_>,
) -> Result<(ModelCard, ModelFile), LabError> {
    let (forward, bridge, tensors) = on_host(model).await?;
    let input = dataset.train.items().shape().sides();
    let [channels, height, width] = input;
    let classes = about.scenario.stage(about.model).map_or(0, |stage| stage.classes);
    let orthogonality = match model.orthogonality() {
        Some(error) => read(error).await?.first().map(|&error| f64::from(error)),
        None => None,
    };
    let normalisation = &dataset.normalisation;
    // What embeds nothing has no number of its own that a reader could check.
    let embedding = match model.dims() {
        0 => Vec::new(),
        _ => self_check(model, input, &normalisation.mean, &normalisation.std, engine.device()).await?,
    };
    let card = ModelCard {
        format: CARD_FORMAT,
        program: concat!("upgrade-lab ", env!("CARGO_PKG_VERSION")).to_owned(),
        model: about.model,
        id: digest_of(&tensors),
        scenario: about.scenario.clone(),
        steps: about.steps,
        adjusted: about.adjusted,
        classes: dataset.class_names.iter().take(classes as usize).cloned().collect(),
        input: [SIDES.count(channels)?, SIDES.count(height)?, SIDES.count(width)?],
        pixel_mean: normalisation.mean.clone(),
        pixel_std: normalisation.std.clone(),
        dims: DIMS.count(model.dims())?,
        forward,
        lineage: about.lineage,
        prefix: about.prefix.filter(|_| bridge.is_none()),
        bridge,
        orthogonality,
        metrics: about.metrics,
        query_set: query_set(about.test),
        self_check: SelfCheck {
            image: SELF_CHECK_IMAGE.to_owned(),
            embedding,
            bridged: bridge_check(model, engine.device()).await?,
        },
    };
    let text = serde_json::to_string(&card).map_err(|error| LabError::File(error.to_string()))?;
    let file = file::write(&tensors, CARD_KEY, text).map_err(LabError::File)?;
    Ok((card, ModelFile(file)))
}

/// Reads a model and its card, and checks that it embeds as it did where it was written.
///
/// # Errors
/// [`LabError::File`] if the file is no SafeTensors file, has no card, or does not do what its card says.
pub async fn read_model(bytes: &[u8], engine: &Engine) -> Result<(ModelCard, PortableModel), LabError> {
    let text = file::text(bytes, CARD_KEY).map_err(LabError::File)?;
    let text = text.ok_or_else(|| LabError::File("it has no card; only files that this lab exported do".to_owned()))?;
    let (card, joins) = older::card(&text)?;
    if card.format != CARD_FORMAT {
        let found = card.format;
        return Err(LabError::File(format!("its card has format {found}, this version reads {CARD_FORMAT}")));
    }
    if card.dims == 0 {
        let message =
            "its model embeds nothing: it holds the weights, but no forward pass that this program could follow";
        return Err(LabError::File(message.to_owned()));
    }
    let mut tensors = file::tensors(bytes).map_err(LabError::File)?;
    let found = digest_of(&tensors);
    if found != card.id {
        return Err(LabError::File(format!(
            "its weights were altered: their digest is {found}, the card says {}",
            card.id
        )));
    }
    finite(&tensors)?;
    pixels(&card.pixel_mean, &card.pixel_std)?;
    older::join(&mut tensors, &joins)?;
    let input = card.input.map(|size| size as usize);
    let bridge = card.bridge.as_ref().map(|bridge| Bridge::read(bridge, &tensors, input, engine.device()));
    let model = PortableModel::new(&card.forward, &tensors, input, card.dims as usize, engine.device())?
        .with_orthogonality(card.orthogonality)
        .with_bridge(bridge.transpose()?);
    let embedding = self_check(&model, input, &card.pixel_mean, &card.pixel_std, engine.device()).await?;
    agree(&embedding, &card.self_check.embedding)?;
    agree(&bridge_check(&model, engine.device()).await?, &card.self_check.bridged)?;
    Ok((card, model))
}

/// Refuses a file that does not give the numbers that its card says.
fn agree(found: &[f32], expected: &[f32]) -> Result<(), LabError> {
    if expected.len() != found.len() {
        let (found, expected) = (found.len(), expected.len());
        return Err(LabError::File(format!("its self-check has {expected} numbers, but the model gives {found}")));
    }
    // What is no number counts as the largest of all.
    let gaps = found.iter().zip(expected).map(|(found, expected)| (found - expected).abs());
    let worst = gaps.max_by(f32::total_cmp).unwrap_or_default();
    if worst.is_nan() || worst > SELF_CHECK_TOLERANCE {
        return Err(LabError::File(format!("its self-check is off by {worst}; the file or the engine is broken")));
    }
    Ok(())
}

/// Refuses weights that are no numbers.
fn finite(tensors: &[NamedTensor]) -> Result<(), LabError> {
    match tensors.iter().find(|tensor| tensor.values.iter().any(|value| !value.is_finite())) {
        Some(tensor) => {
            let name = &tensor.name;
            Err(LabError::File(format!("tensor '{name}' holds NaN or infinity: the model had diverged")))
        }
        None => Ok(()),
    }
}

/// Refuses a normalisation of pixels that cannot be meant.
fn pixels(mean: &[f32], std: &[f32]) -> Result<(), LabError> {
    if let Some(mean) = mean.iter().find(|mean| !mean.is_finite() || mean.abs() > LARGEST_MEAN) {
        return Err(LabError::File(format!(
            "its pixel_mean has {mean}, expected numbers from -{LARGEST_MEAN} to {LARGEST_MEAN}"
        )));
    }
    if let Some(std) = std.iter().find(|std| !std.is_finite() || **std <= 0.0) {
        return Err(LabError::File(format!("its pixel_std has {std}, expected finite numbers above 0")));
    }
    Ok(())
}

/// What the bridge of a model makes of its synthetic row; empty without a bridge.
async fn bridge_check(model: &dyn Model, device: &Device) -> Result<Vec<f32>, LabError> {
    match model.bridge()? {
        Some(bridge) => bridge.self_check(device).await,
        None => Ok(Vec::new()),
    }
}

/// Digest of a model's weights.
///
/// # Errors
/// [`LabError::Engine`] if the device was lost.
pub(crate) async fn digest(model: &dyn Model) -> Result<String, LabError> {
    Ok(digest_of(&on_host(model).await?.2))
}

/// The steps of a model, its bridge, and the tensors of both.
async fn on_host(model: &dyn Model) -> Result<(Vec<WeightsUse>, Option<BridgeCard>, Vec<NamedTensor>), LabError> {
    let (forward, mut tensors) = model.portable().into_host().await?;
    let Some(bridge) = model.bridge()? else { return Ok((forward, None, tensors)) };
    let (card, more) = bridge.into_host().await?;
    tensors.extend(more);
    Ok((forward, Some(card), tensors))
}

/// SHA-256 over names, shapes and little-endian numbers, in the order of the names.
fn digest_of(tensors: &[NamedTensor]) -> String {
    let sorted: BTreeMap<&str, &NamedTensor> = tensors.iter().map(|tensor| (tensor.name.as_str(), tensor)).collect();
    let mut hash = Sha256::new();
    for (name, tensor) in sorted {
        hash.update(name.as_bytes());
        tensor.shape.iter().for_each(|&size| hash.update((size as u64).to_le_bytes()));
        tensor.values.iter().for_each(|value| hash.update(value.to_le_bytes()));
    }
    named(hash)
}

/// SHA-256 over ids and labels of the query set.
fn query_set(test: &TestImages) -> String {
    let mut hash = Sha256::new();
    for (id, label) in test.ids.iter().zip(&test.labels) {
        hash.update(id.to_le_bytes());
        hash.update(label.to_le_bytes());
    }
    named(hash)
}

fn named(hash: Sha256) -> String {
    let hex: String = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256:{hex}")
}

/// How the synthetic image is made.
const SELF_CHECK_IMAGE: &str = "pixel i, counted over channels, rows and columns from 0, is (7 i) mod 256";

/// Embedding of the synthetic image.
async fn self_check(
    model: &dyn Model,
    [channels, height, width]: [usize; 3],
    mean: &[f32],
    std: &[f32],
    device: &Device,
) -> Result<Vec<f32>, LabError> {
    let plane = (height * width).max(1);
    let pixels: Vec<f32> = (0..channels * plane)
        .map(|index| {
            let pixel = (7 * index % 256) as f32 / 255.0;
            let of = |values: &[f32], default| values.get(index / plane).copied().unwrap_or(default);
            (pixel - of(mean, 0.0)) / of(std, 1.0)
        })
        .collect();
    let image = TensorData::new(pixels, [1, channels, height, width]);
    read(model.embed(&Inputs::Pixels(Tensor::from_data(image, device)))?).await
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const BAD: [f32; 3] = [f32::NAN, f32::INFINITY, f32::NEG_INFINITY];

    fn said(result: Result<(), LabError>) -> String {
        result.unwrap_err().to_string()
    }

    #[test]
    fn a_self_check_of_no_numbers_agrees_with_nothing() {
        assert!(agree(&[1.0, 2.0], &[1.0, 2.0005]).is_ok() && agree(&[], &[]).is_ok());
        for bad in BAD {
            assert!(said(agree(&[bad, 1.0], &[0.0, 1.0])).contains("its self-check is off by "), "{bad}");
            assert!(said(agree(&[bad], &[bad])).contains("its self-check is off by NaN"), "{bad}");
        }
        assert!(said(agree(&[1.0], &[])).contains("its self-check has 0 numbers, but the model gives 1"));
    }

    #[test]
    fn weights_and_normalisations_that_are_no_numbers_are_refused() {
        let tensor = |value| NamedTensor { name: "w".to_owned(), shape: vec![2], values: vec![0.0, value] };
        assert!(finite(&[tensor(1.0)]).is_ok() && pixels(&[0.5, -1e3], &[1e-17, 1.0]).is_ok());
        for bad in BAD {
            assert!(said(finite(&[tensor(1.0), tensor(bad)])).contains("tensor 'w' holds NaN or infinity"), "{bad}");
        }
        for bad in BAD.into_iter().chain([1001.0, -1001.0]) {
            assert!(said(pixels(&[0.0, bad], &[1.0])).contains("expected numbers from -1000 to 1000"), "{bad}");
        }
        for bad in BAD.into_iter().chain([0.0, -1.0]) {
            assert!(said(pixels(&[0.0], &[1.0, bad])).contains("expected finite numbers above 0"), "{bad}");
        }
    }
}
