//! `hashroute serve`.

use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::{composition::Application, configuration::Configuration, logging};

/// Runs the service until it is told to stop. A second signal ends it at once.
pub fn run(configuration: Configuration) -> anyhow::Result<()> {
    logging::start(&configuration)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().thread_name("ordinary").build()?;
    runtime.block_on(async {
        let mut signals = [signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?];
        let application = Application::start(&configuration).await?;
        announce(&application).await?;
        next(&mut signals).await;
        tracing::info!("stopping: requests in progress are finished, captured clicks are counted or handed on");
        tokio::select! {
            () = application.shut_down() => tracing::info!("stopped"),
            () = next(&mut signals) => tracing::warn!("stopped at once; captured clicks are counted at the next start"),
        }
        Ok(())
    })
}

async fn next([terminate, interrupt]: &mut [Signal; 2]) {
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
}

async fn announce(application: &Application) -> anyhow::Result<()> {
    let url = application.public_url();
    super::print_line(&format!("Hashroute is running at {url} (listening on {})", application.address()))?;
    if let Some(link) = application.first_run_link().await? {
        super::print_line(&format!("Create the first account here (the link works once):\n  {link}"))?;
    }
    Ok(())
}
