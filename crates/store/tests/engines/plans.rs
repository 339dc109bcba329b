//! No statement that runs beside customers reads a whole table that grows with them.
//!
//! The statements are taken from the sources, SQLite says how it would run each. A statement that is put together
//! from parts is not seen here.

use std::path::Path;

use sqlx::{Row as _, sqlite::SqlitePoolOptions};

use crate::on_each_engine;

/// What does not grow with the customers; a table that is not here counts as one that does.
const SMALL: [&str; 11] = [
    "analysis_runs",
    "api_tokens",
    "article_pictures",
    "flow_pictures",
    "keys",
    "problems",
    "processes",
    "schema_steps",
    "sessions",
    "sqlite_master",
    "users",
];

/// Asked by people or tests, now and then; of the inbox's oldest.
const RARE: [&str; 5] = [
    "select count(*) from attachments where state = 'ready'",
    "select count(*) from jobs where state = $1",
    "select count(*) from jobs where state = 'running' or",
    "select id, received_at from inbox where state = 1 order by id limit 1",
    "update tickets set status = 'solved', solved_at = $1 where number % 2 = 0",
];

#[tokio::test]
async fn statements_find_their_rows_by_an_index() {
    on_each_engine(async |world| {
        if !world.url.starts_with("sqlite") {
            return;
        }
        let pool = SqlitePoolOptions::new().connect(&world.url).await.unwrap();
        let statements = statements(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"));
        let (mut planned, mut slow) = (0, Vec::new());
        for statement in &statements {
            let sql = format!("explain query plan {statement}");
            // What only PostgreSQL understands, and what is of the inbox's own file.
            let Ok(plan) = sqlx::query(sqlx::AssertSqlSafe(sql)).fetch_all(&pool).await else { continue };
            planned += 1;
            let steps: Vec<String> = plan.iter().map(|step| step.get("detail")).collect();
            // A table, or the name that the statement gives it, without `USING` an index.
            let scanned = steps.iter().filter_map(|step| step.strip_prefix("SCAN "));
            let tables = scanned.filter(|name| !name.contains(' ') && !SMALL.contains(name));
            let tables: Vec<&str> = tables.collect();
            if !tables.is_empty() && !RARE.iter().any(|rare| statement.starts_with(rare)) {
                slow.push(format!("{tables:?} in {statement}"));
            }
        }
        assert!(planned > 150, "only {planned} of {} statements were understood", statements.len());
        assert!(slow.is_empty(), "read whole tables; add an index or ask otherwise: {slow:#?}");
    })
    .await;
}

/// Every literal that is a whole statement with a condition.
fn statements(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(statements(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = std::fs::read_to_string(&path).unwrap().replace("\\\"", "'");
            let literals = text.split('"').skip(1).step_by(2).map(|literal| literal.replace("\\\n", " "));
            let starts = ["select ", "update ", "delete ", "insert ", "with "];
            found.extend(literals.filter(|literal| {
                starts.iter().any(|start| literal.starts_with(start))
                    && has_condition(literal)
                    && !literal.contains('{')
            }));
        }
    }
    found
}

/// Of its own, not in parentheses only: the beginning that several statements share has none.
fn has_condition(literal: &str) -> bool {
    let mut depth = 0_i32;
    let is_outside = |c: &char| {
        depth += i32::from(*c == '(') - i32::from(*c == ')');
        depth == 0
    };
    literal.chars().filter(is_outside).collect::<String>().contains(" where ")
}
