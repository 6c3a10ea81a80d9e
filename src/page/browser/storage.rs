//! The browser's database: values by number in a few drawers. Every failure is the caller's to say.

use std::cell::{Cell, RefCell};

use js_sys::{Promise, Reflect};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{IdbDatabase, IdbObjectStore, IdbOpenDbRequest, IdbRequest, IdbTransaction, IdbTransactionMode};

/// Name of the database.
const NAME: &str = "upgrade-lab";
/// What kept runs are, as JSON.
pub const RECORDS: &str = "records";
/// Their events, one per line.
pub const EVENTS: &str = "events";
/// The run under way, to go on after a reload.
pub const INTERRUPTED: &str = "interrupted";
/// Counts the changes of the drawers.
const VERSION: u32 = 2;

thread_local! {
    /// The database, as long as it is open.
    static OPEN: RefCell<Option<IdbDatabase>> = const { RefCell::new(None) };
    /// Whether another tab keeps it from being opened.
    static BLOCKED: Cell<bool> = const { Cell::new(false) };
}

/// The database, opened where it is not, and made where there is none.
///
/// # Errors
/// What the browser says: some keep nothing in private windows.
pub async fn database() -> Result<IdbDatabase, JsValue> {
    if let Some(database) = OPEN.with_borrow(Option::clone) {
        return Ok(database);
    }
    // Whoever asks next would wait behind the one that is blocked.
    if BLOCKED.get() {
        return Err(blocked());
    }
    let database = open().await?;
    hold(&database);
    Ok(database)
}

/// Holds an open database until the browser closes it, as it does where site data are cleared, or another page wants it for itself.
fn hold(database: &IdbDatabase) {
    let own = database.clone();
    let gone = Closure::<dyn Fn()>::new(move || {
        // It may be closed already; then nothing happens.
        own.close();
        let_go(&own);
    })
    .into_js_value();
    for what in ["close", "versionchange"] {
        // Where the browser does not tell, it is found at the next use.
        let _ = database.add_event_listener_with_callback(what, gone.unchecked_ref());
    }
    OPEN.set(Some(database.clone()));
}

/// Has the next use open the database again, unless that was done already.
fn let_go(database: &IdbDatabase) {
    OPEN.with_borrow_mut(|open| {
        if open.as_ref() == Some(database) {
            *open = None;
        }
    });
}

fn blocked() -> JsValue {
    "another tab with an older version of this page keeps the storage to itself: close that tab".into()
}

async fn open() -> Result<IdbDatabase, JsValue> {
    let factory = gloo::utils::window().indexed_db()?.ok_or("this browser has no database")?;
    let request: IdbOpenDbRequest = factory.open_with_u32(NAME, VERSION)?;
    let made = request.clone();
    let make = Closure::<dyn FnMut()>::new(move || {
        if let Ok(database) = made.result().map(|it| it.unchecked_into::<IdbDatabase>()) {
            // Some are there already. What cannot be made is missed at its first use, which fails.
            for drawer in [RECORDS, EVENTS, INTERRUPTED] {
                let _ = database.create_object_store(drawer);
            }
        }
    });
    // It is still to be called where another tab lets go late.
    request.set_onupgradeneeded(Some(make.into_js_value().unchecked_ref()));
    let promise = Promise::new(&mut |resolve, reject| {
        request.set_onsuccess(Some(&resolve));
        request.set_onerror(Some(&reject));
        request.set_onblocked(Some(&reject));
    });
    match JsFuture::from(promise).await {
        Ok(_) => Ok(request.result()?.unchecked_into()),
        Err(event) if is(&event, "type", "blocked") => {
            BLOCKED.set(true);
            spawn_local(async move {
                let opened = answer(&request).await;
                BLOCKED.set(false);
                // A failure is found at the next use.
                if let Ok(database) = opened {
                    hold(&database.unchecked_into::<IdbDatabase>());
                }
            });
            Err(blocked())
        }
        Err(_) => Err(reason(&request)),
    }
}

/// Whether a text is what an object holds under a name.
fn is(object: &JsValue, name: &str, text: &str) -> bool {
    Reflect::get(object, &name.into()).is_ok_and(|held| held.as_string().as_deref() == Some(text))
}

/// Keeps a value under a number, in place of what was there.
///
/// # Errors
/// What the browser says: there may be no room.
pub async fn put(database: &IdbDatabase, drawer: &str, number: u64, value: &JsValue) -> Result<(), JsValue> {
    let (transaction, store) = begin(database, drawer, IdbTransactionMode::Readwrite).await?;
    store.put_with_key(value, &key(number))?;
    committed(&transaction).await
}

/// Throws the value under a number away.
///
/// # Errors
/// What the browser says.
pub async fn delete(database: &IdbDatabase, drawer: &str, number: u64) -> Result<(), JsValue> {
    let (transaction, store) = begin(database, drawer, IdbTransactionMode::Readwrite).await?;
    store.delete(&key(number))?;
    committed(&transaction).await
}

/// The value under a number; undefined if there is none.
///
/// # Errors
/// What the browser says.
pub async fn get(database: &IdbDatabase, drawer: &str, number: u64) -> Result<JsValue, JsValue> {
    let (_, store) = begin(database, drawer, IdbTransactionMode::Readonly).await?;
    answer(&store.get(&key(number))?).await
}

/// Every text of a drawer; an empty one for what is none.
///
/// # Errors
/// What the browser says.
pub async fn all(database: &IdbDatabase, drawer: &str) -> Result<Vec<String>, JsValue> {
    let (_, store) = begin(database, drawer, IdbTransactionMode::Readonly).await?;
    let found: js_sys::Array = answer(&store.get_all()?).await?.unchecked_into();
    Ok(found.iter().map(|text| text.as_string().unwrap_or_default()).collect())
}

/// The numbers of a drawer that hold something.
///
/// # Errors
/// What the browser says.
pub async fn numbers(database: &IdbDatabase, drawer: &str) -> Result<Vec<u64>, JsValue> {
    let (_, store) = begin(database, drawer, IdbTransactionMode::Readonly).await?;
    let found: js_sys::Array = answer(&store.get_all_keys()?).await?.unchecked_into();
    Ok(found.iter().filter_map(|key| key.as_f64()).map(|key| key as u64).collect())
}

fn key(number: u64) -> JsValue {
    // Milliseconds since 1970 are exact for a long time to come.
    JsValue::from_f64(number as f64)
}

/// Begins with a drawer. A database that was closed in the meantime is opened again.
async fn begin(
    held: &IdbDatabase,
    drawer: &str,
    mode: IdbTransactionMode,
) -> Result<(IdbTransaction, IdbObjectStore), JsValue> {
    let transaction = match held.transaction_with_str_and_mode(drawer, mode) {
        Err(error) if is(&error, "name", "InvalidStateError") => {
            let_go(held);
            database().await?.transaction_with_str_and_mode(drawer, mode)?
        }
        begun => begun?,
    };
    let store = transaction.object_store(drawer)?;
    Ok((transaction, store))
}

/// What a request brings.
async fn answer(request: &IdbRequest) -> Result<JsValue, JsValue> {
    let promise = Promise::new(&mut |resolve, reject| {
        request.set_onsuccess(Some(&resolve));
        request.set_onerror(Some(&reject));
    });
    JsFuture::from(promise).await.map_err(|_| reason(request))?;
    request.result()
}

/// Waits until what was written is kept: a full disk shows only then.
async fn committed(transaction: &IdbTransaction) -> Result<(), JsValue> {
    let promise = Promise::new(&mut |resolve, reject| {
        transaction.set_oncomplete(Some(&resolve));
        transaction.set_onabort(Some(&reject));
    });
    JsFuture::from(promise).await.map(drop).map_err(|_| reason(transaction))
}

/// Why a request or a transaction failed; what is told of the failure itself is a plain event.
fn reason(of: &JsValue) -> JsValue {
    Reflect::get(of, &"error".into()).unwrap_or(JsValue::NULL)
}
