//! Workspaces and who belongs to them.

use data_ops::types::{Role, WorkspaceName, WorkspaceSlug};
use data_ops::workspaces::{
    CreateWorkspaceError, NewWorkspace, WorkspaceChange, WorkspaceRef, create_workspace, find_membership,
    list_workspaces, update_workspace,
};
use futures_util::future::join_all;

use crate::support::{Fixture, NOW, later, on_both_databases, user, workspace, workspace_id};

on_both_databases!(
    a_slug_is_derived_and_made_unique,
    a_chosen_slug_is_not_changed,
    members_find_their_workspaces_and_nobody_elses,
    a_workspace_is_renamed,
);

async fn a_slug_is_derived_and_made_unique(fixture: Fixture) {
    let db = fixture.control();
    let ada = user(db, "ada@example.com").await;
    let new = NewWorkspace { name: WorkspaceName::parse("Acme, Inc.").unwrap(), slug: None };
    let made = join_all((0..12).map(|_| create_workspace(db, &new, ada.id, NOW))).await;
    let mut slugs: Vec<String> = made.into_iter().map(|made| made.unwrap().slug.as_str().to_owned()).collect();
    slugs.sort();
    slugs.dedup();
    assert_eq!(slugs.len(), 12);
    assert!(slugs.contains(&"acme-inc".to_owned()) && slugs.contains(&"acme-inc-2".to_owned()));
}

async fn a_chosen_slug_is_not_changed(fixture: Fixture) {
    let db = fixture.control();
    let ada = user(db, "ada@example.com").await;
    let new =
        NewWorkspace { name: WorkspaceName::parse("Acme").unwrap(), slug: Some(WorkspaceSlug::parse("acme").unwrap()) };
    create_workspace(db, &new, ada.id, NOW).await.unwrap();
    let second = create_workspace(db, &new, ada.id, NOW).await;
    assert!(matches!(second, Err(CreateWorkspaceError::SlugTaken)));
    assert_eq!(list_workspaces(db, ada.id).await.unwrap().len(), 1);
}

async fn members_find_their_workspaces_and_nobody_elses(fixture: Fixture) {
    let db = fixture.control();
    let ada = user(db, "ada@example.com").await;
    let bob = user(db, "bob@example.com").await;
    let first = workspace(db, &ada, "First").await;
    let second = workspace(db, &ada, "Second").await;
    let other = workspace(db, &bob, "Other").await;
    let mine = list_workspaces(db, ada.id).await.unwrap();
    let mut expected = vec![(first.clone(), Role::Owner), (second, Role::Owner)];
    expected.sort_by_key(|(workspace, _)| workspace.id);
    assert_eq!(mine, expected);
    for name in [WorkspaceRef::Id(first.id), WorkspaceRef::Slug(first.slug.clone())] {
        let found = find_membership(db, ada.id, &name).await.unwrap();
        assert_eq!(found, Some((first.clone(), Role::Owner)));
    }
    for name in [WorkspaceRef::Id(other.id), WorkspaceRef::Slug(other.slug)] {
        assert_eq!(find_membership(db, ada.id, &name).await.unwrap(), None);
    }
}

async fn a_workspace_is_renamed(fixture: Fixture) {
    let db = fixture.control();
    let ada = user(db, "ada@example.com").await;
    let made = workspace(db, &ada, "Acme").await;
    let name = WorkspaceName::parse("Better").unwrap();
    let change = WorkspaceChange { name: Some(name.clone()) };
    let changed = update_workspace(db, made.id, &change, later(5)).await.unwrap().unwrap();
    assert_eq!((changed.name, changed.slug), (name, made.slug));
    let none = update_workspace(db, workspace_id(9), &change, NOW).await.unwrap();
    assert!(none.is_none());
}
