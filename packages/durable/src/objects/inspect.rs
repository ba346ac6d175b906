//! What an operator wants to see of objects, and what to do about those that are parked.

use data_ops::{database::DatabaseError, types::Timestamp};
use sea_orm::ConnectionTrait as _;

use super::{Objects, class::Shared};

/// How a class is doing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClassStatus {
    /// The class.
    pub class: &'static str,
    /// How many objects there are.
    pub objects: u64,
    /// How many have an alarm set.
    pub alarms: u64,
    /// The earliest of these.
    pub next_alarm_at: Option<Timestamp>,
    /// How many take no messages: parked, or with a state this node is too old for.
    pub parked: u64,
}

/// An object that takes no messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParkedObject {
    /// Its name.
    pub name: String,
    /// Why, and what to do about it.
    pub reason: String,
    /// When it was last written to.
    pub updated_at: Timestamp,
}

impl Objects {
    /// How each class this node knows is doing, by name.
    ///
    /// # Errors
    /// The database failed.
    pub async fn status(&self) -> Result<Vec<ClassStatus>, DatabaseError> {
        let store = &self.shared.store;
        let mut all = Vec::with_capacity(self.classes.len());
        for (class, known) in self.classes.iter() {
            let sql = "SELECT COUNT(*) AS objects, COUNT(alarm_at) AS alarms, MIN(alarm_at) AS next_alarm_at, \
                       COUNT(CASE WHEN parked IS NOT NULL OR state_version > $2 THEN 1 END) AS parked \
                       FROM objects WHERE class = $1";
            let values = [(*class).into(), i64::from(known.version()).into()];
            let row = store.database().read().query_one_raw(store.dialect().statement(sql, values)).await?;
            let Some(row) = row else { continue };
            let count = |column| row.try_get::<i64>("", column).map(|count| u64::try_from(count).unwrap_or(0));
            all.push(ClassStatus {
                class,
                objects: count("objects")?,
                alarms: count("alarms")?,
                next_alarm_at: row.try_get::<Option<i64>>("", "next_alarm_at")?.map(Timestamp::from_millis),
                parked: count("parked")?,
            });
        }
        Ok(all)
    }

    /// At most `limit` objects of the class that take no messages, by name, after the name given.
    ///
    /// # Errors
    /// The database failed.
    pub async fn parked(&self, class: &str, after: &str, limit: u32) -> Result<Vec<ParkedObject>, DatabaseError> {
        let Some(known) = self.classes.get(class).map(|known| known.version()) else { return Ok(Vec::new()) };
        let store = &self.shared.store;
        let sql = "SELECT name, parked, state_version, updated_at FROM objects \
                   WHERE class = $1 AND name > $2 AND (parked IS NOT NULL OR state_version > $3) ORDER BY name LIMIT $4";
        let values = [class.into(), after.into(), i64::from(known).into(), i64::from(limit).into()];
        let rows = store.database().read().query_all_raw(store.dialect().statement(sql, values)).await?;
        rows.iter()
            .map(|row| {
                let version: i64 = row.try_get("", "state_version")?;
                let newer = || format!("its state is of version {version}, this node knows {known}: upgrade this node");
                Ok(ParkedObject {
                    name: row.try_get("", "name")?,
                    reason: row.try_get::<Option<String>>("", "parked")?.unwrap_or_else(newer),
                    updated_at: Timestamp::from_millis(row.try_get("", "updated_at")?),
                })
            })
            .collect()
    }

    /// How many objects somebody on this node follows.
    #[must_use]
    pub fn followed(&self) -> usize {
        self.shared.rooms.open()
    }

    /// Lets a parked object take messages again, and its alarm ring. Answers whether it was parked.
    ///
    /// # Errors
    /// The database failed.
    pub async fn resume(&self, class: &str, name: &str) -> Result<bool, DatabaseError> {
        self.shared.resume(class.to_owned(), name.to_owned()).await
    }
}

impl Shared {
    pub(super) async fn resume(&self, class: String, name: String) -> Result<bool, DatabaseError> {
        let dialect = self.store.dialect();
        let resumed = self
            .store
            .write(move |transaction| {
                Box::pin(async move {
                    let sql = "UPDATE objects SET parked = NULL, parked_version = NULL, alarm_attempts = 0 \
                               WHERE class = $1 AND name = $2 AND parked IS NOT NULL";
                    let done = transaction.execute_raw(dialect.statement(sql, [class.into(), name.into()])).await?;
                    Ok::<_, DatabaseError>(done.rows_affected() > 0)
                })
            })
            .await?;
        // Its alarm may be due.
        self.bell.expect(i64::MIN);
        Ok(resumed)
    }
}
