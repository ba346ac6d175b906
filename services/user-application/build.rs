//! The web application is built by a JavaScript tool, which `cargo build` never runs. Without its files a page saying so is
//! embedded in their place.

use std::{
    fs::{self, File},
    io::{self, Write as _},
    path::Path,
    time::SystemTime,
};

const PLACEHOLDER: &str = "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<title>Hashroute</title>\n\
    <p>The web application has not been built: run <code>make run</code>.</p>\n</html>\n";

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=web/dist");
    println!("cargo::rerun-if-changed=build.rs");
    let index = Path::new("web/dist/index.html");
    if !index.exists() {
        fs::create_dir_all("web/dist")?;
        let mut file = File::create(index)?;
        file.write_all(PLACEHOLDER.as_bytes())?;
        // Older than any source, so that make does not take it for the result of a build.
        file.set_modified(SystemTime::UNIX_EPOCH)?;
    }
    Ok(())
}
