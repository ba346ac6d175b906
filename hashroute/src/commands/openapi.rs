//! `hashroute openapi`.

/// Prints the OpenAPI document.
pub fn run() -> anyhow::Result<()> {
    super::print_line(&user_application::openapi().to_pretty_json()?)
}
