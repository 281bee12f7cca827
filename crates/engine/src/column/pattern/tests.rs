use super::*;
use chrono::NaiveDateTime;
use proptest::prelude::*;

fn moment(pattern: &str, text: &str) -> Option<String> {
    moment_in("en", pattern, text)
}

fn moment_in(language: &str, pattern: &str, text: &str) -> Option<String> {
    let moment = DatePattern::compile(pattern, language, Reading::Exact).unwrap().moment(text.as_bytes())?;
    Some(chrono::DateTime::from_timestamp_micros(moment.instant(0)).unwrap().format("%Y-%m-%dT%H:%M:%S%.f").to_string())
}

#[test]
fn common_patterns_read_their_texts() {
    for (pattern, text, expected) in [
        ("dd.MM.yyyy", "15.03.2024", "2024-03-15T00:00:00"),
        ("d.M.yyyy", "5.3.2024", "2024-03-05T00:00:00"),
        ("d.M.yyyy", "05.03.2024", "2024-03-05T00:00:00"),
        ("MM/dd/yyyy HH:mm", "03/15/2024 10:30", "2024-03-15T10:30:00"),
        ("dd MMM yyyy", "15 Mar 2024", "2024-03-15T00:00:00"),
        ("MMM d, yyyy", "Sept. 5, 2024", "2024-09-05T00:00:00"),
        ("MMMM d, yyyy", "MARCH 5, 2024", "2024-03-05T00:00:00"),
        ("yyyyMMdd", "20240315", "2024-03-15T00:00:00"),
        ("yyyyMMddHHmmss", "20240315103059", "2024-03-15T10:30:59"),
        ("dd/MMM/yyyy:HH:mm:ss Z", "15/Mar/2024:10:30:59 +0200", "2024-03-15T08:30:59"),
        ("yyyy-MM-dd'T'HH:mm:ss[.SSS][XXX]", "2024-03-15T10:30:59", "2024-03-15T10:30:59"),
        ("yyyy-MM-dd'T'HH:mm:ss[.SSS][XXX]", "2024-03-15T10:30:59.5Z", "2024-03-15T10:30:59.500"),
        ("yyyy-MM-dd'T'HH:mm:ss[.SSS][XXX]", "2024-03-15T10:30:59-05:00", "2024-03-15T15:30:59"),
        ("EEE MMM dd HH:mm:ss Z yyyy", "Fri Apr 17 10:05:45 +0000 2020", "2020-04-17T10:05:45"),
        ("EEE, d MMM yyyy HH:mm:ss z", "Fri, 17 Apr 2020 10:05:45 GMT", "2020-04-17T10:05:45"),
        ("EEE MMM d HH:mm:ss yyyy", "Sun Apr  5 10:05:45 2020", "2020-04-05T10:05:45"),
        ("M/d/yyyy h:mm a", "3/15/2024 12:05 AM", "2024-03-15T00:05:00"),
        ("M/d/yyyy h:mm:ss a", "3/15/2024 12:05:01 p.m.", "2024-03-15T12:05:01"),
        ("yyyy-MM-dd HH:mm:ss,SSS", "2024-03-15 10:30:59,123", "2024-03-15T10:30:59.123"),
        ("yyyy-DDD", "2024-366", "2024-12-31T00:00:00"),
        ("dd.MM.yy", "15.03.24", "2024-03-15T00:00:00"),
        ("yyyy 'o''clock' kk", "2024 o'clock 24", "2024-01-01T00:00:00"),
        ("G yyyy O", "AD 2024 GMT+1", "2023-12-31T23:00:00"),
        ("yyyy O", "2024 GMT+10:30", "2023-12-31T13:30:00"),
        ("yyyy-MM", "2024-03", "2024-03-01T00:00:00"),
    ] {
        assert_eq!(moment(pattern, text).as_deref(), Some(expected), "{pattern} on {text}");
    }
}

#[test]
fn other_texts_do_not_fit() {
    for (pattern, text) in [
        ("dd.MM.yyyy", "5.3.2024"),
        ("dd.MM.yyyy", "15.13.2024"),
        ("dd.MM.yyyy", "30.02.2024"),
        ("dd.MM.yyyy", "15.03.2024 "),
        ("dd.MM.yyyy", "15.03.24"),
        ("d.M.yyyy", "115.3.2024"),
        ("MMM d, yyyy", "Marchy 5, 2024"),
        ("MMMM d, yyyy", "Mar 5, 2024"),
        ("h:mm a", "10:30 AM"),
        ("M/d/yyyy h:mm a", "3/15/2024 13:05 PM"),
        ("M/d/yyyy h:mm a", "3/15/2024 1:05"),
        ("yyyy-DDD", "2023-366"),
        ("yyyy-MM-dd HH:mm:ss Z", "2024-03-15 10:30:59 +99:99"),
        ("yyyy-MM-dd HH:mm:ss.SSS", "2024-03-15 10:30:59.1234"),
        ("EEE d MMM yyyy", "Mon 15 Mar 2024"),
    ] {
        assert_eq!(moment(pattern, text), None, "{pattern} on {text}");
    }
}

#[test]
fn a_wrong_day_name_is_let_pass_for_a_person() {
    let pattern = DatePattern::of_days("EEE d MMM yyyy", "en", Reading::Lenient).unwrap();
    assert_eq!(pattern.day(b"Mon 15 Mar 2024"), date::read(b"2024-03-15"));
    assert_eq!(pattern.day(b"Xyz 15 Mar 2024"), None);
}

#[test]
fn names_are_read_in_the_languages_asked_for() {
    for (language, pattern, text, expected) in [
        ("de", "d. MMMM yyyy", "5. März 2024", "2024-03-05T00:00:00"),
        ("de", "d. MMM yyyy", "5. Dez. 2024", "2024-12-05T00:00:00"),
        ("fr", "d MMMM yyyy", "14 FÉVRIER 2024", "2024-02-14T00:00:00"),
        ("fr", "EEEE d MMM yyyy", "mercredi 14 févr. 2024", "2024-02-14T00:00:00"),
        ("es", "d 'de' MMMM 'de' yyyy", "5 de enero de 2024", "2024-01-05T00:00:00"),
        ("it", "d MMM yyyy", "5 gen 2024", "2024-01-05T00:00:00"),
        ("de", "d MMM yyyy", "5 Oct 2024", "2024-10-05T00:00:00"),
    ] {
        assert_eq!(moment_in(language, pattern, text).as_deref(), Some(expected), "{pattern} on {text}");
    }
    assert_eq!(moment_in("en", "d MMM yyyy", "5 gen 2024"), None);
}

#[test]
fn a_day_holds_no_time() {
    let pattern = DatePattern::of_days("dd.MM.yyyy HH:mm", "en", Reading::Lenient).unwrap();
    assert_eq!(pattern.day(b"15.03.2024 00:00"), date::read(b"2024-03-15"));
    assert_eq!(pattern.day(b"15.03.2024 00:01"), None);
}

#[test]
fn times_are_read_alone() {
    let pattern = DatePattern::of_times("h:mm a", "en", Reading::Exact).unwrap();
    assert_eq!(pattern.time(b"1:30 PM"), time::read(b"13:30", Reading::Exact));
}

#[test]
fn what_cannot_be_read_is_refused_with_its_place() {
    for (pattern, what) in [
        ("YYYY-MM-dd", "character 1: Y is the year of a week"),
        ("yyyy-QQ", "character 6: Q is for writing only"),
        ("yyyy-MM-dd'T", "the quote is never closed"),
        ("yyyy[-MM", "[ is never closed"),
        ("yyyy]", "character 5: ] closes nothing"),
        ("ddd", "d is written once or twice"),
        ("yyyyy", "y cannot stand 5 times"),
        ("yyyy-MM-ddTHH", "T has no meaning"),
        ("", "it is empty"),
    ] {
        let error = DatePattern::compile(pattern, "en", Reading::Exact).unwrap_err();
        assert_eq!(error.kind, ErrorKind::Usage);
        assert!(error.what.contains(what), "{pattern}: {error}");
    }
    assert!(DatePattern::of_days("HH:mm", "en", Reading::Exact).unwrap_err().what.contains("year"));
    assert!(DatePattern::of_times("dd.MM.yyyy", "en", Reading::Exact).unwrap_err().what.contains("hour"));
}

proptest! {
    #[test]
    fn every_moment_reads_back_in_every_pattern(seconds in -62_135_596_800_i64..253_402_300_800) {
        let clock: NaiveDateTime = chrono::DateTime::from_timestamp(seconds, 0).unwrap().naive_utc();
        let expected = clock.format("%Y-%m-%dT%H:%M:%S").to_string();
        for (pattern, format) in [
            ("dd.MM.yyyy HH:mm:ss", "%d.%m.%Y %H:%M:%S"),
            ("M/d/yyyy h:mm:ss a", "%-m/%-d/%Y %-I:%M:%S %p"),
            ("EEEE, MMMM d, yyyy HH:mm:ss", "%A, %B %-d, %Y %H:%M:%S"),
            ("dd-MMM-yyyy HHmmss", "%d-%b-%Y %H%M%S"),
            ("yyyyDDD'T'HH:mm:ss", "%Y%jT%H:%M:%S"),
        ] {
            let text = clock.format(format).to_string();
            prop_assert_eq!(moment(pattern, &text), Some(expected.clone()), "{} on {}", pattern, text);
        }
    }

    #[test]
    fn no_text_makes_a_pattern_panic(text in prop::collection::vec(any::<u8>(), 0..40)) {
        for pattern in ["dd.MM.yyyy HH:mm:ss[.SSS] a", "EEE MMM dd HH:mm:ss Z yyyy", "yyyy-DDD O", "G y"] {
            DatePattern::compile(pattern, "fr", Reading::Lenient).unwrap().moment(&text);
        }
    }
}
