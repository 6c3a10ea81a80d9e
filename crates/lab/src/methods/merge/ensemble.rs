//! What merged weights are compared with: the parents side by side, asked together.
//!
//! Its answer is the mean of the probabilities that the parents give. Its embedding is the mean of their unit embeddings, made a unit
//! vector again: that can be compared with the gallery of either parent and costs no more to store. The parents one after the other
//! would be comparable with the gallery of the first alone, at twice the storage.

use std::sync::Arc;

use burn::tensor::activation::softmax;
use burn::tensor::{Device, Tensor};
use protocol::{Claim, MethodCard, Need, Read, Reference, Stage, Suits};

use super::{MOST, alike};
use crate::frames::fitted::done;
use crate::methods::{Before, Method, encoder_dims};
use crate::{Inputs, LabError, Model, Portable, Setup, Training, cosine_logits, normalize};

pub(super) const METHOD: Method = Method { id: "ensemble", card, claims: &[], check, stored_dims: encoder_dims, start };

fn card() -> MethodCard {
    MethodCard::new(METHOD.id, "Ensemble")
        .summary("A control: all parents are kept and asked together.")
        .needs([Need::OldHead, Need::OldWeights])
        .suits(Suits { parents: [2, MOST], ..Suits::default() })
        .reference(Reference::Joint)
        .reads([Read::Retrieval, Read::Knowledge, Read::Cost])
        .comparison("The mean of the parents' unit embeddings, re-normalised, against the gallery of each parent.")
        .claims([Claim::new("the dear way", "It costs every encoder for every image, which merged weights do not.")])
}

fn check(stage: &Stage, before: Option<Before>) -> Result<(), LabError> {
    alike(stage, before)
}

fn start(setup: Setup) -> Result<Box<dyn Training>, LabError> {
    let mut members = Vec::new();
    for parent in &setup.parents {
        let model = parent.model()?.clone();
        match parent.head()? {
            Some(rows) if model.is_cosine() && rows.dims()[1] == model.dims() => members.push(Member { model, rows }),
            _ => {
                return Err(LabError::Scenario(
                    "An ensemble asks its parents for probabilities, but one does not answer by cosines with class rows; choose another parent.".to_owned(),
                ));
            }
        }
    }
    let classes = members.iter().map(|member| member.rows.dims()[0]).max().unwrap_or_default();
    let (scale, device) = (setup.stage.schedule.scale, setup.engine.device().clone());
    Ok(done(Arc::new(Ensemble { members, classes, scale, dims: setup.stage.dims as usize, device })))
}

/// A parent with its class rows, `[classes, dims]`.
struct Member {
    model: Arc<dyn Model>,
    rows: Tensor<2>,
}

/// All parents.
struct Ensemble {
    members: Vec<Member>,
    /// Classes that at least one of them knows: the first so many.
    classes: usize,
    /// Of the cosine logits.
    scale: f64,
    dims: usize,
    device: Device,
}

impl Ensemble {
    /// The mean of what each member gives, `[batch, columns]`.
    fn mean(&self, of: impl Fn(&Member) -> Result<Tensor<2>, LabError>) -> Result<Tensor<2>, LabError> {
        let parts = self.members.iter().map(of).collect::<Result<Vec<_>, _>>()?;
        let sum = parts.into_iter().reduce(|sum, part| sum + part);
        let sum = sum.ok_or_else(|| LabError::Missing("A member of the ensemble".to_owned()))?;
        Ok(sum.div_scalar(self.members.len().max(1) as f64))
    }
}

impl Model for Ensemble {
    fn embed(&self, items: &Inputs) -> Result<Tensor<2>, LabError> {
        Ok(normalize(self.mean(|member| Ok(normalize(member.model.embed(items)?)))?))
    }

    fn answer(&self, items: &Inputs) -> Result<Option<Tensor<2>>, LabError> {
        let probabilities = |Member { model, rows }: &Member| {
            let shares = softmax(cosine_logits(normalize(model.embed(items)?), rows.clone(), self.scale), 1);
            let [batch, known] = shares.dims();
            // Of classes to come a member knows nothing.
            Ok(match self.classes - known.min(self.classes) {
                0 => shares,
                more => Tensor::cat(vec![shares, Tensor::zeros([batch, more], &self.device)], 1),
            })
        };
        self.mean(probabilities).map(Some)
    }

    fn dims(&self) -> usize {
        self.dims
    }

    fn parameters(&self) -> u64 {
        self.members.iter().map(|member| member.model.parameters()).sum()
    }

    fn portable(&self) -> Portable {
        let names: Vec<String> = (1..=self.members.len()).map(|number| format!("parent{number}.")).collect();
        let parts = names.iter().zip(&self.members).map(|(name, member)| {
            let mut part = member.model.portable();
            part.normalize();
            (name.as_str(), part)
        });
        let mut file = Portable::default();
        file.concat(parts);
        // One after the other, times as many unit matrices, is their sum: as good as the mean, since only its direction counts.
        let unit = Tensor::<2>::eye(self.dims, &self.device);
        file.affine("sum", Tensor::cat(vec![unit; self.members.len()], 0), None);
        file.normalize();
        file
    }
}
