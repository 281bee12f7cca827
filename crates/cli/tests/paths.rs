//! What is read and written is what was meant: nothing is written over by mistake.

use std::fs::{self, File};
use std::io::Read;
use std::os::unix::fs::{FileTypeExt, symlink};
use std::path::PathBuf;
use std::process::{Command, Output};

const TEXT: &str = "id,name\n1,Ada\n2,Liu\n";

/// A folder with a table in it, that is gone after the test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("colonnade-paths-{name}-{}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        let folder = Self(path);
        folder.write("ok.csv", TEXT);
        folder
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.0.join(name), text).unwrap();
    }

    fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.0.join(name)).unwrap()
    }

    fn run(&self, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_colonnade")).args(arguments).current_dir(&self.0).output().unwrap()
    }

    /// That these arguments are refused as unusable, with these words, and leave the table as it was and no file beside those of before.
    fn refuses(&self, arguments: &[&str], words: &str) {
        let names = || {
            let mut names: Vec<_> = fs::read_dir(&self.0).unwrap().map(|entry| entry.unwrap().file_name()).collect();
            names.sort();
            names
        };
        let before = names();
        let ran = self.run(arguments);
        let said = String::from_utf8_lossy(&ran.stderr);
        assert_eq!(ran.status.code(), Some(2), "{arguments:?}: {said}");
        assert!(said.contains(words), "{arguments:?}: {said}");
        assert_eq!(self.read("ok.csv"), TEXT.as_bytes(), "{arguments:?}");
        assert_eq!(names(), before, "{arguments:?}");
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn pipe(folder: &Folder, name: &str) {
    assert!(Command::new("mkfifo").arg(folder.0.join(name)).status().unwrap().success());
}

#[test]
fn an_output_does_not_take_the_place_of_what_is_no_regular_file() {
    let folder = Folder::new("device");
    pipe(&folder, "pipe");
    symlink("pipe", folder.0.join("link")).unwrap();
    for name in ["pipe", "link"] {
        folder.refuses(&["convert", "ok.csv", "-o", name], "is no regular file");
    }
    assert!(fs::symlink_metadata(folder.0.join("pipe")).unwrap().file_type().is_fifo());
    // A list may go to what is no file: nothing is put in its place.
    assert!(folder.run(&["convert", "ok.csv", "-o", "ok.parquet", "--report", "/dev/null", "--rejects", "/dev/null"]).status.success());
}

#[test]
fn an_input_is_written_over_by_no_name_it_has() {
    let folder = Folder::new("input");
    symlink("ok.csv", folder.0.join("link.csv")).unwrap();
    fs::hard_link(folder.0.join("ok.csv"), folder.0.join("other.csv")).unwrap();
    folder.write("more.csv", TEXT);
    for name in ["ok.csv", "./ok.csv", "link.csv", "other.csv"] {
        let is_input = "is an input of the same run";
        folder.refuses(&["convert", "ok.csv", "-o", name], is_input);
        folder.refuses(&["convert", "ok.csv", "-o", "out.parquet", "--report", name], is_input);
        folder.refuses(&["convert", "ok.csv", "-o", "out.parquet", "--rejects", name], is_input);
    }
    folder.refuses(&["convert", "ok.csv", "more.csv", "-o", ".", "--set", "outputFormat=csv"], "is an input of the same run");
}

#[test]
fn a_report_and_a_table_are_not_one_file() {
    let folder = Folder::new("report");
    folder.refuses(&["convert", "ok.csv", "-o", "x.parquet", "--report", "x.parquet"], "is the report of the same run");
    folder.refuses(&["convert", "ok.csv", "-o", "x.parquet", "--rejects", "./x.parquet"], "is the list of rejects of the same run");
    folder.refuses(&["convert", "ok.csv", "-o", "x.parquet", "--report", "y", "--rejects", "y"], "is the report of the same run");
    symlink("x.parquet", folder.0.join("dangling")).unwrap();
    folder.refuses(&["convert", "ok.csv", "-o", "x.parquet", "--report", "dangling"], "is the report of the same run");
}

#[test]
fn an_output_that_is_a_link_is_written_to_where_it_leads() {
    let folder = Folder::new("link");
    fs::create_dir(folder.0.join("there")).unwrap();
    symlink("there/x.parquet", folder.0.join("link.parquet")).unwrap();
    for _ in 0..2 {
        let ran = folder.run(&["convert", "ok.csv", "-o", "link.parquet"]);
        assert!(ran.status.success(), "{ran:?}");
        assert!(fs::symlink_metadata(folder.0.join("link.parquet")).unwrap().is_symlink());
        assert!(folder.read("there/x.parquet").starts_with(b"PAR1"));
        assert_eq!(fs::read_dir(folder.0.join("there")).unwrap().count(), 1);
    }
}

#[test]
fn what_is_no_file_is_refused_as_an_input_and_said_to_be_none() {
    let folder = Folder::new("none");
    pipe(&folder, "pipe");
    let none = "is no regular file: it is read by position, in parts";
    for input in ["pipe", "-"] {
        folder.refuses(&["convert", input, "-o", "x.parquet"], none);
        folder.refuses(&["inspect", input], none);
    }
    for missing in [["missing.csv", "x.parquet"], ["ok.csv", "missing/x.parquet"], ["ok.csv", "ok.csv/x.parquet"]] {
        folder.refuses(&["convert", missing[0], "-o", missing[1]], "colonnade: ");
    }
    folder.refuses(&["convert", "ok.csv", "-o", "x.parquet", "--report", "missing/report.json"], "cannot be written");
    // What is no file in a folder costs nothing but itself.
    let ran = folder.run(&["convert", ".", "-o", "/dev/null/x"]);
    assert_eq!(ran.status.code(), Some(2));
    let ran = folder.run(&["convert", ".", "-o", "x.parquet"]);
    assert!(ran.status.success() && String::from_utf8_lossy(&ran.stderr).contains("pipe: skipped: it is no regular file"), "{ran:?}");
}

#[test]
fn an_input_that_cannot_be_read_costs_itself_and_is_in_the_report() {
    let folder = Folder::new("others");
    folder.write("empty.csv", "");
    folder.write("more.csv", TEXT);
    let ran = folder.run(&["convert", "ok.csv", "empty.csv", "more.csv", "-o", "out/", "--report", "report.json"]);
    let said = String::from_utf8_lossy(&ran.stderr);
    assert_eq!(ran.status.code(), Some(1), "{said}");
    assert!(said.contains("empty.csv: not converted: ") && said.contains("1 of 3 inputs could not be converted"), "{said}");
    assert!(folder.0.join("out/ok.parquet").exists() && folder.0.join("out/more.parquet").exists());
    let report: serde_json::Value = serde_json::from_slice(&folder.read("report.json")).unwrap();
    let names: Vec<_> = report["inputs"].as_array().unwrap().iter().map(|input| input["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["ok.csv", "empty.csv", "more.csv"]);
    assert_eq!((&report["inputs"][1]["error"]["kind"], &report["error"]["input"]), (&"Empty".into(), &"empty.csv".into()));
}

/// Changes an input once all of it is read, while its rejects are being listed.
fn change(name: &str, change: impl FnOnce(&Folder)) {
    let folder = Folder::new(name);
    folder.write("in.csv", &format!("id,name\n{}", format!("{}2,Liu,one too many\n", "1,Ada\n".repeat(9)).repeat(4000)));
    pipe(&folder, "rejects");
    let mut command = Command::new(env!("CARGO_BIN_EXE_colonnade"));
    command.args(["convert", "in.csv", "-o", "x.parquet", "--rejects", "rejects", "--mode", "DROPMALFORMED"]).current_dir(&folder.0);
    let running = command.stderr(std::process::Stdio::piped()).spawn().unwrap();
    let mut rejects = File::open(folder.0.join("rejects")).unwrap();
    // More than the header: the list has begun, and waits for this reader to take the rest of it.
    rejects.read_exact(&mut [0; 8000]).unwrap();
    change(&folder);
    rejects.read_to_end(&mut Vec::new()).unwrap();
    let ran = running.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&ran.stderr);
    assert_eq!(ran.status.code(), Some(1), "{said}");
    assert!(said.contains("the source changed while it was read. Convert it once nothing writes to it"), "{said}");
    let left: Vec<_> = fs::read_dir(&folder.0).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(!left.iter().any(|name| name.to_string_lossy().starts_with("x.parquet")), "{left:?}");
}

#[test]
fn an_input_that_is_written_to_while_it_is_read_fails() {
    change("appended", |folder| {
        let mut file = File::options().append(true).open(folder.0.join("in.csv")).unwrap();
        std::io::Write::write_all(&mut file, b"3,Eve\n").unwrap();
    });
    change("in-place", |folder| {
        let file = File::options().write(true).open(folder.0.join("in.csv")).unwrap();
        std::os::unix::fs::FileExt::write_all_at(&file, b"9", 8).unwrap();
    });
}

#[test]
fn ctrl_c_leaves_nothing_half_written() {
    let folder = Folder::new("interrupt");
    folder.write("in.csv", &format!("id,name\n{}", "1,Ada of Lovelace\n".repeat(4_000_000)));
    let mut command = Command::new(env!("CARGO_BIN_EXE_colonnade"));
    command.args(["convert", "in.csv", "-o", "x.parquet", "--threads", "1"]).current_dir(&folder.0).stderr(std::process::Stdio::piped());
    let running = command.spawn().unwrap();
    let parts = || fs::read_dir(&folder.0).unwrap().filter(|entry| entry.as_ref().unwrap().path().extension().is_some_and(|e| e == "part"));
    let begun = std::time::Instant::now();
    while parts().count() == 0 {
        assert!(begun.elapsed().as_secs() < 60, "it does not begin");
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    assert!(Command::new("kill").args(["-INT", &running.id().to_string()]).status().unwrap().success());
    let ran = running.wait_with_output().unwrap();
    assert_eq!(ran.status.code(), Some(130), "{ran:?}");
    assert!(String::from_utf8_lossy(&ran.stderr).contains("interrupted"), "{ran:?}");
    assert_eq!(parts().count(), 0);
    assert!(!folder.0.join("x.parquet").exists());
}
