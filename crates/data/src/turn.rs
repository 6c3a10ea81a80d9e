//! Pictures by quarter turns: what they show and how they are turned is their class, so that few classes become four times as many.

use crate::{DataError, ImageShape, Items, Part};

/// Turns that a picture can have: by 0, 90, 180 and 270 degrees clockwise.
pub const TURNS: usize = 4;

/// The names of the classes of turned pictures: all of `names` at each turn, one turn after the other.
#[must_use]
pub fn names_by_turn(names: &[String]) -> Vec<String> {
    (0..TURNS).flat_map(|turn| names.iter().map(move |name| format!("{name}, {}°", 90 * turn))).collect()
}

/// The same pictures in the same order as `classes` classes: item `k` of its label, counted from 0, has turn `k mod 4`, and class
/// `turn * classes / 4 + label`. So no picture is there twice.
///
/// # Errors
/// `classes` do not divide into four turns, a label is beyond those of one turn, there is not one for every item, or the items are no
/// square pictures.
pub(crate) fn by_turn(items: &Items, labels: &[u32], classes: usize) -> Result<Part, DataError> {
    if !classes.is_multiple_of(TURNS) {
        return Err(DataError::ClassesByTurn { classes });
    }
    let square = items.image_shape().filter(|shape| shape.height == shape.width);
    let shape = square.ok_or_else(|| DataError::NotSquare { items: items.shape() })?;
    let of_one_turn = classes / TURNS;
    let mut met = vec![0_usize; of_one_turn];
    let mut pixels = Vec::with_capacity(items.all_pixels().len());
    let mut numbers = Vec::with_capacity(labels.len());
    for (index, (picture, &label)) in items.all_pixels().chunks_exact(shape.size()).zip(labels).enumerate() {
        let unknown = DataError::UnknownClass { index, label, classes: of_one_turn };
        let met = met.get_mut(label as usize).ok_or(unknown)?;
        let turn = *met % TURNS;
        *met += 1;
        pixels.extend(turned(picture, shape, turn));
        numbers.push((turn * of_one_turn) as u32 + label);
    }
    if items.len() != labels.len() {
        return Err(DataError::LabelCount { images: items.len(), labels: labels.len() });
    }
    Part::new(Items::pixels(shape, pixels)?, numbers, classes)
}

/// A square picture, `[channels, side, side]`, after so many quarter turns clockwise.
fn turned(picture: &[u8], shape: ImageShape, turns: usize) -> Vec<u8> {
    let mut planes = picture.to_vec();
    for _ in 0..turns {
        planes = planes.chunks_exact(shape.plane()).flat_map(|plane| quarter(plane, shape.width)).collect();
    }
    planes
}

/// A plane, `[side, side]`, a quarter turn clockwise: its first row is what was the first column, read upwards.
fn quarter(plane: &[u8], side: usize) -> Vec<u8> {
    let upwards = move |column: usize| plane.chunks_exact(side).rev().filter_map(move |row| row.get(column).copied());
    (0..side).flat_map(upwards).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const GREY: ImageShape = ImageShape { channels: 1, height: 3, width: 3 };

    #[test]
    fn a_picture_is_turned_clockwise() {
        let picture = [1, 2, 3, 4, 5, 6, 7, 8, 9];
        assert_eq!(turned(&picture, GREY, 0), picture);
        assert_eq!(turned(&picture, GREY, 1), [7, 4, 1, 8, 5, 2, 9, 6, 3]);
        assert_eq!(turned(&picture, GREY, 2), [9, 8, 7, 6, 5, 4, 3, 2, 1]);
        assert_eq!(turned(&picture, GREY, 3), [3, 6, 9, 2, 5, 8, 1, 4, 7]);
    }

    #[test]
    fn each_channel_is_turned_and_four_turns_are_none() {
        let colour = ImageShape { channels: 3, ..GREY };
        let picture: Vec<u8> = (0..27).collect();
        let once = turned(&picture, colour, 1);
        for (plane, before) in once.chunks_exact(9).zip(picture.chunks_exact(9)) {
            assert_eq!(plane, turned(before, GREY, 1));
        }
        assert_eq!(turned(&once, colour, 3), picture);
    }

    /// So many pictures of two classes in turn, each with its own number in its top left corner.
    fn pictures(count: u8) -> (Items, Vec<u32>) {
        let pixels = (0..count).flat_map(|number| [number, 0, 0, 0, 0, 0, 0, 0, 0]).collect();
        (Items::pixels(GREY, pixels).unwrap(), (0..u32::from(count)).map(|number| number % 2).collect())
    }

    #[test]
    fn the_items_of_a_class_are_dealt_to_the_turns_and_none_twice() {
        let (items, labels) = pictures(18);
        let part = by_turn(&items, &labels, 8).unwrap();
        assert_eq!(part.labels(), [0, 1, 2, 3, 4, 5, 6, 7, 0, 1, 2, 3, 4, 5, 6, 7, 0, 1]);
        let counts: Vec<usize> = part.by_class(8).iter().map(Vec::len).collect();
        assert_eq!(counts, [3, 3, 2, 2, 2, 2, 2, 2]);
        // Where the top left corner goes.
        let corners = [0, 2, 8, 6];
        for (index, label) in part.labels().iter().enumerate() {
            let picture = part.items().picture(index).unwrap();
            assert_eq!(picture[corners[*label as usize / 2]], index as u8);
        }
    }

    #[test]
    fn what_cannot_be_turned_is_refused() {
        let (items, labels) = pictures(4);
        let say = |items: &Items, labels: &[u32], classes| by_turn(items, labels, classes).unwrap_err().to_string();
        assert_eq!(say(&items, &labels, 4), "item 1 has label 1, but there are 1 classes");
        assert_eq!(say(&items, &labels[..3], 8), "4 pictures have 3 labels; there must be one for each");
        let odd = "the 6 classes of turned pictures do not divide into 4 turns; fetch the manifest again";
        assert_eq!(say(&items, &labels, 6), odd);
        let flat = ImageShape { height: 1, width: 9, ..GREY };
        let flat = Items::pixels(flat, items.all_pixels().to_vec()).unwrap();
        let wide = "only square pictures can be turned, but the items are pictures of 1 x 1 x 9 pixels";
        assert_eq!(say(&flat, &labels, 8), wide);
        let rows = Items::rows(9, vec![0.0; 36]).unwrap();
        let none = "only square pictures can be turned, but the items are rows of 9 numbers";
        assert_eq!(say(&rows, &labels, 8), none);
    }

    #[test]
    fn names_say_the_turn() {
        let names = names_by_turn(&["Bag".to_owned(), "Coat".to_owned()]);
        assert_eq!(names[..3], ["Bag, 0°", "Coat, 0°", "Bag, 90°"]);
        assert_eq!((names.len(), names[7].as_str()), (8, "Coat, 270°"));
    }
}
