//! The name servers of this machine.

use std::time::Duration;

use futures_util::future::BoxFuture;
use hickory_resolver::{
    ResolverBuilder, TokioResolver,
    config::{LookupIpStrategy, ResolveHosts},
    net::{DnsError, NetError, runtime::TokioRuntimeProvider},
    proto::{op::ResponseCode, rr::RData},
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
        let resolver = TokioResolver::builder_tokio().and_then(|builder| build(builder, is_intranet));
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

fn build(mut builder: ResolverBuilder<TokioRuntimeProvider>, is_intranet: bool) -> Result<TokioResolver, NetError> {
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
}

impl Resolver for SystemResolver {
    fn resolve<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Answer, ResolveError>> {
        Box::pin(self.look_up(name))
    }
}

fn failure(error: &NetError) -> ResolveError {
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

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, Ipv6Addr};

    use hickory_resolver::{
        config::{ConnectionConfig, NameServerConfig, ResolverConfig},
        proto::{
            op::{Message, OpCode},
            rr::{
                Name, Record, RecordType,
                rdata::{A, AAAA, CNAME},
            },
        },
    };
    use tokio::{net::UdpSocket, task::JoinSet};

    use super::*;

    /// What the name server below says.
    fn answer(query: &Message) -> Message {
        let mut response = Message::response(query.metadata.id, OpCode::Query);
        let asked = &query.queries[0];
        response.add_query(asked.clone());
        let name = asked.name().clone();
        let alias = Name::from_ascii("Edge.CDN.test.").unwrap();
        let mut add = |name: &Name, data| {
            response.add_answer(Record::from_rdata(name.clone(), 60, data));
        };
        match (name.to_ascii().as_str(), asked.query_type()) {
            ("both.test.", RecordType::A) => add(&name, RData::A(A(Ipv4Addr::new(93, 184, 215, 14)))),
            ("both.test.", RecordType::AAAA) => add(&name, RData::AAAA(AAAA(Ipv6Addr::LOCALHOST))),
            ("alias.test.", RecordType::A) => {
                add(&name, RData::CNAME(CNAME(alias.clone())));
                add(&alias, RData::A(A(Ipv4Addr::new(93, 184, 215, 14))));
            }
            ("empty.test." | "alias.test.", _) => {}
            ("broken.test.", _) => response.metadata.response_code = ResponseCode::ServFail,
            _ => response.metadata.response_code = ResponseCode::NXDomain,
        }
        response
    }

    #[tokio::test]
    async fn what_a_name_server_says_is_told_apart() {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let port = socket.local_addr().unwrap().port();
        let mut server = JoinSet::new();
        server.spawn(async move {
            let mut bytes = [0; 1_024];
            loop {
                let (length, from) = socket.recv_from(&mut bytes).await.unwrap();
                let query = Message::from_vec(&bytes[..length]).unwrap();
                socket.send_to(&answer(&query).to_vec().unwrap(), from).await.unwrap();
            }
        });
        let mut connection = ConnectionConfig::udp();
        connection.port = port;
        let name_server = NameServerConfig::new(Ipv4Addr::LOCALHOST.into(), true, vec![connection]);
        let config = ResolverConfig::from_parts(None, Vec::new(), vec![name_server]);
        let builder = TokioResolver::builder_with_config(config, TokioRuntimeProvider::default());
        let resolver =
            SystemResolver { resolver: build(builder, false).map_err(|_| String::new()), is_intranet: false };

        let both = resolver.resolve("both.test").await.unwrap();
        let mut addresses: Vec<String> = both.addresses.iter().map(ToString::to_string).collect();
        addresses.sort();
        assert_eq!(addresses, ["93.184.215.14", "::1"]);
        let alias = resolver.resolve("alias.test").await.unwrap();
        assert_eq!((alias.aliases, alias.addresses.len()), (vec!["edge.cdn.test".to_owned()], 1));
        assert_eq!(resolver.resolve("nowhere.test").await, Err(ResolveError::NotFound));
        assert_eq!(resolver.resolve("empty.test").await, Err(ResolveError::NotFound));
        assert!(matches!(resolver.resolve("broken.test").await, Err(ResolveError::Failed(_))));
    }
}
