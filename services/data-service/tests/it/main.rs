//! The data service as visitors meet it: a real port, a real database, real files.

mod harness;

mod capture;
mod differential;
mod limits;
mod redirect;
mod shutdown;
