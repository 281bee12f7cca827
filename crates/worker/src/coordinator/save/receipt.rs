//! The end of a save that went well: its download and its receipt.

use colonnade_engine::Result;
use colonnade_engine::column::ColumnSpec;
use colonnade_engine::output::segment::Frame;
use colonnade_engine::output::zip::{self, Entry};
use colonnade_protocol::Counts;
use colonnade_protocol::message::{CoordinatorMessage, Receipt, SaveTarget, TableId};
use colonnade_protocol::report::{FileReport, InputReport, OutputFile};
use js_sys::{Array, Uint8Array};
use wasm_bindgen::prelude::*;
use web_sys::{Blob, BlobPropertyBag};

use super::super::pool::now;
use super::super::remedies::looked_at;
use super::super::sink::Finished;
use super::super::{Coordinator, command};
use super::{Save, SavedTable};

impl Coordinator {
    /// All files of the save are written and closed.
    pub(super) fn saved(&mut self, finished: &Finished, frames: &[Frame]) {
        for index in 0..self.save.as_ref().map_or(0, |save| save.tables.len()) {
            let id = self.save.as_ref().map(|save| save.tables[index].id);
            if let Some(id) = id {
                self.show_saved_scan(id, false);
            }
        }
        let Some(save) = self.save.take() else { return };
        self.pool.rest();
        let mut inputs = Vec::new();
        for (saved, frame) in save.tables.iter().zip(frames) {
            let Some(state) = self.tables.get(&saved.id) else { continue };
            match (&state.opened, &state.union) {
                (Some(_), Some(union)) => {
                    let mut report = union.report(&state.name, &saved.job, vec![frame.file(saved.name.clone())]);
                    report.files.extend(union.members.iter().filter_map(|id| self.unread(id)));
                    inputs.push(report);
                }
                (Some(opened), None) => inputs.push(input_report(&opened.report, saved, frame)),
                (None, _) => {}
            }
            let Some(state) = self.tables.get_mut(&saved.id) else { continue };
            if !state.scanned {
                state.totals = saved.job.totals().clone();
                state.scanned = true;
                self.seek_remedies(saved.id, looked_at(&saved.job.totals().rejects), true);
            }
        }
        let blob = match save.target {
            SaveTarget::Download => download(&save, finished, frames, &inputs),
            SaveTarget::File | SaveTarget::Folder => Ok(JsValue::NULL),
        };
        let blob = match blob {
            Ok(blob) => blob,
            Err(error) => return self.tell(0, CoordinatorMessage::SaveFailed { error }),
        };
        let mut counts = Counts::default();
        inputs.iter().for_each(|input: &InputReport| counts += input.counts);
        let said_of = |input: &InputReport| save.tables.iter().find(|table| input.outputs.iter().any(|file| file.name == table.name));
        let said: Vec<_> = inputs.iter().filter_map(|input| Some((&said_of(input)?.overrides, input))).collect();
        let receipt = Box::new(Receipt {
            bytes: match blob.dyn_ref::<Blob>() {
                Some(blob) => blob.size() as u64,
                None => inputs.iter().flat_map(|input| &input.outputs).map(|file| file.bytes).sum(),
            },
            name: save.name.clone(),
            format: save.tables.first().map_or("", |table| table.options.format().id).to_owned(),
            counts,
            milliseconds: (now() - save.started) as u64,
            command: command::of(&save.given, &said),
            inputs,
        });
        self.tell_with(0, CoordinatorMessage::Saved { receipt }, &blob);
    }
}

impl Coordinator {
    /// A file of a table of several that could not even be looked at.
    fn unread(&self, id: &TableId) -> Option<FileReport> {
        let state = self.tables.get(id)?;
        let lost = state.failed.clone()?;
        let bytes = state.file.as_js().dyn_ref::<Blob>().map_or(0, |file| file.size() as u64);
        Some(FileReport { name: state.name.clone(), bytes, counts: Counts::default(), lost: Some(lost) })
    }
}

fn input_report(opened: &InputReport, saved: &SavedTable, frame: &Frame) -> InputReport {
    let totals = saved.job.totals();
    let mut report = opened.clone();
    report.schema = saved.job.columns().iter().map(ColumnSpec::info).collect();
    report.counts += totals.counts;
    report.findings = totals.rejects.decisions().findings(&opened.findings);
    report.rejects = totals.rejects.groups().to_vec();
    report.outputs = vec![frame.file(saved.name.clone())];
    report
}

/// One file, or a stored zip of several, as a Blob of slices.
fn download(save: &Save, finished: &Finished, frames: &[Frame], inputs: &[InputReport]) -> Result<JsValue> {
    let parts = Array::new();
    let kind = if let ([table], [frame]) = (save.tables.as_slice(), frames) {
        finished.parts(table.job.segments(), frame, &parts);
        table.options.format().media_type
    } else {
        let entry = |file: &OutputFile| Entry {
            name: file.name.clone(),
            len: file.bytes,
            crc32: u32::from_str_radix(&file.crc32, 16).unwrap_or_default(),
        };
        let entries: Vec<Entry> = inputs.iter().flat_map(|input| &input.outputs).map(entry).collect();
        let archive = zip::stored(&entries)?;
        for ((table, frame), header) in save.tables.iter().zip(frames).zip(&archive.headers) {
            parts.push(&Uint8Array::from(header.as_slice()));
            finished.parts(table.job.segments(), frame, &parts);
        }
        parts.push(&Uint8Array::from(archive.directory.as_slice()));
        "application/zip"
    };
    let options = BlobPropertyBag::new();
    options.set_type(kind);
    Ok(Blob::new_with_blob_sequence_and_options(&parts, &options).map_err(|error| crate::file::no_room(&error))?.into())
}
