//! Packed inputs, from a shell.

mod support;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

use support::tar;

const TEXT: &[u8] = b"id,name\n1,Ada\n2,Liu\n";

/// A folder that is gone after the test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("colonnade-packed-{name}-{}", std::process::id()));
        fs::create_dir_all(path.join("tmp")).unwrap();
        Self(path)
    }

    fn write(&self, name: &str, bytes: &[u8]) -> PathBuf {
        fs::write(self.0.join(name), bytes).unwrap();
        self.0.join(name)
    }

    /// Converts, and sees to it that no temporary file is left.
    fn convert(&self, input: &Path, more: &[&str]) -> (Output, Value) {
        let (out, report) = (self.0.join("out"), self.0.join("report.json"));
        fs::create_dir_all(&out).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_colonnade"));
        command.arg("convert").arg(input).arg("-o").arg(out).arg("--report").arg(&report).args(more);
        let ran = command.env("TMPDIR", self.0.join("tmp")).output().unwrap();
        assert_eq!(fs::read_dir(self.0.join("tmp")).unwrap().count(), 0);
        (ran, serde_json::from_slice(&fs::read(report).unwrap_or_default()).unwrap_or_default())
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn a_gzip_is_converted_under_its_own_name_with_its_codec_in_the_report() {
    let folder = Folder::new("gzip");
    let (ran, report) = folder.convert(&folder.write("people.csv.gz", &gzip(TEXT)), &[]);
    assert!(ran.status.success(), "{ran:?}");
    let input = &report["inputs"][0];
    assert_eq!((input["name"].as_str(), input["counts"]["written"].as_u64()), (Some("people.csv.gz"), Some(2)));
    assert!(input["sentence"].as_str().unwrap().starts_with("From gzip: Comma-separated"));
    assert!(folder.0.join("out/people.parquet").exists());
}

#[test]
fn members_of_a_tar_in_a_gzip_become_a_file_each() {
    let folder = Folder::new("tar");
    let tar =
        tar(&[("a/people.csv", TEXT), ("a/.hidden", b"x"), ("lines.jsonl", b"{\"a\":1}\n{\"a\":2}\n"), ("inner.csv.gz", &gzip(TEXT))]);
    let (ran, report) = folder.convert(&folder.write("all.tgz", &gzip(&tar)), &[]);
    assert!(ran.status.success(), "{ran:?}");
    let named: Vec<_> = report["inputs"].as_array().unwrap().iter().map(|input| input["name"].as_str().unwrap()).collect();
    assert_eq!(named, ["all.tgz / a/people.csv", "all.tgz / lines.jsonl", "all.tgz / inner.csv.gz"]);
    assert!(report["inputs"][2]["sentence"].as_str().unwrap().starts_with("From gzip, tar, gzip: "));
    assert!(String::from_utf8_lossy(&ran.stderr).contains("a/.hidden: skipped: hidden"));
    for name in ["people", "lines", "inner"] {
        assert!(folder.0.join(format!("out/{name}.parquet")).exists(), "{name}");
    }
}

#[test]
fn of_a_gzip_that_is_cut_the_start_is_read_and_told_or_refused() {
    let folder = Folder::new("cut");
    let rows: String = (0..100_000_u32).map(|i| format!("{i},{}\n", i.wrapping_mul(2_654_435_761))).collect();
    let mut packed = gzip(rows.as_bytes());
    packed.truncate(packed.len() / 2);
    let input = folder.write("cut.csv.gz", &packed);
    let (ran, report) = folder.convert(&input, &[]);
    assert!(ran.status.success(), "{ran:?}");
    assert!(report["inputs"][0]["counts"]["written"].as_u64().unwrap() > 30_000);
    assert!(report["inputs"][0]["findings"][0]["what"].as_str().unwrap().contains("is cut"));
    assert!(String::from_utf8_lossy(&ran.stderr).lines().any(|line| line.starts_with("  note: ") && line.contains("is cut")));
    let (ran, report) = folder.convert(&input, &["--mode", "FAILFAST"]);
    assert_eq!(ran.status.code(), Some(1));
    assert!(report["error"]["what"].as_str().unwrap().contains("is cut"), "{report}");
}

#[test]
fn what_is_cut_before_anything_can_be_unpacked_is_said_to_be_cut() {
    let folder = Folder::new("short");
    // A zstd frame's header, a bzip2 block's and an xz stream's.
    let cut: [(&str, &[u8]); 3] = [
        ("t.csv.zst", b"\x28\xb5\x2f\xfd\x24\x40\x35\x02"),
        ("t.csv.bz2", b"BZh91AY&SY\x12\x34\x56\x78"),
        ("t.csv.xz", b"\xfd7zXZ\0\0\x04\xe6\xd6\xb4\x46"),
    ];
    for (name, bytes) in cut {
        let (ran, report) = folder.convert(&folder.write(name, bytes), &[]);
        assert_eq!(ran.status.code(), Some(1), "{name}");
        assert!(report["error"]["what"].as_str().unwrap().contains("is cut"), "{report}");
        assert!(report["error"]["hint"].as_str().unwrap().starts_with("Nothing of it could be unpacked"), "{report}");
    }
}

#[test]
fn a_bomb_and_archives_within_archives_within_archives_are_refused() {
    let folder = Folder::new("bomb");
    let bomb = folder.write("bomb.csv.gz", &gzip(&vec![b'0'; 30 << 20]));
    let (ran, report) = folder.convert(&bomb, &["--set", "maxUnpackedBytes=10000000"]);
    assert_eq!(ran.status.code(), Some(1));
    assert!(report["error"]["hint"].as_str().unwrap().contains("maxUnpackedBytes"));
    let nested = (0..3).fold(TEXT.to_vec(), |inner, _| tar(&[("inner", &inner)]));
    let (_, report) = folder.convert(&folder.write("deep.tar", &nested), &[]);
    assert!(report["error"]["what"].as_str().unwrap().contains("archives within archives"), "{report}");
}

/// A zip of one member that is stored as it is, with this checksum.
fn stored(name: &str, content: &[u8], crc32: u32) -> Vec<u8> {
    let size = (content.len() as u32).to_le_bytes();
    let common =
        [&[20, 0, 0, 0, 0, 0, 0, 0, 0, 0][..], &crc32.to_le_bytes(), &size, &size, &(name.len() as u16).to_le_bytes(), &[0, 0]].concat();
    let local = [b"PK\x03\x04", common.as_slice(), name.as_bytes(), content].concat();
    let entry = [b"PK\x01\x02\x14\x00", common.as_slice(), &[0; 14], name.as_bytes()].concat();
    let (at, length) = ((local.len() as u32).to_le_bytes(), (entry.len() as u32).to_le_bytes());
    [local, entry, b"PK\x05\x06\0\0\0\0\x01\0\x01\0".to_vec(), length.to_vec(), at.to_vec(), vec![0, 0]].concat()
}

#[test]
fn the_checksum_of_a_stored_member_is_looked_at() {
    let folder = Folder::new("stored");
    let (ran, report) = folder.convert(&folder.write("wrong.zip", &stored("people.csv", TEXT, 1)), &[]);
    assert_eq!(ran.status.code(), Some(0));
    assert!(report["inputs"][0]["findings"].to_string().contains("checksum"), "{report}");
    let (ran, _) = folder.convert(&folder.write("wrong.zip", &stored("people.csv", TEXT, 1)), &["--mode", "FAILFAST"]);
    assert_eq!(ran.status.code(), Some(1));
}
