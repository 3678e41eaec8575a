//! Money: integers of the currency's minor unit, and exact sums of costs.
//!
//! Sums of [`Cents`] cannot overflow in a valid simulation (the bounds of [`crate::config`] and of submission see to
//! that); if one ever did, the release build's overflow checks stop the run loudly.

use std::iter::Sum;
use std::ops::{Add, AddAssign, Neg, Sub, SubAssign};

/// An amount of money in the currency's minor unit.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
#[repr(transparent)]
pub struct Cents(pub i64);

impl Cents {
    /// Nothing.
    pub const ZERO: Self = Self(0);
    /// The largest amount.
    pub const MAX: Self = Self(i64::MAX);

    /// The sum, or `None` when it leaves the range of 64 bits.
    #[must_use]
    pub const fn checked_add(self, other: Self) -> Option<Self> {
        match self.0.checked_add(other.0) {
            Some(sum) => Some(Self(sum)),
            None => None,
        }
    }
}

impl Add for Cents {
    type Output = Self;
    #[inline]
    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl Sub for Cents {
    type Output = Self;
    #[inline]
    fn sub(self, other: Self) -> Self {
        Self(self.0 - other.0)
    }
}

impl Neg for Cents {
    type Output = Self;
    #[inline]
    fn neg(self) -> Self {
        Self(-self.0)
    }
}

impl AddAssign for Cents {
    #[inline]
    fn add_assign(&mut self, other: Self) {
        self.0 += other.0;
    }
}

impl SubAssign for Cents {
    #[inline]
    fn sub_assign(&mut self, other: Self) {
        self.0 -= other.0;
    }
}

impl Sum for Cents {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::ZERO, Add::add)
    }
}

/// The number of decimals that a rate may have.
pub const RATE_DECIMALS: u32 = 18;

/// The number of decimals of an exact cost: those of a rate, and four more for ten-thousandths.
pub const COST_DECIMALS: u32 = RATE_DECIMALS + 4;

/// One cent in units of an exact cost.
pub const COST_UNITS_PER_CENT: i128 = 10_i128.pow(COST_DECIMALS);

/// One ten-thousandth in units of a rate's integer.
const BASIS_POINTS: i128 = 10_000;

/// A rate as the decimal that was written, in units of 10^-18; never negative.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Rate(pub i128);

impl std::fmt::Display for Rate {
    /// The decimal, without zeros at its end.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let one = Self::whole(1).0;
        let digits = format!("{:018}", self.0 % one);
        let decimals = digits.trim_end_matches('0');
        let point = if decimals.is_empty() { "" } else { "." };
        write!(f, "{}{point}{decimals}", self.0 / one)
    }
}

impl Rate {
    /// A rate of `whole` per unit.
    #[must_use]
    pub const fn whole(whole: i64) -> Self {
        Self(whole as i128 * 10_i128.pow(RATE_DECIMALS))
    }

    /// Whether it has no more digits than a rate may have: 15 before the point and 18 after it.
    #[must_use]
    pub const fn is_sound(self) -> bool {
        self.0 >= 0 && self.0 < 10_i128.pow(33)
    }

    /// Whether it is a share of something: at most 1.
    #[must_use]
    pub const fn is_share(self) -> bool {
        self.0 >= 0 && self.0 <= Self::whole(1).0
    }

    /// This share of `cents`, rounded down.
    #[must_use]
    pub fn part_of(self, cents: i64) -> i64 {
        debug_assert!(self.is_share() && cents >= 0, "a share of what is there");
        i64::try_from(self.0 * i128::from(cents) / Self::whole(1).0).unwrap_or(cents)
    }

    /// What is left of `cents` when this share of them is taken away, rounded down.
    #[must_use]
    pub fn left_of(self, cents: i64) -> i64 {
        debug_assert!(self.is_share() && cents >= 0, "a share of what is there");
        let one = Self::whole(1).0;
        // At most 63 bits times 10^18, which is below 2^123; and no more than there was.
        i64::try_from((one - self.0) * i128::from(cents) / one).unwrap_or(cents)
    }

    /// The exact cost of this rate charged on `base` units, `None` when it is too large to count.
    #[must_use]
    pub fn cost_of(self, base: i128) -> Option<ExactCost> {
        let units = self.0.checked_mul(BASIS_POINTS)?.checked_mul(base)?;
        Some(ExactCost(units))
    }

    /// The exact cost of this rate, in ten-thousandths, charged on `base` units.
    #[must_use]
    pub fn basis_point_cost_of(self, base: i128) -> Option<ExactCost> {
        self.0.checked_mul(base).map(ExactCost)
    }
}

/// A cost without rounding, in units of 10^-22 cents.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub struct ExactCost(pub i128);

impl ExactCost {
    /// No cost.
    pub const ZERO: Self = Self(0);

    /// The largest cost that is still counted: 38 decimal digits, what a decimal128 column holds.
    pub const LIMIT: Self = Self(10_i128.pow(38) - 1);

    /// The sum, `None` when it is beyond [`ExactCost::LIMIT`].
    #[must_use]
    pub fn plus(self, other: Self) -> Option<Self> {
        let sum = Self(self.0.checked_add(other.0)?);
        (sum <= Self::LIMIT).then_some(sum)
    }

    /// The cost `times` over.
    #[must_use]
    pub fn times(self, times: u32) -> Option<Self> {
        self.0.checked_mul(i128::from(times)).map(Self)
    }

    /// Whole cents, rounded half to even.
    #[must_use]
    pub fn rounded(self) -> Cents {
        debug_assert!(self >= Self::ZERO, "costs are not negative");
        let whole = self.0 / COST_UNITS_PER_CENT;
        let rest = self.0 % COST_UNITS_PER_CENT;
        let half = COST_UNITS_PER_CENT / 2;
        let up = rest > half || (rest == half && whole % 2 == 1);
        let rounded = whole + i128::from(up);
        // At most 10^16, since a cost is at most 10^38 units.
        Cents(i64::try_from(rounded).unwrap_or(i64::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn halves(count: i128) -> ExactCost {
        ExactCost(count * COST_UNITS_PER_CENT / 2)
    }

    #[test]
    fn rounds_half_to_even() {
        let table = [(0, 0), (1, 0), (2, 1), (3, 2), (5, 2), (7, 4)];
        for (count, cents) in table {
            assert_eq!(halves(count).rounded(), Cents(cents), "{count} halves");
        }
        assert_eq!(ExactCost(halves(1).0 + 1).rounded(), Cents(1));
    }

    #[test]
    fn basis_points_are_ten_thousandths() {
        let one = Rate::whole(1);
        assert_eq!(one.basis_point_cost_of(10_000), one.cost_of(1));
    }

    #[test]
    fn refuses_what_it_cannot_count() {
        assert_eq!(Rate::whole(i64::MAX).cost_of(i128::from(i64::MAX)), None);
        assert_eq!(ExactCost::LIMIT.plus(ExactCost(1)), None);
    }
}
