//! Datasets of a reader's own images or embeddings: made by a worker of their own, kept by the browser beside the page until they are forgotten,
//! or by the page where the browser keeps nothing.

use std::cell::RefCell;

use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::{DatasetInfo, ImportAnswer, ImportRequest};
use web_sys::File;

use super::{edit, engine, link};
use crate::page::browser::{in_words, own_cache};
use crate::page::state::Lab;
use crate::page::worker::errand::Errand;
use crate::page::worker::{Report, lent};
use crate::view::chrome::actions::Action;
use crate::view::chrome::bringing::{Bringing, silence};

/// The program that makes datasets, beside the page.
const IMPORTER: &str = "importer_loader.js";

thread_local! {
    /// The import under way.
    static IMPORT: RefCell<Option<Errand>> = const { RefCell::new(None) };
}

/// Makes a dataset of the reader's files, and puts it into the form. An import that is under way is given up for it.
pub fn bring(lab: Lab, files: Vec<File>) {
    stop(lab);
    lab.bringing.set(Some(Bringing::BEGUN));
    let request = ImportRequest { names: files.iter().map(File::name).collect() };
    let import = Errand::start(IMPORTER, request, files, move |report| hear(lab, report));
    IMPORT.set(Some(import));
}

/// Begins the import that is under way again, with the same files.
pub fn again(lab: Lab) {
    if let Some(files) = IMPORT.with_borrow(|import| import.as_ref().map(Errand::files)) {
        bring(lab, files);
    }
}

/// Gives up the import that is under way.
pub fn cancel(lab: Lab) {
    stop(lab);
    lab.messages.notice("The import was cancelled; nothing was changed.", false);
}

fn stop(lab: Lab) {
    drop(IMPORT.take());
    lab.messages.withdraw(Action::ImportAgain);
    lab.bringing.set(None);
}

fn hear(lab: Lab, report: Report<ImportAnswer>) {
    let refusal = match report {
        Report::Message(ImportAnswer::Progress(progress), _) => return lab.bringing.set(Some(Bringing::of(progress))),
        Report::Message(ImportAnswer::Ready, _) => return,
        Report::Message(ImportAnswer::Imported { info, manifest, paths, notices }, files) => {
            stop(lab);
            let files = paths.into_iter().zip(files).collect();
            return spawn_local(take(lab, *info, manifest, files, notices));
        }
        Report::Message(ImportAnswer::Refused { reason }, _) => reason,
        Report::Silent(true) => {
            let begun = IMPORT.with_borrow(|import| import.as_ref().is_some_and(Errand::has_begun));
            return lab.messages.offer(silence(begun), vec![Action::ImportAgain, Action::CancelImport]);
        }
        Report::Silent(false) => return lab.messages.withdraw(Action::ImportAgain),
        // The reader was told, and decides: what it has done would be lost with it.
        Report::Lasting(_) => return,
        Report::OtherVersion => "reload the page, which is older than its importer.".to_owned(),
        Report::Died(reason) => format!("the importer gave up. {reason}"),
    };
    stop(lab);
    lab.messages.notice(format!("Nothing was imported: {refusal}"), true);
}

async fn take(lab: Lab, mut info: DatasetInfo, manifest: String, files: Vec<(String, Vec<u8>)>, notices: Vec<String>) {
    let sizes = info.in_words();
    // It stands with them in the form, for as long as they are there.
    info.about = notices.join(" ");
    let stay = match own_cache::keep(&info, &manifest, &files).await {
        Ok(()) => "They stay in this browser.".to_owned(),
        Err(error) => {
            // A part of them may have found room.
            let _ = own_cache::discard(&info.id).await;
            let manifest = (DatasetInfo::own_manifest(&info.id), manifest.into_bytes());
            let (command, contents) = lent::hold(info.id.clone(), [vec![manifest], files].concat());
            engine::deliver(lab, command, contents);
            format!("The browser does not keep them ({}): they are there until this page is closed.", in_words(&error))
        }
    };
    let more =
        if notices.is_empty() { "" } else { " How they were read, and what was left out, stands in the Run tab." };
    lab.messages.notice(format!("{}: {sizes} {stay}{more}", info.name), false);
    let id = info.id.clone();
    lab.settings.add_dataset(info);
    edit::move_to(lab, &id);
}

/// Throws a dataset away; the form goes back to the first one.
pub fn forget(lab: Lab, id: String) {
    spawn_local(async move {
        let lent = lent::let_go(&id);
        if let Err(error) = own_cache::discard(&id).await
            && !lent
        {
            let text = format!("The browser refused to forget these files: {}.", in_words(&error));
            return lab.messages.notice(text, true);
        }
        let first =
            lab.settings.catalogue.with_untracked(|catalogue| catalogue.datasets.first().map(|it| it.id.clone()));
        edit::move_to(lab, &first.unwrap_or_default());
        lab.settings.remove_dataset(&id);
        link::renew(lab);
        lab.messages.notice("Your files were forgotten.", false);
    });
}
