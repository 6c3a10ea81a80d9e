//! PNG and JPEG files to pixels.

use std::io::Cursor;

use zune_jpeg::{
    JpegDecoder,
    errors::DecodeErrors,
    zune_core::{bytestream::ZCursor, colorspace::ColorSpace, options::DecoderOptions},
};

use super::foreign;
use crate::limits;

/// As many bytes, and hardly more, come out of one that is packed as PNG packs them.
const DEFLATED: usize = 1032;

/// One picture, row by row, the channels of a pixel side by side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Picture<T = u8> {
    pub width: usize,
    pub height: usize,
    /// 1 for grey, 3 for red, green, blue.
    pub channels: usize,
    pub values: Vec<T>,
    /// How it must be turned to stand upright: EXIF's number, 1 for a picture that stands.
    pub turn: u8,
}

/// A picture as deep as its file has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Decoded {
    Eight(Picture<u8>),
    /// Of 16 bits a channel, which need not all be used: what a sensor of 12 bits saw often lies in the lower ones.
    Sixteen(Picture<u16>),
}

/// A value of a channel.
pub(crate) trait Value: Copy + PartialEq + Into<f32> + Into<u64> {
    const WHITE: Self;
    /// The value of a float, cut off.
    fn cut(float: f32) -> Self;
    /// The value of a whole number that is no larger than white.
    fn of(whole: u64) -> Self;
}

impl Value for u8 {
    const WHITE: Self = Self::MAX;
    fn cut(float: f32) -> Self {
        float as Self
    }
    fn of(whole: u64) -> Self {
        whole as Self
    }
}

impl Value for u16 {
    const WHITE: Self = Self::MAX;
    fn cut(float: f32) -> Self {
        float as Self
    }
    fn of(whole: u64) -> Self {
        whole as Self
    }
}

/// Reads a PNG or JPEG file, whatever its name says. Transparent parts come to lie on white; colour
/// in name only becomes grey.
pub(crate) fn decode(file: &[u8]) -> Result<Decoded, String> {
    match file {
        [0x89, b'P', b'N', b'G', ..] => png(file),
        [0xff, 0xd8, ..] => jpeg(file).and_then(flat).map(Decoded::Eight),
        _ => Err(match foreign::form(file) {
            Some(form) => format!("it is {form}"),
            None => "it does not begin as one".into(),
        }),
    }
}

/// The picture without opacity, and without colour where it has none.
fn flat<T: Value>(picture: Picture<T>) -> Result<Picture<T>, String> {
    let Picture { width, height, channels, values, turn } = picture;
    let (channels, values) = match channels {
        1 => (1, values),
        2 => (1, on_white::<2, 1, T>(&values)),
        3 => (3, values),
        4 => (3, on_white::<4, 3, T>(&values)),
        _ => return Err(format!("it has {channels} channels")),
    };
    if width == 0 || height == 0 || values.len() != width.saturating_mul(height).saturating_mul(channels) {
        return Err("it holds other pixels than it announces".into());
    }
    let (channels, values) = if channels == 3 { grey_if_grey(values) } else { (channels, values) };
    Ok(Picture { width, height, channels, values, turn })
}

fn png(file: &[u8]) -> Result<Decoded, String> {
    // Of the decoder's own tables; the pixels are counted below.
    let limits = png::Limits { bytes: limits::IMAGE_BYTES };
    let mut decoder = png::Decoder::new_with_limits(Cursor::new(file), limits);
    decoder.set_transformations(png::Transformations::EXPAND);
    decoder.set_ignore_text_chunk(true);
    let mut reader = decoder.read_info().map_err(|reason| reason.to_string())?;
    let (width, height) = (reader.info().width as usize, reader.info().height as usize);
    small_enough(width, height)?;
    // The decoder takes what is left over for a whole colour.
    if reader.info().palette.as_ref().is_some_and(|palette| !palette.len().is_multiple_of(3)) {
        return Err("its palette is damaged".into());
    }
    // Before there is room for them all.
    if reader.info().raw_bytes() / DEFLATED > file.len() {
        return Err("it announces more pixels than so short a file can hold".into());
    }
    let mut bytes = vec![0; reader.output_buffer_size().ok_or("it is too large")?];
    let frame = reader.next_frame(&mut bytes).map_err(|reason| reason.to_string())?;
    bytes.truncate(frame.buffer_size());
    let channels = frame.color_type.samples();
    if frame.bit_depth == png::BitDepth::Sixteen {
        let values = bytes.as_chunks::<2>().0.iter().map(|&value| u16::from_be_bytes(value)).collect();
        return flat(Picture { width, height, channels, values, turn: 1 }).map(Decoded::Sixteen);
    }
    flat(Picture { width, height, channels, values: bytes, turn: 1 }).map(Decoded::Eight)
}

fn jpeg(file: &[u8]) -> Result<Picture, String> {
    if is_sampled_oddly(file) {
        return Err("it is a JPEG of a rare kind, which is not read here".into());
    }
    let options = DecoderOptions::new_safe();
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(file), options);
    decoder.decode_headers().map_err(|error| refusal(&error))?;
    let (width, height) = decoder.dimensions().ok_or("it announces no size")?;
    small_enough(width, height)?;
    let (space, channels) = match decoder.input_colorspace() {
        Some(ColorSpace::Luma) => (ColorSpace::Luma, 1),
        _ => (ColorSpace::RGB, 3),
    };
    decoder.set_options(options.jpeg_set_out_colorspace(space));
    let values = decoder.decode().map_err(|error| refusal(&error))?;
    let turn = decoder.exif().and_then(|exif| orientation(exif)).unwrap_or(1);
    Ok(Picture { width, height, channels, values, turn })
}

/// Whether a channel of a JPEG file is finer than its first, which is never so in pictures that programs write, and of which the decoder
/// has no room.
fn is_sampled_oddly(file: &[u8]) -> bool {
    let frames = file.windows(2).enumerate().filter(|(_, mark)| matches!(mark, [0xff, 0xc0..=0xc2]));
    let mut channels = frames.filter_map(|(at, _)| {
        let (&count, channels) = file.get(at + 9..)?.split_first()?;
        channels.get(..3 * usize::from(count))
    });
    channels.any(|channels| {
        let samples = || channels.as_chunks::<3>().0.iter().map(|&[_, samples, _]| (samples >> 4, samples & 15));
        let (wide, high) = samples().next().unwrap_or_default();
        samples().any(|(across, down)| across > wide || down > high)
    })
}

/// Why a JPEG file is not read. What has no kind of its own is told as the decoder says it.
fn refusal(error: &DecodeErrors) -> String {
    let words = match error {
        DecodeErrors::Format(words) => words.as_str(),
        DecodeErrors::FormatStatic(words) => *words,
        DecodeErrors::Unsupported(_) => "it is a JPEG of a rare kind, which is not read here",
        DecodeErrors::ZeroError => "it has no pixels",
        DecodeErrors::LargeDimensions(_) => "it is too large",
        DecodeErrors::ExhaustedData | DecodeErrors::IoErrors(_) => "it ends early",
        _ => "it is damaged",
    };
    // Its messages have line breaks, and after the first sentence advice for programmers.
    let first = words.split_once(". ").map_or(words, |(first, _)| first);
    first.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn small_enough(width: usize, height: usize) -> Result<(), String> {
    match width.checked_mul(height) {
        Some(pixels) if pixels <= limits::PIXELS => Ok(()),
        _ => Err(format!("{width} x {height} pixels are more than {} million", limits::PIXELS / 1_000_000)),
    }
}

/// The orientation in a block of EXIF, which is a small TIFF file.
fn orientation(exif: &[u8]) -> Option<u8> {
    let little = match exif.get(..4)? {
        [b'I', b'I', 42, 0] => true,
        [b'M', b'M', 0, 42] => false,
        _ => return None,
    };
    let short = |at: usize| {
        let &bytes = exif.get(at..)?.first_chunk::<2>()?;
        Some(if little { u16::from_le_bytes(bytes) } else { u16::from_be_bytes(bytes) })
    };
    let &bytes = exif.get(4..)?.first_chunk::<4>()?;
    let start = if little { u32::from_le_bytes(bytes) } else { u32::from_be_bytes(bytes) } as usize;
    let entry = |number: u16| start.checked_add(2 + 12 * usize::from(number));
    let found = (0..short(start)?).filter_map(entry).find(|&at| short(at) == Some(0x0112))?;
    u8::try_from(short(found.checked_add(8)?)?).ok().filter(|turn| (1..=8).contains(turn))
}

/// Drops the last of `WITH` channels, the opacity, by laying the picture on white.
fn on_white<const WITH: usize, const WITHOUT: usize, T: Value>(values: &[T]) -> Vec<T> {
    let white: u64 = T::WHITE.into();
    let pixels = values.as_chunks::<WITH>().0.iter();
    let flat = pixels.flat_map(|pixel| {
        let opacity: u64 = pixel.last().copied().unwrap_or(T::WHITE).into();
        let mix = move |value: u64| T::of((value * opacity + white * (white - opacity) + white / 2) / white);
        pixel.iter().take(WITHOUT).map(move |&value| mix(value.into()))
    });
    flat.collect()
}

/// One channel where all three are equal everywhere.
fn grey_if_grey<T: Value>(values: Vec<T>) -> (usize, Vec<T>) {
    let pixels = values.as_chunks::<3>().0;
    if pixels.iter().all(|&[red, green, blue]| red == green && green == blue) {
        (1, pixels.iter().map(|&[red, ..]| red).collect())
    } else {
        (3, values)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;

    /// A picture of 8 bits a channel.
    fn eight(file: &[u8]) -> Picture {
        match decode(file).unwrap() {
            Decoded::Eight(picture) => picture,
            Decoded::Sixteen(picture) => panic!("{picture:?}"),
        }
    }

    #[test]
    fn sixteen_bits_stay_sixteen() {
        let deep = |colour, values: &[u16]| match decode(&testing::deep_png(colour, 2, 1, values)).unwrap() {
            Decoded::Sixteen(picture) => (picture.channels, picture.values),
            Decoded::Eight(picture) => panic!("{picture:?}"),
        };
        assert_eq!(deep(png::ColorType::Grayscale, &[7, 4095]), (1, vec![7, 4095]));
        assert_eq!(deep(png::ColorType::Rgb, &[1, 2, 3, 4, 5, 6]), (3, vec![1, 2, 3, 4, 5, 6]));
        assert_eq!(deep(png::ColorType::GrayscaleAlpha, &[9, u16::MAX, 9, 0]), (1, vec![9, u16::MAX]));
    }

    #[test]
    fn what_is_transparent_lies_on_white() {
        let file = testing::png(png::ColorType::Rgba, 2, 1, &[200, 0, 100, 255, 10, 20, 30, 0]);
        let picture = eight(&file);
        assert_eq!((picture.width, picture.height, picture.channels), (2, 1, 3));
        assert_eq!(picture.values, [200, 0, 100, 255, 255, 255]);
        let grey = testing::png(png::ColorType::GrayscaleAlpha, 1, 1, &[0, 51]);
        assert_eq!(eight(&grey).values, [204]);
    }

    #[test]
    fn colour_in_name_only_is_grey() {
        let file = testing::png(png::ColorType::Rgb, 2, 1, &[7, 7, 7, 9, 9, 9]);
        let picture = eight(&file);
        assert_eq!((picture.channels, picture.values), (1, vec![7, 9]));
    }

    #[test]
    fn jpeg_is_read() {
        let red = testing::jpeg(16, 8, [200, 30, 40]);
        let picture = eight(&red);
        assert_eq!((picture.width, picture.height, picture.channels, picture.turn), (16, 8, 3, 1));
        assert!(
            picture.values[0].abs_diff(200) < 6 && picture.values[1].abs_diff(30) < 6,
            "{:?}",
            &picture.values[..3]
        );
    }

    #[test]
    fn faults_are_told() {
        assert_eq!(decode(b"GIF89a").unwrap_err(), "it is GIF");
        assert_eq!(decode(b"<html>").unwrap_err(), "it does not begin as one");
        let mut file = testing::png(png::ColorType::Grayscale, 1, 1, &[0]);
        file.truncate(30);
        assert!(decode(&file).is_err());
        // A palette of 4 bytes.
        let palette = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x03\0\0\0\x02\x01\x03\0\0\0\xa7\xba\xf4\x59\0\0\0\x16PLTE\
            -1\x01\x02\x03\xfa\xfb\xfc\xfd\x5e\xe6\xa3\0\0\0\x02tRNS\0\xfffVM\"\0\0\0\x0cIDATx\x9ccq`I\0\0\x01<\0\xa9]@\xea\xbf\
            \0\0\0\0IEND\xaeB`\x82";
        assert_eq!(decode(palette).unwrap_err(), "its palette is damaged");
        let mut fine = testing::jpeg(16, 16, [1, 2, 3]);
        let frame = fine.windows(2).position(|mark| mark == [0xff, 0xc0]).unwrap();
        fine[frame + 14] = 0x22;
        assert_eq!(decode(&fine).unwrap_err(), "it is a JPEG of a rare kind, which is not read here");
        let mut large = testing::png(png::ColorType::Rgb, 1, 1, &[0; 3]);
        large[16..24].copy_from_slice(&[0, 0, 0x1b, 0x58, 0, 0, 0x1b, 0x58]);
        let mut sum = flate2::Crc::new();
        sum.update(&large[12..29]);
        large[29..33].copy_from_slice(&sum.sum().to_be_bytes());
        assert_eq!(decode(&large).unwrap_err(), "it announces more pixels than so short a file can hold");
        assert_eq!(decode(&[0xff, 0xd8, 0xff]).unwrap_err(), "it ends early");
        let wide =
            DecodeErrors::Format("Image width 20000 greater than\n width limit 16384. If use `set_limits`".to_owned());
        assert_eq!(refusal(&wide), "Image width 20000 greater than width limit 16384");
        assert_eq!(refusal(&DecodeErrors::DqtError("Reason:7".to_owned())), "it is damaged");
        assert!(small_enough(10_000, 5_001).unwrap_err().contains("more than 50 million"));
    }

    #[test]
    fn the_orientation_is_read_in_either_byte_order() {
        let little = [b"II*\0\x08\0\0\0\x01\0", &b"\x12\x01\x03\0\x01\0\0\0\x06\0\0\0"[..]].concat();
        assert_eq!(orientation(&little), Some(6));
        let big = [b"MM\0*\0\0\0\x08\0\x01", &b"\x01\x12\0\x03\0\0\0\x01\0\x03\0\0"[..]].concat();
        assert_eq!(orientation(&big), Some(3));
        assert_eq!(orientation(&little[..15]), None);
        assert_eq!(orientation(b"II*\0\xff\xff\xff\xff"), None);
    }
}
