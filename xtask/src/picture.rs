//! Makes pictures of the page small: PNG with a palette.

use std::collections::BTreeMap;
use std::io::Cursor;

use anyhow::{Context, Result, bail};
use png::{BitDepth, ColorType, Compression, Decoder, Encoder, Filter, Transformations};

/// Red, green, blue.
type Color = [u8; 3];

/// Colours with how many pixels have each.
type Colors = Vec<(Color, u64)>;

/// Colours that a palette holds.
const PALETTE: usize = 256;

/// The same picture with 256 colours at most; what is not transparent is taken for opaque.
///
/// # Errors
/// When it is no PNG with 8 bits per channel, red, green and blue.
pub fn shrink(file: &[u8]) -> Result<Vec<u8>> {
    let mut decoder = Decoder::new(Cursor::new(file));
    decoder.set_transformations(Transformations::IDENTITY);
    let mut reader = decoder.read_info()?;
    let mut bytes = vec![0; reader.output_buffer_size().context("the picture is too large")?];
    let frame = reader.next_frame(&mut bytes)?;
    let channels = match (frame.color_type, frame.bit_depth) {
        (ColorType::Rgb, BitDepth::Eight) => 3,
        (ColorType::Rgba, BitDepth::Eight) => 4,
        other => bail!("{other:?} is not what a browser writes"),
    };
    let pixels = || bytes.chunks_exact(channels).filter_map(|pixel| pixel.first_chunk::<3>());
    let mut colors = BTreeMap::<Color, u64>::new();
    pixels().for_each(|color| *colors.entry(*color).or_default() += 1);

    let groups = groups(colors.into_iter().collect());
    let palette: Vec<u8> = groups.iter().flat_map(most_common).collect();
    let place =
        groups.iter().enumerate().flat_map(|(at, group)| group.iter().map(move |(color, _)| (*color, at as u8)));
    let place: BTreeMap<Color, u8> = place.collect();
    let indices: Vec<u8> = pixels().filter_map(|color| place.get(color).copied()).collect();

    let mut out = Vec::new();
    let mut encoder = Encoder::new(&mut out, frame.width, frame.height);
    encoder.set_color(ColorType::Indexed);
    encoder.set_depth(BitDepth::Eight);
    encoder.set_palette(palette);
    encoder.set_compression(Compression::High);
    encoder.set_filter(Filter::NoFilter);
    encoder.write_header()?.write_image_data(&indices)?;
    Ok(out)
}

/// Puts like colours together until there are as many groups as a palette holds: each time the group that errs most is cut in two
/// at its mean, along the channel that varies most.
fn groups(colors: Colors) -> Vec<Colors> {
    let mut groups = vec![(Spread::of(&colors), colors)];
    while groups.len() < PALETTE {
        let most = groups.iter_mut().max_by(|(one, _), (other, _)| one.error.total_cmp(&other.error));
        let Some((spread, group)) = most.filter(|(spread, _)| spread.error > 0.0) else { break };
        let (channel, mean) = (spread.channel, spread.mean);
        let below = |(color, _): &(Color, u64)| color.get(channel).is_some_and(|&value| f64::from(value) < mean);
        let (low, high): (Colors, Colors) = std::mem::take(group).into_iter().partition(below);
        (*spread, *group) = (Spread::of(&low), low);
        groups.push((Spread::of(&high), high));
    }
    groups.into_iter().map(|(_, group)| group).collect()
}

/// The channel along which a group of colours varies most.
struct Spread {
    channel: usize,
    mean: f64,
    /// Sum of squared distances from the mean over all pixels.
    error: f64,
}

impl Spread {
    fn of(colors: &Colors) -> Self {
        let along = |channel: usize| {
            let values =
                || colors.iter().filter_map(|(color, count)| Some((f64::from(*color.get(channel)?), *count as f64)));
            let pixels: f64 = values().map(|(_, count)| count).sum();
            let mean = values().map(|(value, count)| value * count).sum::<f64>() / pixels.max(1.0);
            let error = values().map(|(value, count)| count * (value - mean).powi(2)).sum();
            Self { channel, mean, error }
        };
        [along(1), along(2)].into_iter().fold(along(0), |most, it| if it.error > most.error { it } else { most })
    }
}

/// What stands for a group: a colour of the picture, so that areas keep theirs exactly.
fn most_common(group: &Colors) -> Color {
    group.iter().max_by_key(|(_, count)| *count).map(|(color, _)| *color).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoded(width: u32, pixels: &[Color]) -> Vec<u8> {
        let mut out = Vec::new();
        let mut encoder = Encoder::new(&mut out, width, pixels.len() as u32 / width);
        encoder.set_color(ColorType::Rgb);
        encoder.set_depth(BitDepth::Eight);
        encoder.write_header().unwrap().write_image_data(pixels.as_flattened()).unwrap();
        out
    }

    fn decoded(file: &[u8]) -> Vec<Color> {
        let mut decoder = Decoder::new(Cursor::new(file));
        decoder.set_transformations(Transformations::EXPAND);
        let mut reader = decoder.read_info().unwrap();
        let mut bytes = vec![0; reader.output_buffer_size().unwrap()];
        reader.next_frame(&mut bytes).unwrap();
        bytes.as_chunks::<3>().0.to_vec()
    }

    #[test]
    fn few_colours_stay_as_they_are() {
        let pixels: Vec<Color> = (0..1200).map(|at| [(at % 16) as u8, 7, (at / 100) as u8]).collect();
        let small = shrink(&encoded(40, &pixels)).unwrap();
        assert_eq!(decoded(&small), pixels);
        assert_eq!(shrink(&encoded(40, &pixels)).unwrap(), small, "the same bytes each time");
    }

    #[test]
    fn many_colours_become_like_ones_and_areas_keep_theirs() {
        let area = [243, 244, 247];
        let ramp = (0..4096u32).map(|at| [(at % 64 * 4) as u8, (at / 64 * 4) as u8, 128]);
        let pixels: Vec<Color> = std::iter::repeat_n(area, 64_000).chain(ramp).collect();
        let file = encoded(64, &pixels);
        let shown = decoded(&shrink(&file).unwrap());
        let off = |(one, other): (&Color, &Color)| one.iter().zip(other).map(|(a, b)| a.abs_diff(*b)).max().unwrap();
        assert!(pixels.iter().zip(&shown).map(off).max().unwrap() <= 32);
        assert!(shown.iter().take(64_000).all(|color| *color == area));
    }

    #[test]
    fn what_is_no_picture_is_refused() {
        assert!(shrink(b"nothing").is_err());
    }
}
