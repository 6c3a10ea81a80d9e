//! What a new model goes on from.

use std::collections::BTreeMap;
use std::sync::Arc;

use burn::tensor::{Device, Tensor, TensorData};
use protocol::{Need, Needs};

use crate::{LabError, Means, Model, StoredFeatures};

/// What a system leaves for those that go on from it beside its model, by name.
pub type Kept = BTreeMap<String, Vec<f32>>;

/// A deployed system that a new model goes on from: as much of it as the method's card asks for.
#[derive(Clone)]
pub struct Parent {
    /// Floats that it stores per item.
    pub dims: usize,
    /// Classes that it was trained on: the first so many.
    pub classes: usize,
    needs: Needs,
    model: Option<Arc<dyn Model>>,
    /// The classifier, if it has one.
    head: Option<Option<Tensor<2>>>,
    weights: Option<Vec<f32>>,
    kept: Option<Kept>,
    means: Option<Means>,
    stored: Option<Arc<StoredFeatures>>,
    prototypes: Option<Tensor<2>>,
}

impl Parent {
    /// What a method with these `needs` is given of a model that was trained on `classes` classes.
    pub fn new(needs: &Needs, model: &Arc<dyn Model>, classes: usize) -> Self {
        Self {
            dims: model.dims(),
            classes,
            model: needs.has(Need::OldWeights).then(|| model.clone()),
            head: needs.has(Need::OldHead).then(|| model.classifier()),
            weights: None,
            kept: None,
            means: None,
            stored: None,
            prototypes: None,
            needs: needs.clone(),
        }
    }

    /// Whether its features of the new training images are asked for, which cost one pass over them.
    pub fn wants_features(&self) -> bool {
        [Need::Prototypes, Need::StoredFeatures, Need::Pairs].into_iter().any(|need| self.needs.has(need))
    }

    /// With its features of the training images of a stage with `new_classes` classes, not augmented, and their means, which go to
    /// `device`: as far as they are asked for.
    pub fn with_features(self, stored: StoredFeatures, new_classes: usize, device: &Device) -> Self {
        let prototypes = self.needs.has(Need::Prototypes).then(|| {
            let means = TensorData::new(stored.means(new_classes), [new_classes, stored.dims()]);
            Tensor::from_data(means, device)
        });
        let keeps = self.needs.has(Need::StoredFeatures) || self.needs.has(Need::Pairs);
        Self { prototypes, stored: keeps.then(|| Arc::new(stored)), ..self }
    }

    /// With the numbers of its training and what it left, as far as they are asked for.
    pub fn with_numbers(self, weights: &[f32], kept: &Kept) -> Self {
        let (weighs, keeps) = (self.needs.has(Need::OldWeights), self.needs.has(Need::Kept));
        Self { weights: weighs.then(|| weights.to_vec()), kept: keeps.then(|| kept.clone()), ..self }
    }

    /// With its class means over what it was trained on itself, as far as they are asked for.
    pub fn with_means(self, means: Means) -> Self {
        Self { means: self.needs.has(Need::Means).then_some(means), ..self }
    }

    /// The model itself.
    ///
    /// # Errors
    /// [`LabError::Unasked`] if the method's card does not ask for [`Need::OldWeights`].
    pub fn model(&self) -> Result<&Arc<dyn Model>, LabError> {
        asked(self.model.as_ref(), Need::OldWeights)
    }

    /// The numbers that were trained, in the order of [`Training::weights`](crate::Training::weights); none of a model that was not
    /// trained here.
    ///
    /// # Errors
    /// [`LabError::Unasked`] if the method's card does not ask for [`Need::OldWeights`].
    pub fn weights(&self) -> Result<&[f32], LabError> {
        asked(self.weights.as_deref(), Need::OldWeights)
    }

    /// Its classifier, if it has one.
    ///
    /// # Shapes
    /// - output: `[classes, dims]`
    ///
    /// # Errors
    /// [`LabError::Unasked`] if the method's card does not ask for [`Need::OldHead`].
    pub fn head(&self) -> Result<Option<Tensor<2>>, LabError> {
        asked(self.head.clone(), Need::OldHead)
    }

    /// What it left.
    ///
    /// # Errors
    /// [`LabError::Unasked`] if the method's card does not ask for [`Need::Kept`].
    pub fn kept(&self) -> Result<&Kept, LabError> {
        asked(self.kept.as_ref(), Need::Kept)
    }

    /// Its class means over what it was trained on itself, with those that it had from models before it.
    ///
    /// # Errors
    /// [`LabError::Unasked`] if the method's card does not ask for [`Need::Means`].
    pub fn means(&self) -> Result<&Means, LabError> {
        asked(self.means.as_ref(), Need::Means)
    }

    /// Its features of the new training images, not augmented.
    ///
    /// # Errors
    /// [`LabError::Unasked`] if the method's card asks neither for [`Need::StoredFeatures`] nor for [`Need::Pairs`].
    pub fn stored(&self) -> Result<&Arc<StoredFeatures>, LabError> {
        asked(self.stored.as_ref(), Need::StoredFeatures)
    }

    /// The mean of those features per class, `[classes of the new stage, dims]`.
    ///
    /// # Errors
    /// [`LabError::Unasked`] if the method's card does not ask for [`Need::Prototypes`].
    pub fn prototypes(&self) -> Result<&Tensor<2>, LabError> {
        asked(self.prototypes.as_ref(), Need::Prototypes)
    }
}

/// What is there if it was asked for.
pub(crate) fn asked<T>(thing: Option<T>, need: Need) -> Result<T, LabError> {
    thing.ok_or(LabError::Unasked(need))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::{Portable, PortableModel};

    const WEIGHTS: [f32; 2] = [0.5, -1.0];

    /// What a method with these needs gets of a model of two dims, whatever there is.
    fn parent(needs: &[Need]) -> Parent {
        let mut file = Portable::default();
        file.flatten();
        let model: Arc<dyn Model> = Arc::new(PortableModel::written(file, [1, 1, 2], 2).unwrap());
        let stored = StoredFeatures::new(&[1.0, 0.0, 0.0, 3.0], 2, vec![0, 1]).unwrap();
        let kept = Kept::from([("fisher".to_owned(), vec![1.0])]);
        Parent::new(&needs.iter().copied().collect(), &model, 3)
            .with_means(Means::new(2, 3))
            .with_features(stored, 2, &Device::default())
            .with_numbers(&WEIGHTS, &kept)
    }

    /// The needs whose getters give something.
    fn given(parent: &Parent) -> Vec<Need> {
        let all = [
            (Need::Kept, parent.kept().is_ok()),
            (Need::Means, parent.means().is_ok()),
            (Need::Prototypes, parent.prototypes().is_ok()),
            (Need::StoredFeatures, parent.stored().is_ok()),
            (Need::OldHead, parent.head().is_ok()),
            (Need::OldWeights, parent.model().is_ok() && parent.weights().is_ok()),
        ];
        all.into_iter().filter_map(|(need, there)| there.then_some(need)).collect()
    }

    #[test]
    fn a_method_gets_what_it_asked_for_and_nothing_else() {
        let needs = [Need::Kept, Need::Means, Need::Prototypes, Need::StoredFeatures, Need::OldHead, Need::OldWeights];
        for need in needs {
            assert_eq!(given(&parent(&[need])), [need]);
        }
        for need in [Need::OldFeatures, Need::Teacher] {
            let parent = parent(&[need]);
            assert_eq!(given(&parent), []);
            assert!(!parent.wants_features(), "{need} costs no pass over the training images");
            assert_eq!((parent.dims, parent.classes), (2, 3));
        }
        assert_eq!(given(&parent(&[Need::Pairs])), [Need::StoredFeatures], "one side of the pairs");
        let both = parent(&[Need::OldWeights, Need::Kept]);
        assert_eq!((both.weights().unwrap(), both.kept().unwrap().len()), (&WEIGHTS[..], 1));
    }

    #[test]
    fn a_refusal_names_the_need() {
        let error = parent(&[]).prototypes().map(|_| ()).unwrap_err();
        assert!(matches!(error, LabError::Unasked(Need::Prototypes)));
        assert!(error.to_string().contains("old class means"), "{error}");
    }
}
