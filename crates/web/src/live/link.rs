//! One live link: hears commands, tells what happens, ends when its session does, its owner may no longer be here, or it is dead.
//! Decides no right: what may be joined and read is decided in `rooms`, again with every page.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::http::HeaderMap;
use chat::{PartReason, PersonId};
use futures_util::{SinkExt, StreamExt};
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use rooms::{Association, EndReason, Outgoing, Session, Trouble, Visitor};
use tokio::sync::watch;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep, timeout};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::error::ProtocolError;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error, Message};
use uuid::Uuid;

use super::event::{LiveCommand, LiveEvent, Present};
use super::nudge::Own;
use super::told::Told;
use crate::caller::{Caller, Credential};
use crate::house::House;
use crate::limits::{
    LIVE_BATCH, LIVE_BEAT, LIVE_COMMAND_OCTETS_MAX, LIVE_FAREWELL, LIVE_LEAVING, LIVE_LOOK_EVERY,
    LIVE_REFUSALS_MAX,
};
use crate::problem::{Code, Problem};
use crate::value::{Card, Moment, PersonValue, Place, ReadMark};

/// One live link.
pub(super) struct Link {
    house: Arc<House>,
    caller: Caller,
    from: IpAddr,
    headers: HeaderMap,
    person: PersonId,
    pub(super) session: Session,
    pub(super) visitor: Visitor,
    socket: WebSocketStream<TokioIo<Upgraded>>,
    pub(super) rooms: BTreeMap<Uuid, Told>,
    own: watch::Receiver<Own>,
    /// Whether the store gave no answer when it was asked how far the person has read.
    pub(super) owes_marks: bool,
    changes: watch::Receiver<u64>,
    /// The rooms that name the person as a member, as far as the client knows.
    naming: BTreeSet<Uuid>,
    /// Commands in a row that were none or came too fast.
    refusals: u32,
    heard: Instant,
    said: Instant,
    pinged: Instant,
}

/// Why a link ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum End {
    /// The client has gone, or said nothing for too long.
    Gone,
    /// Its owner may no longer be here.
    SignedOff,
    /// The policy in force lets its owner chat no more.
    PolicyOff,
    /// The server stops, or is none any more.
    Stopping,
    /// The server is emptied.
    LedOut,
    /// The client did not take what was told.
    TooSlow,
    /// The client said more at once than any command has.
    TooMuch,
    /// The client says one thing after the other that is refused.
    Heedless,
    /// What came is no WebSocket.
    Malformed,
    /// A text that came is no UTF-8.
    Unreadable,
}

/// A step of a link; `Err` ends it.
pub(super) type Step = Result<(), End>;

/// What happens next on a link.
enum Next {
    Heard(Option<Result<Message, Error>>),
    Ready,
    Own,
    Look,
}

impl Link {
    pub(super) async fn new(
        house: Arc<House>,
        caller: Caller,
        from: IpAddr,
        headers: HeaderMap,
        session: Session,
        stream: Upgraded,
    ) -> Self {
        let bounds = WebSocketConfig::default()
            .max_message_size(Some(LIVE_COMMAND_OCTETS_MAX))
            .max_frame_size(Some(LIVE_COMMAND_OCTETS_MAX));
        let socket = WebSocketStream::from_raw_socket(TokioIo::new(stream), Role::Server, Some(bounds)).await;
        let visitor = session.visitor();
        let person = caller.person.as_ref().expect("a live link is opened by a person").id;
        let (own, changes) = (house.nudges.watch(person), house.rooms.changes());
        let now = Instant::now();
        let rooms = BTreeMap::new();
        let naming = naming(&visitor);
        Self {
            house,
            caller,
            from,
            headers,
            person,
            session,
            visitor,
            socket,
            rooms,
            own,
            owes_marks: false,
            changes,
            naming,
            refusals: 0,
            heard: now,
            said: now,
            pinged: now,
        }
    }

    /// Everything of this link.
    pub(super) async fn run(mut self, mut closing: watch::Receiver<bool>) {
        let (house, caller, headers) = (self.house.clone(), self.caller.clone(), self.headers.clone());
        let over = self.session.over();
        let end = tokio::select! {
            biased;
            _ = closing.wait_for(|closing| *closing) => End::Stopping,
            () = caller.lost(&house, &headers) => End::SignedOff,
            reason = over => reason.into(),
            () = led_out(&house) => End::LedOut,
            end = self.talk() => end,
        };
        tracing::debug!(person = self.person.0, ?end, "live.ended");
        if end == End::LedOut {
            drop(timeout(LIVE_FAREWELL, self.say(&[LiveEvent::Goodbye {}])).await);
        }
        // A client that takes nothing is not waited for.
        drop(timeout(LIVE_FAREWELL, self.socket.close(Some(end.frame()))).await);
        self.session.close(end.reason()).await;
    }

    async fn talk(&mut self) -> End {
        if let Err(end) = self.greet().await {
            return end;
        }
        let mut look = interval(LIVE_LOOK_EVERY);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let next = tokio::select! {
                heard = self.socket.next() => Next::Heard(heard),
                () = self.session.ready() => Next::Ready,
                Ok(()) = self.own.changed() => Next::Own,
                _ = look.tick() => Next::Look,
            };
            let step = match next {
                Next::Heard(heard) => self.hear(heard).await,
                Next::Ready => self.drain().await.map(drop),
                Next::Own => self.catch_up_with_oneself().await,
                Next::Look => self.look().await,
            };
            if let Err(end) = step {
                return end;
            }
        }
    }

    async fn greet(&mut self) -> Step {
        let person = self.visitor.person().ok_or(End::SignedOff)?;
        let hello = LiveEvent::Hello {
            person: PersonValue::of(&person),
            pool: self.house.rooms.facts().pool_guid,
            now: Moment(self.house.clock.now()),
            beat_seconds: LIVE_BEAT.as_secs(),
        };
        self.say(&[hello]).await
    }

    /// Tells these events, with as few writes as they need.
    pub(super) async fn say(&mut self, events: &[LiveEvent]) -> Step {
        for event in events {
            let text = serde_json::to_string(event).expect("an event is plain values");
            self.socket.feed(Message::text(text)).await.map_err(|_| End::TooSlow)?;
        }
        if !events.is_empty() {
            self.socket.flush().await.map_err(|_| End::TooSlow)?;
            self.said = Instant::now();
        }
        Ok(())
    }

    async fn hear(&mut self, heard: Option<Result<Message, Error>>) -> Step {
        let message = match heard {
            Some(Ok(message)) => message,
            Some(Err(Error::Capacity(_))) => return Err(End::TooMuch),
            // Whoever goes without a farewell is no more there to hear one.
            Some(Err(Error::Protocol(ProtocolError::ResetWithoutClosingHandshake))) => return Err(End::Gone),
            Some(Err(Error::Protocol(_))) => return Err(End::Malformed),
            Some(Err(Error::Utf8(_))) => return Err(End::Unreadable),
            Some(Err(_)) | None => return Err(End::Gone),
        };
        self.heard = Instant::now();
        // Whoever listens uses its session.
        if let Credential::Session { key, .. } = self.caller.credential {
            self.house.sessions.touch(key, self.house.clock.now());
        }
        if (message.is_text() || message.is_binary())
            && let Err(wait) = self.house.rates.take(self.caller.whose(self.from))
        {
            return self.turn_down(&Problem::later("you ask too fast: wait a second", wait)).await;
        }
        match message {
            Message::Text(text) => match serde_json::from_str(&text) {
                Ok(command) => {
                    self.refusals = 0;
                    self.carry_out(command).await
                }
                Err(error) => self.misread(&error.to_string()).await,
            },
            Message::Binary(_) => self.misread("a command is text").await,
            Message::Close(_) => Err(End::Gone),
            Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => Ok(()),
        }
    }

    async fn misread(&mut self, why: &str) -> Step {
        let said = format!("{why}: send one LiveCommand, as openapi.json describes it");
        self.turn_down(&Problem::new(Code::InvalidArgument, said)).await
    }

    /// Refuses what was not even looked at, unless the client has not heeded too many of these.
    async fn turn_down(&mut self, problem: &Problem) -> Step {
        if self.refusals >= LIVE_REFUSALS_MAX {
            return Err(End::Heedless);
        }
        self.refusals += 1;
        self.say(&[LiveEvent::refused(None, problem)]).await
    }

    async fn carry_out(&mut self, command: LiveCommand) -> Step {
        match command {
            LiveCommand::Join { rooms } => self.join(&rooms).await,
            LiveCommand::Part { rooms } => self.part(&rooms).await,
            LiveCommand::Read { room, post } => match self.visitor.mark_read(room, post).await {
                Ok(()) => {
                    self.house.nudges.marked(self.person);
                    Ok(())
                }
                Err(trouble) => self.refuse(Some(room), trouble).await,
            },
        }
    }

    async fn part(&mut self, rooms: &[Uuid]) -> Step {
        let parted = match self.session.part(rooms).await {
            Ok(parted) => parted,
            Err(trouble) => return self.refuse(None, trouble).await,
        };
        let mut events = Vec::new();
        for (room, parted) in rooms.iter().zip(parted) {
            self.rooms.remove(room);
            events.push(match parted {
                Ok(()) => LiveEvent::Parted { room: *room, removed: false },
                Err(refusal) => LiveEvent::refused(Some(*room), &refusal.into()),
            });
        }
        self.say(&events).await
    }

    pub(super) async fn refuse(&mut self, room: Option<Uuid>, trouble: Trouble) -> Step {
        self.say(&[LiveEvent::refused(room, &trouble.into())]).await
    }

    /// Tells one batch of what waits; `false` when nothing did.
    pub(super) async fn drain(&mut self) -> Result<bool, End> {
        let items = self.session.take_unread(LIVE_BATCH).await;
        let mut events = Vec::with_capacity(items.len() + 1);
        let mut read: BTreeMap<Uuid, ReadMark> = BTreeMap::new();
        let any = !items.is_empty();
        for item in items {
            events.extend(self.event(item, &mut read));
        }
        if !read.is_empty() {
            events.push(LiveEvent::Read { rooms: read.into_values().collect() });
        }
        self.say(&events).await.map(|()| any)
    }

    fn event(&mut self, item: Outgoing, read: &mut BTreeMap<Uuid, ReadMark>) -> Option<LiveEvent> {
        Some(match item {
            Outgoing::Post(post) => {
                let told = self.rooms.get_mut(&post.room)?;
                told.say(&post);
                let mentions_reader = post.mentions.iter().any(|one| one.person.id == self.person);
                if told.count(post.post, mentions_reader) {
                    read.extend(told.mark.map(|mark| (post.room, mark)));
                }
                LiveEvent::said(&post, Place(told.to))
            }
            Outgoing::Came { person, rooms, .. } => LiveEvent::came(&person, &rooms),
            Outgoing::Left { person, rooms } => LiveEvent::Left { person: person.guid, rooms },
            Outgoing::Present { room, people } => {
                let people = people.iter().map(|(person, mask)| Present::of(person, *mask)).collect();
                LiveEvent::People { room, people }
            }
            Outgoing::Removed { room } => {
                self.rooms.remove(&room);
                read.remove(&room);
                LiveEvent::Parted { room, removed: true }
            }
            // The link ends by `Session::over`, whatever waits.
            Outgoing::Ended(_) => return None,
        })
    }

    /// The person has read or followed something, here or elsewhere.
    async fn catch_up_with_oneself(&mut self) -> Step {
        self.own.mark_unchanged();
        self.say(&[LiveEvent::Lists {}]).await?;
        self.count_again().await
    }

    /// Tells how far rooms are read and what is left there, where the client was told otherwise.
    pub(super) async fn count_again(&mut self) -> Step {
        let states = self.visitor.read_marks().await;
        // Without an answer of the store the counts stay as they are until it is asked again.
        self.owes_marks = states.is_err();
        let Ok(states) = states else { return Ok(()) };
        let mut changed = Vec::new();
        for state in states {
            let mark = ReadMark::of(&state);
            if let Some(told) = self.rooms.get_mut(&state.room)
                && told.mark != Some(mark)
            {
                told.mark = Some(mark);
                changed.push(mark);
            }
        }
        if changed.is_empty() { Ok(()) } else { self.say(&[LiveEvent::Read { rooms: changed }]).await }
    }

    /// Looks at what no notice tells: changes of posts and rooms, further rooms, and whether the client still lives.
    async fn look(&mut self) -> Step {
        self.mend().await?;
        if self.owes_marks {
            self.count_again().await?;
        }
        if self.changes.has_changed().unwrap_or_default() {
            self.changes.mark_unchanged();
            let events = self.changed_rooms();
            self.say(&events).await?;
        }
        if self.heard.elapsed() > LIVE_BEAT * 2 {
            return Err(End::Gone);
        }
        if self.said.elapsed() >= LIVE_BEAT {
            self.say(&[LiveEvent::Beat { now: Moment(self.house.clock.now()) }]).await?;
        }
        // The answer to it shows that the client lives, however much it is told meanwhile.
        if self.pinged.elapsed() >= LIVE_BEAT {
            self.pinged = Instant::now();
            self.socket.send(Message::Ping(Vec::new().into())).await.map_err(|_| End::TooSlow)?;
        }
        Ok(())
    }

    fn changed_rooms(&mut self) -> Vec<LiveEvent> {
        let mut events = Vec::new();
        for (room, told) in &mut self.rooms {
            // Whoever may no longer see it is put out.
            let Ok(card) = self.visitor.card(*room) else { continue };
            let kept = Card::of(&card).empty();
            if told.card != kept {
                told.card = kept;
                events.push(LiveEvent::Room { room: Card::of(&card) });
            }
        }
        let now = naming(&self.visitor);
        if now != self.naming {
            self.naming = now;
            events.push(LiveEvent::Lists {});
        }
        events
    }
}

/// Waits until it is this link's turn to go, because the server is emptied; the turns are drawn by lot.
async fn led_out(house: &House) {
    let mut welcome = house.rooms.welcome();
    loop {
        if welcome.wait_for(|whom| whom.is_emptied()).await.is_err() {
            // The rooms are gone, and the link ends by that.
            std::future::pending().await
        }
        let spread = u64::try_from(LIVE_LEAVING.as_millis()).unwrap_or(u64::MAX);
        sleep(Duration::from_millis(house.clock.random_u64() % spread)).await;
        if welcome.borrow().is_emptied() {
            return;
        }
    }
}

/// The rooms that name a person as a member.
fn naming(visitor: &Visitor) -> BTreeSet<Uuid> {
    visitor.associated(Association::Member, None).into_iter().map(|card| card.guid).collect()
}

impl From<EndReason> for End {
    fn from(reason: EndReason) -> Self {
        match reason {
            EndReason::PersonGone => Self::SignedOff,
            EndReason::PolicyOff => Self::PolicyOff,
            EndReason::Superseded | EndReason::Broken => Self::Stopping,
            EndReason::TooSlow => Self::TooSlow,
        }
    }
}

impl End {
    /// What the client is told. Codes from 4000 are ours; after 4001 and 4003 coming again at once is in vain.
    fn frame(self) -> CloseFrame {
        let (code, reason) = match self {
            Self::Gone => (CloseCode::Normal, "gone"),
            Self::SignedOff => (CloseCode::Library(4001), "signed off"),
            Self::PolicyOff => (CloseCode::Library(4003), "not allowed to chat"),
            Self::Stopping => (CloseCode::Away, "the server stops"),
            Self::LedOut => (CloseCode::Restart, "the server is emptied: come again"),
            Self::TooSlow => (CloseCode::Again, "too slow"),
            Self::TooMuch => (CloseCode::Size, "a command is too large"),
            Self::Heedless => (CloseCode::Policy, "too many commands in a row were refused"),
            Self::Malformed => (CloseCode::Protocol, "this is no WebSocket"),
            Self::Unreadable => (CloseCode::Invalid, "a text is no UTF-8"),
        };
        CloseFrame { code, reason: reason.into() }
    }

    /// Why it leaves its rooms, as it is recorded.
    fn reason(self) -> PartReason {
        match self {
            Self::SignedOff | Self::PolicyOff => PartReason::Removed,
            Self::Gone
            | Self::Stopping
            | Self::LedOut
            | Self::TooSlow
            | Self::TooMuch
            | Self::Heedless
            | Self::Malformed
            | Self::Unreadable => PartReason::Gone,
        }
    }
}
