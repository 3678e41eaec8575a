//! What is wrong with a configuration, for the person who wrote it.

use std::fmt;

/// What sort of mistake a problem is; other languages raise different errors for them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ProblemKind {
    /// A value of the right type that is not acceptable, an unknown or a missing key.
    Value,
    /// A value of the wrong type.
    Type,
    /// An integer that does not fit into its 64 bits.
    Overflow,
}

/// One mistake in a configuration.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Problem {
    /// What sort of mistake.
    pub kind: ProblemKind,
    /// Where it is, the value as given, and what would be right.
    pub message: String,
}

impl Problem {
    /// The problem that `name` is no known `noun`; suggests the nearest of the known ones, or lists them all.
    #[must_use]
    pub fn unknown<'a>(noun: &str, name: &str, known: impl IntoIterator<Item = &'a str>) -> Self {
        let known: Vec<&str> = known.into_iter().collect();
        let hint = match nearest(name, &known) {
            Some(near) => format!("; did you mean '{near}'?"),
            None if known.is_empty() => String::new(),
            None if known.len() <= KNOWN_SHOWN_MAX => format!("; known: {}", known.join(", ")),
            None => format!("; known: {}, ... ({} in all)", known[..KNOWN_SHOWN_MAX].join(", "), known.len()),
        };
        Self { kind: ProblemKind::Value, message: format!("unknown {noun} '{name}'{hint}") }
    }
}

/// The most known names that a message lists.
const KNOWN_SHOWN_MAX: usize = 12;

/// Every mistake that was found in a configuration, at least one.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Problems {
    found: Vec<Problem>,
}

impl Problems {
    /// The problems in the order in which they were found.
    #[must_use]
    pub fn all(&self) -> &[Problem] {
        &self.found
    }

    /// Whether all of them are of this kind.
    #[must_use]
    pub fn all_are(&self, kind: ProblemKind) -> bool {
        self.found.iter().all(|problem| problem.kind == kind)
    }

    pub(super) fn note(&mut self, kind: ProblemKind, message: String) {
        self.found.push(Problem { kind, message });
    }

    pub(super) fn push(&mut self, problem: Problem) {
        self.found.push(problem);
    }

    pub(super) fn len(&self) -> usize {
        self.found.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.found.is_empty()
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, problem) in self.found.iter().enumerate() {
            let separator = if at == 0 { "" } else { "; " };
            write!(f, "{separator}{}", problem.message)?;
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}

/// The fewest letters of a name that may stand for a longer one.
const PREFIX_CHARS_MIN: usize = 4;

/// The known name that is most like `name`, if one is like it at all: a third of its letters may differ, or its end may
/// be missing.
fn nearest<'a>(name: &str, known: &[&'a str]) -> Option<&'a str> {
    let wanted: Vec<char> = name.to_lowercase().chars().collect();
    let allowed = (wanted.len() / 3).max(1).min(wanted.len().saturating_sub(1));
    let near = known.iter().map(|candidate| {
        let candidate_chars: Vec<char> = candidate.to_lowercase().chars().collect();
        (edit_distance(&wanted, &candidate_chars), *candidate)
    });
    let nearest = near.filter(|(distance, _)| *distance <= allowed).min_by_key(|(distance, _)| *distance);
    let beginning = || known.iter().find(|known| wanted.len() >= PREFIX_CHARS_MIN && known.starts_with(name));
    nearest.map(|(_, near)| near).or_else(|| beginning().copied())
}

/// The least number of letters to insert, remove, replace, or swap with their neighbour (optimal string alignment).
fn edit_distance(left: &[char], right: &[char]) -> usize {
    let width = right.len() + 1;
    let mut second_previous: Vec<usize> = vec![0; width];
    let mut previous: Vec<usize> = (0..width).collect();
    for (row, letter) in left.iter().enumerate() {
        let mut current = Vec::with_capacity(width);
        current.push(row + 1);
        for (column, other) in right.iter().enumerate() {
            let replaced = previous[column] + usize::from(letter != other);
            let mut least = replaced.min(previous[column + 1] + 1).min(current[column] + 1);
            let swapped = row > 0 && column > 0 && *letter == right[column - 1] && left[row - 1] == *other;
            if swapped {
                least = least.min(second_previous[column - 1] + 1);
            }
            current.push(least);
        }
        second_previous = std::mem::replace(&mut previous, current);
    }
    previous[right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_edits() {
        let table = [
            ("", "", 0),
            ("abc", "abc", 0),
            ("abc", "acb", 1),
            ("abc", "ab", 1),
            ("", "ab", 2),
            ("kitten", "sitting", 3),
        ];
        for (left, right, expected) in table {
            let (left, right): (Vec<char>, Vec<char>) = (left.chars().collect(), right.chars().collect());
            assert_eq!(edit_distance(&left, &right), expected, "{left:?} {right:?}");
            assert_eq!(edit_distance(&right, &left), expected, "{right:?} {left:?}");
        }
    }

    #[test]
    fn suggests_the_nearest_or_lists_what_is_known() {
        let known = ["Fifo", "Deadline"];
        let table = [
            ("fifo", "unknown policy 'fifo'; did you mean 'Fifo'?"),
            ("Fido", "unknown policy 'Fido'; did you mean 'Fifo'?"),
            ("Deadlines", "unknown policy 'Deadlines'; did you mean 'Deadline'?"),
            ("Dead", "unknown policy 'Dead'; did you mean 'Deadline'?"),
            ("Bogus", "unknown policy 'Bogus'; known: Fifo, Deadline"),
            ("X", "unknown policy 'X'; known: Fifo, Deadline"),
        ];
        for (name, expected) in table {
            assert_eq!(Problem::unknown("policy", name, known).message, expected);
        }
        assert_eq!(Problem::unknown("agent", "X", []).message, "unknown agent 'X'");
        let many: Vec<String> = (0..20).map(|at| format!("BANK_{at}")).collect();
        let message = Problem::unknown("agent", "nobody", many.iter().map(String::as_str)).message;
        assert!(message.ends_with("BANK_11, ... (20 in all)"), "{message}");
    }
}
