//! What stands at the end of a file: where its stripes are, its types, how it is packed.
//!
//! <https://orc.apache.org/specification/ORCv1/#file-tail>

use colonnade_protocol::{ErrorInfo, ErrorKind};

use super::codec::Packing;
use super::malformed;
use super::message::Fields;
use super::types::{Declared, MOST_TYPES, Type};
use crate::Result;
use crate::source::SharedSource;

/// What a file begins with; its postscript ends so too, but for its own length.
pub const MAGIC: &[u8] = b"ORC";
/// The field of the postscript that holds it.
const MAGIC_FIELD: u64 = 8000;
/// Bytes that are read first: most tails are shorter.
const FIRST_READ: u64 = 16 << 10;
/// Bytes of a footer at most, packed and not.
const MOST_FOOTER: u64 = 16 << 20;
/// Stripes at most.
const MOST_STRIPES: usize = 1 << 20;

/// A part of the file's rows, all columns of it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Stripe {
    /// Its first byte: indexes, data and footer follow each other.
    pub at: u64,
    pub index: u64,
    pub data: u64,
    pub footer: u64,
    pub rows: u64,
}

/// The end of a file, read and checked.
pub struct Tail {
    pub packing: Packing,
    pub root: Type,
    pub stripes: Vec<Stripe>,
}

impl Tail {
    /// Reads it.
    ///
    /// # Errors
    /// [`ErrorKind::Malformed`] for what is no ORC, is cut short or encrypted, or claims more than the file has;
    /// [`ErrorKind::Limit`]; those of the source.
    pub fn read(source: &SharedSource) -> Result<Self> {
        let len = source.len();
        let last = bytes(source, len.saturating_sub(FIRST_READ), len.min(FIRST_READ))?;
        let Some((&length, before)) = last.split_last() else { return Err(malformed("it is empty")) };
        let postscript = before.len().checked_sub(usize::from(length)).and_then(|at| before.get(at..)).unwrap_or_default();
        let postscript = Postscript::parse(postscript)?;
        let end = len - 1 - u64::from(length);
        if postscript.footer > MOST_FOOTER {
            let what = format!("the ORC file's footer has {} bytes", postscript.footer);
            return Err(ErrorInfo::new(ErrorKind::Limit, what, format!("At most {MOST_FOOTER} are read.")));
        }
        let Some(at) = end.checked_sub(postscript.footer) else {
            return Err(malformed(format!("it claims a footer of {} bytes and has {len}", postscript.footer)));
        };
        let footer = postscript.packing.unpack_all(&bytes(source, at, postscript.footer)?, MOST_FOOTER as usize)?;
        Self::parse(&footer, postscript.packing, at)
    }

    /// The footer, of a file that has `end` bytes before it.
    fn parse(footer: &[u8], packing: Packing, end: u64) -> Result<Self> {
        let (mut stripes, mut types) = (Vec::new(), Vec::new());
        for field in Fields::of(footer) {
            match field? {
                (3, stripe) => stripes.push(Stripe::parse(stripe.bytes())?),
                (4, declared) if types.len() <= MOST_TYPES => types.push(Declared::parse(declared.bytes())?),
                (10, _) => {
                    let hint = "It cannot be read without its keys: write it again without encryption.";
                    return Err(ErrorInfo::new(ErrorKind::Malformed, "the ORC file has encrypted columns", hint));
                }
                _ => {}
            }
            if stripes.len() > MOST_STRIPES {
                let what = format!("the ORC file has more than {MOST_STRIPES} stripes");
                return Err(ErrorInfo::new(ErrorKind::Limit, what, "Write it again in larger stripes."));
            }
        }
        if let Some(k) = stripes.iter().position(|stripe| stripe.end().is_none_or(|behind| behind > end)) {
            return Err(malformed(format!("stripe {} of the footer lies outside the file", k + 1)));
        }
        Ok(Self { packing, root: Type::tree(types)?, stripes })
    }
}

impl Stripe {
    fn parse(message: &[u8]) -> Result<Self> {
        let mut stripe = Self::default();
        for field in Fields::of(message) {
            let (number, value) = field?;
            let place = match number {
                1 => &mut stripe.at,
                2 => &mut stripe.index,
                3 => &mut stripe.data,
                4 => &mut stripe.footer,
                5 => &mut stripe.rows,
                _ => continue,
            };
            *place = value.number();
        }
        Ok(stripe)
    }

    /// The byte behind it.
    fn end(&self) -> Option<u64> {
        self.at.checked_add(self.index)?.checked_add(self.data)?.checked_add(self.footer)
    }
}

struct Postscript {
    footer: u64,
    packing: Packing,
}

impl Postscript {
    fn parse(message: &[u8]) -> Result<Self> {
        let (mut footer, mut codec, mut chunk, mut is_ours) = (0, 0, 0, false);
        for field in Fields::of(message) {
            // What is no message at all is no postscript.
            let Ok((number, value)) = field else { break };
            match number {
                1 => footer = value.number(),
                2 => codec = value.number(),
                3 => chunk = value.number(),
                MAGIC_FIELD => is_ours = value.bytes() == MAGIC,
                _ => {}
            }
        }
        if !is_ours {
            return Err(malformed("it does not end as one, its postscript is missing"));
        }
        Ok(Self { footer, packing: Packing::new(codec, chunk)? })
    }
}

/// Bytes of the source, which must be there.
pub fn bytes(source: &SharedSource, at: u64, count: u64) -> Result<Vec<u8>> {
    let is_there = at.checked_add(count).is_some_and(|end| end <= source.len());
    let Some(count) = usize::try_from(count).ok().filter(|_| is_there) else {
        return Err(malformed(format!("{count} bytes are wanted at byte {at}, behind its end")));
    };
    let mut bytes = vec![0; count];
    let n = if count > 0 { source.read_at(at, &mut bytes)? } else { 0 };
    if n < count { Err(malformed(format!("it ends at byte {}", at + n as u64))) } else { Ok(bytes) }
}
