//! Which files are of one shape, and why.

use std::collections::HashSet;

use super::{Member, partitions};
use crate::column::ColumnSpec;

/// Of the columns that any of the files has, this share must be in both.
const SHARED: f64 = 2.0 / 3.0;
/// The same of files whose paths differ in nothing but numbers and partition values.
const SHARED_BY_KIN: f64 = 0.5;

/// Files of one shape.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shape {
    /// Their positions among those that were asked about, ascending.
    pub members: Vec<usize>,
    /// Half a sentence: "all CSV, 9 of 9 columns in every file".
    pub why: String,
}

/// What a file is judged by.
struct Looks {
    format: String,
    /// Names without regard to case; those of columns without a name of their own are not among them.
    names: HashSet<String>,
    /// Those that its path has a value of: a file may have the column itself as well.
    keys: HashSet<String>,
    columns: usize,
    path: String,
}

impl Looks {
    fn of(member: &Member<'_>) -> Self {
        let named = |column: &&ColumnSpec| !column.source_name.is_empty();
        Self {
            format: member.read.format.clone(),
            names: member.read.columns.iter().filter(named).map(|column| column.name.to_lowercase()).collect(),
            keys: partitions(member.path).into_iter().map(|(key, _)| key.to_lowercase()).collect(),
            columns: member.read.columns.len(),
            path: pattern(member.path),
        }
    }

    /// Whether files of these looks belong to one table: of one format, with the same columns by name for the most part. Of
    /// columns without names, where their number and the path agree.
    fn is_like(&self, other: &Self) -> bool {
        let are_kin = self.path == other.path;
        if self.format != other.format {
            return false;
        }
        if self.names.is_empty() || other.names.is_empty() {
            return self.names.is_empty() && other.names.is_empty() && self.columns == other.columns && are_kin;
        }
        let is_own = |name: &&String| !self.keys.contains(*name) && !other.keys.contains(*name);
        let shared = self.names.intersection(&other.names).filter(is_own).count() as f64;
        let all = self.names.union(&other.names).filter(is_own).count() as f64;
        shared >= all * if are_kin { SHARED_BY_KIN } else { SHARED }
    }
}

/// Puts files of one shape together, each with those of the first that it is like. A file like no other is a shape by itself.
pub fn shapes(members: &[Member<'_>]) -> Vec<Shape> {
    let mut groups: Vec<(Looks, Vec<usize>)> = Vec::new();
    for (k, member) in members.iter().enumerate() {
        let looks = Looks::of(member);
        match groups.iter_mut().find(|(first, _)| first.is_like(&looks)) {
            Some((first, group)) => {
                // What drifts from file to file is judged by all that were seen.
                if looks.path == first.path {
                    first.names.extend(looks.names);
                }
                group.push(k);
            }
            None => groups.push((looks, vec![k])),
        }
    }
    let shape = |(_, group): (Looks, Vec<usize>)| {
        let of: Vec<Member<'_>> = group.iter().filter_map(|&k| members.get(k).copied()).collect();
        Shape { why: why(&of), members: group }
    };
    groups.into_iter().map(shape).collect()
}

/// The shape to which a file without any content belongs: the only one, or that of files whose paths differ from its own in nothing
/// but numbers and partition values.
pub fn shape_of(path: &str, shapes: &[Shape], members: &[Member<'_>]) -> Option<usize> {
    if shapes.len() < 2 {
        return Some(0);
    }
    let own = pattern(path);
    let is_kin = |&k: &usize| members.get(k).is_some_and(|member| pattern(member.path) == own);
    shapes.iter().position(|shape| shape.members.iter().any(is_kin))
}

/// Why files are, or are not, of one shape, in numbers.
pub fn why(members: &[Member<'_>]) -> String {
    let mut formats: Vec<&str> = members.iter().map(|member| member.read.format.as_str()).collect();
    formats.dedup();
    let formats = match formats.as_slice() {
        [one] => format!("all {}", crate::format::by_id(one).map_or(*one, |format| format.title())),
        _ => "of several formats".to_owned(),
    };
    let sets: Vec<HashSet<String>> =
        members.iter().map(|member| member.read.columns.iter().map(|column| column.name.to_lowercase()).collect()).collect();
    let all: HashSet<&String> = sets.iter().flatten().collect();
    let shared = all.iter().filter(|name| sets.iter().all(|set| set.contains(**name))).count();
    format!("{formats}, {shared} of {} columns in every file", all.len())
}

/// A path in which numbers, and what partition folders say, are left out.
fn pattern(path: &str) -> String {
    let folders = path.split(['/', '\\']).map(|part| part.split_once('=').map_or(part, |(key, _)| key));
    let mut pattern = String::new();
    for letter in folders.flat_map(|part| part.chars().chain(['/'])) {
        let letter = if letter.is_ascii_digit() { '0' } else { letter };
        if !(letter == '0' && pattern.ends_with('0')) {
            pattern.push(letter);
        }
    }
    pattern
}
