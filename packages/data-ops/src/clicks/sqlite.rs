//! The statements of this feature for SQLite: many rows per statement, because each statement costs a round trip to the
//! connection's thread. Statements come in a few sizes, so that they stay prepared.

use std::collections::HashMap;
use std::sync::Arc;

use ahash::RandomState;
use sqlx::query::Query;
use sqlx::sqlite::{Sqlite, SqliteArguments, SqliteConnection, SqlitePool};
use sqlx::{AssertSqlSafe, SqlSafeStr};
use uuid::Uuid;

use super::aggregate::{Counter, Rollup, sum};
use super::dead_letters;
use super::link_days::{FullDay, IS_FULL, LinkDay, relieve};
use super::record::{Batch, Bookkeeping, Outcome};
use super::{Click, Label};
use crate::database::DatabaseError;
use crate::routing::DownReason;
use crate::types::CountryCode;

/// Rows per statement.
const SIZES: [usize; 5] = [256, 64, 16, 4, 1];

type Bound<'q> = Query<'q, Sqlite, SqliteArguments>;

pub(super) async fn record(pool: &SqlitePool, batch: &Batch<'_>) -> Result<Outcome, DatabaseError> {
    let mut transaction = pool.begin_with("BEGIN IMMEDIATE").await?;
    if let Bookkeeping::Replayed(key) = &batch.bookkeeping
        && dead_letters::delete(key).execute(&mut *transaction).await?.rows_affected() == 0
    {
        return Ok(Outcome::Gone);
    }
    let inserted = insert_clicks(&mut transaction, &batch.clicks).await?;
    if inserted != batch.clicks.len() as u64 {
        transaction.rollback().await?;
        return Ok(Outcome::Overlap(stored_ids(pool, &batch.clicks).await?));
    }
    let sums = sum(&batch.clicks);
    add_days(&mut transaction, sums.days).await?;
    let relief = relieve(&full_days(&mut transaction).await?);
    replace_tallies(&mut transaction, relief.days).await?;
    add_rollups(&mut transaction, &relief.rollups).await?;
    add_rollups(&mut transaction, &sums.rollups).await?;
    add_counters(&mut transaction, &sums.counters).await?;
    if let Bookkeeping::Position { log, consumer, position } = batch.bookkeeping {
        set_position(&mut transaction, log, consumer, position).await?;
    }
    transaction.commit().await?;
    Ok(Outcome::Stored)
}

/// Runs `head` with `width` placeholders per row and then `tail`, for all rows. Answers how many rows were written.
async fn write_rows<T>(
    connection: &mut SqliteConnection,
    (head, width, tail): (&str, usize, &str),
    rows: impl IntoIterator<Item = T, IntoIter: ExactSizeIterator>,
    mut bind: impl for<'q> FnMut(Bound<'q>, T) -> Bound<'q>,
) -> Result<u64, DatabaseError> {
    let mut rows = rows.into_iter();
    let row = format!("({})", vec!["?"; width].join(","));
    let mut written = 0;
    for size in SIZES {
        if rows.len() < size {
            continue;
        }
        let sql = format!("{head} VALUES {} {tail}", vec![row.as_str(); size].join(","));
        let sql = AssertSqlSafe(sql).into_sql_str();
        while rows.len() >= size {
            let query = rows.by_ref().take(size).fold(sqlx::query(sql.clone()), &mut bind);
            written += query.execute(&mut *connection).await?.rows_affected();
        }
    }
    Ok(written)
}

async fn insert_clicks(connection: &mut SqliteConnection, clicks: &[&Click]) -> Result<u64, DatabaseError> {
    const INSERT: (&str, usize, &str) = (
        "INSERT INTO clicks (id, workspace_id, link_id, at, country, device, browser, os, \
         referer, destination, decided_by, bot, served_backup, served_reason)",
        14,
        "ON CONFLICT DO NOTHING",
    );
    let mut countries: HashMap<CountryCode, Label, RandomState> = HashMap::default();
    // Shared texts are bound by value: a reference would be copied.
    write_rows(connection, INSERT, clicks, |query, click| {
        let country =
            click.country.map(|code| Arc::clone(countries.entry(code).or_insert_with(|| code.as_str().into())));
        query
            .bind(click.id.as_uuid())
            .bind(click.workspace_id.as_uuid())
            .bind(click.link_id.as_uuid())
            .bind(click.at.as_millis())
            .bind(country)
            .bind(Arc::clone(&click.device))
            .bind(Arc::clone(&click.browser))
            .bind(Arc::clone(&click.os))
            .bind(Arc::clone(&click.referer))
            .bind(Arc::clone(&click.destination))
            .bind(Arc::clone(&click.decided_by))
            .bind(click.bot)
            .bind(click.served_backup)
            .bind(click.served_reason.map(DownReason::as_str))
    })
    .await
}

async fn add_days(connection: &mut SqliteConnection, days: Vec<LinkDay>) -> Result<(), DatabaseError> {
    // SQLite's || makes text of bytes.
    const UPSERT: (&str, usize, &str) = (
        "INSERT INTO link_days (workspace_id, day, link_id, clicks, tallies)",
        5,
        "ON CONFLICT (workspace_id, day, link_id) DO UPDATE SET clicks = clicks + excluded.clicks, \
         tallies = CAST(tallies || excluded.tallies AS BLOB)",
    );
    write_rows(connection, UPSERT, days, bind_day).await?;
    Ok(())
}

async fn full_days(connection: &mut SqliteConnection) -> Result<Vec<FullDay>, DatabaseError> {
    // The index has no other rows than these; without it, all days of all links would be looked at.
    let sql =
        format!("SELECT workspace_id, day, link_id, tallies FROM link_days INDEXED BY link_days_full WHERE {IS_FULL}");
    Ok(sqlx::query_as(AssertSqlSafe(sql)).fetch_all(connection).await?)
}

async fn replace_tallies(connection: &mut SqliteConnection, days: Vec<LinkDay>) -> Result<(), DatabaseError> {
    const UPSERT: (&str, usize, &str) = (
        "INSERT INTO link_days (workspace_id, day, link_id, clicks, tallies)",
        5,
        "ON CONFLICT (workspace_id, day, link_id) DO UPDATE SET tallies = excluded.tallies",
    );
    write_rows(connection, UPSERT, days, bind_day).await?;
    Ok(())
}

fn bind_day(query: Bound<'_>, row: LinkDay) -> Bound<'_> {
    query.bind(row.workspace_id).bind(row.day).bind(row.link_id).bind(row.clicks).bind(row.tallies)
}

async fn add_rollups(connection: &mut SqliteConnection, rollups: &[Rollup<'_>]) -> Result<(), DatabaseError> {
    const UPSERT: (&str, usize, &str) = (
        "INSERT INTO click_rollups (scope_id, dimension, bucket, value, clicks)",
        5,
        "ON CONFLICT (scope_id, dimension, bucket, value) \
         DO UPDATE SET clicks = clicks + excluded.clicks",
    );
    write_rows(connection, UPSERT, rollups, |query, row| {
        query.bind(row.scope).bind(row.dimension).bind(row.bucket).bind(Label::from(&*row.value)).bind(row.clicks)
    })
    .await?;
    Ok(())
}

async fn add_counters(connection: &mut SqliteConnection, counters: &[Counter]) -> Result<(), DatabaseError> {
    // MIN and MAX of SQLite are NULL when one side is.
    const UPSERT: (&str, usize, &str) = (
        "INSERT INTO link_counters (link_id, workspace_id, clicks, first_clicked_at, last_clicked_at)",
        5,
        "ON CONFLICT (link_id) DO UPDATE SET clicks = clicks + excluded.clicks, \
         first_clicked_at = MIN(COALESCE(first_clicked_at, excluded.first_clicked_at), \
         COALESCE(excluded.first_clicked_at, first_clicked_at)), \
         last_clicked_at = MAX(COALESCE(last_clicked_at, excluded.last_clicked_at), \
         COALESCE(excluded.last_clicked_at, last_clicked_at))",
    );
    write_rows(connection, UPSERT, counters, |query, row| {
        query
            .bind(row.link_id)
            .bind(row.workspace_id)
            .bind(row.clicks)
            .bind(row.first_clicked_at)
            .bind(row.last_clicked_at)
    })
    .await?;
    Ok(())
}

/// Which of these clicks are stored.
async fn stored_ids(pool: &SqlitePool, clicks: &[&Click]) -> Result<Vec<Uuid>, DatabaseError> {
    let mut stored = Vec::new();
    for chunk in clicks.chunks(1000) {
        let marks = vec!["?"; chunk.len()].join(",");
        let sql = AssertSqlSafe(format!("SELECT id FROM clicks WHERE id IN ({marks})"));
        let query = sqlx::query_scalar(sql).persistent(false);
        let query = chunk.iter().fold(query, |query, click| query.bind(click.id.as_uuid()));
        let found: Vec<Uuid> = query.fetch_all(pool).await?;
        stored.extend(found);
    }
    Ok(stored)
}

pub(super) async fn set_position(
    connection: &mut SqliteConnection,
    log: Uuid,
    consumer: &str,
    (segment, offset): (i64, i64),
) -> Result<(), DatabaseError> {
    sqlx::query(
        "INSERT INTO log_positions (log_id, consumer, segment, byte_offset) VALUES (?, ?, ?, ?) \
         ON CONFLICT (log_id, consumer) DO UPDATE \
         SET segment = excluded.segment, byte_offset = excluded.byte_offset",
    )
    .bind(log)
    .bind(consumer)
    .bind(segment)
    .bind(offset)
    .execute(connection)
    .await?;
    Ok(())
}
