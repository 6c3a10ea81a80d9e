//! The binary files of CIFAR-10 and CIFAR-100: records of one or two label bytes and 32 x 32 pixels
//! in red, green, blue, channel by channel.

use data::ImageShape;

use super::arrays::{Arrays, Batch};
use crate::error::ImportError;
use crate::input::kind::Sorted;
use crate::input::path::Part;
use crate::input::store::Store;
use crate::{limits, words};

const SHAPE: ImageShape = ImageShape { channels: 3, height: 32, width: 32 };

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Ten,
    Hundred,
}

impl Form {
    /// By name, as the authors named the files.
    fn of(path: &str) -> Self {
        let name = path.rsplit('/').next().unwrap_or_default().to_lowercase();
        if name.contains("batch") { Self::Ten } else { Self::Hundred }
    }

    /// Label bytes of a record. Of two the second is the finer label.
    fn lead(self) -> usize {
        match self {
            Self::Ten => 1,
            Self::Hundred => 2,
        }
    }

    fn names(self) -> &'static str {
        match self {
            Self::Ten => "batches.meta.txt",
            Self::Hundred => "fine_label_names.txt",
        }
    }

    fn records(self) -> &'static str {
        match self {
            Self::Ten => "records of 3073 bytes, as CIFAR-10 (data_batch_1.bin, test_batch.bin) has",
            Self::Hundred => "records of 3074 bytes, as CIFAR-100 (train.bin, test.bin) has",
        }
    }
}

/// Reads the files, and the names of classes where they are there.
pub(crate) fn read(store: &mut Store, sorted: &Sorted, notices: &mut Vec<String>) -> Result<Arrays, ImportError> {
    let form = sorted.cifar.first().map_or(Form::Ten, |&index| Form::of(store.path(index)));
    let (taken, others): (Vec<usize>, Vec<usize>) =
        sorted.cifar.iter().partition(|&&index| Form::of(store.path(index)) == form);
    if !others.is_empty() {
        let list = words::list(others.iter().map(|&index| store.path(index)), "");
        notices.push(format!("CIFAR-10 and CIFAR-100 lie beside each other; left out: {list}."));
    }
    let mut batches = Vec::new();
    for index in taken {
        let path = store.path(index).to_owned();
        let bytes = store.read(index, limits::ARRAY_BYTES)?;
        let record = form.lead() + SHAPE.size();
        if bytes.is_empty() || !bytes.len().is_multiple_of(record) {
            return Err(ImportError::Cifar { path, bytes: bytes.len(), expected: form.records() });
        }
        let label = |record: &[u8]| record.get(form.lead() - 1).map_or(0, |&label| usize::from(label));
        let labels = bytes.chunks_exact(record).map(label).collect();
        let part = Part::of_file(&path);
        batches.push(Batch { path, part, shape: SHAPE, labels, bytes, lead: form.lead() });
    }
    let list = sorted.names.iter().copied().find(|&index| store.path(index).to_lowercase().ends_with(form.names()));
    let text = list.map(|index| store.read(index, limits::IMAGE_BYTES)).transpose()?.unwrap_or_default();
    let mut names: Vec<String> = Vec::new();
    for name in String::from_utf8_lossy(&text).lines().map(str::trim).filter(|name| !name.is_empty()) {
        // Two labels of one name would become one class.
        if names.iter().any(|known| known == name) {
            notices.push(format!("{} names a class twice, so classes are named by their numbers.", form.names()));
            names.clear();
            break;
        }
        names.push(name.to_owned());
    }
    Ok(Arrays { batches, names })
}
