//! Several files as one table, from a shell.

mod support;

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

use support::tar;

/// A folder that is gone after the test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = env::temp_dir().join(format!("colonnade-union-{name}-{}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        let path = self.0.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Runs `colonnade convert` within the folder, and gives back its report.
    fn convert(&self, arguments: &[&str]) -> (Output, Value) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_colonnade"));
        command.arg("convert").args(arguments).args(["--report", "report.json"]).current_dir(&self.0);
        let ran = command.output().unwrap();
        (ran, serde_json::from_slice(&fs::read(self.0.join("report.json")).unwrap_or_default()).unwrap_or_default())
    }

    /// Days of sales in folders by year and month, not all with the same columns, and what Spark leaves beside them.
    fn sales(&self) {
        for (n, folder) in ["year=2023/month=12", "year=2024/month=01", "year=2024/month=02"].into_iter().enumerate() {
            for part in 0..2 {
                let note = part == 1 && n > 0;
                let rows: String = (0..50)
                    .map(|row| {
                        let (id, sum) = (n * 1000 + part * 100 + row, (row * 7 + n) as f64 / 4.0);
                        format!("{id},2024-02-{:02},{sum}{}\n", row % 28 + 1, if note { format!(",note {row}") } else { String::new() })
                    })
                    .collect();
                self.write(&format!("sales/{folder}/part-{part}.csv"), format!("id,day,sum{}\n{rows}", if note { ",note" } else { "" }));
                self.write(&format!("sales/{folder}/.part-{part}.csv.crc"), "crc");
            }
        }
        self.write("sales/_SUCCESS", "");
        self.write("sales/_temporary/0/part-9.csv", "id,day,sum\n1,2\n");
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn python(script: &str, arguments: &[&Path]) {
    let Some(python) = env::var_os("COLONNADE_PYTHON") else {
        println!("skipped: COLONNADE_PYTHON names no Python with duckdb");
        return;
    };
    let script = format!("{}/../../tests/readers/{script}", env!("CARGO_MANIFEST_DIR"));
    let ran = Command::new(python).arg(script).args(arguments).current_dir(arguments[0].parent().unwrap()).output().unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
}

#[test]
fn a_folder_into_one_file_is_one_table_as_duckdb_unites_it() {
    let folder = Folder::new("folder");
    folder.sales();
    let (ran, report) = folder.convert(&["sales", "-o", "sales.parquet"]);
    assert!(ran.status.success(), "{ran:?}");
    let said = String::from_utf8_lossy(&ran.stderr);
    assert!(
        said.contains("sales/_SUCCESS: skipped: ")
            && said.contains("sales/_temporary: skipped")
            && said.contains(".crc: skipped: a checksum")
    );
    let input = &report["inputs"][0];
    assert!(input["sentence"].as_str().unwrap().starts_with("6 files as one table: all CSV, 3 of 4 columns in every file. "), "{input}");
    assert_eq!((input["name"].as_str(), input["counts"]["written"].as_u64()), (Some("sales"), Some(300)));
    let files = input["files"].as_array().unwrap();
    assert_eq!(files.iter().map(|file| file["counts"]["written"].as_u64().unwrap()).collect::<Vec<_>>(), [50; 6]);
    assert_eq!(files[5]["name"], "sales/year=2024/month=02/part-1.csv");
    let schema: Vec<String> = input["schema"]
        .as_array()
        .unwrap()
        .iter()
        .map(|c| format!("{} {}", c["name"].as_str().unwrap(), c["data_type"].as_str().unwrap()))
        .collect();
    assert_eq!(schema, ["id bigint", "day date", "sum double", "note string", "year bigint", "month string", "_source_file string"]);
    let root = folder.0.join("sales");
    // DuckDB names files as it was told them.
    let (ran, _) = folder.convert(&[root.to_str().unwrap(), "-o", "sales.parquet", "--union", "all"]);
    assert!(ran.status.success(), "{ran:?}");
    python("check_union.py", &[&root, &folder.0.join("sales.parquet")]);
}

#[test]
fn files_of_several_shapes_are_several_tables_or_one_as_told() {
    let folder = Folder::new("shapes");
    folder.write("sales-1.csv", "id,day,sum\n1,2024-01-01,5\n");
    folder.write("people.csv", "id,name,born,city\n1,Ada,1815,London\n2,Liu,1900,Xian\n");
    folder.write("sales-2.csv", "id;day;sum\n3;2024-02-01;7,5\n4;2024-02-02;8,5\n");
    let inputs = ["sales-1.csv", "people.csv", "sales-2.csv"];
    let (ran, report) = folder.convert(&[inputs.as_slice(), &["-o", "one.parquet"]].concat());
    assert_eq!(ran.status.code(), Some(2), "{ran:?}");
    assert_eq!(report["error"]["what"], "the files are of 2 shapes: sales-1.csv and 1 more; people.csv");
    fs::create_dir(folder.0.join("out")).unwrap();
    let names = |more: &[&str]| {
        let (ran, report) = folder.convert(&[inputs.as_slice(), more].concat());
        assert!(ran.status.success(), "{ran:?}");
        let file = |input: &Value| format!("{} {}", input["outputs"][0]["name"].as_str().unwrap(), input["counts"]["written"]);
        report["inputs"].as_array().unwrap().iter().map(file).collect::<Vec<_>>()
    };
    assert_eq!(names(&["-o", "out"]), ["out/sales-1.parquet 1", "out/people.parquet 2", "out/sales-2.parquet 2"]);
    assert_eq!(names(&["-o", "out", "--union", "shape"]), ["out/sales.parquet 3", "out/people.parquet 2"]);
    assert_eq!(names(&["-o", "one.parquet", "--union", "all"]), ["one.parquet 5"]);
}

#[test]
fn an_empty_file_has_no_rows_and_a_damaged_one_costs_itself_or_is_refused() {
    let folder = Folder::new("lost");
    folder.write("in/a.csv", "id,s\n1,x\n2,y\n");
    folder.write("in/b.csv", "");
    folder.write("in/c.csv.gz", [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 0xff, 0xff, 0xff]);
    folder.write("in/d.csv", "id,s\n3,x,too many\n4,y\n5\n");
    let (ran, report) = folder.convert(&["in", "-o", "one.parquet", "--mode", "DROPMALFORMED", "--rejects", "rejects.csv"]);
    assert_eq!(ran.status.code(), Some(1), "{ran:?}");
    let input = &report["inputs"][0];
    let lost: Vec<_> = input["files"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|file| !file["lost"].is_null())
        .map(|file| file["name"].as_str().unwrap())
        .collect();
    assert_eq!(lost, ["in/c.csv.gz"]);
    let empty = input["files"].as_array().unwrap().iter().find(|file| file["name"] == "in/b.csv").unwrap();
    assert_eq!((empty["counts"]["read"].as_u64(), &empty["lost"]), (Some(0), &Value::Null));
    assert!(input["findings"].to_string().contains("in/b.csv is empty: it adds no rows"), "{input}");
    assert_eq!(
        (input["counts"]["read"].as_u64(), input["counts"]["written"].as_u64(), input["counts"]["rejected"].as_u64()),
        (Some(5), Some(3), Some(2))
    );
    let rejects = fs::read_to_string(folder.0.join("rejects.csv")).unwrap();
    let placed: Vec<_> = rejects.lines().skip(1).map(|line| line.split(',').take(4).collect::<Vec<_>>().join(",")).collect();
    assert_eq!(placed, ["rejected,too many fields,in/d.csv,2", "rejected,too few fields,in/d.csv,4"]);
    assert_eq!(String::from_utf8_lossy(&ran.stderr).matches("in/c.csv.gz").count(), 1, "{ran:?}");
    assert!(String::from_utf8_lossy(&ran.stderr).contains("left out: in/c.csv.gz: "), "{ran:?}");
    let (ran, report) = folder.convert(&["in", "-o", "two.parquet", "--mode", "FAILFAST"]);
    assert_eq!(ran.status.code(), Some(1), "{ran:?}");
    assert!(report["error"]["what"].as_str().unwrap().starts_with("in/c.csv.gz: "), "{report}");
}

#[test]
fn a_thousand_small_files_are_a_few_row_groups() {
    let folder = Folder::new("thousand");
    for n in 0..1000 {
        folder.write(&format!("in/{:02}/f{n}.csv", n % 20), format!("n,s\n{n},a\n{},b\n", n + 1));
    }
    let (ran, report) = folder.convert(&["in", "-o", "one.parquet"]);
    assert!(ran.status.success(), "{ran:?}");
    let output = &report["inputs"][0]["outputs"][0];
    assert_eq!((output["rows"].as_u64(), output["row_groups"].as_u64()), (Some(2000), Some(4)));
}

/// Runs `colonnade` within the folder.
fn run(folder: &Folder, arguments: &[&str]) -> (Option<i32>, String, String) {
    let ran = Command::new(env!("CARGO_BIN_EXE_colonnade")).args(arguments).current_dir(&folder.0).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (ran.status.code(), text(&ran.stdout), text(&ran.stderr))
}

#[test]
fn an_archive_of_equal_tables_into_one_file_is_one_table_and_every_advice_works() {
    let folder = Folder::new("archive");
    let (a, b) = (b"id,name\n1,Ada\n2,Liu\n", b"id,name\n3,Eve\n");
    folder.write("same.tar", tar(&[("a.csv", a), ("b.csv", b)]));
    folder.write("one.tar", tar(&[("a.csv", a)]));
    folder.write("mixed.tar", tar(&[("a.csv", a), ("b.csv", b), ("c.csv", b"id,nom\n4,Ida\n")]));
    let (ran, report) = folder.convert(&["same.tar", "-o", "same.parquet"]);
    assert!(ran.status.success(), "{ran:?}");
    let input = &report["inputs"][0];
    assert!(input["sentence"].as_str().unwrap().starts_with("2 files as one table: all CSV, 2 of 2 columns in every file. "), "{input}");
    assert_eq!((input["counts"]["written"].as_u64(), input["files"].as_array().unwrap().len()), (Some(3), 2));
    let (_, report) = folder.convert(&["one.tar", "-o", "one.parquet"]);
    assert_eq!(report["inputs"][0]["schema"].as_array().unwrap().len(), 2, "a single member is a table by itself");
    let shapes = "the tables of mixed.tar are of 2 shapes: mixed.tar / a.csv and 1 more; mixed.tar / c.csv";
    for more in [&["-o", "x.parquet"][..], &["-o", "x.parquet", "--union", "shape"]] {
        let (ran, report) = folder.convert(&[&["mixed.tar"], more].concat());
        assert_eq!((ran.status.code(), report["error"]["what"].as_str()), (Some(2), Some(shapes)));
        let hint = report["error"]["hint"].as_str().unwrap();
        assert!(hint.contains("--union all") && hint.contains("folder with -o") && hint.contains("--union shape"), "{hint}");
    }
    let written = |more: &[&str]| {
        let (ran, report) = folder.convert(&[&["mixed.tar"], more].concat());
        assert!(ran.status.success(), "{ran:?}");
        let rows = |input: &Value| input["counts"]["written"].as_u64().unwrap();
        report["inputs"].as_array().unwrap().iter().map(rows).collect::<Vec<_>>()
    };
    assert_eq!(written(&["-o", "x.parquet", "--union", "all"]), [4]);
    assert_eq!(written(&["-o", "folder"]), [2, 1, 1]);
    assert_eq!(written(&["-o", "shapes", "--union", "shape"]), [3, 1]);
    let (code, _, said) = run(&folder, &["convert", "mixed.tar", "-o", "x.parquet", "--union", "never"]);
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("the 3 tables of mixed.tar cannot go into one file. Name a folder with -o"), "{said}");
}

#[test]
fn a_member_that_cannot_be_read_costs_itself() {
    let folder = Folder::new("member");
    let binary: Vec<u8> = (0..900).map(|n| (n % 9) as u8).collect();
    folder.write("x.tar", tar(&[("a.csv", b"id,name\n1,Ada\n"), ("b.bin", &binary), ("c.csv", b"day,sum\n2024-01-01,5\n")]));
    let (ran, report) = folder.convert(&["x.tar", "-o", "out"]);
    assert_eq!(ran.status.code(), Some(1), "{ran:?}");
    assert_eq!(report["error"]["input"], "x.tar / b.bin");
    assert!(folder.0.join("out/a.parquet").exists() && folder.0.join("out/c.parquet").exists());
}

#[test]
fn inspect_shows_which_files_are_one_table_and_why() {
    let folder = Folder::new("inspect");
    folder.sales();
    folder.write("people.csv", "id,name,born\n1,Ada,1815\n2,Liu,1900\n");
    let (code, shown, said) = run(&folder, &["inspect", "sales", "people.csv", "--rows", "2"]);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("sales/_SUCCESS: skipped: "), "{said}");
    assert!(shown.starts_with("sales: 6 files as one table: all CSV, 3 of 4 columns in every file. "), "{shown}");
    assert!(
        shown.contains("\nfiles\n  sales/year=2023/month=12/part-0.csv\n") && shown.contains("  year bigint  (a partition value"),
        "{shown}"
    );
    assert!(shown.contains("\npeople.csv: Comma-separated"), "{shown}");
    folder.write("b.bin", (0..900).map(|n| (n % 9) as u8).collect::<Vec<_>>());
    let (code, shown, said) = run(&folder, &["inspect", "people.csv", "b.bin", "--json"]);
    assert_eq!(code, Some(1));
    assert!(shown.contains("\"estimated_rows\": 2") && said.contains("b.bin: this is not text"), "{shown}{said}");
}

#[test]
fn a_schema_of_several_files_holds_by_name_and_words_are_about_the_columns_of_the_table() {
    let folder = Folder::new("schema");
    folder.write("in/n=1/a.csv", "id,name,sum\n1,Ada,5\n");
    folder.write("in/n=1/b.csv", "sum,ID,name\n6,2,Liu\n");
    folder.write("in/n=2/c.csv", "name,id\nEve,3\n");
    let said = "name string, id int, sum decimal(9,2), note date";
    let (ran, report) = folder.convert(&["in", "-o", "x.csv", "--schema", said, "--rename", "n=part", "--set", "filename="]);
    assert!(ran.status.success(), "{ran:?}");
    let schema = |report: &Value| {
        let column = |c: &Value| format!("{} {}", c["name"].as_str().unwrap(), c["data_type"].as_str().unwrap());
        report["inputs"][0]["schema"].as_array().unwrap().iter().map(column).collect::<Vec<_>>()
    };
    assert_eq!(schema(&report), ["name string", "id int", "sum decimal(9,2)", "note date", "part bigint"]);
    let written = fs::read_to_string(folder.0.join("x.csv")).unwrap();
    assert_eq!(written, "name,id,sum,note,part\nAda,1,5.00,,1\nLiu,2,6.00,,1\nEve,3,,,2\n");
    // One that names other columns is by position, as for a file by itself.
    let (ran, report) = folder.convert(&["in", "-o", "x.csv", "--schema", "a int, b string, c int"]);
    assert_eq!(ran.status.code(), Some(2), "{ran:?}");
    assert_eq!(report["error"]["what"], "in/n=2/c.csv: the schema has 3 columns and the source 2");
    let (ran, report) = folder.convert(&["in", "-o", "x.csv", "--type", "sum=string", "--type", "#1=int"]);
    assert!(ran.status.success(), "{ran:?}");
    assert_eq!(schema(&report)[..3], ["id int", "name string", "sum string"]);
    let (ran, report) = folder.convert(&["in", "-o", "x.csv", "--type", "nothing=string"]);
    assert_eq!(ran.status.code(), Some(2), "{ran:?}");
    assert_eq!(report["error"]["what"], "in has no column \"nothing\"");
    folder.write("j/a.jsonl", "{\"id\":1}\n{\"id\":2}\n");
    folder.write("j/b.jsonl", format!("{}{{\"id\":3,\"late\":7}}\n", "{\"id\":3}\n".repeat(200_000)));
    let (ran, report) = folder.convert(&["j", "-o", "x.parquet", "--type", "late=string", "--type", "id=int", "--set", "filename="]);
    assert!(ran.status.success(), "{ran:?}");
    assert_eq!(schema(&report), ["id int", "late string"]);
}

#[test]
fn a_header_that_looks_like_a_row_is_known_by_the_other_files() {
    let folder = Folder::new("header");
    folder.write("in/a.csv", "id,2020,2021\n1,0.5,1.5\n2,2.5,1.25\n");
    folder.write("in/b.csv", "id,2020,2021\n");
    let (_, alone, _) = run(&folder, &["inspect", "in/b.csv"]);
    assert!(alone.contains("no header"), "{alone}");
    let (ran, report) = folder.convert(&["in", "-o", "x.csv", "--set", "filename="]);
    assert!(ran.status.success(), "{ran:?}");
    assert_eq!(report["inputs"][0]["files"].as_array().unwrap().len(), 2);
    assert_eq!(fs::read_to_string(folder.0.join("x.csv")).unwrap(), "id,2020,2021\n1,0.5,1.5\n2,2.5,1.25\n");
    let (_, report) = folder.convert(&["in", "-o", "x.csv", "--union", "all", "--set", "header=false", "--set", "filename="]);
    assert_eq!(report["inputs"][0]["counts"]["written"], 4, "what a person says stands");
}

#[test]
fn nested_columns_that_grew_and_numbers_that_need_more_room_are_united() {
    let folder = Folder::new("grown");
    fs::create_dir_all(folder.0.join("in")).unwrap();
    let lines = [
        r#"{"id":1,"s":{"a":1},"l":[1],"n":9007199254740993,"d":[{"x":9007199254740993}],"m":{"1":1,"2":2,"3":3}}"#,
        r#"{"id":2,"s":{"b":"x","a":2.5},"l":[2.5,null],"n":0.5,"d":[{"x":0.5,"y":true}],"m":{"4":0.5,"5":1,"6":2}}"#,
    ];
    for format in ["parquet", "arrow"] {
        for (k, line) in lines.iter().enumerate() {
            folder.write("one.jsonl", line);
            let (ran, _) = folder.convert(&["one.jsonl", "-o", &format!("in/{k}.{format}")]);
            assert!(ran.status.success(), "{ran:?}");
        }
        let (ran, report) = folder.convert(&["in", "-o", "one.jsonl", "--set", "sourceFile="]);
        assert!(ran.status.success(), "{ran:?}");
        let schema: Vec<_> = report["inputs"][0]["schema"].as_array().unwrap().iter().map(|c| c["data_type"].as_str().unwrap()).collect();
        assert_eq!(
            schema,
            [
                "bigint",
                "struct<a:double,b:string>",
                "array<double>",
                "decimal(17,1)",
                "array<struct<x:decimal(17,1),y:boolean>>",
                "map<string,double>"
            ]
        );
        assert_eq!(report["inputs"][0]["counts"]["nulled_cells"], 0);
        let rows = fs::read_to_string(folder.0.join("one.jsonl")).unwrap();
        assert!(rows.contains(r#""n":9007199254740993.0,"d":[{"x":9007199254740993.0,"y":null}]"#), "{rows}");
        assert!(rows.contains(r#""s":{"a":2.5,"b":"x"},"l":[2.5,null],"n":0.5"#), "{rows}");
        fs::remove_dir_all(folder.0.join("in")).unwrap();
        fs::create_dir_all(folder.0.join("in")).unwrap();
    }
}
