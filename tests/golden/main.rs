//! Golden cases: `tests/golden/<case>/{input.*, options, expected.json}`.
//!
//! `options` holds one command-line argument a line for `colonnade convert`; it may be absent. `expected.json` is what must
//! come of it: schema, counts, rows and rejects, or the error. `COLONNADE_GOLDEN=write` writes it anew: read the diff.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use arrow_array::{Array, RecordBatch};
use colonnade_engine::column::display;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use serde_json::{Value, json};

#[test]
fn every_case_gives_what_is_expected() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/golden");
    let mut cases: Vec<PathBuf> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()).collect();
    cases.sort();
    assert!(!cases.is_empty());
    let write = std::env::var_os("COLONNADE_GOLDEN").is_some_and(|value| value == "write");
    let mut failed = Vec::new();
    for case in &cases {
        let found = format!("{:#}\n", run(case));
        let expected = case.join("expected.json");
        if write {
            fs::write(&expected, &found).unwrap();
        } else if fs::read_to_string(&expected).unwrap_or_default() != found {
            failed.push(format!("{}:\n{found}", case.display()));
        }
    }
    println!("golden cases: {} of {} as expected", cases.len() - failed.len(), cases.len());
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

fn run(case: &Path) -> Value {
    let input = fs::read_dir(case)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .find(|path| path.file_stem().is_some_and(|stem| stem == "input"))
        .unwrap();
    let options = fs::read_to_string(case.join("options")).unwrap_or_default();
    let scratch = std::env::temp_dir().join(format!("colonnade-golden-{}", std::process::id()));
    fs::create_dir_all(&scratch).unwrap();
    let (output, report) = (scratch.join("output.parquet"), scratch.join("report.json"));
    let ran = Command::new(env!("CARGO_BIN_EXE_colonnade"))
        .arg("convert")
        .arg(&input)
        .arg("-o")
        .arg(&output)
        .arg("--report")
        .arg(&report)
        .args(options.lines().filter(|line| !line.is_empty()))
        .output()
        .unwrap();
    let status = ran.status.code();
    let report: Value = serde_json::from_slice(&fs::read(&report).unwrap_or_default()).unwrap_or_default();
    let result = match report["inputs"].as_array().and_then(|inputs| inputs.first()) {
        Some(input) if status == Some(0) => converted(input, &output),
        _ => {
            assert!(!output.exists(), "{}: a failed conversion left {}", case.display(), output.display());
            let error = &report["error"];
            json!({ "status": status, "error": { "kind": error["kind"], "what": error["what"], "place": error["place"] } })
        }
    };
    fs::remove_dir_all(&scratch).unwrap();
    result
}

fn converted(input: &Value, output: &Path) -> Value {
    let schema: Vec<String> = input["schema"]
        .as_array()
        .unwrap()
        .iter()
        .map(|column| {
            let data_type = column["data_type"].as_str().unwrap();
            let pattern = column["pattern"].as_str().map_or(String::new(), |pattern| format!(" {pattern:?}"));
            format!("{} {data_type}{pattern}", column["name"].as_str().unwrap())
        })
        .collect();
    let rejects: Vec<Value> = input["rejects"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|group| group["first"].as_array().unwrap())
        .map(|reject| {
            let place = &reject["place"];
            let mut listed = vec![&reject["outcome"], &reject["cause"], &place["line"], &place["byte"], &reject["reason"], &reject["raw"]];
            // Where a setting decided it: which, and where.
            let decided = |decision: &Value| json!([decision["option"], decision["place"]["line"], decision["place"]["byte"]]);
            let decided: Value = reject["decisions"].as_array().unwrap().iter().map(decided).collect();
            listed.extend(Some(&decided).filter(|decided| decided.as_array().is_some_and(|decided| !decided.is_empty())));
            json!(listed)
        })
        .collect();
    json!({ "sentence": input["sentence"], "schema": schema, "counts": input["counts"], "rows": rows(output), "rejects": rejects })
}

fn rows(file: &Path) -> Vec<Vec<Option<String>>> {
    let reader = ParquetRecordBatchReaderBuilder::try_new(fs::File::open(file).unwrap()).unwrap().build().unwrap();
    let batches: Vec<RecordBatch> = reader.map(Result::unwrap).collect();
    let cell = |array: &dyn Array, row: usize| {
        array.is_valid(row).then(|| {
            let mut text = String::new();
            display::write_cell(array, row, &mut text);
            text
        })
    };
    let row = |batch: &RecordBatch, row: usize| batch.columns().iter().map(|column| cell(column.as_ref(), row)).collect();
    batches.iter().flat_map(|batch| (0..batch.num_rows()).map(|at| row(batch, at)).collect::<Vec<_>>()).collect()
}
