//! `hashroute migrate`.

use crate::{composition::open_databases, configuration::Configuration, data_directory::DataDirectory, logging};

/// Brings the schema up to date.
pub fn run(configuration: &Configuration) -> anyhow::Result<()> {
    logging::start(configuration)?;
    let _directory = DataDirectory::lock(&configuration.data_dir)?;
    super::block_on(async {
        let databases = open_databases(&configuration.database()).await?;
        databases.close().await?;
        Ok(())
    })?;
    super::print_line("The database's schema is up to date.")
}
