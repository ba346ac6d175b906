//! What operations work with, built once.

use std::sync::Arc;

use data_ops::{
    clicks::ClickQueue,
    database::Databases,
    links::LinkObserver,
    types::{Clock, Host, HostError, Timestamp},
};
use durable::{cron::Crons, jobs::Jobs, objects::Objects, workflows::Workflows};

use crate::{
    accounts::password::{PasswordError, Passwords},
    api::{RateLimiter, Seats},
    live::Live,
    settings::Settings,
    watching::Watching,
};

/// What the application is given by whoever starts it.
pub struct Dependencies {
    /// Control data and clicks.
    pub databases: Databases,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Told about every link that changed, after the change is stored.
    pub links: Arc<dyn LinkObserver>,
    /// Where clicks can be watched; `None`: nowhere.
    pub live: Option<Live>,
    /// Who looks at destinations; `None`: nobody.
    pub watching: Option<Arc<dyn Watching>>,
    /// What goes on without a request.
    pub background: Background,
    /// What the operator decides.
    pub settings: Settings,
}

/// What goes on without a request, for whoever looks after it. Each is a handle.
#[derive(Clone)]
pub struct Background {
    /// Job queues.
    pub jobs: Jobs,
    /// Workflows.
    pub workflows: Workflows,
    /// Objects.
    pub objects: Objects,
    /// Schedules.
    pub crons: Crons,
    /// Captured clicks on their way into the database.
    pub clicks: Arc<dyn ClickQueue>,
}

/// Why the application cannot work with its settings.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// Argon2 cannot take the cost.
    #[error("the password cost cannot be used")]
    PasswordCost(#[from] PasswordError),
    /// Links cannot live on the host of the public address.
    #[error("the host of the public address cannot be used for links")]
    PublicHost(#[from] HostError),
}

/// What operations work with. Handlers get it only through an extractor that has checked who is asking: see
/// [`crate::api`].
pub(crate) struct Services {
    pub(crate) databases: Databases,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) links: Arc<dyn LinkObserver>,
    pub(crate) background: Background,
    pub(crate) settings: Settings,
    /// The host of the public address.
    pub(crate) public_host: Host,
    pub(crate) passwords: Passwords,
    pub(crate) rate_limiter: RateLimiter,
    pub(crate) live: Option<Live>,
    pub(crate) watching: Option<Arc<dyn Watching>>,
    /// The sockets of live views.
    pub(crate) seats: Seats,
}

impl Services {
    pub(crate) fn new(dependencies: Dependencies) -> Result<Self, SettingsError> {
        let Dependencies { databases, clock, links, live, watching, background, settings } = dependencies;
        Ok(Self {
            public_host: settings.public_host()?,
            passwords: Passwords::new(settings.password_cost)?,
            rate_limiter: RateLimiter::new(settings.api_requests_per_minute, Arc::clone(&clock)),
            databases,
            clock,
            links,
            live,
            watching,
            seats: Seats::default(),
            background,
            settings,
        })
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }
}
