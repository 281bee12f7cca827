//! The named patterns of grok (Logstash's core set, as far as logs of lines need it), in the pattern language itself.

/// What `%{NAME}` stands for; `None`: there is no such name.
pub fn expansion(name: &str) -> Option<&'static str> {
    TABLE.iter().find(|(known, _)| *known == name).map(|(_, pattern)| *pattern)
}

/// Every name, for messages.
pub fn names() -> impl Iterator<Item = &'static str> {
    SPECIAL.iter().copied().chain(TABLE.iter().map(|(name, _)| *name))
}

/// Names that a scanner of its own reads: timestamps of any usual form, levels, what stands in
/// quotes, the target of a request in them, RFC 5424's structured data, and pairs.
pub const SPECIAL: &[&str] = &["TIMESTAMP", "LOGLEVEL", "QUOTED", "REQUESTTARGET", "SDATA", "LOGFMT"];

const TABLE: &[(&str, &str)] = &[
    ("DATA", ".*?"),
    ("GREEDYDATA", ".*"),
    ("NOTSPACE", r"\S+"),
    ("SPACE", r"\s*"),
    ("WORD", r"\w+"),
    ("USER", r"[a-zA-Z0-9._-]+"),
    ("USERNAME", r"[a-zA-Z0-9._-]+"),
    ("INT", r"[+-]?\d+"),
    ("POSINT", r"\d+"),
    ("NONNEGINT", r"\d+"),
    ("NUMBER", r"[+-]?\d+(?:\.\d+)?"),
    ("BASE10NUM", r"[+-]?\d+(?:\.\d+)?"),
    ("BASE16NUM", r"(?:0x)?[0-9A-Fa-f]+"),
    ("UUID", r"[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}"),
    ("IPV4", r"\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}"),
    ("IPV6", r"[0-9A-Fa-f:]+(?:%\w+)?"),
    ("IP", r"(?:%{IPV4}|%{IPV6})"),
    ("HOSTNAME", r"[0-9A-Za-z][0-9A-Za-z._-]*"),
    ("IPORHOST", r"[0-9A-Za-z:][0-9A-Za-z._:-]*"),
    ("HOSTPORT", r"[0-9A-Za-z][0-9A-Za-z._-]*:\d+"),
    ("MAC", r"[0-9A-Fa-f]{2}(?:[:-][0-9A-Fa-f]{2}){5}"),
    ("PATH", r"(?:/|[A-Za-z]:\\)\S*"),
    ("UNIXPATH", r"/\S*"),
    ("URI", r"[A-Za-z][A-Za-z0-9+.-]*://\S+"),
    ("URIPATH", r"/[^?\s]*"),
    ("URIPATHPARAM", r"/\S*"),
    ("QS", r#""%{QUOTED}""#),
    ("QUOTEDSTRING", r#""%{QUOTED}""#),
    ("MONTH", r"[A-Za-z]{3,9}"),
    ("MONTHNUM", r"\d{1,2}"),
    ("MONTHDAY", r"\d{1,2}"),
    ("DAY", r"[A-Za-z]{3,9}"),
    ("YEAR", r"\d{2,4}"),
    ("HOUR", r"\d{1,2}"),
    ("MINUTE", r"\d{2}"),
    ("SECOND", r"\d{2}(?:[.,:]\d+)?"),
    ("TIME", r"\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?"),
    ("DATE", r"\d{1,4}[./-]\d{1,2}[./-]\d{1,4}"),
    ("TZ", r"(?:Z|[A-Z]{3,4}|[+-]\d{2}:?\d{2})"),
    ("TIMESTAMP_ISO8601", "%{TIMESTAMP}"),
    ("HTTPDATE", "%{TIMESTAMP}"),
    ("DATESTAMP", "%{TIMESTAMP}"),
    ("SYSLOGTIMESTAMP", "%{TIMESTAMP}"),
    ("PROG", r"[^\s\[\]:]+"),
    ("SYSLOGHOST", r"\S+"),
    ("HTTPVERSION", r"[A-Z]+/[0-9.]+"),
    ("COMMONAPACHELOG", crate::format::log::known::COMMON),
    ("COMBINEDAPACHELOG", crate::format::log::known::COMBINED),
    ("SYSLOGLINE", crate::format::log::known::SYSLOG),
];
