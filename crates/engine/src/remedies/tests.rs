use colonnade_protocol::message::{ColumnOverride, Overrides};

use super::*;
use crate::job::Job;
use crate::settings::Settings;
use crate::table::Table;
use crate::union;
use crate::unit::{self, Unit};

/// Titles and changes of the remedies for a text that is read with these options.
fn offered(text: &str, options: &[(&str, &str)]) -> Vec<(Cause, String, Change)> {
    let options = options.iter().map(|(id, value)| ((*id).to_owned(), (*value).to_owned())).collect();
    offered_with(text, &Overrides { options, columns: Vec::new() })
}

fn offered_with(text: &str, overrides: &Overrides) -> Vec<(Cause, String, Change)> {
    let source = text.as_bytes();
    let table = Table::open(source, "t.csv", overrides).unwrap();
    let mut job: Job<()> = Job::new(table.read_plan(), None, false, table.extent.clone());
    while let Some(task) = job.next_task(1) {
        let mut unit = Unit::new(task, source).unwrap();
        while !unit.is_done() {
            unit.advance(source).unwrap();
        }
        job.report(unit.finish().unwrap().0, None).unwrap();
    }
    let read = &job.parts()[0].read;
    let file = Tried { source, file: None, read, data_start: table.detection.data_start.byte };
    let found = remedies(&[file], &read.columns, job.totals().rejects.groups()).unwrap();
    found.into_iter().map(|remedy| (remedy.cause, remedy.fix.title, remedy.fix.change)).collect()
}

fn option(id: &str, value: &str) -> Change {
    Change::Option { id: id.to_owned(), value: Some(value.to_owned()) }
}

fn column_type(column: &str, data_type: &str, pattern: Option<&str>) -> Change {
    Change::ColumnType { column: column.to_owned(), data_type: Some(data_type.to_owned()), pattern: pattern.map(str::to_owned) }
}

/// A column of values that a person has given a type and a pattern.
fn typed(values: &[&str], data_type: &str, pattern: Option<&str>) -> Vec<(String, Change)> {
    let text = format!("k,v\n{}", values.iter().map(|value| format!("x,{value}\n")).collect::<String>());
    let column = ColumnOverride {
        index: 1,
        source_name: "v".to_owned(),
        data_type: Some(data_type.to_owned()),
        pattern: pattern.map(str::to_owned),
        name: None,
    };
    let overrides = Overrides { options: vec![("header".to_owned(), "true".to_owned())], columns: vec![column] };
    offered_with(&text, &overrides).into_iter().map(|(_, title, change)| (title, change)).collect()
}

#[test]
fn words_for_null_are_read_as_null_beside_those_that_are() {
    let text = "k,a,b\nx,1,N/A\nx,-,2\nx,N/A,3\nx,?,4\n";
    let offered = offered(text, &[("schema", "k string, a int, b int"), ("nullValue", "?")]);
    assert_eq!(offered.len(), 1, "{offered:?}");
    assert_eq!((offered[0].1.as_str(), &offered[0].2), ("Read -, N/A as null", &option("nullValue", r#"["?","-","N/A"]"#)));
}

#[test]
fn a_type_that_holds_all_values_is_offered() {
    assert_eq!(typed(&["1", "300", "70000"], "tinyint", None), [("Widen v to bigint".to_owned(), column_type("v", "bigint", None))]);
    assert_eq!(typed(&["1", "0.5", "7"], "int", None), [("Widen v to double".to_owned(), column_type("v", "double", None))]);
    assert_eq!(
        typed(&["1.00", "2.125"], "decimal(5,2)", None),
        [("Widen v to decimal(6,3)".to_owned(), column_type("v", "decimal(6,3)", None))]
    );
    assert_eq!(typed(&["1", "AB-77"], "int", None), [("Read v as text".to_owned(), column_type("v", "string", None))]);
}

#[test]
fn words_for_null_do_not_keep_a_column_from_a_wider_type() {
    let titles: Vec<_> = typed(&["1", "N/A", "0.5"], "int", None).into_iter().map(|(title, _)| title).collect();
    assert_eq!(titles, ["Read N/A as null", "Widen v to double"]);
}

#[test]
fn dates_are_read_in_the_order_that_they_have() {
    let offered = typed(&["13/01/2024", "14/01/2024", "25/12/2024", "01/02/2024"], "date", Some("MM/dd/yyyy"));
    assert_eq!(offered.len(), 1, "{offered:?}");
    assert_eq!(offered[0], ("Read v as date (dd/MM/yyyy, day first)".to_owned(), column_type("v", "date", Some("dd/MM/yyyy"))));
}

#[test]
fn an_order_that_fits_fewer_values_is_not_offered() {
    let offered = typed(&["01/13/2024", "02/14/2024", "12/25/2024", "25/12/2024"], "date", Some("MM/dd/yyyy"));
    assert_eq!(offered.iter().map(|(title, _)| title.as_str()).collect::<Vec<_>>(), ["Read v as text"]);
}

#[test]
fn a_quote_that_sets_right_every_record_is_offered() {
    let text = "a,b\n1,x\n".to_owned() + &"2,y\n".repeat(50_000) + "3,'p,q'\n4,'r,s'\n";
    let offered = offered(&text, &[("quote", "\"")]);
    assert_eq!(offered[0].0, Cause::TooManyFields);
    assert_eq!(offered[0].2, option("quote", "'"), "{}", offered[0].1);
}

#[test]
fn a_change_that_would_read_the_first_rows_in_another_way_is_not_offered() {
    // Without quotes the last record has two fields, and the first are read with their quotes.
    let text = "a,b\n".to_owned() + &"\"p\",\"q\"\n".repeat(50_000) + "3,\"open\n";
    assert_eq!(offered(&text, &[]), []);
    let unquoted = "a,b\n".to_owned() + &"p,q\n".repeat(50_000) + "3,\"open\n";
    assert_eq!(offered(&unquoted, &[("quote", "\"")])[0].2, option("quote", ""));
}

#[test]
fn comments_far_below_are_skipped() {
    let text = "a,b\n".to_owned() + &"1,2\n".repeat(50_000) + "# one\n# another\n3,4\n";
    assert_eq!(offered(&text, &[])[0].2, option("comment", "#"));
}

#[test]
fn records_with_nothing_in_common_get_no_remedy() {
    let text = "a,b,c\n".to_owned() + &"1,2,3\n".repeat(50_000) + "1,2\nx\n";
    assert_eq!(offered(&text, &[]), []);
}

#[test]
fn the_bound_of_a_record_can_be_raised() {
    let text = format!("a,b\n1,2\n3,{}\n", "x".repeat(3000));
    let offered = offered(&text, &[("maxRecordBytes", "1000")]);
    assert_eq!((offered[0].0, &offered[0].2), (Cause::RecordTooLong, &option("maxRecordBytes", "8000")));
}

#[test]
fn a_value_of_a_reject_that_is_cut_off_is_not_guessed() {
    let long = format!("{},7", "x".repeat(5000));
    let text = format!("k,v\n{long}\n{},z\n", "y".repeat(5000));
    let offered = offered(&text, &[("schema", "k string, v int"), ("header", "true")]);
    assert_eq!(offered, []);
}

/// Changes of the remedies for files that are one table.
fn offered_of_files(texts: &[&str]) -> Vec<Change> {
    let names: Vec<String> = (0..texts.len()).map(|k| format!("{k}.csv")).collect();
    let opened = texts.iter().zip(&names).map(|(text, name)| Table::open(text.as_bytes(), name, &Overrides::default()).unwrap());
    let tables: Vec<Table> = opened.collect();
    let reads: Vec<ReadPlan> = tables.iter().map(Table::read_plan).collect();
    let of = |k: usize| union::Member { path: &names[k], read: &reads[k], extent: &tables[k].extent };
    let members: Vec<_> = (0..texts.len()).map(of).collect();
    let settings = Settings::new(&union::options(), std::iter::empty()).unwrap();
    let united = union::unite(&members, &settings, &[]).unwrap();
    let mut job: Job<()> = Job::of_parts(united.parts, united.columns, None, false);
    while let Some(task) = job.next_task(1) {
        let ran = unit::run(task, |part| Some(texts[part as usize].as_bytes()));
        job.report(ran.map_err(|failed| failed.error).unwrap().0, None).unwrap();
    }
    let mut files = Vec::new();
    for (part, text) in job.parts().iter().zip(texts) {
        let (file, data_start) = (part.file.as_deref(), part.extent.start.byte);
        files.push(Tried { source: text.as_bytes(), file, read: &part.read, data_start });
    }
    let found = remedies(&files, job.columns(), job.totals().rejects.groups()).unwrap();
    found.into_iter().map(|remedy| remedy.fix.change).collect()
}

#[test]
fn of_several_files_an_option_is_offered_that_rights_each_and_changes_none() {
    let with_comment = "a,b\n".to_owned() + &"1,2\n".repeat(50_000) + "# one\n# another\n3,4\n";
    let (plain, marked) = ("a,b\n5,6\n7,8\n", "a,b\n#5,6\n#7,8\n");
    assert_eq!(offered_of_files(&[&with_comment, plain]), [option("comment", "#")]);
    assert_eq!(offered_of_files(&[plain, &with_comment]), [option("comment", "#")]);
    assert_eq!(offered_of_files(&[marked, &with_comment]), []);
}
