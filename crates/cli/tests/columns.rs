//! What is said of single columns.

use std::path::PathBuf;
use std::process::Command;

/// Runs a conversion of `content` with more arguments; the schema of its report, or what it said on failing.
fn convert(test: &str, content: &str, more: &[&str]) -> Result<Vec<String>, String> {
    let folder: PathBuf = std::env::temp_dir().join(format!("colonnade-columns-{}-{test}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let (input, report) = (folder.join("input.csv"), folder.join("report.json"));
    std::fs::write(&input, content).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_colonnade"));
    command.arg("convert").arg(&input).arg("-o").arg(folder.join("output.parquet")).arg("--report").arg(&report).args(more);
    let ran = command.output().unwrap();
    let said: serde_json::Value = serde_json::from_slice(&std::fs::read(&report).unwrap_or_default()).unwrap_or_default();
    std::fs::remove_dir_all(&folder).unwrap();
    if !ran.status.success() {
        return Err(String::from_utf8_lossy(&ran.stderr).into_owned());
    }
    let column = |column: &serde_json::Value| {
        let text = |key: &str| column[key].as_str().unwrap_or("-").to_owned();
        format!("{} {} {}", text("name"), text("data_type"), text("pattern"))
    };
    Ok(said["inputs"][0]["schema"].as_array().unwrap().iter().map(column).collect())
}

#[test]
fn a_column_has_the_type_pattern_and_name_that_are_said() {
    let content = "day,day,price\n01.02.2024,7,1\n03.02.2024,8,2\n";
    let more = ["--type", "#1=date", "--pattern", "#1=dd.MM.yyyy", "--type", "price=decimal(9,2)", "--rename", "#2=number"];
    let schema = convert("said", content, &more).unwrap();
    assert_eq!(schema, ["day0 date dd.MM.yyyy", "number bigint -", "price decimal(9,2) -"]);
}

#[test]
fn a_column_that_is_not_there_is_refused_with_those_that_are() {
    let error = convert("absent", "a,b\n1,2\n", &["--type", "c=string"]).unwrap_err();
    assert!(error.contains("no column \"c\"") && error.contains("a, b"), "{error}");
}

#[test]
fn a_pattern_by_itself_gives_the_type_it_is_a_pattern_of() {
    let content = "id,day,sum\n1,01/02/2024,\"1.234\"\n2,02/03/2024,\"5.678\"\n";
    let schema = convert("pattern", content, &["--pattern", "day=dd/MM/yyyy", "--pattern", "sum=#.##0"]).unwrap();
    assert_eq!(schema, ["id bigint -", "day date dd/MM/yyyy", "sum bigint #.##0"]);
    let error = convert("no-type", content, &["--pattern", "day=dd/MM"]).unwrap_err();
    assert!(error.contains("does not tell its type") && error.contains("--type day="), "{error}");
}

#[test]
fn a_date_pattern_that_fits_nothing_is_said() {
    let folder: PathBuf = std::env::temp_dir().join(format!("colonnade-columns-{}-unfitting", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let inspect = |content: &str| {
        std::fs::write(folder.join("input.csv"), content).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_colonnade"));
        command.arg("inspect").arg(folder.join("input.csv")).args(["--set", "dateFormat=dd.MM.yyyy"]);
        String::from_utf8(command.output().unwrap().stdout).unwrap()
    };
    let (iso, german) =
        (inspect("id,day\n1,2024-02-01\n2,2024-02-02\n"), inspect("id,day,other\n1,01.02.2024,x\n2,02.02.2024,2024-01-01\n"));
    std::fs::remove_dir_all(&folder).unwrap();
    assert!(iso.contains("dateFormat=dd.MM.yyyy fits no value of the sample"), "{iso}");
    assert!(!german.contains("fits no value"), "{german}");
}

#[test]
fn the_schema_decides_whether_there_is_a_corrupt_record_column() {
    let content = "id,name,n\n1,Ada,7\n2,Liu,many\n3,Eve,9\n";
    let named = ["--set", "columnNameOfCorruptRecord=bad"];
    let with = |name: &str| format!("id bigint, name string, n int, {name} string");
    let four = |name: &str| vec!["id bigint -".to_owned(), "name string -".to_owned(), "n int -".to_owned(), format!("{name} string -")];
    let schema = |test: &str, schema: &str, more: &[&str]| convert(test, content, &[&["--schema", schema], more].concat());
    assert_eq!(schema("by-schema", &with("_corrupt_record"), &[]), Ok(four("_corrupt_record")));
    assert_eq!(schema("named", &with("bad"), &named), Ok(four("bad")));
    assert_eq!(schema("without", "id bigint, name string, n int", &named).unwrap().len(), 3);
    assert!(schema("other", &with("more"), &[]).unwrap_err().contains("the schema has 4 columns and the source 3"));
    let error = schema("first", "bad string, id bigint, name string, n int", &named).unwrap_err();
    assert!(error.contains("End the schema with bad string."), "{error}");
    // A column of that name in the source is a column like others.
    let of_source = convert("source", "id,_corrupt_record\n1,x\n", &["--schema", "id int, _corrupt_record string"]).unwrap();
    assert_eq!(of_source, ["id int -", "_corrupt_record string -"]);
}
