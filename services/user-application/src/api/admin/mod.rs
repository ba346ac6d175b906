//! Looking after the instance: what waits, what failed, what runs, and stopping or restarting it.
//!
//! Only for [`InstanceAdmin`](super::access::InstanceAdmin)s. These operations see across all workspaces.

mod crons;
mod dead_letters;
mod failover;
mod objects;
mod queues;
mod stored;
mod workflows;

use utoipa_axum::{router::OpenApiRouter, routes};

use super::access::Application;

/// Every operation for admins of the instance.
pub(super) fn operations() -> OpenApiRouter<Application> {
    OpenApiRouter::new()
        .routes(routes!(queues::list::list))
        .routes(routes!(queues::pause::pause))
        .routes(routes!(queues::resume::resume))
        .routes(routes!(dead_letters::list::list))
        .routes(routes!(dead_letters::get::get, dead_letters::delete::delete))
        .routes(routes!(dead_letters::replay::replay))
        .routes(routes!(dead_letters::delete_all::delete_all))
        .routes(routes!(dead_letters::replay_all::replay_all))
        .routes(routes!(workflows::list::list))
        .routes(routes!(workflows::kinds::kinds))
        .routes(routes!(workflows::get::get))
        .routes(routes!(workflows::pause::pause))
        .routes(routes!(workflows::resume::resume))
        .routes(routes!(workflows::terminate::terminate))
        .routes(routes!(workflows::restart::restart))
        .routes(routes!(objects::classes::classes))
        .routes(routes!(objects::list::list))
        .routes(routes!(objects::get::get))
        .routes(routes!(objects::resume::resume))
        .routes(routes!(crons::list::list))
        .routes(routes!(crons::runs::runs))
        .routes(routes!(crons::pause::pause))
        .routes(routes!(crons::resume::resume))
        .routes(routes!(crons::run::run))
        .routes(routes!(failover::get::get))
        .routes(routes!(failover::lift::lift))
}
