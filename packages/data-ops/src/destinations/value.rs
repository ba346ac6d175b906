//! What the clicks on a destination's links are worth to their owner.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::time::Duration;

use super::valued_links;
use crate::analytics::{AnalyticsError, Range, clicks_of_links};
use crate::database::Databases;
use crate::types::{DestinationId, LinkId, Timestamp, WorkspaceId};

/// Links that are added up, over all destinations asked about.
const LINKS: u64 = 5_000;

/// An amount by currency, in the currency's smallest unit.
pub type Worth = BTreeMap<String, u64>;

/// What the clicks of the 24 hours before `now` (whole hours) were worth, on links that lead to these destinations as long as all
/// is well. Destinations without such clicks are left out. Of more than 5,000 links with a value, some are left out.
pub async fn worth_of_a_day(
    databases: &Databases,
    workspace_id: WorkspaceId,
    ids: &[DestinationId],
    now: Timestamp,
) -> Result<HashMap<DestinationId, Worth>, AnalyticsError> {
    let valued = valued_links(&databases.control, workspace_id, ids, LINKS).await?;
    let links: HashSet<LinkId> = valued.iter().map(|(_, link, _)| *link).collect();
    if links.is_empty() {
        return Ok(HashMap::new());
    }
    let links: Vec<LinkId> = links.into_iter().collect();
    let range = Range { start: now.minus(Duration::from_secs(24 * 3_600)), end: now };
    let clicks = clicks_of_links(&databases.clicks, workspace_id, &links, range).await?;
    let mut worth: HashMap<DestinationId, Worth> = HashMap::new();
    for (destination, link, value) in valued {
        let Some(clicks) = clicks.get(&link) else { continue };
        let sum = worth.entry(destination).or_default().entry(value.currency).or_default();
        *sum = sum.saturating_add(clicks.saturating_mul(u64::from(value.minor)));
    }
    Ok(worth)
}
