//! `hashroute config`.

use crate::configuration::Configuration;

/// Prints the configuration in force.
pub fn run(configuration: &Configuration) -> anyhow::Result<()> {
    super::print_line(configuration.describe().trim_end())
}
