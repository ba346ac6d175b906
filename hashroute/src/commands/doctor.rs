//! `hashroute doctor`: what destinations are looked at with, what of it is missing, and how to install it.
//!
//! Nothing is believed for being installed: a jail is made, a browser is started in it, and a page of this command's own is looked at.

mod look;

use std::path::Path;

use anyhow::bail;
use browser::{Program, Sandbox, jail};
use serde::Serialize;
use tokio_util::task::TaskTracker;

use crate::{browsing::jailer, configuration::Configuration};

/// What was found about one thing.
#[derive(Debug, Serialize)]
struct Check {
    name: &'static str,
    state: State,
    /// What there is, or what is wrong.
    finding: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    remedy: Option<&'static str>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum State {
    Good,
    /// It works, and would work better.
    Poor,
    /// Destinations cannot be looked at as they should be.
    Missing,
}

impl Check {
    fn good(name: &'static str, finding: impl Into<String>) -> Self {
        Self { name, state: State::Good, finding: finding.into(), remedy: None }
    }

    fn poor(name: &'static str, finding: impl Into<String>, remedy: &'static str) -> Self {
        Self { name, state: State::Poor, finding: finding.into(), remedy: Some(remedy) }
    }

    fn missing(name: &'static str, finding: impl Into<String>, remedy: &'static str) -> Self {
        Self { name, state: State::Missing, finding: finding.into(), remedy: Some(remedy) }
    }
}

#[derive(Serialize)]
struct Report {
    /// Destinations can be looked at.
    ready: bool,
    checks: Vec<Check>,
}

/// Looks at everything, prints it, and fails when something is missing.
pub fn run(configuration: &Configuration, json: bool) -> anyhow::Result<()> {
    let report = super::block_on(examine(configuration))?;
    if json {
        super::print_line(&serde_json::to_string_pretty(&report)?)?;
    } else {
        super::print_line(&in_words(&report))?;
    }
    if !report.ready {
        bail!("destinations cannot be looked at with a browser here; what is missing is told above");
    }
    Ok(())
}

async fn examine(configuration: &Configuration) -> anyhow::Result<Report> {
    let guard = guard::Guard::new(guard::Policy::default().allow_private(true))?;
    let mut checks = vec![program(configuration.browser_program.as_deref())];
    checks.push(jail_for(configuration.browser_sandbox).await?);
    checks.push(if checks.iter().all(|check| check.state != State::Missing) {
        look::at_a_page(configuration, &guard).await?
    } else {
        Check::missing("a page", "not tried", "see above")
    });
    checks.push(if guard.has_certificate_authorities() {
        Check::good("certificates", "there are certificate authorities to trust")
    } else {
        Check::missing(
            "certificates",
            "there are no certificate authorities to trust",
            "apt-get install ca-certificates",
        )
    });
    checks.push(fonts());
    let ready = checks.iter().all(|check| check.state != State::Missing);
    Ok(Report { ready, checks })
}

fn program(configured: Option<&Path>) -> Check {
    const INSTALL: &str =
        "apt-get install --no-install-recommends chromium-headless-shell (Debian), or set browser.program";
    match (Program::find(configured), configured) {
        (Some(program), _) if program.is_headless_shell => Check::good("browser", program.path.display().to_string()),
        (Some(program), None) => Check::poor(
            "browser",
            format!(
                "{}; chromium-headless-shell takes a third of its time and half of its memory",
                program.path.display()
            ),
            INSTALL,
        ),
        (Some(program), Some(_)) => Check::good("browser", program.path.display().to_string()),
        (None, Some(path)) => Check::missing("browser", format!("there is none at {}", path.display()), INSTALL),
        (None, None) => Check::missing("browser", "none is installed", INSTALL),
    }
}

async fn jail_for(sandbox: Sandbox) -> anyhow::Result<Check> {
    const REMEDY: &str = "run Hashroute as a user that may make user namespaces (sysctl user.max_user_namespaces, on Ubuntu \
                          kernel.apparmor_restrict_unprivileged_userns=0, on old Debian kernel.unprivileged_userns_clone=1; in a container, a \
                          seccomp profile that allows them) or as root with CAP_SYS_ADMIN. In a container that is a jail itself: \
                          browser.sandbox = \"off\"";
    if sandbox == Sandbox::Off {
        return Ok(Check::poor(
            "jail",
            "switched off by browser.sandbox",
            "leave browser.sandbox out, if a jail can be made here",
        ));
    }
    let home = std::env::temp_dir();
    Ok(match jail::probe(&jailer()?, &home, &TaskTracker::new()).await {
        Ok(()) if jail::is_root() => Check::good("jail", "own network, another user, the browser's sandbox inside"),
        Ok(()) => Check::good("jail", "own network and user namespace, the browser's sandbox inside"),
        Err(error) => Check::missing("jail", error.to_string(), REMEDY),
    })
}

/// Pages are judged by their text, which needs no fonts; whoever looks at a picture of one does.
fn fonts() -> Check {
    const PLACES: &[&str] = &["/usr/share/fonts", "/usr/local/share/fonts"];
    let mut names = Vec::new();
    for place in PLACES {
        font_names(Path::new(place), 4, &mut names);
    }
    let for_all_scripts = ["cjk", "fallback", "wqy", "unifont", "gothic", "mincho"];
    if names.is_empty() {
        return Check::poor(
            "fonts",
            "none are installed: pictures of pages show no text",
            "apt-get install fonts-dejavu-core fonts-noto-cjk",
        );
    }
    if names.iter().any(|name| for_all_scripts.iter().any(|word| name.contains(word))) {
        return Check::good("fonts", format!("{} files", names.len()));
    }
    Check::poor(
        "fonts",
        "none for Chinese, Japanese and Korean: their text is boxes in pictures of pages",
        "apt-get install fonts-noto-cjk",
    )
}

fn font_names(directory: &Path, depth: u32, names: &mut Vec<String>) {
    let Ok(entries) = std::fs::read_dir(directory) else { return };
    for path in entries.flatten().map(|entry| entry.path()) {
        if path.is_dir() && depth > 0 {
            font_names(&path, depth - 1, names);
        } else if path
            .extension()
            .is_some_and(|kind| ["ttf", "otf", "ttc", "pfb", "t1"].iter().any(|font| kind == *font))
        {
            names.extend(path.file_name().map(|name| name.to_string_lossy().to_ascii_lowercase()));
        }
    }
}

fn in_words(report: &Report) -> String {
    let mut lines = Vec::new();
    for check in &report.checks {
        let state = match check.state {
            State::Good => "good",
            State::Poor => "poor",
            State::Missing => "MISSING",
        };
        lines.push(format!("{state:<8} {:<13} {}", check.name, check.finding));
        if let Some(remedy) = check.remedy {
            lines.push(format!("{:<22} → {remedy}", ""));
        }
    }
    lines.join("\n")
}
