//! What an operator wants to see of objects, and what to do about those that are parked.

use data_ops::{database::DatabaseError, types::Timestamp};
use sea_orm::{ConnectionTrait as _, QueryResult, Value};

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

/// An object, without its state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectSummary {
    /// Its name.
    pub name: String,
    /// How many messages and alarms it has handled.
    pub version: u64,
    /// When it was last written to.
    pub updated_at: Timestamp,
    /// When its alarm rings, if one is set.
    pub alarm_at: Option<Timestamp>,
    /// Why it takes no messages, if it takes none.
    pub parked: Option<String>,
}

/// An object with what it remembers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectDetail {
    /// What lists show of it.
    pub summary: ObjectSummary,
    /// What it remembers: JSON, as it is stored.
    pub state: String,
    /// The version of that.
    pub state_version: i64,
    /// How often its alarm failed in a row.
    pub alarm_attempts: u64,
}

const COLUMNS: &str = "name, version, state_version, updated_at, alarm_at, parked";

impl ObjectSummary {
    /// From a row, on a node that knows states up to a version.
    fn read(row: &QueryResult, known: u16) -> Result<Self, DatabaseError> {
        let state_version: i64 = row.try_get("", "state_version")?;
        let newer = (state_version > i64::from(known))
            .then(|| format!("its state is of version {state_version}, this node knows {known}: upgrade this node"));
        Ok(Self {
            name: row.try_get("", "name")?,
            version: row.try_get::<i64>("", "version")?.unsigned_abs(),
            updated_at: Timestamp::from_millis(row.try_get("", "updated_at")?),
            alarm_at: row.try_get::<Option<i64>>("", "alarm_at")?.map(Timestamp::from_millis),
            parked: row.try_get::<Option<String>>("", "parked")?.or(newer),
        })
    }
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

    /// Whether this node knows the class.
    #[must_use]
    pub fn knows(&self, class: &str) -> bool {
        self.classes.contains_key(class)
    }

    /// At most `limit` objects of a class, by name, after the name given: all, or only those that take no messages. Nothing
    /// of a class this node does not know.
    ///
    /// # Errors
    /// The database failed.
    pub async fn list(
        &self,
        class: &str,
        parked: bool,
        after: &str,
        limit: u32,
    ) -> Result<Vec<ObjectSummary>, DatabaseError> {
        let Some(known) = self.classes.get(class).map(|known| known.version()) else { return Ok(Vec::new()) };
        let store = &self.shared.store;
        let mut values = vec![Value::from(class), after.into(), i64::from(limit).into()];
        let mut only = "";
        if parked {
            only = " AND (parked IS NOT NULL OR state_version > $4)";
            values.push(i64::from(known).into());
        }
        let sql = format!("SELECT {COLUMNS} FROM objects WHERE class = $1 AND name > $2{only} ORDER BY name LIMIT $3");
        let rows = store.database().read().query_all_raw(store.dialect().statement(sql, values)).await?;
        rows.iter().map(|row| ObjectSummary::read(row, known)).collect()
    }

    /// One object with its state; nothing if nobody has written to it, or this node does not know the class.
    ///
    /// # Errors
    /// The database failed.
    pub async fn find(&self, class: &str, name: &str) -> Result<Option<ObjectDetail>, DatabaseError> {
        let Some(known) = self.classes.get(class).map(|known| known.version()) else { return Ok(None) };
        let store = &self.shared.store;
        let sql = format!("SELECT {COLUMNS}, state, alarm_attempts FROM objects WHERE class = $1 AND name = $2");
        let statement = store.dialect().statement(sql, [class.into(), name.into()]);
        let Some(row) = store.database().read().query_one_raw(statement).await? else { return Ok(None) };
        Ok(Some(ObjectDetail {
            summary: ObjectSummary::read(&row, known)?,
            state: row.try_get("", "state")?,
            state_version: row.try_get("", "state_version")?,
            alarm_attempts: row.try_get::<i64>("", "alarm_attempts")?.unsigned_abs(),
        }))
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
