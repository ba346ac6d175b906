//! A destination as the API shows it.

use std::collections::{HashMap, HashSet};

use data_ops::{
    destinations::{
        Destination, ListedDestination, Worth, count_links_of, destinations_of_links, leads_away_from,
        links_of_destinations, worth_of_a_day,
    },
    evaluations::{Evaluation, find_evaluations},
    links::Link,
    types::{DestinationId, EvaluationId, HealthState, LinkId, Pin, Timestamp, UserId, WorkspaceId},
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    api::{
        evaluations::{reason, view::EvaluationView},
        failure::ApiError,
        links::view::short_link,
        schema::count,
    },
    services::Services,
};

/// Links named of each destination.
const LINKS: u8 = 10;
/// Links looked at, of one that is down, to tell whether one of them leads to a backup.
const LINKS_LOOKED_AT: u8 = 100;

/// A URL that links of the workspace lead to, and how it is.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Destination)]
pub(crate) struct DestinationView {
    #[schema(inline)]
    id: DestinationId,
    /// The URL.
    #[schema(example = "https://example.com/summer")]
    url: String,
    /// How it is.
    state: HealthState,
    /// Since when.
    #[schema(inline)]
    since: Timestamp,
    /// The stable code of why, such as `out_of_stock`.
    #[schema(required)]
    reason: Option<String>,
    /// Why, in plain words.
    #[schema(required, example = "It is sold out.")]
    reason_text: Option<String>,
    /// Whether it is broken like so many others at once that its links are left as they are.
    held: bool,
    /// Where visitors go by a person's decision, whatever the checks find: always here (`primary`), or always to a backup; null leaves it
    /// to the checks.
    #[schema(required)]
    pin: Option<Pin>,
    /// Who decided that; null too once their account is gone.
    #[schema(value_type = Option<String>, required)]
    pinned_by: Option<UserId>,
    /// When they did.
    #[schema(value_type = Option<String>, format = DateTime, required)]
    pinned_at: Option<Timestamp>,
    /// Whether its links are to lead to their backups, as far as they have any.
    down: bool,
    /// Whether visitors of at least one of its links (of the first hundred) are led to a backup now, because this destination is down.
    serving_backup: bool,
    /// How many links lead here, as long as all is well.
    #[schema(schema_with = count)]
    link_count: u64,
    /// For how many links this is only a backup.
    #[schema(schema_with = count)]
    backup_link_count: u64,
    /// The first ten of these links.
    links: Vec<LinkName>,
    /// The last check; null when there was none.
    #[schema(required)]
    last_evaluation: Option<EvaluationView>,
    /// When it ended.
    #[schema(value_type = Option<String>, format = DateTime, required)]
    last_checked_at: Option<Timestamp>,
    /// What the clicks of the last 24 hours on the links that lead here were worth, by currency: what a day of it not being there costs.
    /// Empty where no link has a value for a click.
    value_at_risk: Vec<Amount>,
    /// When a link first led here.
    #[schema(inline)]
    created_at: Timestamp,
}

/// A link by its name.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LinkName {
    #[schema(inline)]
    id: LinkId,
    /// The whole short address.
    #[schema(example = "https://go.example.com/summer-sale")]
    short_link: String,
    /// A title for people.
    #[schema(required)]
    title: Option<String>,
}

/// An amount of money.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Amount {
    /// The currency by its three letters, as ISO 4217 has them.
    #[schema(example = "EUR")]
    currency: String,
    /// In the smallest unit of the currency: 250 are 2.50 EUR.
    #[schema(schema_with = count)]
    minor: u64,
}

/// What goes with some destinations.
struct Surroundings {
    links: HashMap<DestinationId, Vec<Link>>,
    /// Those of the destinations from which visitors are led to a backup.
    led_away: HashSet<DestinationId>,
    evaluations: HashMap<EvaluationId, Evaluation>,
    worth: HashMap<DestinationId, Worth>,
}

impl DestinationView {
    /// One destination.
    pub(crate) async fn load(services: &Services, destination: Destination) -> Result<Self, ApiError> {
        let workspace = destination.workspace_id;
        let mut listed = vec![ListedDestination { destination, links: 0, backup_for: 0 }];
        count_links_of(&services.databases.control, &mut listed).await?;
        let views = Self::load_all(services, workspace, listed).await?;
        views.into_iter().next().ok_or_else(super::absent)
    }

    /// Several destinations of a workspace.
    pub(crate) async fn load_all(
        services: &Services,
        workspace: WorkspaceId,
        listed: Vec<ListedDestination>,
    ) -> Result<Vec<Self>, ApiError> {
        let surroundings = Surroundings::load(services, workspace, &listed).await?;
        Ok(listed.into_iter().map(|listed| Self::new(services, listed, &surroundings)).collect())
    }

    fn new(services: &Services, listed: ListedDestination, surroundings: &Surroundings) -> Self {
        let ListedDestination { destination, links, backup_for } = listed;
        let id = destination.id;
        let named = surroundings.links.get(&id).map_or(&[][..], Vec::as_slice).iter().take(LINKS.into());
        let name = |link: &Link| LinkName {
            id: link.id,
            short_link: short_link(&link.domain, &link.slug, services),
            title: Some(link.title.clone()).filter(|title| !title.is_empty()),
        };
        let last = destination.last_evaluation_id.and_then(|id| surroundings.evaluations.get(&id));
        let worth = surroundings.worth.get(&id).into_iter().flatten();
        Self {
            id,
            down: destination.is_down(),
            serving_backup: surroundings.led_away.contains(&id),
            reason_text: destination.reason.as_deref().map(reason::in_words),
            reason: destination.reason,
            url: destination.url.as_str().to_owned(),
            state: destination.state,
            since: destination.state_since,
            held: destination.held,
            pin: destination.pin,
            pinned_by: destination.pinned_by,
            pinned_at: destination.pinned_at,
            link_count: links,
            backup_link_count: backup_for,
            links: named.map(name).collect(),
            last_evaluation: last.cloned().map(EvaluationView::from),
            last_checked_at: destination.last_checked_at,
            value_at_risk: worth
                .map(|(currency, minor)| Amount { currency: currency.clone(), minor: *minor })
                .collect(),
            created_at: destination.created_at,
        }
    }
}

impl Surroundings {
    async fn load(services: &Services, workspace: WorkspaceId, listed: &[ListedDestination]) -> Result<Self, ApiError> {
        let control = &services.databases.control;
        let destinations = || listed.iter().map(|listed| &listed.destination);
        let ids: Vec<DestinationId> = destinations().map(|destination| destination.id).collect();
        let last: Vec<EvaluationId> = destinations().filter_map(|destination| destination.last_evaluation_id).collect();
        let (down, up): (Vec<&Destination>, Vec<&Destination>) = destinations().partition(|it| it.is_down());
        let mut links = HashMap::with_capacity(ids.len());
        for (some, each) in [(down, LINKS_LOOKED_AT), (up, LINKS)] {
            let some: Vec<DestinationId> = some.into_iter().map(|destination| destination.id).collect();
            links.extend(links_of_destinations(control, workspace, &some, each.into()).await?);
        }
        let evaluations = find_evaluations(control, workspace, &last).await?;
        Ok(Self {
            led_away: led_away(services, workspace, listed, &links).await?,
            links,
            evaluations: evaluations.into_iter().map(|evaluation| (evaluation.id, evaluation)).collect(),
            worth: worth_of_a_day(&services.databases, workspace, &ids, services.now()).await?,
        })
    }
}

/// From which destinations visitors are led to a backup: it is down, and for one of its links there is a backup that is not.
async fn led_away(
    services: &Services,
    workspace: WorkspaceId,
    listed: &[ListedDestination],
    links: &HashMap<DestinationId, Vec<Link>>,
) -> Result<HashSet<DestinationId>, ApiError> {
    // As they are here: what was just decided may not be stored yet.
    let here: HashMap<DestinationId, &Destination> =
        listed.iter().map(|listed| (listed.destination.id, &listed.destination)).collect();
    let concerned = listed.iter().filter(|listed| listed.destination.is_down() && listed.links > 0);
    let concerned: Vec<&Destination> = concerned.map(|listed| &listed.destination).collect();
    let links_of = |destination: &Destination| links.get(&destination.id).map_or(&[][..], Vec::as_slice);
    let ids: Vec<LinkId> = concerned.iter().flat_map(|destination| links_of(destination)).map(|link| link.id).collect();
    let used = destinations_of_links(&services.databases.control, workspace, &ids).await?;
    let leads_away = |destination: &Destination, link: &Link| {
        let all = used.get(&link.id).map_or(&[][..], Vec::as_slice).iter().map(|used| &used.destination);
        let is_down = |one: &&Destination| here.get(&one.id).copied().unwrap_or(one).is_down();
        let down: HashSet<&str> = all.filter(is_down).map(|one| one.url.as_str()).collect();
        leads_away_from(link, &destination.url, |url| down.contains(url.as_str()))
    };
    let led_away = concerned.into_iter().filter(|it| links_of(it).iter().any(|link| leads_away(it, link)));
    Ok(led_away.map(|destination| destination.id).collect())
}
