use std::fmt::Write;

use colonnade_protocol::{Cause, ErrorKind, Outcome};

use colonnade_engine::Result;

use crate::driver::{self, Converted, Run, assert_same, rows};

const ALONE: Run = Run { unit_bytes: u64::MAX, workers: 1 };

fn convert(source: &[u8], options: &[(&str, &str)], run: Run) -> Result<Converted> {
    driver::convert(source, &[&[("format", "xml")], options].concat(), run)
}

fn runs() -> impl Iterator<Item = Run> {
    [300, 1000, 7777].into_iter().flat_map(|unit_bytes| [1, 2, 5].map(|workers| Run { unit_bytes, workers }))
}

/// Books as catalogues have them: attributes, repeated and optional elements, and what looks like a record in comments.
fn books(count: usize) -> String {
    let mut text =
        String::from("<?xml version=\"1.0\"?>\r\n<!DOCTYPE catalog [<!ENTITY co \"A &amp; B\">]>\n<catalog day=\"2024-05-01\">\n");
    for i in 0..count {
        let authors: String = (0..1 + i % 3).map(|k| format!("<author role='r{k}'>Name {k} é</author>")).collect();
        let note = if i % 5 == 0 { "<note><![CDATA[<book id=\"9\">no</book>]]></note>" } else { "" };
        let odd = if i % 7 == 0 { "<!-- <book id='8'/> -->\n" } else { "" };
        let by = if i % 4 == 0 { "&co;" } else { "x &lt; y" };
        let _ = write!(text, "  <book id=\"{i}\">\n    <title>{by}</title>{authors}<price>{}.5</price>{note}\n  </book>\n{odd}", i % 90);
    }
    text + "</catalog>\n"
}

#[test]
fn units_of_any_size_in_any_order_give_the_rows_of_one() {
    let text = books(300);
    let expected = convert(text.as_bytes(), &[], ALONE).unwrap();
    assert_eq!(
        expected.schema,
        [
            "catalog_day date",
            "_id bigint",
            "title string",
            "author array<struct<_role:string,_VALUE:string>>",
            "price double",
            "note string"
        ]
    );
    assert_eq!((expected.totals.counts.written, expected.rejects.len()), (300, 0));
    let row = &rows(&expected.file)[20];
    let shown: Vec<_> = row.iter().map(|cell| cell.as_deref().unwrap_or("?")).collect();
    let authors = r#"[{"_role":"r0","_VALUE":"Name 0 é"},{"_role":"r1","_VALUE":"Name 1 é"},{"_role":"r2","_VALUE":"Name 2 é"}]"#;
    assert_eq!(shown, ["2024-05-01", "20", "A & B", authors, "20.5", "<book id=\"9\">no</book>"]);
    for run in runs() {
        assert_same(&convert(text.as_bytes(), &[], run).unwrap(), &expected, run);
    }
}

#[test]
fn other_encodings_are_cut_and_read_alike() {
    let text = books(120);
    let expected = rows(&convert(text.as_bytes(), &[], ALONE).unwrap().file);
    let utf16 = |to: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(to).collect::<Vec<u8>>();
    let latin = text.replacen("\"1.0\"", "\"1.0\" encoding=\"ISO-8859-1\"", 1).chars().map(|c| c as u8).collect::<Vec<u8>>();
    let marked = [b"\xFF\xFE".to_vec(), utf16(u16::to_le_bytes)].concat();
    for source in [marked, utf16(u16::to_be_bytes), latin] {
        let alone = convert(&source, &[], ALONE).unwrap();
        assert_eq!(rows(&alone.file), expected);
        for run in runs() {
            assert_same(&convert(&source, &[], run).unwrap(), &alone, run);
        }
    }
}

#[test]
fn one_worker_or_many_give_the_same_bytes() {
    let text = books(300);
    let one = convert(text.as_bytes(), &[], Run { unit_bytes: 1500, workers: 1 }).unwrap();
    for workers in [2, 3, 8] {
        assert!(convert(text.as_bytes(), &[], Run { unit_bytes: 1500, workers }).unwrap().file == one.file, "{workers} workers");
    }
}

#[test]
fn a_broken_record_costs_that_record_and_has_its_place() {
    let mut text = String::from("<log>\n");
    for i in 0..300 {
        match i {
            100 => text += "<m id=7><t>unquoted</t></m>\n",
            120 => text += "<m id=\"120\"><t>never closed</m>\n",
            150 => text += "<m id=\"150\"><t>the end tag is missing</t>\n",
            200 => text += "... \n",
            220 => text += "<m id=\"220\"><t>a & b &nope; 1 < 2</t></m>\n",
            _ => {
                let _ = writeln!(text, "<m id=\"{i}\"><t>é{i}</t></m>");
            }
        }
    }
    text += "</log>";
    let mut expected = convert(text.as_bytes(), &[], ALONE).unwrap();
    let grouped = expected.rejects.clone();
    expected.rejects.sort_by_key(|reject| reject.place);
    let places: Vec<_> = expected.rejects.iter().map(|r| (r.cause, r.outcome, r.place.line)).collect();
    assert_eq!(
        places,
        [
            (Cause::Syntax, Outcome::Repaired, 102),
            (Cause::Syntax, Outcome::Repaired, 122),
            (Cause::Syntax, Outcome::Repaired, 152),
            (Cause::NotARow, Outcome::Rejected, 202),
            (Cause::Syntax, Outcome::Repaired, 222),
        ]
    );
    for reject in &expected.rejects {
        assert_eq!(&text[reject.place.byte as usize..][..reject.raw.len()], reject.raw);
    }
    let counts = expected.totals.counts;
    assert_eq!((counts.read, counts.written, counts.rejected, counts.repaired), (300, 299, 1, 4));
    let found = rows(&expected.file);
    assert_eq!(found[100], [Some("7".to_owned()), Some("unquoted".to_owned())]);
    assert_eq!(found[150], [Some("150".to_owned()), Some("the end tag is missing".to_owned())]);
    assert_eq!(found[151][0].as_deref(), Some("151"));
    assert_eq!(found[219][1].as_deref(), Some("a & b &nope; 1 < 2"));
    expected.rejects = grouped;
    for run in runs() {
        assert_same(&convert(text.as_bytes(), &[], run).unwrap(), &expected, run);
    }
    let declined = convert(text.as_bytes(), &[("recover", "false")], ALONE).unwrap();
    assert_eq!((declined.totals.counts.written, declined.totals.counts.rejected), (295, 5));
    let error = convert(text.as_bytes(), &[("mode", "FAILFAST")], ALONE).err().unwrap();
    assert_eq!((error.kind, error.place.unwrap().line), (ErrorKind::Malformed, 102));
}

/// Far more than the sample, with what is odd between its slices.
#[test]
fn a_byte_lost_anywhere_costs_the_record_that_it_is_in() {
    let record = |i: usize| format!("<rec id=\"{i}\"><name>n{i}</name><v x=\"{i}.5\"><t>p</t><t>q</t></v></rec>");
    let text = format!("<?xml version=\"1.0\"?>\n<root>\n{}\n</root>\n", (1..6).map(record).collect::<Vec<_>>().join("\n"));
    let second = text.find("<rec id=\"2\"").unwrap();
    // All of the second record, and the declaration from its end on.
    for at in (text.find("?>").unwrap()..20).chain(second..second + record(2).len()) {
        let mut broken = text.clone().into_bytes();
        broken.remove(at);
        let converted = convert(&broken, &[], ALONE).unwrap();
        let found = format!("{:?}", rows(&converted.file));
        assert!(["n1", "n3", "n4", "n5"].iter().all(|name| found.contains(name)), "without the byte at {at}: {found}");
        assert!([4, 5].contains(&rows(&converted.file).len()), "without the byte at {at}: {found}");
    }
}

fn late(odd: &[(usize, &str)]) -> String {
    let mut text = String::from("<r>");
    for i in 0..40_000 {
        match odd.iter().find(|(at, _)| *at == i) {
            Some((_, record)) => text += record,
            None => {
                let _ = write!(text, "<m><id>{i}</id><u n=\"{i}\"/><w>{i}</w></m>");
            }
        }
        text.push('\n');
    }
    text + "</r>"
}

#[test]
fn fields_and_types_that_come_late_are_not_lost_and_stand_in_one_order() {
    let text = late(&[
        (6_000, "<m><id>6000.5</id><zulu b=\"1\"/><u n=\"1\" y=\"true\">text</u><w>1</w><w>2</w></m>"),
        (6_100, "<m><id>1</id><u n=\"2\"><x>late</x></u><w c=\"EUR\">3.5</w></m>"),
        (30_000, "<m><id>2</id><alpha>9007199254740993</alpha><u/></m>"),
        (30_100, "<m><id>3</id><alpha>text</alpha><zulu>q</zulu></m>"),
    ]);
    let mut files = Vec::new();
    for run in
        [ALONE, Run { unit_bytes: 100_000, workers: 1 }, Run { unit_bytes: 100_000, workers: 3 }, Run { unit_bytes: 100_000, workers: 20 }]
    {
        let converted = convert(text.as_bytes(), &[], run).unwrap();
        assert_eq!(
            converted.schema,
            [
                "id double",
                "u struct<_n:bigint,_VALUE:string,_y:boolean,x:string>",
                "w array<struct<_VALUE:double,_c:string>>",
                "alpha string",
                "zulu struct<_VALUE:string,_b:bigint>"
            ]
        );
        let rows = rows(&converted.file);
        assert_eq!(rows.len(), 40_000);
        assert_eq!(rows[6000][1].as_deref(), Some(r#"{"_n":1,"_VALUE":"text","_y":true,"x":null}"#));
        assert_eq!(rows[6000][2].as_deref(), Some(r#"[{"_VALUE":1,"_c":null},{"_VALUE":2,"_c":null}]"#));
        assert_eq!(rows[6100][2].as_deref(), Some(r#"[{"_VALUE":3.5,"_c":"EUR"}]"#));
        assert_eq!((rows[30_000][1].as_deref(), rows[30_000][3].as_deref()), (None, Some("9007199254740993")));
        assert_eq!(rows[30_100][4].as_deref(), Some(r#"{"_VALUE":"q","_b":null}"#));
        files.push(converted.file);
    }
    assert!(files[1] == files[2] && files[2] == files[3]);
}

#[test]
fn a_record_beyond_the_bound_is_rejected_wherever_it_is_cut() {
    let long = format!("<m><a>{}</a></m>", "x".repeat(3_000_000));
    let text = format!("<r><m><a>1</a></m>\n{long}\n<m><a>2</a></m></r>");
    let cut = convert(text.as_bytes(), &[("maxRecordBytes", "1000")], ALONE).unwrap();
    assert_eq!(cut.rejects.iter().map(|r| (r.cause, r.place.line)).collect::<Vec<_>>(), [(Cause::RecordTooLong, 2)]);
    assert_eq!(rows(&cut.file), [[Some("1".to_owned())], [Some("2".to_owned())]]);
    let whole = convert(text.as_bytes(), &[], ALONE).unwrap();
    assert_eq!(rows(&whole.file)[1][0].as_ref().unwrap().len(), 3_000_000);
}

#[test]
fn entities_that_expand_without_end_are_refused_with_a_place() {
    let mut text = String::from("<!DOCTYPE r [<!ENTITY a0 \"laugh\">");
    for k in 1..10 {
        let _ = write!(text, "<!ENTITY a{k} \"{}\">", format!("&a{};", k - 1).repeat(10));
    }
    for body in ["<r><m>&a9;</m><m>x</m></r>", "<r><m>x</m><m k='&a9;'/></r>"] {
        let error = convert(format!("{text}]>{body}").as_bytes(), &[], ALONE).err().unwrap();
        assert_eq!((error.kind, error.place.is_some()), (ErrorKind::Limit, true), "{error}");
    }
    let markup = text.replace("laugh", "<b/>");
    let error = convert(format!("{markup}]><r><m>&a9;</m><m/></r>").as_bytes(), &[], ALONE).err().unwrap();
    assert_eq!((error.kind, error.place.is_some()), (ErrorKind::Limit, true), "{error}");
}

#[test]
fn options_say_how_elements_become_columns() {
    let text = "<x:r xmlns:x='u'><x:m a='1'><x:b>  t </x:b><c xsi:nil='true'/><p>one <i>two</i> three</p></x:m>\
                <x:m a='2'><x:b/><c>5</c><p>x</p></x:m></x:r>";
    let shown = |options: &[(&str, &str)]| {
        let converted = convert(text.as_bytes(), options, ALONE).unwrap();
        let rows = rows(&converted.file);
        let rows: Vec<String> =
            rows.iter().map(|row| row.iter().map(|cell| cell.as_deref().unwrap_or("null")).collect::<Vec<_>>().join(" | ")).collect();
        (converted.schema.join(", "), rows)
    };
    let (schema, found) = shown(&[]);
    assert_eq!(schema, "_a bigint, x:b string, c bigint, p struct<_VALUE:array<string>,i:string>");
    assert_eq!(found, [r#"1 | t | null | {"_VALUE":["one","three"],"i":"two"}"#, r#"2 | null | 5 | {"_VALUE":["x"],"i":null}"#]);
    let (schema, found) = shown(&[
        ("ignoreNamespace", "true"),
        ("excludeAttribute", "true"),
        ("ignoreSurroundingSpaces", "false"),
        ("treatEmptyValuesAsNulls", "false"),
        ("valueTag", "text"),
        ("inferSchema", "false"),
    ]);
    assert_eq!(schema, "b string, c string, p struct<text:array<string>,i:string>");
    assert_eq!(found[0], r#"  t  | null | {"text":["one "," three"],"i":"two"}"#);
    assert!(found[1].starts_with(" | 5 | "), "{}", found[1]);
    let (schema, found) = shown(&[("rowTag", "x:b"), ("attributePrefix", "@")]);
    assert_eq!((schema.as_str(), found.len()), ("_VALUE string", 2));
    let (schema, found) = shown(&[("schema", "p string, `_a` int")]);
    assert_eq!((schema.as_str(), found[0].as_str()), ("p string, _a int", "one <i>two</i> three | 1"));
}

/// Elements that a schema of `_id` and `a` does not name, in the ways that they come.
const OPEN_ENDED: &str = r#"<?xml version="1.0"?>
<rows xmlns:x="urn:x">
<row id="1"><a>1</a><b>two</b></row>
<row id="2"><a>2</a><b k="v">x &amp; y</b><c><d>4</d> <d>5</d></c></row>
<row id="3"><a>3</a></row>
<row id="4"><b><![CDATA[<z>]]></b><a>4</a>text</row>
<row id="5"><n><a>5</a><q>7</q><r s="1"><t>8</t></r></n><x:p>  blanks  </x:p><e>
  <f>9</f>
  mixed tail
</e></row>
<row id="6"><a>6</a><xs_any>itself</xs_any><b>other</b></row>
</rows>
"#;

fn texts(converted: &Converted, column: usize) -> Vec<String> {
    rows(&converted.file).into_iter().map(|row| row[column].clone().unwrap_or_else(|| "null".to_owned())).collect()
}

#[test]
fn elements_that_a_schema_does_not_name_go_to_its_wildcard_column() {
    // The values are those of Spark 4.3 with this schema, by either of its parsers.
    let options = [("schema", "_id bigint, a bigint, xs_any array<string>"), ("mode", "FAILFAST")];
    let expected = convert(OPEN_ENDED.as_bytes(), &options, ALONE).unwrap();
    assert_eq!((expected.totals.counts.read, expected.totals.counts.written, expected.rejects.len()), (6, 6, 0));
    assert_eq!(
        texts(&expected, 2),
        [
            r#"["two"]"#,
            r#"["x & y","<d>4</d> <d>5</d>"]"#,
            "null",
            r#"["<z>"]"#,
            r#"["<a>5</a><q>7</q><r s=\"1\"><t>8</t></r>","blanks","<f>9</f>\n  mixed tail"]"#,
            r#"["itself","other"]"#,
        ]
    );
    assert_eq!(texts(&expected, 1), ["1", "2", "3", "4", "null", "6"]);
    for run in [60, 130, 300].into_iter().flat_map(|unit_bytes| [1, 3].map(|workers| Run { unit_bytes, workers })) {
        assert_same(&convert(OPEN_ENDED.as_bytes(), &options, run).unwrap(), &expected, run);
    }
}

#[test]
fn a_wildcard_of_one_text_holds_the_last_and_lists_the_others() {
    let text = OPEN_ENDED.replace("xs_any>", "y>");
    let schema = ("schema", "_id bigint, xs_any string");
    let converted = convert(text.as_bytes(), &[schema], ALONE).unwrap();
    // As Spark 4.3 has them, which drops the others without a word.
    assert_eq!(texts(&converted, 1)[..4], ["two", "<d>4</d> <d>5</d>", "3", "4"]);
    let counts = &converted.totals.counts;
    assert_eq!((counts.read, counts.written, counts.repaired, counts.nulled_cells), (6, 6, 5, 0));
    let first = &converted.rejects[0];
    assert_eq!((first.cause, first.outcome, first.place.line), (Cause::TooManyFields, Outcome::Repaired, 3));
    assert_eq!(first.reason, "1 element dropped that the schema does not name: xs_any is one text, the last; array<string> takes all");
    let dropped = convert(text.as_bytes(), &[schema, ("mode", "DROPMALFORMED")], ALONE).unwrap();
    assert_eq!((dropped.totals.counts.written, dropped.totals.counts.rejected), (1, 5));
    let error = convert(text.as_bytes(), &[schema, ("mode", "FAILFAST")], ALONE).err().unwrap();
    assert_eq!(error.place.map(|place| place.line), Some(3));
}

#[test]
fn a_struct_has_a_wildcard_of_its_own_and_another_name_is_told() {
    let schema = ("schema", "_id bigint, a string, n struct<a:bigint,rest:array<string>>, rest array<string>");
    let converted = convert(OPEN_ENDED.as_bytes(), &[schema, ("wildcardcolname", "rest")], ALONE).unwrap();
    // Spark 4.3's values, but for <xs_any>, which it has too.
    assert_eq!(texts(&converted, 2)[4], r#"{"a":5,"rest":["7","<t>8</t>"]}"#);
    assert_eq!(texts(&converted, 3)[4..], [r#"["blanks","<f>9</f>\n  mixed tail"]"#, r#"["itself","other"]"#]);
}

#[test]
fn without_a_column_of_texts_by_its_name_a_wildcard_has_no_effect() {
    for schema in ["_id bigint, a bigint", "_id bigint, a bigint, XS_ANY array<string>", "_id bigint, a bigint, xs_any bigint"] {
        let converted = convert(OPEN_ENDED.as_bytes(), &[("schema", schema), ("wildcardColName", "xs_any")], ALONE).unwrap();
        assert_eq!(texts(&converted, 1), ["1", "2", "3", "4", "null", "6"], "{schema}");
        assert_eq!(converted.totals.counts.written, 6);
    }
    let inferred = convert(OPEN_ENDED.as_bytes(), &[], ALONE).unwrap();
    assert!(inferred.schema.contains(&"xs_any string".to_owned()) && inferred.schema.contains(&"_VALUE string".to_owned()));
}

#[test]
fn beside_a_wildcard_only_attributes_and_text_become_new_columns() {
    let options = [("schema", "a bigint, xs_any array<string>"), ("schemaEvolutionMode", "addNewColumns")];
    let converted = convert(OPEN_ENDED.as_bytes(), &options, ALONE).unwrap();
    assert_eq!(converted.schema, ["a bigint", "xs_any array<string>", "_VALUE string", "_id bigint"]);
    assert_eq!(converted.totals.counts.written, 6);
}

#[test]
fn decimals_are_preferred_where_that_is_asked() {
    let row = |price: &str, whole: &str, wild: &str| {
        format!("<row><price>{price}</price><n>{whole}</n><w>{wild}</w><l>1</l><l>{price}</l></row>")
    };
    let late = "<row><price>123456.125</price><n>0.5</n><w>2</w></row>";
    let text = format!("<rows>{}{}</rows>", row("1.50", "7", "1e300").repeat(20_000), late);
    let options = [("prefersDecimal", "true")];
    let converted = convert(text.as_bytes(), &options, ALONE).unwrap();
    assert_eq!(converted.schema, ["price decimal(9,3)", "n decimal(2,1)", "w double", "l array<decimal(3,2)>"]);
    assert_eq!(convert(text.as_bytes(), &[], ALONE).unwrap().schema, ["price double", "n double", "w double", "l array<double>"]);
}
