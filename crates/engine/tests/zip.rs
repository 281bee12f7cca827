//! Python's own zipfile opens what is made here and finds every content whole.

use std::process::Command;
use std::{env, fs};

use colonnade_engine::output::zip::{Crc, Entry, stored};

const CHECK: &str = "import sys, zipfile
archive = zipfile.ZipFile(sys.argv[1])
assert archive.testzip() is None
for info in archive.infolist():
    assert info.compress_type == zipfile.ZIP_STORED
    print(info.filename, info.file_size, archive.read(info)[:5].decode('latin-1'))
";

#[test]
fn python_reads_an_archive_of_slices() {
    let Ok(python) = env::var("COLONNADE_PYTHON") else {
        println!("skipped: COLONNADE_PYTHON names no Python");
        return;
    };
    let contents = [vec![b'a'; 3_000_000], Vec::new(), b"PAR1 and more".to_vec()];
    let names = ["trips.parquet", "nichts.parquet", "Größe.parquet"];
    let crc = |content: &[u8]| {
        let mut crc = Crc::default();
        content.chunks(70_000).for_each(|slice| crc.bytes(slice));
        crc.value()
    };
    let entries: Vec<_> = names
        .iter()
        .zip(&contents)
        .map(|(name, content)| Entry { name: (*name).to_owned(), len: content.len() as u64, crc32: crc(content) })
        .collect();
    let archive = stored(&entries).unwrap();
    let slices = archive.headers.iter().zip(&contents).flat_map(|(header, content)| [header, content]).chain([&archive.directory]);
    let path = env::temp_dir().join(format!("colonnade-{}.zip", std::process::id()));
    fs::write(&path, slices.flatten().copied().collect::<Vec<u8>>()).unwrap();
    let output = Command::new(python).env("PYTHONIOENCODING", "utf-8").args(["-c", CHECK]).arg(&path).output().unwrap();
    fs::remove_file(&path).unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let said = String::from_utf8_lossy(&output.stdout);
    assert_eq!(said, "trips.parquet 3000000 aaaaa\nnichts.parquet 0 \nGröße.parquet 13 PAR1 \n");
}
