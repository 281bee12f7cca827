//! Whole numbers in runs, by both versions of the encoding.
//!
//! <https://orc.apache.org/specification/ORCv1/#integer-run-length-encoding-version-2>

use super::malformed;
use super::stream::Stream;
use crate::Result;

/// The least length of a run, in both versions.
const LEAST_RUN: usize = 3;
/// Bits that packed numbers of more than 24 may have.
const WIDE: [u32; 8] = [26, 28, 30, 32, 40, 48, 56, 64];

/// Numbers of 64 bits.
pub struct Integers {
    stream: Stream,
    is_signed: bool,
    is_second: bool,
    /// The run that is open, and how many of it are used.
    run: Vec<i64>,
    used: usize,
    packed: Vec<u8>,
}

impl Integers {
    /// Numbers of a stream, signed or not, of the second version or the first.
    pub fn new(stream: Stream, is_signed: bool, is_second: bool) -> Self {
        Self { stream, is_signed, is_second, run: Vec::new(), used: 0, packed: Vec::new() }
    }

    /// Adds the next `count`; unsigned ones beyond 63 bits come negative.
    ///
    /// # Errors
    /// A run that contradicts itself, those of the stream.
    pub fn read(&mut self, count: usize, into: &mut Vec<i64>) -> Result<()> {
        let mut missing = count;
        while missing > 0 {
            if self.used >= self.run.len() {
                self.run.clear();
                self.used = 0;
                if self.is_second { self.second()? } else { self.first()? }
            }
            let here = self.run.get(self.used..).unwrap_or_default();
            let taken = here.get(..missing.min(here.len())).unwrap_or_default();
            into.extend_from_slice(taken);
            self.used += taken.len();
            missing -= taken.len();
        }
        Ok(())
    }

    fn first(&mut self) -> Result<()> {
        let control = self.stream.byte()? as i8;
        let count = usize::from(control.unsigned_abs());
        if control < 0 {
            for _ in 0..count {
                let value = self.value()?;
                self.run.push(value);
            }
            return Ok(());
        }
        let delta = i64::from(self.stream.byte()? as i8);
        let mut value = self.value()?;
        for _ in 0..count + LEAST_RUN {
            self.run.push(value);
            value = value.wrapping_add(delta);
        }
        Ok(())
    }

    fn second(&mut self) -> Result<()> {
        let first = self.stream.byte()?;
        match first >> 6 {
            0 => {
                let value = self.big_endian(usize::from(first >> 3 & 7) + 1)?;
                let value = if self.is_signed { unzigzag(value) } else { value as i64 };
                self.run.resize(usize::from(first & 7) + LEAST_RUN, value);
                Ok(())
            }
            1 => {
                let (width, count) = self.width_and_count(first)?;
                self.unpack(count, width)?;
                if self.is_signed {
                    self.run.iter_mut().for_each(|value| *value = unzigzag(*value as u64));
                }
                Ok(())
            }
            2 => self.patched(first),
            _ => self.deltas(first),
        }
    }

    /// A base, numbers above it in few bits, and the higher bits of those few that have more.
    fn patched(&mut self, first: u8) -> Result<()> {
        let (width, count) = self.width_and_count(first)?;
        let [third, fourth] = self.stream.array()?;
        let (base_bytes, patch_width) = (usize::from(third >> 5) + 1, width_of(third & 31));
        let (gap_width, patches) = (u32::from(fourth >> 5) + 1, usize::from(fourth & 31));
        let base = self.big_endian(base_bytes)?;
        // The highest bit is the sign.
        let sign = 1_u64 << (base_bytes * 8 - 1);
        let base = if base & sign != 0 { (base & !sign).wrapping_neg() as i64 } else { base as i64 };
        self.unpack(count, width)?;
        let values = std::mem::take(&mut self.run);
        if patch_width + gap_width > 64 {
            return Err(malformed("the patches of a run have more than 64 bits"));
        }
        self.unpack(patches, fixed_width(patch_width + gap_width))?;
        let patches = std::mem::replace(&mut self.run, values);
        let mut at: u64 = 0;
        for patch in patches {
            let patch = patch as u64;
            at = (patch >> patch_width).saturating_add(at);
            let patch = patch & ((1 << patch_width) - 1);
            if patch == 0 {
                continue;
            }
            let value = usize::try_from(at).ok().and_then(|at| self.run.get_mut(at)).zip(patch.checked_shl(width));
            let (value, bits) = value.ok_or_else(|| malformed("a patch lies outside its run"))?;
            *value |= bits as i64;
        }
        self.run.iter_mut().for_each(|value| *value = value.wrapping_add(base));
        Ok(())
    }

    /// A number, the step to the next, and steps of its sign.
    fn deltas(&mut self, first: u8) -> Result<()> {
        let is_steady = first >> 1 & 31 == 0;
        let (width, count) = self.width_and_count(first)?;
        let base = self.value()?;
        let step = unzigzag(self.stream.varint()?);
        if is_steady {
            let mut value = base;
            for _ in 0..count {
                self.run.push(value);
                value = value.wrapping_add(step);
            }
            return Ok(());
        }
        let Some(steps) = count.checked_sub(2) else { return Err(malformed("a run of steps has one number")) };
        self.unpack(steps, width)?;
        let mut value = base.wrapping_add(step);
        for next in &mut self.run {
            let size = *next;
            *next = value;
            value = if step < 0 { value.wrapping_sub(size) } else { value.wrapping_add(size) };
        }
        self.run.push(value);
        self.run.insert(0, base);
        Ok(())
    }

    /// From the first byte of a run and the one behind it.
    fn width_and_count(&mut self, first: u8) -> Result<(u32, usize)> {
        let second = self.stream.byte()?;
        Ok((width_of(first >> 1 & 31), (usize::from(first & 1) << 8 | usize::from(second)) + 1))
    }

    fn value(&mut self) -> Result<i64> {
        let value = self.stream.varint()?;
        Ok(if self.is_signed { unzigzag(value) } else { value as i64 })
    }

    fn big_endian(&mut self, bytes: usize) -> Result<u64> {
        (0..bytes).try_fold(0, |value, _| Ok(value << 8 | u64::from(self.stream.byte()?)))
    }

    /// Numbers of `width` bits, the highest first, in place of the run.
    fn unpack(&mut self, count: usize, width: u32) -> Result<()> {
        self.packed.clear();
        self.stream.take((count * width as usize).div_ceil(8), &mut self.packed)?;
        self.run.clear();
        if width == 64 {
            self.run.extend(self.packed.as_chunks().0.iter().map(|bytes| i64::from_be_bytes(*bytes)));
            return Ok(());
        }
        // 56 bits at most are held over, and eight are added.
        let (mut held, mut bits, mask) = (0_u64, 0, (1_u64 << width) - 1);
        for &byte in &self.packed {
            held = held << 8 | u64::from(byte);
            bits += 8;
            while bits >= width && self.run.len() < count {
                bits -= width;
                self.run.push((held >> bits & mask) as i64);
            }
        }
        Ok(())
    }
}

/// Signed numbers are written so that small ones are short: 0, -1, 1, -2, ...
pub fn unzigzag(value: u64) -> i64 {
    (value >> 1) as i64 ^ -((value & 1) as i64)
}

/// The bits of packed numbers, from the five that say so.
fn width_of(code: u8) -> u32 {
    match code {
        0..=23 => u32::from(code) + 1,
        _ => WIDE.get(usize::from(code) - 24).copied().unwrap_or(64),
    }
}

/// The least width that numbers of so many bits are packed in.
fn fixed_width(bits: u32) -> u32 {
    if bits <= 24 { bits } else { WIDE.into_iter().find(|&width| width >= bits).unwrap_or(64) }
}
