//! Where a table is in its dump, as it travels in the settings: any unit then knows what it is in the middle of.

use colonnade_protocol::{ErrorInfo, ErrorKind};
use serde::{Deserialize, Serialize};

use super::directory::Lists;
use crate::Result;
use crate::settings::Settings;

/// The setting that holds it.
const PLACE: &str = "dumpPlace";

/// Where a table's rows are, and what tells them from other tables'.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TablePlace {
    /// The last part of the table's name, and all of it.
    pub name: String,
    /// The database in use, where the dump names one.
    pub database: String,
    /// Whether rows are lines of `COPY`.
    pub copied: bool,
    pub start: u64,
    /// Behind the last row; `None`: as far as the dump goes.
    pub end: Option<u64>,
    pub lists: Lists,
    /// Whether moments without an offset are in UTC.
    pub in_utc: bool,
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

    /// Whether a statement's table is this one.
    pub fn is_of(&self, table: &[String]) -> bool {
        let (mut whole, mut own) = (table, self.name.as_str());
        if let ([schema, rest @ ..], false) = (table, own.starts_with(&format!("{}.", table[0]))) {
            whole = if rest.is_empty() || !super::directory::is_usual(schema) { table } else { rest };
        }
        if whole.len() == 1 && !self.database.is_empty() {
            own = own.strip_prefix(&format!("{}.", self.database)).unwrap_or(own);
        }
        whole.join(".") == own
    }
}
