//! The routing program.
