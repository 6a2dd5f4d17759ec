//! How a database would run a statement, and what is wrong with that.

use encircle::db::Db;
use sea_orm::{ConnectionTrait, DbBackend, Statement};
use serde_json::Value;

/// The plan of one statement.
#[derive(Debug)]
pub struct Plan {
    pub text: String,
    /// SQLite's lines of `EXPLAIN QUERY PLAN`; PostgreSQL's nodes, each with its index and condition.
    steps: Vec<String>,
}

/// Tells the database how many rows there are, and what is in them.
pub async fn analyze(db: &Db) {
    db.connection().execute_unprepared("ANALYZE").await.expect("it is analysed");
}

/// Plans a statement as the read door has it planned: once, whatever is bound to it. So nothing is bound here.
pub async fn plan(db: &Db, text: String) -> Plan {
    match db.connection().get_database_backend() {
        DbBackend::Sqlite => sqlite(db, text).await,
        _ => postgres(db, text).await,
    }
}

async fn sqlite(db: &Db, text: String) -> Plan {
    // SeaORM's connection does not know `rarray`, which the read door's statements use.
    let list = Statement::from_string(DbBackend::Sqlite, "PRAGMA database_list");
    let row = db.connection().query_one_raw(list).await.expect("it is read").expect("there is a file");
    let file: String = row.try_get("", "file").expect("it has a path");
    let connection = rusqlite::Connection::open(file).expect("it opens");
    rusqlite::vtab::array::load_module(&connection).expect("it has arrays");
    let stable = rusqlite::config::DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG;
    connection.set_db_config(stable, true).expect("it plans once");
    let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {text}")).expect("it is planned");
    let steps = statement.raw_query().mapped(|row| row.get("detail")).collect::<Result<_, _>>();
    Plan { steps: steps.expect("it is explained"), text }
}

async fn postgres(db: &Db, text: String) -> Plan {
    let values = (1..).take_while(|place| text.contains(&format!("${place}"))).map(|_| "NULL");
    let values = values.collect::<Vec<_>>().join(", ");
    let execute = if values.is_empty() { "explained".to_owned() } else { format!("explained({values})") };
    let transaction = db.begin().await.expect("a transaction begins");
    for statement in [
        "SET LOCAL plan_cache_mode = force_generic_plan".to_owned(),
        // Sorting the few rows of one parent can be the cheaper way. What is asked here is whether the rows
        // could come in order: then there is no sort in the plan.
        "SET LOCAL enable_sort = off".to_owned(),
        format!("PREPARE explained AS {text}"),
    ] {
        transaction.execute_unprepared(&statement).await.expect("it is prepared");
    }
    let explain = format!("EXPLAIN (FORMAT JSON) EXECUTE {execute}");
    let explain = Statement::from_string(DbBackend::Postgres, explain);
    let row = transaction.query_one_raw(explain).await.expect("it is explained").expect("there is a plan");
    let tree: Value = row.try_get_by_index(0).expect("it is JSON");
    // A rollback keeps what was prepared.
    transaction.execute_unprepared("DEALLOCATE explained").await.expect("it is forgotten");
    let mut steps = Vec::new();
    note(&tree[0]["Plan"], &mut steps);
    Plan { steps, text }
}

/// Writes down a node of PostgreSQL's plan and those below it.
fn note(node: &Value, steps: &mut Vec<String>) {
    let keys = ["Node Type", "Relation Name", "Index Name", "Index Cond", "Filter"];
    let parts: Vec<&str> = keys.iter().filter_map(|key| node[key].as_str()).collect();
    steps.push(parts.join(" "));
    node["Plans"].as_array().into_iter().flatten().for_each(|below| note(below, steps));
}

impl Plan {
    /// What is wrong with it: rows are sorted, or a table is read without an index.
    pub fn fault(&self) -> Option<&str> {
        let is_wrong = |step: &&String| {
            // SQLite calls the table `t`; `parent` is the list that is bound to the statement.
            let is_whole = step.starts_with("SCAN t") && !step.contains(" INDEX ");
            let sorts = ["Sort", "Incremental Sort"].iter().any(|kind| step.starts_with(kind));
            is_whole || step.contains("TEMP B-TREE") || sorts || step.starts_with("Seq Scan")
        };
        self.steps.iter().find(is_wrong).map(String::as_str)
    }

    /// Whether it reads an index of this name.
    pub fn reads(&self, index: &str) -> bool {
        self.steps.iter().any(|step| step.split_whitespace().any(|word| word == index))
    }
}
