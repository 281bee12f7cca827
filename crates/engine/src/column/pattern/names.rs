//! Names of months and days, in English and the languages that `locale` may name.

/// Twelve months or seven days from Monday, each with its forms in lower case, without a period at the end.
type Names<const N: usize> = [&'static [&'static str]; N];

/// The names of one language.
#[derive(Debug, Clone, Copy)]
pub(super) struct Language {
    months: Names<12>,
    full_months: [&'static str; 12],
    days: Names<7>,
}

/// The languages in which names are read for a tag such as `de`: that one, and English always.
pub(super) fn languages(tag: &str) -> &'static [&'static Language] {
    match tag {
        "de" => &[&ENGLISH, &GERMAN],
        "fr" => &[&ENGLISH, &FRENCH],
        "es" => &[&ENGLISH, &SPANISH],
        "it" => &[&ENGLISH, &ITALIAN],
        _ => &[&ENGLISH],
    }
}

impl Language {
    /// 1 to 12 for the short name of a month.
    pub fn short_month(&self, word: &[u8]) -> Option<u32> {
        position(&self.months, word)
    }

    /// 1 to 12 for the full name of a month.
    pub fn full_month(&self, word: &[u8]) -> Option<u32> {
        Some(self.full_months.iter().position(|name| equal(word, name))? as u32 + 1)
    }

    /// 1 (Monday) to 7 for the name of a day, short or full.
    pub fn day(&self, word: &[u8]) -> Option<u32> {
        position(&self.days, word)
    }
}

fn position(names: &[&[&str]], word: &[u8]) -> Option<u32> {
    Some(names.iter().position(|forms| forms.iter().any(|form| equal(word, form)))? as u32 + 1)
}

/// Compares without regard to case.
fn equal(word: &[u8], name: &str) -> bool {
    if word.is_ascii() {
        return word.eq_ignore_ascii_case(name.as_bytes());
    }
    std::str::from_utf8(word).is_ok_and(|word| word.chars().flat_map(char::to_lowercase).eq(name.chars()))
}

const ENGLISH: Language = Language {
    months: [
        &["jan"],
        &["feb"],
        &["mar"],
        &["apr"],
        &["may"],
        &["jun"],
        &["jul"],
        &["aug"],
        &["sep", "sept"],
        &["oct"],
        &["nov"],
        &["dec"],
    ],
    full_months: ["january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december"],
    days: [
        &["mon", "monday"],
        &["tue", "tues", "tuesday"],
        &["wed", "wednesday"],
        &["thu", "thur", "thurs", "thursday"],
        &["fri", "friday"],
        &["sat", "saturday"],
        &["sun", "sunday"],
    ],
};

const GERMAN: Language = Language {
    months: [
        &["jan", "jän"],
        &["feb"],
        &["mär", "mrz", "märz"],
        &["apr"],
        &["mai"],
        &["jun", "juni"],
        &["jul", "juli"],
        &["aug"],
        &["sep", "sept"],
        &["okt"],
        &["nov"],
        &["dez"],
    ],
    full_months: ["januar", "februar", "märz", "april", "mai", "juni", "juli", "august", "september", "oktober", "november", "dezember"],
    days: [
        &["mo", "montag"],
        &["di", "dienstag"],
        &["mi", "mittwoch"],
        &["do", "donnerstag"],
        &["fr", "freitag"],
        &["sa", "samstag", "sonnabend"],
        &["so", "sonntag"],
    ],
};

const FRENCH: Language = Language {
    months: [
        &["janv", "jan"],
        &["févr", "fév"],
        &["mars", "mar"],
        &["avr"],
        &["mai"],
        &["juin"],
        &["juil"],
        &["août", "aout"],
        &["sept", "sep"],
        &["oct"],
        &["nov"],
        &["déc", "dec"],
    ],
    full_months: ["janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre"],
    days: [
        &["lun", "lundi"],
        &["mar", "mardi"],
        &["mer", "mercredi"],
        &["jeu", "jeudi"],
        &["ven", "vendredi"],
        &["sam", "samedi"],
        &["dim", "dimanche"],
    ],
};

const SPANISH: Language = Language {
    months: [
        &["ene"],
        &["feb"],
        &["mar"],
        &["abr"],
        &["may"],
        &["jun"],
        &["jul"],
        &["ago"],
        &["sept", "sep"],
        &["oct"],
        &["nov"],
        &["dic"],
    ],
    full_months: [
        "enero",
        "febrero",
        "marzo",
        "abril",
        "mayo",
        "junio",
        "julio",
        "agosto",
        "septiembre",
        "octubre",
        "noviembre",
        "diciembre",
    ],
    days: [
        &["lun", "lunes"],
        &["mar", "martes"],
        &["mié", "mie", "miércoles"],
        &["jue", "jueves"],
        &["vie", "viernes"],
        &["sáb", "sab", "sábado"],
        &["dom", "domingo"],
    ],
};

const ITALIAN: Language = Language {
    months: [&["gen"], &["feb"], &["mar"], &["apr"], &["mag"], &["giu"], &["lug"], &["ago"], &["set"], &["ott"], &["nov"], &["dic"]],
    full_months: [
        "gennaio",
        "febbraio",
        "marzo",
        "aprile",
        "maggio",
        "giugno",
        "luglio",
        "agosto",
        "settembre",
        "ottobre",
        "novembre",
        "dicembre",
    ],
    days: [
        &["lun", "lunedì"],
        &["mar", "martedì"],
        &["mer", "mercoledì"],
        &["gio", "giovedì"],
        &["ven", "venerdì"],
        &["sab", "sabato"],
        &["dom", "domenica"],
    ],
};
