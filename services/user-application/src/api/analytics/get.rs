//! `GET /api/analytics`

use std::collections::HashMap;

use data_ops::{
    analytics::{self, AnalyticsError, Dimension, Scope},
    links::{Link, find_links},
    types::{FieldError, LinkId, Timestamp},
};
use jiff::tz::TimeZone;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::{
    answer::{Analytics, ClicksByLink},
    period::{Interval, Period},
};
use crate::api::{
    access::{Authorized, permission::AnalyticsRead},
    failure::ApiError,
    input::{Json, Mistakes, Query, parse_at},
    links::reference::{ByQuery, by_query},
    responses::{AnyFailure, QueryFailure, WorkspaceFailure},
    workspace_choice::WorkspaceChoice,
};

/// The most values a breakdown lists: every country there is.
const MAX_VALUES: usize = 250;

/// The most links `top_links` lists.
const MAX_LINKS: usize = 100;

/// What stands for a country that is not known.
const UNKNOWN_COUNTRY: &str = "Unknown";

/// Which clicks, and how to group them.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Parameters {
    /// What happened; clicks are the only event recorded so far.
    #[param(nullable = false, inline)]
    #[expect(dead_code, reason = "there is only one value; reading it checks that it is that one")]
    event: Option<Event>,
    /// What to group by; one number (`count`) when absent.
    #[param(nullable = false, inline)]
    group_by: Option<GroupBy>,
    /// The time range; `24h` when neither this nor `start` is given.
    #[param(nullable = false, inline)]
    interval: Option<Interval>,
    /// Where the range begins. Takes precedence over `interval`.
    #[param(nullable = false, format = DateTime)]
    start: Option<String>,
    /// Where the range ends; now when absent.
    #[param(nullable = false, format = DateTime)]
    end: Option<String>,
    /// The IANA time zone in which days and months begin; UTC when absent.
    #[param(nullable = false, example = "Europe/Berlin")]
    timezone: Option<String>,
    /// Only clicks on this link.
    #[param(nullable = false)]
    link_id: Option<String>,
    /// Only clicks on the link with this external id.
    #[param(nullable = false)]
    external_id: Option<String>,
    /// Together with `key`: only clicks on the link at this address.
    #[param(nullable = false)]
    domain: Option<String>,
    /// Only clicks on the link with this key; on the primary domain unless `domain` is given.
    #[param(nullable = false)]
    key: Option<String>,
}

#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Event {
    Clicks,
}

#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum GroupBy {
    Count,
    Timeseries,
    Countries,
    Devices,
    Browsers,
    Os,
    Referers,
    TopLinks,
}

/// Count clicks
#[utoipa::path(
    get,
    path = "/api/analytics",
    operation_id = "getAnalytics",
    tag = "analytics",
    params(WorkspaceChoice, Parameters),
    responses((status = 200, description = "The clicks, in the shape that goes with `groupBy`.", body = Analytics), WorkspaceFailure, QueryFailure, AnyFailure)
)]
pub(crate) async fn get(
    caller: Authorized<AnalyticsRead>,
    Query(parameters): Query<Parameters>,
) -> Result<Json<Analytics>, ApiError> {
    let services = &caller.services;
    let workspace = &caller.workspace;
    let query = ByQuery {
        link_id: parameters.link_id.as_deref(),
        external_id: parameters.external_id.as_deref(),
        domain: parameters.domain.as_deref(),
        key: parameters.key.as_deref(),
    };
    let link = by_query(services, workspace.id, query).await?;
    let since = link.as_ref().map_or(workspace.created_at, |link| link.created_at);
    let (period, zone) = parameters.period(services.now(), since)?;
    let question = Question { caller: &caller, link, period, zone };
    question.answer(parameters.group_by.unwrap_or(GroupBy::Count)).await.map(Json)
}

impl Parameters {
    fn period(&self, now: Timestamp, since: Timestamp) -> Result<(Period, TimeZone), Vec<FieldError>> {
        let mut mistakes = Mistakes::default();
        let mut moment = |text: &Option<String>, path| {
            text.as_deref().and_then(|text| mistakes.check(parse_at!(Timestamp, text, path)))
        };
        let start = moment(&self.start, "start");
        let end = moment(&self.end, "end");
        let zone = match self.timezone.as_deref() {
            None => Some(TimeZone::UTC),
            Some(name) => mistakes.check(TimeZone::get(name).map_err(|_| {
                let message = "There is no such time zone. Use a name such as Europe/Berlin.";
                FieldError::new("timezone", "unknown_timezone", message)
            })),
        };
        if self.end.is_some() && self.start.is_none() {
            let _noted: Option<()> = mistakes.check(Err(FieldError::missing("start")));
        }
        let zone = mistakes.finish(zone)?;
        let period = match start {
            Some(start) => Period::between(start, end, now),
            None => Period::of(self.interval.unwrap_or(Interval::Day), now, since, &zone),
        };
        Ok((period?, zone))
    }
}

/// What is asked, read and checked.
struct Question<'a> {
    caller: &'a Authorized<AnalyticsRead>,
    link: Option<Link>,
    period: Period,
    zone: TimeZone,
}

impl Question<'_> {
    async fn answer(self, group_by: GroupBy) -> Result<Analytics, ApiError> {
        Ok(match group_by {
            GroupBy::Count => Analytics::Count(self.count().await?.into()),
            GroupBy::Timeseries => Analytics::Timeseries(self.timeseries().await?),
            GroupBy::Countries => Analytics::Countries(self.breakdown(Dimension::Country).await?),
            GroupBy::Devices => Analytics::Devices(self.breakdown(Dimension::Device).await?),
            GroupBy::Browsers => Analytics::Browsers(self.breakdown(Dimension::Browser).await?),
            GroupBy::Os => Analytics::Os(self.breakdown(Dimension::Os).await?),
            GroupBy::Referers => Analytics::Referers(self.breakdown(Dimension::Referer).await?),
            GroupBy::TopLinks => Analytics::TopLinks(self.top_links().await?),
        })
    }

    fn scope(&self) -> Scope {
        let workspace = self.caller.workspace.id;
        match &self.link {
            Some(link) => Scope::Link(workspace, link.id),
            None => Scope::Workspace(workspace),
        }
    }

    async fn count(&self) -> Result<u64, ApiError> {
        let database = &self.caller.services.databases.clicks;
        Ok(analytics::count(database, self.scope(), self.period.range).await?)
    }

    async fn timeseries<T: From<analytics::Bucket>>(self) -> Result<Vec<T>, ApiError> {
        let database = &self.caller.services.databases.clicks;
        let scope = self.scope();
        let Period { range, granularity } = self.period;
        let buckets = analytics::timeseries(database, scope, range, granularity, self.zone).await?;
        Ok(buckets.into_iter().map(T::from).collect())
    }

    async fn breakdown<T: From<(String, u64)>>(&self, dimension: Dimension) -> Result<Vec<T>, ApiError> {
        let database = &self.caller.services.databases.clicks;
        let values = analytics::breakdown(database, self.scope(), self.period.range, dimension, MAX_VALUES).await?;
        let named = values.into_iter().map(|(value, clicks)| {
            if value.is_empty() && dimension == Dimension::Country {
                (UNKNOWN_COUNTRY.to_owned(), clicks)
            } else {
                (value, clicks)
            }
        });
        Ok(named.map(T::from).collect())
    }

    /// Links that were deleted since are left out: nothing could be shown of them.
    async fn top_links(self) -> Result<Vec<ClicksByLink>, ApiError> {
        let services = &self.caller.services;
        let workspace = self.caller.workspace.id;
        if self.link.is_some() {
            let clicks = self.count().await?;
            let links = self.link.into_iter().filter(|_| clicks > 0);
            return Ok(links.map(|link| ClicksByLink::new(link, clicks, services)).collect());
        }
        let top = analytics::top_links(&services.databases.clicks, workspace, self.period.range, MAX_LINKS).await?;
        let ids: Vec<LinkId> = top.iter().map(|(id, _)| *id).collect();
        let found = find_links(&services.databases.control, workspace, &ids).await?;
        let mut links: HashMap<LinkId, Link> = found.into_iter().map(|link| (link.id, link)).collect();
        let entries = top.into_iter().filter_map(|(id, clicks)| {
            let link = links.remove(&id)?;
            Some(ClicksByLink::new(link, clicks, services))
        });
        Ok(entries.collect())
    }
}

impl From<AnalyticsError> for ApiError {
    fn from(error: AnalyticsError) -> Self {
        match error {
            AnalyticsError::EmptyRange => {
                FieldError::new("end", "empty_range", "The range must end after it starts.").into()
            }
            AnalyticsError::TooManyBuckets { .. } | AnalyticsError::OutOfRange => {
                FieldError::new("start", "range_too_long", "The range is too long. Choose a shorter one.").into()
            }
            AnalyticsError::Database(error) => error.into(),
        }
    }
}
