//! Several files as one table.

use std::rc::Rc;
use std::sync::Arc;

use colonnade_engine::Result;
use colonnade_engine::job::Job;
use colonnade_engine::output::OutputOptions;
use colonnade_engine::output::segment::Segment;
use colonnade_engine::plan::WritePlan;
use colonnade_engine::settings::Settings;
use colonnade_engine::source::{SharedSource, Source};
use colonnade_engine::table::Table;
use colonnade_engine::union::{self, Member, United};
use colonnade_protocol::message::Overrides;
use colonnade_protocol::{Cause, ErrorInfo, ErrorKind, Origin};

use crate::driver::{Converted, Run, assert_same, finish, rows};

const WHOLE: Run = Run { unit_bytes: 1 << 20, workers: 1 };

type File<'a> = (&'a str, &'a [u8]);

fn united(files: &[File<'_>], given: &[(&str, &str)]) -> (United, WritePlan) {
    let overrides = Overrides { options: given.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect(), columns: Vec::new() };
    let tables: Vec<Table> = files.iter().map(|(path, bytes)| Table::open(*bytes, path, &overrides).unwrap()).collect();
    let plans: Vec<_> = tables.iter().map(Table::read_plan).collect();
    let member = |((table, read), (path, _)): ((&Table, _), &File<'_>)| (path.to_string(), read, table.extent.clone());
    let members: Vec<_> = tables.iter().zip(&plans).zip(files).map(member).collect();
    let members: Vec<_> = members.iter().map(|(path, read, extent)| Member { path, read, extent }).collect();
    let known = union::options();
    let of_union = given.iter().copied().filter(|(name, _)| known.iter().any(|option| option.is_named(name)));
    let united = union::unite(&members, &Settings::new(&known, of_union).unwrap(), &[]).unwrap();
    let choices: Vec<_> =
        tables.iter().zip(files).map(|(table, (_, bytes))| table.write_plan(*bytes, OutputOptions::default()).unwrap().choices).collect();
    let choices: Vec<_> = choices.iter().map(Vec::as_slice).collect();
    let write = WritePlan { options: OutputOptions::default(), choices: union::choices(&united, &choices) };
    (united, write)
}

fn convert(files: &[File<'_>], given: &[(&str, &str)], run: Run) -> Result<Converted> {
    let (united, write) = united(files, given);
    let job: Job<Rc<Segment>> = Job::over(united.parts, united.columns, Some(write), true, run.unit_bytes);
    finish(job, run, |part| Some(files[part as usize].1))
}

fn shown(converted: &Converted) -> Vec<String> {
    rows(&converted.file).iter().map(|row| row.iter().map(|cell| cell.as_deref().unwrap_or("-")).collect::<Vec<_>>().join("|")).collect()
}

#[test]
fn columns_meet_by_name_and_each_file_is_read_in_its_own_way() {
    let files: [File<'_>; 3] = [
        ("in/year=2024/month=01/a.csv", b"id,day,city\n1,2024-01-31,Paris\n2,2024-02-01,Oslo\n3,2024-02-02,Rome\n"),
        ("in/year=2024/month=02/b.csv", b"City;ID;Price\nK\xF6ln;4;1,5\nM\xFCnchen;5;2,5\nZ\xFCrich;6;3,25\n"),
        ("in/year=2025/month=__HIVE_DEFAULT_PARTITION__/c.csv", b"id\tday\n7\t03.04.2025\n8\t30.04.2025\n9\t28.04.2025\n"),
    ];
    let converted = convert(&files, &[], WHOLE).unwrap();
    assert_eq!(
        converted.schema,
        ["id bigint", "day date", "city string", "Price double", "year bigint", "month string", "_source_file string"]
    );
    assert_eq!(
        shown(&converted),
        [
            "1|2024-01-31|Paris|-|2024|01|in/year=2024/month=01/a.csv",
            "2|2024-02-01|Oslo|-|2024|01|in/year=2024/month=01/a.csv",
            "3|2024-02-02|Rome|-|2024|01|in/year=2024/month=01/a.csv",
            "4|-|K\u{f6}ln|1.5|2024|02|in/year=2024/month=02/b.csv",
            "5|-|M\u{fc}nchen|2.5|2024|02|in/year=2024/month=02/b.csv",
            "6|-|Z\u{fc}rich|3.25|2024|02|in/year=2024/month=02/b.csv",
            "7|2025-04-03|-|-|2025|-|in/year=2025/month=__HIVE_DEFAULT_PARTITION__/c.csv",
            "8|2025-04-30|-|-|2025|-|in/year=2025/month=__HIVE_DEFAULT_PARTITION__/c.csv",
            "9|2025-04-28|-|-|2025|-|in/year=2025/month=__HIVE_DEFAULT_PARTITION__/c.csv",
        ]
    );
    assert_eq!(converted.segments, 1, "small files share a row group");
    assert_eq!(converted.totals.parts.iter().map(|counts| counts.written).collect::<Vec<_>>(), [3, 3, 3]);
    let plain = convert(&files, &[("filename", ""), ("hivePartitioning", "false")], WHOLE).unwrap();
    assert_eq!(plain.schema, ["id bigint", "day date", "city string", "Price double"]);
}

/// Files of some hundred rows, each a little different: late values of other types, a column that only some have, broken rows.
fn many() -> Vec<(String, Vec<u8>)> {
    let file = |n: usize| {
        let mut text = if n % 3 == 1 { "n,extra,s\n".to_owned() } else { "n,s\n".to_owned() };
        for row in 0..40 * (n % 5) + 3 {
            let value = if n == 4 && row == 100 { "0.5".to_owned() } else { (n * 1000 + row).to_string() };
            let extra = if n % 3 == 1 { format!("{row},") } else { String::new() };
            text += &match row % 17 {
                16 => format!("{value},{extra}x,y,z\n"),
                _ => format!("{value},{extra}\"line one\nline two, {row}\"\n"),
            };
        }
        (format!("k={}/part-{n}.csv", n % 2), text.into_bytes())
    };
    (0..12).map(file).collect()
}

#[test]
fn the_same_comes_of_any_units_and_workers() {
    let files = many();
    let files: Vec<File<'_>> = files.iter().map(|(path, bytes)| (path.as_str(), bytes.as_slice())).collect();
    let expected = convert(&files, &[("mode", "DROPMALFORMED")], WHOLE).unwrap();
    assert!(expected.totals.counts.rejected > 0);
    for run in [
        Run { unit_bytes: 300, workers: 3 },
        Run { unit_bytes: 1000, workers: 1 },
        Run { unit_bytes: 4000, workers: 2 },
        Run { unit_bytes: 20_000, workers: 5 },
    ] {
        let converted = convert(&files, &[("mode", "DROPMALFORMED")], run).unwrap();
        assert_same(&converted, &expected, run);
        assert_eq!(converted.totals.parts, expected.totals.parts, "{run}");
        let named = |converted: &Converted| converted.rejects.iter().map(|reject| reject.file.clone()).collect::<Vec<_>>();
        assert_eq!(named(&converted), named(&expected), "{run}");
        let again = convert(&files, &[("mode", "DROPMALFORMED")], Run { workers: run.workers + 1, ..run }).unwrap();
        assert_eq!(again.file, converted.file, "{run}");
    }
}

#[test]
fn counts_are_the_sum_of_the_files_and_rejects_name_file_and_line() {
    let files: [File<'_>; 3] =
        [("a.csv", b"n,s\n1,x\n2,y\n3,z\n"), ("b.csv", b"n,s\n4,x\n5,y,too,many\n6,z\n"), ("c.csv", b"n,s\n7,x\n8,y\n9,z\n10\n")];
    let converted = convert(&files, &[("mode", "DROPMALFORMED")], WHOLE).unwrap();
    let counts = converted.totals.counts;
    assert_eq!((counts.read, counts.written, counts.rejected), (10, 8, 2));
    assert_eq!(converted.totals.parts.iter().map(|part| (part.read, part.rejected)).collect::<Vec<_>>(), [(3, 0), (3, 1), (4, 1)]);
    let listed: Vec<_> = converted.rejects.iter().map(|r| (r.cause, r.file.as_deref(), r.place.line)).collect();
    assert_eq!(listed, [(Cause::TooManyFields, Some("b.csv"), 3), (Cause::TooFewFields, Some("c.csv"), 5)]);
    let Err(error) = convert(&files, &[("mode", "FAILFAST")], WHOLE) else { panic!("refused") };
    assert_eq!((error.kind, error.place.map(|place| place.line)), (ErrorKind::Malformed, Some(3)));
    assert!(error.what.starts_with("b.csv: "), "{error}");
}

#[test]
fn a_value_beyond_a_file_s_sample_widens_the_column_of_all() {
    let late = "n,s\n".to_owned() + &"1,x\n".repeat(25_000) + "0.5,x\n" + &"1,x\n".repeat(375_000);
    let files: [File<'_>; 3] = [("a.csv", b"n,s\n1,a\n2,b\n3,c\n"), ("b.csv", late.as_bytes()), ("c.csv", b"n;s\n1,5;a\n2,25;b\n4,5;c\n")];
    for run in [WHOLE, Run { unit_bytes: 200_000, workers: 3 }] {
        let converted = convert(&files, &[], run).unwrap();
        assert_eq!(converted.schema[0], "n double");
        assert_eq!(converted.totals.counts.written, 400_007);
        let rows = shown(&converted);
        assert_eq!((rows[0].as_str(), rows[400_004].as_str()), ("1|a|a.csv", "1.5|a|c.csv"));
    }
    let files = [files[0], files[1]];
    let converted = convert(&files, &[], WHOLE).unwrap();
    assert_eq!((converted.schema[0].as_str(), converted.widened.as_slice()), ("n double", ["n to double".to_owned()].as_slice()));
    let Origin::Detected { evidence, .. } = &converted.columns[0].origin else { panic!("{:?}", converted.columns[0].origin) };
    assert_eq!(evidence, "bigint in some files and double in others: \"0.5\" at line 25002 of b.csv is no bigint");
}

/// A file that was there when it was looked at.
struct Gone;

impl Source for Gone {
    fn len(&self) -> u64 {
        12
    }

    fn read_at(&self, _: u64, _: &mut [u8]) -> Result<usize> {
        Err(ErrorInfo::new(ErrorKind::Source, "it is gone", ""))
    }

    fn share(&self) -> SharedSource {
        Arc::new(Self)
    }
}

#[test]
fn a_file_that_cannot_be_read_costs_its_own_rows_and_is_named() {
    let files: [File<'_>; 3] = [("a.csv", b"n,s\n1,x\n2,y\n"), ("b.csv", b"n,s\n3,x\n4,y\n"), ("c.csv", b"n,s\n5,x\n6,y\n")];
    for unit_bytes in [1, 1000] {
        let run = Run { unit_bytes, workers: 2 };
        let (united, write) = united(&files, &[]);
        let job: Job<Rc<Segment>> = Job::over(united.parts, united.columns, Some(write), true, run.unit_bytes);
        let there: Vec<Vec<u8>> = files.iter().map(|(_, bytes)| bytes.to_vec()).collect();
        let source = |part: u32| Some(if part == 1 { &Gone as &dyn Source } else { &there[part as usize] });
        let converted = finish(job, run, source).unwrap();
        assert_eq!(shown(&converted), ["1|x|a.csv", "2|y|a.csv", "5|x|c.csv", "6|y|c.csv"]);
        assert_eq!(converted.lost, ["b.csv: it is gone"]);
    }
    let (united, write) = united(&files, &[("mode", "FAILFAST")]);
    let job: Job<Rc<Segment>> = Job::over(united.parts, united.columns, Some(write), true, 1000);
    let Err(error) = finish(job, WHOLE, |_| Some(&Gone)) else { panic!("refused") };
    assert_eq!(error.what, "a.csv: it is gone");
}

#[test]
fn records_that_name_their_fields_meet_in_structs() {
    let files: [File<'_>; 2] = [
        ("a.jsonl", b"{\"id\":1,\"p\":{\"x\":1}}\n{\"id\":2,\"p\":{\"x\":2}}\n"),
        ("b.jsonl", b"{\"p\":{\"y\":\"t\"},\"id\":3.5,\"q\":[1]}\n{\"id\":4}\n"),
    ];
    let converted = convert(&files, &[("sourceFile", "")], WHOLE).unwrap();
    assert_eq!(converted.schema, ["id double", "p struct<x:bigint,y:string>", "q array<bigint>"]);
    assert_eq!(shown(&converted).len(), 4);
}

#[test]
fn files_of_one_shape_are_those_of_one_format_with_largely_the_same_columns() {
    let files: [File<'_>; 8] = [
        ("sales-1.csv", b"id,day,sum\n1,2024-01-01,5\n2,2024-01-02,6\n"),
        ("people.csv", b"id,name,born,city\n1,Ada,1815,London\n2,Liu,1900,Xi'an\n"),
        ("sales-2.csv", b"ID;Day;Sum\n3;2024-02-01;7\n4;2024-02-02;8\n"),
        ("sales.jsonl", b"{\"id\":1,\"day\":\"2024-01-01\",\"sum\":3}\n{\"id\":2,\"day\":\"2024-01-01\",\"sum\":3}\n"),
        ("sales-3.csv", b"id,day,sum,note\n5,2024-03-01,9,x\n6,2024-03-02,10,y\n"),
        ("sales-4.csv", b"id,amount\n5,9\n6,10\n"),
        ("year=2023/x.csv", b"born,year\n1,2023\n2,2023\n"),
        ("year=2024/y.csv", b"born\n3\n4\n"),
    ];
    let tables: Vec<Table> = files.iter().map(|(path, bytes)| Table::open(*bytes, path, &Overrides::default()).unwrap()).collect();
    let plans: Vec<_> = tables.iter().map(Table::read_plan).collect();
    let members: Vec<_> =
        tables.iter().zip(&plans).zip(&files).map(|((table, read), (path, _))| Member { path, read, extent: &table.extent }).collect();
    let shapes = union::shapes(&members);
    assert_eq!(
        shapes.iter().map(|shape| shape.members.clone()).collect::<Vec<_>>(),
        [vec![0, 2, 4], vec![1], vec![3], vec![5], vec![6, 7]]
    );
    assert_eq!(shapes[0].why, "all CSV, 3 of 4 columns in every file");
}

#[test]
fn a_column_without_values_in_one_file_has_the_type_of_the_others() {
    let header: File<'_> = ("b.csv", b"id,day,sum\n");
    let nulls: File<'_> = ("c.csv", b"id,day,sum\n7,,\n8,,\n");
    let full: File<'_> = ("a.csv", b"id,day,sum\n1,31.01.2024,5\n2,28.02.2024,6.5\n");
    for files in [[header, nulls, full], [full, header, nulls], [nulls, full, header]] {
        let converted = convert(&files, &[("sourceFile", "")], WHOLE).unwrap();
        assert_eq!(converted.schema, ["id bigint", "day date", "sum double"]);
        let mut rows = shown(&converted);
        rows.sort();
        assert_eq!(rows, ["1|2024-01-31|5", "2|2024-02-28|6.5", "7|-|-", "8|-|-"]);
    }
    // What only shows behind the sample is read as the others' values are.
    let late = format!("id,day,kind,sum\n{}9,27.02.2024,x,1\n", "8,,x,\n".repeat(60_000));
    let converted = convert(&[full, ("late.csv", late.as_bytes())], &[("sourceFile", "")], WHOLE).unwrap();
    assert_eq!(converted.schema, ["id bigint", "day date", "sum double", "kind string"]);
    assert_eq!(shown(&converted).last().unwrap(), "9|2024-02-27|1|x");
    // Where no file has one, it is text.
    let untold = convert(&[header, nulls], &[("sourceFile", "")], WHOLE).unwrap();
    assert_eq!(untold.schema, ["id bigint", "day string", "sum string"]);
}
