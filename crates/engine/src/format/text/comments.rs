//! Column names that stand in comments above the data.

/// What comment lines begin with, the longer ones first.
const PREFIXES: &[&str] = &["//", "#", "%", "\\", ";", "!"];

/// Lines that a column's description may go on over.
const MOST_NAMES: usize = 4096;

/// Lines that a comment is looked for in.
const TOP: usize = 50;

/// The prefix of the comments that a text begins with, or that stand among its first lines: `#` and a blank.
pub fn prefix(text: &str) -> Option<&'static str> {
    let mut lines = text.lines().map(str::trim_start).filter(|line| !line.is_empty());
    let first = lines.next()?;
    let among = || {
        let marked = lines.clone().take(TOP).filter(|line| line.starts_with("# ")).count();
        (marked > 0 && marked * 2 <= lines.take(TOP).count()).then_some("#")
    };
    PREFIXES.iter().copied().find(|prefix| first.starts_with(prefix)).or_else(among)
}

/// The comment lines above the first line that is none, without their prefix.
pub fn above<'a>(text: &'a str, prefix: &str) -> Vec<&'a str> {
    text.lines().map(str::trim_start).filter(|line| !line.is_empty()).map_while(|line| line.strip_prefix(prefix)).collect()
}

/// Names, each described on a line of its own with its number: `1 NUMBER  Running object number`. A number that is not
/// there belongs to a further value of the column before it.
pub fn numbered(comments: &[&str]) -> Option<Vec<String>> {
    let mut names: Vec<String> = Vec::new();
    let (mut described, mut last) = (0, String::new());
    for line in comments {
        let mut words = line.split_whitespace();
        let (Some(number), Some(name)) = (words.next().and_then(|word| word.parse::<usize>().ok()), words.next()) else { continue };
        if number <= names.len() || number > names.len() + 64 || number > MOST_NAMES || (described == 0 && number != 1) {
            return None;
        }
        let base = names.len();
        names.extend((base + 1..number).map(|k| format!("{last}_{}", k - base)));
        names.push(name.to_owned());
        last = name.to_owned();
        described += 1;
    }
    (described >= 2 && described * 2 >= comments.len()).then_some(names)
}

/// Names on lines with a tag behind the prefix (`#N ID X Y \`), which may go on over several such lines. Of several tags,
/// that whose words are names and that comes first.
pub fn tagged(comments: &[&str]) -> Option<Vec<String>> {
    let tag = |line: &&str| {
        let mut letters = line.chars();
        let letter = letters.next().filter(char::is_ascii_uppercase)?;
        letters.next().is_some_and(char::is_whitespace).then_some(letter)
    };
    let words = |letter: char| -> Vec<String> {
        let lines = comments.iter().filter(|line| tag(line) == Some(letter));
        lines.flat_map(|line| line[1..].split_whitespace()).filter(|word| *word != "\\").map(str::to_owned).collect()
    };
    let tags: Vec<char> = comments.iter().filter_map(tag).collect();
    if tags.len() * 2 < comments.iter().filter(|line| !line.trim().is_empty()).count() {
        return None;
    }
    // Names come with lines about the same columns: units, formats.
    let names = words('N');
    let others = ['U', 'F'].into_iter().any(|other| words(other).len() == names.len());
    (names.len() > 1 && others).then_some(names)
}

/// The last comment that has a word for every column; the one above it, where it tells units: `- deg deg`.
pub fn last_of_width(comments: &[&str], width: usize) -> Option<Vec<String>> {
    let is_word = |word: &str| word.parse::<f64>().is_err() && !word.starts_with("---");
    let mut lines = comments.iter().rev().map(|line| words(line));
    let mut found = lines.find(|words| words.len() == width && words.iter().all(|word| is_word(word)))?;
    let above = lines.next().filter(|words| words.len() == width && are_names(words) && words.iter().all(|word| is_word(word)));
    if let Some(names) = above.filter(|_| !are_names(&found)) {
        found = names;
    }
    Some(found.into_iter().map(str::to_owned).collect())
}

fn words(line: &str) -> Vec<&str> {
    line.trim_start_matches(['#', '%', '!', ';']).split_whitespace().collect()
}

/// Units that no column is named by.
const UNITS: &[&str] = &["deg", "degC", "degT", "mag", "pixels", "counts", "m/s", "km/s", "hPa", "mb", "mm", "nm", "km", "sec", "Hz", "%"];

/// Whether each word is there once, and none stands for nothing or is a unit.
fn are_names(words: &[&str]) -> bool {
    words.iter().enumerate().all(|(k, word)| *word != "-" && !UNITS.contains(word) && !words[..k].contains(word))
}

/// The names that TeX's tables of journals give their columns: `\tablehead{\colhead{a} & \colhead{b}}`.
pub fn colheads(comments: &[&str]) -> Option<Vec<String>> {
    let heads = comments.iter().flat_map(|line| line.split("colhead{").skip(1));
    let names: Vec<String> = heads.filter_map(|rest| rest.split_once('}').map(|(name, _)| name.trim().to_owned())).collect();
    (names.len() > 1).then_some(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn described_columns_are_named_and_gaps_filled() {
        let text = "# 1 NUMBER Running number\n# 2 FLUX\n# 4 FLAG\n1 2 3 4\n";
        let comments = above(text, prefix(text).unwrap());
        assert_eq!(numbered(&comments).unwrap(), ["NUMBER", "FLUX", "FLUX_1", "FLAG"]);
        assert_eq!(numbered(&[" made by hand", " a b"]), None);
    }

    #[test]
    fn tagged_names_go_on_over_lines() {
        let comments = ["K USER = me name %-23s", "N ID  X \\", "U ## px \\", "N  MAG", "U mag"];
        assert_eq!(tagged(&comments).unwrap(), ["ID", "X", "MAG"]);
    }

    #[test]
    fn the_last_comment_as_wide_as_the_data_names_it() {
        assert_eq!(last_of_width(&[" a title line", " a b c", " 1 2 3"], 3).unwrap(), ["a", "b", "c"]);
        assert_eq!(last_of_width(&[" by hand"], 3), None);
    }
}
