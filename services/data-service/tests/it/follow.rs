//! What a node learns from the database of the edits that others made. The node's sense of time is moved by hand.

use std::{sync::Arc, time::Duration};

use data_ops::{
    accounts::{SignUp, sign_up},
    database::{Database, DatabaseConfig, Databases},
    domains::ensure_instance_domain,
    links::{Link, LinkChange, NewLink, create_link, create_links, delete_link, update_link},
    types::{DestinationUrl, DomainId, Email, GeoTargets, Host, Slug, Timestamp, WorkspaceId, WorkspaceName},
    workspaces::NewWorkspace,
};
use data_service::links::{ChangeFollower, Followed, LinkMap};
use test_postgres::TestDatabase;
use tokio::time::Instant;

const NOW: Timestamp = Timestamp::from_millis(1_790_000_000_000);
const NOTHING: Followed = Followed { read: 0, forgotten: 0 };

macro_rules! on_both_databases {
    ($($test:ident),+ $(,)?) => {
        mod sqlite {
            $(#[tokio::test]
            async fn $test() {
                let directory = tempfile::tempdir().unwrap();
                let config = super::DatabaseConfig::Sqlite { directory: directory.path().to_owned() };
                super::$test(super::Node::start(config).await).await;
            })+
        }
        mod postgres {
            $(#[tokio::test]
            async fn $test() {
                let database = super::TestDatabase::create().await.unwrap();
                let config = super::DatabaseConfig::Postgres { url: database.url().to_owned(), max_connections: 4 };
                super::$test(super::Node::start(config).await).await;
            })+
        }
    };
}

on_both_databases!(
    an_edit_by_another_node_is_visible,
    a_bulk_import_is_read_once,
    an_edit_that_commits_late_is_visible,
    links_at_hand_in_their_present_version_stay,
    what_changed_during_the_scan_is_found,
);

/// A node that is told of no edit, so that it has to find them all.
struct Node {
    config: DatabaseConfig,
    db: Database,
    domain: DomainId,
    workspace: WorkspaceId,
    links: Arc<LinkMap>,
    now: Instant,
}

impl Node {
    async fn start(config: DatabaseConfig) -> Self {
        let databases = Databases::connect(&config).await.unwrap();
        databases.migrate().await.unwrap();
        let db = databases.control;
        let domain = ensure_instance_domain(&db, &Host::parse("go.example.com").unwrap(), NOW).await.unwrap();
        let account = SignUp {
            email: Email::parse("owner@example.com").unwrap(),
            name: String::new(),
            password_hash: "hash".to_owned(),
            workspace: Some(NewWorkspace { name: WorkspaceName::parse("Acme").unwrap(), slug: None }),
            now: NOW,
        };
        let workspace = sign_up(&db, &account).await.unwrap().1.unwrap();
        let links = LinkMap::open(db.clone(), domain.id).await.unwrap();
        links.load().await.unwrap();
        Self { config, db, domain: domain.id, workspace: workspace.id, links, now: Instant::now() }
    }

    fn follower(&self) -> ChangeFollower {
        ChangeFollower::new(self.links.clone())
    }

    /// The next look for changes, half a second after the one before.
    async fn look(&mut self, follower: &mut ChangeFollower) -> Followed {
        self.now += Duration::from_millis(500);
        follower.catch_up(self.now).await.unwrap()
    }

    async fn create(&self, slug: &str, at: Timestamp) -> Link {
        create_link(&self.db, self.workspace, &new_link(Some(slug)), at).await.unwrap()
    }

    async fn edit(&self, link: &Link, at: Timestamp) {
        let url = Some(DestinationUrl::parse("https://example.com/edited").unwrap());
        let change = LinkChange { url, ..LinkChange::default() };
        update_link(&self.db, self.workspace, link.id, &change, at).await.unwrap().unwrap();
    }

    /// The version a visitor of this node is redirected by.
    async fn visit(&self, link: &Link) -> Option<i64> {
        let domain = self.links.domains().by_id(self.domain).unwrap();
        match domain.with_link(link.slug.as_str(), |link| link.version) {
            Some(version) => Some(version),
            None => self.links.look_up(domain, link.slug.as_str()).await.unwrap().map(|link| link.version),
        }
    }
}

fn new_link(slug: Option<&str>) -> NewLink {
    NewLink {
        domain: None,
        slug: slug.map(|slug| Slug::parse(slug).unwrap()),
        url: DestinationUrl::parse("https://example.com/").unwrap(),
        geo: GeoTargets::default(),
        rules: Vec::new(),
        backup_urls: Vec::new(),
        geo_backup_urls: data_ops::types::GeoBackups::default(),
        monitor: data_ops::types::Monitor::default(),
        click_value: None,
        external_id: None,
        title: String::new(),
        comments: None,
        archived: false,
        created_by: None,
    }
}

fn later(millis: i64) -> Timestamp {
    Timestamp::from_millis(NOW.as_millis() + millis)
}

async fn an_edit_by_another_node_is_visible(mut node: Node) {
    let mut follower = node.follower();
    let link = node.create("sale", NOW).await;
    assert_eq!(node.visit(&link).await, Some(1));
    node.look(&mut follower).await;
    assert_eq!(node.visit(&link).await, Some(1));
    node.edit(&link, later(1_000)).await;
    assert_eq!(node.visit(&link).await, Some(1));
    assert_eq!(node.look(&mut follower).await, Followed { read: 1, forgotten: 1 });
    assert_eq!(node.visit(&link).await, Some(2));
    delete_link(&node.db, node.workspace, link.id, later(2_000)).await.unwrap();
    assert_eq!(node.look(&mut follower).await, Followed { read: 1, forgotten: 1 });
    assert_eq!(node.visit(&link).await, None);
}

async fn a_bulk_import_is_read_once(mut node: Node) {
    // More than a page, and no whole number of pages.
    const LINKS: usize = 2_500;
    let mut follower = node.follower();
    create_links(&node.db, node.workspace, &vec![new_link(None); LINKS], NOW).await.unwrap();
    assert_eq!(node.look(&mut follower).await, Followed { read: LINKS, forgotten: LINKS });
    // For as long as late edits are looked for, and afterwards.
    for _ in 0..24 {
        assert_eq!(node.look(&mut follower).await, NOTHING);
    }
    node.create("other", later(60_000)).await;
    assert_eq!(node.look(&mut follower).await, Followed { read: 1, forgotten: 1 });
    assert_eq!(node.look(&mut follower).await, NOTHING);
}

async fn an_edit_that_commits_late_is_visible(mut node: Node) {
    let mut follower = node.follower();
    let (early, late) = (node.create("early", NOW).await, node.create("late", NOW).await);
    for link in [&early, &late] {
        assert_eq!(node.visit(link).await, Some(1));
    }
    assert_eq!(node.look(&mut follower).await, Followed { read: 2, forgotten: 0 });
    // The later edit is seen first, and some seconds before the earlier one.
    let is_late = async |node: &mut Node, follower: &mut ChangeFollower| {
        node.edit(&late, later(2_000)).await;
        assert!(node.look(follower).await.read > 0);
        assert_eq!((node.visit(&early).await, node.visit(&late).await), (Some(1), Some(2)));
        for _ in 0..8 {
            assert_eq!(node.look(follower).await, NOTHING);
        }
    };
    if let DatabaseConfig::Postgres { url, .. } = node.config.clone() {
        let pool = sqlx::PgPool::connect(&url).await.unwrap();
        let mut open = pool.begin().await.unwrap();
        let update = sqlx::query("UPDATE links SET version = version + 1 WHERE id = $1").bind(early.id.as_uuid());
        update.execute(&mut *open).await.unwrap();
        is_late(&mut node, &mut follower).await;
        open.commit().await.unwrap();
    } else {
        is_late(&mut node, &mut follower).await;
        node.edit(&early, later(1_000)).await;
    }
    assert_eq!(node.look(&mut follower).await.forgotten, 1);
    assert_eq!((node.visit(&early).await, node.visit(&late).await), (Some(2), Some(2)));
    assert_eq!(node.look(&mut follower).await, NOTHING);
}

async fn links_at_hand_in_their_present_version_stay(mut node: Node) {
    let mut follower = node.follower();
    let link = node.create("sale", NOW).await;
    node.edit(&link, later(1_000)).await;
    // Looked up before the edit was found, and therefore as it is now.
    assert_eq!(node.visit(&link).await, Some(2));
    assert_eq!(node.look(&mut follower).await, Followed { read: 1, forgotten: 0 });
    assert_eq!(node.links.len(), 1);
}

async fn what_changed_during_the_scan_is_found(mut node: Node) {
    let link = node.create("sale", NOW).await;
    node.links = LinkMap::open(node.db.clone(), node.domain).await.unwrap();
    node.links.load().await.unwrap();
    node.edit(&link, later(1_000)).await;
    node.create("other", later(60_000)).await;
    let mut follower = node.follower();
    assert_eq!(node.look(&mut follower).await.forgotten, 2);
    assert_eq!(node.visit(&link).await, Some(2));
}
