//! The web application is built by a JavaScript tool, which `cargo build` never runs. Without its files a page saying so is
//! embedded in their place.

use std::{fs, io, path::Path};

const PLACEHOLDER: &str = "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<title>Hashroute</title>\n\
    <p>The web application has not been built: run <code>make run</code>.</p>\n</html>\n";

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=web/dist");
    println!("cargo::rerun-if-changed=build.rs");
    let index = Path::new("web/dist/index.html");
    if !index.exists() {
        fs::create_dir_all("web/dist")?;
        fs::write(index, PLACEHOLDER)?;
    }
    Ok(())
}
