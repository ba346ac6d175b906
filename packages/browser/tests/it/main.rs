//! Looks at real pages with a real browser in a real jail. They run one after the other: a browser that has to share the processor with
//! seven others settles nothing about time.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test that cannot go on fails, and one that is skipped says so"
)]

mod failures;
mod hostile;
mod jail;
mod life;
mod pages;
mod plain;
mod shop;

use std::path::PathBuf;

use browser::{BrowserConfig, BrowserRenderer, Limits, Rendered, Renderer as _};
use guard::{Guard, Policy};
use tempfile::TempDir;

/// A renderer with a directory of its own, which may look at pages of this machine.
pub(crate) struct TestRenderer {
    pub(crate) renderer: BrowserRenderer,
    pub(crate) directory: TempDir,
}

impl TestRenderer {
    /// One that is configured with `change`.
    pub(crate) fn with(change: impl FnOnce(&mut BrowserConfig)) -> Self {
        Self::behind(guard(), change)
    }

    /// One with another guard.
    pub(crate) fn behind(guard: Guard, change: impl FnOnce(&mut BrowserConfig)) -> Self {
        let directory = tempfile::Builder::new().prefix("look-").tempdir().unwrap();
        // What the jailed user has to pass.
        std::fs::set_permissions(directory.path(), std::os::unix::fs::PermissionsExt::from_mode(0o711)).unwrap();
        let mut config = config();
        config.directory = directory.path().to_owned();
        change(&mut config);
        Self { renderer: BrowserRenderer::new(config, guard), directory }
    }

    pub(crate) fn new() -> Self {
        Self::with(|_| ())
    }

    pub(crate) async fn look(&self, url: &str) -> Rendered {
        self.renderer.render(url, &Limits::default(), None).await.unwrap()
    }
}

pub(crate) fn config() -> BrowserConfig {
    BrowserConfig::new(vec![env!("CARGO_BIN_EXE_browser_probe").into(), "browser-jail".into()])
}

pub(crate) fn guard() -> Guard {
    Guard::new(Policy::default().allow_private(true)).unwrap()
}

/// The kits, unless they are missing where that is allowed.
pub(crate) fn kits() -> Option<PathBuf> {
    let kits = std::env::var_os("HASHROUTE_KITS")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/kits"), PathBuf::from);
    if kits.is_dir() {
        return Some(kits);
    }
    assert!(std::env::var_os("CI").is_none_or(|value| value != "true"), "the kits are missing at {}", kits.display());
    println!("skipped: there are no kits at {}", kits.display());
    None
}

/// The text of what can be seen.
pub(crate) fn words(rendered: &Rendered) -> String {
    let visible = rendered.snapshot.blocks.iter().filter(|block| block.visible);
    visible.map(|block| block.text.as_str()).collect::<Vec<_>>().join("\n")
}
