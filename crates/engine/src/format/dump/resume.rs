//! Where records begin and end, as told from the middle of a dump.

use memchr::{memchr, memmem};

use super::cutter::DumpCutter;
use super::value;

/// Behind the line `\.` that ends the lines of a `COPY`, if it is the one at `at`.
pub fn end_mark(text: &[u8], at: usize, at_end: bool) -> Option<usize> {
    let behind = text[at..].strip_prefix(b"\\.")?;
    let behind = behind.strip_prefix(b"\r").unwrap_or(behind);
    match behind.first() {
        Some(b'\n') => Some(text.len() - behind.len() + 1),
        None if at_end => Some(text.len()),
        _ => None,
    }
}

/// Where the next tuple or statement seems to begin, from the middle of a tuple: behind `),` or `);`.
pub fn next_tuple(text: &[u8], from: usize) -> Option<usize> {
    let mut at = from;
    loop {
        at += memchr(b')', text.get(at..)?)? + 1;
        let blanks = |from: usize| from + text[from..].iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        let mark = blanks(at);
        match text.get(mark)? {
            b';' if matches!(text.get(mark + 1), Some(b'\n' | b'\r') | None) => return Some(mark),
            b',' => {
                let next = blanks(mark + 1);
                if *text.get(next)? == b'(' {
                    return Some(next);
                }
            }
            _ => {}
        }
    }
}

impl DumpCutter {
    /// The first record that begins at or after `from`, as well as can be told from the middle of a dump.
    pub fn find_record(&self, input: &[u8], from: usize) -> Option<usize> {
        if self.place.is_copied() {
            let before = from.saturating_sub(1);
            return memchr(b'\n', &input[before..]).map(|found| before + found + 1);
        }
        let before = from.saturating_sub(2);
        let rest = &input[before..];
        let mark = |mark: &[u8], start: usize| memmem::find_iter(rest, mark).map(|at| before + at + start).find(|&at| at >= from);
        // At the very start, what stands before the comma is not seen.
        let cut = (from == 1 && input.starts_with(b",(")).then_some(1);
        [cut, mark(b"),(", 2), mark(b"),\n(", 3), mark(b"\nINSERT INTO ", 1)].into_iter().flatten().min()
    }

    /// Where the record at `start` ends; `text` goes on to the next one, with what is between them.
    pub fn record_end(&self, text: &[u8], start: usize) -> usize {
        if let Some((_, form)) = self.place.forms.first() {
            return form.end(text, start).unwrap_or(text.len());
        }
        let mut at = start + 1;
        loop {
            match value::end_of_expression(text, at, self.lexis) {
                Ok(end) if text[end] == b')' => return end + 1,
                Ok(end) if text[end] == b';' => return end,
                Ok(end) => at = end + 1,
                Err(_) => return text.len(),
            }
        }
    }
}
