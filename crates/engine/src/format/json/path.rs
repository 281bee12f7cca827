//! Where the records of a document are: the subset of JSONPath (RFC 9535) that leads to one place.
//!
//! | path | the records are |
//! | --- | --- |
//! | `$` | the values themselves, one after another |
//! | `$[*]` | the elements of an array |
//! | `$.data.records[*]` | the elements of an array within objects |
//! | `$['odd name'][*]` | the same, for a name that is no word |
//! | `$.pages[*].rows[*]` | the elements of the arrays within each of several objects |
//! | `$.*` | the members of an object, whose names are data |

use std::fmt;

use colonnade_protocol::{ErrorInfo, ErrorKind};

use crate::Result;

/// One level of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// The member of this name.
    Member(String),
    /// Every element of an array.
    Elements,
    /// Every member of an object.
    Members,
}

/// The way from a value to its records.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RecordPath {
    steps: Vec<Step>,
}

impl RecordPath {
    /// The path of these steps.
    pub fn new(steps: Vec<Step>) -> Self {
        Self { steps }
    }

    /// Reads a path.
    ///
    /// # Errors
    /// [`ErrorKind::Usage`] for what is no path, or ends without a wildcard.
    pub fn parse(text: &str) -> Result<Self> {
        let refuse = |what: String| {
            ErrorInfo::new(
                ErrorKind::Usage,
                format!("the path to the records, {text:?}, cannot be used: {what}"),
                "Write $ for whole values, $[*] for the elements of an array, $.data.items[*] for those of an array within objects, $.* for the members of an object.",
            )
        };
        let mut rest = text.trim().strip_prefix('$').ok_or_else(|| refuse("it begins with $".to_owned()))?;
        let mut steps = Vec::new();
        while !rest.is_empty() {
            let (step, left) = step(rest).ok_or_else(|| refuse(format!("{rest:?} is no step of it")))?;
            steps.push(step);
            rest = left;
        }
        if let Some(Step::Member(name)) = steps.last() {
            return Err(refuse(format!("behind {name:?} it says neither [*] nor .*")));
        }
        Ok(Self { steps })
    }

    /// Its steps.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// Whether the names of members are data.
    pub fn is_keyed(&self) -> bool {
        self.steps.last() == Some(&Step::Members)
    }

    /// Whether values themselves are the records.
    pub fn is_root(&self) -> bool {
        self.steps.is_empty()
    }
}

fn step(text: &str) -> Option<(Step, &str)> {
    if let Some(rest) = text.strip_prefix("[*]") {
        return Some((Step::Elements, rest));
    }
    if let Some(rest) = text.strip_prefix(".*") {
        return Some((Step::Members, rest));
    }
    if let Some(rest) = text.strip_prefix("['") {
        let mut name = String::new();
        let mut characters = rest.char_indices();
        while let Some((at, character)) = characters.next() {
            match character {
                '\\' => name.push(characters.next()?.1),
                '\'' => return Some((Step::Member(name), rest[at + 1..].strip_prefix(']')?)),
                other => name.push(other),
            }
        }
        return None;
    }
    let rest = text.strip_prefix('.')?;
    let end = rest.find(['.', '[']).unwrap_or(rest.len());
    (end > 0).then(|| (Step::Member(rest[..end].to_owned()), &rest[end..]))
}

impl fmt::Display for RecordPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("$")?;
        for step in &self.steps {
            match step {
                Step::Elements => f.write_str("[*]")?,
                Step::Members => f.write_str(".*")?,
                Step::Member(name) if !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_') => write!(f, ".{name}")?,
                Step::Member(name) => write!(f, "['{}']", name.replace('\\', "\\\\").replace('\'', "\\'"))?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_read_back_as_written() {
        for text in
            ["$", "$[*]", "$.*", "$.data.records[*]", "$['a b']['it\\'s']['\\\\'].*", "$['*'][*]", "$[*][*]", "$.*[*]", "$.a[*].b[*]"]
        {
            assert_eq!(RecordPath::parse(text).unwrap().to_string(), text);
        }
        assert_eq!(RecordPath::parse("$['a'][*]").unwrap().to_string(), "$.a[*]");
    }

    #[test]
    fn what_leads_to_no_records_is_refused() {
        for text in ["", "a", "$.", "$.a", "$[0]", "$[*].a", "$['a'", "$..a"] {
            let error = RecordPath::parse(text).unwrap_err();
            assert_eq!(error.kind, ErrorKind::Usage, "{text}");
        }
    }
}
