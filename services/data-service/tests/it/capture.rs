use std::{io::Write, path::Path};

use bytes::Bytes;
use data_ops::{
    clicks::{link_counters, record_clicks},
    links::Link,
};
use data_service::{
    clicks::{CLICK_CONSUMER, ClickSink},
    server::Limits,
};
use durable::log::{ConsumerOptions, Durability, Log, LogOptions, RecordBatch, Start, run_consumer};
use tokio_util::sync::CancellationToken;

use crate::harness::{Service, head, read_answers};

#[tokio::test(flavor = "multi_thread")]
async fn every_answered_get_is_one_click() {
    for durability in [Durability::Process, Durability::Disk] {
        let service = Service::start_with(durability, Limits::default()).await;
        let link = service.link("sale", "https://shop.example/", &[]).await;
        let mut stream = service.connect();
        stream.write_all(head("GET", "/sale", &[]).repeat(200).as_bytes()).unwrap();
        assert_eq!(read_answers(&mut stream, 200, false).len(), 200);
        assert_eq!(service.clicks().await, 200);
        let counters = link_counters(&service.databases.clicks, &[link.id]).await.unwrap();
        assert_eq!(counters[&link.id].clicks, 200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_head_request_is_answered_and_not_counted() {
    let service = Service::start().await;
    service.link("sale", "https://shop.example/", &[]).await;
    for _ in 0..2 {
        let answer = service.request("HEAD", "/sale", &[]);
        assert_eq!((answer.status, answer.location()), (302, "https://shop.example/"));
    }
    assert_eq!(service.clicks().await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn bots_and_prefetches_are_not_counted_as_people() {
    let service = Service::start().await;
    service.link("sale", "https://shop.example/", &[]).await;
    service.get("/sale", &[]);
    service.get("/sale", &[("Sec-Purpose", "prefetch;prerender")]);
    let mut stream = service.connect();
    stream.write_all(b"GET /sale HTTP/1.1\r\nHost: a\r\nUser-Agent: Slackbot-LinkExpanding 1.0\r\n\r\n").unwrap();
    assert_eq!(read_answers(&mut stream, 1, false).len(), 1);
    assert_eq!(service.clicks().await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn ingesting_twice_counts_once() {
    let service = Service::start().await;
    service.link("sale", "https://shop.example/", &[]).await;
    service.get("/sale", &[]);
    assert_eq!(service.clicks().await, 1);
    assert_eq!(service.clicks().await, 1);
    service.get("/sale", &[]);
    assert_eq!(service.clicks().await, 2);
}

fn open_log(directory: &Path) -> Log {
    Log::open(LogOptions {
        consumers: vec![CLICK_CONSUMER.to_owned()],
        ..LogOptions::new(directory, Durability::Process)
    })
    .unwrap()
}

fn append(log: &Log, clicks: &[Bytes]) {
    let mut batch = RecordBatch::new();
    for click in clicks {
        batch.push(|buffer| buffer.extend_from_slice(click)).unwrap();
    }
    log.append(&batch).unwrap();
}

/// Applies what is in the log and answers how many clicks the link has then.
async fn ingest(service: &Service, log: &Log, link: &Link, start: Start) -> u64 {
    let sink = ClickSink::new(service.databases.clicks.clone(), service.clock.clone());
    let stop = CancellationToken::new();
    stop.cancel();
    let options = ConsumerOptions { start, ..ConsumerOptions::default() };
    assert!(run_consumer(log, CLICK_CONSUMER, &sink, options, stop).await.drained);
    let counters = link_counters(&service.databases.clicks, &[link.id]).await.unwrap();
    counters.get(&link.id).map_or(0, |counter| counter.clicks)
}

/// A link and the records of so many clicks on it.
async fn captured(service: &Service, count: usize) -> (Link, Vec<Bytes>) {
    let link = service.link("sale", "https://shop.example/", &[]).await;
    for _ in 0..count {
        service.get("/sale", &[]);
    }
    let records = service.log.reader(None).read(count, usize::MAX).unwrap().records;
    assert_eq!(records.len(), count);
    (link, records.into_iter().map(|record| record.payload).collect())
}

fn segment_files(directory: &Path) -> Vec<std::path::PathBuf> {
    let paths = std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    paths.filter(|path| path.extension().is_some_and(|extension| extension == "segment")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn clicks_are_counted_after_the_logs_files_were_deleted() {
    // Fewer, as many and more bytes than were read before.
    for new in [1, 3, 5] {
        let service = Service::start().await;
        let (link, clicks) = captured(&service, 3 + new).await;
        let directory = tempfile::tempdir().unwrap();
        let log = open_log(directory.path());
        append(&log, &clicks[..3]);
        assert_eq!(ingest(&service, &log, &link, Start::Stored).await, 3);
        drop(log);
        for path in segment_files(directory.path()) {
            std::fs::remove_file(path).unwrap();
        }
        let log = open_log(directory.path());
        append(&log, &clicks[3..]);
        for _ in 0..2 {
            assert_eq!(ingest(&service, &log, &link, Start::Stored).await, 3 + new as u64);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn clicks_of_a_restored_log_are_counted_once() {
    let service = Service::start().await;
    let (link, clicks) = captured(&service, 40).await;
    let (directory, backup) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let log = open_log(directory.path());
    append(&log, &clicks[..10]);
    for path in segment_files(directory.path()) {
        std::fs::copy(&path, backup.path().join(path.file_name().unwrap())).unwrap();
    }
    std::fs::copy(directory.path().join("log.id"), backup.path().join("log.id")).unwrap();
    drop(log);
    for round in 1..3 {
        let log = open_log(directory.path());
        append(&log, &clicks[round * 10..round * 10 + 10]);
        assert_eq!(ingest(&service, &log, &link, Start::Stored).await, round as u64 * 10 + 10);
    }
    for _ in 0..2 {
        let log = open_log(backup.path());
        append(&log, &clicks[30..]);
        assert_eq!(ingest(&service, &log, &link, Start::Stored).await, 40);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replay_counts_what_was_passed_over() {
    let service = Service::start().await;
    let (link, clicks) = captured(&service, 10).await;
    let directory = tempfile::tempdir().unwrap();
    let log = open_log(directory.path());
    append(&log, &clicks[..4]);
    assert_eq!(ingest(&service, &log, &link, Start::Stored).await, 4);
    drop(log);
    let log = open_log(directory.path());
    append(&log, &clicks[4..]);
    drop(log);
    let log = open_log(directory.path());
    let end = log.written();
    let database = &service.databases.clicks;
    record_clicks(database, log.id(), CLICK_CONSUMER, &[], (end.segment, end.offset)).await.unwrap();
    assert_eq!(ingest(&service, &log, &link, Start::Stored).await, 4);
    assert_eq!(ingest(&service, &log, &link, Start::Oldest).await, 10);
    assert_eq!(ingest(&service, &log, &link, Start::Oldest).await, 10);
}
