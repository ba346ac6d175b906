//! What a `User-Agent` and a `Referer` say, in the few words that the analytics count.

use url::Url;
use woothee::parser::Parser;

/// The visitor's software, as counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agent {
    /// `Desktop`, `Mobile`, `Tablet`, `Console`, `Bot` or `Unknown`.
    pub device: &'static str,
    /// Browser name such as `Chrome` or `Mobile Safari`; `Unknown` where it cannot be told.
    pub browser: String,
    /// Operating system such as `Windows`, `Android`, `iOS`; `Unknown` where it cannot be told.
    pub os: String,
    /// Crawlers, link unfurlers, monitors and programs that nobody sits in front of.
    pub bot: bool,
}

/// Marks of programs that visit links by themselves and that the parser's own list lacks: unfurlers of messengers, monitors,
/// HTTP libraries, headless browsers. Lower case. `curl` is left out on purpose: a person types it, often to try a link.
const BOT_MARKS: &[&str] = &[
    "bot",
    "crawl",
    "spider",
    "slurp",
    "preview",
    "unfurl",
    "facebookexternalhit",
    "facebookcatalog",
    "meta-externalagent",
    "whatsapp",
    "telegram",
    "skypeuripreview",
    "embedly",
    "vkshare",
    "iframely",
    "headlesschrome",
    "phantomjs",
    "lighthouse",
    "pagespeed",
    "gtmetrix",
    "pingdom",
    "uptime",
    "monitor",
    "statuscake",
    "python-requests",
    "python-urllib",
    "aiohttp",
    "httpx/",
    "go-http-client",
    "okhttp",
    "java/",
    "apache-httpclient",
    "axios/",
    "node-fetch",
    "undici",
    "libwww-perl",
    "wget",
    "scrapy",
    "httpclient",
    "postmanruntime",
    "guzzlehttp",
    "ruby",
    "zgrab",
    "masscan",
    "nmap",
    "nikto",
    "validator",
    "feedfetcher",
    "mediapartners",
    "google-inspectiontool",
    "chatgpt",
    "gptbot",
    "claude",
    "perplexity",
    "ccbot",
    "bytespider",
    "archive.org",
    "ia_archiver",
    "qwantify",
    "bitlybot",
    "linkcheck",
    "snapchat/preview",
    "yahoo! slurp",
    "outbrain",
    "flipboard",
];

/// Classifies a `User-Agent`. An empty one is a bot: no browser leaves it out.
#[must_use]
pub fn classify_user_agent(user_agent: &str) -> Agent {
    let parsed = Parser::new().parse(user_agent);
    let lower = user_agent.to_ascii_lowercase();
    let marked = user_agent.trim().is_empty() || BOT_MARKS.iter().any(|mark| lower.contains(mark));
    let crawler = parsed.as_ref().is_some_and(|result| result.category == "crawler");
    let bot = marked && !lower.contains("cubot") || crawler;
    let known = |text: &str| if text.is_empty() || text == "UNKNOWN" { "Unknown".to_owned() } else { text.to_owned() };
    let (browser, os, category) = match &parsed {
        Some(result) => (known(result.name), operating_system(result.os), result.category),
        None => ("Unknown".to_owned(), "Unknown".to_owned(), ""),
    };
    let device = match category {
        _ if bot => "Bot",
        _ if lower.contains("ipad")
            || lower.contains("tablet")
            || (lower.contains("android") && !lower.contains("mobile")) =>
        {
            "Tablet"
        }
        "pc" => "Desktop",
        "smartphone" | "mobilephone" => "Mobile",
        "appliance" => "Console",
        _ if lower.starts_with("curl/") => "Desktop",
        _ => "Unknown",
    };
    let browser = if lower.starts_with("curl/") { "curl".to_owned() } else { mobile_browser(&browser, &lower) };
    Agent { device, browser, os, bot }
}

/// The parser calls the in-app and mobile variants by the desktop name; users look for the one on their phone.
fn mobile_browser(browser: &str, lower: &str) -> String {
    if lower.contains("samsungbrowser") {
        return "Samsung Internet".to_owned();
    }
    if lower.contains("edg/") || lower.contains("edga/") || lower.contains("edgios/") {
        return "Edge".to_owned();
    }
    if lower.contains("crios/") {
        return "Chrome".to_owned();
    }
    if lower.contains("fxios/") {
        return "Firefox".to_owned();
    }
    browser.to_owned()
}

fn operating_system(os: &str) -> String {
    match os {
        "" | "UNKNOWN" => "Unknown",
        "Mac OSX" => "macOS",
        "iPhone" | "iPad" | "iPod" | "iOS" => "iOS",
        other if other.starts_with("Windows Phone") => "Windows Phone",
        other if other.starts_with("Windows") => "Windows",
        other => other,
    }
    .to_owned()
}

/// The host a visitor came from, lower case and without `www.`; `(direct)` where none or an unreadable one was sent.
#[must_use]
pub fn referrer_host(referrer: &str) -> String {
    Url::parse(referrer.trim())
        .ok()
        .and_then(|url| url.host_str().map(|host| host.strip_prefix("www.").unwrap_or(host).to_owned()))
        .filter(|host| !host.is_empty())
        .unwrap_or_else(|| "(direct)".to_owned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const IPHONE: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1";
    const CHROME: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36";
    const EDGE: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36 Edg/131.0.0.0";
    const PIXEL: &str = "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Mobile Safari/537.36";
    const TABLET: &str = "Mozilla/5.0 (Linux; Android 14; SM-X910) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36";

    fn short(user_agent: &str) -> (String, String, String, bool) {
        let agent = classify_user_agent(user_agent);
        (agent.device.to_owned(), agent.browser, agent.os, agent.bot)
    }

    #[test]
    fn people_are_told_apart() {
        assert_eq!(short(IPHONE), ("Mobile".into(), "Safari".into(), "iOS".into(), false));
        assert_eq!(short(CHROME), ("Desktop".into(), "Chrome".into(), "Windows".into(), false));
        assert_eq!(short(EDGE).1, "Edge");
        assert_eq!(short(PIXEL), ("Mobile".into(), "Chrome".into(), "Android".into(), false));
        assert_eq!(short(TABLET).0, "Tablet");
        assert_eq!(short("curl/8.5.0"), ("Desktop".into(), "curl".into(), "Unknown".into(), false));
    }

    #[test]
    fn machines_are_flagged() {
        for user_agent in [
            "",
            "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
            "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
            "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
            "WhatsApp/2.23.20.0",
            "TelegramBot (like TwitterBot)",
            "Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)",
            "python-requests/2.32.3",
            "Mozilla/5.0 (X11; Linux x64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/131.0.0.0 Safari/537.36",
        ] {
            assert!(classify_user_agent(user_agent).bot, "{user_agent}");
        }
    }

    #[test]
    fn a_referrer_is_reduced_to_its_host() {
        assert_eq!(referrer_host("https://www.Example.com/path?q=secret"), "example.com");
        assert_eq!(referrer_host("android-app://com.slack/"), "com.slack");
        assert_eq!(referrer_host(""), "(direct)");
        assert_eq!(referrer_host("not a url"), "(direct)");
    }

    proptest! {
        #[test]
        fn any_text_is_survived(text in ".{0,300}") {
            let _ = classify_user_agent(&text);
            let _ = referrer_host(&text);
        }
    }
}
