//! One dict of the configuration: its keys are checked when it is opened, its values as they are read.

use std::fmt;

use super::decimal::parse_rate;
use super::path::Path;
use super::problem::{Problem, ProblemKind, Problems};
use crate::config::Value;
use crate::money::{Cents, Rate};

/// The most characters of a value that a message shows.
const SHOWN_CHARS_MAX: usize = 60;

/// A dict and its place.
#[derive(Clone, Copy, Debug)]
pub(super) struct Section<'a> {
    path: Path<'a>,
    entries: &'a [(String, Value)],
}

impl<'a> Section<'a> {
    /// Opens a dict and notes each key that is not known; `None` when it is not a dict.
    pub(super) fn of(
        value: &'a Value,
        path: Path<'a>,
        known: &[&'static str],
        problems: &mut Problems,
    ) -> Option<Self> {
        let section = Self::open(value, path, problems)?;
        section.check_keys(known, problems);
        Some(section)
    }

    /// Opens a dict whose keys are still to be checked.
    pub(super) fn open(value: &'a Value, path: Path<'a>, problems: &mut Problems) -> Option<Self> {
        if let Value::Map(entries) = value {
            Some(Self { path, entries })
        } else {
            problems.wrong_type(path, "a dict", value);
            None
        }
    }

    /// Notes each key that is not known.
    pub(super) fn check_keys(&self, known: &[&'static str], problems: &mut Problems) {
        for (key, _) in self.entries {
            if !known.contains(&key.as_str()) {
                let mut problem = Problem::unknown("key", key, known.iter().copied());
                problem.message = format!("{}: {}", self.path, problem.message);
                problems.push(problem);
            }
        }
    }

    /// The place of a key of this section.
    pub(super) const fn path_of(&'a self, key: &'a str) -> Path<'a> {
        Path::Key(&self.path, key)
    }

    /// The entries in their order.
    pub(super) const fn entries(&self) -> &'a [(String, Value)] {
        self.entries
    }

    /// The value of a key, if it is there.
    pub(super) fn get(&self, key: &str) -> Option<&'a Value> {
        self.entries.iter().find(|(name, _)| name == key).map(|(_, value)| value)
    }

    /// The value of a key that must be there.
    pub(super) fn required(&self, key: &str, problems: &mut Problems) -> Option<&'a Value> {
        let value = self.get(key);
        if value.is_none() {
            let place = match self.path {
                Path::Root => String::new(),
                path => format!("{path}: "),
            };
            problems.note(ProblemKind::Value, format!("{place}Missing '{key}'"));
        }
        value
    }

    /// A section within this one; `None` when it is absent or null.
    pub(super) fn optional_section(
        &'a self,
        key: &'a str,
        known: &[&'static str],
        problems: &mut Problems,
    ) -> Option<Self> {
        match self.get(key)? {
            Value::Null => None,
            value => Self::of(value, self.path_of(key), known, problems),
        }
    }

    /// A list; `None` when it is absent or null.
    pub(super) fn optional_list(&self, key: &str, wanted: &str, problems: &mut Problems) -> Option<&'a [Value]> {
        match self.get(key)? {
            Value::Null => None,
            Value::List(items) => Some(items),
            value => {
                problems.wrong_type(self.path_of(key), wanted, value);
                None
            }
        }
    }

    /// True or false.
    pub(super) fn flag(&self, key: &str, default: bool, problems: &mut Problems) -> bool {
        match self.get(key) {
            None => default,
            Some(Value::Bool(flag)) => *flag,
            Some(value) => {
                problems.wrong_type(self.path_of(key), "true or false", value);
                default
            }
        }
    }

    /// True or false under one of several names.
    pub(super) fn aliased_flag(&self, names: &[&'static str], default: bool, problems: &mut Problems) -> bool {
        let mut given = names.iter().filter(|name| self.get(name).is_some());
        let name = given.next().copied().unwrap_or(names[0]);
        for other in given {
            let message = format!("{}: '{other}' is another name of '{name}'; give one of them", self.path);
            problems.note(ProblemKind::Value, message);
        }
        self.flag(name, default, problems)
    }

    /// One of a few texts.
    pub(super) fn choice<T: Copy>(
        &self,
        key: &str,
        choices: &[(&'static str, T)],
        default: T,
        problems: &mut Problems,
    ) -> T {
        let Some(value) = self.get(key) else {
            return default;
        };
        let names = || choices.iter().map(|(name, _)| *name);
        let Value::Text(text) = value else {
            let wanted = format!("one of {}", names().collect::<Vec<_>>().join(", "));
            problems.wrong_type(self.path_of(key), &wanted, value);
            return default;
        };
        if let Some((_, choice)) = choices.iter().find(|(name, _)| name == text) {
            return *choice;
        }
        let mut problem = Problem::unknown("value", text, names());
        problem.message = format!("{}: {}", self.path_of(key), problem.message);
        problems.push(problem);
        default
    }

    /// A text that must be there and not be empty.
    pub(super) fn text(&self, key: &str, problems: &mut Problems) -> Option<&'a str> {
        match self.required(key, problems)? {
            Value::Text(text) if text.is_empty() => {
                problems.note(ProblemKind::Value, format!("{} must not be empty", self.path_of(key)));
                None
            }
            Value::Text(text) => Some(text),
            value => {
                problems.wrong_type(self.path_of(key), "text", value);
                None
            }
        }
    }

    /// An integer from `least` to `most`; with a `default` it may be absent.
    pub(super) fn count(&self, key: &str, least: u32, most: u32, default: Option<u32>, problems: &mut Problems) -> u32 {
        let value = match default {
            Some(default) => match self.get(key) {
                None => return default,
                value => value,
            },
            None => self.required(key, problems),
        };
        value.and_then(|value| read_count(value, self.path_of(key), least, most, problems)).unwrap_or(least)
    }

    /// The seed of the generators: any 64 bits.
    pub(super) fn seed(&self, key: &str, problems: &mut Problems) -> u64 {
        let Some(value) = self.required(key, problems) else {
            return 0;
        };
        let place = self.path_of(key);
        let Some(number) = read_integer(value, place, problems) else {
            return 0;
        };
        u64::try_from(number).unwrap_or_else(|_| {
            let kind =
                if number < i128::from(i64::MIN) || number > 0 { ProblemKind::Overflow } else { ProblemKind::Value };
            problems.note(kind, format!("{place} must be from 0 to {}, not {number}", u64::MAX));
            0
        })
    }

    /// Cents, from `least` on; with a `default` it may be absent.
    pub(super) fn cents(&self, key: &str, least: i64, default: Option<Cents>, problems: &mut Problems) -> Cents {
        let value = match default {
            Some(default) => match self.get(key) {
                None => return default,
                value => value,
            },
            None => self.required(key, problems),
        };
        let place = self.path_of(key);
        let amount = value.and_then(|value| match value {
            Value::Float(..) | Value::Decimal(_) => {
                problems.wrong_type(place, "an integer of cents", value);
                None
            }
            value => read_i64(value, place, problems),
        });
        match amount {
            Some(amount) if amount < least => {
                problems.too_small(place, i128::from(least), i128::from(amount));
                Cents::ZERO
            }
            amount => Cents(amount.unwrap_or(0)),
        }
    }

    /// A rate: an exact decimal.
    pub(super) fn rate(&self, key: &str, default: Rate, problems: &mut Problems) -> Rate {
        let Some(value) = self.get(key) else {
            return default;
        };
        let place = self.path_of(key);
        let Some(text) = decimal_text(value) else {
            problems.wrong_type(place, "a number", value);
            return default;
        };
        match parse_rate(&text) {
            Ok(rate) => rate,
            Err(error) => {
                let message = format!("{place} {}, not {}", error.wanted(), Shown(value));
                problems.note(ProblemKind::Value, message);
                default
            }
        }
    }

    /// A finite real number within its bounds.
    pub(super) fn real(&self, key: &str, bound: Bound, problems: &mut Problems) -> f64 {
        let real = self.required(key, problems).and_then(|value| read_real(value, self.path_of(key), bound, problems));
        real.unwrap_or(1.0)
    }
}

impl fmt::Display for Section<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.path.fmt(f)
    }
}

/// What a real number must satisfy besides being finite.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Bound {
    /// Any value.
    Finite,
    /// At least 0.
    NotNegative,
    /// More than 0.
    Positive,
}

/// A finite real number within its bounds.
pub(super) fn read_real(value: &Value, place: Path<'_>, bound: Bound, problems: &mut Problems) -> Option<f64> {
    let Some(text) = decimal_text(value) else {
        problems.wrong_type(place, "a number", value);
        return None;
    };
    let real = match value {
        Value::Float(real, _) => *real,
        // What is no number becomes a NaN, which the next check refuses.
        _ => text.trim().parse().unwrap_or(f64::NAN),
    };
    let wanted = match bound {
        _ if !real.is_finite() => "must be a finite number",
        Bound::NotNegative if real < 0.0 => "must not be negative",
        Bound::Positive if real <= 0.0 => "must be positive",
        _ => return Some(real),
    };
    problems.note(ProblemKind::Value, format!("{place} {wanted}, not {}", Shown(value)));
    None
}

/// An integer from `least` to `most`.
pub(super) fn read_count(
    value: &Value,
    place: Path<'_>,
    least: u32,
    most: u32,
    problems: &mut Problems,
) -> Option<u32> {
    let number = read_i64(value, place, problems)?;
    match u32::try_from(number) {
        Ok(count) if (least..=most).contains(&count) => return Some(count),
        _ if number < i64::from(least) => problems.too_small(place, i128::from(least), i128::from(number)),
        _ => problems.note(ProblemKind::Value, format!("{place} must be at most {most}, not {number}")),
    }
    None
}

/// `[least, most]` as integers from `floor` to `ceiling`, in order.
pub(super) fn read_pair(
    value: &Value,
    place: Path<'_>,
    floor: u32,
    ceiling: u32,
    problems: &mut Problems,
) -> Option<(u32, u32)> {
    let Value::List(items) = value else {
        problems.wrong_type(place, "a list [min, max]", value);
        return None;
    };
    let [first, second] = items.as_slice() else {
        let message = format!("{place} must be a list [min, max], not one of {} items", items.len());
        problems.note(ProblemKind::Value, message);
        return None;
    };
    let least = read_count(first, Path::Item(&place, 0, None), floor, ceiling, problems);
    let most = read_count(second, Path::Item(&place, 1, None), floor, ceiling, problems);
    let (least, most) = (least?, most?);
    if least > most {
        problems.note(ProblemKind::Value, format!("{place} must be [min, max] with min <= max, not [{least}, {most}]"));
        return None;
    }
    Some((least, most))
}

/// An integer of 64 bits with sign.
pub(super) fn read_i64(value: &Value, place: Path<'_>, problems: &mut Problems) -> Option<i64> {
    let number = read_integer(value, place, problems)?;
    let narrowed = i64::try_from(number).ok();
    if narrowed.is_none() {
        problems.overflow(place, &number.to_string());
    }
    narrowed
}

fn read_integer(value: &Value, place: Path<'_>, problems: &mut Problems) -> Option<i128> {
    match value {
        Value::Int(number) => return Some(*number),
        Value::HugeInt(text) => problems.overflow(place, text),
        value => problems.wrong_type(place, "an integer", value),
    }
    None
}

/// A number as the decimal that was written; `None` for what is none by its type.
fn decimal_text(value: &Value) -> Option<std::borrow::Cow<'_, str>> {
    match value {
        Value::Int(number) => Some(number.to_string().into()),
        Value::Float(_, text) | Value::Decimal(text) | Value::Text(text) | Value::HugeInt(text) => Some(text.into()),
        Value::Null | Value::Bool(_) | Value::List(_) | Value::Map(_) | Value::Other(_) => None,
    }
}

impl Problems {
    pub(super) fn wrong_type(&mut self, place: Path<'_>, wanted: &str, value: &Value) {
        self.note(ProblemKind::Type, format!("{place} must be {wanted}, not {}", Shown(value)));
    }

    fn too_small(&mut self, place: Path<'_>, least: i128, number: i128) {
        let wanted = match least {
            1 => "must be positive".to_owned(),
            0 => "must not be negative".to_owned(),
            least => format!("must be at least {least}"),
        };
        self.note(ProblemKind::Value, format!("{place} {wanted}, not {number}"));
    }

    fn overflow(&mut self, place: Path<'_>, number: &str) {
        self.note(ProblemKind::Overflow, format!("{place} must fit into 64 bits, not {}", shortened(number)));
    }
}

/// A value as a message shows it: with its type where that may be the mistake.
pub(super) struct Shown<'a>(pub(super) &'a Value);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Value::Null => f.write_str("null"),
            Value::Bool(flag) => write!(f, "{flag}"),
            Value::Int(number) => write!(f, "{number}"),
            Value::HugeInt(text) | Value::Float(_, text) => f.write_str(&shortened(text)),
            Value::Decimal(text) => write!(f, "the decimal {}", shortened(text)),
            Value::Text(text) => write!(f, "the text '{}'", shortened(text)),
            Value::List(items) => write!(f, "a list of {} items", items.len()),
            Value::Map(entries) => write!(f, "a dict of {} keys", entries.len()),
            Value::Other(type_name) => write!(f, "a value of type {type_name}"),
        }
    }
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(SHOWN_CHARS_MAX) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text.to_owned(),
    }
}
