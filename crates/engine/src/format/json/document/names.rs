//! Names that tell records from what stands beside them.

/// Names that services give to the records of an answer.
const USUAL: [&str; 24] = [
    "data",
    "records",
    "items",
    "results",
    "result",
    "rows",
    "features",
    "values",
    "value",
    "entries",
    "entry",
    "hits",
    "docs",
    "documents",
    "list",
    "objects",
    "content",
    "elements",
    "members",
    "nodes",
    "observations",
    "series",
    "events",
    "points",
];

/// Names of what services put beside the records to describe them; what is within is described too.
const DESCRIBING: [&str; 30] = [
    "meta",
    "metadata",
    "_meta",
    "links",
    "_links",
    "included",
    "includes",
    "schema",
    "columns",
    "fields",
    "headers",
    "header",
    "facets",
    "facet_groups",
    "facet_counts",
    "aggregations",
    "aggs",
    "responseheader",
    "parameters",
    "params",
    "paging",
    "pagination",
    "pageinfo",
    "page_info",
    "@context",
    "view",
    "crs",
    "license",
    "warnings",
    "errors",
];
/// Whether a member of this name describes the records.
pub fn is_describing(name: &str) -> bool {
    DESCRIBING.iter().any(|describing| name.eq_ignore_ascii_case(describing))
}

/// Whether services give such a name to records.
pub fn is_usual(name: &str) -> bool {
    USUAL.iter().any(|usual| name.eq_ignore_ascii_case(usual))
}
