//! Small files for tests, made by hand.

use std::io::{Cursor, Write};

use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

use crate::NamedFile;

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
