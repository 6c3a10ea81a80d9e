//! Images in folders: the folder names the class.

use data::ImageShape;

use crate::dataset::made::{Class, Made};
use crate::dataset::select::{Bounds, Gathered, Selection, usable};
use crate::error::ImportError;
use crate::input::path::{class_of, part_of};
use crate::input::store::Store;
use crate::pixels::{picture, resize};
use crate::{limits, words};

/// An image brought to size. A grey one in both sizes, as the others are not known yet.
enum Thumb {
    Grey { small: Vec<u8>, large: Vec<u8> },
    Colour(Vec<u8>),
}

/// Reads the images at `indices`. Which ones are taken is decided by their paths alone, so that the
/// others need not be unpacked.
pub(crate) fn read(store: &mut Store, indices: &[usize], notices: &mut Vec<String>) -> Result<Made, ImportError> {
    let mut gathered = Gathered::new();
    let mut loose = Vec::new();
    for &index in indices {
        let path = store.path(index);
        match class_of(path) {
            Some(class) => gathered.add(class, part_of(path), index),
            None => loose.push(path),
        }
    }
    if !loose.is_empty() {
        let list = words::list(loose.into_iter(), "");
        notices.push(format!("Images in no folder have no class and were left out: {list}."));
    }
    let Selection { classes, sampling } = gathered.select(Bounds::IMAGES, "their paths", notices)?;

    store.expect(classes.iter().map(|class| class.train.len() + class.test.len()).sum());

    let mut faults = Vec::new();
    let mut opened = Vec::new();
    for Class { name, train, test } in classes {
        let train = open(store, train, &mut faults)?;
        let test = open(store, test, &mut faults)?;
        opened.push(Class { name, train, test });
    }
    if !faults.is_empty() {
        let first = faults.first().map(ToString::to_string).unwrap_or_default();
        notices.push(match faults.len() {
            1 => format!("1 image could not be read and was left out: {first}."),
            more => format!("{more} images could not be read and were left out, the first of them: {first}."),
        });
    }
    // Where all failed, the fault of one says more than that no class is left.
    if opened.iter().all(|class| class.train.is_empty() && class.test.is_empty())
        && let Some(fault) = faults.into_iter().next()
    {
        return Err(fault);
    }
    let opened = usable(opened, Bounds::IMAGES.many, notices)?;

    let all = || opened.iter().flat_map(|class| class.train.iter().chain(&class.test));
    let grey = all().all(|thumb| matches!(thumb, Thumb::Grey { .. }));
    let (channels, side) = if grey { (1, limits::GREY_SIDE) } else { (3, limits::COLOUR_SIDE) };
    let size = |thumbs: Vec<Thumb>| thumbs.into_iter().map(|thumb| thumb.pixels(grey)).collect();
    let classes =
        opened.into_iter().map(|Class { name, train, test }| Class { name, train: size(train), test: size(test) });
    let brought = format!(
        "Of every image the square in its middle was brought to {side} x {side} pixels{}.",
        if grey { ", in grey" } else { ", in colour" }
    );
    notices.push(brought.clone());
    Ok(Made {
        shape: ImageShape { channels, height: side, width: side },
        given: Vec::new(),
        classes: classes.collect(),
        sampling: format!("{sampling} {brought}"),
    })
}

/// The images at `indices`, brought to size; those that cannot be read go to `faults`.
fn open(store: &mut Store, indices: Vec<usize>, faults: &mut Vec<ImportError>) -> Result<Vec<Thumb>, ImportError> {
    let mut thumbs = Vec::with_capacity(indices.len());
    for index in indices {
        let decoded = store.read(index, limits::IMAGE_BYTES).and_then(|bytes| {
            picture::decode(&bytes).map_err(|reason| ImportError::Image { path: store.path(index).into(), reason })
        });
        match decoded {
            Ok(picture) => thumbs.push(Thumb::of(&picture)),
            Err(fault @ ImportError::TooMuch { .. }) => return Err(fault),
            Err(fault) => faults.push(fault),
        }
    }
    Ok(thumbs)
}

impl Thumb {
    fn of(picture: &picture::Picture) -> Self {
        let large = resize::square(picture, limits::COLOUR_SIDE);
        match picture.channels {
            1 => Self::Grey { small: resize::square(picture, limits::GREY_SIDE), large },
            _ => Self::Colour(large),
        }
    }

    fn pixels(self, grey: bool) -> Vec<u8> {
        match self {
            Self::Grey { small, .. } if grey => small,
            Self::Grey { large, .. } => large.repeat(3),
            Self::Colour(pixels) => pixels,
        }
    }
}
