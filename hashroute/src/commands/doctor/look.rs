//! A look at a page of this command's own, all the way: guard, jail, browser.

use browser::{BrowserRenderer, Limits, Renderer as _};
use guard::Guard;
use judge::snapshot::Outcome;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
};

use super::Check;
use crate::{browsing::browser_config, configuration::Configuration};

const NAME: &str = "a page";
const PAGE: &str = "<!doctype html><title>Doctor</title><p id=words></p>\
                    <script>document.getElementById('words').textContent = 'written by ' + 'a script'</script>";
const REMEDY: &str = "start Hashroute with HASHROUTE_LOG_LEVEL=browser=debug, and see what it says";

pub async fn at_a_page(configuration: &Configuration, guard: &Guard) -> anyhow::Result<Check> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let url = format!("http://{}/", listener.local_addr()?);
    let renderer = BrowserRenderer::new(browser_config(configuration)?, guard.clone());
    let limits = Limits::default();
    let looked = tokio::select! {
        looked = renderer.render(&url, &limits, None) => looked,
        error = serve(&listener) => return Err(error.into()),
    };
    renderer.shutdown().await;
    let rendered = match looked {
        Ok(rendered) => rendered,
        Err(error) => {
            let error = anyhow::Error::from(error);
            let causes: Vec<String> = error.chain().map(ToString::to_string).collect();
            return Ok(Check::missing(NAME, causes.join(": "), REMEDY));
        }
    };
    let snapshot = &rendered.snapshot;
    let was_read = snapshot.blocks.iter().any(|block| block.visible && block.text == "written by a script");
    Ok(match (&snapshot.outcome, was_read, rendered.screenshot.is_some()) {
        (Outcome::Loaded, true, true) => {
            let version = snapshot.browser.as_deref().unwrap_or("the browser");
            Check::good(NAME, format!("{version} rendered one in {} ms, with a picture", snapshot.timings.total_ms))
        }
        (Outcome::Loaded, true, false) => {
            Check::missing(NAME, "one was rendered, and no picture of it could be taken", REMEDY)
        }
        (outcome, ..) => Check::missing(NAME, format!("one could not be rendered: {outcome:?}"), REMEDY),
    })
}

/// Answers every request with the page, until there is no listening any more.
async fn serve(listener: &TcpListener) -> std::io::Error {
    let answer = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{PAGE}",
        PAGE.len()
    );
    loop {
        match listener.accept().await {
            Ok((mut stream, _)) => {
                let mut head = [0; 4096];
                // Whatever is asked for; who goes away gets none.
                if stream.read(&mut head).await.is_ok() {
                    let _gone = stream.write_all(answer.as_bytes()).await;
                }
            }
            Err(error) => return error,
        }
    }
}
