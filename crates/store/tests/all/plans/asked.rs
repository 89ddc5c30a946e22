//! The databases that explain: empty for SQLite, which plans by the schema alone, filled for PostgreSQL, which looks at what there is.
//! Judges no plan.

use std::collections::HashMap;
use std::io::Write as _;
use std::path::Path;
use std::process::Stdio;
use std::sync::{Mutex, OnceLock};

use crate::stage::Stage;

use crate::plans::filled::fill;

/// Which database.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Engine {
    Sqlite,
    Postgres,
}

/// One that explains, with the present schema.
pub struct Database {
    stage: Stage,
    engine: Engine,
    /// The table and the first column of each index of PostgreSQL.
    indexes: HashMap<String, (String, String)>,
    /// The plans that were asked for before.
    known: Mutex<HashMap<String, Vec<String>>>,
}

impl Engine {
    /// That of a stage.
    pub fn of(stage: &Stage) -> Self {
        if stage.url().is_some() { Self::Postgres } else { Self::Sqlite }
    }
}

impl Database {
    /// The one of this process.
    pub fn of(engine: Engine) -> &'static Self {
        static SQLITE: OnceLock<Database> = OnceLock::new();
        static POSTGRES: OnceLock<Database> = OnceLock::new();
        match engine {
            Engine::Sqlite => SQLITE.get_or_init(|| Self::found(Stage::sqlite(), engine)),
            Engine::Postgres => POSTGRES.get_or_init(|| Self::found(Stage::postgres(), engine)),
        }
    }

    fn found(stage: Stage, engine: Engine) -> Self {
        drop(stage.open());
        let mut indexes = HashMap::new();
        if let Some(url) = stage.url() {
            fill(url);
            for line in cluster::answer(url, INDEXES).lines() {
                let [index, table, column] = line.split('|').collect::<Vec<_>>()[..] else {
                    panic!("{line}")
                };
                indexes.insert(index.to_owned(), (table.to_owned(), column.to_owned()));
            }
        }
        Self { stage, engine, indexes, known: Mutex::default() }
    }

    /// The tables that are read whole by this plan, or an index of theirs.
    pub fn read_whole(&self, sql: &str, plan: &[String]) -> Vec<String> {
        match self.engine {
            Engine::Sqlite => plan.iter().filter_map(|line| scanned(sql, line)).collect(),
            Engine::Postgres => (0..plan.len()).filter_map(|at| self.walked(&plan[at..])).collect(),
        }
    }

    /// The table of the first of these lines, if it is read whole: without an index, or without a condition for what the index is
    /// ordered by.
    fn walked(&self, lines: &[String]) -> Option<String> {
        let node = lines[0].trim_start().trim_start_matches("->").trim_start();
        let node = node.strip_prefix("Parallel ").unwrap_or(node);
        let (kind, place) = node.split_once(" on ")?;
        let name = place.split(' ').next()?;
        let index = match kind.split_once(" using ") {
            Some((kind, index)) if kind.starts_with("Index ") => index,
            None if kind == "Bitmap Index Scan" => name,
            _ => return (kind == "Seq Scan").then(|| name.to_owned()),
        };
        // Those of PostgreSQL's own tables are not among ours.
        let (table, first) = self.indexes.get(index)?;
        let depth = |line: &str| line.len() - line.trim_start().len();
        let below = lines[1..].iter().take_while(|line| depth(line) > depth(&lines[0]));
        let own: Vec<&str> =
            below.map(|line| line.trim_start()).take_while(|line| !line.starts_with("->")).collect();
        let first = format!("({first} ");
        let is_narrow =
            |line: &&str| line.starts_with("Index Cond:") && line.replace('"', "").contains(&first);
        // Texts that are looked through for words, one after another, are no better than a table read whole.
        let is_sieved = |line: &&str| line.starts_with("Filter:") && line.contains(" @@ ");
        (!own.iter().any(is_narrow) || own.iter().any(is_sieved)).then(|| table.clone())
    }

    /// The lines of the plan of each statement.
    pub fn explain(&self, statements: &[String]) -> Vec<Vec<String>> {
        let mut known = self.known.lock().unwrap();
        let new: Vec<&str> =
            statements.iter().map(String::as_str).filter(|sql| !known.contains_key(*sql)).collect();
        let plans = match self.engine {
            Engine::Sqlite => {
                let file = rusqlite::Connection::open(self.stage.file()).unwrap();
                new.iter().map(|sql| explained_by_sqlite(&file, sql)).collect()
            }
            Engine::Postgres => explained_by_postgres(self.stage.url().unwrap(), &new),
        };
        assert_eq!(plans.len(), new.len(), "each has a plan");
        known.extend(new.into_iter().map(str::to_owned).zip(plans));
        statements.iter().map(|sql| known[sql].clone()).collect()
    }
}

/// All migrations.
pub fn migrations() -> &'static str {
    static ALL: OnceLock<String> = OnceLock::new();
    ALL.get_or_init(|| {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations");
        let both = [folder.join("postgres"), folder];
        let files = both.iter().flat_map(|folder| std::fs::read_dir(folder).unwrap());
        let files = files.map(|file| file.unwrap().path()).filter(|file| file.is_file());
        files.map(|file| std::fs::read_to_string(file).unwrap()).collect()
    })
}

fn explained_by_sqlite(file: &rusqlite::Connection, sql: &str) -> Vec<String> {
    let mut statement =
        file.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap_or_else(|error| panic!("{error}: {sql}"));
    // Nothing is bound: the plan is the same whatever the values are.
    let (mut rows, mut lines) = (statement.raw_query(), Vec::new());
    while let Some(row) = rows.next().unwrap() {
        lines.push(row.get(3).unwrap());
    }
    lines
}

fn explained_by_postgres(url: &str, statements: &[&str]) -> Vec<Vec<String>> {
    let mut script = String::from(WAYS);
    for sql in statements {
        let values = vec!["NULL"; values(sql)].join(", ");
        let values = if values.is_empty() { values } else { format!("({values})") };
        script += &format!(
            "\\echo {NEXT}\nPREPARE asked AS {sql};\nEXPLAIN (COSTS OFF) EXECUTE asked{values};\nDEALLOCATE asked;\n"
        );
    }
    let mut psql = cluster::psql();
    psql.args(["-XAtq", "-v", "ON_ERROR_STOP=1", url]);
    let mut psql = psql.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut pipe = psql.stdin.take().unwrap();
    let writing = std::thread::spawn(move || pipe.write_all(script.as_bytes()));
    let said = psql.wait_with_output().unwrap();
    let wrong = String::from_utf8_lossy(&said.stderr);
    assert!(said.status.success(), "{wrong}");
    writing.join().unwrap().unwrap();
    let said = String::from_utf8(said.stdout).unwrap();
    said.split(NEXT).skip(1).map(|plan| plan.lines().skip(1).map(str::to_owned).collect()).collect()
}

/// Plans as they are when values are not looked at, because a prepared statement is soon planned like that; without the ways that pay
/// only as long as tables are as small as these.
const WAYS: &str =
    "SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off; SET enable_hashjoin = off;
    SET enable_mergejoin = off;\n";

/// Stands between two plans.
const NEXT: &str = "-- next --";

/// How many values a statement takes: the highest number behind a `$`.
fn values(sql: &str) -> usize {
    let digits = |rest: &str| rest.chars().take_while(char::is_ascii_digit).collect::<String>();
    sql.split('$').skip(1).filter_map(|rest| digits(rest).parse().ok()).max().unwrap_or(0)
}

/// The table of a line `SCAN x`, or of one that makes an index for this once. What is no table is no matter.
fn scanned(sql: &str, line: &str) -> Option<String> {
    let (what, rest) = line.split_once(' ')?;
    let name = rest.split(' ').next()?;
    let read = match what {
        "SCAN" => !rest.starts_with("CONSTANT") && !name.starts_with('('),
        "SEARCH" => rest.contains(" AUTOMATIC "),
        _ => false,
    };
    let read = read && !rest.contains("-ROW VALUES");
    // A table made of a value, and the index of texts, unless it is asked for nothing.
    let virtual_table = rest.contains(" VIRTUAL TABLE INDEX ") && !rest.ends_with(" VIRTUAL TABLE INDEX 0:");
    (read && !virtual_table).then(|| named(sql, name))
}

/// The table that has this name in a statement.
fn named(sql: &str, name: &str) -> String {
    let words: Vec<&str> = sql
        .split(|c: char| !(c.is_alphanumeric() || c == '_' || c == '\'' || c == '.'))
        .filter(|word| !word.is_empty())
        .collect();
    let table = |at: usize| matches!(words[at], "FROM" | "JOIN" | "UPDATE" | "INTO");
    let found = (1..words.len()).find(|at| {
        table(at - 1)
            && (words.get(at + 1) == Some(&name)
                || (words.get(at + 1) == Some(&"AS") && words.get(at + 2) == Some(&name)))
    });
    found.map_or(name, |at| words[at]).to_owned()
}

/// An index of what is reckoned from a row has no first column.
const INDEXES: &str =
    "SELECT i.indexrelid::regclass, i.indrelid::regclass, coalesce(a.attname, '') FROM pg_index i
    LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
    JOIN pg_class c ON c.oid = i.indexrelid AND c.relnamespace = current_schema()::regnamespace";
