//! Which country an address belongs to: the operator's `.mmdb` file where one is configured, else the database inside the binary.
//!
//! The file is read into memory and swapped whole, so a look-up never waits and never sees half a file. When the operator replaces
//! the file the new one is taken within seconds; a broken replacement is reported and the old data stays in use.

use std::{
    net::IpAddr,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, SystemTime},
};

use arc_swap::ArcSwap;
use data_ops::types::CountryCode;
use maxminddb::{Reader, path};
use tokio_util::sync::CancellationToken;
use tor_geoip::GeoipDb;

/// How often the operator's file is looked at for a newer one.
const FILE_CHECK_INTERVAL: Duration = Duration::from_secs(2);

/// Country look-up by address.
#[derive(Clone)]
pub struct CountryDatabase(Arc<Source>);

enum Source {
    Embedded(Arc<GeoipDb>),
    File { path: PathBuf, reader: ArcSwap<Reader<Vec<u8>>> },
}

/// Why the operator's country database could not be used.
#[derive(Debug, thiserror::Error)]
#[error("the country database {path} could not be read; check `geo.database`, or remove it to use the built-in one")]
pub struct CountryDatabaseError {
    path: String,
    #[source]
    source: maxminddb::MaxMindDbError,
}

impl CountryDatabase {
    /// The database that comes with the binary.
    #[must_use]
    pub fn embedded() -> Self {
        Self(Arc::new(Source::Embedded(GeoipDb::new_embedded())))
    }

    /// The operator's file in MaxMind's format (GeoLite2-Country, GeoLite2-City, DB-IP and the like).
    pub fn from_file(path: &Path) -> Result<Self, CountryDatabaseError> {
        let reader = read(path)?;
        Ok(Self(Arc::new(Source::File { path: path.to_owned(), reader: ArcSwap::from_pointee(reader) })))
    }

    /// The country of `address`; `None` for private, unassigned and unknown ones.
    #[must_use]
    pub fn country(&self, address: IpAddr) -> Option<CountryCode> {
        match &*self.0 {
            Source::Embedded(database) => {
                database.lookup_country_code(address).and_then(|code| CountryCode::parse(code.get()).ok())
            }
            Source::File { reader, .. } => {
                let reader = reader.load();
                let found = reader.lookup(address).ok()?;
                let code: Option<&str> = found.decode_path(&path!["country", "iso_code"]).ok()?;
                code.and_then(|code| CountryCode::parse(code).ok())
            }
        }
    }
}

fn read(path: &Path) -> Result<Reader<Vec<u8>>, CountryDatabaseError> {
    Reader::open_readfile(path).map_err(|source| CountryDatabaseError { path: path.display().to_string(), source })
}

fn modified(path: &Path) -> Option<(SystemTime, u64)> {
    let metadata = std::fs::metadata(path).ok()?;
    Some((metadata.modified().ok()?, metadata.len()))
}

/// Takes a replaced file into use until `stop`. Ends at once for the embedded database.
pub async fn watch_country_database(database: CountryDatabase, stop: CancellationToken) {
    let Source::File { path, reader } = &*database.0 else { return };
    let mut seen = modified(path);
    while stop.run_until_cancelled(tokio::time::sleep(FILE_CHECK_INTERVAL)).await.is_some() {
        let now = modified(path);
        if now.is_none() || now == seen {
            continue;
        }
        seen = now;
        match read(path) {
            Ok(fresh) => {
                reader.store(Arc::new(fresh));
                tracing::info!(path = %path.display(), "country database reloaded");
            }
            Err(error) => tracing::warn!(
                error = &error as &dyn std::error::Error,
                "country database not reloaded, the old one stays"
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_database_knows_public_addresses_and_no_private_ones() {
        let database = CountryDatabase::embedded();
        let country = |text: &str| database.country(text.parse().unwrap()).map(|code| code.to_string());
        assert_eq!(country("8.8.8.8").as_deref(), Some("US"));
        assert_eq!(country("194.25.0.125").as_deref(), Some("DE"));
        assert_eq!(country("2001:4860:4860::8888").as_deref(), Some("US"));
        assert_eq!(country("127.0.0.1"), None);
        assert_eq!(country("10.1.2.3"), None);
    }

    /// A database in MaxMind's format that places every IPv4 address in one country: a tree of one node, whose two records both
    /// point to the only entry.
    fn everybody_is_in(country: &str) -> Vec<u8> {
        let text = |text: &str| [&[0x40 | u8::try_from(text.len()).unwrap()], text.as_bytes()].concat();
        let entry = [vec![0xE1], text("country"), vec![0xE1], text("iso_code"), text(country)].concat();
        // Record value: number of nodes + 16 bytes of separator + offset of the entry.
        let record = [0, 0, 17];
        let metadata = [
            vec![0xE9],
            [text("binary_format_major_version"), vec![0xA1, 2]].concat(),
            [text("binary_format_minor_version"), vec![0xA1, 0]].concat(),
            [text("build_epoch"), vec![0x01, 0x02, 1]].concat(),
            [text("database_type"), text("Test-Country")].concat(),
            [text("description"), vec![0xE0]].concat(),
            [text("ip_version"), vec![0xA1, 4]].concat(),
            [text("languages"), vec![0x00, 0x04]].concat(),
            [text("node_count"), vec![0xC1, 1]].concat(),
            [text("record_size"), vec![0xA1, 24]].concat(),
        ]
        .concat();
        [&record[..], &record, &[0; 16], &entry, b"\xAB\xCD\xEFMaxMind.com", &metadata].concat()
    }

    #[tokio::test(start_paused = true)]
    async fn a_replaced_file_is_taken_into_use_and_a_broken_one_is_not() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("country.mmdb");
        let replace = |content: &[u8]| {
            let fresh = directory.path().join("fresh");
            std::fs::write(&fresh, content).unwrap();
            std::fs::rename(&fresh, &path).unwrap();
        };
        replace(&everybody_is_in("DE"));
        let database = CountryDatabase::from_file(&path).unwrap();
        let country = || database.country("8.8.8.8".parse().unwrap()).map(|code| code.to_string());
        assert_eq!(country().as_deref(), Some("DE"));

        let stop = CancellationToken::new();
        let mut tasks = tokio::task::JoinSet::new();
        tasks.spawn(watch_country_database(database.clone(), stop.clone()));
        tokio::task::yield_now().await;
        replace(b"not a database");
        tokio::time::sleep(FILE_CHECK_INTERVAL * 2).await;
        assert_eq!(country().as_deref(), Some("DE"));
        replace(&everybody_is_in("FR"));
        tokio::time::sleep(FILE_CHECK_INTERVAL * 2).await;
        assert_eq!(country().as_deref(), Some("FR"));
        stop.cancel();
        tasks.join_all().await;
    }

    #[test]
    fn an_unreadable_file_is_named_with_the_way_out() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("broken.mmdb");
        std::fs::write(&path, b"not a database").unwrap();
        let message = CountryDatabase::from_file(&path).err().unwrap().to_string();
        assert!(message.contains("broken.mmdb") && message.contains("geo.database"), "{message}");
    }
}
