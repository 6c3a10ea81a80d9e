//! Exact small cases and properties of the batches that models see.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, missing_docs)]

use data::{Augmentation, EpochAugmentation, ImageShape, Items, Normalisation, Seed, fill_batch};
use proptest::prelude::*;

const SHAPE: ImageShape = ImageShape { channels: 2, height: 3, width: 4 };

/// Two pictures of 24 different values each, none of them black.
fn images() -> Items {
    Items::pixels(SHAPE, (1..=48).collect()).unwrap()
}

fn identity() -> Normalisation {
    // Dividing by 1/255 turns a pixel back into its byte.
    Normalisation { mean: vec![0.0; 2], std: vec![1.0 / 255.0; 2] }
}

fn batch(normalisation: &Normalisation, indices: &[usize], augmentation: Option<&EpochAugmentation>) -> Vec<f32> {
    let mut out = vec![f32::NAN; 3];
    fill_batch(&images(), normalisation, indices, augmentation, &mut out).unwrap();
    out
}

#[test]
fn without_augmentation_a_batch_is_normalised_by_channel() {
    let normalisation = Normalisation { mean: vec![0.5, 0.0], std: vec![0.25, 0.5] };
    let out = batch(&normalisation, &[1, 0], None);
    assert_eq!(out.len(), 48);
    for (value, expected) in
        [(out[0], (25.0 / 255.0 - 0.5) / 0.25), (out[12], 37.0 / 255.0 / 0.5), (out[24], (1.0 / 255.0 - 0.5) / 0.25)]
    {
        assert!((value - expected).abs() < 1e-6, "{value} {expected}");
    }
}

#[test]
fn normalised_training_data_have_mean_0_and_variance_1() {
    let out = batch(&Normalisation::of(&images()), &[0, 1], None);
    for channel in 0..2 {
        let values: Vec<f32> = out.chunks(12).skip(channel).step_by(2).flatten().copied().collect();
        let mean = values.iter().sum::<f32>() / 24.0;
        let variance = values.iter().map(|v| (v - mean).powi(2)).sum::<f32>() / 24.0;
        assert!(mean.abs() < 1e-5 && (variance - 1.0).abs() < 1e-5, "{mean} {variance}");
    }
}

#[test]
fn switched_off_augmentation_changes_nothing() {
    let off = Augmentation { max_shift: 0, noise_std: 0.0 }.for_epoch(Seed(1), 0);
    assert_eq!(batch(&identity(), &[0, 1], Some(&off)), batch(&identity(), &[0, 1], None));
}

/// Finds the shift of each picture by trying all, with what comes in being black.
fn shift_of(picture: &[f32], original: &[u8], reach: i32) -> Option<(i32, i32)> {
    let at = |channel: i32, row: i32, column: i32| {
        let inside = (0..3).contains(&row) && (0..4).contains(&column);
        if inside { f32::from(original[(channel * 12 + row * 4 + column) as usize]) } else { 0.0 }
    };
    let shifts = (-reach..=reach).flat_map(|down| (-reach..=reach).map(move |right| (down, right)));
    let mut fitting = shifts.filter(|&(down, right)| {
        let values = (0..2).flat_map(|c| (0..3).flat_map(move |y| (0..4).map(move |x| (c, y, x))));
        values.zip(picture).all(|((c, y, x), value)| (at(c, y - down, x - right) - value).abs() < 1e-3)
    });
    fitting.next()
}

proptest! {
    #[test]
    fn shifted_pictures_are_moved_and_filled_with_black(max_shift in 0u8..6, seed: u64, epoch: u32) {
        let shift = Augmentation { max_shift, noise_std: 0.0 }.for_epoch(Seed(seed), epoch);
        let out = batch(&identity(), &[0, 1], Some(&shift));
        for (index, picture) in out.chunks(24).enumerate() {
            prop_assert!(shift_of(picture, images().picture(index).unwrap(), max_shift.into()).is_some(), "{:?}", picture);
        }
    }

    #[test]
    fn what_happens_to_an_item_does_not_depend_on_its_batch(seed: u64, epoch: u32, noise_std in 0.0f32..0.3) {
        let augmentation = Augmentation { max_shift: 2, noise_std }.for_epoch(Seed(seed), epoch);
        let together = batch(&identity(), &[0, 1, 0], Some(&augmentation));
        prop_assert_eq!(&together[24..48], batch(&identity(), &[1], Some(&augmentation)));
        prop_assert_eq!(&together[..24], &together[48..]);
    }
}

#[test]
fn all_shifts_occur() {
    let mut seen = std::collections::HashSet::new();
    for epoch in 0..300 {
        let shift = Augmentation { max_shift: 1, noise_std: 0.0 }.for_epoch(Seed(1), epoch);
        seen.insert(shift_of(&batch(&identity(), &[0], Some(&shift)), images().picture(0).unwrap(), 1).unwrap());
    }
    assert_eq!(seen.len(), 9);
}

#[test]
fn noise_is_in_units_of_the_pixel_range() {
    let images = Items::pixels(ImageShape { channels: 1, height: 100, width: 100 }, vec![128; 10_000]).unwrap();
    let normalisation = Normalisation { mean: vec![0.5], std: vec![0.25] };
    let noisy = Augmentation { max_shift: 0, noise_std: 0.1 }.for_epoch(Seed(1), 0);
    let (mut clean, mut out) = (Vec::new(), Vec::new());
    fill_batch(&images, &normalisation, &[0], None, &mut clean).unwrap();
    fill_batch(&images, &normalisation, &[0], Some(&noisy), &mut out).unwrap();
    let square = |(a, b): (&f32, &f32)| f64::from(a - b).powi(2);
    let std = (out.iter().zip(&clean).map(square).sum::<f64>() / 1e4).sqrt();
    // 0.1 / 0.25, within five standard errors.
    assert!((std - 0.4).abs() < 0.015, "{std}");
}

#[test]
fn epochs_seeds_and_items_differ_and_repeat() {
    let out = |seed, epoch| {
        batch(&identity(), &[0], Some(&Augmentation { max_shift: 0, noise_std: 0.1 }.for_epoch(Seed(seed), epoch)))
    };
    assert_eq!(out(1, 0), out(1, 0));
    assert_ne!(out(1, 0), out(1, 1));
    assert_ne!(out(1, 0), out(2, 0));
}

/// If this changes, so does every augmented run that was ever saved.
#[test]
fn augmented_values_never_change() {
    let augmentation = Augmentation { max_shift: 1, noise_std: 0.1 }.for_epoch(Seed(7), 3);
    let out = batch(&identity(), &[1], Some(&augmentation));
    assert_eq!([out[0], out[1], out[23]].map(f32::to_bits), [1_097_860_711, 1_101_119_935, 1_111_521_050]);
}

#[test]
fn an_index_of_another_part_is_refused() {
    let mut out = Vec::new();
    let fault = fill_batch(&images(), &identity(), &[0, 2], None, &mut out).unwrap_err();
    assert_eq!(fault.to_string(), "item 2 was asked for, there are 2; the index belongs to another part or dataset");
}
