//! Names: answers that must not be used, and answers that change.

use std::{net::IpAddr, time::Duration};

use guard::{
    Phase, Policy, Refusal,
    fetch::{FetchErrorKind, Limits, Request},
};

use crate::{
    corpus::{self, Row},
    world::{PUBLIC, World, answer, http},
};

fn world() -> World {
    World::with_server(http(|_, _| answer(200, &[], b"hello")))
}

/// The addresses and aliases that a row gives its names. Other records (HTTPS with its hints) do not exist for the guard, which asks for
/// addresses only.
fn apply(row: &Row, world: &World) {
    for (name, records) in row.field("dns").as_object().into_iter().flatten() {
        let mut addresses = Vec::new();
        for record in records.as_array().unwrap() {
            let (kind, value) = (record[0].as_str().unwrap(), record[1].as_str().unwrap());
            match kind {
                "A" | "AAAA" => addresses.push(value),
                "CNAME" => {
                    world.alias(name, value);
                    addresses.push(PUBLIC);
                }
                "HTTPS" => {}
                other => panic!("{row}: {other}"),
            }
        }
        let name = name.trim_end_matches('.');
        match row.text("scenario") {
            // The second look-up, whenever it comes, gives an address inside.
            "rebind-in-page" | "rebind-between-checks" => world.name(name, &[&addresses, &["127.0.0.1"]]),
            "rebind-alternate" => {
                let inside: &[&str] = &["10.0.0.5"];
                let turns: Vec<&[&str]> =
                    (0..100).map(|turn| if turn % 2 == 0 { &addresses[..] } else { inside }).collect();
                world.name(name, &turns)
            }
            "" | "svcb-hint" => world.name(name, &[&addresses]),
            other => panic!("{row}: {other}"),
        };
        let delay = row.field("delay_s").as_u64().unwrap_or(0);
        world.delay(name, Duration::from_secs(delay));
    }
}

#[tokio::test(start_paused = true)]
async fn every_row_of_the_corpus_about_names_is_refused_without_a_packet_inside() {
    let Some(rows) = corpus::rows(&["dns", "metadata", "port", "parser", "idn"]) else { return };
    for row in rows.iter().filter(|row| row.field("dns").is_object()) {
        let world = world();
        apply(row, &world);
        let guard = world.guard(Policy::default());
        let rounds = if row.text("scenario").starts_with("rebind") { 100 } else { 1 };
        let mut fetched = 0;
        for _ in 0..rounds {
            let got = guard.fetch(Request::get(row.url()), Limits::default()).await;
            match got.map(|answer| answer.body).map_err(|error| error.kind) {
                Ok(body) => {
                    assert_eq!(body, "hello");
                    fetched += 1;
                }
                // There is no certificate authority here: as far as that it came.
                Err(FetchErrorKind::Local(_)) if row.url().starts_with("https") => fetched += 1,
                Err(FetchErrorKind::Refused(_) | FetchErrorKind::TimedOut(Phase::LookUp)) => {}
                Err(other) => panic!("{row}: {other:?}"),
            }
        }
        let public: IpAddr = PUBLIC.parse().unwrap();
        assert!(world.dialled().iter().all(|address| address.ip() == public), "{row}: {:?}", world.dialled());
        let expected = match (row.text("scenario"), row.must_be_allowed()) {
            ("rebind-in-page" | "rebind-between-checks" | "svcb-hint", _) | (_, true) => 1,
            ("rebind-alternate", _) => 50,
            (_, false) => 0,
        };
        assert_eq!(fetched, expected, "{row}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_name_is_looked_up_once_and_only_what_was_checked_is_dialled() {
    let world = world();
    world.name("rebind.test", &[&[PUBLIC], &["127.0.0.1"]]);
    let guard = world.guard(Policy::default());
    guard.fetch(Request::get("http://rebind.test/"), Limits::default()).await.unwrap();
    assert_eq!(world.looked_up(), ["rebind.test"]);
    assert_eq!(world.dialled(), [format!("{PUBLIC}:80").parse().unwrap()]);
    let error = guard.fetch(Request::get("http://rebind.test/"), Limits::default()).await.unwrap_err();
    assert_eq!(error.kind, FetchErrorKind::Refused(Refusal::LoopbackAddress { address: "127.0.0.1".parse().unwrap() }));
    assert_eq!(world.dialled().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn failures_of_names_have_names() {
    let world = world();
    world.name("empty.test", &[&[]]).name("slow.test", &[&[PUBLIC]]).delay("slow.test", Duration::from_secs(30));
    world.name("intern.test", &[&[PUBLIC]]).alias("intern.test", "db.corp");
    let many: Vec<String> = (0..65).map(|last| format!("93.184.215.{last}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    world.name("many.test", &[&many]);
    let guard = world.guard(Policy::default());
    for (url, expected) in [
        ("http://nowhere.test/", FetchErrorKind::NameNotFound),
        ("http://empty.test/", FetchErrorKind::NameNotFound),
        ("http://slow.test/", FetchErrorKind::TimedOut(Phase::LookUp)),
        ("http://many.test/", FetchErrorKind::Dns("65 addresses are too many".to_owned())),
        ("http://intern.test/", FetchErrorKind::Refused(Refusal::InternalName { name: "db.corp".to_owned() })),
    ] {
        let error = guard.fetch(Request::get(url), Limits::default()).await.unwrap_err();
        assert_eq!(error.kind, expected, "{url}");
    }
    assert!(world.dialled().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_translated_address_is_that_of_what_it_translates() {
    let world = World::default();
    world.server("64:ff9b::5db8:d70e", http(|_, _| answer(200, &[], b"translated")));
    world.name("v6only.test", &[&["64:ff9b::5db8:d70e"]]).name("inside.test", &[&["64:ff9b::a00:5"]]);
    let guard = world.guard(Policy::default().allow_private(true));
    let got = guard.fetch(Request::get("http://v6only.test/"), Limits::default()).await.unwrap();
    assert_eq!(got.body, "translated");
    let error = guard.fetch(Request::get("http://inside.test/"), Limits::default()).await.unwrap_err();
    assert!(matches!(error.kind, FetchErrorKind::Refused(Refusal::ReservedAddress { .. })), "{error:?}");
}

#[tokio::test(start_paused = true)]
async fn the_next_address_is_tried_when_the_first_one_is_dead() {
    let world = world();
    world.name("half.test", &[&["2606:4700::1111", PUBLIC]]);
    let guard = world.guard(Policy::default());
    let got = guard.fetch(Request::get("http://half.test/"), Limits::default()).await.unwrap();
    assert_eq!(got.trail.connections[0].address, Some(format!("{PUBLIC}:80").parse().unwrap()));
    assert_eq!(world.dialled().len(), 2);
}
