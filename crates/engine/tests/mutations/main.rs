//! Every format against files that were damaged at random: nothing panics, nothing hangs, and what is counted adds up.
//!
//! The damage is drawn from a fixed seed, so that a failure comes again: it names the file and the number of the mutation.
//! `COLONNADE_MUTATIONS` sets how many are made of each file. A format enters [`SUBJECTS`].

mod mutate;
mod reading;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use mutate::Mutations;

/// A format with the files that it is tried on.
struct Subject {
    /// The format's id; empty: what detection finds.
    format: &'static str,
    /// Folders under `corpora`.
    corpora: &'static [&'static str],
    extensions: &'static [&'static str],
    /// Small files that hold what the format has, for where the corpora are not.
    seeds: &'static [&'static str],
}

const SUBJECTS: &[Subject] = &[
    Subject {
        format: "csv",
        corpora: &["csv-spectrum/csvs", "readr", "csvkit"],
        extensions: &["csv", "tsv", "txt"],
        seeds: &["a,b\n1,\"x \"\"y\"\"\nz\"\n2,é\n", "a;b\r\n1,5;01.02.2024\r\n"],
    },
    Subject {
        format: "jsonl",
        corpora: &["vega-datasets"],
        extensions: &["jsonl", "ndjson"],
        seeds: &["{\"a\":1,\"b\":[{\"c\":\"\\u00e9\"}]}\n{\"a\":2.5,\"b\":[],\"d\":null}\n", "{\"a\":{}}\r\n{\"a\":{\"b\":true}}\r\n"],
    },
    Subject {
        format: "texttable",
        corpora: &["astropy-ascii", "readr"],
        extensions: &["txt", "dat", "data"],
        seeds: &[
            "id name\nage\\n\n01 ABCD\n28\\n\n02 XYZ 39\\n\n...\n",
            "# 1 a x\n# 2 b y\n1 \"2 \"\"3\"\"\"\n4 5\n",
            "| a | b |\n|---|---|\n| 1 | é |\n",
            "a b\nc\n1\n2 3\n4 5\n6\n7\n8 9\n",
        ],
    },
    Subject {
        format: "fixed",
        corpora: &["astropy-ascii", "readr", "csvkit"],
        extensions: &["txt", "dat", "data"],
        seeds: &[
            "name        city   age\nAnn Smith   Rome     4\nBo          Oslo    31\nCy de Wit   Bonn   102\n",
            "Col1      Col2\n---- ---------\n 1.2   \"hello\"\n 2.4 's worlds\n",
            "|  ra  |--dec--|\n| real | real  |\n  1.0    2.0   \n",
            "山田  31 東京\nab     4 é\n鈴木  22 大阪\n",
        ],
    },
    Subject {
        format: "log",
        corpora: &["loghub/Apache", "loghub/BGL", "loghub/Linux", "loghub/Proxifier", "loghub/Zookeeper"],
        extensions: &["log"],
        seeds: &[
            "1.2.3.4 - bob [10/Oct/2000:13:55:36 -0700] \"GET /a?b=c HTTP/1.1\" 200 23 \"-\" \"curl/8 (x)\"\n",
            "<165>1 2003-10-11T22:14:15.003Z host app - ID47 [ex@1 a=\"b\\\"]\"][y] An event\n",
            "2024-01-01 10:00:00,123 ERROR [main] a.b.C - failed 12\njava.lang.X: no\n\tat a.b.C(C.java:1)\n2024-01-01 10:00:01,000 INFO [x] a.b.D - ok\n",
            "ts=2024-01-01T00:00:00Z level=info msg=\"it \\\"is\\\" up\" n=3\nlevel=warn slow\n",
            "#Fields: date time cs(User-Agent) sc-status\n2024-01-01 00:00:01 Mozilla/5.0+(X11) 200\n",
        ],
    },
    Subject {
        format: "xml",
        corpora: &["spark-xml", "xmlconf/xmltest/valid/sa", "xmlconf/xmltest/not-wf/sa", "roxmltree"],
        extensions: &["xml"],
        seeds: &[
            "<?xml version='1.0'?>\n<log day='1'><m id=\"1\"><p x='y'/>text &amp; <![CDATA[<]]></m>\n<m id='2'><p/><p/></m></log>",
            "<!DOCTYPE r [<!ENTITY e '<b>x</b>'>]><r><a k=1>&e;<c>1</c></a><a>&lt;</a>...</r>",
        ],
    },
    Subject {
        format: "json",
        corpora: &["vega-datasets", "jsontestsuite/test_parsing"],
        extensions: &["json"],
        seeds: &[
            "[{\"a\":1,\"b\":[{\"c\":\"\\u00e9\"}]},\n{\"a\":2.5,\"b\":[],\"d\":null}]\n",
            "{\n  \"n\": 1,\n  \"data\": {\n    \"k\": {\n      \"a\": 1\n    },\n    \"l\": {\n      \"a\": 2\n    }\n  }\n}\n",
            "{'a': 1, b: NaN, ...} // end\n{\"a\":\"x\ny\"",
            "\u{1e}{\"a\":1}\n\u{1e}[1,\"x\"]\n",
        ],
    },
    Subject {
        format: "jsoncolumns",
        corpora: &[],
        extensions: &[],
        seeds: &[
            "{\"a\":[1,2,null],\"b\":[\"x\",\"y, ]}\\\"\",\"z\"],\"c\":[[1],{\"d\":[]},[2,3]],\"n\":5}\n",
            "{\"m\":{},\"hourly\":{\"time\":[\"2024-01-01T00:00\",\"2024-01-01T01:00\"],\"t\":[1.5]},\"end\":[]}",
        ],
    },
    Subject {
        format: "",
        corpora: &["csv-spectrum/csvs", "jsontestsuite/test_parsing"],
        extensions: &["csv", "json"],
        seeds: &["a\tb\n1\t2\n", "{\"a\":1}\n{\"a\":2}\n"],
    },
    Subject { format: "parquet", corpora: &["parquet-testing/data"], extensions: &["parquet"], seeds: &[] },
    Subject {
        format: "arrow",
        corpora: &["arrow-testing/arrow-ipc-stream/integration/cpp-21.0.0"],
        extensions: &["arrow_file", "stream"],
        seeds: &[],
    },
    Subject {
        format: "html",
        corpora: &[],
        extensions: &[],
        seeds: &[
            "<!DOCTYPE html><table id=t><caption>A &amp; b</caption><thead><tr><th rowspan=2>n<th colspan=2>x</tr><tr><th>y<th>z</thead><tr><td>1<td>2.5<td>a<br>b<tr><td colspan=3>note<tr><td>4<td>5</table>",
            "<meta charset=windows-1252><table><tr><td>a<td><table><tr><td>1<td>2<tr><td>3<td rowspan=0>\u{e9}</table><tr><td><script>'<td>'</script><td><span hidden>x</span>7&nbsp;8</table>",
        ],
    },
    Subject {
        format: "dump",
        corpora: &[],
        extensions: &[],
        seeds: &[
            "-- MySQL dump\nCREATE TABLE `a` (`i` int unsigned, `b` blob, `d` date);\nINSERT INTO `a` VALUES (1,0x41,'0000-00-00'),(2,_binary 'x\\0','2024-01-01');\n/*!40000 x */;\nINSERT INTO `a` (`i`) VALUES (3);\nDELIMITER ;;\nx ;;\nDELIMITER ;\nINSERT INTO `b` VALUES ('it''s');\n",
            "SET standard_conforming_strings = on;\nCREATE TABLE public.p (a boolean, b bytea, c text);\nCREATE FUNCTION f() AS $$ ; $$;\nCOPY public.p (a, b, c) FROM stdin;\nt\t\\\\x41\ta\\tb\\101\n\\N\t\\N\t\\N\n\\.\n\nCOPY q (x) FROM stdin;\n1\n\\.\n",
            "PRAGMA foreign_keys=OFF;\nCREATE TABLE t(a, b);\nINSERT INTO t VALUES(replace('a\\nb','\\n',char(10)),X'00');\nINSERT INTO t VALUES(E'x', $q$y$q$), (1, now());\nCREATE TRIGGER r AFTER INSERT ON t BEGIN SELECT 1; END;\n",
        ],
    },
    Subject {
        format: "sqlite",
        corpora: &[concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/golden/sqlite-without-rowid")],
        extensions: &["db"],
        seeds: &[],
    },
    Subject { format: "avro", corpora: &["avro", "arrow-testing/avro"], extensions: &["avro"], seeds: &[] },
    Subject {
        format: "orc",
        corpora: &[
            concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/golden/orc-types"),
            concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/golden/orc-first-version"),
            concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/golden/orc-stripes"),
            concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/golden/orc-union"),
        ],
        extensions: &["orc"],
        seeds: &[],
    },
    Subject { format: "workbook", corpora: &["calamine", "csvkit"], extensions: &["xlsx", "xls", "xlsb", "ods"], seeds: &[] },
];

/// Larger files are cut to so many bytes, or passed over where nothing could be found in a part.
const MOST_BYTES: usize = 6000;
const WHOLE: [&str; 4] = ["parquet", "arrow", "orc", "workbook"];
/// Files of a corpus that are taken, spread over it.
const MOST_FILES: usize = 25;
/// Mutations of each file, where the environment does not say.
const MUTATIONS: u64 = 40;
/// One file of a few kilobytes takes milliseconds; a machine under load may take much more.
const TOO_LONG: Duration = Duration::from_secs(20);

#[test]
fn damaged_files_neither_panic_nor_hang_and_their_counts_add_up() {
    let count = std::env::var("COLONNADE_MUTATIONS").ok().and_then(|text| text.parse().ok()).unwrap_or(MUTATIONS);
    for subject in SUBJECTS {
        let (mut converted, mut refused) = (0, 0);
        for (name, bytes) in subject.files() {
            for (number, damaged) in Mutations::of(&bytes).take(count as usize).enumerate() {
                let what = format!("{} as {:?}, mutation {number}", name, subject.format);
                let started = Instant::now();
                let result = std::panic::catch_unwind(|| reading::read(&damaged, &name, subject.format));
                let result = result.unwrap_or_else(|_| panic!("{what} panics:\n{}", damaged.escape_ascii()));
                assert!(started.elapsed() < TOO_LONG, "{what} took {:?}:\n{}", started.elapsed(), damaged.escape_ascii());
                match result {
                    Ok(_) => converted += 1,
                    Err(error) => {
                        assert!(!error.what.is_empty(), "{what}: an error without words");
                        refused += 1;
                    }
                }
            }
        }
        println!("{:<8} {converted} damaged files read, {refused} refused", subject.format);
    }
}

impl Subject {
    /// Seeds and files of the corpora, each with its name.
    fn files(&self) -> Vec<(String, Vec<u8>)> {
        let shared = std::env::var_os("COLONNADE_SHARED")
            .map_or_else(|| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared")), PathBuf::from);
        let mut files: Vec<_> = self.seeds.iter().enumerate().map(|(k, seed)| (format!("seed {k}"), seed.as_bytes().to_vec())).collect();
        for corpus in self.corpora {
            files.extend(self.corpus(&shared.join("corpora").join(corpus), self.extensions));
        }
        // What fuzzing found, whole: a regression case each.
        let target = if self.format.is_empty() { "any" } else { self.format };
        files.extend(self.corpus(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/found").join(target), &["bin"]));
        files
    }

    fn corpus(&self, folder: &Path, extensions: &[&str]) -> Vec<(String, Vec<u8>)> {
        let is_ours = |path: &PathBuf| path.extension().is_some_and(|found| extensions.iter().any(|own| found == *own));
        let mut paths: Vec<PathBuf> =
            std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).filter(is_ours).collect();
        paths.sort();
        let step = paths.len().div_ceil(MOST_FILES).max(1);
        let read = |path: &PathBuf| {
            let mut bytes = std::fs::read(path).ok()?;
            if bytes.len() > MOST_BYTES && WHOLE.contains(&self.format) {
                return None;
            }
            bytes.truncate(MOST_BYTES);
            Some((path.file_name()?.to_string_lossy().into_owned(), bytes))
        };
        paths.iter().step_by(step).filter_map(read).collect()
    }
}
