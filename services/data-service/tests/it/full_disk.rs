//! Redirects while clicks cannot be written.

use std::{
    io,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use durable::log::{
    Durability,
    storage::{LocalDisk, SegmentFile, Storage},
};
use metrics_exporter_prometheus::PrometheusBuilder;

use crate::{differential::ordinary, harness::Service};

#[derive(Debug, Clone, Default)]
struct Disk {
    is_full: Arc<AtomicBool>,
}

impl Disk {
    fn fill(&self, full: bool) {
        self.is_full.store(full, Ordering::SeqCst);
    }

    fn check(&self) -> io::Result<()> {
        if self.is_full.load(Ordering::SeqCst) { Err(io::ErrorKind::StorageFull.into()) } else { Ok(()) }
    }
}

impl Storage for Disk {
    fn create(&self, path: &Path) -> io::Result<Box<dyn SegmentFile>> {
        self.check()?;
        Ok(Box::new(File { file: LocalDisk.create(path)?, disk: self.clone() }))
    }
}

#[derive(Debug)]
struct File {
    file: Box<dyn SegmentFile>,
    disk: Disk,
}

impl SegmentFile for File {
    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<usize> {
        self.disk.check()?;
        self.file.write_at(bytes, offset)
    }

    fn sync(&self) -> io::Result<()> {
        self.file.sync()
    }

    fn set_len(&self, bytes: u64) -> io::Result<()> {
        self.file.set_len(bytes)
    }
}

/// Visits on each side, `count` times.
async fn visit(service: &Service, count: usize) {
    for _ in 0..count {
        assert_eq!(service.get("/sale", &[]).status, 302);
        assert_eq!(ordinary(service, "GET", "/sale", &[]).await.status, 302);
    }
}

async fn service_on(disk: &Disk, durability: Durability) -> Service {
    let service = Service::start_on_disk(durability, Arc::new(disk.clone())).await;
    service.link("sale", "https://shop.example/", &[]).await;
    // In memory from here on, so that the lanes answer what comes through the port.
    service.get("/sale", &[]);
    assert_eq!(service.clicks().await, 1);
    service
}

#[tokio::test(flavor = "multi_thread")]
async fn redirects_go_on_while_the_disk_is_full_and_their_clicks_are_written_once_there_is_room() {
    for durability in [Durability::Process, Durability::Disk] {
        let disk = Disk::default();
        let service = service_on(&disk, durability).await;
        disk.fill(true);
        visit(&service, 3).await;
        assert_eq!(service.clicks().await, 1);
        disk.fill(false);
        let began = Instant::now();
        let mut clicks = 1;
        while clicks < 7 && began.elapsed() < Duration::from_secs(10) {
            clicks = service.clicks().await;
        }
        assert_eq!(clicks, 7);
        visit(&service, 1).await;
        assert_eq!(service.clicks().await, 9);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn clicks_kept_from_a_full_disk_are_written_when_the_server_ends() {
    let disk = Disk::default();
    let mut service = service_on(&disk, Durability::Process).await;
    disk.fill(true);
    visit(&service, 2).await;
    disk.fill(false);
    service.shut_down().await;
    assert_eq!(service.clicks().await, 5);
}

/// On one thread, as the counters of the ordinary side are read there.
#[tokio::test]
async fn a_click_kept_from_a_full_disk_is_counted_as_undurable_and_not_as_lost() {
    let metrics = PrometheusBuilder::new().build_recorder();
    let _recording = metrics::set_default_local_recorder(&metrics);
    let disk = Disk::default();
    let mut service = Service::start_on_disk(Durability::Process, Arc::new(disk.clone())).await;
    service.link("sale", "https://shop.example/", &[]).await;
    disk.fill(true);
    assert_eq!(ordinary(&service, "GET", "/sale", &[]).await.status, 302);
    let rendered = metrics.handle().render();
    assert!(rendered.contains("hashroute_clicks_undurable_total 1\n"), "{rendered}");
    assert!(!rendered.contains("hashroute_clicks_lost_total"), "{rendered}");
    // Without room to the end, it is lost after all.
    service.shut_down().await;
    let rendered = metrics.handle().render();
    assert!(rendered.contains("hashroute_clicks_lost_total 1\n"), "{rendered}");
}
