//! Names of what comes out.

/// Last extensions that say how a file is packed, with what stands for them when it is not any more.
const EXTENSIONS: [(&str, &str); 13] = [
    (".gz", ""),
    (".gzip", ""),
    (".tgz", ".tar"),
    (".zst", ""),
    (".zstd", ""),
    (".tzst", ".tar"),
    (".bz2", ""),
    (".tbz2", ".tar"),
    (".xz", ""),
    (".txz", ".tar"),
    (".lz4", ""),
    (".z", ""),
    (".taz", ".tar"),
];

/// The name that a file has once it is unpacked.
pub fn unpacked(name: &str) -> String {
    let lower = name.to_ascii_lowercase();
    let known = EXTENSIONS.iter().find(|(extension, _)| lower.ends_with(extension) && lower.len() > extension.len());
    match known {
        Some((extension, instead)) => format!("{}{instead}", &name[..name.len() - extension.len()]),
        None => name.to_owned(),
    }
}

/// The upper half of code page 437, in which zip archives of old name their members.
const CP437: &str =
    "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{a0}";

/// A member's name: UTF-8 where it is that (many tools do not set the flag), else code page 437.
pub fn decoded(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes
            .iter()
            .map(|&byte| if byte < 128 { char::from(byte) } else { CP437.chars().nth(usize::from(byte) - 128).unwrap_or('\u{fffd}') })
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_loses_what_says_that_it_is_packed() {
        for (packed, name) in
            [("a.csv.gz", "a.csv"), ("A.CSV.GZ", "A.CSV"), ("x.tgz", "x.tar"), (".gz", ".gz"), ("plain", "plain"), ("ä.xz", "ä")]
        {
            assert_eq!(unpacked(packed), name);
        }
    }

    #[test]
    fn names_of_old_archives_are_code_page_437() {
        assert_eq!(CP437.chars().count(), 128);
        assert_eq!(decoded(b"M\x81ller.csv"), "Müller.csv");
        assert_eq!(decoded("Müller.csv".as_bytes()), "Müller.csv");
    }
}
