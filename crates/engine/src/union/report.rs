//! What is told of a table of several files.

use colonnade_protocol::Setting;
use colonnade_protocol::report::{FileReport, Finding, InputReport, OutputFile, Structure, StructureKind};

use super::Part;
use crate::column::ColumnSpec;
use crate::job::Totals;

/// What a report on several files is made of.
pub struct Reported<'a> {
    pub name: &'a str,
    /// Why they are one table.
    pub why: &'a str,
    /// Each file's own report, as before any job.
    pub files: &'a [&'a InputReport],
    pub parts: &'a [Part],
    pub columns: &'a [ColumnSpec],
    pub totals: &'a Totals,
    /// Of the union itself: its settings, and what was found.
    pub settings: &'a [Setting],
    pub findings: &'a [Finding],
}

/// The report on a table of several files, after a job over it (or before one).
pub fn report(of: &Reported<'_>, outputs: Vec<OutputFile>) -> InputReport {
    let mut counts = of.totals.counts;
    let file = |(k, (part, file)): (usize, (&Part, &&InputReport))| {
        let mut counts = of.totals.parts.get(k).copied().unwrap_or_default();
        if part.lost.is_none() {
            counts.skipped += file.counts.skipped;
        }
        FileReport { name: part.file.clone().unwrap_or_default(), bytes: part.extent.bytes, counts, lost: part.lost.clone() }
    };
    let files: Vec<FileReport> = of.parts.iter().zip(of.files).enumerate().map(file).collect();
    let read = files.iter().filter(|file| file.lost.is_none());
    counts.skipped = read.clone().map(|file| file.counts.skipped).sum();
    let first = of.files.first();
    InputReport {
        name: of.name.to_owned(),
        bytes: read.map(|file| file.bytes).sum(),
        format: first.map_or_else(String::new, |first| first.format.clone()),
        confidence: of.files.iter().map(|file| file.confidence).fold(1.0, f32::min),
        sentence: sentence(of),
        structure: first.map_or_else(|| Structure::new(StructureKind::Structured, ""), |first| first.structure.clone()),
        settings: first.map(|first| &first.settings).into_iter().flatten().chain(of.settings).cloned().collect(),
        schema: of.columns.iter().map(ColumnSpec::info).collect(),
        counts,
        findings: of.totals.rejects.decisions().findings(&findings(of)),
        rejects: of.totals.rejects.groups().to_vec(),
        outputs,
        files,
    }
}

fn sentence(of: &Reported<'_>) -> String {
    let first = of.files.first().map_or("", |file| file.sentence.as_str());
    let way = |file: &InputReport| file.settings.iter().map(|setting| (setting.id.clone(), setting.value.clone())).collect::<Vec<_>>();
    let are_alike = of.files.windows(2).all(|pair| matches!(pair, [one, other] if way(one) == way(other)));
    let others = if are_alike { "" } else { " (the first; others are read in their own ways)" };
    let are_tables = of.files.iter().any(|file| file.file().1.is_some());
    let lost = of.parts.iter().filter(|part| part.lost.is_some()).count();
    let heading = heading(of.files.len().saturating_sub(lost), are_tables, of.why);
    let lost = if lost > 0 { format!(" {lost} of {} left out.", of.files.len()) } else { String::new() };
    format!("{heading}{lost} {first}{others}")
}

/// How many files, or tables of files, are one table, and why.
pub fn heading(count: usize, are_tables: bool, why: &str) -> String {
    let what = if are_tables { "tables as one" } else { "files as one table" };
    format!("{count} {what}: {why}.")
}

/// What is told of a file without any content in a table of several.
pub fn is_empty(file: &str) -> String {
    format!("{file} is empty: it adds no rows")
}

/// Those of the union and those of the files, each with how many files it is of.
fn findings(of: &Reported<'_>) -> Vec<Finding> {
    let path = |k: usize| of.parts.get(k).and_then(|part| part.file.as_deref()).unwrap_or_default();
    let mut of_files: Vec<(&Finding, usize, usize)> = Vec::new();
    for (k, finding) in of.files.iter().enumerate().flat_map(|(k, file)| file.findings.iter().map(move |finding| (k, finding))) {
        match of_files.iter_mut().find(|(known, ..)| known.what == finding.what) {
            Some((.., count)) => *count += 1,
            None => of_files.push((finding, k, 1)),
        }
    }
    let of_files = of_files.into_iter().map(|(finding, k, count)| {
        let where_ = if count == 1 { path(k).to_owned() } else { format!("{count} files, first {}", path(k)) };
        Finding { what: format!("{where_}: {}", finding.what), fix: finding.fix.clone() }
    });
    of.findings.iter().cloned().chain(of_files).collect()
}

/// What a table of these files is called: their folder's name, or what their names begin with.
pub fn name<'a>(paths: impl IntoIterator<Item = &'a str> + Clone) -> String {
    let folders = |path: &'a str| {
        let mut parts: Vec<&str> = path.split(['/', '\\']).map(str::trim).collect();
        parts.pop();
        parts
    };
    let mut common: Option<Vec<&str>> = None;
    for path in paths.clone() {
        let own = folders(path);
        let shared = common.as_ref().map_or(own.len(), |known| known.iter().zip(&own).take_while(|(a, b)| a == b).count());
        common = Some(own.into_iter().take(shared).collect());
    }
    let is_name = |part: &&str| !matches!(*part, "" | "." | "..") && !part.contains('=');
    if let Some(folder) = common.unwrap_or_default().into_iter().rfind(is_name) {
        return folder.to_owned();
    }
    let mut names = paths.into_iter().map(|path| crate::output::name::stem(path, None));
    let first = names.next().unwrap_or_default();
    let shared = names.fold(first, |shared, name| {
        let alike = shared.chars().zip(name.chars()).take_while(|(a, b)| a == b).map(|(letter, _)| letter);
        alike.collect()
    });
    let name = shared.trim_end_matches(|c: char| c.is_ascii_digit() || matches!(c, '-' | '_' | '.' | ' ' | '('));
    if name.is_empty() { "table".to_owned() } else { name.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_of_several_files_is_called_by_what_they_share() {
        for (paths, expected) in [
            (&["sales-2024-01.csv", "sales-2024-02.csv"][..], "sales"),
            (&["in/data/year=2024/a.csv", "in/data/year=2025/b.csv"], "data"),
            (&["/a.csv", "/b.csv"], "table"),
            (&["./a.csv", "./b.csv"], "table"),
            (&["c.zip / x/1.csv", "c.zip / x/2.csv"], "x"),
        ] {
            assert_eq!(name(paths.iter().copied()), expected, "{paths:?}");
        }
    }
}
