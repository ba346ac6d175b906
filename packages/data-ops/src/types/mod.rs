//! The words of the product as types that cannot hold a wrong value.
//!
//! Every type here is made by a `parse` that refuses what it does not understand, with a stable `code()` and a
//! sentence that says what to do about it. `Deserialize` goes through `parse`, and the OpenAPI schema of a type is
//! made from the same constants its parser uses. Requests, whose answers name every wrong field, are read with
//! the `parse_value` functions: they collect [`FieldError`]s.

mod backups;
mod country;
mod country_names;
mod destination;
mod email;
mod field_error;
mod geo;
mod health;
mod host;
mod id;
mod monitor;
mod names;
mod permission;
mod rule;
mod rule_parse;
mod rule_schema;
mod scope;
mod slug;
mod text;
mod timestamp;

pub use backups::{GeoBackups, MAX_BACKUPS, backups_schema, own_backups, parse_backups};
pub use country::{CountryCode, CountryCodeError};
pub use destination::{DestinationPolicy, DestinationUrl, DestinationUrlError, DestinationWarning, is_public_address};
pub use email::{Email, EmailError};
pub use field_error::FieldError;
pub use geo::GeoTargets;
pub use health::{
    AlertCadence, EvaluationTrigger, FailureKind, HealthChangeKind, HealthState, Pin, UnknownAlertCadence,
    UnknownEvaluationTrigger, UnknownFailureKind, UnknownHealthChangeKind, UnknownHealthState, UnknownPin,
    UnknownVerdict, UnknownVerdictSource, UnknownWebhookKind, Verdict, VerdictSource, WebhookKind,
};
pub use host::{Host, HostError};
pub use id::{
    ApiKeyId, ClickId, DestinationId, DomainId, EvaluationId, FreezeId, HealthChangeId, IdError, JobId, LinkId,
    SessionId, UserId, WebhookDeliveryId, WebhookId, WorkspaceId,
};
pub use monitor::{ClickValue, Monitor, MonitorPhrases};
pub use names::{
    ApiKeyName, ExternalId, LinkComments, LinkTitle, NameError, PersonName, WorkspaceName, WorkspaceSlug,
    WorkspaceSlugError,
};
pub use permission::{Permission, Role, UnknownRole};
pub use rule::{Condition, Rule, SetOperator, UnknownSetOperator, WeightedDestination};
pub use scope::{Scope, UnknownScope};
pub use slug::{Slug, SlugError};
pub use text::TextSpec;
pub use timestamp::{Timestamp, TimestampError};

pub use crate::clock::{Clock, ManualClock, SystemClock};

#[cfg(test)]
mod tests;
