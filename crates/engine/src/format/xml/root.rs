//! The attributes of the document's root, which are columns of every row.

use colonnade_protocol::{ErrorInfo, ErrorKind};

use super::entities::{Entities, MOST_EXPANDED, Within};
use super::options::{ROOT_TAG, Shape};
use super::reader::{Event, Reader};
use super::rows::{RawAttribute, is_data};
use crate::Result;
use crate::settings::Settings;

/// The root element.
#[derive(Debug, Default)]
pub struct Root {
    pub name: Vec<u8>,
    pub fields: Vec<RootField>,
}

/// One attribute.
#[derive(Debug, PartialEq)]
pub struct RootField {
    /// Of the column: `log_date`.
    pub name: String,
    /// No element and no attribute of a row has it: `../@date`.
    pub source_name: String,
    pub value: Vec<u8>,
}

impl Root {
    /// As `rootTag` says: `log date="2021-05-01"`.
    ///
    /// # Errors
    /// [`ErrorKind::Usage`] where it is no name with attributes.
    pub fn of(settings: &Settings, entities: &Entities, shape: &Shape) -> Result<Self> {
        let tag = settings.text(ROOT_TAG);
        if tag.is_empty() {
            return Ok(Self::default());
        }
        let text = format!("<{tag}/>");
        Self::read(text.as_bytes(), entities, shape).ok_or_else(|| {
            let what = format!("rootTag={tag:?} is no name with attributes");
            ErrorInfo::new(ErrorKind::Usage, what, "Write it as in the document, without the brackets: log date=\"2021-05-01\".")
        })
    }

    fn read(text: &[u8], entities: &Entities, shape: &Shape) -> Option<Self> {
        let mut reader = Reader::new(text, 0, true);
        reader.takes_any_character = true;
        let Ok(Event::Start(name)) = reader.next() else { return None };
        let name = text[name].to_vec();
        let mut fields = Vec::new();
        while let Some(attribute) = reader.attribute().ok()? {
            let attribute_name = &text[attribute.name];
            if shape.exclude_attributes || !is_data(attribute_name) {
                continue;
            }
            let mut value = Vec::new();
            entities.resolve(&text[attribute.value], 0, Within::Attribute, &mut value, MOST_EXPANDED).ok()?;
            let root = String::from_utf8_lossy(shape.local(&name));
            let local = String::from_utf8_lossy(shape.local(attribute_name));
            let separator = if shape.attribute_prefix.is_empty() { "_" } else { &shape.attribute_prefix };
            fields.push(RootField { name: format!("{root}{separator}{local}"), source_name: format!("../@{local}"), value });
        }
        (reader.at == text.len()).then_some(Self { name, fields })
    }
}

/// A root's tag as the setting has it.
pub fn written(name: &[u8], attributes: &[RawAttribute]) -> String {
    let mut written = String::from_utf8_lossy(name).into_owned();
    for (name, value) in attributes.iter().filter(|(name, _)| is_data(name)) {
        let value = String::from_utf8_lossy(value).replace('"', "&quot;");
        written += &format!(" {}=\"{value}\"", String::from_utf8_lossy(name));
    }
    written
}
