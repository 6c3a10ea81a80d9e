//! Pictures as bad light, a shaking hand or a poor connection deliver them.
//!
//! Eight corruptions in five severities, in the spirit of ImageNet-C (Hendrycks & Dietterich, 2019) and made for pictures of about
//! 28 x 28 pixels. The kinds are theirs; code and strengths are not, so numbers do not compare with those of CIFAR-10-C or MNIST-C.
//! All work on 8-bit pixels `x` in 0..=255, channel by channel unless said otherwise, and end with rounding to the nearest whole number
//! and a cut to 0..=255. What lies beyond the edge of a picture repeats the pixel at the edge.

mod blur;
mod light;
mod noise;

use crate::{DataError, ImageShape, Rng, Seed};

/// The strongest severity. 0 leaves a picture as it is.
pub const MAX_SEVERITY: u8 = 5;

/// What happens to a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Corruption {
    /// `x + 255 s n` with `n` standard normal, for every value on its own; strength `s`.
    GaussianNoise,
    /// `255 k / s` with `k` Poisson of mean `s x / 255`; strength `s` is the number of photons that make full intensity.
    ShotNoise,
    /// With probability `s` a value becomes 0 or 255, either as likely; strength `s`.
    ImpulseNoise,
    /// The mean over the neighbours with weights `exp(-d^2 / (2 s^2))`; strength `s` in pixels.
    GaussianBlur,
    /// The mean over `s` points, one pixel apart, of a line through the pixel; its angle is drawn once for the picture; strength `s`.
    MotionBlur,
    /// `x + 255 s`; strength `s`.
    Brightness,
    /// `m + s (x - m)` with the mean `m` of the channel; strength `s` is the contrast that is left.
    Contrast,
    /// The rounded mean of a block of `s` x `s` pixels, counted from the top left; strength `s` in pixels.
    Pixelate,
}

/// What is known of a corruption, in one row.
struct Row {
    corruption: Corruption,
    id: &'static str,
    name: &'static str,
    sentence: &'static str,
    /// At severities 1 to 5; see [`Corruption`] for what it measures.
    strengths: [f64; MAX_SEVERITY as usize],
}

#[rustfmt::skip]
const ROWS: [Row; 8] = [
    Row { corruption: Corruption::GaussianNoise, id: "gaussian-noise", name: "Gaussian noise", strengths: [0.05, 0.1, 0.16, 0.24, 0.34],
        sentence: "Every value is off by a normal number, as in poor light." },
    Row { corruption: Corruption::ShotNoise, id: "shot-noise", name: "Shot noise", strengths: [64.0, 32.0, 16.0, 8.0, 4.0],
        sentence: "Light arrives in few photons, so that bright parts flicker most." },
    Row { corruption: Corruption::ImpulseNoise, id: "impulse-noise", name: "Impulse noise", strengths: [0.02, 0.05, 0.09, 0.14, 0.2],
        sentence: "Some values are lost and read as black or full intensity." },
    Row { corruption: Corruption::GaussianBlur, id: "gaussian-blur", name: "Gaussian blur", strengths: [0.5, 0.8, 1.1, 1.5, 2.0],
        sentence: "The lens is out of focus." },
    Row { corruption: Corruption::MotionBlur, id: "motion-blur", name: "Motion blur", strengths: [3.0, 5.0, 7.0, 9.0, 11.0],
        sentence: "The camera moved along a line while it looked." },
    Row { corruption: Corruption::Brightness, id: "brightness", name: "Brightness", strengths: [0.08, 0.16, 0.25, 0.35, 0.5],
        sentence: "The picture is exposed for too long." },
    Row { corruption: Corruption::Contrast, id: "contrast", name: "Contrast", strengths: [0.7, 0.5, 0.35, 0.22, 0.12],
        sentence: "Fog draws every value to the mean of the picture." },
    Row { corruption: Corruption::Pixelate, id: "pixelate", name: "Pixelate", strengths: [2.0, 3.0, 4.0, 6.0, 8.0],
        sentence: "The picture was stored with fewer pixels and enlarged again." },
];

impl Corruption {
    /// All of them, in the order of tables and lists.
    pub const ALL: [Self; 8] = [
        Self::GaussianNoise,
        Self::ShotNoise,
        Self::ImpulseNoise,
        Self::GaussianBlur,
        Self::MotionBlur,
        Self::Brightness,
        Self::Contrast,
        Self::Pixelate,
    ];

    fn row(self) -> Option<&'static Row> {
        ROWS.iter().find(|row| row.corruption == self)
    }

    /// Stable identifier, as in scenarios: `gaussian-noise`.
    #[must_use]
    pub fn id(self) -> &'static str {
        self.row().map_or("", |row| row.id)
    }

    /// Name for people: `Gaussian noise`.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.row().map_or("", |row| row.name)
    }

    /// What it stands for, in one sentence.
    #[must_use]
    pub fn sentence(self) -> &'static str {
        self.row().map_or("", |row| row.sentence)
    }

    /// The number `s` of the formula at `severity`; none at 0, where nothing happens, and beyond [`MAX_SEVERITY`].
    #[must_use]
    pub fn strength(self, severity: u8) -> Option<f64> {
        self.row()?.strengths.get(usize::from(severity.checked_sub(1)?)).copied()
    }
}

/// The picture `pixels`, `[channels, height, width]`, after `corruption` at `severity`, 0 to [`MAX_SEVERITY`].
///
/// All that is random comes from `rng`, and as many numbers are drawn at each severity but 0: the same stream gives the same noise,
/// weaker or stronger.
///
/// # Errors
/// `pixels` are not one picture of `shape`, or there is no such severity.
pub fn corrupt(
    pixels: &[u8],
    shape: ImageShape,
    corruption: Corruption,
    severity: u8,
    rng: &mut Rng,
) -> Result<Vec<u8>, DataError> {
    if shape.size() == 0 || pixels.len() != shape.size() {
        let ImageShape { channels, height, width } = shape;
        return Err(DataError::PixelCount { bytes: pixels.len(), channels, height, width });
    }
    DataError::check_range("the severity of a corruption", f64::from(severity), 0.0, f64::from(MAX_SEVERITY))?;
    let Some(strength) = corruption.strength(severity) else { return Ok(pixels.to_vec()) };
    let mut values: Vec<f64> = pixels.iter().copied().map(f64::from).collect();
    // One line for all channels of the picture: a camera moves once.
    let line = (corruption == Corruption::MotionBlur).then(|| blur::line(strength, rng));
    for plane in values.chunks_exact_mut(shape.plane()) {
        match corruption {
            Corruption::GaussianNoise => noise::gaussian(plane, strength, rng),
            Corruption::ShotNoise => noise::shot(plane, strength, rng),
            Corruption::ImpulseNoise => noise::impulse(plane, strength, rng),
            Corruption::GaussianBlur => blur::gaussian(plane, shape.width, strength),
            Corruption::MotionBlur => blur::motion(plane, shape.width, line.as_deref().unwrap_or_default()),
            Corruption::Brightness => light::brightness(plane, strength),
            Corruption::Contrast => light::contrast(plane, strength),
            Corruption::Pixelate => blur::pixelate(plane, shape.width, strength),
        }
    }
    Ok(values.into_iter().map(byte).collect())
}

/// [`corrupt`] for many pictures, `[items, channels, height, width]`. What happens to a picture depends on seed, corruption and its
/// index alone, so that two samples of one part that share pictures share what happened to them.
///
/// # Errors
/// `pixels` are not a whole number of pictures, or there is no such severity.
pub fn corrupt_all(
    pixels: &[u8],
    shape: ImageShape,
    corruption: Corruption,
    severity: u8,
    seed: Seed,
) -> Result<Vec<u8>, DataError> {
    let stream = seed.stream(&format!("corrupt/{}", corruption.id()));
    let mut corrupted = Vec::with_capacity(pixels.len());
    // Pictures without pixels are refused by `corrupt`, which the rest that fills no picture also meets.
    for (index, picture) in pixels.chunks(shape.size().max(1)).enumerate() {
        let mut rng = stream.substream(index as u64);
        corrupted.extend(corrupt(picture, shape, corruption, severity, &mut rng)?);
    }
    Ok(corrupted)
}

/// The nearest pixel value. The cast cannot cut anything off a whole number in 0..=255.
fn byte(value: f64) -> u8 {
    value.round().clamp(0.0, 255.0) as u8
}

#[cfg(test)]
mod tests;
