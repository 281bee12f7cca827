//! The Parquet writer's options: declared once, read into [`ParquetOptions`].

use std::borrow::Cow;

use colonnade_protocol::{Affects, ErrorInfo, ErrorKind, OptionDecl, OptionKind};
use parquet::basic::{BrotliLevel, Compression, GzipLevel, ZstdLevel};

use serde::{Deserialize, Serialize};

use crate::Result;
use crate::settings::Settings;

/// Rows a row group holds at most: one Spark task reads a whole group.
pub const ROW_GROUP_ROWS: usize = 1 << 20;
/// Above so many columns pages are smaller, so that one open page a column stays affordable.
const MANY_COLUMNS: usize = 100;
const PAGE_BYTES: usize = 1 << 20;
const PAGE_BYTES_OF_MANY: usize = 64 << 10;

/// How values are compressed, page by page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Codec {
    Zstd,
    Snappy,
    Gzip,
    Lz4,
    Brotli,
    None,
}

/// Which engines the file must please.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Profile {
    /// All of them.
    Portable,
    /// Spark and Delta Lake: their rules for names too.
    Spark,
    /// DuckDB, Polars, pyarrow: no type needs to be changed.
    Duckdb,
}

/// A choice that is made from the data unless someone says otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Switch {
    Auto,
    On,
    Off,
}

/// How to write Parquet.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ParquetOptions {
    pub codec: Codec,
    /// `None`: the codec's own default, and 3 for zstd.
    pub level: Option<u32>,
    pub profile: Profile,
    pub dictionary: Switch,
    /// Delta and byte-stream-split encodings where the sample says that they pay; else plain and dictionary only.
    pub modern_encodings: bool,
    pub row_group_rows: usize,
    /// `None`: 1 MiB, or 64 KiB in a table of more than a hundred columns.
    pub page_bytes: Option<usize>,
    /// Names of columns that get a bloom filter.
    pub bloom_filter: Vec<String>,
}

impl Default for ParquetOptions {
    fn default() -> Self {
        Self {
            codec: Codec::Zstd,
            level: None,
            profile: Profile::Portable,
            dictionary: Switch::Auto,
            modern_encodings: true,
            row_group_rows: ROW_GROUP_ROWS,
            page_bytes: None,
            bloom_filter: Vec::new(),
        }
    }
}

impl ParquetOptions {
    /// From settings made of [`options`].
    ///
    /// # Errors
    /// [`ErrorKind::Usage`] for a level that the codec does not have, or a codec that the profile's engines cannot read.
    pub fn from_settings(settings: &Settings) -> Result<Self> {
        let usage = |what: String, hint: &str| Err(ErrorInfo::new(ErrorKind::Usage, what, hint));
        let codec = match settings.text("compression") {
            "snappy" => Codec::Snappy,
            "gzip" => Codec::Gzip,
            "lz4" => Codec::Lz4,
            "brotli" => Codec::Brotli,
            "none" => Codec::None,
            _ => Codec::Zstd,
        };
        let profile = match settings.text("profile") {
            "spark" => Profile::Spark,
            "duckdb" => Profile::Duckdb,
            _ => Profile::Portable,
        };
        if codec == Codec::Brotli && profile == Profile::Spark {
            return usage("Spark cannot read brotli".to_owned(), "Take zstd, which is about as small.");
        }
        let level = settings.get("compressionLevel").and_then(|level| level.parse().ok());
        let options = Self {
            codec,
            level,
            profile,
            dictionary: match settings.text("dictionary") {
                "on" => Switch::On,
                "off" => Switch::Off,
                _ => Switch::Auto,
            },
            modern_encodings: settings.text("columnEncoding") != "plain",
            row_group_rows: settings.get("rowGroupRows").and_then(|rows| rows.parse().ok()).unwrap_or(ROW_GROUP_ROWS),
            page_bytes: settings.get("pageBytes").and_then(|bytes| bytes.parse().ok()),
            bloom_filter: settings.text("bloomFilter").split(',').map(str::trim).filter(|n| !n.is_empty()).map(str::to_owned).collect(),
        };
        match options.compression() {
            Some(_) => Ok(options),
            None => usage(
                format!("{} has no level {}", settings.text("compression"), level.unwrap_or_default()),
                "Levels: zstd 1 to 22, gzip 0 to 9, brotli 0 to 11; snappy, lz4 and none have none.",
            ),
        }
    }

    /// The codec with its level, as the encoder wants it; `None` where the codec has no such level.
    pub(super) fn compression(&self) -> Option<Compression> {
        Some(match (self.codec, self.level) {
            (Codec::Zstd, level) => Compression::ZSTD(ZstdLevel::try_new(i32::try_from(level.unwrap_or(3)).ok()?).ok()?),
            (Codec::Gzip, level) => Compression::GZIP(GzipLevel::try_new(level.unwrap_or(6)).ok()?),
            (Codec::Brotli, level) => Compression::BROTLI(BrotliLevel::try_new(level.unwrap_or(1)).ok()?),
            (Codec::Snappy, None) => Compression::SNAPPY,
            (Codec::Lz4, None) => Compression::LZ4_RAW,
            (Codec::None, None) => Compression::UNCOMPRESSED,
            (Codec::Snappy | Codec::Lz4 | Codec::None, Some(_)) => return None,
        })
    }

    /// Bytes of a page in a table of so many columns.
    pub(super) fn page_bytes(&self, columns: usize) -> usize {
        self.page_bytes.unwrap_or(if columns > MANY_COLUMNS { PAGE_BYTES_OF_MANY } else { PAGE_BYTES })
    }
}

/// The options, in the order of the form.
pub fn options() -> Vec<OptionDecl> {
    vec![
        declare(
            "compression",
            &["codec", "compressionCodec"],
            "Compression",
            choice(&[
                ("zstd", "zstd: small, and fast to read"),
                ("snappy", "snappy: larger, fastest to write, for old readers"),
                ("gzip", "gzip: small and slow"),
                ("lz4", "lz4: larger, fastest to read"),
                ("brotli", "brotli: small and slow; not for Spark"),
                ("none", "none"),
            ]),
            Some("zstd"),
            "How pages are compressed. Every engine reads zstd, snappy and gzip.",
        )
        .with_synonyms(&[("lz4_raw", "lz4"), ("uncompressed", "none")]),
        declare(
            "compressionLevel",
            &["level"],
            "Compression level",
            OptionKind::Integer { min: 0, max: 22 },
            None,
            "Higher is smaller and slower: zstd 1 to 22 (3 unless set), gzip 0 to 9 (6), brotli 0 to 11 (1).",
        ),
        declare(
            "profile",
            &["target"],
            "Made for",
            choice(&[("portable", "any engine"), ("spark", "Spark and Delta Lake"), ("duckdb", "DuckDB, Polars, pyarrow")]),
            Some("portable"),
            "Spark refuses a whole file for one time or uuid column, or for names that differ only by case: any engine and Spark get \
             times and uuids as text and such names made distinct; for Spark, characters that Delta Lake refuses in names become _. \
             What was changed is listed on the receipt.",
        ),
        declare(
            "dictionary",
            &[],
            "Dictionaries",
            choice(&[("auto", "where they pay"), ("on", "for every column"), ("off", "for none")]),
            Some("auto"),
            "Columns with few distinct values store each value once. Where they pay is decided from the sample, once for the whole file.",
        ),
        declare(
            "columnEncoding",
            &[],
            "Encodings",
            choice(&[("auto", "the smallest"), ("plain", "plain and dictionary only, for old warehouses")]),
            Some("auto"),
            "Integers, dates and timestamps may be stored as differences, which makes them smaller and is read by all common engines.",
        ),
        declare(
            "rowGroupRows",
            &[],
            "Rows in a row group, at most",
            OptionKind::Integer { min: 1, max: 1 << 30 },
            Some("1048576"),
            "The unit that engines read in parallel and skip by. Groups also end with the part of the file that one worker reads.",
        ),
        declare(
            "pageBytes",
            &["parquet.page.size"],
            "Bytes in a page, about",
            OptionKind::Integer { min: 4096, max: 64 << 20 },
            None,
            "The unit of the page index: smaller pages skip more and compress less. 1 MiB, or 64 KiB above a hundred columns.",
        ),
        declare(
            "bloomFilter",
            &[],
            "Bloom filters for",
            OptionKind::Text { max_chars: 10_000 },
            Some(""),
            "Column names, separated by commas. For columns with very many distinct values that are looked up by equality, such as user \
             ids; costs about 1.2 bytes a value.",
        ),
    ]
}

fn choice(values: &[(&'static str, &'static str)]) -> OptionKind {
    OptionKind::Choice(values.iter().map(|&(id, title)| (Cow::Borrowed(id), Cow::Borrowed(title))).collect())
}

fn declare(
    id: &'static str,
    aliases: &[&'static str],
    title: &'static str,
    kind: OptionKind,
    default: Option<&'static str>,
    help: &'static str,
) -> OptionDecl {
    OptionDecl {
        id: Cow::Borrowed(id),
        aliases: aliases.iter().map(|&alias| Cow::Borrowed(alias)).collect(),
        title: Cow::Borrowed(title),
        kind,
        default: default.map(Cow::Borrowed),
        help: Cow::Borrowed(help),
        affects: Affects::Output,
        empty: Cow::Borrowed(""),
        synonyms: Cow::Borrowed(&[]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(given: &[(&str, &str)]) -> Result<ParquetOptions> {
        ParquetOptions::from_settings(&Settings::new(&options(), given.iter().copied())?)
    }

    #[test]
    fn declared_defaults_are_the_defaults() {
        assert_eq!(read(&[]).unwrap(), ParquetOptions::default());
    }

    #[test]
    fn aliases_and_lists_are_read() {
        let options = read(&[("codec", "LZ4"), ("bloomFilter", " a , b,")]).unwrap();
        assert_eq!(options.codec, Codec::Lz4);
        assert_eq!(read(&[("compression", "LZ4_RAW")]).unwrap().codec, Codec::Lz4);
        assert_eq!(read(&[("codec", "uncompressed")]).unwrap().codec, Codec::None);
        assert_eq!(options.bloom_filter, ["a", "b"]);
    }

    #[test]
    fn a_level_that_the_codec_lacks_is_refused() {
        for (codec, level) in [("snappy", "1"), ("gzip", "10"), ("zstd", "0"), ("brotli", "12"), ("none", "3")] {
            let error = read(&[("compression", codec), ("compressionLevel", level)]).unwrap_err();
            assert_eq!(error.kind, ErrorKind::Usage, "{codec} {level}");
        }
        assert_eq!(read(&[("compressionLevel", "22")]).unwrap().level, Some(22));
    }

    #[test]
    fn brotli_is_refused_for_spark() {
        assert!(read(&[("compression", "brotli"), ("profile", "spark")]).is_err());
    }
}
