//! Integration tests: the real application over a real database.

mod openapi;
