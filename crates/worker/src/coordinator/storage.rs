//! The tab's temporary folder in the origin-private file system.
//!
//! Each tab holds a Web Lock named after its folder; at start, folders whose lock is free are deleted. A file that a
//! download was made of stays until the tab is gone: deleting it would break the download.

use std::rc::Rc;

use colonnade_engine::Result;
use js_sys::{AsyncIterator, Function, Object, Promise, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    Blob, DedicatedWorkerGlobalScope, FileSystemDirectoryHandle, FileSystemFileHandle, FileSystemGetDirectoryOptions,
    FileSystemGetFileOptions, FileSystemReadWriteOptions, FileSystemRemoveOptions, FileSystemSyncAccessHandle,
};

use crate::file::no_room;

#[wasm_bindgen]
extern "C" {
    // web-sys has Web Locks only behind its unstable flag.
    #[wasm_bindgen(js_namespace = ["navigator", "locks"], js_name = request, catch)]
    fn request_lock(name: &str, options: &JsValue, granted: &Function) -> std::result::Result<Promise, JsValue>;
}

/// The folder of all tabs.
const FOLDER: &str = "colonnade";

/// This tab's folder, made at the first save.
#[derive(Default, Clone)]
pub struct Storage {
    folder: Rc<std::cell::RefCell<Option<FileSystemDirectoryHandle>>>,
}

/// A file being written by this worker, bytes appended only.
pub struct StoredFile {
    handle: FileSystemFileHandle,
    access: FileSystemSyncAccessHandle,
    len: u64,
}

/// Deletes what tabs that are gone have left.
///
/// # Errors
/// What the browser says where there is no such file system.
pub async fn clean() -> std::result::Result<(), JsValue> {
    let root = root().await?;
    // What cannot be listed now is tried again at the next start.
    let _ = delete_orphans(&root).await;
    Ok(())
}

impl Storage {
    /// Bytes that the browser still gives this site, where it says.
    pub async fn room(&self) -> Option<f64> {
        let scope: DedicatedWorkerGlobalScope = js_sys::global().unchecked_into();
        let storage = Reflect::get(&scope.navigator(), &"storage".into()).ok()?.dyn_into::<web_sys::StorageManager>().ok()?;
        let estimate = JsFuture::from(storage.estimate().ok()?).await.ok()?;
        let number = |key: &str| Reflect::get(&estimate, &key.into()).ok()?.as_f64();
        Some(number("quota")? - number("usage")?)
    }

    /// A new file in the tab's folder, to be written here.
    ///
    /// # Errors
    /// What the browser says: no such file system (a private window), no permission, no room.
    pub async fn create(&self) -> std::result::Result<StoredFile, JsValue> {
        let (_, _, handle) = self.new_file().await?;
        let access = JsFuture::from(handle.create_sync_access_handle()).await?.unchecked_into();
        Ok(StoredFile { handle, access, len: 0 })
    }

    /// A new file in the tab's folder, to be written by a worker, and deleted when nobody reads it any more.
    ///
    /// # Errors
    /// As [`create`](Self::create).
    pub async fn spool(&self) -> std::result::Result<(Spool, FileSystemFileHandle), JsValue> {
        let (folder, name, handle) = self.new_file().await?;
        Ok((Spool { folder, name }, handle))
    }

    async fn new_file(&self) -> std::result::Result<(FileSystemDirectoryHandle, String, FileSystemFileHandle), JsValue> {
        let folder = self.own_folder().await?;
        // A second sync handle on the same file is refused: every file has a name of its own.
        let name = format!("{:.0}-{:08x}", js_sys::Date::now(), (js_sys::Math::random() * f64::from(u32::MAX)) as u32);
        let options = FileSystemGetFileOptions::new();
        options.set_create(true);
        let handle = JsFuture::from(folder.get_file_handle_with_options(&name, &options)).await?.unchecked_into();
        Ok((folder, name, handle))
    }

    async fn own_folder(&self) -> std::result::Result<FileSystemDirectoryHandle, JsValue> {
        let known = self.folder.borrow().clone();
        if let Some(folder) = known {
            return Ok(folder);
        }
        let name = format!("tab-{:.0}-{:08x}", js_sys::Date::now(), (js_sys::Math::random() * f64::from(u32::MAX)) as u32);
        hold_lock(&name).await?;
        let folder = subfolder(&root().await?, &name).await?;
        Ok(self.folder.borrow_mut().get_or_insert(folder).clone())
    }
}

/// A file that a worker writes and tables read. Deleted with the last of them.
pub struct Spool {
    folder: FileSystemDirectoryHandle,
    name: String,
}

impl Drop for Spool {
    fn drop(&mut self) {
        // One that is still written to stays until the tab is gone.
        let _ = self.folder.remove_entry(&self.name);
    }
}

impl StoredFile {
    /// Appends bytes; gives back where they are.
    ///
    /// # Errors
    /// [`ErrorKind::Target`]: the disk or the browser's quota is full.
    pub fn append(&mut self, bytes: &Uint8Array) -> Result<u64> {
        let options = FileSystemReadWriteOptions::new();
        options.set_at(self.len as f64);
        let written = self.access.write_with_js_u8_array_and_options(bytes, &options).map_err(|error| no_room(&error))?;
        if written as u64 != u64::from(bytes.length()) {
            return Err(no_room(&JsValue::from_str("the write was cut short")));
        }
        let at = self.len;
        self.len += u64::from(bytes.length());
        Ok(at)
    }

    /// The file, closed, as a Blob that is read where it lies.
    ///
    /// # Errors
    /// [`ErrorKind::Target`] where it cannot be flushed or opened.
    pub async fn into_blob(self) -> Result<Blob> {
        let flushed = self.access.flush();
        self.access.close();
        flushed.map_err(|error| no_room(&error))?;
        let file = JsFuture::from(self.handle.get_file()).await.map_err(|error| no_room(&error))?;
        Ok(file.unchecked_into())
    }

    /// Closes the file and gives its room back.
    pub fn discard(self) {
        let _ = self.access.truncate_with_u32(0);
        self.access.close();
    }
}

async fn root() -> std::result::Result<FileSystemDirectoryHandle, JsValue> {
    let scope: DedicatedWorkerGlobalScope = js_sys::global().unchecked_into();
    let storage = Reflect::get(&scope.navigator(), &"storage".into())?.dyn_into::<web_sys::StorageManager>()?;
    let root: FileSystemDirectoryHandle = JsFuture::from(storage.get_directory()).await?.unchecked_into();
    subfolder(&root, FOLDER).await
}

async fn subfolder(parent: &FileSystemDirectoryHandle, name: &str) -> std::result::Result<FileSystemDirectoryHandle, JsValue> {
    let options = FileSystemGetDirectoryOptions::new();
    options.set_create(true);
    Ok(JsFuture::from(parent.get_directory_handle_with_options(name, &options)).await?.unchecked_into())
}

/// Holds the lock until the tab is gone. Resolves once it is held.
async fn hold_lock(name: &str) -> std::result::Result<(), JsValue> {
    let name = lock_name(name);
    let held = Promise::new(&mut |resolve, reject| {
        let granted = Closure::once_into_js(move || {
            let _ = resolve.call0(&JsValue::NULL);
            Promise::new(&mut |_, _| {})
        });
        if let Err(error) = request_lock(&name, &Object::new(), granted.unchecked_ref()) {
            let _ = reject.call1(&JsValue::NULL, &error);
        }
    });
    JsFuture::from(held).await.map(drop)
}

async fn delete_orphans(root: &FileSystemDirectoryHandle) -> std::result::Result<(), JsValue> {
    let folders: AsyncIterator = root.keys();
    loop {
        let next = JsFuture::from(folders.next()?).await?;
        if Reflect::get(&next, &"done".into())?.is_truthy() {
            return Ok(());
        }
        let Some(name) = Reflect::get(&next, &"value".into())?.as_string() else { continue };
        // What cannot be deleted now is tried again at the next start.
        let _ = delete_if_free(root, name).await;
    }
}

/// Deletes a folder whose lock nobody holds, while holding it.
async fn delete_if_free(root: &FileSystemDirectoryHandle, name: String) -> std::result::Result<(), JsValue> {
    let options = Object::new();
    Reflect::set(&options, &"ifAvailable".into(), &JsValue::TRUE)?;
    let (root, lock) = (root.clone(), lock_name(&name));
    let granted = Closure::once_into_js(move |lock: JsValue| {
        if lock.is_null() {
            return Promise::resolve(&JsValue::NULL);
        }
        let options = FileSystemRemoveOptions::new();
        options.set_recursive(true);
        root.remove_entry_with_options(&name, &options)
    });
    JsFuture::from(request_lock(&lock, &options, granted.unchecked_ref())?).await.map(drop)
}

fn lock_name(folder: &str) -> String {
    format!("{FOLDER}/{folder}")
}
