//! Written steps that do not fit their tensors or each other are refused with a sentence, never followed.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, missing_docs)]

use crate::common::{Bench, engine, values};
use lab::{LabError, Model as _, NamedTensor, PortableModel};
use pollster::block_on;
use protocol::{Choice, WeightsUse};

type Steps = Vec<WeightsUse>;

/// A vision transformer of one layer on images of 1 x 6 x 6: four tokens of width 16, 12 dims.
fn written() -> (Steps, Vec<NamedTensor>) {
    let vit = Choice::of("vit").with("width", 16.0).with("patch", 3.0).with("layers", 1.0);
    let bench = Bench::with_encoder(Choice::plain(), vit, 12);
    block_on(bench.training().model().unwrap().portable().into_host()).unwrap()
}

/// The sentence with which an altered file is refused, after "The model file cannot be used: ".
fn refusal(alter: impl FnOnce(&mut Steps, &mut Vec<NamedTensor>)) -> String {
    let (mut steps, mut tensors) = written();
    alter(&mut steps, &mut tensors);
    match PortableModel::new(&steps, &tensors, [1, 6, 6], 12, engine().device()) {
        Err(LabError::File(reason)) => reason,
        other => format!("not refused: {:?}", other.map(|model| model.dims())),
    }
}

fn reshape(tensors: &mut [NamedTensor], name: &str, shape: &[usize]) {
    let tensor = tensors.iter_mut().find(|tensor| tensor.name == name).unwrap();
    tensor.shape = shape.to_vec();
    tensor.values.resize(shape.iter().product(), 0.0);
}

#[test]
fn the_steps_of_a_vision_transformer_that_were_altered_are_refused() {
    assert_eq!(
        refusal(|steps, _| steps[0] = WeightsUse::Patchify { size: 4 }),
        "a map of 6 x 6 does not divide into patches of 4 x 4"
    );
    assert_eq!(
        refusal(|steps, _| steps[0] = WeightsUse::Patchify { size: 0 }),
        "a map of 6 x 6 does not divide into patches of 0 x 0"
    );
    assert_eq!(
        refusal(|steps, _| steps.insert(0, WeightsUse::Flatten)),
        "its forward pass has patches where there are no maps"
    );
    assert_eq!(
        refusal(|_, tensors| reshape(tensors, "encoder.positions", &[5, 16])),
        "tensor 'encoder.positions' has shape [5, 16], expected [4, 16]"
    );
    assert_eq!(
        refusal(|_, tensors| reshape(tensors, "encoder.norm.beta", &[15])),
        "tensor 'encoder.norm.beta' has shape [15], expected [16]"
    );
    assert_eq!(
        refusal(|_, tensors| reshape(tensors, "encoder.embedding.weight", &[8, 16])),
        "a layer takes 8 numbers where 9 come"
    );
    assert_eq!(
        refusal(|steps, _| steps.retain(|step| *step != WeightsUse::MeanTokens)),
        "its forward pass has normalisation before flattening"
    );
    assert_eq!(refusal(|steps, _| steps.truncate(1)), "its forward pass ends in 36 numbers, the card says 12");
    assert_eq!(
        refusal(|steps, _| steps.push(WeightsUse::MeanTokens)),
        "its forward pass has a mean over tokens where there are no tokens"
    );
}

#[test]
fn altered_attention_and_residual_branches_are_refused() {
    let inner = |alter: fn(&mut Steps)| {
        refusal(|steps, _| {
            let branch = steps.iter_mut().find_map(|step| match step {
                WeightsUse::Residual { steps } => Some(steps),
                _ => None,
            });
            alter(branch.unwrap());
        })
    };
    for (heads, width) in [(0, 48), (5, 48)] {
        let sentence = refusal(|steps, _| {
            let WeightsUse::Residual { steps } = &mut steps[3] else { return };
            steps[2] = WeightsUse::Attention { heads };
        });
        assert_eq!(
            sentence,
            format!("tokens of {width} numbers do not divide into query, key and value of {heads} heads")
        );
    }
    assert_eq!(
        inner(|steps| {
            steps.pop();
            steps.pop();
        }),
        "192 numbers cannot be added to the 64 that they were made of"
    );
    assert_eq!(inner(|steps| drop(steps.remove(2))), "a layer takes 16 numbers where 48 come");
    assert_eq!(
        inner(|steps| steps.push(WeightsUse::MeanTokens)),
        "16 numbers cannot be added to the 64 that they were made of"
    );
}

#[test]
fn a_written_transformer_is_followed_in_one_and_in_three_channels() {
    for channels in [1, 3] {
        let vit = Choice::of("vit").with("width", 16.0).with("patch", 2.0);
        let mut bench = Bench::with_encoder(Choice::plain(), vit, 12);
        bench.image.channels = channels;
        let model = bench.training().model().unwrap();
        let (steps, tensors) = block_on(model.portable().into_host()).unwrap();
        let copy = PortableModel::new(&steps, &tensors, [channels, 6, 6], 12, bench.engine.device()).unwrap();
        let images = bench.images(1);
        let (left, right) =
            (block_on(values(model.embed(&images).unwrap())), block_on(values(copy.embed(&images).unwrap())));
        let worst = left.iter().zip(&right).map(|(left, right)| (left - right).abs()).fold(0.0, f32::max);
        assert!(worst < 1e-5, "{channels} channels: off by {worst}");
        assert_eq!(copy.parameters() + 6 * 12, model.parameters(), "all but the head of six classes");
    }
}

/// The sentence with which steps on rows of 16 numbers are refused.
fn refused(steps: Steps) -> String {
    match PortableModel::new(&steps, &[], [1, 4, 4], 16, engine().device()) {
        Err(LabError::File(reason)) => reason,
        other => format!("not refused: {:?}", other.map(|model| model.dims())),
    }
}

#[test]
fn steps_without_measure_are_refused() {
    let twice = || WeightsUse::Concat { branches: vec![Vec::new(), Vec::new()] };
    let wide = "its forward pass makes more than 1048576 numbers of one item";
    // Also where 64 bits would not hold them.
    for doublings in [17, 28, 32, 40, 64] {
        let mut steps = vec![WeightsUse::Flatten];
        steps.extend((0..doublings).map(|_| twice()));
        assert_eq!(refused(steps), wide, "{doublings}");
    }
    let many = "its forward pass has more than 10000 steps or more than 32 of them inside each other";
    let branches = vec![vec![WeightsUse::Slice { start: 0, length: 1 }]; 6000];
    assert_eq!(refused(vec![WeightsUse::Flatten, WeightsUse::Concat { branches }]), many);
    assert_eq!(refused(vec![WeightsUse::Relu; 10_001]), many);
    let nested = |depth: usize| {
        let wrap = |steps, _| vec![WeightsUse::Residual { steps }];
        let mut steps = vec![WeightsUse::Flatten];
        steps.extend((0..depth).fold(vec![WeightsUse::Relu], wrap));
        steps
    };
    assert_eq!(refused(nested(33)), many);
    assert_eq!(refused(nested(32)), "not refused: Ok(16)");
}

#[test]
fn a_padding_without_measure_is_refused() {
    let weight = NamedTensor { name: "w".into(), shape: vec![1, 1, 1, 1], values: vec![1.0] };
    for (padding, stride) in [(1 << 10, 1), (1 << 31, 1), (u32::MAX, u32::MAX)] {
        let steps = [WeightsUse::Conv2d { weight: "w".into(), bias: None, stride, padding }];
        let found = PortableModel::new(&steps, std::slice::from_ref(&weight), [1, 4, 4], 16, engine().device());
        let sentence = found.map(|model| model.dims()).unwrap_err().to_string();
        assert!(sentence.contains("more than 1048576 numbers of one item"), "{padding}: {sentence}");
    }
}

#[test]
fn items_of_no_or_too_many_numbers_are_refused() {
    for (input, expected) in [([1, 0, 4], "no numbers are left"), ([usize::MAX, 2, 2], "more than 1048576 numbers")] {
        let found = PortableModel::new(&[WeightsUse::Flatten], &[], input, 16, engine().device());
        let sentence = found.map(|model| model.dims()).unwrap_err().to_string();
        assert!(sentence.contains(expected), "{sentence}");
    }
}
