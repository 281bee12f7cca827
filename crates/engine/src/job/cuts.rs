//! Which bytes and files each unit covers.

use crate::extent::Extent;
use crate::format::Split;
use crate::union::Part;

/// Files that one unit reads whole at most.
const UNIT_FILES: usize = 256;

/// What a unit covers: from a position of a file on, or several files whole.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cut {
    pub part: usize,
    pub start: u64,
    /// The file's first unit.
    pub is_first: bool,
    /// Behind the last file that it covers.
    pub end: usize,
}

/// Where units begin. Small files that follow each other share a unit, so that a thousand of them are not as many row groups.
pub(super) fn cuts(parts: &[Part], unit_bytes: u64) -> Vec<Cut> {
    let mut cuts: Vec<Cut> = Vec::new();
    // Of the last unit, if it is of whole files: their number and bytes.
    let mut whole: Option<(usize, u64)> = None;
    for (k, part) in parts.iter().enumerate().filter(|(_, part)| part.lost.is_none()) {
        let align = match part.read.split {
            Split::Ranges { align } => Some(align),
            Split::InOrder => Some(1),
            Split::Not => None,
        };
        let starts = part.extent.unit_starts(align, unit_bytes);
        if let ([_], Some(last), Some((files, bytes))) = (starts.as_slice(), cuts.last_mut(), whole)
            && files < UNIT_FILES
            && bytes + part.bytes() <= unit_bytes
        {
            last.end = k + 1;
            whole = Some((files + 1, bytes + part.bytes()));
            continue;
        }
        whole = (starts.len() == 1).then(|| (1, part.bytes()));
        let cut = |(n, start)| Cut { part: k, start, is_first: n == 0, end: k + 1 };
        cuts.extend(starts.into_iter().enumerate().map(cut));
    }
    cuts
}

/// The limit of a file's last unit.
pub(super) fn end_of(extent: &Extent) -> u64 {
    if extent.is_in_rows() { extent.end } else { u64::MAX }
}
