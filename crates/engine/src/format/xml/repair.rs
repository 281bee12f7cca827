//! The kinds of what is mended, by name: each is an option that can be declined.

use std::borrow::Cow;

use crate::decisions::Told;
use crate::format::ParseMode;
use crate::settings::Settings;

/// Whether what is not well-formed is mended at all.
pub const RECOVER: &str = "recover";

/// A way of not being well-formed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Values of attributes without quotes.
    Quotes,
    /// End tags that are missing.
    EndTags,
    /// Marks that begin no tag and no reference.
    Marks,
    /// Anything else.
    Other,
}

/// Kinds that have an option of their own.
const NAMED: [Kind; 3] = [Kind::Quotes, Kind::EndTags, Kind::Marks];
/// All kinds.
pub const KINDS: usize = NAMED.len() + 1;

impl Kind {
    /// The option that allows it.
    pub fn option(self) -> &'static str {
        match self {
            Self::Quotes => "allowUnquotedAttributes",
            Self::EndTags => "allowMissingEndTags",
            Self::Marks => "allowStrayMarks",
            Self::Other => RECOVER,
        }
    }

    /// How many of it are told of: one, several, and what was made of them.
    fn words(self) -> [&'static str; 3] {
        match self {
            Self::Quotes => ["attribute whose value is not in quotes", "attributes whose values are not in quotes", "read as if in quotes"],
            Self::EndTags => ["end tag that is missing", "end tags that are missing", "added"],
            Self::Marks => ["< or & that begins nothing", "< or & that begin nothing", "read as text"],
            Self::Other => ["other place that is not well-formed", "other places that are not well-formed", "mended"],
        }
    }
}

/// One change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repair {
    pub kind: Kind,
    /// Where in the source's text.
    pub at: usize,
    /// What was made of it.
    pub what: Cow<'static, str>,
    /// What is wrong, where it is not mended.
    pub fault: Cow<'static, str>,
    /// How many are meant: of many of a kind, those behind the last that is told by itself are told with it.
    pub times: u64,
}

impl Repair {
    /// One of the kinds that have no name.
    pub fn other(at: usize, what: impl Into<Cow<'static, str>>) -> Self {
        let what = what.into();
        Self { kind: Kind::Other, at, fault: what.clone(), what, times: 1 }
    }

    /// An end tag that was added.
    pub fn end_tag(at: usize, name: &[u8]) -> Self {
        let name = String::from_utf8_lossy(name);
        let (what, fault) = (format!("</{name}> added").into(), format!("</{name}> is missing").into());
        Self { kind: Kind::EndTags, at, what, fault, times: 1 }
    }
}

/// The kinds that are mended.
#[derive(Debug, Clone, Copy)]
pub struct Allowed {
    recover: bool,
    named: [bool; NAMED.len()],
}

impl Allowed {
    /// Those that the settings allow: none where the first fault is to stop.
    pub fn of(settings: &Settings) -> Self {
        let recover = settings.flag(RECOVER) && ParseMode::of(settings) != ParseMode::FailFast;
        Self { recover, named: NAMED.map(|kind| recover && settings.flag(kind.option())) }
    }

    /// Whether this one is.
    pub fn has(&self, kind: Kind) -> bool {
        NAMED.iter().position(|named| *named == kind).map_or(self.recover, |at| self.named[at])
    }

    /// The first repair that is not to be made.
    pub fn declined<'a>(&self, repairs: &'a [Repair]) -> Option<&'a Repair> {
        repairs.iter().find(|repair| !self.has(repair.kind))
    }
}

/// How what an option mended is told of, and what can be decided instead.
pub fn told(option: &str) -> Option<Told> {
    let kind = NAMED.into_iter().chain([Kind::Other]).find(|kind| kind.option() == option)?;
    let [one, many, done] = kind.words();
    Some(Told::new(one, many, done, &[["Reject such records", kind.option(), "false"]]))
}
