//! Lists in pages.

use data_ops::types::FieldError;

const MAX_PAGE_SIZE: u32 = 100;

/// How many entries to answer: what was asked for, or as many as are allowed.
pub(crate) fn page_size(given: Option<u32>) -> Result<u32, FieldError> {
    match given {
        None => Ok(MAX_PAGE_SIZE),
        Some(size) if (1..=MAX_PAGE_SIZE).contains(&size) => Ok(size),
        Some(_) => {
            Err(FieldError::new("pageSize", "out_of_range", format_args!("Use a number from 1 to {MAX_PAGE_SIZE}.")))
        }
    }
}

/// The entry a list was to go on after is gone: what follows it cannot be told.
pub(crate) fn gone() -> FieldError {
    FieldError::new("startingAfter", "gone", "There is no such entry any more. Begin the list anew.")
}
