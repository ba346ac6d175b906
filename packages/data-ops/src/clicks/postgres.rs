//! The statements of this feature for PostgreSQL: one array per column.

use sqlx::postgres::{PgConnection, PgPool};
use uuid::Uuid;

use super::Click;
use super::aggregate::{Counter, Rollup, sum};
use super::dead_letters;
use super::link_days::{FullDay, IS_FULL, LinkDay, relieve};
use super::record::{Batch, Bookkeeping, Outcome};
use crate::database::DatabaseError;
use crate::routing::DownReason;

/// The number of the lock under which sums are added to, by one transaction at a time. All nodes use it: keep it.
const SUMS_LOCK: i64 = 0x6861_7368_7375_6d73;

/// Rows per statement: bounds the size of a message.
const ROWS: usize = 10_000;

pub(super) async fn record(pool: &PgPool, batch: &Batch<'_>) -> Result<Outcome, DatabaseError> {
    let mut transaction = pool.begin().await?;
    match &batch.bookkeeping {
        Bookkeeping::Nothing => {}
        Bookkeeping::Position { log, consumer, .. } => lock_position(&mut transaction, *log, consumer).await?,
        Bookkeeping::Replayed(key) => {
            if dead_letters::delete(key).execute(&mut *transaction).await?.rows_affected() == 0 {
                return Ok(Outcome::Gone);
            }
        }
    }
    let mut inserted = 0;
    for rows in batch.clicks.chunks(ROWS) {
        inserted += insert_clicks(&mut transaction, rows).await?;
    }
    if inserted != batch.clicks.len() as u64 {
        transaction.rollback().await?;
        return Ok(Outcome::Overlap(stored_ids(pool, &batch.clicks).await?));
    }
    lock_sums(&mut transaction).await?;
    let sums = sum(&batch.clicks);
    for rows in sums.days.chunks(ROWS) {
        let relief = relieve(&add_days(&mut transaction, rows).await?);
        replace_tallies(&mut transaction, &relief.days).await?;
        for rows in relief.rollups.chunks(ROWS) {
            add_rollups(&mut transaction, rows).await?;
        }
    }
    for rows in sums.rollups.chunks(ROWS) {
        add_rollups(&mut transaction, rows).await?;
    }
    for rows in sums.counters.chunks(ROWS) {
        add_counters(&mut transaction, rows).await?;
    }
    if let Bookkeeping::Position { log, consumer, position } = batch.bookkeeping {
        set_position(&mut transaction, log, consumer, position).await?;
    }
    transaction.commit().await?;
    Ok(Outcome::Stored)
}

fn column<'a, Row, T>(rows: &'a [Row], read: impl Fn(&'a Row) -> T) -> Vec<T> {
    rows.iter().map(read).collect()
}

async fn insert_clicks(connection: &mut PgConnection, rows: &[&Click]) -> Result<u64, DatabaseError> {
    let inserted = sqlx::query(
        "INSERT INTO clicks (id, workspace_id, link_id, at, country, device, browser, os, \
         referer, destination, decided_by, bot, served_backup, served_reason) \
         SELECT * FROM UNNEST($1::uuid[], $2::uuid[], $3::uuid[], $4::bigint[], $5::text[], \
         $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[], $12::bool[], $13::smallint[], \
         $14::text[]) \
         ON CONFLICT DO NOTHING",
    )
    .bind(column(rows, |click| click.id.as_uuid()))
    .bind(column(rows, |click| click.workspace_id.as_uuid()))
    .bind(column(rows, |click| click.link_id.as_uuid()))
    .bind(column(rows, |click| click.at.as_millis()))
    .bind(column(rows, |click| click.country.as_ref().map(|country| country.as_str())))
    .bind(column(rows, |click| click.device.as_ref()))
    .bind(column(rows, |click| click.browser.as_ref()))
    .bind(column(rows, |click| click.os.as_ref()))
    .bind(column(rows, |click| click.referer.as_ref()))
    .bind(column(rows, |click| click.destination.as_ref()))
    .bind(column(rows, |click| click.decided_by.as_ref()))
    .bind(column(rows, |click| click.bot))
    .bind(column(rows, |click| click.served_backup.map(|backup| i16::try_from(backup).unwrap_or(i16::MAX))))
    .bind(column(rows, |click| click.served_reason.map(DownReason::as_str)))
    .execute(connection)
    .await?;
    Ok(inserted.rows_affected())
}

/// Adds to the days of links, and answers those that are full now.
async fn add_days(connection: &mut PgConnection, rows: &[LinkDay]) -> Result<Vec<FullDay>, DatabaseError> {
    let sql = format!(
        "WITH added AS (INSERT INTO link_days (workspace_id, day, link_id, clicks, tallies) \
         SELECT * FROM UNNEST($1::uuid[], $2::bigint[], $3::uuid[], $4::bigint[], $5::bytea[]) \
         ON CONFLICT (workspace_id, day, link_id) DO UPDATE SET clicks = link_days.clicks + excluded.clicks, \
         tallies = link_days.tallies || excluded.tallies RETURNING workspace_id, day, link_id, tallies) \
         SELECT workspace_id, day, link_id, tallies FROM added WHERE {IS_FULL}"
    );
    Ok(sqlx::query_as(sqlx::AssertSqlSafe(sql))
        .bind(column(rows, |row| row.workspace_id))
        .bind(column(rows, |row| row.day))
        .bind(column(rows, |row| row.link_id))
        .bind(column(rows, |row| row.clicks))
        .bind(column(rows, |row| row.tallies.as_slice()))
        .fetch_all(connection)
        .await?)
}

async fn replace_tallies(connection: &mut PgConnection, rows: &[LinkDay]) -> Result<(), DatabaseError> {
    if rows.is_empty() {
        return Ok(());
    }
    sqlx::query(
        "UPDATE link_days SET tallies = replaced.tallies \
         FROM UNNEST($1::uuid[], $2::bigint[], $3::uuid[], $4::bytea[]) \
         AS replaced (workspace_id, day, link_id, tallies) \
         WHERE link_days.workspace_id = replaced.workspace_id AND link_days.day = replaced.day \
         AND link_days.link_id = replaced.link_id",
    )
    .bind(column(rows, |row| row.workspace_id))
    .bind(column(rows, |row| row.day))
    .bind(column(rows, |row| row.link_id))
    .bind(column(rows, |row| row.tallies.as_slice()))
    .execute(connection)
    .await?;
    Ok(())
}

async fn add_rollups(connection: &mut PgConnection, rows: &[Rollup<'_>]) -> Result<(), DatabaseError> {
    sqlx::query(
        "INSERT INTO click_rollups (scope_id, dimension, bucket, value, clicks) \
         SELECT * FROM UNNEST($1::uuid[], $2::smallint[], $3::bigint[], $4::text[], $5::bigint[]) \
         ON CONFLICT (scope_id, dimension, bucket, value) \
         DO UPDATE SET clicks = click_rollups.clicks + excluded.clicks",
    )
    .bind(column(rows, |row| row.scope))
    .bind(column(rows, |row| row.dimension))
    .bind(column(rows, |row| row.bucket))
    .bind(column(rows, |row| row.value.as_ref()))
    .bind(column(rows, |row| row.clicks))
    .execute(connection)
    .await?;
    Ok(())
}

async fn add_counters(connection: &mut PgConnection, rows: &[Counter]) -> Result<(), DatabaseError> {
    sqlx::query(
        "INSERT INTO link_counters (link_id, workspace_id, clicks, first_clicked_at, last_clicked_at) \
         SELECT * FROM UNNEST($1::uuid[], $2::uuid[], $3::bigint[], $4::bigint[], $5::bigint[]) \
         ON CONFLICT (link_id) DO UPDATE SET clicks = link_counters.clicks + excluded.clicks, \
         first_clicked_at = LEAST(link_counters.first_clicked_at, excluded.first_clicked_at), \
         last_clicked_at = GREATEST(link_counters.last_clicked_at, excluded.last_clicked_at)",
    )
    .bind(column(rows, |row| row.link_id))
    .bind(column(rows, |row| row.workspace_id))
    .bind(column(rows, |row| row.clicks))
    .bind(column(rows, |row| row.first_clicked_at))
    .bind(column(rows, |row| row.last_clicked_at))
    .execute(connection)
    .await?;
    Ok(())
}

/// Which of these clicks are stored.
async fn stored_ids(pool: &PgPool, clicks: &[&Click]) -> Result<Vec<Uuid>, DatabaseError> {
    Ok(sqlx::query_scalar("SELECT id FROM clicks WHERE id = ANY($1)")
        .bind(column(clicks, |click| click.id.as_uuid()))
        .fetch_all(pool)
        .await?)
}

/// Holds the position until the transaction ends: of two processes that read the same log, one waits for the other. The
/// row must exist to be held.
pub(super) async fn lock_position(
    connection: &mut PgConnection,
    log: Uuid,
    consumer: &str,
) -> Result<(), DatabaseError> {
    sqlx::query(
        "INSERT INTO log_positions (log_id, consumer, segment, byte_offset) \
         VALUES ($1, $2, -1, 0) ON CONFLICT DO NOTHING",
    )
    .bind(log)
    .bind(consumer)
    .execute(&mut *connection)
    .await?;
    sqlx::query("SELECT 1 FROM log_positions WHERE log_id = $1 AND consumer = $2 FOR UPDATE")
        .bind(log)
        .bind(consumer)
        .execute(connection)
        .await?;
    Ok(())
}

/// Adding up takes turns, from here to the end of the transaction. Clicks of the same workspaces would wait for each other
/// anyway, at the workspaces' rows; so nobody finds a row full that someone else is making smaller, and no two nodes can
/// wait for each other.
async fn lock_sums(connection: &mut PgConnection) -> Result<(), DatabaseError> {
    sqlx::query("SELECT pg_advisory_xact_lock($1)").bind(SUMS_LOCK).execute(connection).await?;
    Ok(())
}

pub(super) async fn set_position(
    connection: &mut PgConnection,
    log: Uuid,
    consumer: &str,
    (segment, offset): (i64, i64),
) -> Result<(), DatabaseError> {
    sqlx::query(
        "UPDATE log_positions SET segment = $3, byte_offset = $4 \
         WHERE log_id = $1 AND consumer = $2",
    )
    .bind(log)
    .bind(consumer)
    .bind(segment)
    .bind(offset)
    .execute(connection)
    .await?;
    Ok(())
}
