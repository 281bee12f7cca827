//! Options of Spark's readers that no reader here takes: a set-up made for Spark is told why each of them is to be left out.
//!
//! The light build does without: what is no option there, the page asks the build with every format.

/// What the readers of JSON have for ids.
const JSON: &[&str] = &["jsonl", "json", "jsoncolumns"];

/// Some of Spark's options.
struct Absent {
    names: &'static [&'static str],
    /// The formats, by id, that the reason is true of; none: all.
    of: &'static [&'static str],
    /// A sentence without its capital and its point.
    reason: &'static str,
}

const fn everywhere(names: &'static [&'static str], reason: &'static str) -> Absent {
    Absent { names, of: &[], reason }
}

const ABSENT: &[Absent] = &[
    everywhere(
        &["samplingRatio"],
        "types are found from parts of the whole file, and any value that is read later may still widen them; a share of the rows would only guess worse",
    ),
    everywhere(
        &["multiLine"],
        "a record may always go over lines, and whether JSON is one document or a value a line is found from it (format=json and format=jsonl say so)",
    ),
    everywhere(&["columnPruning"], "a record is judged by all of its columns"),
    everywhere(
        &["enforceSchema"],
        "the columns of a schema are taken by position where records do not name their fields, and by name where they do",
    ),
    everywhere(&["charToEscapeQuoteEscaping"], "an escape before an escape stands for one, as it does in Spark unless told otherwise"),
    everywhere(
        &["unescapedQuoteHandling"],
        "a record with a stray quote is read in the way that gives the table's columns, and is listed with its place",
    ),
    everywhere(&["maxCharsPerColumn"], "a value may be as long as its record, and maxRecordBytes bounds that"),
    everywhere(&["inputBufferSize"], "how many bytes are read at a time does not change the table"),
    everywhere(
        &["enableDateTimeParsingFallback"],
        "a date is read by its column's pattern alone, and what does not fit it is never guessed at",
    ),
    everywhere(&["singleVariantColumn"], "there is no type VARIANT here: nested values are structs, lists and maps"),
    everywhere(&["explodeEmbeddedArray"], "recordPath says which array's elements are the rows, as in recordPath=$.items[*]"),
    everywhere(&["useUnsafeRow"], "it is about how Spark holds rows in memory"),
    everywhere(&["rowValidationXSDPath"], "no file is read beside those that are opened, so there is no XSD to judge rows by"),
    everywhere(&["useLegacyXMLParser"], "there is one parser, and a broken element costs one row at most, as with Spark's older one"),
    everywhere(&["wholetext"], "a row is a record of the file, and never the file"),
    everywhere(&["compression", "codec"], "how a file is packed is told by its bytes"),
    Absent { names: &["lineSep"], of: JSON, reason: "a value of JSON ends where its brackets close, or its line does" },
    Absent { names: &["lineSep"], of: &["log"], reason: "lines end with LF, CRLF or CR; format=texttable takes other ends of records" },
    Absent {
        names: &["encoding", "charset"],
        of: &["jsonl", "jsoncolumns"],
        reason: "JSON in lines or in columns is UTF-8; format=json reads UTF-16 and UTF-32 too",
    },
    everywhere(&["path", "pathGlobFilter", "modifiedBefore", "modifiedAfter"], "the files are those that are opened"),
    everywhere(
        &["recursiveFileLookup", "basePath"],
        "folders are always gone through, and hivePartitioning says whether their names give values",
    ),
    everywhere(
        &["ignoreCorruptFiles", "ignoreMissingFiles"],
        "a file that cannot be read is always named, and left out where there are others",
    ),
    everywhere(&["mergeSchema"], "the columns of several files are always brought together by name"),
    everywhere(&["datetimeRebaseMode", "int96RebaseMode"], "days are counted by the Gregorian calendar, which Spark calls CORRECTED"),
    everywhere(
        &["maxFilesPerTrigger", "maxBytesPerTrigger", "latestFirst", "maxFileAge", "cleanSource"],
        "it is about streams of files, and a table here is of files that are there",
    ),
];

/// Why Spark's option of this name, in any case, means nothing to the format with this id. `None`: Spark has no such option, or
/// it may mean something.
pub fn absent(format: &str, name: &str) -> Option<&'static str> {
    let is_meant = |absent: &&Absent| {
        absent.names.iter().any(|known| known.eq_ignore_ascii_case(name)) && (absent.of.is_empty() || absent.of.contains(&format))
    };
    ABSENT.iter().find(is_meant).map(|absent| absent.reason)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::format::{FORMATS, by_id};

    #[test]
    fn what_a_reader_takes_is_not_said_to_mean_nothing() {
        for format in FORMATS {
            for option in format.options() {
                let names = std::iter::once(&option.id).chain(option.aliases.iter());
                for name in names {
                    assert_eq!(absent(format.id(), name), None, "{name} of {}", format.id());
                }
            }
        }
    }

    #[test]
    fn every_option_of_sparks_readers_is_taken_or_has_a_reason() {
        let shared = std::env::var_os("COLONNADE_SHARED").unwrap_or_else(|| concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared").into());
        let Ok(reference) = std::fs::read_to_string(Path::new(&shared).join("reference/spark-options.md")) else {
            println!("skipped: the list of Spark's options is not there ({})", Path::new(&shared).display());
            return;
        };
        let mut seen = 0;
        for (section, formats) in [("CSV", &["csv"][..]), ("JSON", JSON), ("XML", &["xml"]), ("Text", &["log"])] {
            for name in options_of(&reference, section) {
                seen += 1;
                for id in formats {
                    let is_taken = by_id(id).unwrap().options().iter().any(|option| option.is_named(&name));
                    assert!(is_taken || absent(id, &name).is_some(), "{section}: {name} of {id} is neither taken nor explained");
                }
            }
        }
        assert!(seen > 80, "{seen} options of readers");
    }

    /// The names in the first column of a section's table, of the rows that are about reading or inference.
    fn options_of(reference: &str, section: &str) -> Vec<String> {
        let (_, rest) = reference
            .split_once(&format!("\n## {section}\n"))
            .or_else(|| reference.split_once(&format!("\n## {section} ")))
            .unwrap_or_else(|| panic!("no section {section}"));
        let table = rest.split("\n## ").next().unwrap_or_default().lines().filter(|line| line.starts_with("| `"));
        let is_read = |cells: &[&str]| cells.get(3).is_some_and(|of| of.contains(['R', 'S']));
        let rows = table.map(|line| line.split('|').collect::<Vec<_>>()).filter(|cells| is_read(cells));
        rows.flat_map(|cells| cells[1].split('`').skip(1).step_by(2).map(str::to_owned).collect::<Vec<_>>()).collect()
    }
}
