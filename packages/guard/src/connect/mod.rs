//! The connector: look up once, check every address, dial one of them.

mod dial;
mod error;
mod tls;

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use tokio::time::timeout;

use crate::{
    Guard, Outcome, Refusal, Via,
    check::{Target, TargetHost},
    host_name,
    record::{Entry, Log, Metered},
};

pub(crate) use dial::TcpDialer;
pub use dial::{Dialer, Stream};
pub use error::{ConnectError, Phase, TlsFailure};
pub(crate) use tls::{Tls, tls_failure};

/// More addresses than a name of a web server has.
const MAX_ADDRESSES: usize = 64;

/// How long the parts of connecting may take.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ConnectTimeouts {
    pub look_up: Duration,
    pub connect: Duration,
}

impl Guard {
    /// Connects to `target`, and records that. TLS is not begun.
    pub(crate) async fn connect(
        &self,
        target: &Target,
        via: Via,
        log: &Arc<Log>,
        timeouts: &ConnectTimeouts,
    ) -> Result<Metered, ConnectError> {
        let entry = log.begin(via, target.host_text(), target.port, Outcome::Connecting);
        let connected = self.connect_to(target, timeouts).await;
        match connected {
            Ok((stream, address)) => {
                entry.settle(Some(address), Outcome::Connected);
                Ok(Metered::new(stream, Arc::clone(log), entry))
            }
            Err(error) => {
                record_failure(&entry, &error);
                Err(error)
            }
        }
    }

    async fn connect_to(
        &self,
        target: &Target,
        timeouts: &ConnectTimeouts,
    ) -> Result<(Box<dyn Stream>, SocketAddr), ConnectError> {
        let addresses = timeout(timeouts.look_up, self.addresses(target))
            .await
            .map_err(|_| ConnectError::TimedOut(Phase::LookUp))??;
        let addresses = dial::in_order(&addresses, target.port);
        timeout(timeouts.connect, dial::first_of(&*self.dialer, addresses))
            .await
            .map_err(|_| ConnectError::TimedOut(Phase::Connect))?
    }

    /// The addresses of a target, every one of them checked.
    async fn addresses(&self, target: &Target) -> Result<Vec<IpAddr>, ConnectError> {
        let name = match &target.host {
            TargetHost::Address(address) => {
                self.policy.check_address(*address, target.may_be_private)?;
                return Ok(vec![*address]);
            }
            TargetHost::Name(name) => name,
        };
        let addresses = if host_name::is_localhost(name) {
            vec![Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()]
        } else {
            let answer = self.resolver.resolve(name).await?;
            for alias in &answer.aliases {
                self.policy.check_name(alias, target.may_be_private)?;
            }
            answer.addresses
        };
        if addresses.is_empty() {
            return Err(ConnectError::NameNotFound);
        }
        if addresses.len() > MAX_ADDRESSES {
            return Err(ConnectError::Dns(format!("{} addresses are too many", addresses.len())));
        }
        for address in &addresses {
            self.policy.check_resolved(*address, target.may_be_private)?;
        }
        Ok(addresses)
    }
}

fn record_failure(entry: &Entry, error: &ConnectError) {
    let outcome = match error {
        ConnectError::Guard(refusal) => Outcome::Refused(Refusal::clone(refusal)),
        other => Outcome::Failed(other.clone()),
    };
    entry.settle(None, outcome);
}
