//! What the fields of a link may hold: the same when it is made and when it is changed.

use data_ops::types::{
    ClickValue, DestinationPolicy, DestinationUrl, ExternalId, FieldError, GeoBackups, GeoTargets, Host, LinkComments,
    LinkTitle, Monitor, Rule, Slug, own_backups, parse_backups,
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

    pub(super) fn backup_urls(&mut self, value: &Value) -> Option<Vec<DestinationUrl>> {
        self.mistakes.check_all(parse_backups(value, &self.path("backupUrls"), self.policy))
    }

    pub(super) fn geo_backup_urls(&mut self, value: &Value) -> Option<GeoBackups> {
        self.mistakes.check_all(GeoBackups::parse_value(value, &self.path("geoBackupUrls"), self.policy))
    }

    /// Whether these backups are such of these destinations. (When a link is changed, that is found out where it is stored.)
    pub(super) fn fit(
        &mut self,
        url: Option<&DestinationUrl>,
        geo: &GeoTargets,
        backups: &[DestinationUrl],
        geo_backups: &GeoBackups,
    ) {
        let mut errors = own_backups(backups, url, &self.path("backupUrls"));
        errors.extend(geo_backups.check(geo, &self.path("geoBackupUrls")));
        self.refuse(errors);
    }

    pub(super) fn monitor(&mut self, monitor: &Monitor) -> Option<Monitor> {
        let errors = monitor.check(&self.path("monitor"));
        self.refuse(errors).then(|| monitor.clone())
    }

    pub(super) fn click_value(&mut self, value: &ClickValue) -> Option<ClickValue> {
        let errors = value.check(&self.path("clickValue"));
        self.refuse(errors).then(|| value.clone())
    }

    /// Whether there were none.
    fn refuse(&mut self, errors: Vec<FieldError>) -> bool {
        self.mistakes.check_all(if errors.is_empty() { Ok(()) } else { Err(errors) }).is_some()
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
