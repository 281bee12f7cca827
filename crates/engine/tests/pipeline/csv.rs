use colonnade_engine::job::Job;
use colonnade_engine::table::Table;
use colonnade_engine::union::Part;
use colonnade_engine::unit;
use colonnade_engine::view::{self, Window};
use colonnade_protocol::message::{Cell, Overrides};
use colonnade_protocol::{Cause, ErrorKind, LogicalType, Origin, Outcome};

use crate::driver::{Run, assert_same, convert, rows};

const ALONE: Run = Run { unit_bytes: u64::MAX, workers: 1 };

fn runs() -> impl Iterator<Item = Run> {
    [300, 1000, 7777].into_iter().flat_map(|unit_bytes| [1, 2, 5].map(|workers| Run { unit_bytes, workers }))
}

/// Lines with everything that makes splitting hard: quoted line breaks, doubled quotes, blank lines.
fn awkward(count: usize) -> String {
    let mut text = "id,note,amount\n".to_owned();
    for i in 0..count {
        let note = match i % 7 {
            0 => format!("\"said \"\"{i}\"\"\nand left\""),
            1 => "\"a,b\"".to_owned(),
            2 => String::new(),
            3 => "\"\n\n\n\"".to_owned(),
            _ => format!("plain {i}"),
        };
        text += &format!("{i},{note},{}.5{}", i * 3, if i % 11 == 0 { "\n\n" } else { "\n" });
    }
    text
}

#[test]
fn units_of_any_size_in_any_order_give_the_rows_of_one() {
    let text = awkward(400);
    let expected = convert(text.as_bytes(), &[], ALONE).unwrap();
    assert_eq!(expected.totals.counts.written, 400);
    for run in runs() {
        assert_same(&convert(text.as_bytes(), &[], run).unwrap(), &expected, run);
    }
}

#[test]
fn one_worker_or_many_give_the_same_bytes() {
    let text = awkward(400);
    let one = convert(text.as_bytes(), &[], Run { unit_bytes: 1500, workers: 1 }).unwrap();
    for workers in [2, 3, 8] {
        assert!(convert(text.as_bytes(), &[], Run { unit_bytes: 1500, workers }).unwrap().file == one.file, "{workers} workers");
    }
}

#[test]
fn a_late_value_of_another_type_widens_and_loses_nothing() {
    let mut text = "id,v\n".to_owned();
    // Far beyond the sample's reach: the odd value stands between two slices.
    for i in 0..400_000 {
        text += &format!("{i},{}\n", if i == 199_000 { "AB-77".to_owned() } else { format!("{}", i * 7) });
    }
    for run in [ALONE, Run { unit_bytes: 1 << 20, workers: 3 }] {
        let converted = convert(text.as_bytes(), &[], run).unwrap();
        assert_eq!(converted.schema, ["id bigint", "v string"]);
        assert_eq!(converted.widened, ["v to string"]);
        let v = &converted.columns[1];
        let Origin::Detected { evidence, .. } = &v.origin else { panic!("{:?}", v.origin) };
        assert_eq!(evidence, "values beyond the sample need string: \"AB-77\" at line 199002 is the first");
        let odd = &v.evidence.candidates[0].misfits[0];
        assert_eq!((&*odd.text, odd.place.line), ("AB-77", 199_002));
        assert!(text[odd.place.byte as usize..].starts_with("199000,AB-77\n"));
        let rows = rows(&converted.file);
        assert_eq!(rows.len(), 400_000);
        assert_eq!(rows[199_000][1].as_deref(), Some("AB-77"));
        assert_eq!(rows[1][1].as_deref(), Some("7"));
    }
}

#[test]
fn rejects_have_their_place_in_the_file_wherever_units_begin() {
    let mut text = "a,b,c\n".to_owned();
    for i in 0..300 {
        text += match i {
            100 => "1,2\n",
            200 => "1,2,3,4\n",
            250 => "...\n",
            260 => "5,\"oops\n",
            _ => "1,\"x\ny\",3\n",
        };
    }
    let expected = convert(text.as_bytes(), &[], ALONE).unwrap();
    let places: Vec<_> = expected.rejects.iter().map(|reject| (reject.cause, reject.outcome, reject.place.line)).collect();
    assert_eq!(
        places,
        [
            (Cause::TooFewFields, Outcome::Repaired, 202),
            (Cause::TooManyFields, Outcome::Repaired, 401),
            (Cause::NotARow, Outcome::Rejected, 500),
            (Cause::UnclosedQuote, Outcome::Repaired, 519),
        ]
    );
    for reject in &expected.rejects {
        assert_eq!(&text[reject.place.byte as usize..][..reject.raw.len()], reject.raw);
    }
    let counts = expected.totals.counts;
    assert_eq!((counts.read, counts.written, counts.rejected, counts.repaired), (300, 299, 1, 3));
    for run in runs() {
        assert_same(&convert(text.as_bytes(), &[], run).unwrap(), &expected, run);
    }
}

#[test]
fn the_list_of_all_rejects_has_whole_records_and_reports_say_what_they_cut() {
    let long = format!("2,{},q", "y".repeat(200_000));
    let text = format!("a,b\n1,x\n{long}\n3,z\n");
    let overrides = Overrides { options: vec![("mode".to_owned(), "DROPMALFORMED".to_owned())], columns: Vec::new() };
    let source = text.as_bytes();
    let table = Table::open(source, "test.csv", &overrides).unwrap();
    let mut job: Job<()> =
        Job::listing_rejects(vec![Part::whole(table.read_plan(), table.extent.clone())], table.detection.columns.clone());
    let (report, _) = unit::run(job.next_task(1).unwrap(), |_| Some(source)).unwrap();
    let listed = &report.all_rejects[0];
    assert!(listed.raw == long, "{} bytes", listed.raw.len());
    let shown = &report.rejects.groups()[0].first[0];
    let cut = format!("{}; the first 1000 of 200004 bytes are shown", listed.reason);
    assert_eq!((shown.raw.len(), &shown.reason), (1000, &cut));
}

#[test]
fn a_line_beyond_the_bound_is_one_reject_however_many_units_it_spans() {
    let text = format!("id,text\n1,short\n2,{}\n3,end\n", "x".repeat(12 << 20));
    let options = [("maxRecordBytes", "1000000")];
    let expected = convert(text.as_bytes(), &options, ALONE).unwrap();
    let counts = expected.totals.counts;
    assert_eq!((counts.read, counts.written, counts.rejected), (3, 2, 1));
    for workers in [1, 2, 5] {
        let run = Run { unit_bytes: 2 << 20, workers };
        assert_same(&convert(text.as_bytes(), &options, run).unwrap(), &expected, run);
    }
}

#[test]
fn each_parse_mode_does_with_a_misfit_what_spark_does() {
    let text = "id,v\n1,10\n2,x\n3,30\n";
    let schema = ("schema", "id bigint, v bigint");
    let permissive = convert(text.as_bytes(), &[schema], ALONE).unwrap();
    assert_eq!(rows(&permissive.file)[1], [Some("2".to_owned()), None]);
    assert_eq!((permissive.totals.counts.repaired, permissive.totals.counts.nulled_cells), (1, 1));
    let dropped = convert(text.as_bytes(), &[schema, ("mode", "dropmalformed")], ALONE).unwrap();
    assert_eq!(rows(&dropped.file).len(), 2);
    assert_eq!((dropped.totals.counts.read, dropped.totals.counts.rejected), (3, 1));
    for run in [ALONE, Run { unit_bytes: 6, workers: 4 }] {
        let error = convert(text.as_bytes(), &[schema, ("mode", "FAILFAST")], run).err().unwrap();
        assert_eq!((error.kind, error.place.unwrap().line, error.place.unwrap().byte), (ErrorKind::Malformed, 3, 10));
    }
}

#[test]
fn the_corrupt_record_column_keeps_what_is_no_row() {
    let text = "id,name,age\n01,ABCD,28\n02,XYZ,39\n...\n...\n";
    let told_nothing = convert(text.as_bytes(), &[], ALONE).unwrap();
    assert_eq!((told_nothing.totals.counts.written, told_nothing.totals.counts.rejected), (2, 2));
    let kept = convert(text.as_bytes(), &[("columnNameOfCorruptRecord", "_corrupt_record")], ALONE).unwrap();
    let last = rows(&kept.file).pop().unwrap();
    assert_eq!(last.last().unwrap().as_deref(), Some("..."));
    let error = convert(text.as_bytes(), &[("mode", "FAILFAST")], ALONE).err().unwrap();
    assert_eq!(error.place.unwrap().line, 4);
}

#[test]
fn utf_16_is_split_and_placed_in_its_own_bytes() {
    let mut text = "id;ort\n".to_owned();
    for i in 0..300 {
        text += &format!("{i};Zürich 東京 🚲 \"{i}\"\n");
    }
    text += "7\n";
    let expected: Vec<u8> = std::iter::once(0xFEFF).chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    let whole = convert(&expected, &[("sep", ";")], ALONE).unwrap();
    assert_eq!(rows(&whole.file)[299][1].as_deref(), Some("Zürich 東京 🚲 \"299\""));
    assert_eq!(whole.rejects.len(), 1);
    assert_eq!(whole.rejects[0].place.line, 302);
    assert_eq!(whole.rejects[0].place.byte, expected.len() as u64 - 4);
    for run in runs() {
        assert_same(&convert(&expected, &[("sep", ";")], run).unwrap(), &whole, run);
    }
}

/// Text whose second bytes look like separators (Shift_JIS `ソ` is 0x83 0x5C, `ポ` 0x83 0x7C; in ISO-2022 all are ASCII).
fn encoded(label: &str, sep: &str, word: &str) -> Vec<u8> {
    let mut text = format!("id{sep}{word}{sep}v\n");
    for i in 0..500 {
        let name = if i % 9 == 0 { format!("\"{word}{sep}\n\n{i}\"") } else { format!("{word} {i}") };
        text += &format!("{i}{sep}{name}{sep}{}.5\n", i * 3);
    }
    text += &format!("500{sep}{word}\n");
    let (bytes, _, unmappable) = encoding_rs::Encoding::for_label(label.as_bytes()).unwrap().encode(&text);
    assert!(!unmappable);
    bytes.into_owned()
}

#[test]
fn text_whose_records_cannot_be_found_from_the_middle_is_read_in_order_in_units() {
    let cases = [
        ("shift_jis", ";", "表"),
        ("shift_jis", "|", "ポソ表十能"),
        ("gbk", "|", "功许表"),
        ("big5", "|", "功許蓋"),
        ("iso-2022-jp", ";", "ポソ表十能"),
    ];
    for (label, sep, word) in cases {
        let source = encoded(label, sep, word);
        let options = [("encoding", label), ("sep", sep)];
        let whole = convert(&source, &options, ALONE).unwrap();
        assert_eq!(whole.totals.counts.written, 501, "{label}");
        assert_eq!(rows(&whole.file)[18][1].as_deref(), Some(format!("{word}{sep}\n\n18").as_str()), "{label}");
        assert_eq!(whole.rejects.iter().map(|reject| reject.cause).collect::<Vec<_>>(), [Cause::TooFewFields], "{label}");
        for run in runs() {
            let parts = convert(&source, &options, run).unwrap();
            assert_same(&parts, &whole, run);
            assert!(parts.segments > 1, "{label}: {} segments", parts.segments);
        }
    }
}

#[test]
fn any_indexed_row_is_where_the_index_says() {
    let text = awkward(5000);
    let converted = convert(text.as_bytes(), &[], Run { unit_bytes: 40_000, workers: 2 }).unwrap();
    let index = &converted.totals.index;
    assert_eq!(index.rows(), 5000);
    for row in [0, 1, 1023, 1024, 2500, 4999] {
        let (from, _, offset) = index.before(row).unwrap();
        assert!(from <= row);
        assert!(text[offset as usize..].starts_with(&format!("{from},")), "row {row}: indexed row {from}");
    }
}

#[test]
fn a_file_that_is_nothing_but_rejects_is_counted_whole_and_listed_in_part() {
    let mut text = "a,b,c\n".to_owned();
    text += &"1,2,3\n".repeat(9000);
    text += &"4,5\n".repeat(5000);
    let converted = convert(text.as_bytes(), &[("mode", "DROPMALFORMED")], Run { unit_bytes: 3000, workers: 3 }).unwrap();
    assert_eq!((converted.totals.counts.read, converted.totals.counts.rejected), (14_000, 5000));
    assert_eq!((converted.totals.rejects.groups()[0].count, converted.rejects.len()), (5000, 1000));
    assert_eq!(converted.rejects[999].place.line, 10_001);
}

#[test]
fn the_raw_record_of_a_misfit_ends_with_the_record() {
    let text = format!("n,t\n{}x,last\n\n\n{}", "1,a\n".repeat(300), "2,b\n".repeat(300));
    let options = [("schema", "n BIGINT, t STRING, bad STRING"), ("columnNameOfCorruptRecord", "bad")];
    for run in runs().chain([ALONE]) {
        let converted = convert(text.as_bytes(), &options, run).unwrap();
        assert_eq!(converted.rejects.iter().map(|reject| reject.raw.as_str()).collect::<Vec<_>>(), ["x,last"]);
        assert!(rows(&converted.file)[300].ends_with(&[Some("x,last".to_owned())]), "{:?}", rows(&converted.file)[300]);
    }
}

#[test]
fn a_short_row_that_is_dropped_says_nothing_of_types() {
    let text = "id,amount,note\n1,10,x\n2,20,y\nTotal,ten\n3,30,z\n4,40,z\n";
    let dropped = convert(text.as_bytes(), &[("mode", "DROPMALFORMED")], ALONE).unwrap();
    assert_eq!(dropped.schema, ["id bigint", "amount bigint", "note string"]);
    assert_eq!((dropped.totals.counts.written, dropped.totals.counts.rejected), (4, 1));
    let kept = convert(text.as_bytes(), &[], ALONE).unwrap();
    assert_eq!(kept.schema, ["id string", "amount string", "note string"]);
}

#[test]
fn comments_and_line_ends_of_ones_own_are_no_part_of_a_misfit() {
    let schema = ("schema", "n BIGINT, t STRING");
    let commented = convert(b"n,t\n1,a\nx,b\n# a note\n# another\n2,c\n", &[schema, ("comment", "#")], ALONE).unwrap();
    assert_eq!(commented.rejects.iter().map(|reject| reject.raw.as_str()).collect::<Vec<_>>(), ["x,b"]);
    let ended = convert(b"n,t;1,a;x,b;2,c;", &[schema, ("lineSep", ";"), ("sep", ",")], ALONE).unwrap();
    assert_eq!(ended.rejects.iter().map(|reject| reject.raw.as_str()).collect::<Vec<_>>(), ["x,b"]);
}

#[test]
fn a_separator_beyond_ascii_is_found_in_every_encoding() {
    let text = "id§name\n1§Zürich\n2§Genf\n";
    for label in ["windows-1252", "utf-8", "iso-8859-15", "utf-16le"] {
        let bytes = match label {
            "utf-16le" => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
            label => encoding_rs::Encoding::for_label(label.as_bytes()).unwrap().encode(text).0.into_owned(),
        };
        let converted = convert(&bytes, &[("sep", "§"), ("encoding", label), ("header", "true")], ALONE).unwrap();
        assert_eq!(
            rows(&converted.file),
            [[Some("1".to_owned()), Some("Zürich".to_owned())], [Some("2".to_owned()), Some("Genf".to_owned())]]
        );
    }
    let refused = convert(b"a;b\n", &[("sep", "→"), ("encoding", "windows-1252")], ALONE).err().unwrap();
    assert_eq!(refused.kind, ErrorKind::Usage);
}

#[test]
fn rows_behind_a_line_beyond_the_bound_are_shown_where_they_are() {
    let mut text = "id,v\n".to_owned();
    (0..2000).for_each(|i| text += &format!("{i},7\n"));
    text += &"x".repeat(300_000);
    text += "\n";
    (2000..3000).for_each(|i| text += &format!("{i},{}\n", if i == 2500 { "0.5" } else { "7" }));
    let options = vec![("maxRecordBytes".to_owned(), "1000".to_owned())];
    let table = Table::open(text.as_bytes(), "t.csv", &Overrides { options, columns: Vec::new() }).unwrap();
    let offset = table.detection.data_start.byte;
    for first in [0, 1999, 2000, 2490, 2990] {
        let window = Window { from_row: 0, offset, first, count: 10, from_column: 0, to_column: 1 };
        let shown = view::rows(text.as_bytes(), &table.read_plan(), window).unwrap();
        let ids: Vec<_> = shown.rows.iter().map(|row| row[0].clone()).collect();
        let expected: Vec<_> = (first..first + 10).map(|id| Cell::Text(id.to_string())).collect();
        assert_eq!(ids, expected);
    }
}

#[test]
fn a_column_of_nan_alone_is_written() {
    let converted = convert(b"x\nNaN\nNaN\n", &[("schema", "x DOUBLE")], ALONE).unwrap();
    assert_eq!(rows(&converted.file).len(), 2);
}

#[test]
fn a_table_that_ends_before_its_rows_has_none() {
    let converted = convert(b"a,b\n1,2\n3,4\n", &[("tableEnd", "1")], ALONE).unwrap();
    assert_eq!(converted.totals.counts.written, 0);
}

#[test]
fn a_footer_that_is_dropped_widens_nothing() {
    let mut text = "id,amount,note\n".to_owned();
    // Far beyond the sample's reach: between two slices.
    text += &"1,10,x\n".repeat(90_000);
    text += "Total,ten\n";
    text += &"2,20,y\n".repeat(110_000);
    let converted = convert(text.as_bytes(), &[("mode", "DROPMALFORMED")], Run { unit_bytes: 1 << 20, workers: 2 }).unwrap();
    assert_eq!(converted.schema, ["id bigint", "amount bigint", "note string"]);
    assert_eq!((converted.totals.counts.written, converted.totals.counts.rejected), (200_000, 1));
}

#[test]
fn a_line_of_all_separators_is_a_row_of_nulls_wherever_it_stands() {
    let cases = [
        ("a,b,c\n,,\n1,2,3\n4,5,6\n", 0, 3),
        ("a,b,c\n1,2,3\n,,\n4,5,6\n", 1, 3),
        ("a,b,c\n1,2,3\n4,5,6\n,,\n", 2, 3),
        ("a\tb\n\t\n\t\n1\t2\n3\t4\n5\t6\n", 0, 5),
        ("a,b\n,\n,\n", 0, 2),
    ];
    for (text, null, count) in cases {
        let converted = convert(text.as_bytes(), &[], ALONE).unwrap();
        let rows = rows(&converted.file);
        assert_eq!(rows.len(), count, "{text:?}");
        assert!(rows[null].iter().all(Option::is_none), "{text:?}");
        assert_eq!(converted.totals.counts.rejected, 0, "{text:?}");
        assert!(converted.schema.iter().all(|column| count == 2 || column.ends_with("int")), "{:?}", converted.schema);
    }
}

#[test]
fn what_a_spreadsheet_fills_its_sheet_with_is_rejected_with_its_place() {
    let text = format!("a\tb\n1\t2\n3\t4\n5\t6\n{}", "\t\n".repeat(20));
    let converted = convert(text.as_bytes(), &[], ALONE).unwrap();
    assert_eq!((converted.totals.counts.written, converted.totals.counts.rejected), (3, 20));
    assert_eq!(converted.rejects[0].place.line, 5);
}

#[test]
fn slices_of_utf_16_that_begin_within_quotes_say_nothing_wrong_of_types() {
    for seed in 1..6_u32 {
        let mut state = seed;
        let mut text = "id,txt,v\n".to_owned();
        for i in 0..9_000 {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            match state >> 30 {
                0 => text += &format!("{i},\"multi\nline {i}\n\nx 漢字 🚲\",{i}.25\n"),
                1 => text += &format!("{i},\"{i},{i},{i}\n{i},fake,1\nnone,of,these\",{i}.5\n"),
                _ => text += &format!("{i},plain {i},{i}.75\n"),
            }
        }
        for big in [false, true] {
            let bytes: Vec<u8> = text.encode_utf16().flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect();
            let table = Table::open(bytes.as_slice(), "t.csv", &Overrides { options: Vec::new(), columns: Vec::new() }).unwrap();
            let types: Vec<_> = table.detection.columns.iter().map(|column| &column.data_type).collect();
            assert_eq!(types, [&LogicalType::Int64, &LogicalType::String, &LogicalType::Double], "seed {seed}");
            if seed == 1 {
                let converted = convert(&bytes, &[], Run { unit_bytes: 1 << 20, workers: 2 }).unwrap();
                assert_eq!((converted.totals.counts.written, converted.totals.counts.rejected), (9_000, 0));
            }
        }
    }
}

#[test]
fn a_column_by_itself_is_no_table_of_any_format() {
    let column = |name: &str, value: fn(usize) -> String| (name.to_owned(), (0..300).map(value).collect::<Vec<_>>());
    let columns = [
        column("created", |i| format!("2024-01-{:02} 03:{:02}:05", 1 + i % 28, i % 60)),
        column("fullname", |i| format!("First{i} Last{i}")),
        column("address", |i| format!("{i} Main Street")),
        column("mac", |i| format!("00:1a:2b:3c:4d:{i:02x}")),
        column("price", |i| format!("{i},50")),
    ];
    for (name, values) in columns {
        for count in [3, 300] {
            let text = format!("{name}\n{}\n", values[..count].join("\n"));
            let table = Table::open(text.as_bytes(), "t.csv", &Overrides { options: Vec::new(), columns: Vec::new() }).unwrap();
            let names: Vec<_> = table.detection.columns.iter().map(|column| column.name.as_str()).collect();
            assert_eq!((table.format.id(), names), ("csv", vec![name.as_str()]), "{count} rows");
            assert_eq!(convert(text.as_bytes(), &[], ALONE).unwrap().totals.counts.written, count as u64, "{name}");
        }
    }
}

#[test]
fn runs_of_nul_bytes_cost_nothing_but_themselves() {
    let rows = |from: usize| (from..from + 3000).map(|i| format!("{i},x{i},{i}.5\n")).collect::<String>().into_bytes();
    let head = b"id,name,v\n".to_vec();
    let nul = |count: usize| vec![0_u8; count];
    let cases = [
        ("at the end", [head.clone(), rows(0), nul(4096)].concat(), 3000, 1),
        ("at the end, on a line", [head.clone(), rows(0), nul(4096), b"\n".to_vec()].concat(), 3000, 1),
        ("between rows", [head.clone(), rows(0), nul(5000), b"\n".to_vec(), rows(3000)].concat(), 6000, 1),
        ("before a row", [head.clone(), rows(0), nul(5000), rows(3000)].concat(), 6000, 1),
        ("behind a torn row", [head.clone(), rows(0), b"3000,x3000,3".to_vec(), nul(5000)].concat(), 3000, 1),
        ("in a short file", [head.clone(), b"1,x,2.5\n".to_vec(), nul(5000), b"\n3,z,4.5\n".to_vec()].concat(), 2, 1),
        ("and few", [head, b"1,x,2.5\n".to_vec(), nul(40), b"\n3,z,4.5\n".to_vec()].concat(), 2, 1),
    ];
    for (what, bytes, written, rejected) in cases {
        for run in [ALONE, Run { unit_bytes: 7777, workers: 2 }] {
            let converted = convert(&bytes, &[], run).unwrap();
            let counts = converted.totals.counts;
            assert_eq!((counts.written, counts.rejected), (written, rejected), "{what}");
            assert_eq!(converted.schema, ["id bigint", "name string", "v double"], "{what}");
            assert!(converted.rejects[0].place.line > 1, "{what}");
        }
    }
    let noise: Vec<u8> = (0..4000_u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    assert!(convert(&noise, &[], ALONE).is_err());
    assert!(convert(&noise, &[("encoding", "windows-1252")], ALONE).is_ok());
}
