//! Values as bytes and back: little-endian, lengths before contents. Reading never trusts what it reads.

use crate::error::SnapshotError;
use crate::ids::{AgentIndex, Slot};

/// Bytes that are being read.
pub(crate) struct Reader<'a> {
    bytes: &'a [u8],
}

/// What was read does not make sense.
pub(crate) const fn corrupt(what: &'static str) -> SnapshotError {
    SnapshotError::Corrupt { what }
}

impl<'a> Reader<'a> {
    pub(crate) const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes }
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8], SnapshotError> {
        let (taken, rest) = self.bytes.split_at_checked(length).ok_or(corrupt("a value goes beyond the end"))?;
        self.bytes = rest;
        Ok(taken)
    }

    pub(crate) fn read<T: Stored>(&mut self) -> Result<T, SnapshotError> {
        T::read(self)
    }

    /// Everything must have been read.
    pub(crate) fn finish(self) -> Result<(), SnapshotError> {
        if self.bytes.is_empty() { Ok(()) } else { Err(corrupt("bytes are left over")) }
    }
}

/// A value that can be written and read.
pub(crate) trait Stored: Sized {
    fn write(&self, bytes: &mut Vec<u8>);
    fn read(reader: &mut Reader<'_>) -> Result<Self, SnapshotError>;
}

macro_rules! stored_numbers {
    ($($number:ty),*) => {$(
        impl Stored for $number {
            fn write(&self, bytes: &mut Vec<u8>) {
                bytes.extend_from_slice(&self.to_le_bytes());
            }

            fn read(reader: &mut Reader<'_>) -> Result<Self, SnapshotError> {
                let taken = reader.take(size_of::<Self>())?;
                Ok(Self::from_le_bytes(taken.try_into().map_err(|_| corrupt("a number is cut"))?))
            }
        }
    )*};
}

stored_numbers!(u8, u16, u32, u64, u128, i64, i128, f64);

impl Stored for bool {
    fn write(&self, bytes: &mut Vec<u8>) {
        bytes.push(u8::from(*self));
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, SnapshotError> {
        match reader.read::<u8>()? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(corrupt("a truth value is neither")),
        }
    }
}

impl Stored for AgentIndex {
    fn write(&self, bytes: &mut Vec<u8>) {
        self.0.write(bytes);
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, SnapshotError> {
        Ok(Self(reader.read()?))
    }
}

impl Stored for Slot {
    fn write(&self, bytes: &mut Vec<u8>) {
        self.0.write(bytes);
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, SnapshotError> {
        Ok(Self(reader.read()?))
    }
}

impl Stored for String {
    fn write(&self, bytes: &mut Vec<u8>) {
        (self.len() as u64).write(bytes);
        bytes.extend_from_slice(self.as_bytes());
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, SnapshotError> {
        let length = read_length(reader)?;
        let text = std::str::from_utf8(reader.take(length)?).map_err(|_| corrupt("a text is not UTF-8"))?;
        Ok(text.to_owned())
    }
}

impl<T: Stored> Stored for Vec<T> {
    fn write(&self, bytes: &mut Vec<u8>) {
        (self.len() as u64).write(bytes);
        for value in self {
            value.write(bytes);
        }
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, SnapshotError> {
        let length = read_length(reader)?;
        // Never more room than bytes are left: a wrong length must not exhaust memory.
        let mut values = Self::with_capacity(length.min(reader.bytes.len() / size_of::<T>().max(1)));
        for _ in 0..length {
            values.push(reader.read()?);
        }
        Ok(values)
    }
}

impl<T: Stored> Stored for Option<T> {
    fn write(&self, bytes: &mut Vec<u8>) {
        self.is_some().write(bytes);
        if let Some(value) = self {
            value.write(bytes);
        }
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, SnapshotError> {
        if reader.read()? { Ok(Some(reader.read()?)) } else { Ok(None) }
    }
}

impl<A: Stored, B: Stored> Stored for (A, B) {
    fn write(&self, bytes: &mut Vec<u8>) {
        self.0.write(bytes);
        self.1.write(bytes);
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, SnapshotError> {
        Ok((reader.read()?, reader.read()?))
    }
}

impl<T: Stored + Copy + Default, const N: usize> Stored for [T; N] {
    fn write(&self, bytes: &mut Vec<u8>) {
        for value in self {
            value.write(bytes);
        }
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, SnapshotError> {
        let mut values = [T::default(); N];
        for value in &mut values {
            *value = reader.read()?;
        }
        Ok(values)
    }
}

fn read_length(reader: &mut Reader<'_>) -> Result<usize, SnapshotError> {
    let length = usize::try_from(reader.read::<u64>()?).map_err(|_| corrupt("a length is too large"))?;
    // Each element has at least one byte.
    if length > reader.bytes.len() { Err(corrupt("a length goes beyond the end")) } else { Ok(length) }
}

/// Writes and reads a struct field by field, in the order given.
macro_rules! stored_struct {
    ($name:ty { $($field:ident),* $(,)? }) => {
        impl crate::stored::Stored for $name {
            fn write(&self, bytes: &mut Vec<u8>) {
                $(crate::stored::Stored::write(&self.$field, bytes);)*
            }

            fn read(reader: &mut crate::stored::Reader<'_>) -> Result<Self, crate::error::SnapshotError> {
                Ok(Self { $($field: reader.read()?),* })
            }
        }
    };
}

/// Writes and reads an enum without fields as the number of its variant.
macro_rules! stored_enum {
    ($name:ident { $($variant:ident),* $(,)? }) => {
        impl crate::stored::Stored for $name {
            fn write(&self, bytes: &mut Vec<u8>) {
                bytes.push(*self as u8);
            }

            fn read(reader: &mut crate::stored::Reader<'_>) -> Result<Self, crate::error::SnapshotError> {
                let number: u8 = reader.read()?;
                $(if number == $name::$variant as u8 {
                    return Ok($name::$variant);
                })*
                Err(crate::stored::corrupt(concat!("no such ", stringify!($name))))
            }
        }
    };
}

pub(crate) use {stored_enum, stored_struct};
