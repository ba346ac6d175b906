//! What a failure is remembered by: the whole chain of its causes as one text that any database takes.

use std::{any::Any, error::Error};

/// A text longer than this is cut: an error may quote a whole answer of somebody else's.
const LONGEST: usize = 4_096;

/// The error and its sources as one line.
pub(crate) fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text.push_str(": ");
        text.push_str(&error.to_string());
        source = error.source();
    }
    text
}

/// The chain as it is stored: not too long, and without the one character PostgreSQL has no room for.
pub(crate) fn stored(error: &dyn Error) -> String {
    let mut text = chain(error).replace('\0', "\u{fffd}");
    if text.len() > LONGEST {
        text.truncate(text.floor_char_boundary(LONGEST));
        text.push('…');
    }
    text
}

/// What was said by whoever panicked.
pub(crate) fn panic_text(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no message")
}

#[cfg(test)]
mod tests {
    use super::stored;

    #[derive(Debug, thiserror::Error)]
    #[error("outer")]
    struct Outer(#[source] std::io::Error);

    #[test]
    fn every_cause_is_stored() {
        assert_eq!(stored(&Outer(std::io::Error::other("inner"))), "outer: inner");
    }

    #[test]
    fn what_a_database_would_refuse_is_replaced_and_what_is_long_is_cut() {
        assert_eq!(stored(&std::io::Error::other("a\0b")), "a\u{fffd}b");
        let text = stored(&std::io::Error::other("ä".repeat(5_000)));
        assert_eq!(text.chars().count(), 2_049);
    }
}
