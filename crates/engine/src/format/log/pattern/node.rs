//! The syntax tree of a pattern.

/// A set of bytes.
#[derive(Clone, PartialEq, Eq)]
pub struct Set(pub [bool; 256]);

/// A piece of a pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Node {
    /// These bytes.
    Literal(Vec<u8>),
    /// Bytes of a set, `min` to `max` of them; `lazy`: as few as may be.
    Run { set: Box<Set>, min: u32, max: u32, lazy: bool },
    /// What [`super::super::stamp`] reads.
    Stamp,
    /// The word of a level.
    Level,
    /// Up to a quotation mark without a backslash before it.
    Quoted,
    /// The same, but for a last word that is the protocol of a request.
    Target,
    /// Elements of RFC 5424's structured data.
    Structured,
    /// Pairs of keys and values, to the line's end.
    Pairs,
    /// A named part.
    Field(usize, Vec<Node>),
    /// One of these, the first that leads to a match.
    Choice(Vec<Vec<Node>>),
    /// What only a regular expression engine repeats.
    Repeat { body: Vec<Node>, min: u32, max: u32, lazy: bool },
}

impl std::fmt::Debug for Set {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Set({})", self.0.iter().filter(|&&within| within).count())
    }
}

impl Set {
    /// The bytes for which `is_within` holds.
    pub fn of(is_within: impl Fn(u8) -> bool) -> Self {
        let mut set = [false; 256];
        for (byte, within) in set.iter_mut().enumerate() {
            *within = is_within(byte as u8);
        }
        Self(set)
    }

    /// Any byte but a line's end.
    pub fn any() -> Self {
        Self::of(|byte| byte != b'\n' && byte != b'\r')
    }

    /// `\d`, `\w`, `\s` and their opposites, by letter.
    pub fn class(letter: char) -> Option<Self> {
        let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        let is_space = |byte: u8| matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x0B | 0x0C);
        Some(match letter {
            'd' => Self::of(|byte| byte.is_ascii_digit()),
            'D' => Self::of(|byte| !byte.is_ascii_digit()),
            'w' => Self::of(is_word),
            'W' => Self::of(|byte| !is_word(byte)),
            's' => Self::of(is_space),
            'S' => Self::of(|byte| !is_space(byte)),
            _ => return None,
        })
    }

    #[inline]
    pub fn has(&self, byte: u8) -> bool {
        self.0[usize::from(byte)]
    }

    /// Whether a set holds every byte beyond ASCII, or none: only then bytes may stand for characters.
    pub fn is_even(&self) -> bool {
        self.0[128..].iter().all(|&within| within == self.0[128])
    }

    /// As a class of a regular expression.
    pub fn write(&self, out: &mut String) {
        let negated = self.0[255];
        out.push_str(if negated { "[^" } else { "[" });
        for byte in (0..128_u8).filter(|&byte| self.has(byte) != negated) {
            out.push_str(&format!("\\x{byte:02X}"));
        }
        if self.0[..128].iter().all(|&within| within == negated) {
            // A class may not be empty: a character that is no text.
            out.push_str("\\x00");
        }
        out.push(']');
    }
}
