//! The sectors of an OLE2 file, looked at before calamine follows their chains wherever they lead (MS-CFB 2.2 to 2.5).

const HEADER: usize = 512;
/// From here on a number is no sector's, but says something else: free, the end of a chain.
const FIRST_RESERVED: u32 = 0xffff_fffa;

/// Bytes of a short sector, of a directory's entry, and of what is kept in short sectors.
const SHORT: usize = 64;
const ENTRY: usize = 128;
const MOST_SHORT: u64 = 4096;

/// A file's sectors, and which one follows each.
pub struct Sectors<'a> {
    file: &'a [u8],
    size: usize,
    next: Vec<u32>,
}

impl<'a> Sectors<'a> {
    /// The sectors of a file, if every chain of them has an end: one that goes in a circle would be read until memory is full.
    pub fn of(file: &'a [u8]) -> Option<Self> {
        let size = match file.get(30..32) {
            Some([9, 0]) => 512,
            Some([12, 0]) => 4096,
            // The reader refuses any other.
            _ => return Some(Self { file, size: HEADER, next: Vec::new() }),
        };
        let mut sectors = Self { file, size, next: Vec::new() };
        let most = file.len() / size + 1;
        // The sectors of the table of chains: the first in the header, more in sectors whose last number is the next of their kind.
        let mut tables: Vec<u32> = numbers(file.get(76..HEADER).unwrap_or_default()).collect();
        let mut more = sectors.header(68);
        for step in 0.. {
            let Some(id) = more.filter(|&id| id < FIRST_RESERVED) else { break };
            if step > most {
                return None;
            }
            tables.extend(numbers(sectors.sector(id)));
            more = tables.pop();
        }
        tables.retain(|&id| id < FIRST_RESERVED);
        if tables.len() > most {
            return None;
        }
        sectors.next = tables.into_iter().flat_map(|id| numbers(sectors.sector(id))).collect();
        is_finite(&sectors.next).then_some(sectors)
    }

    /// The content of the stream of this name (MS-CFB 2.6).
    pub fn stream_of(&self, name: &str) -> Option<Vec<u8>> {
        let directory = self.chain(self.header(48)?);
        let name: Vec<u8> = name.encode_utf16().chain([0]).flat_map(u16::to_le_bytes).collect();
        let entry = directory.chunks_exact(ENTRY).find(|entry| entry.get(..name.len()) == Some(&name[..]))?;
        let field = |entry: &[u8], at: usize| numbers(entry.get(at..at + 4)?).next();
        let (start, length) = (field(entry, 116)?, u64::from(field(entry, 120)?));
        if length >= MOST_SHORT {
            return Some(self.chain(start));
        }
        // Short streams are in the stream of the root, by a table of their own.
        let (root, table) = (self.chain(field(directory.get(..ENTRY)?, 116)?), self.chain(self.header(60)?));
        let next: Vec<u32> = numbers(&table).collect();
        let is_sound = is_finite(&next);
        let ids =
            std::iter::successors(Some(start), |&id| next.get(id as usize).copied()).take_while(|&id| is_sound && id < FIRST_RESERVED);
        Some(
            ids.filter_map(|id| root.get((id as usize).checked_mul(SHORT)?..))
                .flat_map(|rest| &rest[..rest.len().min(SHORT)])
                .copied()
                .collect(),
        )
    }

    fn header(&self, at: usize) -> Option<u32> {
        numbers(self.file.get(at..at + 4)?).next()
    }

    fn sector(&self, id: u32) -> &'a [u8] {
        self.file.get((id as usize + 1).saturating_mul(self.size)..).map_or(&[][..], |rest| &rest[..rest.len().min(self.size)])
    }

    fn chain(&self, start: u32) -> Vec<u8> {
        let ids = std::iter::successors(Some(start), |&id| self.next.get(id as usize).copied()).take_while(|&id| id < FIRST_RESERVED);
        ids.flat_map(|id| self.sector(id)).copied().collect()
    }
}

/// Whether every chain has an end.
fn is_finite(next: &[u32]) -> bool {
    // Each sector is marked with the walk that met it first; a walk that meets its own mark goes in a circle.
    let mut walks = vec![0; next.len()];
    (1..=next.len()).all(|walk| {
        let mut at = walk - 1;
        while let Some(mark) = walks.get_mut(at).filter(|mark| **mark == 0 || **mark == walk) {
            if *mark == walk {
                return false;
            }
            *mark = walk;
            at = next[at] as usize;
        }
        true
    })
}

fn numbers(bytes: &[u8]) -> impl Iterator<Item = u32> {
    bytes.chunks_exact(4).map(|bytes| u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))
}

#[cfg(test)]
mod tests {
    use super::*;

    const END: u32 = 0xffff_fffe;

    fn are_finite(file: &[u8]) -> bool {
        Sectors::of(file).is_some()
    }

    /// A file whose first sector is the table of these chains.
    fn file(chains: &[u32], more: u32) -> Vec<u8> {
        let mut file = vec![0xff; HEADER + 512];
        file[30..32].copy_from_slice(&[9, 0]);
        file[68..72].copy_from_slice(&more.to_le_bytes());
        file[76..80].fill(0);
        for (k, id) in chains.iter().enumerate() {
            file[HEADER + 4 * k..][..4].copy_from_slice(&id.to_le_bytes());
        }
        file
    }

    #[test]
    fn chains_that_end_are_followed() {
        assert!(are_finite(&file(&[END - 1, 2, 3, END, 3], END)));
        assert!(are_finite(b""));
    }

    #[test]
    fn a_chain_in_a_circle_is_not() {
        assert!(!are_finite(&file(&[END - 1, 2, 3, 1], END)));
        assert!(!are_finite(&file(&[END - 1, 1], END)));
    }

    #[test]
    fn nor_is_a_table_that_goes_on_in_itself() {
        let mut file = file(&[0; 128], 0);
        file.truncate(HEADER + 512);
        assert!(!are_finite(&file));
    }
}
