//! The one page a visitor can see: the link does not exist. Its body is constant, so it tells nothing about what does.
//! Its colours are those of the web application, repeated because the page must not depend on any other file.

/// The 404 page.
#[must_use]
pub fn not_found_page() -> &'static str {
    include_str!("not_found.html")
}
