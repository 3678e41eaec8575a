//! Where a value stands in the dict, as text only when a problem is told.

use std::fmt;

/// The place of a value: `agent_configs[3] 'BANK_B'.policy.urgency_threshold`.
#[derive(Clone, Copy, Debug)]
pub(super) enum Path<'a> {
    /// The dict itself.
    Root,
    /// A key of a dict.
    Key(&'a Path<'a>, &'a str),
    /// An element of a list, and its name if it has one.
    Item(&'a Path<'a>, usize, Option<&'a str>),
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Root => f.write_str("config"),
            Self::Key(Self::Root, key) => f.write_str(key),
            Self::Key(parent, key) => write!(f, "{parent}.{key}"),
            Self::Item(parent, at, None) => write!(f, "{parent}[{at}]"),
            Self::Item(parent, at, Some(name)) => write!(f, "{parent}[{at}] '{name}'"),
        }
    }
}
