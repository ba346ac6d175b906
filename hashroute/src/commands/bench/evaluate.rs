//! `hashroute bench evaluate`: what a look at a page costs, with its picture, and what a browser takes that only waits.
//!
//! Processor time is that of the browser, its jail and all its processes by the kernel's accounting, divided by the pages;
//! memory counts what processes share once. The pages are the ordinary ones of the kit's shop: slow, huge and hostile ones are left out,
//! because what they cost is bounded by limits and not by speed.

use std::{
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail};
use browser::{BrowserConfig, BrowserRenderer, Limits, Renderer as _, processes};
use serde::{Deserialize, Serialize};

use super::{
    arguments::EvaluateArguments,
    processes::{Process, find_program, free_address},
    progress,
    scratch::Scratch,
};
use crate::{browsing::jailer, commands::print_line};

/// What is promised: a page with its picture, and an idle browser.
const PROCESSOR_BAR: Duration = Duration::from_millis(350);
const MEMORY_BAR: u64 = 200 << 20;
/// How long the shop may take to serve.
const SERVES_WITHIN: Duration = Duration::from_secs(10);
/// Until a browser that has just started has nothing more to do.
const CALMS_DOWN_WITHIN: Duration = Duration::from_secs(3);

#[derive(Deserialize)]
struct Page {
    path: String,
    category: String,
}

#[derive(Serialize)]
struct Report {
    browser: String,
    pages: usize,
    looks: usize,
    /// Processor time of one look, in milliseconds.
    processor_ms: f64,
    /// From the call to the answer, in milliseconds.
    median_wall_ms: u32,
    /// Bytes of a picture.
    mean_picture_bytes: usize,
    /// Bytes a browser takes before its first page.
    idle_bytes: u64,
    /// Bytes it takes after the last.
    idle_bytes_afterwards: u64,
    within_bars: bool,
}

/// Measures and prints.
pub async fn run(arguments: &EvaluateArguments) -> anyhow::Result<()> {
    let report = measure(arguments).await?;
    if arguments.json {
        return print_line(&serde_json::to_string_pretty(&report)?);
    }
    let megabytes = |bytes: u64| bytes >> 20;
    print_line(&format!(
        "{}: {} looks at {} pages\n  processor time a page   {:.0} ms (bar: {} ms)\n  wall clock, median      {} ms\n  picture, mean           \
         {} kB\n  memory, idle            {} MB (bar: {} MB), after the last page {} MB\n{}",
        report.browser,
        report.looks,
        report.pages,
        report.processor_ms,
        PROCESSOR_BAR.as_millis(),
        report.median_wall_ms,
        report.mean_picture_bytes / 1000,
        megabytes(report.idle_bytes),
        megabytes(MEMORY_BAR),
        megabytes(report.idle_bytes_afterwards),
        if report.within_bars { "within the bars" } else { "OVER A BAR" },
    ))
}

async fn measure(arguments: &EvaluateArguments) -> anyhow::Result<Report> {
    let pages = ordinary_pages(&arguments.kits)?;
    let scratch = Scratch::create()?;
    let python = find_program("python3").context("python3 is needed to run the shop")?;
    let address = free_address()?;
    let mut command = Command::new(python);
    command.arg(arguments.kits.join("shop/shop.py")).args(["--port", &address.port().to_string()]);
    command.env("PYTHONDONTWRITEBYTECODE", "1");
    let mut shop = Process::start("shop", command, scratch.path())?;
    let until = Instant::now() + SERVES_WITHIN;
    while tokio::net::TcpStream::connect(address).await.is_err() {
        shop.check()?;
        if Instant::now() > until {
            bail!("the shop does not serve");
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }

    let guard = guard::Guard::new(guard::Policy::default().allow_private(true))?;
    let mut config = BrowserConfig::new(jailer()?);
    config.program.clone_from(&arguments.browser);
    let renderer = BrowserRenderer::new(config, guard);
    let (version, root) = renderer.start().await?;
    let idle_bytes = idle_memory(root).await?;

    // Once for what is only done once: compiled code, fonts, caches of the system.
    progress("warming up …");
    look(&renderer, &format!("http://{address}{}", pages[0].path)).await?;
    let (mut walls, mut pictures) = (Vec::new(), 0);
    let before = processes::processor_time(root);
    for round in 1..=arguments.rounds {
        progress(&format!("round {round} of {} …", arguments.rounds));
        for page in &pages {
            let (wall, picture) = look(&renderer, &format!("http://{address}{}", page.path)).await?;
            walls.push(wall);
            pictures += picture;
        }
    }
    let idle_bytes_afterwards = idle_memory(root).await?;
    let spent = processes::processor_time(root) - before;
    renderer.shutdown().await;

    walls.sort_unstable();
    let looks = walls.len();
    let processor_ms = spent.as_secs_f64() * 1000.0 / f64::from(u32::try_from(looks)?);
    Ok(Report {
        browser: version,
        pages: pages.len(),
        looks,
        processor_ms,
        median_wall_ms: walls[looks / 2],
        mean_picture_bytes: pictures / looks,
        idle_bytes,
        idle_bytes_afterwards,
        within_bars: processor_ms <= PROCESSOR_BAR.as_secs_f64() * 1000.0 && idle_bytes <= MEMORY_BAR,
    })
}

fn ordinary_pages(kits: &Path) -> anyhow::Result<Vec<Page>> {
    let truth = kits.join("shop/truth_open.json");
    let text = std::fs::read(&truth)
        .with_context(|| format!("the test kits are not at {}; say where with --kits", kits.display()))?;
    let mut pages: Vec<Page> = serde_json::from_slice(&text)?;
    let costly = ["hostile", "slow", "huge", "redirect_loop"];
    pages.retain(|page| !costly.iter().any(|word| page.category.starts_with(word)));
    if pages.is_empty() {
        bail!("there are no pages in {}", truth.display());
    }
    Ok(pages)
}

async fn look(renderer: &BrowserRenderer, url: &str) -> anyhow::Result<(u32, usize)> {
    let rendered = renderer.render(url, &Limits::default(), None).await?;
    let Some(picture) = rendered.screenshot else { bail!("{url}: no picture, {:?}", rendered.snapshot.outcome) };
    Ok((rendered.snapshot.timings.total_ms, picture.len()))
}

/// The memory of a browser once it has nothing to do any more.
async fn idle_memory(root: u32) -> anyhow::Result<u64> {
    let mut spent = processes::processor_time(root);
    let until = Instant::now() + CALMS_DOWN_WITHIN;
    loop {
        tokio::time::sleep(Duration::from_millis(500)).await;
        let now = processes::processor_time(root);
        if now == spent || Instant::now() > until {
            break;
        }
        spent = now;
    }
    processes::proportional_memory(root).context("the browser's memory is not told here (/proc/…/smaps_rollup)")
}
