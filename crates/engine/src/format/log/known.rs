//! The layouts of logs that are known by themselves, as patterns. Names of fields are those of the formats' own texts.
//!
//! Sources: Apache HTTP Server, *mod_log_config* and *ErrorLogFormat*; RFC 3164 and RFC 5424; nginx, *error_log*; Amazon S3,
//! *server access log format*; Kubernetes' container runtime interface, *logging*; Ruby's *Logger::Formatter*; Redis'
//! *serverLogRaw*; the Linux kernel's *printk time stamps*; glog and Android's logcat by their documentation; Python's
//! *logging* by its default format; MySQL, *the slow query log*.

/// Apache's and nginx's common log format. A user may hold blanks, but for a `-` at its beginning: what stands behind one is
/// another field, of a log with more of them in front.
pub const COMMON: &str = r#"%{NOTSPACE:remote_host} %{NOTSPACE:ident} (?<user>-\S*|[^\s-].*?|) \[%{TIMESTAMP:time}\] "(?:(?<method>[A-Z][A-Z_-]*) %{REQUESTTARGET:path}(?: %{HTTPVERSION:protocol})?|%{QUOTED:path})" %{NOTSPACE:status} %{NOTSPACE:bytes}"#;
/// Apache's and nginx's combined log format.
pub const COMBINED: &str = r#"%{COMMONAPACHELOG} "%{QUOTED:referer}" "%{QUOTED:user_agent}""#;
/// RFC 3164, as syslog daemons write it to files.
pub const SYSLOG: &str = r"%{TIMESTAMP:timestamp} %{NOTSPACE:host} (?:%{PROG:program}(?:\[%{DATA:pid}\])?: *)?%{GREEDYDATA:message}";

/// A layout known by itself.
pub struct Layout {
    /// The words of the sentence.
    pub title: &'static str,
    /// Patterns of the layout, the plainer first.
    pub patterns: &'static [&'static str],
    /// What stands for no value.
    pub null_value: &'static str,
    /// Whether messages may go on over lines.
    pub has_messages: bool,
}

/// Every known layout; the first of those that fit best is taken.
pub const LAYOUTS: &[Layout] = &[
    Layout {
        title: "web access log",
        patterns: &[
            "%{COMBINEDAPACHELOG}",
            "%{COMMONAPACHELOG}",
            r#"%{COMBINEDAPACHELOG} "%{QUOTED:http_x_forwarded_for}""#,
            "%{NOTSPACE:vhost} %{COMBINEDAPACHELOG}",
            "%{NOTSPACE:vhost} %{COMMONAPACHELOG}",
            r#"%{NOTSPACE:vhost} %{COMBINEDAPACHELOG} "%{QUOTED:http_x_forwarded_for}""#,
            "%{COMBINEDAPACHELOG} %{GREEDYDATA:extra}",
            "%{COMMONAPACHELOG} %{GREEDYDATA:extra}",
            "%{NOTSPACE:vhost} %{COMBINEDAPACHELOG} %{GREEDYDATA:extra}",
            "%{NOTSPACE:vhost} %{COMMONAPACHELOG} %{GREEDYDATA:extra}",
        ],
        null_value: "-",
        has_messages: false,
    },
    Layout {
        title: "syslog (RFC 5424)",
        patterns: &[
            r"<%{INT:priority}>%{INT:version} %{NOTSPACE:timestamp} %{NOTSPACE:host} %{NOTSPACE:app_name} %{NOTSPACE:procid} %{NOTSPACE:msgid} (?:-|%{SDATA:structured_data})(?: \x{FEFF}?%{GREEDYDATA:message})?",
        ],
        null_value: "-",
        has_messages: true,
    },
    Layout {
        title: "syslog",
        patterns: &[
            SYSLOG,
            r"<%{INT:priority}>%{SYSLOGLINE}",
            r"%{TIMESTAMP:timestamp} %{NOTSPACE:host} (?:%{PROG:program}(?:\[%{DATA:pid}\])?(?: \(%{DATA:context}\))?: *)?%{GREEDYDATA:message}",
        ],
        null_value: "",
        has_messages: true,
    },
    Layout {
        title: "glog",
        patterns: &[r"(?<level>[DIWEF])(?<timestamp>\d{4} %{TIME}) +%{INT:thread} (?<source>[^\]\s]+)\] %{GREEDYDATA:message}"],
        null_value: "",
        has_messages: true,
    },
    Layout {
        title: "Android log",
        patterns: &[
            r"%{TIMESTAMP:timestamp} +%{INT:pid} +%{INT:tid} (?<level>[VDIWEFSA]) %{DATA:tag} *: ?%{GREEDYDATA:message}",
            r"(?<level>[VDIWEFSA])/%{DATA:tag} *\( *%{INT:pid}\): ?%{GREEDYDATA:message}",
        ],
        null_value: "",
        has_messages: true,
    },
    Layout {
        title: "Python log",
        patterns: &[r"%{LOGLEVEL:level}:(?<logger>[^:\s]+):%{GREEDYDATA:message}"],
        null_value: "",
        has_messages: true,
    },
    Layout {
        title: "Apache error log",
        patterns: &[
            r"\[%{TIMESTAMP:timestamp}\] \[%{WORD:module}:%{LOGLEVEL:level}\] \[pid %{INT:pid}(?::tid %{INT:tid})?\] (?:\[client %{DATA:client}\] )?%{GREEDYDATA:message}",
        ],
        null_value: "",
        has_messages: true,
    },
    Layout {
        title: "nginx error log",
        patterns: &[r"%{TIMESTAMP:timestamp} \[%{LOGLEVEL:level}\] %{INT:pid}#%{INT:tid}: (?:\*%{INT:connection} )?%{GREEDYDATA:message}"],
        null_value: "",
        has_messages: true,
    },
    Layout {
        title: "S3 access log",
        patterns: &[
            r#"%{NOTSPACE:bucket_owner} %{NOTSPACE:bucket} \[%{TIMESTAMP:time}\] %{NOTSPACE:remote_ip} %{NOTSPACE:requester} %{NOTSPACE:request_id} %{NOTSPACE:operation} %{NOTSPACE:key} (?:"%{QUOTED:request_uri}"|-) %{NOTSPACE:status} %{NOTSPACE:error_code} %{NOTSPACE:bytes_sent} %{NOTSPACE:object_size} %{NOTSPACE:total_time} %{NOTSPACE:turn_around_time} (?:"%{QUOTED:referer}"|-) (?:"%{QUOTED:user_agent}"|-) %{NOTSPACE:version_id}(?: %{GREEDYDATA:extra})?"#,
        ],
        null_value: "-",
        has_messages: false,
    },
    Layout {
        title: "log of several containers",
        patterns: &[
            r"(?<container>[a-zA-Z0-9._-]+[-_]\d+) +\| %{TIMESTAMP:timestamp}(?: %{GREEDYDATA:message})?",
            r"(?<container>[a-zA-Z0-9._-]+[-_]\d+) +\|(?: %{GREEDYDATA:message})?",
        ],
        null_value: "",
        has_messages: true,
    },
    Layout {
        title: "container log",
        patterns: &[r"%{TIMESTAMP:timestamp} (?<stream>stdout|stderr) (?<tag>[FP])(?: %{GREEDYDATA:message})?"],
        null_value: "",
        has_messages: true,
    },
    Layout {
        title: "Ruby log",
        patterns: &[r"[DIWEFAU], \[%{TIMESTAMP:timestamp} #%{INT:pid}\] +%{WORD:level} -- %{DATA:program}:(?: %{GREEDYDATA:message})?"],
        null_value: "",
        has_messages: true,
    },
    Layout {
        title: "Redis log",
        patterns: &[r"%{INT:pid}:(?<role>[XCSM]) %{TIMESTAMP:timestamp} (?<level>[.*#-]) %{GREEDYDATA:message}"],
        null_value: "",
        has_messages: true,
    },
    Layout {
        title: "kernel log",
        patterns: &[r"\[ *(?<seconds>\d+\.\d{6})\](?: %{GREEDYDATA:message})?"],
        null_value: "",
        has_messages: true,
    },
    Layout {
        title: "MySQL slow query log",
        patterns: &["# Time: %{TIMESTAMP:timestamp}(?: %{GREEDYDATA:message})?"],
        null_value: "",
        has_messages: true,
    },
];
