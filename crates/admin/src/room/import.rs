//! Rooms made from a table: all of it is examined, beside itself and beside what is there, and then written in chunks.
//! How the table is written is `table.rs`; who may be what in a room is said by `chat` (`rule.rs`).

use std::collections::{HashMap, HashSet};

use chat::{Category, Description, Principal, Room, RoomId, RoomRoles, RoomValues, folded};
use serde_json::json;
use store::{Node, RowChange};

use super::draft::{draft_of, unmade};
use super::table::{self, Bad, Line};
use super::{check, object, view};
use crate::add_in::AddIns;
use crate::category;
use crate::changes::Work;
use crate::errand::Errand;
use crate::error::AdminError;
use crate::operation::RoomImport;
use crate::outcome::{Changed, Outcome, Rows};
use crate::principal::People;
use crate::value::ListChange;
use crate::view::{ImportResult, ImportedRoomView};

/// Rooms examined together, and made in one transaction (design of the journals: chunks of 500).
const CHUNK: usize = 500;
/// How often a chunk is examined anew when what it was examined beside has changed meanwhile (ours: as operations are).
const TRIES: usize = 16;
/// Lines that a refusal names (ours: a screen or two); a dry run lists all of them.
const NAMED_MAX: usize = 50;

/// What becomes of a line.
enum Verdict {
    /// A room is made, examined under these rules of its category.
    New(Box<RoomValues>, u64),
    /// It is there with the same values.
    There,
    /// It cannot be made.
    Bad(Vec<Bad>),
}

pub(crate) async fn import(errand: &Errand<'_>, asked: &RoomImport) -> Result<Outcome, AdminError> {
    let mut lines = table::read(&asked.rows)?;
    find_twins(&mut lines);
    let mut known = Known::new(errand).await?;
    let mut verdicts = Vec::with_capacity(lines.len());
    for chunk in lines.chunks(CHUNK) {
        verdicts.extend(known.examine(errand, chunk).await?);
    }
    let bad = verdicts.iter().filter(|verdict| matches!(verdict, Verdict::Bad(_))).count();
    let whole = bad == 0 || asked.skip_bad;
    if !whole && !errand.dry_run {
        return Err(refused(&lines, &verdicts, bad));
    }
    let mut report = Report::default();
    if !whole {
        report.warnings.push(format!(
            "{bad} of {} lines cannot be imported, so nothing would be: mend them, or leave them out with --skip-bad",
            lines.len()
        ));
    }
    let mut operation = None;
    let mut verdicts = verdicts.into_iter();
    for chunk in lines.chunks(CHUNK) {
        let mut found: Vec<Verdict> = verdicts.by_ref().take(chunk.len()).collect();
        if !errand.dry_run {
            let done = written(errand, &mut known, chunk, found, operation).await;
            (found, operation) = done.map_err(|error| interrupted(error, &report))?;
        }
        report.take(&known, chunk, &found, whole);
    }
    Ok(report.outcome())
}

/// A name that stands in two lines can be meant only once.
fn find_twins(lines: &mut [Line]) {
    let mut seen: HashMap<String, u64> = HashMap::new();
    for line in lines {
        let name = folded(&line.name);
        match seen.get(&name) {
            Some(first) if !name.is_empty() => {
                let message =
                    format!("the name '{}' stands in line {first} already: leave one of them out", line.name);
                line.bad.push(Bad { column: "name".into(), message });
            }
            _ => drop(seen.insert(name, line.line)),
        }
    }
}

/// The refusal of the whole table, naming its bad lines.
fn refused(lines: &[Line], verdicts: &[Verdict], bad: usize) -> AdminError {
    let mut message = format!("{bad} of {} lines cannot be imported, so nothing was:", lines.len());
    let wrong = lines.iter().zip(verdicts).filter_map(|(line, verdict)| match verdict {
        Verdict::Bad(bad) => Some(bad.iter().map(|bad| (line.line, bad))),
        _ => None,
    });
    for (line, Bad { column, message: why }) in wrong.flatten().take(NAMED_MAX) {
        let place = if column.is_empty() { String::new() } else { format!(", {column}") };
        message.push_str(&format!("\nline {line}{place}: {why}"));
    }
    message.push_str("\nA dry run lists all of them; --skip-bad imports the others.");
    AdminError::rule("rows", message)
}

fn interrupted(error: AdminError, report: &Report) -> AdminError {
    let made = report.made;
    error.told(|why| format!("{why} ({made} rooms were made; ask for the same again to go on with the rest)"))
}

/// Makes the rooms of a chunk in one transaction. When what they were examined beside has changed meanwhile they are examined
/// anew; what is found bad only then is left out, because what came before it is made already.
async fn written(
    errand: &Errand<'_>,
    known: &mut Known,
    lines: &[Line],
    mut verdicts: Vec<Verdict>,
    operation: Option<u64>,
) -> Result<(Vec<Verdict>, Option<u64>), AdminError> {
    for _ in 0..TRIES {
        let (rows, changes) = known.rows(errand, &verdicts);
        if rows.is_empty() {
            return Ok((verdicts, operation));
        }
        match errand.write_told(&changes, rows, operation).await {
            Ok(done) => return Ok((verdicts, Some(done.operation))),
            Err(AdminError::Stale(_) | AdminError::NotFound(_) | AdminError::Duplicate { .. }) => {}
            Err(error) => return Err(error),
        }
        let mut fresh = Known::new(errand).await?;
        verdicts = fresh.examine(errand, lines).await?;
        known.adopt(fresh);
    }
    Err(AdminError::Limit("rooms and categories change faster than this can follow".into()))
}

/// What lines are examined beside; read once each.
struct Known {
    people: People,
    texts: HashSet<String>,
    categories: HashMap<String, Option<Category>>,
    add_ins: AddIns,
}

impl Known {
    async fn new(errand: &Errand<'_>) -> Result<Self, AdminError> {
        Ok(Self {
            people: People::default(),
            texts: HashSet::new(),
            categories: HashMap::new(),
            add_ins: AddIns::read(errand.store).await?,
        })
    }

    /// Takes what was read later in the place of what was read before.
    fn adopt(&mut self, later: Self) {
        self.people.adopt(later.people);
        self.texts.extend(later.texts);
        self.categories.extend(later.categories);
        self.add_ins = later.add_ins;
    }

    async fn examine(&mut self, errand: &Errand<'_>, lines: &[Line]) -> Result<Vec<Verdict>, AdminError> {
        let store = errand.store;
        for line in lines {
            let name = line.category.as_str();
            if !self.categories.contains_key(name) {
                let found = errand.category(name).await?;
                let listed: Vec<&Principal> = found.iter().flat_map(category::principals).collect();
                self.people.learn(store, [], listed).await?;
                self.categories.insert(name.to_owned(), found);
            }
        }
        let mut new = Vec::new();
        for text in lines.iter().flat_map(Line::principals) {
            if self.texts.insert(text.to_owned()) {
                new.push(text.to_owned());
            }
        }
        self.people.learn(store, new.iter().map(String::as_str), []).await?;
        let named = store.nodes_named(lines.iter().map(|line| folded(&line.name)).collect()).await?;
        let rooms = named.values().filter_map(|node| match node {
            Node::Room(id) => Some(*id),
            Node::Category(_) => None,
        });
        let rooms = store.rooms_of(rooms.collect()).await?;
        let rooms: HashMap<RoomId, Room> = rooms.into_iter().map(|room| (room.id, room)).collect();
        Ok(lines.iter().map(|line| self.verdict(errand, line, &named, &rooms)).collect())
    }

    fn verdict(
        &self,
        errand: &Errand<'_>,
        line: &Line,
        named: &HashMap<String, Node>,
        rooms: &HashMap<RoomId, Room>,
    ) -> Verdict {
        let mut bad = line.bad.clone();
        let values = self.values(errand, line, &mut bad);
        let Some(values) = values.filter(|_| bad.is_empty()) else { return Verdict::Bad(bad) };
        let under = self.home(&values).map_or(0, |home| home.rules);
        let taken = |message: String| Verdict::Bad(vec![Bad { column: "name".into(), message }]);
        match named.get(&values.name.folded()) {
            None => Verdict::New(Box::new(values), under),
            Some(Node::Category(_)) => {
                taken(format!("'{}' is the name of a category: choose another", values.name))
            }
            Some(Node::Room(id)) => match rooms.get(id).map(|room| differing(room, &values, line)) {
                Some(differing) if differing.is_empty() => Verdict::There,
                Some(differing) => taken(format!(
                    "the room '{}' is there already with another {}: change it with `causerie room set`, or leave the line out",
                    values.name,
                    differing.join(", ")
                )),
                None => Verdict::New(Box::new(values), under),
            },
        }
    }

    /// The room a line makes; what is wrong is added to `bad`.
    fn values(&self, errand: &Errand<'_>, line: &Line, bad: &mut Vec<Bad>) -> Option<RoomValues> {
        let mut wrong = |column: &str, message: String| bad.push(Bad { column: column.to_owned(), message });
        let name = errand.new_name(&line.name).map_err(|error| wrong("name", error.to_string())).ok();
        let home = self.categories.get(&line.category).and_then(Option::as_ref);
        if home.is_none() {
            wrong(
                "category",
                format!(
                    "there is no category '{}': `causerie category list` shows them, `causerie category new` makes one",
                    line.category
                ),
            );
        }
        let description = Description::parse(&line.description)
            .map_err(|error| wrong("description", error.to_string()))
            .ok();
        let mut add_in = None;
        if let Some(name) = &line.add_in {
            match self.add_ins.named(errand, name) {
                Ok(found) => add_in = Some(found.id),
                Err(error) => wrong("addIn", error.to_string()),
            }
        }
        let mut list = |column: &str, texts: &[String]| {
            let whole = ListChange { replace: Some(texts.to_vec()), ..ListChange::default() };
            let list = self.people.changed(column, &[], &whole);
            list.map_err(|error| wrong(column, error.to_string())).unwrap_or_default()
        };
        let roles = RoomRoles {
            members: list("members", &line.members),
            managers: list("managers", &line.managers),
            presenters: list("presenters", &line.presenters),
        };
        let mut values = RoomValues::new(home?, name?, None);
        values.description = description?;
        values.privacy = line.privacy.map_or(values.privacy, Into::into);
        values.kind = line.kind.map_or(values.kind, Into::into);
        values.invitations = line.invitations.map_or(values.invitations, Into::into);
        values.disabled = line.disabled.unwrap_or(values.disabled);
        (values.add_in, values.roles) = (add_in, roles);
        if bad.is_empty()
            && let Err(error) = check(&self.people, home?, &values, None)
        {
            let column = error.field().unwrap_or_default().to_owned();
            bad.push(Bad { column, message: error.to_string() });
        }
        Some(values)
    }

    fn home(&self, values: &RoomValues) -> Option<&Category> {
        self.categories.values().flatten().find(|category| category.id == values.category)
    }

    /// The rows that make the new rooms, and what the record tells of them: every value.
    fn rows(&self, errand: &Errand<'_>, verdicts: &[Verdict]) -> (Vec<RowChange>, Vec<Changed>) {
        let mut work = Work::default();
        for verdict in verdicts {
            let Verdict::New(values, under) = verdict else { continue };
            let Some(home) = self.home(values) else { continue };
            let values = (**values).clone();
            let name = object(&values.name);
            let seen = view(errand, &self.people, &self.add_ins, &home.name, &unmade(values.clone()));
            work.compare(&name, None, Some(&seen));
            work.rows.push(RowChange::NewRoom(draft_of(values, *under)));
        }
        (work.rows, work.changes)
    }
}

/// The columns of the table in which a room is not what a line says.
fn differing(room: &Room, values: &RoomValues, line: &Line) -> Vec<&'static str> {
    let same_list = |a: &[Principal], b: &[Principal]| {
        a.iter().collect::<HashSet<_>>() == b.iter().collect::<HashSet<_>>()
    };
    let compared = [
        ("category", room.category == values.category),
        ("description", room.description == values.description),
        ("privacy", room.privacy == values.privacy),
        ("type", room.kind == values.kind),
        ("invitations", room.invitations == values.invitations),
        ("addIn", room.add_in == values.add_in),
        ("disabled", room.disabled == values.disabled),
        ("members", same_list(&room.members, &values.roles.members)),
        ("managers", same_list(&room.managers, &values.roles.managers)),
        ("presenters", same_list(&room.presenters, &values.roles.presenters)),
    ];
    compared
        .into_iter()
        .filter(|(column, same)| !same && line.has(column))
        .map(|(column, _)| column)
        .collect()
}

/// What became of all lines so far.
#[derive(Default)]
struct Report {
    views: Vec<ImportedRoomView>,
    changes: Vec<Changed>,
    warnings: Vec<String>,
    made: usize,
}

impl Report {
    fn take(&mut self, known: &Known, lines: &[Line], verdicts: &[Verdict], whole: bool) {
        for (line, verdict) in lines.iter().zip(verdicts) {
            let shown = |result, column: Option<&str>, message: Option<&str>| ImportedRoomView {
                line: line.line,
                name: line.name.clone(),
                result,
                column: column.filter(|column| !column.is_empty()).map(str::to_owned),
                message: message.map(str::to_owned),
            };
            match verdict {
                Verdict::New(values, _) => {
                    self.views.push(shown(ImportResult::Created, None, None));
                    self.made += 1;
                    self.changes.extend(whole.then(|| made(known, values)));
                }
                Verdict::There => self.views.push(shown(ImportResult::AlreadyThere, None, None)),
                Verdict::Bad(bad) => self.views.extend(
                    bad.iter().map(|one| shown(ImportResult::Failed, Some(&one.column), Some(&one.message))),
                ),
            }
        }
    }

    fn outcome(self) -> Outcome {
        Outcome {
            changes: self.changes,
            warnings: self.warnings,
            ..Outcome::of(Rows::ImportedRooms(self.views))
        }
    }
}

/// That a room is made, with how many stand on its lists: the table has them, and the record.
fn made(known: &Known, values: &RoomValues) -> Changed {
    let category = known.home(values).map(|home| home.name.to_string());
    let after = json!({
        "category": category,
        "members": values.roles.members.len(),
        "managers": values.roles.managers.len(),
        "presenters": values.roles.presenters.len(),
    });
    Changed { object: object(&values.name), field: "room".into(), before: json!(null), after }
}
