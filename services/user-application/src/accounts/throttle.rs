//! How often somebody may try to get in. The counters are in the database, so all nodes share them.

use data_ops::{
    accounts::{Rate, ThrottleError, throttle},
    database::Database,
    types::{Email, Timestamp},
};

use super::token;
use crate::client::ClientAddress;

/// Attempts on one account from one client. A stranger who guesses does not keep the owner out.
const PER_ACCOUNT: Rate = Rate { burst: 10, interval_ms: 30_000 };

/// Attempts on one account from everywhere, against guessing from many addresses.
const PER_ACCOUNT_EVERYWHERE: Rate = Rate { burst: 100, interval_ms: 30_000 };

/// Attempts from one client, whatever the account.
const PER_CLIENT: Rate = Rate { burst: 30, interval_ms: 5_000 };

/// Counts an attempt on an account.
pub(crate) async fn attempt_on_account(
    database: &Database,
    email: &Email,
    client: Option<ClientAddress>,
    now: Timestamp,
) -> Result<(), ThrottleError> {
    let account = email.normalised();
    let network = client.unwrap_or(ClientAddress::UNKNOWN).network();
    throttle(database, &bucket("account", &format!("{account} {network}")), PER_ACCOUNT, now).await?;
    throttle(database, &bucket("everywhere", &account), PER_ACCOUNT_EVERYWHERE, now).await
}

/// Counts an attempt by a client; those whose address is unknown are not counted.
pub(crate) async fn attempt_by_client(
    database: &Database,
    client: Option<ClientAddress>,
    now: Timestamp,
) -> Result<(), ThrottleError> {
    match client {
        Some(client) => throttle(database, &bucket("client", &client.network().to_string()), PER_CLIENT, now).await,
        None => Ok(()),
    }
}

/// Neither addresses of people nor of machines are stored, only a hash that recognises them.
fn bucket(kind: &str, who: &str) -> String {
    let hash = token::hash(&format!("{kind}:{who}"));
    let short: String = hash.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    format!("{kind}:{short}")
}
