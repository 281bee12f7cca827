use arrow_array::builder::{Int64Builder, ListBuilder};
use arrow_array::{Float64Array, Int64Array, NullArray, StructArray};
use arrow_schema::{DataType, Field};

use super::*;

fn column(data_type: &str, origin: Origin) -> ColumnSpec {
    ColumnSpec { data_type: data_type.parse().unwrap(), origin, ..ColumnSpec::text("c") }
}

fn found() -> Origin {
    Origin::Detected { confidence: 1.0, evidence: String::new() }
}

/// The values as JSON, which rows do not fit, and the type that would.
fn retyped(array: ArrayRef, natural: &str, to: &str, origin: Origin) -> (Vec<String>, Vec<u32>, String) {
    let column = column(to, origin);
    let mut retype = Retype::new(&natural.parse().unwrap(), &column).unwrap();
    let mut misfits = Vec::new();
    let array = retype.apply(array, &mut misfits).unwrap();
    assert_eq!(array.data_type(), &arrow_type(&column.data_type));
    let shown = |row: usize| {
        let mut text = String::new();
        display::write_json(array.as_ref(), row, &mut text);
        text
    };
    ((0..array.len()).map(shown).collect(), misfits, retype.wider(&column.data_type).to_string())
}

fn lists() -> ArrayRef {
    let mut lists = ListBuilder::new(Int64Builder::new()).with_field(Field::new("element", DataType::Int64, true));
    lists.append_value([Some(1), None]);
    lists.append_null();
    lists.append_value([]);
    lists.append_value([Some((1 << 53) + 1)]);
    Arc::new(lists.finish())
}

#[test]
fn members_that_are_missing_are_null_and_parts_get_wider() {
    let fields = vec![Field::new("a", DataType::Int64, true), Field::new("l", lists().data_type().clone(), true)];
    let values: Vec<ArrayRef> = vec![Arc::new(Int64Array::from(vec![1, 2, 3, 4])), lists()];
    let array: ArrayRef = Arc::new(StructArray::new(fields.into(), values, None));
    let (rows, misfits, wider) = retyped(array, "struct<a:bigint,l:array<bigint>>", "struct<b:string,l:array<double>,a:double>", found());
    assert_eq!(
        rows,
        [
            r#"{"b":null,"l":[1,null],"a":1}"#,
            r#"{"b":null,"l":null,"a":2}"#,
            r#"{"b":null,"l":[],"a":3}"#,
            r#"{"b":null,"l":[null],"a":4}"#
        ]
    );
    assert_eq!((misfits, wider.as_str()), (vec![3], "struct<b:string,l:array<decimal(16,0)>,a:double>"));
}

#[test]
fn a_type_that_a_person_chose_stays() {
    let numbers = || Arc::new(Int64Array::from(vec![1, (1 << 53) + 1])) as ArrayRef;
    let of = |origin| {
        let (_, misfits, wider) = retyped(numbers(), "bigint", "double", origin);
        (misfits, wider)
    };
    assert_eq!(of(Origin::Person), (vec![], "double".to_owned()));
    assert_eq!(of(found()), (vec![1], "decimal(16,0)".to_owned()));
}

#[test]
fn values_among_those_of_other_kinds_are_json() {
    let texts: ArrayRef = Arc::new(StringArray::from(vec![Some("x"), None]));
    assert_eq!(retyped(Arc::clone(&texts), "string", "json", found()).0, [r#""\"x\"""#, "null"]);
    assert_eq!(retyped(texts, "string", "json", Origin::Person).0, [r#""x""#, "null"]);
    let numbers: ArrayRef = Arc::new(Float64Array::from(vec![0.5]));
    assert_eq!(retyped(numbers, "double", "json", found()).0, [r#""0.5""#]);
    let nothing: ArrayRef = Arc::new(NullArray::new(2));
    assert_eq!(retyped(nothing, "void", "array<string>", found()).0, ["null", "null"]);
}

#[test]
fn what_a_type_has_no_room_for_is_refused() {
    for (natural, to) in [("struct<a:int,b:int>", "struct<a:int>"), ("array<int>", "bigint"), ("bigint", "struct<a:int>")] {
        assert!(Retype::new(&natural.parse().unwrap(), &column(to, Origin::Person)).is_err(), "{natural} as {to}");
    }
}
