//! The repairs that a record may need, by name: each is an option that can be declined.

use crate::decisions::Told;

/// Raw control characters: one, and several.
const CONTROLS: [&str; 2] = ["raw line break or control character within a text", "raw line breaks or control characters within texts"];

/// The option that says what a raw line break within a text becomes.
pub const LINE_BREAKS: &str = "lineBreaksInText";

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

    /// How many of it are told of: one, several, and what was made of them.
    fn words(self) -> [&'static str; 3] {
        match self {
            Self::ControlCharacters => [CONTROLS[0], CONTROLS[1], "kept"],
            Self::Commas => ["comma too many or too few", "commas too many or too few", "passed over"],
            Self::Ellipsis => ["ellipsis where a value is expected", "ellipses where values are expected", "dropped"],
            Self::Brackets => {
                ["record that ends before its brackets are closed", "records that end before their brackets are closed", "closed"]
            }
            Self::SingleQuotes => ["text in single quotes", "texts in single quotes", "read as in double quotes"],
            Self::Comments => ["comment within a record", "comments within records", "passed over"],
            Self::Specials => ["NaN or infinity, which JSON does not have", "NaN or infinities, which JSON does not have", "read as such"],
            Self::Names => ["name without quotes", "names without quotes", "read as in quotes"],
            Self::LeadingZeros => ["number with a zero or a plus in front", "numbers with a zero or a plus in front", "read without"],
            Self::Backslashes => {
                ["backslash before a character that needs none", "backslashes before characters that need none", "dropped"]
            }
            Self::Marks => ["byte order mark within the text", "byte order marks within the text", "passed over"],
            Self::Words => [
                "word that JSON does not have (True, None, undefined)",
                "words that JSON does not have (True, None, undefined)",
                "read as true, false or null",
            ],
            Self::Calls => ["value in a call, as in ObjectId(\"...\")", "values in calls, as in ObjectId(\"...\")", "read without it"],
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

/// How the repairs that an option made are told of, and what can be decided instead.
pub fn told(option: &str) -> Option<Told> {
    const REFUSE: &str = "Refuse such records";
    let [one, many] = CONTROLS;
    let controls = Repair::ControlCharacters.option();
    if option == LINE_BREAKS {
        let instead = [["Keep line breaks", LINE_BREAKS, "keep"], [REFUSE, controls, "false"]];
        return Some(Told::new(one, many, "line breaks made blanks", &instead));
    }
    let repair = Repair::ALL.into_iter().find(|repair| repair.option() == option)?;
    let [one, many, done] = repair.words();
    let refuse = [REFUSE, repair.option(), "false"];
    Some(match repair {
        Repair::ControlCharacters => Told::new(one, many, done, &[["Make line breaks blanks", LINE_BREAKS, "blank"], refuse]),
        _ => Told::new(one, many, done, &[refuse]),
    })
}
