//! ORC files of another maker's, and what it says is in them.

use std::process::Command;

/// As many files as there are codecs, versions and sizes, written and read by pyarrow and compared value by value.
#[test]
fn every_value_is_the_one_that_pyarrow_reads() {
    let Some(python) = std::env::var_os("COLONNADE_PYTHON") else {
        println!("skipped: set COLONNADE_PYTHON to a Python with pyarrow");
        return;
    };
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/readers/check_orc.py");
    let folder = std::env::temp_dir().join(format!("colonnade-orc-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let ran = Command::new(python).arg(script).arg(env!("CARGO_BIN_EXE_colonnade")).arg(&folder).output().unwrap();
    std::fs::remove_dir_all(&folder).unwrap();
    assert!(ran.status.success(), "{}{}", String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
    print!("{}", String::from_utf8_lossy(&ran.stdout));
}
