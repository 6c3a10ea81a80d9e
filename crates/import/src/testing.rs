//! Small files for tests, made by hand.

use std::io::{Cursor, Write};

use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

use crate::file::NamedFile;

pub(crate) fn named(path: &str, bytes: impl Into<Vec<u8>>) -> NamedFile {
    NamedFile { path: path.into(), bytes: bytes.into() }
}

pub(crate) fn png(colour: png::ColorType, width: u32, height: u32, pixels: &[u8]) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, width, height);
    encoder.set_color(colour);
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(pixels).unwrap();
    writer.finish().unwrap();
    file
}

/// A picture of 16 bits a channel.
pub(crate) fn deep_png(colour: png::ColorType, width: u32, height: u32, values: &[u16]) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, width, height);
    encoder.set_color(colour);
    encoder.set_depth(png::BitDepth::Sixteen);
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(&values.iter().flat_map(|value| value.to_be_bytes()).collect::<Vec<u8>>()).unwrap();
    writer.finish().unwrap();
    file
}

/// A picture of one colour.
pub(crate) fn jpeg(width: u16, height: u16, colour: [u8; 3]) -> Vec<u8> {
    let mut file = Vec::new();
    let pixels = colour.repeat(usize::from(width) * usize::from(height));
    jpeg_encoder::Encoder::new(&mut file, 95).encode(&pixels, width, height, jpeg_encoder::ColorType::Rgb).unwrap();
    file
}

pub(crate) fn zip<'a>(entries: impl IntoIterator<Item = (&'a str, &'a [u8])>) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    for (path, bytes) in entries {
        writer.start_file(path, options).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// A NumPy file; `descr` and `shape` as its header has them, such as `'<f4'` and `(2, 3)`.
pub(crate) fn npy(descr: &str, shape: &str, fortran: bool, values: &[u8]) -> Vec<u8> {
    let fortran = if fortran { "True" } else { "False" };
    npy_of(&format!("{{'descr': {descr}, 'fortran_order': {fortran}, 'shape': {shape}, }}\n"), values)
}

/// A NumPy file with whatever header.
pub(crate) fn npy_of(header: &str, values: &[u8]) -> Vec<u8> {
    [crate::input::kind::NPY, &[1, 0], &(header.len() as u16).to_le_bytes(), header.as_bytes(), values].concat()
}

/// Embeddings in a NumPy file: `dims` numbers a row.
pub(crate) fn rows(dims: usize, values: &[f32]) -> Vec<u8> {
    let shape = format!("({}, {dims})", values.len() / dims);
    npy("'<f4'", &shape, false, &values.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<u8>>())
}

/// Labels in a NumPy file.
pub(crate) fn labels(values: &[u8]) -> Vec<u8> {
    npy("'|u1'", &format!("({},)", values.len()), false, values)
}
