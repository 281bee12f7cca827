//! Tables of several files: made of tables that are open, each file read as it was found to be.

use std::collections::HashSet;

use colonnade_engine::Result;
use colonnade_engine::column::ColumnSpec;
use colonnade_engine::job::{Job, Totals};
use colonnade_engine::plan::ReadPlan;
use colonnade_engine::remedies::MOST_FILES;
use colonnade_engine::settings::Settings;
use colonnade_engine::union::{self, Member, Reported, United};
use colonnade_protocol::message::{CoordinatorMessage, Overrides, RowWindow, SentencePart, TableId};
use colonnade_protocol::report::{FileReport, Finding, InputReport, OutputFile, RejectGroup};
use colonnade_protocol::schema::ColumnInfo;
use colonnade_protocol::{ErrorInfo, ErrorKind};

use super::Coordinator;
use super::pool::Purpose;
use super::table::TableState;
use crate::message::{FIRST_COLUMNS, FIRST_ROWS, Opened, Tried, Unpacked};

/// Generations of a file's readings within a table of several are told from the page's own by this bit.
const WITHIN: u32 = 1 << 31;

/// What a table of several files is made of.
#[derive(Default)]
pub struct Union {
    pub members: Vec<TableId>,
    /// Those that can be read, in the order of the parts.
    pub read: Vec<TableId>,
    why: String,
    pub united: Option<United>,
    settings: Settings,
    /// Each member's own report, in the order of the parts.
    reports: Vec<InputReport>,
    /// Members without any row: those that are empty, and those that cannot be read.
    others: Vec<FileReport>,
}

/// Files that one window may go over: more are shown once it is known where their rows are.
const WINDOW_FILES: usize = 64;

impl Union {
    /// From which row, and out of which files, the rows `first..last` are to be had.
    pub fn files_of(
        &self,
        indexed: Option<(u64, u32, u64)>,
        first: u64,
        last: u64,
        known: &Totals,
    ) -> (u64, Vec<(TableId, ReadPlan, u64)>) {
        let Some(united) = &self.united else { return (0, Vec::new()) };
        let start = |part: usize| united.parts.get(part).map_or(0, |part| part.extent.start.byte);
        let (mut row, mut part, mut at) = indexed.map_or((0, 0, start(0)), |(row, part, at)| (row, part as usize, at));
        // The rows of files that were read whole tell where those of the next begin.
        let mut begins = 0;
        for (k, counts) in known.parts.iter().enumerate() {
            if begins <= first && begins >= row && k >= part {
                (row, part, at) = (begins, k, start(k));
            }
            begins += counts.written;
            if begins > first || begins >= known.index.rows() {
                break;
            }
        }
        let mut files = Vec::new();
        let mut reached = row;
        for (k, of) in united.parts.iter().enumerate().skip(part).filter(|(_, of)| of.lost.is_none()) {
            let Some(table) = self.read.get(k) else { break };
            if files.len() == WINDOW_FILES || !files.is_empty() && reached >= last {
                break;
            }
            files.push((*table, of.plan(&united.columns), if k == part { at } else { start(k) }));
            reached += if k == part { 0 } else { known.parts.get(k).map_or(0, |counts| counts.written) };
        }
        (row, files)
    }

    /// The files on which a remedy for these records is tried, those that they are of first, and the table's columns.
    pub fn tried(&self, groups: &[RejectGroup]) -> (Vec<Tried>, Vec<ColumnSpec>) {
        let Some(united) = &self.united else { return Default::default() };
        let of: HashSet<&str> = groups.iter().flat_map(|group| &group.first).filter_map(|reject| reject.file.as_deref()).collect();
        let is_of = |part: &union::Part| part.file.as_deref().is_some_and(|name| of.contains(name));
        let mut parts: Vec<_> = united.parts.iter().zip(&self.read).filter(|(part, _)| part.lost.is_none()).collect();
        parts.sort_by_key(|(part, _)| !is_of(part));
        let tried = |(part, table): (&union::Part, &TableId)| Tried {
            table: *table,
            name: part.file.clone(),
            read: part.read.clone(),
            data_start: part.extent.start.byte,
        };
        (parts.into_iter().take(MOST_FILES).map(tried).collect(), united.columns.clone())
    }

    /// The report after a job, or before one.
    pub fn report<S: Clone>(&self, name: &str, job: &Job<S>, outputs: Vec<OutputFile>) -> InputReport {
        self.reported(name, job.parts(), job.columns(), job.totals(), outputs)
    }

    fn reported(
        &self,
        name: &str,
        parts: &[union::Part],
        columns: &[ColumnSpec],
        totals: &Totals,
        outputs: Vec<OutputFile>,
    ) -> InputReport {
        let findings = self.united.as_ref().map_or(&[][..], |united| &united.findings);
        let files: Vec<&InputReport> = self.reports.iter().collect();
        let settings = self.settings.as_slice();
        let mut report =
            union::report(&Reported { name, why: &self.why, files: &files, parts, columns, totals, settings, findings }, outputs);
        report.files.extend(self.others.iter().cloned());
        report
    }
}

impl Coordinator {
    /// Tells the page which of these tables are of one shape. Tables of a file that holds several are left as they are. A file
    /// without any content goes with those that it lies among.
    pub fn tell_shapes(&self, tables: &[TableId]) {
        let looked = |id: &TableId| {
            let state = self.tables.get(id)?;
            let opened = state.opened.as_ref().filter(|opened| state.union.is_none() && opened.preview.tables.len() < 2)?;
            Some((*id, Member { path: &state.name, read: &opened.read, extent: &opened.extent }))
        };
        let (ids, members): (Vec<TableId>, Vec<Member<'_>>) = tables.iter().filter_map(looked).unzip();
        let mut shapes = union::shapes(&members);
        let mut groups: Vec<Vec<TableId>> =
            shapes.iter().map(|shape| shape.members.iter().filter_map(|&k| ids.get(k).copied()).collect()).collect();
        for (id, state) in tables.iter().filter_map(|id| Some((id, self.tables.get(id)?))).filter(|(_, state)| state.is_empty()) {
            if let Some(group) = union::shape_of(&state.name, &shapes, &members).and_then(|at| groups.get_mut(at)) {
                group.push(*id);
            }
        }
        let shapes = groups.into_iter().zip(shapes.drain(..)).map(|(ids, shape)| (ids, shape.why)).collect();
        self.tell(0, CoordinatorMessage::Shapes { shapes });
    }

    /// Makes one table of several; they are not read by themselves until it is closed.
    pub fn unite(&mut self, table: TableId, generation: u32, members: Vec<TableId>, overrides: Overrides) {
        let members: Vec<TableId> = members.into_iter().filter(|id| self.tables.contains_key(id)).collect();
        let Some(first) = members.first().and_then(|id| self.tables.get(id)) else { return };
        let (file, spools) = (first.file.clone(), first.spools.clone());
        let name = union::name(members.iter().filter_map(|id| self.tables.get(id)).map(|state| state.name.as_str()));
        for id in &members {
            if let Some(state) = self.tables.get_mut(id) {
                state.within = Some(table);
                state.scan = None;
            }
        }
        self.pool.stop(|running| members.contains(&running.table) && running.purpose != Purpose::Save);
        let mut state = TableState::new(name, file, generation, overrides, Unpacked::default(), spools);
        self.pool.sources(table, &state.file);
        self.preview.source(table, &state.file);
        state.union = Some(Union { members, ..Union::default() });
        self.tell(generation, CoordinatorMessage::United { table, name: state.name.clone() });
        self.tables.insert(table, state);
        self.unite_if_opened(table);
    }

    /// The files of a table of several are read in another way: each anew, where it is not only the table that changes.
    pub fn configure_union(&mut self, table: TableId, before: &Overrides) {
        let Some(state) = self.tables.get(&table) else { return };
        let Some(union) = &state.union else { return };
        let (members, overrides) = (union.members.clone(), state.overrides.clone());
        if own_options(&overrides) != own_options(before) {
            for id in members {
                let Some(member) = self.tables.get_mut(&id) else { continue };
                member.generation = member.generation.wrapping_add(1) | WITHIN;
                member.overrides.options = own_options(&overrides);
                (member.opened, member.failed) = (None, None);
                let (generation, question) = (member.generation, member.question(id));
                self.preview.ask(id, generation, question);
            }
        }
        self.unite_if_opened(table);
    }

    /// Closes a table of several files: its files are tables by themselves again.
    pub fn disunite(&mut self, members: &[TableId]) {
        for id in members {
            if let Some(state) = self.tables.get_mut(id) {
                state.within = None;
                if state.opened.is_some() {
                    state.scan_again();
                }
            }
        }
    }

    /// Shows a table of several files once all of them were looked at.
    pub fn unite_if_opened(&mut self, table: TableId) {
        let Some(members) = self.tables.get(&table).and_then(|state| Some(state.union.as_ref()?.members.clone())) else { return };
        if members.iter().filter_map(|id| self.tables.get(id)).any(TableState::is_opening) {
            return;
        }
        let (generation, opened) = match (self.tables.get(&table), self.united(table, &members)) {
            (Some(state), Ok((opened, union))) => {
                let generation = state.generation;
                if let Some(state) = self.tables.get_mut(&table) {
                    state.union = Some(union);
                }
                (generation, opened)
            }
            (Some(state), Err(error)) => {
                let generation = state.generation;
                return self.open_failed(table, generation, error);
            }
            (None, _) => return,
        };
        self.opened(table, generation, opened);
    }

    fn united(&self, table: TableId, ids: &[TableId]) -> Result<(Opened, Union)> {
        let state = self.tables.get(&table).ok_or_else(|| ErrorInfo::new(ErrorKind::Internal, "there is no such table", ""))?;
        let states: Vec<&TableState> = ids.iter().filter_map(|id| self.tables.get(id)).collect();
        let opened: Vec<(&TableState, &Opened)> = states.iter().filter_map(|state| Some((*state, state.opened.as_ref()?))).collect();
        let members: Vec<Member<'_>> =
            opened.iter().map(|(state, opened)| Member { path: &state.name, read: &opened.read, extent: &opened.extent }).collect();
        let Some((_, first)) = opened.first() else {
            let error = states.iter().find_map(|state| state.failed.clone());
            return Err(error.unwrap_or_else(|| ErrorInfo::new(ErrorKind::Empty, "none of the files can be read", "")));
        };
        let known = union::options();
        let given = state.overrides.options.iter().filter(|(name, _)| known.iter().any(|option| option.is_named(name)));
        let settings = Settings::new(&known, given.map(|(name, value)| (name.as_str(), value.as_str())))?;
        let mut united = union::unite(&members, &settings, &state.overrides.columns)?;
        let others: Vec<FileReport> = states.iter().filter_map(|state| state.without_rows()).collect();
        let empty = others.iter().filter(|file| file.lost.is_none());
        united.findings.extend(empty.map(|file| Finding { what: union::is_empty(&file.name), fix: None }));
        let choices = union::choices(&united, &opened.iter().map(|(_, opened)| opened.choices.as_slice()).collect::<Vec<_>>());
        let union = Union {
            members: ids.to_vec(),
            read: ids.iter().filter(|id| self.tables.get(id).is_some_and(|state| state.opened.is_some())).copied().collect(),
            why: union::why(&members),
            settings,
            others,
            reports: opened.iter().map(|(_, opened)| opened.report.clone()).collect(),
            united: Some(united.clone()),
        };
        let report = union.reported(&state.name, &united.parts, &united.columns, &Totals::default(), Vec::new());
        let mut preview = first.preview.clone();
        preview
            .sentence
            .insert(0, SentencePart { text: format!("{} The first: ", union::heading(members.len(), false, &union.why)), option: None });
        preview.options.extend(known);
        preview.settings.extend(union.settings.as_slice().iter().cloned());
        preview.schema = united.columns.iter().map(ColumnSpec::info).collect::<Vec<ColumnInfo>>();
        preview.findings.clone_from(&report.findings);
        preview.findings.extend(report.files.iter().filter_map(|file| file.lost.as_ref()).map(Finding::left_out));
        preview.tables.clear();
        preview.confidence = report.confidence;
        preview.estimated_rows = opened.iter().map(|(_, opened)| opened.preview.estimated_rows).sum();
        let firsts: Vec<&RowWindow> = opened.iter().map(|(_, opened)| &opened.preview.rows).collect();
        preview.rows = first_rows(&united, &firsts);
        let mut extent = first.extent.clone();
        extent.bytes = united.parts.iter().map(|part| part.extent.bytes).sum();
        let read = united.parts.first().map_or_else(|| first.read.clone(), |part| part.plan(&united.columns));
        Ok((Opened { preview, read, choices, extent, report }, union))
    }
}

/// The options of a table's files, without those of their union.
fn own_options(overrides: &Overrides) -> Vec<(String, String)> {
    let is_own = |name: &str| !union::IDS.iter().any(|id| id.eq_ignore_ascii_case(name));
    overrides.options.iter().filter(|(name, _)| is_own(name)).cloned().collect()
}

/// The first rows of the files, one behind another, in the table's columns.
fn first_rows(united: &United, firsts: &[&RowWindow]) -> RowWindow {
    let mut rows = Vec::new();
    for (part, first) in united.parts.iter().zip(firsts) {
        let plan = part.plan(&united.columns);
        let room = FIRST_ROWS - rows.len();
        rows.extend(first.rows.iter().take(room).map(|row| {
            let given = plan.given.iter().flatten().take(FIRST_COLUMNS);
            given.map(|given| given.cell(|at| row.get(at as usize).cloned())).collect()
        }));
        // A file that has more rows than came with its preview hides where the next one begins.
        if rows.len() >= FIRST_ROWS || first.rows.len() >= FIRST_ROWS {
            break;
        }
    }
    RowWindow { first: 0, from_column: 0, known_rows: rows.len() as u64, rows }
}
