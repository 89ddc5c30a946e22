//! Statements that need no answer before the next: they go out together with the first that does, in one round trip.
//! Answers come in the order of the statements, and are waited for in that order.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::task::Poll;

use super::{Session, is_end};
use crate::engine::{Held, Row, Value};
use crate::fault::StoreFault;

/// Statements that wait before they are sent by themselves.
const WAITING_MAX: usize = 1_024;
/// Numbers of new rows asked for at once, at most.
const NUMBERS_MAX: i64 = 1_024;

/// A statement that changes one row and waits to be sent.
pub(crate) struct Waiting {
    statement: tokio_postgres::Statement,
    values: Vec<Held>,
}

/// Numbers of rows that are about to be made, the next one last; they belong to one transaction.
#[derive(Default)]
pub(crate) struct Numbers {
    left: Vec<i64>,
    asked: i64,
}

impl Session {
    /// Begins a transaction.
    pub(crate) fn begin(&self) -> Result<(), StoreFault> {
        self.forget();
        self.run("BEGIN")
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

    /// Changes one row, together with what comes next.
    pub(crate) fn put(&self, sql: &str, values: &[Value<'_>]) -> Result<(), StoreFault> {
        let statement = self.prepare(sql)?;
        let values = values.iter().map(Held::from).collect();
        let mut waiting = self.waiting.borrow_mut();
        waiting.push(Waiting { statement, values });
        let many = waiting.len() >= WAITING_MAX;
        drop(waiting);
        if many { self.flush() } else { Ok(()) }
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
        let statement = self.prepare(&format!(
            "SELECT nextval('{table}_id_seq') AS number FROM generate_series(1, ?1) ORDER BY number DESC"
        ))?;
        let mut rows = self.query(&statement, &[Value::Int(asked)])?;
        let mut left = Vec::new();
        while let Some(row) = rows.next() {
            left.push(Row::Postgres(row).get(0)?);
        }
        let number = left.pop().expect("a series of one or more");
        self.numbers.borrow_mut().insert(table.to_owned(), Numbers { left, asked });
        Ok(number)
    }

    /// Sends what waits and this, and waits for all answers.
    pub(super) fn hear<T>(
        &self,
        answer: impl Future<Output = Result<T, tokio_postgres::Error>>,
    ) -> Result<T, StoreFault> {
        let waiting = self.waiting.take();
        let heard = self.runtime().block_on(self.hear_all(&waiting, answer));
        heard.map_err(|error| match error {
            Some(error) => {
                self.over.set(self.over.get() || is_end(&error));
                error.into()
            }
            None => StoreFault::Unavailable { reason: "somebody else changed the same row".into() },
        })
    }

    /// `Err(None)` when a statement that waited changed other than one row.
    async fn hear_all<T>(
        &self,
        waiting: &[Waiting],
        answer: impl Future<Output = Result<T, tokio_postgres::Error>>,
    ) -> Result<T, Option<tokio_postgres::Error>> {
        let mut sent = Vec::with_capacity(waiting.len());
        for one in waiting {
            let values = one.values.iter().map(Held::value);
            let mut answer = Box::pin(self.client.execute_raw(&one.statement, values));
            let early = begun(answer.as_mut()).await;
            sent.push((answer, early));
        }
        let mut answer = pin!(answer);
        let early = begun(answer.as_mut()).await;
        let mut wrong = None;
        for (answer, early) in sent {
            let changed = match early {
                Some(changed) => changed,
                None => answer.await,
            };
            match changed {
                Ok(1) => {}
                Ok(_) => wrong = wrong.or(Some(None)),
                Err(error) => wrong = wrong.or(Some(Some(error))),
            }
        }
        // What was asked last tells less than what was wrong before.
        let last = match early {
            Some(answer) => answer,
            None => answer.await,
        };
        match wrong {
            Some(wrong) => Err(wrong),
            None => Ok(last?),
        }
    }
}

/// Lets a request go out; its answer, if it was there already.
async fn begun<T>(mut answer: Pin<&mut impl Future<Output = T>>) -> Option<T> {
    poll_fn(|cx| match answer.as_mut().poll(cx) {
        Poll::Ready(answer) => Poll::Ready(Some(answer)),
        Poll::Pending => Poll::Ready(None),
    })
    .await
}
