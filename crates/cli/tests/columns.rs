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
