//! Which dictionary entry a value is: hash tables made for values that mostly have been seen.

const EMPTY: u32 = u32::MAX;
const FIRST_SLOTS: usize = 256;

/// From 64-bit keys to the numbers of entries.
pub struct Table {
    slots: Vec<(u64, u32)>,
    len: usize,
}

impl Table {
    /// Without entries.
    pub fn new() -> Self {
        Self { slots: vec![(0, EMPTY); FIRST_SLOTS], len: 0 }
    }

    /// Bytes held.
    pub fn bytes(&self) -> usize {
        self.slots.len() * size_of::<(u64, u32)>()
    }

    /// The number of the entry with this key for which `is` holds, or of a new one: then the second is true. `hash` is that
    /// of the key.
    #[inline]
    pub fn entry(&mut self, key: u64, hash: u64, mut is: impl FnMut(u32) -> bool) -> (u32, bool) {
        let mask = self.slots.len() - 1;
        let mut slot = hash as usize & mask;
        loop {
            let (found, entry) = self.slots[slot];
            if entry == EMPTY {
                break;
            }
            if found == key && is(entry) {
                return (entry, false);
            }
            slot = (slot + 1) & mask;
        }
        let entry = self.len as u32;
        self.slots[slot] = (key, entry);
        self.len += 1;
        (entry, true)
    }

    /// Doubles the slots once half are taken; `hash` is that of a key.
    pub fn grow(&mut self, hash: impl Fn(u64) -> u64) {
        if self.len * 2 <= self.slots.len() {
            return;
        }
        let larger = vec![(0, EMPTY); self.slots.len() * 2];
        let mask = larger.len() - 1;
        for (key, entry) in std::mem::replace(&mut self.slots, larger) {
            if entry != EMPTY {
                let mut slot = hash(key) as usize & mask;
                while self.slots[slot].1 != EMPTY {
                    slot = (slot + 1) & mask;
                }
                self.slots[slot] = (key, entry);
            }
        }
    }
}
