//! The lattice of types beyond scalars: from nothing known, by way of structs and lists, to JSON text.
//!
//! ```text
//!              json
//!      ┌────────┼────────┐
//!   struct     list    string, ...
//!      └────────┼────────┘
//!              void
//! ```
//!
//! Structs join by the names of their members, lists by their elements; what is neither both structs nor both lists meets
//! in JSON text, which keeps every value as it stands in the source.

use colonnade_protocol::{Field, LogicalType};

use super::{ColumnSpec, lattice};

/// The deepest type: one that nests deeper crosses no border as DDL, and is kept as JSON text.
pub const MAX_DEPTH: usize = 24;

/// Whether the lattice of scalars does not have this type.
pub fn is_beyond_scalars(data_type: &LogicalType) -> bool {
    use LogicalType::{Json, List, Map, Struct, Void};
    matches!(data_type, Void | Json | Struct(_) | List(_) | Map(_))
}

/// The least type at or above both: commutative but for the order of members, associative, idempotent.
#[must_use]
pub fn union(a: &LogicalType, b: &LogicalType) -> LogicalType {
    use LogicalType::{Json, List, Map, String, Struct, Void};
    match (a, b) {
        (Void, other) | (other, Void) => other.clone(),
        _ if a == b => a.clone(),
        (Struct(ours), Struct(theirs)) => {
            let mut members = ours.clone();
            for member in theirs {
                match members.iter_mut().find(|known| known.name == member.name) {
                    Some(known) => known.data_type = union(&known.data_type, &member.data_type),
                    None => members.push(member.clone()),
                }
            }
            Struct(members)
        }
        (List(a), List(b)) => List(Box::new(union(a, b))),
        (Map(a), Map(b)) => Map(Box::new(union(a, b))),
        _ if is_beyond_scalars(a) || is_beyond_scalars(b) => Json,
        _ => lattice::join_types(a, b).unwrap_or(String),
    }
}

/// The least type at or above both for records of elements, as in XML: what is there once meets a list of it in the list, and
/// a scalar meets a struct in the struct, whose member `text_member` it is. Commutative but for the order of members,
/// associative, idempotent.
#[must_use]
pub fn union_elements(a: &LogicalType, b: &LogicalType, text_member: &str) -> LogicalType {
    use LogicalType::{List, Struct, Void};
    match (a, b) {
        (Void, other) | (other, Void) => other.clone(),
        _ if a == b => a.clone(),
        (List(_), _) | (_, List(_)) => List(Box::new(union_elements(element_of(a), element_of(b), text_member))),
        (Struct(ours), Struct(theirs)) => {
            let mut members = ours.clone();
            theirs.iter().for_each(|member| add_member(&mut members, &member.name, &member.data_type, text_member));
            Struct(members)
        }
        (Struct(members), scalar) | (scalar, Struct(members)) => {
            let mut members = members.clone();
            add_member(&mut members, text_member, scalar, text_member);
            Struct(members)
        }
        _ => union(a, b),
    }
}

/// The type of a list's elements; of what is no list, itself.
pub fn element_of(data_type: &LogicalType) -> &LogicalType {
    if let LogicalType::List(element) = data_type { element } else { data_type }
}

/// Adds a member to those of a struct, the types of one name joined by [`union_elements`].
pub fn add_member(members: &mut Vec<Field>, name: &str, data_type: &LogicalType, text_member: &str) {
    match members.iter_mut().find(|member| member.name == name) {
        Some(member) => member.data_type = union_elements(&member.data_type, data_type, text_member),
        None => members.push(Field { name: name.to_owned(), data_type: data_type.clone() }),
    }
}

/// Adds a widened or a new column to others, those of one name joined: by [`union_elements`] where there is a `text_member`.
pub fn add(columns: &mut Vec<ColumnSpec>, column: &ColumnSpec, text_member: Option<&str>) {
    match (columns.iter_mut().find(|known| known.name == column.name), text_member) {
        (Some(known), Some(text_member)) => *known = join_elements(known, column, text_member),
        (Some(known), None) => *known = lattice::join(known, column),
        (None, _) => columns.push(column.clone()),
    }
}

fn join_elements(a: &ColumnSpec, b: &ColumnSpec, text_member: &str) -> ColumnSpec {
    if !is_beyond_scalars(&a.data_type) && !is_beyond_scalars(&b.data_type) {
        return lattice::join(a, b);
    }
    let data_type = union_elements(&a.data_type, &b.data_type, text_member);
    let same = [a, b].into_iter().find(|column| column.data_type == data_type);
    same.cloned().unwrap_or_else(|| lattice::met(a, data_type, None))
}

/// Puts columns, and the members of their structs, into an order that does not depend on when they were found: first what
/// `first` has, in its order, then the rest by name.
pub fn arrange(columns: &mut [ColumnSpec], first: &[ColumnSpec]) {
    let position = |column: &ColumnSpec| first.iter().position(|known| known.name == column.name).unwrap_or(usize::MAX);
    columns
        .sort_by_cached_key(|column| (position(column), if position(column) == usize::MAX { column.name.clone() } else { String::new() }));
    for column in columns {
        let known = first.iter().find(|known| known.name == column.name).map(|known| &known.data_type);
        arrange_type(&mut column.data_type, known);
    }
}

fn arrange_type(data_type: &mut LogicalType, first: Option<&LogicalType>) {
    match data_type {
        LogicalType::Struct(members) => {
            let known: &[Field] = if let Some(LogicalType::Struct(known)) = first { known } else { &[] };
            let position = |member: &Field| known.iter().position(|known| known.name == member.name).unwrap_or(usize::MAX);
            members.sort_by(|a, b| match (position(a), position(b)) {
                (usize::MAX, usize::MAX) => a.name.cmp(&b.name),
                (a, b) => a.cmp(&b),
            });
            for member in members {
                let known = known.iter().find(|known| known.name == member.name).map(|known| &known.data_type);
                arrange_type(&mut member.data_type, known);
            }
        }
        LogicalType::List(element) => {
            let known = if let Some(LogicalType::List(known)) = first { Some(&**known) } else { None };
            arrange_type(element, known);
        }
        LogicalType::Map(value) => {
            let known = if let Some(LogicalType::Map(known)) = first { Some(&**known) } else { None };
            arrange_type(value, known);
        }
        _ => {}
    }
}

/// The type as it is written: text where no value was seen, JSON text for structs without members.
#[must_use]
pub fn written(data_type: &LogicalType) -> LogicalType {
    match data_type {
        LogicalType::Void => LogicalType::String,
        LogicalType::Struct(members) if members.is_empty() => LogicalType::Json,
        LogicalType::Struct(members) => LogicalType::Struct(
            members.iter().map(|member| Field { name: member.name.clone(), data_type: written(&member.data_type) }).collect(),
        ),
        LogicalType::List(element) => LogicalType::List(Box::new(written(element))),
        LogicalType::Map(value) => LogicalType::Map(Box::new(written(value))),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use LogicalType::{List, Struct};
    use proptest::prelude::*;

    fn joined(a: &str, b: &str) -> String {
        union(&a.parse().unwrap(), &b.parse().unwrap()).to_string()
    }

    #[test]
    fn types_meet_where_both_fit() {
        for (a, b, expected) in [
            ("void", "array<void>", "array<void>"),
            ("bigint", "double", "double"),
            ("boolean", "bigint", "string"),
            ("string", "struct<a:int>", "json"),
            ("array<bigint>", "struct<a:int>", "json"),
            ("array<void>", "array<struct<a:int>>", "array<struct<a:int>>"),
            ("array<bigint>", "array<struct<a:int>>", "array<json>"),
            ("struct<a:bigint,b:void>", "struct<b:boolean,c:date>", "struct<a:bigint,b:boolean,c:date>"),
            ("json", "void", "json"),
        ] {
            assert_eq!(joined(a, b), expected, "{a} with {b}");
        }
    }

    #[test]
    fn what_was_found_late_stands_behind_by_name() {
        let column = |name: &str, data_type: &str| ColumnSpec { data_type: data_type.parse().unwrap(), ..ColumnSpec::text(name) };
        let first = [column("z", "struct<y:int,x:int>"), column("b", "int")];
        let mut columns =
            vec![column("d", "int"), column("c", "struct<q:int,p:int>"), first[1].clone(), column("z", "struct<w:int,x:int,v:int,y:int>")];
        arrange(&mut columns, &first);
        let arranged: Vec<_> = columns.iter().map(|column| format!("{} {}", column.name, column.data_type)).collect();
        assert_eq!(arranged, ["z struct<y:int,x:int,v:int,w:int>", "b int", "c struct<p:int,q:int>", "d int"]);
    }

    fn any_type() -> impl Strategy<Value = LogicalType> {
        use LogicalType::*;
        let leaf = prop_oneof![Just(Void), Just(Boolean), Just(Int64), Just(Double), Just(String), Just(Json)];
        leaf.prop_recursive(3, 12, 3, |inner| {
            let member = ("[abc]", inner.clone()).prop_map(|(name, data_type)| Field { name, data_type });
            let members = prop::collection::vec(member, 0..3).prop_map(|mut members| {
                members.sort_by(|a, b| a.name.cmp(&b.name));
                members.dedup_by(|a, b| a.name == b.name);
                Struct(members)
            });
            prop_oneof![members, inner.prop_map(|element| List(Box::new(element)))]
        })
    }

    /// Without lists of lists, which elements cannot be.
    fn flat(data_type: LogicalType) -> LogicalType {
        match data_type {
            List(element) if matches!(*element, List(_)) => flat(*element),
            List(element) => List(Box::new(flat(*element))),
            Struct(members) => Struct(members.into_iter().map(|member| Field { data_type: flat(member.data_type), ..member }).collect()),
            other => other,
        }
    }

    fn sorted(mut data_type: LogicalType) -> LogicalType {
        arrange_type(&mut data_type, None);
        data_type
    }

    proptest! {
        #[test]
        fn the_order_of_joining_does_not_matter(a in any_type(), b in any_type(), c in any_type()) {
            prop_assert_eq!(sorted(union(&a, &b)), sorted(union(&b, &a)));
            prop_assert_eq!(sorted(union(&union(&a, &b), &c)), sorted(union(&a, &union(&b, &c))));
            prop_assert_eq!(union(&a, &a), a);
        }

        #[test]
        fn the_order_of_joining_elements_does_not_matter(a in any_type(), b in any_type(), c in any_type()) {
            let union = |a: &LogicalType, b: &LogicalType| union_elements(&flat(a.clone()), &flat(b.clone()), "_VALUE");
            prop_assert_eq!(sorted(union(&a, &b)), sorted(union(&b, &a)));
            prop_assert_eq!(sorted(union(&union(&a, &b), &c)), sorted(union(&a, &union(&b, &c))));
        }
    }
}
