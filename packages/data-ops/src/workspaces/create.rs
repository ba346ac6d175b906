//! Making a workspace.

use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, ConnectionTrait, EntityTrait};

use super::Workspace;
use super::entity::{members, workspaces};
use crate::database::{Database, DatabaseError, row_id};
use crate::types::{Role, Timestamp, UserId, WorkspaceName, WorkspaceSlug};

/// How many numbered variants of a derived slug are tried before a random one.
const NUMBERED_ATTEMPTS: u32 = 8;

/// A workspace to be made.
#[derive(Clone, Debug)]
pub struct NewWorkspace {
    /// Its name for people.
    pub name: WorkspaceName,
    /// Its name in addresses; `None` derives a free one from the name.
    pub slug: Option<WorkspaceSlug>,
}

/// Why no workspace was made.
#[derive(Debug, thiserror::Error)]
pub enum CreateWorkspaceError {
    /// The slug asked for is taken.
    #[error("this workspace slug is taken")]
    SlugTaken,
    /// The database failed.
    #[error("the workspace could not be stored")]
    Database(#[from] DatabaseError),
}

/// Makes a workspace owned by `owner`.
pub async fn create_workspace(
    db: &Database,
    new: &NewWorkspace,
    owner: UserId,
    now: Timestamp,
) -> Result<Workspace, CreateWorkspaceError> {
    let transaction = db.begin().await?;
    let workspace = insert_workspace(&transaction, new, owner, now).await?;
    transaction.commit().await.map_err(DatabaseError::from)?;
    Ok(workspace)
}

/// Must run inside a transaction: the workspace and its owner belong together.
pub(crate) async fn insert_workspace(
    connection: &impl ConnectionTrait,
    new: &NewWorkspace,
    owner: UserId,
    now: Timestamp,
) -> Result<Workspace, CreateWorkspaceError> {
    let id = row_id(now);
    let slug = match &new.slug {
        Some(slug) => {
            if !insert_row(connection, id, slug.as_str(), new, now).await? {
                return Err(CreateWorkspaceError::SlugTaken);
            }
            slug.clone()
        }
        None => insert_with_derived_slug(connection, id, new, now).await?,
    };
    let member = members::ActiveModel {
        workspace_id: Set(id),
        user_id: Set(owner.as_uuid()),
        role: Set(Role::Owner.as_str().to_owned()),
        created_at: Set(now.as_millis()),
    };
    members::Entity::insert(member).exec_without_returning(connection).await.map_err(DatabaseError::from)?;
    Ok(Workspace { id: crate::types::WorkspaceId::from_uuid(id), slug, name: new.name.clone(), created_at: now })
}

async fn insert_with_derived_slug(
    connection: &impl ConnectionTrait,
    id: uuid::Uuid,
    new: &NewWorkspace,
    now: Timestamp,
) -> Result<WorkspaceSlug, CreateWorkspaceError> {
    let base = derive_slug(new.name.as_str());
    let numbered = (1..=NUMBERED_ATTEMPTS).map(|number| match number {
        1 => base.clone(),
        _ => format!("{base}-{number}"),
    });
    // The last 12 hexadecimal digits of the id are random: this one is free.
    let random = id.simple().to_string().split_off(20);
    for candidate in numbered.chain([format!("{base}-{random}"), format!("workspace-{random}")]) {
        let Ok(slug) = WorkspaceSlug::parse(&candidate) else {
            continue;
        };
        if insert_row(connection, id, slug.as_str(), new, now).await? {
            return Ok(slug);
        }
    }
    Err(CreateWorkspaceError::SlugTaken)
}

/// Whether the row went in; `false` when the slug is taken. A conflict is no error, because on PostgreSQL an error would
/// end the whole transaction.
async fn insert_row(
    connection: &impl ConnectionTrait,
    id: uuid::Uuid,
    slug: &str,
    new: &NewWorkspace,
    now: Timestamp,
) -> Result<bool, DatabaseError> {
    let row = workspaces::ActiveModel {
        id: Set(id),
        slug: Set(slug.to_owned()),
        name: Set(new.name.as_str().to_owned()),
        created_at: Set(now.as_millis()),
        updated_at: Set(now.as_millis()),
    };
    let inserted = workspaces::Entity::insert(row)
        .on_conflict(OnConflict::column(workspaces::Column::Slug).do_nothing().to_owned())
        .exec_without_returning(connection)
        .await?;
    Ok(inserted > 0)
}

/// Lower-case ASCII letters and digits of the name, the rest as single hyphens.
fn derive_slug(name: &str) -> String {
    const LENGTH: usize = 32;
    let mut slug = String::new();
    for character in name.chars().flat_map(char::to_lowercase) {
        if slug.len() >= LENGTH {
            break;
        }
        if character.is_ascii_alphanumeric() {
            slug.push(character);
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    let slug = slug.trim_end_matches('-');
    if slug.is_empty() { "workspace".to_owned() } else { slug.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::derive_slug;

    #[test]
    fn a_slug_is_derived_from_any_name() {
        assert_eq!(derive_slug("Acme, Inc."), "acme-inc");
        assert_eq!(derive_slug("  --Grün & Weiß  "), "gr-n-wei");
        assert_eq!(derive_slug("日本"), "workspace");
        assert!(derive_slug(&"long name ".repeat(20)).len() <= 32);
    }
}
