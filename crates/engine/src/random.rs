//! Random numbers: `ChaCha8`, one stream per agent, keyed by the run's seed and the agent's *id*. So adding an agent or
//! changing a policy leaves everyone else's arrivals alone.
//!
//! Logarithms and exponentials come from `libm`, which computes the same bits on every platform. No float is kept
//! between two draws: a stream's whole state is its position.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng as _, SeedableRng as _};
use sha2::{Digest as _, Sha256};

use crate::memory;

/// The largest mean for which a Poisson number is drawn in one go: `exp(-64)` is far from underflow.
const POISSON_CHUNK: f64 = 64.0;

/// 2^-53, the distance between neighbouring uniform numbers.
const STEP: f64 = 1.0 / 9_007_199_254_740_992.0;

/// One agent's stream of random numbers.
#[derive(Clone, Debug)]
pub(crate) struct Stream {
    generator: ChaCha8Rng,
}

impl Stream {
    /// The stream of the agent with this id, at its start.
    pub(crate) fn of_agent(seed: u64, id: &str) -> Self {
        let mut key = Sha256::new();
        key.update(b"payment_simulator arrivals 1");
        key.update(seed.to_le_bytes());
        key.update(id.as_bytes());
        Self { generator: ChaCha8Rng::from_seed(key.finalize().into()) }
    }

    /// How far the stream has been read.
    pub(crate) fn position(&self) -> u128 {
        self.generator.get_word_pos()
    }

    /// Goes to a position that [`Stream::position`] gave.
    pub(crate) fn seek(&mut self, position: u128) {
        self.generator.set_word_pos(position);
    }

    /// Uniform over 64 bits.
    #[inline]
    pub(crate) fn bits(&mut self) -> u64 {
        self.generator.next_u64()
    }

    /// Uniform over [0, 1), in steps of 2^-53.
    #[inline]
    pub(crate) fn unit(&mut self) -> f64 {
        float(self.bits() >> 11) * STEP
    }

    /// Uniform over (0, 1]: its logarithm is finite.
    #[inline]
    pub(crate) fn positive_unit(&mut self) -> f64 {
        1.0 - self.unit()
    }

    /// Uniform over the integers below `bound`, which is positive. Source: Lemire (2019), "Fast random integer
    /// generation in an interval", ACM TOMACS 29(1).
    #[inline]
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        debug_assert!(bound > 0, "there must be something to choose from");
        loop {
            let product = u128::from(self.bits()) * u128::from(bound);
            let low = low_half(product);
            if low >= bound || low >= bound.wrapping_neg() % bound {
                return low_half(product >> 64);
            }
        }
    }

    /// Two independent standard normal numbers. Source: Marsaglia and Bray (1964), the polar method.
    #[inline]
    pub(crate) fn normal_pair(&mut self) -> (f64, f64) {
        loop {
            let x = 2.0 * self.unit() - 1.0;
            let y = 2.0 * self.unit() - 1.0;
            let square = x * x + y * y;
            if square > 0.0 && square < 1.0 {
                let scale = libm::sqrt(-2.0 * libm::log(square) / square);
                return (x * scale, y * scale);
            }
        }
    }

    /// Exponential with mean 1.
    #[inline]
    pub(crate) fn exponential(&mut self) -> f64 {
        -libm::log(self.positive_unit())
    }

    /// Poisson with this mean, given that it is not 0. Means above [`POISSON_CHUNK`] are drawn in parts, for the sum
    /// of Poisson numbers is one; that any of the parts is positive is then all but certain, and drawn again if not.
    pub(crate) fn positive_poisson(&mut self, mean: f64) -> u64 {
        if mean <= POISSON_CHUNK {
            let none = libm::exp(-mean);
            let quantile = none + self.unit() * (1.0 - none);
            return poisson_at(quantile, mean, none).max(1);
        }
        loop {
            let mut count = 0;
            let mut rest = mean;
            while rest > 0.0 {
                let part = rest.min(POISSON_CHUNK);
                count += poisson_at(self.unit(), part, libm::exp(-part));
                rest -= part;
            }
            if count > 0 {
                return count;
            }
        }
    }
}

/// The Poisson number at a quantile, by going up from 0. `none` is the probability of 0.
/// Source: Devroye (1986), "Non-Uniform Random Variate Generation", chapter X.3.
fn poisson_at(quantile: f64, mean: f64, none: f64) -> u64 {
    /// No quantile below 1 - 2^-53 lies beyond, for means up to [`POISSON_CHUNK`].
    const COUNT_MAX: u32 = 1_000;
    let mut probability = none;
    let mut cumulative = none;
    let mut count = 0_u32;
    while quantile >= cumulative && count < COUNT_MAX {
        count += 1;
        probability *= mean / f64::from(count);
        cumulative += probability;
    }
    u64::from(count)
}

/// An integer below 2^53 as a float, exactly.
#[expect(clippy::cast_precision_loss, reason = "below 2^53 by its callers")]
pub(crate) const fn float(integer: u64) -> f64 {
    integer as f64
}

#[expect(clippy::cast_possible_truncation, reason = "the low half is what is wanted")]
const fn low_half(product: u128) -> u64 {
    product as u64
}

/// Choice by weight in constant time. Source: Vose (1991), "A linear algorithm for generating random numbers with a
/// given distribution", IEEE TSE 17(9).
#[derive(Clone, Debug)]
pub(crate) struct WeightedChoice {
    share: Vec<f64>,
    other: Vec<u32>,
}

impl WeightedChoice {
    /// For weights of which at least one is positive and none is negative.
    pub(crate) fn new(weights: &[f64]) -> Self {
        let largest = weights.iter().copied().fold(0.0, f64::max);
        // First by the largest, so that a sum of huge weights stays finite.
        let scaled: Vec<f64> = weights.iter().map(|weight| weight / largest).collect();
        let total: f64 = scaled.iter().sum();
        let count = float(weights.len() as u64);
        let mut share: Vec<f64> = scaled.iter().map(|weight| weight * count / total).collect();
        let mut other: Vec<u32> = (0..crate::ids::narrow(weights.len())).collect();
        let (mut small, mut large): (Vec<u32>, Vec<u32>) =
            other.iter().partition(|place| share[**place as usize] < 1.0);
        while let (Some(poor), Some(rich)) = (small.pop(), large.pop()) {
            other[poor as usize] = rich;
            share[rich as usize] -= 1.0 - share[poor as usize];
            if share[rich as usize] < 1.0 { small.push(rich) } else { large.push(rich) }
        }
        for place in large {
            share[place as usize] = 1.0;
        }
        // What rounding left over: full shares, unless the weight is nothing.
        for place in small {
            if weights[place as usize] > 0.0 {
                share[place as usize] = 1.0;
            } else {
                other[place as usize] = heaviest(weights);
            }
        }
        Self { share, other }
    }

    /// The memory that it takes.
    pub(crate) fn memory_bytes(&self) -> usize {
        memory::of(&self.share) + memory::of(&self.other)
    }

    /// A place, by weight.
    #[inline]
    pub(crate) fn draw(&self, stream: &mut Stream) -> usize {
        // The whole part of a uniform number chooses a place, its fraction between the place and its other.
        let product = u128::from(stream.bits()) * self.share.len() as u128;
        let place = usize::try_from(product >> 64).unwrap_or(0);
        let fraction = float(low_half(product) >> 11) * STEP;
        if fraction < self.share[place] { place } else { self.other[place] as usize }
    }
}

fn heaviest(weights: &[f64]) -> u32 {
    let mut best = 0;
    for (place, weight) in weights.iter().enumerate() {
        if *weight > weights[best] {
            best = place;
        }
    }
    crate::ids::narrow(best)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mean_of(draws: u32, mut draw: impl FnMut() -> f64) -> f64 {
        (0..draws).map(|_| draw()).sum::<f64>() / f64::from(draws)
    }

    #[test]
    fn streams_depend_on_seed_and_id_alone() {
        let first = Stream::of_agent(1, "A").bits();
        assert_eq!(first, Stream::of_agent(1, "A").bits());
        assert_ne!(first, Stream::of_agent(2, "A").bits());
        assert_ne!(first, Stream::of_agent(1, "B").bits());
    }

    #[test]
    fn a_stream_goes_on_from_its_position() {
        let mut stream = Stream::of_agent(7, "A");
        for _ in 0..37 {
            stream.bits();
        }
        let mut resumed = Stream::of_agent(7, "A");
        resumed.seek(stream.position());
        assert_eq!(stream.bits(), resumed.bits());
    }

    #[test]
    fn moments_agree_with_theory() {
        let mut stream = Stream::of_agent(3, "moments");
        assert!((mean_of(200_000, || stream.normal_pair().0)).abs() < 0.01);
        assert!((mean_of(200_000, || stream.normal_pair().1)).abs() < 0.01);
        assert!((mean_of(200_000, || stream.normal_pair().1.powi(2)) - 1.0).abs() < 0.02);
        let covariance = |(x, y): (f64, f64)| x * y;
        assert!((mean_of(200_000, || covariance(stream.normal_pair()))).abs() < 0.01);
        assert!((mean_of(200_000, || stream.exponential()) - 1.0).abs() < 0.01);
        for mean in [0.01, 0.7, 25.0, 300.0] {
            let given_positive = mean / (1.0 - libm::exp(-mean));
            let found = mean_of(50_000, || float(stream.positive_poisson(mean)));
            assert!((found / given_positive - 1.0).abs() < 0.01, "mean {mean}: {found} against {given_positive}");
        }
    }

    #[test]
    fn choices_follow_their_weights() {
        let weights = [1.0, 0.0, 3.0, 6.0];
        let choice = WeightedChoice::new(&weights);
        let mut stream = Stream::of_agent(5, "choices");
        let mut counts = [0_u32; 4];
        for _ in 0..100_000 {
            counts[choice.draw(&mut stream)] += 1;
        }
        assert_eq!(counts[1], 0);
        for (weight, count) in weights.iter().zip(counts) {
            assert!((f64::from(count) / 10_000.0 - weight).abs() < 0.1, "{counts:?}");
        }
    }
}
