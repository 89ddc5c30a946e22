//! An endpoint of a simulation: does what it is told, reads what it is shown, and writes both down.
//! Decides nothing; `storm.rs` and the stories do.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use chat::{ClientId, Draft, Position, Text};
use rooms::{Outgoing, Page, Session, Start, Trouble};
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::sleep;
use uuid::Uuid;

use crate::pool::diary::{Diary, Met};

/// What an endpoint is told to do.
#[derive(Debug)]
pub(crate) enum Command {
    /// Go into rooms, by one command.
    Join(Vec<Uuid>),
    /// Leave a room.
    Part(Uuid),
    /// Say something, under its own text as client id.
    Say(Uuid, String),
    /// Read everything that happened after a place.
    CatchUp(Uuid, Position),
    /// Leave in good order.
    Close,
}

/// How somebody reads.
#[derive(Clone, Debug)]
pub(crate) struct Reader {
    /// So many things at a time.
    pub(crate) most: usize,
    /// And then rests for so long.
    pub(crate) rest: Duration,
    /// As long as nobody hurries.
    pub(crate) hurry: Arc<AtomicBool>,
}

/// The task of an endpoint; ends when it is told to, when it is let go of, and when the session is over.
pub(crate) async fn attend(
    session: Session,
    mut commands: UnboundedReceiver<Command>,
    reader: Reader,
    diary: Diary,
    endpoint: usize,
) {
    let session = Arc::new(session);
    loop {
        let command = tokio::select! {
            biased;
            command = commands.recv() => Some(command),
            () = session.ready() => None,
        };
        match command {
            None if read(&session, &reader, &diary, endpoint).await => return,
            None => (),
            Some(Some(Command::Close)) => return leave(session).await,
            Some(Some(command)) => obey(&session, command, &diary, endpoint).await,
            Some(None) => return,
        }
    }
}

/// Reads what waits; true when the session is over.
async fn read(session: &Session, reader: &Reader, diary: &Diary, endpoint: usize) -> bool {
    let items = session.take(reader.most).await;
    items.iter().for_each(|item| diary.note(endpoint, Met::shown(item)));
    if !reader.rest.is_zero() && !reader.hurry.load(Ordering::Relaxed) {
        sleep(reader.rest).await;
    }
    items.iter().any(|item| matches!(item, Outgoing::Ended(_)))
}

/// Leaves in good order, unless something is still on its way.
async fn leave(session: Arc<Session>) {
    if let Ok(session) = Arc::try_unwrap(session) {
        session.close(chat::PartReason::Left).await;
    }
}

async fn obey(session: &Arc<Session>, command: Command, diary: &Diary, endpoint: usize) {
    match command {
        Command::Join(rooms) => join(session, rooms, diary, endpoint).await,
        Command::Part(room) => {
            let parted = session.part(&[room]).await;
            if parted.is_ok_and(|parted| parted.iter().all(Result::is_ok)) {
                diary.note(endpoint, Met::Parted { room });
            }
        }
        Command::Say(room, text) => {
            let (session, diary) = (session.clone(), diary.clone());
            tokio::spawn(async move {
                let client_id = ClientId::parse(&text).expect("a text of a simulation is one");
                let outcome = session.post(room, draft(&text), Some(client_id)).await;
                diary.note(endpoint, Met::Answered { text, outcome });
            });
        }
        Command::CatchUp(room, after) => catch_up(session, room, after, diary, endpoint).await,
        Command::Close => (),
    }
}

async fn join(session: &Session, rooms: Vec<Uuid>, diary: &Diary, endpoint: usize) {
    let joined = match session.join(&rooms, rooms.len() > 1).await {
        Ok(joined) => joined.into_iter().map(|joined| joined.map_err(Trouble::from)).collect(),
        Err(trouble) => vec![Err(trouble); rooms.len()],
    };
    for (room, joined) in rooms.into_iter().zip(joined) {
        let met = match joined {
            Ok(joined) => Met::joined(room, &joined),
            Err(trouble) => Met::NotJoined { room, trouble },
        };
        diary.note(endpoint, met);
    }
}

/// Reads page after page until nothing was after the last one.
async fn catch_up(session: &Session, room: Uuid, mut after: Position, diary: &Diary, endpoint: usize) {
    loop {
        let asked = Page { from: Start::After(after), limit: Some(40) };
        let page = match session.visitor().messages(room, asked).await {
            Ok(page) => page,
            Err(trouble) => return diary.note(endpoint, Met::NoPage { room, trouble }),
        };
        let done = page.next == page.at;
        after = page.next;
        diary.note(endpoint, Met::page(room, page));
        if done {
            return;
        }
    }
}

pub(crate) fn draft(text: &str) -> Draft {
    Draft { text: Text::parse(text).expect("a text of a simulation is one"), rtf: None, alert: false }
}

/// Whether the answer says for ever that it is not kept: there is no use in saying it again.
pub(crate) fn is_refusal(outcome: &Result<Position, Trouble>) -> bool {
    matches!(outcome, Err(Trouble::Refused(_) | Trouble::ClientIdTaken))
}

/// Whether the answer says that it was not kept by this try.
pub(crate) fn denies(outcome: &Result<Position, Trouble>) -> bool {
    outcome.as_ref().is_err_and(|trouble| *trouble != Trouble::Unknown)
}
