//! Numbers out of a seed.
//!
//! Everything synthetic is a function of (seed, product, day): there is no generator whose state would have to be
//! carried along, so any product and any day can be derived alone. Only exactly specified floating point operations
//! are used (no `exp`, no `ln` of the platform), so that a seed means the same marketplace on every machine.

/// The odd constant of `SplitMix64`; also spreads consecutive days and products over the key space.
pub(crate) const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;

/// The finaliser of `SplitMix64`: a bijection on 64 bits that looks random.
pub(crate) const fn mix(value: u64) -> u64 {
    let value = value.wrapping_add(GOLDEN);
    let value = (value ^ (value >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    value ^ (value >> 31)
}

/// A hash of two numbers.
pub(crate) const fn mix2(a: u64, b: u64) -> u64 {
    mix(a ^ b.wrapping_mul(GOLDEN))
}

/// A hash of a key and a signed day or block number.
pub(crate) fn mix_day(key: u64, day: i32) -> u64 {
    mix2(key, u64::from(day.cast_unsigned()))
}

/// A number in `[0, 1)` from the upper 32 bits of a hash.
pub(crate) fn unit(hash: u64) -> f64 {
    f64::from(upper(hash)) * (1.0 / 4_294_967_296.0)
}

/// The upper 32 bits.
pub(crate) const fn upper(hash: u64) -> u32 {
    (hash >> 32) as u32
}

/// A number in `0..bound` from the upper 32 bits of a hash; 0 when the bound is not positive.
pub(crate) fn below(hash: u64, bound: i32) -> i32 {
    let bound = u64::from(bound.max(0).cast_unsigned());
    let scaled = (u64::from(upper(hash)) * bound) >> 32;
    i32::try_from(scaled).unwrap_or(0)
}

/// The largest whole number not above this one, saturating; quicker than `floor`, which is a library call.
#[expect(
    clippy::cast_possible_truncation,
    reason = "float to integer casts saturate, which is what is wanted"
)]
pub(crate) fn down(value: f64) -> i32 {
    let truncated = value as i32;
    if f64::from(truncated) > value { truncated.saturating_sub(1) } else { truncated }
}

/// The nearest whole number, saturating.
pub(crate) fn whole(value: f64) -> i32 {
    down(value + 0.5)
}

/// `2^x` for |x| < 60, by a polynomial: exact in its definition on every platform, good to 1e-7.
pub(crate) fn exp2(x: f64) -> f64 {
    let floor = down(x);
    let fraction = x - f64::from(floor);
    let polynomial = 1.0
        + fraction
            * (std::f64::consts::LN_2
                + fraction
                    * (0.240_226_5
                        + fraction
                            * (0.055_504_11
                                + fraction
                                    * (0.009_618_129
                                        + fraction * (0.001_333_355_8 + fraction * 0.000_154_035)))));
    let power = floor.clamp(-60, 60);
    if power >= 0 { polynomial * two_to(power) } else { polynomial / two_to(-power) }
}

/// `2^power` for a power of 0 to 60: the exponent of a double is its power, moved by 1023.
fn two_to(power: i32) -> f64 {
    f64::from_bits((1023 + u64::from(power.cast_unsigned())) << 52)
}

/// `e^-x` for x >= 0.
pub(crate) fn exp_neg(x: f64) -> f64 {
    exp2(-x.min(40.0) * std::f64::consts::LOG2_E)
}

/// A Poisson-like count with this mean, from one hash. `exp_neg_mean` is `e^-mean`, passed in because it is the same for a whole day.
pub(crate) fn poisson(hash: u64, mean: f64, exp_neg_mean: f64) -> f64 {
    if mean < 6.0 {
        let u = unit(hash);
        let mut term = exp_neg_mean;
        let mut sum = term;
        let mut count = 0.0;
        while u > sum && count < 40.0 {
            count += 1.0;
            term *= mean / count;
            sum += term;
        }
        count
    } else {
        // Sum of four uniform numbers: near enough to a normal distribution (variance 1/3).
        let bits = |shift: u32| f64::from(u16::try_from((hash >> shift) & 0xFFFF).unwrap_or(0)) / 65_536.0;
        let z = (bits(0) + bits(16) + bits(32) + bits(48) - 2.0) * 1.732_050_808;
        f64::from(whole(mean + mean.sqrt() * z).max(0))
    }
}

/// A sequence of draws, for the parameters of one product.
pub(crate) struct Draw(u64);

impl Draw {
    pub(crate) const fn new(key: u64) -> Self {
        Self(key)
    }

    pub(crate) const fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(GOLDEN);
        mix(self.0)
    }

    /// In `[0, 1)`.
    pub(crate) fn unit(&mut self) -> f64 {
        unit(self.bits())
    }

    pub(crate) fn chance(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }

    /// In `low..=high`.
    pub(crate) fn between(&mut self, low: i32, high: i32) -> i32 {
        low + below(self.bits(), high - low + 1)
    }

    /// In `[low, high)`.
    pub(crate) fn real(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    pub(crate) fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        let hash = self.bits();
        &from[pick_index(hash, from.len())]
    }
}

/// An index into a list of this length (0 for an empty one).
pub(crate) fn pick_index(hash: u64, length: usize) -> usize {
    let bound = i32::try_from(length).unwrap_or(i32::MAX);
    usize::try_from(below(hash, bound)).unwrap_or(0)
}

/// A seeded permutation of `0..2^bits` (four-round Feistel network), the way from product number to ASIN and back.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Permutation {
    seed: u64,
    half: u32,
}

impl Permutation {
    /// `bits` must be even.
    pub(crate) const fn new(seed: u64, bits: u32) -> Self {
        Self { seed, half: bits / 2 }
    }

    const fn round(self, round: u64, value: u64) -> u64 {
        mix(self.seed ^ (round << 56) ^ value) & ((1 << self.half) - 1)
    }

    pub(crate) fn forward(self, value: u64) -> u64 {
        let mask = (1_u64 << self.half) - 1;
        let (mut left, mut right) = (value >> self.half, value & mask);
        for round in 0..4 {
            (left, right) = (right, left ^ self.round(round, right));
        }
        (left << self.half) | right
    }

    pub(crate) fn backward(self, value: u64) -> u64 {
        let mask = (1_u64 << self.half) - 1;
        let (mut left, mut right) = (value >> self.half, value & mask);
        for round in (0..4).rev() {
            (left, right) = (right ^ self.round(round, left), left);
        }
        (left << self.half) | right
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_permutation_can_be_undone(seed: u64, value in 0_u64..(1 << 28)) {
            let permutation = Permutation::new(seed, 28);
            let there = permutation.forward(value);
            prop_assert!(there < 1 << 28);
            prop_assert_eq!(permutation.backward(there), value);
        }

        #[test]
        fn powers_of_two_agree_with_the_platform(x in -20.0_f64..20.0) {
            prop_assert!((exp2(x) / x.exp2() - 1.0).abs() < 1e-5);
        }
    }

    #[test]
    fn poisson_counts_have_their_mean() {
        for mean in [0.1, 1.0, 4.0, 9.0, 60.0] {
            let e = exp_neg(mean);
            let sum: f64 = (0..20_000).map(|i| poisson(mix(i), mean, e)).sum();
            let found = sum / 20_000.0;
            assert!((found / mean - 1.0).abs() < 0.06, "mean {mean} became {found}");
        }
    }
}
