//! Decimal numbers as they were written, without a detour through binary floats.

use crate::money::{RATE_DECIMALS, Rate};

/// The most digits before the decimal point of a rate.
const INTEGER_DIGITS_MAX: i64 = 15;

/// Why a text is not a rate.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum RateError {
    /// It is not a decimal number.
    NotANumber,
    /// It is below zero.
    Negative,
    /// It has more than 18 decimals.
    TooFine,
    /// It has more than 15 digits before the decimal point.
    TooLarge,
}

impl RateError {
    /// What would be right.
    pub(super) const fn wanted(self) -> &'static str {
        match self {
            Self::NotANumber => "must be a decimal number",
            Self::Negative => "must not be negative",
            Self::TooFine => "must have at most 18 decimals",
            Self::TooLarge => "must have at most 15 digits before the decimal point",
        }
    }
}

/// Reads `12`, `0.001`, `1e-3`, `+1.50E2` exactly.
pub(super) fn parse_rate(text: &str) -> Result<Rate, RateError> {
    let text = text.trim();
    let (negative, unsigned) = match text.as_bytes().first() {
        Some(b'-') => (true, &text[1..]),
        Some(b'+') => (false, &text[1..]),
        _ => (false, text),
    };
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, parse_exponent(exponent)?),
        None => (unsigned, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits: String = [whole, fraction].concat();
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(RateError::NotANumber);
    }
    let significant = digits.trim_start_matches('0').trim_end_matches('0');
    if significant.is_empty() {
        return Ok(Rate::default());
    }
    if negative {
        return Err(RateError::Negative);
    }
    // The value is `significant` * 10^-scale; the zeros cut off at the end count one each.
    let cut = length(&digits) - length(digits.trim_end_matches('0'));
    let scale = length(fraction) - cut - exponent;
    if scale > i64::from(RATE_DECIMALS) {
        return Err(RateError::TooFine);
    }
    if length(significant) - scale > INTEGER_DIGITS_MAX {
        return Err(RateError::TooLarge);
    }
    let units: Option<i128> = (|| {
        let shift = u32::try_from(i64::from(RATE_DECIMALS) - scale).ok()?;
        significant.parse::<i128>().ok()?.checked_mul(10_i128.checked_pow(shift)?)
    })();
    // At most 15 + 18 digits, as just checked.
    units.map(Rate).ok_or(RateError::TooLarge)
}

/// The exponent, cut off where no rate can be any more, so that sums with it cannot overflow.
fn parse_exponent(text: &str) -> Result<i64, RateError> {
    let (negative, digits) = match text.as_bytes().first() {
        Some(b'-') => (true, &text[1..]),
        Some(b'+') => (false, &text[1..]),
        _ => (false, text),
    };
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(RateError::NotANumber);
    }
    let limit = i64::from(u32::MAX);
    let size = digits.parse::<i64>().unwrap_or(limit).min(limit);
    Ok(if negative { -size } else { size })
}

fn length(text: &str) -> i64 {
    i64::try_from(text.len()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_decimals_as_written() {
        let unit = 10_i128.pow(18);
        let largest = "999999999999999.999999999999999999";
        let table = [
            ("0", Ok(0)),
            ("-0.0", Ok(0)),
            ("0e999999999999999999999", Ok(0)),
            ("1", Ok(unit)),
            ("+1.", Ok(unit)),
            (".5", Ok(unit / 2)),
            ("0.001", Ok(unit / 1000)),
            ("1e-3", Ok(unit / 1000)),
            ("0.100e1", Ok(unit)),
            ("1.50E2", Ok(150 * unit)),
            ("1e-18", Ok(1)),
            ("10e-19", Ok(1)),
            ("0.0000000000000000010000", Ok(1)),
            ("1e14", Ok(10_i128.pow(32))),
            (largest, Ok(10_i128.pow(33) - 1)),
            ("1e-19", Err(RateError::TooFine)),
            ("0.1234567890123456789", Err(RateError::TooFine)),
            ("1e15", Err(RateError::TooLarge)),
            ("1e99999999999999999999", Err(RateError::TooLarge)),
            ("1e-99999999999999999999", Err(RateError::TooFine)),
            ("-0.1", Err(RateError::Negative)),
            ("", Err(RateError::NotANumber)),
            (".", Err(RateError::NotANumber)),
            ("e5", Err(RateError::NotANumber)),
            ("1e", Err(RateError::NotANumber)),
            ("1e5.0", Err(RateError::NotANumber)),
            ("1.2.3", Err(RateError::NotANumber)),
            ("0x10", Err(RateError::NotANumber)),
            ("--1", Err(RateError::NotANumber)),
            ("nan", Err(RateError::NotANumber)),
            ("inf", Err(RateError::NotANumber)),
            ("1_000", Err(RateError::NotANumber)),
        ];
        for (text, expected) in table {
            assert_eq!(parse_rate(text), expected.map(Rate), "{text}");
        }
    }
}
