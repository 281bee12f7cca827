//! Objects whose keys are data and no names: `{"2024-01-01":3,"2024-01-02":5}`. They are read as maps.

use colonnade_protocol::{Field, LogicalType};

use crate::column::nested;

/// Fewer keys are names, unless each of them looks like data.
const LEAST_KEYS: usize = 20;
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
pub fn as_map(members: &[Field], objects: u64, keys: u64) -> Option<LogicalType> {
    let count = members.len();
    let is_sparse = count >= LEAST_KEYS && keys * 10 <= count as u64 * objects;
    let is_data = count >= LEAST_DATA && members.iter().all(|member| looks_like_data(&member.name));
    if is_sparse || is_data { map_of(members) } else { None }
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
