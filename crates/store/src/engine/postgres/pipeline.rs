//! Statements that need no answer before the next: they go out together with the first that does, in one round trip.
//! Answers come in the order of the statements, and are waited for in that order.

use std::collections::HashMap;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;

use tokio_postgres::Statement;
use tokio_postgres::types::{ToSql, Type};

use super::{Sent, Session, is_end};
use crate::engine::{Held, Question, Row, Value};
use crate::fault::StoreFault;

/// Statements that wait before they are sent by themselves; a full batch has about half as many.
const WAITING_MAX: usize = 16_384;
/// Numbers of new rows asked for at once, at most.
const NUMBERS_MAX: i64 = 1_024;

/// A statement that waits to be sent.
pub(crate) struct Waiting {
    sql: String,
    statement: Statement,
    values: Vec<Held>,
    /// It changes exactly one row; otherwise it only holds something.
    changes: bool,
}

/// Numbers of rows that are about to be made, the next one last; they belong to one transaction.
#[derive(Default)]
pub(crate) struct Numbers {
    left: Vec<i64>,
    asked: i64,
}

impl Session {
    /// Begins a transaction, together with what comes next.
    pub(crate) fn begin(&self) -> Result<(), StoreFault> {
        self.forget();
        self.hold("BEGIN", &[])
    }

    /// Forgets what waits and which numbers are left.
    pub(super) fn forget(&self) {
        self.waiting.borrow_mut().clear();
        self.numbers.borrow_mut().clear();
    }

    /// Sends what waits, and hears what became of it.
    pub(super) fn flush(&self) -> Result<(), StoreFault> {
        if self.waiting.borrow().is_empty() { Ok(()) } else { self.hear(async { Ok(()) }) }
    }

    /// Changes one row, together with what comes next and in no certain order among others of its kind.
    pub(crate) fn put(&self, sql: &str, values: &[Value<'_>]) -> Result<(), StoreFault> {
        self.wait(sql, values, true)
    }

    /// Begins or holds something, together with what comes next.
    pub(crate) fn hold(&self, sql: &str, values: &[Value<'_>]) -> Result<(), StoreFault> {
        self.wait(sql, values, false)
    }

    fn wait(&self, sql: &str, values: &[Value<'_>], changes: bool) -> Result<(), StoreFault> {
        let statement = self.prepare(sql)?;
        let values = values.iter().map(Held::from).collect();
        let mut waiting = self.waiting.borrow_mut();
        waiting.push(Waiting { sql: sql.to_owned(), statement, values, changes });
        let many = waiting.len() >= WAITING_MAX;
        drop(waiting);
        if many { self.flush() } else { Ok(()) }
    }

    /// Asks several questions in one round trip, each of which sees what the ones before it have waited for.
    pub(crate) fn together(&self, questions: &[Question<'_>]) -> Result<Vec<Sent>, StoreFault> {
        let mut statements = Vec::with_capacity(questions.len());
        for (sql, _) in questions {
            statements.push(self.prepare(sql)?);
        }
        let values: Vec<Vec<&(dyn ToSql + Sync)>> = questions
            .iter()
            .map(|(_, values)| values.iter().map(|value| value as &(dyn ToSql + Sync)).collect())
            .collect();
        self.hear(async {
            let mut asked = Vec::with_capacity(questions.len());
            for (statement, values) in statements.iter().zip(&values) {
                asked.push(Begun::of(self.client.query(statement, values)).await);
            }
            let mut all = Vec::with_capacity(questions.len());
            for answer in asked {
                all.push(Sent::of(answer.end().await?));
            }
            Ok(all)
        })
    }

    /// Inserts a row together with what comes next, under a number that is known before.
    pub(crate) fn put_new(&self, sql: &str, values: &[Value<'_>]) -> Result<i64, StoreFault> {
        let table = sql.split(' ').nth(2).expect("INSERT INTO and a table");
        let number = self.next_number(table)?;
        let mut all = values.to_vec();
        all.push(Value::Int(number));
        let inner = sql.trim_end_matches(')').replacen(") VALUES (", ", id) VALUES (", 1);
        self.put(&format!("{inner}, ?{})", all.len()), &all)?;
        Ok(number)
    }

    /// The number of the next row of a table. The first of a transaction is asked for alone, later ones by more and more.
    fn next_number(&self, table: &str) -> Result<i64, StoreFault> {
        if let Some(number) = self.numbers.borrow_mut().get_mut(table).and_then(|numbers| numbers.left.pop())
        {
            return Ok(number);
        }
        let asked =
            self.numbers.borrow().get(table).map_or(1, |numbers| (2 * numbers.asked).min(NUMBERS_MAX));
        let statement = self.prepare(&numbering(table))?;
        let sent = self.query(&statement, &[Value::Int(asked)])?;
        self.keep_numbers(table, sent, asked)?;
        let mut numbers = self.numbers.borrow_mut();
        let left = numbers.get_mut(table).map(|numbers| &mut numbers.left);
        Ok(left.and_then(Vec::pop).expect("a series of one or more"))
    }

    /// Numbers for so many rows of tables that are about to be filled, so that none has to be asked for later.
    pub(crate) fn number_ahead(&self, tables: &[&str], count: i64) -> Result<(), StoreFault> {
        let sql = tables.iter().map(|table| numbering(table)).collect::<Vec<_>>();
        let count = [Value::Int(count.clamp(1, NUMBERS_MAX))];
        let questions: Vec<Question<'_>> = sql.iter().map(|sql| (sql.as_str(), count.as_slice())).collect();
        for (table, sent) in tables.iter().zip(self.together(&questions)?) {
            self.keep_numbers(table, sent, NUMBERS_MAX)?;
        }
        Ok(())
    }

    fn keep_numbers(&self, table: &str, mut sent: Sent, asked: i64) -> Result<(), StoreFault> {
        let mut left = Vec::new();
        while let Some(row) = sent.next() {
            left.push(Row::Postgres(row).get(0)?);
        }
        self.numbers.borrow_mut().insert(table.to_owned(), Numbers { left, asked });
        Ok(())
    }

    /// Sends what waits and this, and waits for all answers.
    pub(super) fn hear<T>(
        &self,
        answer: impl Future<Output = Result<T, tokio_postgres::Error>>,
    ) -> Result<T, StoreFault> {
        let waiting = self.waiting.take();
        let heard = self.gather(&waiting).and_then(|going| {
            self.runtime().block_on(self.hear_all(&going, answer)).map_err(|error| match error {
                Some(error) => self.said(error),
                None => StoreFault::Busy,
            })
        });
        heard.inspect_err(|_| self.forget())
    }

    /// What an error means, and whether the session is over with it.
    pub(super) fn said(&self, error: tokio_postgres::Error) -> StoreFault {
        self.over.set(self.over.get() || is_end(&error));
        error.into()
    }

    /// Puts rows that go into the same table in the same way into one statement.
    fn gather<'w>(&self, waiting: &'w [Waiting]) -> Result<Vec<Going<'w>>, StoreFault> {
        let mut going: Vec<Going<'w>> = Vec::new();
        let mut kinds: HashMap<&'w str, usize> = HashMap::new();
        for one in waiting {
            if let Some(kind) = kinds.get(one.sql.as_str()) {
                going[*kind].rows.push(&one.values);
                continue;
            }
            if one.changes && gathered(&one.sql, one.statement.params()).is_some() {
                kinds.insert(&one.sql, going.len());
            }
            let (statement, changes) = (one.statement.clone(), one.changes);
            going.push(Going { sql: &one.sql, statement, rows: vec![&one.values], changes });
        }
        for several in going.iter_mut().filter(|going| going.rows.len() > 1) {
            let sql = gathered(several.sql, several.statement.params()).expect("it was looked at above");
            several.statement = self.prepare_alone(&sql)?;
        }
        Ok(going)
    }

    /// `Err(None)` when a statement that waited changed other than its rows: somebody else did.
    async fn hear_all<T>(
        &self,
        going: &[Going<'_>],
        answer: impl Future<Output = Result<T, tokio_postgres::Error>>,
    ) -> Result<T, Option<tokio_postgres::Error>> {
        let mut sent = Vec::with_capacity(going.len());
        for one in going {
            sent.push(Begun::of(one.execute(&self.client)).await);
        }
        let last = Begun::of(answer).await;
        let mut wrong = None;
        for (one, changed) in going.iter().zip(sent) {
            match changed.end().await {
                Ok(rows) if !one.changes || rows == one.rows.len() as u64 => {}
                Ok(_) => wrong = wrong.or(Some(None)),
                Err(error) => wrong = wrong.or(Some(Some(error))),
            }
        }
        let last = last.end().await;
        // What was asked last tells less than what was wrong before.
        match wrong {
            Some(wrong) => Err(wrong),
            None => Ok(last?),
        }
    }
}

/// Rows that go out in one statement.
struct Going<'w> {
    sql: &'w str,
    statement: Statement,
    rows: Vec<&'w Vec<Held>>,
    /// Each row changes exactly one.
    changes: bool,
}

impl Going<'_> {
    async fn execute(&self, client: &tokio_postgres::Client) -> Result<u64, tokio_postgres::Error> {
        if let [only] = self.rows.as_slice() {
            return client.execute_raw(&self.statement, only.iter().map(Held::value)).await;
        }
        let column = |column: usize| self.rows.iter().map(move |row| row[column].value()).collect::<Vec<_>>();
        client.execute_raw(&self.statement, (0..self.rows[0].len()).map(column)).await
    }
}

/// The statement that does for arrays of values what this one does for one value each, if it is of such a kind.
fn gathered(sql: &str, types: &[Type]) -> Option<String> {
    let names: Vec<&str> = types.iter().map(array_of).collect::<Option<_>>()?;
    let arrays: Vec<String> =
        names.iter().zip(1..).map(|(name, n)| format!("CAST(?{n} AS {name})")).collect();
    let columns: Vec<String> = (1..=types.len()).map(|n| format!("v{n}")).collect();
    let given = format!("FROM unnest({}) AS given ({})", arrays.join(", "), columns.join(", "));
    let inner = sql.replace('?', "given.v");
    if inner.contains(" ON CONFLICT ") {
        None
    } else if let Some((into, values)) = inner.split_once(" VALUES (") {
        Some(format!("{into} SELECT {} {given}", values.strip_suffix(')')?))
    } else if let Some((set, wanted)) = inner.split_once(" WHERE ") {
        set.starts_with("UPDATE ").then(|| format!("{set} {given} WHERE {wanted}"))
    } else {
        None
    }
}

fn array_of(of: &Type) -> Option<&'static str> {
    match *of {
        Type::INT8 => Some("BIGINT[]"),
        Type::TEXT => Some("TEXT[]"),
        Type::BYTEA => Some("BYTEA[]"),
        _ => None,
    }
}

/// Asks for numbers of new rows of a table.
fn numbering(table: &str) -> String {
    format!("SELECT nextval('{table}_id_seq') AS number FROM generate_series(1, ?1) ORDER BY number DESC")
}

/// A request that has gone out.
struct Begun<F: Future> {
    request: Pin<Box<F>>,
    /// Its answer, if it was there already.
    early: Option<F::Output>,
}

impl<F: Future> Begun<F> {
    /// Lets a request go out.
    async fn of(request: F) -> Self {
        let mut request = Box::pin(request);
        let early = poll_fn(|cx| match request.as_mut().poll(cx) {
            Poll::Ready(answer) => Poll::Ready(Some(answer)),
            Poll::Pending => Poll::Ready(None),
        })
        .await;
        Self { request, early }
    }

    /// Waits for the answer.
    async fn end(self) -> F::Output {
        match self.early {
            Some(answer) => answer,
            None => self.request.await,
        }
    }
}
