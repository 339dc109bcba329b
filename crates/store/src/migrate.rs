//! Migrations: append-only, the same number on both engines, each in one transaction.

use model::Timestamp;
use sqlx::AssertSqlSafe;

use crate::{Db, Engine, Result, StoreError};

/// Which of the two schemas a database holds. On PostgreSQL both live in one database.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Schema {
    Desk,
    Inbox,
}

const DESK: &[&str] = &[
    include_str!("../migrations/0001_start.sql"),
    include_str!("../migrations/0002_early_events.sql"),
    include_str!("../migrations/0003_identities_by_kind.sql"),
    include_str!("../migrations/0004_findings.sql"),
    include_str!("../migrations/0005_processes.sql"),
    include_str!("../migrations/0006_flows.sql"),
    include_str!("../migrations/0007_articles.sql"),
    include_str!("../migrations/0008_visits_returns.sql"),
    include_str!("../migrations/0009_capture.sql"),
    include_str!("../migrations/0010_guidance.sql"),
    include_str!("../migrations/0011_forms.sql"),
    include_str!("../migrations/0012_arrival.sql"),
    include_str!("../migrations/0013_access.sql"),
    include_str!("../migrations/0014_search.sql"),
    include_str!("../migrations/0015_accounts.sql"),
    include_str!("../migrations/0016_work.sql"),
    include_str!("../migrations/0017_redactions.sql"),
];
const INBOX: &[&str] = &[
    include_str!("../migrations/inbox_0001_start.sql"),
    include_str!("../migrations/inbox_0002_received.sql"),
];

impl Schema {
    const fn steps(self) -> &'static [&'static str] {
        match self {
            Self::Desk => DESK,
            Self::Inbox => INBOX,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Desk => "desk",
            Self::Inbox => "inbox",
        }
    }
}

const CREATE: &str = "create table if not exists schema_steps (
    schema_name text not null, step bigint not null, applied_at bigint not null, primary key (schema_name, step))";

/// Brings the schema to this version's; returns how many steps were taken.
///
/// A database that is newer than this binary is refused: an old binary would misread it.
pub async fn run(db: &Db, schema: Schema, now: Timestamp) -> Result<usize> {
    let mut tx = db.begin().await?;
    if tx.engine() == Engine::Postgres {
        // Two nodes that start together take the steps one after the other.
        on_tx!(tx, c => sqlx::query("select pg_advisory_xact_lock(7312891)").execute(c).await.map(drop))?;
    }
    on_tx!(tx, c => sqlx::query(CREATE).execute(c).await.map(drop))?;
    let applied: i64 = on_tx!(tx, c => sqlx::query_scalar("select count(*) from schema_steps where schema_name = $1")
        .bind(schema.name()).fetch_one(c).await)?;
    let applied = usize::try_from(applied).unwrap_or(usize::MAX);
    let steps = schema.steps();
    if applied > steps.len() {
        return Err(StoreError::Unusable(format!(
            "the {} schema is at step {applied}, this version knows {}; start a newer version of sportello",
            schema.name(),
            steps.len()
        )));
    }
    let engine = tx.engine();
    for (step, text) in steps.iter().enumerate().skip(applied) {
        for statement in statements(text, engine) {
            on_tx!(tx, c => sqlx::query(AssertSqlSafe(statement)).execute(c).await.map(drop))?;
        }
        let step = i64::try_from(step).unwrap_or(i64::MAX);
        on_tx!(tx, c => sqlx::query("insert into schema_steps (schema_name, step, applied_at) values ($1, $2, $3)")
            .bind(schema.name()).bind(step).bind(now).execute(c).await.map(drop))?;
    }
    tx.commit().await?;
    Ok(steps.len().saturating_sub(applied))
}

/// How many steps are not yet taken, without taking them.
pub async fn pending(db: &Db, schema: Schema) -> Result<usize> {
    let exists = db.engine().pick(
        "select count(*) from sqlite_master where name = 'schema_steps'",
        "select count(*) from information_schema.tables where table_name = 'schema_steps' and table_schema = current_schema()",
    );
    let exists: i64 = on!(db, c => sqlx::query_scalar(exists).fetch_one(c).await)?;
    if exists == 0 {
        return Ok(schema.steps().len());
    }
    let applied: i64 = on!(db, c => sqlx::query_scalar("select count(*) from schema_steps where schema_name = $1")
        .bind(schema.name()).fetch_one(c).await)?;
    Ok(schema.steps().len().saturating_sub(usize::try_from(applied).unwrap_or(0)))
}

fn statements(text: &str, engine: Engine) -> Vec<String> {
    let text: String =
        text.lines().filter(|line| !line.trim_start().starts_with("--")).collect::<Vec<_>>().join("\n");
    let text = text
        .replace("{bytes}", engine.pick("blob", "bytea"))
        .replace("{rowless}", engine.pick("without rowid", ""))
        .replace("{bytewise}", engine.pick("", "collate \"C\""))
        .replace("{serial}", engine.pick("integer primary key autoincrement", "bigserial primary key"));
    text.split(';').map(str::trim).filter(|s| !s.is_empty()).map(str::to_owned).collect()
}
