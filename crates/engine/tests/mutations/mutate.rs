//! Damage as transfers, editors and hostile minds do it, drawn from a fixed seed.

/// Bytes that mean something to some format.
const TELLING: &[u8] = b"\"'{}[]<>,;:\t\n\r\\/&%#-+.0129eE \0\x1e\xef\xbb\xbf\xff\xfe\x80(|=NnT";

/// Damaged versions of one file: the first is the file itself. Endless.
pub struct Mutations<'a> {
    original: &'a [u8],
    state: u64,
    first: bool,
}

impl<'a> Mutations<'a> {
    /// Always the same ones for the same bytes.
    pub fn of(original: &'a [u8]) -> Self {
        let seed = original.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, &byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
        Self { original, state: seed | 1, first: true }
    }

    /// Marsaglia's xorshift64.
    fn below(&mut self, bound: usize) -> usize {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        (self.state % bound.max(1) as u64) as usize
    }

    fn damage(&mut self, bytes: &mut Vec<u8>) {
        let at = self.below(bytes.len() + 1);
        let length = (1 + self.below(12)).min(bytes.len() - at);
        match self.below(8) {
            0 => bytes.truncate(at),
            1 => drop(bytes.drain(at..at + length)),
            2 => bytes.insert(at, TELLING[self.below(TELLING.len())]),
            3 => {
                if let Some(byte) = bytes.get_mut(at) {
                    *byte = TELLING[self.below(TELLING.len())];
                }
            }
            4 => {
                if let Some(byte) = bytes.get_mut(at) {
                    *byte ^= 1 << self.below(8);
                }
            }
            5 => {
                let piece = bytes[at..at + length].to_vec();
                let to = self.below(bytes.len() + 1);
                bytes.splice(to..to, piece);
            }
            6 => {
                let again = TELLING[self.below(TELLING.len())];
                let many = 1 << self.below(12);
                bytes.splice(at..at, std::iter::repeat_n(again, many));
            }
            _ => {
                let end = (at + self.below(400)).min(bytes.len());
                let piece = bytes[at..end].to_vec();
                bytes.splice(at..at, piece);
            }
        }
    }
}

impl Iterator for Mutations<'_> {
    type Item = Vec<u8>;

    fn next(&mut self) -> Option<Vec<u8>> {
        let mut bytes = self.original.to_vec();
        if !std::mem::take(&mut self.first) {
            for _ in 0..=self.below(4) {
                self.damage(&mut bytes);
            }
        }
        Some(bytes)
    }
}
