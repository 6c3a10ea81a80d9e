//! Datasets of a reader's own images or embeddings: made by a worker of their own, kept by the browser beside the page until they are forgotten.

use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::{ImportAnswer, ImportRequest};
use web_sys::File;

use super::{edit, link};
use crate::page::browser::files::contents;
use crate::page::browser::own_cache;
use crate::page::state::Lab;
use crate::page::worker::importer::{self, Answer};

/// What stands there meanwhile.
const READING: &str = "Your files are being read.";

/// Makes a dataset of the reader's files, and puts it into the form.
pub fn bring(lab: Lab, files: Vec<File>) {
    lab.messages.notice(READING, false);
    spawn_local(async move {
        match contents(&files).await {
            Ok(contents) => make(lab, files.iter().map(File::name).collect(), contents),
            Err(reason) => {
                lab.messages.notice(reason, true);
                lab.messages.unsay(READING);
            }
        }
    });
}

/// Makes a dataset of files that were read, and puts it into the form.
pub fn make(lab: Lab, names: Vec<String>, contents: Vec<Vec<u8>>) {
    importer::ask((ImportRequest { names }, contents), move |answer| spawn_local(take(lab, answer)));
}

async fn take(lab: Lab, answer: Answer) {
    lab.messages.unsay(READING);
    let (info, manifest, paths, notices, files) = match answer {
        Ok((ImportAnswer::Imported { info, manifest, paths, notices }, files)) => {
            (info, manifest, paths, notices, files)
        }
        Ok((ImportAnswer::Refused { reason }, _)) => {
            return lab.messages.notice(format!("Nothing was imported: {reason}"), true);
        }
        Ok((ImportAnswer::Ready, _)) => return,
        Err(reason) => return lab.messages.notice(format!("Nothing was imported: the importer died. {reason}"), true),
    };
    if let Err(error) = own_cache::keep(&info, manifest, paths.into_iter().zip(files)).await {
        let text = format!("Nothing was imported: this browser does not keep {} ({error:?}).", info.name);
        return lab.messages.notice(text, true);
    }
    let about = format!("{}: {} They stay in this browser.", info.name, info.in_words());
    lab.messages.notice([vec![about], notices].concat().join(" "), false);
    let id = info.id.clone();
    lab.settings.add_dataset(*info);
    edit::move_to(lab, &id);
}

/// Throws a dataset away; the form goes back to the first one.
pub fn forget(lab: Lab, id: String) {
    spawn_local(async move {
        if let Err(error) = own_cache::discard(&id).await {
            return lab.messages.notice(format!("The browser refused to forget these files: {error:?}."), true);
        }
        let first =
            lab.settings.catalogue.with_untracked(|catalogue| catalogue.datasets.first().map(|it| it.id.clone()));
        edit::move_to(lab, &first.unwrap_or_default());
        lab.settings.remove_dataset(&id);
        link::renew(lab);
        lab.messages.notice("Your files were forgotten.", false);
    });
}
