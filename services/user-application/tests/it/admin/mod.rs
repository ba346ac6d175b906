//! What admins of the instance see and do.

use crate::support::TestApp;

mod crons;
mod dead_letters;
mod objects;
mod queues;
mod workflows;

/// The session of the first account, which administers the instance.
async fn admin(app: &TestApp) -> String {
    let owner = app.owner("ada").await;
    app.sign_in(&owner.email).await
}
