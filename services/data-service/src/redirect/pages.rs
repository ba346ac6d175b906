//! The one page a visitor can see: the link does not exist. Its body is constant, so it tells nothing about what does.

/// The 404 page.
#[must_use]
pub fn not_found_page() -> &'static str {
    include_str!("not_found.html")
}
