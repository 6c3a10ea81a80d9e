//! Images in folders: the folder names the class.

use data::ImageShape;

use super::listing;
use crate::dataset::made::{Class, Made};
use crate::dataset::select::{Bounds, Gathered, Selection, usable};
use crate::error::ImportError;
use crate::input::path::{class_of, part_of};
use crate::input::store::Store;
use crate::pixels::depth::Range;
use crate::pixels::picture::{self, Decoded, Picture, Value};
use crate::pixels::resize;
use crate::{limits, words};

/// An image brought to size. A grey one in both sizes, as the others are not known yet.
enum Thumb<T = u8> {
    Grey { small: Vec<T>, large: Vec<T> },
    Colour(Vec<T>),
}

/// The same, as deep as its file has it: what 16 bits mean is known when all are.
enum Opened {
    Eight(Thumb),
    Sixteen(Thumb<u16>),
}

/// Reads the images at `indices`, whose classes are their folders' names, or what the `listings` say where there are some. Which ones are
/// taken is decided by their paths alone, so that the others need not be unpacked.
pub(crate) fn read(
    store: &mut Store,
    indices: &[usize],
    listings: &[usize],
    notices: &mut Vec<String>,
) -> Result<Made, ImportError> {
    let gathered = match listings {
        [] => by_folder(store, indices, notices),
        _ => listing::read(store, indices, listings, notices)?,
    };
    let Selection { classes, sampling } = gathered.select(Bounds::IMAGES, "their paths", notices)?;

    store.expect(classes.iter().map(|class| class.train.len() + class.test.len()).sum());

    let mut faults = Vec::new();
    let mut range = Range::new();
    let (mut opened, mut lost) = (Vec::new(), Vec::new());
    for Class { name, train, test } in classes {
        let train = open(store, train, &mut faults, &mut range)?;
        let test = open(store, test, &mut faults, &mut range)?;
        if train.is_empty() && test.is_empty() {
            lost.push(name.clone());
        }
        opened.push(Class { name, train, test });
    }
    // Where all failed, the fault of one says more than that no class is left.
    if lost.len() == opened.len() && !faults.is_empty() {
        return Err(faults.swap_remove(0));
    }
    let unread = unread(&faults, &lost);
    let opened = usable(opened, Bounds::IMAGES.many, notices).map_err(|fault| match (fault, &unread) {
        (ImportError::Classes { found, all, why, what }, Some(unread)) => {
            ImportError::Classes { found, all, why: format!("{why}; {unread}"), what }
        }
        (fault, _) => fault,
    })?;
    notices.extend(unread.map(|unread| format!("{unread}.")));
    notices.extend(range.in_words());

    let flat = |class: Vec<Opened>| class.into_iter().map(|opened| opened.flat(&range)).collect::<Vec<Thumb>>();
    let opened = opened.into_iter();
    let opened: Vec<Class<Thumb>> =
        opened.map(|Class { name, train, test }| Class { name, train: flat(train), test: flat(test) }).collect();
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

/// The images by the names of their folders.
fn by_folder(store: &Store, indices: &[usize], notices: &mut Vec<String>) -> Gathered<usize> {
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
    gathered
}

/// A clause on the images that could not be read, and on classes of which nothing is left by that.
fn unread(faults: &[ImportError], lost: &[String]) -> Option<String> {
    let first = faults.first()?;
    let told = match faults.len() {
        1 => format!("1 image could not be read and was left out: {first}"),
        more => format!("{more} images could not be read and were left out, the first of them: {first}"),
    };
    Some(match lost {
        [] => told,
        [one] => format!("Class {one} is lost: {told}"),
        several => format!("Classes {} are lost: {told}", words::list(several.iter().map(String::as_str), "")),
    })
}

/// The images at `indices`, brought to size; those that cannot be read go to `faults`.
fn open(
    store: &mut Store,
    indices: Vec<usize>,
    faults: &mut Vec<ImportError>,
    range: &mut Range,
) -> Result<Vec<Opened>, ImportError> {
    let mut thumbs = Vec::with_capacity(indices.len());
    for index in indices {
        let decoded = store.read(index, limits::IMAGE_BYTES).and_then(|bytes| {
            picture::decode(&bytes).map_err(|reason| ImportError::Image { path: store.path(index).into(), reason })
        });
        match decoded {
            Ok(Decoded::Eight(picture)) => thumbs.push(Opened::Eight(Thumb::of(&picture))),
            Ok(Decoded::Sixteen(picture)) => {
                range.take_in(&picture.values);
                thumbs.push(Opened::Sixteen(Thumb::of(&picture)));
            }
            Err(fault @ ImportError::TooMuch { .. }) => return Err(fault),
            Err(fault) => faults.push(fault),
        }
    }
    Ok(thumbs)
}

impl<T: Value> Thumb<T> {
    fn of(picture: &Picture<T>) -> Self {
        let large = resize::square(picture, limits::COLOUR_SIDE);
        match picture.channels {
            1 => Self::Grey { small: resize::square(picture, limits::GREY_SIDE), large },
            _ => Self::Colour(large),
        }
    }

    fn pixels(self, grey: bool) -> Vec<T> {
        match self {
            Self::Grey { small, .. } if grey => small,
            Self::Grey { large, .. } => large.repeat(3),
            Self::Colour(pixels) => pixels,
        }
    }
}

impl Opened {
    /// In 8 bits.
    fn flat(self, range: &Range) -> Thumb {
        let all = |values: Vec<u16>| values.into_iter().map(|value| range.byte(value)).collect();
        match self {
            Self::Eight(thumb) => thumb,
            Self::Sixteen(Thumb::Grey { small, large }) => Thumb::Grey { small: all(small), large: all(large) },
            Self::Sixteen(Thumb::Colour(pixels)) => Thumb::Colour(all(pixels)),
        }
    }
}
