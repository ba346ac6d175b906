//! A look at a page as a visitor sees it: rendered by Chromium in a jail, or read as HTML where there is no browser.
