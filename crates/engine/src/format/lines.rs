//! Lines, whatever ends them: LF, CRLF or CR, each as one.

/// Line ends in a text.
pub fn count_line_ends(text: &[u8]) -> u64 {
    let feeds = memchr::memchr_iter(b'\n', text).count();
    let lone_returns = memchr::memchr_iter(b'\r', text).filter(|&at| text.get(at + 1) != Some(&b'\n')).count();
    (feeds + lone_returns) as u64
}

/// Counts line ends up to ascending positions, each byte once.
#[derive(Clone, Default)]
pub struct LineCounter {
    done: usize,
    lines: u64,
}

impl LineCounter {
    /// Line ends before `at`, which is not before that of the last call.
    pub fn up_to(&mut self, text: &[u8], at: usize) -> u64 {
        if at > self.done {
            self.lines += count_line_ends(&text[self.done..at]);
            self.done = at;
        }
        self.lines
    }
}

/// The first line of `text` from `start` on: where it ends, and where the next begins. `None`: the line goes on behind
/// `text`, or might (a CR at its end may be half of a CRLF).
pub fn line_at(text: &[u8], start: usize, at_end: bool) -> Option<(usize, usize)> {
    let Some(length) = memchr::memchr2(b'\n', b'\r', &text[start..]) else {
        return at_end.then_some((text.len(), text.len()));
    };
    let end = start + length;
    match (text[end], text.get(end + 1)) {
        (b'\r', Some(b'\n')) => Some((end, end + 2)),
        (b'\r', None) if !at_end => None,
        _ => Some((end, end + 1)),
    }
}

/// The first line that begins at or after `from`, which is not 0. `None`: none within `text`.
pub fn line_start(text: &[u8], from: usize, at_end: bool) -> Option<usize> {
    // The byte before `from` may be the line end that makes `from` a line.
    let mut at = from.saturating_sub(1);
    loop {
        at = line_at(text, at, at_end)?.1;
        if at >= from {
            return Some(at);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_line_end_ends_one_line() {
        let text = b"a\nb\r\nc\rd";
        assert_eq!(count_line_ends(text), 3);
        assert_eq!(line_at(text, 0, true), Some((1, 2)));
        assert_eq!(line_at(text, 2, true), Some((3, 5)));
        assert_eq!(line_at(text, 5, true), Some((6, 7)));
        assert_eq!(line_at(text, 7, true), Some((8, 8)));
        assert_eq!(line_at(text, 7, false), None);
    }

    #[test]
    fn a_return_at_the_end_of_the_text_may_be_half_a_line_end() {
        assert_eq!(line_at(b"a\r", 0, false), None);
        assert_eq!(line_at(b"a\r", 0, true), Some((1, 2)));
    }

    #[test]
    fn a_line_starts_behind_a_whole_line_end() {
        let text = b"ab\r\ncd\n";
        assert_eq!([1, 2, 3, 4, 5, 6, 7].map(|from| line_start(text, from, true)), [4, 4, 4, 4, 7, 7, 7].map(Some));
        assert_eq!(line_start(b"abc", 1, false), None);
        assert_eq!(line_start(b"abc", 1, true), Some(3));
    }
}
