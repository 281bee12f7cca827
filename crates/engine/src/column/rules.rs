//! What the text of a cell stands for, whatever its column: null, the empty string, not a number, infinity.

use colonnade_protocol::report::{Change, Fix};
use colonnade_protocol::{ErrorInfo, ErrorKind, LogicalType};

use super::ColumnSpec;
use super::cells::Span;
use super::number::{Number, Reading};
use crate::Result;
use crate::settings::Settings;

/// The pattern of a day that needs none.
pub(super) const ISO_DATE: &str = "yyyy-MM-dd";

/// The texts with a meaning of their own, and the conventions that hold for all columns of a table.
#[derive(Debug, Clone, PartialEq)]
pub struct CellRules {
    null_values: Vec<Vec<u8>>,
    /// Bit `n`: some null value has `n` bytes (the last bit: that many or more). Rules most cells out at once.
    null_lengths: u64,
    empty_value: Vec<u8>,
    pub(super) nan: String,
    pub(super) positive_infinity: String,
    pub(super) negative_infinity: String,
    /// Whether one of these three reads as a number.
    pub(super) has_numeric_specials: bool,
    /// Language of month and day names beside English: the tag's first letters (`de` of `de-DE`).
    pub(super) language: String,
    /// Seconds east of UTC, for instants that are written without an offset.
    pub(super) zone_offset: i32,
    /// Whether days without a time are dates rather than timestamps.
    pub(super) prefer_date: bool,
    /// Whether numbers with a fraction are exact decimals rather than doubles, where a decimal has them.
    pub(super) prefers_decimal: bool,
    /// Whether a day name may be another than the date's own.
    pub(super) ignore_day_names: bool,
    pub(super) date_format: Option<String>,
    pub(super) timestamp_format: Option<String>,
    pub(super) timestamp_ntz_format: Option<String>,
    pub(super) time_format: Option<String>,
}

impl Default for CellRules {
    fn default() -> Self {
        Self {
            null_values: vec![Vec::new()],
            null_lengths: 1,
            empty_value: Vec::new(),
            nan: "NaN".to_owned(),
            positive_infinity: "Inf".to_owned(),
            negative_infinity: "-Inf".to_owned(),
            has_numeric_specials: false,
            language: "en".to_owned(),
            zone_offset: 0,
            prefer_date: true,
            prefers_decimal: false,
            ignore_day_names: false,
            date_format: None,
            timestamp_format: None,
            timestamp_ntz_format: None,
            time_format: None,
        }
    }
}

impl CellRules {
    /// Reads `nullValue`, `emptyValue`, `nanValue`, `positiveInf`, `negativeInf`, `locale`, `timeZone` (UTC or an offset),
    /// `preferDate`, `prefersDecimal`, `ignoreDayNames`, `dateFormat`, `timestampFormat`, `timestampNTZFormat` and `timeFormat`; what is not set keeps Spark's
    /// default. An empty format is none: the ISO forms are read. `nullValue` may be a JSON list of texts, `["NA","-"]`;
    /// an empty cell is null whatever it says.
    ///
    /// # Errors
    /// [`ErrorKind::Usage`] for a time zone that is not UTC or an offset from it.
    pub fn new(settings: &Settings) -> Result<Self> {
        let mut rules = Self::default().with_null_values(null_values(settings.text("nullValue")));
        let or = |id: &str, default: &str| settings.get(id).unwrap_or(default).to_owned();
        let nan = or("nanValue", &rules.nan);
        let (positive, negative) = (or("positiveInf", &rules.positive_infinity), or("negativeInf", &rules.negative_infinity));
        rules.set_specials(&nan, &positive, &negative);
        let format = |id: &str| settings.get(id).filter(|format| !format.is_empty()).map(str::to_owned);
        let language = settings.text("locale").split(['-', '_']).next().unwrap_or_default().to_ascii_lowercase();
        Ok(Self {
            empty_value: settings.text("emptyValue").as_bytes().to_vec(),
            language: if language.is_empty() { rules.language } else { language },
            zone_offset: zone_offset(settings.text("timeZone"))?,
            prefer_date: settings.get("preferDate") != Some("false"),
            prefers_decimal: settings.flag("prefersDecimal"),
            ignore_day_names: settings.flag("ignoreDayNames"),
            date_format: format("dateFormat"),
            timestamp_format: format("timestampFormat"),
            timestamp_ntz_format: format("timestampNTZFormat"),
            time_format: format("timeFormat"),
            ..rules
        })
    }

    /// The texts that stand for not a number and the infinities.
    pub(super) fn set_specials(&mut self, nan: &str, positive_infinity: &str, negative_infinity: &str) {
        let texts = [nan, positive_infinity, negative_infinity];
        self.has_numeric_specials = texts.iter().any(|text| Number::read(text.as_bytes(), Reading::Lenient).is_some());
        [self.nan, self.positive_infinity, self.negative_infinity] = texts.map(str::to_owned);
    }

    /// The same rules for dates whose day names may be wrong.
    #[must_use]
    pub fn ignoring_day_names(self) -> Self {
        Self { ignore_day_names: true, ..self }
    }

    /// The same rules with these texts for null.
    #[must_use]
    pub fn with_null_values<T: Into<Vec<u8>>>(mut self, texts: impl IntoIterator<Item = T>) -> Self {
        self.null_values = texts.into_iter().map(Into::into).collect();
        self.null_lengths = self.null_values.iter().fold(0, |lengths, text| lengths | length_bit(text.len()));
        self
    }

    /// The texts that stand for null.
    pub fn null_values(&self) -> &[Vec<u8>] {
        &self.null_values
    }

    /// The change by which `words` stand for null too.
    pub(crate) fn null_fix(&self, words: &[&str]) -> Fix {
        let in_force = self.null_values.iter().filter(|text| !text.is_empty()).map(|text| String::from_utf8_lossy(text).into_owned());
        let texts: Vec<String> = in_force.chain(words.iter().map(|&word| word.to_owned())).collect();
        let value = match &texts[..] {
            [word] => word.clone(),
            _ => serde_json::Value::from(texts).to_string(),
        };
        let change = Change::Option { id: "nullValue".to_owned(), value: Some(value) };
        Fix { title: format!("Read {} as null", words.join(", ")), change }
    }

    /// How the dates and times of a column are written: its own pattern, or that of the settings; `None` for the ISO forms.
    pub(super) fn pattern_of<'a>(&'a self, column: &'a ColumnSpec) -> Option<&'a str> {
        let of_settings = match column.data_type {
            LogicalType::Date => &self.date_format,
            LogicalType::Timestamp => &self.timestamp_format,
            LogicalType::TimestampNtz => &self.timestamp_ntz_format,
            LogicalType::Time => &self.time_format,
            _ => return None,
        };
        let pattern = column.pattern.as_deref().or(of_settings.as_deref())?;
        (pattern != ISO_DATE).then_some(pattern)
    }

    /// Whether a cell of a text column is null: it is missing, or stands for null and is not in quotes.
    #[inline]
    pub(super) fn is_null_text(&self, span: Span, bytes: &[u8]) -> bool {
        !span.is_quoted() && (span.is_missing() || self.is_null_value(bytes))
    }

    /// Whether a cell of any other column is null: it has no text, or stands for null.
    #[inline]
    pub(super) fn is_null(&self, bytes: &[u8]) -> bool {
        bytes.is_empty() || self.is_null_value(bytes)
    }

    #[inline]
    fn is_null_value(&self, bytes: &[u8]) -> bool {
        self.null_lengths & length_bit(bytes.len()) != 0 && self.null_values.iter().any(|text| text == bytes)
    }

    /// Whether a cell stands for an empty string.
    #[inline]
    pub(super) fn is_empty_text(&self, bytes: &[u8]) -> bool {
        !self.empty_value.is_empty() && bytes == self.empty_value
    }
}

#[inline]
fn length_bit(length: usize) -> u64 {
    1 << length.min(63)
}

/// The texts of a `nullValue` setting: the empty one, and itself or the members of a JSON list of strings.
fn null_values(setting: &str) -> Vec<String> {
    let mut texts = serde_json::from_str(setting).unwrap_or_else(|_| vec![setting.to_owned()]);
    if !texts.iter().any(String::is_empty) {
        texts.insert(0, String::new());
    }
    texts
}

/// Seconds east of UTC of a zone as Spark takes it: UTC, an offset, or one behind the other (`GMT+2`, `UTC+02:00`).
fn zone_offset(zone: &str) -> Result<i32> {
    // The signs of the zones by this prefix are the other way round.
    let (zone, is_posix) = zone.strip_prefix("Etc/").map_or((zone, false), |zone| (zone, true));
    let offset = ["UTC", "GMT", "UT"].iter().find_map(|prefix| zone.strip_prefix(prefix)).unwrap_or(zone);
    let offset = match *offset.as_bytes() {
        [] => Some(0),
        [sign @ (b'+' | b'-'), hour] => super::timestamp::read_offset(&[sign, b'0', hour]),
        [sign @ (b'+' | b'-'), hour, b':', tens, ones] => super::timestamp::read_offset(&[sign, b'0', hour, b':', tens, ones]),
        _ => super::timestamp::read_offset(offset.as_bytes()),
    };
    offset.map(|seconds| if is_posix { -seconds } else { seconds }).ok_or_else(|| {
        ErrorInfo::new(
            ErrorKind::Usage,
            format!("timeZone={zone:?} is not usable: a zone is UTC or an offset"),
            "Give UTC or a fixed offset such as +01:00; zones by name, which change with the season, are not known here.",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_null_value_is_one_text_or_a_list() {
        assert_eq!(null_values("NA"), ["", "NA"]);
        assert_eq!(null_values(""), [""]);
        assert_eq!(null_values(r#"["N/A","-"]"#), ["", "N/A", "-"]);
        assert_eq!(null_values("[not json"), ["", "[not json"]);
    }

    #[test]
    fn a_zone_is_utc_or_an_offset() {
        assert_eq!(zone_offset("UTC"), Ok(0));
        assert_eq!(zone_offset("Etc/UTC"), Ok(0));
        assert_eq!(zone_offset("+05:30"), Ok(19_800));
        for zone in ["GMT+2", "UTC+2", "UTC+02:00", "UT+0200", "GMT+2:00", "+2", "+02", "Etc/GMT-2"] {
            assert_eq!(zone_offset(zone), Ok(7200), "{zone}");
        }
        assert_eq!(zone_offset("GMT-5:30"), Ok(-19_800));
        assert_eq!(zone_offset("GMT+").map_err(|error| error.kind), Err(ErrorKind::Usage));
        assert_eq!(zone_offset("Europe/Berlin").map_err(|error| error.kind), Err(ErrorKind::Usage));
    }

    #[test]
    fn quotes_keep_text_from_being_null() {
        let rules = CellRules::default().with_null_values(["", "NA"]);
        assert!(rules.is_null_text(Span::plain(0, 2), b"NA"));
        assert!(!rules.is_null_text(Span::quoted(0, 2), b"NA"));
        assert!(!rules.is_null_text(Span::quoted(0, 0), b""));
        assert!(rules.is_null(b"NA") && rules.is_null(b""));
        assert!(!rules.is_null(b"NB"));
    }

    #[test]
    fn a_missing_cell_is_null_whatever_stands_for_null() {
        let rules = CellRules::default().with_null_values(["NA"]);
        assert!(rules.is_null_text(Span::MISSING, b""));
        assert!(!rules.is_null_text(Span::plain(0, 0), b""));
    }

    #[test]
    fn null_values_longer_than_the_length_mask_are_found() {
        let long = "x".repeat(100);
        let rules = CellRules::default().with_null_values([long.as_str()]);
        assert!(rules.is_null(long.as_bytes()));
        assert!(!rules.is_null("x".repeat(99).as_bytes()));
    }
}
