//! The repairs that a record may need, by name: each is an option that can be declined.

/// One way of breaking the grammar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repair {
    ControlCharacters,
    Commas,
    Ellipsis,
    Brackets,
    SingleQuotes,
    Comments,
    Specials,
    Names,
    LeadingZeros,
    Backslashes,
    Marks,
    Words,
    Calls,
}

impl Repair {
    pub const ALL: [Self; 13] = [
        Self::ControlCharacters,
        Self::Commas,
        Self::Ellipsis,
        Self::Brackets,
        Self::SingleQuotes,
        Self::Comments,
        Self::Specials,
        Self::Names,
        Self::LeadingZeros,
        Self::Backslashes,
        Self::Marks,
        Self::Words,
        Self::Calls,
    ];

    /// The option that allows it.
    pub fn option(self) -> &'static str {
        match self {
            Self::ControlCharacters => "allowUnquotedControlChars",
            Self::Commas => "allowStrayCommas",
            Self::Ellipsis => "allowEllipsis",
            Self::Brackets => "allowMissingBrackets",
            Self::SingleQuotes => "allowSingleQuotes",
            Self::Comments => "allowComments",
            Self::Specials => "allowNonNumericNumbers",
            Self::Names => "allowUnquotedFieldNames",
            Self::LeadingZeros => "allowNumericLeadingZeros",
            Self::Backslashes => "allowBackslashEscapingAnyCharacter",
            Self::Marks => "allowByteOrderMarks",
            Self::Words => "allowForeignWords",
            Self::Calls => "allowCalls",
        }
    }

    /// What was found, and what was made of it.
    pub fn reason(self) -> &'static str {
        match self {
            Self::ControlCharacters => "a raw line break or control character within a text; it was kept",
            Self::Commas => "a comma too many or too few; it was passed over",
            Self::Ellipsis => "an ellipsis where a value is expected; it was dropped",
            Self::Brackets => "the text ends before its brackets are closed; they were added",
            Self::SingleQuotes => "texts in single quotes; they were read as in double quotes",
            Self::Comments => "a comment; it was passed over",
            Self::Specials => "NaN or an infinity, which JSON does not have; it was read as such",
            Self::Names => "names without quotes; they were read as in quotes",
            Self::LeadingZeros => "a number with a zero or a plus in front; it was dropped",
            Self::Backslashes => "a backslash before a character that needs none; it was dropped",
            Self::Marks => "a byte order mark within the text; it was passed over",
            Self::Words => "True, False, None or undefined; it was read as true, false or null",
            Self::Calls => "a value in a call, as in ObjectId(\"...\"); it was read without",
        }
    }
}
