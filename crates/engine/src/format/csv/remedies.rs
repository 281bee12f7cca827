//! Options of the dialect that may set right records whose fields or quotes do not fit.

use colonnade_protocol::Cause;
use colonnade_protocol::report::{Change, Fix, Reject};

use crate::settings::Settings;

/// Proposals for records of this cause, the likeliest first.
pub(super) fn proposed(cause: Cause, settings: &Settings, rejects: &[&Reject]) -> Vec<Fix> {
    if !matches!(cause, Cause::TooFewFields | Cause::TooManyFields | Cause::UnclosedQuote | Cause::StrayQuote) {
        return Vec::new();
    }
    let all_hold = |text: &str| rejects.iter().all(|reject| reject.raw.contains(text));
    let marked = [
        ("quote", "\"", "\"", "Read \" as the quote"),
        ("quote", "'", "'", "Read ' as the quote"),
        ("escape", "\\", "\\\"", "Read \\ as the escape"),
        ("escape", "\"", "\"\"", "Read a doubled quote as a quote"),
    ];
    let marked = marked.into_iter().filter(|(_, _, mark, _)| all_hold(mark)).map(|(id, value, _, title)| (id, value, title));
    let others = [("trailingSeparator", "true", "Records end with a separator"), ("quote", "", "Read quotes as text")];
    let fixed = marked.chain(others).map(|(id, value, title)| fix(id, value.to_owned(), title.to_owned()));
    let comment = comment(rejects).map(|mark| fix("comment", mark.to_string(), format!("Skip lines that begin with {mark}")));
    let is_other = |fix: &Fix| matches!(&fix.change, Change::Option { id, value } if settings.get(id) != value.as_deref());
    comment.into_iter().chain(fixed).filter(is_other).collect()
}

/// The mark that all records begin with, where it could be that of comments.
fn comment(rejects: &[&Reject]) -> Option<char> {
    let first = |reject: &&Reject| reject.raw.chars().next();
    let mark = first(rejects.first()?).filter(|mark| "#%;!/*".contains(*mark))?;
    rejects.iter().all(|reject| first(reject) == Some(mark)).then_some(mark)
}

fn fix(id: &str, value: String, title: String) -> Fix {
    Fix { title, change: Change::Option { id: id.to_owned(), value: Some(value) } }
}
