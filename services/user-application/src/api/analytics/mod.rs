//! Analytics: clicks counted over time and by where they came from.

mod answer;
pub(crate) mod get;
mod period;
