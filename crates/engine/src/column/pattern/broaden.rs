//! From a pattern to the one that reads the same texts and shorter and longer ones.

/// The pattern that also reads days, months and hours of one digit, and times with and without seconds and their
/// fraction: `d.M.yyyy H:mm[:ss[.SSSSSS]]` for `dd.MM.yyyy HH:mm`. `None` where the pattern is as broad already, or where
/// numbers stand without a sign between them, so that their widths tell them apart.
pub(in crate::column) fn broader(pattern: &str) -> Option<String> {
    let mut broad = String::new();
    let (mut is_quoted, mut follows_number) = (false, false);
    let mut rest = pattern;
    while let Some(c) = rest.chars().next() {
        let length = rest.chars().take_while(|next| *next == c).count() * c.len_utf8();
        let (run, behind) = rest.split_at(length);
        rest = behind;
        is_quoted ^= c == '\'' && length % 2 == 1;
        let is_number = !is_quoted && "yMLdDHhkKmsS".contains(c) && !(matches!(c, 'M' | 'L') && length > 2);
        if is_number && follows_number {
            return None;
        }
        follows_number = is_number;
        let may_be_single = is_number && length == 2 && "MLdHh".contains(c);
        broad.push_str(if may_be_single { &run[..1] } else { run });
    }
    let broad = with_optional_seconds(&broad).unwrap_or(broad);
    (broad != pattern).then_some(broad)
}

fn with_optional_seconds(pattern: &str) -> Option<String> {
    let minutes = pattern.find("H:mm").or_else(|| pattern.find("h:mm"))? + "H:mm".len();
    let (time, rest) = pattern.split_at(minutes);
    if rest.starts_with('[') {
        return None;
    }
    let rest = rest.strip_prefix(":ss").unwrap_or(rest);
    let without_point = rest.strip_prefix(['.', ',']).filter(|fraction| fraction.starts_with('S'));
    let point = if without_point.is_some() { &rest[..1] } else { "." };
    let rest = without_point.map_or(rest, |fraction| fraction.trim_start_matches('S'));
    Some(format!("{time}[:ss[{point}SSSSSS]]{rest}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn widths_become_free_and_seconds_optional() {
        for (pattern, expected) in [
            ("dd.MM.yyyy", Some("d.M.yyyy")),
            ("d.M.yyyy", None),
            ("yyyyMMdd", None),
            ("MM/dd/yyyy HH:mm", Some("M/d/yyyy H:mm[:ss[.SSSSSS]]")),
            ("M/d/yyyy H:mm[:ss[.SSSSSS]]", None),
            ("yyyy-MM-dd HH:mm:ss,SSS", Some("yyyy-M-d H:mm[:ss[,SSSSSS]]")),
            ("dd/MMM/yyyy:HH:mm:ss Z", Some("d/MMM/yyyy:H:mm[:ss[.SSSSSS]] Z")),
            ("dd MMMM yyyy", Some("d MMMM yyyy")),
            ("yyyy'dd'", None),
            ("hh:mm a", Some("h:mm[:ss[.SSSSSS]] a")),
        ] {
            assert_eq!(broader(pattern).as_deref(), expected, "{pattern}");
        }
    }
}
