//! Why something cannot become a dataset, each with a sentence that can be shown as it is.

mod embeddings;

use data::{IdxError, ImageShape};

pub use embeddings::EmbeddingsError;

/// A fault of what was handed in. Every message says what, where and what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ImportError {
    /// No file is of an accepted form.
    #[error(
        "nothing here can be imported (found: {found}); hand in a zip or a folder of PNG or JPEG images in folders named after \
         their classes (or with a CSV table of file names and labels), CSV tables with a column `label` and one column for every pixel, IDX images with their labels (as they \
         are or packed with gzip), the .bin files of CIFAR-10 or CIFAR-100, .npy or .npz arrays of \
         images as bytes with their labels, or .npy, .npz or .safetensors arrays of embeddings by an old and a new model with labels"
    )]
    Nothing {
        /// Names of what was handed in.
        found: String,
    },
    /// A tar archive.
    #[error("{path} is a tar archive; unpack it and hand in the files in it, or a zip of them")]
    Tar {
        /// Path of the file.
        path: String,
    },
    /// Something that should be a zip archive is not, or is damaged.
    #[error("{path} cannot be opened as a zip archive: {}; pack it again", clause(.reason))]
    Archive {
        /// Path of the archive.
        path: String,
        /// Cause, from the reader of archives.
        reason: String,
    },
    /// A packed file is damaged, locked, or packed in an unusual way.
    #[error("{path} cannot be unpacked: {}; pack it again with the usual compression and without a password", clause(.reason))]
    Unpack {
        /// Path of the file.
        path: String,
        /// Cause, from the decoder.
        reason: String,
    },
    /// One file is too large.
    #[error("{path} has more than {limit}; hand in a smaller file")]
    TooLarge {
        /// Path of the file.
        path: String,
        /// The limit with its unit.
        limit: String,
    },
    /// All files together are too large.
    #[error("the files unpack to more than {limit} in all; hand in fewer or smaller ones")]
    TooMuch {
        /// The limit with its unit.
        limit: String,
    },
    /// Images whose folders tell no classes.
    #[error(
        "{images} {place}, so nothing tells their classes; put the images of each class in a folder of its name, or add a CSV table \
         with a column for their file names and a column `label`, and hand all of it in, or a zip of it"
    )]
    NoFolder {
        /// "3 images lie".
        images: String,
        /// "in no folder".
        place: String,
    },
    /// Images of forms that are not read, and too few others.
    #[error("{images} {form} ({found}), which is not read here; save them as PNG or JPEG and hand in those")]
    Foreign {
        /// "3 images are".
        images: String,
        /// "WebP".
        form: String,
        /// Paths of the first.
        found: String,
    },
    /// The rows of a table of file names and labels fit no images.
    #[error(
        "{path} has labels for none of the {images}; it must have a row for each, with the file name (such as {image}) and the label"
    )]
    Unlisted {
        /// Path of the table.
        path: String,
        /// "3 images".
        images: String,
        /// The file name of one.
        image: String,
    },
    /// An image cannot be read. Alone it is a notice, not a fault of the whole.
    #[error("{path} cannot be read as PNG or JPEG: {}; save it again as PNG", clause(.reason))]
    Image {
        /// Path of the image.
        path: String,
        /// Cause, from the decoder.
        reason: String,
    },
    /// A table cannot be read.
    #[error("{path} cannot be read as CSV: {reason}; save it again as CSV in UTF-8")]
    Csv {
        /// Path of the table.
        path: String,
        /// Line and cause, from the parser.
        reason: csv::Error,
    },
    /// A table with a header that names no labels.
    #[error("{path} has no column `label` (its header begins {header}); name the column of the classes `label`")]
    CsvLabel {
        /// Path of the table.
        path: String,
        /// The first names of the header.
        header: String,
    },
    /// The number of pixel columns makes no square.
    #[error(
        "{path} has {columns} pixel columns, which make no square image; there must be as many as 28 x 28 = 784 for grey or 3 x 32 x 32 = \
         3072 for colour (red, green, blue one after the other), beside the label"
    )]
    CsvColumns {
        /// Path of the table.
        path: String,
        /// Number of columns beside the label.
        columns: usize,
    },
    /// A cell is no pixel.
    #[error(
        "{path}, line {line}, column {column}: `{found}` is not a whole number from 0 to 255; correct it or leave the line out"
    )]
    CsvPixel {
        /// Path of the table.
        path: String,
        /// Line in the file, from 1.
        line: u64,
        /// Column, from 1.
        column: usize,
        /// What is there.
        found: String,
    },
    /// A row has no label.
    #[error("{path}, line {line}: the label is empty; fill it in or leave the line out")]
    CsvNoLabel {
        /// Path of the table.
        path: String,
        /// Line in the file, from 1.
        line: u64,
    },
    /// An array cannot be read.
    #[error("{path} is not a whole IDX file of bytes: {reason}; fetch it again")]
    Idx {
        /// Path of the file.
        path: String,
        /// What the IDX reader found.
        reason: IdxError,
    },
    /// An array is neither images nor labels.
    #[error(
        "{path} is an array of shape {shape:?}; images have rank 3, or rank 4 with 1 or 3 channels, and no empty side, labels rank 1"
    )]
    IdxShape {
        /// Path of the file.
        path: String,
        /// Its shape.
        shape: Vec<usize>,
    },
    /// A part does not consist of one array of images and one of labels.
    #[error(
        "the {part} part has the IDX images {images} and the labels {labels}; hand in exactly one file of each, for test files with \
         `test` or `t10k` in their names"
    )]
    IdxPair {
        /// Which part.
        part: &'static str,
        /// Paths of its images.
        images: String,
        /// Paths of its labels.
        labels: String,
    },
    /// Images and labels differ in number.
    #[error(
        "{images} holds {image_count} images and {labels} {label_count} labels; hand in the two files that belong together"
    )]
    IdxCount {
        /// Path of the images.
        images: String,
        /// Their number.
        image_count: usize,
        /// Path of the labels.
        labels: String,
        /// Their number.
        label_count: usize,
    },
    /// A NumPy array of images of another type than bytes.
    #[error(
        "{path} holds images of type {dtype}; save them as bytes from 0 to 255 (numpy: images.astype(numpy.uint8))"
    )]
    StackType {
        /// Path of the array.
        path: String,
        /// The type, as the file calls it.
        dtype: String,
    },
    /// A part does not consist of one NumPy array of images and one of labels.
    #[error(
        "the {part}arrays of images are {images} and those of labels {labels}; hand in exactly one of each, such as x_train and y_train"
    )]
    StackPair {
        /// "train " or another word of their names, or nothing.
        part: String,
        /// Paths of its images.
        images: String,
        /// Paths of its labels.
        labels: String,
    },
    /// Images and labels differ in number.
    #[error(
        "{images} holds {image_count} images and {labels} {label_count} labels; hand in two arrays that belong together"
    )]
    StackCount {
        /// Path of the images.
        images: String,
        /// Their number.
        image_count: usize,
        /// Path of the labels.
        labels: String,
        /// Their number.
        label_count: usize,
    },
    /// A file has not the length of a CIFAR file.
    #[error("{path} has {bytes} bytes, which is not a whole number of {expected}; fetch it again, under its own name")]
    Cifar {
        /// Path of the file.
        path: String,
        /// Its length.
        bytes: usize,
        /// The records that it should hold.
        expected: &'static str,
    },
    /// The images of two files differ in shape.
    #[error(
        "{first} holds images of {} and {second} images of {}; hand in files with images of one shape",
        in_words(.first_shape),
        in_words(.second_shape)
    )]
    Shapes {
        /// Path of a file.
        first: String,
        /// Shape of its images.
        first_shape: ImageShape,
        /// Path of another file.
        second: String,
        /// Shape of its images.
        second_shape: ImageShape,
    },
    /// Too few classes are left.
    #[error(
        "{found} of the {all} classes found can be used ({why}); hand in {what} of at least two classes, at least {} of each",
        crate::limits::FEWEST
    )]
    Classes {
        /// Classes that can be used.
        found: usize,
        /// Classes there are.
        all: usize,
        /// Why the others cannot.
        why: String,
        /// What a class has: "images".
        what: &'static str,
    },
    /// The files of the dataset cannot be written.
    #[error("the {role} file cannot be made: {reason}; try again with fewer {what}")]
    Encode {
        /// Which file.
        role: data::Role,
        /// Cause.
        reason: String,
        /// What the dataset has: "images".
        what: &'static str,
    },
    /// More of something than files can number.
    #[error(transparent)]
    Data(#[from] data::DataError),
    /// Embeddings do not fit together, or cannot be read.
    #[error(transparent)]
    Embeddings(#[from] EmbeddingsError),
}

/// What a decoder says, to be gone on from.
fn clause(reason: &str) -> &str {
    reason.trim_end().trim_end_matches('.')
}

/// "3 x 32 x 32 (channels, height, width)".
fn in_words(shape: &ImageShape) -> String {
    format!("{} x {} x {} (channels, height, width)", shape.channels, shape.height, shape.width)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_decoder_says_ends_no_sentence() {
        let said =
            |reason: &str| ImportError::Image { path: "a.png".to_owned(), reason: reason.to_owned() }.to_string();
        let whole = "a.png cannot be read as PNG or JPEG: Invalid PNG signature; save it again as PNG";
        assert_eq!([said("Invalid PNG signature."), said("Invalid PNG signature")], [whole, whole]);
    }
}
