//! Files of Unix `compress` (`.Z`): LZW with codes of 9 to 16 bits, as ncompress writes and gzip reads them.
//!
//! Such a file has neither a length nor a checksum: one that was cut between two codes looks whole.

use std::io::{self, BufRead, Read};

const FIRST_BITS: u32 = 9;
const MOST_BITS: u32 = 16;
/// With the flag [`BLOCK`], the code that empties the table.
const CLEAR: u16 = 256;
const BLOCK: u8 = 0x80;
const RESERVED: u8 = 0x60;
const BITS: u8 = 0x1f;

/// Whether a file begins so: the mark, and flags that are of this format.
pub fn is_header(head: &[u8]) -> bool {
    matches!(head, [0x1f, 0x9d, flags, ..] if flags & RESERVED == 0 && (FIRST_BITS..=MOST_BITS).contains(&u32::from(flags & BITS)))
}

/// Reads what was compressed. Memory: 200 KB.
pub struct Decoder<R> {
    input: R,
    /// The header, once it is read.
    flags: Option<u8>,
    /// The text of a code is that of another, and a byte.
    prefixes: Vec<u16>,
    suffixes: Vec<u8>,
    /// Bits of a code now; those read at this width, codes coming in groups of eight.
    bits: u32,
    in_group: u64,
    /// Bits that are read and not used.
    waiting: u64,
    waiting_bits: u32,
    last: Option<u16>,
    /// The first byte of the last code's text.
    first_byte: u8,
    /// Bytes to give, the next at the end.
    text: Vec<u8>,
}

impl<R: BufRead> Decoder<R> {
    /// A decoder of a whole file, header included.
    pub fn new(input: R) -> Self {
        Self {
            input,
            flags: None,
            prefixes: Vec::new(),
            suffixes: Vec::new(),
            bits: FIRST_BITS,
            in_group: 0,
            waiting: 0,
            waiting_bits: 0,
            last: None,
            first_byte: 0,
            text: Vec::new(),
        }
    }

    fn header(&mut self) -> io::Result<u8> {
        if let Some(flags) = self.flags {
            return Ok(flags);
        }
        let mut head = [0; 3];
        self.input.read_exact(&mut head)?;
        if !is_header(&head) {
            return Err(broken("its header is not of this format"));
        }
        self.flags = Some(head[2]);
        self.empty_table();
        Ok(head[2])
    }

    /// The table of single bytes; the code that empties it has a place there too.
    fn empty_table(&mut self) {
        let is_block = self.flags.is_some_and(|flags| flags & BLOCK != 0);
        let codes = 256 + usize::from(is_block);
        self.prefixes.clear();
        self.prefixes.resize(codes, 0);
        self.suffixes.clear();
        self.suffixes.extend((0..codes).map(|code| code as u8));
        (self.bits, self.last) = (FIRST_BITS, None);
    }

    /// Codes are written eight at a time: where their width changes, what is left of the eight is filling.
    fn end_group(&mut self) -> io::Result<()> {
        let group = u64::from(self.bits) * 8;
        let mut left = (group - self.in_group % group) % group;
        while left > 0 {
            let count = left.min(u64::from(MOST_BITS)) as u32;
            if self.take(count)?.is_none() {
                break;
            }
            left -= u64::from(count);
        }
        self.in_group = 0;
        Ok(())
    }

    /// So many bits, the lowest first; `None` where the file ends before.
    fn take(&mut self, count: u32) -> io::Result<Option<u16>> {
        while self.waiting_bits < count {
            let Some(&byte) = self.input.fill_buf()?.first() else { return Ok(None) };
            self.input.consume(1);
            self.waiting |= u64::from(byte) << self.waiting_bits;
            self.waiting_bits += 8;
        }
        let taken = (self.waiting & ((1 << count) - 1)) as u16;
        self.waiting >>= count;
        self.waiting_bits -= count;
        Ok(Some(taken))
    }

    /// Puts the next code's text into `text`; false at the end.
    fn next(&mut self) -> io::Result<bool> {
        let flags = self.header()?;
        let most = u32::from(flags & BITS);
        loop {
            if self.prefixes.len() >= 1 << self.bits && self.bits < most {
                self.end_group()?;
                self.bits += 1;
            }
            let Some(code) = self.take(self.bits)? else { return Ok(false) };
            self.in_group += u64::from(self.bits);
            if code == CLEAR && flags & BLOCK != 0 {
                self.end_group()?;
                self.empty_table();
                continue;
            }
            self.add(code, 1 << most)?;
            return Ok(true);
        }
    }

    fn add(&mut self, code: u16, room: usize) -> io::Result<()> {
        let known = self.prefixes.len();
        let mut at = code;
        match self.last {
            None if code >= CLEAR => return Err(broken("its first code stands for no byte")),
            Some(_) if usize::from(code) > known => return Err(broken("a code comes before what it stands for")),
            // The text of the last code, and its first byte again.
            Some(last) if usize::from(code) == known => {
                self.text.push(self.first_byte);
                at = last;
            }
            _ => {}
        }
        // Prefixes are older than what they begin, so this ends.
        while at >= CLEAR {
            let (Some(&prefix), Some(&suffix)) = (self.prefixes.get(usize::from(at)), self.suffixes.get(usize::from(at))) else {
                return Err(broken("a code stands for nothing"));
            };
            self.text.push(suffix);
            at = prefix;
        }
        self.first_byte = at as u8;
        self.text.push(self.first_byte);
        if let Some(last) = self.last.filter(|_| known < room) {
            self.prefixes.push(last);
            self.suffixes.push(self.first_byte);
        }
        self.last = Some(code);
        Ok(())
    }
}

impl<R: BufRead> Read for Decoder<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let mut filled = 0;
        while filled < into.len() {
            if self.text.is_empty() && !self.next()? {
                break;
            }
            for place in &mut into[filled..] {
                let Some(byte) = self.text.pop() else { break };
                *place = byte;
                filled += 1;
            }
        }
        Ok(filled)
    }
}

fn broken(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

#[cfg(test)]
pub(super) mod tests {
    use std::collections::HashMap;

    use super::*;

    /// Compresses as ncompress does; `clear_at`: the table is emptied after so many codes.
    pub fn compressed(bytes: &[u8], most: u32, clear_at: Option<usize>) -> Vec<u8> {
        let mut out = vec![0x1f, 0x9d, BLOCK | most as u8];
        let (mut bits, mut group): (u32, Vec<u16>) = (FIRST_BITS, Vec::new());
        let mut codes: HashMap<Vec<u8>, u16> = (0..=255).map(|byte| (vec![byte], u16::from(byte))).collect();
        let mut next = 257;
        let mut flush = |group: &mut Vec<u16>, bits: u32, whole: bool| {
            let mut all = vec![0u8; if whole { bits as usize } else { (group.len() * bits as usize).div_ceil(8) }];
            for (k, code) in group.iter().enumerate() {
                for bit in (0..bits).filter(|bit| code >> bit & 1 == 1) {
                    let at = k * bits as usize + bit as usize;
                    all[at / 8] |= 1 << (at % 8);
                }
            }
            group.clear();
            out.extend(all);
        };
        let (mut word, mut written) = (Vec::new(), 0);
        for (k, &byte) in bytes.iter().enumerate() {
            let longer = [&word[..], &[byte]].concat();
            if codes.contains_key(&longer) {
                word = longer;
            } else {
                group.push(codes[&word]);
                written += 1;
                if group.len() == 8 {
                    flush(&mut group, bits, true);
                }
                if next < 1 << most {
                    codes.insert(longer, next as u16);
                    next += 1;
                }
                // A reader is one entry behind the writer.
                if next > 1 << bits && bits < most {
                    if !group.is_empty() {
                        flush(&mut group, bits, true);
                    }
                    bits += 1;
                }
                if clear_at.is_some_and(|every| written % every == 0) {
                    group.push(CLEAR);
                    flush(&mut group, bits, true);
                    codes.retain(|word, _| word.len() == 1);
                    (next, bits) = (257, FIRST_BITS);
                }
                word = vec![byte];
            }
            if k + 1 == bytes.len() {
                group.push(codes[&word]);
                flush(&mut group, bits, false);
            }
        }
        out
    }

    fn read(packed: &[u8]) -> io::Result<Vec<u8>> {
        let mut out = Vec::new();
        Decoder::new(packed).read_to_end(&mut out)?;
        Ok(out)
    }

    fn text(lines: usize) -> Vec<u8> {
        (0..lines).flat_map(|k| format!("{k},row {},{}\n", k * 7919 % 1000, k.wrapping_mul(2_654_435_761) % 99_991).into_bytes()).collect()
    }

    #[test]
    fn what_was_compressed_comes_back() {
        for (bytes, most, clear_at) in [
            (b"a".to_vec(), 16, None),
            (b"aaaaaaaaaaaaaaaaaaaaaaaaaaaaa".to_vec(), 16, None),
            (text(100), 9, None),
            (text(3000), 12, None),
            (text(40_000), 16, None),
            (text(40_000), 16, Some(5003)),
            (text(4000), 12, Some(300)),
        ] {
            let packed = compressed(&bytes, most, clear_at);
            if let Some(folder) = std::env::var_os("COLONNADE_KEEP_Z") {
                let name = format!("{}-{most}-{}.Z", bytes.len(), clear_at.unwrap_or_default());
                std::fs::write(std::path::Path::new(&folder).join(name), &packed).unwrap();
            }
            assert!(read(&packed).unwrap() == bytes, "{} bytes, {most} bits, {clear_at:?}", bytes.len());
        }
    }

    #[test]
    fn a_broken_code_is_an_error_and_what_came_before_is_right() {
        let bytes = text(3000);
        let mut packed = compressed(&bytes, 16, None);
        assert_eq!(read(&packed[..packed.len() / 2]).unwrap()[..], bytes[..read(&packed[..packed.len() / 2]).unwrap().len()]);
        packed[4] = 0xff;
        assert_eq!(read(&packed).unwrap_err().kind(), io::ErrorKind::InvalidData);
        assert_eq!(read(&packed[..2]).unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
        assert_eq!(read(&[0x1f, 0x9d, 0x91, 0, 0]).unwrap_err().kind(), io::ErrorKind::InvalidData);
    }
}
