//! The name servers of this machine.

use std::time::Duration;

use futures_util::future::BoxFuture;
use hickory_resolver::{
    TokioResolver,
    config::{LookupIpStrategy, ResolveHosts},
    net::NetError,
    proto::rr::RData,
};

use super::{Answer, ResolveError, Resolver};

/// Asks the name servers in `/etc/resolv.conf` as it was at the start.
pub(crate) struct SystemResolver {
    resolver: Result<TokioResolver, String>,
    is_intranet: bool,
}

impl SystemResolver {
    /// In an intranet names may be short, and the file of hosts counts.
    pub fn new(is_intranet: bool) -> Self {
        let resolver = TokioResolver::builder_tokio().and_then(|mut builder| {
            let options = builder.options_mut();
            options.ip_strategy = LookupIpStrategy::Ipv6AndIpv4;
            options.use_hosts_file = if is_intranet { ResolveHosts::Always } else { ResolveHosts::Never };
            options.timeout = Duration::from_secs(2);
            options.attempts = 2;
            options.try_tcp_on_error = true;
            options.cache_size = 1_024;
            // What changes is seen soon: a destination that moved is not called broken for as long as its old address may be kept.
            options.positive_max_ttl = Some(Duration::from_secs(60));
            options.negative_max_ttl = Some(Duration::from_secs(10));
            builder.build()
        });
        if let Err(error) = &resolver {
            tracing::warn!(%error, "names cannot be looked up: the system's name servers are not known");
        }
        Self { resolver: resolver.map_err(|error| error.to_string()), is_intranet }
    }

    async fn look_up(&self, name: &str) -> Result<Answer, ResolveError> {
        let resolver = self.resolver.as_ref().map_err(|error| ResolveError::Failed(error.clone()))?;
        // The final dot keeps search domains away.
        let name = if self.is_intranet && !name.contains('.') { name.to_owned() } else { format!("{name}.") };
        let found = resolver.lookup_ip(name).await.map_err(|error| failure(&error))?;
        let mut answer = Answer { addresses: found.iter().collect(), aliases: Vec::new() };
        for record in found.as_lookup().answers() {
            if let RData::CNAME(alias) = &record.data {
                answer.aliases.push(alias.0.to_ascii().trim_end_matches('.').to_ascii_lowercase());
            }
        }
        Ok(answer)
    }
}

impl Resolver for SystemResolver {
    fn resolve<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Answer, ResolveError>> {
        Box::pin(self.look_up(name))
    }
}

fn failure(error: &NetError) -> ResolveError {
    use hickory_resolver::{net::DnsError, proto::op::ResponseCode};
    match error {
        // Also what has records, only none of these: there is nothing to connect to.
        NetError::Dns(DnsError::NoRecordsFound(none))
            if matches!(none.response_code, ResponseCode::NXDomain | ResponseCode::NoError) =>
        {
            ResolveError::NotFound
        }
        other => ResolveError::Failed(other.to_string()),
    }
}
