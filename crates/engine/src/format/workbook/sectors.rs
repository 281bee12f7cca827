//! The sectors of an OLE2 file, looked at before calamine follows their chains wherever they lead (MS-CFB 2.2 to 2.5).

const HEADER: usize = 512;
/// From here on a number is no sector's, but says something else: free, the end of a chain.
const FIRST_RESERVED: u32 = 0xffff_fffa;

/// Whether every chain of sectors has an end: one that goes in a circle would be read until memory is full.
pub fn are_finite(file: &[u8]) -> bool {
    let size = match file.get(30..32) {
        Some([9, 0]) => 512,
        Some([12, 0]) => 4096,
        // The reader refuses any other.
        _ => return true,
    };
    let most = file.len() / size + 1;
    let sector = |id: u32| file.get((id as usize + 1).saturating_mul(size)..).map_or(&[][..], |rest| &rest[..rest.len().min(size)]);
    // The sectors of the table of chains: the first in the header, more in sectors whose last number is the next of their kind.
    let mut tables: Vec<u32> = numbers(file.get(76..HEADER).unwrap_or_default()).collect();
    let mut more = file.get(68..72).and_then(|bytes| numbers(bytes).next());
    for step in 0.. {
        let Some(id) = more.filter(|&id| id < FIRST_RESERVED) else { break };
        if step > most {
            return false;
        }
        tables.extend(numbers(sector(id)));
        more = tables.pop();
    }
    tables.retain(|&id| id < FIRST_RESERVED);
    if tables.len() > most {
        return false;
    }
    let next: Vec<u32> = tables.into_iter().flat_map(|id| numbers(sector(id))).collect();
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
