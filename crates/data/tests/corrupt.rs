//! Corruptions of the pictures that ship.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, missing_docs)]

use std::path::Path;

use data::{Corruption, IdxArray, ImageShape, MAX_SEVERITY, Seed, corrupt_all, gunzip};

const SHAPE: ImageShape = ImageShape { channels: 1, height: 28, width: 28 };

#[test]
fn each_severity_changes_clothes_more_than_the_one_before() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../public/data/fashion-mnist/test-images.idx3-gzip");
    let file = gunzip(&std::fs::read(path).unwrap(), 1 << 24).unwrap();
    let pixels = IdxArray::<u8>::read(&file).unwrap();
    let pixels = &pixels.values()[..200 * SHAPE.size()];
    for corruption in Corruption::ALL {
        let change = |severity| {
            let corrupted = corrupt_all(pixels, SHAPE, corruption, severity, Seed(1)).unwrap();
            let sum: u32 = pixels.iter().zip(&corrupted).map(|(&a, &b)| u32::from(a.abs_diff(b))).sum();
            f64::from(sum) / pixels.len() as f64
        };
        let changes: Vec<f64> = (0..=MAX_SEVERITY).map(change).collect();
        assert_eq!(changes[0], 0.0);
        assert!(changes.windows(2).all(|pair| pair[0] < pair[1]), "{corruption:?} {changes:?}");
        // The weakest can be seen, the strongest moves values by less than half of their range.
        assert!(changes[1] > 2.0 && changes[5] < 128.0, "{corruption:?} {changes:?}");
    }
}
