#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use proptest::prelude::*;

use super::*;

const GREY: ImageShape = ImageShape { channels: 1, height: 28, width: 28 };
const COLOUR: ImageShape = ImageShape { channels: 3, height: 32, width: 32 };

/// Stripes of no even width across a slope of grey, with a grain, a little different in every channel.
fn picture(shape: ImageShape) -> Vec<u8> {
    let pixel = |at: usize| {
        let (channel, row, column) = (at / shape.plane(), at % shape.plane() / shape.width, at % shape.width);
        let stripe = (column * column + 7 * row) / 37 % 2 == 0;
        40 + 2 * column + 20 * channel + at * 7919 % 101 % 20 + if stripe { 90 } else { 0 }
    };
    (0..shape.size()).map(pixel).map(|value| u8::try_from(value).unwrap()).collect()
}

fn after(shape: ImageShape, corruption: Corruption, severity: u8) -> Vec<u8> {
    corrupt(&picture(shape), shape, corruption, severity, &mut Seed(4).stream("test")).unwrap()
}

fn change(before: &[u8], after: &[u8]) -> f64 {
    let sum: u32 = before.iter().zip(after).map(|(&before, &after)| u32::from(before.abs_diff(after))).sum();
    f64::from(sum) / before.len() as f64
}

#[test]
fn every_corruption_has_its_row() {
    for (corruption, row) in Corruption::ALL.into_iter().zip(&ROWS) {
        assert_eq!(corruption, row.corruption, "in the order of the table");
        assert!(corruption.sentence().ends_with('.') && !corruption.name().is_empty());
        assert_eq!((corruption.strength(0), corruption.strength(6)), (None, None));
        assert_eq!(corruption.strength(5), Some(row.strengths[4]));
    }
}

#[test]
fn a_stronger_severity_changes_more() {
    for shape in [GREY, COLOUR] {
        for corruption in Corruption::ALL {
            let changes: Vec<f64> = (0..=MAX_SEVERITY)
                .map(|severity| change(&picture(shape), &after(shape, corruption, severity)))
                .collect();
            assert_eq!(changes[0], 0.0);
            // Strictly, and by something that can be seen from the first severity to the last.
            assert!(changes.windows(2).all(|pair| pair[0] < pair[1]), "{corruption:?} {changes:?}");
            assert!(changes[1] > 0.5 && changes[5] > 1.25 * changes[1], "{corruption:?} {changes:?}");
        }
    }
}

#[test]
fn brightness_contrast_and_blocks_by_hand() {
    let shape = ImageShape { channels: 1, height: 2, width: 3 };
    let pixels = [0, 100, 200, 50, 150, 250];
    let severest =
        |corruption, severity| corrupt(&pixels, shape, corruption, severity, &mut Seed(0).stream("hand")).unwrap();
    // 0.08 and 0.5 of 255 are 20.4 and 127.5.
    assert_eq!(severest(Corruption::Brightness, 1), [20, 120, 220, 70, 170, 255]);
    assert_eq!(severest(Corruption::Brightness, 5), [128, 228, 255, 178, 255, 255]);
    // The mean is 125; half and 0.12 of the distances are left.
    assert_eq!(severest(Corruption::Contrast, 2), [63, 113, 163, 88, 138, 188]);
    assert_eq!(severest(Corruption::Contrast, 5), [110, 122, 134, 116, 128, 140]);
    // Blocks of 2 x 2: one whole, one of two pixels. Of 8 x 8: the mean of all.
    assert_eq!(severest(Corruption::Pixelate, 1), [75, 75, 225, 75, 75, 225]);
    assert_eq!(severest(Corruption::Pixelate, 5), [125; 6]);
}

#[test]
fn channels_are_bright_on_their_own_and_move_together() {
    let shape = ImageShape { channels: 2, height: 1, width: 2 };
    let after = |corruption| corrupt(&[0, 100, 200, 200], shape, corruption, 2, &mut Seed(0).stream("x")).unwrap();
    assert_eq!(after(Corruption::Contrast), [25, 75, 200, 200]);
    // Two equal channels stay equal under a movement of the camera, not under noise of the sensor.
    let shape = ImageShape { channels: 2, ..GREY };
    let twice = picture(GREY).repeat(2);
    let equal = |corruption| {
        let after = corrupt(&twice, shape, corruption, 3, &mut Seed(0).stream("x")).unwrap();
        after[..GREY.size()] == after[GREY.size()..]
    };
    assert!(equal(Corruption::MotionBlur) && !equal(Corruption::GaussianNoise));
}

#[test]
fn a_picture_is_corrupted_alike_in_every_sample() {
    let (one, other) = (picture(GREY), picture(GREY).into_iter().rev().collect::<Vec<u8>>());
    let all = |pixels: &[u8], seed| corrupt_all(pixels, GREY, Corruption::ShotNoise, 3, Seed(seed)).unwrap();
    let both = all(&[one.clone(), other.clone()].concat(), 1);
    assert_eq!(both[..GREY.size()], all(&one, 1));
    assert_ne!(all(&one, 1), all(&one, 2));
    // Its own noise for every picture.
    let twins = all(&one.repeat(2), 1);
    assert_ne!(twins[..GREY.size()], twins[GREY.size()..]);
}

#[test]
fn what_is_no_picture_or_severity_is_refused() {
    let refused = |pixels: &[u8], shape, severity| {
        corrupt_all(pixels, shape, Corruption::Contrast, severity, Seed(0)).unwrap_err().to_string()
    };
    let tiny = ImageShape { channels: 1, height: 1, width: 2 };
    assert_eq!(refused(&[1, 2], tiny, 6), "the severity of a corruption is 6; choose 0 to 5");
    assert_eq!(refused(&[1, 2, 3], tiny, 1), "1 bytes are not a whole number of 1 x 1 x 2 pictures");
    assert!(refused(&[1], ImageShape { width: 0, ..tiny }, 1).contains("1 x 1 x 0"));
    assert!(corrupt(&[1, 2, 3, 4], tiny, Corruption::Contrast, 0, &mut Seed(0).stream("")).is_err());
}

/// If these change, saved runs on corrupted pictures would give other results. What has no chance in it was checked against numpy and
/// `scipy.ndimage`.
#[test]
fn the_first_values_never_change() {
    let first = |corruption| after(GREY, corruption, 3)[14 * 28 + 10..][..4].to_vec();
    let expected = [
        [40, 19, 146, 37],
        [48, 64, 191, 143],
        [79, 62, 154, 67],
        [107, 110, 116, 112],
        [127, 115, 118, 113],
        [143, 126, 218, 131],
        [107, 101, 133, 103],
        [119, 119, 131, 131],
    ];
    assert_eq!(Corruption::ALL.map(first), expected);
}

proptest! {
    #[test]
    fn any_picture_survives_any_corruption(
        (channels, height, width) in (1_usize..4, 1_usize..12, 1_usize..12), kind in 0_usize..8, severity in 0_u8..=5, seed: u64,
    ) {
        let shape = ImageShape { channels, height, width };
        let mut rng = Seed(seed).stream("pixels");
        let pixels: Vec<u8> = (0..shape.size()).map(|_| rng.bits().to_le_bytes()[0]).collect();
        let corrupted = |rng: &mut crate::Rng| corrupt(&pixels, shape, Corruption::ALL[kind], severity, rng).unwrap();
        let found = corrupted(&mut rng.clone());
        prop_assert_eq!(found.len(), pixels.len());
        prop_assert_eq!(&found, &corrupted(&mut rng.clone()));
        prop_assert!(severity > 0 || found == pixels);
        // Means of neighbours stay between the darkest and the brightest of the picture.
        if matches!(Corruption::ALL[kind], Corruption::GaussianBlur | Corruption::MotionBlur | Corruption::Contrast | Corruption::Pixelate) {
            let (low, high) = (pixels.iter().min().unwrap(), pixels.iter().max().unwrap());
            prop_assert!(found.iter().all(|value| (low..=high).contains(&value)));
        }
    }
}
