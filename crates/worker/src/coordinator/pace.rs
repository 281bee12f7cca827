//! How often the page hears of a profile: the longer the work, the more rarely. Most is known soon, and every word of it is
//! work for the page, and memory until a collector comes by.

/// Ticks between two words at first.
const SHORTEST: u64 = 4;
/// Ticks between two words at most.
const LONGEST: u64 = 20;
/// Beyond the first, a word waits for so much of the time that the work has taken.
const SHARE: u64 = 8;

/// Ticks of the work under way.
#[derive(Default)]
pub struct Pace {
    now: u64,
    told: u64,
}

impl Pace {
    /// Counts a tick, `works`: in which something is scanned or saved. Gives whether it is time for a word.
    pub fn is_due(&mut self, works: bool) -> bool {
        if !works {
            *self = Self::default();
            return false;
        }
        self.now += 1;
        let is_due = self.now - self.told >= (self.now / SHARE).clamp(SHORTEST, LONGEST);
        if is_due {
            self.told = self.now;
        }
        is_due
    }
}
