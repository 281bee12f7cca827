//! Where a table is in its dump, as it travels in the settings: any unit then knows what it is in the middle of.

use colonnade_protocol::{ErrorInfo, ErrorKind};
use serde::{Deserialize, Serialize};

use super::copy::CopyForm;
use super::directory::{Lists, Naming};
use crate::Result;
use crate::settings::Settings;

/// The setting that holds it.
const PLACE: &str = "dumpPlace";

/// Where a table's rows are, and what tells them from other tables'.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TablePlace {
    pub name: String,
    /// The databases or schemas in use, each from its position on.
    pub uses: Vec<(u64, String)>,
    /// How rows are written that are lines of `COPY`, each from its position on; none for values of `INSERT`.
    pub forms: Vec<(u64, CopyForm)>,
    pub start: u64,
    /// Behind the last row; `None`: as far as the dump goes.
    pub end: Option<u64>,
    pub lists: Lists,
    /// Whether moments without an offset are in UTC.
    pub in_utc: bool,
    /// Columns of bits that are written as the bytes of a number.
    pub bits: Vec<String>,
}

impl TablePlace {
    /// Puts it into the settings.
    pub fn put(&self, settings: &mut Settings) {
        let text = serde_json::to_string(self).unwrap_or_default();
        settings.detect(PLACE, text, 1.0, "the dump's statements");
    }

    /// That of the settings.
    ///
    /// # Errors
    /// [`ErrorKind::Internal`] for settings that no detection made.
    pub fn of(settings: &Settings) -> Result<Self> {
        let text = settings.text(PLACE);
        serde_json::from_str(text).map_err(|error| ErrorInfo::new(ErrorKind::Internal, format!("a dump without a place: {error}"), ""))
    }

    /// The list of columns that holds at a position.
    pub fn list_at(&self, position: u64) -> Option<&[String]> {
        let next = self.lists.partition_point(|(from, _)| *from <= position);
        self.lists.get(next.saturating_sub(1))?.1.as_deref()
    }

    /// Whether rows are lines of `COPY`.
    pub fn is_copied(&self) -> bool {
        !self.forms.is_empty()
    }

    /// How lines are written at a position, and whether the one there names the columns.
    pub fn form_at(&self, position: u64) -> Option<(CopyForm, bool)> {
        let next = self.forms.partition_point(|(from, _)| *from <= position);
        let (from, form) = self.forms.get(next.saturating_sub(1))?;
        Some((form.clone(), form.has_header && *from == position))
    }

    /// How tables are named at a position.
    pub fn naming_at(&self, position: u64) -> Naming {
        let mut naming = Naming::default();
        self.uses.iter().take_while(|(from, _)| *from < position).for_each(|(_, name)| naming.use_database(name));
        naming
    }
}
