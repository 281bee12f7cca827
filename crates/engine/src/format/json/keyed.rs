//! Objects whose keys are data and no names: `{"2024-01-01":3,"2024-01-02":5}`. They are read as maps, wherever they stand; records of
//! such keys are one value each.

use colonnade_protocol::{Field, LogicalType};

use super::reader::{Kind, Reader, SyntaxError};
use super::widen::key_text;
use crate::column::nested;
use crate::format::wide;

/// Fewer keys are names, unless each of them looks like data.
const LEAST_KEYS: usize = 20;
/// The same of records' own fields, which are columns otherwise.
const LEAST_FIELDS: usize = 100;
/// Keys that look like data are data from so many on.
const LEAST_DATA: usize = 3;

/// The map that holds these members, where all their values are of one kind.
pub fn map_of(members: &[Field]) -> Option<LogicalType> {
    use LogicalType::{Json, Map, String, Void};
    let value = members.iter().fold(Void, |value, member| nested::union(&value, &member.data_type));
    // Numbers and texts together are of a record, whose fields have types of their own.
    let is_mixed = matches!(value, Json | String) && members.iter().any(|member| !matches!(&member.data_type, Void | String));
    (!is_mixed).then(|| Map(Box::new(value)))
}

/// The map that objects of these members are, `keys` of them in so many objects, where the members' names are data: each object
/// has few of very many, or each name begins as no name would.
fn as_map(members: &[Field], objects: u64, keys: u64) -> Option<LogicalType> {
    let count = members.len();
    let is_sparse = count >= LEAST_KEYS && keys * 10 <= count as u64 * objects;
    let is_data = count >= LEAST_DATA && members.iter().all(|member| looks_like_data(&member.name));
    if is_sparse || is_data { map_of(members) } else { None }
}

/// How many objects a value's type was seen in, and how many keys they had, level by level.
#[derive(Debug, Default, Clone)]
pub struct KeyCounts {
    objects: u64,
    keys: u64,
    /// Of members by name; of a list's elements under no name.
    parts: Vec<(String, KeyCounts)>,
}

/// Objects that are a map.
#[derive(Debug, PartialEq)]
pub struct Keyed {
    /// From the column down: `stats.daily`, `list[]`.
    pub path: String,
    pub objects: u64,
    /// Different keys.
    pub keys: usize,
}

/// Whether a type has objects, which may be maps.
pub fn may_be_keyed(data_type: &LogicalType) -> bool {
    match data_type {
        LogicalType::Struct(members) => !members.is_empty(),
        LogicalType::List(element) => may_be_keyed(element),
        _ => false,
    }
}

impl KeyCounts {
    /// Takes up a value of this type.
    ///
    /// # Errors
    /// Where it breaks the grammar or is cut.
    pub fn observe(&mut self, data_type: &LogicalType, reader: &mut Reader<'_>) -> Result<(), SyntaxError> {
        let mut first = true;
        match (data_type, reader.peek()?) {
            (LogicalType::Struct(members), Kind::Object) => {
                self.objects += 1;
                reader.open();
                // Keys mostly come in one order.
                let mut next = 0;
                while let Some(key) = reader.next_key(first)? {
                    first = false;
                    self.keys += 1;
                    let name = key_text(reader.text(), &key);
                    let is_it = |member: &Field| member.name == name;
                    let at = if members.get(next).is_some_and(is_it) { Some(next) } else { members.iter().position(is_it) };
                    match at.and_then(|at| members.get(at)) {
                        Some(member) if may_be_keyed(&member.data_type) => self.part(&name).observe(&member.data_type, reader)?,
                        _ => reader.skip().map(|_| ())?,
                    }
                    next = at.map_or(next, |at| at + 1);
                }
                Ok(())
            }
            (LogicalType::List(element), Kind::Array) if may_be_keyed(element) => {
                reader.open();
                while reader.next_element(first)? {
                    first = false;
                    self.part("").observe(element, reader)?;
                }
                Ok(())
            }
            _ => reader.skip().map(|_| ()),
        }
    }

    fn part(&mut self, name: &str) -> &mut Self {
        let at = self.parts.iter().position(|(known, _)| known == name).unwrap_or_else(|| {
            self.parts.push((name.to_owned(), Self::default()));
            self.parts.len() - 1
        });
        &mut self.parts[at].1
    }

    fn add(&mut self, other: &Self) {
        self.objects += other.objects;
        self.keys += other.keys;
        for (name, part) in &other.parts {
            self.part(name).add(part);
        }
    }

    /// The type with maps for objects whose keys are data; `found` gets these, `path` being the type's own.
    pub fn settle(&self, data_type: &LogicalType, path: &str, found: &mut Vec<Keyed>) -> LogicalType {
        let none = Self::default();
        let part = |name: &str| self.parts.iter().find(|(known, _)| known == name).map_or(&none, |(_, part)| part);
        match data_type {
            LogicalType::Struct(members) => {
                if let Some(LogicalType::Map(value)) = as_map(members, self.objects, self.keys) {
                    found.push(Keyed { path: path.to_owned(), objects: self.objects, keys: members.len() });
                    let mut values = Self::default();
                    self.parts.iter().for_each(|(_, part)| values.add(part));
                    return LogicalType::Map(Box::new(values.settle(&value, &format!("{path}.*"), found)));
                }
                let settled = members.iter().map(|member| {
                    let data_type = part(&member.name).settle(&member.data_type, &format!("{path}.{}", member.name), found);
                    Field { name: member.name.clone(), data_type }
                });
                LogicalType::Struct(settled.collect())
            }
            LogicalType::List(element) => LogicalType::List(Box::new(part("").settle(element, &format!("{path}[]"), found))),
            other => other.clone(),
        }
    }
}

/// The keys of a sample's records.
pub struct Keys {
    /// How many records there are, and how many keys they have together.
    pub records: u64,
    pub all: u64,
    /// How many records have the key that most of them have.
    pub most: u64,
}

/// Whether records of these fields are values whose keys are data, and not rows of columns: each has few of very many, and none is in
/// most of them; or each name begins as no name would, and few records share it. Values of several kinds are fields of a record,
/// unless there are more of them than any table of a record's fields has.
pub fn are_values(fields: &[Field], keys: &Keys) -> bool {
    let count = fields.len() as u64;
    let is_sparse = fields.len() >= LEAST_FIELDS && keys.all * 10 <= count * keys.records;
    let is_data =
        fields.len() >= LEAST_DATA && keys.all * 2 <= count * keys.records && fields.iter().all(|field| looks_like_data(&field.name));
    let is_map = (is_sparse && keys.most * 2 <= keys.records || is_data) && map_of(fields).is_some();
    is_map || wide::are_data(fields.len(), keys.records, keys.all)
}

/// Whether a key is a number, a moment, an address or an identifier made by a machine.
fn looks_like_data(key: &str) -> bool {
    let is_uuid = || {
        key.len() == 36
            && key.bytes().filter(|&byte| byte == b'-').count() == 4
            && key.bytes().all(|byte| byte == b'-' || byte.is_ascii_hexdigit())
    };
    key.starts_with(|first: char| first.is_ascii_digit()) || key.contains('@') || is_uuid()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn members(names: &[&str], data_type: &LogicalType) -> Vec<Field> {
        names.iter().map(|name| Field { name: (*name).to_owned(), data_type: data_type.clone() }).collect()
    }

    #[test]
    fn keys_that_look_like_data_make_a_map() {
        let map = |names: &[&str]| as_map(&members(names, &LogicalType::Int64), 1, names.len() as u64).map(|map| map.to_string());
        assert_eq!(map(&["2024-01-01", "2024-01-02", "2024-01-03"]).as_deref(), Some("map<string,bigint>"));
        assert_eq!(map(&["a@x.org", "b@x.org", "c@x.org"]).as_deref(), Some("map<string,bigint>"));
        assert_eq!(
            map(&["0b1c2d3e-0000-4000-8000-000000000001", "abcdef01-0000-4000-8000-000000000002", "7"]).as_deref(),
            Some("map<string,bigint>")
        );
        assert_eq!(map(&["2023", "2024"]), None);
        assert_eq!(map(&["q1", "q2", "q3"]), None);
    }

    #[test]
    fn maps_are_found_within_objects_lists_and_maps() {
        use crate::format::json::options;
        use crate::format::json::widen::Widening;
        use crate::settings::Settings;

        let widening = Widening::new(&Settings::new(&options::of_lines(), []).unwrap()).unwrap();
        let values = [
            r#"{"id":1,"daily":{"2024-01-01":1,"2024-01-02":2},"list":[{"k":{"a@x.org":1}},{"k":{"b@x.org":2,"c@x.org":3}}]}"#,
            r#"{"id":2,"daily":{"2024-01-03":3},"list":[],"by":{"1":{"x":{"10":1.5}},"2":{"x":{"11":2,"12":3}},"3":{"x":null}}}"#,
        ];
        let mut column = crate::column::ColumnSpec { data_type: LogicalType::Void, ..crate::column::ColumnSpec::text("c") };
        for value in values {
            column = widening.widen(&column, &mut Reader::new(value.as_bytes(), 0)).unwrap();
        }
        let mut counts = KeyCounts::default();
        for value in values {
            counts.observe(&column.data_type, &mut Reader::new(value.as_bytes(), 0)).unwrap();
        }
        let mut found = Vec::new();
        let settled = counts.settle(&column.data_type, "c", &mut found).to_string();
        assert_eq!(
            settled,
            "struct<id:bigint,daily:map<string,bigint>,list:array<struct<k:map<string,bigint>>>,by:map<string,struct<x:map<string,double>>>>"
        );
        let found: Vec<_> = found.iter().map(|keyed| (keyed.path.as_str(), keyed.objects, keyed.keys)).collect();
        assert_eq!(found, [("c.daily", 2, 3), ("c.list[].k", 2, 3), ("c.by", 1, 3), ("c.by.*.x", 2, 3)]);
    }

    #[test]
    fn records_that_share_no_keys_are_values() {
        let fields = |names: std::ops::Range<u64>| -> Vec<Field> {
            names.map(|k| Field { name: format!("k{k}"), data_type: LogicalType::Int64 }).collect()
        };
        let keys = |records, all, most| Keys { records, all, most };
        assert!(are_values(&fields(0..500), &keys(500, 500, 1)));
        // A field that all records have is a column, and so are few fields of many kinds of records.
        assert!(!are_values(&fields(0..500), &keys(500, 1000, 500)));
        assert!(!are_values(&fields(0..40), &keys(500, 1000, 50)));
        assert!(!are_values(&fields(0..2000), &keys(500, 500_000, 400)));
        let mut mixed = fields(0..500);
        mixed[3].data_type = LogicalType::String;
        assert!(!are_values(&mixed, &keys(500, 500, 1)));
        mixed.extend(fields(500..1100));
        assert!(are_values(&mixed, &keys(1100, 2200, 1100)));
        let years = members(&["2021", "2022", "2023"], &LogicalType::Int64);
        assert!(are_values(&years, &keys(3, 3, 1)) && !are_values(&years, &keys(3, 9, 3)));
    }

    #[test]
    fn few_of_many_keys_make_a_map_and_records_with_gaps_do_not() {
        let names: Vec<String> = (0..40).map(|i| format!("word{}", (b'a' + i % 26) as char).repeat(1 + i as usize / 26)).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        assert!(as_map(&members(&names, &LogicalType::Int64), 100, 300).is_some());
        assert!(as_map(&members(&names, &LogicalType::Int64), 100, 2000).is_none());
        let mut mixed = members(&names, &LogicalType::Int64);
        mixed[3].data_type = LogicalType::String;
        assert!(as_map(&mixed, 100, 300).is_none());
    }
}
