//! `GET /api/live`

use std::sync::Arc;

use axum::{
    extract::ws::{WebSocketUpgrade, rejection::WebSocketUpgradeRejection},
    response::Response,
};
use data_ops::types::WorkspaceId;
use http::StatusCode;

use super::{Holder, frame::LiveFrame, socket};
use crate::{
    api::{
        access::{Authorized, FromOurPages, Principal, Standing, permission::AnalyticsRead},
        failure::{ApiError, ErrorCode},
        responses::{AnyFailure, WorkspaceFailure},
        workspace_choice::WorkspaceChoice,
    },
    services::Services,
};

/// Clients have nothing to say, so nothing long.
const MESSAGE_BYTES: usize = 4 * 1024;
/// Beyond what the socket takes at once; a frame is at most about 100 kB.
const WRITE_BUFFER_BYTES: usize = 512 * 1024;
/// When to try again where there are too many sockets.
const RETRY_SECONDS: u64 = 60;

/// Watch clicks
///
/// A websocket: ask for it with `Connection: Upgrade`, an API key in `Authorization`, or the session cookie from a page of this
/// server. Each text message is one frame, a JSON object with a `type`; clients say nothing. The first is a `snapshot`, then come
/// `clicks` as they are recorded, `health` when that of a destination changes, and a `ping` every 20 seconds. Ignore types you do not know.
///
/// The server closes with code 1001 when it ends (connect again, after a pause that grows), and with 1008 when the session or
/// key has ended or lost its permission. A client that does not read is cut off.
#[utoipa::path(
    get,
    path = "/api/live",
    operation_id = "watchClicks",
    tag = "analytics",
    params(WorkspaceChoice),
    responses(
        (status = 101, description = "The websocket is open; each of its text messages is one frame.", body = LiveFrame),
        WorkspaceFailure,
        (status = 426, description = "The request asked for no websocket.", body = crate::api::failure::ErrorEnvelope),
        AnyFailure
    )
)]
pub(crate) async fn watch(
    caller: Authorized<AnalyticsRead>,
    _from: FromOurPages,
    standing: Standing,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, ApiError> {
    let upgrade = upgrade.map_err(|_| {
        ApiError::bad_request("This address is a websocket: connect to it with a websocket client, over HTTP/1.1.")
            .with_status(StatusCode::UPGRADE_REQUIRED)
    })?;
    let services = Arc::clone(&caller.services);
    let unavailable = || ApiError::new(ErrorCode::Unavailable, "Clicks cannot be watched on this server.");
    let live = services.live.clone().ok_or_else(unavailable)?;
    let workspace = caller.workspace.id;
    let holder = match &caller.principal {
        Principal::Person(user_id) => Holder::Person(*user_id),
        Principal::Key(caller) => Holder::Key(caller.key.id),
    };
    let seat = services.seats.take(workspace, holder, &live.limits).ok_or_else(|| ApiError {
        message: "Too many live views are open already. Close some of them first.".into(),
        ..ApiError::too_many_requests(RETRY_SECONDS)
    })?;
    let frames = live.clicks.watch(workspace).ok_or_else(unavailable)?;
    let running = live.tasks.token();
    let upgrade = upgrade
        .max_message_size(MESSAGE_BYTES)
        .max_frame_size(MESSAGE_BYTES)
        .write_buffer_size(0)
        .max_write_buffer_size(WRITE_BUFFER_BYTES);
    let watcher = Watcher { standing, services, workspace };
    Ok(upgrade.on_upgrade(move |socket| async move {
        socket::serve(socket, frames, live, watcher).await;
        drop((seat, running));
    }))
}

/// Who watches what.
pub(super) struct Watcher {
    standing: Standing,
    services: Arc<Services>,
    workspace: WorkspaceId,
}

impl Watcher {
    /// Whether the caller still may.
    pub(super) async fn may_watch(&self) -> bool {
        self.standing.may::<AnalyticsRead>(&self.services, self.workspace).await
    }
}
