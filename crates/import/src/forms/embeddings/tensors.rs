//! The arrays in a `.safetensors` file.

use half::{bf16, f16};
use safetensors::{
    Dtype,
    tensor::{Metadata, TensorInfo},
};

use super::matrix::{Array, Head, Labels, Plan, Sort, Values};
use crate::error::EmbeddingsError;
use crate::limits;

/// Reads the file at `path`, in the order of the names of its tensors: floats of 16, 32 or 64 bits (F16, BF16, F32, F64) as
/// rows, whole numbers as labels. Values of other types and shapes are left where they are.
///
/// # Errors
/// It is no whole `.safetensors` file, or an array has too many rows.
pub(crate) fn read(path: &str, bytes: &[u8]) -> Result<Vec<Array>, EmbeddingsError> {
    let fault = |reason: &str| EmbeddingsError::Safetensors { path: path.to_owned(), reason: reason.to_owned() };
    let (&length, rest) = bytes.split_first_chunk::<8>().ok_or_else(|| fault("it is cut short"))?;
    let length = usize::try_from(u64::from_le_bytes(length)).unwrap_or(usize::MAX);
    if length > limits::HEADER_BYTES {
        return Err(fault("its header is longer than that of a few arrays"));
    }
    let (header, data) = rest.split_at_checked(length).ok_or_else(|| fault("it is cut short"))?;
    // Offsets are compared with the bytes there are below: the crate's own reader adds them up unchecked.
    let metadata: Metadata = serde_json::from_slice(header).map_err(|reason| fault(&reason.to_string()))?;
    if metadata.data_len() != data.len() {
        let (announced, found) = (metadata.data_len(), data.len());
        return Err(fault(&format!("its header announces {announced} bytes of values, there are {found}")));
    }
    let mut tensors: Vec<(String, &TensorInfo)> = metadata.tensors().into_iter().collect();
    tensors.sort_by(|(a, _), (b, _)| a.cmp(b));
    let array = |(name, info): (String, &TensorInfo)| {
        let (start, end) = info.data_offsets;
        let values = data.get(start..end).ok_or_else(|| fault("a tensor lies beyond its end"))?;
        array(format!("{path}/{name}"), info, values)
    };
    tensors.into_iter().map(array).collect()
}

fn array(path: String, info: &TensorInfo, data: &[u8]) -> Result<Array, EmbeddingsError> {
    let sort = match info.dtype {
        Dtype::F16 | Dtype::BF16 | Dtype::F32 | Dtype::F64 => Sort::Numbers,
        Dtype::BOOL | Dtype::I8 | Dtype::I16 | Dtype::I32 | Dtype::I64 => Sort::Names,
        Dtype::U8 | Dtype::U16 | Dtype::U32 | Dtype::U64 => Sort::Names,
        _ => Sort::Other,
    };
    let head = Head { path, shape: info.shape.clone(), dtype: format!("{:?}", info.dtype), sort };
    let values = match head.plan()? {
        Plan::Rows { rows, dims } => Values::Rows { rows, dims, numbers: numbers(info.dtype, data) },
        Plan::Labels => Values::Labels(labels(info.dtype, data)),
        Plan::Leave => Values::Unread,
    };
    Ok(Array { head, values })
}

fn numbers(dtype: Dtype, data: &[u8]) -> Vec<f32> {
    match dtype {
        Dtype::F16 => each(data, |bytes| f16::from_le_bytes(bytes).to_f32()),
        Dtype::BF16 => each(data, |bytes| bf16::from_le_bytes(bytes).to_f32()),
        Dtype::F64 => each(data, |bytes| f64::from_le_bytes(bytes) as f32),
        _ => each(data, f32::from_le_bytes),
    }
}

fn labels(dtype: Dtype, data: &[u8]) -> Labels {
    match dtype {
        Dtype::I8 => each(data, |bytes| i8::from_le_bytes(bytes).to_string()),
        Dtype::I16 => each(data, |bytes| i16::from_le_bytes(bytes).to_string()),
        Dtype::I32 => each(data, |bytes| i32::from_le_bytes(bytes).to_string()),
        Dtype::I64 => each(data, |bytes| i64::from_le_bytes(bytes).to_string()),
        Dtype::U16 => each(data, |bytes| u16::from_le_bytes(bytes).to_string()),
        Dtype::U32 => each(data, |bytes| u32::from_le_bytes(bytes).to_string()),
        Dtype::U64 => each(data, |bytes| u64::from_le_bytes(bytes).to_string()),
        _ => each(data, |bytes| u8::from_le_bytes(bytes).to_string()),
    }
}

/// What `value` makes of every `N` bytes.
fn each<const N: usize, T, C: FromIterator<T>>(data: &[u8], value: impl Fn([u8; N]) -> T) -> C {
    data.as_chunks::<N>().0.iter().map(|&bytes| value(bytes)).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use safetensors::{serialize, tensor::TensorView};

    use super::*;

    fn file(tensors: &[(&str, Dtype, &[usize], Vec<u8>)]) -> Vec<u8> {
        let views = tensors.iter().map(|(name, dtype, shape, data)| {
            (name.to_string(), TensorView::new(*dtype, shape.to_vec(), data).unwrap())
        });
        serialize(views, None).unwrap()
    }

    #[test]
    fn floats_of_every_width_are_rows() {
        let values = [-1.5f32, 0.0, 2.0, 3.5];
        let bytes = file(&[
            ("d", Dtype::F64, &[2, 2], values.iter().flat_map(|&value| f64::from(value).to_le_bytes()).collect()),
            ("a", Dtype::F16, &[2, 2], values.iter().flat_map(|&value| f16::from_f32(value).to_le_bytes()).collect()),
            (
                "b",
                Dtype::BF16,
                &[2, 1, 2],
                values.iter().flat_map(|&value| bf16::from_f32(value).to_le_bytes()).collect(),
            ),
            ("c", Dtype::F32, &[2, 2], values.iter().flat_map(|value| value.to_le_bytes()).collect()),
        ]);
        let arrays = read("m.safetensors", &bytes).unwrap();
        let paths: Vec<&str> = arrays.iter().map(|array| array.head.path.as_str()).collect();
        assert_eq!(paths, ["m.safetensors/a", "m.safetensors/b", "m.safetensors/c", "m.safetensors/d"]);
        for array in arrays {
            assert_eq!(
                array.values,
                Values::Rows { rows: 2, dims: 2, numbers: values.to_vec() },
                "{}",
                array.head.path
            );
        }
    }

    #[test]
    fn whole_numbers_are_labels() {
        let bytes = file(&[
            ("a", Dtype::I8, &[2], vec![255, 3]),
            ("b", Dtype::I16, &[2], [-1i16, 3].iter().flat_map(|value| value.to_le_bytes()).collect()),
            ("c", Dtype::I32, &[2, 1], [-1i32, 3].iter().flat_map(|value| value.to_le_bytes()).collect()),
            ("d", Dtype::I64, &[2], [-1i64, 3].iter().flat_map(|value| value.to_le_bytes()).collect()),
            ("e", Dtype::U8, &[2], vec![255, 3]),
            ("f", Dtype::U16, &[2], [255u16, 3].iter().flat_map(|value| value.to_le_bytes()).collect()),
            ("g", Dtype::U32, &[2], [255u32, 3].iter().flat_map(|value| value.to_le_bytes()).collect()),
            ("h", Dtype::U64, &[2], [255u64, 3].iter().flat_map(|value| value.to_le_bytes()).collect()),
        ]);
        for (at, array) in read("m", &bytes).unwrap().into_iter().enumerate() {
            let first = if at < 4 { "-1" } else { "255" };
            let labels = [first, "3"].map(str::to_owned).into_iter().collect();
            assert_eq!(array.values, Values::Labels(labels), "{}", array.head.path);
        }
        let truth = read("m", &file(&[("t", Dtype::BOOL, &[2], vec![0, 1])])).unwrap();
        assert_eq!(truth[0].values, Values::Labels(["0", "1"].map(str::to_owned).into_iter().collect()));
        let other = read("m", &file(&[("t", Dtype::F8_E4M3, &[1, 2], vec![0, 1])])).unwrap();
        assert_eq!((&other[0].values, other[0].head.dtype.as_str()), (&Values::Unread, "F8_E4M3"));
    }

    #[test]
    fn damaged_files_are_told() {
        let say = |bytes: &[u8]| read("m.safetensors", bytes).unwrap_err().to_string();
        let told = |reason: &str| format!("m.safetensors cannot be read as .safetensors: {reason}; save it again");
        let whole = file(&[("a", Dtype::U8, &[4], vec![0, 1, 2, 3])]);
        assert_eq!(say(b"abc"), told("it is cut short"));
        assert_eq!(say(&whole[..20]), told("it is cut short"));
        let cut = "its header announces 4 bytes of values, there are 3";
        assert_eq!(say(&whole[..whole.len() - 1]), told(cut));
        assert_eq!(say(&[0xff; 16]), told("its header is longer than that of a few arrays"));
        let raw = |header: &str| [&(header.len() as u64).to_le_bytes(), header.as_bytes()].concat();
        assert!(say(&raw("{]")).starts_with("m.safetensors cannot be read as .safetensors: "));
        let huge = r#"{"a":{"dtype":"U8","shape":[1000000000000],"data_offsets":[0,1000000000000]}}"#;
        assert_eq!(say(&raw(huge)), told("its header announces 1000000000000 bytes of values, there are 0"));
    }

    proptest! {
        #[test]
        fn arbitrary_headers_never_panic(
            dtype in "(U8|F4|F16|F32|I64|BOOL)", shape in prop::collection::vec(any::<u64>(), 0..3), small: bool, start: u64,
            end: u64, data in prop::collection::vec(any::<u8>(), 0..64)
        ) {
            let limit = |value: u64| if small { value % 64 } else { value };
            let shape: Vec<u64> = shape.into_iter().map(|side| if small { side % 9 } else { side }).collect();
            let header = format!(
                r#"{{"a":{{"dtype":"{dtype}","shape":{shape:?},"data_offsets":[{},{}]}}}}"#, limit(start), limit(end)
            );
            let _ = read("a", &[&(header.len() as u64).to_le_bytes(), header.as_bytes(), &data].concat());
        }

        #[test]
        fn damaged_files_never_panic(at in any::<prop::sample::Index>(), value: u8) {
            let mut bytes = file(&[("a", Dtype::U8, &[4], vec![0, 1, 2, 3]), ("b", Dtype::F16, &[1, 2], vec![0; 4])]);
            let at = at.index(bytes.len());
            bytes[at] = value;
            let _ = read("a", &bytes);
        }
    }
}
