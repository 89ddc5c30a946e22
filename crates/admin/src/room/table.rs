//! A table of rooms as text (CSV, RFC 4180): its columns and its lines, each with the number of the line it begins in.
//! Knows how each cell is written; whether what it names exists is found out in `import.rs`.

use csv::{ReaderBuilder, StringRecord, Trim};

use crate::error::AdminError;
use crate::operation::{RoomInvitations, RoomPrivacy, RoomType};

/// Largest table in octets (ours: three times the largest organisation that is planned for).
const TABLE_BYTES_MAX: usize = 64 << 20;
/// Most lines of one table (ours: as above).
const LINES_MAX: usize = 100_000;
/// What separates principals in a cell.
const SEPARATOR: char = ';';

/// The columns there may be; the first two must be.
const COLUMNS: [&str; 11] = [
    "name",
    "category",
    "description",
    "privacy",
    "type",
    "invitations",
    "addIn",
    "disabled",
    "members",
    "managers",
    "presenters",
];

/// A line, with what of it can be read.
#[derive(Clone, Debug, Default)]
pub(super) struct Line {
    /// Where it begins; the columns are named in line 1.
    pub(super) line: u64,
    pub(super) name: String,
    pub(super) category: String,
    pub(super) description: String,
    pub(super) privacy: Option<RoomPrivacy>,
    pub(super) kind: Option<RoomType>,
    pub(super) invitations: Option<RoomInvitations>,
    pub(super) add_in: Option<String>,
    pub(super) disabled: Option<bool>,
    pub(super) members: Vec<String>,
    pub(super) managers: Vec<String>,
    pub(super) presenters: Vec<String>,
    /// Which columns the table has, a bit each in their order.
    columns: u16,
    /// What is wrong with the cells themselves.
    pub(super) bad: Vec<Bad>,
}

/// What is wrong in a line.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Bad {
    /// The column; empty when it is the line as a whole.
    pub(super) column: String,
    /// What is wrong and what to do.
    pub(super) message: String,
}

impl Line {
    /// Whether the table has a column. One it does not have says nothing about a room that is there.
    pub(super) fn has(&self, column: &str) -> bool {
        COLUMNS.iter().position(|known| *known == column).is_some_and(|at| self.columns & (1 << at) != 0)
    }

    /// Every principal the line names.
    pub(super) fn principals(&self) -> impl Iterator<Item = &str> {
        self.members.iter().chain(&self.managers).chain(&self.presenters).map(String::as_str)
    }
}

/// Reads the table; what is wrong in one line is said there.
pub(super) fn read(text: &str) -> Result<Vec<Line>, AdminError> {
    if text.len() > TABLE_BYTES_MAX {
        return Err(unreadable(format!(
            "the table has {} octets, at most {TABLE_BYTES_MAX} are allowed: import it in several parts",
            text.len()
        )));
    }
    // Spreadsheets mark the beginning of a text in UTF-8.
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    let mut reader = ReaderBuilder::new().flexible(true).trim(Trim::All).from_reader(text.as_bytes());
    let columns = reader.headers().map_err(unreadable)?.clone();
    if columns.len() == 1
        && let Some(name) = columns.iter().flat_map(str::chars).find_map(separator)
    {
        return Err(unreadable(format!(
            "the columns are separated by {name}, and must be by commas: save the table as CSV with commas (a semicolon separates the \
             principals in one cell)"
        )));
    }
    let columns = columns.iter().map(column).collect::<Result<Vec<_>, _>>()?;
    for (at, name) in COLUMNS.iter().enumerate() {
        let count = columns.iter().filter(|column| **column == at).count();
        if count > 1 {
            return Err(unreadable(format!("the column {name} is there twice: leave one of them out")));
        }
        if count == 0 && at < 2 {
            return Err(unreadable(format!(
                "the column {name} is missing: the first line names the columns, and name and category must be there"
            )));
        }
    }
    let (mut lines, mut record) = (Vec::new(), StringRecord::new());
    while reader.read_record(&mut record).map_err(unreadable)? {
        if lines.len() == LINES_MAX {
            return Err(unreadable(format!(
                "the table has more than {LINES_MAX} rooms: import it in several parts"
            )));
        }
        lines.push(line(&columns, &record, begins(text, &record)));
    }
    Ok(lines)
}

fn unreadable(why: impl std::fmt::Display) -> AdminError {
    AdminError::invalid("rows", why)
}

/// The number of a column of this name.
fn column(name: &str) -> Result<usize, AdminError> {
    let plain = |name: &str| name.replace(['-', '_', ' '], "").to_ascii_lowercase();
    let found = COLUMNS.iter().position(|known| plain(known) == plain(name));
    found.ok_or_else(|| {
        unreadable(format!(
            "there is no column '{name}': there is {} (as many as wanted)",
            COLUMNS.join(", ")
        ))
    })
}

/// What separates columns in other tables.
fn separator(sign: char) -> Option<&'static str> {
    match sign {
        ';' => Some("semicolons"),
        '\t' => Some("tabs"),
        _ => None,
    }
}

/// The number of the line a record begins in: the reader counts from the end of the record before, which may be followed by the
/// second half of its line's end and by empty lines.
fn begins(text: &str, record: &StringRecord) -> u64 {
    let Some(position) = record.position() else { return 0 };
    let rest =
        usize::try_from(position.byte()).ok().and_then(|at| text.as_bytes().get(at..)).unwrap_or_default();
    let skipped = rest.iter().take_while(|octet| matches!(octet, b'\r' | b'\n'));
    skipped.filter(|octet| **octet == b'\n').fold(position.line(), |line, _| line + 1)
}

fn line(columns: &[usize], record: &StringRecord, begins: u64) -> Line {
    let given = columns.iter().fold(0, |given, at| given | 1 << at);
    let mut line = Line { line: begins, columns: given, ..Line::default() };
    if record.len() != columns.len() {
        let message = format!(
            "the line has {} cells, but {} columns are named: quote cells that hold commas",
            record.len(),
            columns.len()
        );
        line.bad.push(Bad { column: String::new(), message });
    }
    for (column, cell) in columns.iter().zip(record) {
        let name = COLUMNS[*column];
        let mut bad = Vec::new();
        match name {
            "name" => line.name = cell.to_owned(),
            "category" => line.category = cell.to_owned(),
            "description" => line.description = cell.to_owned(),
            "privacy" => line.privacy = word(name, cell, &PRIVACY, &mut bad),
            "type" => line.kind = word(name, cell, &TYPES, &mut bad),
            "invitations" => line.invitations = word(name, cell, &INVITATIONS, &mut bad),
            "addIn" => line.add_in = Some(cell.to_owned()).filter(|cell| !cell.is_empty()),
            "disabled" => line.disabled = word(name, cell, &FLAGS, &mut bad),
            "members" => line.members = list(cell),
            "managers" => line.managers = list(cell),
            "presenters" => line.presenters = list(cell),
            other => unreachable!("there is no column {other}"),
        }
        line.bad.append(&mut bad);
    }
    line
}

const PRIVACY: [(&str, RoomPrivacy); 3] =
    [("open", RoomPrivacy::Open), ("closed", RoomPrivacy::Closed), ("secret", RoomPrivacy::Secret)];
const TYPES: [(&str, RoomType); 2] = [("normal", RoomType::Normal), ("auditorium", RoomType::Auditorium)];
const INVITATIONS: [(&str, RoomInvitations); 2] =
    [("inherit", RoomInvitations::Inherit), ("false", RoomInvitations::False)];
const FLAGS: [(&str, bool); 2] = [("true", true), ("false", false)];

/// The value of a word, in any case; none for an empty cell.
fn word<T: Copy>(column: &str, cell: &str, words: &[(&str, T)], bad: &mut Vec<Bad>) -> Option<T> {
    if cell.is_empty() {
        return None;
    }
    let found = words.iter().find(|(word, _)| word.eq_ignore_ascii_case(cell)).map(|(_, value)| *value);
    if found.is_none() {
        let all: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        let message = format!("{column} cannot be '{cell}': write {}, or nothing", all.join(", "));
        bad.push(Bad { column: column.to_owned(), message });
    }
    found
}

fn list(cell: &str) -> Vec<String> {
    cell.split(SEPARATOR).map(str::trim).filter(|one| !one.is_empty()).map(str::to_owned).collect()
}
