//! The one generator of the lab: a seed, split into named streams.
//!
//! With a single shared generator, drawing one more number anywhere (a wider layer, an added
//! augmentation) would shift every number after it, and two runs that should differ in one thing
//! would differ in all. Here every purpose has its own stream, named by a label, and streams never
//! influence each other.

use rand::{RngExt, SeedableRng, seq::SliceRandom};
use rand_chacha::{ChaCha8Rng, rand_core::Rng as _};
use sha2::{Digest, Sha256};

/// The seed of a run. Everything random in the run follows from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Seed(pub u64);

impl Seed {
    /// The stream of random numbers named `label`, from its start.
    ///
    /// The generator is ChaCha with 8 rounds; its 256-bit key is the SHA-256 of a fixed prefix, the
    /// seed (8 bytes, little endian) and the label. So equal labels give equal numbers, and
    /// different labels give unrelated ones. By convention a label is a path from the general to
    /// the special: `weights/v1`, `order/epoch/3`.
    #[must_use]
    pub fn stream(self, label: &str) -> Rng {
        let key = Sha256::new()
            .chain_update(b"upgrade-lab/stream/")
            .chain_update(self.0.to_le_bytes())
            .chain_update(label.as_bytes())
            .finalize();
        Rng(ChaCha8Rng::from_seed(key.into()))
    }
}

/// A stream of random numbers, equal on every platform.
#[derive(Debug, Clone)]
pub struct Rng(ChaCha8Rng);

impl Rng {
    /// The stream with number `id` of the same label: from its start, unrelated to every other
    /// number's and to `self`.
    ///
    /// It costs no hashing (the number goes where ChaCha has its nonce), which makes one stream per
    /// item affordable.
    #[must_use]
    pub fn substream(&self, id: u64) -> Self {
        let mut rng = ChaCha8Rng::from_seed(self.0.get_seed());
        // Number 0 is `self`.
        rng.set_stream(id.wrapping_add(1));
        Self(rng)
    }

    /// 64 independent fair bits.
    pub fn bits(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// A whole number, uniform over `low..=high`; `low` when the range is empty.
    pub fn integer(&mut self, low: i32, high: i32) -> i32 {
        if low >= high { low } else { self.0.random_range(low..=high) }
    }

    /// A number uniform over `low..high`, on a grid of 2^24 steps. (Rounding can give `high` itself
    /// where the range is tiny beside its ends.)
    pub fn uniform(&mut self, low: f32, high: f32) -> f32 {
        low + (high - low) * self.0.random::<f32>()
    }

    /// A number from the standard normal distribution (mean 0, variance 1), by the Box-Muller
    /// transform.
    ///
    /// `rand_distr` would be the usual choice, but its logarithm comes from `num-traits`, which
    /// takes the system's as soon as any crate of the build turns on its `std` feature; the last
    /// bit then differs between machines. `libm` is the same everywhere.
    pub fn normal(&mut self) -> f32 {
        // In (0, 1], so that the logarithm is finite.
        let u = 1.0 - self.0.random::<f64>();
        let angle = std::f64::consts::TAU * self.0.random::<f64>();
        (libm::sqrt(-2.0 * libm::log(u)) * libm::cos(angle)) as f32
    }

    /// Puts `items` in a random order; every order is equally likely.
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        items.shuffle(&mut self.0);
    }

    /// The numbers `0..n` in a random order.
    pub fn shuffled(&mut self, n: usize) -> Vec<usize> {
        let mut order: Vec<usize> = (0..n).collect();
        self.shuffle(&mut order);
        order
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// If an update of a crate changes these, every saved scenario would give other results: refuse
    /// the update or raise the version of the scenarios. Bits and floats were checked against
    /// ChaCha8 and Box-Muller written anew in Python.
    #[test]
    fn the_first_values_of_a_stream_never_change() {
        let stream = || Seed(7).stream("weights/v1");
        let (mut bits, mut uniform, mut normal, mut integer) = (stream(), stream(), stream(), stream());
        assert_eq!([bits.bits(), bits.bits()], [12_277_987_352_929_065_909, 660_573_232_310_770_042]);
        assert_eq!(
            [uniform.uniform(-1.0, 1.0), uniform.uniform(-1.0, 1.0)].map(f32::to_bits),
            [3_207_584_074, 1_051_300_016]
        );
        assert_eq!([normal.normal(), normal.normal()].map(f32::to_bits), [1_069_067_868, 1_061_624_550]);
        assert_eq!(std::array::from_fn(|_| integer.integer(-2, 2)), [-2, 1, 2, -2, -1, -1, 2, 2]);
        assert_eq!(stream().shuffled(8), [6, 3, 1, 5, 0, 2, 7, 4]);
        assert_eq!(stream().substream(3).bits(), 12_229_914_112_953_950_242);
    }

    #[test]
    fn streams_differ_by_seed_label_and_number() {
        let first = |mut rng: Rng| rng.bits();
        let base = Seed(1).stream("a");
        let all = [
            first(base.clone()),
            first(Seed(2).stream("a")),
            first(Seed(1).stream("b")),
            first(base.substream(0)),
            first(base.substream(1)),
        ];
        for (i, a) in all.iter().enumerate() {
            assert!(all.iter().skip(i + 1).all(|b| a != b));
        }
    }

    #[test]
    fn a_stream_does_not_depend_on_what_was_drawn_elsewhere() {
        let mut a = Seed(1).stream("a");
        a.bits();
        let mut once = a.substream(5);
        a.normal();
        assert_eq!(once.bits(), a.substream(5).bits());
    }

    #[test]
    fn normal_numbers_have_the_moments_of_the_distribution() {
        let mut rng = Seed(3).stream("moments");
        let n = 200_000;
        let draws: Vec<f64> = (0..n).map(|_| f64::from(rng.normal())).collect();
        let moment = |k: i32| draws.iter().map(|x| x.powi(k)).sum::<f64>() / f64::from(n);
        // Five standard errors: sqrt(1/n), sqrt(2/n), sqrt(96/n).
        assert!(moment(1).abs() < 0.012, "{}", moment(1));
        assert!((moment(2) - 1.0).abs() < 0.016, "{}", moment(2));
        assert!((moment(4) - 3.0).abs() < 0.11, "{}", moment(4));
    }

    #[test]
    fn an_empty_range_gives_its_lower_end() {
        assert_eq!(Seed(0).stream("x").integer(4, 4), 4);
        assert_eq!(Seed(0).stream("x").integer(4, -4), 4);
    }
}
