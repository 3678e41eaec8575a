//! Untyped values, as a caller of any language can make them.

/// A value of a configuration before it has been read.
#[derive(Clone, PartialEq, Debug)]
pub enum Value {
    /// Nothing.
    Null,
    /// True or false.
    Bool(bool),
    /// An integer.
    Int(i128),
    /// An integer beyond 128 bits, as its text.
    HugeInt(String),
    /// A binary float, with the shortest decimal text that reads back as the same float.
    Float(f64, String),
    /// A decimal number, as its text.
    Decimal(String),
    /// Text.
    Text(String),
    /// A list.
    List(Vec<Value>),
    /// Keys and values, in their order.
    Map(Vec<(String, Value)>),
    /// Anything else; the name of its type.
    Other(String),
}
