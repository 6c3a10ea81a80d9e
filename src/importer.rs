//! The browser glue around the importer: files in, a dataset out. A program of its own, loaded when somebody brings data, and ended when they
//! think better of it: what it does it does in one go.

use data::Manifest;
use import::{Imported, NamedFile, import_telling};
use js_sys::Uint8Array;
use protocol::{DatasetInfo, ImportAnswer, ImportProgress, ImportRequest, ImportStage};
use web_sys::{DedicatedWorkerGlobalScope, File, FileReaderSync};

use crate::errand::{Said, Teller, listen};
use crate::said::in_words;

/// Bytes read in one go.
const PART: f64 = 4_194_304.0;

/// Starts the worker: it listens until it is terminated.
pub fn start() {
    listen(ImportAnswer::Ready, |reason| ImportAnswer::Refused { reason }, answer);
}

fn answer(port: &DedicatedWorkerGlobalScope, request: ImportRequest, files: &[File]) -> Said<ImportAnswer> {
    let mut teller = Teller::new(port);
    let mut tell = |progress: ImportProgress| {
        let stage = match progress.stage {
            ImportStage::Reading => "reading",
            ImportStage::Unpacking => "unpacking",
            ImportStage::Packing => "packing",
        };
        teller.tell(stage, || ImportAnswer::Progress(progress));
    };
    match read(request.names, files, &mut tell).and_then(|files| make(files, &mut tell)) {
        Ok((info, manifest, found)) => {
            let (paths, files) = found.files.into_iter().map(|file| (file.path, file.bytes)).unzip();
            (ImportAnswer::Imported { info, manifest, paths, notices: found.notices }, files)
        }
        Err(reason) => (ImportAnswer::Refused { reason }, Vec::new()),
    }
}

/// What the files hold, by their names.
fn read(names: Vec<String>, files: &[File], tell: &mut impl FnMut(ImportProgress)) -> Result<Vec<NamedFile>, String> {
    let all = files.iter().map(|file| file.size()).sum::<f64>().max(1.0);
    let reader =
        FileReaderSync::new().map_err(|error| format!("This browser reads no files: {}.", in_words(&error)))?;
    let (mut named, mut done) = (Vec::new(), 0.0);
    for (path, file) in names.into_iter().zip(files) {
        let mut bytes: Vec<u8> = Vec::new();
        bytes
            .try_reserve_exact(file.size() as usize)
            .map_err(|_| format!("{path} is too large for this browser's memory. Hand in less of it."))?;
        while (bytes.len() as f64) < file.size() {
            tell(ImportProgress { stage: ImportStage::Reading, share: (done + bytes.len() as f64) / all });
            let start = bytes.len() as f64;
            let part = file.slice_with_f64_and_f64(start, (start + PART).min(file.size()));
            let part = part.and_then(|part| reader.read_as_array_buffer(&part));
            let part =
                part.map_err(|error| format!("{path} cannot be read ({}). Choose it again.", in_words(&error)))?;
            bytes.extend(Uint8Array::new(&part).to_vec());
        }
        done += file.size();
        named.push(NamedFile { path, bytes });
    }
    Ok(named)
}

/// The dataset, what can be chosen of it, and a manifest of it alone as JSON.
fn make(
    files: Vec<NamedFile>,
    tell: &mut impl FnMut(ImportProgress),
) -> Result<(Box<DatasetInfo>, String, Imported), String> {
    let found = import_telling(files, tell).map_err(|error| error.to_string())?;
    let info = found.manifest.info().map_err(|error| error.to_string())?;
    let manifest = Manifest { version: Manifest::VERSION, datasets: vec![found.manifest.clone()] };
    Ok((Box::new(info), serde_json::to_string(&manifest).map_err(|error| error.to_string())?, found))
}
