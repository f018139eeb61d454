//! The user's own logs, kept in the browser's database from one visit to the next where that was asked for.
//!
//! The database has a version, and what comes out of it is looked at before it is believed: only files are, with a
//! name and a length, and no more of them than are ever put in.

use idb::builder::{DatabaseBuilder, ObjectStoreBuilder};
use idb::{Database, Error, TransactionMode};
use wasm_bindgen::{JsCast as _, JsValue};
use web_sys::File;

const DATABASE: &str = "exfil-playground";
const VERSION: u32 = 1;
const STORE: &str = "logs";

/// More than this together is not kept, in bytes: browsers give a page some hundred megabytes without asking.
pub const MOST: f64 = 256.0 * 1024.0 * 1024.0;

/// More files than this are not believed.
const MOST_FILES: u32 = 1_000;

/// Keeps these files and no others. Whether they fitted.
///
/// # Errors
/// When the browser keeps nothing: private windows, full disks.
pub async fn keep(files: Vec<File>) -> Result<bool, Error> {
    let total: f64 = files.iter().map(|file| file.size()).sum();
    let fits = total <= MOST;
    let database = open().await?;
    let transaction = database.transaction(&[STORE], TransactionMode::ReadWrite)?;
    let store = transaction.object_store(STORE)?;
    store.clear()?.await?;
    for file in files.iter().filter(|_| fits) {
        store.add(file, None)?.await?;
    }
    transaction.commit()?.await?;
    database.close();
    Ok(fits)
}

/// The files that are kept, in the order in which they were given.
///
/// # Errors
/// When the browser keeps nothing.
pub async fn kept() -> Result<Vec<File>, Error> {
    let database = open().await?;
    let transaction = database.transaction(&[STORE], TransactionMode::ReadOnly)?;
    let found: Vec<JsValue> = transaction.object_store(STORE)?.get_all(None, Some(MOST_FILES))?.await?;
    database.close();
    let file = |value: JsValue| value.dyn_into::<File>().ok().filter(|file| !file.name().is_empty());
    Ok(found.into_iter().filter_map(file).collect())
}

async fn open() -> Result<Database, Error> {
    let store = ObjectStoreBuilder::new(STORE).auto_increment(true);
    DatabaseBuilder::new(DATABASE).version(VERSION).add_object_store(store).build().await
}
