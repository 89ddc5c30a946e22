//! Lists in pages: how long one is, and where the next begins.
//! Knows nothing of what is listed but an order of texts.

use serde_json::Value;

use crate::error::AdminError;
use crate::operation::Operation;
use crate::spec::Spec;

/// The field that says where a list goes on.
const CURSOR: &str = "cursor";

/// Rows of a list when nothing else is asked (ours: a page that a program reads in one go).
pub const PAGE: usize = 1_000;
/// Most rows of one list (ours: an answer of some megabytes).
pub const PAGE_MAX: usize = 10_000;

/// A cursor as it is given away: it names its list, so that no list goes on from a place in another.
pub(crate) fn given(operation: &Operation, cursor: &str) -> String {
    mark(Spec::of(operation)) + cursor
}

/// The operation with the cursor as its list knows it.
pub(crate) fn received(operation: Operation) -> Result<Operation, AdminError> {
    let spec = Spec::of(&operation);
    if spec.field(CURSOR).is_none() {
        return Ok(operation);
    }
    let mut fields = serde_json::to_value(&operation).expect("an operation is plain values");
    let Some(Value::String(cursor)) = fields.get_mut(CURSOR) else { return Ok(operation) };
    *cursor = cursor.strip_prefix(&mark(spec)).ok_or_else(no_cursor)?.to_owned();
    Ok(serde_json::from_value(fields).expect("it was an operation before"))
}

fn mark(spec: &Spec) -> String {
    spec.said().replace(' ', "-") + "."
}

/// Cuts a page out of rows that are sorted by `key`, whose values are all different; returns where the next begins.
pub(crate) fn cut<T>(
    mut rows: Vec<T>,
    limit: Option<u32>,
    cursor: Option<&str>,
    key: impl Fn(&T) -> String,
) -> Result<(Vec<T>, Option<String>), AdminError> {
    let (limit, last) = begin(limit, cursor)?;
    if !last.is_empty() {
        rows.retain(|row| key(row) > last);
    }
    let next = end(&mut rows, limit, key);
    Ok((rows, next))
}

/// How many rows a page has at most.
pub(crate) fn limit(asked: Option<u32>) -> usize {
    asked.map_or(PAGE, |limit| usize::try_from(limit).unwrap_or(PAGE_MAX)).min(PAGE_MAX)
}

/// How many rows are asked for, and the key of the last row before them: empty at the beginning of the list.
pub(crate) fn begin(asked: Option<u32>, cursor: Option<&str>) -> Result<(usize, String), AdminError> {
    Ok((limit(asked), cursor.map(opened).transpose()?.unwrap_or_default()))
}

/// Ends a page for which one row more was read than it has, if there is one; returns where the next begins.
pub(crate) fn end<T>(rows: &mut Vec<T>, limit: usize, key: impl Fn(&T) -> String) -> Option<String> {
    let more = rows.len() > limit && limit > 0;
    rows.truncate(limit);
    rows.last().filter(|_| more).map(|last| closed(&key(last)))
}

/// A key as a cursor.
pub(crate) fn closed(key: &str) -> String {
    key.bytes().map(|octet| format!("{octet:02x}")).collect()
}

/// The key in a cursor.
pub(crate) fn opened(cursor: &str) -> Result<String, AdminError> {
    read(cursor).ok_or_else(no_cursor)
}

/// What to say of a cursor that this list did not give.
pub(crate) fn no_cursor() -> AdminError {
    AdminError::invalid(
        "cursor",
        "this is no cursor of this list: give the `next` of the list before, as it was",
    )
}

fn read(cursor: &str) -> Option<String> {
    let digits: Option<Vec<u8>> =
        cursor.chars().map(|digit| digit.to_digit(16).and_then(|value| u8::try_from(value).ok())).collect();
    let digits = digits.filter(|digits| digits.len() % 2 == 0)?;
    String::from_utf8(digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect()).ok()
}
