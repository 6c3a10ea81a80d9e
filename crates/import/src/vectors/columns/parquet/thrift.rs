//! Thrift's compact protocol, in which the footer is written: structs of numbered fields, and lists. Nothing is made of a size that it
//! announces.

use super::Why;

/// Structs and lists lie in one another so deep.
const DEPTH: usize = 64;
/// Most bytes of a number.
pub(super) const NUMBER: usize = 10;

/// What a field or an element of a list is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A flag: in a struct its value stands in place of its type.
    Flag,
    Byte,
    /// A whole number, of any width.
    Whole,
    Double,
    Bytes,
    /// A list or a set.
    List,
    Map,
    Struct,
    Uuid,
}

impl Kind {
    fn of(nibble: u8) -> Result<Self, Why> {
        Ok(match nibble {
            1 | 2 => Self::Flag,
            3 => Self::Byte,
            4..=6 => Self::Whole,
            7 => Self::Double,
            8 => Self::Bytes,
            9 | 10 => Self::List,
            11 => Self::Map,
            12 => Self::Struct,
            13 => Self::Uuid,
            _ => return Err("a part of what it says of itself is of no known type".to_owned()),
        })
    }
}

/// What is still to be read.
pub(super) struct Compact<'a> {
    pub rest: &'a [u8],
}

/// The fields of a struct, one after the other.
#[derive(Default)]
pub(super) struct Fields {
    last: i16,
}

impl Fields {
    /// Number and kind of the next field; none where the struct ends. What the field holds has to be read or skipped before the next.
    pub fn next(&mut self, from: &mut Compact<'_>) -> Result<Option<(i16, Kind)>, Why> {
        let head = from.byte()?;
        if head & 0xf == 0 {
            return Ok(None);
        }
        let kind = Kind::of(head & 0xf)?;
        let id = match head >> 4 {
            0 => i16::try_from(from.whole()?).ok(),
            more => self.last.checked_add(i16::from(more)),
        };
        self.last = id.ok_or_else(|| "a part of what it says of itself has an impossible number".to_owned())?;
        Ok(Some((self.last, kind)))
    }
}

impl<'a> Compact<'a> {
    pub fn byte(&mut self) -> Result<u8, Why> {
        let (&first, rest) = self.rest.split_first().ok_or_else(short)?;
        self.rest = rest;
        Ok(first)
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8], Why> {
        let (own, rest) = self.rest.split_at_checked(length).ok_or_else(short)?;
        self.rest = rest;
        Ok(own)
    }

    /// A number without a sign, seven bits a byte.
    fn number(&mut self) -> Result<u64, Why> {
        let (number, rest) = varint(self.rest).ok_or_else(short)?;
        self.rest = rest;
        Ok(number)
    }

    pub fn whole(&mut self) -> Result<i64, Why> {
        self.number().map(unfolded)
    }

    fn bytes(&mut self) -> Result<&'a [u8], Why> {
        let length = self.number()?;
        self.take(usize::try_from(length).map_err(|_| short())?)
    }

    /// The kind of the elements of a list, and how many there are. Each takes a byte or more, so that there cannot be more than bytes.
    pub fn list(&mut self) -> Result<(Kind, usize), Why> {
        let head = self.byte()?;
        // Some write no kind for the elements of an empty list.
        if head == 0 {
            return Ok((Kind::Byte, 0));
        }
        let kind = Kind::of(head & 0xf)?;
        let count = match head >> 4 {
            15 => self.number()?,
            count => u64::from(count),
        };
        self.within(count).map(|count| (kind, count))
    }

    fn within(&self, count: u64) -> Result<usize, Why> {
        let count = usize::try_from(count).ok().filter(|&count| count <= self.rest.len());
        count.ok_or_else(|| "a list in what it says of itself is longer than all of that".to_owned())
    }

    /// Reads over what is of no use here.
    pub fn skip(&mut self, kind: Kind) -> Result<(), Why> {
        // A flag in a struct is in its type.
        if kind == Kind::Flag { Ok(()) } else { self.skip_element(kind, DEPTH) }
    }

    fn skip_element(&mut self, kind: Kind, depth: usize) -> Result<(), Why> {
        let depth = depth.checked_sub(1).ok_or_else(|| "what it says of itself lies too deep in itself".to_owned())?;
        match kind {
            Kind::Flag | Kind::Byte => self.byte().map(|_| ()),
            Kind::Whole => self.number().map(|_| ()),
            Kind::Double => self.take(8).map(|_| ()),
            Kind::Uuid => self.take(16).map(|_| ()),
            Kind::Bytes => self.bytes().map(|_| ()),
            Kind::Struct => {
                let mut fields = Fields::default();
                while let Some((_, kind)) = fields.next(self)? {
                    if kind != Kind::Flag {
                        self.skip_element(kind, depth)?;
                    }
                }
                Ok(())
            }
            Kind::List => {
                let (kind, count) = self.list()?;
                (0..count).try_for_each(|_| self.skip_element(kind, depth))
            }
            Kind::Map => {
                let count = self.number()?;
                let count = self.within(count)?;
                if count == 0 {
                    return Ok(());
                }
                let kinds = self.byte()?;
                let (key, value) = (Kind::of(kinds >> 4)?, Kind::of(kinds & 0xf)?);
                (0..count).try_for_each(|_| {
                    self.skip_element(key, depth)?;
                    self.skip_element(value, depth)
                })
            }
        }
    }
}

/// A number of seven bits a byte, the lowest first, and what comes behind it.
pub(super) fn varint(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let mut number = 0u64;
    for (at, byte) in bytes.iter().enumerate().take(NUMBER) {
        number |= u64::from(byte & 0x7f).checked_shl(7 * at as u32).unwrap_or_default();
        if byte & 0x80 == 0 {
            return Some((number, bytes.get(at + 1..)?));
        }
    }
    None
}

/// A number with a sign, of one whose lowest bit is the sign.
pub(super) fn unfolded(number: u64) -> i64 {
    (number >> 1) as i64 ^ -((number & 1) as i64)
}

fn short() -> Why {
    "what it says of itself is cut short".to_owned()
}
