//! Checks, what may be spent on them, and what is kept.

use data_ops::destinations::{Check, find_destination_by_url, record_check};
use data_ops::evaluations::{
    AiUse, Artifact, Budget, Evaluation, EvaluationFilter, Evidence, Judged, RedirectStep, Spending, budget_of,
    clear_artifacts, delete_ai_judgements, delete_budgets, delete_evaluations, evaluations_with_artifacts,
    find_ai_judgement, find_evaluation, insert_evaluation, keep_ai_judgement, last_good_evaluation, list_evaluations,
    override_evaluation, spend,
};
use data_ops::links::{LinkFilter, Page, list_links};
use data_ops::types::{EvaluationId, EvaluationTrigger, FailureKind, Timestamp, Verdict, VerdictSource, WorkspaceId};
use serde_json::json;

use crate::support::{Fixture, NOW, later, link, on_both_databases, tenant, url};

on_both_databases!(
    a_check_is_stored_once_and_read_as_it_was,
    checks_are_listed_newest_first,
    a_person_has_the_last_word,
    a_budget_is_never_exceeded,
    answers_are_kept_for_the_same_question,
    what_a_destination_refers_to_is_kept,
);

async fn evaluation(fixture: &Fixture, workspace_id: WorkspaceId, number: u8, verdict: Verdict) -> Evaluation {
    let db = fixture.control();
    let at = later(i64::from(number) * 1_000);
    let links = list_links(db, workspace_id, &LinkFilter::default(), &Page::default()).await.unwrap();
    let link = &links[0];
    let destination = find_destination_by_url(db, link.workspace_id, &url("https://example.com/")).await.unwrap();
    Evaluation {
        id: EvaluationId::from_parts(at, [number; 10]),
        workspace_id: link.workspace_id,
        destination_id: destination.unwrap().id,
        link_id: Some(link.id),
        url: "https://example.com/".to_owned(),
        trigger: EvaluationTrigger::Schedule,
        attempt: 1,
        started_at: at,
        finished_at: at,
        verdict,
        failure: (verdict == Verdict::Broken).then_some(FailureKind::Hard),
        reason: "out_of_stock".to_owned(),
        confidence: 0.85,
        decided_by: VerdictSource::Ai,
        evidence: vec![
            Evidence {
                block: Some(7),
                zone: Some("main".to_owned()),
                text: "Ausverkauft".to_owned(),
                rect: Some([1.5, 2.0, 3.0, 4.0]),
            },
            Evidence { block: None, zone: None, text: "404".to_owned(), rect: None },
        ],
        http_status: Some(200),
        final_url: Some("https://example.com/home".to_owned()),
        redirects: vec![RedirectStep { url: "https://example.com/".to_owned(), status: Some(302) }],
        nav_error: None,
        guard_denied: None,
        title: Some("Tee".to_owned()),
        lang: Some("de".to_owned()),
        content_hash: Some("ab".to_owned()),
        requests: 12,
        bytes: 3_000_000_000,
        timings: json!({ "totalMs": 812 }).as_object().unwrap().clone(),
        browser_version: Some("HeadlessChrome/1".to_owned()),
        rules_version: Some("1".to_owned()),
        ai: Some(AiUse { model: "m".to_owned(), prompt_tokens: Some(5), ..AiUse::default() }),
        artifacts: vec![Artifact {
            kind: "screenshot".to_owned(),
            key: format!("evals/{number}.webp"),
            sha256: "00".to_owned(),
            bytes: 44_000,
            content_type: "image/webp".to_owned(),
        }],
        judged: None,
        overridden_by: None,
        overridden_at: None,
    }
}

async fn store(fixture: &Fixture, evaluation: &Evaluation) -> bool {
    let transaction = fixture.control().begin().await.unwrap();
    let stored = insert_evaluation(&transaction, evaluation).await.unwrap();
    transaction.commit().await.unwrap();
    stored
}

async fn a_check_is_stored_once_and_read_as_it_was(fixture: Fixture) {
    let db = fixture.control();
    let (_, acme) = tenant(db, "acme").await;
    let (_, other) = tenant(db, "other").await;
    link(db, &acme, "spring").await;
    let made = evaluation(&fixture, acme.id, 1, Verdict::Broken).await;
    assert!(store(&fixture, &made).await);
    assert!(!store(&fixture, &Evaluation { reason: "again".to_owned(), ..made.clone() }).await);
    assert_eq!(find_evaluation(db, acme.id, made.id).await.unwrap(), Some(made.clone()));
    assert_eq!(find_evaluation(db, other.id, made.id).await.unwrap(), None);
}

async fn checks_are_listed_newest_first(fixture: Fixture) {
    let db = fixture.control();
    let (_, acme) = tenant(db, "acme").await;
    let (_, other) = tenant(db, "other").await;
    let spring = link(db, &acme, "spring").await;
    let verdicts = [Verdict::Available, Verdict::Unknown, Verdict::Available, Verdict::NotAvailable];
    let mut ids = Vec::new();
    for (number, verdict) in (1..).zip(verdicts) {
        let made = evaluation(&fixture, acme.id, number, verdict).await;
        store(&fixture, &made).await;
        ids.push(made.id);
    }
    let destination_id = evaluation(&fixture, acme.id, 1, Verdict::Unknown).await.destination_id;
    let list = async |workspace_id, filter: EvaluationFilter, after, limit| {
        let listed = list_evaluations(db, workspace_id, &filter, after, limit).await.unwrap();
        listed.into_iter().map(|evaluation| evaluation.id).collect::<Vec<_>>()
    };
    let all = EvaluationFilter::default();
    assert_eq!(list(acme.id, all.clone(), None, 3).await, [ids[3], ids[2], ids[1]]);
    assert_eq!(list(acme.id, all.clone(), Some(ids[1]), 3).await, [ids[0]]);
    assert_eq!(list(other.id, all.clone(), None, 3).await, []);
    let of = EvaluationFilter { destination_id: Some(destination_id), link_id: Some(spring.id), ..all.clone() };
    assert_eq!(list(acme.id, of, None, 10).await.len(), 4);
    let of_other = EvaluationFilter { link_id: Some(crate::support::link_id(9)), ..all.clone() };
    assert_eq!(list(acme.id, of_other, None, 10).await, []);
    let verdicts = EvaluationFilter { verdicts: vec![Verdict::Unknown, Verdict::NotAvailable], ..all.clone() };
    assert_eq!(list(acme.id, verdicts, None, 10).await, [ids[3], ids[1]]);
    let times = EvaluationFilter { from: Some(later(2_000)), before: Some(later(3_000)), ..all };
    assert_eq!(list(acme.id, times, None, 10).await, [ids[1]]);
    let good = async |before| {
        last_good_evaluation(db, acme.id, destination_id, before).await.unwrap().map(|evaluation| evaluation.id)
    };
    assert_eq!(
        (good(None).await, good(Some(ids[2])).await, good(Some(ids[0])).await),
        (Some(ids[2]), Some(ids[0]), None)
    );
}

async fn a_person_has_the_last_word(fixture: Fixture) {
    let db = fixture.control();
    let (ada, acme) = tenant(db, "acme").await;
    let (_, other) = tenant(db, "other").await;
    link(db, &acme, "spring").await;
    let made = evaluation(&fixture, acme.id, 1, Verdict::NotAvailable).await;
    store(&fixture, &made).await;
    for (verdict, failure) in [(Verdict::Broken, Some(FailureKind::Hard)), (Verdict::Available, None)] {
        let transaction = db.begin().await.unwrap();
        let absent = override_evaluation(&transaction, other.id, made.id, verdict, None, NOW).await.unwrap();
        assert!(absent.is_none());
        let changed = override_evaluation(&transaction, acme.id, made.id, verdict, Some(ada.id), later(9)).await;
        transaction.commit().await.unwrap();
        let changed = changed.unwrap().unwrap();
        assert_eq!(find_evaluation(db, acme.id, made.id).await.unwrap(), Some(changed.clone()));
        assert_eq!((changed.verdict, changed.failure, changed.decided_by), (verdict, failure, VerdictSource::Override));
        assert_eq!((changed.overridden_by, changed.overridden_at), (Some(ada.id), Some(later(9))));
        // What was found stays, also when they change their mind.
        let judged = Judged {
            verdict: Verdict::NotAvailable,
            reason: "out_of_stock".to_owned(),
            confidence: 0.85,
            decided_by: VerdictSource::Ai,
            failure: None,
        };
        assert_eq!(changed.judged, Some(judged));
    }
}

async fn a_budget_is_never_exceeded(fixture: Fixture) {
    let db = fixture.control();
    let (_, acme) = tenant(db, "acme").await;
    let (_, other) = tenant(db, "other").await;
    let spend = async |workspace_id, what, limit, at: Timestamp| {
        let transaction = db.begin().await.unwrap();
        let spent = spend(&transaction, workspace_id, what, limit, at).await.unwrap();
        transaction.commit().await.unwrap();
        spent
    };
    let at_once = (0..5).map(|_| spend(acme.id, Spending::Check, 3, NOW));
    let spent = futures_util::future::join_all(at_once).await;
    assert_eq!(spent.into_iter().filter(|spent| *spent).count(), 3);
    assert!(spend(acme.id, Spending::AiCall, 1, NOW).await);
    assert!(!spend(acme.id, Spending::AiCall, 1, NOW).await);
    assert!(!spend(other.id, Spending::Check, 0, NOW).await);
    assert!(spend(other.id, Spending::Check, 1, NOW).await);
    assert_eq!(budget_of(db, acme.id, NOW).await.unwrap(), Budget { checks: 3, ai_calls: 1 });
    let tomorrow = later(86_400_000);
    assert_eq!(budget_of(db, acme.id, tomorrow).await.unwrap(), Budget::default());
    assert!(spend(acme.id, Spending::Check, 1, tomorrow).await);
    let transaction = db.begin().await.unwrap();
    assert_eq!(delete_budgets(&transaction, tomorrow).await.unwrap(), 2);
    transaction.commit().await.unwrap();
    assert_eq!(budget_of(db, acme.id, tomorrow).await.unwrap().checks, 1);
}

async fn answers_are_kept_for_the_same_question(fixture: Fixture) {
    let db = fixture.control();
    let transaction = db.begin().await.unwrap();
    keep_ai_judgement(&transaction, &[1; 32], "yes", NOW).await.unwrap();
    keep_ai_judgement(&transaction, &[1; 32], "no", NOW).await.unwrap();
    keep_ai_judgement(&transaction, &[2; 32], "later", later(1)).await.unwrap();
    transaction.commit().await.unwrap();
    assert_eq!(find_ai_judgement(db, &[1; 32]).await.unwrap().as_deref(), Some("yes"));
    assert_eq!(find_ai_judgement(db, &[3; 32]).await.unwrap(), None);
    let transaction = db.begin().await.unwrap();
    assert_eq!(delete_ai_judgements(&transaction, later(1)).await.unwrap(), 1);
    transaction.commit().await.unwrap();
    assert_eq!(find_ai_judgement(db, &[1; 32]).await.unwrap(), None);
    assert_eq!(find_ai_judgement(db, &[2; 32]).await.unwrap().as_deref(), Some("later"));
}

async fn what_a_destination_refers_to_is_kept(fixture: Fixture) {
    let db = fixture.control();
    let (_, acme) = tenant(db, "acme").await;
    link(db, &acme, "spring").await;
    let verdicts = [Verdict::Available, Verdict::Available, Verdict::Broken, Verdict::Broken, Verdict::Broken];
    let mut made = Vec::new();
    for (number, verdict) in (1..).zip(verdicts) {
        let evaluation = evaluation(&fixture, acme.id, number, verdict).await;
        store(&fixture, &evaluation).await;
        made.push(evaluation);
    }
    let last = Check { evaluation_id: made[3].id, at: NOW, verdict: Verdict::Broken, reason: String::new() };
    let transaction = db.begin().await.unwrap();
    record_check(&transaction, acme.id, made[3].destination_id, &last).await.unwrap();
    transaction.commit().await.unwrap();
    // The last that found it well, the last there was, and one that is not old.
    let old = evaluations_with_artifacts(db, made[4].finished_at, 10).await.unwrap();
    let ids: Vec<_> = old.iter().map(|old| old.evaluation_id).collect();
    assert_eq!(ids, [made[0].id, made[2].id]);
    assert_eq!(old[0].artifacts, made[0].artifacts);
    let transaction = db.begin().await.unwrap();
    clear_artifacts(&transaction, made[0].id).await.unwrap();
    assert_eq!(delete_evaluations(&transaction, later(1_000_000), 10).await.unwrap(), 1);
    transaction.commit().await.unwrap();
    assert_eq!(find_evaluation(db, acme.id, made[0].id).await.unwrap(), None);
    assert!(find_evaluation(db, acme.id, made[2].id).await.unwrap().is_some());
}
