//! The look itself: open the page, look until it is quiet, tell what was seen.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use guard::Guard;
use judge::snapshot::{Outcome, PageSnapshot, Timings};
use serde_json::json;
use tokio::time::timeout;
use tokio_util::task::TaskTracker;
use url::Url;

use super::{
    context::{Broken, Context},
    extract::{Extract, SCRIPT},
    outcome,
    state::State,
};
use crate::{Limits, Rendered, Settled, exit::ExitError, instance::Instance};

/// Between two looks at a page that may still change.
const BETWEEN: Duration = Duration::from_millis(300);
/// The longest a page is waited for once its document is parsed.
const PATIENCE: Duration = Duration::from_secs(6);
/// After this a page with little text is believed to have no more.
const SHORT_PAGES: Duration = Duration::from_secs(3);
/// A page with scripts is not believed to be complete before.
const SCRIPTS_AT_WORK: Duration = Duration::from_secs(1);
/// A page with this many characters says something.
const SAYS_SOMETHING: usize = 150;
/// A document that is not complete after this is looked at as it is.
const ENDLESS: Duration = Duration::from_secs(5);
/// How long a look may take the page; longer means that it hangs.
const ANSWERS_WITHIN: Duration = Duration::from_secs(4);
/// How long the first may take: a large page on a busy machine is laid out for seconds.
const FIRST_ANSWERS_WITHIN: Duration = Duration::from_secs(10);
/// How long to see whether an end was only the beginning of another navigation.
const REPLACED_WITHIN: Duration = Duration::from_millis(500);
/// What is kept of the deadline for the screenshot and the HTML.
const FOR_THE_RECORD: Duration = Duration::from_secs(3);

/// What a look needs, beside the browser.
pub struct Look<'a> {
    pub guard: &'a Guard,
    pub url: &'a Url,
    pub user_agent: &'a str,
    pub limits: &'a Limits,
    pub settled: Option<Settled<'a>>,
    pub tracker: &'a TaskTracker,
}

/// How looking ended, and the last that was seen.
struct Seen {
    outcome: Outcome,
    extract: Option<Extract>,
    settled: Option<Instant>,
    /// The page still answers.
    answers: bool,
}

/// Looks at a page.
pub async fn look(instance: &Arc<Instance>, request: &Look<'_>) -> Result<Rendered, Broken> {
    let started = Instant::now();
    let context = match Context::open(instance, request, started).await? {
        Ok(context) => context,
        Err(ExitError::Refused(reason)) => {
            let seen = Seen { outcome: Outcome::Refused { reason }, extract: None, settled: None, answers: false };
            return Ok(Rendered {
                snapshot: snapshot(request, instance, &State::default(), &seen, 0, started),
                screenshot: None,
                html: String::new(),
            });
        }
        Err(ExitError::Local(message)) => return Err(Broken::early(format!("no way out: {message}"))),
    };
    let killed_before = instance.killed();
    let until = started + request.limits.deadline;
    let mut seen = watch(&context, request, started, until - FOR_THE_RECORD.min(request.limits.deadline / 4)).await?;
    if let Outcome::Crashed { detail } = &mut seen.outcome
        && instance.killed() > killed_before
    {
        "the page took more memory than it may have".clone_into(detail);
    }

    let (mut html, mut screenshot) = (String::new(), None);
    if seen.answers {
        let record = async {
            html = read_html(&context, request.limits.html_bytes).await;
            if request.limits.screenshot {
                screenshot = take_screenshot(&context).await;
            }
        };
        let _what_there_is = timeout(until.saturating_duration_since(Instant::now()), record).await;
    }
    let state = context.page.now();
    let mut snapshot = snapshot(request, instance, &state, &seen, context.exit.bytes(), started);
    snapshot.truncated |= context.exit.is_over();
    Ok(Rendered { snapshot, screenshot, html })
}

/// Opens the page, and looks at it until it is quiet or there is nothing to be seen.
async fn watch(context: &Context, request: &Look<'_>, started: Instant, until: Instant) -> Result<Seen, Broken> {
    let connection = &context.instance.connection;
    let navigate = async {
        let answer = context.call("Page.navigate", json!({ "url": request.url.as_str() })).await;
        if let Ok(answer) = answer {
            context.page.navigated(&answer);
        }
        std::future::pending::<()>().await;
    };
    let watching = async {
        let mut last: Option<(u64, Extract)> = None;
        let outcome = loop {
            let arrived = context.page.wait_until(|state| state.is_there() || state.is_over());
            if timeout(until.saturating_duration_since(Instant::now()), arrived).await.is_err() {
                break (Outcome::TimedOut, None);
            }
            let state = context.page.now();
            if let Some(outcome) = ending(context, &state).await {
                match outcome {
                    Some(outcome) => break (outcome, None),
                    // It goes on somewhere else.
                    None => continue,
                }
            }
            let Some(since) = state.committed.map(|at| at.elapsed()) else { continue };
            if state.content_loaded.is_none() && !state.too_large && since < ENDLESS && Instant::now() < until {
                let parsed = context.page.wait_until(|state| state.content_loaded.is_some() || state.is_over());
                let _or_not = timeout(BETWEEN, parsed).await;
                continue;
            }
            let parsed = state.content_loaded.map_or_else(|| since.saturating_sub(ENDLESS), |at| at.elapsed());

            let patience = if last.is_some() { ANSWERS_WITHIN } else { FIRST_ANSWERS_WITHIN };
            let within = patience.min(until.saturating_duration_since(Instant::now()));
            let extract = match read_page(context, within).await? {
                Reading::Extract(extract) => *extract,
                Reading::Hangs => break (gave_up(last.is_some()), None),
                Reading::Crashed => continue,
                Reading::Replaced if Instant::now() >= until || parsed >= PATIENCE => {
                    break (gave_up(last.is_some()), None);
                }
                Reading::Replaced => {
                    let _or_not = timeout(BETWEEN, context.page.wait_until(State::is_over)).await;
                    continue;
                }
            };
            let hash = extract.text_hash();
            let is_same = last.as_ref().is_some_and(|(before, _)| *before == hash);
            let is_quiet = !state.is_busy() || parsed >= SHORT_PAGES;
            let has_worked = extract.scripts == 0 || parsed >= SCRIPTS_AT_WORK;
            let says_enough = || {
                extract.visible_characters() >= SAYS_SOMETHING
                    || state.status.is_some_and(|status| status != 200)
                    || parsed >= SHORT_PAGES
                    || request.settled.is_some_and(|settled| {
                        let seen = Seen {
                            outcome: Outcome::Loaded,
                            extract: Some(extract.clone()),
                            settled: None,
                            answers: true,
                        };
                        settled(&snapshot(request, &context.instance, &state, &seen, context.exit.bytes(), started))
                    })
            };
            let is_settled = is_same && is_quiet && has_worked && says_enough();
            last = Some((hash, extract));
            if is_settled || parsed >= PATIENCE || Instant::now() >= until {
                break (Outcome::Loaded, Some(Instant::now()));
            }
            // A page that has stopped changing is only waited for because it says so little.
            tokio::time::sleep(if is_same { BETWEEN * 2 } else { BETWEEN }).await;
        };
        let answers = outcome.1.is_some();
        let (outcome, settled) = outcome;
        Ok(Seen { outcome, extract: last.map(|(_, extract)| extract), settled, answers })
    };
    tokio::select! {
        seen = watching => seen,
        () = navigate => Err(Broken::late("the browser left a page by itself")),
        () = connection.closed() => Err(Broken::late(format!("the browser ended: {}", context.instance.jail.last_words()))),
    }
}

/// What came of reading the page once.
enum Reading {
    Extract(Box<Extract>),
    /// The document was replaced meanwhile.
    Replaced,
    /// It does not answer.
    Hangs,
    /// Its process is gone.
    Crashed,
}

async fn read_page(context: &Context, within: Duration) -> Result<Reading, Broken> {
    let value = tokio::select! {
        value = timeout(within, context.evaluate(SCRIPT)) => value,
        () = context.page.wait_until(|state| state.crashed) => return Ok(Reading::Crashed),
    };
    match value {
        Err(_) => Ok(Reading::Hangs),
        Ok(Ok(value)) => match serde_json::from_value(value) {
            Ok(extract) => Ok(Reading::Extract(Box::new(extract))),
            Err(error) => Err(Broken::late(format!("the page was read into something else: {error}"))),
        },
        Ok(Err(error)) => {
            tracing::debug!(%error, "the page could not be read");
            Ok(Reading::Replaced)
        }
    }
}

/// A page that no longer answers is what was seen of it.
fn gave_up(was_seen: bool) -> Outcome {
    if was_seen { Outcome::Loaded } else { Outcome::TimedOut }
}

/// How it ended, if it did: `Some(None)` when a navigation ended because another began.
async fn ending(context: &Context, state: &State) -> Option<Option<Outcome>> {
    let trouble = || state.url.as_deref().and_then(|url| context.exit.trouble_with(url));
    if state.crashed {
        return Some(Some(Outcome::Crashed { detail: "the page's process ended".to_owned() }));
    }
    if state.is_restless() {
        return Some(Some(Outcome::RedirectLoop));
    }
    if state.is_there() {
        // An answer of the guard looks like a page.
        if state.status.is_some_and(|status| status >= 400)
            && let Some(trouble) = trouble()
        {
            return Some(Some(trouble.into_outcome()));
        }
        return (!outcome::is_page(state.content_type.as_deref())).then_some(Some(Outcome::NotAPage));
    }
    let failure = state.failure.as_deref()?;
    if outcome::may_be_replaced(failure) {
        let navigations = state.navigations;
        let replaced =
            context.page.wait_until(|state| state.navigations > navigations || state.is_there() || state.crashed);
        if timeout(REPLACED_WITHIN, replaced).await.is_ok() {
            return Some(None);
        }
    }
    Some(Some(outcome::of_failure(failure, state, trouble())))
}

fn snapshot(
    request: &Look<'_>,
    instance: &Instance,
    state: &State,
    seen: &Seen,
    bytes: u64,
    started: Instant,
) -> PageSnapshot {
    let extract = seen.extract.as_ref();
    let milliseconds = |duration: Duration| u32::try_from(duration.as_millis()).unwrap_or(u32::MAX);
    let since_start = |at: Instant| milliseconds(at.saturating_duration_since(started));
    let asked = request.url.as_str();
    PageSnapshot {
        requested_url: asked.to_owned(),
        final_url: extract
            .map(|extract| extract.url.clone())
            .or_else(|| state.url.clone())
            .unwrap_or_else(|| asked.to_owned()),
        redirects: state.redirects.clone(),
        outcome: seen.outcome.clone(),
        http_status: if matches!(seen.outcome, Outcome::Refused { .. } | Outcome::Unreachable { .. }) {
            None
        } else {
            state.status
        },
        content_type: state.content_type.clone(),
        title: extract.map(|extract| extract.title.clone()).unwrap_or_default(),
        lang: extract.and_then(Extract::language),
        blocks: extract.map(Extract::blocks).unwrap_or_default(),
        structured: extract.map(Extract::structured).unwrap_or_default(),
        truncated: state.too_large || extract.is_some_and(|extract| extract.truncated),
        browser: Some(instance.version.clone()),
        requests: state.requests,
        bytes,
        timings: Timings {
            first_byte_ms: state.first_byte.map(milliseconds),
            content_loaded_ms: state.content_loaded.map(since_start),
            settled_ms: seen.settled.map(since_start),
            total_ms: milliseconds(started.elapsed()),
        },
    }
}

async fn read_html(context: &Context, limit: usize) -> String {
    let script = format!("document.documentElement ? document.documentElement.outerHTML.slice(0, {limit}) : ''");
    let mut html = match timeout(ANSWERS_WITHIN, context.evaluate(&script)).await {
        Ok(Ok(value)) => value.as_str().unwrap_or_default().to_owned(),
        _ => String::new(),
    };
    html.truncate(html.floor_char_boundary(limit));
    html
}

async fn take_screenshot(context: &Context) -> Option<Vec<u8>> {
    let parameters = json!({ "format": "webp", "quality": 70 });
    let taken = timeout(ANSWERS_WITHIN, context.call("Page.captureScreenshot", parameters)).await.ok()?.ok()?;
    BASE64_STANDARD.decode(taken["data"].as_str()?).ok()
}
