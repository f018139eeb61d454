//! Files that queries read by name, as bytes that nobody has looked into.

use std::fmt;
use std::hash::{DefaultHasher, Hasher};
use std::sync::Arc;

/// A small file of facts beside the logs, such as a list of addresses, for `externaldata`.
#[derive(Clone)]
pub struct NamedFile {
    name: Arc<str>,
    bytes: Arc<[u8]>,
    hash: u64,
}

impl NamedFile {
    /// A file by its name, without folders, and its bytes.
    #[must_use]
    pub fn new(name: &str, bytes: impl Into<Arc<[u8]>>) -> Self {
        let bytes = bytes.into();
        let mut hasher = DefaultHasher::new();
        hasher.write(&bytes);
        Self { name: name.into(), bytes, hash: hasher.finish() }
    }

    /// The name, without folders.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The bytes as they were given.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

/// The name and what tells the contents apart: contents may be large, and secret.
impl fmt::Debug for NamedFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NamedFile({:?}, {} bytes, {:016x})", self.name, self.bytes.len(), self.hash)
    }
}
