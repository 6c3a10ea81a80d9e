//! Datasets of a reader's own images or embeddings: made by a worker of their own, kept by the browser beside the page until they are forgotten.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::Uint8Array;
use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::{DATA_FOLDER, DatasetInfo, ImportAnswer, ImportRequest, OWN_CACHE};
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Cache, CacheStorage, File, Request, Response};

use super::lab::Lab;
use super::worker_handle::WorkerHandle;
use super::{files, intent, link};
use crate::wire;

/// The module that makes datasets, beside the page.
const IMPORTER: &str = "importer_loader.js";

/// What stands there meanwhile.
const READING: &str = "Your files are being read.";

/// The importer at work.
struct Desk {
    /// Nothing, once it was handed over.
    work: Option<(ImportRequest, Vec<Vec<u8>>)>,
    worker: Option<WorkerHandle>,
}

/// Makes a dataset of the reader's files, and puts it into the form.
pub fn bring(lab: Lab, files: Vec<File>) {
    lab.notice(READING, false);
    spawn_local(async move {
        let Some(contents) = files::contents(lab, &files).await else {
            lab.unsay(READING);
            return;
        };
        make(lab, files.iter().map(File::name).collect(), contents);
    });
}

/// Makes a dataset of files that were read, and puts it into the form.
pub fn make(lab: Lab, names: Vec<String>, contents: Vec<Vec<u8>>) {
    ask((ImportRequest { names }, contents), move |answer| spawn_local(take(lab, answer)));
}

/// Hands work to an importer; `done` gets its answer with the files beside it, or why there is none.
fn ask(
    work: (ImportRequest, Vec<Vec<u8>>),
    done: impl Fn(Result<(ImportAnswer, Vec<Vec<u8>>), String>) + Clone + 'static,
) {
    let desk = Rc::new(RefCell::new(Desk { work: Some(work), worker: None }));
    let (inner, say) = (Rc::clone(&desk), done.clone());
    let worker =
        WorkerHandle::start(IMPORTER, move |heard: Result<(ImportAnswer, Vec<Vec<u8>>), String>| match heard {
            Ok((ImportAnswer::Ready, _)) => {
                let work = inner.borrow_mut().work.take();
                let posted = match (&inner.borrow().worker, work) {
                    (Some(handle), Some((request, contents))) => wire::post(&handle.worker, &request, &contents),
                    _ => Ok(()),
                };
                if let Err(reason) = posted {
                    say(Err(reason));
                }
            }
            answer => {
                // Nobody is needed any more.
                let _ended = inner.borrow_mut().worker.take();
                say(answer);
            }
        });
    match worker {
        Ok(worker) => desk.borrow_mut().worker = Some(worker),
        Err(error) => done(Err(format!("The browser cannot start the importer: {error:?}."))),
    }
}

async fn take(lab: Lab, answer: Result<(ImportAnswer, Vec<Vec<u8>>), String>) {
    lab.unsay(READING);
    let (info, manifest, paths, notices, files) = match answer {
        Ok((ImportAnswer::Imported { info, manifest, paths, notices }, files)) => {
            (info, manifest, paths, notices, files)
        }
        Ok((ImportAnswer::Refused { reason }, _)) => {
            return lab.notice(format!("Nothing was imported: {reason}"), true);
        }
        Ok((ImportAnswer::Ready, _)) => return,
        Err(reason) => return lab.notice(format!("Nothing was imported: the importer died. {reason}"), true),
    };
    if let Err(error) = keep(&info, manifest, paths.into_iter().zip(files)).await {
        let text = format!("Nothing was imported: this browser does not keep {} ({error:?}).", info.name);
        return lab.notice(text, true);
    }
    let about = format!("{}: {} They stay in this browser.", info.name, info.in_words());
    lab.notice([vec![about], notices].concat().join(" "), false);
    lab.catalogue.update(|catalogue| {
        catalogue.datasets.retain(|it| it.id != info.id);
        catalogue.datasets.push(info.clone());
    });
    intent::move_to(lab, &info.id);
}

/// Throws a dataset away; the form goes back to the first one.
pub fn forget(lab: Lab, id: String) {
    spawn_local(async move {
        if let Err(error) = discard(&id).await {
            return lab.notice(format!("The browser refused to forget these files: {error:?}."), true);
        }
        let first = lab.catalogue.with_untracked(|catalogue| catalogue.datasets.first().map(|it| it.id.clone()));
        intent::move_to(lab, &first.unwrap_or_default());
        lab.catalogue.update(|catalogue| catalogue.datasets.retain(|it| it.id != id));
        link::renew(lab);
        lab.notice("Your files were forgotten.", false);
    });
}

/// Own datasets that the browser keeps; none where it keeps nothing.
pub async fn list() -> Vec<DatasetInfo> {
    listed().await.unwrap_or_default()
}

async fn listed() -> Result<Vec<DatasetInfo>, JsValue> {
    // Opening it would make it.
    if !JsFuture::from(caches()?.has(OWN_CACHE)).await?.is_truthy() {
        return Ok(Vec::new());
    }
    let cache = cache().await?;
    let mut found = Vec::new();
    for request in keys(&cache).await? {
        let id = own_id(&request.url()).unwrap_or_default();
        if request.url().ends_with(&DatasetInfo::own_info(&id)) {
            let response: Response = JsFuture::from(cache.match_with_request(&request)).await?.unchecked_into();
            let text = JsFuture::from(response.text()?).await?.as_string().unwrap_or_default();
            // What another version kept in another form is as if it were not there.
            found.extend(serde_json::from_str::<DatasetInfo>(&text));
        }
    }
    found.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(found)
}

async fn keep(
    info: &DatasetInfo,
    manifest: String,
    files: impl Iterator<Item = (String, Vec<u8>)>,
) -> Result<(), JsValue> {
    let cache = cache().await?;
    for (path, bytes) in files {
        put(&cache, &path, &Response::new_with_opt_js_u8_array(Some(&Uint8Array::from(bytes.as_slice())))?).await?;
    }
    put(&cache, &DatasetInfo::own_manifest(&info.id), &Response::new_with_opt_str(Some(&manifest))?).await?;
    // Last, since what it names has to be there.
    let text = serde_json::to_string(info).map_err(|error| error.to_string())?;
    put(&cache, &DatasetInfo::own_info(&info.id), &Response::new_with_opt_str(Some(&text))?).await
}

async fn put(cache: &Cache, path: &str, response: &Response) -> Result<(), JsValue> {
    JsFuture::from(cache.put_with_str(&format!("{DATA_FOLDER}/{path}"), response)).await.map(drop)
}

async fn discard(id: &str) -> Result<(), JsValue> {
    let cache = cache().await?;
    for request in keys(&cache).await?.into_iter().filter(|it| own_id(&it.url()).as_deref() == Some(id)) {
        JsFuture::from(cache.delete_with_request(&request)).await?;
    }
    Ok(())
}

/// What the cache holds for this page; pages beside it share the cache.
async fn keys(cache: &Cache) -> Result<Vec<Request>, JsValue> {
    let keys: js_sys::Array = JsFuture::from(cache.keys()).await?.unchecked_into();
    let requests = keys.iter().map(|key| key.unchecked_into::<Request>());
    Ok(requests.filter(|it| own_id(&it.url()).is_some()).collect())
}

/// The own dataset that an address of this page is of.
fn own_id(url: &str) -> Option<String> {
    let base = gloo::utils::document().base_uri().ok()??;
    let folder = base.split(['?', '#']).next()?.rsplit_once('/')?.0;
    let path = url.strip_prefix(folder)?.strip_prefix('/')?.strip_prefix(DATA_FOLDER)?.strip_prefix('/')?;
    path.split('/').next().map(str::to_owned)
}

async fn cache() -> Result<Cache, JsValue> {
    Ok(JsFuture::from(caches()?.open(OWN_CACHE)).await?.unchecked_into())
}

fn caches() -> Result<CacheStorage, JsValue> {
    let caches = gloo::utils::window().caches()?;
    match caches.is_undefined() {
        true => Err("this page did not come over a secure connection".into()),
        false => Ok(caches),
    }
}
