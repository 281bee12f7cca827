//! Over a value without holding it.

/// Counts the brackets of a value, piece by piece.
#[derive(Debug, Clone, Copy, Default)]
pub struct Skip {
    depth: usize,
    in_text: bool,
    escaped: bool,
    /// A name stands before the value.
    before_name: bool,
}

impl Skip {
    /// Before a value, or before the name of one.
    pub fn new(keyed: bool) -> Self {
        Self { before_name: keyed, ..Self::default() }
    }

    /// Takes the next piece. Where the value ends in it; `None`: it goes on.
    pub fn run(&mut self, piece: &[u8]) -> Option<usize> {
        for (at, &byte) in piece.iter().enumerate() {
            if self.in_text {
                match byte {
                    _ if self.escaped => {
                        self.escaped = false;
                        continue;
                    }
                    b'\\' => {
                        self.escaped = true;
                        continue;
                    }
                    b'"' => self.in_text = false,
                    _ => continue,
                }
                if self.depth == 0 && !self.in_text && !std::mem::take(&mut self.before_name) {
                    return Some(at + 1);
                }
                continue;
            }
            match byte {
                b'"' => self.in_text = true,
                b'{' | b'[' => self.depth += 1,
                b'}' | b']' | b',' if self.depth == 0 => return Some(at),
                b'}' | b']' => {
                    self.depth -= 1;
                    if self.depth == 0 {
                        return Some(at + 1);
                    }
                }
                _ => {}
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_ends_where_its_brackets_do_however_it_is_cut() {
        for text in [&br#"{"a":"}\"}","b":[{}]} ,"#[..], br#""x\\\"y" ,"#] {
            let end = text.len() - 2;
            for cut in 0..end {
                let mut skip = Skip::new(false);
                assert_eq!(skip.run(&text[..cut]), None, "{cut}");
                assert_eq!(skip.run(&text[cut..]), Some(end - cut), "{cut}");
            }
        }
    }
}
