//! The redirect: from a request's head to the answer and the captured click.
//!
//! Two lanes answer. The *fast lane* ([`crate::server`]) parses plain requests itself and answers from memory; everything else goes
//! through hyper and axum and ends in the *ordinary lane* ([`router`]). Both call [`Redirector`] for every decision, so they answer
//! alike; a differential test holds them to it.

mod location;
mod pages;
mod redirector;
mod router;

pub use location::append_query;
use pages::not_found_page;
pub(crate) use redirector::capture;
pub use redirector::{Decided, RedirectRequest, Redirector};
pub use router::{OrdinaryLane, router};
