//! What is kept of a look at a page, as files: the picture, the HTML and the snapshot.
//!
//! A file's key says whose it is: `evals/{workspace}/{destination}/{evaluation}/{name}`. Files are written before the row that
//! names them, and removed after it no longer does, so a row never names what is not there.

use std::{io::Read as _, path::Path, sync::Arc};

use bytes::Bytes;
use data_ops::{
    evaluations::Artifact,
    types::{DestinationId, EvaluationId, WorkspaceId},
};
use object_store::{ObjectStore, ObjectStoreExt as _, PutPayload, local::LocalFileSystem};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// HTML and snapshots hardly get smaller beyond this.
const COMPRESSION: i32 = 3;
/// Nothing larger is unpacked.
const LARGEST: u64 = 64 * 1024 * 1024;

/// One of the files of an evaluation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ArtifactKind {
    /// The page as a visitor sees it, WebP.
    Screenshot,
    /// The document as it was in the end, HTML.
    Html,
    /// What was judged, JSON.
    Snapshot,
}

impl ArtifactKind {
    /// All there are.
    pub const ALL: [Self; 3] = [Self::Screenshot, Self::Html, Self::Snapshot];

    /// What it is called in the row.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Screenshot => "screenshot",
            Self::Html => "html",
            Self::Snapshot => "snapshot",
        }
    }

    /// The type of its content.
    #[must_use]
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Screenshot => "image/webp",
            Self::Html => "text/html; charset=utf-8",
            Self::Snapshot => "application/json",
        }
    }

    /// The last part of its key.
    #[must_use]
    pub fn file_name(self) -> &'static str {
        match self {
            Self::Screenshot => "screenshot.webp",
            Self::Html => "page.html.zst",
            Self::Snapshot => "snapshot.json.zst",
        }
    }

    /// Pictures are compressed already.
    fn is_compressed(self) -> bool {
        self != Self::Screenshot
    }
}

/// Whose files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ArtifactsOf {
    /// The tenant.
    pub workspace: WorkspaceId,
    /// What was looked at.
    pub destination: DestinationId,
    /// The look.
    pub evaluation: EvaluationId,
}

impl ArtifactsOf {
    /// The key of one of them.
    #[must_use]
    pub fn key(&self, kind: ArtifactKind) -> String {
        let Self { workspace, destination, evaluation } = self;
        format!("evals/{workspace}/{destination}/{}/{}", evaluation.as_uuid(), kind.file_name())
    }
}

/// Why a file could not be stored, read or removed.
#[derive(Debug, thiserror::Error)]
pub enum ArtifactError {
    /// The store refused, or was not there.
    #[error("the artefact store failed")]
    Store(#[from] object_store::Error),
    /// It could not be packed, or is not what was stored.
    #[error("an artefact could not be packed or unpacked")]
    Compression(#[source] std::io::Error),
    /// The directory cannot be made.
    #[error("the directory of artefacts {path} cannot be created")]
    Directory {
        /// Which.
        path: String,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// Compressing was cut off, because the service ends.
    #[error("an artefact was not packed, because the service is stopping")]
    Stopped,
}

/// Where artefacts are kept. Cheap to clone.
#[derive(Clone)]
pub struct Artifacts {
    store: Arc<dyn ObjectStore>,
}

impl Artifacts {
    /// In whatever store.
    #[must_use]
    pub fn new(store: Arc<dyn ObjectStore>) -> Self {
        Self { store }
    }

    /// In this directory, which is made if it is missing.
    ///
    /// # Errors
    /// It cannot be made.
    pub fn in_directory(directory: &Path) -> Result<Self, ArtifactError> {
        let path = || directory.display().to_string();
        std::fs::create_dir_all(directory).map_err(|source| ArtifactError::Directory { path: path(), source })?;
        let store = LocalFileSystem::new_with_prefix(directory)?.with_automatic_cleanup(true);
        Ok(Self::new(Arc::new(store)))
    }

    /// Stores a file. Storing it again replaces it.
    ///
    /// # Errors
    /// See [`ArtifactError`]; nothing half-written is ever read.
    pub async fn put(&self, of: ArtifactsOf, kind: ArtifactKind, content: Bytes) -> Result<Artifact, ArtifactError> {
        let key = of.key(kind);
        let packed = if kind.is_compressed() { blocking(move || pack(&content)).await? } else { content };
        let artifact = described(kind, key, &packed);
        self.store.put(&artifact.key.as_str().into(), PutPayload::from_bytes(packed)).await?;
        Ok(artifact)
    }

    /// What was stored of an evaluation before, by a node that did not come to note it.
    ///
    /// # Errors
    /// The store failed.
    pub async fn find(&self, of: ArtifactsOf, kind: ArtifactKind) -> Result<Option<Artifact>, ArtifactError> {
        let key = of.key(kind);
        Ok(self.read(&key).await?.map(|packed| described(kind, key, &packed)))
    }

    async fn read(&self, key: &str) -> Result<Option<Bytes>, ArtifactError> {
        match self.store.get(&key.into()).await {
            Ok(found) => Ok(Some(found.bytes().await?)),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Reads a file's content, unpacked; `None` if it is not there.
    ///
    /// # Errors
    /// See [`ArtifactError`].
    pub async fn get(&self, key: &str) -> Result<Option<Bytes>, ArtifactError> {
        let Some(packed) = self.read(key).await? else { return Ok(None) };
        if key.ends_with(".zst") { Ok(Some(blocking(move || unpack(&packed)).await?)) } else { Ok(Some(packed)) }
    }

    /// Removes a file, if it is there.
    ///
    /// # Errors
    /// The store failed.
    pub async fn delete(&self, key: &str) -> Result<(), ArtifactError> {
        match self.store.delete(&key.into()).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

/// Off the threads that answer requests: a large page takes some tens of milliseconds.
async fn blocking(work: impl FnOnce() -> std::io::Result<Bytes> + Send + 'static) -> Result<Bytes, ArtifactError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done.map_err(ArtifactError::Compression),
        Err(_) => Err(ArtifactError::Stopped),
    }
}

fn described(kind: ArtifactKind, key: String, stored: &Bytes) -> Artifact {
    Artifact {
        kind: kind.as_str().to_owned(),
        key,
        sha256: hex(&Sha256::digest(stored)),
        bytes: stored.len() as u64,
        content_type: kind.content_type().to_owned(),
    }
}

fn pack(content: &[u8]) -> std::io::Result<Bytes> {
    zstd::encode_all(content, COMPRESSION).map(Bytes::from)
}

fn unpack(packed: &[u8]) -> std::io::Result<Bytes> {
    let mut content = Vec::new();
    zstd::Decoder::new(packed)?.take(LARGEST).read_to_end(&mut content)?;
    Ok(content.into())
}

/// Bytes in hexadecimal.
#[must_use]
pub(super) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _infallible = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn of() -> ArtifactsOf {
        ArtifactsOf {
            workspace: WorkspaceId::from_uuid(Uuid::from_u128(1)),
            destination: DestinationId::from_uuid(Uuid::from_u128(2)),
            evaluation: EvaluationId::from_uuid(Uuid::from_u128(3)),
        }
    }

    #[tokio::test]
    async fn what_is_stored_is_read_back_and_pages_are_packed() {
        let directory = tempfile::tempdir().unwrap();
        let artifacts = Artifacts::in_directory(&directory.path().join("artifacts")).unwrap();
        let page = Bytes::from("<p>sold out</p>".repeat(1_000));
        for kind in ArtifactKind::ALL {
            let stored = artifacts.put(of(), kind, page.clone()).await.unwrap();
            assert_eq!(artifacts.find(of(), kind).await.unwrap(), Some(stored.clone()));
            assert_eq!(stored.sha256.len(), 64);
            assert!(stored.key.starts_with("evals/ws_") && stored.key.ends_with(kind.file_name()), "{}", stored.key);
            assert_eq!(artifacts.get(&stored.key).await.unwrap(), Some(page.clone()));
            let on_disk = std::fs::metadata(directory.path().join("artifacts").join(&stored.key)).unwrap().len();
            assert_eq!(on_disk, stored.bytes);
            assert_eq!(on_disk < 1_000, kind != ArtifactKind::Screenshot, "{kind:?}: {on_disk}");
        }
    }

    #[tokio::test]
    async fn what_is_removed_is_not_there_and_may_be_removed_again() {
        let directory = tempfile::tempdir().unwrap();
        let artifacts = Artifacts::in_directory(directory.path()).unwrap();
        let stored = artifacts.put(of(), ArtifactKind::Screenshot, Bytes::from_static(b"picture")).await.unwrap();
        for _ in 0..2 {
            artifacts.delete(&stored.key).await.unwrap();
            assert_eq!(artifacts.get(&stored.key).await.unwrap(), None);
        }
    }

    #[tokio::test]
    async fn a_damaged_file_is_an_error_and_no_page() {
        let directory = tempfile::tempdir().unwrap();
        let artifacts = Artifacts::in_directory(directory.path()).unwrap();
        let stored = artifacts.put(of(), ArtifactKind::Html, Bytes::from_static(b"<p>")).await.unwrap();
        std::fs::write(directory.path().join(&stored.key), b"not packed").unwrap();
        assert!(matches!(artifacts.get(&stored.key).await, Err(ArtifactError::Compression(_))));
    }
}
