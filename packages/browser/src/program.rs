//! Which browser there is, and how it is started.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
};

use crate::jail::Sandbox;

/// Where Debian and others put the browser's own program, then what is in the search path. The first is preferred over the second wherever
/// both are, because it takes a third of the time and half of the memory. Debian's entries in the search path are shell scripts around the
/// first ones, and stay around as a second process.
const DIRECT: &[&str] = &["/usr/lib/chromium/chromium-headless-shell", "/usr/lib/chromium/chromium"];
const NAMES: &[&str] =
    &["chromium-headless-shell", "chrome-headless-shell", "chromium", "chromium-browser", "google-chrome"];

/// A browser on this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Program {
    /// Where it is.
    pub path: PathBuf,
    /// It is the one without a user interface.
    pub is_headless_shell: bool,
}

impl Program {
    /// Finds the browser: the one at `configured` if there is a configured one, else the best that is installed.
    #[must_use]
    pub fn find(configured: Option<&Path>) -> Option<Self> {
        if let Some(path) = configured {
            return path.is_file().then(|| Self::at(path.to_owned()));
        }
        let search_path = std::env::var_os("PATH").unwrap_or_default();
        let mut directories: Vec<PathBuf> = std::env::split_paths(&search_path).collect();
        directories.push(PathBuf::from("/usr/bin"));
        let find_named =
            |name: &str| directories.iter().map(|directory| directory.join(name)).find(|path| path.is_file());
        let direct = |path: &&&str| Path::new(path).is_file();
        let shell = DIRECT.iter().take(1).find(direct).map(PathBuf::from);
        let shell = shell.or_else(|| NAMES[..2].iter().find_map(|name| find_named(name)));
        let full = || DIRECT.iter().skip(1).find(direct).map(PathBuf::from);
        let found = shell.or_else(full).or_else(|| NAMES[2..].iter().find_map(|name| find_named(name)))?;
        Some(Self::at(found))
    }

    fn at(path: PathBuf) -> Self {
        let is_headless_shell = path.file_name().is_some_and(|name| name.to_string_lossy().contains("headless-shell"));
        Self { path, is_headless_shell }
    }

    /// The whole command line, with the profile at `profile`.
    pub(crate) fn command(&self, profile: &Path, sandbox: Sandbox, small_shared_memory: bool) -> Vec<OsString> {
        let mut command = vec![self.path.clone().into_os_string()];
        let mut profile_flag = OsString::from("--user-data-dir=");
        profile_flag.push(profile);
        command.push(profile_flag);
        command.extend(FLAGS.iter().map(OsString::from));
        if !self.is_headless_shell {
            command.push("--headless=new".into());
        }
        if sandbox == Sandbox::Off {
            command.push("--no-sandbox".into());
        }
        if small_shared_memory {
            command.push("--disable-dev-shm-usage".into());
        }
        command
    }
}

const FLAGS: &[&str] = &[
    // DevTools over the pipes 3 and 4: nobody else can connect, and the browser ends when they do.
    "--remote-debugging-pipe",
    "--no-startup-window",
    "--window-size=1280,900",
    "--lang=en-US",
    // No way out except through the proxy that each page's context is given. This is the second layer: the first is that there is no
    // network in the jail.
    "--proxy-server=http://127.0.0.1:9",
    "--proxy-bypass-list=<-loopback>",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--disable-quic",
    "--dns-prefetch-disable",
    "--no-pings",
    // No windows but the ones asked for here.
    "--block-new-web-contents",
    "--disable-notifications",
    "--disable-prompt-on-repost",
    // Nothing on its own account.
    "--disable-background-networking",
    "--disable-breakpad",
    "--disable-client-side-phishing-detection",
    "--disable-component-extensions-with-background-pages",
    "--disable-component-update",
    "--disable-crash-reporter",
    "--disable-default-apps",
    "--disable-domain-reliability",
    "--disable-extensions",
    "--disable-sync",
    "--metrics-recording-only",
    "--no-default-browser-check",
    "--no-first-run",
    "--no-service-autorun",
    "--password-store=basic",
    "--use-mock-keychain",
    // Pages in the background are as awake as any: that is all there is here.
    "--disable-background-timer-throttling",
    "--disable-backgrounding-occluded-windows",
    "--disable-renderer-backgrounding",
    // A dialog does not make a page hang: the service answers it.
    "--disable-hang-monitor",
    // Memory and time. Each page has a context of its own, whose processes no other shares; within it, frames of other sites may share
    // one.
    "--disable-gpu",
    "--disable-software-rasterizer",
    "--in-process-gpu",
    "--disable-site-isolation-trials",
    "--disable-speech-api",
    "--mute-audio",
    "--hide-scrollbars",
    "--js-flags=--max-old-space-size=512",
    "--disable-features=AcceptCHFrame,AutofillServerCommunication,BackForwardCache,CertificateTransparencyComponentUpdater,\
     DestroyProfileOnBrowserClose,DialMediaRouteProvider,GlobalMediaControls,HttpsUpgrades,InterestFeedContentSuggestions,IsolateOrigins,\
     LensOverlay,MediaRouter,OptimizationHints,PaintHolding,Prerender2,SpareRendererForSitePerProcess,Translate,WebBluetooth,WebUSB,\
     site-per-process",
];
