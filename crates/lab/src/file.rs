//! SafeTensors files: named tensors of 32-bit floats with a text in the metadata.

use std::collections::HashMap;

use safetensors::SafeTensorError;
use safetensors::tensor::{Dtype, SafeTensors, TensorView, serialize};

use crate::portable::NamedTensor;

/// The bytes of a file of these tensors with a text under `key`.
///
/// # Errors
/// What SafeTensors says.
pub(crate) fn write(tensors: &[NamedTensor], key: &str, text: String) -> Result<Vec<u8>, String> {
    let bytes: Vec<(&str, &[usize], Vec<u8>)> = tensors
        .iter()
        .map(|tensor| {
            let bytes = tensor.values.iter().flat_map(|value| value.to_le_bytes()).collect();
            (tensor.name.as_str(), tensor.shape.as_slice(), bytes)
        })
        .collect();
    let views = bytes
        .iter()
        .map(|(name, shape, bytes)| Ok((*name, TensorView::new(Dtype::F32, shape.to_vec(), bytes)?)))
        .collect::<Result<Vec<_>, SafeTensorError>>()
        .map_err(|error| error.to_string())?;
    serialize(views, Some(HashMap::from([(key.to_owned(), text)]))).map_err(|error| error.to_string())
}

/// The text under `key`, if there is one.
///
/// # Errors
/// Why the bytes are no file, as the end of a sentence.
pub(crate) fn text(bytes: &[u8], key: &str) -> Result<Option<String>, String> {
    let (_, metadata) = SafeTensors::read_metadata(bytes).map_err(unreadable)?;
    Ok(metadata.metadata().as_ref().and_then(|entries| entries.get(key)).cloned())
}

/// All tensors.
///
/// # Errors
/// Why the bytes are no file of 32-bit floats, as the end of a sentence.
pub(crate) fn tensors(bytes: &[u8]) -> Result<Vec<NamedTensor>, String> {
    let file = SafeTensors::deserialize(bytes).map_err(unreadable)?;
    let mut tensors = Vec::new();
    for (name, view) in file.iter() {
        if view.dtype() != Dtype::F32 {
            return Err(format!("tensor '{name}' is {:?}, expected 32-bit floats", view.dtype()));
        }
        let values = view.data().chunks_exact(4).filter_map(|bytes| Some(f32::from_le_bytes(bytes.try_into().ok()?)));
        tensors.push(NamedTensor { name: name.to_owned(), shape: view.shape().to_vec(), values: values.collect() });
    }
    Ok(tensors)
}

fn unreadable(error: SafeTensorError) -> String {
    format!("it is no SafeTensors file ({error})")
}
