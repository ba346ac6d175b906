use data_ops::{
    destinations::{HealthUpdate, find_destination_by_url, set_health},
    links::{LinkObserver, announce_changes},
    types::{DestinationUrl, HealthState},
};
use data_service::{clicks::CapturedClick, live::LiveClick};

use crate::harness::Service;

async fn set_state(service: &Service, url: &str, state: HealthState) {
    let control = &service.databases.control;
    let url = DestinationUrl::parse(url).unwrap();
    let found = find_destination_by_url(control, service.workspace, &url).await.unwrap().unwrap();
    let at = data_ops::clock::Clock::now(&*service.clock);
    let update = HealthUpdate { state, reason: None, held: false, evaluation_id: None, at };
    let transaction = control.begin().await.unwrap();
    let changed = set_health(&transaction, service.workspace, found.id, &update).await.unwrap().unwrap();
    transaction.commit().await.unwrap();
    let observer: &dyn LinkObserver = &*service.links;
    announce_changes(observer, &changed.links);
}

#[tokio::test(flavor = "multi_thread")]
async fn visitors_of_a_broken_destination_are_led_to_its_backup_and_back() {
    const HOME: &str = "https://shop.example/";
    const BACKUP: &str = "https://backup.example/";
    let service = Service::start().await;
    service.link_with_backups("sale", HOME, &[("DE", "https://shop.example/de")], &[BACKUP]).await;
    service.link_with_backups("other", HOME, &[], &[BACKUP]).await;
    service.link("without", HOME, &[]).await;
    let to = |path: &str| service.get(path, &[("CF-IPCountry", "US")]).location().to_owned();
    assert_eq!((to("/sale"), to("/other")), (HOME.to_owned(), HOME.to_owned()));
    set_state(&service, HOME, HealthState::Broken).await;
    assert_eq!((to("/sale"), to("/other"), to("/without")), (BACKUP.to_owned(), BACKUP.to_owned(), HOME.to_owned()));
    let germany = service.get("/sale?a=1", &[("CF-IPCountry", "DE")]);
    assert_eq!(germany.location(), "https://shop.example/de?a=1");
    set_state(&service, HOME, HealthState::Ok).await;
    assert_eq!((to("/sale"), to("/other")), (HOME.to_owned(), HOME.to_owned()));

    let mut served = Vec::new();
    for record in service.log.reader(None).read(100, usize::MAX).unwrap().records {
        let click = CapturedClick::decode(&record.payload).unwrap();
        let reason = click.served_reason.map(data_ops::routing::DownReason::as_str);
        let enriched = data_service::clicks::Enricher::default().enrich(&click);
        assert_eq!(LiveClick::new(&enriched, None).served_backup, click.served_backup.is_some());
        served.push((click.served_backup, reason));
    }
    let (as_meant, instead) = ((None, None), (Some(0), Some("broken")));
    assert_eq!(served, [as_meant, as_meant, instead, instead, as_meant, as_meant, as_meant, as_meant]);
    assert_eq!(service.clicks().await, 8);
}
