//! Looks at pages from the command line, for tests and for looking at snapshots: `browser_probe snapshots DIRECTORY URL…` writes
//! what was seen of each URL to a file named after the end of its path. `browser_probe browser-jail …` is the jail.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
    process::ExitCode,
};

use browser::{BrowserConfig, BrowserRenderer, Limits, Renderer as _, Sandbox};
use guard::{Guard, Policy};

fn main() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1);
    match arguments.next().unwrap_or_default().to_str() {
        Some("browser-jail") => browser::jail::inside::run(arguments),
        Some("snapshots") => {
            let directory = PathBuf::from(arguments.next().unwrap_or_default());
            let urls: Vec<String> = arguments.filter_map(|argument| argument.into_string().ok()).collect();
            match write_snapshots(&directory, &urls) {
                Ok(()) => ExitCode::SUCCESS,
                Err(error) => say_and_fail(&error.to_string()),
            }
        }
        Some("hold") => match hold(&PathBuf::from(arguments.next().unwrap_or_default())) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => say_and_fail(&error.to_string()),
        },
        _ => say_and_fail("usage: browser_probe snapshots DIRECTORY URL…"),
    }
}

#[expect(clippy::print_stderr, reason = "a command-line tool talks to the terminal")]
fn say_and_fail(words: &str) -> ExitCode {
    eprintln!("{words}");
    ExitCode::FAILURE
}

/// Starts a browser, says which process its jail is, and waits to be killed.
#[expect(clippy::print_stdout, reason = "a command-line tool talks to the terminal")]
fn hold(directory: &Path) -> Result<(), Box<dyn std::error::Error>> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let mut config = BrowserConfig::new(vec![std::env::current_exe()?.into(), "browser-jail".into()]);
        config.directory = directory.to_owned();
        let renderer = BrowserRenderer::new(config, Guard::new(Policy::default())?);
        let (_, jail) = renderer.start().await?;
        println!("{jail}");
        std::future::pending().await
    })
}

#[expect(clippy::print_stdout, reason = "a command-line tool talks to the terminal")]
fn write_snapshots(directory: &Path, urls: &[String]) -> Result<(), Box<dyn std::error::Error>> {
    std::fs::create_dir_all(directory)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let jailer: Vec<OsString> = vec![std::env::current_exe()?.into(), "browser-jail".into()];
        let mut config = BrowserConfig::new(jailer);
        if std::env::var_os("HASHROUTE_BROWSER_SANDBOX").is_some_and(|value| value == "off") {
            config.sandbox = Sandbox::Off;
        }
        let renderer = BrowserRenderer::new(config, Guard::new(Policy::default().allow_private(true))?);
        for url in urls {
            let rendered = renderer.render(url, &Limits::default(), None).await?;
            let name = url.trim_end_matches('/').rsplit('/').next().unwrap_or("page");
            std::fs::write(directory.join(format!("{name}.json")), serde_json::to_vec_pretty(&rendered.snapshot)?)?;
            std::fs::write(directory.join(format!("{name}.html")), &rendered.html)?;
            if let Some(screenshot) = &rendered.screenshot {
                std::fs::write(directory.join(format!("{name}.webp")), screenshot)?;
            }
            let snapshot = &rendered.snapshot;
            println!(
                "{name}: {:?}, status {:?}, {} blocks, {} ms, {} bytes, picture {} bytes",
                snapshot.outcome,
                snapshot.http_status,
                snapshot.blocks.len(),
                snapshot.timings.total_ms,
                snapshot.bytes,
                rendered.screenshot.as_ref().map_or(0, Vec::len),
            );
        }
        renderer.shutdown().await;
        Ok(())
    })
}
