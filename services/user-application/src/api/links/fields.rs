//! What the fields of a link may hold: the same when it is made and when it is changed.

use data_ops::types::{
    DestinationPolicy, DestinationUrl, ExternalId, FieldError, GeoTargets, Host, LinkComments, LinkTitle, Rule, Slug,
};
use serde_json::Value;

use crate::api::input::{Mistakes, parse_at};

/// Reads the fields of one link, and collects what is wrong with them.
pub(super) struct Fields<'a> {
    /// What paths begin with in a bulk request.
    at: &'a str,
    policy: &'a DestinationPolicy<'a>,
    mistakes: Mistakes,
}

impl<'a> Fields<'a> {
    pub(super) fn new(at: &'a str, policy: &'a DestinationPolicy<'a>) -> Self {
        Self { at, policy, mistakes: Mistakes::default() }
    }

    pub(super) fn url(&mut self, text: &str) -> Option<DestinationUrl> {
        let url = DestinationUrl::parse_with(text, self.policy);
        self.mistakes.check(url.map_err(|error| FieldError::new(self.path("url"), error.code(), error)))
    }

    pub(super) fn domain(&mut self, text: &str) -> Option<Host> {
        self.mistakes.check(parse_at!(Host, text, self.path("domain")))
    }

    pub(super) fn key(&mut self, text: &str) -> Option<Slug> {
        self.mistakes.check(parse_at!(Slug, text, self.path("key")))
    }

    pub(super) fn geo(&mut self, value: &Value) -> Option<GeoTargets> {
        self.mistakes.check_all(GeoTargets::parse_value(value, &self.path("geo"), self.policy))
    }

    pub(super) fn rules(&mut self, value: &Value) -> Option<Vec<Rule>> {
        self.mistakes.check_all(Rule::parse_list(value, &self.path("rules"), self.policy))
    }

    pub(super) fn external_id(&mut self, text: &str) -> Option<String> {
        self.mistakes.check(parse_at!(ExternalId, text, self.path("externalId"))).map(String::from)
    }

    pub(super) fn title(&mut self, text: Option<&str>) -> Option<String> {
        present(text)
            .and_then(|text| self.mistakes.check(parse_at!(LinkTitle, text, self.path("title"))))
            .map(String::from)
    }

    pub(super) fn comments(&mut self, text: Option<&str>) -> Option<String> {
        present(text)
            .and_then(|text| self.mistakes.check(parse_at!(LinkComments, text, self.path("comments"))))
            .map(String::from)
    }

    /// The value when nothing was wrong with any field.
    pub(super) fn finish<T>(self, value: Option<T>) -> Result<T, Vec<FieldError>> {
        self.mistakes.finish(value)
    }

    fn path(&self, field: &str) -> String {
        FieldError::join(self.at, field)
    }
}

/// Text that says something: an emptied form field means there is none.
fn present(text: Option<&str>) -> Option<&str> {
    text.filter(|text| !text.trim().is_empty())
}
