//! Names at the edge, integers inside: agents and transactions are indices here, and have their text only when someone
//! looks.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::hash::{BuildHasherDefault, Hasher};

use crate::memory;

/// An agent: its place in the configuration.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[repr(transparent)]
pub struct AgentIndex(pub u32);

impl AgentIndex {
    /// The place as an index into columns of agents.
    #[inline]
    #[must_use]
    pub const fn at(self) -> usize {
        self.0 as usize
    }
}

/// A transaction in memory: its row in the columns of [`crate::transactions`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[repr(transparent)]
pub struct Slot(pub u32);

impl Slot {
    /// The row as an index.
    #[inline]
    #[must_use]
    pub const fn at(self) -> usize {
        self.0 as usize
    }
}

/// A length or position that is known to fit into 32 bits.
///
/// The number of agents is bounded by the configuration and the number of transactions in memory by
/// [`crate::transactions::CAPACITY`].
#[inline]
#[expect(clippy::cast_possible_truncation, reason = "bounded as said; the debug build checks it")]
pub(crate) const fn narrow(length: usize) -> u32 {
    debug_assert!(length <= u32::MAX as usize, "lengths are bounded where they grow");
    length as u32
}

/// A hash for look-ups: the same on every platform, and never iterated over. Eight bytes at a time by the folded
/// product of the wyhash family. Source: Wang Yi, "wyhash" (public domain).
#[derive(Clone, Debug, Default)]
pub struct LookupHasher(u64);

impl LookupHasher {
    #[inline]
    fn mix(&mut self, word: u64) {
        self.0 = fold(self.0 ^ word ^ 0xa076_1d64_78bd_642f, 0xe703_7ed1_a0b4_28db);
    }
}

impl Hasher for LookupHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    #[inline]
    fn write(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks::<8>();
        for word in words {
            self.mix(u64::from_le_bytes(*word));
        }
        let mut last = [0; 8];
        last[..rest.len()].copy_from_slice(rest);
        self.mix(u64::from_le_bytes(last) ^ (bytes.len() as u64) << 56);
    }

    #[inline]
    fn write_u64(&mut self, word: u64) {
        self.mix(word);
    }
}

/// The folded product: both halves of it, one on the other.
#[inline]
#[expect(clippy::cast_possible_truncation, reason = "both halves are used")]
pub(crate) const fn fold(left: u64, right: u64) -> u64 {
    let product = left as u128 * right as u128;
    product as u64 ^ (product >> 64) as u64
}

/// The hash of a text, equal on every platform.
#[must_use]
pub fn text_hash(text: &str) -> u64 {
    let mut hasher = LookupHasher::default();
    hasher.write(text.as_bytes());
    hasher.finish()
}

/// A look-up table by text. Its iteration order is never used.
pub(crate) type TextMap<V> = HashMap<Box<str>, V, BuildHasherDefault<LookupHasher>>;

/// The agents' names, in config order.
#[derive(Clone, Debug, Default)]
pub struct AgentNames {
    names: Vec<Box<str>>,
    places: TextMap<AgentIndex>,
}

impl AgentNames {
    /// Names in config order, each once.
    #[must_use]
    pub fn new(names: impl IntoIterator<Item = Box<str>>) -> Self {
        let names: Vec<Box<str>> = names.into_iter().collect();
        let places = names.iter().enumerate().map(|(at, name)| (name.clone(), AgentIndex(narrow(at)))).collect();
        Self { names, places }
    }

    /// How many agents there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// The memory that they take; each name is kept twice.
    pub(crate) fn memory_bytes(&self) -> usize {
        let texts: usize = self.names.iter().map(|name| name.len()).sum();
        2 * texts + memory::of(&self.names) + memory::of_map(&self.places)
    }

    /// The agent with this name.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<AgentIndex> {
        self.places.get(name).copied()
    }

    /// The name of an agent.
    #[must_use]
    pub fn name(&self, agent: AgentIndex) -> &str {
        &self.names[agent.at()]
    }

    /// All names, in config order.
    #[must_use = "an iterator does nothing by itself"]
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &str> {
        self.names.iter().map(|name| &**name)
    }
}

/// Where a transaction's number comes from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Origin {
    /// Drawn by the sender's arrival process: `<sender>:g<n>`.
    Generated = 0,
    /// Submitted without an id of its own: `<sender>:s<n>`.
    Submitted = 1,
    /// Submitted with an id; the number is its place in the store of given ids.
    Given = 2,
}

/// A transaction's id as integers. A part has its parent's id with `part` from 1.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TransactionId {
    /// The agent that sends, and numbers.
    pub sender: AgentIndex,
    /// Which of the sender's counters, or a given text.
    pub origin: Origin,
    /// The count, from 1; for a given id its place in the store of given ids.
    pub number: u32,
    /// 0 for a whole transaction, else the part's number.
    pub part: u8,
}

impl TransactionId {
    /// The id of the transaction that this is a part of.
    #[must_use]
    pub const fn parent(self) -> Option<Self> {
        if self.part == 0 { None } else { Some(Self { part: 0, ..self }) }
    }

    /// Appends the id's text.
    pub fn render(self, sender: &str, given: &GivenIds, text: &mut String) {
        match self.origin {
            Origin::Given => text.push_str(given.get(self.number)),
            Origin::Generated => push_number(text, sender, ":g", self.number),
            Origin::Submitted => push_number(text, sender, ":s", self.number),
        }
        if self.part > 0 {
            // Writing to a String cannot fail.
            let _ = write!(text, "/{}", self.part);
        }
    }

    /// Reads an id of one of the forms that the engine makes; the sender's name may hold any character.
    #[must_use]
    pub fn parse(text: &str, agents: &AgentNames) -> Option<Self> {
        let (text, part) = match text.rsplit_once('/') {
            Some((parent, part)) => match canonical_number(part).and_then(|part| u8::try_from(part).ok()) {
                Some(part) => (parent, part),
                None => (text, 0),
            },
            None => (text, 0),
        };
        let (sender, counter) = text.rsplit_once(':')?;
        let sender = agents.find(sender)?;
        let origin = match counter.as_bytes().first()? {
            b'g' => Origin::Generated,
            b's' => Origin::Submitted,
            _ => return None,
        };
        let number = canonical_number(&counter[1..])?;
        Some(Self { sender, origin, number, part })
    }
}

/// A number from 1, written without sign and leading zeros.
fn canonical_number(text: &str) -> Option<u32> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) && !text.starts_with('0');
    if digits { text.parse().ok() } else { None }
}

/// Whether a given id has a form that is kept for the engine: `<agent>:g<n>`, `<agent>:s<n>`, `<anything>/<k>`.
#[must_use]
pub fn is_reserved(text: &str, agents: &AgentNames) -> bool {
    let head = text.trim_end_matches(|last: char| last.is_ascii_digit());
    if head.len() == text.len() || canonical_number(&text[head.len()..]).is_none() {
        return false;
    }
    if head.ends_with('/') {
        return true;
    }
    let sender = head.strip_suffix(":g").or_else(|| head.strip_suffix(":s"));
    sender.is_some_and(|sender| agents.find(sender).is_some())
}

fn push_number(text: &mut String, sender: &str, counter: &str, number: u32) {
    text.push_str(sender);
    text.push_str(counter);
    let mut digits = [0_u8; 10];
    let mut start = digits.len();
    let mut rest = number;
    loop {
        start -= 1;
        // A decimal digit fits into a byte.
        digits[start] = b'0' + u8::try_from(rest % 10).unwrap_or(0);
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    for digit in &digits[start..] {
        text.push(char::from(*digit));
    }
}

/// The ids that came with transactions, in one long text.
#[derive(Clone, Debug, Default)]
pub struct GivenIds {
    text: String,
    ends: Vec<u64>,
}

impl GivenIds {
    /// Keeps an id and returns its number.
    pub fn push(&mut self, id: &str) -> u32 {
        let number = narrow(self.ends.len());
        self.text.push_str(id);
        self.ends.push(self.text.len() as u64);
        number
    }

    /// Forgets all from this number on.
    pub(crate) fn truncate(&mut self, number: u32) {
        self.ends.truncate(number as usize);
        self.text.truncate(self.ends.last().map_or(0, |end| offset(*end)));
    }

    /// The text of an id by its number.
    #[must_use]
    pub fn get(&self, number: u32) -> &str {
        let at = number as usize;
        let start = if at == 0 { 0 } else { self.ends[at - 1] };
        &self.text[offset(start)..offset(self.ends[at])]
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// The memory that they take.
    pub(crate) fn memory_bytes(&self) -> usize {
        self.text.capacity() + memory::of(&self.ends)
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }
}

/// A byte offset that was a length before, so it fits.
#[expect(clippy::cast_possible_truncation, reason = "was a usize when it was stored")]
const fn offset(stored: u64) -> usize {
    stored as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    fn agents() -> AgentNames {
        AgentNames::new(["A".into(), "B:s1".into(), "C/2".into()])
    }

    fn text_of(id: TransactionId) -> String {
        let mut text = String::new();
        id.render(agents().name(id.sender), &GivenIds::default(), &mut text);
        text
    }

    #[test]
    fn what_is_rendered_is_parsed_again() {
        for sender in 0..3 {
            for origin in [Origin::Generated, Origin::Submitted] {
                for (number, part) in [(1, 0), (10, 2), (u32::MAX, 10)] {
                    let id = TransactionId { sender: AgentIndex(sender), origin, number, part };
                    assert_eq!(TransactionId::parse(&text_of(id), &agents()), Some(id), "{}", text_of(id));
                }
            }
        }
    }

    #[test]
    fn reserved_forms() {
        let table = [
            ("A:g1", true),
            ("A:s17", true),
            ("A:s0", false),
            ("A:s01", false),
            ("A:x1", false),
            ("Z:s1", false),
            ("anything/3", true),
            ("anything/x", false),
            ("B:s1", false),
            ("B:s1:s1", true),
            ("", false),
        ];
        for (text, expected) in table {
            assert_eq!(is_reserved(text, &agents()), expected, "{text}");
        }
    }
}
