//! The images of a run on their way to an engine.

use std::collections::BTreeSet;

use burn::tensor::{Device, Tensor, TensorData};
use data::{
    Augmentation, Dataset, EpochAugmentation, EpochOrder, ImageShape, ItemShape, Items, Normalisation, Part, Rng, Seed,
    Slice, TestSubset, TrainSubset, Wanted, fill_batch,
};
use protocol::{DataSpec, Stage};

use crate::counts::{BATCHES, CLASSES, SHIFT, TEST_ITEMS};
use crate::engine::read;
use crate::{Draw, Engine, Inputs, LabError, Labelled, Model};

/// Images embedded at a time: enough to fill the kernels, little enough to stay in cache and to return soon.
const CHUNK: usize = 256;

/// Items of a part on `device`, without gradients.
pub(crate) fn inputs(
    part: &Part,
    normalisation: &Normalisation,
    indices: &[usize],
    epoch: Option<&EpochAugmentation>,
    device: &Device,
) -> Result<Inputs, LabError> {
    of_items(part.items(), normalisation, indices, epoch, device)
}

/// Those of `items` on `device`, without gradients.
pub(crate) fn of_items(
    items: &Items,
    normalisation: &Normalisation,
    indices: &[usize],
    epoch: Option<&EpochAugmentation>,
    device: &Device,
) -> Result<Inputs, LabError> {
    let count = indices.len();
    if let ItemShape::Tokens { length, .. } = items.shape() {
        let mut tokens = Vec::with_capacity(count * length);
        for &index in indices {
            tokens.extend(items.sequence(index)?.iter().map(|&token| i32::from(token)));
        }
        return Ok(Inputs::Tokens(Tensor::from_data(TensorData::new(tokens, [count, length]), device)));
    }
    let mut values = Vec::new();
    fill_batch(items, normalisation, indices, epoch, &mut values)?;
    Ok(match items.image_shape() {
        Some(ImageShape { channels, height, width }) => {
            Inputs::Pixels(Tensor::from_data(TensorData::new(values, [count, channels, height, width]), device))
        }
        None => Inputs::Rows(Tensor::from_data(TensorData::new(values, [count, items.shape().size()]), device)),
    })
}

/// What stands beside items of a part on `device`, without gradients, if anything does.
fn beside(part: &Part, indices: &[usize], device: &Device) -> Result<Option<Inputs>, LabError> {
    part.beside().map(|beside| of_items(beside, &Normalisation::of(beside), indices, None, device)).transpose()
}

/// The training images of one stage, shuffled and augmented anew each epoch.
///
/// Both depend on seed and epoch alone: all models of a stage see the same batches, so that differences between methods
/// are differences between methods.
pub(crate) struct TrainingImages {
    indices: Vec<usize>,
    /// Of what can be drawn beside them; see [`Draw`].
    memory: Vec<usize>,
    forget: Vec<usize>,
    augmentation: Augmentation,
    batch: usize,
    seed: Seed,
    order: EpochOrder,
    /// Batches of an epoch: as many in each.
    steps: u32,
    epoch: u32,
}

impl TrainingImages {
    /// The images that `stage` is trained on. Of the first `known` classes, those of the stage before, it keeps no more than
    /// it rehearses.
    pub(crate) fn new(
        dataset: &Dataset,
        spec: &DataSpec,
        stage: &Stage,
        known: usize,
        seed: Seed,
    ) -> Result<Self, LabError> {
        let subset = TrainSubset {
            classes: stage.classes as usize,
            per_class: spec.train_per_class as usize,
            fraction: stage.fraction as f32,
        };
        let (first, rehearsal) = (Wanted::first(&stage.sees), stage.rehearsal as usize);
        let identified = Wanted::identified(&stage.sees);
        let wanted = Wanted { subset, first, known, rehearsal, identified };
        let Slice { seen: indices, memory, forget } = Slice::new(dataset, wanted, seed)?;
        let batch = stage.schedule.batch as usize;
        let order = EpochOrder::new(&indices, batch, seed, 0)?;
        let augmentation = Augmentation { max_shift: SHIFT.count(spec.shift as usize)?, noise_std: spec.noise as f32 };
        let steps = BATCHES.count(order.len())?;
        Ok(Self { indices, memory, forget, augmentation, batch, seed, order, steps, epoch: 0 })
    }

    /// Indices into the training part of the dataset.
    pub(crate) fn indices(&self) -> &[usize] {
        &self.indices
    }

    /// The classes of its items.
    pub(crate) fn classes(&self, dataset: &Dataset) -> BTreeSet<u32> {
        self.indices.iter().filter_map(|&item| dataset.train.class(item)).collect()
    }

    /// Steps in one epoch.
    pub(crate) fn steps_per_epoch(&self) -> u32 {
        self.steps
    }

    /// So many of its items, or all if there are fewer, drawn without regard to class and not augmented; on `device`, without gradients.
    /// `None` where none are wanted.
    pub(crate) fn some(
        &self,
        dataset: &Dataset,
        count: usize,
        mut rng: Rng,
        device: &Device,
    ) -> Result<Option<Inputs>, LabError> {
        if count == 0 {
            return Ok(None);
        }
        let drawn = rng.shuffled(self.indices.len());
        let drawn: Vec<usize> = drawn.iter().take(count).filter_map(|&at| self.indices.get(at)).copied().collect();
        inputs(&dataset.train, &dataset.normalisation, &drawn, None, device).map(Some)
    }

    /// As many items as a step learns from out of what can be drawn beside them, fewer if there are not as many, augmented as the
    /// others of the epoch are; on `device`, without gradients.
    pub(crate) fn draw(&self, draw: Draw, dataset: &Dataset, step: u32, device: &Device) -> Result<Labelled, LabError> {
        let name = match draw {
            Draw::Memory => "draw/memory",
            Draw::Forget => "draw/forget",
        };
        let pool = self.beside(draw);
        let order = self.seed.stream(name).substream(u64::from(step)).shuffled(pool.len());
        let drawn: Vec<usize> = order.iter().take(self.batch).filter_map(|&at| pool.get(at)).copied().collect();
        self.labelled(dataset, &drawn, Some(step / self.steps_per_epoch().max(1)), device)
    }

    /// Indices of what can be drawn beside them.
    pub(crate) fn beside(&self, draw: Draw) -> &[usize] {
        match draw {
            Draw::Memory => &self.memory,
            Draw::Forget => &self.forget,
        }
    }

    /// These items with their labels, augmented as it is done in `epoch`, if any is given; on `device`, without gradients.
    pub(crate) fn labelled(
        &self,
        dataset: &Dataset,
        items: &[usize],
        epoch: Option<u32>,
        device: &Device,
    ) -> Result<Labelled, LabError> {
        let varied = self.augmentation.max_shift > 0 || self.augmentation.noise_std > 0.0;
        let epoch = epoch.filter(|_| varied).map(|epoch| self.augmentation.for_epoch(self.seed, epoch));
        let inputs = inputs(&dataset.train, &dataset.normalisation, items, epoch.as_ref(), device)?;
        let labels = items.iter().filter_map(|&item| dataset.train.labels().get(item));
        let labels = labels.map(|&label| CLASSES.number::<u8>(label as usize).map(i32::from));
        let labels: Vec<i32> = labels.collect::<Result<_, _>>()?;
        Ok(Labelled { items: inputs, labels: Tensor::from_data(TensorData::new(labels, [items.len()]), device) })
    }

    /// Images and labels of a step, which counts from 0 over all epochs, and what stands beside each; on `device`, without gradients.
    pub(crate) fn batch(
        &mut self,
        dataset: &Dataset,
        step: u32,
        device: &Device,
    ) -> Result<(Labelled, Option<Inputs>), LabError> {
        let epoch = step / self.steps_per_epoch().max(1);
        if epoch != self.epoch {
            self.order = EpochOrder::new(&self.indices, self.batch, self.seed, epoch)?;
            self.epoch = epoch;
        }
        let number = (step % self.steps_per_epoch().max(1)) as usize;
        let items = self.order.batch(number).ok_or_else(|| LabError::Missing(format!("Batch {number}")))?;
        let beside = beside(&dataset.train, items, device)?;
        Ok((self.labelled(dataset, items, Some(epoch), device)?, beside))
    }
}

/// The test images of a run: each one a query and a gallery item. An item's id is its position here.
pub(crate) struct TestImages {
    indices: Vec<usize>,
    /// Class of each item.
    pub(crate) labels: Vec<u32>,
    /// `0, 1, 2, ...`
    pub(crate) ids: Vec<u32>,
}

impl TestImages {
    /// The test images that the scenario asks for, in an order that says nothing about the class.
    ///
    /// # Errors
    /// [`LabError::Data`] if a class has no items, or there are more items than ids.
    pub(crate) fn new(dataset: &Dataset, spec: &DataSpec, seed: Seed) -> Result<Self, LabError> {
        let indices = TestSubset { per_class: spec.test_per_class as usize }.indices(dataset, seed)?;
        let labels: Vec<u32> = indices.iter().filter_map(|&item| dataset.test.labels().get(item)).copied().collect();
        // Refused here and not after training: in events an item has 16 bits.
        if let Some(last) = indices.len().checked_sub(1) {
            TEST_ITEMS.number::<u16>(last)?;
        }
        let ids = (0..TEST_ITEMS.count(indices.len())?).collect();
        Ok(Self { indices, labels, ids })
    }

    /// How many.
    pub(crate) fn len(&self) -> usize {
        self.indices.len()
    }

    /// Indices into the test part of the dataset.
    pub(crate) fn indices(&self) -> &[usize] {
        &self.indices
    }

    /// What stands for each item where a person looks, in id order, one after the other, and its shape: the image, or of an item
    /// without one a picture of its first embedding.
    pub(crate) fn pictures(&self, dataset: &Dataset) -> Result<(ImageShape, Vec<u8>), LabError> {
        let images = dataset.test.items();
        if let ItemShape::Tokens { vocabulary, .. } = images.shape() {
            let numbers = |index: usize| -> Result<Vec<f32>, LabError> {
                Ok(images.sequence(index)?.iter().map(|&token| f32::from(token) / vocabulary as f32).collect())
            };
            return self.fingerprints(images.shape().size(), numbers);
        }
        let given = dataset.given.first().map(|first| first.dims as usize);
        let width = matches!(images.shape(), ItemShape::Rows { .. }).then(|| images.shape().size());
        let Some(dims) = given.or(width) else {
            let pixels = self.indices.iter().map(|&index| images.picture(index)).collect::<Result<Vec<_>, _>>()?;
            let [channels, height, width] = images.shape().sides();
            return Ok((ImageShape { channels, height, width }, pixels.concat()));
        };
        self.fingerprints(dims, |index| {
            let row = images.row(index)?;
            Ok(row.get(..dims).unwrap_or(row).to_vec())
        })
    }

    /// A picture of so many numbers of each item.
    fn fingerprints(
        &self,
        count: usize,
        numbers: impl Fn(usize) -> Result<Vec<f32>, LabError>,
    ) -> Result<(ImageShape, Vec<u8>), LabError> {
        let side = fingerprint_side(count);
        let shape = ImageShape { channels: 1, height: side, width: side };
        let mut pixels = Vec::with_capacity(self.indices.len() * shape.size());
        for &index in &self.indices {
            pixels.extend(fingerprint(&numbers(index)?, side));
        }
        Ok((shape, pixels))
    }

    /// Embeddings of the first `count` items, row-major.
    pub(crate) async fn embed(
        &self,
        model: &dyn Model,
        dataset: &Dataset,
        engine: &Engine,
        count: usize,
    ) -> Result<Vec<f32>, LabError> {
        let items = self.indices.get(..count).unwrap_or(&self.indices);
        embed(model, dataset, &dataset.test, items, engine).await
    }
}

/// Embeddings of clean images, row-major.
pub(crate) async fn embed(
    model: &dyn Model,
    dataset: &Dataset,
    part: &Part,
    items: &[usize],
    engine: &Engine,
) -> Result<Vec<f32>, LabError> {
    let mut rows = Vec::with_capacity(items.len() * model.dims());
    for chunk in items.chunks(CHUNK) {
        let items = inputs(part, &dataset.normalisation, chunk, None, engine.device())?;
        rows.extend(read(model.embed(&items)?).await?);
    }
    Ok(rows)
}

/// What a model answers for items of a part, row-major, with the number of classes that it chooses among; `None` if it says nothing.
pub(crate) async fn answers(
    model: &dyn Model,
    dataset: &Dataset,
    part: &Part,
    items: &[usize],
    engine: &Engine,
) -> Result<Option<(Vec<f32>, usize)>, LabError> {
    let (mut values, mut classes) = (Vec::new(), 0);
    for chunk in items.chunks(CHUNK) {
        let items = inputs(part, &dataset.normalisation, chunk, None, engine.device())?;
        let Some(scores) = model.answer(&items)? else { return Ok(None) };
        [_, classes] = scores.dims();
        values.extend(read(scores).await?);
    }
    Ok(Some((values, classes)))
}

/// Largest side of a [`fingerprint`].
const FINGERPRINT: usize = 16;

/// Side of the smallest square with a cell for each dim, up to [`FINGERPRINT`].
fn fingerprint_side(dims: usize) -> usize {
    (1..FINGERPRINT).find(|side| side * side >= dims).unwrap_or(FINGERPRINT)
}

/// The first numbers of a row as grey cells, row by row: black and white are plus and minus the largest of them, the mean grey is 0.
fn fingerprint(row: &[f32], side: usize) -> impl Iterator<Item = u8> {
    let shown = row.get(..side * side).unwrap_or(row);
    let largest = shown.iter().fold(f32::MIN_POSITIVE, |largest, value| largest.max(value.abs()));
    let grey = move |value: &f32| (127.5 - 127.5 * value / largest).round() as u8;
    shown.iter().map(grey).chain(std::iter::repeat(128)).take(side * side)
}

#[cfg(test)]
mod tests {
    use data::{Items, Normalisation, Part, Provenance};

    use super::*;

    /// So many items of one number each; every one is of class 0.
    fn dataset(items: usize, classes: usize) -> Dataset {
        let part = || {
            let images = Items::rows(1, vec![1.0; items]).unwrap();
            Part::new(images, vec![0; items], classes).unwrap()
        };
        Dataset {
            id: String::new(),
            name: String::new(),
            class_names: vec![String::new(); classes],
            normalisation: Normalisation::of(part().items()),
            train: part(),
            test: part(),
            given: Vec::new(),
            provenance: Provenance {
                package: String::new(),
                package_version: String::new(),
                licence: String::new(),
                copyright: String::new(),
                homepage: String::new(),
            },
        }
    }

    #[test]
    fn more_test_items_than_ids_are_refused_before_anything_is_trained() {
        let spec = DataSpec { test_per_class: 70_000, ..DataSpec::default() };
        let most = TestImages::new(&dataset(65_536, 1), &spec, Seed(1)).map(|test| test.ids.last().copied());
        assert_eq!(most.unwrap(), Some(65_535));
        let error = TestImages::new(&dataset(65_537, 1), &spec, Seed(1)).map(|test| test.len()).unwrap_err();
        let sentence = "there are 65537 test items, at most 65536 are possible; choose fewer of each class";
        assert_eq!(error.to_string(), sentence);
        assert_eq!(error.fault().action, "Change the setting and reset.");
    }

    #[test]
    fn a_fingerprint_shows_signs_and_sizes() {
        let cells = |row: &[f32]| fingerprint(row, fingerprint_side(row.len())).collect::<Vec<u8>>();
        assert_eq!(cells(&[2.0, -2.0, 0.0]), [0, 255, 128, 128]);
        assert_eq!(cells(&[0.0]), [128]);
        assert_eq!((fingerprint_side(256), fingerprint_side(257), fingerprint_side(10)), (16, 16, 4));
        assert_eq!(cells(&[1.0; 300]), [0; 256]);
    }
}
