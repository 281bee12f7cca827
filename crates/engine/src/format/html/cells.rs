//! The text of a cell: as a browser shows it, without its markup.

/// Text that is being gathered behind what a buffer holds already: blanks are collapsed, those around it dropped.
#[derive(Debug)]
pub struct CellText {
    start: usize,
    blank: bool,
    lines: usize,
}

impl CellText {
    /// A text at the end of `buffer`.
    pub fn at(buffer: &str) -> Self {
        Self { start: buffer.len(), blank: false, lines: 0 }
    }

    /// Takes up text between two tags.
    pub fn add(&mut self, text: &str, buffer: &mut String) {
        let is_blank = |c: char| c.is_ascii_whitespace() || c == '\u{a0}';
        let mut rest = text;
        while !rest.is_empty() {
            let word = rest.find(is_blank).unwrap_or(rest.len());
            if word > 0 {
                self.gap(buffer);
                buffer.push_str(rest.get(..word).unwrap_or_default());
            }
            rest = rest.get(word..).unwrap_or_default();
            let behind = rest.trim_start_matches(is_blank);
            self.blank |= behind.len() < rest.len();
            rest = behind;
        }
    }

    /// `<br>`
    pub fn break_line(&mut self) {
        self.lines += 1;
    }

    /// A paragraph's, or another block's, begin or end.
    pub fn break_block(&mut self) {
        self.lines = self.lines.max(1);
    }

    /// Where the text stands.
    pub fn range(&self, buffer: &str) -> (usize, usize) {
        (self.start, buffer.len())
    }

    fn gap(&mut self, buffer: &mut String) {
        if buffer.len() > self.start {
            match self.lines {
                0 if self.blank => buffer.push(' '),
                lines => buffer.extend(std::iter::repeat_n('\n', lines)),
            }
        }
        (self.blank, self.lines) = (false, 0);
    }
}
