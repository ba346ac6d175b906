//! Links.

use data_ops::links::{
    CreateLinkError, LinkChange, LinkFilter, NewLink, Page, SortOrder, UpdateLinkError, count_links, create_link,
    create_links, delete_link, find_link, find_link_by_external_id, find_link_by_slug, find_links, is_slug_free,
    list_links, update_link,
};
use data_ops::types::{CountryCode, GeoBackups, GeoTargets, LinkId, Monitor, Rule};
use futures_util::future::join_all;

use crate::support::{Fixture, NOW, host, later, link, link_id, new_link, on_both_databases, slug, tenant, url};

on_both_databases!(
    everything_about_a_link_is_kept,
    of_many_links_with_one_slug_one_is_made,
    a_deleted_slug_is_never_given_out_again,
    slugs_differ_by_case,
    an_external_id_belongs_to_one_link,
    a_bulk_keeps_its_order_and_its_good_ones,
    random_slugs_are_made_up,
    a_domain_must_be_usable,
    a_change_is_applied_and_counted,
    a_change_cannot_take_a_slug,
    changes_at_once_are_all_applied,
    pages_by_cursor_and_by_number_agree,
    filters_narrow_the_list,
    search_takes_text_as_it_is,
);

fn rules() -> Vec<Rule> {
    serde_json::from_value(serde_json::json!([{
        "when": {"type": "country", "op": "in", "value": ["DE", "AT"]},
        "destinations": [
            {"url": "https://example.com/a", "weight": 3},
            {"url": "https://example.com/b", "weight": 1},
        ],
    }]))
    .unwrap()
}

fn full_link() -> NewLink {
    let france = CountryCode::parse("FR").unwrap();
    NewLink {
        slug: Some(slug("spring")),
        url: url("https://example.com/spring?x=1"),
        geo: GeoTargets::from_iter([(france, url("https://example.com/fr"))]),
        rules: rules(),
        backup_urls: Vec::new(),
        geo_backup_urls: GeoBackups::default(),
        monitor: Monitor::default(),
        click_value: None,
        external_id: Some("shop-7".to_owned()),
        title: "Frühling 🌷".to_owned(),
        comments: Some("for the team".to_owned()),
        archived: true,
        ..new_link("spring")
    }
}

async fn everything_about_a_link_is_kept(fixture: Fixture) {
    let db = fixture.control();
    let (ada, acme) = tenant(db, "acme").await;
    let new = NewLink { created_by: Some(ada.id), ..full_link() };
    let made = create_link(db, acme.id, &new, NOW).await.unwrap();
    assert_eq!((made.version, made.created_at, made.updated_at), (1, NOW, NOW));
    assert_eq!((&made.domain, made.created_by), (&host("go.example.com"), Some(ada.id)));
    assert_eq!((&made.geo, &made.rules), (&new.geo, &new.rules));
    assert!(!made.rules.is_empty());
    assert_eq!(find_link(db, acme.id, made.id).await.unwrap().as_ref(), Some(&made));
    let by_slug = find_link_by_slug(db, acme.id, &host("go.example.com"), &slug("spring")).await;
    assert_eq!(by_slug.unwrap().as_ref(), Some(&made));
    let by_external_id = find_link_by_external_id(db, acme.id, "shop-7").await.unwrap();
    assert_eq!(by_external_id.as_ref(), Some(&made));
    let several = find_links(db, acme.id, &[made.id, link_id(3)]).await.unwrap();
    assert_eq!(several, [made]);
    assert_eq!(find_link(db, acme.id, link_id(3)).await.unwrap(), None);
}

async fn of_many_links_with_one_slug_one_is_made(fixture: Fixture) {
    let db = fixture.control();
    let (_, acme) = tenant(db, "acme").await;
    let (_, other) = tenant(db, "other").await;
    let new = new_link("spring");
    let attempts = (0..24).map(|number| {
        let workspace = if number % 2 == 0 { acme.id } else { other.id };
        create_link(db, workspace, &new, NOW)
    });
    let results = join_all(attempts).await;
    let made = results.iter().filter(|result| result.is_ok()).count();
    let taken = |result: &&Result<_, _>| matches!(result, Err(CreateLinkError::SlugTaken));
    assert_eq!((made, results.iter().filter(taken).count()), (1, 23));
}

async fn a_deleted_slug_is_never_given_out_again(fixture: Fixture) {
    let db = fixture.control();
    let (_, acme) = tenant(db, "acme").await;
    let (_, other) = tenant(db, "other").await;
    let made = create_link(db, acme.id, &full_link(), NOW).await.unwrap();
    let deleted = delete_link(db, acme.id, made.id, later(1)).await.unwrap();
    assert_eq!(deleted, Some(made.clone()));
    assert_eq!(delete_link(db, acme.id, made.id, later(2)).await.unwrap(), None);
    assert_eq!(find_link(db, acme.id, made.id).await.unwrap(), None);
    assert_eq!(count_links(db, acme.id, &LinkFilter::default()).await.unwrap(), 0);
    for workspace in [acme.id, other.id] {
        let again = create_link(db, workspace, &new_link("spring"), later(3)).await;
        assert!(matches!(again, Err(CreateLinkError::SlugRetired)));
        let free = is_slug_free(db, workspace, &made.domain, &made.slug).await.unwrap();
        assert_eq!(free, Some(false));
    }
    let renamed = link(db, &acme, "summer").await;
    let change = LinkChange { slug: Some(slug("spring")), ..LinkChange::default() };
    let refused = update_link(db, acme.id, renamed.id, &change, later(4)).await;
    assert!(matches!(refused, Err(UpdateLinkError::SlugRetired)));
    // The id in the owner's own system is free again.
    let new = NewLink { external_id: made.external_id, ..new_link("autumn") };
    create_link(db, acme.id, &new, later(5)).await.unwrap();
}

async fn slugs_differ_by_case(fixture: Fixture) {
    let db = fixture.control();
    let (_, acme) = tenant(db, "acme").await;
    let lower = link(db, &acme, "spring").await;
    let upper = link(db, &acme, "Spring").await;
    let found = find_link_by_slug(db, acme.id, &lower.domain, &slug("Spring")).await.unwrap();
    assert_eq!(found, Some(upper));
    let free = is_slug_free(db, acme.id, &lower.domain, &slug("SPRING")).await.unwrap();
    assert_eq!(free, Some(true));
}

async fn an_external_id_belongs_to_one_link(fixture: Fixture) {
    let db = fixture.control();
    let (_, acme) = tenant(db, "acme").await;
    let (_, other) = tenant(db, "other").await;
    let new = |slug: &str| NewLink { external_id: Some("7".to_owned()), ..new_link(slug) };
    create_link(db, acme.id, &new("one"), NOW).await.unwrap();
    for slug in ["two", ""] {
        let second = create_link(db, acme.id, &new(slug), NOW).await;
        assert!(matches!(second, Err(CreateLinkError::ExternalIdTaken)), "{second:?}");
    }
    create_link(db, other.id, &new("three"), NOW).await.unwrap();
    let plain = link(db, &acme, "four").await;
    let change = LinkChange { external_id: Some(Some("7".to_owned())), ..LinkChange::default() };
    let refused = update_link(db, acme.id, plain.id, &change, NOW).await;
    assert!(matches!(refused, Err(UpdateLinkError::ExternalIdTaken)), "{refused:?}");
}

async fn a_bulk_keeps_its_order_and_its_good_ones(fixture: Fixture) {
    let db = fixture.control();
    let (_, acme) = tenant(db, "acme").await;
    link(db, &acme, "taken").await;
    let elsewhere = NewLink { domain: Some(host("else.example.com")), ..new_link("x") };
    let new = [new_link("a"), new_link("taken"), elsewhere, new_link("a"), new_link("b")];
    let results = create_links(db, acme.id, &new, later(1)).await.unwrap();
    let [a, taken, elsewhere, again, b] = results.try_into().unwrap();
    assert!(matches!(taken, Err(CreateLinkError::SlugTaken)));
    assert!(matches!(elsewhere, Err(CreateLinkError::DomainNotFound)));
    assert!(matches!(again, Err(CreateLinkError::SlugTaken)));
    let (a, b) = (a.unwrap(), b.unwrap());
    assert!(a.id < b.id, "links made together list in the order given");
    let listed = list_links(db, acme.id, &LinkFilter::default(), &Page::default()).await.unwrap();
    assert_eq!(listed[..2], [b, a]);
}

async fn random_slugs_are_made_up(fixture: Fixture) {
    let db = fixture.control();
    let (_, acme) = tenant(db, "acme").await;
    let new = vec![new_link(""); 50];
    let made = create_links(db, acme.id, &new, NOW).await.unwrap();
    let mut slugs: Vec<String> = made.into_iter().map(|link| link.unwrap().slug.as_str().to_owned()).collect();
    slugs.sort();
    slugs.dedup();
    assert_eq!(slugs.len(), 50);
}

async fn a_domain_must_be_usable(fixture: Fixture) {
    let db = fixture.control();
    let (_, acme) = tenant(db, "acme").await;
    let made = link(db, &acme, "a").await;
    let elsewhere = host("else.example.com");
    let change = LinkChange { domain: Some(elsewhere.clone()), ..LinkChange::default() };
    let refused = update_link(db, acme.id, made.id, &change, NOW).await;
    assert!(matches!(refused, Err(UpdateLinkError::DomainNotFound)));
    assert_eq!(is_slug_free(db, acme.id, &elsewhere, &slug("b")).await.unwrap(), None);
    let named = NewLink { domain: Some(made.domain), ..new_link("b") };
    assert!(create_link(db, acme.id, &named, NOW).await.is_ok());
}

async fn a_change_is_applied_and_counted(fixture: Fixture) {
    let db = fixture.control();
    let (_, acme) = tenant(db, "acme").await;
    let made = create_link(db, acme.id, &full_link(), NOW).await.unwrap();
    let change = LinkChange {
        slug: Some(slug("summer")),
        url: Some(url("https://example.com/summer")),
        geo: Some(GeoTargets::default()),
        rules: Some(Vec::new()),
        backup_urls: Some(vec![url("https://example.com/backup")]),
        geo_backup_urls: Some(GeoBackups::default()),
        monitor: Some(Monitor { enabled: false, ..Monitor::default() }),
        click_value: Some(None),
        external_id: Some(None),
        title: Some("Summer".to_owned()),
        comments: Some(None),
        archived: Some(false),
        domain: Some(made.domain.clone()),
    };
    let changed = update_link(db, acme.id, made.id, &change, later(7)).await.unwrap();
    let (before, after) = changed.unwrap();
    assert_eq!(before, made);
    assert_eq!((after.version, after.updated_at, after.created_at), (2, later(7), NOW));
    assert_eq!((after.slug.as_str(), after.title.as_str()), ("summer", "Summer"));
    assert_eq!((&after.external_id, &after.comments, after.archived), (&None, &None, false));
    assert!(after.geo.is_empty() && after.rules.is_empty() && !after.monitor.enabled);
    assert_eq!(after.backup_urls, [url("https://example.com/backup")]);
    assert_eq!(find_link(db, acme.id, made.id).await.unwrap(), Some(after.clone()));
    // Saying the same again is no change.
    let same = update_link(db, acme.id, made.id, &change, later(9)).await.unwrap();
    assert_eq!(same, Some((after.clone(), after)));
    let absent = update_link(db, acme.id, link_id(3), &change, NOW).await.unwrap();
    assert_eq!(absent, None);
}

async fn a_change_cannot_take_a_slug(fixture: Fixture) {
    let db = fixture.control();
    let (_, acme) = tenant(db, "acme").await;
    let (_, other) = tenant(db, "other").await;
    link(db, &other, "taken").await;
    let made = link(db, &acme, "mine").await;
    let change = LinkChange { slug: Some(slug("taken")), ..LinkChange::default() };
    let refused = update_link(db, acme.id, made.id, &change, NOW).await;
    assert!(matches!(refused, Err(UpdateLinkError::SlugTaken)));
    assert_eq!(find_link(db, acme.id, made.id).await.unwrap(), Some(made));
    // Of two links that want a free slug at once, one gets it.
    let rivals = [link(db, &acme, "one").await, link(db, &other, "two").await];
    let change = LinkChange { slug: Some(slug("free")), ..LinkChange::default() };
    let results =
        join_all(rivals.iter().map(|rival| update_link(db, rival.workspace_id, rival.id, &change, NOW))).await;
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1, "{results:?}");
    assert!(results.iter().any(|result| matches!(result, Err(UpdateLinkError::SlugTaken))));
}

async fn changes_at_once_are_all_applied(fixture: Fixture) {
    let db = fixture.control();
    let (_, acme) = tenant(db, "acme").await;
    let made = link(db, &acme, "a").await;
    let changes: Vec<LinkChange> =
        (0..16).map(|number| LinkChange { title: Some(number.to_string()), ..LinkChange::default() }).collect();
    let results = join_all(changes.iter().map(|change| update_link(db, acme.id, made.id, change, NOW))).await;
    for result in results {
        result.unwrap().unwrap();
    }
    assert_eq!(find_link(db, acme.id, made.id).await.unwrap().unwrap().version, 17);
}

async fn pages_by_cursor_and_by_number_agree(fixture: Fixture) {
    let db = fixture.control();
    let (_, acme) = tenant(db, "acme").await;
    let mut ids: Vec<LinkId> = Vec::new();
    for number in 0..23 {
        let made = create_link(db, acme.id, &new_link(""), later(number / 3)).await.unwrap();
        ids.push(made.id);
    }
    ids.sort();
    let filter = LinkFilter::default();
    for order in [SortOrder::Descending, SortOrder::Ascending] {
        let mut expected = ids.clone();
        if order == SortOrder::Descending {
            expected.reverse();
        }
        let page = |number, after, before| Page { size: 5, number, after, before, order };
        let mut by_number = Vec::new();
        let mut by_cursor: Vec<LinkId> = Vec::new();
        for number in 1..=6 {
            let listed = list_links(db, acme.id, &filter, &page(number, None, None)).await.unwrap();
            by_number.extend(listed.into_iter().map(|link| link.id));
            let after = by_cursor.last().copied();
            let listed = list_links(db, acme.id, &filter, &page(1, after, None)).await.unwrap();
            by_cursor.extend(listed.into_iter().map(|link| link.id));
        }
        assert_eq!(by_number, expected);
        assert_eq!(by_cursor, expected);
        let before = page(1, None, Some(expected[12]));
        let listed = list_links(db, acme.id, &filter, &before).await.unwrap();
        assert_eq!(listed.iter().map(|link| link.id).collect::<Vec<_>>(), expected[7..12]);
    }
    assert_eq!(count_links(db, acme.id, &filter).await.unwrap(), 23);
}

async fn filters_narrow_the_list(fixture: Fixture) {
    let db = fixture.control();
    let (_, acme) = tenant(db, "acme").await;
    let plain = link(db, &acme, "plain").await;
    let new = NewLink { archived: true, ..new_link("archived") };
    let archived = create_link(db, acme.id, &new, later(100)).await.unwrap();
    let filters = [
        (LinkFilter { archived: Some(false), ..LinkFilter::default() }, vec![plain.id]),
        (LinkFilter { archived: Some(true), ..LinkFilter::default() }, vec![archived.id]),
        (LinkFilter { domain: Some(plain.domain), ..LinkFilter::default() }, vec![archived.id, plain.id]),
        (LinkFilter { domain: Some(host("no.example.com")), ..LinkFilter::default() }, vec![]),
        (LinkFilter { created_from: Some(later(1)), ..LinkFilter::default() }, vec![archived.id]),
        (LinkFilter { created_before: Some(later(100)), ..LinkFilter::default() }, vec![plain.id]),
    ];
    for (filter, expected) in filters {
        let listed = list_links(db, acme.id, &filter, &Page::default()).await.unwrap();
        assert_eq!(listed.iter().map(|link| link.id).collect::<Vec<_>>(), expected, "{filter:?}");
        let count = count_links(db, acme.id, &filter).await.unwrap();
        assert_eq!(count, expected.len() as u64);
    }
}

async fn search_takes_text_as_it_is(fixture: Fixture) {
    let db = fixture.control();
    let (_, acme) = tenant(db, "acme").await;
    let titled = |slug: &str, title: &str| NewLink { title: title.to_owned(), ..new_link(slug) };
    let by_url = NewLink { url: url("https://shop.example.net/Offer"), ..new_link("u") };
    for new in [titled("a", "100% off"), titled("b", "100 off"), titled("c_d", ""), titled("cxd", ""), by_url] {
        create_link(db, acme.id, &new, NOW).await.unwrap();
    }
    let searches: [(&str, &[&str]); 8] = [
        ("100%", &["a"]),
        ("C_D", &["c_d"]),
        ("c", &["c_d", "cxd"]),
        ("OFF", &["a", "b", "u"]),
        ("shop.example", &["u"]),
        ("\\", &[]),
        ("'; DROP TABLE links; --", &[]),
        ("  ", &["a", "b", "c_d", "cxd", "u"]),
    ];
    for (text, expected) in searches {
        let filter = LinkFilter { search: Some(text.to_owned()), ..LinkFilter::default() };
        let listed = list_links(db, acme.id, &filter, &Page::default()).await.unwrap();
        let mut slugs: Vec<&str> = listed.iter().map(|link| link.slug.as_str()).collect();
        slugs.sort_unstable();
        // "c" is also in "https://example.com/" of every other link.
        slugs.retain(|slug| text != "c" || slug.starts_with('c'));
        assert_eq!(slugs, expected, "{text}");
    }
}
