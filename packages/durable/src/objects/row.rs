//! An object's row, and the statements that read and write it.

use data_ops::{database::DatabaseError, types::Timestamp};
use sea_orm::{ConnectionTrait, QueryResult, Value};

use crate::store::{Dialect, Transaction};

const COLUMNS: &str = "name, state, state_version, version, published_version, alarm_at, alarm_set_at, \
                       alarm_attempts, parked, parked_version";

/// Whether an object rings at a node whose class has the version `$3`: a newer state waits for a newer node, and what an
/// older version has parked is tried again.
pub(super) const MAY_RING: &str = "state_version <= $3 AND (parked IS NULL OR parked_version < $3)";

/// What is stored of an object.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Row {
    pub name: String,
    pub state: String,
    pub state_version: i64,
    /// How many messages and alarms were handled.
    pub version: i64,
    /// The version at which subscribers were last told something.
    pub published_version: i64,
    pub alarm_at: Option<i64>,
    pub alarm_set_at: Option<i64>,
    pub alarm_attempts: i64,
    pub parked: Option<String>,
    pub parked_version: Option<i64>,
}

impl Row {
    /// An object nobody has written to.
    pub fn new(name: &str, state: String, state_version: i64) -> Self {
        Self {
            name: name.to_owned(),
            state,
            state_version,
            version: 0,
            published_version: 0,
            alarm_at: None,
            alarm_set_at: None,
            alarm_attempts: 0,
            parked: None,
            parked_version: None,
        }
    }

    fn read(row: &QueryResult) -> Result<Self, DatabaseError> {
        Ok(Self {
            name: row.try_get("", "name")?,
            state: row.try_get("", "state")?,
            state_version: row.try_get("", "state_version")?,
            version: row.try_get("", "version")?,
            published_version: row.try_get("", "published_version")?,
            alarm_at: row.try_get("", "alarm_at")?,
            alarm_set_at: row.try_get("", "alarm_set_at")?,
            alarm_attempts: row.try_get("", "alarm_attempts")?,
            parked: row.try_get("", "parked")?,
            parked_version: row.try_get("", "parked_version")?,
        })
    }

    /// The row as it is committed.
    pub async fn find(
        connection: &impl ConnectionTrait,
        dialect: Dialect,
        class: &str,
        name: &str,
    ) -> Result<Option<Self>, DatabaseError> {
        let sql = format!("SELECT {COLUMNS} FROM objects WHERE class = $1 AND name = $2");
        let found = connection.query_one_raw(dialect.statement(sql, [class.into(), name.into()])).await?;
        found.as_ref().map(Self::read).transpose()
    }

    /// The row, if there is one, held until the transaction ends.
    pub async fn hold(
        transaction: &Transaction,
        dialect: Dialect,
        class: &str,
        name: &str,
    ) -> Result<Option<Self>, DatabaseError> {
        let sql = format!("SELECT {COLUMNS} FROM objects WHERE class = $1 AND name = $2{}", dialect.for_update());
        let found = transaction.query_one_raw(dialect.statement(sql, [class.into(), name.into()])).await?;
        found.as_ref().map(Self::read).transpose()
    }

    /// The row, held until the transaction ends: `new` if there was none.
    pub async fn take(
        transaction: &Transaction,
        dialect: Dialect,
        class: &str,
        now: Timestamp,
        new: Self,
    ) -> Result<Self, DatabaseError> {
        if let Some(found) = Self::hold(transaction, dialect, class, &new.name).await? {
            return Ok(found);
        }
        // Of two that begin an object at once, the second waits here for the first.
        let insert = "INSERT INTO objects (class, name, state, state_version, version, published_version, alarm_attempts, \
                      updated_at) VALUES ($1, $2, $3, $4, 0, 0, 0, $5) ON CONFLICT (class, name) DO NOTHING";
        let inserted = [
            Value::from(class),
            new.name.as_str().into(),
            new.state.as_str().into(),
            new.state_version.into(),
            now.as_millis().into(),
        ];
        transaction.execute_raw(dialect.statement(insert, inserted)).await?;
        Ok(Self::hold(transaction, dialect, class, &new.name).await?.unwrap_or(new))
    }

    /// Rows of the class whose alarm is due, oldest first, held until the transaction ends. Those somebody else holds are
    /// left out: an object that is being written to rings right after.
    pub async fn take_due(
        transaction: &Transaction,
        dialect: Dialect,
        class: &str,
        known_version: u16,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<Self>, DatabaseError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM objects \
             WHERE class = $1 AND alarm_at <= $2 AND {MAY_RING} ORDER BY alarm_at LIMIT $4{}",
            dialect.skip_locked(),
        );
        let values = [class.into(), now.as_millis().into(), i64::from(known_version).into(), i64::from(limit).into()];
        let rows = transaction.query_all_raw(dialect.statement(sql, values)).await?;
        rows.iter().map(Self::read).collect()
    }

    /// Writes everything but the name.
    pub async fn store(
        &self,
        transaction: &Transaction,
        dialect: Dialect,
        class: &str,
        now: Timestamp,
    ) -> Result<(), DatabaseError> {
        let sql = "UPDATE objects SET state = $3, state_version = $4, version = $5, published_version = $6, alarm_at = $7, \
                   alarm_set_at = $8, alarm_attempts = $9, parked = $10, parked_version = $11, updated_at = $12 \
                   WHERE class = $1 AND name = $2";
        let values = [
            class.into(),
            self.name.as_str().into(),
            self.state.as_str().into(),
            self.state_version.into(),
            self.version.into(),
            self.published_version.into(),
            self.alarm_at.into(),
            self.alarm_set_at.into(),
            self.alarm_attempts.into(),
            self.parked.clone().into(),
            self.parked_version.into(),
            now.as_millis().into(),
        ];
        transaction.execute_raw(dialect.statement(sql, values)).await?;
        Ok(())
    }

    /// What an older version of the class has parked is for this one to try.
    pub fn resume_for(&mut self, known_version: u16) {
        if self.parked_version.is_some_and(|parked| parked < known_version.into()) {
            (self.parked, self.parked_version, self.alarm_attempts) = (None, None, 0);
        }
    }

    pub fn set_alarm(&mut self, at: Timestamp, now: Timestamp) {
        self.alarm_at = Some(at.as_millis());
        self.alarm_set_at = Some(now.as_millis());
    }

    pub fn clear_alarm(&mut self) {
        self.alarm_at = None;
        self.alarm_set_at = None;
    }

    /// The object takes no more messages and does not ring.
    pub fn park(&mut self, reason: &str, known_version: u16) {
        // PostgreSQL stores no NUL, and an error may quote what somebody else wrote.
        self.parked = Some(reason.chars().filter(|character| *character != '\0').take(1_000).collect());
        self.parked_version = Some(known_version.into());
    }
}
