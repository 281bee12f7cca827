//! Errors as a person meets them: what, where, and what to do.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::report::Place;

/// The kind of an error; decides the exit status and which help is offered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ErrorKind {
    /// The file holds nothing to read.
    Empty,
    /// No format fits the bytes.
    UnknownFormat,
    /// A record breaks the format, and the parse mode is FAILFAST.
    Malformed,
    /// An option or argument cannot be used.
    Usage,
    /// The source could not be read, changed, or vanished.
    Source,
    /// The target could not be written: no room, no permission, exists already.
    Target,
    /// The file is larger, deeper or denser than a stated bound.
    Limit,
    /// A worker trapped, hung or ran out of memory.
    Worker,
    Cancelled,
    /// A defect of ours.
    Internal,
}

/// An error with its place and its remedy.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ErrorInfo {
    pub kind: ErrorKind,
    /// What went wrong, one sentence.
    pub what: String,
    pub place: Option<Place>,
    /// What a person can do about it; empty where nothing can be done.
    pub hint: String,
}

impl ErrorInfo {
    /// An error without a place.
    pub fn new(kind: ErrorKind, what: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { kind, what: what.into(), place: None, hint: hint.into() }
    }

    /// The same error at a place.
    #[must_use]
    pub fn at(mut self, place: Place) -> Self {
        self.place = Some(place);
        self
    }
}

impl fmt::Display for ErrorInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)?;
        if let Some(place) = &self.place {
            write!(f, " ({place})")?;
        }
        if !self.hint.is_empty() {
            write!(f, ". {}", self.hint)?;
        }
        Ok(())
    }
}

impl std::error::Error for ErrorInfo {}
