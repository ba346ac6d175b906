//! How this program runs its browser.

use std::ffi::OsString;

use browser::BrowserConfig;

use crate::configuration::Configuration;

/// The command line of the jail: this program itself.
pub fn jailer() -> std::io::Result<Vec<OsString>> {
    Ok(vec![std::env::current_exe()?.into(), "browser-jail".into()])
}

/// The browser as configured.
pub fn browser_config(configuration: &Configuration) -> std::io::Result<BrowserConfig> {
    let mut config = BrowserConfig::new(jailer()?);
    config.program.clone_from(&configuration.browser_program);
    config.sandbox = configuration.browser_sandbox;
    config.concurrency = configuration.browser_pages;
    Ok(config)
}
