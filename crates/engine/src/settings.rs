//! The settings in force for one table: every declared option with its value and origin.

use colonnade_protocol::{ErrorInfo, ErrorKind, OptionDecl, Origin, Setting};

use serde::{Deserialize, Serialize};

use crate::Result;

/// Values by option id, in the order of the declarations.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    settings: Vec<Setting>,
}

impl Settings {
    /// The declared defaults, overlaid with a person's words (`name=value`; ids and aliases without regard to case).
    /// Options whose default is "found from the data" are absent until [`detected`](Self::detect) or set.
    ///
    /// # Errors
    /// [`ErrorKind::Usage`] for a name that no option has or a value that its option does not take.
    pub fn new<'a>(declared: &[OptionDecl], given: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Self> {
        let mut settings = Self {
            settings: declared
                .iter()
                .filter_map(|option| {
                    let value = option.default.as_ref()?.to_string();
                    Some(Setting { id: option.id.to_string(), value, origin: Origin::Default })
                })
                .collect(),
        };
        for (name, value) in given {
            let Some(option) = declared.iter().find(|option| option.is_named(name)) else {
                let known: Vec<_> = declared.iter().map(|option| option.id.as_ref()).collect();
                return Err(ErrorInfo::new(
                    ErrorKind::Usage,
                    format!("there is no option {name:?} here"),
                    format!("Known are {}.", known.join(", ")),
                ));
            };
            let value = option.check(value).map_err(|error| ErrorInfo::new(ErrorKind::Usage, error.to_string(), ""))?;
            settings.put(Setting { id: option.id.to_string(), value, origin: Origin::Person });
        }
        Ok(settings)
    }

    /// Sets a value found from the data, unless a person has set this option.
    pub fn detect(&mut self, id: &str, value: impl Into<String>, confidence: f32, evidence: impl Into<String>) {
        if !self.is_by_person(id) {
            let origin = Origin::Detected { confidence, evidence: evidence.into() };
            self.put(Setting { id: id.to_owned(), value: value.into(), origin });
        }
    }

    /// Sets a value, whoever set it before.
    pub fn set(&mut self, id: &str, value: impl Into<String>) {
        let origin = self.settings.iter().find(|s| s.id == id).map_or(Origin::Default, |s| s.origin.clone());
        self.put(Setting { id: id.to_owned(), value: value.into(), origin });
    }

    /// The value in force, where there is one.
    pub fn get(&self, id: &str) -> Option<&str> {
        self.settings.iter().find(|s| s.id == id).map(|s| s.value.as_str())
    }

    /// The value in force, or empty.
    pub fn text(&self, id: &str) -> &str {
        self.get(id).unwrap_or_default()
    }

    /// Whether a flag is on.
    pub fn flag(&self, id: &str) -> bool {
        self.get(id) == Some("true")
    }

    /// A whole number, 0 where none is set.
    pub fn integer(&self, id: &str) -> i64 {
        self.get(id).and_then(|value| value.parse().ok()).unwrap_or_default()
    }

    /// Whether a person chose this value.
    pub fn is_by_person(&self, id: &str) -> bool {
        self.settings.iter().any(|s| s.id == id && s.origin == Origin::Person)
    }

    /// All settings.
    pub fn as_slice(&self) -> &[Setting] {
        &self.settings
    }

    /// Sets a value with where it comes from.
    pub fn put(&mut self, setting: Setting) {
        match self.settings.iter_mut().find(|s| s.id == setting.id) {
            Some(place) => *place = setting,
            None => self.settings.push(setting),
        }
    }
}
