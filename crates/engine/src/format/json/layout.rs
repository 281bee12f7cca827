//! What the fields of a record are: members by name, elements by position, or the value itself.

use super::reader::{Kind, RawString, Reader, SyntaxError};
use super::widen::key_text;
use crate::settings::Settings;

/// The source name of the column of names, where these are data (JSONPath Plus writes a member's name so).
pub const ROW_KEY: &str = "~";

/// The option that says what a record is.
pub const ORIENT: &str = "orient";

/// What a record is, under pandas' names where it has one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Orient {
    /// An object, whose members are the fields.
    Records,
    /// An array, whose elements are the fields.
    Values,
    /// Any value, which is the only field.
    Value,
}

/// How a record is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Layout {
    pub orient: Orient,
    /// A name stands before it, which is data.
    pub keyed: bool,
}

/// A field of a record.
#[derive(Debug, Clone)]
pub enum Name {
    Member(RawString),
    Element(usize),
    Value,
    RowKey,
}

impl Orient {
    /// As the option has it.
    pub fn id(self) -> &'static str {
        match self {
            Self::Records => "records",
            Self::Values => "values",
            Self::Value => "value",
        }
    }
}

impl Layout {
    /// Objects without names: what JSON Lines are.
    pub const OBJECTS: Self = Self { orient: Orient::Records, keyed: false };

    /// As the settings say.
    pub fn of(settings: &Settings, keyed: bool) -> Self {
        let orient = match settings.text(ORIENT) {
            "values" => Orient::Values,
            "value" => Orient::Value,
            _ => Orient::Records,
        };
        Self { orient, keyed }
    }

    /// Walks through the fields of the record that is next; `field` reads the value of each. `false`: it is none of the
    /// kind, and is passed.
    ///
    /// # Errors
    /// Where it breaks the grammar.
    #[inline]
    pub fn fields<'a>(
        self,
        reader: &mut Reader<'a>,
        mut field: impl FnMut(&mut Reader<'a>, Name) -> Result<(), SyntaxError>,
    ) -> Result<bool, SyntaxError> {
        if self.keyed {
            let mut key = reader.clone();
            reader.member_key()?;
            field(&mut key, Name::RowKey)?;
        }
        let kind = reader.peek()?;
        let mut first = true;
        match (self.orient, kind) {
            (Orient::Records, Kind::Object) => {
                reader.open();
                while let Some(key) = reader.next_key(first)? {
                    first = false;
                    field(reader, Name::Member(key))?;
                }
            }
            (Orient::Values, Kind::Array) => {
                reader.open();
                let mut position = 0;
                while reader.next_element(first)? {
                    first = false;
                    field(reader, Name::Element(position))?;
                    position += 1;
                }
            }
            (Orient::Value, _) => field(reader, Name::Value)?,
            _ => {
                reader.skip()?;
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// What a record is, in words.
    pub fn expected(self) -> &'static str {
        match self.orient {
            Orient::Records => "an object",
            Orient::Values => "an array",
            Orient::Value => "a value",
        }
    }

    /// The same of many.
    pub fn plural(self) -> &'static str {
        match self.orient {
            Orient::Records => "objects",
            Orient::Values => "arrays",
            Orient::Value => "values",
        }
    }
}

impl Name {
    /// The name in the source: a key, `_c0` of the first element, `value`, or `~` for the name of the record.
    pub fn source_name(&self, text: &[u8]) -> String {
        match self {
            Self::Member(key) => key_text(text, key),
            Self::Element(position) => format!("_c{position}"),
            Self::Value => "value".to_owned(),
            Self::RowKey => ROW_KEY.to_owned(),
        }
    }
}
